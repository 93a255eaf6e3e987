"""How ribs run: centre line and thickness from the head to the end of the shaft.

In: landmarks of the level (of any provider), its bone, size of the cage. Out: points (N, 3) in the patient frame and half axes (N, 2)
at them: through the thickness and along the height, mm. Ribs 4 to 10 have a slim neck, a tubercle at the transverse process and
an angle, and lie with their heads against the disc above (10: against their own body); 11 and 12 float and have none of these.
All sizes are assumed and looked at in AP and lateral pictures, but for the head's place, which is just lateral to the pedicle.
Not here: bone (ribs.py), costal cartilage.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.joints import GAP_MM
from models.patient import Bone, Side, Vertebra

Array = NDArray[np.float64]

HEAD_RADIUS_MM = 3.6  # of the floating ribs; assumed
STEP_MM = 4.0  # length of the straight pieces
LATERAL_MM = 2.0
"""From the pedicle's lateral edge to the head's medial edge seen from behind: 2-5 mm at T6 (CLINICAL 5)."""
HEAD_MM = (4.0, 4.4)  # half axes of the head of ribs 4-10; assumed
NECK_HALF_MM = (2.9, 4.3)  # ... of their neck; assumed
TUBERCLE_MM = (3.9, 5.0)  # ... of the bulge at the transverse process; assumed
TIP_MM = (3.7, 3.0)  # centre of a transverse process's end inside its lateral and its anterior surface; assumed
FACING = (0.6, -0.8, 0.0)
"""Where the facet of a transverse process looks (lateral, back, up): so the neck runs aslant, not along the beam; assumed."""
ANGLE_MM = (26.0, 2.0, -9.0)  # from the transverse process's end to the rib's angle: lateral, back, up; assumed


@dataclass(frozen=True)
class Course:
    """How a rib runs; all assumed."""

    sweep_deg: float  # from the back round to where it ends
    fall_mm: float  # from neck (floating) or angle to end
    section: tuple[float, float]  # half axes of the shaft: through its thickness, along its height
    cage_share: float = 1.0  # of the cage's width at this level


COURSES = {
    "T4": Course(125.0, 78.0, (3.2, 5.0), 0.82),
    "T5": Course(128.0, 88.0, (3.3, 5.2), 0.88),
    "T6": Course(130.0, 98.0, (3.5, 5.5), 0.93),
    "T7": Course(130.0, 108.0, (3.5, 5.6), 0.97),
    "T8": Course(126.0, 114.0, (3.5, 5.6)),
    "T9": Course(118.0, 116.0, (3.5, 5.6)),
    "T10": Course(108.0, 112.0, (3.4, 5.4)),
    "T11": Course(80.0, 85.0, (3.1, 5.4)),
    "T12": Course(50.0, 58.0, (2.8, 4.6)),
}
FLOATING = ("T11", "T12")


def line(vertebra: Vertebra, own: Bone, side: Side, cage_width_mm: float, cage_depth_mm: float) -> tuple[Array, Array]:
    """(points (N, 3) from head to end, half axes (N, 2) at them) of a level that has a course."""
    course = COURSES[vertebra.level]
    if vertebra.level in FLOATING:
        points = _floating(vertebra, side, course, cage_width_mm, cage_depth_mm)
        return points, np.array([_floating_size(course, i, len(points)) for i in range(len(points))])
    knots = _knots(vertebra, own, side, course, cage_width_mm, cage_depth_mm)
    points, run = _through(knots)
    return points, _sizes(course, np.arange(0.0, len(points)) * STEP_MM, float(run[2]))


def _through(knots: Array) -> tuple[Array, Array]:
    """(points every STEP_MM or so on a smooth line through the knots, length of the chords up to each knot)."""
    from scipy.interpolate import CubicSpline

    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    at = np.linspace(0.0, run[-1], int(run[-1] / STEP_MM) + 1)
    return np.asarray(CubicSpline(run, knots)(at)), run


# --- ribs 4 to 10 ---


def _knots(
    vertebra: Vertebra, own: Bone, side: Side, course: Course, cage_width_mm: float, cage_depth_mm: float
) -> Array:
    """Head, neck, tubercle, angle and the way round the cage, patient frame."""
    out = vertebra.left if side == "left" else -vertebra.left
    axes = np.stack([out, vertebra.posterior, vertebra.superior])
    tip = transverse_tip(vertebra, own, side)
    head = _head(vertebra, side, axes)
    clear = TIP_MM[1] + GAP_MM + TUBERCLE_MM[0]
    tubercle = tip + clear * np.array(FACING)
    neck = 0.5 * (head + tubercle) + np.array([1.0, -0.5, 0.5])
    angle = tip + np.array(ANGLE_MM)
    half_width, half_depth = course.cage_share * cage_width_mm / 2, cage_depth_mm / 2
    first = np.arcsin(np.clip(angle[0] / half_width, 0.0, 0.9))
    turn = first + np.linspace(0.0, np.radians(course.sweep_deg), 8)
    shaft = np.stack(
        [
            half_width * np.sin(turn),
            angle[1] + half_depth * (np.cos(turn) - np.cos(first)),
            angle[2] - course.fall_mm * np.linspace(0.0, 1.0, 8),
        ],
        axis=-1,
    )
    return np.asarray(vertebra.centre + np.vstack([head, neck, tubercle, shaft]) @ axes)


def _head(vertebra: Vertebra, side: Side, axes: Array) -> Array:
    """Centre of the head from the body's centre: lateral to the pedicle, before the posterior wall, beside the disc above."""
    pedicle = axes @ (vertebra.pedicles[side].centre - vertebra.centre)
    plate = float(vertebra.superior @ (vertebra.superior_plate.centre - vertebra.centre))
    wall = float(vertebra.posterior @ (vertebra.posterior_wall - vertebra.centre))
    above = -4.5 if vertebra.level == "T10" else 1.8
    return np.array(
        [pedicle[0] + vertebra.pedicles[side].width / 2 + LATERAL_MM + HEAD_MM[0], wall - 2.2, plate + above]
    )


def transverse_tip(vertebra: Vertebra, own: Bone, side: Side) -> Array:
    """Centre of the transverse process's end (lateral, posterior, superior) from the body's centre: from the bone's surface."""
    out = vertebra.left if side == "left" else -vertebra.left
    axes = np.stack([out, vertebra.posterior, vertebra.superior])
    surface = own.outer.vertices @ own.patient_from_bone[:3, :3].T + own.patient_from_bone[:3, 3]
    local = (surface - vertebra.centre) @ axes.T
    local = local[local[:, 1] > axes[1] @ (vertebra.posterior_wall - vertebra.centre)]  # the arch
    end = local[local[:, 0] > local[:, 0].max() - 2.0].mean(axis=0)
    return np.array([local[:, 0].max() - TIP_MM[0], end[1], end[2]])


def _sizes(course: Course, along: Array, tubercle: float) -> Array:
    """(N, 2) half axes at mm along the line: head, slim neck, tubercle (so far along), shaft, tapered end."""
    end = float(along[-1])
    stations = [0.0, 0.4 * tubercle, 0.75 * tubercle, tubercle, tubercle + 10.0, tubercle + 34.0, end - 24.0, end]
    tip = (0.7 * course.section[0], 0.6 * course.section[1])
    shaft = course.section
    table = np.array([HEAD_MM, NECK_HALF_MM, NECK_HALF_MM, TUBERCLE_MM, (3.3, 5.0), shaft, shaft, tip])
    return np.stack([np.interp(along, stations, column) for column in table.T], axis=-1)


# --- ribs 11 and 12 ---


def _floating(vertebra: Vertebra, side: Side, course: Course, cage_width_mm: float, cage_depth_mm: float) -> Array:
    """(N, 3) points every few millimetres from the head to the end of the shaft."""
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
    return _through(np.vstack([head, neck, shaft]))[0]


def _floating_size(course: Course, index: int, count: int) -> tuple[float, float]:
    """Half axes at a point of the line: round at the head, slimmer at the neck, tapered at the end."""
    t = index * STEP_MM
    thick, tall = (HEAD_RADIUS_MM + (shaft - HEAD_RADIUS_MM) * min(t / 16.0, 1.0) for shaft in course.section)
    taper = min(1.0, 0.65 + 0.35 * (count - 1 - index) / 6.0)
    return thick * taper, tall * taper
