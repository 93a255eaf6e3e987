"""What stands between a device and the patient, and between the patient and a hand.

In: poses (11,) as haptics/tick.py lays them out; forces (3,) [N] at 1 ms. Out: poses that are safe to use, forces that a
device may be given. Not here: watchdogs, passivity control, running-mean limits (they come with the servo).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haptics.tick import AXIS, POSE_SIZE, ROLL

Array = NDArray[np.float64]

JUMP_MM = 20.0
"""A tip cannot move farther in one tick: the device lost its place (VR.md B2)."""
REACH_MM = 1.0e4  # beyond this no pose is near a patient; assumed
SLEW_N_S = 500.0  # VR.md B2


@dataclass(frozen=True)
class PoseFilter:
    """Refuses poses that no hand can have made."""

    jump_mm: float = JUMP_MM

    def accept(self, pose: Array, previous: Array | None) -> tuple[Array, str | None]:
        """(pose to use, None) or (previous, why): the previous pose is kept where this one is refused.

        With no previous pose a refused one becomes zeros, which `tick` passes over.
        """
        why = self._fault(pose, previous)
        if why is None:
            return pose, None
        return (np.zeros(POSE_SIZE) if previous is None else previous), why

    def _fault(self, pose: Array, previous: Array | None) -> str | None:
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
        if previous is not None and (jump := float(np.linalg.norm(pose[:3] - previous[:3]))) > self.jump_mm:
            return f"pose jumped {jump:.0f} mm in a tick"
        return None


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
