"""Text and scale: what is drawn is what the font says, to the pixel."""

import numpy as np
import pytest

from game.panels import looks
from game.panels.settings import SettingsPage, usual
from game.panels.theme import SCALES
from tests.panels.scenes import theme_on
from tests.panels.seen import texts
from tests.panels.stage import Stage


def test_a_letter_stands_on_whole_pixels(stage: Stage, theme) -> None:
    label = theme.label(theme.root, 100, 200, "H", bold=True, colour=(1.0, 1.0, 1.0, 1.0))
    grey = stage.draw()[195:230, 95:125, 0].astype(int)
    ink = grey - 51 > 8  # the stage's own ground is 51
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    high = rows[-1] - rows[0] + 1
    assert high == pytest.approx(0.729 * label.pixels, abs=1.0)  # DejaVu Sans: cap height 0.729 em
    assert grey[rows[0], columns[0] + 1] == grey[rows[-1], columns[0] + 1] == 255  # no edge is blurred
    assert rows[0] + 195 >= 200 and rows[-1] + 195 < label.bottom
    assert columns[0] + 95 in (100, 101, 102)


@pytest.mark.parametrize("size", [15, 17, 20, 23, 45])
def test_every_word_of_a_line_stands_on_whole_pixels(stage: Stage, theme, size: int) -> None:
    theme.label(theme.root, 40, 100, " ".join(["oHo"] * 9), pixels=size)
    grey = stage.draw()[95:180, 20:1260, 0].astype(int)
    theme.root.find("**/+TextNode").remove_node()
    theme.label(theme.root, 40, 100, "oHo", pixels=size)
    word = stage.draw()[95:180, 20:1260, 0].astype(int)
    columns = np.flatnonzero((word != 51).any(axis=0))
    word = word[:, columns[0] : columns[-1] + 1]
    wide = word.shape[1]
    found = [x for x in range(grey.shape[1] - wide) if np.array_equal(grey[:, x : x + wide], word)]
    assert len(found) == 9  # the same pixels each time


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("width", "height"), [(1024, 600), (1280, 720), (3840, 2160)])
def test_no_type_is_smaller_than_the_least(stage: Stage, width: int, height: int, scale: float) -> None:
    theme = theme_on(stage, text_scale=scale)
    theme.width, theme.height = width, height
    assert theme.type_px(looks.SMALL) >= looks.LEAST
    assert theme.type_px(looks.BODY) >= looks.BODY * theme.unit * scale - 0.5
    theme.close()


def test_type_grows_with_the_window(stage: Stage) -> None:
    theme = theme_on(stage)
    theme.width, theme.height = 3840, 2160
    assert theme.type_px(looks.BODY) == 3 * looks.BODY
    theme.close()


def test_text_that_does_not_fit_ends_with_an_ellipsis(theme) -> None:
    label = theme.label(theme.root, 0, 0, "one two three four five six seven eight nine ten", width=120, lines=2)
    assert label.shown.endswith("…") and label.node.get_num_rows() == 2
    label.set("short")
    assert label.shown == "short"


def test_a_label_that_is_told_the_same_does_nothing(theme) -> None:
    label = theme.label(theme.root, 0, 0, "12.3 N")
    label.path.set_x(77.0)
    label.set("12.3 N")
    assert label.path.get_x() == 77.0  # not laid out again
    label.set("12.4 N")
    assert label.path.get_x() != 77.0


def test_a_resized_window_draws_open_pages_anew(stage: Stage, theme) -> None:
    from tests.panels.scenes import SCENES

    page = SCENES["start"](theme)
    before = page.places()["start"]
    theme.resized(1600, 900)
    after = page.places()["start"]
    assert after[0] > before[0] and after[1] > before[1]


def test_too_small_a_window_says_so_in_one_line_and_a_larger_one_no_more(theme, stage) -> None:
    theme.resized(700, 500)
    assert any(text.words.startswith("Make the window larger") for text in texts(theme.root, stage.parent))
    theme.resized(1280, 720)
    assert not texts(theme.root, stage.parent)


def test_choosing_a_size_of_text_moves_no_button_of_the_settings(theme) -> None:
    page = SettingsPage(theme, usual(1.0, "hold"), lambda *_: None, lambda: None, lambda: None)
    before = page.places()
    theme.scaled(1.3)
    assert page.places() == before
