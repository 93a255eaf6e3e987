"""Where everything of the working screen stands, for a window of any size. Pure: no screen is needed.

In: window width and height [pixels], arrangement. Out: rectangles [pixels], origin at the window's upper left, y down.
Two arrangements: "room" (a large room, live picture at the right) and "monitors" (live and reference large, a small room).
Sizes without a source are our own choice (assumed); what they must keep is in tests/panels/test_layout.py.
"""

from dataclasses import dataclass

from models.errors import InputError

ARRANGEMENTS = ("room", "monitors")

MARGIN, CAPTION = 8, 28
"""Between rectangles; the line above a picture, which names it."""

LEAST = (1024, 720)
"""Width and height of the smallest window that the pages are made for: what a smaller one shows is cut, and says so."""

NARROW = 640
"""Where the left part is narrower, the step stands above the reference, not beside it."""

FIGURES = 156
"""Least height of the figures under the live picture."""


@dataclass(frozen=True)
class Rect:
    """A rectangle in window pixels."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.w // 2, self.y + self.h // 2

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def within(self, other: "Rect") -> bool:
        """Whether all of it lies in `other`."""
        return other.x <= self.x and other.y <= self.y and self.right <= other.right and self.bottom <= other.bottom

    def overlaps(self, other: "Rect") -> bool:
        """Whether any pixel belongs to both."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def inset(self, by: int) -> "Rect":
        """Smaller by `by` on every side."""
        return Rect(self.x + by, self.y + by, self.w - 2 * by, self.h - 2 * by)


@dataclass(frozen=True)
class Layout:
    """The working screen. `live` and `reference` are square pictures; `framed` adds the caption above one."""

    room: Rect
    live: Rect
    reference: Rect
    figures: Rect
    step: Rect | None  # None where no steps are shown: the keys have its place
    keys: Rect
    caption: int  # height of the line above each picture

    def framed(self, picture: Rect) -> Rect:
        """A picture with its caption."""
        return Rect(picture.x, picture.y - self.caption, picture.w, picture.h + self.caption)

    @property
    def parts(self) -> dict[str, Rect]:
        """Everything that is drawn, by name."""
        found = {
            "room": self.room,
            "live": self.framed(self.live),
            "reference": self.framed(self.reference),
            "figures": self.figures,
            "keys": self.keys,
        }
        return found if self.step is None else found | {"step": self.step}


def unit(width: int, height: int) -> float:
    """Pixels for one pixel of the 1280 x 720 drawing; never below 1, so that text stays legible."""
    return max(1.0, min(width / 1280.0, height / 720.0))


def arrange(width: int, height: int, arrangement: str = "room", *, step: bool = True) -> Layout:
    """Rectangles for a window of width x height pixels, with or without room for steps; for a window smaller than LEAST, those
    of LEAST.
    """
    if arrangement not in ARRANGEMENTS:
        raise InputError(f"arrangement {arrangement!r}: expected {' or '.join(ARRANGEMENTS)}")
    made = _room if arrangement == "room" else _monitors
    return made(max(width, LEAST[0]), max(height, LEAST[1]), step)


def _room(width: int, height: int, with_step: bool) -> Layout:
    u = unit(width, height)
    m, caption = round(MARGIN * u), round(CAPTION * u)
    side = max(round(0.4 * width), min(round(512 * u), width // 2))
    side = min(side, height - 3 * m - caption - round(FIGURES * u))
    live = Rect(width - m - side, m + caption, side, side)
    figures = Rect(live.x, live.bottom + m, side, height - 2 * m - live.bottom)
    left = live.x - 2 * m
    held = min(round(0.33 * height), 2 * left // 5)
    reference = Rect(m, height - m - held, held, held)
    beside = Rect(reference.right + m, reference.y - caption, left - held - m, held + caption)
    step, keys, foot = None, beside, beside.y
    if with_step and left >= round(NARROW * u):
        step, keys = _step_and_keys(beside, m, round(76 * u))
    elif with_step:  # a step beside the reference would be a column of single words
        high = round(178 * u)
        step = Rect(m, beside.y - m - high, left, high)
        foot = step.y
    room = Rect(m, m, left, foot - 2 * m)
    return Layout(room, live, reference, figures, step, keys, caption)


def _monitors(width: int, height: int, with_step: bool) -> Layout:
    u = unit(width, height)
    m, caption = round(MARGIN * u), round(CAPTION * u)
    column = round(288 * u)
    side = min((width - column - 4 * m) // 2, height - caption - 3 * m - round(166 * u))
    column = width - 2 * side - 4 * m
    live = Rect(m, m + caption, side, side)
    reference = Rect(live.right + m, live.y, side, side)
    room = Rect(reference.right + m, m, column, min(column * 3 // 4, round(0.34 * height)))
    figures = Rect(room.x, room.bottom + m, column, height - 2 * m - room.bottom)
    below = Rect(m, live.bottom + m, 2 * side + m, height - 2 * m - live.bottom)
    step, keys = _step_and_keys(below, m, round(58 * u)) if with_step else (None, below)
    return Layout(room, live, reference, figures, step, keys, caption)


def _step_and_keys(both: Rect, m: int, keys: int) -> tuple[Rect, Rect]:
    """The step above, `keys` pixels of keys below (a line of them is 25)."""
    step = Rect(both.x, both.y, both.w, both.h - keys - m)
    return step, Rect(both.x, step.bottom + m, both.w, keys)
