"""What each family of scenarios has to prove. Reasons: CLINICAL 5 (the paper's cases made into figures there; all limits not the
paper's are our own assumptions).

In: a Case (proof.py). Out: `Finding`s. Patient frame, mm, degrees.
Not here: the correct way through a pedicle (correct.py), fractures' kinds (models/genant.py).
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from game.procedure.correct import Way, line_3, step_2, step_3
from game.procedure.proof import Case, Finding
from game.procedure.rules import ceiling_ml
from game.procedure.views import ViewQuality, ideal, measure, see
from game.simulation.arm import LIMITS_DEG
from models.carm import Pose, view
from models.distance import sample
from models.instruments import TROCAR, TrocarPose
from models.patient import Vertebra
from models.recipe import PLANA
from models.tissue import Tissue

Array = NDArray[np.float64]

CLEARED_MM = 2.0
"""The whole bevel this far in front of the wall (CLINICAL 2, step 5)."""

BEHIND_MM = 2.0
"""A tip this far behind its wall, that the room's lateral of a scoliosis shows in front of it (CLINICAL 5)."""

TOO_MEDIAL_MM, ASIDE_MM = 2.5, 2.0
"""A colleague's entry, more medial than a correct one, where the scenario does not say; and how far lateral step 9 enters again."""

LEAST_ROOM_MM = 0.8
"""From metal to the medial cortex (CLINICAL 2, step 6)."""

CORD_ROOM_MM = 4.0
"""Least from the canal's centre to bone that leaves room for a thoracic cord in its sac; assumed."""

SHORT_OF_FRONT_MM = 10.0
"""Where the advance ends (the paper's 1 cm)."""

DRILLED_MM = 15.0
"""As far in front of a ring it shows whether a needle is in the right body, in another or in a foramen; assumed."""


def first_case(case: Case) -> Iterator[Finding]:
    """A third to a half of the height lost, canal margin intact, and step 5 sure to succeed: the paper's ideal first patient."""
    yield Finding("anterior-height", case.genant.anterior, 0.50, 0.67)
    yield Finding("posterior-height", case.genant.posterior, 0.90, np.inf)
    after = case.way.middle + 0.5 - case.way.wall  # stations are 0.5 mm apart
    yield Finding("mid-pedicle-after-wall", after, CLEARED_MM + TROCAR.bevel_mm, 8.5, "mm")
    yield Finding("apparent-front-trap", _at_apparent_front(case), -np.inf, 1.0, "mm")


def _at_apparent_front(case: Case) -> float:
    """mm of bone round a tip in the lateral third, 0.5 mm short of the front as a lateral shows it: the cylinder trap."""
    target = case.target
    axis, aside = -target.posterior, case.sign * target.left * target.width / 3
    lateral = ideal(target, 0.0, case.side)
    lateral = case.room(lateral.orbital + case.sign * 90.0)
    start = TrocarPose(target.centre + aside, axis, target.superior)
    gone = see(target, lateral, start, case.side).anterior_seen_mm
    if gone is None:
        return np.inf
    _, distance = case.bone_at(start.tip + axis * (gone - 0.5))
    return -distance


def kyphotic(case: Case) -> Iterator[Finding]:
    """A neighbour's ring passes for the target's in straight AP; aligning the superior plate undoes it, within reach."""
    straight = case.room()
    own = abs(_height(case, straight, case.target.pedicles[case.side].centre))
    near = [abs(_height(case, straight, v.pedicles[case.side].centre)) for v in case.neighbours]
    worst = int(np.argmin(near))
    yield Finding("neighbour-nearer-than-own", own - near[worst], 0.0, np.inf, "mm")
    yield Finding("neighbour-in-outline", near[worst] - _half_outline(case, straight), -np.inf, 0.0, "mm")
    wrong = case.neighbours[worst].pedicles[case.side].centre
    beam = view(straight).beam
    met = [case.bone_at(wrong - beam * s) for s in np.arange(0.0, DRILLED_MM, 0.5)]
    inside = 0.5 * sum(name == case.target.level and distance < 0.0 for name, distance in met)
    yield Finding("wrong-line-in-target", inside, 0.0, 1.0, f"mm of the {DRILLED_MM:g} in front of the ring")
    tilts = np.arange(LIMITS_DEG["tilt"][0], LIMITS_DEG["tilt"][1] + 0.1, 1.0)
    aligned = min((case.room(tilt=float(t)) for t in tilts), key=lambda pose: case.quality(pose).superior_deg)
    yield Finding("plate-can-be-aligned", case.quality(aligned).superior_deg, 0.0, 3.0, "deg")
    share = case.quality(aligned)
    yield Finding("own-pedicle-in-upper-half", getattr(share, f"pedicle_{case.side}"), 0.0, 0.5)
    least = min(abs(_height(case, aligned, v.pedicles[case.side].centre)) for v in case.neighbours)
    yield Finding("neighbours-outside", least - _half_outline(case, aligned), 0.0, np.inf, "mm")


def _height(case: Case, pose: Pose, point: Array) -> float:
    """mm in the picture, at the target's depth, by which a point lies above the target's centre."""
    pinhole = view(pose)
    apart = pinhole.project(point)[1] - pinhole.project(case.target.centre)[1]
    depth = float((case.target.centre - pinhole.source) @ pinhole.beam)
    return float(-apart * pinhole.pixel_mm * depth / 1020.0)


def _half_outline(case: Case, pose: Pose) -> float:
    """Half the height [mm] of the target's body as seen."""
    heights = [_height(case, pose, point) for point in case.target.outline[::10]]
    return (max(heights) - min(heights)) / 2


def plana(case: Case) -> Iterator[Finding]:
    """No more than a third of the height anywhere, so that only the angle of step 2 passes between the plates.

    Not measured: CLINICAL's "bevel the wrong way breaches, the right way keeps 1 mm". The program's shaft is straight in bone
    (haptics/tick.py): turned, the bevel moves its point across the shaft and bends no way, so the metal's room is the shaft's.
    """
    found, target = case.genant, case.target
    yield Finding(
        "residual-height", max(found.anterior, found.middle, found.posterior), 0.0, PLANA, "of the neighbours"
    )
    heights = (target.anterior_height, target.middle_height, target.posterior_height)
    yield Finding("room-beside-the-shaft", (max(heights) - TROCAR.outer_mm) / 2, 0.0, 2.5, "mm a side")
    pedicle = target.pedicles[case.side].centre
    forward = float((pedicle - target.posterior_wall) @ target.posterior)
    last = forward + target.depth - SHORT_OF_FRONT_MM
    angles = np.arange(-25.0, 25.1, 0.5)
    room = [case.least_inside(pedicle, _down(target, a), forward + 2.0, last / np.cos(np.radians(a))) for a in angles]
    fits = [float(a) for a, mm in zip(angles, room, strict=True) if mm >= TROCAR.outer_mm / 2]
    yield Finding("window-to-the-1-cm-point", (max(fits) - min(fits)) / 2 if fits else 0.0, 0.25, 7.0, "deg either way")
    parallel = case.least_inside(pedicle, _down(target, 0.0), forward + 2.0, last)
    yield Finding("parallel-line-leaves", parallel, -np.inf, TROCAR.outer_mm / 2 + 0.5, "mm")
    pose = step_2(target, case.side)
    tilted = float(np.degrees(np.arcsin(view(pose).beam @ target.superior)))
    inside = case.least_inside(pedicle, _down(target, tilted), forward + 2.0, last)
    yield Finding("step-2-line-stays", inside, TROCAR.outer_mm / 2, np.inf, "mm")


def _down(target: Vertebra, degrees: float) -> Array:
    """Unit vector forward in the target's sagittal plane, down by degrees."""
    a = np.radians(degrees)
    return np.asarray(-np.cos(a) * target.posterior - np.sin(a) * target.superior)


def scoliosis(case: Case) -> Iterator[Finding]:
    """Turned and leaning, so that the room's views lie, and a true lateral can still be had."""
    target = case.target
    axial = abs(np.degrees(np.arctan2(target.posterior[0], target.posterior[1])))
    coronal = abs(np.degrees(np.arctan2(target.superior[0], target.superior[2])))
    yield Finding("axial-rotation", float(axial), 10.0, np.inf, "deg")
    yield Finding("coronal-tilt", float(coronal), 8.0, np.inf, "deg")
    room = case.room(orbital=90.0)
    seen = case.quality(room)
    yield Finding("room-lateral-double-contour", seen.corners_mm, 3.0, np.inf, "mm")
    yield Finding("room-lateral-plates", max(seen.superior_deg, seen.inferior_deg), 6.0, np.inf, "deg")
    truest = min(_laterals(case), key=lambda pose: _untrue(case.quality(pose)))
    yield Finding("true-lateral-within-reach", _untrue(case.quality(truest)), 0.0, 1.0, "of the tolerance")
    yield Finding("room-lateral-lies-about-tip", _seen_in_front(case, room, -BEHIND_MM), 0.0, np.inf, "mm in front")
    spinous = abs(case.quality(case.room()).spinous)
    yield Finding("room-ap-off-the-midline", spinous, 0.10, np.inf, "of the interpedicular distance")


def _seen_in_front(case: Case, pose: Pose, front_mm: float) -> float:
    """mm in front of the margin at which a lateral shows metal in the pedicle that truly is `front_mm` in front of its wall."""
    target, pedicle = case.target, case.target.pedicles[case.side]
    roll = np.cross(pedicle.axis, target.left)
    to_wall = float((target.corners[case.side] - pedicle.centre) @ target.posterior) - front_mm
    heel = pedicle.centre + pedicle.axis * (to_wall / float(pedicle.axis @ target.posterior))
    trocar = TrocarPose(heel + roll * TROCAR.outer_mm / 2 + pedicle.axis * TROCAR.bevel_mm, pedicle.axis, roll)
    seen = see(target, pose, trocar, case.side).front_seen_mm  # of the heel, the hindmost metal of the bevel
    return -np.inf if seen is None else seen


def _laterals(case: Case) -> Iterator[Pose]:
    """Laterals round the target's own, within the arm's limits; tilt and swivel near those that its axes ask for."""
    axial = float(np.degrees(np.arctan2(case.target.posterior[0], case.target.posterior[1])))
    swivels = np.clip(np.arange(-15.0, 15.1, 2.5), *LIMITS_DEG["swivel"])
    for orbital in 90.0 + np.arange(-25.0, 25.1, 2.5):
        for tilt in np.arange(-20.0, 20.1, 4.0):
            for swivel in swivels:
                if abs(orbital) <= LIMITS_DEG["orbital"][1] and abs(abs(orbital - 90.0) - abs(axial)) < 8.0:
                    yield case.room(float(orbital), float(tilt), float(swivel))


def _untrue(seen: ViewQuality) -> float:
    """The worse of end plates (3 deg) and posterior corners (1.5 mm), 1 = the tolerance of step 5."""
    return max(seen.superior_deg / 3.0, seen.inferior_deg / 3.0, seen.corners_mm / 1.5)


def steps_6_8(case: Case) -> Iterator[Finding]:
    """The middle of the ring is reached before the whole bevel is past the wall: step 5 fails after a correct step 3."""
    yield Finding("across-when-cleared", _across_when_cleared(case, case.way), 0.5, 1.0, "of the ring")


def short_pedicle(case: Case) -> Iterator[Finding]:
    """At mid-pedicle the tip would already be past the 1 cm line: who waits for it overshoots."""
    beyond = case.way.middle - (case.way.wall + case.target.depth - SHORT_OF_FRONT_MM)
    yield Finding("mid-pedicle-past-the-1-cm-line", beyond, 0.0, np.inf, "mm")


def medial_entry(case: Case) -> Iterator[Finding]:
    """From the colleague's entry not even the turned bevel leaves room at the wall; 2 mm lateral of it a way stays in the ring."""
    medial = case.scenario.start.medial_mm if case.scenario.start is not None else TOO_MEDIAL_MM
    wrong, right = (step_3(case.ground, case.side, mm) for mm in (medial, medial - ASIDE_MM))
    yield Finding("across-when-cleared", _across_when_cleared(case, wrong), 0.5, np.inf, "of the ring")
    yield Finding("room-with-the-bevel-turned", _room_when_turned(case, wrong), -np.inf, LEAST_ROOM_MM, "mm")
    lateral = right.at(right.wall).lateral_mm
    yield Finding("re-entry-inside-the-ring", -np.inf if lateral is None else lateral, 0.0, np.inf, "mm")
    again = _room_when_turned(case, right)
    yield Finding("room-after-re-entry", again, LEAST_ROOM_MM, np.inf, "mm")


def _room_when_turned(case: Case, way: Way) -> float:
    """mm from the most medial metal to the medial cortex when the bevel, turned, is CLEARED_MM past the wall; -inf without a wall."""
    if not np.isfinite(way.wall):
        return -np.inf
    here = way.trocar(way.wall + CLEARED_MM + TROCAR.bevel_mm)
    found = case.ground.measure(TrocarPose(here.tip, here.axis, -here.roll), case.side).medial_mm
    return np.inf if found is None else found


def high_thoracic(case: Case) -> Iterator[Finding]:
    """A ring two trocars wide with a rib's head beside it, a long spinous process, and the canal that must not be met."""
    target, pedicle = case.target, case.target.pedicles[case.side]
    yield Finding("pedicle-width", pedicle.width, 4.8, 5.5, "mm")
    yield Finding("inner-width", _inner_width(case), 3.5, 4.5, "mm")
    yield Finding("depth-to-the-wall", case.way.wall, 16.0, np.inf, "mm")
    yield Finding("across-when-cleared", _across_when_cleared(case, case.way), 0.5, np.inf, "of the ring")
    yield Finding("other-bone-on-the-way", _other_bone(case), 0.0, 1.0, "mm")
    yield Finding("rib-head-lateral-of-the-ring", _rib_gap(case), 2.0, 5.0, "mm")
    below = case.neighbours[-1]
    over = float((below.superior_plate.centre - target.spinous_tip) @ below.superior)
    yield Finding("spinous-tip-below-the-next-plate", over, 0.0, np.inf, "mm")
    ball = np.pi / 6 * target.middle_height**3 / 1000.0
    yield Finding("cement-from-plate-to-plate", ball, 0.0, ceiling_ml(target.level), "ml of a ball between the plates")
    yield from _beside(case)


def _other_bone(case: Case) -> float:
    """mm of other bones that the point of a correct step 3 goes through before its own: facets of the level above."""
    line = line_3(case.target, case.side)
    point = line.tip + TROCAR.outer_mm / 2 * line.roll
    met = [case.bone_at(point + s * line.axis) for s in np.arange(-60.0, 0.0, 0.5)]
    return 0.5 * sum(name != case.target.level and distance < 0.0 for name, distance in met)


def _beside(case: Case) -> Iterator[Finding]:
    """The canal is open for a cord; the cord lies in it and pleura beside the body: a patient without organs has neither."""
    target = case.target
    yield Finding("canal-round-its-centre", case.bone_at(target.canal_centre)[1], CORD_ROOM_MM, np.inf, "mm")
    lateral = target.centre + case.sign * target.left * target.width / 2
    for tissue, at, name, most in (
        (Tissue.CORD, target.canal_centre, "cord-in-the-canal", 0.0),
        (Tissue.LUNG, lateral, "pleura-beside-the-body", 8.0),
    ):
        near = [float(sample(r.distance, at[None])[0]) for r in case.patient.regions.values() if r.tissue == tissue]
        yield Finding(name, min(near, default=np.inf), -np.inf, most, "mm")


def _inner_width(case: Case) -> float:
    """mm of cancellous bone across the isthmus: the ring less its walls."""
    pedicle, bone = case.target.pedicles[case.side], case.patient.bones[case.target.level]
    across = (pedicle.ring - pedicle.centre) @ case.target.left
    ends = pedicle.ring[[int(across.argmin()), int(across.argmax())]]
    turn = bone.patient_from_bone
    return float(pedicle.width - sample(bone.wall, (ends - turn[:3, 3]) @ turn[:3, :3]).sum())


def _rib_gap(case: Case) -> float:
    """mm from the ring's lateral edge to the medial edge of the rib of its level, seen from behind; infinite without one."""
    target = case.target
    rib = case.patient.bones.get(f"rib{target.level[1:]}-{case.side}")
    if rib is None:
        return np.inf
    out = case.sign * target.left
    surface = rib.outer.vertices @ rib.patient_from_bone[:3, :3].T + rib.patient_from_bone[:3, 3]
    ring = float((target.pedicles[case.side].ring @ out).max())
    return float((surface @ out).min()) - ring


def low_thoracic(case: Case) -> Iterator[Finding]:
    """A pedicle that runs straight forward, so that step 5 comes in time; ribs that lie on each other in a true lateral.

    The reasons are ours: FIGURES a2 (convergence about 0 at T11 and T12), CLINICAL 2 (rib necks beside the target within 5 mm).
    """
    axis = case.target.pedicles[case.side].axis
    converging = float(np.degrees(np.arcsin(abs(axis @ case.target.left))))
    yield Finding("convergence", converging, 0.0, 8.0, "deg")
    yield Finding("across-when-cleared", _across_when_cleared(case, case.way), -np.inf, 0.5, "of the ring")
    pose = ideal(case.target, 0.0, case.side)
    lateral = case.room(pose.orbital + case.sign * 90.0)
    ribs = measure(case.target, (None, None), case.patient.rib_necks.get(case.target.level, {}), lateral).ribs_mm
    yield Finding("rib-necks-superposed", np.inf if ribs is None else ribs, 0.0, 5.0, "mm")
    yield Finding("rib-head-lateral-of-the-ring", _rib_gap(case), 0.5, 8.0, "mm")


def _across_when_cleared(case: Case, way: Way) -> float:
    """How far across the ring the point stands when the whole bevel is CLEARED_MM past the wall."""
    if not np.isfinite(way.wall):
        return np.inf
    return way.at(way.wall + CLEARED_MM + TROCAR.bevel_mm).across


FAMILIES: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "first-case": first_case,
    "kyphotic-superimposition": kyphotic,
    "vertebra-plana": plana,
    "scoliosis": scoliosis,
    "steps-6-8": steps_6_8,
    "short-pedicle": short_pedicle,
    "medial-entry": medial_entry,
    "high-thoracic": high_thoracic,
    "low-thoracic": low_thoracic,
}
