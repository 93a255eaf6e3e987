"""The sacrum as a field: five fused bodies on a curve, wings, canal, foramina, upper facets.

In: plate of L5, breadth. Out: a lattice and its field [mm, negative inside], not yet a distance; where the sacroiliac joints run.
Frame: sacrum (left, posterior, superior), origin in the middle of S1's plate, z along the plate's normal, mm.
Sizes are of an adult woman and assumed where no source is named: anatomy books give them as ranges.
Not here: where it lies (posture.chain), hip bones (ilium.py), walls and surfaces (pelvis.py).
"""

from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from models.morphometry import size
from models.patient import SIDES
from models.solids import (
    Canvas,
    Lattice,
    Points,
    Solid,
    Values,
    limb,
    smooth_difference,
    smooth_intersection,
)
from models.vertebra import BACK, SIGN

Array = NDArray[np.float64]

LENGTHS_MM = (30.0, 24.0, 20.0, 17.0, 15.0)  # of the bodies S1-S5 along their axis; assumed
LEAN_DEG = (15.0, 4.0, -12.0, -32.0, -50.0)
"""Axis of each body, backward of the plate's normal (then forward: the sacral kyphosis); S1's wall behind stands at about 97 degrees
to its plate (sacral table angle, recalled), the rest is assumed."""
HALF_MM = ((17.0, 11.5), (14.5, 8.5), (12.5, 6.5), (11.0, 5.0), (9.0, 4.0))
"""Half width and half depth of the fused bodies at the lower end of each; assumed."""
DISH_MM = 1.0  # depth of S1's plate; assumed
GAP_MM = 1.6  # of the sacroiliac joint: 1-2 mm with its cartilage
FEMALE_HALF_BREADTH_MM, MALE_HALF_BREADTH_MM = 56.0, 53.0  # at S1's wings; women's is the wider; assumed
BACKWARD = 0.40
"""mm by which a sacroiliac joint nears the midline for each mm backward: 22 degrees to the sagittal plane, so that it is open in an
oblique view and shows two lines in AP; assumed, 10-30 degrees in radiographic manuals (recalled)."""
BLEND_MM, WING_BLEND_MM, EDGE_MM = 3.0, 6.0, 2.5  # rounding of seams, of the wings' seams, of edges; assumed

WINGS = (
    ((12.0, 2.0, -15.0), (53.0, 11.0, -29.0), ((14.0, 14.0), (16.0, 14.0))),
    ((10.0, 7.0, -39.0), (45.0, 13.0, -48.0), ((10.0, 13.0), (13.0, 12.0))),
    ((8.0, 8.0, -61.0), (34.0, 13.0, -68.0), ((8.0, 10.0), (9.0, 10.0))),
    ((7.0, 3.0, -79.0), (23.0, 5.0, -82.0), ((5.5, 8.0), (5.5, 7.0))),
    ((6.0, -8.0, -91.0), (16.0, -7.0, -93.0), ((4.5, 6.0), (4.0, 5.0))),
)
"""The lateral parts of S1-S5, left: from the body outward, half axes (backward, upward) at both ends; assumed."""
LATERAL = (
    ((38.0, 11.0, -28.0), (30.0, 13.0, -66.0), ((12.0, 15.0), (8.0, 11.0))),
    ((29.0, 11.0, -66.0), (15.0, -5.0, -92.0), ((8.0, 9.0), (5.0, 5.0))),
)
"""What joins the wings beside the foramina, left: from above downward, half axes (across, backward); assumed."""
CANAL = (
    (27.0, 14.0, 15.0, 9.0),
    (27.5, -12.0, 14.5, 8.0),
    (27.0, -30.0, 12.0, 7.0),
    (23.0, -53.0, 9.0, 5.0),
    (15.5, -73.0, 6.5, 3.5),
    (4.0, -89.0, 5.0, 3.0),
    (-9.0, -104.0, 5.0, 3.0),
)
"""The sacral canal: y, z of its middle, half width, half depth; open above to L5's and below at the hiatus; assumed."""
CREST_ENDS_MM = -60.0  # z below which there is no median crest; assumed
FORAMINA = (
    (-32.0, 13.0, 21.5, 4.6, 8.0, 3.5),
    (-56.0, 11.0, 19.0, 4.0, 7.0, 3.2),
    (-74.0, 9.0, 16.5, 3.4, 5.6, 2.9),
    (-86.0, 7.5, 14.0, 3.0, 4.4, 2.6),
)
"""Between the bodies: z of the root's way out, x at the canal and in front, radius at the canal, in front and behind, left; assumed."""


@dataclass(frozen=True)
class Joint:
    """The surface of the left sacroiliac joint: x in mm at (y, z) of the sacrum's frame; the right one is its mirror image."""

    half_breadth: float

    def x(self, y: Values, z: Values) -> Values:
        """Wider in front than behind, narrowing downward, with the auricular surface's ridge; assumed."""
        down = -z - np.float32(12.0)
        narrowing = np.float32(0.10) * down + np.float32(0.0035) * np.maximum(down, 0.0) ** 2
        ridge = np.float32(1.0) * np.cos((y - np.float32(8.0)) / np.float32(6.0))
        out: Values = np.float32(self.half_breadth) - np.float32(BACKWARD) * (y - np.float32(4.0)) - narrowing + ridge
        return out


def stations() -> Array:
    """(6, 2) y, z of the middle of S1's plate and of the lower end of each body."""
    steps = [
        (length * sin(radians(lean)), -length * cos(radians(lean)))
        for length, lean in zip(LENGTHS_MM, LEAN_DEG, strict=True)
    ]
    return np.concatenate([[[0.0, 0.0]], np.cumsum(steps, axis=0)])


def field(joint: Joint, spacing: float) -> tuple[Lattice, Values]:
    """The whole sacrum."""
    reach = joint.half_breadth + 8.0
    lattice = Lattice.around([-reach, -28.0, -112.0], [reach, 58.0, 24.0], spacing)
    canvas = Canvas(lattice)
    for solid in _bodies():
        canvas.add(solid, BLEND_MM)
    p = lattice.points()
    canvas.values = smooth_intersection(canvas.values, _above_plate(p), 1.2)
    for solid in _wings():
        canvas.add(solid, WING_BLEND_MM)
    for solid in _roof():
        canvas.add(solid, WING_BLEND_MM)
    hollow = _drawn(lattice, [*_canal(), *_foramina()])
    canvas.values = smooth_difference(canvas.values, hollow, EDGE_MM)
    clear = np.float32(GAP_MM / 2) + np.abs(p[0]) - joint.x(p[1], p[2])
    return lattice, smooth_intersection(canvas.values, clear, EDGE_MM)


def _drawn(lattice: Lattice, solids: list[Solid]) -> Values:
    canvas = Canvas(lattice)
    for solid in solids:
        canvas.add(solid, BLEND_MM)
    return canvas.values


def _bodies() -> list[Solid]:
    """S1 to S5, the first standing above its plate, which cuts it."""
    at = stations()
    fifth = size("L5")
    half = ((fifth.plate_width_lower / 2, fifth.plate_depth_lower / 2), *HALF_MM)
    out = []
    for i in range(len(LENGTHS_MM)):
        start, end = np.array([0.0, *at[i]]), np.array([0.0, *at[i + 1]])
        sizes: tuple[tuple[float, float], ...] = (half[i], half[i + 1])
        if i == 0:
            start[2] += 5.0
            sizes = (half[0], (half[0][0] * 0.86, half[0][1] * 0.88), half[1])
        out.append(limb(start, end, sizes, up=BACK, cap=3.0))
    return out


def _above_plate(p: Points) -> Values:
    """Height above S1's dished plate."""
    fifth = size("L5")
    r2 = (p[0] / np.float32(0.42 * fifth.plate_width_lower)) ** 2 + (
        p[1] / np.float32(0.42 * fifth.plate_depth_lower)
    ) ** 2
    out: Values = p[2] + np.float32(DISH_MM) * np.maximum(1 - r2, 0) ** np.float32(1.3)
    return out


def _wings() -> list[Solid]:
    out = []
    for g in SIGN.values():
        mirror = np.array([g, 1.0, 1.0])
        out += [limb(mirror * start, mirror * end, sizes, cap=8.0) for start, end, sizes in WINGS]
        out += [limb(mirror * start, mirror * end, sizes, up=BACK) for start, end, sizes in LATERAL]
    return out


def _roof() -> list[Solid]:
    """What lies behind the canal: fused laminae, the median crest with its tubercles, the upper articular processes."""
    out = []
    for (y, z, wide, deep), (y2, z2, wide2, deep2) in pairwise(CANAL[1:6]):
        high = np.array([0.0, y + 1.5, z])
        low = np.array([0.0, y2 + 1.5, z2])
        out.append(limb(high, low, ((wide + 5.0, deep + 3.2), (wide2 + 5.0, deep2 + 3.2)), up=BACK, cap=2.0))
        if z < CREST_ENDS_MM:
            continue
        tubercle = np.array([0.0, y + deep + 5.5, z - 8.0])
        out.append(limb(tubercle, low + np.array([0.0, deep2 + 3.0, 0.0]), ((2.6, 4.6), (2.0, 2.2)), up=BACK))
    for side in SIDES:
        mirror = np.array([SIGN[side], 1.0, 1.0])
        out.append(
            limb(
                mirror * [21.0, 22.0, -16.0],
                mirror * [23.0, 31.0, 1.0],
                ((7.0, 7.0), (6.5, 5.5), (5.0, 4.0)),
                up=BACK,
            )
        )
    return out


def _canal() -> list[Solid]:
    return [
        limb([0.0, y, z], [0.0, y2, z2], ((wide, deep), (wide2, deep2)), up=BACK)
        for (y, z, wide, deep), (y2, z2, wide2, deep2) in pairwise(CANAL)
    ]


def _foramina() -> list[Solid]:
    """Four pairs of ways out, in front large and behind small; their roofs are the arcuate lines of the AP picture."""
    heights = np.array([c[1] for c in CANAL])[::-1]
    middles = np.array([c[0] for c in CANAL])[::-1]
    out = []
    for z, x, x2, radius, radius2, back in FORAMINA:
        y = float(np.interp(z, heights, middles))
        for g in SIGN.values():
            root = np.array([g * x, y - 3.0, z])
            front = np.array([g * x2, y - 40.0, z + 6.0])
            behind = np.array([g * (x2 - 4.0), y + 24.0, z - 5.0])
            out.append(limb(root, front, ((radius, radius), (radius2, radius2))))
            out.append(limb(root, behind, ((back, back), (back, back))))
    return out


def density(lattice: Lattice) -> Values:
    """Cancellous density against the patient's mean: the wings are the looser; their share is assumed."""
    p = lattice.points()
    aside = np.clip((np.abs(p[0]) - np.float32(20.0)) / np.float32(10.0), 0.0, 1.0)
    out: Values = (np.float32(1.0) - np.float32(0.35) * aside) + 0 * (p[1] + p[2])
    return out
