"""What is seen while something takes longer than a second: how far it is, what it does, how long it has taken.

In: `tell(share, text)`; share None where nobody knows how long. Whoever works calls `tell` and draws a frame now and then.
"""

from game.panels import looks
from game.panels.layout import Rect
from game.panels.page import Page
from game.panels.theme import Theme

SWEEP_S, SWEEP = 1.6, 0.3
"""Without a share a piece of the bar (SWEEP of it) runs through in SWEEP_S."""


class LoadingPage(Page):
    """Shown until closed."""

    def __init__(self, theme: Theme, title: str = "Making the patient") -> None:
        self.title, self.text = title, ""
        self.share: float | None = None
        self.began = theme.now()
        super().__init__(theme)
        self._task = theme.base.taskMgr.add(self._turn, "loading page")

    def fill(self) -> None:
        """A title, a bar, a line."""
        theme = self.theme
        px = theme.px
        w = min(px(640), theme.width - px(80))
        x, y = (theme.width - w) // 2, theme.height // 2 - px(80)
        title = theme.label(self.root, x, y, self.title, size=looks.TITLE, bold=True, width=w, lines=1)
        self.bar = theme.bar(self.root, Rect(x, title.bottom + px(12), w, px(18)))
        below = self.bar.rect.bottom + px(12)
        self.line = theme.label(self.root, x, below, self.text, colour=looks.DIM, width=w - px(110), lines=2)
        self.clock = theme.label(self.root, x + w, below, "", colour=looks.DIM, align="right")
        self._draw()

    def tell(self, share: float | None, text: str) -> None:
        """How far (0-1, None: nobody knows) and what is being done."""
        self.share, self.text = share, text
        self._draw()

    def _draw(self) -> None:
        passed = self.theme.now() - self.began
        self.line.set(self.text)
        known = "" if self.share is None else f"{100 * self.share:.0f} %  ·  "
        self.clock.set(f"{known}{passed:.0f} s")
        if self.share is None:
            end = (passed % SWEEP_S) / SWEEP_S * (1.0 + SWEEP)
            self.bar.show(end, end - SWEEP)
        else:
            self.bar.show(self.share)

    def _turn(self, task):  # type: ignore[no-untyped-def]
        self._draw()
        return task.cont

    def close(self) -> None:
        """Takes the page away."""
        self.theme.base.taskMgr.remove(self._task)
        super().close()
