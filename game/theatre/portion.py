"""Rectangles of a picture, in pixels from its lower left. Pure."""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Portion:
    """Columns left to right - 1, rows bottom to top - 1."""

    left: int
    right: int
    bottom: int
    top: int

    @classmethod
    def whole(cls, size: tuple[int, int]) -> "Portion":
        """All of a picture."""
        return cls(0, size[0], 0, size[1])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.top - self.bottom

    @property
    def area(self) -> int:
        """Pixels."""
        return self.size[0] * self.size[1]

    def grown(self, by: int, size: tuple[int, int]) -> "Portion":
        """By some pixels to all sides, but inside the picture."""
        low = max(self.left - by, 0), max(self.bottom - by, 0)
        return Portion(low[0], min(self.right + by, size[0]), low[1], min(self.top + by, size[1]))

    def joined(self, other: "Portion | None") -> "Portion":
        """The least that holds both."""
        if other is None:
            return self
        low = min(self.left, other.left), min(self.bottom, other.bottom)
        return Portion(low[0], max(self.right, other.right), low[1], max(self.top, other.top))

    def fits(self, most: tuple[int, int]) -> bool:
        """Whether it is no larger than that."""
        return self.size[0] <= most[0] and self.size[1] <= most[1]

    def tiles(self, count: int, most: tuple[int, int]) -> list["Portion"]:
        """Cut in at least `count` tiles, none larger than `most`; from the top down."""
        columns = ceil(self.size[0] / most[0])
        rows = min(max(ceil(self.size[1] / most[1]), ceil(count / columns)), self.size[1])
        across = [self.left + i * self.size[0] // columns for i in range(columns + 1)]
        up = [self.bottom + i * self.size[1] // rows for i in range(rows + 1)]
        return [
            Portion(across[i], across[i + 1], up[j], up[j + 1]) for j in reversed(range(rows)) for i in range(columns)
        ]
