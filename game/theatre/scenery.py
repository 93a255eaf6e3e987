"""Pieces as nodes: one Geom for each material of a piece, with the program and the numbers of that material.

In: `Piece` (models/suite/mesh.py). Out: NodePath in the piece's own frame. Not here: where it stands (theatre.py).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from panda3d.core import (
    ColorBlendAttrib,
    CullBinManager,
    DepthWriteAttrib,
    Geom,
    GeomEnums,
    GeomNode,
    GeomTriangles,
    GeomVertexArrayFormat,
    GeomVertexData,
    GeomVertexFormat,
    LVecBase3f,
    LVecBase4f,
    NodePath,
    Texture,
)

from game.graphics import Studio
from game.theatre import variants
from models.suite.mesh import MATERIALS, Part, Piece

NEAR_FIRST = "near first"
"""Bin of everything opaque: what is near is drawn first, so that little is shaded and then covered."""


SHELL = "shell"
BEHIND = ("wall", "ceiling", "floor", "grey plastic")
"""Bin of what surrounds everything, drawn after that; of the suite's materials, in this order."""


def bins() -> None:
    """Makes the bins, once a process."""
    manager = CullBinManager.get_global_ptr()
    if manager.find_bin(NEAR_FIRST) < 0:
        manager.add_bin(NEAR_FIRST, CullBinManager.BT_front_to_back, 15)
        manager.add_bin(SHELL, CullBinManager.BT_fixed, 17)


def geom(parts: Iterable[Part]) -> Geom:
    """Parts of one material as one mesh: position, normal, uv and shade, interleaved."""
    rows, faces, count = [], [], 0
    for part in parts:
        rows.append(np.column_stack([part.vertices, part.normals, part.uv, part.shade]).astype(np.float32))
        faces.append(part.faces + count)
        count += len(part.vertices)
    return _geom(np.concatenate(rows), np.concatenate(faces))


def _geom(rows: NDArray[np.float32], faces: NDArray[np.integer]) -> Geom:
    """rows (V, 9)."""
    array = GeomVertexArrayFormat()
    array.add_column("vertex", 3, GeomEnums.NT_float32, GeomEnums.C_point)
    array.add_column("normal", 3, GeomEnums.NT_float32, GeomEnums.C_normal)
    array.add_column("texcoord", 2, GeomEnums.NT_float32, GeomEnums.C_texcoord)
    array.add_column("shade", 1, GeomEnums.NT_float32, GeomEnums.C_other)
    layout = GeomVertexFormat.register_format(GeomVertexFormat(array))
    data = GeomVertexData("mesh", layout, GeomEnums.UH_static)
    data.unclean_set_num_rows(len(rows))
    memoryview(data.modify_array(0)).cast("B").cast("f")[:] = memoryview(np.ascontiguousarray(rows).ravel())
    triangles = GeomTriangles(GeomEnums.UH_static)
    triangles.set_index_type(GeomEnums.NT_uint32)
    index = triangles.modify_vertices()
    index.unclean_set_num_rows(faces.size)
    memoryview(index).cast("B").cast("I")[:] = memoryview(np.ascontiguousarray(faces, dtype=np.uint32).ravel())
    made = Geom(data)
    made.add_primitive(triangles)
    return made


class Scenery:
    """Makes nodes of pieces for one context and one number of shadow taps."""

    def __init__(self, studio: Studio, taps: int) -> None:
        bins()
        self.studio, self.taps = studio, taps

    def place(self, parent: NodePath, piece: Piece, metre: float = 1.0) -> NodePath:
        """A piece below a node; `metre`: metres in a unit of its frame. Children are named for their materials."""
        top = parent.attach_new_node(piece.name)
        top.set_shader_input("metre", metre)
        by_material: dict[str, list[Part]] = {}
        for part in piece.parts:
            by_material.setdefault(part.material, []).append(part)
        for name, parts in by_material.items():
            node = GeomNode(name)
            node.add_geom(geom(parts))
            self.dress(top.attach_new_node(node), name)
        return top

    def dress(
        self, path: NodePath, name: str, kind: str | None = None, alpha: float | None = None, depth: int = 0
    ) -> None:
        """Gives a node the program and numbers of a material; another kind or alpha than the material's own if told.

        depth: what is seen through is drawn in this order.
        """
        material = MATERIALS[name]
        kind = kind or variants.kind(name, material)
        path.set_shader(variants.surface(self.studio, kind, self.taps))
        path.set_shader_input("base", LVecBase3f(*material.base))
        seen = material.alpha if alpha is None else alpha
        path.set_shader_input("matter", LVecBase4f(material.roughness, material.metallic, seen, material.glow))
        if kind in ("clear", "ghost", "bone"):
            over(path)
            if kind != "clear":  # after glass, by what lies deeper
                path.set_bin("fixed", depth)
        else:
            path.clear_attrib(ColorBlendAttrib)
            path.clear_attrib(DepthWriteAttrib)
            path.set_bin(NEAR_FIRST, 0)


def over(path: NodePath) -> None:
    """Blended over what lies behind (premultiplied), after everything opaque, far ones first."""
    one, rest = ColorBlendAttrib.O_one, ColorBlendAttrib.O_one_minus_incoming_alpha
    path.set_attrib(ColorBlendAttrib.make(ColorBlendAttrib.M_add, one, rest))
    path.set_attrib(DepthWriteAttrib.make(DepthWriteAttrib.M_off))
    path.set_bin("transparent", 0)


def black() -> Texture:
    """What a screen without a picture shows."""
    texture = Texture("standby")
    texture.setup_2d_texture(1, 1, Texture.T_unsigned_byte, Texture.F_rgb)
    texture.set_ram_image(bytes([14, 10, 8]))
    return texture
