"""One of several: a box with a question and a button for each answer, in rows.

In: words, answers, what to call. Out: `chosen(answer)`; it closes itself before it calls; Cancel and Escape are none
of them.
"""

from collections.abc import Callable, Sequence
from functools import partial

from game.panels.box import Box, Choice
from game.panels.theme import Theme


class ChoicePage(Box):
    """Shown until an answer is chosen; its buttons are called `answer:...`."""

    wide = 520
    equal = True

    def __init__(
        self,
        theme: Theme,
        question: str,
        words: str,
        answers: Sequence[tuple[str, str]],
        chosen: Callable[[str], None],
        columns: int = 1,
    ) -> None:
        self.title, self.words, self.answers = question, words, tuple(answers)
        self.chosen, self.columns = chosen, columns
        super().__init__(theme)

    def choices(self) -> list[Choice]:
        """The answers."""
        return [(f"answer:{answer}", text, partial(self._answer, answer)) for answer, text in self.answers]

    def last(self) -> list[Choice]:
        """None of them."""
        return [("cancel", "Cancel", self.escape)]

    def _answer(self, answer: str) -> None:
        self.close()
        self.chosen(answer)

    def escape(self) -> None:
        """None of them."""
        self.close()
