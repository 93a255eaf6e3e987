"""The ribs of one thoracic level: a pair of tubes with a cortical wall, from beside the pedicles round the torso.

In: the level's landmarks (of any provider), size of the cage, bones to keep off. Out: Bones and the points of their necks.
Patient frame, mm; each rib has its own frame along its chord. Walls are assumed. How a rib runs and how thick it is:
rib_lines.py. Not here: costal cartilage, joints, breathing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.distance import redistance
from models.joints import GAP_MM, keep_clear
from models.patient import SIDES, Bone, Side, Vertebra
from models.rib_lines import COURSES, FLOATING, line
from models.solids import Canvas, Lattice, frame, limb
from models.surfaces import bone

Array = NDArray[np.float64]

WALL_MM = 0.6  # cortex of a rib; assumed
NECK_MM = 14.0  # from the head to the point called the neck, along the rib; assumed
LONG_MM3 = 3.0e5  # a box of this size or more is sampled more coarsely: long ribs would fill the memory


@dataclass(frozen=True)
class Fineness:
    """How finely a rib is made; ribs 4-10 are many (budget of triangles: DESIGN, "Solids and surfaces")."""

    faces: int
    spacing_mm: float  # of a rib in a box of LONG_MM3 or more
    short_mm: float = 0.5  # ... in a smaller one
    error_mm: float = 0.05  # by which middles of triangles may lie off the level set


FLOATING_RIB, OTHER_RIB = Fineness(15000, 0.8), Fineness(4000, 0.7, 0.7, 0.15)
FLOATING_OF_MANY, OTHER_OF_MANY = Fineness(3000, 0.8, 0.8, 0.25), Fineness(2000, 0.7, 0.7, 0.3)


def pair(
    vertebra: Vertebra,
    cage_width_mm: float,
    cage_depth_mm: float,
    bone_volume_fraction: float,
    keep_off: Sequence[Bone],
    few: bool = True,
) -> tuple[dict[str, Bone], dict[Side, Array]]:
    """({"rib12-left": Bone ...}, {side: (3,) middle of the neck}) of a level; both empty where the level has no modelled rib.

    The level's own bone is among those to keep off. few: the patient has few levels, which are all seen closely.
    """
    bones: dict[str, Bone] = {}
    necks: dict[Side, Array] = {}
    if vertebra.level not in COURSES:
        return bones, necks
    own = next(other for other in keep_off if other.name == vertebra.level)
    for side in SIDES:
        points, sizes = line(vertebra, own, side, cage_width_mm, cage_depth_mm)
        name = f"rib{vertebra.level[1:]}-{side}"
        floating, other = (FLOATING_RIB, OTHER_RIB) if few else (FLOATING_OF_MANY, OTHER_OF_MANY)
        fine = floating if vertebra.level in FLOATING else other
        bones[name] = _tube(name, points, sizes, bone_volume_fraction, keep_off, fine)
        necks[side] = _along(points, NECK_MM)
    return bones, necks


def _along(points: Array, distance: float) -> Array:
    """The point this far along a polyline."""
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return np.array([np.interp(distance, run, points[:, i]) for i in range(3)])


def _tube(name: str, points: Array, sizes: Array, fraction: float, keep_off: Sequence[Bone], fine: Fineness) -> Bone:
    """The rib as a Bone in the frame of its chord."""
    chord = points[-1] - points[0]
    bend = points[len(points) // 2] - (points[0] + points[-1]) / 2
    axes = frame(chord, up=np.cross(chord, bend))
    patient_from_bone = np.eye(4)
    patient_from_bone[:3, :3] = axes.T
    patient_from_bone[:3, 3] = points[0]
    local = (points - points[0]) @ axes.T
    spacing = fine.short_mm if np.ptp(local, axis=0).prod() < LONG_MM3 else fine.spacing_mm
    lattice = Lattice.around(local.min(axis=0) - 11.0, local.max(axis=0) + 11.0, spacing)
    canvas = Canvas(lattice)
    upward = axes @ np.array([0.0, 0.0, 1.0])
    draw(canvas, local, sizes, upward)
    values = keep_clear(lattice, canvas.values, patient_from_bone, keep_off, GAP_MM)
    coarse = Lattice.around(lattice.origin, lattice.origin + spacing * (np.array(lattice.shape) - 1), 2.0)
    return bone(
        name,
        patient_from_bone,
        lattice.grid(redistance(values, spacing)),
        coarse.grid(np.full(coarse.shape, WALL_MM, dtype=np.float32)),
        coarse.grid(np.ones(coarse.shape, dtype=np.float32)),
        fraction,
        fine.faces,
        fine.error_mm,
    )


def draw(canvas: Canvas, points: Array, sizes: Array, upward: Array) -> None:
    """A tube along a polyline (N, 3) with half axes (N, 2) through its thickness and along its height, in the canvas's frame."""
    for i in range(len(points) - 1):
        ends = [(float(thick), float(tall)) for thick, tall in sizes[i : i + 2]]
        canvas.add(limb(points[i], points[i + 1], (ends[0], ends[1]), up=upward, cap=min(ends[0])), 0.0)
