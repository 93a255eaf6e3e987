"""Veins of the vertebrae, where cement leaks: epidural plexus, basivertebral and segmental veins; one Region a level and kind.

In: Anatomy. Out: Regions. Patient frame, mm; radii and courses assumed. The basivertebral vein lies in bone, so a point in it is
answered as bone by models/field.py: its grid is there for cement. Not here: which vein cement enters (game/simulation/ground.py).
"""

import numpy as np
from numpy.typing import NDArray

from models.organs.anatomy import Anatomy
from models.organs.tubes import Line, tube
from models.patient import Region, Vertebra
from models.tissue import Tissue

Array = NDArray[np.float64]

EPIDURAL_MM = 1.0  # radius of the longitudinal veins; assumed
BASIVERTEBRAL_MM = (1.2, 0.6)  # radius at the wall and at its ends in the body; assumed
SEGMENTAL_MM = 1.2  # radius; assumed
ROUND_DEG = 105.0  # how far back round the waist the segmental veins are followed; assumed
OFF_BONE_MM = 0.4
SPACING_MM = 0.7


def spinal_veins(anatomy: Anatomy) -> dict[str, Region]:
    """All three kinds, of every real level."""
    found = {}
    for number, v in anatomy.numbers.items():
        for kind, lines, gap in (
            ("epidural veins", _epidural(anatomy, number, v), OFF_BONE_MM - 0.1),
            ("basivertebral vein", _basivertebral(v), None),
            ("segmental veins", _segmental(anatomy, number), OFF_BONE_MM - 0.1),
        ):
            name = f"{kind} {v.level}"
            found[name] = tube(anatomy, name, Tissue.VEIN, lines, SPACING_MM, gap)
    return found


def _epidural(anatomy: Anatomy, number: int, v: Vertebra) -> list[Line]:
    """Two lengthwise, nearer to one another behind the body than at the discs, and one across at the basivertebral vein."""
    lines = []
    for sign in (1.0, -1.0):
        points = []
        for share in np.linspace(-0.5, 0.5, 17):
            frame = anatomy.at(number + share)
            aside = 0.45 + 0.25 * (1 - np.cos(2 * np.pi * share)) / 2
            points.append(
                frame.canal
                + sign * aside * frame.canal_half_width * frame.axes[0]
                - 0.85 * np.sqrt(1 - aside**2) * frame.canal_half_depth * frame.axes[1]
            )
        lines.append(_tube(anatomy, np.array(points), EPIDURAL_MM))
    half = 0.45 * v.canal_half_width
    across = (
        v.posterior_wall + (EPIDURAL_MM + OFF_BONE_MM) * v.posterior + np.linspace(-half, half, 9)[:, None] * v.left
    )
    lines.append(_tube(anatomy, across, EPIDURAL_MM))
    return lines


def _basivertebral(v: Vertebra) -> list[Line]:
    """From the middle of the posterior wall to the body's middle, where it forks."""
    start = v.posterior_wall + 1.2 * v.posterior
    fork = v.posterior_wall - 0.35 * v.depth * v.posterior
    wide, thin = BASIVERTEBRAL_MM
    lines = [(np.array([start, fork]), np.array([wide, wide]))]
    for sign in (1.0, -1.0):
        end = fork - 0.22 * v.depth * v.posterior + sign * 0.15 * v.width * v.left
        lines.append((np.array([fork, end]), np.array([wide, thin])))
    return lines


def _segmental(anatomy: Anatomy, number: int) -> list[Line]:
    """Round the waist of the body; both sides end in cava or azygos, before the spine."""
    turns = np.arange(-ROUND_DEG, ROUND_DEG + 1.0, 7.5)
    points = np.array([anatomy.beside(number, turn, SEGMENTAL_MM + OFF_BONE_MM, -1.0) for turn in turns])
    return [_tube(anatomy, points, SEGMENTAL_MM)]


def _tube(anatomy: Anatomy, points: Array, radius: float) -> Line:
    radii = np.full(len(points), radius)
    return anatomy.off_bone(points, radii + OFF_BONE_MM, 20), radii
