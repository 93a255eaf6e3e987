"""Raw simulation events and the patient -> measured events.

In: game.simulation.events.Event in order of time. Out: measured.Measured (plain figures; measured.KINDS says which).
Pictures of the same pose with the same needle are measured once and then told as pulses.
Geometry is in views.py (as seen) and truth.py (as is); what is right or wrong is in steps.py and errors.py.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from game.procedure import rules
from game.procedure.attempt import LEAST_TRACK_MM
from game.procedure.measured import ROUTES, Measured, Value
from game.procedure.scenarios import Scenario
from game.procedure.truth import Ground
from game.procedure.views import OBLIQUE_DEG, ViewQuality, entry, ideal, measure, see
from game.simulation.events import Event, Needle
from models.carm import Pose
from models.errors import InputError
from models.field import Field, pack
from models.instruments import TROCAR
from models.patient import SIDES, Patient, Side, Vertebra

Array = NDArray[np.float64]

NEAR_AXES_DEG = 20.0
"""A picture further than this from the target's sagittal plane or tilt is not the barrel view of an entry. Assumed."""

NEAR_BONE_MM = 30.0
"""Skin to point under which metal cannot be in bone yet and is not measured against it. Assumed: half of the least cover."""


def _pose(given: Any) -> Pose:
    """A pose as an event carries it: a Pose, or the mapping that a record made of it."""
    if isinstance(given, Pose):
        return given
    x, y, z = given["isocentre"]
    return Pose(float(given["orbital"]), float(given["tilt"]), float(given["swivel"]), (float(x), float(y), float(z)))


def _plain(value: Any) -> Value:
    """A figure as a record can hold it: numpy scalars as Python's, what is not finite as None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return cast(Value, value)


class Measurer:
    """Measures one attempt. Keeps what the last picture, needle and entry were, and nothing else."""

    def __init__(
        self, scenario: Scenario, patient: Patient, packed: tuple[Field, tuple[str, ...]] | None = None
    ) -> None:
        if scenario.target not in patient.vertebrae:
            raise InputError(
                f'{scenario.name}: target = "{scenario.target}": the patient has {", ".join(patient.levels) or "no vertebra"}'
            )
        self.scenario = scenario
        self.patient = patient
        self.target: Vertebra = patient.vertebrae[scenario.target]
        self.ground = Ground(self.target, *(packed or pack(patient)))
        levels = patient.levels
        at = levels.index(scenario.target)
        self._neighbours = (
            patient.vertebrae[levels[at - 1]] if at > 0 else None,
            patient.vertebrae[levels[at + 1]] if at + 1 < len(levels) else None,
        )
        above = levels[at - 1] if at > 0 else ""
        self._ribs: Mapping[Side, Array] = patient.rib_necks.get(scenario.target) or (
            patient.rib_necks.get(above, {}) if scenario.target == "L1" else {}
        )
        self._quality: tuple[Pose, ViewQuality] | None = None
        self._last_picture: tuple[Pose, Needle | None] | None = None
        self._barrel: Pose | None = None
        self._side: Side | None = None  # of the track, while embedded
        self._entering: Array | None = None  # tip when bone last took hold
        self._entries: dict[Side, Array] = {}  # tip at the entry of the last track of each side
        self._before: Needle | None = None
        self._mixed_at: float | None = None

    def began(self) -> Measured:
        """The first event: what a score needs to know of the scenario and the patient."""
        target, law = self.target, rules.load()
        heights = [v.middle_height for v in self._neighbours if v is not None]
        flattened = bool(heights) and target.middle_height < law["flattened_fraction"] * float(np.mean(heights))
        return self._say(
            0.0,
            "began",
            scenario=self.scenario.name,
            target=target.level,
            sides=",".join(self.scenario.sides),
            region=rules.region(target.level),
            ceiling_ml=rules.ceiling_ml(target.level),
            ribs=all(side in self._ribs for side in SIDES),
            flattened=flattened,
            bevel=TROCAR.bevel_deg < 90.0,
            body_depth_mm=target.depth,
            body_height_mm=target.middle_height,
            pedicle_left_mm=target.pedicles["left"].width,
            pedicle_right_mm=target.pedicles["right"].width,
        )

    def measure(self, event: Event) -> list[Measured]:
        """What one raw event comes to; mostly one measured event, none for what the score has no use for."""
        law = LAWS.get(event.kind)
        out = [law(self, event)] if law else []
        if event.needle is not None and event.kind != "exposed":
            self._before = event.needle
        return out

    def _say(self, t: float, kind: str, **values: Any) -> Measured:
        return Measured(float(t), kind, {key: _plain(value) for key, value in values.items()})

    # ---- pictures

    def _exposed(self, event: Event) -> Measured:
        pose, needle = _pose(event.values["pose"]), event.needle
        if self._last_picture is not None and not event.values.get("single", False):
            before, held = self._last_picture
            if before == pose and _same(held, needle):
                return self._say(event.t, "pulse")
        self._last_picture = (pose, needle)
        if self._quality is None or self._quality[0] != pose:
            self._quality = (pose, measure(self.target, self._neighbours, self._ribs, pose))
        quality = self._quality[1]
        shown: dict[str, Any] = {"needle": False}
        if needle is not None:
            side = self._side or self.ground.side(needle.pose.tip)
            shown = asdict(see(self.target, pose, needle.pose, side))
            bevel = np.array([needle.pose.point, needle.pose.heel])
            shown["front_mm"] = float(self.ground.in_front(bevel, side).min())
        if quality.view == "ap" and self._side is None:
            self._barrel = pose
        return self._say(
            event.t,
            "picture",
            single=bool(event.values.get("single", False)),
            orbital=pose.orbital,
            tilt=pose.tilt,
            swivel=pose.swivel,
            **asdict(quality),
            **shown,
        )

    def _armed(self, event: Event) -> Measured:
        pose = _pose(event.values["pose"])
        return self._say(event.t, "armed", orbital=pose.orbital, tilt=pose.tilt, swivel=pose.swivel)

    # ---- needle

    def _truth(self, needle: Needle) -> dict[str, Any]:
        """Truth of a needle; in soft tissue far from bone only what costs nothing."""
        if not needle.embedded and needle.skin_mm < NEAR_BONE_MM:
            return {"side": self._side or self.ground.side(needle.pose.tip), "bone": "", "depth_mm": needle.depth_mm}
        return {**asdict(self.ground.measure(needle.pose, self._side)), "depth_mm": needle.depth_mm}

    def _moved(self, event: Event) -> Measured:
        needle = _needle(event)
        return self._say(
            event.t,
            "moved",
            how=event.values.get("how", "push"),
            from_mm=event.values["from_mm"],
            to_mm=event.values["to_mm"],
            skin_mm=needle.skin_mm,
            force_n=needle.force_n,
            **self._truth(needle),
        )

    def _turned(self, event: Event) -> Measured:
        needle = _needle(event)
        now = self._truth(needle)
        before = self._truth(self._before) if self._before is not None else {}
        margins = [
            None if truth.get("across") is None else (1.0 - truth["across"]) * self.ground.ring_mm(truth["side"])
            for truth in (before, now)
        ]
        was, is_now = margins
        return self._say(
            event.t,
            "turned",
            degrees=event.values["degrees"],
            outside=bool(event.values.get("outside", False)),
            gain_mm=None if was is None or is_now is None else is_now - was,
            depth_change_mm=needle.depth_mm - (self._before.depth_mm if self._before else needle.depth_mm),
            before_medial_mm=was,
            **now,
        )

    def _contact(self, event: Event) -> Measured:
        return self._say(event.t, "contact", bone=event.values["bone"])

    def _embedded(self, event: Event) -> Measured:
        needle = _needle(event)
        bone = str(event.values.get("bone", needle.bone))
        side = self.ground.side(needle.pose.tip)
        self._side = side
        seen = entry(self.target, self._entry_pose(side), needle.pose, side)
        tip, lateral = needle.pose.tip, self.target.left if side == "left" else -self.target.left
        shift = float((tip - self._entries[side]) @ lateral) if side in self._entries else None
        self._entering = tip
        medial = -lateral
        return self._say(
            event.t,
            "entry",
            side=side,
            bone=bone,
            depth_mm=needle.depth_mm,
            level=bone if bone in self.patient.vertebrae else "",
            course=self.ground.course(needle.pose),
            bevel_medial=float(needle.pose.roll @ medial),
            shift_mm=shift,
            **asdict(seen),
        )

    def _entry_pose(self, side: Side) -> Pose:
        """The barrel view that the entry was made in, or the one it should have been made in."""
        wanted = ideal(self.target, OBLIQUE_DEG, side)
        taken = self._barrel
        if taken is None or taken.swivel != 0.0:
            return wanted
        near = max(abs(taken.orbital - wanted.orbital), abs(taken.tilt - wanted.tilt)) <= NEAR_AXES_DEG
        return taken if near else wanted

    def _tissue(self, event: Event) -> Measured:
        return self._say(event.t, "tissue", tissue=str(event.values["tissue"]), bone=str(event.values.get("bone", "")))

    def _withdrawn(self, event: Event) -> Measured:
        side = self._side or (self.ground.side(event.needle.pose.tip) if event.needle else "left")
        self._side = None
        if self._entering is not None and event.values["reached_mm"] >= LEAST_TRACK_MM:
            self._entries[side] = self._entering
        return self._say(event.t, "withdrawn", side=side, reached_mm=event.values["reached_mm"])

    def _stylet(self, event: Event) -> Measured:
        return self._say(event.t, "stylet", present=bool(event.values["present"]))

    # ---- cement

    def _mixed(self, event: Event) -> Measured:
        self._mixed_at = event.t
        return self._say(event.t, "mixed")

    def _flowed(self, event: Event) -> Measured:
        given = event.values
        superior, inferior = given["plates_mm"]
        leaks = given.get("leaks", {})
        across, side = None, self._side
        if event.needle is not None:
            tip = event.needle.pose.tip
            across = abs(float((tip - self.target.centre) @ self.target.left)) / (self.target.width / 2)
            side = side or self.ground.side(tip)
        return self._say(
            event.t,
            "flowed",
            side=side or "left",
            volume_ml=given["volume_ml"],
            flow_ml_s=given["flow_ml_s"],
            viscosity_pa_s=given["viscosity_pa_s"],
            pressure_kpa=given["pressure_kpa"],
            wall_mm=given["wall_mm"],
            superior_mm=superior,
            inferior_mm=inferior,
            visible=",".join(given.get("visible_leaks", ())),
            across_body=across,
            mixed_min=None if self._mixed_at is None else (event.t - self._mixed_at) / 60.0,
            **{f"leak_{route}_ml": float(leaks.get(route, 0.0)) for route in ROUTES},
        )

    # ---- words

    def _counted(self, event: Event) -> Measured:
        return self._say(event.t, "counted", level=str(event.values["level"]))

    def _went(self, event: Event) -> Measured:
        self._side = None
        return self._say(event.t, "side", side=str(event.values["side"]))

    def _decided(self, event: Event) -> Measured:
        return self._say(event.t, "decided", choice=str(event.values["choice"]))

    def _finished(self, event: Event) -> Measured:
        return self._say(event.t, "finished")

    def _noted(self, event: Event) -> Measured:
        return self._say(event.t, "noted", why=str(event.values.get("why", "")))


LAWS: Mapping[str, Callable[[Measurer, Event], Measured]] = {
    "exposed": Measurer._exposed,
    "armed": Measurer._armed,
    "moved": Measurer._moved,
    "contact": Measurer._contact,
    "embedded": Measurer._embedded,
    "tissue": Measurer._tissue,
    "turned": Measurer._turned,
    "withdrawn": Measurer._withdrawn,
    "stylet": Measurer._stylet,
    "mixed": Measurer._mixed,
    "flowed": Measurer._flowed,
    "counted": Measurer._counted,
    "side": Measurer._went,
    "decided": Measurer._decided,
    "finished": Measurer._finished,
    "noted": Measurer._noted,
}
"""Raw kind -> what measures it. Every kind of events.KINDS stands here."""


def _needle(event: Event) -> Needle:
    """The needle that an event of this kind must carry."""
    if event.needle is None:
        raise ValueError(f"event {event.kind!r} at {event.t} s carries no needle")
    return event.needle


def _same(a: Needle | None, b: Needle | None) -> bool:
    """Whether two needles throw the same shadow."""
    if a is None or b is None:
        return a is b
    return all(np.array_equal(getattr(a.pose, name), getattr(b.pose, name)) for name in ("tip", "axis", "roll"))
