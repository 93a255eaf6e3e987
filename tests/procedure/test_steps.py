"""Each step's rule, just inside and just outside its tolerance: one attempt that passes and one that fails."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from game.procedure.measured import Measured
from game.procedure.score import score
from tests.procedure.changes import before_bone, changed, entry, laterals, line, pedicle, share, stepwise
from tests.procedure.hand import Hand, perform

# ---- step 1


def test_the_level_counts_only_when_named_right_and_with_a_picture_and_before_the_needle():
    good = perform()
    assert share(good, "1-count") == 1.0
    assert share(changed(good, lambda n, e: e.kind == "counted", level="L3"), "1-count") == 0.0
    no_picture = [e for e in good if not (e.kind == "picture" and e.t < 2.0)]
    assert share(no_picture, "1-count") == 0.0
    late = [e for e in good if e.kind != "counted"]
    late.insert(-1, Measured(late[-1].t, "counted", {"level": "L2"}))
    assert share(late, "1-count") == 0.0


@pytest.mark.parametrize(("degrees", "expected"), [(0.0, 1.0), (3.0, 1.0), (4.5, 0.5), (6.0, 0.0), (15.0, 0.0)])
def test_the_superior_end_plate_is_sharp_to_3_degrees_and_not_at_6(degrees: float, expected: float):
    assert share(changed(perform(), before_bone, superior_deg=degrees), "1-plates") == pytest.approx(expected)


def test_the_neighbours_plates_stand_in_fully_only_where_the_body_is_too_flat():
    poor = changed(perform(), before_bone, superior_deg=9.0, neighbour_deg=1.0)
    assert share(poor, "1-plates") == pytest.approx(0.5)
    assert share(changed(poor, lambda n, e: n == 0, flattened=True), "1-plates") == 1.0


@pytest.mark.parametrize(("off", "expected"), [(0.10, 1.0), (-0.10, 1.0), (0.15, 0.5), (-0.20, 0.0)])
def test_the_spinous_process_may_be_off_by_a_tenth_and_not_by_a_fifth(off: float, expected: float):
    assert share(changed(perform(), before_bone, spinous=off), "1-midline") == pytest.approx(expected)


def test_a_picture_of_another_level_is_no_orientation():
    assert share(changed(perform(), before_bone, in_field=False), "1-plates") == 0.0


# ---- step 2


@pytest.mark.parametrize(("height", "expected"), [(0.41, 1.0), (0.59, 1.0), (0.35, 0.5), (0.30, 0.0), (0.71, 0.0)])
def test_the_pedicle_is_centred_between_40_and_60_percent(height: float, expected: float):
    assert share(changed(perform(), before_bone, pedicle_left=height), "2-centred") == pytest.approx(expected, abs=0.01)


def test_step_2_remembers_the_best_picture_not_the_barrel_view():
    row = line(perform("right"), "2-centred")
    assert "tilt 8.0 deg" in row.measured
    assert line(perform("right"), "3-oblique").measured.startswith("5.0 deg")


# ---- step 3


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("degrees", "passes"), [(4.0, True), (7.0, True), (3.0, False), (1.0, False), (11.0, False), (-5.0, False)]
)
def test_the_view_is_turned_4_to_7_degrees_toward_the_side_entered(degrees: float, passes: bool, side: str):
    sign = 1.0 if side == "left" else -1.0

    def barrel(number: int, event: Measured) -> bool:
        return event.kind in ("picture", "armed") and abs(event.number("orbital")) == 5.0

    assert (share(changed(perform(side), barrel, orbital=sign * degrees), "3-oblique") == 1.0) is passes


@pytest.mark.parametrize(
    ("values", "passes"),
    [
        ({"clock_deg": -19.0}, True),
        ({"clock_deg": 25.0}, False),
        ({"clock_deg": 90.0}, False),
        ({"inside_mm": 1.4}, True),
        ({"inside_mm": 2.0}, False),
        ({"inside_mm": -0.5}, False),
        ({"ring_inset_mm": -0.5}, False),
        ({"bevel_medial": -1.0}, False),
        ({"level": "L1", "bone": "L1"}, False),
        ({"level": "", "bone": "rib12-left"}, False),
    ],
)
def test_the_entry_is_at_the_lateral_margin_inside_the_ring_with_the_point_medial(values: dict[str, Any], passes: bool):
    assert (share(changed(perform(), entry, **values), "3-entry") == 1.0) is passes


@pytest.mark.parametrize(("degrees", "expected"), [(2.0, 1.0), (3.5, 0.5), (5.0, 0.0)])
def test_the_shaft_is_a_dot_within_2_degrees(degrees: float, expected: float):
    def held(number: int, event: Measured) -> bool:
        return event.kind == "picture" and event["orbital"] == 5.0

    assert share(changed(perform(), held, shaft_ray_deg=degrees), "3-barrel") == pytest.approx(expected)


@pytest.mark.parametrize(("depth", "passes"), [(2.0, True), (4.0, True), (1.5, False), (4.5, False)])
def test_it_is_embedded_2_to_4_mm_before_the_view_is_left(depth: float, passes: bool):
    h = Hand()
    h.look()
    h.barrel(needle=True)
    h.enter()
    h.advance(depth, view=None)
    h.look()
    h.advance(20.0)
    assert (share(h.events, "3-embed") == 1.0) is passes


@pytest.mark.parametrize(("course", "passes"), [(0.36, True), (0.64, True), (0.3, False), (None, False)])
def test_the_course_meets_the_middle_of_the_body_in_front(course: float | None, passes: bool):
    assert (share(changed(perform(), lambda n, e: e.kind == "moved", course=course), "3-course") == 1.0) is passes


# ---- step 4


@pytest.mark.parametrize(
    ("over", "passes"),
    [({}, True), ({"orbital": 2.0}, True), ({"orbital": 3.0}, False), ({"tilt": 10.0}, True), ({"tilt": 11.0}, False)],
)
def test_the_advance_is_seen_at_the_angles_of_step_2(over: dict[str, float], passes: bool):
    def advance(h: Hand) -> None:
        h.look(**over)
        h.advance(26.0, **over)

    assert (share(pedicle(advance), "4-view") == 1.0) is passes


def test_early_laterals_are_welcome_but_a_lateral_alone_is_no_guide_through_the_pedicle():
    def alternating(h: Hand) -> None:
        for depth in (6.0, 9.0, 12.0, 15.0, 17.0):
            h.look()
            h.advance(depth - 1.0)
            h.lateral()
            h.advance(depth, view=None)
            h.look()
        h.advance(26.0)

    def lateral(h: Hand) -> None:
        h.lateral()
        h.advance(26.0, view="lateral")

    assert share(pedicle(alternating), "4-view") == 1.0
    assert share(pedicle(lateral), "4-view") == 0.0


@pytest.mark.parametrize(("step", "expected"), [(2.0, 1.0), (3.0, 0.5), (4.5, 0.0)])
def test_two_mm_unseen_are_free_four_are_too_many(step: float, expected: float):
    def advance(h: Hand) -> None:
        h.look()
        stepwise(h, step, 20.0)
        stepwise(h, 1.0, 26.0)

    assert share(pedicle(advance), "4-watched") == expected


@pytest.mark.parametrize(("step", "expected"), [(1.0, 1.0), (1.5, 0.0)])
def test_past_the_middle_one_mm_unseen_is_the_most(step: float, expected: float):
    def advance(h: Hand) -> None:
        h.look()
        stepwise(h, 1.0, 14.0)
        stepwise(h, step, 26.0)

    assert share(pedicle(advance, w=6.7), "4-watched") == expected


def test_each_pulse_while_moving_resets_the_distance_but_one_down_the_barrel_shows_nothing():
    def advance(h: Hand) -> None:
        h.look()
        h.advance(26.0, shaft_ray_deg=1.0)

    assert share(pedicle(advance), "4-watched") == 0.0


@pytest.mark.parametrize(("depth", "passes"), [(18.0, True), (27.5, True), (31.0, False), (10.0, False)])
def test_step_4_ends_halfway_across_or_where_a_lateral_shows_it_cleared(depth: float, passes: bool):
    def advance(h: Hand) -> None:
        h.look()
        h.advance(depth)

    assert (share(pedicle(advance), "4-middle") == 1.0) is passes


def test_ten_mm_without_a_look_from_the_side_are_the_most():
    def advance(every: float) -> Callable[[Hand], None]:
        def play(h: Hand) -> None:
            h.look()
            for stop in (3.0 + every, 26.0):
                h.advance(stop)
                h.lateral(in_field=False)  # a look, not the check
                h.look()

        return play

    assert share(pedicle(advance(13.0)), "4-laterals") == pytest.approx(0.4, abs=0.05)
    assert share(perform(), "4-laterals") == 1.0


# ---- step 5


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"superior_deg": 3.0}, 1.0),
        ({"superior_deg": 4.5}, 0.5),
        ({"inferior_deg": 6.5}, 0.0),
        ({"corners_mm": 1.5}, 1.0),
        ({"corners_mm": 2.25}, 0.5),
        ({"corners_mm": 3.0}, 0.0),
        ({"in_field": False}, 0.0),
    ],
)
def test_a_true_lateral_has_sharp_plates_and_one_posterior_margin(over: dict[str, Any], expected: float):
    assert share(changed(perform(), laterals, **over), "5-lateral") == pytest.approx(expected)


def test_ribs_are_superimposed_where_there_are_ribs():
    apart = changed(perform(), laterals, ribs_mm=8.0)
    assert share(apart, "5-lateral") == 1.0
    thoracic = changed(apart, lambda n, e: n == 0, ribs=True)
    assert share(thoracic, "5-lateral") == pytest.approx(0.4)
    assert share(changed(thoracic, laterals, ribs_mm=4.9), "5-lateral") == 1.0


def test_a_picture_from_before_the_last_movement_is_no_check():
    def advance(h: Hand) -> None:
        h.look()
        h.advance(16.0)
        h.lateral()  # true, and old: the needle moves on
        h.look()
        h.advance(24.0)

    events = pedicle(advance)[:-2]  # without the lateral at the end
    assert share(events, "5-lateral") == 0.0
    assert share(events, "5-clear") == 0.0


def test_cleared_is_point_and_bevel_2_mm_in_front():
    def to(depth: float) -> Callable[[Hand], None]:
        def play(h: Hand) -> None:
            h.look()
            h.advance(depth)

        return play

    assert share(pedicle(to(25.5)), "5-clear") == 1.0  # heel 2.1 mm in front
    shown = {row.id for row in score(pedicle(to(24.9))).lines}
    assert "5-clear" not in shown and "7-clear" in shown  # heel 1.5 mm in front, point 3.9: not yet


def test_a_check_long_after_the_wall_answers_nothing():
    def far(h: Hand) -> None:
        h.look()
        h.advance(45.0)

    assert share(pedicle(far), "5-clear") == 0.0


# ---- steps 6 to 9


@pytest.mark.parametrize(("margin", "passes"), [(0.9, True), (2.4, True), (3.4, False), (0.5, False)])
def test_step_6_goes_to_1_or_2_mm_of_the_medial_cortex(margin: float, passes: bool):
    def advance(h: Hand) -> None:
        h.wall = 60.0
        h.look()
        h.advance((h.w / 2 - h.u0) / h.slope)
        h.lateral()
        h.look()
        h.advance((h.w - margin - h.u0) / h.slope)

    assert (share(pedicle(advance, w=7.2), "6-margin") == 1.0) is passes


@pytest.mark.parametrize(
    ("over", "passes"),
    [
        ({}, True),
        ({"degrees": -150.0}, True),
        ({"degrees": 120.0}, False),
        ({"gain_mm": 1.0}, False),
        ({"depth_change_mm": 1.5}, False),
        ({"outside": True}, True),
    ],
)
def test_step_8_earns_by_what_the_point_gains_on_the_spot(over: dict[str, Any], passes: bool):
    events = changed(perform(route="9"), lambda n, e: e.kind == "turned", **over)
    assert (share(events, "8-turn") == 1.0) is passes


def test_turning_after_the_wall_is_cleared_earns_nothing_and_costs_nothing():
    h = Hand()
    perform(hand=h, skip=["10-cement"], finish=False)
    events = [e for e in h.events if e.kind not in ("withdrawn",)]
    at = next(n for n, e in enumerate(events) if e.kind == "mixed")
    turned = Measured(
        events[at].t,
        "turned",
        {"degrees": 180.0, "front_mm": 20.0},
    )
    result = score([*events[:at], turned, *events[at:]])
    assert "8-turn" not in {row.id for row in result.lines}


@pytest.mark.parametrize(("shift", "passes"), [(1.5, True), (3.0, True), (0.5, False), (5.0, False)])
def test_the_new_entry_is_1_and_a_half_to_3_mm_lateral(shift: float, passes: bool):
    def second(number: int, event: Measured) -> bool:
        return event.kind == "entry" and event["shift_mm"] is not None

    assert (share(changed(perform(route="reentry"), second, shift_mm=shift), "9-reentry") == 1.0) is passes


# ---- in the body


@pytest.mark.parametrize(
    ("front", "expected"), [(8.0, 1.0), (13.0, 1.0), (6.0, 0.5), (15.0, 0.5), (4.5, 0.0), (20.0, 0.0)]
)
def test_the_tip_ends_8_to_13_mm_short_of_the_apparent_front(front: float, expected: float):
    assert share(changed(perform(), laterals, anterior_seen_mm=front), "5b-depth") == expected


def test_the_midline_allows_more_only_when_an_ap_shows_it():
    near = changed(perform(), laterals, anterior_seen_mm=6.0)
    at = next(n for n, e in enumerate(near) if e.kind == "mixed")
    ap = next(e for e in near if e.kind == "picture" and e["ring"] is not None)
    middle = dataclasses.replace(ap, t=near[at].t, values={**ap.values, "midline_seen_mm": 2.0})
    beside = dataclasses.replace(ap, t=near[at].t, values={**ap.values, "midline_seen_mm": 8.0})
    assert share([*near[:at], middle, *near[at:]], "5b-depth") == 1.0
    assert share([*near[:at], beside, *near[at:]], "5b-depth") == 0.5


def test_in_the_body_the_advance_is_seen_in_a_true_lateral():
    assert share(perform(), "5b-watched") == 1.0
    assert share(perform(skip=["5b-watched"]), "5b-watched") == 0.0


def test_shots_of_the_same_ap_are_counted_and_no_others():
    h = Hand()
    for _ in range(13):
        h.look()
    assert share(h.events, "economy") == 0.0
    h = Hand()
    for tilt in range(13):
        h.look(tilt=float(tilt))
    assert share(h.events, "economy") == 1.0


@pytest.mark.parametrize(
    ("levels", "expected"),
    [(["L2"], 1.0), (["L1", "L2"], 0.0), (["L2", "L1"], 0.0), (["L1", "look", "L2"], 1.0)],
)
def test_the_level_named_last_counts_and_several_in_a_row_are_guesses(levels: list[str], expected: float):
    h = Hand()
    h.look()
    for level in levels:
        if level == "look":
            h.look()
        else:
            h.say("counted", level=level)
    perform(hand=h, skip=["1-count"])
    assert share(h.events, "1-count") == expected
