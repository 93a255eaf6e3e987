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
from models.pieces import each

Values = NDArray[np.float32]


def redistance(values: NDArray[np.floating], spacing: float, band_mm: float = 4.0) -> Values:
    """(nx, ny, nz) signed distance [mm] to the zero set of `values`; signs as in `values`, zero counts as inside.

    Exact to the polygons of the zero set within `band_mm` (0.02 mm in practice); beyond it, from a lattice of twice the
    spacing, to about 0.1 mm. Method: every triangle of the zero set writes itself to the samples round it, nearest triangles
    are passed from sample to sample, and at the end each sample asks its neighbours and walks to nearer triangles while
    there are any. Raises ValueError where the zero set is empty.
    """
    field = np.array(values, dtype=np.float32, order="C")
    field[
        field == 0.0
    ] = -1.0e-6  # a sample on the surface counts as inside, so that a lone zero in a solid is no bubble
    if not (field.min() < 0.0 < field.max()):
        raise ValueError("no surface: values have one sign all over")
    vertices, faces = polygons(field)
    corners = np.ascontiguousarray(vertices[faces].reshape(-1, 9))
    beside = _neighbours(faces)
    band = band_mm / spacing + 1.5  # so that differences taken at the edge of the band are right too
    shape = np.array(field.shape, dtype=np.int64)
    lattices = ((corners, shape, band), (corners / 2.0, (shape + 1) // 2 + 1, np.inf))
    near, far = each(lambda lattice: _unsigned(lattice[0], beside, *lattice[1:]), lattices)
    distance = _joined(near.reshape(field.shape), far.reshape((shape + 1) // 2 + 1), band)
    return np.asarray(distance * np.where(field < 0.0, -spacing, spacing), dtype=np.float32)


def _unsigned(corners: Array, beside: NDArray[np.int64], shape: NDArray[np.int64], band: float) -> Array:
    """(n,) distance of each sample to the nearest of triangles (T, 9) with neighbours (T, 3), in units of the spacing.

    Samples farther than the band get some larger number.
    """
    square, nearest = np.full(int(np.prod(shape)), 1.0e12), np.full(int(np.prod(shape)), -1, dtype=np.int32)
    _write(corners, shape, square, nearest)
    _pass_on(corners, shape, square, nearest, band)
    _settle(corners, beside, shape, square, nearest, band)
    return np.asarray(np.sqrt(square))


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
def _to_triangle(corners: NDArray[np.float64], t: int, x: float, y: float, z: float) -> Any:
    """Squared distance from a point to triangle t of corners (T, 9): Ericson, Real-Time Collision Detection, 5.1.5."""
    ax, ay, az = corners[t, 0], corners[t, 1], corners[t, 2]
    bx, by, bz = corners[t, 3], corners[t, 4], corners[t, 5]
    cx, cy, cz = corners[t, 6], corners[t, 7], corners[t, 8]
    abx, aby, abz = bx - ax, by - ay, bz - az
    acx, acy, acz = cx - ax, cy - ay, cz - az
    apx, apy, apz = x - ax, y - ay, z - az
    d1 = abx * apx + aby * apy + abz * apz
    d2 = acx * apx + acy * apy + acz * apz
    if d1 <= 0.0 and d2 <= 0.0:
        return apx * apx + apy * apy + apz * apz
    bpx, bpy, bpz = x - bx, y - by, z - bz
    d3 = abx * bpx + aby * bpy + abz * bpz
    d4 = acx * bpx + acy * bpy + acz * bpz
    if d3 >= 0.0 and d4 <= d3:
        return bpx * bpx + bpy * bpy + bpz * bpz
    cpx, cpy, cpz = x - cx, y - cy, z - cz
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
def _write(
    corners: NDArray[np.float64],
    shape: NDArray[np.int64],
    square: NDArray[np.float64],
    nearest: NDArray[np.int32],
) -> None:
    """Writes each triangle's squared distance to the samples in its box and one beyond, where it is the nearest so far."""
    ny, nz = shape[1], shape[2]
    for t in range(corners.shape[0]):
        low, high = np.empty(3, np.int64), np.empty(3, np.int64)
        for axis in range(3):
            a, b, c = corners[t, axis], corners[t, 3 + axis], corners[t, 6 + axis]
            low[axis] = max(int(np.floor(min(a, b, c))) - 1, 0)
            high[axis] = min(int(np.ceil(max(a, b, c))) + 1, shape[axis] - 1)
        for i in range(low[0], high[0] + 1):
            for j in range(low[1], high[1] + 1):
                for k in range(low[2], high[2] + 1):
                    at = (i * ny + j) * nz + k
                    found = _to_triangle(corners, t, i, j, k)
                    if found < square[at]:
                        square[at] = found
                        nearest[at] = t


@compiled
def _pass_on(
    corners: NDArray[np.float64],
    shape: NDArray[np.int64],
    square: NDArray[np.float64],
    nearest: NDArray[np.int32],
    band: float,
) -> None:
    """Each sample within the band offers its triangle to its six neighbours, until no offer is taken."""
    nx, ny, nz = shape[0], shape[1], shape[2]
    count = nx * ny * nz
    waiting = np.zeros(count, dtype=np.bool_)
    queue = np.empty(count + 1, dtype=np.int64)  # a ring: a sample waits in it at most once
    head, tail = 0, 0
    for n in range(count):
        if nearest[n] >= 0:
            waiting[n] = True
            queue[tail] = n
            tail += 1
    while head != tail:
        here = queue[head]
        head = 0 if head == count else head + 1
        waiting[here] = False
        if square[here] > band * band:
            continue
        t = nearest[here]
        i, rest = divmod(here, ny * nz)
        j, k = divmod(rest, nz)
        for way in range(6):
            u, v, w, to = i, j, k, here
            if way < 2:
                u = i + 2 * way - 1
                to = here + (2 * way - 1) * ny * nz
                if u < 0 or u >= nx:
                    continue
            elif way < 4:
                v = j + 2 * way - 5
                to = here + (2 * way - 5) * nz
                if v < 0 or v >= ny:
                    continue
            else:
                w = k + 2 * way - 9
                to = here + 2 * way - 9
                if w < 0 or w >= nz:
                    continue
            if nearest[to] == t:
                continue
            found = _to_triangle(corners, t, u, v, w)
            if found < square[to] * (1.0 - 1.0e-9):
                square[to] = found
                nearest[to] = t
                if not waiting[to]:
                    waiting[to] = True
                    queue[tail] = to
                    tail = 0 if tail == count else tail + 1


@compiled
def _settle(
    corners: NDArray[np.float64],
    beside: NDArray[np.int64],
    shape: NDArray[np.int64],
    square: NDArray[np.float64],
    nearest: NDArray[np.int32],
    band: float,
) -> None:
    """Two sweeps, there and back: each sample tries its neighbours' triangles, then walks across edges while it gets nearer.

    On the way back only what changed behind a sample on the way there is new to it.
    """
    nx, ny, nz = shape[0], shape[1], shape[2]
    changed = np.zeros(square.shape[0], dtype=np.bool_)
    for sweep in range(2):
        for m in range(nx * ny):
            line = m if sweep == 0 else nx * ny - 1 - m
            i, j = divmod(line, ny)
            for along in range(nz):
                k = along if sweep == 0 else nz - 1 - along
                n = line * nz + k
                if square[n] > band * band:
                    continue
                first = nearest[n]
                for way in range(6):
                    ahead = way % 2 == 1
                    if sweep == 1 and not ahead:
                        continue
                    place, end, stride = (i, nx, ny * nz) if way < 2 else (j, ny, nz) if way < 4 else (k, nz, 1)
                    if place == (end - 1 if ahead else 0):
                        continue
                    there = n + stride if ahead else n - stride
                    t = nearest[there]
                    if t < 0 or t == nearest[n] or (sweep == 1 and not changed[there]):
                        continue
                    found = _to_triangle(corners, t, i, j, k)
                    if found < square[n]:
                        square[n] = found
                        nearest[n] = t
                if sweep == 1 and nearest[n] == first:
                    continue
                best = np.int32(-1)
                while best != nearest[n]:
                    best = nearest[n]
                    for edge in range(3):
                        found = _to_triangle(corners, beside[best, edge], i, j, k)
                        if found < square[n]:
                            square[n] = found
                            nearest[n] = beside[best, edge]
                changed[n] = changed[n] or nearest[n] != first


@compiled
def _joined(near: NDArray[np.float64], far: NDArray[np.float64], band: float) -> NDArray[np.float64]:
    """`near` within the band; beyond, twice the trilinear value of `far`, a lattice of twice the spacing, not below the band."""
    nx, ny, nz = near.shape
    out = np.empty(near.shape)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if near[i, j, k] <= band:
                    out[i, j, k] = near[i, j, k]
                    continue
                total = 0.0
                a, b, c = i // 2, j // 2, k // 2
                for u in range(a, a + 1 + i % 2):
                    for v in range(b, b + 1 + j % 2):
                        for w in range(c, c + 1 + k % 2):
                            total += far[u, v, w]
                total /= (1 + i % 2) * (1 + j % 2) * (1 + k % 2)
                out[i, j, k] = max(2.0 * total, band)
    return out


@compiled
def trilinear(values: Values, x: float, y: float, z: float) -> Any:
    """The value at a point in units of the spacing from the first sample; outside, at the nearest edge."""
    nx, ny, nz = values.shape
    u = min(max(x, 0.0), nx - 1.000001)
    v = min(max(y, 0.0), ny - 1.000001)
    w = min(max(z, 0.0), nz - 1.000001)
    i, j, k = int(u), int(v), int(w)
    u, v, w = u - i, v - j, w - k
    low = (values[i, j, k] * (1 - w) + values[i, j, k + 1] * w) * (1 - v)
    low += (values[i, j + 1, k] * (1 - w) + values[i, j + 1, k + 1] * w) * v
    high = (values[i + 1, j, k] * (1 - w) + values[i + 1, j, k + 1] * w) * (1 - v)
    high += (values[i + 1, j + 1, k] * (1 - w) + values[i + 1, j + 1, k + 1] * w) * v
    return low * (1 - u) + high * u


@compiled
def _trilinear(values: Values, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) values at points (N, 3) in units of the spacing from the first sample."""
    out = np.empty(points.shape[0])
    for n in range(points.shape[0]):
        out[n] = trilinear(values, points[n, 0], points[n, 1], points[n, 2])
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
