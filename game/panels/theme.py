"""The one theme: fonts, scale, the pages that are open, and which of them the keyboard talks to.

In: ShowBase (its mouse, keyboard, tasks), a parent whose unit is one pixel (the window's pixel2d, or a card in the headset).
Out: factories of widgets in that look. Colours and sizes are in looks. Not here: what a page says.
"""

import importlib.util
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from direct.showbase.DirectObject import DirectObject
from panda3d.core import DynamicTextFont, Filename, KeyboardButton, NodePath, SamplerState

from game.panels import looks, shapes
from game.panels.actions import bare
from game.panels.layout import LEAST, Rect, unit
from game.panels.widgets import Bar, Button, Label
from models.errors import MissingError

if TYPE_CHECKING:
    from game.panels.page import Page

NAVIGATION = ("arrow_up", "arrow_down", "arrow_left", "arrow_right", "enter", "space", "tab", "shift-tab", "escape")
NAVIGATION += ("page_up", "page_down", "home", "end")

REPEATED = (*(key for key in NAVIGATION if key.startswith(("arrow", "page"))), "tab", "shift-tab")
"""Keys that go on while they are held. Return is none of them: a key still held must not answer the next question."""

MODIFIERS = {f"{side}{name}" for side in ("", "l", "r") for name in ("shift", "control", "alt", "meta")}

SCALES = (1.0, 1.15, 1.3)
"""Sizes of text to choose from."""


def font_file(bold: bool) -> Path:
    """DejaVu Sans, which matplotlib brings (free licence, in the same folder). matplotlib itself is not loaded."""
    found = importlib.util.find_spec("matplotlib")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    file = Path(found.origin or "").parent / "mpl-data/fonts/ttf" / name if found else Path(name)
    if not file.is_file():
        raise MissingError(f"font {name} is not there (looked in {file.parent}): install matplotlib again")
    return file


@cache
def _font(pixels: int, bold: bool) -> DynamicTextFont:
    font = DynamicTextFont(Filename.from_os_specific(str(font_file(bold))), 0)
    font.set_scale_factor(1)
    font.set_pixels_per_unit(pixels)
    font.set_texture_margin(1)
    font.set_poly_margin(0)
    font.set_page_size(512, 512)
    font.set_minfilter(SamplerState.FT_nearest)
    font.set_magfilter(SamplerState.FT_nearest)
    # Whole pixels, so that every glyph falls on them: lines of 1.25 of the type size, blanks as DejaVu's.
    font.set_line_height(-(-5 * pixels // 4) / pixels)
    font.set_space_advance(round(font.get_space_advance() * pixels) / pixels)
    return font


class Theme(DirectObject):
    """What every page is made with."""

    def __init__(
        self,
        base: Any,
        parent: NodePath | None = None,
        size: tuple[int, int] | None = None,
        text_scale: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.base, self.now = base, now
        self.root = shapes.layer(parent if parent is not None else base.pixel2d, "panels")
        self.over = shapes.layer(self.root, "over", sort=1000)  # above every page
        self._cover = shapes.layer(self.root, "too small", sort=1001)
        self.text_scale = text_scale
        self.pages: list[Page] = []
        self._take(*(size or (base.win.get_x_size(), base.win.get_y_size())))
        if parent is None:
            base.set_background_color(*looks.PAGE)
        self._capture: Callable[[str], None] | None = None
        for key in NAVIGATION:
            self.accept(key, self._key, [key])
        for key in REPEATED:
            self.accept(f"{key}-repeat", self._key, [key])

    @property
    def unit(self) -> float:
        """Pixels for one pixel of the 1280 x 720 drawing."""
        return unit(self.width, self.height)

    def px(self, size: float) -> int:
        """A length of the drawing in pixels."""
        return round(size * self.unit)

    def type_px(self, size: float) -> int:
        """A type size of the drawing in pixels; never below looks.LEAST."""
        return max(looks.LEAST, round(size * self.unit * self.text_scale))

    @property
    def least_px(self) -> int:
        """The smallest type size to which text may shrink to fit its place."""
        return max(looks.LEAST, round(looks.SHRUNK * looks.SMALL * self.unit))

    def line(self, size: float) -> int:
        """Height of a line of that type size, in pixels."""
        return -(-5 * self.type_px(size) // 4)

    def font(self, pixels: int, bold: bool = False) -> DynamicTextFont:
        """The font, made for exactly this size."""
        return _font(pixels, bold)

    def resized(self, width: int, height: int) -> None:
        """The window has another size: open pages are drawn anew. What stands in the layout is placed anew by its owner."""
        before = self.width, self.height
        self._take(width, height)
        if before != (self.width, self.height):
            self._again()

    def _take(self, width: int, height: int) -> None:
        """Pages are laid out for LEAST at least; a smaller window is covered by the one line that says so."""
        self.width, self.height = max(width, LEAST[0]), max(height, LEAST[1])
        self._cover.node().remove_all_children()
        if (width, height) != (self.width, self.height):
            shapes.plain(self._cover, 0, 0, self.width, self.height, looks.PAGE)
            words = f"Make the window larger: at least {LEAST[0]} by {LEAST[1]}."
            margin = self.px(12)
            self.label(self._cover, margin, margin, words, width=max(width - 2 * margin, 1))

    def scaled(self, text_scale: float) -> None:
        """Another size of text."""
        if text_scale != self.text_scale:
            self.text_scale = text_scale
            self._again()

    def _again(self) -> None:
        for page in self.pages:
            page.rebuild()

    @property
    def page(self) -> "Page | None":
        """The page on top, which has mouse and keyboard; None while nothing but the work is on screen."""
        return self.pages[-1] if self.pages else None

    def capture(self, told: Callable[[str], None] | None) -> None:
        """The next key goes to `told` by its name ("shift-" before it where shift is held) and does nothing else. None: no
        longer.
        """
        self._capture = told
        thrower = self.base.buttonThrowers[0].node()
        if not thrower.get_button_down_event():
            thrower.set_button_down_event("button-down")
        self.ignore(thrower.get_button_down_event())
        if told is not None:
            self.accept(thrower.get_button_down_event(), self.captured)

    def captured(self, key: str) -> None:
        """A key came down while one was waited for; the same key's own event may still come this frame."""
        told = self._capture
        key, shift = bare(key)
        if told is not None and key not in MODIFIERS:
            held = shift or self.base.mouseWatcherNode.is_button_down(KeyboardButton.shift())
            name = f"shift-{key}" if held else key
            self.base.taskMgr.do_method_later(0, lambda task: self._tell(told, name), "captured key")

    def _tell(self, told: Callable[[str], None], key: str) -> None:
        if self._capture is told:
            self.capture(None)
            told(key)

    def _key(self, key: str) -> None:
        if self.page is not None and self._capture is None:
            self.page.key(key)

    def label(self, parent: NodePath, x: int, y: int, text: str, **look: Any) -> Label:
        """Text (widgets.Label)."""
        return Label(self, parent, x, y, text, **look)

    def button(self, parent: NodePath, rect: Rect, text: str, press: Callable[[], Any], **look: Any) -> Button:
        """A button (widgets.Button)."""
        return Button(self, parent, rect, text, press, **look)

    def bar(self, parent: NodePath, rect: Rect, colour: looks.Colour = looks.ACCENT) -> Bar:
        """A progress or level bar (widgets.Bar)."""
        return Bar(self, parent, rect, colour)

    def card(
        self, parent: NodePath, rect: Rect, colour: looks.Colour = looks.CARD, edge: looks.Colour = looks.RAISED
    ) -> NodePath:
        """A ground for something."""
        radius, line = self.px(looks.RADIUS), max(1, self.px(1))
        return shapes.bordered(parent, rect.x, rect.y, rect.w, rect.h, radius, colour, edge, line)

    def close(self) -> None:
        """Everything goes away."""
        for page in reversed(self.pages[:]):
            page.close()
        self.ignore_all()
        self.root.remove_node()
