"""Whether a scenario is what it says: the conditions of its family, measured on the built patient.

In: scenario, patient. Out: `Finding`s, one a condition: name, measured, expected, holds. Reasons: CLINICAL 5 (the paper's cases
made into figures there; all limits not the paper's are our own assumptions). Patient frame, mm, degrees.
Not here: the correct way through a pedicle (correct.py), fractures' kinds (models/genant.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from game.procedure.correct import Way, step_2, step_3
from game.procedure.scenarios import Scenario
from game.procedure.truth import Ground
from game.procedure.views import ViewQuality, ideal, measure, see
from game.simulation.arm import LIMITS_DEG
from models.carm import Pose, view
from models.errors import InputError
from models.field import nearest_bone, pack
from models.genant import Graded, graded
from models.instruments import TROCAR, TrocarPose
from models.patient import Patient, Side, Vertebra
from models.recipe import PLANA, SyntheticRecipe

Array = NDArray[np.float64]

CLEARED_MM = 2.0
"""The whole bevel this far in front of the wall (CLINICAL 2, step 5)."""

BEHIND_MM = 2.0
"""A tip this far behind its wall, that the room's lateral of a scoliosis shows in front of it (CLINICAL 5)."""

SHORT_OF_FRONT_MM = 10.0
"""Where the advance ends (the paper's 1 cm)."""

LEAST_CONFIDENCE = 0.5
"""Landmarks that agree less with themselves are no ground to judge on; assumed."""


@dataclass(frozen=True)
class Finding:
    """One condition, measured."""

    name: str
    measured: float
    low: float  # expected range, ends included
    high: float
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the measured value lies in the range."""
        return bool(self.low <= self.measured <= self.high)

    def __str__(self) -> str:
        if self.low == -np.inf:
            wanted = f"at most {self.high:.4g}"
        elif self.high == np.inf:
            wanted = f"at least {self.low:.4g}"
        else:
            wanted = f"{self.low:.4g} to {self.high:.4g}"
        return f"{self.name}: {self.measured:.4g}, expected {wanted} {self.unit}".rstrip()


class Case:
    """A scenario's built patient, ready to be measured."""

    def __init__(self, scenario: Scenario, patient: Patient) -> None:
        self.scenario, self.patient = scenario, patient
        self.target: Vertebra = patient.vertebrae[scenario.target]
        self.side: Side = scenario.sides[0]
        self.ground = Ground(self.target, *pack(patient))

    @cached_property
    def genant(self) -> Graded:
        """The target's fracture."""
        return graded(self.target.level, self.patient.vertebrae)

    @cached_property
    def neighbours(self) -> tuple[Vertebra, ...]:
        """Those next to the target."""
        levels = self.patient.levels
        at = levels.index(self.target.level)
        return tuple(self.patient.vertebrae[level] for level in levels[max(at - 1, 0) : at + 2] if level != levels[at])

    @cached_property
    def way(self) -> Way:
        """Of a correct step 3."""
        return step_3(self.ground, self.side)

    @property
    def sign(self) -> float:
        """+1 for the left."""
        return 1.0 if self.side == "left" else -1.0

    def room(self, orbital: float = 0.0, tilt: float = 0.0, swivel: float = 0.0) -> Pose:
        """A pose by the room's angles, the target at the isocentre."""
        x, y, z = (float(c) for c in self.target.centre)
        return Pose(orbital, tilt, swivel, (x, y, z))

    def quality(self, pose: Pose) -> ViewQuality:
        """How a pose sees the target."""
        return measure(self.target, (None, None), {}, pose)

    def bone_at(self, point: Array) -> tuple[str, float]:
        """(bone nearest, mm to its surface, negative inside)."""
        which, distance = nearest_bone(self.ground.field, np.ascontiguousarray(point))
        return (self.ground.names[which] if which >= 0 else ""), distance

    def least_inside(self, start: Array, axis: Array, first: float, last: float) -> float:
        """Least mm of bone of the target round a line between two lengths along it; negative where it leaves."""
        out = []
        for s in np.arange(first, last, 0.5):
            name, distance = self.bone_at(start + s * axis)
            out.append(-distance if name == self.target.level else -max(distance, 0.0))
        return min(out)


def check(scenario: Scenario, patient: Patient) -> tuple[Finding, ...]:
    """Every condition of a scenario, general ones first. Raises InputError naming the first that fails."""
    case = Case(scenario, patient)
    found = []
    for finding in (*_general(case), *FAMILIES.get(scenario.family, _nothing)(case)):
        if not finding.holds:
            raise InputError(f"{scenario.name}: {scenario.family or 'any scenario'}: {finding}")
        found.append(finding)
    return tuple(found)


def _nothing(case: Case) -> Iterator[Finding]:
    """A scenario of no family has no more to prove."""
    yield from ()


def _general(case: Case) -> Iterator[Finding]:
    """Landmarks that can be trusted; fractures that are of the kind that was asked for."""
    yield Finding("landmarks-agree", case.target.confidence, LEAST_CONFIDENCE, 1.0)
    recipe = case.scenario.recipe
    if isinstance(recipe, SyntheticRecipe):
        for asked in recipe.fractures:
            got = graded(asked.level, case.patient.vertebrae)
            fits = got.grade == 0 or got.kind == asked.kind
            yield Finding(f"{asked.level}-is-{asked.kind}", float(fits), 1.0, 1.0)


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
    reach = float((wrong - case.target.centre) @ beam)
    name, distance = case.bone_at(wrong - beam * reach)
    yield Finding("wrong-line-misses-body", float(name != case.target.level or distance > 0.0), 1.0, 1.0)
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
    """No more than a third of the height anywhere, so that only the angle of step 2 passes between the plates."""
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
    """An entry 2.5 mm too medial leaves no way past the wall; 2 mm lateral of it there is one still in the ring."""
    wrong, right = step_3(case.ground, case.side, 2.5), step_3(case.ground, case.side, 0.5)
    yield Finding("across-when-cleared", _across_when_cleared(case, wrong), 0.5, np.inf, "of the ring")
    lateral = right.at(right.wall).lateral_mm
    yield Finding("re-entry-inside-the-ring", -np.inf if lateral is None else lateral, 0.0, np.inf, "mm")


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
}
