"""The coach in step 10 on hand-written attempts: paste, view, orders to stop, stylet, out."""

import pytest

from game.procedure import rules
from game.procedure.coach import Coach
from game.procedure.scenarios import load
from tests.procedure.changes import changed
from tests.procedure.coached import condition, last, prepared, told
from tests.procedure.hand import LATERAL, Hand, cross, into_the_body, perform, pierce


def test_cement_is_prepared_in_order_and_the_paste_is_waited_for():
    h = prepared()
    assert "Mix" in last(h.events).do
    h.say("mixed")
    coach = Coach(load("first-case"), rules.load())
    coach.observe(h.events)
    assert "Wait" in coach.now().do and condition(coach.now(), "toothpaste") == (
        "paste like toothpaste: liquid",
        False,
    )
    assert "Take the stylet out" in coach.now(h.t + 330.0).do
    assert "mix again" in coach.now(h.t + 600.0).do
    h.say("stylet", after=330.0, present=False)
    assert "Pedal down" in last(h.events).do


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wall": 4.5}, "posterior wall"),
        ({"visible": "vein"}, "out of the body"),
        ({"view": None}, "nobody is looking"),
        ({"ml": 2.9}, "rest comes out"),
    ],
)
def test_injecting_stops_for_each_of_its_reasons(change: dict, said: str):
    h = prepared()
    h.say("stylet", present=False)
    h.say("mixed")
    h.t += 340.0
    h.inject(**{"view": LATERAL, **change})
    assert said in last(h.events).do


def test_the_second_side_of_a_lumbar_body_stops_before_the_total_is_reached():
    h = Hand("left", sides="left,right")
    perform("left", hand=h, finish=False)
    h.say("side", side="right")
    h.side, h.sign, h.depth, h.turned = "right", -1.0, 0.0, False
    pierce(h, ())
    cross(h, "5", ())
    into_the_body(h, ())
    h.say("stylet", present=False)
    h.say("mixed")
    h.t += 340.0
    first = changed(h.events, lambda n, e: e.kind == "flowed", volume_ml=3.0)  # the left side at its ceiling
    h.events = first
    h.inject(ml=2.69)
    assert "rest comes out" in last(h.events).do


def test_the_stylet_goes_back_before_the_needle_comes_out():
    events = perform(skip=["10-stylet"], finish=False)
    pulled = next(n for n, e in enumerate(events) if e.kind == "moved" and e["how"] == "pull")
    assert "Stylet back in before you pull" in told(events)[pulled].do
    assert told(perform())[-2].do.startswith("All sides are done")


def test_out_of_bone_with_cement_in_the_cannula_the_stylet_is_asked_for_and_the_end_only_out_of_the_skin():
    events = perform(skip=["10-stylet"], finish=False)
    at = next(n for n, e in enumerate(events) if e.kind == "withdrawn")
    deep = last(events[: at + 1])
    assert deep.number == "10" and "Stylet back in before you pull" in deep.do
    assert last(events).number == "end"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"view": {"view": "ap"}}, "never inject in AP"),
        ({"viscosity_pa_s": 15.0}, "too thin"),
        ({"view": None}, "nobody is looking"),
        ({"wall": 4.5}, "posterior wall"),
        (
            {"volume_ml": 0.0, "view": {"view": "ap"}},
            "never inject in AP",
        ),  # the cannula fills: nothing has left the tip
    ],
)
def test_injecting_wrongly_is_first_of_all_ordered_to_stop(change: dict, said: str):
    h = prepared()
    h.say("mixed")
    h.t += 340.0
    h.say("stylet", present=False)
    h.inject(**{"view": LATERAL, "ml": 0.4, **change})
    step = last(h.events)
    assert step.do.startswith("Stop: release the injector") and said in step.do
    assert step.acts[0] == "let_go"
