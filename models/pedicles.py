"""A pedicle by its cross-sections: where it is narrowest, which way it runs, its outline there.

In: a probe in the vertebra's own frame, the posterior wall, the canal. Out: `models.patient.Pedicle`, patient frame, mm.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.patient import Array, Pedicle, Side
from models.probe import Probe

RING = 48
"""Points of the outline."""

STEP_MM = 0.5
"""Lattice of a section."""


class _Canal(Protocol):
    @property
    def centre(self) -> Array: ...

    @property
    def radius(self) -> float: ...


def pedicle(probe: Probe, side: Side, wall: float, canal: _Canal) -> Pedicle:
    """The pedicle of a side. Raises ValueError where no section behind the posterior wall shows one."""
    sign = 1.0 if side == "left" else -1.0
    centre = _seed(probe, sign, wall, canal)
    axis = np.array([0.0, -1.0, 0.0])
    for _ in range(4):
        centre, axis = _refined(probe, centre, axis, canal.radius)
    across, up = _across(axis)
    turn = np.arange(RING) * 2 * np.pi / RING
    way = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * up
    ring = centre + way * np.array([probe.leaves(centre, w, 18.0) for w in way])[:, None]
    width, height = _calipers(ring - centre, across, up)
    return Pedicle(probe.patient(centre), axis @ probe.axes, width, height, probe.patient(ring))


def _across(axis: Array) -> tuple[Array, Array]:
    """Unit vectors across an axis: most to the left, most upward."""
    across = np.array([1.0, 0.0, 0.0]) - axis[0] * axis
    across = across / np.linalg.norm(across)
    up = np.cross(axis, across)
    return across, up * np.sign(up[2])


def _seed(probe: Probe, sign: float, wall: float, canal: _Canal) -> Array:
    """Centre of the smallest piece of bone beside the canal among coronal sections between posterior wall and mid-canal."""
    from scipy import ndimage

    left = canal.centre[0] + sign * np.arange(3.0, 30.0, STEP_MM)
    height = np.arange(-22.0, 26.0, STEP_MM)
    depths = np.arange(wall + 1.0, canal.centre[1] + 1.0, 0.5)
    best, least = None, np.inf
    for posterior in depths:
        inside = probe.grid(left, np.array([posterior]), height)[:, 0] < 0.0
        pieces, count = ndimage.label(inside)
        sizes = ndimage.sum_labels(inside, pieces, np.arange(1, count + 1)) if count else np.zeros(0)
        for piece in np.flatnonzero(sizes * STEP_MM**2 > 12.0) + 1:
            i, k = np.nonzero(pieces == piece)
            clear = i.min() > 0  # does not reach the midline: neither body nor lamina
            beside = abs(left[i].mean() - canal.centre[0]) < canal.radius + 12.0
            if clear and beside and height[k].mean() > -6.0 and sizes[piece - 1] < least:
                least = sizes[piece - 1]
                best = np.array([left[i].mean(), posterior, height[k].mean()])
    if best is None:
        raise ValueError(f"no {'left' if sign > 0 else 'right'} pedicle between posterior wall and lamina")
    return best


def _refined(probe: Probe, centre: Array, axis: Array, reach: float) -> tuple[Array, Array]:
    """(centre, axis) anew: smallest of the sections across the axis within `reach`/2, and the line through those near it."""
    across, up = _across(axis)
    along = np.arange(-reach / 2, reach / 2 + 0.1, 0.5)
    areas, centres = [], []
    for t in along:
        area, middle = _section(probe, centre + t * axis, across, up)
        areas.append(area)
        centres.append(middle)
    size, where = np.array(areas), np.array(centres)
    if not np.isfinite(size).any():
        raise ValueError("a pedicle that has no section across its axis")
    best = int(np.argmin(size))
    near = (np.abs(along - along[best]) <= 4.0) & (size <= 1.5 * size[best])
    if near.sum() >= 3:
        slope = np.polyfit(along[near], where[near], 1)[0]
        axis = slope / np.linalg.norm(slope)
    return where[best], axis


def _section(probe: Probe, centre: Array, across: Array, up: Array) -> tuple[float, Array]:
    """(area, centroid) of the piece of bone round a point in the plane across the axis; infinite where none is there."""
    from scipy import ndimage

    u, v = np.arange(-14.0, 14.1, STEP_MM), np.arange(-16.0, 16.1, STEP_MM)
    at = centre + u[:, None, None] * across + v[None, :, None] * up
    inside: NDArray[np.bool_] = probe(at) < 0.0
    pieces, _ = ndimage.label(inside)
    i, k = len(u) // 2, len(v) // 2
    piece = pieces[i, k]
    if piece == 0:
        return np.inf, centre
    mask = pieces == piece
    return float(mask.sum()) * STEP_MM**2, np.asarray(at[mask].mean(axis=0))


def _calipers(ring: Array, across: Array, up: Array) -> tuple[float, float]:
    """(width, height): least breadth within 35 degrees of the lateral direction, and the breadth square to it."""
    turn = np.radians(np.arange(-35.0, 35.1, 2.5))
    ways = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * up
    breadth = np.ptp(ring @ ways.T, axis=0)
    best = int(np.argmin(breadth))
    square = -np.sin(turn[best]) * across + np.cos(turn[best]) * up
    return float(breadth[best]), float(np.ptp(ring @ square))
