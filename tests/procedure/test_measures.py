"""From raw events to measured ones, on the phantom."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.procedure import scenarios
from game.procedure.measured import KINDS, Measured, from_json, to_json
from game.procedure.measures import LAWS, Measurer
from game.procedure.procedure import Procedure
from game.procedure.rules import region
from game.procedure.scenarios import Scenario
from game.simulation import events
from game.simulation.events import Event, Needle
from models.carm import Pose
from models.errors import InputError
from models.instruments import TROCAR, TrocarPose
from models.patient import Patient
from tests.procedure import phantoms

AP, LATERAL = Pose(), Pose(orbital=90.0, isocentre=(0.0, 14.0, 0.0))


def scenario(target: str = "L2", **over: object) -> Scenario:
    base = scenarios.load("first-case")
    return Scenario(**{**base.__dict__, "target": target, **over})  # type: ignore[arg-type]


@pytest.fixture
def measurer(phantom: Patient) -> Measurer:
    return Measurer(scenario(), phantom)


def needle(y: float, x: float = 18.0, held: bool = True, z: float = phantoms.PEDICLE_Z) -> Needle:
    """Straight from behind; bone begins at y = 45."""
    pose = TrocarPose(np.array([x, y, z]), np.array([0.0, -1.0, 0.0]), np.array([-np.sign(x), 0.0, 0.0]))
    return Needle(pose, held, max(phantoms.BACK - y, 0.0) if held else 0.0, 100.0 - y, 6, "L2", 9.0)


def exposed(t: float, pose: Pose, held: Needle | None = None, single: bool = False) -> Event:
    return Event(t, "exposed", held, {"pose": pose, "pulse": 0, "kvp": 75.0, "mas": 1.0, "single": single})


def only(measurer: Measurer, event: Event) -> Measured:
    (measured,) = measurer.measure(event)
    return measured


def test_every_raw_kind_is_measured():
    assert set(LAWS) == set(events.KINDS)


def test_began_carries_what_a_score_needs(phantom: Patient):
    began = Measurer(scenario(), phantom).began()
    assert (began["target"], began["sides"], began["region"], began["ceiling_ml"]) == ("L2", "left", "lumbar", 3.0)
    assert began["pedicle_left_mm"] == phantoms.PEDICLE_W
    assert not began["flattened"] and not began["ribs"]


def test_the_ceiling_follows_the_region():
    assert [region(level) for level in ("T4", "T8", "T9", "T12", "L1", "L5")] == [
        "high thoracic",
        "high thoracic",
        "low thoracic",
        "low thoracic",
        "lumbar",
        "lumbar",
    ]


def test_a_target_that_the_patient_lacks_is_one_line(phantom: Patient):
    with pytest.raises(InputError, match='target = "T12": the patient has L1, L2, L3'):
        Measurer(scenario("T12"), phantom)


def test_pulses_of_the_same_picture_are_measured_once(measurer: Measurer):
    held = needle(30.0)
    kinds = [
        only(measurer, exposed(0.0, AP, held)).kind,
        only(measurer, exposed(0.1, AP, needle(30.0))).kind,
        only(measurer, exposed(0.2, AP, needle(29.5))).kind,
        only(measurer, exposed(0.3, LATERAL, needle(29.5))).kind,
        only(measurer, exposed(0.4, LATERAL, needle(29.5), single=True)).kind,
        only(measurer, exposed(0.5, LATERAL, needle(29.5))).kind,
    ]
    assert kinds == ["picture", "pulse", "picture", "picture", "picture", "pulse"]


def test_a_picture_without_a_needle_says_nothing_of_one(measurer: Measurer):
    picture = only(measurer, exposed(0.0, AP))
    assert picture["needle"] is False
    assert picture["ring"] is None and math.isnan(picture.number("front_mm"))


def test_a_lateral_picture_tells_seen_and_true_in_agreement_when_it_is_true(measurer: Measurer):
    picture = only(measurer, exposed(0.0, LATERAL, needle(8.0)))
    assert picture["view"] == "lateral"
    assert picture["front_mm"] == pytest.approx(6.0 - TROCAR.bevel_mm)
    assert picture["front_seen_mm"] == pytest.approx(picture["front_mm"], abs=0.3)


def test_a_move_carries_the_truth_and_a_record_of_it_is_plain_json(measurer: Measurer):
    moved = only(measurer, Event(1.0, "moved", needle(20.0), {"from_mm": 24.5, "to_mm": 25.0, "how": "screw"}))
    assert moved["bone"] == "L2" and moved["side"] == "left"
    assert moved["medial_mm"] == pytest.approx(6.0 - TROCAR.outer_mm / 2, abs=0.3)
    assert from_json(json.loads(json.dumps(to_json(moved), allow_nan=False))) == moved


def test_in_soft_tissue_nothing_is_measured_against_bone(measurer: Measurer):
    near_skin = needle(90.0, held=False)
    moved = only(measurer, Event(1.0, "moved", near_skin, {"from_mm": 0.0, "to_mm": 0.0, "how": "push"}))
    assert moved["medial_mm"] is None and moved["bone"] == ""


@pytest.mark.parametrize("x", [19.0, -19.0])
def test_an_entry_is_told_in_the_ring_and_the_next_one_by_its_shift(measurer: Measurer, x: float):
    side = "left" if x > 0 else "right"
    first = only(measurer, Event(1.0, "embedded", needle(45.0, x), {"bone": "L2"}))
    assert (first["side"], first["level"], first["shift_mm"]) == (side, "L2", None)
    assert first["bevel_medial"] == pytest.approx(1.0)
    measurer.measure(Event(2.0, "withdrawn", needle(46.0, x, held=False), {"reached_mm": 12.0}))
    again = only(measurer, Event(3.0, "embedded", needle(45.0, x + 2.0 * np.sign(x)), {"bone": "L2"}))
    assert again["shift_mm"] == pytest.approx(2.0)
    assert again["inside_mm"] == pytest.approx(first["inside_mm"] - 2.0, abs=0.3)


def test_a_touch_does_not_count_as_the_entry_before(measurer: Measurer):
    measurer.measure(Event(1.0, "embedded", needle(45.0, 12.0), {"bone": "L2"}))
    measurer.measure(Event(2.0, "withdrawn", needle(46.0, 12.0, held=False), {"reached_mm": 0.3}))
    assert only(measurer, Event(3.0, "embedded", needle(45.0), {"bone": "L2"}))["shift_mm"] is None


def test_another_bone_is_named_at_the_entry(measurer: Measurer):
    below = needle(45.0, z=phantoms.PEDICLE_Z - phantoms.APART)
    assert only(measurer, Event(1.0, "embedded", below, {"bone": "L3"}))["level"] == "L3"
    assert only(measurer, Event(1.0, "embedded", below, {"bone": "rib12-left"}))["level"] == ""


def test_a_turn_tells_what_the_point_gained(measurer: Measurer):
    before = needle(25.0)
    measurer.measure(Event(1.0, "moved", before, {"from_mm": 19.5, "to_mm": 20.0, "how": "screw"}))
    pose = before.pose
    after = Needle(TrocarPose(pose.tip, pose.axis, -pose.roll), True, 20.0, 75.0, 6, "L2", 9.0)
    turned = only(measurer, Event(2.0, "turned", after, {"degrees": 180.0, "outside": False}))
    assert turned["gain_mm"] == pytest.approx(TROCAR.outer_mm, abs=0.3)
    assert turned["depth_change_mm"] == 0.0
    assert turned["bevel_medial"] == pytest.approx(-1.0)


def test_cement_is_told_with_its_clock_its_leaks_and_no_infinities(measurer: Measurer):
    measurer.measure(Event(60.0, "mixed"))
    values = {
        "volume_ml": 0.4,
        "flow_ml_s": 0.04,
        "viscosity_pa_s": 120.0,
        "pressure_kpa": 900.0,
        "wall_mm": math.inf,
        "plates_mm": [4.0, np.float64(6.0)],
        "leaks": {"vein": 0.1},
        "visible_leaks": ["vein"],
    }
    flowed = only(measurer, Event(420.0, "flowed", needle(4.0, 10.0), values))
    assert flowed["mixed_min"] == pytest.approx(6.0)
    assert flowed["wall_mm"] is None
    assert (flowed["visible"], flowed["leak_vein_ml"], flowed["leak_disc_ml"]) == ("vein", 0.1, 0.0)
    assert flowed["across_body"] == pytest.approx(0.5)
    json.dumps(to_json(flowed), allow_nan=False)


def test_a_pose_may_come_as_a_mapping(measurer: Measurer):
    plain = {"orbital": 5.0, "tilt": 1.0, "swivel": 0.0, "isocentre": [0.0, 0.0, 0.0]}
    assert only(measurer, Event(0.0, "armed", None, {"pose": plain}))["orbital"] == 5.0


def test_a_measured_event_refuses_what_it_cannot_hold():
    with pytest.raises(ValueError, match="expected one of"):
        Measured(0.0, "nonsense")
    with pytest.raises(ValueError, match=r"moved\.dept_mm: expected one of"):
        Measured(0.0, "moved", {"dept_mm": 1.0})
    with pytest.raises(ValueError, match="expected a number"):
        Measured(0.0, "moved", {"depth_mm": [1.0]})  # type: ignore[dict-item]
    with pytest.raises(KeyError):
        Measured(0.0, "moved")["no_such_key"]


@given(st.sampled_from(sorted(KINDS)), st.floats(0, 1e6), st.data())
def test_measured_events_survive_a_record(kind: str, t: float, data: st.DataObject):
    plain = st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=9))
    values = {key: data.draw(plain) for key in KINDS[kind]}
    event = Measured(t, kind, values)
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


def test_the_procedure_observes_keeps_and_scores(phantom: Patient):
    procedure = Procedure(scenario(), phantom)
    first = procedure.observe([exposed(0.5, AP), Event(1.0, "counted", None, {"level": "L2"})])
    assert [m.kind for m in first] == ["began", "picture", "counted"]
    more = procedure.observe([Event(2.0, "finished")])
    assert [m.kind for m in more] == ["finished"]
    assert procedure.measured == [*first, *more]
    count = next(row for row in procedure.result().lines if row.id == "1-count")
    assert count.points == count.of


def test_a_procedure_that_saw_nothing_scores_nothing(phantom: Patient):
    assert Procedure(scenario(), phantom).result().score == 0.0


def test_a_whole_needle_through_the_phantom_is_judged(phantom: Patient):
    """AP, barrel, entry, advance under AP, true lateral: the lines of steps 3 to 5 on real geometry."""
    procedure = Procedure(scenario(), phantom)
    tilt = 7.0  # centres the pedicle of the phantom
    two, barrel = Pose(0.0, tilt), Pose(5.0, tilt)
    angle, lean = np.radians(5.0), np.radians(tilt)
    axis = -np.array([np.sin(angle), np.cos(lean) * np.cos(angle), np.sin(lean) * np.cos(angle)])
    start = np.array([PEDICLE_EDGE, 20.0, phantoms.PEDICLE_Z]) - axis * 26.0 / np.cos(angle)
    roll = np.array([-1.0, 0.0, 0.0]) - axis * (-axis[0])
    roll /= np.linalg.norm(roll)

    def at(depth: float) -> Needle:
        return Needle(
            TrocarPose(start + axis * depth, axis, roll), depth > 0.0, max(depth, 0.0), 60.0 + depth, 6, "L2", 9.0
        )

    raw = [exposed(1.0, two), Event(2.0, "counted", None, {"level": "L2"}), Event(2.5, "side", None, {"side": "left"})]
    raw += [exposed(3.0, barrel, at(-1.0)), Event(4.0, "embedded", at(0.1), {"bone": "L2"})]
    t, depth = 5.0, 0.0
    for view, last in ((None, 3.0), (two, 37.0)):
        if view is not None:
            raw.append(exposed(t, view, at(depth)))
        while depth < last:
            t, depth = t + 1.0, depth + 0.5
            raw.append(Event(t, "moved", at(depth), {"from_mm": depth - 0.5, "to_mm": depth, "how": "screw"}))
            if view is not None:
                raw.append(exposed(t + 0.5, view, at(depth)))
            if depth in (12.0, 20.0, 29.0):
                raw.append(exposed(t + 0.6, LATERAL, at(depth)))
                raw.append(exposed(t + 0.7, two, at(depth)))
    raw.append(exposed(t + 1.0, LATERAL, at(depth)))
    procedure.observe(raw)
    rows = {row.id: row for row in procedure.result().lines}
    for line in (
        "1-count",
        "2-centred",
        "3-oblique",
        "3-barrel",
        "3-entry",
        "3-embed",
        "4-view",
        "4-watched",
        "5-lateral",
        "medial",
    ):
        assert rows[line].points == rows[line].of, f"{line}: {rows[line].measured}"
    assert procedure.result().critical_errors == ()


PEDICLE_EDGE = phantoms.PEDICLE_X + phantoms.PEDICLE_W / 2 - TROCAR.outer_mm / 2 - 0.6
"""x of a needle whose shaft stands 0.6 mm inside the left pedicle's lateral margin, in the isthmus."""
