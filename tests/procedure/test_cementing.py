"""Step 10's rules, just inside and just outside their tolerance."""

import pytest

from game.procedure.score import score
from tests.procedure.changes import cemented, changed, flows, share
from tests.procedure.hand import LATERAL, perform


@pytest.mark.parametrize(("thick", "expected"), [(80.0, 1.0), (400.0, 1.0), (60.0, 0.5), (40.0, 0.0), (1000.0, 0.0)])
def test_paste_is_toothpaste(thick: float, expected: float):
    assert share(changed(perform(), flows, viscosity_pa_s=thick), "10-paste") == pytest.approx(expected)


@pytest.mark.parametrize(("kept", "expected"), [(1.0, 1.0), (0.995, 1.0), (0.98, 0.5), (0.89, 0.27), (0.7, 0.0)])
def test_the_flow_is_seen_98_percent_of_the_time_and_a_gap_halves_it(kept: float, expected: float):
    events = cemented()
    pulses = [n for n, e in enumerate(events) if e.kind == "pulse"]
    gone = set(pulses[round(len(pulses) * kept) :])
    found = share([e for n, e in enumerate(events) if n not in gone], "10-lateral")
    assert found == pytest.approx(expected, abs=0.06)


def test_a_gap_of_half_a_second_is_nothing_and_one_of_a_second_is_unseen():
    events = cemented()
    pulses = [n for n, e in enumerate(events) if e.kind == "pulse"]
    short, long = set(pulses[100:104]), set(pulses[100:112])
    assert "cement-unseen" not in {e.id for e in score([e for n, e in enumerate(events) if n not in short]).errors}
    assert "cement-unseen" in {e.id for e in score([e for n, e in enumerate(events) if n not in long]).errors}


def test_cement_under_a_view_that_is_no_true_lateral_is_not_watched():
    assert share(cemented(view={**LATERAL, "corners_mm": 3.5}), "10-lateral") == 0.0
    assert share(cemented(view={}), "10-lateral") == 0.0


def test_injection_ends_when_the_front_comes_within_5_mm():
    assert share(cemented(wall=5.1), "10-stop") == 1.0
    assert share(cemented(wall=4.9), "10-stop") == 1.0  # crossed within the last second
    assert share(cemented(wall=3.9), "10-stop") == 0.0
    assert share(cemented(wall_mm=lambda done: 24.0 if done < 0.5 else 4.8), "10-stop") == 0.0  # and went on


def test_a_leak_met_by_stopping_costs_less_than_one_that_was_fed():
    met = cemented(
        visible=lambda done: "vein" if done > 0.98 else "", leak_vein_ml=lambda done: 0.05 if done > 0.98 else 0.0
    )
    fed = cemented(
        visible=lambda done: "vein" if done > 0.6 else "", leak_vein_ml=lambda done: 0.5 if done > 0.6 else 0.0
    )
    vanished = cemented(visible=lambda done: "vein" if 0.50 < done < 0.52 else "")
    assert share(met, "10-stop") == pytest.approx(0.7)
    assert share(fed, "10-stop") == 0.0
    assert share(fed, "10-fill") == 0.0
    assert share(vanished, "10-stop") == pytest.approx(0.7)


def test_fill_is_near_both_plates_and_best_from_the_lateral_third():
    assert share(cemented(), "10-fill") == 1.0
    assert share(cemented(inferior_mm=9.0), "10-fill") == pytest.approx(0.5)
    assert share(cemented(across_body=0.2), "10-fill") == pytest.approx(0.8)


@pytest.mark.parametrize(("ml", "expected"), [(2.9, 1.0), (3.0, 1.0), (3.2, 0.0)])
def test_the_volume_is_a_ceiling(ml: float, expected: float):
    assert share(cemented(ml=ml), "10-volume") == expected


def test_the_stylet_goes_back_before_the_needle_is_pulled():
    assert share(perform(), "10-stylet") == 1.0
    assert share(perform(skip=["10-stylet"]), "10-stylet") == 0.0


def test_no_cement_in_the_body_is_said_in_words():
    events = changed(perform(), flows, wall_mm=None, superior_mm=None, inferior_mm=None)
    texts = {row.id: row.measured for row in score(events).lines}
    assert "no cement in the body" in texts["10-stop"] and "no cement in the body" in texts["10-fill"]
    assert not any("nan" in text for text in texts.values())


def test_plates_nearer_than_a_millimetre_are_not_told_finer():
    events = changed(perform(), flows, superior_mm=0.5, inferior_mm=0.5)
    assert next(row.measured for row in score(events).lines if row.id == "10-fill").startswith("under 1 mm from")
