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
        Choice(
            "text_scale",
            "Size of text",
            "On every page and in the step; figures and keys grow as far as the window has room.",
            sizes,
            text_scale,
        ),
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
        y = theme.height // 8
        theme.label(self.root, x, y, "Settings", size=looks.TITLE, bold=True)
        y += self._tall(looks.TITLE) + px(12)
        for choice in self.choices:
            y = self._choice(choice, x, y, wide) + px(20)
        h = self._tall(looks.BODY) + px(16)
        self.button("keys", Rect(x, y, px(280), h), "Keys …", self.keys)
        self.button("back", Rect(x + wide - px(160), y, px(160), h), "Back", self.back, strong=True)

    def _tall(self, size: int) -> int:
        """Height of a line in the largest text: places do not move under the mouse when another size is chosen."""
        return self.theme.px(1.25 * size * SCALES[-1])

    def _choice(self, choice: Choice, x: int, y: int, wide: int) -> int:
        theme = self.theme
        theme.label(self.root, x, y, choice.title, size=looks.STRONG, bold=True, width=wide, lines=1)
        y += self._tall(looks.STRONG)
        theme.label(self.root, x, y, choice.line, size=looks.SMALL, colour=looks.DIM, width=wide, lines=2)
        y += 2 * self._tall(looks.SMALL) + theme.px(4)
        gap, h = theme.px(12), self._tall(looks.BODY) + theme.px(14)
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
