"""Closed surfaces of a bone: outer cortex from the distance grid, inner cortex as the same mesh moved inward.

In: grids of one bone, its frame, mm. Out: vertices and faces, counter-clockwise seen from outside, or a whole Bone.
Two independently decimated shells err 1-5 % in path length through the cortex; one mesh moved inward does not.
Not here: where the walls are thick (models/vertebra.py), instruments (models/instrument_surfaces.py).
"""

from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.distance import gradient, polygons, sample
from models.patient import Array, Bone, Grid, Surface
from models.tissue import medium

Vertices = NDArray[np.float32]
Faces = NDArray[np.int32]
Level = Callable[[Array], Array]

MEETING = 0.98
"""Share of the way to the middle of a thin plate that its inner surfaces may go: they stay apart, and in order."""

GRAIN_MM = 0.005
"""Differences of a trilinear grid this small are its grain, not a change of the wall."""

SNAP = 0.02
"""Samples nearer to the surface (in spacings) are moved off it before triangles are made, so that none is a point or line;
vertices go back to the level set afterwards."""

_ONE_AT_A_TIME = Lock()
"""fast_simplification keeps its mesh in one global place between the calls that load, reduce and return it: two threads at once
get triangles of each other's."""


def mesh(
    grid: Grid, target_faces: int = 15000, error_mm: float = 0.05, exact: Level | None = None
) -> tuple[Vertices, Faces]:
    """(vertices (V, 3), faces (F, 3)) of the zero set of a distance grid: closed, outward, near the level set.

    Marching cubes, decimated to `target_faces`, or to as many more as keep 99 % of the triangles' centres within `error_mm`
    and all vertices within twice that of the level set. Vertices are put back on it, then moved out by half the sag of the
    triangles round them, so that chords neither lose nor gain length. `exact` is the distance function (N, 3) -> (N,) where
    one is known: without it the surface is the grid's own, which lies about spacing^2 / (6 * radius) inside a ball of that
    radius. For 0.02 mm along rays 0.5 mm from the silhouette give `exact` and error_mm 0.002.
    Raises ValueError where there is no surface or it is cut by the edge of the grid.
    """
    values = grid.values
    if not (values.min() < 0.0 < values.max()):
        raise ValueError("no surface: values have one sign all over")
    if min(np.take(values, end, axis=axis).min() for axis in range(3) for end in (0, -1)) <= 0.0:
        raise ValueError("the surface is cut by the edge of its grid")
    least = np.float32(SNAP * grid.spacing)
    corners, sides = polygons(np.where(np.abs(values) < least, np.where(values < 0.0, -least, least), values))
    points, triangles = grid.origin + grid.spacing * corners, sides.astype(np.int32)
    if _volume(points, triangles) < 0.0:
        triangles = np.ascontiguousarray(triangles[:, ::-1])
    level = exact or (lambda at: sample(grid, at))
    faces = target_faces
    while faces < len(triangles):
        simpler, reduced = simplified(points, triangles, faces)
        vertices = _on_level_set(grid, level, simpler.astype(np.float64))
        vertices = vertices - _half_sag(grid, level, vertices, reduced)
        sag, stray = np.abs(level(vertices[reduced].mean(axis=1))), np.abs(level(vertices)).max()
        if np.percentile(sag, 99.0) <= error_mm and stray <= 2.0 * error_mm and is_closed(reduced):
            return vertices.astype(np.float32), reduced
        faces *= 2
    vertices = _on_level_set(grid, level, points)
    vertices = vertices - _half_sag(grid, level, vertices, triangles)
    return vertices.astype(np.float32), triangles


def is_closed(faces: NDArray[np.integer]) -> bool:
    """Whether each edge is run through once each way: closed, two-sided, one orientation."""
    there = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2).astype(np.int64)
    size = int(faces.max()) + 1
    key, back = there[:, 0] * size + there[:, 1], there[:, 1] * size + there[:, 0]
    return len(np.unique(key)) == len(key) and bool(np.array_equal(np.sort(key), np.sort(back)))


def inner(vertices: Vertices, faces: Faces, distance: Grid, wall: Grid) -> Vertices:
    """(V, 3) the vertices moved inward along the distance gradient by the wall's thickness at each.

    Where bone is thinner than two walls the two inner surfaces stop just short of each other; where a triangle would turn
    over, its corners are drawn toward their neighbours' way inward, and at last outward, until none does.
    """
    outer = np.asarray(vertices, dtype=np.float64)
    inward = -gradient(distance, outer)
    inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-9)
    way = inward * _depth(outer, inward, distance, wall)[:, None]
    up = _cross(outer, faces)
    size = np.einsum("fi,fi->f", up, up)
    edges = np.unique(np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1), axis=0)
    for turn in range(200):
        moved = (outer + way).astype(np.float32)
        across = _cross(moved.astype(np.float64), faces)
        wrong = (np.einsum("fi,fi->f", across, up) <= 0.05 * size) & (size > 0.0)
        if not wrong.any():
            return moved
        corners = np.unique(faces[wrong])
        smooth = _neighbours_mean(way, edges)[corners]
        way[corners] = 0.5 * (way[corners] + smooth) if turn < 10 else 0.7 * way[corners]
    raise ValueError("the inner surface folds")


def bone(
    name: str,
    patient_from_bone: Array,
    distance: Grid,
    wall: Grid,
    density: Grid,
    bone_volume_fraction: float,
    target_faces: int = 15000,
    error_mm: float = 0.05,
    pictured: bool = True,
) -> Bone:
    """A Bone with its two surfaces: soft tissue | cortical | cancellous of that bone volume fraction.

    pictured: X-rays will be taken; without, there is no inner surface.
    """
    vertices, faces = mesh(distance, target_faces, error_mm)
    soft, cortical, spongy = medium("soft"), medium("cortical"), medium("cancellous", bone_volume_fraction)
    return Bone(
        name=name,
        patient_from_bone=np.asarray(patient_from_bone, dtype=np.float64),
        distance=distance,
        wall=wall,
        density=density,
        outer=Surface(f"{name} outer", vertices, faces, inside=cortical, outside=soft),
        inner=Surface(
            f"{name} inner",
            inner(vertices, faces, distance, wall) if pictured else vertices[:0],
            faces if pictured else faces[:0],
            inside=spongy,
            outside=cortical,
        ),
    )


def simplified(points: NDArray[np.floating], triangles: Faces, faces: int) -> tuple[Vertices, Faces]:
    """About `faces` triangles of the same surface; the same where it has no more."""
    import fast_simplification

    vertices, reduced = points.astype(np.float32), triangles.astype(np.int32)
    if len(triangles) > faces:
        with _ONE_AT_A_TIME:
            vertices, reduced = fast_simplification.simplify(vertices, reduced, target_count=faces)
    return np.asarray(vertices, dtype=np.float32), np.asarray(reduced, dtype=np.int32)


def _on_level_set(grid: Grid, level: Level, vertices: Array) -> Array:
    """Vertices after five Newton steps along the gradient, none longer than half a sample."""
    for _ in range(5):
        slope = gradient(grid, vertices)
        step = level(vertices)[:, None] * slope / np.maximum((slope**2).sum(axis=1, keepdims=True), 0.25)
        length = np.linalg.norm(step, axis=1, keepdims=True)
        vertices = vertices - step * np.minimum(1.0, grid.spacing / 2 / np.maximum(length, 1e-12))
    return vertices


def _half_sag(grid: Grid, level: Level, vertices: Array, faces: Faces) -> Array:
    """(V, 3) half the mean signed distance of the centres of a vertex' triangles, along the gradient."""
    sag = level(vertices[faces].mean(axis=1))
    total = np.bincount(faces.ravel(), np.repeat(sag, 3), len(vertices))
    count = np.bincount(faces.ravel(), minlength=len(vertices))
    slope = gradient(grid, vertices)
    slope /= np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)
    return np.asarray(slope * (0.5 * total / np.maximum(count, 1))[:, None])


def _depth(outer: Array, inward: Array, distance: Grid, wall: Grid) -> Array:
    """(V,) how far to go inward: the wall, or just short of the middle where bone is thinner than two walls.

    Past the middle the distance grows no more with the way; a vertex itself may lie a few hundredths off the level set, and
    its inner vertex then lies as far off distance = -wall.
    """
    thickness, start = sample(wall, outer), sample(distance, outer)
    meeting = np.full(len(outer), np.inf)
    for share in np.linspace(0.25, 1.0, 7):
        way = thickness * share
        gained = start - sample(distance, outer + inward * way[:, None])
        beyond = (gained < 0.75 * way - 0.03) & np.isinf(meeting)
        meeting = np.where(beyond, np.maximum((way + gained) / 2, 0.02), meeting)
    way = thickness
    for _ in range(2):
        there = outer + inward * way[:, None]
        off = np.clip(sample(distance, there) + sample(wall, there) - start, -0.1, 0.1)
        way = way + np.sign(off) * np.maximum(np.abs(off) - GRAIN_MM, 0.0)
    return np.asarray(np.minimum(MEETING * meeting, np.maximum(way, 0.5 * thickness)))


def _neighbours_mean(values: Array, edges: NDArray[np.integer]) -> Array:
    """(V, 3) mean over the neighbours of each vertex."""
    count = np.maximum(np.bincount(edges.ravel(), minlength=len(values)), 1)
    columns = [
        np.bincount(edges[:, 0], values[edges[:, 1], i], len(values))
        + np.bincount(edges[:, 1], values[edges[:, 0], i], len(values))
        for i in range(3)
    ]
    return np.stack(columns, axis=-1) / count[:, None]


def _cross(vertices: Array, faces: Faces) -> Array:
    """(F, 3) twice the area of each triangle along its outward normal."""
    a, b, c = vertices[faces[:, 0]], vertices[faces[:, 1]], vertices[faces[:, 2]]
    return np.cross(b - a, c - a)


def _volume(vertices: Array, faces: Faces) -> float:
    """Signed volume; positive where the faces look outward."""
    return float(np.einsum("fi,fi->", vertices[faces].mean(axis=1), _cross(vertices, faces))) / 6.0
