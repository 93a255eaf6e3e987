"""The prone torso: skin as a closed surface round a spine.

In: tips of the spinous processes (of any provider), outer sizes. Out: skin distance grid and Surface. Patient frame, mm.
Sections are superellipses, the belly flattened by the table, the back following the spinous tips under skin, fat and fascia.
Not here: organs, gas, arms, legs, the layers themselves (field.py reads them from the depth below the skin).
"""

import numpy as np
from numpy.typing import NDArray

from models.distance import redistance
from models.field import FASCIA_MM
from models.patient import Grid, Surface
from models.solids import Lattice, Points, Values, smooth_intersection
from models.surfaces import mesh
from models.tissue import medium

Array = NDArray[np.float64]

SKIN_MM = 2.0  # dermis over the back; assumed
BEYOND_MM = 200.0  # torso above and below the spinous tips: a field of 298 mm held at any level stays filled; assumed
SPACING_MM = 2.0
EXPONENT_BACK, EXPONENT_BELLY = 2.4, 3.2  # of the sections behind and in front; assumed
FLANK_SHARE = 0.56  # depth of the widest part below the back, as a share of the whole depth; assumed
FURROW_MM = 5.0  # height of the muscles beside the spine above the skin over it; assumed
FURROW_HALF_MM = 36.0  # where they are highest; assumed
ENDS_MM = 40.0  # rounding of the cut ends; assumed


def torso(
    spinous_tips: NDArray[np.floating],
    width_mm: float,
    depth_mm: float,
    fat_mm: float,
    skin_mm: float = SKIN_MM,
    target_faces: int = 15000,
    error_mm: float = 0.05,
) -> tuple[Grid, Surface]:
    """(skin distance grid, skin surface): soft tissue inside, air outside.

    spinous_tips (N, 3); the skin lies skin + fat + fascia behind the line through them, no nearer to any. target_faces, error_mm:
    of the surface, as surfaces.mesh takes them; 0 faces: no surface.
    """
    tips = np.asarray(spinous_tips, dtype=np.float64)
    order = np.argsort(tips[:, 2])
    low, high = tips[:, 2].min() - BEYOND_MM, tips[:, 2].max() + BEYOND_MM
    middle = float(tips[:, 0].mean())
    cover = skin_mm + fat_mm + FASCIA_MM
    heights = np.arange(low, high + 1.0, SPACING_MM)
    back = _back(tips[order], heights) + cover
    lattice = Lattice.around(
        [middle - width_mm / 2 - 12.0, back.min() - depth_mm - 12.0, low - 10.0],
        [middle + width_mm / 2 + 12.0, back.max() + FURROW_MM + 12.0, high + 10.0],
        SPACING_MM,
    )
    p = lattice.points()
    behind = np.interp(p[2], heights, back).astype(np.float32)
    values = _sections((p[0] - np.float32(middle), p[1], p[2]), behind, width_mm, depth_mm)
    ends = np.abs(p[2] - np.float32((low + high) / 2)) - np.float32((high - low) / 2)
    grid = lattice.grid(redistance(smooth_intersection(values, ends + 0 * values, ENDS_MM), SPACING_MM))
    if target_faces == 0:
        vertices, faces = np.zeros((0, 3), dtype=np.float32), np.zeros((0, 3), dtype=np.int32)
    else:
        vertices, faces = mesh(grid, target_faces, error_mm)
    return grid, Surface("skin", vertices, faces, inside=medium("soft"), outside=medium("air"))


def _back(tips: Array, heights: Array) -> Array:
    """y of a smooth line over the tips at each height: no tip lies behind it; level beyond the ends."""
    from scipy.ndimage import gaussian_filter1d

    line = gaussian_filter1d(np.interp(heights, tips[:, 2], tips[:, 1]), 15.0 / SPACING_MM, mode="nearest")
    behind = tips[:, 1] - np.interp(tips[:, 2], heights, line)
    return np.asarray(line + max(float(behind.max()), 0.0))


def _sections(p: Points, behind: Values, width_mm: float, depth_mm: float) -> Values:
    """About the distance to superelliptic sections whose back is at `behind` in the midline."""
    x, y, _ = p
    flank = behind - np.float32(FLANK_SHARE * depth_mm)
    ridge = np.float32(FURROW_MM) * np.exp(-(((np.abs(x) - FURROW_HALF_MM) / np.float32(20.0)) ** 2))
    ridge = ridge - np.float32(FURROW_MM * np.exp(-((FURROW_HALF_MM / 20.0) ** 2)))
    rear = np.clip((y - flank) / (behind - flank), 0.0, 1.0)
    lowered = y - flank - ridge * rear
    half = np.where(lowered > 0, behind - flank, np.float32((1 - FLANK_SHARE) * depth_mm))
    n = np.where(lowered > 0, np.float32(EXPONENT_BACK), np.float32(EXPONENT_BELLY))
    u = np.maximum(np.abs(x) / np.float32(width_mm / 2), np.float32(1e-3))
    v = np.maximum(np.abs(lowered) / half, np.float32(1e-3))
    radius = (u**n + v**n) ** (1 / n)
    slope = np.sqrt(((u / radius) ** (n - 1) / np.float32(width_mm / 2)) ** 2 + ((v / radius) ** (n - 1) / half) ** 2)
    out: Values = ((radius - 1) / slope).astype(np.float32)
    return out
