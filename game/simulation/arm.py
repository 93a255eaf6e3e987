"""The C-arm and the table: how they are found, and on their way: speeds, limits, the pose at any millisecond between.

Degrees, mm in the patient frame, ms. Not here: the geometry of a pose (models/carm.py), pulses (exposure.py).
"""

from dataclasses import dataclass

import numpy as np

from models.carm import Pose
from models.patient import Array

ARM_DEG_S = 10.0
"""Speed of the arm's joints by motor or hand; assumed (controls.py)."""

TABLE_MM_S = 50.0
"""Speed of the table; assumed (controls.py)."""

LIMITS_DEG = {"orbital": (-110.0, 110.0), "tilt": (-45.0, 45.0), "swivel": (-15.0, 15.0)}
"""Orbital to both sides as far as a mobile arm goes one way (-40..110), angulation near a patient +-45 (FIGURES e); wig-wag
+-10-12.5 (recalled), 15 taken."""


FOUND_ALONG_MM = (25.0, 45.0)
FOUND_SIDE_MM = 12.0
FOUND_HEIGHT_MM = 10.0
"""How far from the target the isocentre is when the operator comes: about a level up or down, so that levels must be counted,
and somewhat off to a side and in height; assumed."""


def as_found(target: Array, rng: np.random.Generator) -> Pose:
    """Arm and table before the first control: upright, whole mm from a target (3,) cranial or caudal, to a side, in height."""
    along = float(rng.choice([-1.0, 1.0])) * rng.uniform(*FOUND_ALONG_MM)
    way = np.array([rng.uniform(-FOUND_SIDE_MM, FOUND_SIDE_MM), rng.uniform(-FOUND_HEIGHT_MM, FOUND_HEIGHT_MM), along])
    x, y, z = np.round(np.asarray(target) + way).tolist()
    return Pose(isocentre=(x, y, z))


@dataclass(frozen=True)
class Motion:
    """From one pose to another."""

    began_ms: int
    ends_ms: int
    start: Pose
    end: Pose

    def at(self, ms: int) -> Pose:
        """The pose on the way, straight in angles and isocentre."""
        share = min(max((ms - self.began_ms) / (self.ends_ms - self.began_ms), 0.0), 1.0)
        if share == 1.0:
            return self.end

        def between(a: float, b: float) -> float:
            return a + share * (b - a)

        a, b = self.start, self.end
        x, y, z = (between(p, q) for p, q in zip(a.isocentre, b.isocentre, strict=True))
        return Pose(between(a.orbital, b.orbital), between(a.tilt, b.tilt), between(a.swivel, b.swivel), (x, y, z))


def travel(ms: int, start: Pose, end: Pose) -> Motion:
    """The way to `end` from `ms` on: each joint at ARM_DEG_S, the table at TABLE_MM_S, all together; at least 1 ms."""
    angles = max(abs(end.orbital - start.orbital), abs(end.tilt - start.tilt), abs(end.swivel - start.swivel))
    table = float(np.linalg.norm(np.array(end.isocentre) - start.isocentre))
    return Motion(ms, ms + max(round(1000.0 * max(angles / ARM_DEG_S, table / TABLE_MM_S)), 1), start, end)
