"""Arm and table under keys: taps add up, what is held drives on and stops, nothing stops anything else."""

import pytest

from game.desk.joints import STEP_DEG, STEP_MM, Joints
from game.simulation.arm import LIMITS_DEG
from tests.desk.bench import Bench


@pytest.fixture
def bench():
    return Bench()


def isocentre(bench):
    return bench.session.moment().pose.isocentre


def test_taps_add_up_while_the_arm_still_turns(bench):
    for _ in range(5):
        bench.tap("arm_left")
        bench.live(0.02)
    assert bench.readout()["orbital"] < 5 * STEP_DEG
    bench.live(2.0)
    assert bench.readout()["orbital"] == pytest.approx(5 * STEP_DEG)


def test_taps_of_the_table_add_up_while_it_still_moves(bench):
    for _ in range(3):
        bench.tap("table_left")
        bench.tap("table_feet")
        bench.live(0.02)
    bench.live(2.0)
    assert isocentre(bench) == pytest.approx((3 * STEP_MM, 0.0, -3 * STEP_MM))


@pytest.mark.parametrize("action", [name for name, way in Joints.AXES.items() if way.part in LIMITS_DEG])
def test_an_arm_key_that_is_held_drives_on_to_the_limit_and_no_further(bench, action):
    way = Joints.AXES[action]
    bench.press(action)
    bench.live(14.0)
    assert bench.readout()[way.part] == max(LIMITS_DEG[way.part]) * way.sign
    bench.tap(action)
    bench.live(1.0)
    assert bench.readout()[way.part] == max(LIMITS_DEG[way.part]) * way.sign
    assert not any(event.kind == "noted" for event in bench.session.events)


@pytest.mark.parametrize("action", Joints.AXES)
def test_what_is_held_moves_its_own_part_and_stops_on_release(bench, action):
    way = Joints.AXES[action]
    bench.press(action)
    bench.live(1.2)
    bench.hands.release(action)
    bench.live(0.1)
    stopped = bench.session.moment().pose
    bench.live(1.0)
    assert bench.session.moment().pose == stopped
    parts = dict(zip(("left", "posterior", "superior"), stopped.isocentre, strict=True))
    parts |= {joint: getattr(stopped, joint) for joint in LIMITS_DEG}
    assert parts.pop(way.part) * way.sign > (2 * STEP_DEG if way.part in LIMITS_DEG else 2 * STEP_MM)
    assert not any(parts.values())


def test_a_key_that_is_let_go_soon_is_a_tap(bench):
    bench.press("arm_head")
    bench.live(0.3)
    bench.hands.release("arm_head")
    bench.live(2.0)
    assert bench.readout()["tilt"] == pytest.approx(STEP_DEG)


@pytest.mark.parametrize(("lasting", "passing"), [("arm_left", "table_head"), ("table_head", "arm_left")])
def test_arm_and_table_do_not_stop_one_another(bench, lasting, passing):
    bench.press(lasting)
    bench.press(passing)
    bench.live(1.0)
    bench.hands.release(passing)
    bench.live(0.1)
    part = Joints.AXES[lasting].part
    before = bench.session.moment().pose
    bench.live(0.5)
    after = bench.session.moment().pose
    if part in LIMITS_DEG:
        assert after.orbital > before.orbital + 3.0
        assert after.isocentre == before.isocentre
    else:
        assert after.isocentre[2] > before.isocentre[2] + 10.0
        assert after.orbital == before.orbital


def test_two_directions_of_the_table_are_held_together_and_end_one_by_one(bench):
    bench.press("table_left")
    bench.press("table_head")
    bench.live(1.5)
    left, _, superior = isocentre(bench)
    assert left > 2 * STEP_MM
    assert superior > 2 * STEP_MM
    bench.hands.release("table_left")
    bench.live(0.5)
    assert isocentre(bench)[0] == pytest.approx(left, abs=1.0)
    assert isocentre(bench)[2] > superior + STEP_MM


def test_a_preset_turns_the_arm_and_leaves_the_table(bench):
    bench.tap("table_left")
    bench.tap("preset_left")
    bench.live(10.0)
    pose = bench.session.moment().pose
    assert (pose.orbital, pose.tilt, pose.swivel) == (90.0, 0.0, 0.0)
    assert pose.isocentre == pytest.approx((STEP_MM, 0.0, 0.0))


def test_a_stored_position_is_gone_back_to_and_one_that_was_not_stored_moves_nothing(bench):
    bench.session.do("arm", orbital=20.0, tilt=-10.0, swivel=5.0)
    bench.tap("store_a")
    bench.tap("preset_ap")
    bench.live(3.0)
    bench.tap("recall_b")
    bench.live(3.0)
    assert bench.readout()["orbital"] == 0.0
    bench.tap("recall_a")
    bench.live(3.0)
    assert [bench.readout()[joint] for joint in LIMITS_DEG] == [20.0, -10.0, 5.0]
