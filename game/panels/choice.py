"""One of several: a card with a question and a button for each answer, in rows.

In: words, answers, what to call. Out: `chosen(answer)`; it closes itself before it calls; Escape is none of them.
"""

from collections.abc import Callable, Sequence

from game.panels import looks
from game.panels.layout import Rect
from game.panels.page import Page
from game.panels.theme import Theme


class ChoicePage(Page):
    """Shown until an answer is chosen."""

    ground = looks.VEIL

    def __init__(
        self,
        theme: Theme,
        question: str,
        words: str,
        answers: Sequence[tuple[str, str]],
        chosen: Callable[[str], None],
        columns: int = 1,
    ) -> None:
        self.question, self.words, self.answers = question, words, tuple(answers)
        self.chosen, self.columns = chosen, columns
        super().__init__(theme)

    def fill(self) -> None:
        """The card: question, words, answers row by row."""
        theme = self.theme
        px = theme.px
        w, pad, gap = px(520), px(24), px(10)
        row, inner = theme.line(looks.BODY) + px(18), w - 2 * pad
        block = self.root.attach_new_node("words")
        title = theme.label(block, 0, 0, self.question, size=looks.STRONG, bold=True, width=inner)
        below = theme.label(block, 0, title.bottom + px(6), self.words, colour=looks.DIM, width=inner).bottom
        rows = -(-len(self.answers) // self.columns)
        h = 2 * pad + below + px(14) + rows * (row + gap) - gap
        x, y = (theme.width - w) // 2, (theme.height - h) // 2
        block.detach_node()
        theme.card(self.root, Rect(x, y, w, h), looks.CARD, looks.EDGE)
        block.reparent_to(self.root)
        block.set_pos(x + pad, 0, -(y + pad))
        top, each = y + pad + below + px(14), (inner - (self.columns - 1) * gap) // self.columns
        for number, (answer, text) in enumerate(self.answers):
            across, down = number % self.columns, number // self.columns
            place = Rect(x + pad + across * (each + gap), top + down * (row + gap), each, row)
            self.button(f"answer:{answer}", place, text, lambda answer=answer: self._answer(answer))  # type: ignore[misc]

    def _answer(self, answer: str) -> None:
        self.close()
        self.chosen(answer)

    def escape(self) -> None:
        """None of them."""
        self.close()
