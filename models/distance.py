"""Signed distance grids: made from any implicit function, sampled, differentiated.

In: values on a cubic grid whose zero set is a surface, negative inside. Out: signed distance [mm] to that zero set, exact
within the band to about spacing^2 / (8 * radius of curvature) (the zero set is taken piecewise linear between samples).
Frame: the grid's own. Not here: what the solids are (models/vertebra.py, models/labelled.py), meshes (models/surfaces.py).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.patient import Array, Grid

Values = NDArray[np.float32]


def redistance(values: NDArray[np.floating], spacing: float, band_mm: float = 4.0) -> Values:
    """(nx, ny, nz) signed distance [mm] to the zero set of `values`; signs as in `values`.

    Exact to the polygons of the zero set within `band_mm`; beyond it to a few hundredths of a millimetre. Method: every
    triangle of the zero set writes itself to the samples around it, nearest triangles are passed from sample to sample, and
    at the end each sample walks from its triangle to a nearer neighbour while there is one.
    Raises ValueError where the zero set is empty.
    """
    field = np.ascontiguousarray(values, dtype=np.float32)
    if not (field.min() < 0.0 < field.max()):
        raise ValueError("no surface: values have one sign all over")
    vertices, faces = polygons(field)
    corners = np.ascontiguousarray(vertices[faces].reshape(-1, 9), dtype=np.float64)
    beside = _neighbours(faces)
    distance = _spread(corners, beside, np.array(field.shape, dtype=np.int64), band_mm / spacing)
    distance *= np.where(field < 0.0, -spacing, spacing)
    return distance.astype(np.float32)


def polygons(values: Values) -> tuple[Array, NDArray[np.int64]]:
    """(vertices (V, 3) in units of the spacing, faces (F, 3)) of the zero set: marching cubes, as Lewiner."""
    from skimage import measure

    cubes: Any = measure.marching_cubes
    vertices, faces, _, _ = cubes(values, 0.0)
    return np.asarray(vertices, dtype=np.float64), np.asarray(faces, dtype=np.int64)


def _neighbours(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """(F, 3) the triangle across each edge, or the triangle itself where the surface ends there."""
    edges = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    key = edges[:, 0] * (faces.max() + 1) + edges[:, 1]
    order = np.argsort(key, kind="stable")
    pair = np.flatnonzero(key[order][1:] == key[order][:-1])
    beside = np.repeat(np.arange(len(faces)), 3)
    first, second = order[pair], order[pair + 1]
    beside[first], beside[second] = second // 3, first // 3
    return beside.reshape(-1, 3)


@compiled
def _to_triangle(c: NDArray[np.float64], x: float, y: float, z: float) -> Any:
    """Squared distance from a point to a triangle of corners c (9,): Ericson, Real-Time Collision Detection, 5.1.5."""
    abx, aby, abz = c[3] - c[0], c[4] - c[1], c[5] - c[2]
    acx, acy, acz = c[6] - c[0], c[7] - c[1], c[8] - c[2]
    apx, apy, apz = x - c[0], y - c[1], z - c[2]
    d1 = abx * apx + aby * apy + abz * apz
    d2 = acx * apx + acy * apy + acz * apz
    if d1 <= 0.0 and d2 <= 0.0:
        return apx * apx + apy * apy + apz * apz
    bpx, bpy, bpz = x - c[3], y - c[4], z - c[5]
    d3 = abx * bpx + aby * bpy + abz * bpz
    d4 = acx * bpx + acy * bpy + acz * bpz
    if d3 >= 0.0 and d4 <= d3:
        return bpx * bpx + bpy * bpy + bpz * bpz
    cpx, cpy, cpz = x - c[6], y - c[7], z - c[8]
    d5 = abx * cpx + aby * cpy + abz * cpz
    d6 = acx * cpx + acy * cpy + acz * cpz
    if d6 >= 0.0 and d5 <= d6:
        return cpx * cpx + cpy * cpy + cpz * cpz
    vc = d1 * d4 - d3 * d2
    vb = d5 * d2 - d1 * d6
    va = d3 * d6 - d5 * d4
    if vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        v, w = d1 / (d1 - d3), 0.0
    elif vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        v, w = 0.0, d2 / (d2 - d6)
    elif va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        v = 1.0 - w
    else:
        total = va + vb + vc
        v, w = vb / total, vc / total
    rx, ry, rz = apx - v * abx - w * acx, apy - v * aby - w * acy, apz - v * abz - w * acz
    return rx * rx + ry * ry + rz * rz


@compiled
def _spread(
    corners: NDArray[np.float64], beside: NDArray[np.int64], shape: NDArray[np.int64], band: float
) -> NDArray[np.float64]:
    """Unsigned distance of every sample to the nearest of triangles (T, 9) with neighbours (T, 3), in units of the spacing.

    Within the band a triangle is offered to all 26 neighbours of a sample that it is nearest to, beyond to 6.
    """
    nx, ny, nz = shape[0], shape[1], shape[2]
    count = nx * ny * nz
    nearest = np.full(count, -1, dtype=np.int32)
    square = np.full(count, 1.0e12)
    waiting = np.zeros(count, dtype=np.bool_)
    queue = np.empty(count + 1, dtype=np.int64)  # a ring: a sample waits in it at most once
    head, tail = 0, 0
    for t in range(corners.shape[0]):
        c = corners[t]
        i0 = max(int(np.floor(min(c[0], c[3], c[6]))) - 1, 0)
        i1 = min(int(np.ceil(max(c[0], c[3], c[6]))) + 1, nx - 1)
        j0 = max(int(np.floor(min(c[1], c[4], c[7]))) - 1, 0)
        j1 = min(int(np.ceil(max(c[1], c[4], c[7]))) + 1, ny - 1)
        k0 = max(int(np.floor(min(c[2], c[5], c[8]))) - 1, 0)
        k1 = min(int(np.ceil(max(c[2], c[5], c[8]))) + 1, nz - 1)
        for i in range(i0, i1 + 1):
            for j in range(j0, j1 + 1):
                for k in range(k0, k1 + 1):
                    at = (i * ny + j) * nz + k
                    found = _to_triangle(c, i, j, k)
                    if found < square[at]:
                        square[at] = found
                        nearest[at] = t
                        if not waiting[at]:
                            waiting[at] = True
                            queue[tail] = at
                            tail += 1
    while head != tail:
        here = queue[head]
        head = (head + 1) % (count + 1)
        waiting[here] = False
        near = square[here] < band * band
        c = corners[nearest[here]]
        i, j, k = here // (ny * nz), (here // nz) % ny, here % nz
        for di in range(-1, 2):
            for dj in range(-1, 2):
                for dk in range(-1, 2):
                    steps = abs(di) + abs(dj) + abs(dk)
                    if steps == 0 or (steps > 1 and not near):
                        continue
                    u, v, w = i + di, j + dj, k + dk
                    if u < 0 or v < 0 or w < 0 or u >= nx or v >= ny or w >= nz:
                        continue
                    to = (u * ny + v) * nz + w
                    if nearest[to] == nearest[here]:
                        continue
                    found = _to_triangle(c, u, v, w)
                    if found < square[to] * (1.0 - 1.0e-9):
                        square[to] = found
                        nearest[to] = nearest[here]
                        if not waiting[to]:
                            waiting[to] = True
                            queue[tail] = to
                            tail = (tail + 1) % (count + 1)
    for n in range(count):
        best = np.int64(-1)
        while best != nearest[n]:
            best = np.int64(nearest[n])
            for edge in range(3):
                found = _to_triangle(corners[beside[best, edge]], n // (ny * nz), (n // nz) % ny, n % nz)
                if found < square[n]:
                    square[n] = found
                    nearest[n] = beside[best, edge]
    return np.sqrt(square).reshape(nx, ny, nz)


@compiled
def _trilinear(values: Values, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) values at points in units of the spacing from the first sample; outside, at the nearest edge."""
    nx, ny, nz = values.shape
    out = np.empty(points.shape[0])
    for n in range(points.shape[0]):
        u = min(max(points[n, 0], 0.0), nx - 1.000001)
        v = min(max(points[n, 1], 0.0), ny - 1.000001)
        w = min(max(points[n, 2], 0.0), nz - 1.000001)
        i, j, k = int(u), int(v), int(w)
        u, v, w = u - i, v - j, w - k
        low = (values[i, j, k] * (1 - w) + values[i, j, k + 1] * w) * (1 - v)
        low += (values[i, j + 1, k] * (1 - w) + values[i, j + 1, k + 1] * w) * v
        high = (values[i + 1, j, k] * (1 - w) + values[i + 1, j, k + 1] * w) * (1 - v)
        high += (values[i + 1, j + 1, k] * (1 - w) + values[i + 1, j + 1, k + 1] * w) * v
        out[n] = low * (1 - u) + high * u
    return out


def sample(grid: Grid, points: NDArray[np.floating]) -> Array:
    """(...,) trilinear value of a grid at points (..., 3) of its frame, mm; outside, the value at the nearest edge."""
    flat = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    inside = np.ascontiguousarray((flat - grid.origin) / grid.spacing)
    return np.asarray(_trilinear(grid.values, inside)).reshape(np.shape(points)[:-1])


def gradient(grid: Grid, points: NDArray[np.floating]) -> Array:
    """(..., 3) gradient of a grid at points (..., 3) of its frame: central differences over one spacing."""
    where = np.asarray(points, dtype=np.float64)
    half = grid.spacing / 2
    parts = [(sample(grid, where + step) - sample(grid, where - step)) / grid.spacing for step in np.eye(3) * half]
    return np.stack(parts, axis=-1)
