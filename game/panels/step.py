"""The current step, in learn mode: number, title, what to do, and a hint.

In: texts. Out: a card in the layout's place. Nothing takes the mouse.
"""

from panda3d.core import NodePath

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.theme import Theme


class StepStrip:
    """`place` it, then `show` or `hide`; may be told every frame."""

    def __init__(self, theme: Theme, parent: NodePath | None = None) -> None:
        self.theme = theme
        self.node = shapes.layer(parent or theme.root, "step")
        self.rect: Rect | None = None
        self.told: tuple[str, str, str, str] | None = None
        self.cut = False

    def place(self, rect: Rect) -> None:
        """Where it stands from now on."""
        self.rect = rect
        self._draw()

    def show(self, number: str, title: str, text: str, hint: str = "") -> None:
        """The step; what to do in one or two sentences; what to look for, or why."""
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
        number, title, text, hint = self.told
        pad = theme.px(10)
        theme.card(self.node, rect, looks.CARD, looks.EDGE)
        size = theme.line(looks.STRONG) + theme.px(6)
        wide = max(size, theme.label(self.node, 0, 0, number, size=looks.STRONG, bold=True).rect.w + theme.px(18))
        self.node.get_children()[-1].remove_node()
        x, y = rect.x + pad, rect.y + theme.px(8)
        shapes.rounded(self.node, x, y, wide, size, size // 2, looks.ACCENT)
        theme.label(
            self.node,
            x + wide // 2,
            y + theme.px(3),
            number,
            size=looks.STRONG,
            bold=True,
            colour=looks.ON_ACCENT,
            align="centre",
        )
        left = x + wide + theme.px(10)
        theme.label(
            self.node,
            left,
            y + theme.px(3),
            title,
            size=looks.STRONG,
            bold=True,
            width=rect.right - pad - left,
            lines=1,
        )
        top, full = y + size + theme.px(5), rect.w - 2 * pad
        room = (rect.bottom - theme.px(4) - top) // theme.line(looks.SMALL)
        first = theme.label(self.node, x, top, text, size=looks.SMALL, width=full, lines=max(1, room))
        left_over = room - first.node.get_num_rows()
        self.cut = first.shown != text or bool(hint and left_over < 1)
        if hint and left_over > 0:
            second = theme.label(
                self.node, x, first.bottom, hint, size=looks.SMALL, colour=looks.DIM, width=full, lines=left_over
            )
            self.cut = self.cut or second.shown != hint
