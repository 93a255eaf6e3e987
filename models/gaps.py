"""Gaps and bands inside a fractured vertebra, as regions that X-rays see: cleft, lytic focus, fracture line, condensed bone.

In: the Shape of a level and its built Bone. Out: `Region`s, patient frame, mm, closed surfaces inside the bone's inner one, each
parting what fills it from that bone's cancellous. For touch and cement the same places stand in the bone's density and wall
(cortex.py), from the same fields. Not here: dents, steps and fragments of the outline (broken.py).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.broken import LINE_MM, Lines
from models.collapse import Collapse
from models.distance import redistance, sample
from models.patient import Bone, Region, Surface
from models.solids import Lattice, Points, Values
from models.surfaces import mesh
from models.tissue import Tissue, medium
from models.vertebra import Shape

Array = NDArray[np.float64]
Field = Callable[[Points], Values]

CLEFT_DEPTH_MM = 2.0  # bone left between a cleft and the superior plate; assumed
CLEFT_HALF = (0.30, 0.50)  # half axes of a cleft as shares of the plate's width and of half the depth; assumed
CLEFT_AT = (
    -0.35
)  # its middle as a share of half the depth: the front; assumed (clefts lie in the anterior third or half)

BAND_HALF = (0.40, 0.78)  # half axes of condensed bone, shares as of a cleft's; assumed
BAND_SHARE = (0.65, 0.38)  # of the body's height, how deep one band and how deep each of two may reach; assumed
BANDS = {"fresh": (1.5, 2.5, 3.0), "old": (0.9, 3.5, 4.0)}
"""Depth below the plate [mm], thickness [mm] and density against the mean of the impacted bone of a fresh fracture and of the
sclerosis of a healed one. Assumed."""
MOST_DENSE = 0.5  # BV/TV of condensed bone at most; assumed

MARGIN_MM = 0.12  # of bone left between a gap and the inner surface; assumed, so that surfaces keep apart
APART_MM = 0.5  # between two gaps; assumed
LEAST_BONE_MM = 2.0  # of a body between its plates, and under a cleft; assumed: about two end plates with their marrow
FINE_MM = 0.3  # lattice on which a gap is drawn and its distance kept
SMALLEST = 20  # samples of a gap; fewer are none
FACES = 4000  # triangles of a gap's surface


def top_and_bottom(shape: Shape, x: Values, y: Values) -> tuple[Values, Values]:
    """Heights of the built superior and inferior plate over (x, y), by halving: the warps rise all the way."""
    reach = np.float32(shape.size.posterior_height)
    out = []
    for which in (1, 2):
        low, high = np.full_like(x + y, -reach), np.full_like(x + y, reach)
        for _ in range(18):  # 2 x 30 mm / 2^18
            middle = ((low + high) / 2).astype(np.float32)
            below = shape.faces((x, y, middle))[which] < 0.0
            if which == 2:
                below = ~below
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        out.append(((low + high) / 2).astype(np.float32))
    return out[0], out[1]


def cleft(shape: Shape, p: Points) -> Values:
    """A flat lens under the front of the superior plate, as high as the recipe says: about a distance, negative inside."""
    half = np.float32(shape.broken.cleft / 2)
    top, _ = top_and_bottom(shape, p[0], p[1])
    r = _radius(shape, p, CLEFT_HALF, CLEFT_AT)
    depth = (top - p[2] - np.float32(CLEFT_DEPTH_MM) - half) / half
    out: Values = (np.sqrt(r**4 + depth**2) - 1) * half
    return out


def lytic(shape: Shape, p: Points) -> Values:
    """A ball where the recipe puts it; what lies outside the bone is cut off later."""
    x, y, z = (q - np.float32(c) for q, c in zip(p, _focus(shape), strict=True))
    out: Values = np.sqrt(x * x + y * y + z * z) - np.float32(shape.broken.lytic / 2)
    return out


def bands(shape: Shape, p: Points) -> list[Values]:
    """Condensed bone: under the superior plate, and over the inferior one of a body that lost height at both."""
    away, thick, _ = BANDS[shape.broken.age]
    top, bottom = top_and_bottom(shape, p[0], p[1])
    side = (_radius(shape, p, BAND_HALF) - 1) * np.float32(shape.back * BAND_HALF[1])
    deepest = np.float32(BAND_SHARE[isinstance(shape.wedge, Collapse)]) * (top - bottom)
    under = CLEFT_DEPTH_MM + shape.broken.cleft + APART_MM if shape.broken.cleft else away
    depths = [(top - p[2], under)] + ([(p[2] - bottom, away)] if isinstance(shape.wedge, Collapse) else [])
    out = []
    for depth, first in depths:
        last = np.minimum(np.float32(first + thick), np.maximum(deepest, np.float32(first)))
        out.append(np.maximum(np.maximum(np.float32(first) - depth, depth - last), side))
    return out


def _radius(shape: Shape, p: Points, half: tuple[float, float], at: float = 0.0) -> Values:
    """1 on an ellipse of half axes `half` whose middle lies `at` half depths behind the body's: shares, as the constants above."""
    u = p[0] / np.float32(half[0] * shape.size.plate_width_upper)
    v = (p[1] / np.float32(shape.back) - np.float32(at)) / np.float32(half[1])
    out: Values = np.sqrt(u * u + v * v)
    return out


def _focus(shape: Shape) -> Array:
    """Centre of the lytic focus."""
    site = shape.broken.site
    if site == "left-pedicle":
        return shape.isthmus("left")
    if site == "right-pedicle":
        return shape.isthmus("right")
    y = shape.back - 0.3 * shape.broken.lytic if site == "posterior-wall" else 0.0
    ends = top_and_bottom(shape, np.zeros(1, np.float32), np.full(1, y, np.float32))
    return np.array([0.0, y, float((ends[0] + ends[1])[0]) / 2])


def check(shape: Shape) -> None:
    """Raises ValueError, beginning with the recipe's key, where a body would be turned inside out or a gap not fit into it."""
    broken, s = shape.broken, shape.size
    x = np.linspace(-0.8, 0.8, 17, dtype=np.float32)[:, None, None] * np.float32(s.plate_width_upper / 2)
    y = np.linspace(-0.85, 0.85, 15, dtype=np.float32)[None, :, None] * np.float32(shape.back)
    tall = max(s.posterior_height, s.anterior_height)
    z = np.linspace(-0.6, 0.6, 161, dtype=np.float32)[None, None] * np.float32(tall)
    _, upper, lower = shape.faces((x, y, z))
    inside = np.maximum(upper, lower) < 0.0
    thickness = inside.sum(axis=2) * float(z[0, 0, 1] - z[0, 0, 0])
    over = (x / (s.plate_width_upper / 2)) ** 2 + (y / shape.back) ** 2
    least = float(thickness[over[..., 0] < 0.8].min())
    if least < LEAST_BONE_MM:
        key = "end_plate_defect_mm" if broken.dent else "middle_height_fraction"
        raise ValueError(
            f"{key}: {least:.1f} mm of bone would be left between the plates; expected {LEAST_BONE_MM:g} or more"
        )
    within = ((x / CLEFT_HALF[0] / s.plate_width_upper) ** 2 + ((y / shape.back - CLEFT_AT) / CLEFT_HALF[1]) ** 2) < 1.0
    room = float(thickness[within[..., 0]].min()) - CLEFT_DEPTH_MM - LEAST_BONE_MM
    if broken.cleft > max(room, 0.0):
        raise ValueError(f"cleft_mm: {broken.cleft:g} mm is more than this body has room for ({max(room, 0.0):.1f} mm)")
    most = 0.8 * s.depth
    if broken.lytic > most:
        raise ValueError(f"lytic_mm: {broken.lytic:g} mm is more than this body has room for ({most:.1f} mm)")


def void(shape: Shape, p: Points) -> Values | None:
    """The least of the fields of what holds no bone in the body; None where there is no such gap."""
    fields = [field(shape, p) for asked, field in ((shape.broken.cleft, cleft), (shape.broken.lytic, lytic)) if asked]
    return None if not fields else np.asarray(np.minimum.reduce(np.broadcast_arrays(*fields)), dtype=np.float32)


def regions(shapes: Mapping[str, Shape], bones: Mapping[str, Bone], bone_volume_fraction: float) -> dict[str, Region]:
    """What is in the fractured levels' gaps, by name: gaps first, then condensed bone."""
    found = {}
    for level, shape in shapes.items():
        for region in _of(shape, bones[level], bone_volume_fraction):
            found[region.name] = region
    return found


def _of(shape: Shape, bone: Bone, fraction: float) -> Iterator[Region]:
    """The regions of one level; each keeps clear of those before it, so that no ray counts a place twice."""
    broken, taken = shape.broken, list[Field]()
    asked: list[tuple[str, Tissue, NDArray[np.float32], Field]] = []
    if broken.cleft:
        asked.append(("cleft", Tissue.AIR, medium("air"), partial(cleft, shape)))
    if broken.lytic:
        asked.append(("lytic focus", Tissue.MUSCLE, medium("soft"), partial(lytic, shape)))
    for side in broken.pedicles:
        lines = Lines({side: shape.isthmus(side)}, 0.75 * shape.size.pedicle_height)
        asked.append((f"{side} pedicle line", Tissue.MUSCLE, medium("soft"), partial(_line, lines)))
    if broken.age:
        dense = medium("cancellous", min(BANDS[broken.age][2] * fraction, MOST_DENSE))
        for n, name in enumerate(["upper band", "lower band"][: 1 + isinstance(shape.wedge, Collapse)]):
            asked.append((name, Tissue.CANCELLOUS, dense, partial(_band, shape, n)))
    for name, tissue, inside, field in asked:
        made = _region(f"{shape.level} {name}", tissue, (inside, medium("cancellous", fraction)), bone, field, taken)
        taken.append(field)
        if made is not None:
            yield made


def _line(lines: Lines, p: Points) -> Values:
    """A slab as thick as a fracture line."""
    out: Values = lines.across(p) - np.float32(LINE_MM)
    return out


def _band(shape: Shape, number: int, p: Points) -> Values:
    """One of the bands."""
    return bands(shape, p)[number]


def _region(
    name: str,
    tissue: Tissue,
    media: tuple[NDArray[np.float32], NDArray[np.float32]],
    bone: Bone,
    field: Field,
    taken: list[Field],
) -> Region | None:
    """A field's inside, within the bone's inner surface and clear of those taken; None where nothing of it is left."""
    lattice = _lattice(bone, field)
    p = lattice.points()
    values = np.broadcast_to(field(p), lattice.shape)
    at = np.stack(np.broadcast_arrays(*p), axis=-1)
    values = np.maximum(values, sample(bone.distance, at) + sample(bone.wall, at) + MARGIN_MM)
    for other in taken:
        values = np.maximum(values, APART_MM - other(p))
    values[[0, -1]] = values[:, [0, -1]] = values[:, :, [0, -1]] = 1.0
    if np.count_nonzero(values < 0.0) < SMALLEST:
        return None
    grid = lattice.grid(redistance(values.astype(np.float32), lattice.spacing))
    vertices, faces = mesh(grid, FACES)
    turn, place = bone.patient_from_bone[:3, :3], bone.patient_from_bone[:3, 3]
    moved = (vertices @ turn.T + place).astype(np.float32)
    surface = Surface(name, moved, faces, inside=media[0], outside=media[1])
    there = Lattice.around(moved.min(axis=0) - 2.0, moved.max(axis=0) + 2.0, FINE_MM)
    points = np.stack(np.broadcast_arrays(*there.points()), axis=-1)
    return Region(name, tissue, there.grid(sample(grid, (points - place) @ turn).astype(np.float32)), surface)


def _lattice(bone: Bone, field: Field) -> Lattice:
    """Fine samples round where a field is negative within a bone."""
    far = bone.distance.origin + bone.distance.spacing * (np.array(bone.distance.values.shape) - 1)
    rough = Lattice.around(bone.distance.origin, far, 1.0)
    near = np.broadcast_to(field(rough.points()), rough.shape) < 1.0
    at = np.argwhere(near)
    low, high = rough.origin + rough.spacing * at.min(axis=0), rough.origin + rough.spacing * at.max(axis=0)
    return Lattice.around(low - 3.0, high + 3.0, FINE_MM)
