"""The first page: which case, in which mode.

In: cards and modes as plain data; what to call. Out: `start(card id, mode id)`, `settings()`, `quit()`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from panda3d.core import NodePath, Texture

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.page import Page
from game.panels.theme import Theme
from game.panels.widgets import Button

NOTICE = "Simulated. A training aid, not a medical device."

BESIDE = 1.3
"""A card this much wider than high has its picture at the left of its words; assumed."""

HARDEST = 3
"""Difficulties go from 1 to this."""

WORDS = {1: "basic", 2: "intermediate", 3: "advanced"}


@dataclass(frozen=True)
class Card:
    """One case to choose."""

    id: str
    title: str
    difficulty: int  # 1 .. HARDEST
    brief: str
    target: str  # "L2"
    sides: tuple[str, ...]  # "left", "right"
    thumbnail: Texture | None = None
    missing: str | None = None  # why it cannot be chosen


@dataclass(frozen=True)
class Mode:
    """One way to do it."""

    id: str  # "learn"
    title: str
    line: str  # what is different in it


def difficulty_text(difficulty: int) -> str:
    """'●○○ basic'."""
    filled = min(max(difficulty, 1), HARDEST)
    return "●" * filled + "○" * (HARDEST - filled) + f" {WORDS[filled]}"


def task_text(card: Card) -> str:
    """'L2 from the left', 'L1 from both sides'."""
    return f"{card.target} from " + ("both sides" if len(card.sides) > 1 else f"the {card.sides[0]}")


class StartPage(Page):
    """Shown until closed; `chosen` and `mode` are ids."""

    def __init__(
        self,
        theme: Theme,
        cards: Sequence[Card],
        modes: Sequence[Mode],
        start: Callable[[str, str], None],
        settings: Callable[[], None],
        quit: Callable[[], None],
    ) -> None:
        self.cards, self.modes = tuple(cards), tuple(modes)
        self.start, self.settings, self.quit = start, settings, quit
        self.chosen = next((card.id for card in self.cards if card.missing is None), None)
        self.mode = self.modes[0].id
        super().__init__(theme)
        self.focus("start" if self.chosen else "quit")

    def fill(self) -> None:
        """Head, cards, modes, foot."""
        theme = self.theme
        px = theme.px
        edge, gap = px(40), px(16)
        wide = theme.width - 2 * edge
        top = self._head(edge)
        foot = theme.height - px(28) - px(48)
        each = (wide - gap * (len(self.modes) - 1)) // len(self.modes)
        lines = self._mode_lines(each)
        modes_h = px(20) + theme.line(looks.STRONG) + lines * theme.line(looks.SMALL)
        modes_y = foot - px(20) - modes_h
        self._cards(Rect(edge, top, wide, modes_y - theme.line(looks.BODY) - px(24) - top), gap)
        theme.label(self.root, edge, modes_y - theme.line(looks.BODY) - px(6), "How", colour=looks.DIM)
        for number, mode in enumerate(self.modes):
            self._mode(mode, Rect(edge + number * (each + gap), modes_y, each, modes_h), lines)
        line = theme.line(looks.SMALL)
        theme.label(self.root, edge, foot + (px(48) - line) // 2, NOTICE, size=looks.SMALL, colour=looks.DIM)
        begin = Rect(theme.width - edge - px(220), foot, px(220), px(48))
        self.button("start", begin, "Start", self._start, strong=True, size=looks.STRONG, enabled=bool(self.chosen))

    def _head(self, edge: int) -> int:
        theme = self.theme
        px = theme.px
        title = theme.label(self.root, edge, px(20), "Pedicle", size=looks.TITLE, bold=True)
        beside = title.rect.right + px(16)
        theme.label(
            self.root,
            beside,
            title.y + title.ascent - round(0.93 * theme.type_px(looks.BODY)) - px(2),
            "vertebroplasty trainer",
            colour=looks.DIM,
        )
        w, h = px(130), px(38)
        right = theme.width - edge
        self.button("settings", Rect(right - 2 * w - px(12), px(22), w, h), "Settings", self.settings)
        self.button("quit", Rect(right - w, px(22), w, h), "Quit", self.quit)
        top = title.bottom + px(12)
        choose = theme.label(self.root, edge, top, "Case", colour=looks.DIM)
        return choose.bottom + px(4)

    def _cards(self, area: Rect, gap: int) -> None:
        columns = min(3, max(2, len(self.cards)))
        self.sheets = max(1, -(-len(self.cards) // columns))
        self.sheet = min(self.sheet, self.sheets - 1)
        px = self.theme.px
        self.pager(area.right - 2 * px(130) - px(40), px(22), px(38))  # beside Settings and Quit
        each = (area.w - gap * (columns - 1)) // columns
        first = self.sheet * columns
        for number, card in enumerate(self.cards[first : first + columns]):
            self._card(card, Rect(area.x + number * (each + gap), area.y, each, area.h))

    def _card(self, card: Card, rect: Rect) -> None:
        theme = self.theme
        px = theme.px
        chosen = card.id == self.chosen
        button = self.button(
            f"card:{card.id}", rect, "", lambda: self._choose(card.id), enabled=card.missing is None, chosen=chosen
        )
        pad = px(14)
        if rect.w > BESIDE * rect.h:
            side = min(rect.h - 2 * pad, rect.w // 2)
            top = (rect.h - side) // 2
            self._thumbnail(button, card, Rect(pad, top, side, side))
            left = pad + side + px(14)
            words = button.gui.attach_new_node("words")
            self._card_words(words, card, rect.w - left - pad, chosen, rect.h - top - pad)
            words.set_pos(left, 0, -top)
            return
        words = button.gui.attach_new_node("words")
        text = self._card_words(words, card, rect.w - 2 * pad, chosen)
        most = rect.h - 2 * pad - px(8)
        picture = max(most // 4, min(rect.h * 52 // 100, most - text))
        self._thumbnail(button, card, Rect(pad, pad, rect.w - 2 * pad, picture))
        words.remove_node()
        words = button.gui.attach_new_node("words")
        self._card_words(words, card, rect.w - 2 * pad, chosen, most - picture)
        words.set_pos(pad, 0, -(pad + picture + px(8)))

    def _card_words(self, node: NodePath, card: Card, wide: int, chosen: bool, high: int | None = None) -> int:
        """What a card says, cut to `high` pixels; its height."""
        theme = self.theme
        px = theme.px
        here = card.missing is None
        ink, accent, dim = (looks.TEXT, looks.ACCENT, looks.DIM) if here else (looks.FAINT,) * 3
        title = ("◉ " if chosen else "○ ") + card.title
        y = theme.label(node, 0, 0, title, size=looks.STRONG, bold=True, colour=ink, width=wide, lines=2).bottom + px(2)
        small: dict[str, Any] = {"size": looks.SMALL, "width": wide}
        facts = [task_text(card), difficulty_text(card.difficulty)]
        narrow = theme.label(NodePath("probe"), 0, 0, "  ·  ".join(facts), size=looks.SMALL).rect.w > wide
        y = theme.label(
            node, 0, y, ("\n" if narrow else "  ·  ").join(facts), colour=accent, lines=2, **small
        ).bottom + px(6)
        if not here:
            words = f"Not available: {card.missing}"
            y = theme.label(node, 0, y, words, colour=looks.WARN, lines=4 if high is None else 6, **small).bottom
        lines = 20 if high is None else (high - y) // theme.line(looks.SMALL)
        return theme.label(node, 0, y, card.brief, colour=dim, lines=lines, **small).bottom if lines > 0 else y

    def _thumbnail(self, button: Button, card: Card, rect: Rect) -> None:
        """The case's picture, square, in the middle; without one, its level in large letters."""
        theme = self.theme
        theme.card(button.gui, rect, looks.SUNK, looks.SUNK)
        if card.thumbnail is None:
            line = theme.line(looks.HUGE)
            y = rect.y + (rect.h - line) // 2
            theme.label(
                button.gui,
                rect.centre[0],
                y,
                card.target,
                size=looks.HUGE,
                bold=True,
                colour=looks.EDGE,
                align="centre",
            )
            return
        side = rect.h
        shapes.picture(button.gui, rect.centre[0] - side // 2, rect.y, side, side, card.thumbnail)

    def _mode_lines(self, wide: int) -> int:
        """Lines that the modes' words need, at most 3."""
        probe, inner = NodePath("probe"), wide - 2 * self.theme.px(14)
        texts = [self.theme.label(probe, 0, 0, mode.line, size=looks.SMALL, width=inner) for mode in self.modes]
        return min(3, max(text.node.get_num_rows() for text in texts))

    def _mode(self, mode: Mode, rect: Rect, lines: int) -> None:
        theme = self.theme
        chosen = mode.id == self.mode
        button = self.button(f"mode:{mode.id}", rect, "", lambda: self._switch(mode.id), chosen=chosen)
        pad = theme.px(14)
        wide = rect.w - 2 * pad
        mark = "◉ " if chosen else "○ "
        title = theme.label(
            button.gui, pad, theme.px(8), mark + mode.title, size=looks.STRONG, bold=True, width=wide, lines=1
        )
        theme.label(
            button.gui,
            pad,
            title.bottom + theme.px(2),
            mode.line,
            size=looks.SMALL,
            colour=looks.DIM,
            width=wide,
            lines=lines,
        )

    def _choose(self, card: str) -> None:
        self.chosen = card
        self.rebuild()

    def _switch(self, mode: str) -> None:
        self.mode = mode
        self.rebuild()

    def _start(self) -> None:
        if self.chosen is not None:
            self.start(self.chosen, self.mode)
