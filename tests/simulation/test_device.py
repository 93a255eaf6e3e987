"""A device in the hand: its poses are followed, and those that no hand can have made are not."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haptics.safety import STEADY_POSES
from haptics.tick import EMBEDDED, FREE
from tests.simulation.story import do, enter, kinds, world


def device(sim, tip, axis=(0.0, -1.0, 0.0), roll=(1.0, 0.0, 0.0)):
    return do(sim, "pose", tip=list(tip), axis=list(axis), roll=list(roll))


@pytest.mark.parametrize(
    "bad",
    [
        {"tip": [math.nan, 80.0, 0.0]},
        {"tip": [0.0, 140.0, 0.0]},
        {"tip": [1e300, 80.0, 0.0]},
        {"axis": [0.0, 0.0, 0.0]},
        {"axis": [0.0, math.inf, 0.0]},
        {"roll": [0.0, -1.0, 0.0]},
        {"tip": [0.0, 80.0]},
        {"tip": "here"},
        {"tip": None},
    ],
)
def test_a_pose_no_hand_can_have_made_is_noted_and_changes_nothing(bad):
    sim = world()
    device(sim, (0.0, 82.0, 0.0))
    before = sim.trocar.state.copy()
    good = {"tip": [0.0, 81.0, 0.0], "axis": [0.0, -1.0, 0.0], "roll": [1.0, 0.0, 0.0]}
    assert kinds(do(sim, "pose", **(good | bad))) == ["noted"]
    assert np.array_equal(sim.trocar.state, before)


def test_a_device_drives_the_needle_without_letting_go():
    sim = world()
    events = []
    for n in range(400):
        events += device(sim, (13.0, 80.0 - 0.1 * n, 4.0))
    assert sim.readout()["skin_mm"] == pytest.approx(35.0, abs=1.5)
    assert "tissue" in kinds(events)
    assert kinds(events).count("moved") < 150  # pieces of half a millimetre, not one for each pose


def test_a_device_cannot_begin_inside_the_patient():
    sim = world()
    for tip in ((0.0, 0.0, 0.0), (13.0, 70.0, 4.0)):
        sim.device.refusing = False
        assert kinds(device(sim, tip)) == ["noted"]
        assert not sim.trocar.used
    assert kinds(device(sim, (0.0, 82.0, 0.0), axis=(0.0, 1.0, 0.0))) == []  # still the same run of refusals: told once
    assert not sim.trocar.used  # its shaft would have been in the patient
    assert device(sim, (0.0, 82.0, 0.0)) == []
    assert sim.trocar.mode == FREE


def test_an_aimed_trocar_is_taken_from_outside_and_not_through_the_patient():
    sim = world()
    device(sim, (-60.0, 82.0, 0.0))
    do(sim, "aim", column=256.0, row=256.0)
    assert kinds(device(sim, (0.0, 0.0, 0.0))) == ["noted"]
    assert device(sim, (-60.0, 81.0, 0.0)) == []
    assert (sim.trocar.mode, sim.trocar.reading.pose.tip.tolist()) == (FREE, [-60.0, 81.0, 0.0])


def test_a_device_takes_a_trocar_in_tissue_only_where_it_is():
    sim = world()
    enter(sim)
    before = sim.trocar.state.copy()
    at = sim.trocar.reading.pose
    for _ in range(3 * STEADY_POSES):
        device(sim, at.tip - 40.0 * at.axis, at.axis, at.roll)
    assert np.array_equal(sim.trocar.state, before)
    device(sim, at.tip - 0.1 * at.axis, at.axis, at.roll)
    assert not sim.device.refusing


def test_a_device_that_went_elsewhere_is_taken_up_again_in_air_without_force():
    sim = world()
    device(sim, (0.0, 90.0, 0.0))
    told = [kinds(device(sim, (40.0, 90.0, 0.0))) for _ in range(STEADY_POSES)]
    assert told == [["noted"]] + [[]] * (STEADY_POSES - 1)
    assert sim.trocar.reading.pose.tip.tolist() == [40.0, 90.0, 0.0]
    assert sim.readout()["force_n"] == 0.0
    device(sim, (40.0, 89.0, 0.0))
    assert sim.trocar.reading.pose.tip.tolist() == [40.0, 89.0, 0.0]


def test_a_device_that_is_steady_inside_the_patient_is_not_taken_up_there():
    sim = world()
    device(sim, (0.0, 90.0, 0.0))
    for _ in range(3 * STEADY_POSES):
        device(sim, (0.0, 0.0, 0.0))
    assert (sim.trocar.mode, sim.trocar.reading.pose.tip.tolist()) == (FREE, [0.0, 90.0, 0.0])


number = st.floats(-200.0, 200.0)
moves = st.one_of(
    st.tuples(st.just("on"), st.integers(1, 12)),
    st.tuples(st.just("again"), st.integers(1, 2 * STEADY_POSES)),
    st.tuples(st.just("to"), st.tuples(number, number, number)),
    st.tuples(st.just("flip"), st.none()),
    st.tuples(st.just("nan"), st.integers(0, 2)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(moves, max_size=20))
def test_whatever_a_device_says_no_jump_brings_the_trocar_into_the_patient(sequence):
    sim, tip, axis = world(), np.array([13.0, 80.0, 4.0]), np.array([0.0, -1.0, 0.0])
    for what, value in sequence:
        for _ in range(value if what in ("on", "again") else 1):
            given_tip = tip.copy()
            if what == "on":
                tip = given_tip = tip + 4.0 * axis
            elif what == "to":
                tip = given_tip = np.array(value)
            elif what == "flip":
                axis = -axis
            elif what == "nan":
                given_tip[value] = math.nan
            before, was_refusing, skin = sim.trocar.state.copy(), sim.device.refusing, sim.readout()["skin_mm"]
            events = device(sim, given_tip, axis)
            if sim.device.refusing:
                assert kinds(events) == ([] if was_refusing else ["noted"])
                assert np.array_equal(sim.trocar.state, before)
            else:
                assert "noted" not in kinds(events)
            assert sim.readout()["skin_mm"] - skin <= 20.0 + 1e-6
            if sim.trocar.mode == EMBEDDED:
                assert skin > 0.0  # it was in soft tissue a step ago: the skin is 37 mm from bone
