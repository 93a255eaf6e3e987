"""Shapes that things are made of: boxes with rounded edges, turned bodies, tubes along a path, extrusions.

In: sizes. Out: Shape, a closed mesh whose faces look outward (but for `sheet`). Metres, in the frame of what is being built.
Normals are not kept here: `dressed` finds them, smooth across edges flatter than the shape's crease. Not here: materials.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Faces = NDArray[np.int32]

CREASE_DEG = 50.0
"""Edges that turn by less are round, by more are hard: the steps of a bevel and of a 12-sided rod stay below, a corner above."""


@dataclass(frozen=True)
class Shape:
    """A mesh of one material, not yet dressed with normals."""

    vertices: Array  # (V, 3), each place once
    faces: Faces  # (F, 3) counter-clockwise from outside
    uv: Array | None = None  # (V, 2); None: laid on from the nearest axis, in metres
    crease: float = CREASE_DEG

    def at(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> "Shape":
        """The shape moved."""
        return replace(self, vertices=self.vertices + np.array([x, y, z]))

    def turned(self, axis: str, degrees: float) -> "Shape":
        """The shape turned about an axis of its frame, right-handed."""
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.eye(3)
        turn[i, i], turn[i, j], turn[j, i], turn[j, j] = c, -s, s, c
        return replace(self, vertices=self.vertices @ turn.T)

    def mirrored(self, axis: int) -> "Shape":
        """The shape's image across the plane through the origin that `axis` (0, 1, 2) is normal to."""
        flip = np.ones(3)
        flip[axis] = -1.0
        return replace(self, vertices=self.vertices * flip, faces=self.faces[:, ::-1])

    @property
    def volume(self) -> float:
        """Signed, m^3: positive where the faces look outward."""
        a, b, c = (self.vertices[self.faces[:, i]] - self.vertices.mean(axis=0) for i in range(3))
        return float((a * np.cross(b, c)).sum() / 6.0)


def _solid(vertices: ArrayLike, faces: ArrayLike, crease: float = CREASE_DEG) -> Shape:
    """A closed shape: places that coincide become one, faces without area go, all faces are turned outward."""
    points = np.asarray(vertices, dtype=np.float64)
    corners = np.asarray(faces, dtype=np.int32)
    _, first, one = np.unique(np.round(points * 1e7).astype(np.int64), axis=0, return_index=True, return_inverse=True)
    corners = one.reshape(-1)[corners].astype(np.int32)
    a, b, c = corners.T
    corners = corners[(a != b) & (b != c) & (c != a)]
    shape = Shape(points[first], corners, crease=crease)
    return shape if shape.volume >= 0 else replace(shape, faces=corners[:, ::-1])


def _grid(rows: int, columns: int, closed: bool = False) -> Faces:
    """Faces between rows of vertices; `closed` joins the last column to the first."""
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    here, right = r * columns + c, r * columns + (c + 1) % columns
    above, across = here + columns, right + columns
    return np.concatenate(
        [np.stack([here, right, across], -1).reshape(-1, 3), np.stack([here, across, above], -1).reshape(-1, 3)]
    ).astype(np.int32)


def box(x: float, y: float, z: float, bevel: float = 0.004, steps: int = 1, grid: float = 0.0) -> Shape:
    """A box about the origin; its edges are rounded with radius `bevel` in 1, 2, 4 facets for 1, 2, 3 steps (bevel 0: sharp).

    grid > 0: flats are cut into squares of about that size, so that they can carry shade; then at least 2 steps.
    """
    half = np.array([x, y, z]) / 2
    bevel = min(bevel, float(half.min()) * 0.999)
    if bevel > 0 and steps == 1 and grid == 0.0:
        return _chamfered(half, bevel)
    facets = max(steps - 1, 1) if bevel > 0 else 0
    quarter = np.tan(np.linspace(0.0, np.pi / 4, facets + 1))
    slope, side = [], []
    for length in 2 * (half - bevel):
        cuts = np.linspace(-1.0, 1.0, int(np.ceil(length / grid)) + 1)[1:-1] if grid > 0 else np.empty(0)
        slope.append(np.concatenate([-quarter[::-1], 0.0 * cuts, quarter]))
        side.append(np.concatenate([np.full(facets + 1, -1.0), cuts, np.full(facets + 1, 1.0)]))
    vertices, faces, count = [], [], 0
    for axis in range(3):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        corners = _grid(len(slope[one]), len(slope[two]))
        for sign in (-1.0, 1.0):
            way = np.empty((len(slope[one]), len(slope[two]), 3))
            core = np.empty_like(way)
            way[..., axis], way[..., one], way[..., two] = sign, slope[one][:, None], slope[two][None, :]
            core[..., axis], core[..., one], core[..., two] = sign, side[one][:, None], side[two][None, :]
            way /= np.linalg.norm(way, axis=-1, keepdims=True)
            faces.append((corners[:, ::-1] if sign < 0 else corners) + count)
            vertices.append((core * (half - bevel) + bevel * way).reshape(-1, 3))
            count += len(vertices[-1])
    return _solid(np.concatenate(vertices), np.concatenate(faces))


def _chamfered(half: Array, bevel: float) -> Shape:
    """A box with one flat facet along each edge: 44 triangles, which normals weighed by area make look round."""
    vertices = np.empty((2, 2, 2, 3, 3))  # corner (x, y, z), the face it belongs to, place
    for corner in np.ndindex(2, 2, 2):
        sign = 2.0 * np.array(corner) - 1.0
        vertices[corner] = sign * (half - bevel * (1 - np.eye(3)))
    number = np.arange(24).reshape(2, 2, 2, 3)
    quads = []
    for axis in range(3):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        for s in (0, 1):
            flat = np.take(number[..., axis], s, axis=axis)  # (2, 2)
            quads.append([flat[0, 0], flat[1, 0], flat[1, 1], flat[0, 1]])
            for t in (0, 1):  # the edge along `axis` between the faces of `one` and `two`
                at = [slice(None)] * 3
                at[one], at[two] = slice(s, s + 1), slice(t, t + 1)
                edge = number[tuple(at)].reshape(2, 3)
                quads.append([edge[0, one], edge[1, one], edge[1, two], edge[0, two]])
    squares = np.array(quads)
    faces = np.concatenate([squares[:, [0, 1, 2]], squares[:, [0, 2, 3]], number.reshape(8, 3)])
    points = vertices.reshape(-1, 3)
    a, b, c = (points[faces[:, i]] for i in range(3))
    inward = (np.cross(b - a, c - a) * (a + b + c)).sum(-1) < 0
    faces[inward] = faces[inward][:, ::-1]
    return _solid(points, faces)


def block(low: ArrayLike, high: ArrayLike, bevel: float = 0.004, steps: int = 1, grid: float = 0.0) -> Shape:
    """A rounded box between two corners."""
    a, b = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    x, y, z = np.abs(b - a).tolist()
    return box(x, y, z, bevel, steps, grid).at(*((a + b) / 2).tolist())


def revolve(profile: ArrayLike, around: int = 32, crease: float = CREASE_DEG) -> Shape:
    """A body turned about z from a profile (N, 2) of radius and height; ends that are off the axis are closed by a disc."""
    line = np.asarray(profile, dtype=np.float64)
    if line[0, 0] > 0:
        line = np.concatenate([[[0.0, line[0, 1]]], line])
    if line[-1, 0] > 0:
        line = np.concatenate([line, [[0.0, line[-1, 1]]]])
    turn = np.linspace(0.0, 2 * np.pi, around, endpoint=False)
    vertices = np.stack(
        [line[:, :1] * np.cos(turn), line[:, :1] * np.sin(turn), np.repeat(line[:, 1:], around, axis=1)], axis=-1
    )
    return _solid(vertices.reshape(-1, 3), _grid(len(line), around, closed=True), crease)


def disc(radius: float, low: float, high: float, bevel: float = 0.002, around: int = 32) -> Shape:
    """A cylinder about z with rounded rims."""
    b = min(bevel, radius / 2, (high - low) / 2)
    k = b * (1 - np.cos(np.pi / 4))
    return revolve(
        [
            (radius - b, low),
            (radius - k, low + k),
            (radius, low + b),
            (radius, high - b),
            (radius - k, high - k),
            (radius - b, high),
        ],
        around,
    )


def circle(radius: float, around: int = 12) -> Array:
    """(around, 2) a section."""
    turn = np.linspace(0.0, 2 * np.pi, around, endpoint=False)
    return radius * np.stack([np.cos(turn), np.sin(turn)], axis=-1)


def rectangle(width: float, height: float, radius: float = 0.0, steps: int = 3) -> Array:
    """(N, 2) a section with rounded corners, counter-clockwise."""
    if radius <= 0:
        return np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (width / 2, height / 2)
    core = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (width / 2 - radius, height / 2 - radius)
    turn = np.radians([[90.0 * corner + 90.0 * step / steps for step in range(steps + 1)] for corner in range(4)])
    rim = core[:, None] + radius * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    return rim.reshape(-1, 2)


def curve(points: ArrayLike, between: int = 6) -> Array:
    """(N, 3) a smooth line through points (Catmull-Rom), `between` pieces from one to the next."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    t = np.linspace(0.0, 1.0, between, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return np.concatenate([*pieces, p[-2:-1]])


def arc(radius: float, start: float, end: float, pieces: int) -> Array:
    """(pieces + 1, 3) about y, in the plane x z: angle [degrees] from x toward z."""
    turn = np.radians(np.linspace(start, end, pieces + 1))
    return radius * np.stack([np.cos(turn), np.zeros_like(turn), np.sin(turn)], axis=-1)


def _across(tangent: Array, up: Array | None) -> Array:
    """(N, 3) a direction across each tangent: toward up x tangent, or turning as little as it can along the path."""
    if up is not None:
        side = np.cross(up, tangent)
        return np.asarray(side / np.linalg.norm(side, axis=-1, keepdims=True))
    side = np.empty_like(tangent)
    last = np.eye(3)[int(np.argmin(np.abs(tangent[0])))]
    for i, way in enumerate(tangent):
        last = last - way * (way @ last)
        last = last / np.linalg.norm(last)
        side[i] = last
    return side


def tube(path: ArrayLike, section: Array, up: tuple[float, float, float] | None = None, crease: float = 40.0) -> Shape:
    """A section (M, 2) swept along a path (N, 3), closed at both ends (the section is seen whole from its middle).

    The section's first axis lies along up x path where `up` is given (of an arc about y with up = y: away from its centre),
    the second across both.
    """
    line = np.asarray(path, dtype=np.float64)
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=-1, keepdims=True)
    side = _across(tangent, None if up is None else np.array(up))
    other = np.cross(tangent, side)
    rings = line[:, None] + side[:, None] * section[None, :, :1] + other[:, None] * section[None, :, 1:]
    n, m = rings.shape[:2]
    here, after = np.arange(m), (np.arange(m) + 1) % m
    first = np.stack([after, here, np.full(m, n * m)], -1)
    last = np.stack([here, after, np.full(m, n * m + 1 - (n - 1) * m)], -1) + (n - 1) * m
    middles = np.stack([rings[0].mean(axis=0), rings[-1].mean(axis=0)])
    return _solid(
        np.concatenate([rings.reshape(-1, 3), middles]), np.concatenate([_grid(n, m, True), first, last]), crease
    )


def rod(start: ArrayLike, end: ArrayLike, radius: float, around: int = 16) -> Shape:
    """A round bar between two points."""
    return tube(
        np.stack([np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)]), circle(radius, around)
    )


def extrude(outline: ArrayLike, low: float, high: float, bevel: float = 0.003) -> Shape:
    """An outline (N, 2) in x, y, seen whole from its middle, made solid from z = low to high, with bevelled rims."""
    line = np.asarray(outline, dtype=np.float64)
    forward = np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0)
    inward = np.stack([-forward[:, 1], forward[:, 0]], -1) / np.linalg.norm(forward, axis=-1, keepdims=True)
    area = float((line[:, 0] * np.roll(line[:, 1], -1) - np.roll(line[:, 0], -1) * line[:, 1]).sum())
    inner = line + np.sign(area) * bevel * inward
    k = 0.3 * bevel
    near = line + np.sign(area) * k * inward
    rows = [(inner, low), (near, low + k), (line, low + bevel), (line, high - bevel), (near, high - k), (inner, high)]
    rings = np.stack([np.column_stack([ring, np.full(len(ring), z)]) for ring, z in rows])
    n, m = rings.shape[:2]
    here, after = np.arange(m), (np.arange(m) + 1) % m
    bottom = np.stack([after, here, np.full(m, n * m)], -1)
    top = np.stack([here + (n - 1) * m, after + (n - 1) * m, np.full(m, n * m + 1)], -1)
    middle = line.mean(axis=0)
    ends = [[*middle, low], [*middle, high]]
    return _solid(np.concatenate([rings.reshape(-1, 3), ends]), np.concatenate([_grid(n, m, True), bottom, top]))


def sheet(corner: ArrayLike, right: ArrayLike, up: ArrayLike) -> Shape:
    """A flat picture, open: lower left corner, the ways along its lower and left edges; uv runs 0-1, it looks along right x up."""
    o, r, u = (np.asarray(v, dtype=np.float64) for v in (corner, right, up))
    uv = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    return Shape(np.stack([o, o + r, o + r + u, o + u]), np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32), uv)


def dressed(shape: Shape) -> tuple[Array, Array, Array, Faces]:
    """Vertices (V, 3), unit normals (V, 3), uv (V, 2), faces (F, 3): a place stands once for each normal that meets there.

    A normal is the mean, by area, of the faces around a place that turn by less than the crease: flats stay flat, bevels round.
    """
    corners = shape.faces.reshape(-1)
    a, b, c = (shape.vertices[shape.faces[:, i]] for i in range(3))
    weighted = np.cross(b - a, c - a)
    unit = weighted / np.maximum(np.linalg.norm(weighted, axis=-1, keepdims=True), 1e-30)
    order = np.argsort(corners, kind="stable")
    face = order // 3
    count = np.bincount(corners, minlength=len(shape.vertices))
    many = count[corners[order]]
    starts = np.cumsum(many) - many
    begin = (np.cumsum(count) - count)[corners[order]]
    mine = np.repeat(np.arange(len(order)), many)
    other = np.repeat(begin - starts, many) + np.arange(many.sum())
    near = (unit[face[mine]] * unit[face[other]]).sum(-1) > np.cos(np.radians(shape.crease))
    total = np.add.reduceat(weighted[face[other]] * near[:, None], starts, axis=0)
    normals = np.empty((len(corners), 3))
    normals[order] = total / np.maximum(np.linalg.norm(total, axis=-1, keepdims=True), 1e-30)
    key = np.column_stack([corners, np.round(normals * 1e4).astype(np.int64)])
    _, first, one = np.unique(key, axis=0, return_index=True, return_inverse=True)
    vertices, normals = shape.vertices[corners[first]], normals[first]
    uv = _laid(vertices, normals) if shape.uv is None else shape.uv[corners[first]]
    return vertices, normals, uv, one.reshape(-1, 3).astype(np.int32)


def _laid(vertices: Array, normals: Array) -> Array:
    """(V, 2) the two coordinates across the axis nearest to each normal, in metres."""
    axis = np.argmax(np.abs(normals), axis=-1)
    rows = np.arange(len(vertices))
    return np.stack([vertices[rows, np.array([1, 0, 0])[axis]], vertices[rows, np.array([2, 2, 1])[axis]]], axis=-1)
