"""Less of the same: what throws a shadow as a coarse mesh, what the drape hides left out, large pieces cut in quarters.

In: Pieces. Out: meshes and Pieces in the same frame. Software renderers pay for triangles as for pixels. No Panda3D here.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.suite.mesh import MATERIALS, Part, Piece
from models.surfaces import simplified

SHARE = 0.10
"""Of the triangles, in a shadow: its edge is softened over more than what that errs; assumed."""

IN_MOTION = 0.30
"""Of the triangles of cloth and skin, in pictures in motion at half the pixels; assumed."""

LEAST = 1400
"""Triangles that a piece keeps of those it has: the trocar's wings must not vanish; assumed."""

FEW = 5000
"""A part of no more triangles keeps them all in motion; assumed."""

CELL_MM = 15.0
INSET_MM = 45.0
"""Skin counts as hidden where the cloth reaches so far round it; assumed."""


def caster(piece: Piece) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """(V, 3) and (F, 3): everything of a piece that is not glass, coarse."""
    points, faces, count = [], [], 0
    for part in piece.parts:
        if MATERIALS[part.material].alpha < 1:
            continue
        points.append(part.vertices)
        faces.append(part.faces + count)
        count += len(part.vertices)
    if not points:
        return np.zeros((0, 3), dtype=np.float32), np.zeros((0, 3), dtype=np.int32)
    vertices, triangles = welded(np.concatenate(points), np.concatenate(faces))
    share = max(SHARE, LEAST / max(len(triangles), 1))
    return simplified(vertices, triangles, round(share * len(triangles)))


def lighter(piece: Piece) -> Piece:
    """The piece with fewer triangles for pictures in motion; normals, uv and shade are those of the nearest old vertex."""
    from scipy.spatial import cKDTree

    parts = []
    for part in piece.parts:
        vertices, faces = welded(part.vertices, part.faces)
        if len(faces) > FEW:
            vertices, faces = simplified(vertices, faces, round(IN_MOTION * len(faces)))
        old = cKDTree(part.vertices).query(vertices)[1]
        parts.append(
            Part(part.material, vertices, part.normals[old], part.uv[old], part.shade[old], np.asarray(faces, np.int32))
        )
    return Piece(piece.name, tuple(parts))


def welded(vertices: NDArray[np.float32], faces: NDArray[np.integer]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The mesh with one vertex where there were several at one place, and no triangle without area."""
    _, first, where = np.unique(np.round(vertices, 5), axis=0, return_index=True, return_inverse=True)
    joined = where.ravel()[faces].astype(np.int32)
    whole = (joined[:, 0] != joined[:, 1]) & (joined[:, 1] != joined[:, 2]) & (joined[:, 2] != joined[:, 0])
    return vertices[first], joined[whole]


def uncovered(body: Piece, drape: Piece) -> tuple[Piece, Piece]:
    """The body parted in what can be seen beside a drape, and what it hides. Patient frame, mm, cloth spread over x and z."""
    cloth = np.concatenate([part.vertices for part in drape.parts])
    seen, hidden = [], []
    for part in body.parts:
        below = _covered(part.vertices, cloth)[part.faces].all(axis=1)
        seen.append(taken(part, ~below))
        hidden.append(taken(part, below))
    return (
        Piece("body", tuple(part for part in seen if len(part.faces))),
        Piece("body covered", tuple(part for part in hidden if len(part.faces))),
    )


def _covered(points: NDArray[np.float32], cloth: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(V,) whether cloth lies above each point and all round it."""
    from scipy.ndimage import binary_erosion

    low = cloth[:, [0, 2]].min(axis=0) - CELL_MM
    size = tuple(np.ceil((cloth[:, [0, 2]].max(axis=0) - low) / CELL_MM).astype(int) + 2)
    height = np.full(size, -np.inf)
    i, k = ((cloth[:, [0, 2]] - low) / CELL_MM).astype(int).T
    np.maximum.at(height, (i, k), cloth[:, 1])
    inner = binary_erosion(np.isfinite(height), iterations=round(INSET_MM / CELL_MM))
    cells = np.floor((points[:, [0, 2]] - low) / CELL_MM).astype(int)
    within = ((cells >= 0) & (cells < size)).all(axis=1)
    a, b = np.clip(cells, 0, np.asarray(size) - 1).T
    return np.asarray(within & inner[a, b] & (points[:, 1] <= height[a, b]))


def quarters(piece: Piece) -> tuple[Piece, ...]:
    """The piece cut in four by its triangles' place over the floor, so that what is out of sight costs nothing."""
    corners = [part.vertices[part.faces].mean(axis=1) for part in piece.parts]
    middle = np.concatenate([part.vertices for part in piece.parts])[:, :2].mean(axis=0)
    cut = []
    for quarter in range(4):
        parts = []
        for part, centres in zip(piece.parts, corners, strict=True):
            side = (centres[:, 0] > middle[0]) + 2 * (centres[:, 1] > middle[1])
            if (side == quarter).any():
                parts.append(taken(part, side == quarter))
        cut.append(Piece(f"{piece.name} {quarter}", tuple(parts)))
    return tuple(cut)


def taken(part: Part, which: NDArray[np.bool_]) -> Part:
    """Some triangles of a part, with the vertices they need."""
    used, faces = np.unique(part.faces[which], return_inverse=True)
    return replace(
        part,
        vertices=part.vertices[used],
        normals=part.normals[used],
        uv=part.uv[used],
        shade=part.shade[used],
        faces=faces.reshape(-1, 3).astype(np.int32),
    )
