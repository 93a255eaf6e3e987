"""Bones that would run into each other, parted by a joint's gap.

In: fields of neighbours, each on its own lattice, and their frames. Out: fields that stay clear of each other. mm.
Two facets drawn a little into each other come out congruent: the joint is the surface as far from the one as from the other.
Not here: redistancing, which has to follow (distance.py).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.distance import trilinear
from models.patient import Bone, Grid
from models.pieces import each
from models.solids import MARGIN, OUTSIDE, Lattice, Values

Array = NDArray[np.floating]
Window = tuple[slice, slice, slice]
Mask = NDArray[np.bool_]

GAP_MM = 1.5
"""Between the cortices of a joint: two layers of cartilage, thinned by age; assumed."""


def part(
    one: tuple[Lattice, Values], other: tuple[Lattice, Values], other_from_one: Array, gap: float = GAP_MM
) -> tuple[Values, Values]:
    """Both fields, each without what is nearer than half the gap to the surface midway: max(a, (a - b + gap) / 2)."""
    (lattice_a, a), (lattice_b, b) = one, other
    ways = (
        (lattice_a, a, other_from_one, lattice_b.grid(b)),
        (lattice_b, b, np.linalg.inv(other_from_one), lattice_a.grid(a)),
    )
    above, below = each(lambda way: _parted(*way, gap), ways)
    return above, below


def _parted(lattice: Lattice, values: Values, there_from_here: Array, other: Grid, gap: float) -> Values:
    window = _common(lattice, np.linalg.inv(there_from_here), other)
    out = values.copy()
    if window is not None:
        near = out[window] < gap + MARGIN
        theirs = seen_from(lattice, window, near, there_from_here, other)
        mine = out[window][near]
        out[window][near] = np.maximum(mine, (mine - theirs + np.float32(gap)) / 2)
    return out


def keep_clear(
    lattice: Lattice, values: Values, patient_from_here: Array, others: Sequence[Bone], gap: float = GAP_MM
) -> Values:
    """The field less what lies within the gap of other, finished bones."""
    out = values.copy()
    for other in others:
        here_from_other = np.linalg.inv(patient_from_here) @ other.patient_from_bone
        window = _common(lattice, here_from_other, other.distance)
        if window is not None:
            near = out[window] < gap + MARGIN
            theirs = seen_from(lattice, window, near, np.linalg.inv(here_from_other), other.distance)
            out[window][near] = np.maximum(out[window][near], np.float32(gap) - theirs)
    return out


def _common(lattice: Lattice, here_from_there: Array, other: Grid) -> Window | None:
    """Samples in the box round the other grid; None where the boxes lie apart."""
    far = other.origin + other.spacing * (np.array(other.values.shape) - 1)
    ends = np.array(np.meshgrid(*zip(other.origin, far, strict=True), indexing="ij")).reshape(3, -1).T
    ends = ends @ here_from_there[:3, :3].T + here_from_there[:3, 3]
    low, high = ends.min(axis=0), ends.max(axis=0)
    last = lattice.origin + lattice.spacing * (np.array(lattice.shape) - 1)
    if (high < lattice.origin).any() or (low > last).any():
        return None
    return lattice.window(low, high)


def seen_from(lattice: Lattice, window: Window, mask: Mask, there_from_here: Array, field: Grid) -> Values:
    """(N,) another bone's field at the samples of a window that a mask picks; outside its grid a great distance."""
    first = lattice.origin + lattice.spacing * np.array([part.start for part in window])
    out: Values = np.full(int(np.count_nonzero(mask)), OUTSIDE, dtype=np.float32)
    there = np.ascontiguousarray(there_from_here[:3], dtype=np.float64)
    _look(np.ascontiguousarray(mask), first, lattice.spacing, there, field.values, field.origin, field.spacing, out)
    return out


@compiled
def _look(
    mask: Mask,
    first: NDArray[np.float64],
    step: float,
    there: NDArray[np.float64],
    values: Values,
    origin: NDArray[np.float64],
    spacing: float,
    out: Values,
) -> None:
    """Writes the value of a grid at each masked sample of a lattice, in order; leaves what lies outside the grid."""
    nx, ny, nz = values.shape
    count = 0
    for i in range(mask.shape[0]):
        for j in range(mask.shape[1]):
            for k in range(mask.shape[2]):
                if not mask[i, j, k]:
                    continue
                x, y, z = first[0] + step * i, first[1] + step * j, first[2] + step * k
                u = (there[0, 0] * x + there[0, 1] * y + there[0, 2] * z + there[0, 3] - origin[0]) / spacing
                v = (there[1, 0] * x + there[1, 1] * y + there[1, 2] * z + there[1, 3] - origin[1]) / spacing
                w = (there[2, 0] * x + there[2, 1] * y + there[2, 2] * z + there[2, 3] - origin[2]) / spacing
                if 0.0 <= u <= nx - 1 and 0.0 <= v <= ny - 1 and 0.0 <= w <= nz - 1:
                    out[count] = trilinear(values, u, v, w)
                count += 1
