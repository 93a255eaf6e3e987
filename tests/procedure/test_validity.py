"""A scenario that is what it says passes its family's conditions; each condition bent is rejected by its name."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from game.procedure import correct, scenarios, validity
from game.procedure.scenarios import Scenario, Start
from game.procedure.validity import Finding
from models.errors import InputError
from models.patient import Patient
from models.provide import provide
from models.recipe import SyntheticRecipe
from tests.cases import each

PROVING = [name for name in scenarios.names() if scenarios.load(name).family]


def no_data(name: str):
    raise AssertionError(f"asked for {name}: these scenarios are synthetic")


def built(name: str) -> tuple[Scenario, Patient]:
    scenario = scenarios.load(name)
    return scenario, provide(scenario.recipe, no_data)


@pytest.fixture(scope="module")
def first() -> tuple[Scenario, Patient]:
    return built("first-case")


@pytest.mark.parametrize("name", each(PROVING))
def test_a_scenario_of_the_program_passes_the_conditions_of_its_family(name: str):
    found = validity.check(*built(name))
    assert len(found) >= 3 and all(finding.holds for finding in found)


def test_the_first_case_passes_the_conditions_of_the_first_case(first: tuple[Scenario, Patient]):
    scenario, patient = first
    names = {finding.name for finding in validity.check(scenario, patient)}
    assert {"anterior-height", "posterior-height", "mid-pedicle-after-wall", "apparent-front-trap"} <= names


@pytest.mark.parametrize(
    ("family", "condition"),
    [
        ("kyphotic-superimposition", "neighbour-nearer-than-own"),
        ("vertebra-plana", "residual-height"),
        ("scoliosis", "axial-rotation"),
        ("steps-6-8", "across-when-cleared"),
        ("short-pedicle", "mid-pedicle-past-the-1-cm-line"),
        ("medial-entry", "room-with-the-bevel-turned"),
        ("high-thoracic", "pedicle-width"),
        ("low-thoracic", "convergence"),
    ],
)
def test_the_first_case_is_no_other_family(first: tuple[Scenario, Patient], family: str, condition: str):
    scenario, patient = first
    with pytest.raises(InputError, match=rf"^first-case: {family}: {condition}: [^\n]*expected[^\n]*$"):
        validity.check(replace(scenario, family=family), patient)


@pytest.mark.parametrize(
    ("heights", "condition"),
    [
        ({"anterior_height": 1.15}, "anterior-height"),
        ({"anterior_height": 0.7}, "anterior-height"),
        ({"posterior_height": 0.9}, "posterior-height"),
    ],
)
def test_a_first_case_of_other_heights_is_rejected(
    first: tuple[Scenario, Patient], heights: dict[str, float], condition: str
):
    scenario, patient = first
    target = patient.vertebrae["L2"]
    bent = replace(target, **{name: getattr(target, name) * share for name, share in heights.items()})
    other = replace(patient, vertebrae={**patient.vertebrae, "L2": bent})
    with pytest.raises(InputError, match=f"first-case: {condition}: "):
        validity.check(scenario, other)


@pytest.fixture(scope="module")
def curved() -> tuple[Scenario, Patient]:
    return built("scoliosis")


@pytest.fixture(scope="module")
def flat() -> tuple[Scenario, Patient]:
    return built("vertebra-plana")


def rejected(case: tuple[Scenario, Patient], condition: str, target: str, **changes: Any) -> None:
    scenario, patient = case
    bent = replace(patient.vertebrae[target], **changes)
    other = replace(patient, vertebrae={**patient.vertebrae, target: bent})
    with pytest.raises(InputError, match=rf"^{scenario.name}: {scenario.family}: {condition}: [^\n]*expected[^\n]*$"):
        validity.check(scenario, other)


def test_a_scoliosis_bent_straight_is_rejected_condition_by_condition(curved: tuple[Scenario, Patient]):
    scenario, patient = curved
    target = patient.vertebrae["L3"]
    rejected(curved, "axial-rotation", "L3", posterior=np.array([0.0, 1.0, 0.0]))
    rejected(curved, "coronal-tilt", "L3", superior=np.array([0.0, 0.0, 1.0]))
    left, right = target.corners["left"], target.corners["right"]
    level = {"left": left, "right": np.array([right[0], left[1], right[2]])}
    rejected(curved, "room-lateral-double-contour", "L3", corners=level)
    upright = {
        "superior_plate": replace(target.superior_plate, normal=np.array([0.0, 0.0, 1.0])),
        "inferior_plate": replace(target.inferior_plate, normal=np.array([0.0, 0.0, -1.0])),
    }
    rejected(curved, "room-lateral-plates", "L3", **upright)
    with pytest.raises(InputError, match="scoliosis: room-lateral-lies-about-tip"):
        validity.check(replace(scenario, sides=("left",)), patient)


def test_a_plana_with_room_is_rejected_condition_by_condition(flat: tuple[Scenario, Patient]):
    target = flat[1].vertebrae["L2"]
    rejected(flat, "residual-height", "L2", anterior_height=1.15 * target.anterior_height)
    low = {
        side: replace(pedicle, centre=pedicle.centre - 4.0 * target.superior)
        for side, pedicle in target.pedicles.items()
    }
    rejected(flat, "parallel-line-leaves", "L2", pedicles=low)


@pytest.mark.long
def test_a_high_thoracic_case_bent_is_rejected_condition_by_condition():
    case = built("high-thoracic")
    target = case[1].vertebrae["T6"]
    wide = {side: replace(pedicle, width=7.0) for side, pedicle in target.pedicles.items()}
    rejected(case, "pedicle-width", "T6", pedicles=wide)
    rejected(case, "spinous-tip-below-the-next-plate", "T6", spinous_tip=target.spinous_tip + 20.0 * target.superior)
    rejected(case, "canal-round-its-centre", "T6", canal_centre=target.posterior_wall)
    no_ribs = {name: bone for name, bone in case[1].bones.items() if not name.startswith("rib")}
    rejected((case[0], replace(case[1], bones=no_ribs)), "rib-head-lateral-of-the-ring", "T6")


@pytest.mark.long
def test_a_kyphosis_or_an_entry_bent_is_rejected_by_name():
    scenario, patient = built("kyphotic-superimposition")
    with pytest.raises(InputError, match="kyphotic-superimposition: neighbour-nearer-than-own"):
        validity.check(replace(scenario, target="T10"), patient)
    scenario, patient = built("medial-entry")
    with pytest.raises(InputError, match="medial-entry: room-with-the-bevel-turned"):
        validity.check(replace(scenario, start=Start(medial_mm=2.0, embedded_mm=3.0)), patient)


@pytest.mark.long
def test_a_low_thoracic_case_bent_is_rejected_condition_by_condition():
    case = built("low-thoracic")
    target = case[1].vertebrae["T11"]
    inward = target.pedicles["right"].axis + 0.4 * target.left
    converging = {side: replace(p, axis=inward / np.linalg.norm(inward)) for side, p in target.pedicles.items()}
    rejected(case, "convergence", "T11", pedicles=converging)
    scenario, patient = case
    with pytest.raises(InputError, match="low-thoracic: rib-necks-superposed"):
        validity.check(scenario, replace(patient, rib_necks={}))


def test_landmarks_that_disagree_are_rejected_in_any_scenario(first: tuple[Scenario, Patient]):
    scenario, patient = first
    doubtful = replace(patient.vertebrae["L2"], confidence=0.3)
    with pytest.raises(InputError, match=r"first-case: [^:]+: landmarks-agree: 0.3, expected 0.7 to 1"):
        validity.check(scenario, replace(patient, vertebrae={**patient.vertebrae, "L2": doubtful}))


def test_a_fracture_of_another_kind_than_asked_is_rejected(first: tuple[Scenario, Patient]):
    scenario, patient = first
    assert isinstance(scenario.recipe, SyntheticRecipe)
    other = scenario.recipe.fractures[0].model_copy(update={"kind": "biconcave", "middle_height_fraction": 0.5})
    asked = replace(scenario, recipe=scenario.recipe.model_copy(update={"fractures": (other,)}))
    with pytest.raises(InputError, match="L2-is-biconcave"):
        validity.check(asked, patient)


def test_the_correct_way_is_watched_past_the_wall_before_the_middle(first: tuple[Scenario, Patient]):
    way = validity.Case(*first).way
    assert 10.0 < way.wall < way.middle < 40.0
    assert way.at(0.0).bone == "L2"


def test_a_more_medial_start_comes_across_the_ring_sooner(first: tuple[Scenario, Patient]):
    ground = validity.Case(*first).ground
    assert correct.step_3(ground, "left", 2.5).middle < correct.step_3(ground, "left").middle - 5.0


@pytest.mark.parametrize(
    ("low", "high", "holds"), [(0.0, 1.0, True), (0.6, np.inf, False), (-np.inf, 0.5, True), (-np.inf, 0.4, False)]
)
def test_a_finding_holds_within_its_range_ends_included(low: float, high: float, holds: bool):
    assert Finding("x", 0.5, low, high).holds is holds
    assert "expected" in str(Finding("x", 0.5, low, high))
