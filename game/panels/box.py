"""A page that lets the work shine through: a card in the middle with a title, words and buttons in rows.

In: a subclass's texts and choices. Out: callbacks. The pause page, questions and choices are such boxes.
"""

from collections.abc import Callable

from game.panels import looks
from game.panels.layout import Rect
from game.panels.page import Page

Choice = tuple[str, str, Callable[[], None]]
"""(name, text, what it does)."""


class Box(Page):
    """Base: says its title, its words, and its choices row by row. The first is the strong one, unless `equal`."""

    ground = looks.VEIL
    title = ""
    words = ""
    wide = 460
    columns = 1
    equal = False

    def choices(self) -> list[Choice]:
        """The buttons."""
        raise NotImplementedError

    def last(self) -> list[Choice]:
        """A button below them over the whole width, or none."""
        return []

    def fill(self) -> None:
        """The card, as high as what is on it."""
        theme = self.theme
        px = theme.px
        w, pad, gap = px(self.wide), px(24), px(10)
        row, inner = theme.line(looks.BODY) + px(18), w - 2 * pad
        choices, last = self.choices(), self.last()
        block = self.root.attach_new_node("words")
        below = theme.label(block, 0, 0, self.title, size=looks.STRONG, bold=True, width=inner).bottom
        if self.words:
            below = theme.label(block, 0, below + px(6), self.words, colour=looks.DIM, width=inner).bottom
        above = -(-len(choices) // self.columns)
        rows = above + len(last)
        h = 2 * pad + below + px(14) + rows * (row + gap) - gap
        x, y = (theme.width - w) // 2, (theme.height - h) // 2
        block.detach_node()
        theme.card(self.root, Rect(x, y, w, h), looks.CARD, looks.EDGE)
        block.reparent_to(self.root)
        block.set_pos(x + pad, 0, -(y + pad))
        top, each = y + pad + below + px(14), (inner - (self.columns - 1) * gap) // self.columns
        for number, (name, text, act) in enumerate(choices):
            down, across = divmod(number, self.columns)
            place = Rect(x + pad + across * (each + gap), top + down * (row + gap), each, row)
            self.button(name, place, text, act, strong=number == 0 and not self.equal)
        for name, text, act in last:
            self.button(name, Rect(x + pad, top + above * (row + gap), inner, row), text, act)
