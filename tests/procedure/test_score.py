"""The score on hand-written attempts: perfect ones, ablated ones, blind and lucky ones, both sides."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.procedure import rules
from game.procedure.measured import Measured, from_json, to_json
from game.procedure.score import Result, passed, score
from models.errors import InputError
from tests.procedure.hand import Hand, perform

LAW = rules.load()


def lost(result: Result) -> set[str]:
    """Lines that lost points, and errors."""
    return {line.id for line in result.lines if line.points < line.of - 1e-9} | {error.id for error in result.errors}


def line(result: Result, id_: str):
    return next(line for line in result.lines if line.id == id_)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("route", ["5", "7", "9", "reentry"])
def test_a_perfect_attempt_has_100_by_every_route_and_from_either_side(route: str, side: str):
    result = score(perform(side, route))
    assert lost(result) == set()
    assert result.score == 100.0


def test_a_perfect_step_5_never_shows_a_later_step():
    shown = {line.id for line in score(perform(route="5")).lines}
    assert "5-clear" in shown
    assert not shown & {"6-margin", "7-clear", "8-turn", "9-clear", "9-reentry"}


def test_clearing_the_wall_is_worth_the_same_by_5_by_7_and_by_9():
    worth = {
        route: sum(row.of for row in score(perform(route=route)).lines if LAW.lines[row.id].route)
        for route in ("5", "7", "9", "reentry")
    }
    assert worth == pytest.approx({"5": 12.0, "7": 12.0, "9": 12.0, "reentry": 12.0}, abs=0.01)


ABLATED = [
    *[("5", id_) for id_, rule in LAW.lines.items() if not rule.route and id_ not in ("medial", "economy")],
    ("7", "5-lateral"),
    ("7", "6-margin"),
    ("7", "7-clear"),
    ("9", "5-lateral"),
    ("9", "6-margin"),
    ("9", "8-turn"),
    ("9", "9-clear"),
    ("reentry", "9-reentry"),
]
"""(route, line): every act that can be left out. `5-clear` is not an act (5-lateral is), `medial` and `economy` are not to do."""


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(("route", "act"), ABLATED)
def test_leaving_out_one_act_costs_that_line_and_no_others_but_its_consequences(route: str, act: str, side: str):
    gone = lost(score(perform(side, route, skip=[act])))
    assert act in gone
    assert gone - {act} <= set(LAW.lines[act].consequences)


def blind(side: str = "left") -> list[Measured]:
    """Never a picture; otherwise all that can be had without one comes out well."""
    h = Hand(side)
    h.say("counted", level="L2")
    h.say("side", side=side)
    h.held = True
    h.enter()
    h.advance(45.0, view=None)
    h.say("mixed")
    h.say("stylet", present=False)
    h.inject(view=None)
    h.say("stylet", present=True)
    h.leave()
    h.say("finished")
    return h.events


def test_who_never_looks_ends_at_40_or_less_however_well_it_ends():
    result = score(blind())
    assert result.critical_errors == ()
    assert result.uncapped <= 40.0


def lucky(side: str = "left") -> list[Measured]:
    """AP only, never a lateral, and everything else perfect."""
    events, flat = perform(side, "5", skip=["4-laterals", "5-lateral", "5b-watched", "10-lateral"]), []
    for event in events:
        if event.kind == "picture" and event["view"] == "lateral":
            continue
        flat.append(event)
    return flat


def test_the_lucky_operator_without_a_lateral_stays_under_60_though_it_ended_well():
    result = score(lucky())
    assert result.critical_errors == ()
    assert line(result, "medial").points == line(result, "medial").of
    assert 40.0 < result.score < 60.0


def test_a_critical_error_caps_the_score():
    events = perform(route="5", skip=["10-stop"])
    through = [
        dataclasses.replace(e, values={**e.values, "wall_mm": -0.5}) if e.kind == "flowed" and e["wall_mm"] < 4 else e
        for e in events
    ]
    result = score(through)
    assert result.critical_errors == ("cement at the posterior wall (left)",)
    assert result.uncapped > LAW.cap
    assert result.score == LAW.cap


def test_no_cement_earns_no_cement_points():
    result = score(perform(route="5", skip=["10-cement"]))
    assert sum(row.points for row in result.lines if row.id.startswith("10-")) == 0.0
    assert lost(result) == {row.id for row in result.lines if row.id.startswith("10-")}


def test_hardly_any_cement_earns_no_cement_points_either():
    h = Hand()
    perform(route="5", hand=h, skip=["10-cement"])
    before = h.events[: next(n for n, e in enumerate(h.events) if e.kind == "stylet") + 1]
    h2 = Hand()
    h2.events, h2.t, h2.depth, h2.held = list(before), before[-1].t, 45.0, True
    h2.inject(0.2)
    h2.say("stylet", present=True)
    h2.leave()
    result = score(h2.events)
    assert sum(row.points for row in result.lines if row.id.startswith("10-")) == 0.0


def both(second_skip: tuple[str, ...] = ()) -> list[Measured]:
    h = Hand("left", sides="left,right")
    perform("left", "5", hand=h, finish=False)
    h.side, h.sign, h.depth, h.held, h.turned, h.u0 = "right", -1.0, 0.0, False, False, 2.45
    perform("right", "5", hand=h, skip=(*second_skip, "1-count"))
    return h.events


def test_both_sides_done_well_are_100():
    result = score(both())
    assert result.score == 100.0
    assert line(result, "3-entry").measured.startswith("left: ")


def test_a_line_is_the_mean_of_the_sides():
    result = score(both(("3-entry",)))
    assert line(result, "3-entry").points == pytest.approx(line(result, "3-entry").of / 2)
    assert line(result, "3-oblique").points == line(result, "3-oblique").of


def test_a_side_that_was_asked_for_and_not_treated_earns_nothing():
    one = perform("left", "5")
    asked = [Measured(one[0].t, "began", {**one[0].values, "sides": "left,right"}), *one[1:]]
    result = score(asked)
    assert line(result, "5-clear").points == pytest.approx(line(result, "5-clear").of / 2)
    assert 50.0 < result.score < 60.0


def test_three_and_three_millilitres_in_a_lumbar_body_are_too_much():
    def volumes(ml: float) -> Result:
        h = Hand("left", sides="left,right")
        for side in ("left", "right"):
            h.side, h.sign, h.depth, h.held = side, 1.0 if side == "left" else -1.0, 45.0, True
            h.say("side", side=side)
            h.enter()
            h.move(0.1)
            h.inject(ml)
        return score(h.events)

    assert "volume-over" in {error.id for error in volumes(3.0).errors}
    assert "volume-over" not in {error.id for error in volumes(2.9).errors}


def test_looking_more_is_never_punished():
    events, more = perform(route="5"), []
    for event in events:
        more.append(event)
        if event.kind == "picture" and event["view"] == "lateral":
            more += [event] * 20
    assert score(more).score == 100.0


def test_waiting_is_never_punished():
    late = [dataclasses.replace(e, t=e.t * 3 if e.kind not in ("flowed", "pulse") else e.t) for e in perform(route="5")]
    slow = sorted(late, key=lambda e: e.t)
    assert line(score(slow), "5-lateral").points == 8.0


def test_an_empty_attempt_is_nothing():
    result = score(Hand().events)
    assert result.score == 0.0
    assert sum(row.of for row in result.lines) == 100.0
    assert all(row.measured for row in result.lines)


def test_a_list_that_does_not_begin_is_refused():
    with pytest.raises(InputError, match="began"):
        score([])
    with pytest.raises(InputError, match="began"):
        score(perform()[1:])


def test_a_stored_list_scores_the_same():
    events = perform(route="9", skip=["4-watched"])
    assert score([from_json(to_json(event)) for event in events]) == score(events)


def test_every_line_quotes_a_figure_or_what_is_missing_and_the_reason():
    for row in score(perform(route="9")).lines:
        assert row.measured and row.why == LAW.lines[row.id].why


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_part_of_an_attempt_can_be_scored(data: st.DataObject):
    events = perform(*data.draw(st.sampled_from([("left", "5"), ("right", "9"), ("left", "reentry")])))
    gone = set(data.draw(st.lists(st.integers(1, len(events) - 1), max_size=60)))
    cut = data.draw(st.integers(1, len(events)))
    result = score([event for n, event in enumerate(events[:cut]) if n not in gone])
    assert 0.0 <= result.score <= 100.0
    assert sum(row.of for row in result.lines) == pytest.approx(100.0, abs=0.1)


def test_an_exam_is_passed_from_the_pass_mark_on_and_never_with_a_critical_error():
    whole = score(perform())
    mark = LAW["pass_mark"]
    assert passed(whole)
    assert passed(dataclasses.replace(whole, score=mark))
    assert not passed(dataclasses.replace(whole, score=mark - 0.1))
    hurt = score(
        [dataclasses.replace(e, values={**e.values, "canal": True}) if e.kind == "moved" else e for e in perform()]
    )
    assert hurt.critical_errors
    assert not passed(dataclasses.replace(hurt, score=100.0))


def test_the_pass_mark_lies_over_the_cap():
    assert LAW.cap < LAW["pass_mark"] < 100.0
