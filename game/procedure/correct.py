"""The view of step 2 and the way of a correct step 3, found by geometry on the built patient: what a scenario is checked with.

In: a Ground (truth.py), a side. Out: a pose; trocar poses with what they truly meet. Patient frame, mm. No operator sees these.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from game.procedure.truth import Ground, Truth
from game.procedure.views import OBLIQUE_DEG, ideal, measure
from models.carm import SOURCE_DETECTOR_MM, Pose, view
from models.instruments import TROCAR, TrocarPose
from models.patient import Side, Vertebra

Array = NDArray[np.float64]

INSIDE_MM = 0.4
"""The shaft's lateral edge inside the ring's lateral margin: 0-1.5 mm is right (CLINICAL 2, step 3)."""

STEP_MM = 0.5


def step_2(target: Vertebra, side: Side) -> Pose:
    """The AP along the target's own sagittal plane whose tilt shows the pedicle of `side` in the middle of the body's height."""
    straight = ideal(target, 0.0, side)
    tilts = straight.tilt + np.arange(-45.0, 45.1, 0.5)
    poses = [straight.turned(tilt=float(tilt)) for tilt in tilts]

    def off(pose: Pose) -> float:
        seen = measure(target, (None, None), {}, pose)
        return abs((seen.pedicle_left if side == "left" else seen.pedicle_right) - 0.5)

    return min(poses, key=off)


@dataclass(frozen=True)
class Way:
    """Truths at every STEP_MM from the bone entry on."""

    entry: TrocarPose  # where its point meets the target's bone
    depths: Array
    truths: tuple[Truth, ...]

    def trocar(self, depth: float) -> TrocarPose:
        """The trocar so deep [mm]."""
        return TrocarPose(self.entry.tip + depth * self.entry.axis, self.entry.axis, self.entry.roll)

    @property
    def wall(self) -> float:
        """Depth [mm] at which the point passes the posterior wall; infinite where it never does."""
        return self._first([truth.point_front_mm >= 0.0 for truth in self.truths])

    @property
    def middle(self) -> float:
        """Depth [mm] at which the point passes the middle of the ring; infinite where it never does."""
        return self._first([truth.across >= 0.5 for truth in self.truths])

    def at(self, depth: float) -> Truth:
        """The truth at the station nearest to a depth."""
        return self.truths[int(np.abs(self.depths - depth).argmin())]

    def _first(self, there: list[bool]) -> float:
        return next((float(d) for d, yes in zip(self.depths, there, strict=True) if yes), np.inf)


def line_3(target: Vertebra, side: Side, medial_mm: float = 0.0) -> TrocarPose:
    """The trocar beside the pedicle's isthmus on a correct step 3's line, or `medial_mm` more medial: along the beam 5 degrees to
    the side from step 2, point medial.
    """
    pose, pedicle = step_2(target, side), target.pedicles[side]
    sign = 1.0 if side == "left" else -1.0
    pinhole = view(pose.turned(orbital=pose.orbital + sign * OBLIQUE_DEG))
    ring, centre = pinhole.project(pedicle.ring), pinhole.project(pedicle.centre)
    mm = pinhole.pixel_mm * float((pedicle.centre - pinhole.source) @ pinhole.beam) / SOURCE_DETECTOR_MM
    edge = ring[:, 0].min() if side == "left" else ring[:, 0].max()
    column = float(edge + sign * (TROCAR.outer_mm / 2 + INSIDE_MM + medial_mm) / mm)
    axis = -pinhole.ray(column, float(centre[1]))
    lateral = target.left * sign
    roll = -lateral + (lateral @ axis) * axis
    base = pinhole.source - axis * float((pinhole.source - pedicle.centre) @ axis)
    return TrocarPose(base, axis, roll / np.linalg.norm(roll))


def step_3(ground: Ground, side: Side, medial_mm: float = 0.0) -> Way:
    """The way along `line_3` from the bone on."""
    target, line = ground.target, line_3(ground.target, side, medial_mm)
    along = np.arange(-45.0, 40.0, STEP_MM)
    poses = [TrocarPose(line.tip + line.axis * s, line.axis, line.roll) for s in along]
    truths = [ground.measure(pose, side) for pose in poses]
    first = next((n for n, truth in enumerate(truths) if truth.bone == target.level), len(truths) - 1)
    return Way(poses[first], along[first:] - along[first], tuple(truths[first:]))
