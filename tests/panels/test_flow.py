"""Loading, messages, pause, questions, debrief, step: what they say and whom they call."""

from itertools import pairwise

import pytest

from game.panels.choice import ChoicePage
from game.panels.debrief import DebriefPage, in_order
from game.panels.layout import Rect
from game.panels.loading import LoadingPage
from game.panels.message import Confirm, Message, PausePage
from game.panels.step import StepStrip
from tests.panels.scenes import nothing, result, theme_on
from tests.panels.seen import texts
from tests.panels.stage import Stage


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(stage: Stage, clock: Clock):
    theme = theme_on(stage, now=clock)
    yield theme
    theme.close()


def words(root, stage: Stage) -> str:
    return " | ".join(text.words for text in texts(root, stage.parent))


def test_loading_says_how_far_and_how_long(timed, clock: Clock, stage: Stage) -> None:
    page = LoadingPage(timed)
    clock.now += 7.2
    page.tell(0.42, "Distance grids")
    assert "42 %  ·  7 s" in words(page.root, stage) and "Distance grids" in words(page.root, stage)
    assert page.bar.shown == (0, round(0.42 * page.bar.inner.w))


def test_loading_moves_where_nobody_knows_how_long(timed, clock: Clock, stage: Stage) -> None:
    page = LoadingPage(timed)
    page.tell(None, "Reading")
    seen = set()
    for _ in range(8):
        clock.now += 0.2
        timed.base.taskMgr.step()
        seen.add(page.bar.shown)
    assert len(seen) > 5
    assert "%" not in words(page.root, stage)


def test_a_line_goes_after_its_time_and_errors_stay_longer(timed, clock: Clock, stage: Stage) -> None:
    message = Message(timed)
    left = {}
    for kind in ("notice", "error"):
        message.tell("Something", kind)
        began = clock.now
        while message.node is not None:
            clock.now += 0.1
            timed.base.taskMgr.step()
        left[kind] = clock.now - began
    assert 3.0 < left["notice"] < left["error"] < 15.0


def test_an_error_is_marked_by_more_than_its_colour(timed, stage: Stage) -> None:
    message = Message(timed)
    message.tell("No file", "error")
    assert "⚠ No file" in words(timed.over, stage)


def test_pause_calls_what_is_chosen_and_escape_goes_on(theme) -> None:
    calls: list[str] = []
    page = PausePage(theme, *(lambda name=name: calls.append(name) for name in ("on", "keys", "set", "end", "leave")))
    for name in ("keys", "settings", "finish", "leave"):
        page.buttons[name].press()
    theme._key("escape")
    theme._key("enter")
    assert calls == ["keys", "set", "end", "leave", "on", "on"]


def test_a_dangerous_question_is_no_by_return_alone(theme) -> None:
    calls: list[str] = []
    Confirm(theme, "Sure?", lambda: calls.append("yes"), lambda: calls.append("no"), danger=True)
    theme._key("enter")
    assert calls == ["no"] and theme.page is None
    Confirm(theme, "Sure?", lambda: calls.append("yes"), lambda: calls.append("no"))
    theme._key("enter")
    assert calls == ["no", "yes"]


def test_one_of_several_is_told_once_and_escape_is_none(theme) -> None:
    calls: list[str] = []
    answers = [(level, level) for level in ("T12", "L1", "L2")]
    ChoicePage(theme, "Which?", "As counted.", answers, calls.append, columns=3)
    theme._key("arrow_right")
    theme._key("enter")
    assert calls == ["L1"] and theme.page is None
    ChoicePage(theme, "Which?", "As counted.", answers, calls.append)
    theme._key("escape")
    assert theme.page is None
    ChoicePage(theme, "Which?", "As counted.", answers, calls.append).buttons["cancel"].press()
    assert calls == ["L1"] and theme.page is None


def test_the_line_that_cost_most_comes_first() -> None:
    lines = in_order(result().lines)
    lost = [line.of - line.points for line in lines]
    assert lost == sorted(lost, reverse=True)
    whole = [line.title for line in lines if line.of == line.points]
    assert whole == [line.title for line in result().lines if line.of == line.points]


def test_the_debrief_says_score_verdict_errors_and_what_to_do_instead(theme, stage: Stage) -> None:
    page = DebriefPage(theme, result(), nothing, nothing, nothing, passed=False)
    said = words(page.root, stage)
    for part in ("40", "Not passed", "Critical: the tip broke", "without the critical error", "Instead: "):
        assert part in said
    page.close()
    assert "assed" not in words(DebriefPage(theme, result(), nothing, nothing, nothing).root, stage)


def test_every_line_of_the_score_is_on_some_sheet(theme, stage: Stage) -> None:
    page = DebriefPage(theme, result(), nothing, nothing, nothing)
    said = words(page.root, stage)
    for _ in range(page.sheets):
        theme._key("page_down")
        said += words(page.root, stage)
    assert page.sheets > 1
    assert not [line.title for line in result().lines if line.title not in said]


CHECKS = [("superior end plate sharp", True), ("spinous process in the middle", True), ("level counted", False)]


def test_conditions_stand_one_a_line_behind_their_mark(theme, stage: Stage) -> None:
    strip = StepStrip(theme)
    strip.place(Rect(0, 0, 500, 182))
    strip.show("2", "Short", "Take a picture.", CHECKS, "Why not.")
    found = {text.words: text.rect for text in texts(strip.node, stage.parent)}
    rows = [found[text].y for text, _ in CHECKS]
    assert rows == sorted(rows) and min(b - a for a, b in pairwise(rows)) >= 15
    assert len([text for text in texts(strip.node, stage.parent) if text.words == "✓"]) == 2
    assert "Why not." in found


def test_the_step_keeps_its_type_size_and_leaves_out_why_then_what_is_met(theme, stage: Stage) -> None:
    strip = StepStrip(theme)
    strip.place(Rect(0, 0, 500, 130))
    strip.show("2", "Short", "Take a picture.", CHECKS[2:], "Why not.")
    before = {text.pixels for text in texts(strip.node, stage.parent)}
    strip.show("2", "Longer", "Take a picture of the patient, and look. ", CHECKS, "Why not. " * 9)
    said = words(strip.node, stage)
    assert "Why" not in said and all(text in said for text, _ in CHECKS)
    strip.show("2", "Longer", "Take a picture of the patient, and look. " * 2, CHECKS, "Why not.")
    said = words(strip.node, stage)
    assert "2 met" in said and "level counted" in said and not strip.cut
    assert {text.pixels for text in texts(strip.node, stage.parent)} == before
    strip.show("2", "Far too long", "Take a picture. " * 60)
    assert strip.cut
    strip.hide()
    assert not texts(strip.node, stage.parent)
