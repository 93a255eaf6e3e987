"""The trocar: sizes, and where its metal is for a given pose.

Patient frame, mm. A trocar pose is the centre of its tip (where the axis meets the plane of the point), its axis (unit,
tip forward) and `roll` (unit, from the axis to the point of the bevel, across the axis).
Meshes for the X-ray are in models/instrument_surfaces.py.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trocar:
    """Sizes of a bone-access needle. Gauge tables and usual bevels: FIGURES c (lengths recalled there, so assumed)."""

    name: str = "13G bevel"
    outer_mm: float = 2.41  # cannula, outer diameter
    inner_mm: float = 1.8  # cannula, inner diameter
    bevel_deg: float = 45.0  # angle of the face to the axis
    length_mm: float = 120.0  # point to hub
    hub_mm: float = 16.0  # diameter of the grip that throws the shadow: 5 degrees must free the medial cortex (CLINICAL 2.3); assumed
    hub_height_mm: float = 18.0  # assumed

    @property
    def bevel_mm(self) -> float:
        """Length of the bevel along the axis, point to heel."""
        return self.outer_mm / float(np.tan(np.radians(self.bevel_deg)))


TROCAR = Trocar()


@dataclass(frozen=True)
class TrocarPose:
    """Where a trocar is."""

    tip: Array  # (3,) centre of the tip, in the plane of the point
    axis: Array  # (3,) unit, forward
    roll: Array  # (3,) unit, across the axis, toward the point of the bevel

    @property
    def point(self) -> Array:
        """(3,) the sharp end of the bevel: on the shaft's surface."""
        return self.tip + self.roll * (TROCAR.outer_mm / 2)

    @property
    def heel(self) -> Array:
        """(3,) the other end of the face: a bevel's length behind, on the opposite side."""
        return self.tip - self.roll * (TROCAR.outer_mm / 2) - self.axis * TROCAR.bevel_mm

    @property
    def hub(self) -> Array:
        """(3,) centre of the hub's lower face."""
        return self.tip - self.axis * TROCAR.length_mm

    def metal(self, spacing: float = 1.0, length: float = 60.0, around: int = 12) -> Array:
        """(N, 3) points over the metal surface of the last `length` mm: face of the bevel and shaft."""
        across = np.cross(self.axis, self.roll)
        turn = np.linspace(0.0, 2 * np.pi, around, endpoint=False)
        radius = TROCAR.outer_mm / 2
        rim = radius * (np.cos(turn)[:, None] * self.roll + np.sin(turn)[:, None] * across)
        back = TROCAR.bevel_mm * (1 - np.cos(turn)) / 2  # how far behind the point the metal begins at each angle
        first = self.tip + rim - back[:, None] * self.axis
        steps = np.arange(0.0, length, spacing)
        return (first[None] - steps[:, None, None] * self.axis).reshape(-1, 3)
