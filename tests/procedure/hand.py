"""Hand-written attempts: lists of measured events by a needle on a ruler. No patient, no simulation, no operator.

`Hand` writes events; its needle runs on a straight line through a pedicle of width w whose posterior wall lies D ahead.
`perform` plays a whole procedure by routes 5, 7, 9 or with a re-entry; `skip` names the acts (by line id) to leave out.
"""

from collections.abc import Collection
from math import radians, tan
from typing import Any

from game.procedure.measured import Measured

SHAFT, BEVEL = 2.41, 2.41
LATERAL = {"view": "lateral", "orbital": 90.0, "tilt": 2.0}


class Hand:
    """Writes one attempt. Lengths mm, times s."""

    def __init__(self, side: str = "left", sides: str | None = None, **facts: Any) -> None:
        self.t, self.events = 0.0, []
        self.side, self.sign = side, 1.0 if side == "left" else -1.0
        self.w, self.wall, self.body, self.u0, self.slope = 8.9, 21.0, 34.0, 2.45, tan(radians(5))
        self.path = 5.0  # shaft from the sagittal plane, deg
        self.depth, self.held, self.turned, self.bent_from = 0.0, False, False, (0.0, 0.0)
        self.force, self.truth = 8.0, {}
        self.last: dict[str, Any] = {}
        self.usual: dict[str, Any] = {
            "tilt": 8.0,
            "spinous": 0.02,
            "pedicle_left": 0.5,
            "pedicle_right": 0.5,
        }  # of its APs
        self.say(
            "began",
            scenario="hand",
            target="L2",
            sides=sides or side,
            region="lumbar",
            ceiling_ml=3.0,
            ribs=False,
            flattened=False,
            bevel=True,
            pedicle_left_mm=self.w,
            pedicle_right_mm=self.w,
            **facts,
        )

    def widen(self, w: float) -> None:
        """The pedicle's width, and what `began` says of it."""
        self.w, began = w, self.events[0]
        facts = {**began.values, "pedicle_left_mm": w, "pedicle_right_mm": w}
        self.events[0] = Measured(began.t, "began", facts)

    def say(self, kind: str, after: float = 0.5, **values: Any) -> None:
        self.t += after
        self.events.append(Measured(round(self.t, 3), kind, values))

    # ---- where the needle is

    def edge(self, deepest: float = 1e9) -> float:
        """Most medial metal, mm medial of the lateral margin; with `deepest`, of the metal not further in than that."""
        if self.turned:
            start, depth = self.bent_from
            return start + 0.02 * (min(self.depth, deepest) - depth)
        return self.u0 + self.slope * min(self.depth, deepest)

    def where(self) -> dict[str, Any]:
        edge = self.edge()
        point = edge - (SHAFT if self.turned else 0.0)
        front = self.depth - self.wall
        values = {
            "side": self.side,
            "bone": "L2",
            "depth_mm": self.depth,
            "front_mm": front - BEVEL,
            "point_front_mm": front,
            "across": point / self.w,
            "medial_mm": self.w - self.edge(self.wall),
            "point_medial_mm": None if front > 0 else self.w - point,
            "inferior_mm": 5.0,
            "canal": False,
            "anterior_mm": self.body - front if front > 0 else None,
            "nearest_mm": min(self.body - front, 6.0) if front > 0 else None,
            "lateral_mm": edge - SHAFT if self.depth > 5.0 else None,
            "exit": "" if front > 0 else None,
            "course": 0.5,
            "bevel_medial": -1.0 if self.turned else 1.0,
            "midline_mm": 12.0,
        }
        return {**values, **self.truth}

    # ---- pictures

    def look(self, after: float = 0.5, **over: Any) -> None:
        """A picture; AP of step 2 unless told otherwise."""
        values: dict[str, Any] = {
            "single": True,
            "orbital": 0.0,
            "swivel": 0.0,
            "view": "ap",
            "in_field": True,
            "superior_deg": 9.0,
            "inferior_deg": 12.0,
            "neighbour_deg": 9.0,
            **self.usual,
            "corners_mm": 20.0,
            "ribs_mm": None,
            "needle": self.held,
        }
        if "orbital" in over:
            values["spinous"] += (
                0.024 * over["orbital"]
            )  # 35 mm of spinous process turned, of 25 mm between the pedicles
        values.update(over)
        if values["view"] == "lateral":
            values.update({"superior_deg": 1.0, "inferior_deg": 1.5, "corners_mm": 0.6, "spinous": 3.0} | over)
        if self.held and "shaft_ray_deg" not in over:
            where = self.where()
            turned = (values["orbital"] - 0.0) * self.sign
            values["shaft_ray_deg"] = abs(self.path - turned)
            values["front_mm"] = where["front_mm"]
            if values["view"] == "ap":
                values |= {"ring": where["across"], "ring_margin_mm": self.w - self.edge(), "midline_seen_mm": 12.0}
            if values["view"] == "lateral":
                values |= {"front_seen_mm": where["front_mm"], "anterior_seen_mm": self.body - where["point_front_mm"]}
            values.update(over)
        pose = {key: values[key] for key in ("orbital", "tilt", "swivel")}
        if self.last != pose:
            self.say("armed", **pose)
            self.last = pose
        self.say("picture", after, **values)

    def lateral(self, **over: Any) -> None:
        self.look(**{**LATERAL, **over})

    def barrel(self, **over: Any) -> None:
        self.look(**{"orbital": 5.0 * self.sign, **over})

    # ---- needle

    def move(self, mm: float, how: str = "screw", **over: Any) -> None:
        before = self.depth
        self.depth = max(self.depth + mm, 0.0)
        self.say(
            "moved",
            how=how,
            **{
                "from_mm": before,
                "to_mm": self.depth,
                "skin_mm": 60.0 + self.depth,
                "force_n": self.force,
                **self.where(),
                **over,
            },
        )

    def enter(self, **over: Any) -> None:
        self.held = True
        self.say("contact", bone="L2")
        values = {
            "side": self.side,
            "bone": "L2",
            "depth_mm": 0.0,
            "level": "L2",
            "clock_deg": 4.0,
            "inside_mm": 0.5,
            "ring_inset_mm": 0.4,
            "course": 0.5,
            "bevel_medial": 1.0,
            "shift_mm": None,
        }
        self.say("entry", **{**values, **over})

    def advance(self, to: float, view: str | None = "ap", step: float = 0.5, **over: Any) -> None:
        """Screws to a depth, a picture after each millimetre ('ap', 'lateral', None: without)."""
        seen = self.depth
        while self.depth < to - 1e-6:
            self.move(min(step, to - self.depth))
            if view and self.depth - seen >= 1.0 - 1e-6:
                self.lateral(**over) if view == "lateral" else self.look(**over)
                seen = self.depth

    def turn(self, degrees: float = 180.0, **over: Any) -> None:
        before = self.where()["point_medial_mm"]
        self.bent_from, self.turned = (self.edge(), self.depth), not self.turned
        now = self.where()
        gain = None if before is None else now["point_medial_mm"] - before
        values = {
            "degrees": degrees,
            "outside": False,
            "gain_mm": gain,
            "depth_change_mm": 0.0,
            "before_medial_mm": before,
        }
        self.say("turned", **{**values, **now, **over})

    # ---- cement

    def inject(self, ml: float = 2.4, wall: float = 9.0, view: dict[str, Any] | None = LATERAL, **over: Any) -> None:
        """0.1 s steps at 0.04 ml/s; pulses at 10 a second in `view`, None: no picture."""
        steps, placed = round(ml / 0.004), 0.0
        if view is not None:
            self.look(**{"single": False, **view})
        for number in range(steps):
            self.t += 0.1
            placed += 0.004
            share = (number + 1) / steps
            if view is not None:
                self.events.append(Measured(round(self.t, 3), "pulse", {}))
            values: dict[str, Any] = {
                "side": self.side,
                "volume_ml": placed,
                "flow_ml_s": 0.04,
                "viscosity_pa_s": 130.0,
                "pressure_kpa": 1500.0,
                "wall_mm": 24.0 + (wall - 24.0) * share,
                "superior_mm": 10.0 - 8.0 * share,
                "inferior_mm": 10.0 - 8.0 * share,
                "visible": "",
                "leak_disc_ml": 0.0,
                "leak_canal_ml": 0.0,
                "leak_vein_ml": 0.0,
                "leak_anterior_ml": 0.0,
                "leak_lateral_ml": 0.0,
                "across_body": 0.55,
                "mixed_min": 6.0,
            }
            for key, value in over.items():
                values[key] = value(share) if callable(value) else value
            self.events.append(Measured(round(self.t, 3), "flowed", values))

    def leave(self) -> None:
        reached = self.depth
        while self.depth > 0.0:
            self.move(-min(2.0, self.depth), "pull")
        self.say("withdrawn", side=self.side, reached_mm=reached)
        self.move(0.0, "pull", skin_mm=0.0, bone="")
        self.held = False


WIDTHS = {"5": 8.9, "7": 6.7, "9": 5.0, "reentry": 6.4}
"""Pedicles that need each route, for a wall 21 mm ahead (CLINICAL 5: short or wide, narrow, narrower)."""


def perform(
    side: str = "left", route: str = "5", skip: Collection[str] = (), hand: Hand | None = None, finish: bool = True
) -> list[Measured]:
    """A whole procedure as the ten steps ask it, without the acts named in `skip`."""
    h = hand or Hand(side)
    h.widen(WIDTHS[route])
    orient(h, skip)
    pierce(h, skip)
    if route == "reentry":
        first_track(h, skip)
    cross(h, route, skip)
    into_the_body(h, skip)
    cement(h, skip)
    if finish:
        h.say("finished")
    return h.events


def orient(h: Hand, skip: Collection[str]) -> None:
    """Steps 1 and 2."""
    if "1-midline" in skip:
        h.usual["spinous"] = 0.3
    if "2-centred" in skip:
        h.usual |= {"tilt": -3.0, "pedicle_left": 0.25, "pedicle_right": 0.25}
    h.look(tilt=0.0)
    if "1-count" not in skip:
        h.say("counted", level="L2")
    h.look(tilt=-3.0, superior_deg=9.0 if "1-plates" in skip else 1.0, pedicle_left=0.25, pedicle_right=0.25)
    h.look()


def pierce(h: Hand, skip: Collection[str], **entry: Any) -> None:
    """Step 3."""
    h.say("side", side=h.side)
    h.held = True
    turned = 0.0 if "3-oblique" in skip else 5.0 * h.sign
    angle = {"shaft_ray_deg": 6.0} if "3-barrel" in skip else {}
    if "3-oblique" in skip:
        h.path, h.slope = 0.0, 0.0
    h.look(orbital=turned, **angle)
    missed = {"clock_deg": 60.0, "inside_mm": 3.5} if "3-entry" in skip else {}
    h.enter(**missed, **entry)
    if "3-course" in skip:
        h.truth["course"] = 0.9
    h.advance(0.5 if "3-embed" in skip else 3.0, view=None)
    h.barrel(orbital=turned, **angle)


def first_track(h: Hand, skip: Collection[str]) -> None:
    """Steps 4 to 9 of a track that starts too medial and has to be given up."""
    h.u0 = 4.2
    h.look()
    h.lateral()
    h.look()
    h.advance(8.0)
    h.lateral()
    h.look()
    h.turn()
    h.advance(14.0)
    h.lateral()
    h.leave()
    h.u0, h.turned, h.depth = 2.2, False, 0.0
    h.look()
    if "9-reentry" in skip:
        pierce(h, (), shift_mm=0.2)
    else:
        pierce(h, (), shift_mm=2.0)


def cross(h: Hand, route: str, skip: Collection[str]) -> None:
    """Steps 4 to 9."""
    back = {"orbital": 5.0 * h.sign, "shaft_ray_deg": 3.0} if "4-view" in skip else {}
    h.look(**({"orbital": 12.0 * h.sign, "shaft_ray_deg": 7.0} if back else {}))
    middle = 26.0 if route == "5" else (0.5 * h.w - h.u0) / h.slope
    early = {} if "4-view" not in skip else {"orbital": 12.0 * h.sign, "shaft_ray_deg": 7.0}
    watch = None if "4-watched" in skip else "ap"
    if "4-middle" in skip:
        middle = (0.6 * h.w - h.u0) / h.slope
    for stop in (9.0, 16.0):
        if stop < middle - 1.0 and (h.u0 + h.slope * stop) / h.w < 0.44:
            h.advance(stop, view=watch, **early)
            if "4-laterals" not in skip:
                h.lateral()
            h.look(**early)
    h.advance(middle, view=watch, **early)
    if "5-lateral" in skip and route == "5":
        h.advance(27.0)
        return
    if "5-lateral" not in skip:
        h.lateral()
    if route == "5":
        return
    if "6-margin" in skip:
        h.advance(27.0, view="lateral")
        return
    h.look()
    h.advance(26.0 if route != "9" else 13.0, view=watch)
    if "7-clear" in skip:
        h.advance(27.0)
        return
    h.lateral()
    if route != "9":
        return
    h.look()
    if "8-turn" not in skip:
        h.turn()
    h.advance(26.5)
    if "9-clear" not in skip:
        h.lateral()


def into_the_body(h: Hand, skip: Collection[str]) -> None:
    """Step 5b."""
    stop = 54.0 if "5b-depth" in skip else 45.0
    unseen = {"5b-watched", "7-clear", "9-clear"} & set(skip) or ("5-lateral" in skip and h.w == WIDTHS["5"])
    if unseen:
        h.advance(stop)
    else:
        h.advance(stop, view="lateral")
    h.lateral()


def cement(h: Hand, skip: Collection[str]) -> None:
    """Step 10."""
    h.say("mixed")
    h.t += 360.0
    h.say("stylet", present=False)
    over: dict[str, Any] = {"viscosity_pa_s": 15.0} if "10-paste" in skip else {}
    ml = 3.4 if "10-volume" in skip else 2.4
    if "10-fill" in skip:
        over |= {"superior_mm": 9.0, "inferior_mm": 9.0}
    view: dict[str, Any] | None = LATERAL
    if "10-lateral" in skip:
        view = {}
    if "10-cement" not in skip:
        h.inject(ml, wall=3.0 if "10-stop" in skip else 9.0, view=view, **over)
    if "10-stylet" not in skip:
        h.say("stylet", present=True)
    h.leave()
