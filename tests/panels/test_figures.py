"""The figures: a scale on which soft tissue and bone both read, numbers as a person says them, cheap to tell."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.panels.figures import MOST_N, Figures, Trend, angle, clock, oclock, share_of, texts
from game.panels.layout import Rect, arrange
from tests.panels.scenes import READOUT


@given(st.floats(0.0, 200.0), st.floats(0.0, 200.0))
def test_more_force_never_fills_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert share_of(low) <= share_of(high)


def test_soft_tissue_and_bone_both_read() -> None:
    assert share_of(0.0) == 0.0 and share_of(MOST_N) == pytest.approx(1.0)
    assert share_of(10.0) - share_of(2.0) > 0.2
    assert 0.8 < share_of(90.0) < 0.95


def test_numbers_are_said_as_a_person_says_them() -> None:
    assert (clock(65.4), clock(3723.0), clock(0.0)) == ("1:05", "1:02:03", "0:00")
    assert (angle(12.4), angle(-5.0), angle(0.2)) == ("+12°", "\N{MINUS SIGN}5°", "0°")
    assert [oclock(degrees) for degrees in (0.0, 90.0, -90.0, 359.0)] == [
        "12 o'clock",
        "3 o'clock",
        "9 o'clock",
        "12 o'clock",
    ]


def test_one_picture_is_one_pulse_and_a_small_dose_is_seen() -> None:
    first = texts({**READOUT, "pulses": 1, "kerma_mgy": 0.04})
    assert first["xray"].endswith("· 1 pulse") and first["dose"].startswith("0.04 mGy")
    assert texts(READOUT)["dose"].startswith("13.2 mGy")


def test_what_is_not_there_is_not_zero() -> None:
    before = texts({**READOUT, "cement_s": None, "embedded": False, "depth_mm": 0.0, "bevel_deg": None})
    assert before["cement"] == "not mixed"
    assert before["bone"] == before["bevel"] == "\N{EN DASH}"


def test_stiffening_is_seen_against_the_force_a_little_way_back() -> None:
    trend = Trend()
    assert trend.behind(10.0, 3.0) is None
    assert trend.behind(11.0, 4.0) is None
    assert trend.behind(12.0, 30.0) == 3.0
    assert trend.behind(12.0, 31.0) == 3.0  # at rest
    assert trend.behind(5.0, 2.0) is None  # withdrawn


@pytest.fixture
def figures(theme) -> Figures:
    made = Figures(theme)
    made.place(arrange(1280, 720).figures)
    return made


def test_an_arrow_says_that_it_gets_stiffer(figures: Figures) -> None:
    figures.show({**READOUT, "skin_mm": 10.0, "force_n": 3.0})
    figures.show({**READOUT, "skin_mm": 12.0, "force_n": 30.0})
    assert figures.force.text == "30.0 N ▲"
    figures.show({**READOUT, "skin_mm": 14.0, "force_n": 8.0})
    assert figures.force.text == "8.0 N ▼"


def test_the_beam_is_told_by_shape_too(figures: Figures) -> None:
    figures.show({**READOUT, "beam": False})
    off = figures.captions["xray"].text
    figures.show({**READOUT, "beam": True})
    assert (off, figures.captions["xray"].text) == ("X-ray ○", "X-ray ●")


def test_a_read_out_without_what_the_desk_adds_is_shown(figures: Figures) -> None:
    figures.show({key: value for key, value in READOUT.items() if key not in ("beam", "bevel_deg", "pace")})
    assert figures.hand.is_hidden()


def test_the_bevel_turns_the_hand_clockwise(figures: Figures) -> None:
    figures.show({**READOUT, "bevel_deg": 90.0})
    tip = figures.node.get_relative_point(figures.hand, (0, 0, 10))
    assert tip.x - figures.hand.get_x() == pytest.approx(10.0)


def test_telling_the_same_every_frame_is_cheap(figures: Figures) -> None:
    figures.show(READOUT)
    began = time.perf_counter()
    for _ in range(200):
        figures.show(READOUT)
    assert (time.perf_counter() - began) / 200 < 0.001  # measured: 0.03 ms


def test_placing_again_keeps_what_was_told(figures: Figures) -> None:
    figures.show(READOUT)
    figures.place(Rect(0, 0, 290, 480))
    assert figures.values["skin"].text == "62.4 mm"


def test_where_the_mark_looks_along_the_beam_a_word_has_the_clocks_place(figures: Figures) -> None:
    figures.show({**READOUT, "bevel_deg": None, "bevel_word": "toward the detector"})
    assert figures.values["bevel"].text == "toward the detector" and figures.dial.is_hidden()
    assert figures.values["bevel"].rect.right <= figures.rect.right
    figures.show(READOUT)
    assert not figures.dial.is_hidden()
