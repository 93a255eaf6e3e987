"""Cement as a fluid against the figures it is taken from (FIGURES d)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.simulation.injector import DEAD_SPACE_ML, Injector
from game.simulation.viscosity import (
    PRESSURE_LIMIT_KPA,
    cannula_kpa,
    greatest_flow_ml_s,
    pressure_kpa,
    sample_word,
    viscosity_pas,
)

FOUR_ML_MIN = 4.0 / 60.0


@pytest.mark.parametrize(("minutes", "low", "high"), [(3, 10, 50), (5.5, 90, 110), (8, 300, 500), (10, 900, 1100)])
def test_the_curve_passes_the_published_orders_of_magnitude(minutes, low, high):
    assert low <= viscosity_pas(60.0 * minutes) <= high


@given(st.floats(0, 1200), st.floats(0, 300))
def test_cement_never_gets_thinner(start, later):
    assert viscosity_pas(start + later) >= viscosity_pas(start)


def test_about_an_octave_a_minute_in_the_working_time():
    octaves = np.log2(viscosity_pas(480.0) / viscosity_pas(180.0)) / 5.0
    assert 0.6 < octaves < 1.4


@pytest.mark.parametrize(("viscosity", "mpa"), [(20, 0.62), (50, 1.55), (100, 3.10)])
def test_the_cannula_takes_the_pressure_that_poiseuille_gives(viscosity, mpa):
    assert cannula_kpa(viscosity, FOUR_ML_MIN) / 1000.0 == pytest.approx(mpa, rel=0.01)


def test_most_of_the_pressure_is_lost_in_the_cannula():
    assert cannula_kpa(100.0, FOUR_ML_MIN) / pressure_kpa(100.0, FOUR_ML_MIN) > 0.95


def test_a_sample_goes_through_its_words_in_order():
    words = [sample_word(viscosity_pas(60.0 * minute)) for minute in (1, 4, 7, 9, 12)]
    assert words == ["liquid", "shiny", "toothpaste", "stiff", "set"]


def test_the_hand_cannot_press_more_than_its_limit():
    for viscosity in (100.0, 400.0, 900.0):
        assert pressure_kpa(viscosity, greatest_flow_ml_s(viscosity)) == pytest.approx(PRESSURE_LIMIT_KPA)


def test_the_dead_space_fills_before_anything_leaves_the_tip():
    pump, out, steps = Injector(asked_ml_s=0.05), 0.0, 0
    while out == 0.0:
        out = pump.advance(0.1, 30.0)
        steps += 1
    assert pump.cannula_ml == pytest.approx(DEAD_SPACE_ML)
    assert 0.1 * steps == pytest.approx(DEAD_SPACE_ML / 0.05, abs=0.4)


def test_the_stylet_pushes_out_what_the_cannula_holds():
    pump = Injector(cannula_ml=DEAD_SPACE_ML, pushing=True)
    out = sum(pump.advance(0.1, 100.0) for _ in range(60))
    assert out == pytest.approx(DEAD_SPACE_ML)
    assert not pump.running


def test_flow_ends_a_third_to_half_a_second_after_the_pump():
    pump = Injector(asked_ml_s=0.06, cannula_ml=DEAD_SPACE_ML)
    for _ in range(20):
        pump.advance(0.1, 60.0)
    pump.asked_ml_s, steps = 0.0, 0
    while pump.advance(0.1, 60.0) > 0.0:
        steps += 1
    assert 0.3 <= 0.1 * (steps + 1) <= 0.5


def test_stiff_cement_blocks():
    pump = Injector(asked_ml_s=0.06, cannula_ml=DEAD_SPACE_ML)
    assert pump.advance(0.1, viscosity_pas(630.0)) == 0.0
    assert pump.pressure_kpa == PRESSURE_LIMIT_KPA
