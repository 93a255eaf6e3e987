"""How finely the room is drawn, and how that follows the machine: a slow one draws fewer pixels while things move.

In: time between frames [ms]. Out: the render scale of the next one. A picture at rest is drawn once, finely, in tiles over
several frames where that takes long. No clock and no OpenGL here.
"""

from dataclasses import dataclass, replace
from math import ceil, sqrt

FRAME_MS = 45.0
"""A frame of the window should take no longer; 22 a second still feel like motion; assumed."""

SPARE = 0.55
"""A frame that takes less than this share of FRAME_MS leaves room for more pixels; assumed."""

PATIENCE = 6
"""As many spare frames in a row before the scale rises, so that it does not swing; assumed."""

LEAST, MOST = 0.4, 1.0
"""Render scale: below it the arm is no longer read as one; above it nothing is gained."""

UNCOUNTED = 3
"""First frames, in which drivers still make their programs; assumed."""

MOST_FRAMES = 40
"""A picture at rest is ready after so many frames at the latest; assumed."""

SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software")


@dataclass(frozen=True)
class Quality:
    """Options of a picture of the room."""

    scale: float = 1.0  # pixels a side drawn for each pixel a side shown, while things move
    samples: int = 4  # of multisampling; 0: edges are smoothed afterwards
    shadow_size: int = 2048  # pixels a side of the lamp's shadow map
    taps: int = 9  # of the shadow's soft edge

    @classmethod
    def of(cls, driver: str) -> "Quality":
        """To begin with, by the renderer's name."""
        if any(word in driver.lower() for word in SOFTWARE):
            return cls(scale=0.55, samples=0, shadow_size=768, taps=5)
        return cls()


class Pace:
    """The render scale as frame times come in."""

    def __init__(self, quality: Quality) -> None:
        self.quality = quality
        self.full_ms = 0.0  # what a full picture at scale 1 would take, smoothed; 0 before the first
        self._spare = 0
        self._first = UNCOUNTED

    def took(self, elapsed_ms: float) -> None:
        """A frame in which the whole room was drawn at the present scale took so long, all else in the window included."""
        if self._first > 0:
            self._first -= 1
            return
        scale = self.quality.scale
        full = elapsed_ms / scale**2
        self.full_ms = full if self.full_ms == 0.0 else 0.7 * self.full_ms + 0.3 * full
        if elapsed_ms > FRAME_MS:
            self._spare = 0
            self._set(scale * max(sqrt(FRAME_MS / elapsed_ms), 0.75))
        elif elapsed_ms < SPARE * FRAME_MS:
            self._spare += 1
            if self._spare >= PATIENCE:
                self._spare = 0
                self._set(scale * 1.12)
        else:
            self._spare = 0

    def frames(self, pictures: float) -> int:
        """Into how many frames the drawing of so many whole pictures at scale 1 is divided."""
        return max(1, min(ceil(self.full_ms * pictures / FRAME_MS), MOST_FRAMES))

    def _set(self, scale: float) -> None:
        self.quality = replace(self.quality, scale=round(min(max(scale, LEAST), MOST), 2))
