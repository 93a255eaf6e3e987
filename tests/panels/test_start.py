"""The start page and what every page has: mouse-free choosing."""

import pytest

from game.panels.layout import Rect
from game.panels.page import neighbour
from game.panels.settings import SettingsPage, usual
from game.panels.start import StartPage, difficulty_text, task_text
from tests.panels.scenes import CARDS, MODES, Card, nothing


@pytest.fixture
def calls() -> list:
    return []


@pytest.fixture
def page(theme, calls: list) -> StartPage:
    cards = [*CARDS, Card("second", "Second", 3, "Harder.", "T12", ("left", "right"))]
    return StartPage(
        theme,
        cards,
        MODES,
        lambda card, mode: calls.append((card, mode)),
        lambda: calls.append("settings"),
        lambda: calls.append("quit"),
    )


def keys(page: StartPage, *names: str) -> None:
    for name in names:
        page.theme._key(name)


def test_return_alone_starts_the_first_case(page: StartPage, calls: list) -> None:
    keys(page, "enter")
    assert calls == [("first-case", "learn")]


def test_arrows_and_return_choose_another_case_and_mode(page: StartPage, calls: list) -> None:
    keys(page, "arrow_up")
    assert page.focused == "mode:exam"
    keys(page, "enter", "arrow_up")
    assert page.focused == "card:second"
    keys(page, "enter", "tab", "tab", "tab", "tab", "enter")
    assert calls == [("second", "exam")]


def test_a_case_whose_data_is_missing_cannot_be_chosen_and_says_why(page: StartPage, stage) -> None:
    from tests.panels.seen import texts

    assert "card:real-l1" not in page.places()
    page.buttons["card:real-l1"].press()
    assert page.chosen == "first-case"
    assert any("is nowhere" in text.words for text in texts(page.root, stage.parent))


def test_without_any_case_start_is_off(theme, calls: list) -> None:
    page = StartPage(theme, [CARDS[1]], MODES, nothing, nothing, lambda: calls.append("quit"))
    assert "start" not in page.places()
    keys(page, "enter")
    assert calls == ["quit"]


def test_a_mouse_click_on_a_button_is_its_command(page: StartPage, calls: list) -> None:
    page.buttons["settings"].gui.commandFunc(None)
    assert calls == ["settings"]


def test_the_keyboard_talks_to_the_page_on_top(page: StartPage, calls: list) -> None:
    def back() -> None:
        top.close()

    top = SettingsPage(page.theme, usual(1.0, "hold"), lambda *change: calls.append(change), nothing, back)
    keys(page, "arrow_right", "enter")
    assert calls == [("text_scale", 1.15)]
    keys(page, "escape", "enter")
    assert calls[1:] == [("first-case", "learn")]


def test_more_cases_than_fit_go_to_further_sheets(theme) -> None:
    cards = [Card(f"case-{i}", f"Case {i}", 1, "Brief.", "L1", ("left",)) for i in range(7)]
    page = StartPage(theme, cards, MODES, nothing, nothing, nothing)
    assert "card:case-2" in page.places() and "card:case-3" not in page.places()
    keys(page, "page_down", "page_down", "page_down")
    assert "card:case-6" in page.places() and "later" not in page.places()


def test_difficulty_and_task_are_said_in_words() -> None:
    assert difficulty_text(1) == "●○○ basic"
    assert difficulty_text(9) == "●●● advanced"
    assert task_text(CARDS[0]) == "L2 from the left"
    assert task_text(CARDS[1]) == "L1 from both sides"


def test_an_arrow_goes_to_the_nearest_in_its_row_first() -> None:
    rects = [Rect(0, 0, 10, 10), Rect(100, 0, 10, 10), Rect(20, 40, 10, 10)]
    assert neighbour(rects, 0, (1, 0)) == 1
    assert neighbour(rects, 0, (0, 1)) == 2
    assert neighbour(rects, 0, (-1, 0)) == 0
    assert neighbour(rects, 2, (0, -1)) in (0, 1)
