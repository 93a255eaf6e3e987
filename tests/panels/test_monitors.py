"""Monitors: pixel on pixel, and the mouse knows where on the picture it is."""

import numpy as np
import pytest

from game.panels.layout import Rect
from game.panels.monitors import Monitors
from tests.panels.scenes import picture
from tests.panels.seen import texts
from tests.panels.stage import Stage

LIVE, REFERENCE = Rect(700, 40, 512, 512), Rect(20, 400, 200, 200)


@pytest.fixture
def monitors(theme) -> Monitors:
    made = Monitors(theme)
    made.place(LIVE, REFERENCE)
    return made


def test_a_picture_of_the_same_size_is_shown_pixel_on_pixel(stage: Stage, monitors: Monitors) -> None:
    texture = picture(512)
    monitors.live(texture)
    drawn = stage.draw()[LIVE.y : LIVE.bottom, LIVE.x : LIVE.right, 0]
    kept = np.frombuffer(texture.get_ram_image(), dtype=np.uint8).reshape(512, 512)[::-1]
    assert np.array_equal(drawn, kept)


def test_the_mouse_is_told_where_on_which_picture(monitors: Monitors) -> None:
    which, u, v = monitors.at(LIVE.x, LIVE.y)
    assert which == "live" and u == pytest.approx(0.5 / 512) and v == pytest.approx(1 - 0.5 / 512)
    which, u, v = monitors.at(REFERENCE.right - 1, REFERENCE.bottom - 1)
    assert which == "reference" and u > 0.99 and v < 0.01
    assert monitors.at(LIVE.x - 1, LIVE.y) is None
    assert monitors.at(LIVE.x, LIVE.y - 5) is None  # on the caption


def test_the_beam_is_told_by_a_lamp_and_a_word(stage: Stage, monitors: Monitors) -> None:
    words = lambda: {text.words for text in texts(monitors.node, stage.parent)}  # noqa: E731
    assert "beam off" in words()
    dark = stage.draw()[LIVE.y - 28 : LIVE.y, LIVE.x : LIVE.right].astype(int)
    monitors.beam(True)
    lit = stage.draw()[LIVE.y - 28 : LIVE.y, LIVE.x : LIVE.right].astype(int)
    assert "X-RAY ON" in words() and "beam off" not in words()
    assert (lit[..., 0] - lit[..., 1]).max() > (dark[..., 0] - dark[..., 1]).max() + 80  # red


def test_without_a_picture_it_says_so(stage: Stage, monitors: Monitors) -> None:
    monitors.live(picture(512))
    words = {text.words for text in texts(monitors.node, stage.parent)}
    assert "No reference stored" in words and "No picture yet" not in words


def test_the_empty_reference_says_what_it_is_told(stage: Stage, monitors: Monitors) -> None:
    monitors.empty("R keeps the held picture here")
    assert "R keeps the held picture here" in " ".join(
        text.words.replace("\n", " ") for text in texts(monitors.node, stage.parent)
    )
