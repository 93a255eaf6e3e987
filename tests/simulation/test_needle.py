"""The trocar in the clockwork: what controls of the hand do to it and what is told of it."""

import math
from itertools import pairwise

import numpy as np
import pytest

from models.carm import view
from tests.simulation import phantoms
from tests.simulation.story import PEDICLE, aim, do, enter, kinds, world


def test_the_trocar_is_held_in_the_beam_with_its_point_at_the_skin():
    sim = world()
    do(sim, "arm", orbital=5.0, tilt=-8.0)
    aim(sim)
    pose = sim.trocar.reading.pose
    pinhole = view(sim.pose)
    pixels = pinhole.project(np.array([pose.tip, pose.hub, PEDICLE]))
    assert np.ptp(pixels, axis=0).max() < 1e-6  # end on: a gun barrel over the pedicle
    assert pose.axis @ pinhole.beam < -0.99  # it comes from the detector's side
    assert phantoms.BACK < pose.tip[1] < phantoms.BACK + 5.0
    assert sim.readout()["skin_mm"] == 0.0


def test_the_needle_comes_to_bone_by_skin_fat_fascia_and_muscle():
    sim = world()
    events = enter(sim)
    named = [e.values["tissue"] for e in events if e.kind == "tissue"]
    assert named[:6] == ["skin", "fat", "fascia", "muscle", "cortex", "cancellous"]
    story = [kind for kind in kinds(events) if kind in ("contact", "embedded")]
    assert story == ["contact", "embedded"]
    assert sim.readout()["embedded"]


def test_movement_is_told_in_pieces_of_half_a_millimetre_that_join():
    sim = world()
    moved = [event for event in enter(sim) if event.kind == "moved"]
    tips = np.array([event.needle.pose.tip for event in moved])
    assert np.linalg.norm(np.diff(tips, axis=0), axis=1).max() <= 0.5 + 1e-9
    for before, after in pairwise(moved):
        assert after.values["from_mm"] == before.values["to_mm"]
        assert after.values["to_mm"] == after.needle.depth_mm


def test_a_push_goes_as_far_as_it_was_asked():
    sim = world()
    enter(sim)
    before = sim.readout()["depth_mm"]
    do(sim, "screw", mm=7.0, mm_s=2.0)
    assert sim.readout()["depth_mm"] - before == pytest.approx(7.0, abs=0.1)


def test_a_pulse_shows_the_needle_where_it_is_at_that_moment():
    sim = world()
    enter(sim)
    do(sim, "pedal", down=True)
    events = do(sim, "screw", mm=10.0, mm_s=2.0)
    assert [event.t for event in events] == sorted(event.t for event in events)
    depth = None
    for event in events:
        if event.kind == "moved":
            depth = event.needle.depth_mm
        elif event.kind == "exposed" and depth is not None:
            assert event.needle.depth_mm == pytest.approx(depth, abs=1e-6)  # all movement before it is told before it
    assert sum(event.kind == "exposed" for event in events) > 20


def test_the_bevel_looks_where_the_clock_of_the_picture_says():
    sim = world()
    aim(sim)
    for clock in (0.0, 90.0, 180.0, 300.0):
        do(sim, "bevel", clock=clock)
        pose = sim.trocar.reading.pose
        column, row = np.diff(view(sim.pose).project(np.array([pose.tip, pose.point])), axis=0)[0]
        assert math.degrees(math.atan2(column, -row)) % 360.0 == pytest.approx(clock, abs=0.5)


def test_turning_the_bevel_leaves_the_shaft_and_moves_the_point():
    sim = world()
    enter(sim)
    before = sim.trocar.reading.pose
    (event,) = do(sim, "twist", degrees=180.0)
    after = sim.trocar.reading.pose
    assert event.values == {"degrees": 180.0, "outside": False}
    assert np.allclose(after.tip, before.tip)
    assert np.linalg.norm(after.point - before.point) == pytest.approx(2.41)


def test_the_tip_shifts_across_the_axis_as_the_picture_shows_it():
    sim = world()
    aim(sim)
    pinhole = view(sim.pose)
    before = sim.trocar.reading.pose
    do(sim, "shift", right=4.0, cranial=-3.0)
    after = sim.trocar.reading.pose
    way = after.tip - before.tip
    assert way @ pinhole.column == pytest.approx(4.0, abs=0.2)
    assert way @ pinhole.row == pytest.approx(3.0, abs=0.2)
    assert np.allclose(after.axis, before.axis)


def test_leaning_moves_the_hub_and_keeps_the_tip():
    sim = world()
    aim(sim)
    pinhole = view(sim.pose)
    before = sim.trocar.reading.pose
    do(sim, "lean", cranial=8.0)
    after = sim.trocar.reading.pose
    assert np.degrees(np.arccos(after.axis @ before.axis)) == pytest.approx(8.0, abs=1e-3)
    assert np.allclose(after.tip, before.tip, atol=1e-6)
    assert (after.hub - before.hub) @ pinhole.row < -10.0


@pytest.mark.parametrize("name", ["shift", "lean", "aim"])
def test_bone_holds_an_embedded_trocar(name):
    sim = world()
    enter(sim)
    before = sim.trocar.state.copy()
    values = {"aim": {"column": 200.0, "row": 200.0}}.get(name, {"right": 3.0})
    assert kinds(do(sim, name, **values)) == ["noted"]
    assert np.array_equal(sim.trocar.state, before)


def test_going_to_a_side_takes_the_old_trocar_out_and_a_fresh_one():
    sim = world()
    enter(sim)
    deepest = sim.readout()["depth_mm"]
    events = do(sim, "side", side="right")
    story = [kind for kind in kinds(events) if kind in ("withdrawn", "side")]
    assert story == ["withdrawn", "side"]
    withdrawn = next(event for event in events if event.kind == "withdrawn")
    assert withdrawn.values["reached_mm"] == pytest.approx(deepest, abs=1e-6)
    assert events[-1].needle is None
    assert not sim.readout()["embedded"]


def test_a_small_blow_of_the_mallet_drives_the_needle_on():
    sim = world()
    enter(sim, 6.0)
    before = sim.readout()["depth_mm"]
    events = do(sim, "mallet", joules=0.05)
    assert 0.2 < sim.readout()["depth_mm"] - before < 5.0
    assert {event.values["how"] for event in events if event.kind == "moved"} == {"mallet"}
