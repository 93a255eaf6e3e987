"""The hands: what waits, what is held, what ends it; needle, injector, pedal, waiting."""

import pytest

from game.desk.hands import (
    FELT_N,
    LEAN_DEG_PX,
    LINE_MOST,
    MM_PER_PX,
    PUSH_MM,
    RATES_ML_S,
    SCREW_MM,
    SKIN_MM,
    TAPS_J,
    WAITS_S,
)
from tests.desk.bench import Bench


@pytest.fixture
def bench():
    return Bench()


# ---- the line


def test_a_wheel_spun_far_queues_no_more_than_the_line_holds(bench):
    bench.pierced()
    before = bench.readout()["skin_mm"]
    for _ in range(3 * LINE_MOST):
        bench.tap("step_in")
    assert len(bench.hands.line) == LINE_MOST
    bench.live(4.0)
    assert bench.names().count("push") == LINE_MOST + 1  # the first was the test's own
    assert bench.readout()["skin_mm"] == pytest.approx(before + LINE_MOST * PUSH_MM, abs=2.0)


def test_steps_that_wait_are_dropped_when_bone_is_met(bench):
    bench.pierced(33.0)
    for _ in range(LINE_MOST):
        bench.tap("step_in")
    bench.until(lambda seen: seen["contact"])
    bench.live(3.0)
    assert not bench.hands.line
    assert not bench.readout()["embedded"]
    assert bench.names().count("push") < LINE_MOST


def test_on_bone_the_wheel_screws(bench):
    bench.on_bone()
    bench.tap("step_in")
    bench.live(1.0)
    assert bench.last("screw")["mm"] == SCREW_MM


def test_what_waits_begins_only_when_the_hand_is_free(bench):
    bench.pierced()
    bench.tap("twist_right")
    bench.tap("twist_left")
    bench.live(0.1)
    assert bench.names().count("twist") == 1
    bench.live(1.0)
    assert [values["degrees"] for name, values in bench.told if name == "twist"] == [15.0, -15.0]


def test_releasing_advance_before_its_turn_takes_it_from_the_line_and_leaves_the_rest(bench):
    bench.pierced()
    bench.tap("twist_right")
    bench.live(0.1)
    pushes = bench.names().count("push")
    bench.press("advance")
    bench.tap("twist_left")
    bench.live(0.1)
    bench.hands.release("advance")
    bench.live(2.0)
    assert bench.names().count("push") == pushes
    assert bench.names().count("twist") == 2


def test_let_go_stops_the_hand_and_forgets_what_waited(bench):
    bench.pierced()
    bench.press("advance")
    bench.live(0.5)
    bench.tap("tap_firm")
    bench.tap("let_go")
    depth = bench.readout()["skin_mm"]
    bench.live(1.0)
    assert bench.readout()["skin_mm"] == pytest.approx(depth, abs=0.5)
    assert "mallet" not in bench.names()


# ---- what is held


def test_advance_drives_on_while_it_is_held_and_stops_on_release(bench):
    bench.pierced()
    before = bench.readout()["skin_mm"]
    bench.press("advance")
    bench.live(1.5)
    bench.hands.release("advance")
    assert bench.session.hand_free
    stopped = bench.readout()["skin_mm"]
    assert stopped > before + 5.0
    bench.live(1.0)
    assert bench.readout()["skin_mm"] == pytest.approx(stopped, abs=0.5)


def test_advance_held_from_outside_goes_through_the_skin_and_stops_by_feel_on_bone(bench):
    bench.aimed()
    bench.press("advance")
    bench.live(8.0)
    readout = bench.readout()
    assert readout["skin_mm"] > SKIN_MM
    assert readout["contact"]
    assert readout["depth_mm"] < 1.0
    assert bench.session.hand_free
    assert bench.last("push")["most_n"] == FELT_N


def test_advance_pressed_again_on_bone_screws_and_withdraw_comes_out(bench):
    bench.on_bone()
    bench.press("advance")
    bench.live(3.0)
    bench.hands.release("advance")
    assert bench.names()[-2:] == ["screw", "rest"]
    assert bench.readout()["depth_mm"] > 3.0
    bench.press("withdraw")
    bench.until(lambda seen: seen["skin_mm"] <= 0.0)
    bench.hands.release("withdraw")
    assert not bench.readout()["embedded"]


def test_a_release_that_no_press_went_before_does_nothing(bench):
    for action in ("advance", "pedal", "inject", "arm_left"):
        bench.hands.release(action)
    assert bench.told == []


@pytest.mark.parametrize(("tap", "joules"), TAPS_J.items())
def test_the_mallet_has_three_strengths(bench, tap, joules):
    bench.on_bone()
    bench.tap(tap)
    bench.live(0.1)
    assert bench.last("mallet") == {"joules": joules}


def test_the_stylet_goes_out_and_in_and_in_turned(bench):
    bench.on_bone()
    told = []
    for action in ("stylet", "stylet", "stylet_turned"):
        bench.tap(action)
        bench.live(1.1)
        told.append(bench.last("stylet"))
    assert told == [{"present": False}, {"present": True}, {"present": True, "turned": True}]


# ---- pedal


def test_a_pedal_that_is_held_gives_pictures_until_it_is_let_go(bench):
    bench.press("pedal")
    bench.live(1.0)
    bench.hands.release("pedal")
    pulses = bench.readout()["pulses"]
    bench.live(1.0)
    assert 7 <= pulses <= 9
    assert bench.readout()["pulses"] == pulses


def test_a_pedal_that_toggles_stays_down_until_it_is_pressed_again():
    bench = Bench(pedal_toggles=True)
    bench.tap("pedal")
    bench.live(0.2)
    assert bench.session.moment().beam
    bench.tap("pedal")
    assert not bench.session.moment().beam


@pytest.mark.parametrize("toggles", [False, True])
def test_let_go_of_everything_stops_beam_cement_hand_and_arm(toggles):
    bench = Bench(pedal_toggles=toggles).filling()
    for action in ("pedal", "inject", "arm_left", "advance"):
        bench.press(action)
    bench.live(0.6)
    assert bench.session.moment().beam
    assert bench.session.moment().injecting
    bench.hands.let_go()
    moment = bench.session.moment()
    assert not moment.beam
    assert not moment.injecting
    assert bench.session.hand_free
    assert not bench.hands.line
    assert not bench.hands.down
    bench.live(0.1)
    turned = bench.readout()["orbital"]
    bench.live(1.0)
    assert bench.readout()["orbital"] == turned


# ---- cement


def test_the_injector_turns_while_its_key_is_held_and_its_rate_changes_meanwhile(bench):
    bench.filling()
    bench.press("inject")
    assert bench.last("inject") == {"ml_s": RATES_ML_S[1]}
    bench.tap("faster")
    assert bench.last("inject") == {"ml_s": RATES_ML_S[2]}
    bench.until(lambda seen: seen["injected_ml"] > 0.1)  # the cannula fills first
    bench.hands.release("inject")
    assert bench.last("inject") == {"ml_s": 0.0}
    bench.live(30.0)  # what is pent up runs on a little
    rested = bench.readout()["injected_ml"]
    bench.live(5.0)
    assert bench.readout()["injected_ml"] == rested


def test_the_rate_steps_through_its_paces_and_ends_at_both(bench):
    def rates(action):
        for _ in RATES_ML_S:
            bench.tap(action)
            yield bench.hands.rate_ml_s

    assert list(rates("faster"))[-2:] == [RATES_ML_S[-1]] * 2
    assert list(rates("slower")) == [*reversed(RATES_ML_S[:-1]), RATES_ML_S[0]]
    assert bench.told == []  # a pace that is chosen turns nothing


# ---- waiting


@pytest.mark.parametrize(("action", "seconds"), WAITS_S.items())
def test_a_wait_passes_time_and_tells_the_pace(bench, action, seconds):
    bench.tap(action)
    assert bench.last("wait") == {"seconds": seconds}
    assert bench.hands.hurry_ms == 1000 * seconds
    assert not bench.session.hand_free


def test_waiting_is_refused_in_one_line_while_needle_beam_or_cement_move(bench):
    bench.filling()

    def refused():
        before = len(bench.notices)
        bench.tap("wait")
        return len(bench.notices) == before + 1 and "wait" not in bench.names()[began:]

    began = len(bench.told)
    for action in ("pedal", "inject", "advance"):
        bench.press(action)
        bench.live(0.04)
        assert refused(), action
        bench.hands.release(action)
        bench.live(1.5)
    bench.tap("twist_left")  # in the line, not yet begun
    assert refused()
    assert all("\n" not in line for line in bench.notices)
    bench.live(1.0)
    assert not refused()


# ---- the picture


def test_a_drag_shifts_the_tip_by_what_it_covers_and_leaning_turns_the_hub(bench):
    bench.pierced()
    bench.hands.drag(10.0, -4.0, lean=False)
    bench.hands.drag(10.0, -4.0, lean=True)
    bench.live(3.0)
    assert bench.last("shift") == {"right": round(10.0 * MM_PER_PX, 2), "cranial": round(-4.0 * MM_PER_PX, 2)}
    assert bench.last("lean") == {"right": round(10.0 * LEAN_DEG_PX, 2), "cranial": round(-4.0 * LEAN_DEG_PX, 2)}


def test_what_was_pointed_at_comes_into_the_middle_of_the_picture(bench):
    bench.session.do("expose")
    bench.hands.centre(300.0, 200.0)
    bench.live(3.0)
    left, posterior, superior = bench.session.moment().pose.isocentre
    # At orbital 0 the patient's left is at image left, row 0 is cranial.
    assert left == pytest.approx(-(300.0 - 255.5) * MM_PER_PX, abs=0.02)
    assert superior == pytest.approx((255.5 - 200.0) * MM_PER_PX, abs=0.02)
    assert posterior == pytest.approx(0.0, abs=0.02)


def test_nothing_is_centred_before_the_first_picture(bench):
    bench.hands.centre(300.0, 200.0)
    assert bench.told == []
