"""The current step, in learn mode: number, title, what to do, and a hint.

In: texts. Out: a card in the layout's place, in the largest type that shows all of it. Nothing takes the mouse.
"""

from typing import Any

from panda3d.core import NodePath

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.theme import Theme


class StepStrip:
    """`place` it, then `show` or `hide`; may be told every frame. `cut`: whether some of the text found no room."""

    def __init__(self, theme: Theme, parent: NodePath | None = None) -> None:
        self.theme = theme
        self.node = shapes.layer(parent or theme.root, "step")
        self.rect: Rect | None = None
        self.told: tuple[str, str, str, str] | None = None
        self.cut = False
        self.words = self.node.attach_new_node("words")

    def place(self, rect: Rect | None) -> None:
        """Where it stands from now on; None: nowhere."""
        self.rect = rect
        self._draw()

    def show(self, number: str, title: str, text: str, hint: str = "") -> None:
        """The step; what to do in one or two sentences; what to look for, or why, the least important lines last."""
        told = (str(number), title, text, hint)
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
        area = Rect(rect.x + pad, rect.y + theme.px(8), rect.w - 2 * pad, rect.h - theme.px(12))
        for pixels in range(theme.type_px(looks.BODY), theme.least_px - 1, -1):
            self.cut = not self._words(area, self.told, pixels)
            if not self.cut:
                return
        number, title, text, hint = self.told
        while "\n" in hint:  # the last lines may be missing, but none ends in the middle
            hint = hint.rpartition("\n")[0]
            if self._words(area, (number, title, text, hint), theme.least_px):
                return

    def _head(self, node: NodePath, area: Rect, number: str, title: str, pixels: int) -> tuple[int, bool]:
        """Number in a badge, title beside it. Returns where they end, and whether all is shown."""
        theme = self.theme
        look: dict[str, Any] = {"pixels": pixels * looks.STRONG // looks.BODY, "bold": True}
        inside = theme.px(9)
        label = theme.label(node, area.x + inside, area.y + theme.px(2), number, colour=looks.ON_ACCENT, **look)
        high = label.leading + theme.px(4)
        wide = max(high, label.rect.w + 2 * inside)
        label.path.detach_node()
        shapes.rounded(node, area.x, area.y, wide, high, high // 2, looks.ACCENT)
        label.path.reparent_to(node)
        label.put(area.x + (wide - label.rect.w) // 2, label.y)
        left = area.x + wide + theme.px(10)
        beside = theme.label(node, left, label.y, title, width=area.right - left, lines=1, **look)
        return area.y + high + theme.px(4), beside.shown == title

    def _words(self, area: Rect, told: tuple[str, str, str, str], pixels: int) -> bool:
        """Head, text and hint in one type size, instead of what was there; whether all of it is shown."""
        self.words.remove_node()
        self.words = node = self.node.attach_new_node("words")
        number, title, text, hint = told
        top, whole = self._head(node, area, number, title, pixels)
        room = (area.bottom - top) // -(-5 * pixels // 4)
        first = self.theme.label(node, area.x, top, text, pixels=pixels, width=area.w, lines=max(1, room))
        whole = whole and first.shown == text
        left = room - first.node.get_num_rows()
        if not hint or left < 1:
            return whole and not hint
        look: dict[str, Any] = {"pixels": pixels, "colour": looks.DIM}
        second = self.theme.label(node, area.x, first.bottom, hint, width=area.w, lines=left, **look)
        return whole and second.shown == hint
