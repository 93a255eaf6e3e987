"""Wedge compression of one vertebral body, as a warp of the space below its superior plate.

In: heights before and after [mm]. Out: for a point of the fractured body, the height it came from [mm], and how much the bone
there is compressed. Frame: vertebra (left, posterior, superior), mm. Only the body is warped: arch, pedicles and the posterior
wall's place stay as they were. Not here: bodies that lose height elsewhere too (collapse.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

RIM_SHARE = 0.90
"""Heights are read at the rims, which stand this share of the half depth before and behind the centre."""

HINGE_SHARE = 0.5
"""Share of the wedge's angle by which the spine above tips forward. The facets stay together and act as the hinge, about
38 mm behind the body's centre, while the plate's centre sinks by about a quarter of the height; assumed."""

FLOOR_SHARE = 0.33
"""The warp begins this share of the middle height below the body's centre; below it nothing moves; assumed (upper plates
fail more than lower ones: Che-Nordin 2018)."""


def between(y: Values, half_depth: float, front: float, back: float) -> Values:
    """A height at y that runs straight from `front` (y = -half_depth) to `back` (half_depth), and no further [mm]."""
    t = np.clip((y / np.float32(half_depth) + 1) / 2, np.float32(0.0), np.float32(1.0))
    out: Values = (np.float32(front) + t * np.float32(back - front)).astype(np.float32)
    return out


@dataclass(frozen=True)
class Wedge:
    """How far the superior plate sinks, linear from its posterior to its anterior rim.

    Rim heights above the body's centre are those of the whole body; all mm.
    """

    anterior_rim: float  # height of the intact superior plate's rim in front
    posterior_rim: float
    half_depth: float  # from the centre to the rims
    floor: float  # below this height nothing moves
    anterior_drop: float
    posterior_drop: float

    def rim(self, y: Values) -> Values:
        """Height of the intact rim plane at y."""
        out: Values = between(y, self.half_depth, self.anterior_rim, self.posterior_rim)
        return out

    def drop(self, y: Values) -> Values:
        """How far the plate has sunk at y."""
        out: Values = between(y, self.half_depth, self.anterior_drop, self.posterior_drop)
        return out

    def source(self, x: Values, y: Values, z: Values) -> Values:
        """Height from which the point at (y, z) came, whatever its x: z + drop(y) tau^2, tau = 0 at the floor, 1 at the sunken plate.

        Monotone, so nothing folds; above the plate a plain shift. tau^2 crushes most just under the plate.
        """
        drop = self.drop(y)
        tau = (z - np.float32(self.floor)) / (self.rim(y) - drop - np.float32(self.floor))
        tau = np.clip(tau, np.float32(0.0), np.float32(1.0))
        out: Values = z + drop * tau * tau
        return out

    def compression(self, x: Values, y: Values, z: Values) -> Values:
        """Height before / height after of the bone at (y, z): d source / dz, 1 where nothing moved."""
        drop = self.drop(y)
        span = self.rim(y) - drop - np.float32(self.floor)
        tau = (z - np.float32(self.floor)) / span
        inside = (tau > 0.0) & (tau < 1.0)
        out: Values = np.where(inside, 1.0 + 2.0 * drop * tau / span, np.float32(1.0)).astype(np.float32)
        return out

    @property
    def angle(self) -> float:
        """Radians by which the superior plate has tipped forward."""
        return float(np.arctan2(self.anterior_drop - self.posterior_drop, 2 * self.half_depth))

    @property
    def sunk(self) -> float:
        """mm by which the plate's centre has sunk, and the neighbour above with it."""
        return (self.anterior_drop + self.posterior_drop) / 2

    @property
    def sunk_below(self) -> float:
        """The inferior plate stays."""
        return 0.0

    @property
    def tip(self) -> float:
        """Radians by which the spine above tips forward."""
        return self.angle * HINGE_SHARE

    @property
    def tip_below(self) -> float:
        """The spine below does not tip."""
        return 0.0


def wedge(
    anterior_height: float,
    posterior_height: float,
    half_depth: float,
    wanted_anterior: float,
    wanted_posterior: float,
) -> Wedge:
    """The warp that takes a body of two heights to two wanted ones; plates lie symmetrically about the centre before it.

    half_depth is that of the whole body.

    Raises ValueError where a wanted height is above the intact one by more than 5 % or leaves no bone above the floor.
    """
    middle = (anterior_height + posterior_height) / 2
    floor = -FLOOR_SHARE * middle
    for name, have, want in (
        ("anterior", anterior_height, wanted_anterior),
        ("posterior", posterior_height, wanted_posterior),
    ):
        if want > 1.05 * have or have / 2 - (have - want) <= floor + 1.0:
            raise ValueError(f"{name} height {want:.1f} mm cannot be made from {have:.1f} mm")
    return Wedge(
        anterior_rim=anterior_height / 2,
        posterior_rim=posterior_height / 2,
        half_depth=half_depth * RIM_SHARE,
        floor=floor,
        anterior_drop=max(anterior_height - wanted_anterior, 0.0),
        posterior_drop=max(posterior_height - wanted_posterior, 0.0),
    )
