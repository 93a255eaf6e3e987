"""Where the vertebrae of a prone person stand: a chain of bodies and discs.

In: shapes cranial to caudal, lordosis, kyphosis, a scoliotic curve. Out: patient_from_bone (4, 4) by level. Patient frame LPS, mm; angles in radians inside.
L2's centre (or the middle level's) is the origin and the line through the ends of the chain runs along z, but for a few degrees
by which nobody lies straight. Not here: shapes (vertebra.py), landmarks (landmarks.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, pi, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

from models.morphometry import LEVELS, size
from models.patient import Side
from models.vertebra import Shape

Array = NDArray[np.float64]

LYING_AXIAL_DEG = (1.5, 4.0)
"""By how much (either way) the spine lies turned about its length: a straight preset is never a true view (CLINICAL 1); assumed."""
LYING_CORONAL_DEG = (0.8, 2.5)  # ... and askew on the table; assumed


SACRUM = "S1"
"""Name of the sacrum's place among those of the levels."""

COUPLING = 0.6
"""Axial rotation at the apex for each degree of Cobb angle; reported between about 0.4 and 0.8 (recalled), so assumed."""
CURVE_LEVELS = 2.0
"""From the apex to the end vertebrae of a curve, in levels: a short lumbar curve of five vertebrae; assumed."""


@dataclass(frozen=True)
class Curve:
    """A scoliotic curve with the rotation that goes with it."""

    cobb_deg: float
    apex: str
    convex: Side

    def turns(self, level: str) -> tuple[float, float]:
        """(coronal tilt, axial rotation) [rad] of a level: tilt greatest at the curve's ends, rotation at its apex.

        + coronal: superior axis toward the left; + axial: the front of the body toward the left. Bodies turn into the convexity.
        The pelvis lies level on the table: the discs above it make up for the curve.
        """
        if level == SACRUM:
            return 0.0, 0.0
        t = (LEVELS.index(self.apex) - LEVELS.index(level)) / CURVE_LEVELS
        share = pi / 2 * max(-1.0, min(1.0, t))
        sign = 1.0 if self.convex == "left" else -1.0
        cobb = radians(self.cobb_deg)
        return -sign * cobb / 2 * sin(share), sign * COUPLING * cobb * cos(share)


def disc_angles(lordosis_deg: float, shapes: Mapping[str, Shape] | None = None) -> dict[str, float]:
    """Opening in front [rad] of the disc below each level, so that T12-S1 comes out at the lordosis asked for.

    Bodies keep their wedging (as of `shapes`, else as of the table); the lumbar discs share the rest as the table does.
    """
    lumbar = LEVELS[LEVELS.index("T12") :]
    of = {level: shape.size.wedge for level, shape in (shapes or {}).items()}
    bodies = -sum(of.get(level, size(level).wedge) for level in lumbar)
    table = {level: size(level).disc_angle for level in LEVELS}
    share = (lordosis_deg - bodies) / sum(table[level] for level in lumbar)
    return {level: radians(angle * share) for level, angle in table.items()}


def chain(
    shapes: Mapping[str, Shape],
    lordosis_deg: float,
    generator: np.random.Generator,
    kyphosis_deg: float = 0.0,
    curve: Curve | None = None,
) -> dict[str, Array]:
    """patient_from_bone of each level, and below L5 of the sacrum (its origin in the middle of S1's plate). kyphosis_deg is shared evenly by the discs of the chain, besides what fractures add."""
    bend = radians(kyphosis_deg) / max(len(shapes) - 1, 1)
    angles = disc_angles(lordosis_deg, shapes)
    tilt, place = 0.0, np.zeros(2)  # of the body's axes in the sagittal plane; (y, z) of its centre
    poses: dict[str, tuple[float, Array]] = {}
    above: Shape | None = None
    for level, shape in shapes.items():
        if above is not None:
            inferior = tilt - radians(above.size.wedge) / 2
            sunk = 0.0 if shape.wedge is None else shape.wedge.sunk
            tipped = 0.0 if shape.wedge is None else shape.wedge.tip
            sunk_above = 0.0 if above.wedge is None else above.wedge.sunk_below
            tipped += bend + (0.0 if above.wedge is None else above.wedge.tip_below)
            superior = inferior + angles[above.level]
            edge = place + _turned(tilt, 0.0, sunk_above - above.size.middle_height / 2)
            edge = edge + _turned((inferior + superior) / 2, 0.0, -above.size.disc_below)
            tilt = superior - radians(shape.size.wedge) / 2 - tipped
            place = edge - _turned(tilt, 0.0, shape.size.middle_height / 2 - sunk)
        poses[level] = (tilt, place)
        above = shape
    if above is not None and above.level == LEVELS[-1]:
        poses[SACRUM] = _sacral(above, tilt, place, angles[above.level])
    return _laid(poses, generator, curve)


def _sacral(fifth: Shape, tilt: float, place: Array, angle: float) -> tuple[float, Array]:
    """(tilt, (y, z) of its middle) of S1's plate, below L5 that stands at (tilt, place), and its disc."""
    sunk, tip = (0.0, 0.0) if fifth.wedge is None else (fifth.wedge.sunk_below, fifth.wedge.tip_below)
    inferior = tilt - radians(fifth.size.wedge) / 2
    edge = place + _turned(tilt, 0.0, sunk - fifth.size.middle_height / 2)
    edge = edge + _turned(inferior + angle / 2, 0.0, -fifth.size.disc_below)
    return inferior + angle - tip, edge


def _turned(angle: float, y: float, z: float) -> Array:
    """(y, z) turned about +x."""
    return np.array([y * cos(angle) - z * sin(angle), y * sin(angle) + z * cos(angle)])


def _laid(
    poses: Mapping[str, tuple[float, Array]], generator: np.random.Generator, curve: Curve | None
) -> dict[str, Array]:
    """The chain in the patient frame."""
    levels = [level for level in poses if level != SACRUM]
    middle = "L2" if "L2" in poses else levels[len(levels) // 2]
    origin = poses[middle][1]
    run = poses[levels[0]][1] - poses[levels[-1]][1]
    upright = atan2(run[0], run[1]) if len(levels) > 1 else -poses[middle][0]
    axial, coronal = (
        radians(generator.uniform(*bounds)) * generator.choice([-1.0, 1.0])
        for bounds in (LYING_AXIAL_DEG, LYING_CORONAL_DEG)
    )
    lie = _about(2, axial) @ _about(1, coronal)
    upright_poses = {
        level: (tilt + upright, np.concatenate([[0.0], _turned(upright, *(place - origin))]))
        for level, (tilt, place) in poses.items()
    }
    aside = (
        {} if curve is None else _aside(curve, {level: place[2] for level, (_, place) in upright_poses.items()}, middle)
    )
    out = {}
    for level, (tilt, place) in upright_poses.items():
        matrix = np.eye(4)
        turn = _about(0, tilt)
        if curve is not None:
            side, axis = curve.turns(level)
            turn = _about(1, side) @ _about(2, axis) @ turn
            place[0] = aside[level]
        matrix[:3, :3] = lie @ turn
        matrix[:3, 3] = lie @ place
        out[level] = matrix
    return out


def _aside(curve: Curve, heights: Mapping[str, float], middle: str) -> dict[str, float]:
    """How far to the left [mm] each body stands in a curve: half the tilt of each of two neighbours on the way between them."""
    levels = list(heights)
    left = {levels[0]: 0.0}
    for upper, lower in pairwise(levels):
        slope = (tan(curve.turns(upper)[0]) + tan(curve.turns(lower)[0])) / 2
        left[lower] = left[upper] - slope * (heights[upper] - heights[lower])
    return {level: x - left[middle] for level, x in left.items()}


def _about(axis: int, angle: float) -> Array:
    """(3, 3) right-handed turn about a coordinate axis."""
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = cos(angle)
    matrix[i, j], matrix[j, i] = -sin(angle), sin(angle)
    return matrix
