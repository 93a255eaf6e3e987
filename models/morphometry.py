"""Published sizes of one vertebra, scaled for one person.

In: level name, scale. Out: Size, mm and degrees. Sources and marks: models/tables/morphometry.csv.
Derived here: the body's heights in front, middle and behind. Not here: shapes (vertebra.py), posture (posture.py).
"""

from dataclasses import dataclass, fields, replace
from functools import cache
from math import radians, tan

from models.tables import load

LEVELS = ("T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5")
"""Cranial to caudal."""


@dataclass(frozen=True)
class Size:
    """One row of the table; lengths in mm, angles in degrees."""

    plate_width_upper: float
    plate_width_lower: float
    plate_depth_upper: float
    plate_depth_lower: float
    posterior_height: float
    canal_width: float
    canal_depth: float
    pedicle_width: float
    pedicle_height: float
    convergence: float
    sagittal: float
    entry_to_anterior: float
    wedge: float
    disc_below: float
    disc_angle: float
    shell: float
    medial_wall: float
    transverse_span: float
    spinous_reach: float
    spinous_slope: float
    facet_span: float

    @property
    def depth(self) -> float:
        """Mean depth of the two end plates."""
        return (self.plate_depth_upper + self.plate_depth_lower) / 2

    @property
    def anterior_height(self) -> float:
        """Hp - depth tan(wedge): FIGURES a3."""
        return self.posterior_height - self.depth * tan(radians(self.wedge))

    @property
    def middle_height(self) -> float:
        """Between the rims, in the middle of the depth."""
        return (self.posterior_height + self.anterior_height) / 2


ANGLES = ("convergence", "sagittal", "wedge", "disc_angle", "spinous_slope")
WALLS = ("shell", "medial_wall")
COLUMNS = tuple(field.name for field in fields(Size))


@cache
def _table() -> dict[str, dict[str, float]]:
    return load("morphometry.csv", COLUMNS)


def size(level: str, scale: float = 1.0, pedicle_width_scale: float = 1.0) -> Size:
    """The published mean of a level, its lengths times `scale` (angles and walls stay)."""
    row = _table()[level]
    scaled = Size(**{name: value if name in ANGLES + WALLS else value * scale for name, value in row.items()})
    return replace(scaled, pedicle_width=scaled.pedicle_width * pedicle_width_scale)
