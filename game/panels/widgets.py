"""What pages are made of: text, buttons, bars, cards. In pixels; every one is told where it stands.

In: a Theme (fonts, scale), a parent whose unit is one pixel. Out: things with `rect` and, where they can be changed, a setter
that does nothing when nothing changed, so that they may be told every frame.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from direct.gui.DirectButton import DirectButton
from direct.gui.DirectGuiGlobals import DISABLED, NORMAL
from panda3d.core import NodePath, TextNode

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.looks import Colour

if TYPE_CHECKING:
    from game.panels.theme import Theme

ALIGNMENTS = {"left": 0.0, "centre": 0.5, "right": 1.0}
ELLIPSIS = "…"

OFF = 0.75
"""Panda3D draws a glyph with its texture margin (1) to the right and below and half a texel off (Panda3D 1.10.16, seen on
the pixels: tests/panels/test_theme.py). A quarter of a pixel more keeps clear of both edges."""


class Label:
    """Text at (x, y), the upper left corner (or the upper middle, or upper right, by `align`) of its first line.

    With `width` it is wrapped; with `lines` too, it is cut after so many lines and ends with an ellipsis. `size` is of the
    drawing; `pixels`, where given, is the type size as it is.
    """

    def __init__(
        self,
        theme: "Theme",
        parent: NodePath,
        x: int,
        y: int,
        text: str,
        *,
        size: int = looks.BODY,
        colour: Colour = looks.TEXT,
        bold: bool = False,
        width: int | None = None,
        lines: int | None = None,
        align: str = "left",
        pixels: int | None = None,
    ) -> None:
        self.pixels = pixels or theme.type_px(size)
        self.x, self.y, self.width, self.lines, self.share = x, y, width, lines, ALIGNMENTS[align]
        self.node = TextNode("label")
        font = theme.font(self.pixels, bold)
        self.node.set_font(font)
        self.leading = round(font.get_line_height() * self.pixels)
        self.ascent = round(0.93 * self.pixels) + (self.leading - round(1.165 * self.pixels)) // 2  # DejaVu's ascender
        self.path = parent.attach_new_node(self.node)
        self.path.set_scale(self.pixels)
        self.text, self.colour = "", colour
        self.node.set_text_color(*colour)
        if width is not None and lines != 1:
            self.node.set_wordwrap(width / self.pixels)
        self.set(text)

    def set(self, text: str, colour: Colour | None = None) -> None:
        """Another text, another colour."""
        if colour is not None and colour != self.colour:
            self.colour = colour
            self.node.set_text_color(*colour)
        if text != self.text:
            self.text = text
            self.node.set_text(text)
            self._cut()
            self.put(self.rect.x, self.y)

    def put(self, x: int, y: int) -> None:
        """Its upper left corner, so that every pixel shows one texel of the font's page."""
        self.path.set_pos(x - OFF, 0, -(y + self.ascent - OFF))

    def _cut(self) -> None:
        """Leaves out words at the end until it fits."""
        text = self.text
        while self.lines is not None and self.width is not None and self._over() and text:
            text = text[:-1].rstrip()
            self.node.set_text(text + ELLIPSIS)

    def _over(self) -> bool:
        assert self.lines is not None and self.width is not None
        return self.node.get_num_rows() > self.lines or self.node.get_width() * self.pixels > self.width + 1

    @property
    def shown(self) -> str:
        """The text as it stands there, perhaps cut."""
        return str(self.node.get_text())

    @property
    def rect(self) -> Rect:
        """Where its lines stand."""
        # Panda3D 1.10.16 leaves the width of no text at all uninitialised: NaN has been seen.
        width = round(self.node.get_width() * self.pixels) if self.text else 0
        height = self.leading * max(1, self.node.get_num_rows())
        return Rect(self.x - round(self.share * width), self.y, width, height)

    @property
    def bottom(self) -> int:
        """Where the next thing may begin."""
        return self.rect.bottom


class Button:
    """A DirectButton: mouse by itself, keyboard by its page (`focus`, `press`)."""

    def __init__(
        self,
        theme: "Theme",
        parent: NodePath,
        rect: Rect,
        text: str,
        press: Callable[[], Any],
        *,
        enabled: bool = True,
        strong: bool = False,
        chosen: bool = False,
        size: int = looks.BODY,
        align: str = "centre",
    ) -> None:
        self.rect, self.action, self.enabled, self.theme = rect, press, enabled, theme
        line, radius = max(1, theme.px(1)), theme.px(looks.RADIUS)
        ring = theme.px(2) + 1
        around = Rect(rect.x - ring, rect.y - ring, rect.w + 2 * ring, rect.h + 2 * ring)
        self.ring = shapes.rounded(
            parent, around.x, around.y, around.w, around.h, radius + ring, looks.FOCUS, hollow=True
        )
        self.ring.hide()
        grounds = _grounds(strong, chosen)
        edge = looks.ACCENT if strong or chosen else looks.EDGE if enabled else looks.RAISED
        faces = []
        for ground in grounds:
            holder = NodePath("face")
            width = 2 * line if chosen else line
            faces.append(shapes.bordered(holder, 0, 0, rect.w, rect.h, radius, ground, edge, width))
        self.gui = DirectButton(
            parent=parent,
            relief=None,
            geom=tuple(faces),
            frameSize=(0, rect.w, -rect.h, 0),
            pressEffect=0,
            command=press,
            rolloverSound=None,
            clickSound=None,
            state=NORMAL if enabled else DISABLED,
        )
        self.gui.set_pos(rect.x, 0, -rect.y)
        if text:
            colour = (looks.ON_ACCENT if strong else looks.TEXT) if enabled else looks.FAINT
            self.label(text, size, colour, strong, align)

    def label(self, text: str, size: int, colour: Colour, bold: bool, align: str) -> Label:
        """Its words, in the middle of its height."""
        pad = self.theme.px(12)
        x = {"left": pad, "centre": self.rect.w // 2, "right": self.rect.w - pad}[align]
        width = self.rect.w - 2 * pad
        made = Label(
            self.theme, self.gui, x, 0, text, size=size, colour=colour, bold=bold, width=width, lines=1, align=align
        )
        made.y = (self.rect.h - made.leading) // 2
        made.put(made.rect.x, made.y)
        return made

    def focus(self, on: bool) -> None:
        """A ring about it: the one that Return presses."""
        (self.ring.show if on else self.ring.hide)()

    def press(self) -> None:
        """As if clicked."""
        if self.enabled:
            self.action()


def _grounds(strong: bool, chosen: bool) -> tuple[Colour, Colour, Colour, Colour]:
    """Of a button: at rest, pressed, under the mouse, not to be chosen."""
    if strong:
        return looks.ACCENT, looks.ACCENT_HOVER, looks.ACCENT_HOVER, looks.PRESSED
    return looks.CHOSEN if chosen else looks.RAISED, looks.PRESSED, looks.HOVER, looks.PRESSED


class Bar:
    """How much of something: `show(share)` from 0 to 1; `mark(share)` a thin line on it."""

    def __init__(self, theme: "Theme", parent: NodePath, rect: Rect, colour: Colour = looks.ACCENT) -> None:
        self.rect, self.line = rect, max(1, theme.px(1))
        inner = rect.inset(2 * self.line)
        shapes.bordered(parent, rect.x, rect.y, rect.w, rect.h, theme.px(4), looks.SUNK, looks.EDGE, self.line)
        self.inner, self.colour = inner, colour
        self.fill = shapes.plain(parent, inner.x, inner.y, 1, inner.h, colour)
        self.fill.hide()
        self.tick = shapes.plain(parent, inner.x, rect.y, max(2, theme.px(2)), rect.h, looks.TEXT)
        self.tick.hide()
        self.shown: tuple[int, int] | None = None

    def show(self, share: float, start: float = 0.0) -> None:
        """Filled from `start` to `share`."""
        first, last = (round(self.inner.w * min(max(part, 0.0), 1.0)) for part in (start, share))
        if self.shown == (first, last):
            return
        self.shown = (first, last)
        if last <= first:
            self.fill.hide()
            return
        self.fill.show()
        self.fill.set_x(self.inner.x + first)
        self.fill.set_sx(last - first)

    def mark(self, share: float | None) -> None:
        """The thin line; None takes it away."""
        if share is None:
            self.tick.hide()
            return
        self.tick.show()
        self.tick.set_x(self.inner.x + round(self.inner.w * min(max(share, 0.0), 1.0)) - self.line)
