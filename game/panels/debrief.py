"""What an attempt came to: the score, critical errors, lines with the most points lost first, and what to do instead.

In: a result (game/procedure/score.Result, or anything with its attributes). Out: `report()` opens the full report, `again()`,
`home()`.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from panda3d.core import NodePath

from game.panels import looks
from game.panels.layout import Rect
from game.panels.page import Page
from game.panels.theme import Theme

LOSS = 0.05
"""Smaller losses are rounding and are not told."""


class Line(Protocol):
    """One line of the score."""

    title: str
    points: float
    of: float
    measured: str
    instead: str


class Error(Protocol):
    """One error."""

    text: str
    side: str
    critical: bool
    instead: str


class Result(Protocol):
    """What is shown of a result."""

    score: float
    uncapped: float
    lines: Sequence[Line]
    errors: Sequence[Error]


def points(value: float) -> str:
    """'12' or '12.5'."""
    return f"{value:.1f}".removesuffix(".0")


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The most points lost first; those without loss in their own order behind."""
    return sorted(lines, key=lambda line: -max(line.of - line.points, 0.0))


class DebriefPage(Page):
    """Shown until closed. `passed`: None where it was no exam; `missing`: why there is no report yet, in a few words."""

    def __init__(
        self,
        theme: Theme,
        result: Result,
        report: Callable[[], None],
        again: Callable[[], None],
        home: Callable[[], None],
        *,
        passed: bool | None = None,
        title: str = "Debrief",
    ) -> None:
        self.result, self.report, self.again, self.home = result, report, again, home
        self.passed, self.title = passed, title
        super().__init__(theme)
        self.focus("report")

    def fill(self) -> None:
        """Left: score and errors. Right: lines. Below: what next."""
        theme = self.theme
        px = theme.px
        edge, gap, foot_h = px(40), px(24), px(46)
        foot = theme.height - px(24) - foot_h
        column = px(360)
        top = px(24)
        self._verdict(Rect(edge, top, column, foot - px(16) - top))
        x = edge + column + gap
        right = theme.width - edge
        head = theme.label(self.root, x, top, "Where the points went", size=looks.STRONG, bold=True)
        pager = px(36)
        lines = Rect(x, head.bottom + px(14), right - x, foot - px(16) - head.bottom - px(14))
        self._lines(lines)
        self.pager(right, top - px(4), pager)
        self._foot(edge, right, foot, foot_h)

    def _foot(self, left: int, right: int, y: int, h: int) -> None:
        px = self.theme.px
        self.button("report", Rect(left, y, px(260), h), "Open the report", self.report, strong=True)
        self.button("again", Rect(right - px(376), y, px(180), h), "Do it again", self.again)
        self.button("home", Rect(right - px(180), y, px(180), h), "All cases", self.home)

    def _verdict(self, rect: Rect) -> None:
        theme, result = self.theme, self.result
        px = theme.px
        theme.card(self.root, rect)
        pad = px(20)
        x, wide = rect.x + pad, rect.w - 2 * pad
        y = theme.label(self.root, x, rect.y + px(14), self.title, colour=looks.DIM, width=wide, lines=2).bottom
        number = theme.label(self.root, x, y, points(result.score), size=looks.HUGE, bold=True)
        of = number.y + number.ascent - theme.line(looks.STRONG)
        theme.label(self.root, number.rect.right + px(10), of, "of 100", size=looks.STRONG, colour=looks.DIM)
        y = number.bottom
        if self.passed is not None:
            colour, words = (looks.GOOD, "✓ Passed") if self.passed else (looks.BAD, "✗ Not passed")
            y = theme.label(self.root, x, y, words, size=looks.STRONG, bold=True, colour=colour).bottom
        if result.uncapped - result.score > LOSS:
            words = f"{points(result.uncapped)} without the critical error"
            y = theme.label(self.root, x, y, words, size=looks.SMALL, colour=looks.DIM, width=wide).bottom
        self._errors(Rect(x, y + px(10), wide, rect.bottom - px(12) - y - px(10)))

    def _errors(self, area: Rect) -> None:
        """Critical ones first, each with what to do instead, as many as fit; the rest counted."""
        theme = self.theme
        errors = sorted(self.result.errors, key=lambda error: not error.critical)
        if not errors:
            theme.label(self.root, area.x, area.y, "No errors.", colour=looks.GOOD)
            return
        y, spare = area.y, theme.line(looks.SMALL)
        for number, error in enumerate(errors):
            block, height = self._error(error, area.w)
            last = number == len(errors) - 1
            if y + height + (0 if last else spare) > area.bottom and number:
                block.remove_node()
                more = f"{len(errors) - number} more in the report."
                theme.label(self.root, area.x, y, more, size=looks.SMALL, colour=looks.DIM)
                return
            block.set_pos(area.x, 0, -y)
            y += height + theme.px(8)

    def _error(self, error: Error, wide: int) -> tuple[NodePath, int]:
        theme = self.theme
        block = self.root.attach_new_node("error")
        words, colour = ("Critical: ", looks.BAD) if error.critical else ("Error: ", looks.WARN)
        side = f" ({error.side})" if error.side else ""
        head = theme.label(
            block, 0, 0, words + error.text + side, size=looks.SMALL, bold=True, colour=colour, width=wide, lines=3
        )
        if not error.instead:
            return block, head.bottom
        return block, theme.label(
            block, 0, head.bottom, error.instead, size=looks.SMALL, colour=looks.DIM, width=wide, lines=4
        ).bottom

    def _lines(self, area: Rect) -> None:
        """As many as fit on the sheet that is open."""
        theme = self.theme
        sheet, y = 0, area.y
        for line in in_order(self.result.lines):
            block, height = self._line(line, area.w)
            if y + height > area.bottom and y > area.y:
                sheet, y = sheet + 1, area.y
            if sheet == self.sheet:
                block.set_pos(area.x, 0, -y)
            else:
                block.remove_node()
            y += height + theme.px(8)
        self.sheets = sheet + 1

    def _line(self, line: Line, wide: int) -> tuple[NodePath, int]:
        """A block at the origin, and its height: title, points, what was measured; what to do instead where points went."""
        theme = self.theme
        px = theme.px
        block = self.root.attach_new_node("line")
        lost = line.of - line.points > LOSS
        mark = f"{points(line.points)} / {points(line.of)}"
        earned = theme.label(
            block, wide, 0, mark, size=looks.SMALL, bold=True, colour=looks.WARN if lost else looks.GOOD, align="right"
        )
        bar_w = px(90)
        bar = theme.bar(
            block,
            Rect(wide - px(90) - bar_w, px(3), bar_w, earned.leading - px(6)),
            looks.WARN if lost else looks.GOOD,
        )
        bar.show(line.points / line.of if line.of > 0 else 0.0)
        left = bar.rect.x - px(12)
        sign = "- " if lost else "✓ "
        y = theme.label(block, 0, 0, sign + line.title, size=looks.SMALL, bold=True, width=left, lines=2).bottom
        inner = px(16)
        y = theme.label(
            block, inner, y, line.measured, size=looks.SMALL, colour=looks.DIM, width=left - inner, lines=2
        ).bottom
        if lost and line.instead:
            y = theme.label(
                block, inner, y, "Instead: " + line.instead, size=looks.SMALL, width=wide - inner, lines=3
            ).bottom
        return block, y
