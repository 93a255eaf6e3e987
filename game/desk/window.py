"""The Panda3D window: opened, its keys, mouse and changes handed on, one frame drawn when asked.

In: a size, whom to tell. Out: a ShowBase (panels need it), the Studio of its context, events as calls. Not here: what keys mean.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panda3d.core import WindowProperties, load_prc_file_data

from game import graphics
from game.panels.actions import bare
from models.errors import MissingError

TITLE = "Pedicle: a trainer, not a medical device"
SHIFTS = ("shift", "lshift", "rshift")

NO_SCREEN = "no window can be opened here: a screen with OpenGL 3.3 is needed (without one: main.py demo)"


@dataclass
class Listeners:
    """Whom the window tells."""

    key: Callable[[str, bool], None] = lambda key, shift: None  # goes down
    key_up: Callable[[str], None] = lambda key: None
    resized: Callable[[int, int], None] = lambda width, height: None
    focus: Callable[[bool], None] = lambda has: None  # keyboard focus; lost when minimised too
    closing: Callable[[], None] = lambda: None


@dataclass
class Window:
    """One window and its context."""

    base: Any  # direct.showbase.ShowBase.ShowBase
    studio: graphics.Studio
    listeners: Listeners = field(default_factory=Listeners)
    size: tuple[int, int] = (0, 0)
    focused: bool = True
    minimised: bool = False
    shift: bool = False

    def frame(self) -> None:
        """Events, then one frame: whatever targets are active, then the window."""
        self.base.task_mgr.step()

    def mouse(self) -> tuple[float, float] | None:
        """(x, y) of the mouse in pixels from the upper left; None outside the window."""
        watcher = self.base.mouseWatcherNode
        if watcher is None or not watcher.has_mouse():
            return None
        point = watcher.get_mouse()
        return (point.x + 1) / 2 * self.size[0], (1 - point.y) / 2 * self.size[1]

    def close(self) -> None:
        """Gives the window back."""
        self.base.destroy()

    # ---- what Panda3D tells

    def _down(self, key: str) -> None:
        key, shift = bare(key)
        if key in SHIFTS:
            self.shift = True
        else:
            self.listeners.key(key, shift or self.shift)

    def _up(self, key: str) -> None:
        if key in SHIFTS:
            self.shift = False
        else:
            self.listeners.key_up(key)

    def _closing(self) -> None:
        self.listeners.closing()

    def _changed(self, window: Any) -> None:
        if window != self.base.win:
            return
        properties = window.get_properties()
        size = (properties.get_x_size(), properties.get_y_size())
        minimised = properties.get_minimized()
        focused = properties.get_foreground() and not minimised
        if size != self.size and size[0] > 0 and size[1] > 0:
            self.size = size
            self.listeners.resized(*size)
        self.minimised = minimised
        if focused != self.focused:
            self.focused = focused
            self.shift = False
            self.listeners.focus(focused)


def has_screen() -> bool:
    """Whether it is worth trying to open a window: on Linux there must be an X server to ask."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY"))


def open_window(size: tuple[int, int], *, offscreen: bool = False) -> Window:
    """Opens the window (offscreen: a buffer of that size instead, for pictures). MissingError where there is no screen."""
    if not offscreen and not has_screen():
        raise MissingError(NO_SCREEN)
    graphics.configure("p3headlessgl" if offscreen else "pandagl")
    load_prc_file_data(
        "pedicle window",
        f"window-title {TITLE}\nwin-size {size[0]} {size[1]}\nsync-video 1\nnotify-level-x11display fatal\n"
        "notify-level-device fatal\nprint-pipe-types 0\n",
    )
    from direct.showbase.ShowBase import ShowBase

    ShowBase.notify.setWarning(False)  # what it warns of is said below, in one line
    try:
        base = ShowBase(windowType="offscreen" if offscreen else "onscreen")
    except Exception as error:  # ShowBase raises bare Exception
        raise MissingError(NO_SCREEN) from error
    if base.win is None or base.win.get_gsg() is None:
        raise MissingError(NO_SCREEN)
    base.disable_mouse()
    base.set_background_color(0.055, 0.075, 0.095)  # the panels' ground
    base.cam.node().set_active(False)  # the room is drawn by theatre; this window shows its picture and the panels
    studio = graphics.Studio(base.graphicsEngine, base.pipe, base.win)
    window = Window(base, studio, size=size)
    if not offscreen:
        _listen(window)
    return window


def _listen(window: Window) -> None:
    """Panda3D's events become the window's calls."""
    base = window.base
    thrower = base.buttonThrowers[0].node()
    thrower.set_button_down_event("key-down")
    thrower.set_button_up_event("key-up")
    base.accept("key-down", window._down)
    base.accept("key-up", window._up)
    base.win.set_close_request_event("window-close")
    base.accept("window-close", window._closing)
    show_base_hears = base.windowEvent

    def changed(changed_window: Any) -> None:
        show_base_hears(changed_window)
        window._changed(changed_window)

    base.ignore("window-event")
    base.accept("window-event", changed)
    base.win.request_properties(WindowProperties())
