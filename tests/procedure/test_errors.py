"""Each error: an attempt that makes it and one that does not, with its place, its millimetres and what it costs."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from game.procedure import rules
from game.procedure.errors import EXITS
from game.procedure.measured import Measured
from game.procedure.score import Error, score
from tests.procedure.changes import cemented, changed, pedicle, stepwise
from tests.procedure.hand import LATERAL, Hand, perform

LAW = rules.load()


def ids(events: Sequence[Measured]) -> set[str]:
    return {error.id for error in score(events).errors}


def the(events: Sequence[Measured], id_: str) -> Error:
    (error,) = [error for error in score(events).errors if error.id == id_]
    return error


def deep(low: float, high: float = 99.0):
    """Movements within a range of depths."""
    return lambda number, event: event.kind == "moved" and low <= event.number("to_mm") <= high


def test_a_perfect_attempt_has_no_error():
    assert ids(perform()) == set()


def test_every_error_empties_the_lines_that_the_rules_say():
    made = {
        "wrong-level": changed(perform(), deep(6.0), bone="L3"),
        "medial-breach": changed(perform(), deep(15.0, 20.0), medial_mm=-0.4),
        "canal": changed(perform(), deep(15.0, 20.0), canal=True),
        "medial-close": changed(perform(), deep(15.0, 20.0), medial_mm=0.5),
        "inferior-margin": changed(perform(), deep(15.0, 20.0), inferior_mm=-0.2),
        "anterior-breach": changed(perform(), deep(40.0), nearest_mm=-1.4),
        "barrel-advance": barrel_advance(6.0),
        "volume-over": cemented(ml=3.4),
        "stylet-out": perform(skip=["10-stylet"]),
        "paste-thin": perform(skip=["10-paste"]),
        "cement-wall": cemented(wall=-0.5),
        "cement-ap": cemented(view={}),
    }
    for id_, events in made.items():
        result = score(events)
        assert id_ in {error.id for error in result.errors}, id_
        points = {row.id: row.points for row in result.lines}
        for cost in LAW.errors[id_].costs:
            assert points.get(cost, 0.0) == 0.0, (id_, cost)
        assert bool(result.critical_errors) is LAW.errors[id_].critical, id_


def barrel_advance(depth: float) -> list[Measured]:
    h = Hand()
    h.look()
    h.barrel(needle=True)
    h.enter()
    h.advance(depth, view=None)
    h.barrel()
    h.look()
    h.advance(20.0)
    return h.events


def test_another_vertebra_is_the_wrong_level_once_the_needle_is_deep_in_it():
    error = the(changed(perform(), deep(4.0), bone="L3"), "wrong-level")
    assert error.critical
    assert error.mm == pytest.approx(5.0)
    assert "L3 instead of L2" in error.text
    assert error.place.startswith("L3, left pedicle")


def test_a_touched_facet_or_a_rib_is_not_the_wrong_level():
    assert "wrong-level" not in ids(changed(perform(), deep(0.0, 4.0), bone="L1"))
    assert "wrong-level" not in ids(changed(perform(), deep(0.0, 8.0), bone="rib12-left"))


def test_a_medial_breach_is_critical_and_tells_its_worst_millimetres_and_grade():
    events = changed(changed(perform(), deep(15.0, 16.0), medial_mm=-0.5), deep(17.0, 18.0), medial_mm=-2.3)
    error = the(events, "medial-breach")
    assert error.critical and error.mm == pytest.approx(2.3)
    assert "grade C" in error.text
    assert error.t == next(e.t for e in events if e.kind == "moved" and e["to_mm"] == 15.0)
    assert "medial-close" not in ids(events)


@pytest.mark.parametrize(("margin", "found"), [(0.9, False), (0.7, True)])
def test_less_than_0_8_mm_is_too_close(margin: float, found: bool):
    assert ("medial-close" in ids(changed(perform(), deep(15.0, 16.0), medial_mm=margin))) is found


def test_a_needle_through_the_canal_is_not_praised_because_it_ended_well():
    result = score(changed(perform(), deep(15.0, 16.0), canal=True, medial_mm=-3.0))
    assert result.score <= LAW.cap


@pytest.mark.parametrize(("margin", "found"), [(0.1, False), (-0.1, True)])
def test_the_lower_margin_is_not_crossed(margin: float, found: bool):
    assert ("inferior-margin" in ids(changed(perform(), deep(15.0, 16.0), inferior_mm=margin))) is found


def test_out_of_the_body_in_front_or_beside_is_told_with_its_millimetres():
    error = the(changed(perform(), deep(44.0), nearest_mm=-4.3), "anterior-breach")
    assert error.mm == pytest.approx(4.3)
    assert "left body" in error.place
    assert "anterior-breach" not in ids(changed(perform(), deep(44.0), nearest_mm=0.4))
    assert "anterior-breach" not in ids(changed(perform(), deep(44.0), nearest_mm=-0.6))  # the shaft grazes the waist
    assert "anterior-breach" in ids(
        changed(perform(), deep(44.0), nearest_mm=-0.6, anterior_mm=-0.1)
    )  # the point is out


def test_the_cylinder_trap_at_the_apparent_front_the_tip_is_out():
    trap = changed(perform(skip=["5b-depth"]), deep(53.0), nearest_mm=-4.4)
    assert {"front-near", "anterior-breach"} <= ids(trap)


def test_less_than_5_mm_from_the_front_is_an_error_seen_or_not():
    seen = perform(skip=["5b-depth"])
    assert the(seen, "front-near").mm == pytest.approx(1.0)
    unseen = [e for e in seen if not (e.kind == "picture" and e["view"] == "lateral")]
    assert the(unseen, "front-near").mm == pytest.approx(1.0)


def test_going_on_after_it_turned_hard_is_an_error_and_stopping_is_not():
    hard = changed(perform(), deep(40.0), force_n=60.0)
    assert the(hard, "not-stopped").mm == pytest.approx(1.5)
    stopped = changed(perform(), deep(44.5), force_n=60.0)
    assert "not-stopped" not in ids(stopped)
    from_the_start = changed(perform(), deep(20.0), force_n=60.0)
    assert "not-stopped" not in ids(from_the_start)


@pytest.mark.parametrize(("depth", "found"), [(4.5, False), (6.0, True)])
def test_advancing_beyond_embedding_in_the_barrel_view(depth: float, found: bool):
    assert ("barrel-advance" in ids(barrel_advance(depth))) is found


@pytest.mark.parametrize(("step", "found"), [(3.5, False), (4.5, True)])
def test_more_than_4_mm_that_nobody_saw(step: float, found: bool):
    def advance(h: Hand) -> None:
        h.look()
        stepwise(h, step, 20.0)
        stepwise(h, 1.0, 26.0)

    assert ("unwatched" in ids(pedicle(advance))) is found


def test_past_the_middle_without_a_lateral_is_against_the_order():
    def on(h: Hand) -> None:
        h.look()
        h.advance(20.0)  # ring 63 %, wall at 21

    def checked(h: Hand) -> None:
        h.look()
        h.advance(10.5)
        h.lateral()
        h.look()
        h.advance(20.0)

    assert "order" in ids(pedicle(on, w=6.7))
    assert "order" not in ids(pedicle(checked, w=6.7))


def test_lateral_advance_behind_the_wall_is_an_error_after_a_check_or_beyond_3_mm():
    def after_check(mm: float):
        def play(h: Hand) -> None:
            h.look()
            h.advance(10.5)
            h.lateral()
            h.advance(10.5 + mm, view=None)

        return play

    def before_any_check(mm: float):
        def play(h: Hand) -> None:
            h.lateral(in_field=False)
            h.advance(3.0 + mm, view=None)

        return play

    assert "lateral-behind" in ids(pedicle(after_check(1.5), w=6.7))
    assert "lateral-behind" not in ids(pedicle(after_check(1.0), w=6.7))
    assert "lateral-behind" in ids(pedicle(before_any_check(3.5)))
    assert "lateral-behind" not in ids(pedicle(before_any_check(2.5)))


def turned_track(then: Any) -> list[Measured]:
    """To the end of step 8 with the wall not cleared and no room, then as told."""

    def advance(h: Hand) -> None:
        h.wall = 60.0
        h.look()
        h.advance(5.0)
        h.lateral()
        h.look()
        h.advance(20.0)
        h.lateral()
        h.look()
        h.turn()
        h.advance(24.0)
        h.lateral(needle=True)
        then(h)

    return pedicle(advance, w=5.6)


def test_going_on_where_starting_again_was_ordered_is_critical():
    def no_room(events: list[Measured]) -> list[Measured]:
        return changed(events, deep(23.0), point_medial_mm=1.2)

    on = no_room(turned_track(lambda h: (h.look(), h.advance(27.0))))
    back = no_room(turned_track(lambda h: h.leave()))
    assert the(on, "went-on").critical
    assert the(on, "went-on").mm == pytest.approx(1.5)
    assert "went-on" not in ids(back)
    assert "went-on" not in ids(turned_track(lambda h: (h.look(), h.advance(27.0))))  # the point had room


def test_turning_toward_the_medial_cortex():
    wrong = changed(perform(route="9"), lambda n, e: e.kind == "turned", gain_mm=-2.4)
    assert the(wrong, "turned-medial").mm == pytest.approx(2.4)
    assert "turned-medial" not in ids(perform(route="9"))


def test_a_new_start_is_a_false_start_unless_step_9_ordered_it():
    h = Hand()
    h.look()
    h.barrel(needle=True)
    h.enter()
    h.advance(3.0, view=None)
    h.leave()
    h.barrel(needle=True)
    h.enter(shift_mm=0.7)
    h.advance(3.0, view=None)
    h.look()
    assert the(h.events, "false-start").mm == pytest.approx(0.7)
    assert "false-start" not in ids(perform(route="reentry"))


def test_a_touch_of_less_than_a_millimetre_is_no_start():
    h = Hand()
    h.look()
    h.barrel(needle=True)
    h.enter()
    h.advance(0.5, view=None)
    h.leave()
    perform(hand=h)
    assert ids(h.events) == set()


def test_a_breach_in_a_track_that_was_given_up_still_counts():
    events = perform(route="reentry")
    first = next(e.t for e in events if e.kind == "withdrawn")
    bad = changed(events, lambda n, e: e.kind == "moved" and e.t < first and e.number("to_mm") > 6.0, medial_mm=-0.3)
    assert "medial-breach" in ids(bad)


@pytest.mark.parametrize(("view", "found"), [(LATERAL, False), ({}, True), ({"view": "oblique"}, True)])
def test_injecting_in_ap(view: dict[str, Any], found: bool):
    assert ("cement-ap" in ids(cemented(view=view))) is found


def test_cement_nobody_saw():
    assert "cement-unseen" in ids(cemented(view=None))
    assert "cement-unseen" not in ids(cemented())


@pytest.mark.parametrize(("wall", "near", "critical"), [(5.0, False, False), (3.9, True, False), (-0.1, True, True)])
def test_cement_near_the_wall_and_at_it(wall: float, near: bool, critical: bool):
    found = ids(cemented(wall=wall))
    assert ("cement-near-wall" in found) is near
    assert ("cement-wall" in found) is critical


def test_cement_in_the_canal_is_critical_wherever_the_front_is():
    error = the(cemented(leak_canal_ml=lambda done: 0.1 if done > 0.9 else 0.0), "cement-wall")
    assert error.critical and "0.10 ml in the canal" in error.text


def test_feeding_a_visible_leak():
    fed = cemented(visible=lambda done: "disc" if done > 0.9 else "")
    assert "disc" in the(fed, "leak-continued").text
    assert "leak-continued" not in ids(cemented(visible=lambda done: "disc" if done > 0.97 else ""))


def test_errors_come_in_order_of_time_with_words():
    result = score(
        changed(changed(perform(skip=["10-stylet"]), deep(15.0, 16.0), inferior_mm=-1.0), deep(44.0), nearest_mm=-1.4)
    )
    assert [error.t for error in result.errors] == sorted(error.t for error in result.errors)
    assert len(result.errors) == 3
    for error in result.errors:
        assert error.place and error.text and error.why and error.instead


def test_values_that_were_not_measured_make_no_error():
    unknown = [
        dataclasses.replace(e, values={k: None for k in e.values}) if e.kind == "moved" else e for e in perform()
    ]
    assert {error.id for error in score(unknown).errors} <= {"stylet-out"}


@pytest.mark.parametrize(
    ("exit_", "id_"), [("front", "anterior-breach"), ("side", "side-breach"), ("plate", "endplate-breach")]
)
def test_metal_out_of_the_body_is_named_by_the_surface_it_left_through(exit_: str, id_: str):
    found = ids(changed(perform(), deep(44.0), nearest_mm=-2.0, exit=exit_))
    assert found & {*EXITS.values()} == {id_}


def test_each_excursion_out_of_the_body_is_one_error_and_one_beyond_all_measure_has_no_millimetres():
    twice = changed(perform(), lambda n, e: deep(32.0, 34.0)(n, e) and e["how"] != "pull", nearest_mm=-2.0, exit="side")
    twice = changed(twice, lambda n, e: deep(40.0, 42.0)(n, e) and e["how"] != "pull", nearest_mm=None, exit="side")
    found = [error for error in score(twice).errors if error.id == "side-breach"]
    assert [error.mm for error in found] == [pytest.approx(2.0), None]


@pytest.mark.parametrize(("margin", "found"), [(-0.9, False), (-1.1, True)])
def test_a_shaft_beside_the_pedicle_is_a_lateral_breach_that_earns_no_medial_points(margin: float, found: bool):
    events = changed(perform(), deep(6.0), lateral_mm=margin)
    assert ("lateral-breach" in ids(events)) is found
    assert next(row.points for row in score(events).lines if row.id == "medial") == (0.0 if found else 4.0)


def test_no_lateral_at_all_is_an_error_and_one_lateral_is_none():
    def seen(view: str):
        return [e for e in perform() if not (e.kind == "picture" and e["view"] == view)]

    assert "no-lateral" in ids(seen("lateral"))
    assert "no-lateral" not in ids(seen("ap"))


def test_who_takes_no_picture_is_told_of_the_advance_from_bone_on_and_earns_no_medial_points():
    unseen = [e for e in perform() if e.kind not in ("picture", "pulse", "armed")]
    assert {"unwatched", "no-lateral"} <= ids(unseen)
    assert the(unseen, "unwatched").mm == pytest.approx(45.0)  # all of the way that nobody saw
    assert next(row.points for row in score(unseen).lines if row.id == "medial") == 0.0


def test_a_needle_that_came_hard_from_outside_has_met_no_cortex_in_front():
    outside = changed(perform(), deep(20.0, 39.0), nearest_mm=-0.5)
    assert "not-stopped" not in ids(changed(outside, deep(39.5), force_n=60.0))


def test_cement_that_came_too_late_says_millilitres_and_not_five_millimetres():
    late = cemented(wall_mm=lambda done: 24.0 if done < 0.5 else 4.8)
    assert "ml more after" in the(late, "cement-near-wall").text
