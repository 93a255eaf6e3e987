"""The coach on hand-written attempts: it follows the branch that pictures show, asks for what is missing, warns, and is cheap."""

import time

import pytest

from game.procedure import rules
from game.procedure.coach import Coach
from game.procedure.coach_step import TAKE
from game.procedure.measured import Measured
from game.procedure.scenarios import load
from game.procedure.score import score
from tests.procedure.changes import changed, pedicle
from tests.procedure.coached import condition, last, numbers, told
from tests.procedure.hand import Hand, cement, cross, into_the_body, orient, perform, pierce


@pytest.mark.parametrize(
    ("route", "after"),
    [("5", ["5b"]), ("7", ["6", "7b"]), ("9", ["6", "7", "8", "9b"])],
)
def test_the_steps_follow_the_branch_that_the_checks_show(route: str, after: list[str]):
    assert numbers(perform(route=route)) == ["1", "3", "4", "5", *after, "10", "end"]


def test_after_step_9_the_coach_sends_back_to_step_3_and_2_mm_lateral():
    steps = told(perform(route="reentry"))
    again = next(n for n, step in enumerate(steps) if "2 mm lateral" in step.title)
    assert [step.number for step in steps[again - 1 : again + 1]] == ["8", "3"]
    assert "2 mm lateral of the first entry" in " ".join(step.do for step in steps[again:])


def test_each_step_says_what_to_do_and_why():
    for step in told(perform(route="9")):
        assert step.title and step.do.endswith(".") and step.why.endswith("."), step


# ---- steps 1 to 3


def test_step_1_asks_for_a_picture_then_for_the_level_then_for_the_end_plate():
    h = Hand()
    assert TAKE in last(h.events).done[0][0]
    assert "expose" in last(h.events).do
    h.look(tilt=0.0, pedicle_left=0.2)
    assert "name L2" in last(h.events).do
    h.say("counted", level="L2")
    step = last(h.events)
    assert (step.number, condition(step, "superior end plate")[1]) == ("1", False)
    assert "9 deg" in condition(step, "superior end plate")[0]
    assert "Tilt" in step.do
    h.look(tilt=-3.0, superior_deg=1.0, pedicle_left=0.25)
    assert last(h.events).number == "2"


def test_an_arm_that_has_moved_makes_the_picture_stale():
    h = Hand()
    h.look(tilt=0.0)
    h.say("armed", orbital=0.0, tilt=6.0, swivel=0.0)
    assert TAKE in last(h.events).done[0][0]
    assert not last(h.events).done[0][1]


def test_a_pulse_makes_it_fresh_again():
    h = Hand()
    h.look(tilt=0.0)
    h.say("armed", orbital=0.0, tilt=0.0, swivel=0.0)
    h.say("pulse")
    assert "take" not in last(h.events).done[0][0]


@pytest.mark.parametrize(("thrown", "toward"), [(0.3, "left"), (-0.3, "right")])
def test_the_arm_is_sent_to_the_side_to_which_the_spinous_process_is_thrown(thrown: float, toward: str):
    h = Hand()
    h.look(tilt=0.0, superior_deg=1.0, spinous=thrown)
    h.say("counted", level="L2")
    assert f"patient's {toward}" in last(h.events).do


@pytest.mark.parametrize(("height", "toward"), [(0.25, "head"), (0.8, "feet")])
def test_step_2_says_which_way_to_tilt(height: float, toward: str):
    h = Hand()
    h.look(tilt=0.0, superior_deg=1.0)
    h.say("counted", level="L2")
    h.events = changed(h.events, lambda n, e: e.kind == "picture", pedicle_left=height)
    assert toward in last(h.events).do


def test_step_3_takes_its_conditions_from_the_barrel_view():
    h = Hand()
    orient(h, ())
    step = last(h.events)
    assert step.number == "3" and "5 degrees toward the patient's left" in step.do
    h.held = True
    h.look(orbital=5.0, shaft_ray_deg=6.0)
    assert condition(last(h.events), "off the beam") == ("shaft 6 deg off the beam", False)
    h.look(orbital=5.0, shaft_ray_deg=1.0)
    assert condition(last(h.events), "off the beam")[1]
    h.enter()
    h.advance(1.5, view=None)
    assert condition(last(h.events), "in bone") == ("1.5 mm in bone (2 to 4)", False)
    h.advance(2.5, view=None)
    assert last(h.events).number == "4"


# ---- in the pedicle


def test_step_4_sends_back_to_the_angles_of_step_2():
    h = Hand()
    orient(h, ())
    pierce(h, ())
    step = last(h.events)
    assert step.number == "4" and "orbital 0, tilt 8" in step.do


def test_an_advance_that_nobody_saw_asks_for_a_picture():
    def blind(h: Hand) -> None:
        h.look()
        h.advance(8.0, view=None)

    events = pedicle(blind)[:-2]
    assert "unseen" in condition(last(events), "unseen")[0]
    assert "take a picture" in last(events).do


def test_ten_millimetres_without_a_lateral_ask_for_one():
    events = pedicle(lambda h: (h.look(), h.advance(15.0)), w=30.0)[:-2]
    assert last(events).number == "4"
    assert "from the side" in last(events).do


def test_at_mid_pedicle_nothing_but_a_lateral_is_asked_for():
    step = last(pedicle(lambda h: (h.look(), h.advance(26.0)))[:-2])
    assert step.number == "5" and "Do not advance" in step.do


def test_a_lateral_that_is_not_true_is_made_true_before_it_decides():
    def skewed(h: Hand) -> None:
        h.look()
        h.advance(26.0)
        h.lateral(superior_deg=4.5)

    events = pedicle(skewed)[:-1]
    events = events[: max(n for n, e in enumerate(events) if e.kind == "picture") + 1]
    step = last(events)
    assert step.number == "5" and "Skew" in step.do
    assert not condition(step, "end plates")[1]
    assert condition(step, "posterior margin")[1]


def test_behind_the_wall_the_coach_forbids_the_lateral_and_in_front_it_goes_on():
    def to_the_middle(h: Hand) -> None:
        h.look()
        h.advance(11.0)

    step = last(pedicle(to_the_middle, w=6.7))
    assert step.number == "6" and "do not advance in lateral" in step.do
    assert last(pedicle(lambda h: (h.look(), h.advance(26.0)))).number == "5b"


def test_drawn_back_behind_the_wall_the_tip_is_not_cleared_any_more():
    def back(h: Hand) -> None:
        h.look()
        h.advance(26.0)
        h.lateral()
        h.move(-6.0, "pull")
        h.advance(20.5, view=None)

    events = pedicle(back)[:-2]
    assert last(events).number != "5b"


def test_no_room_and_not_cleared_orders_the_turn_and_after_it_the_new_start():
    steps = told(perform(route="9", skip=["8-turn"]))
    ordered = next(step for step in steps if step.number == "8")
    assert "180 degrees" in ordered.do and "Do not advance" in ordered.do
    assert "9" in numbers(perform(route="9", skip=["9-clear"]))


# ---- in the body


def test_one_centimetre_short_of_the_front_is_where_the_needle_stops():
    h = Hand()
    orient(h, ())
    pierce(h, ())
    cross(h, "5", ())
    assert last(h.events).number == "5b"
    into_the_body(h, ())
    assert last(h.events).number == "10"
    h.advance(52.0, view="lateral")
    step = last(h.events)
    assert step.number == "5b" and "draw back" in step.do


def test_hard_after_easy_says_stop():
    h = Hand()
    orient(h, ())
    pierce(h, ())
    cross(h, "5", ())
    h.advance(34.0, view="lateral")
    h.force = 40.0
    h.advance(35.0, view="lateral")
    assert any("hard" in step.do for step in told(h.events))
    assert last(h.events).number == "10"


def test_both_sides_are_asked_for_and_then_the_end():
    h = Hand("left", sides="left,right")
    perform("left", hand=h, finish=False)
    step = last(h.events)
    assert (step.number, step.title) == ("2", "The right side")
    h.say("side", side="right")
    assert last(h.events).number in ("2", "3") and "right" in last(h.events).title
    h.side, h.sign, h.depth, h.turned = "right", -1.0, 0.0, False
    pierce(h, ())
    cross(h, "5", ())
    into_the_body(h, ())
    cement(h, ())
    assert last(h.events).number == "end"


# ---- warnings


def test_metal_through_the_medial_cortex_stops_everything():
    events = pedicle(lambda h: (h.look(), h.advance(11.0)), w=6.7)
    hurt = changed(events, lambda n, e: e.kind == "moved" and e.number("to_mm") > 9.0, medial_mm=-1.0)
    step = last(hurt)
    assert "medial border" in step.warning
    assert step.do == step.warning and "withdraw" in step.do
    assert last(events).warning == ""


def test_the_wrong_vertebra_is_told():
    events = pedicle(lambda h: (h.look(), h.advance(9.0)))
    wrong = changed(events, lambda n, e: e.kind == "entry", level="L1", bone="L1")
    assert "This is L1, not L2" in last(wrong).warning
    deep = changed(events, lambda n, e: e.kind == "moved", bone="L1")
    assert "L1 instead of L2" in last(deep).warning


def test_the_side_that_nobody_asked_for_is_told():
    h = Hand("right", sides="left")
    h.say("side", side="right")
    assert "patient's left" in last(h.events).do
    orient(h, ())
    pierce(h, ())
    assert "right side; asked for: left" in last(h.events).warning


def test_who_declines_is_done():
    assert last([*Hand().events, Measured(9.0, "decided", {"choice": "decline"})]).number == "end"


def blind_at_the_wall() -> list[Measured]:
    """Not cleared in lateral, then 7.6 mm further without a picture, then one shot from the side."""

    def act(h: Hand) -> None:
        h.look()
        h.advance(11.0)
        h.lateral()
        h.advance(18.6, view=None)

    return pedicle(act, w=6.7)


def test_an_advance_made_blind_behind_the_wall_stands_as_a_warning_until_the_needle_is_out():
    events = blind_at_the_wall()
    step = last(events)
    assert "7.6 mm" in step.warning and "points" in step.warning
    assert "blind" in step.done[0][0] and not step.done[0][1]
    assert "is the metal clear of the medial cortex" in step.do
    h = Hand()
    h.events, h.t, h.depth, h.held = list(events), events[-1].t, 18.6, True
    h.look()
    assert last(h.events).warning and "is the metal clear" not in last(h.events).do
    h.leave()
    assert last(h.events).warning == ""


def test_a_fault_seen_blind_and_its_line_say_the_same_millimetres():
    result = score(blind_at_the_wall())
    line = next(row for row in result.lines if row.id == "4-watched")
    fault = next(row for row in result.errors if row.id == "unwatched")
    assert "7.6 mm" in line.measured and "7.6 mm" in fault.text


def test_a_trocar_for_a_side_not_asked_for_is_told_that_the_case_asks_for_the_other_alone():
    h = Hand("left")
    perform("left", hand=h, finish=False)
    h.say("side", side="right")
    step = last(h.events)
    assert step.number == "end" and "This case asks only for the left" in step.do


def test_before_any_lateral_the_coach_says_that_there_was_none():
    step = last(pedicle(lambda h: (h.look(), h.advance(6.8)))[:-2])
    assert condition(step, "lateral") == ("no lateral yet (3.8 of 10 mm)", False)
    assert "Screw on" in step.do


def test_a_wrong_level_is_answered_at_once_even_when_the_arm_has_moved():
    h = Hand()
    h.look(tilt=0.0)
    h.say("counted", level="L1")
    assert last(h.events).do.startswith("L1 is not the level asked for")
    h.say("armed", orbital=3.0, tilt=0.0, swivel=0.0)
    assert last(h.events).do.startswith("L1 is not the level asked for")


def test_what_is_missing_before_the_needle_is_said_first():
    h = Hand()
    h.look(tilt=0.0)
    h.say("side", side="left")
    assert last(h.events).do.startswith("Before the needle: count")
    h = Hand()
    orient(h, ())
    h.look(orbital=5.0)
    assert "Take a fresh trocar for the left" in last(h.events).do
    assert last(h.events).acts[0] == "side_left"


def test_the_end_of_step_2_and_the_first_true_lateral_are_to_be_stored():
    h = Hand()
    orient(h, ())
    assert last(h.events).do.startswith("Store this picture as reference")
    assert last(h.events).acts[0] == "store"
    step = last(pedicle(lambda h: (h.look(), h.advance(11.0)), w=6.7))
    assert step.do.startswith("Store this picture as reference. Not cleared")


@pytest.mark.parametrize("route", ["5", "7", "9", "reentry"])
def test_steps_are_short_and_name_actions(route: str):
    for step in told(perform(route=route)):
        assert len(step.title) <= 40, step.title
        assert len(step.do) <= 145, step.do  # with the clause about the reference
        assert all(len(text) <= 44 for text, _ in step.done), step.done
        assert step.acts or "over" in step.do or step.do.startswith("Judge"), step


def test_the_coach_is_cheap_and_the_same_event_by_event_or_all_at_once():
    events = perform(route="9")
    coach = Coach(load("first-case"), rules.load())
    coach.observe(events[:-1])
    whole = coach.now()
    assert whole == told(events[:-1])[-1]
    began = time.perf_counter()
    for _ in range(1000):
        coach.now()
    assert time.perf_counter() - began < 0.5
