"""Colours: text can be read on every ground where it occurs."""

import pytest

from game.panels import looks


def test_contrast_is_the_one_of_wcag() -> None:
    black, white, grey = (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0), (119 / 255, 119 / 255, 119 / 255, 1.0)
    assert looks.contrast(black, white) == pytest.approx(21.0)
    assert looks.contrast(grey, white) == pytest.approx(4.48, abs=0.01)  # the known grey that just fails


@pytest.mark.parametrize("pair", looks.PAIRS)
def test_text_stands_out_from_its_ground(pair: tuple[looks.Colour, looks.Colour]) -> None:
    assert looks.contrast(*pair) >= looks.CONTRAST


def test_the_ring_of_the_focus_stands_out_from_what_is_around_it() -> None:
    for ground in (looks.PAGE, looks.CARD, looks.RAISED, looks.CHOSEN):
        assert looks.contrast(looks.FOCUS, ground) >= 3.0  # WCAG 2.2, 1.4.11
