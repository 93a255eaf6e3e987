"""Signed-distance primitives and smooth blends, evaluated on a lattice.

A lattice is a box of samples; its three coordinate arrays broadcast, so a primitive costs one pass over the samples asked for.
In: coordinates [mm], sizes [mm]. Out: fields, negative inside, within about 20 % of a distance near their surface: they are
redistanced (models/distance.py) after the last blend. Frame: whatever the coordinates are in.
Not here: what the solids mean (vertebra.py, ribs.py, torso.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.patient import Grid

Values = NDArray[np.float32]
Points = tuple[Values, Values, Values]
Radius = Values | np.float32

OUTSIDE = np.float32(1.0e3)
"""mm: value of a lattice where no primitive has been drawn."""


@dataclass(frozen=True)
class Lattice:
    """Samples at origin + spacing * (i, j, k)."""

    origin: NDArray[np.float64]  # (3,) mm
    spacing: float  # mm
    shape: tuple[int, int, int]

    @staticmethod
    def around(low: ArrayLike, high: ArrayLike, spacing: float) -> "Lattice":
        """The lattice that holds the box low..high; samples lie on whole multiples of the spacing."""
        first = np.floor(np.asarray(low, dtype=np.float64) / spacing)
        last = np.ceil(np.asarray(high, dtype=np.float64) / spacing)
        nx, ny, nz = (last - first).astype(int) + 1
        return Lattice(first * spacing, spacing, (int(nx), int(ny), int(nz)))

    def points(self, window: tuple[slice, slice, slice] = (slice(None),) * 3) -> Points:
        """Three arrays (nx, 1, 1), (1, ny, 1), (1, 1, nz) that broadcast to the samples of a window."""
        x, y, z = (
            (self.origin[a] + self.spacing * np.arange(self.shape[a])).astype(np.float32)[window[a]] for a in range(3)
        )
        return x[:, None, None], y[None, :, None], z[None, None, :]

    def window(self, low: ArrayLike, high: ArrayLike) -> tuple[slice, slice, slice]:
        """The samples within a box, at least one along each axis."""
        first = np.floor((np.asarray(low) - self.origin) / self.spacing).astype(int)
        last = np.ceil((np.asarray(high) - self.origin) / self.spacing).astype(int) + 1
        x, y, z = (
            slice(min(max(int(a), 0), n - 1), max(min(int(b), n), 1))
            for a, b, n in zip(first, last, self.shape, strict=True)
        )
        return x, y, z

    def cropped(self, values: Values, margin: float) -> tuple["Lattice", Values]:
        """The part of the lattice within `margin` of where the values are negative, and the values there."""
        inside = values < 0.0
        wide = int(np.ceil(margin / self.spacing))
        window = []
        for axis in range(3):
            there = np.flatnonzero(inside.any(axis=tuple(a for a in range(3) if a != axis)))
            window.append(slice(max(int(there[0]) - wide, 0), int(there[-1]) + wide + 1))
        part = np.ascontiguousarray(values[window[0], window[1], window[2]])
        first = np.array([s.start for s in window])
        return Lattice(self.origin + self.spacing * first, self.spacing, part.shape), part

    def grid(self, values: Values) -> Grid:
        """The values as a Grid."""
        return Grid(np.ascontiguousarray(values, dtype=np.float32), self.origin.copy(), self.spacing)


class Canvas:
    """A lattice on which primitives are blended one after another, each only where it reaches."""

    def __init__(self, lattice: Lattice) -> None:
        self.lattice = lattice
        self.values: Values = np.full(lattice.shape, OUTSIDE, dtype=np.float32)

    def add(self, solid: "Solid", blend: float) -> None:
        """Joins a solid, rounding the seam over `blend` mm."""
        window = self.lattice.window(solid.low - blend - MARGIN, solid.high + blend + MARGIN)
        here = self.values[window]
        self.values[window] = smooth_union(here, solid.field(self.lattice.points(window)), blend)


MARGIN = 2.0
"""mm drawn beyond a primitive, so that the zero set is bracketed by true values."""


@dataclass(frozen=True)
class Solid:
    """A primitive: its field and the box that holds it."""

    field: Callable[[Points], Values]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def smooth_union(a: Values, b: Values, blend: float) -> Values:
    """min(a, b), with the seam rounded: h = max(blend - |a - b|, 0) / blend; min(a, b) - h^2 blend / 4.

    Changes nothing where the fields differ by more than `blend`. Source: I. Quilez, 'smooth minimum', quadratic polynomial.
    """
    if blend <= 0.0:
        return np.minimum(a, b)
    h = np.maximum(np.float32(blend) - np.abs(a - b), np.float32(0.0))
    out: Values = np.minimum(a, b) - h * h * np.float32(0.25 / blend)
    return out


def smooth_intersection(a: Values, b: Values, blend: float) -> Values:
    """max(a, b) with the edge rounded off; the mirror image of smooth_union."""
    out: Values = -smooth_union(-a, -b, blend)
    return out


def smooth_difference(a: Values, b: Values, blend: float) -> Values:
    """a without b, the edge rounded."""
    return smooth_intersection(a, -b, blend)


def frame(along: ArrayLike, up: ArrayLike = (0.0, 0.0, 1.0)) -> NDArray[np.float64]:
    """(3, 3) rows: unit `along`, unit across, and the part of `up` across the first, making a right-handed frame."""
    first = np.asarray(along, dtype=np.float64)
    first = first / np.linalg.norm(first)
    third = np.asarray(up, dtype=np.float64) - np.dot(up, first) * first
    third = third / np.linalg.norm(third)
    return np.stack([first, np.cross(third, first), third])


def _rotated(p: Points, centre: ArrayLike, axes: ArrayLike) -> Points:
    """Coordinates of the points along three unit axes (rows) from a centre."""
    c = np.asarray(centre, dtype=np.float32)
    a = np.asarray(axes, dtype=np.float32)
    x, y, z = p[0] - c[0], p[1] - c[1], p[2] - c[2]
    u, v, w = (x * r[0] + y * r[1] + z * r[2] for r in a)
    return u, v, w


def _from_scaled(u: Values, v: Values, w: Values, r: tuple[Radius, Radius, Radius]) -> Values:
    """About the distance to an ellipsoid: k0 (k0 - 1) / k1 with k0 = |p / r| and k1 = |p / r^2|.

    Exact for a sphere and to first order on the surface. Source: I. Quilez, 'ellipsoid SDF'.
    """
    su, sv, sw = u / r[0], v / r[1], w / r[2]
    k0 = np.sqrt(su * su + sv * sv + sw * sw)
    k1 = np.sqrt((su / r[0]) ** 2 + (sv / r[1]) ** 2 + (sw / r[2]) ** 2)
    at_centre = -np.minimum(np.minimum(r[0], r[1]), r[2])
    out: Values = np.where(k0 > 1e-5, k0 * (k0 - np.float32(1.0)) / np.maximum(k1, np.float32(1e-9)), at_centre)
    return out


def ellipsoid(centre: ArrayLike, radii: tuple[float, float, float], axes: ArrayLike | None = None) -> Solid:
    """An ellipsoid of three half axes along the rows of `axes` (default: the coordinates')."""
    rows = np.eye(3) if axes is None else np.asarray(axes, dtype=np.float64)
    reach = np.sqrt(((rows * np.asarray(radii)[:, None]) ** 2).sum(axis=0))
    middle = np.asarray(centre, dtype=np.float64)
    r = (np.float32(radii[0]), np.float32(radii[1]), np.float32(radii[2]))
    return Solid(lambda p: _from_scaled(*_rotated(p, middle, rows), r), middle - reach, middle + reach)


def limb(
    start: ArrayLike,
    end: ArrayLike,
    sizes: tuple[tuple[float, float], ...],
    up: ArrayLike = (0.0, 0.0, 1.0),
    cap: float | None = None,
) -> Solid:
    """A tube of elliptical section from start to end, with rounded ends.

    sizes: half axes (across, up) at the start and the end (two pairs), or start, middle and end (three): linear, or the
    parabola through them. `cap`: how far the rounded ends reach beyond start and end; the smaller half axis by default.
    """
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    length = float(np.linalg.norm(b - a))
    rows = frame(b - a, up)
    table = np.asarray(sizes, dtype=np.float64)
    stations = np.linspace(0.0, 1.0, len(table))
    across = np.polyfit(stations, table[:, 0], len(table) - 1).astype(np.float32)
    upward = np.polyfit(stations, table[:, 1], len(table) - 1).astype(np.float32)

    def field(p: Points) -> Values:
        w, u, v = _rotated(p, a, rows)
        along = np.clip(w, np.float32(0.0), np.float32(length))
        t = along / np.float32(length)
        ru, rv = np.polyval(across, t), np.polyval(upward, t)
        end_radius: Radius = np.minimum(ru, rv) if cap is None else np.float32(cap)
        return _from_scaled(u, v, w - along, (ru, rv, end_radius))

    reach = max(float(table.max()), cap or 0.0)
    return Solid(field, np.minimum(a, b) - reach, np.maximum(a, b) + reach)


def slab(centre: ArrayLike, axes: ArrayLike, half: tuple[float, float, float], rounding: float) -> Solid:
    """A box of three half sizes along the rows of `axes`, its edges rounded by a radius (within the box)."""
    middle = np.asarray(centre, dtype=np.float64)
    rows = np.asarray(axes, dtype=np.float64)
    core = np.maximum(np.asarray(half) - rounding, 0.0).astype(np.float32)

    def field(p: Points) -> Values:
        u, v, w = (np.abs(q) - c for q, c in zip(_rotated(p, middle, rows), core, strict=True))
        zero = np.float32(0.0)
        outside = np.sqrt(np.maximum(u, zero) ** 2 + np.maximum(v, zero) ** 2 + np.maximum(w, zero) ** 2)
        out: Values = outside + np.minimum(np.maximum(np.maximum(u, v), w), zero) - np.float32(rounding)
        return out

    reach = (np.abs(rows) * np.asarray(half)[:, None]).sum(axis=0)
    return Solid(field, middle - reach, middle + reach)


def sphere(centre: ArrayLike, radius: float) -> Solid:
    """A sphere; its field is exact."""
    return ellipsoid(centre, (radius, radius, radius))
