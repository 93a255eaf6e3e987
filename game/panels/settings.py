"""A person's settings: size of text, pedal held or switched, keys.

In: choices as plain data. Out: `change(choice id, value)` at once; `keys()` opens the page of keys; `back()`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from game.panels import looks
from game.panels.layout import Rect
from game.panels.page import Page
from game.panels.theme import SCALES, Theme


@dataclass(frozen=True)
class Choice:
    """One setting: what it is, and the values it may have with their words."""

    id: str
    title: str
    line: str
    options: tuple[tuple[Any, str], ...]
    value: Any


def usual(text_scale: float, pedal: str) -> tuple[Choice, ...]:
    """The settings that every desk has; `pedal`: "hold" or "toggle"."""
    sizes = tuple(zip(SCALES, ("Normal", "Large", "Largest"), strict=True))
    ways = (("hold", "Hold"), ("toggle", "Press on, press off"))
    return (
        Choice("text_scale", "Size of text", "On every page, and beside the pictures.", sizes, text_scale),
        Choice("pedal", "Pedal", "X-ray while its key is held, or from one press to the next.", ways, pedal),
    )


class SettingsPage(Page):
    """Shown until closed."""

    def __init__(
        self,
        theme: Theme,
        choices: Sequence[Choice],
        change: Callable[[str, Any], None],
        keys: Callable[[], None],
        back: Callable[[], None],
    ) -> None:
        self.choices = tuple(choices)
        self.values = {choice.id: choice.value for choice in choices}
        self.change, self.keys, self.back = change, keys, back
        super().__init__(theme)

    def fill(self) -> None:
        """One block a choice, keys, back."""
        theme = self.theme
        px = theme.px
        wide = min(px(860), theme.width - px(80))
        x = (theme.width - wide) // 2
        y = theme.label(self.root, x, theme.height // 6, "Settings", size=looks.TITLE, bold=True).bottom + px(16)
        for choice in self.choices:
            y = self._choice(choice, x, y, wide) + px(20)
        h = theme.line(looks.BODY) + px(18)
        self.button("keys", Rect(x, y, px(280), h), "Keys …", self.keys)
        self.button("back", Rect(x + wide - px(160), y, px(160), h), "Back", self.back, strong=True)

    def _choice(self, choice: Choice, x: int, y: int, wide: int) -> int:
        theme = self.theme
        y = theme.label(self.root, x, y, choice.title, size=looks.STRONG, bold=True, width=wide, lines=1).bottom
        line = theme.label(self.root, x, y, choice.line, size=looks.SMALL, colour=looks.DIM, width=wide, lines=2)
        y = line.bottom + theme.px(8)
        gap, h = theme.px(12), theme.line(looks.BODY) + theme.px(16)
        each = (wide - 2 * gap) // 3
        for number, (value, words) in enumerate(choice.options):
            chosen = value == self.values[choice.id]
            self.button(
                f"{choice.id}:{value}",
                Rect(x + number * (each + gap), y, each, h),
                ("◉ " if chosen else "○ ") + words,
                lambda value=value: self._set(choice.id, value),  # type: ignore[misc]
                chosen=chosen,
            )
        return y + h

    def _set(self, id: str, value: Any) -> None:
        self.values[id] = value
        self.change(id, value)
        self.rebuild()

    def escape(self) -> None:
        """Back."""
        self.back()
