"""A page: covers the window, has the mouse and the keyboard while it is on top, is drawn anew when anything changed.

A subclass says in `fill` what stands on it, in pixels of the window as it is now. Arrows go to the nearest button in their
direction, Tab to the next, Return presses; Escape is what `escape` says.
"""

from collections.abc import Callable, Sequence
from typing import Any

from direct.gui.DirectFrame import DirectFrame
from direct.gui.DirectGuiGlobals import ENTER, NORMAL
from panda3d.core import NodePath, PGButton, TransparencyAttrib

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.theme import Theme
from game.panels.widgets import Button

PAGES = 10
"""Sort of the lowest page below the theme's root: above what stands on the working screen."""

DIRECTIONS = {"arrow_left": (-1, 0), "arrow_right": (1, 0), "arrow_up": (0, -1), "arrow_down": (0, 1)}


def neighbour(rects: Sequence[Rect], at: int, direction: tuple[int, int]) -> int:
    """The rectangle to which an arrow goes from number `at`; `at` itself where there is none that way."""
    dx, dy = direction
    here = rects[at]

    def cost(other: Rect) -> float | None:
        across = (other.centre[0] - here.centre[0], other.centre[1] - here.centre[1])
        along = (
            (other.x - here.right if dx > 0 else here.x - other.right)
            if dx
            else (other.y - here.bottom if dy > 0 else here.y - other.bottom)
        )
        if along < -2 or across[0] * dx + across[1] * dy <= 0:
            return None
        gap = (
            max(other.y - here.bottom, here.y - other.bottom, 0)
            if dx
            else max(other.x - here.right, here.x - other.right, 0)
        )
        side = abs(across[1] if dx else across[0])
        return along + 4.0 * gap + 0.05 * side  # in the same row or column first (assumed)

    costs = {number: found for number, rect in enumerate(rects) if number != at and (found := cost(rect)) is not None}
    return min(costs, key=lambda number: costs[number]) if costs else at


class Page:
    """Base of the pages. Shown when made, until `close`."""

    ground: looks.Colour = looks.PAGE

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.buttons: dict[str, Button] = {}
        self.focused: str | None = None
        self.sheet = 0
        self.sheets = 1
        self.frame: DirectFrame | None = None
        theme.pages.append(self)
        self.rebuild()

    def fill(self) -> None:
        """Puts everything on `self.frame`."""
        raise NotImplementedError

    def escape(self) -> None:
        """What Escape does."""

    @property
    def root(self) -> NodePath:
        """Where things are drawn."""
        assert self.frame is not None
        return self.frame

    def rebuild(self) -> None:
        """Draws everything anew, while it is open."""
        theme = self.theme
        if self not in theme.pages:
            return
        if self.frame is not None:
            self.frame.destroy()
        self.buttons = {}
        self.frame = DirectFrame(
            parent=theme.root,
            frameSize=(0, theme.width, -theme.height, 0),
            relief=None,
            state=NORMAL,
            suppressMouse=1,
            sortOrder=PAGES + theme.pages.index(self),
        )
        ground = shapes.plain(self.frame, 0, 0, theme.width, theme.height, self.ground)
        ground.set_transparency(TransparencyAttrib.M_alpha if self.ground[3] < 1.0 else TransparencyAttrib.M_none)
        self._wheel(self.frame)
        self.fill()
        if self.focused not in self.buttons or not self.buttons[self.focused].enabled:
            self.focused = next((name for name, button in self.buttons.items() if button.enabled), None)
        self._ring()

    def close(self) -> None:
        """Takes the page away."""
        if self.frame is not None:
            self.frame.destroy()
            self.frame = None
        if self in self.theme.pages:
            self.theme.pages.remove(self)

    def places(self) -> dict[str, tuple[int, int]]:
        """Centres of the buttons that can be pressed, in window pixels, by name."""
        return {name: button.rect.centre for name, button in self.buttons.items() if button.enabled}

    def button(self, name: str, rect: Rect, text: str, press: Callable[[], Any], **look: Any) -> Button:
        """A button of the page, known by `name` to keyboard and tests."""
        made = self.theme.button(self.root, rect, text, press, **look)
        made.gui.bind(ENTER, lambda _: self.focus(name))
        self._wheel(made.gui)
        self.buttons[name] = made
        return made

    def _wheel(self, gui: Any) -> None:
        for name, by in (("wheel_up", -1), ("wheel_down", 1)):
            gui.bind(f"{PGButton.get_press_prefix()}{name}-", lambda _, by=by: self.turn(by))

    def focus(self, name: str) -> None:
        """The keyboard is at this button."""
        if name in self.buttons and self.buttons[name].enabled:
            self.focused = name
            self._ring()

    def _ring(self) -> None:
        for name, button in self.buttons.items():
            button.focus(name == self.focused)

    def key(self, key: str) -> None:
        """A key of theme.NAVIGATION came down."""
        if key == "escape":
            self.escape()
        elif key in ("page_up", "page_down"):
            self.turn(-1 if key == "page_up" else 1)
        elif key in ("enter", "space"):
            if self.focused is not None and self.focused in self.buttons:
                self.buttons[self.focused].press()
        else:
            self._move(key)

    def _move(self, key: str) -> None:
        names = [name for name, button in self.buttons.items() if button.enabled]
        if not names:
            return
        at = names.index(self.focused) if self.focused in names else 0
        if key in DIRECTIONS:
            at = neighbour([self.buttons[name].rect for name in names], at, DIRECTIONS[key])
        elif key in ("home", "end"):
            at = 0 if key == "home" else len(names) - 1
        else:
            at = (at + (-1 if key == "shift-tab" else 1)) % len(names)
        self.focus(names[at])

    def turn(self, by: int) -> None:
        """To the next or the last sheet, where not everything fits on one."""
        sheet = min(max(self.sheet + by, 0), self.sheets - 1)
        if sheet != self.sheet:
            self.sheet = sheet
            self.rebuild()

    def pager(self, right: int, y: int, h: int) -> None:
        """Buttons that turn the sheets, ending at `right`; nothing where there is one sheet."""
        if self.sheets == 1:
            return
        theme = self.theme
        w, gap = theme.px(48), theme.px(8)
        middle = theme.px(64)
        x = right - 2 * w - middle - 2 * gap
        self.button("earlier", Rect(x, y, w, h), "◀", lambda: self.turn(-1), enabled=self.sheet > 0)
        text = f"{self.sheet + 1} / {self.sheets}"
        line = theme.line(looks.BODY)
        theme.label(self.root, x + w + gap + middle // 2, y + (h - line) // 2, text, align="centre")
        last = self.sheet == self.sheets - 1
        self.button("later", Rect(right - w, y, w, h), "▶", lambda: self.turn(1), enabled=not last)
