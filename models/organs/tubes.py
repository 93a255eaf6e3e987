"""Round and elliptical tubes with exact distances: vessels, nerves, sac and cord.

In: lines with radii, or sections. Out: Regions whose grids hold the distance to capsules, capped REACH_MM outside (there a lower
bound). Patient frame, mm. Not here: where the lines run.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.organs.anatomy import Anatomy
from models.patient import Region
from models.solids import Lattice, Values

Array = NDArray[np.float64]
Line = tuple[Array, Array]  # points (N, 3), radii (N,)

REACH_MM = 5.0
"""Distances are told so far outside; beyond, a grid answers this."""

STEP_MM = 2.0
"""Length of the straight pieces of a tube; a root's are shorter."""


def tube(
    anatomy: Anatomy,
    name: str,
    tissue: int,
    lines: Sequence[Line],
    spacing: float,
    gap_mm: float | None = None,
) -> Region:
    """A Region of round tubes, which X-rays pass as what is round them; what lies within `gap_mm` of bone is taken off (None: nothing)."""
    points = np.concatenate([line for line, _ in lines])
    most = max(float(radii.max()) for _, radii in lines)
    lattice = Lattice.around(points.min(axis=0) - most - REACH_MM, points.max(axis=0) + most + REACH_MM, spacing)
    pieces = np.concatenate([np.column_stack([p[:-1], p[1:], r[:-1], r[1:]]) for p, r in lines])
    values = np.full(lattice.shape, REACH_MM, dtype=np.float32)
    _draw(values, lattice.origin, spacing, pieces)
    if gap_mm is not None:
        values = anatomy.carved(lattice, values, gap_mm)
    return Region(name, int(tissue), lattice.grid(values), None)


def elliptical(sections: Array, spacing: float) -> tuple[Lattice, Values]:
    """(lattice, distance) of a tube through sections (M, 11): centre, left, posterior (unit), half width, half depth; cut flat at
    both ends. Sections follow one another downward, closely, and their planes do not meet inside the tube.
    """
    reach = sections[:, 9:].max() + REACH_MM
    lattice = Lattice.around(sections[:, :3].min(axis=0) - reach, sections[:, :3].max(axis=0) + reach, spacing)
    values = np.full(lattice.shape, REACH_MM, dtype=np.float32)
    _draw_elliptical(values, lattice.origin, spacing, np.ascontiguousarray(sections), float(reach))
    return lattice, values


@compiled
def _draw(values: Values, origin: Array, spacing: float, pieces: Array) -> None:
    """Writes min(value, distance to a cone-like piece) wherever it is below REACH_MM. pieces (S, 8): from, to, radii."""
    for s in range(pieces.shape[0]):
        a, b = pieces[s, :3], pieces[s, 3:6]
        reach = max(pieces[s, 6], pieces[s, 7]) + REACH_MM
        first, last = np.empty(3, dtype=np.int64), np.empty(3, dtype=np.int64)
        length2 = 1e-12
        for k in range(3):
            length2 += (b[k] - a[k]) ** 2
            first[k] = max(int(np.floor((min(a[k], b[k]) - reach - origin[k]) / spacing)), 0)
            last[k] = min(int(np.ceil((max(a[k], b[k]) + reach - origin[k]) / spacing)) + 1, values.shape[k])
        for i in range(first[0], last[0]):
            x = origin[0] + spacing * i - a[0]
            for j in range(first[1], last[1]):
                y = origin[1] + spacing * j - a[1]
                for k in range(first[2], last[2]):
                    z = origin[2] + spacing * k - a[2]
                    t = (x * (b[0] - a[0]) + y * (b[1] - a[1]) + z * (b[2] - a[2])) / length2
                    t = min(max(t, 0.0), 1.0)
                    square = (x - t * (b[0] - a[0])) ** 2 + (y - t * (b[1] - a[1])) ** 2 + (z - t * (b[2] - a[2])) ** 2
                    d = np.sqrt(square) - pieces[s, 6] - t * (pieces[s, 7] - pieces[s, 6])
                    values[i, j, k] = min(values[i, j, k], d)


@compiled
def to_ellipse(u: float, v: float, a: float, b: float) -> float:
    """Signed distance of (u, v) to an ellipse of half axes a and b, negative inside.

    Walks to the foot by the centre of curvature (C. Chatfield, 'Simple method for distance to ellipse', 2017): within 1e-3 after
    four steps for axes up to 1 : 2.
    """
    px, py = abs(u), abs(v)
    tx, ty = 0.70710678, 0.70710678
    for _ in range(4):
        ex, ey = (a * a - b * b) * tx**3 / a, (b * b - a * a) * ty**3 / b
        r = np.sqrt((a * tx - ex) ** 2 + (b * ty - ey) ** 2)
        q = max(np.sqrt((px - ex) ** 2 + (py - ey) ** 2), 1e-9)
        tx = min(max(((px - ex) * r / q + ex) / a, 0.0), 1.0)
        ty = min(max(((py - ey) * r / q + ey) / b, 0.0), 1.0)
        t = max(np.sqrt(tx * tx + ty * ty), 1e-9)
        tx, ty = tx / t, ty / t
    apart = np.sqrt((px - a * tx) ** 2 + (py - b * ty) ** 2)
    return float(-apart if (px / a) ** 2 + (py / b) ** 2 < 1.0 else apart)


@compiled
def _draw_elliptical(values: Values, origin: Array, spacing: float, sections: Array, reach: float) -> None:
    """Each sample belongs to the piece between whose two planes it lies; beyond the ends, to the end's plane."""
    count = sections.shape[0]
    normal = np.empty((count, 3))
    for s in range(count):
        left, back = sections[s, 3:6], sections[s, 6:9]
        for k in range(3):
            n, m = (k + 1) % 3, (k + 2) % 3
            normal[s, k] = -(left[n] * back[m] - left[m] * back[n])  # downward
    for s in range(count - 1):
        a, b = sections[s], sections[s + 1]
        first, last = np.empty(3, dtype=np.int64), np.empty(3, dtype=np.int64)
        for k in range(3):
            first[k] = max(int(np.floor((min(a[k], b[k]) - reach - origin[k]) / spacing)), 0)
            last[k] = min(int(np.ceil((max(a[k], b[k]) + reach - origin[k]) / spacing)) + 1, values.shape[k])
        p, mix = np.empty(3), np.empty(11)
        for i in range(first[0], last[0]):
            p[0] = origin[0] + spacing * i
            for j in range(first[1], last[1]):
                p[1] = origin[1] + spacing * j
                for k in range(first[2], last[2]):
                    p[2] = origin[2] + spacing * k
                    above, below = 0.0, 0.0
                    for c in range(3):
                        above += (p[c] - a[c]) * normal[s, c]
                        below += (p[c] - b[c]) * normal[s + 1, c]
                    beyond = 0.0
                    if above < 0.0:
                        if s > 0:
                            continue
                        beyond = -above
                    elif below >= 0.0:
                        if s < count - 2:
                            continue
                        beyond = below
                    t = min(max(above / max(above - below, 1e-9), 0.0), 1.0)
                    u, v = 0.0, 0.0
                    for c in range(11):
                        mix[c] = a[c] + t * (b[c] - a[c])
                    for c in range(3):
                        u += (p[c] - mix[c]) * mix[3 + c]
                        v += (p[c] - mix[c]) * mix[6 + c]
                    d = to_ellipse(u, v, mix[9], mix[10])
                    if beyond > 0.0:
                        d = np.sqrt(d * d + beyond * beyond) if d > 0.0 else max(d, beyond)
                    values[i, j, k] = min(values[i, j, k], d)
