"""A room of boxes and balls in place of the suite's pieces: quick to make, its places known, for tests of light and passes."""

import numpy as np
import trimesh

from game.theatre.anatomy import part
from models.suite.mesh import Part, Piece


def box(material: str, centre: tuple[float, ...], half: tuple[float, ...]) -> Part:
    """A box with hard edges; uv on every face."""
    made = trimesh.creation.box(extents=2 * np.asarray(half))
    vertices = (made.vertices[made.faces].reshape(-1, 3) + centre).astype(np.float32)
    return part(material, vertices, np.arange(len(vertices), dtype=np.int32).reshape(-1, 3))


def ball(material: str, centre: tuple[float, ...], radii: tuple[float, ...]) -> Part:
    """An ellipsoid."""
    made = trimesh.creation.icosphere(subdivisions=4)
    return part(material, made.vertices * radii + centre, made.faces)


def floor(half: float = 3.6, step: float = 0.2) -> Part:
    """A level square at height 0, cut so finely that it carries shade."""
    x, y = np.meshgrid(np.arange(-half, half + step / 2, step), np.arange(-half, half + step / 2, step), indexing="ij")
    number = np.arange(x.size).reshape(x.shape)
    a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
    faces = np.concatenate([np.stack(each, axis=-1).reshape(-1, 3) for each in ((a, b, c), (a, c, d))])
    return part("floor", np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3), faces)


def screen(material: str, centre: tuple[float, float, float], half: float) -> Part:
    """A square that looks toward -X, its picture upright."""
    x, y, z = centre
    corners = np.array([[0, 1, -1], [0, -1, -1], [0, -1, 1], [0, 1, 1]], dtype=np.float64) * half
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32)
    made = part(material, corners + np.array([x, y, z]), np.array([[0, 1, 2], [0, 2, 3]]))
    return Part(material, made.vertices, made.normals, uv, made.shade, made.faces)


def room() -> dict[str, Piece]:
    """Floor, walls, monitor, table, patient (mm) and arm."""
    walls = [
        floor(),
        box("wall", (3.5, 0, 1.5), (0.1, 3.6, 1.5)),
        box("wall", (0, -3.7, 1.5), (3.6, 0.1, 1.5)),
        box("wall", (0, 3.7, 1.5), (3.6, 0.1, 1.5)),
        box("ceiling", (0, 0, 3.05), (3.6, 3.6, 0.05)),
    ]
    monitor = [
        box("dark plastic", (1.65, 0, 1.55), (0.04, 0.5, 0.27)),
        screen("screen live", (1.6, 0.24, 1.55), 0.21),
        screen("screen reference", (1.6, -0.24, 1.55), 0.21),
    ]
    c = [
        box("enamel", (0, 0, 0.55), (0.17, 0.17, 0.06)),
        box("enamel", (0, 0, -0.63), (0.12, 0.15, 0.10)),
        box("steel", (0.72, 0, 0), (0.04, 0.06, 0.6)),
        box("steel", (0.4, 0, 0.6), (0.35, 0.06, 0.04)),
        box("steel", (0.4, 0, -0.6), (0.35, 0.06, 0.04)),
    ]
    return {
        "suite": Piece("suite", tuple(walls)),
        "monitors": Piece("monitors", tuple(monitor)),
        "cart": Piece("cart", (box("enamel", (1.1, 0, 0.5), (0.2, 0.3, 0.4)),)),
        "c": Piece("c", tuple(c)),
        "table": Piece("table", (box("pad", (0, 0, -0.04), (0.26, 1.05, 0.04)),)),
        "pedestal": Piece("pedestal", (box("brushed steel", (0, -0.8, 0.45), (0.2, 0.25, 0.44)),)),
        "body": Piece("body", (ball("skin", (0, -10, 20), (170, 108, 500)),)),
        "drape": Piece("drape", (box("drape", (0, 60, -300), (200, 40, 190)),)),
        "tray": Piece("tray", (box("clear plastic", (-0.9, -0.9, 0.95), (0.1, 0.1, 0.1)),)),
        "lamp": Piece("lamp", (ball("lamp", (-0.75, 0.85, 2.35), (0.25, 0.25, 0.05)),)),
        "trocar": Piece(
            "trocar",
            (
                box("steel", (0, 0, -0.06), (0.0012, 0.0012, 0.06)),
                ball("blue plastic", (0, 0, -0.13), (0.02, 0.008, 0.012)),
            ),
        ),
    }
