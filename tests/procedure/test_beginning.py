"""A case may begin with a colleague's needle in bone: it stands where the scenario says, and is not laid to the trainee."""

import math
from dataclasses import replace

import pytest

from game.assembly import attempt
from game.operators.habits import EXPERT
from game.procedure.attempt import read
from game.procedure.beginning import begin
from game.procedure.correct import line_3
from game.procedure.procedure import Procedure
from game.procedure.scenarios import Start
from game.session import Session
from models.errors import InputError
from models.patient import Patient
from tests.records.test_record import SCENARIO

TAKEN = replace(SCENARIO, name="taken", start=Start(medial_mm=2.5, embedded_mm=3.0))


def test_the_needle_stands_on_its_line_as_deep_as_asked(phantom: Patient):
    simulation = begin(TAKEN, phantom, 1)
    line = line_3(phantom.vertebrae["L2"], "left", 2.5)
    needle = simulation.trocar.needle()
    assert needle is not None and needle.embedded and needle.bone == "L2"
    assert needle.depth_mm == pytest.approx(3.0, abs=0.15)  # stations are 0.1 mm apart
    beside = needle.pose.tip - line.tip
    assert beside - (beside @ line.axis) * line.axis == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    assert [event.kind for event in simulation.drain()] == ["side", "embedded"]


def test_a_case_without_a_start_begins_with_no_needle(phantom: Patient):
    simulation = begin(replace(TAKEN, start=None), phantom, 1)
    assert simulation.trocar.needle() is None and simulation.drain() == []


def test_a_needle_beside_every_bone_cannot_be_taken_over(phantom: Patient):
    with pytest.raises(InputError, match=r"^taken: start\.medial_mm = -200, embedded_mm = 3: L2 holds no needle"):
        begin(replace(TAKEN, start=Start(medial_mm=-200.0, embedded_mm=3.0)), phantom, 1)


def test_the_colleagues_entry_is_not_the_trainees(phantom: Patient):
    session = Session(TAKEN, phantom, 1, Procedure(TAKEN, phantom))
    so_far = read(session.measured)
    assert math.isinf(so_far.entered_at) and math.isinf(so_far.touched_at)
    assert [track.taken_over for track in so_far.tracks["left"]] == [True]
    session.do("screw", mm=2.0, mm_s=2.0)
    after = read(session.measured)
    assert math.isinf(after.entered_at) and after.touched_at < 10.0


@pytest.mark.long
def test_the_expert_enters_again_and_who_does_not_fails_the_exam():
    good = attempt("medial-entry", "expert", 1)
    assert good["score"] >= 75.0 and not good["critical_errors"]
    assert {"9-reentry"} <= {line["id"] for line in good["lines"] if line["points"] > 0.0}
    went_on = attempt("medial-entry", replace(EXPERT, omit=frozenset({"re-entry"})), 1)
    assert went_on["score"] <= good["score"] - 20.0


@pytest.mark.long
@pytest.mark.parametrize("name", ["kyphotic-superimposition", "high-thoracic", "low-thoracic", "medial-entry"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_expert_performs_what_is_hard_without_a_critical_error(name: str, seed: int):
    done = attempt(name, "expert", seed)
    assert done["score"] >= 75.0 and not done["critical_errors"]


@pytest.mark.long
def test_who_takes_the_room_s_ap_of_a_kyphosis_fails():
    straight = replace(EXPERT, omit=frozenset({"plates", "midline", "centring"}))
    assert attempt("kyphotic-superimposition", straight, 1)["score"] < 60.0
