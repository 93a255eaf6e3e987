"""Short words over everything: a line that fades, the pause page, a question.

In: texts and what to call. Out: callbacks. A line takes no mouse; the pages do.
"""

from collections.abc import Callable

from panda3d.core import NodePath

from game.panels import looks, shapes
from game.panels.box import Box, Choice
from game.panels.layout import Rect
from game.panels.theme import Theme

STAYS_S = {"notice": 4.0, "error": 10.0}
FADES_S = 0.6
"""How long a line stays, and how long it takes to go; assumed."""

MARKS = {"notice": "", "error": "⚠ "}


class Message:
    """One line at the top of the window."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.node: NodePath | None = None
        self.text = ""
        self.until = 0.0
        self.within: Rect | None = None  # where it stands at the top of; None: the window
        theme.base.taskMgr.add(self._fade, "message")

    def tell(self, text: str, kind: str = "notice") -> None:
        """Shows `text`; `kind`: "notice" or "error"."""
        theme = self.theme
        self.clear()
        self.text = text
        self.until = theme.now() + STAYS_S[kind]
        self.node = theme.over.attach_new_node("message")
        pad = theme.px(14)
        area = self.within or Rect(0, 0, theme.width, theme.height)
        most = min(theme.px(900), area.w - 2 * theme.px(16) - 2 * pad)
        label = theme.label(self.node, 0, 0, MARKS[kind] + text, width=most, lines=4)
        w, h = label.rect.w + 2 * pad, label.rect.h + 2 * theme.px(10)
        x, y = area.x + (area.w - w) // 2, area.y + theme.px(16)
        edge = looks.BAD if kind == "error" else looks.ACCENT
        label.path.detach_node()
        shapes.bordered(self.node, x, y, w, h, theme.px(looks.RADIUS), looks.CARD, edge, max(1, theme.px(2)))
        label.path.reparent_to(self.node)
        label.put(x + pad, y + theme.px(10))

    def clear(self) -> None:
        """Takes the line away now."""
        if self.node is not None:
            self.node.remove_node()
            self.node = None
        self.text = ""

    def _fade(self, task):  # type: ignore[no-untyped-def]
        if self.node is not None:
            left = self.until + FADES_S - self.theme.now()
            if left <= 0.0:
                self.clear()
            elif left < FADES_S:
                self.node.set_alpha_scale(left / FADES_S)
        return task.cont


class PausePage(Box):
    """Simulated time stands still behind it."""

    title = "Paused"
    words = "Time stands still and the beam is off."

    def __init__(
        self,
        theme: Theme,
        resume: Callable[[], None],
        keys: Callable[[], None],
        settings: Callable[[], None],
        finish: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        self.resume, self.keys, self.settings, self.finish, self.leave = resume, keys, settings, finish, leave
        super().__init__(theme)

    def choices(self) -> list[Choice]:
        """Resume first."""
        return [
            ("resume", "Go on", self.resume),
            ("keys", "Keys …", self.keys),
            ("settings", "Settings …", self.settings),
            ("finish", "End and see the score …", self.finish),
            ("leave", "Leave without a score …", self.leave),
        ]

    def escape(self) -> None:
        """Goes on."""
        self.resume()


class Confirm(Box):
    """A question with two answers; Escape is no. It closes itself before it calls. `danger`: Return alone says no."""

    wide = 480

    def __init__(
        self,
        theme: Theme,
        question: str,
        yes: Callable[[], None],
        no: Callable[[], None] | None = None,
        *,
        words: str = "",
        yes_text: str = "Yes",
        no_text: str = "No",
        danger: bool = False,
    ) -> None:
        self.title, self.words = question, words
        self.yes, self.no, self.texts = yes, no, (yes_text, no_text)
        super().__init__(theme)
        if danger:
            self.focus("no")

    def choices(self) -> list[Choice]:
        """Yes, no."""
        return [("yes", self.texts[0], lambda: self._answer(self.yes)), ("no", self.texts[1], self.escape)]

    def _answer(self, then: Callable[[], None] | None) -> None:
        self.close()
        if then is not None:
            then()

    def escape(self) -> None:
        """No."""
        self._answer(self.no)
