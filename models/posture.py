"""Where the vertebrae of a prone person stand: a chain of bodies and discs.

In: shapes cranial to caudal, lordosis. Out: patient_from_bone (4, 4) by level. Patient frame LPS, mm; angles in radians inside.
L2's centre (or the middle level's) is the origin and the line through the ends of the chain runs along z, but for a few degrees
by which nobody lies straight. Not here: shapes (vertebra.py), landmarks (landmarks.py).
"""

from collections.abc import Mapping
from math import atan2, cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from models.fracture import HINGE_SHARE
from models.morphometry import LEVELS, size
from models.vertebra import Shape

Array = NDArray[np.float64]

LYING_AXIAL_DEG = (1.5, 4.0)
"""By how much (either way) the spine lies turned about its length: a straight preset is never a true view (CLINICAL 1); assumed."""
LYING_CORONAL_DEG = (0.8, 2.5)  # ... and askew on the table; assumed


def disc_angles(lordosis_deg: float) -> dict[str, float]:
    """Opening in front [rad] of the disc below each level, so that T12-S1 comes out at the lordosis asked for.

    Bodies keep their wedging; the lumbar discs share the rest as the table does.
    """
    lumbar = LEVELS[LEVELS.index("T12") :]
    bodies = -sum(size(level).wedge for level in lumbar)
    table = {level: size(level).disc_angle for level in LEVELS}
    share = (lordosis_deg - bodies) / sum(table[level] for level in lumbar)
    return {level: radians(angle * share) for level, angle in table.items()}


def chain(shapes: Mapping[str, Shape], lordosis_deg: float, generator: np.random.Generator) -> dict[str, Array]:
    """patient_from_bone of each level."""
    angles = disc_angles(lordosis_deg)
    tilt, place = 0.0, np.zeros(2)  # of the body's axes in the sagittal plane; (y, z) of its centre
    poses: dict[str, tuple[float, Array]] = {}
    above: Shape | None = None
    for level, shape in shapes.items():
        if above is not None:
            inferior = tilt - radians(above.size.wedge) / 2
            sunk = 0.0 if shape.wedge is None else shape.wedge.middle_drop
            tipped = 0.0 if shape.wedge is None else shape.wedge.angle * HINGE_SHARE
            superior = inferior + angles[above.level]
            edge = place + _turned(tilt, 0.0, -above.size.middle_height / 2)
            edge = edge + _turned((inferior + superior) / 2, 0.0, -above.size.disc_below)
            tilt = superior - radians(shape.size.wedge) / 2 - tipped
            place = edge - _turned(tilt, 0.0, shape.size.middle_height / 2 - sunk)
        poses[level] = (tilt, place)
        above = shape
    return _laid(poses, generator)


def _turned(angle: float, y: float, z: float) -> Array:
    """(y, z) turned about +x."""
    return np.array([y * cos(angle) - z * sin(angle), y * sin(angle) + z * cos(angle)])


def _laid(poses: Mapping[str, tuple[float, Array]], generator: np.random.Generator) -> dict[str, Array]:
    """The chain in the patient frame."""
    levels = list(poses)
    middle = "L2" if "L2" in poses else levels[len(levels) // 2]
    origin = poses[middle][1]
    run = poses[levels[0]][1] - poses[levels[-1]][1]
    upright = atan2(run[0], run[1]) if len(levels) > 1 else -poses[middle][0]
    axial, coronal = (
        radians(generator.uniform(*bounds)) * generator.choice([-1.0, 1.0])
        for bounds in (LYING_AXIAL_DEG, LYING_CORONAL_DEG)
    )
    lie = _about(2, axial) @ _about(1, coronal)
    out = {}
    for level, (tilt, place) in poses.items():
        matrix = np.eye(4)
        matrix[:3, :3] = lie @ _about(0, tilt + upright)
        matrix[:3, 3] = lie @ np.concatenate([[0.0], _turned(upright, *(place - origin))])
        out[level] = matrix
    return out


def _about(axis: int, angle: float) -> Array:
    """(3, 3) right-handed turn about a coordinate axis."""
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = cos(angle)
    matrix[i, j], matrix[j, i] = -sin(angle), sin(angle)
    return matrix
