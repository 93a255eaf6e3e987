"""A real window with the start page and the page of keys, for real mouse and keyboard: `python -m tests.panels.window FILE`.

Writes to FILE, after every frame in which something changed, what a test may know: the page, places of its buttons, what was
called. Ends when Quit is pressed.
"""

import json
import sys
from pathlib import Path
from typing import Any

from panda3d.core import load_prc_file_data

from game.graphics import configure
from game.panels.keys import KeysPage
from game.panels.start import StartPage
from game.panels.theme import Theme
from tests.panels.scenes import CARDS, MODES, actions


def main(file: Path) -> None:
    """The window's loop."""
    configure("pandagl")
    load_prc_file_data("", "window-title Pedicle panels\nwin-size 1280 720\nwin-origin 0 0\nsync-video 0")
    from direct.showbase.ShowBase import ShowBase

    base = ShowBase(windowType="onscreen")
    base.disable_mouse()
    theme, calls, told = Theme(base), [], ""

    def changed(id: str, key: str) -> None:
        calls.append(f"{id}={key}")

    def keys() -> None:
        def back() -> None:
            page.close()

        page = KeysPage(theme, actions(), changed, lambda: None, back)

    def sized(window: Any) -> None:
        theme.resized(window.get_x_size(), window.get_y_size())

    base.accept("window-event", lambda window: (base.windowEvent(window), sized(window)))
    base.accept("mouse1", lambda: calls.append("mouse went through"))
    StartPage(theme, CARDS, MODES, lambda *chosen: calls.append(list(chosen)), keys, lambda: calls.append("quit"))
    while "quit" not in calls:
        base.task_mgr.step()
        page = theme.page
        seen = json.dumps(
            {
                "page": type(page).__name__,
                "places": page.places(),
                "focused": page.focused,
                "waiting": getattr(page, "waiting", None),
                "calls": calls,
                "size": [theme.width, theme.height],
            }
        )
        if seen != told:
            told = seen
            file.with_suffix(".part").write_text(seen)
            file.with_suffix(".part").rename(file)
    base.destroy()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
