"""How much light each vertex of a thing gets from around it: 1 in the open, less in corners and below ledges (never below LEAST).

In: dressed meshes. Out: shade (V,) 0-1. The thing is put into a grid of cells and rays are marched from each vertex through
it. Units are the caller's (metres, or mm for what belongs to the patient). Not here: shadows between things (shaders/theatre).
"""

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

Array = NDArray[np.float64]

WAYS = 64
"""Directions, even over the sphere; a vertex sees half of them."""

STEPS = 16
"""Places looked at on each ray."""

CELLS = 20_000_000
"""Most cells in the grid; where a thing would need more they become larger."""


LEAST = 0.35
"""What a vertex has at least: light that comes by way of other surfaces, and so that one hidden behind a thing does not darken
the wall around it far and wide; assumed."""


def shade(vertices: Array, normals: Array, blockers: Array, reach: float, cell: float) -> Array:
    """(V,) share of the light around that comes in from the hemisphere over each normal, weighed by its cosine.

    blockers (F, 3, 3): triangles that stand in the way. What is `reach` away no longer counts, what is near counts most.
    """
    if not len(blockers):
        return np.ones(len(vertices))
    triangles = np.ascontiguousarray(blockers, dtype=np.float64)
    span = triangles.max(axis=(0, 1)) - triangles.min(axis=(0, 1))
    cell = max(cell, float(np.prod(span + 4 * cell) / CELLS) ** (1 / 3))
    low = triangles.min(axis=(0, 1)) - 2 * cell
    full = np.zeros(np.ceil((span + 4 * cell) / cell).astype(int) + 1, dtype=np.uint8)
    _fill(full, triangles, low, cell)
    start = np.ascontiguousarray(vertices + 1.6 * cell * normals)
    far = np.linspace(0.3 * cell, reach, STEPS)
    light: Array = _light(start, np.ascontiguousarray(normals, dtype=np.float64), full, low, cell, _sphere(WAYS), far)
    return np.maximum(light, LEAST)


def _sphere(count: int) -> Array:
    """(count, 3) directions, evenly spread (a spiral)."""
    i = np.arange(count) + 0.5
    z, turn = 1 - 2 * i / count, i * np.pi * (1 + 5**0.5)
    ring = np.sqrt(1 - z * z)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), z], axis=-1)


@compiled
def _fill(full: NDArray[np.uint8], triangles: Array, low: Array, cell: float) -> None:
    """Marks every cell that a triangle passes through: rows of points half a cell apart, across from its sharpest corner."""
    for f in range(len(triangles)):
        t = triangles[f]
        ab, bc, ca = np.linalg.norm(t[1] - t[0]), np.linalg.norm(t[2] - t[1]), np.linalg.norm(t[0] - t[2])
        tip = 0 if bc <= ab and bc <= ca else (1 if ca <= ab else 2)
        a, b, c = t[tip], t[(tip + 1) % 3], t[(tip + 2) % 3]
        rows = int(np.ceil(2 * max(np.linalg.norm(b - a), np.linalg.norm(c - a)) / cell)) + 1
        for i in range(rows + 1):
            p, q = a + (b - a) * (i / rows), a + (c - a) * (i / rows)
            many = int(np.ceil(2 * np.linalg.norm(q - p) / cell)) + 1
            for j in range(many + 1):
                s = j / many
                x = int((p[0] + (q[0] - p[0]) * s - low[0]) / cell)
                y = int((p[1] + (q[1] - p[1]) * s - low[1]) / cell)
                z = int((p[2] + (q[2] - p[2]) * s - low[2]) / cell)
                full[x, y, z] = 1


@compiled
def _light(
    start: Array, normals: Array, full: NDArray[np.uint8], low: Array, cell: float, ways: Array, far: Array
) -> Array:
    """(V,) what comes in along `ways`, of all that could; a cell that is met `far` away takes less the further it is."""
    nx, ny, nz = full.shape
    reach = 1.05 * far[-1]
    share = np.ones(len(start))
    for v in range(len(start)):
        light, most = 0.0, 0.0
        for w in range(len(ways)):
            facing = normals[v, 0] * ways[w, 0] + normals[v, 1] * ways[w, 1] + normals[v, 2] * ways[w, 2]
            if facing < 0.05:
                continue
            most += facing
            light += facing
            for k in range(len(far)):
                x = int(np.floor((start[v, 0] + far[k] * ways[w, 0] - low[0]) / cell))
                y = int(np.floor((start[v, 1] + far[k] * ways[w, 1] - low[1]) / cell))
                z = int(np.floor((start[v, 2] + far[k] * ways[w, 2] - low[2]) / cell))
                if x < 0 or y < 0 or z < 0 or x >= nx or y >= ny or z >= nz:
                    break
                if full[x, y, z]:
                    light -= facing * (1.0 - far[k] / reach)
                    break
        if most > 0.0:
            share[v] = light / most
    return share
