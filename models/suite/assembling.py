"""From shapes to a Piece: normals found, one Part for each material, shade baked.

In: pairs of material and Shape, in the piece's frame. Out: Piece. Not here: the cache (bake.py).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from models.suite.mesh import MATERIALS, Part, Piece
from models.suite.occlusion import shade
from models.suite.shapes import Array, Shape, dressed

Solids = list[tuple[str, Shape]]
"""What a builder returns: shapes with the material each is made of."""


def of(material: str, *shapes: Shape) -> Solids:
    """Some shapes of one material."""
    return [(material, shape) for shape in shapes]


def both(solids: Solids, axis: int) -> Solids:
    """Solids and their mirror images across the plane that `axis` is normal to."""
    return solids + [(material, shape.mirrored(axis)) for material, shape in solids]


def moved(solids: Solids, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Solids:
    """Solids, all moved alike."""
    return [(material, shape.at(x, y, z)) for material, shape in solids]


def turned(solids: Solids, axis: str, degrees: float) -> Solids:
    """Solids, all turned alike about an axis of the frame."""
    return [(material, shape.turned(axis, degrees)) for material, shape in solids]


def stops_light(material: str) -> bool:
    """Whether a material casts shade: glass and lamps do not."""
    return MATERIALS[material].alpha == 1.0 and MATERIALS[material].glow == 0.0


def assembled(name: str, solids: Iterable[tuple[str, Shape]], reach: float, cell: float) -> Piece:
    """A Piece whose parts are sorted by material; `reach` and `cell` [m] as for occlusion.shade."""
    ready: dict[str, list[tuple[np.ndarray, ...]]] = {}
    for material, shape in solids:
        ready.setdefault(material, []).append(dressed(shape))
    merged = {material: _merged(meshes) for material, meshes in sorted(ready.items())}
    blockers = [v[f] for material, (v, _, _, f) in merged.items() if stops_light(material)]
    around = np.concatenate(blockers) if blockers else np.empty((0, 3, 3))
    places, normals = (np.concatenate([mesh[i] for mesh in merged.values()]) for i in range(2))
    light = shade(places, normals, around, reach, cell)
    shades = np.split(light, np.cumsum([len(mesh[0]) for mesh in merged.values()])[:-1])
    parts = [
        Part(material, _single(v), _single(n), _single(uv), _single(share), faces)
        for (material, (v, n, uv, faces)), share in zip(merged.items(), shades, strict=True)
    ]
    return Piece(name, tuple(parts))


def _single(values: Array) -> NDArray[np.float32]:
    return values.astype(np.float32)


def _merged(meshes: list[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    """Vertices, normals, uv and faces of several meshes as one."""
    counts = np.cumsum([0] + [len(mesh[0]) for mesh in meshes[:-1]])
    faces = [mesh[3] + start for mesh, start in zip(meshes, counts, strict=True)]
    vertices, normals, uv = (np.concatenate([mesh[i] for mesh in meshes]) for i in range(3))
    return vertices, normals, uv, np.concatenate(faces).astype(np.int32)
