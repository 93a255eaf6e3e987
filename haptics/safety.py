"""What stands between a device and the patient, and between the patient and a hand.

In: poses (11,) as haptics/tick.py lays them out, some ms apart; forces (3,) [N] at 1 ms. Out: poses that are safe to use, forces
that a device may be given. Patient frame, mm. Not here: where the skin is (game/simulation/operating.py), watchdogs,
passivity control, running-mean limits (they come with the servo).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from haptics.tick import AXIS, POSE_SIZE, ROLL

Array = NDArray[np.float64]

HAND_MM_MS = 2.0
"""A hand moves at most about 2 m/s (assumed): 20 mm between poses 10 ms apart. What goes farther is a device that lost its place
(VR.md B2)."""
HAND_DEG_MS = 3.0
"""A hand turns a trocar's axis, or its roll, by at most about 3 degrees in a ms: 30 between poses 10 ms apart; assumed."""
REACH_MM = 1.0e4  # beyond this no pose is near a patient; assumed
STEADY_POSES = 20
"""So many poses in a row, each near the one before, and a device that lost its place has found it again; assumed (0.2 s)."""
SLEW_N_S = 500.0  # VR.md B2


@dataclass(frozen=True)
class PoseFilter:
    """Refuses poses that no hand can have made: see HAND_MM_MS and HAND_DEG_MS."""

    mm_ms: float = HAND_MM_MS
    deg_ms: float = HAND_DEG_MS

    def accept(self, pose: Array, previous: Array | None, ms: int) -> tuple[Array, str | None]:
        """(pose to use, None) or (previous, why): the previous pose, `ms` before, is kept where this one is refused.

        With no previous pose a refused one becomes zeros, which `tick` passes over.
        """
        why = self.fault(pose) or (None if previous is None else self.break_from(pose, previous, ms))
        if why is None:
            return pose, None
        return (np.zeros(POSE_SIZE) if previous is None else previous), why

    def fault(self, pose: Array) -> str | None:
        """What makes it no pose at all, or None."""
        if pose.shape != (POSE_SIZE,):
            return f"pose has shape {pose.shape}, expected ({POSE_SIZE},)"
        if not np.isfinite(pose).all():
            return "pose is not finite"
        if np.abs(pose).max() > REACH_MM:
            return f"pose is more than {REACH_MM:.0f} mm away"
        if np.linalg.norm(pose[AXIS : AXIS + 3]) < 1e-6 or np.linalg.norm(pose[ROLL : ROLL + 3]) < 1e-6:
            return "pose has no direction"
        if np.linalg.norm(np.cross(pose[AXIS : AXIS + 3], pose[ROLL : ROLL + 3])) < 1e-6:
            return "pose has its roll along its axis"
        return None

    def break_from(self, pose: Array, previous: Array, ms: int) -> str | None:
        """Why no hand goes from one pose to the other within `ms`, or None."""
        if (jump := float(np.linalg.norm(pose[:3] - previous[:3]))) > self.mm_ms * ms:
            return f"pose jumped {jump:.0f} mm in {ms} ms"
        for name, at in (("axis", AXIS), ("roll", ROLL)):
            if (turn := _between_deg(pose[at : at + 3], previous[at : at + 3])) > self.deg_ms * ms:
                return f"pose turned its {name} by {turn:.0f} degrees in {ms} ms"
        return None


def _between_deg(a: Array, b: Array) -> float:
    """Angle between two directions of any length, degrees 0..180."""
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))


@dataclass
class Following:
    """One device in the course of time: what is followed of it, and how it is taken up again once it lost its place.

    `followed` is the pose that the next one must be near, None while nothing is followed: then any sane pose may be taken up.
    """

    filter: PoseFilter = field(default_factory=PoseFilter)
    followed: Array | None = None
    refusing: bool = False  # the last pose was refused
    _stray: Array | None = None  # last of the sane poses that were refused in a row
    _steady: int = 0

    def offer(self, pose: Array, ms: int, free: bool) -> str | None:
        """None where the pose may be used, else why not. Call `follow` with a pose that is used.

        A device that is steady at another place (STEADY_POSES) may be taken up there when `free`, that is while no tissue
        holds the trocar, so at 0 N; in tissue it has to come back.
        """
        why = self.filter.fault(pose)
        if why is not None:
            self._stray, self._steady = None, 0
        elif self.followed is not None and (why := self.filter.break_from(pose, self.followed, ms)) is not None:
            near = self._stray is not None and self.filter.break_from(pose, self._stray, ms) is None
            self._stray, self._steady = pose, self._steady + 1 if near else 1
            if free and self._steady >= STEADY_POSES:
                self.followed = why = None
        self.refusing = why is not None
        return why

    def follow(self, pose: Array) -> None:
        """This pose is used; the next has to be near it."""
        self.followed, self._stray, self._steady = pose, None, 0


@dataclass(frozen=True)
class ForceLimit:
    """A device's ceiling and how fast its force may change."""

    most_n: float
    slew_n_s: float = SLEW_N_S

    def allow(self, wanted: Array, previous: Array, seconds: float = 0.001) -> Array:
        """(3,) the force to give: `wanted`, no longer than most_n, no further from `previous` than the slew allows.

        A wanted force that is not finite counts as none; falling to none is not slowed.
        """
        if not np.isfinite(wanted).all():
            return np.zeros(3)
        size = float(np.linalg.norm(wanted))
        target = wanted if size <= self.most_n else wanted * (self.most_n / size)
        change = target - previous
        length, most = float(np.linalg.norm(change)), self.slew_n_s * seconds
        given = target if length <= most or size == 0.0 else previous + change * (most / length)
        size = float(np.linalg.norm(given))
        return np.asarray(given if size <= self.most_n else given * (self.most_n / size))
