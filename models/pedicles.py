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


SMALLEST_MM2 = 25.0
"""A smaller section is no pedicle (T4-T5 have about 4.5 x 12 mm, FIGURES a2)."""


REACH_MM = 8.0
"""Length of pedicle on either side of the isthmus that says which way it runs; assumed."""


USUAL_CONVERGENCE_DEG = 10.0
"""Toward the midline going forward: about the mean of T10-L3, and of all levels that have none of their own (FIGURES a2)."""

USUAL_OF_LEVEL_DEG = {"T4": 14.0, "T5": 12.0, "L5": 29.8}
"""... of the levels far from it (Zindrick 1987, FIGURES a2): a short broad pedicle says little of its direction by its depth."""

LEANING = 0.0005
"""mm of mean depth for each squared degree away from it; assumed: 25 degrees off must win 0.3 mm."""

LEVELLING = 0.1
"""By this share a level section must be smaller than the tilted one across the line of mid-heights to be preferred; assumed."""

DRIFT_MM = 4.0
"""The isthmus lies no farther across the axis from the seed; assumed."""


class _Canal(Protocol):
    @property
    def centre(self) -> Array: ...

    @property
    def radius(self) -> float: ...


def pedicle(probe: Probe, side: Side, wall: float, canal: _Canal, usual_deg: float = USUAL_CONVERGENCE_DEG) -> Pedicle:
    """The pedicle of a side; usual_deg: its level's usual convergence. Raises ValueError where no section behind the posterior wall shows one."""
    sign = 1.0 if side == "left" else -1.0
    seed = _seed(probe, sign, wall, canal)
    if seed is None:
        raise ValueError(f"no {side} pedicle between posterior wall and lamina")
    centre = seed
    for _ in range(2):
        aside, upward = _axis(probe, centre, sign, usual_deg)
        tilts = [
            (share, _forward(np.array([aside]), np.array([share * upward]))[0]) for share in (1.0, 0.75, 0.5, 0.25, 0.0)
        ]
        cuts = [(*_isthmus(probe, seed, centre, way), share, way) for share, way in tilts]
        _, centre, _, axis = min(cuts, key=lambda cut: cut[0] * (1.0 + LEVELLING * (1.0 - cut[2])))
    across, up = _across(axis)
    turn = np.arange(RING) * 2 * np.pi / RING
    way = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * up
    ring = centre + way * _without_spikes(np.array([probe.leaves(centre, w, 18.0) for w in way]))[:, None]
    width, height = _calipers(ring - centre, across, up)
    return Pedicle(probe.patient(centre), axis @ probe.axes, width, height, probe.patient(ring))


def _without_spikes(radius: Array) -> Array:
    """Radii no longer than 1.2 times the median of the nine round each: where a fragment touches, the ring passes it by."""
    round_it = np.stack([np.roll(radius, shift) for shift in range(-4, 5)])
    return np.asarray(np.minimum(radius, 1.2 * np.median(round_it, axis=0)))


def _across(axis: Array) -> tuple[Array, Array]:
    """Unit vectors across an axis: most to the left, most upward."""
    across = np.array([1.0, 0.0, 0.0]) - axis[0] * axis
    across = across / np.linalg.norm(across)
    up = np.cross(axis, across)
    return across, up * np.sign(up[2])


def _seed(probe: Probe, sign: float, wall: float, canal: _Canal) -> Array | None:
    """Centroid of the smallest piece of bone beside the canal in coronal sections from posterior wall to mid-canal.

    Pieces that reach the midline (body, lamina), lie low or far to the side are left out.
    """
    from scipy import ndimage

    left = canal.centre[0] + sign * np.arange(3.0, 42.0, STEP_MM)
    height = np.arange(-22.0, 26.0, STEP_MM)
    best, least = None, np.inf
    for posterior in np.arange(wall + 0.5, canal.centre[1] + 1.0, STEP_MM):
        labels, count = ndimage.label(probe.grid(left, np.array([posterior]), height)[:, 0] < 0.0)
        for piece in range(1, count + 1):
            i, k = np.nonzero(labels == piece)
            area = len(i) * STEP_MM**2
            beside = abs(left[i].mean() - canal.centre[0]) < canal.radius + 20.0
            if i.min() > 0 and beside and height[k].mean() > -6.0 and SMALLEST_MM2 < area < least:
                best, least = np.array([left[i].mean(), posterior, height[k].mean()]), area
    return best


def _axis(probe: Probe, centre: Array, sign: float, usual_deg: float) -> tuple[float, float]:
    """Degrees to the left and upward, going forward, of the line through a centre that keeps to the middle of the pedicle.

    Seen from above it is the line that runs deepest in bone for REACH_MM both ways (depth counts up to the depth at the
    centre, so that the wide body does not draw it); seen from the side, where a pedicle is tall and depth says little, the
    line half way between its upper and lower border. Where depth hardly tells, the usual convergence does.
    """
    along = np.linspace(-REACH_MM, REACH_MM, 33)
    deepest = float(-probe(centre))
    turns = np.arange(-45.0, 45.1, 1.0)
    unusual = LEANING * (turns + sign * usual_deg) ** 2
    aside, upward = -sign * usual_deg, 0.0
    for _ in range(2):
        ways = _forward(turns, np.full_like(turns, upward))
        depth = np.minimum(-probe(centre + along[None, :, None] * ways[:, None, :]), deepest).mean(axis=1)
        aside = float(turns[int(np.argmax(depth - unusual))])
        upward = _upward(probe, centre, _forward(np.array([aside]), np.zeros(1))[0], along)
    return aside, upward


def _upward(probe: Probe, centre: Array, forward: Array, along: Array) -> float:
    """Degrees by which the middle of a pedicle's height rises forward; columns much taller than the isthmus are no pedicle."""
    height = np.arange(-14.0, 14.1, 0.25)
    middle = len(height) // 2
    inside = probe(centre + along[:, None, None] * forward + height[None, :, None] * np.array([0.0, 0.0, 1.0])) < 0.0
    above, below = ~inside[:, middle:], ~inside[:, middle::-1]
    closed = inside[:, middle] & above.any(axis=1) & below.any(axis=1)
    top, bottom = 0.25 * above.argmax(axis=1), -0.25 * below.argmax(axis=1)
    if not closed[len(along) // 2]:
        return 0.0
    use = closed & (top - bottom <= 1.3 * (top - bottom)[len(along) // 2])
    if np.ptp(along[use]) < REACH_MM / 2:
        return 0.0
    slope = np.polyfit(along[use], (top + bottom)[use] / 2, 1)[0]
    return float(np.clip(np.degrees(np.arctan(slope)), -25.0, 25.0))


def _forward(aside: Array, upward: Array) -> Array:
    """(N, 3) unit vectors forward, turned to the left and upward by degrees."""
    a, u = np.radians(aside), np.radians(upward)
    return np.stack([np.sin(a) * np.cos(u), -np.cos(a) * np.cos(u), np.sin(u)], axis=-1)


def _isthmus(probe: Probe, seed: Array, centre: Array, axis: Array) -> tuple[float, Array]:
    """(area, centroid) of the smallest section across the axis from 2.5 mm in front of the seed to 5 mm behind it."""
    across, up = _across(axis)
    start = centre + axis * ((seed - centre)[1] / axis[1])
    sections = [_section(probe, start + t * axis, across, up) for t in np.arange(-5.0, 2.6, STEP_MM)]
    near = [section for section in sections if np.linalg.norm(np.cross(section[1] - seed, axis)) < DRIFT_MM]
    area, middle = min(near, key=lambda section: section[0], default=(np.inf, centre))
    return (area, middle) if np.isfinite(area) else (1.0e9, centre)


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
