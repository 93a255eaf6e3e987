"""The operator's hand: relative controls to what the stylus does, millisecond by millisecond.

In: a control's values, the trocar as it is, the view it was meant in. Out: an `Act`: stylus poses (patient frame, mm) and when
to stop. "Right", "cranial" and clocks are those of the held picture's detector axes. Not here: what tissue answers
(haptics), time (simulation.py).
"""

from dataclasses import dataclass

import numpy as np

from haptics.resistance import FORCE_MOST_N, GRIP_N_MM
from haptics.stylus import ScriptedStylus, straight
from haptics.tick import FORCE, FREE, MODE, PULL, PUSH, SCREW, TIP
from models.carm import SOURCE_DETECTOR_MM, View
from models.field import Field, skin_distance
from models.instruments import TrocarPose
from models.patient import Array

PACE_MM_S = {"push": 3.0, "screw": 0.5, "pull": 10.0, "shift": 5.0}
"""Speeds where a control names none; assumed."""

LEAN_DEG_S = 10.0
"""Pace of tilting the hub; assumed."""

LEAD_MM = FORCE_MOST_N / GRIP_N_MM
"""The farthest a hand can be ahead of a trocar that does not move."""

PATIENCE_MS = 1500
"""How long a hand keeps pushing against what does not give, beyond the time of the way itself; assumed."""

ABOVE_SKIN_MM = 1.5
"""Where the tip is held before the skin is pierced; assumed."""

LONGEST_MM = 200.0
FASTEST_MM_S = 200.0
"""Bounds of what a control may ask: no hand does more."""

TECHNIQUES = {"push": PUSH, "screw": SCREW, "pull": PULL}


@dataclass
class Act:
    """One movement of the hand in time."""

    how: str  # push, screw, pull, shift
    stylus: ScriptedStylus
    ends_ms: int  # after its beginning
    goal_mm: float | None = None  # stop when the tip has moved so far along `axis`
    most_n: float | None = None  # stop when the hand feels more than this
    axis: Array | None = None
    begin: Array | None = None  # (3,) tip at the beginning

    until_free: bool = False  # stop when it is out of the patient

    def reached(self, states: Array) -> int | None:
        """First of the ticks (N, SIZE) after which the act is over, or None."""
        met = np.zeros(len(states), dtype=np.bool_)
        if self.goal_mm is not None and self.axis is not None and self.begin is not None:
            met |= (states[:, TIP : TIP + 3] - self.begin) @ self.axis >= self.goal_mm - 1e-9
        if self.most_n is not None:
            met |= states[:, FORCE] > self.most_n
        if self.until_free:
            met |= states[:, MODE] == FREE
        return int(np.argmax(met)) if met.any() else None


def along(pose: TrocarPose, how: str, mm: float, mm_s: float, stylet: bool) -> Act:
    """Push, screw or pull by `mm`: the hand leads by what the grip needs and stops when the trocar has gone the way."""
    technique = TECHNIQUES[how]
    sign = -1.0 if how == "pull" else 1.0
    way = mm + LEAD_MM
    stylus = ScriptedStylus(pose, technique, stylet).to(
        straight(pose, sign * way), max(round(1000 * way / mm_s), 1), technique, stylet
    )
    return Act(how, stylus, stylus.end_ms + PATIENCE_MS, mm, axis=sign * pose.axis, begin=pose.tip.copy())


def to(pose: TrocarPose, target: TrocarPose, ms: int, stylet: bool) -> Act:
    """A sideways or turning move to `target` within `ms`."""
    stylus = ScriptedStylus(pose, PUSH, stylet).to(target, max(ms, 1), PUSH, stylet)
    return Act("shift", stylus, stylus.end_ms)


def square(axis: Array, toward: Array) -> Array:
    """(3,) unit, across `axis`, as near `toward` as can be; zeros where they are parallel."""
    part = toward - (toward @ axis) * axis
    length = float(np.linalg.norm(part))
    return np.asarray(part / length if length > 1e-6 else np.zeros(3))


def skin_along(field: Field, start: Array, direction: Array, most: float) -> Array | None:
    """(3,) the first point from `start` along `direction` (unit) that is inside the skin's surface, to 1e-3 mm; or None."""
    travelled = 0.0
    while travelled < most:
        distance = skin_distance(field, start + travelled * direction)
        if distance < 1e-3:
            return np.asarray(start + travelled * direction)
        travelled += max(0.9 * distance, 1e-3)
    return None


def aimed(field: Field, view: View, column: float, row: float) -> TrocarPose | None:
    """The trocar in the beam through a pixel: tip on the skin where the ray leaves toward the detector; None beside the body.

    The beam comes from the other side, so the trocar points along minus the ray. The bevel's point looks cranial.
    """
    ray = view.ray(column, row)
    outside = view.source + ray * (SOURCE_DETECTOR_MM / float(ray @ view.beam))
    skin = skin_along(field, outside, -ray, SOURCE_DETECTOR_MM)
    if skin is None:
        return None
    return TrocarPose(skin + ABOVE_SKIN_MM * ray, -ray, square(-ray, -view.row))


def shifted(pose: TrocarPose, view: View, right: float, cranial: float, outside: Field | None) -> TrocarPose:
    """The tip moved across the axis by mm of the picture's axes; before the skin (field given) it follows the skin."""
    way = right * view.column - cranial * view.row
    tip = pose.tip + way - (way @ pose.axis) * pose.axis
    if outside is not None:
        skin = skin_along(outside, tip - 60.0 * pose.axis, pose.axis, 160.0)
        tip = tip if skin is None else skin - ABOVE_SKIN_MM * pose.axis
    return TrocarPose(tip, pose.axis, pose.roll)


def leaned(pose: TrocarPose, view: View, right: float, cranial: float) -> TrocarPose:
    """The hub tilted about the tip by degrees toward the picture's right and cranial."""
    way = right * view.column - cranial * view.row
    across = square(pose.axis, way)
    angle = np.radians(np.hypot(right, cranial))
    hub = -pose.axis * np.cos(angle) + across * np.sin(angle)
    roll = square(-hub, pose.roll)
    return TrocarPose(pose.tip, -hub, roll)


def turn_to_clock(pose: TrocarPose, view: View, clock: float) -> float | None:
    """Degrees to turn (+ clockwise for the operator) so that the bevel's point looks to `clock` of the picture; None end on."""
    angle = np.radians(clock)
    toward = square(pose.axis, np.sin(angle) * view.column - np.cos(angle) * view.row)
    if not toward.any():
        return None
    sine = float(np.cross(pose.roll, toward) @ pose.axis)
    return float(np.degrees(np.arctan2(sine, pose.roll @ toward)))
