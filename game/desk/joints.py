"""Arm and table under keys: a tap is one small step, a key that is held drives on until it is let go; presets and stored positions.

In: actions going down and up. Out: `arm` and `table` controls of the session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from game.session import Session
from game.simulation.arm import LIMITS_DEG
from models.carm import PRESETS

STEP_DEG = 1.0
STEP_MM = 5.0
"""What a tap turns or shifts; assumed."""

HOLD_S = 0.35
"""A key held longer than this drives on; assumed."""

FAR_MM = 200.0


@dataclass(frozen=True)
class _Way:
    part: str  # of the pose, or the table's direction
    sign: float


class Joints:
    """The joints of the arm and the table's three directions."""

    AXES: ClassVar[dict[str, _Way]] = {
        "arm_left": _Way("orbital", 1.0),
        "arm_right": _Way("orbital", -1.0),
        "arm_head": _Way("tilt", 1.0),
        "arm_feet": _Way("tilt", -1.0),
        "swivel_plus": _Way("swivel", 1.0),
        "swivel_minus": _Way("swivel", -1.0),
        "table_left": _Way("left", 1.0),
        "table_right": _Way("left", -1.0),
        "table_head": _Way("superior", 1.0),
        "table_feet": _Way("superior", -1.0),
        "table_down": _Way("posterior", 1.0),
        "table_up": _Way("posterior", -1.0),
    }
    PLACES: ClassVar[tuple[str, ...]] = (
        *("preset_ap", "preset_left", "preset_right"),
        *("recall_a", "recall_b", "store_a", "store_b"),
    )

    def __init__(self, session: Session, notice: Callable[[str], None]) -> None:
        self.session, self.notice = session, notice
        self.stored: dict[str, dict[str, float]] = {}
        self._driving: set[str] = set()

    def press(self, action: str) -> None:
        """A step, a preset, or a stored position."""
        if action in self.AXES:
            self._step(self.AXES[action])
            return
        kind, _, which = action.partition("_")
        if kind == "store":
            readout = self.session.readout()
            self.stored[which] = {joint: round(float(readout[joint]), 2) for joint in LIMITS_DEG}
        elif kind == "recall" and which not in self.stored:
            self.notice(f"No position {which.upper()} is stored yet.")
        elif kind == "recall":
            self.session.put("arm", **self.stored[which])
        elif kind == "preset":
            preset = PRESETS["ap" if which == "ap" else f"{which}-lateral"]
            self.session.put("arm", **dict(zip(("orbital", "tilt", "swivel"), preset, strict=True)))

    def frame(self, now: float, down: dict[str, float]) -> None:
        """Keys that have been held long enough drive on."""
        for action, since in down.items():
            if action in self.AXES and action not in self._driving and now - since > HOLD_S:
                self._driving.add(action)
                self._drive(self.AXES[action])

    def release(self, action: str) -> None:
        """What was driving stops where it is; what else drives goes on."""
        if action not in self._driving:
            return
        self._driving.discard(action)
        way = self.AXES[action]
        if way.part in LIMITS_DEG:
            self.session.put("arm", **{way.part: round(float(self.session.readout()[way.part]), 2)})
        else:
            self.session.put("table", **(self._still_to_go() | {way.part: 0.0}))

    def _step(self, way: _Way) -> None:
        """A degree, or so many mm, beyond where it is bound."""
        if way.part in LIMITS_DEG:
            low, high = LIMITS_DEG[way.part]
            bound = getattr(self.session.bound, way.part) + way.sign * STEP_DEG
            self.session.put("arm", **{way.part: round(min(max(bound, low), high), 2)})
        else:
            ways = self._still_to_go()
            ways[way.part] += way.sign * STEP_MM
            self.session.put("table", **ways)

    def _drive(self, way: _Way) -> None:
        if way.part in LIMITS_DEG:
            low, high = LIMITS_DEG[way.part]
            self.session.put("arm", **{way.part: high if way.sign > 0 else low})
        else:
            self.session.put("table", **(self._still_to_go() | {way.part: way.sign * FAR_MM}))

    def _still_to_go(self) -> dict[str, float]:
        """mm of the table's way that earlier taps have asked for."""
        bound, now = self.session.bound.isocentre, self.session.moment().pose.isocentre
        return {part: float(b - a) for part, b, a in zip(("left", "posterior", "superior"), bound, now, strict=True)}
