"""The vertebral body: columns through it, end plates by their rims, heights.

In: a probe (models/probe.py) whose superior axis runs about along the canal, and where the canal is. Out: `Body`, in the
probe's frame, mm. A plate is the plane of its rim, so that a biconcave body keeps its end-plate planes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.patient import Array, Plate
from models.probe import Probe

ANGLES = 48
"""Rim points of a plate."""

SHOULDER_MM = 0.7
"""How far below its highest point a rim may have rounded off and still be rim; assumed."""

OUTER = 0.55
"""From this share of the radius outward a plate counts as rim; assumed (the ring apophysis is the outer third or so)."""

OUTLIER_MM = 2.5
"""Rim points farther from the plane than this have no say (osteophytes, broken corners); assumed."""


@dataclass(frozen=True)
class Body:
    """A vertebral body, probe's frame."""

    centre: Array  # (3,)
    wall: float  # posterior coordinate of the posterior wall in the midline
    superior: Plate
    inferior: Plate
    left: Array  # (L,) lattice of columns
    posterior: Array  # (P,)
    top: Array  # (L, P) height of the upper surface, nan beside the body
    bottom: Array  # (L, P)
    agreement: float  # share of rim points within 1.5 mm of their planes


def body(probe: Probe, canal: Array) -> Body:
    """The body in front of a canal whose middle is at `canal` (left, posterior). Raises ValueError where there is none."""
    start = _deepest(probe, canal)
    _, wall = front_and_wall(probe, canal, start[2])
    left = canal[0] + np.arange(-34.0, 34.1, 1.0)
    posterior = wall - np.arange(0.5, 48.0, 1.0)[::-1]
    middle = np.full((len(left), len(posterior)), start[2])
    for _ in range(3):
        top, bottom = _columns(probe, left, posterior, middle)
        foot = _footprint(left, posterior, top - bottom, start[:2])
        top, bottom = np.where(foot, top, np.nan), np.where(foot, bottom, np.nan)
        at = np.stack([*np.meshgrid(left, posterior, indexing="ij"), (top + bottom) / 2], axis=-1)
        sheet = _plane(at[foot])
        middle = sheet[0] + sheet[1] * at[..., 0] + sheet[2] * at[..., 1]
    centre2 = at[foot][:, :2].mean(axis=0)
    near = foot & (np.hypot(at[..., 0] - centre2[0], at[..., 1] - centre2[1]) < 3.0)
    if not near.any():
        raise ValueError("no body in front of the canal")
    centre = np.array([*centre2, np.median(at[near][:, 2])])
    upper, upper_agrees = _plate(left, posterior, top, centre2, 1.0)
    lower, lower_agrees = _plate(left, posterior, bottom, centre2, -1.0)
    _, wall = front_and_wall(probe, canal, centre[2])
    return Body(centre, wall, upper, lower, left, posterior, top, bottom, (upper_agrees + lower_agrees) / 2)


def front_and_wall(probe: Probe, canal: Array, height: float) -> tuple[float, float]:
    """Posterior coordinates of the body's front and of its posterior wall in the canal's midline at a height."""
    start = np.array([*canal, height])
    forward = np.array([0.0, -1.0, 0.0])
    wall = canal[1] - probe.enters(start, forward, 30.0)
    inside = np.array([canal[0], wall - 1.0, height])
    return float(wall - 1.0 - probe.leaves(inside, forward, 60.0)), float(wall)


def plane_height(plate: Plate, at: Array) -> Array:
    """Height of a plate's plane at (..., 2) left, posterior of its own frame."""
    n = plate.normal
    return np.asarray(plate.centre[2] - ((at[..., :2] - plate.centre[:2]) @ n[:2]) / n[2])


def heights(found: Body) -> tuple[float, float, float]:
    """(anterior, middle, posterior) height [mm]: between the rims in front and behind, through the centre in the middle."""
    turn = np.arange(ANGLES) * 2 * np.pi / ANGLES
    ends = []
    for angle in (-np.pi / 2, np.pi / 2):
        near = np.abs((turn - angle + np.pi) % (2 * np.pi) - np.pi) < np.radians(20.0)
        apart = np.median(found.superior.rim[near], axis=0) - np.median(found.inferior.rim[near], axis=0)
        ends.append(float(np.linalg.norm(apart)))
    beside = np.abs(found.left - found.centre[0])[:, None] < 3.0
    along = np.abs(found.posterior - found.centre[1])[None] < 3.0
    return ends[0], float(np.nanmedian((found.top - found.bottom)[beside & along])), ends[1]


def _deepest(probe: Probe, canal: Array) -> Array:
    """The point deepest in bone in front of the canal, near the midline."""
    left, posterior = canal[0] + np.arange(-8.0, 8.1, 1.0), canal[1] - np.arange(8.0, 45.1, 1.0)
    height = np.arange(-22.0, 22.1, 1.0)
    depth = probe.grid(left, posterior, height)
    i, j, k = np.unravel_index(int(np.argmin(depth)), depth.shape)
    if depth[i, j, k] > -2.0:
        raise ValueError("no body in front of the canal")
    return np.array([left[i], posterior[j], height[k]])


def _columns(probe: Probe, left: Array, posterior: Array, middle: Array) -> tuple[Array, Array]:
    """(top, bottom), each (L, P): ends of the bone through or nearest to the middle sheet; nan where there is none."""
    offset = np.arange(-28.0, 28.1, 0.5)
    at = np.stack(
        np.broadcast_arrays(left[:, None, None], posterior[None, :, None], middle[..., None] + offset), axis=-1
    )
    depth = probe(at)
    inside = depth < 0.0
    far = np.where(inside, np.abs(offset), np.inf)
    start = far.argmin(axis=2)[..., None]
    found = far.min(axis=2) <= 5.0
    k = np.arange(len(offset))
    above, below = (~inside) & (k > start), (~inside) & (k < start)
    up = np.where(above.any(axis=2), above.argmax(axis=2), -1)
    down = np.where(below.any(axis=2), len(offset) - 1 - below[..., ::-1].argmax(axis=2), -1)
    found &= (up > 0) & (down >= 0)

    def crossing(outside: NDArray[np.int64], step: int) -> Array:
        safe = np.clip(outside, 1, len(offset) - 2)
        out = np.take_along_axis(depth, safe[..., None], axis=2)[..., 0]
        into = np.take_along_axis(depth, (safe + step)[..., None], axis=2)[..., 0]
        return np.asarray(middle + offset[safe] + step * 0.5 * out / np.where(found, out - into, 1.0))

    return np.where(found, crossing(up, -1), np.nan), np.where(found, crossing(down, 1), np.nan)


def _footprint(left: Array, posterior: Array, thickness: Array, start: Array) -> NDArray[np.bool_]:
    """Columns of the body: in one piece with the start, at least 0.4 of its usual thickness; no spurs."""
    from scipy import ndimage

    there = np.isfinite(thickness)
    if not there.any():
        raise ValueError("no body in front of the canal")
    there &= np.nan_to_num(thickness) > 0.4 * np.nanmedian(thickness)
    there = ndimage.binary_opening(there, iterations=2)
    pieces, _ = ndimage.label(there)
    piece = pieces[np.abs(left - start[0]).argmin(), np.abs(posterior - start[1]).argmin()]
    if piece == 0:
        raise ValueError("no body in front of the canal")
    filled: NDArray[np.bool_] = (pieces == piece) & np.isfinite(thickness)
    return filled


def _plate(left: Array, posterior: Array, height: Array, centre: Array, up: float) -> tuple[Plate, float]:
    """(plate through the rim of a surface, share of rim points within 1.5 mm of it); up is +1 or -1."""
    turn = np.arange(ANGLES) * 2 * np.pi / ANGLES
    radius = np.arange(0.0, 45.0, 0.5)
    at = centre + radius[None, :, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)[:, None, :]
    i = np.clip(np.rint(at[..., 0] - left[0]), 0, len(left) - 1).astype(int)
    j = np.clip(np.rint(at[..., 1] - posterior[0]), 0, len(posterior) - 1).astype(int)
    inside = (np.abs(at[..., 0] - left[i]) <= 0.51) & (np.abs(at[..., 1] - posterior[j]) <= 0.51)
    profile = np.where(inside, up * height[i, j], np.nan)
    there = np.isfinite(profile)
    edge = np.where(there, radius, 0.0).max(axis=1)
    outer = there & (radius[None] >= OUTER * edge[:, None])
    plane = _plane(np.concatenate([at[outer], profile[outer][:, None]], axis=1))
    rows = np.arange(ANGLES)
    for _ in range(4):
        above = np.where(outer, profile - (plane[0] + at @ plane[1:]), -np.inf)
        last = np.where(above >= above.max(axis=1, keepdims=True) - SHOULDER_MM, radius, -1.0).argmax(axis=1)
        rim = np.concatenate([at[rows, last], profile[rows, last][:, None]], axis=1)
        plane = _plane(rim, tolerant=True)
    off = np.abs(rim[:, 2] - (plane[0] + rim[:, :2] @ plane[1:]))
    normal = np.array([-plane[1], -plane[2], 1.0]) * [1.0, 1.0, up]
    middle = rim[:, :2].mean(axis=0)
    rim[:, 2] *= up
    middle3 = np.array([*middle, up * (plane[0] + middle @ plane[1:])])
    return Plate(middle3, normal / np.linalg.norm(normal), rim), float((off < 1.5).mean())


def _plane(points: Array, tolerant: bool = False) -> Array:
    """(a, b, c) of height = a + b left + c posterior through points (N, 3); tolerant: Tukey's biweight."""
    rows = np.concatenate([np.ones((len(points), 1)), points[:, :2]], axis=1)
    weight = np.ones(len(points))
    for _ in range(10 if tolerant else 1):
        root = np.sqrt(weight)[:, None]
        plane = np.linalg.lstsq(rows * root, points[:, 2] * root[:, 0], rcond=None)[0]
        off = np.abs(points[:, 2] - rows @ plane)
        weight = np.maximum(1.0 - (off / max(OUTLIER_MM, 2.0 * float(np.median(off)))) ** 2, 0.0) ** 2 + 1e-6
    return np.asarray(plane)
