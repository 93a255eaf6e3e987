"""Every level from T4 to L5 as it is built, measured on its surface against the table; neighbours and ribs apart.

Groups of three levels: a whole spine would take minutes. Nothing published says how far one of a dozen spines lies from their mean
for most dimensions, so 8 % hold where no spread is known; angles within 4 degrees (Kaur 2016: +- 2.4 at T12, and the surface
is read within about 2).
"""

from functools import cache
from itertools import combinations

import numpy as np
import pytest

from models import synthetic
from models.distance import sample
from models.forms import form
from models.morphometry import ANGLES, LEVELS, Size, size
from models.patient import SIDES, Bone, Patient
from models.provide import provide
from models.recipe import SyntheticRecipe
from tests.models import measured
from tests.models import test_patient_contract as contract

GROUPS = (("T4", "T5", "T6"), ("T7", "T8", "T9"), ("T10", "T11", "T12"), ("L3", "L4", "L5"))
KEPT = {("T12", "entry_to_anterior"), ("T12", "convergence")}
"""Sizes that are off and stay so: first-case, by which the expert is held, stands on this T12 (entry 11 % short)."""


def no_data(name: str):
    raise AssertionError(f"asked for {name}: a synthetic patient needs no file")


@cache
def built(levels: tuple[str, ...]) -> Patient:
    return provide(SyntheticRecipe.model_validate({"levels": levels}), no_data)


@pytest.fixture(params=GROUPS, ids=lambda levels: f"{levels[0]}-{levels[-1]}")
def group(request: pytest.FixtureRequest) -> Patient:
    return built(request.param)


def off(patient: Patient, level: str, size: Size) -> list[str]:
    """The dimensions of a level that are not as published."""
    told = []
    for name, value in measured.sizes(patient, level, size).items():
        wanted = getattr(size, name)
        fits = abs(value - wanted) <= 4.0 if name in ANGLES else abs(value / wanted - 1) <= 0.08
        if not fits and (level, name) not in KEPT:
            told.append(f"{level} {name}: {value:.1f}, published {wanted:.1f}")
    return told


def test_every_dimension_is_as_published(group: Patient):
    shapes = synthetic._shapes(SyntheticRecipe.model_validate({"levels": group.levels}))
    assert not [fault for level in group.levels for fault in off(group, level, shapes[level].size)]


def test_so_are_the_unbroken_levels_of_the_first_case(first_case: Patient):
    assert not [fault for level in ("L1", "L3") for fault in off(first_case, level, size(level))]


def test_canals_are_open_and_distances_are_distances(group: Patient):
    """What the contract asks of a provider's patient, at every level."""
    contract.test_the_canal_is_open_along_its_whole_length(group)
    for bone in group.bones.values():
        contract.assert_is_a_distance(bone.distance, 2.0)


def overlap(one: Bone, other: Bone) -> float:
    """mm3 that two bones share."""
    inside = np.argwhere(one.distance.values < 0.0)
    other_from_one = np.linalg.inv(other.patient_from_bone) @ one.patient_from_bone
    points = one.distance.origin + one.distance.spacing * inside
    points = points @ other_from_one[:3, :3].T + other_from_one[:3, 3]
    high = other.distance.origin + other.distance.spacing * (np.array(other.distance.values.shape) - 1)
    points = points[((points > other.distance.origin) & (points < high)).all(axis=1)]
    return (
        float(np.count_nonzero(sample(other.distance, points) < 0.0) * one.distance.spacing**3) if len(points) else 0.0
    )


def test_no_two_bones_share_a_cubic_millimetre(group: Patient):
    for one, other in combinations(group.bones.values(), 2):
        assert overlap(one, other) <= 1.0, f"{one.name} and {other.name}"


def test_rib_heads_lie_just_lateral_to_their_pedicles_and_beside_the_disc_above():
    """At T6 the head's medial edge is 2-5 mm lateral of the pedicle (CLINICAL 5); down to T9 it faces two bodies."""
    for levels in (GROUPS[0], GROUPS[1]):
        patient = built(levels)
        for level in levels:
            v = patient.vertebrae[level]
            for side in SIDES:
                rib = patient.bones[f"rib{level[1:]}-{side}"]
                out = v.left if side == "left" else -v.left
                at = rib.outer.vertices @ rib.patient_from_bone[:3, :3].T + rib.patient_from_bone[:3, 3] - v.centre
                ring = (v.pedicles[side].ring - v.centre) @ out
                assert 1.5 < (at @ out).min() - ring.max() < 5.0, (level, side)
                head = at[(at @ v.posterior) < (v.posterior_wall - v.centre) @ v.posterior]
                head = head[(head @ out) < ring.max() + 10.0]
                plate = (v.superior_plate.centre - v.centre) @ v.superior
                assert (head @ v.superior).min() < plate < (head @ v.superior).max(), (level, side)


def test_thoracic_bodies_narrow_toward_their_front():
    """Heart-shaped: three quarters of the way forward a thoracic body has lost more of its breadth than a lumbar one."""

    def narrowing(level: str) -> float:
        shape = form(level, size(level))
        x = np.arange(0.0, 30.0, 0.05, dtype=np.float32)[:, None, None]
        _, front, _ = shape.outline(np.zeros(1, dtype=np.float32))
        y = np.array([0.0, -0.75 * front[0]], dtype=np.float32)[None, :, None]
        radius, _ = shape.rho(x, y, np.zeros((1, 1, 1), dtype=np.float32))
        middle, ahead = (radius[:, :, 0] < 1.0).sum(axis=0)
        return float(ahead / middle)

    thoracic, lumbar = ([narrowing(level) for level in some] for some in (LEVELS[:8], LEVELS[9:13]))
    assert max(thoracic) < min(lumbar) - 0.06


def test_spinous_processes_of_the_middle_of_the_chest_lie_over_the_level_below():
    patient = built(GROUPS[0])
    for upper, lower in (("T4", "T5"), ("T5", "T6")):
        tip, below = patient.vertebrae[upper].spinous_tip, patient.vertebrae[lower]
        assert (tip - below.superior_plate.centre) @ below.superior < 0.0
