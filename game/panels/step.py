"""The current step, in learn mode: number, title, what to do, its conditions one a line, and why.

In: texts. Out: a card in the layout's place, always in one type size. What does not fit is left out in this order: why, the
conditions that are met (counted instead), the last ones that are open (counted too). Nothing takes the mouse.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from panda3d.core import NodePath

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.theme import Theme

Checks = Sequence[tuple[str, bool]]

TWO_COLUMNS = 700
"""From this width on (at 1280 x 720) conditions stand in two columns; assumed."""

MARKS = {True: "✓", False: "○"}


def shorter(checks: Checks) -> Iterator[Checks]:
    """The conditions, then with ever fewer of them said: first those that are met are only counted, then the last open ones."""
    yield checks
    still = [check for check in checks if not check[1]]
    met = len(checks) - len(still)
    counted = [(f"{met} met", True)] if met else []
    if met > 1:
        yield [*still, *counted]
    for kept in range(len(still) - 1, -1, -1):
        yield [*still[:kept], (f"{len(still) - kept} {'more ' if kept else ''}open", False), *counted]
    yield []


class StepStrip:
    """`place` it, then `show` or `hide`; may be told every frame. `cut`: whether what to do found no room."""

    def __init__(self, theme: Theme, parent: NodePath | None = None) -> None:
        self.theme = theme
        self.node = shapes.layer(parent or theme.root, "step")
        self.rect: Rect | None = None
        self.told: tuple[str, str, str, tuple[tuple[str, bool], ...], str] | None = None
        self.cut = False
        self.words = self.node.attach_new_node("words")

    def place(self, rect: Rect | None) -> None:
        """Where it stands from now on; None: nowhere."""
        self.rect = rect
        self._draw()

    def show(self, number: str, title: str, text: str, checks: Checks = (), why: str = "") -> None:
        """The step; what to do in one or two sentences; its conditions, each met or not; why."""
        told = (str(number), title, text, tuple((str(each), bool(met)) for each, met in checks), why)
        if told != self.told:
            self.told = told
            self._draw()

    def hide(self) -> None:
        """No step is shown."""
        if self.told is not None:
            self.told = None
            self._draw()

    def _draw(self) -> None:
        self.node.node().remove_all_children()
        if self.told is None or self.rect is None:
            return
        theme, rect = self.theme, self.rect
        theme.card(self.node, rect, looks.CARD, looks.EDGE)
        pad = theme.px(10)
        area = Rect(rect.x + pad, rect.y + theme.px(7), rect.w - 2 * pad, rect.h - theme.px(9))
        number, title, text, checks, why = self.told
        top = self._head(area, number, title)
        below = Rect(area.x, top, area.w, area.bottom - top)
        self.cut = False
        if why and self._body(below, text, checks, why):
            return
        for fewer in shorter(checks):
            if self._body(below, text, fewer, ""):
                return
        self.cut = True

    def _head(self, area: Rect, number: str, title: str) -> int:
        """Number in a badge, title beside it, smaller where it is long; where they end."""
        theme = self.theme
        inside = theme.px(9)
        label = theme.label(
            self.node, area.x + inside, area.y + theme.px(1), number, size=looks.BODY, bold=True, colour=looks.ON_ACCENT
        )
        high = label.leading + theme.px(2)
        wide = max(high, label.rect.w + 2 * inside)
        label.path.detach_node()
        shapes.rounded(self.node, area.x, area.y, wide, high, high // 2, looks.ACCENT)
        label.path.reparent_to(self.node)
        label.put(area.x + (wide - label.rect.w) // 2, label.y)
        left = area.x + wide + theme.px(10)
        for pixels in range(label.pixels, theme.least_px - 1, -1):
            look: dict[str, Any] = {"pixels": pixels, "bold": True, "width": area.right - left, "lines": 1}
            if theme.label(NodePath("probe"), 0, 0, title, **look).shown == title:
                break
        lead = -(-5 * pixels // 4)
        theme.label(self.node, left, area.y + (high - lead) // 2, title, **look)
        return area.y + high + theme.px(3)

    def _body(self, area: Rect, text: str, checks: Checks, why: str) -> bool:
        """What to do, conditions and why, instead of what was there; whether all of it is shown."""
        theme = self.theme
        self.words.remove_node()
        self.words = node = self.node.attach_new_node("words")
        pixels = theme.type_px(looks.SMALL)
        room = max(1, area.h // -(-5 * pixels // 4))
        first = theme.label(node, area.x, area.y, text, pixels=pixels, width=area.w, lines=room)
        whole = first.shown == text
        bottom = self._checks(node, Rect(area.x, first.bottom, area.w, 0), checks, pixels)
        if why:
            look: dict[str, Any] = {"pixels": pixels, "colour": looks.DIM, "width": area.w}
            bottom = theme.label(node, area.x, bottom, why, **look).bottom
        return whole and bottom <= area.bottom

    def _checks(self, node: NodePath, area: Rect, checks: Checks, pixels: int) -> int:
        """A mark and its condition a line, in two columns where it is wide; where they end."""
        theme = self.theme
        columns = 2 if area.w >= theme.px(TWO_COLUMNS) and len(checks) > 1 else 1
        rows = -(-len(checks) // columns)
        each = area.w // columns
        end = area.y
        indent = pixels + theme.px(6)
        for column in range(columns):
            x, y = area.x + column * each, area.y
            for text, met in checks[column * rows : (column + 1) * rows]:
                colour = looks.GOOD if met else looks.DIM
                theme.label(node, x, y, MARKS[met], pixels=pixels, colour=colour)
                width = each - indent - theme.px(8)
                y = theme.label(node, x + indent, y, text, pixels=pixels, colour=colour, width=width).bottom
            end = max(end, y)
        return end
