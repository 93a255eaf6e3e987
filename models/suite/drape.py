"""The surgical drape: a cloth over the patient with an opening over the target, hanging over the table's sides and foot.

In: a Patient and the name of a level. Out: `Piece` "drape", patient frame, mm, closed: upper side, rim and lower side.
The sheet is let fall on body and table (cloth.py); round its opening it sticks to the skin. Not here: the body (body.py).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.distance import gradient, sample
from models.patient import Grid, Patient
from models.suite.bake import baked
from models.suite.body import Shell, beyond, digest, field, part, surroundings, table_centre_mm, used
from models.suite.cloth import Support, settle
from models.suite.figure import TABLE_MM, figure
from models.suite.mesh import Piece

Array = NDArray[np.float64]

STEP_MM = 10.0  # between the threads of the mesh
COARSE_MM = 20.0  # between the threads that are let fall first
OPENING_MM = (75.0, 90.0)  # half width and half length of the opening: 15 x 18 cm
STUCK_MM = 25.0  # width of the adhesive round the opening; assumed
HALF_WIDTH_MM = (
    515.0  # of the sheet over a torso of USUAL_MM: hangs about 0.15 m over the sides; half as much more over a bigger
)
USUAL_MM = 160.0 + 212.0  # half width and height above the pad
BEYOND_FOOT_MM = 160.0  # hangs so far over the table's end
RAIL_MM = 37.0  # the table's rails stand out so far from its pad (models/suite/table.py); its foot end has as much room
EDGE_MM = 42.0  # radius at which the cloth goes round them
GAP_MM, STUCK_GAP_MM = 4.0, 1.2  # cloth's middle above what it lies on, and where it sticks
HALF_MM, SEWN_MM = 0.8, 1.5  # half the cloth's thickness, and where it is sewn; assumed
STRIP_MM = 10.0  # width of the sewn strip round the opening; assumed
RIM_LIGHT = 0.75  # share of light at the cloth's edge, by eye
STEPS = (1100, 600)  # of the fall: coarse, fine
FULLNESS = 0.09  # the hem is by this share longer than the sheet's middle, as worn cloth is: it hangs in folds; assumed
HANGING_MM = 300.0  # what lies farther out on the sheet hangs, or nearly so
TUCKED, TUCKED_MM = 0.30, (170.0, 330.0)
"""By this share the sides are shorter as far as the first length from the opening's middle, and not beyond the second: at orbital
+-50, where it comes nearest, the C-arm's tube then clears the hem (models/suite/c_arm.py); by trial."""
CREASE_MM = (3.0, 30.0)
"""Height and half width of the creases left from folding; assumed."""
FOLDED_MM = (190.0, 240.0)
"""How far apart they are across and along the sheet; assumed."""
LINKS = ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 0.25), (1, -1, 0.25), (0, 2, 0.07), (2, 0, 0.07))
"""(columns, rows, share taken back a sweep): threads, diagonals, bending; assumed, by eye."""


@dataclass(frozen=True)
class Sheet:
    """The cloth flat: where each of its points is on it, from the target's opening, and which cells are cut out."""

    across: Array  # (C,) mm, to the left
    along: Array  # (R,) mm, toward the head
    there: NDArray[np.bool_]  # (C, R) points that are not in the opening


def opening_centre(patient: Patient, target: str) -> Array:
    """(2,) x and z of the opening's centre: over the middle of the pedicles, on the midline of the level."""
    pedicles = patient.vertebrae[target].pedicles.values()
    return np.asarray(np.mean([p.centre for p in pedicles], axis=0)[[0, 2]])


def sheet(patient: Patient, target: str, step: float = STEP_MM) -> Sheet:
    """The flat cloth."""
    x, z = opening_centre(patient, target)
    f = figure(patient)
    low = table_centre_mm(patient)[2] - TABLE_MM[1] - BEYOND_FOOT_MM - z
    high = f.covered - z
    half = HALF_WIDTH_MM + 0.5 * (f.half_width + f.back - f.table - USUAL_MM)
    left, right = f.middle - x - half, f.middle - x + half
    across = step * (np.arange(np.floor(left / step), np.ceil(right / step)) + 0.5)  # opening's sides fall on threads
    along = step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)
    inside = (np.abs(across) < OPENING_MM[0] - 1)[:, None] & (np.abs(along) < OPENING_MM[1] - 1)[None, :]
    return Sheet(across, along, ~inside)


def links(flat: Sheet) -> tuple[NDArray[np.int64], Array, Array]:
    """(pairs (M, 2), lengths (M,), shares (M,)) that hold the sheet together; none leads over the opening."""
    columns, rows = flat.there.shape
    number, there = np.arange(columns * rows).reshape(columns, rows), flat.there.ravel()
    step = float(flat.across[1] - flat.across[0])
    wide, long = _cut(flat)
    pairs, lengths, shares = [], [], []
    for i, j, share in LINKS:
        a = number[: columns - i, max(-j, 0) : rows - max(j, 0)]
        b = number[i:, max(j, 0) : rows - max(-j, 0)]
        whole = there[a] & there[b] & there[(a + b) // 2]
        length = step * np.hypot(i * wide.ravel()[a], j * long.ravel()[a])
        pairs.append(np.stack([a[whole], b[whole]], axis=-1))
        lengths.append(length[whole])
        shares.append(np.full(int(whole.sum()), share))
    return np.concatenate(pairs), np.concatenate(lengths), np.concatenate(shares)


def _cut(flat: Sheet) -> tuple[Array, Array]:
    """(C, R) length of the threads across and along, as a share of their distance on the flat sheet.

    The hem is fuller than the middle; beside the opening the sides are shorter, so that the tube passes below them.
    """
    across = np.abs(flat.across - flat.across.mean())[:, None]
    hanging = np.clip((across - HANGING_MM) / (across.max() - HANGING_MM), 0.0, 1.0)
    beside = np.clip((TUCKED_MM[1] - np.abs(flat.along)) / (TUCKED_MM[1] - TUCKED_MM[0]), 0.0, 1.0)[None, :]
    soft = beside * beside * (3.0 - 2.0 * beside)
    return 1.0 - TUCKED * soft * (hanging > 0.0), (1.0 + FULLNESS * hanging) + 0.0 * soft


def laid(patient: Patient, target: str, body: Grid) -> tuple[Sheet, Array]:
    """(flat sheet, points (C, R, 3) of its middle at rest on the patient): let fall coarse, then fine."""
    from scipy.ndimage import map_coordinates

    x, z = opening_centre(patient, target)
    coarse, fine = sheet(patient, target, COARSE_MM), sheet(patient, target)
    u, v = np.meshgrid(coarse.across, coarse.along, indexing="ij")
    uneven = np.random.default_rng(4).uniform(0.0, 2.0, u.shape)  # so that no fold waits for rounding errors
    rest = np.stack([x + u, figure(patient).back + 45.0 + uneven, z + v], axis=-1)
    rest = _fallen(patient, target, coarse, rest, body, STEPS[0])
    at = np.meshgrid(
        (fine.across - coarse.across[0]) / COARSE_MM, (fine.along - coarse.along[0]) / COARSE_MM, indexing="ij"
    )
    start = np.stack([map_coordinates(rest[..., n], at, order=1, mode="nearest") for n in range(3)], axis=-1)
    return fine, _smoothed(_fallen(patient, target, fine, start, body, STEPS[1]), fine.there)


def _smoothed(points: Array, there: NDArray[np.bool_]) -> Array:
    """The sheet without the saw teeth of single threads: each point half way to the mean of its neighbours, twice; edges stay."""
    inner = there.copy()
    inner[[0, -1]], inner[:, [0, -1]] = False, False
    for n, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
        inner &= np.roll(there, n, axis)
    for _ in range(2):
        mean = sum(np.roll(points, n, axis) for n, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1))) / 4.0
        points = np.where(inner[..., None], 0.5 * (points + mean), points)
    return points


def _fallen(patient: Patient, target: str, flat: Sheet, start: Array, body: Grid, steps: int) -> Array:
    """(C, R, 3) the sheet after some steps of falling; round the opening it sticks to the skin."""
    table = table_centre_mm(patient)
    x, z = opening_centre(patient, target)
    u, v = np.meshgrid(flat.across, flat.along, indexing="ij")
    stuck = (np.abs(u) < OPENING_MM[0] + STUCK_MM) & (np.abs(v) < OPENING_MM[1] + STUCK_MM)
    goal = start.copy()
    goal[stuck] = np.stack([x + u, _skin_height(patient, x + u, z + v) + STUCK_GAP_MM, z + v], axis=-1)[stuck]
    block = np.array([table[0], TABLE_MM[0] + RAIL_MM, table[2], TABLE_MM[1] + RAIL_MM, table[1], EDGE_MM])
    support = Support(body.values, body.origin, body.spacing, block, GAP_MM)
    flat_points, flat_goal = start.reshape(-1, 3), goal.reshape(-1, 3)
    return settle(flat_points, stuck.ravel(), flat_goal, *links(flat), support, steps).reshape(start.shape)


def _skin_height(patient: Patient, x: Array, z: Array) -> Array:
    """y of the skin's back at each x and z."""
    low, high = np.zeros(x.shape), np.full(x.shape, 400.0)
    for _ in range(24):
        middle = (low + high) / 2
        inside = sample(patient.skin, np.stack([x, middle, z], axis=-1)) < 0.0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low


def drape(patient: Patient, target: str) -> Piece:
    """The piece, from the cache where it was built before. Raises KeyError where the patient has no such level."""
    return baked("drape", {"patient": digest(patient), "target": target}, lambda: build(patient, target))


def build(patient: Patient, target: str) -> Piece:
    """The piece, built."""
    person = field(patient)
    flat, middle = laid(patient, target, person)
    middle = _clear(person, middle + _creases(flat)[..., None] * _normals(middle))
    normals, half = _normals(middle), _half(flat)[..., None]
    top, bottom = ((middle + side * half * normals).reshape(-1, 3) for side in (1.0, -1.0))
    outward = normals.reshape(-1, 3)
    cells = _cells(flat.there)
    below = _cells(flat.there & _seen_from_below(flat, middle[..., 1] - figure(patient).table))
    border = _bordering(flat).ravel()[cells].all(axis=1)
    around = surroundings(patient, person)
    parts = [
        part(material, used(shell), around)
        for material, shell in (
            ("drape", Shell(top, outward, cells[~border])),
            ("linen", Shell(top, outward, cells[border])),
            ("drape", Shell(bottom, -outward, below[:, ::-1])),
        )
    ]
    rim = part("drape", _rim(top, bottom, _edges(cells)), around)
    return Piece("drape", (*parts, replace(rim, shade=np.full(len(rim.vertices), RIM_LIGHT, dtype=np.float32))))


def _clear(body: Grid, middle: Array) -> Array:
    """The sheet's middle lifted where it is nearer to the skin than where it sticks."""
    short = np.maximum(STUCK_GAP_MM - beyond(body, middle), 0.0)[..., None]
    slope = gradient(body, middle)
    return np.asarray(middle + short * slope / np.maximum(np.linalg.norm(slope, axis=-1, keepdims=True), 0.3))


def _half(flat: Sheet) -> Array:
    """(C, R) half the cloth's thickness: more where it is turned over and sewn, at hem and opening."""
    sewn = np.zeros(flat.there.shape, dtype=bool)
    sewn[:2], sewn[-2:], sewn[:, :2], sewn[:, -2:] = True, True, True, True
    return np.where(sewn | _bordering(flat), SEWN_MM, HALF_MM)


def _bordering(flat: Sheet) -> NDArray[np.bool_]:
    """(C, R) the strip round the opening."""
    u, v = np.abs(flat.across)[:, None], np.abs(flat.along)[None, :]
    return np.asarray(flat.there & (u < OPENING_MM[0] + STRIP_MM + 1) & (v < OPENING_MM[1] + STRIP_MM + 1))


def _seen_from_below(flat: Sheet, above: Array) -> NDArray[np.bool_]:
    """(C, R) whether the cloth's lower side can be seen: where it hangs, near its edges and at the opening."""
    near = 4
    seen = (above < 12.0) | _bordering(flat)
    seen[:near], seen[-near:], seen[:, :near], seen[:, -2 * near :] = True, True, True, True
    return seen


def _creases(flat: Sheet) -> Array:
    """(C, R) mm out of the sheet: ridges and furrows where it lay folded in its package, none round the opening."""
    height, half = CREASE_MM
    across, along = FOLDED_MM
    u, v = flat.across[:, None], flat.along[None, :]
    out = np.zeros(flat.there.shape)
    for where, apart, other in ((u, across, v), (v, along, u)):
        n = np.round(where / apart - 0.5)
        near = np.clip(1.0 - np.abs(where - apart * (n + 0.5)) / half, 0.0, 1.0)
        out += np.where(n % 2 == 0, height, -0.6 * height) * near * (0.7 + 0.3 * np.sin(other / 70.0 + 2.0 * n))
    free = np.maximum(np.abs(u) - OPENING_MM[0] - STUCK_MM, np.abs(v) - OPENING_MM[1] - STUCK_MM)
    return np.asarray(out * np.clip(free / 40.0, 0.0, 1.0))


def _normals(points: Array) -> Array:
    """(C, R, 3) unit, away from the patient."""
    normals = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True))


def _cells(there: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(F, 3) two triangles for each square that has all its corners."""
    number = np.arange(there.size, dtype=np.int32).reshape(there.shape)
    a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
    whole = there[:-1, :-1] & there[1:, :-1] & there[1:, 1:] & there[:-1, 1:]
    return np.concatenate([np.stack([p[whole], q[whole], r[whole]], axis=-1) for p, q, r in ((a, d, c), (a, c, b))])


def _edges(faces: NDArray[np.int32]) -> NDArray[np.int32]:
    """(E, 2) edges that have a triangle on one side only, as that triangle runs along them."""
    edges = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    size = int(faces.max()) + 1
    key, back = edges[:, 0].astype(np.int64) * size + edges[:, 1], edges[:, 1].astype(np.int64) * size + edges[:, 0]
    return edges[~np.isin(key, back)]


def _rim(top: Array, bottom: Array, edges: NDArray[np.int32]) -> Shell:
    """The cloth's edge between upper and lower side."""
    a, b = edges[:, 0], edges[:, 1]
    corners = np.stack([top[a], bottom[a], bottom[b], top[b]], axis=1)
    out = np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
    out = out / np.linalg.norm(out, axis=-1, keepdims=True)
    first = 4 * np.arange(len(edges), dtype=np.int32)[:, None]
    faces = np.concatenate([first + np.array([[0, 1, 2]]), first + np.array([[0, 2, 3]])]).astype(np.int32)
    return Shell(corners.reshape(-1, 3), np.repeat(out, 4, axis=0), faces)
