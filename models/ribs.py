"""The ribs of one thoracic level: a pair of tubes with a cortical wall, from beside the pedicles round the torso.

In: the level's landmarks (of any provider), size of the cage, bones to keep off. Out: Bones and the points of their necks.
Patient frame, mm; each rib has its own frame along its chord. Shape and walls are assumed: what a lateral view needs is the neck
beside the pedicle and a shaft that runs down and forward. Not here: costal cartilage, joints, breathing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.distance import redistance
from models.joints import GAP_MM, keep_clear
from models.patient import SIDES, Bone, Side, Vertebra
from models.solids import Canvas, Lattice, frame, limb
from models.surfaces import bone

Array = NDArray[np.float64]

WALL_MM = 0.6  # cortex of a rib; assumed
HEAD_RADIUS_MM = 3.6  # assumed
NECK_MM = 14.0  # from the head to the point called the neck, along the rib; assumed
STEP_MM = 4.0  # length of the straight pieces


@dataclass(frozen=True)
class Course:
    """How a rib runs; all assumed."""

    sweep_deg: float  # from the back round to where it ends
    fall_mm: float  # from neck to end
    section: tuple[float, float]  # half axes of the shaft: through its thickness, along its height


COURSES = {
    "T9": Course(120.0, 130.0, (3.4, 6.2)),
    "T10": Course(115.0, 120.0, (3.3, 6.0)),
    "T11": Course(80.0, 85.0, (3.1, 5.4)),
    "T12": Course(50.0, 58.0, (2.8, 4.6)),
}


def pair(
    vertebra: Vertebra,
    cage_width_mm: float,
    cage_depth_mm: float,
    bone_volume_fraction: float,
    keep_off: Sequence[Bone] = (),
) -> tuple[dict[str, Bone], dict[Side, Array]]:
    """({"rib12-left": Bone ...}, {side: (3,) middle of the neck}) of a level; both empty where the level has no modelled rib."""
    course = COURSES.get(vertebra.level)
    bones: dict[str, Bone] = {}
    necks: dict[Side, Array] = {}
    if course is None:
        return bones, necks
    for side in SIDES:
        line = centreline(vertebra, side, course, cage_width_mm, cage_depth_mm)
        name = f"rib{vertebra.level[1:]}-{side}"
        bones[name] = _tube(name, line, course, bone_volume_fraction, keep_off)
        necks[side] = _along(line, NECK_MM)
    return bones, necks


def centreline(vertebra: Vertebra, side: Side, course: Course, cage_width_mm: float, cage_depth_mm: float) -> Array:
    """(N, 3) points every few millimetres from the head to the end of the shaft."""
    from scipy.interpolate import CubicSpline

    out = vertebra.left if side == "left" else -vertebra.left
    pedicle = vertebra.pedicles[side]
    head = pedicle.centre + out * (pedicle.width / 2 + GAP_MM + HEAD_RADIUS_MM + 0.5) - 4.0 * vertebra.posterior
    half_width, half_depth = cage_width_mm / 2, cage_depth_mm / 2
    first = np.arcsin(np.clip((abs(np.dot(head - vertebra.centre, out)) + 30.0) / half_width, 0.0, 0.9))
    turn = np.linspace(first, first + np.radians(course.sweep_deg) * (1 - first / np.pi), 6)
    round_back = np.dot(head - vertebra.centre, vertebra.posterior) + 17.0
    ahead = half_depth * np.cos(first) - round_back  # of the cage's middle, in front of the body's centre
    fall = course.fall_mm * (turn - first) / (turn[-1] - first)
    shaft = (
        vertebra.centre
        + np.outer(half_width * np.sin(turn), out)
        + np.outer(half_depth * np.cos(turn) - ahead, vertebra.posterior)
        - np.outer(6.0 + fall, vertebra.superior)
    )
    neck = head + 11.0 * out + 8.0 * vertebra.posterior - 1.0 * vertebra.superior
    knots = np.vstack([head, neck, shaft])
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    return np.asarray(CubicSpline(run, knots)(np.linspace(0.0, run[-1], int(run[-1] / STEP_MM) + 1)))


def _along(line: Array, distance: float) -> Array:
    """The point this far along a polyline."""
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return np.array([np.interp(distance, run, line[:, i]) for i in range(3)])


def _tube(name: str, line: Array, course: Course, fraction: float, keep_off: Sequence[Bone]) -> Bone:
    """The rib as a Bone in the frame of its chord."""
    chord = line[-1] - line[0]
    bend = line[len(line) // 2] - (line[0] + line[-1]) / 2
    axes = frame(chord, up=np.cross(chord, bend))
    patient_from_bone = np.eye(4)
    patient_from_bone[:3, :3] = axes.T
    patient_from_bone[:3, 3] = line[0]
    local = (line - line[0]) @ axes.T
    spacing = 0.5 if np.ptp(local, axis=0).prod() < 3.0e5 else 0.8  # mm; long ribs would fill the memory
    lattice = Lattice.around(local.min(axis=0) - 11.0, local.max(axis=0) + 11.0, spacing)
    canvas = Canvas(lattice)
    upward = axes @ np.array([0.0, 0.0, 1.0])
    thick, tall = course.section
    for i in range(len(local) - 1):
        ends = [
            (_size(HEAD_RADIUS_MM, thick, j, len(local)), _size(HEAD_RADIUS_MM, tall, j, len(local)))
            for j in (i, i + 1)
        ]
        canvas.add(limb(local[i], local[i + 1], (ends[0], ends[1]), up=upward, cap=min(ends[0])), 0.0)
    values = keep_clear(lattice, canvas.values, patient_from_bone, keep_off, GAP_MM)
    coarse = Lattice.around(lattice.origin, lattice.origin + spacing * (np.array(lattice.shape) - 1), 2.0)
    return bone(
        name,
        patient_from_bone,
        lattice.grid(redistance(values, spacing)),
        coarse.grid(np.full(coarse.shape, WALL_MM, dtype=np.float32)),
        coarse.grid(np.ones(coarse.shape, dtype=np.float32)),
        fraction,
    )


def _size(head: float, shaft: float, index: int, count: int) -> float:
    """Half axis at a point of the line: round at the head, slimmer at the neck, tapered at the end."""
    t = index * STEP_MM
    size = head + (shaft - head) * min(t / 16.0, 1.0)
    return size * min(1.0, 0.65 + 0.35 * (count - 1 - index) / 6.0)
