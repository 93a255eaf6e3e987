"""The person round the patient's spine, as solids: what a prone adult of the torso's size has besides the torso.

In: a Patient. Out: `Figure` (where table, pelvis and shoulders are) and lists of (solid, blend mm) for head, arms, legs, and for
what lies under head and arms. Patient frame, mm. Lengths are those of an adult of about 1.65 m, girths go with the torso's
width; all assumed, by common anthropometry (acromion breadth 0.36 m, thigh 0.40, shank 0.39, arm 0.28, forearm 0.25, foot 0.24).
Pose: face down in a ring cushion, arms up beside the head on boards, elbows bent, feet stretched.
Not here: the field and its mesh (body.py), the cloth (drape.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.distance import sample
from models.morphometry import LEVELS
from models.patient import Patient
from models.solids import Points, Solid, Values, ellipsoid, frame, limb, slab

Array = NDArray[np.float64]
Solids = list[tuple[Solid, float]]
"""Solids with the mm over which each is blended into those before it."""

SINK_MM = 5.0  # the belly presses this far into the pad; assumed
LEVEL_MM = 34.0  # one lumbar level, body and disc; assumed (FIGURES a: about 27 + 9)
TABLE_MM = (265.0, 1050.0)  # half width and half length of the pad, as models/suite/table.py
DRAPE_MM = (335.0, 410.0)  # from L4 to where the drape usually ends, and to the root of the neck; assumed
OPENING_NEEDS_MM = 150.0  # from a spinous tip to the drape's end beyond an opening there
WIDTH_MM = 320.0  # torso of an adult whose girths are 1 here; as in models/recipe.py


@dataclass(frozen=True)
class Figure:
    """Where the parts of the person go."""

    middle: float  # x of the midline
    table: float  # y of the pad's surface
    pelvis: float  # z of L4, from which lengths are counted
    half_width: float  # of the torso
    back: float  # y of the back in the midline, mean over the patient's own levels
    girth: float  # of limbs, against a torso of WIDTH_MM
    covered: float  # z of the drape's head end

    def at(self, x: float, above: float, z: float) -> Array:
        """(3,) a point by mm left of the midline, above the pad, and toward the head from L4."""
        return np.array([self.middle + x, self.table + above, self.pelvis + z])


def figure(patient: Patient) -> Figure:
    """The figure of a patient: sizes from the patient's own skin, z from the level nearest to L4."""
    points = patient.skin_surface.vertices
    low, high = points.min(axis=0), points.max(axis=0)
    middle = float(low[0] + high[0]) / 2
    nearest = min(patient.levels, key=lambda level: abs(LEVELS.index(level) - LEVELS.index("L4")))
    steps = LEVELS.index("L4") - LEVELS.index(nearest)
    pelvis = float(patient.vertebrae[nearest].centre[2]) - LEVEL_MM * steps
    return Figure(
        middle=middle,
        table=float(low[1]) + SINK_MM,
        pelvis=pelvis,
        half_width=float(high[0] - low[0]) / 2,
        back=_back(patient, middle),
        girth=(float(high[0] - low[0]) / WIDTH_MM) ** 0.6,
        covered=_covered(patient, pelvis),
    )


def _covered(patient: Patient, pelvis: float) -> float:
    """z up to which the drape lies: the shoulder blades, or as far above the highest level as an opening there needs, but the
    neck stays free."""
    highest = max(float(v.spinous_tip[2]) for v in patient.vertebrae.values())
    return min(max(pelvis + DRAPE_MM[0], highest + OPENING_NEEDS_MM), pelvis + DRAPE_MM[1])


def _back(patient: Patient, x: float) -> float:
    """Mean y of the skin behind the spinous tips, x mm left of the origin."""
    y = np.arange(0.0, 260.0, 0.5)
    z = np.array([v.spinous_tip[2] for v in patient.vertebrae.values()])
    at = np.stack(np.broadcast_arrays(x, y[None, :], z[:, None]), axis=-1)
    return float(y[np.argmax(sample(patient.skin, at) > 0.0, axis=1)].mean())


def head(f: Figure) -> Solids:
    """Neck, skull, face and ears; face down."""
    level = f.back - f.table  # the occiput lies about as high as the back
    mid = HEAD_SHARE * level
    solids = [
        (limb(f.at(0, level - 62, 380), f.at(0, mid - 2, 520), ((62, 54), (55, 54), (58, 60)), up=(0, 1, 0)), 40.0),
        (ellipsoid(f.at(0, mid, 600), (76, 94, 90)), 30.0),
        (ellipsoid(f.at(0, mid - 42, 553), (60, 56, 66)), 30.0),  # face
        (ellipsoid(f.at(0, mid - 66, 515), (36, 26, 28)), 22.0),  # chin
        (ellipsoid(f.at(0, mid - 98, 566), (11, 16, 22)), 8.0),  # nose
        (ellipsoid(f.at(0, mid - 72, 602), (52, 24, 16)), 14.0),  # brow
    ]
    for side in (1.0, -1.0):
        solids += [
            (ellipsoid(f.at(side * 46, mid - 30, 520), (18, 34, 30)), 24.0),  # angle of the jaw
            (
                limb(
                    f.at(side * 26, level - 40, 490), f.at(side * 60, level - 46, 395), ((20, 22), (26, 22), (34, 24))
                ),
                36.0,
            ),  # trapezius down from the neck
        ]
    return solids


def arms(f: Figure) -> Solids:
    """Shoulder girdle, arms and hands, palms down."""
    return [part for side in (1.0, -1.0) for part in _arm(f, side)]


def _elbow(f: Figure, side: float) -> Array:
    return f.at(side * (f.half_width + 250), 46, 446)


def _wrist(f: Figure, side: float) -> Array:
    return f.at(side * (f.half_width + 132), 44, 670)


def _arm(f: Figure, side: float) -> Iterator[tuple[Solid, float]]:
    g = f.girth
    shoulder = f.at(side * (f.half_width + 10), 112, 378)
    elbow, wrist = _elbow(f, side), _wrist(f, side)
    yield (
        ellipsoid(
            f.at(side * 92, f.back - f.table - 34, 312), (62, 26, 80), frame((1, 0, 0.25 * side), (-0.25 * side, 0, 1))
        ),
        40.0,
    )
    yield (
        limb(f.at(side * 70, f.back - f.table - 50, 400), shoulder, ((44, 34), (46, 38), (48, 44)), up=(0, 1, 0)),
        50.0,
    )
    yield (
        limb(
            f.at(side * (f.half_width - 32), 96, 270),
            shoulder * 0.55 + elbow * 0.45,
            ((30, 48), (40, 44), (34, 36)),
            up=(0, 1, 0),
        ),
        50.0,
    )
    yield ellipsoid(shoulder, (58 * g, 52 * g, 56 * g)), 45.0
    yield limb(shoulder, elbow, ((50 * g, 48 * g), (46 * g, 45 * g), (37 * g, 37 * g)), up=(0, 1, 0)), 30.0
    yield ellipsoid(elbow, (39 * g, 36 * g, 39 * g)), 15.0
    yield limb(elbow, wrist, ((38 * g, 37 * g), (41 * g, 35 * g), (27 * g, 19 * g)), up=(0, 1, 0)), 22.0
    yield from _hand(wrist, wrist - elbow, side)


def _hand(wrist: Array, along: Array, side: float) -> Iterator[tuple[Solid, float]]:
    """Palm, thumb and four slightly bent fingers; sizes of an adult hand of 0.18 m, assumed."""
    forward, across, up = frame((along[0] * 0.45, 0.0, along[2]), (0, 1, 0))
    across = across * np.sign(across[0]) * side  # away from the midline

    def at(a: float, c: float, u: float) -> Array:
        return np.asarray(wrist + a * forward + c * across + u * up)

    yield limb(at(-10, 0, -2), at(40, 0, -6), ((25, 17), (32, 15)), up=(0, 1, 0)), 14.0
    yield slab(at(52, 0, -9), np.stack([forward, across, up]), (38, 38, 13), 12.0), 16.0
    for aside, spread, length in ((-29, -7, 68), (-10, -2, 78), (9.5, 3, 73), (28, 9, 56)):
        knuckle, middle = at(84, aside, -8), at(84 + 0.5 * length, aside + 0.6 * spread, -7)
        yield limb(knuckle, middle, ((8.6, 8.6), (8.2, 8.0)), up=(0, 1, 0)), 5.0
        yield limb(middle, at(84 + length, aside + spread, -17), ((8.2, 8.0), (6.6, 6.4)), up=(0, 1, 0)), 3.0
    yield limb(at(8, -24, -8), at(44, -54, -14), ((15, 13), (10.5, 10)), up=(0, 1, 0)), 10.0
    yield limb(at(44, -54, -14), at(72, -60, -20), ((10.2, 9.6), (7.6, 7)), up=(0, 1, 0)), 3.0


def legs(f: Figure) -> Solids:
    """Buttocks, legs and feet."""
    return [part for side in (1.0, -1.0) for part in _leg(f, side)]


def _leg(f: Figure, side: float) -> Iterator[tuple[Solid, float]]:
    g = f.girth
    wide = 0.52 * f.half_width
    knee, ankle = f.at(side * (wide + 12), 58 * g, -550), f.at(side * (wide + 20), 62, -935)
    yield ellipsoid(f.at(side * 0.46 * f.half_width, f.back - f.table - 66, -146), (84 * g, 84, 92)), 50.0
    yield ellipsoid(f.at(side * 0.74 * f.half_width, 96, -150), (62 * g, 74 * g, 92)), 50.0
    yield (
        limb(
            f.at(side * wide, 90 * g, -170), knee, ((88 * g, 88 * g), (74 * g, 72 * g), (56 * g, 55 * g)), up=(0, 1, 0)
        ),
        45.0,
    )
    yield limb(knee, ankle, ((52 * g, 50 * g), (51 * g, 50 * g), (33, 36)), up=(0, 1, 0)), 30.0
    yield ellipsoid(f.at(side * (wide + 14), 82 * g, -672), (46 * g, 42 * g, 118)), 35.0  # calf
    yield ellipsoid(f.at(side * (wide + 20), 80, -962), (30, 38, 34)), 22.0  # heel
    yield (
        limb(ankle - (0, 2, 10), f.at(side * (wide + 8), 30, -1085), ((32, 36), (38, 27), (44, 17)), up=(0, 1, 0.3)),
        20.0,
    )
    for toe in range(5):
        aside = wide + 4 + (toe - 2) * 17.0
        size = 12.5 if toe == 0 else 10.0 - 0.4 * toe
        root = f.at(side * aside, 26, -1085)
        yield (
            limb(
                root, root - np.array([0.0, 8.0, 44.0 - 4.5 * toe]), ((size + 1, size + 1), (size, size)), up=(0, 1, 0)
            ),
            6.0,
        )


def supports(f: Figure) -> Solids:
    """The ring cushion below the face and two arm boards at the table's sides."""
    boards = [_board(f, side) for side in (1.0, -1.0)]
    return [(_ring(f), 0.0)] + [(slab(at, rows, (half, *BOARD_MM), 18.0), 0.0) for at, rows, half in boards]


HEAD_SHARE = 0.58
"""Height of the head's middle, as a share of the back's: the occiput lies about as high as the back; assumed."""

RING_MM = (78.0, 98.0, 34.0)
"""Half axes of the cushion's core across and along the patient, and half its breadth; as high as the face needs; assumed."""


def _ring(f: Figure) -> Solid:
    """About the distance to a ring of foam round the face, a little flattened by it."""
    wide, long, thick = RING_MM
    high = 0.5 * (HEAD_SHARE * (f.back - f.table) - 56.0)
    centre = f.at(0.0, high - 2.0, 588.0)

    def field(p: Points) -> Values:
        x, y, z = (q - np.float32(c) for q, c in zip(p, centre, strict=True))
        radius = np.sqrt((x / wide) ** 2 + (z / long) ** 2)
        out = (radius - 1.0) * np.sqrt(x * x + z * z) / np.maximum(radius, 1e-3)
        across = np.sqrt((out / 1.15) ** 2 + (y * thick / high) ** 2)
        return np.asarray(across - thick, dtype=np.float32)

    reach = np.array([wide + 1.2 * thick, 1.2 * high, long + 1.2 * thick])
    return Solid(field, centre - reach, centre + reach)


BOARD_MM = (95.0, 24.0)  # half width and half thickness of an arm board; assumed


def trays(f: Figure) -> Solids:
    """What carries the arm boards: a plate below each, and an arm of it to the table's underside."""
    parts: Solids = []
    for side in (1.0, -1.0):
        board, rows, half = _board(f, side)
        parts.append(
            (slab(board - (0.0, BOARD_MM[1] + 3.0, 0.0), rows, (half - 22.0, BOARD_MM[0] - 18.0, 6.0), 5.0), 0.0)
        )
        inward = np.array([f.middle + side * (TABLE_MM[0] - 60.0), f.table - 96.0, board[2]])
        outward = inward + np.array([side * 190.0, 0.0, 0.0])
        parts.append((slab((inward + outward) / 2, np.eye(3), (95.0, 8.0, 30.0), 5.0), 0.0))
        parts.append((slab(outward + np.array([0.0, 26.0, 0.0]), np.eye(3), (20.0, 34.0, 24.0), 5.0), 0.0))
    return parts


def _board(f: Figure, side: float) -> tuple[Array, Array, float]:
    """(centre, axes, half length) of an arm board: its first axis along the forearm."""
    elbow, wrist = _elbow(f, side), _wrist(f, side)
    along = (wrist - elbow) * (1.0, 0.0, 1.0)
    middle = elbow + 0.72 * along
    middle[1] = f.table + 8.0 - BOARD_MM[1]  # a little above the pad where it lies over the table's edge
    rows = frame(along, (0, 1, 0))
    return middle, rows, 0.5 * float(np.linalg.norm(along)) + 150.0


def cap(f: Figure) -> Solids:
    """A surgical cap over the hair."""
    mid = HEAD_SHARE * (f.back - f.table)
    return [
        (ellipsoid(f.at(0, mid + 8, 610), (87, 99, 92)), 0.0),
        (ellipsoid(f.at(0, mid + 40, 606), (72, 70, 84)), 30.0),
        *((ellipsoid(f.at(side * 76, mid + 4, 576), (11, 24, 34)), 28.0) for side in (1.0, -1.0)),  # over the ears
    ]


def hair(f: Figure) -> Solids:
    """What shows of the hair below the cap, at the nape."""
    mid = HEAD_SHARE * (f.back - f.table)
    return [
        (ellipsoid(f.at(0, mid + 20, 580), (71, 76, 74)), 0.0),
        (ellipsoid(f.at(0, mid + 26, 538), (46, 40, 34)), 24.0),
    ]
