"""Collapse of a whole vertebral body: biconcave, crush and vertebra plana, as a warp between its two plates.

In: heights before and after [mm], the plates' half axes. Out: for a point of the broken body the height it came from [mm], and
how much the bone there is compressed. Frame: vertebra (left, posterior, superior), mm. Only the body is warped. Both plates
give way by the same amount, so that the rest stands at the height of the middle: the pedicles then look over a plana.
Not here: the wedge (fracture.py), dents and broken walls (vertebra.py).
"""

from dataclasses import dataclass

import numpy as np

from models.fracture import RIM_SHARE, Values, between

LEAST_MM = 1.0
"""Bone that must be left above and below the middle; assumed: about two end plates."""

HINGE_MM = 38.0
"""From the body's centre back to the facets, about which the spine above tips forward (as in fracture.HINGE_SHARE); assumed."""

READ_MM = 3.0
"""The middle height is read this far round the centre (plates.heights); the dome is so much higher that its mean there is right."""

SETTLED = 0.75
"""Share of the rims' loss by which the neighbours come nearer; the discs keep the rest (they are often high beside a plana); assumed."""


@dataclass(frozen=True)
class Collapse:
    """How far each plate gives way: linear between its rims, and a dome over the plate; half of the loss each."""

    anterior_rim: float  # half the intact height in front, mm above and below the centre
    posterior_rim: float
    half_depth: float  # from the centre to the rims
    half_width: float
    anterior_drop: float  # of one plate, mm
    posterior_drop: float
    dish: float  # how far the middle of an intact plate lies below its rims
    dome: float  # what the plate's centre sinks beyond its rims; negative where its dish is flattened
    floor: float = 0.0  # the plane that stays

    def plate(self, x: Values, y: Values) -> Values:
        """About the height of the intact superior plate at (x, y); the inferior one is taken as its mirror image."""
        rim = between(y, self.half_depth, self.anterior_rim, self.posterior_rim)
        out: Values = (rim - np.float32(self.dish) * self._inward(x, y)).astype(np.float32)
        return out

    def drop(self, x: Values, y: Values) -> Values:
        """How far either plate has given way at (x, y)."""
        rim = between(y, self.half_depth, self.anterior_drop, self.posterior_drop)
        out: Values = (rim + np.float32(self.dome) * self._inward(x, y)).astype(np.float32)
        return out

    def _inward(self, x: Values, y: Values) -> Values:
        """1 in the middle of a plate, 0 from its rim outward."""
        r2 = (x / np.float32(self.half_width)) ** 2 + (y / np.float32(self.half_depth)) ** 2
        out: Values = np.maximum(1 - r2, np.float32(0.0))
        return out

    def source(self, x: Values, y: Values, z: Values) -> Values:
        """Height from which the point came: |z| + drop tau^2, tau = 0 in the middle, 1 at the plate; monotone as a wedge's."""
        drop = self.drop(x, y)
        tau = np.clip(np.abs(z) / (self.plate(x, y) - drop), np.float32(0.0), np.float32(1.0))
        out: Values = z + np.sign(z) * drop * tau * tau
        return out

    def compression(self, x: Values, y: Values, z: Values) -> Values:
        """Height before / height after of the bone at a point: d source / dz, 1 where nothing moved."""
        drop = self.drop(x, y)
        span = self.plate(x, y) - drop
        tau = np.abs(z) / span
        out: Values = np.where(tau < 1.0, 1.0 + 2.0 * drop * tau / span, np.float32(1.0)).astype(np.float32)
        return out

    @property
    def sunk(self) -> float:
        """mm by which the neighbour above (and below) comes nearer to the centre."""
        return SETTLED * (self.anterior_drop + self.posterior_drop) / 2

    @property
    def sunk_below(self) -> float:
        """As sunk, for the neighbour below."""
        return self.sunk

    @property
    def tip(self) -> float:
        """Radians by which the spine above tips forward: the facets stay together."""
        return self.sunk / HINGE_MM

    @property
    def tip_below(self) -> float:
        """Radians by which the spine below tips."""
        return self.tip


def collapse(
    intact: tuple[float, float, float],
    wanted: tuple[float, float, float],
    half_depth: float,
    half_width: float,
) -> Collapse:
    """The warp from intact to wanted (anterior, middle, posterior) heights [mm]; half axes are those of the whole body.

    The middle height is taken between the dished plates. Raises ValueError naming the height that cannot be made: above the
    intact one by more than 5 %, or less than LEAST_MM of bone left on either side of the middle.
    """
    names = ("anterior", "middle", "posterior")
    for name, have, want in zip(names, intact, wanted, strict=True):
        if want > 1.05 * have or want < 2 * LEAST_MM:
            raise ValueError(f"{name} height {want:.1f} mm cannot be made from {have:.1f} mm")
    off_centre = READ_MM**2 / 3 * (1 / (half_width * RIM_SHARE) ** 2 + 1 / (half_depth * RIM_SHARE) ** 2)
    lost = [max(have - want, 0.0) / 2 for have, want in zip(intact, wanted, strict=True)]
    return Collapse(
        anterior_rim=intact[0] / 2,
        posterior_rim=intact[2] / 2,
        half_depth=half_depth * RIM_SHARE,
        half_width=half_width * RIM_SHARE,
        anterior_drop=lost[0],
        posterior_drop=lost[2],
        dish=(intact[0] + intact[2]) / 4 - intact[1] / 2,
        dome=(lost[1] - (lost[0] + lost[2]) / 2) / (1 - off_centre),
    )
