"""Shapes that a page is drawn with: rounded cards, plain cards, discs, needles. Crisp at whole pixels.

In: a parent whose unit is one pixel (x right, z up, so a row y down is z = -y), sizes in pixels, colours of looks. Out: NodePaths.
A rounded card is nine patches of a texture whose corner is a quarter circle with soft edges; one texture for each radius.
"""

from functools import cache

import numpy as np
from panda3d.core import (
    CardMaker,
    Geom,
    GeomNode,
    GeomTriangles,
    GeomVertexData,
    GeomVertexFormat,
    GeomVertexWriter,
    NodePath,
    SamplerState,
    Texture,
    TransparencyAttrib,
)

from game.panels.looks import Colour


def layer(parent: NodePath, name: str, sort: int = 0) -> NodePath:
    """A node below which things are drawn in the order of the graph, blended."""
    node = parent.attach_new_node(name, sort)
    node.set_transparency(TransparencyAttrib.M_alpha)
    node.set_bin("unsorted", 0)
    node.set_depth_test(False)
    node.set_depth_write(False)
    return node


@cache
def _corner(radius: int) -> Texture:
    """A disc of `radius` with 2 straight pixels in the middle, white, its shape in the opacity; edges soft over one pixel."""
    size = 2 * radius + 2
    at = np.arange(size) + 0.5
    off = np.maximum(np.maximum(radius - at, at - (size - radius)), 0.0)
    opacity = np.clip(radius + 0.5 - np.hypot(off[:, None], off[None, :]), 0.0, 1.0)
    pixels = np.full((size, size, 4), 255, dtype=np.uint8)
    pixels[..., 3] = np.round(255 * opacity)
    texture = Texture(f"corner {radius}")
    texture.setup_2d_texture(size, size, Texture.T_unsigned_byte, Texture.F_rgba)
    texture.set_ram_image(pixels.tobytes())
    texture.set_minfilter(SamplerState.FT_linear)
    texture.set_magfilter(SamplerState.FT_linear)
    texture.set_wrap_u(SamplerState.WM_clamp)
    texture.set_wrap_v(SamplerState.WM_clamp)
    return texture


def rounded(
    parent: NodePath, x: int, y: int, w: int, h: int, radius: int, colour: Colour, *, hollow: bool = False
) -> NodePath:
    """A card with round corners; `hollow`: without its middle, where something else covers that (blending costs)."""
    radius = max(1, min(radius, w // 2 - 1, h // 2 - 1))
    share = radius / (2 * radius + 2)
    across = ((0, 0.0), (radius, share), (w - radius, 1 - share), (w, 1.0))
    down = ((0, 0.0), (radius, share), (h - radius, 1 - share), (h, 1.0))
    data = GeomVertexData("rounded", GeomVertexFormat.get_v3t2(), Geom.UH_static)
    vertex, texel = GeomVertexWriter(data, "vertex"), GeomVertexWriter(data, "texcoord")
    for row, v in down:
        for column, u in across:
            vertex.add_data3(column, 0, -row)
            texel.add_data2(u, v)
    faces = GeomTriangles(Geom.UH_static)
    for row, column in ((row, column) for row in range(3) for column in range(3)):
        if hollow and row == column == 1:
            continue
        first = 4 * row + column
        faces.add_vertices(first, first + 4, first + 1)
        faces.add_vertices(first + 1, first + 4, first + 5)
    geom = Geom(data)
    geom.add_primitive(faces)
    node = GeomNode("rounded")
    node.add_geom(geom)
    path = parent.attach_new_node(node)
    path.set_texture(_corner(radius))
    path.set_color(*colour)
    path.set_pos(x, 0, -y)
    return path


def bordered(
    parent: NodePath, x: int, y: int, w: int, h: int, radius: int, colour: Colour, edge: Colour, line: int
) -> NodePath:
    """A rounded card with an edge `line` pixels wide."""
    both = parent.attach_new_node("bordered")
    rounded(both, x, y, w, h, radius, edge, hollow=True)
    rounded(both, x + line, y + line, w - 2 * line, h - 2 * line, radius - line, colour)
    return both


def plain(parent: NodePath, x: int, y: int, w: int, h: int, colour: Colour) -> NodePath:
    """A card with sharp corners; its own unit is its size, so it can be scaled to another."""
    maker = CardMaker("plain")
    maker.set_frame(0, 1, -1, 0)
    path = parent.attach_new_node(maker.generate())
    path.set_color(*colour)
    path.set_pos_hpr_scale(x, 0, -y, 0, 0, 0, w, 1, h)
    return path


def picture(parent: NodePath, x: int, y: int, w: int, h: int, texture: Texture) -> NodePath:
    """A card that shows a texture, opaque, pixel on pixel where the sizes agree."""
    path = plain(parent, x, y, w, h, (1.0, 1.0, 1.0, 1.0))
    path.set_texture(texture)
    path.set_transparency(TransparencyAttrib.M_none)
    return path


def disc(parent: NodePath, x: int, y: int, radius: int, colour: Colour) -> NodePath:
    """A disc about (x, y)."""
    size = 2 * radius + 2
    return rounded(parent, x - radius - 1, y - radius - 1, size, size, radius, colour)


def hand(parent: NodePath, x: int, y: int, length: int, width: int, colour: Colour) -> NodePath:
    """A clock's hand about (x, y), pointing up; turn it with `set_r(degrees clockwise)`."""
    path = parent.attach_new_node("hand")
    rounded(path, -width, -length, 2 * width, length + width, width - 1, colour)
    path.set_pos(x, 0, -y)
    return path
