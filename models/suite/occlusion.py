"""How much light each vertex of a thing gets from around it: 1 in the open, less in corners and below ledges.

In: dressed meshes. Out: shade (V,) 0-1. The thing is put into a grid of cells and rays are marched from each vertex through
it. Units are the caller's (metres, or mm for what belongs to the patient). Not here: shadows between things (shaders/theatre).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WAYS = 48
"""Directions, even over the sphere; a vertex sees half of them."""

STEPS = 14
"""Places looked at on each ray."""

CELLS = 160
"""Most cells along the longest side."""


def shade(vertices: Array, normals: Array, blockers: Array, reach: float, cell: float) -> Array:
    """(V,) share of the light around that comes in from the hemisphere over each normal, weighed by its cosine.

    blockers (F, 3, 3): triangles that stand in the way. What is `reach` away no longer counts, what is near counts most.
    """
    if not len(blockers):
        return np.ones(len(vertices))
    low = blockers.min(axis=(0, 1)) - 2 * cell
    cell = max(cell, float((blockers.max(axis=(0, 1)) - low).max()) / CELLS)
    shape = np.ceil((blockers.max(axis=(0, 1)) + 2 * cell - low) / cell).astype(int) + 1
    full = np.zeros(shape, dtype=bool)
    full[tuple(np.floor((_covering(blockers, 0.5 * cell) - low) / cell).astype(int).T)] = True
    start = vertices + 1.3 * cell * normals
    far = np.linspace(0.3 * cell, reach, STEPS)
    light, most = np.zeros(len(vertices)), np.zeros(len(vertices))
    for way in _sphere(WAYS):
        facing = normals @ way
        seen = np.flatnonzero(facing > 0.05)
        blocked = np.zeros(len(seen))
        for distance in far[::-1]:
            place = np.floor((start[seen] + distance * way - low) / cell).astype(int)
            inside = ((place >= 0) & (place < shape)).all(axis=-1)
            hit = full[tuple(np.where(inside[:, None], place, 0).T)] & inside
            blocked[hit] = 1.0 - distance / (1.05 * reach)
        light[seen] += facing[seen] * (1.0 - blocked)
        most[seen] += facing[seen]
    return np.asarray(light / np.maximum(most, 1e-9))


def _sphere(count: int) -> Array:
    """(count, 3) directions, evenly spread (a spiral)."""
    i = np.arange(count) + 0.5
    z, turn = 1 - 2 * i / count, i * np.pi * (1 + 5**0.5)
    ring = np.sqrt(1 - z * z)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), z], axis=-1)


def _covering(triangles: Array, spacing: float) -> Array:
    """(N, 3) points over triangles, no further than `spacing` apart along their edges."""
    edges = triangles - np.roll(triangles, 1, axis=1)
    pieces = np.ceil(np.linalg.norm(edges, axis=-1).max(axis=-1) / spacing).astype(int)
    steps = 2 ** np.ceil(np.log2(np.maximum(pieces, 1))).astype(int)
    points = []
    for n in np.unique(steps):
        i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        keep = i + j <= n
        share = np.stack([i[keep], j[keep], n - i[keep] - j[keep]], axis=-1) / n
        points.append(np.einsum("kc,fcd->fkd", share, triangles[steps == n]).reshape(-1, 3))
    return np.concatenate(points)
