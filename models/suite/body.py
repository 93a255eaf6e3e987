"""The patient as seen in the room: the torso's own skin continued to a whole prone person, cap, cushion and arm boards.

In: a Patient. Out: `Piece` "body", patient frame, mm; `table_top_mm`, `table_centre_mm` for whoever puts the table below.
Along the patient's own levels the skin is the Patient's own, where needle and X-ray meet it; beyond them it passes into
the figure's trunk (figure.py). Not here: the cloth (drape.py).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.distance import gradient, polygons, sample
from models.patient import Grid, Patient
from models.solids import Canvas, Lattice, Points, Solid, Values, slab, smooth_intersection
from models.suite.bake import baked
from models.suite.figure import TABLE_MM, Figure, Solids, arms, cap, figure, hair, head, legs, supports, trays
from models.suite.mesh import Part, Piece
from models.surfaces import simplified
from models.torso import BEYOND_MM, ENDS_MM, EXPONENT_BACK, EXPONENT_BELLY, FLANK_SHARE

Array = NDArray[np.float64]

SPACING_MM = 4.0
OWN_MM = 95.0
"""Beyond its outermost spinous tips the patient's skin is its own for so far; it then passes into the figure's trunk, which is
reached where the torso begins to end."""
OWN_WIDE_MM = (112.0, 150.0)
"""So far to either side of the midline the skin is the patient's own, and wholly the figure's: a waist and hips at the flanks."""
SKIN_FACES, CAP_FACES, HAIR_FACES, REST_FACES, TRAY_FACES = 42000, 7000, 1500, 6000, 3000
PAINTED_MM = 125.0
"""The painted skin ends so far beyond the outermost spinous tips, below the drape; assumed."""
LIGHT_MM = (10.0, 25.0, 60.0, 140.0)
"""Ways along the normal at which a vertex is asked how near the next thing is; assumed, by eye."""
ENDS_Z = (-1170.0, 860.0)  # of the figure, from L4: toes and fingertips; see figure.py

TRUNK = np.array(
    [  # z from L4 [mm], half width as a share of the torso's, back above the torso's [mm], belly above the pad [mm]
        (-300.0, 0.78, -95.0, 70.0),
        (-262.0, 0.94, -62.0, 36.0),
        (-215.0, 1.07, -30.0, 12.0),
        (-165.0, 1.12, -10.0, 2.0),
        (-105.0, 1.08, -2.0, -4.0),
        (-30.0, 1.00, 0.0, -5.0),
        (55.0, 0.945, 0.0, -5.0),
        (150.0, 0.97, 0.0, -5.0),
        (235.0, 1.01, 3.0, -2.0),
        (300.0, 1.01, 2.0, 6.0),
        (350.0, 0.92, -8.0, 22.0),
        (392.0, 0.72, -22.0, 46.0),
        (425.0, 0.48, -38.0, 66.0),
    ]
)
"""The trunk from perineum to the root of the neck; assumed."""


@dataclass(frozen=True)
class Shell:
    """A closed mesh with normals, patient frame, mm."""

    vertices: Array  # (V, 3)
    normals: Array  # (V, 3) unit, outward
    faces: NDArray[np.int32]  # (F, 3) counter-clockwise from outside


def body(patient: Patient) -> Piece:
    """The piece, from the cache where it was built before."""
    return baked("body", {"patient": digest(patient)}, lambda: build(patient))


def build(patient: Patient) -> Piece:
    """The piece, built: skin, cap, and what head and arms lie on."""
    f = figure(patient)
    person = field(patient)
    around = surroundings(patient, person)
    cover = solid_grid(cap(f), SPACING_MM)
    skin = shell(person, SKIN_FACES)
    painted = _painted(patient, skin, f)
    shells = {
        "skin": used(Shell(skin.vertices, skin.normals, skin.faces[~painted])),
        "prepped skin": used(Shell(skin.vertices, skin.normals, skin.faces[painted])),
        "hair": shell(solid_grid(hair(f), SPACING_MM), HAIR_FACES),
        "linen": _gathered(shell(cover, CAP_FACES), solid_grid([*head(f), *hair(f)], SPACING_MM)),
        "pad": shell(solid_grid(supports(f), SPACING_MM), REST_FACES),
        "grey plastic": shell(solid_grid(trays(f), SPACING_MM), TRAY_FACES),
    }
    return Piece("body", tuple(part(material, found, around) for material, found in shells.items()))


def _painted(patient: Patient, skin: Shell, f: Figure) -> NDArray[np.bool_]:
    """(F,) the triangles of the back that were painted with antiseptic: round all levels, farther than any opening reaches."""
    tips = [float(v.spinous_tip[2]) for v in patient.vertebrae.values()]
    at = skin.vertices[skin.faces].mean(axis=1)
    wide = np.abs(at[:, 0] - f.middle) < 0.8 * f.half_width
    long = (at[:, 2] > min(tips) - PAINTED_MM) & (at[:, 2] < min(max(tips) + PAINTED_MM, f.covered - 20.0))
    return np.asarray(wide & long & (at[:, 1] > (f.back + f.table) / 2))


def digest(patient: Patient) -> str:
    """24 hex digits of all of a patient that body and drape are made from."""
    made = hashlib.sha256(patient.skin.values.tobytes() + patient.skin.origin.tobytes())
    for level, vertebra in patient.vertebrae.items():
        made.update(level.encode() + vertebra.centre.tobytes() + vertebra.spinous_tip.tobytes())
        made.update(b"".join(p.centre.tobytes() for p in vertebra.pedicles.values()))
    return made.hexdigest()[:24]


def part(material: str, found: Shell, around: Grid) -> Part:
    """A shell as a Part: uv in metres across and along the patient, shade by what is near."""
    return Part(
        material,
        found.vertices.astype(np.float32),
        found.normals.astype(np.float32),
        (found.vertices[:, [0, 2]] / 1000.0).astype(np.float32),
        light(around, found.vertices, found.normals).astype(np.float32),
        found.faces,
    )


def light(around: Grid, vertices: Array, normals: Array) -> Array:
    """(V,) about the share of the surroundings that light comes from: less where something is nearer along the normal than the
    way gone along it. Source: A. Evans 2006, ambient occlusion by a distance field."""
    lost = np.zeros(len(vertices))
    for way in LIGHT_MM:
        lost += np.clip(1.0 - beyond(around, vertices + way * normals) / way, 0.0, 1.0)
    return np.asarray(1.0 - 0.85 * lost / len(LIGHT_MM))


def table_top_mm(patient: Patient) -> float:
    """y of the pad's surface, patient frame."""
    return figure(patient).table


def table_centre_mm(patient: Patient) -> Array:
    """(3,) centre of the pad's surface: below the midline, half way between toes and fingertips."""
    f = figure(patient)
    return f.at(0.0, 0.0, (ENDS_Z[0] + ENDS_Z[1]) / 2)


def field(patient: Patient) -> Grid:
    """About the distance [mm] to the person's skin, negative inside; limbs and head included, cushions not."""
    f = figure(patient)
    canvas = Canvas(_lattice(f))
    canvas.add(Solid(lambda p: _trunk(p, f), *_trunk_box(f)), 0.0)
    for solid, blend in [*legs(f), *head(f), *arms(f)]:
        canvas.add(solid, blend)
    _own_skin(canvas, patient, f.middle)
    return canvas.lattice.grid(canvas.values)


def surroundings(patient: Patient, person: Grid) -> Grid:
    """About the distance [mm] to person (their field), cap, cushions and table together."""
    f = figure(patient)
    canvas = Canvas(_lattice(f))
    canvas.values = person.values.copy()
    middle = table_centre_mm(patient) - (0.0, 100.0, 0.0)
    for solid, _ in [*supports(f), *cap(f), (slab(middle, np.eye(3), (TABLE_MM[0], 100.0, TABLE_MM[1]), 10.0), 0.0)]:
        canvas.add(solid, 0.0)
    return canvas.lattice.grid(canvas.values)


def _lattice(f: Figure) -> Lattice:
    wide = f.half_width + 265.0 + 50.0 * f.girth
    top = f.back - f.table + 75.0
    return Lattice.around(f.at(-wide, -20.0, ENDS_Z[0]), f.at(wide, top, ENDS_Z[1]), SPACING_MM)


def _trunk_box(f: Figure) -> tuple[Array, Array]:
    wide = 1.2 * f.half_width
    return f.at(-wide, -10.0, TRUNK[0, 0] - 20.0), f.at(wide, f.back - f.table + 20.0, TRUNK[-1, 0] + 20.0)


def _trunk(p: Points, f: Figure) -> Values:
    """About the distance to superelliptic sections along TRUNK, with a shallow furrow over the spine."""
    from scipy.interpolate import PchipInterpolator

    z = np.clip(p[2] - f.pelvis, TRUNK[0, 0], TRUNK[-1, 0])
    wide, back, belly = (PchipInterpolator(TRUNK[:, 0], TRUNK[:, n])(z).astype(np.float32) for n in (1, 2, 3))
    half = wide * np.float32(f.half_width)
    top, bottom = back + np.float32(f.back), belly + np.float32(f.table)
    flank = top - np.float32(FLANK_SHARE) * (top - bottom)
    x = p[0] - np.float32(f.middle)
    y = p[1] + np.float32(4.0) * np.exp(-((x / np.float32(16.0)) ** 2)) * (p[1] > flank)
    rise = np.where(y > flank, top - flank, flank - bottom)
    n = np.where(y > flank, np.float32(EXPONENT_BACK), np.float32(EXPONENT_BELLY))
    u = np.maximum(np.abs(x) / half, np.float32(1e-3))
    v = np.maximum(np.abs(y - flank) / rise, np.float32(1e-3))
    radius = (u**n + v**n) ** (1 / n)
    slope = np.sqrt(((u / radius) ** (n - 1) / half) ** 2 + ((v / radius) ** (n - 1) / rise) ** 2)
    ends = np.abs(p[2] - np.float32(f.pelvis + TRUNK[[0, -1], 0].mean())) - np.float32(np.ptp(TRUNK[:, 0]) / 2)
    sections = ((radius - 1) / slope).astype(np.float32)
    return smooth_intersection(sections, ends + 0 * sections, 40.0)


def _own_skin(canvas: Canvas, patient: Patient, middle: float) -> None:
    """Puts the patient's own skin where it is known; the figure goes over into it along z."""
    tips = [float(v.spinous_tip[2]) for v in patient.vertebrae.values()]
    low, high = min(tips) - OWN_MM, max(tips) + OWN_MM
    passage = BEYOND_MM - ENDS_MM - OWN_MM
    window = canvas.lattice.window((-1e4, -1e4, low - passage), (1e4, 1e4, high + passage))
    p = canvas.lattice.points(window)
    away = np.clip(np.maximum(low - p[2], p[2] - high) / np.float32(passage), 0.0, 1.0)
    aside = (np.abs(p[0] - np.float32(middle)) - OWN_WIDE_MM[0]) / (OWN_WIDE_MM[1] - OWN_WIDE_MM[0])
    share = _falling(away) * _falling(np.clip(aside, 0.0, 1.0))
    own = beyond(patient.skin, np.stack(np.broadcast_arrays(*p), axis=-1))
    canvas.values[window] = share * own + (1.0 - share) * canvas.values[window]


def _falling(t: NDArray[np.floating]) -> Values:
    """1 at 0, 0 at 1, level at both."""
    return np.asarray(1.0 - t * t * (3.0 - 2.0 * t), dtype=np.float32)


def beyond(grid: Grid, points: NDArray[np.floating]) -> Values:
    """The grid's value at points (..., 3), and outside of it the value at its edge plus the way to it."""
    far = grid.origin + grid.spacing * (np.array(grid.values.shape) - 1)
    way = np.linalg.norm(points - np.clip(points, grid.origin, far), axis=-1)
    return np.asarray(sample(grid, points) + way, dtype=np.float32)


def shell(grid: Grid, faces: int) -> Shell:
    """The zero set of a grid as about so many triangles, its vertices put back on the level set."""
    corners, found = polygons(grid.values)
    points, sides = simplified(grid.origin + grid.spacing * corners, found.astype(np.int32), faces)
    vertices = points.astype(np.float64)
    for _ in range(4):
        slope = gradient(grid, vertices)
        step = sample(grid, vertices)[:, None] * slope / np.maximum((slope**2).sum(axis=1, keepdims=True), 0.25)
        length = np.linalg.norm(step, axis=1, keepdims=True)
        vertices = vertices - step * np.minimum(1.0, grid.spacing / np.maximum(length, 1e-12))
    slope = gradient(grid, vertices)
    normals = slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)
    a, b, c = (vertices[sides[:, n]] for n in range(3))
    if np.einsum("fi,fi->", np.cross(b - a, c - a), normals[sides[:, 0]]) < 0.0:
        sides = sides[:, ::-1]
    return Shell(vertices, normals, np.ascontiguousarray(sides, dtype=np.int32))


def _gathered(found: Shell, below: Grid) -> Shell:
    """The cap as thin cloth gathered toward its edge: pleats round the axis from nape to crown, none where it meets what is below."""
    middle = found.vertices.mean(axis=0)
    x, y, z = (found.vertices - middle).T
    turn, down = np.arctan2(x, y), np.clip((35.0 - z) / 80.0, 0.0, 1.0)
    folds = np.sin(13 * turn + 1.3 * np.sin(5 * turn)) + 0.5 * np.sin(21 * turn + 2.0 + z / 40.0)
    crumpled = np.sin(x / 17.0 + 2.0 * np.sin(z / 23.0)) * np.sin(y / 19.0 + 1.5 * np.sin(x / 29.0))
    free = np.clip((beyond(below, found.vertices) - 1.0) / 7.0, 0.0, 1.0)
    moved = found.vertices + (free * (1.7 * down * folds + 0.7 * crumpled))[:, None] * found.normals
    return Shell(moved, normals_of(moved, found.faces), found.faces)


def used(found: Shell) -> Shell:
    """The shell without the vertices that no triangle names."""
    kept, faces = np.unique(found.faces, return_inverse=True)
    return Shell(found.vertices[kept], found.normals[kept], faces.reshape(-1, 3).astype(np.int32))


def normals_of(vertices: Array, faces: NDArray[np.int32]) -> Array:
    """(V, 3) unit mean of the normals of the triangles round each vertex, by area."""
    a, b, c = (vertices[faces[:, n]] for n in range(3))
    across = np.cross(b - a, c - a)
    total = np.stack([np.bincount(faces.ravel(), np.repeat(across[:, i], 3), len(vertices)) for i in range(3)], axis=-1)
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))


def solid_grid(solids: Solids, spacing: float) -> Grid:
    """Solids blended on a lattice of their own."""
    low = np.min([solid.low for solid, _ in solids], axis=0) - 3 * spacing
    high = np.max([solid.high for solid, _ in solids], axis=0) + 3 * spacing
    canvas = Canvas(Lattice.around(low, high, spacing))
    for solid, blend in solids:
        canvas.add(solid, blend)
    return canvas.lattice.grid(canvas.values)
