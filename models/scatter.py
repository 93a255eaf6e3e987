"""Scatter at the detector: what each part of the primary picture spreads over the rest, by thickness and field.

In: the primary on a coarse square grid [keV a pixel], the same with nothing in the beam, tube voltage. Out: scatter on that grid,
behind the grid. Fitted to the Monte Carlo of tables/make_scatter.py (scatter.csv) at this C-arm's distances, whose air gap makes
scatter wide and thin. Numpy twin of shaders/fluoroscopy/scatter.frag. Not here: noise, blur (game/fluoroscopy/picture.py).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models import xray
from models.carm import FIELD_MM
from models.tissue import CHANNELS

Array = NDArray[np.float64]

NARROW, NARROW_SIGMA_MM = (0.0443, 0.0024), 32.5
WIDE, WIDE_SIGMA_MM, WIDE_NARROWING = (0.7426, 0.1185, 0.1059), 217.3, 4.85
"""Kernel behind t [dm] of soft tissue: t (n0 + n1 t) G(sigma) + t (w0 + w1 t + w2 t^2) G(sigma - narrowing t), G a normal of area 1
on the detector. Least squares on scatter.csv; scatter over primary in the middle of the full field within 7 % of it, 100-350 mm,
70-110 kVp."""

GRID_SHARE = 0.3
"""Scatter that the grid passes over primary that it passes: 0.2 over 0.7, grid of 10:1; assumed (textbooks: 0.1-0.25 over 0.6-0.75)."""

THICKEST_DM = 5.0
"""The kernel is held beyond: metal is no 10 m of tissue."""

CELLS = 16
"""Cells a side of the picture of scatter."""


def kernel(distance_mm: ArrayLike, thickness_dm: ArrayLike) -> Array:
    """[1/mm2] scatter over a pencil's primary at a distance from it, no grid, behind a thickness of soft tissue [dm]."""
    r, t = np.asarray(distance_mm, dtype=np.float64), np.clip(thickness_dm, 0.0, THICKEST_DM)
    sigma = WIDE_SIGMA_MM - WIDE_NARROWING * t
    narrow = (NARROW[0] + NARROW[1] * t) / NARROW_SIGMA_MM**2 * np.exp(-0.5 * (r / NARROW_SIGMA_MM) ** 2)
    wide = (WIDE[0] + t * (WIDE[1] + t * WIDE[2])) / sigma**2 * np.exp(-0.5 * (r / sigma) ** 2)
    return np.asarray(t * (narrow + wide) / (2 * np.pi))


@lru_cache(maxsize=64)
def thickness_law(kvp: float) -> tuple[float, float, float]:
    """(a, b, c): soft tissue [dm] = a x + b x^2 + c x^3 that weakens the signal by e^-x; within 0.02 dm up to 4 dm."""
    thickness = np.linspace(0.0, 4.0, 81)
    paths = np.zeros((len(thickness), len(CHANNELS)))
    paths[:, 0] = 100.0 * thickness
    mean, _ = xray.signal(paths, kvp, 1.0, 1.0)
    x = np.log(mean[0] / mean)
    a, b, c = np.linalg.lstsq(np.stack([x, x**2, x**3], axis=-1), thickness, rcond=None)[0]
    return float(a), float(b), float(c)


def thickness_dm(weakened: ArrayLike, kvp: float) -> Array:
    """Soft tissue [dm] that weakens the signal by e^-x as well, 0 to THICKEST_DM."""
    a, b, c = thickness_law(float(kvp))
    x = np.clip(weakened, 0.0, None)
    return np.asarray(np.clip(x * (a + x * (b + x * c)), 0.0, THICKEST_DM))


def scattered(primary: Array, clear: float, kvp: float, field_mm: float = FIELD_MM) -> Array:
    """(n, n) scatter behind the grid of a primary (n, n) that covers field_mm, or of (n, n, k) of its moments, the mean first.

    S(p) = GRID_SHARE sum over q of P(q) K(|p - q|, t(ln(clear / P(q)))) times a cell's area; `clear`: primary with nothing in
    the beam. Cells outside the collimated field have P = 0 and scatter nothing.
    """
    moments = primary.reshape(len(primary), len(primary), -1)
    pitch = field_mm / len(primary)
    place = pitch * np.arange(len(primary))
    apart = np.hypot(
        *(np.subtract.outer(place, place)[:, None, :, None], np.subtract.outer(place, place)[None, :, None, :])
    )
    thick = thickness_dm(np.log(clear / np.maximum(moments[..., 0], 1e-9 * clear)), kvp)
    weight = GRID_SHARE * pitch**2 * kernel(apart, thick)
    return np.asarray(np.einsum("ijkl,klm->ijm", weight, moments).reshape(primary.shape))


@lru_cache(maxsize=64)
def full_field_ratio(kvp: float, thickness_mm: float) -> float:
    """Scatter over primary in the middle of the full field behind evenly thick soft tissue, behind the grid."""
    paths = np.zeros(len(CHANNELS))
    clear, _ = xray.signal(paths, kvp, 1.0, 1.0)
    paths[0] = thickness_mm
    mean, _ = xray.signal(paths, kvp, 1.0, 1.0)
    even = scattered(np.full((CELLS, CELLS), float(mean)), float(clear), kvp)
    half = CELLS // 2
    return float(even[half - 1 : half + 1, half - 1 : half + 1].mean() / mean)
