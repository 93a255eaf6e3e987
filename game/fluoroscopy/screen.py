"""What a monitor shows: a picture as displayed, with letters, numbers and lines over it; drawn only when told.

In: a texture of a detector picture, the Snapshot it is of, a Display, lines in detector pixels, words. Out: a square texture (8
bit), u to the right, v up. A Screen keeps a copy of its picture: a held reference stays while the live one goes on.
Colours are 0-1. Not here: what is drawn when (game/desk), how the picture comes about (live.py), files (display.py), how
words and lines are drawn (overlay.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from panda3d.core import LVecBase2f, SamplerState, Texture

from game import graphics
from game.fluoroscopy import display
from game.fluoroscopy.display import PRESETS, UPRIGHT, Display
from game.fluoroscopy.overlay import LETTER, MARK, SMALL, Colour, Overlay
from game.simulation.simulation import Snapshot
from models.carm import Pose

Array = NDArray[np.float64]

PIXELS = 512
"""Pixels a side of the detector picture in which lines and picked points are given."""

WHITE, PALE, RED, AMBER = (1.0, 1.0, 1.0), (0.80, 0.90, 0.95), (1.0, 0.42, 0.36), (1.0, 0.80, 0.35)
MARKS = {"LIVE": RED, "HELD": AMBER}
"""Colour of a screen's mark; others are pale. The word says it, the colour only helps."""

EDGE = 0.012
"""Words stay this share of the screen from its edges; chosen by eye."""

LATERAL_IN, LATERAL_OUT = 50.0, 40.0
"""Degrees of orbital beyond which the display turns for a lateral, and below which it turns back: 45, with room for the arm to
rest near it; assumed."""


@dataclass(frozen=True)
class Line:
    """A line over the picture, in pixels (column, row) of the 512 detector picture."""

    points: Array  # (N, 2); one point alone carries just the label
    colour: Colour = PALE
    label: str = ""  # beside all that is named, with a line to it; of one point: on it
    width: float = 1.0  # of the usual


@dataclass(frozen=True)
class Texts:
    """Words on a screen."""

    mark: str = ""  # what the picture is: LIVE, HELD, ...
    below: tuple[str, ...] = ()  # lines under the tube setting, lower left
    note: str = ""  # in the middle of a screen without a picture


def marker(column: float, row: float, colour: Colour = AMBER, radius: float = 9.0) -> tuple[Line, ...]:
    """A ring with four ticks round a point that is picked; all in detector pixels."""
    turn = np.linspace(0.0, 2 * np.pi, 33)
    spokes = [np.array([[np.cos(a), np.sin(a)]]) * [[0.55 * radius], [1.6 * radius]] for a in turn[:32:8]]
    ring = radius * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    return tuple(Line(shape + np.array([column, row]), colour) for shape in (ring, *spokes))


def display_of(pose: Pose, now: Display) -> Display:
    """The display for a pose when `now` is on: that of the nearest preset, posterior up in laterals."""
    if abs(pose.orbital) <= (LATERAL_IN if now == UPRIGHT else LATERAL_OUT):
        return UPRIGHT
    return PRESETS["left-lateral" if pose.orbital > 0 else "right-lateral"]


def turning(turn: Display) -> Array:
    """(2, 2) takes (right, down) in the detector picture to (right, down) on the display; its transpose goes back."""
    return np.array([display.shown_direction(1.0, 0.0, turn), display.shown_direction(0.0, 1.0, turn)]).T


def detector_pixel(u: float, v: float, turn: Display) -> tuple[float, float]:
    """(column, row) in the detector picture of a place (0-1, u right, v up) on the display; pixel centres are whole numbers."""
    right, down = turning(turn).T @ (u - 0.5, 0.5 - v)
    return float((right + 0.5) * PIXELS - 0.5), float((down + 0.5) * PIXELS - 0.5)


def display_places(pixels: Array, turn: Display) -> Array:
    """(N, 2) places (0-1, right and down) on the display of detector pixels (N, 2)."""
    placed: Array = ((pixels + 0.5) / PIXELS - 0.5) @ turning(turn).T + 0.5
    return placed


def display_place(column: float, row: float, turn: Display) -> tuple[float, float]:
    """(u, v) on the display of a detector pixel: the inverse of `detector_pixel`."""
    right, down = display_places(np.array([[column, row]]), turn)[0]
    return float(right), float(1.0 - down)


def technique_text(snapshot: Snapshot) -> str:
    """Tube setting of the shown pulse."""
    return f"{snapshot.technique.kvp:.0f} kVp   {snapshot.technique.mas:.2f} mAs"


def angles_text(snapshot: Snapshot) -> str:
    """Where the arm stood."""
    pose = snapshot.pose
    return f"ORB {pose.orbital:+.0f}°  TILT {pose.tilt:+.0f}°  SWIVEL {pose.swivel:+.0f}°"


WORDY_PX = 320
"""A screen smaller than this has no room for figures beside the word SIMULATED; chosen by eye."""


@dataclass
class _Shown:
    """What a screen shows now."""

    snapshot: Snapshot | None = None
    turn: Display = UPRIGHT
    lines: Sequence[Line] = ()
    texts: Texts = field(default_factory=Texts)


class Screen:
    """One monitor's picture. Made after the Live whose texture it shows, so that it is drawn after it in the same frame."""

    def __init__(self, studio: graphics.Studio, size: int = 640, picture: int = PIXELS) -> None:
        """`size`: pixels a side as shown, best those of its place in the window; `picture`: those of the Live's texture."""
        self.studio, self.size = studio, size
        self._kept = graphics.Target(studio, "kept", picture, 4, kind="byte")
        self._copy = self._kept.cover("turned", self._turned(UPRIGHT, picture))
        self._face = graphics.Target(studio, "face", size, 4, kind="byte")
        self._picture = self._face.cover("turned", self._turned(UPRIGHT, size))
        self._picture.set_bin("fixed", 0)
        kept = self._kept.textures[0]
        self._picture.set_shader_input("picture", kept)
        self.texture = self._face.textures[0]
        for texture in (kept, self.texture):
            texture.set_magfilter(SamplerState.FT_linear)
        kept.set_minfilter(SamplerState.FT_linear)
        self.texture.set_minfilter(SamplerState.FT_linear_mipmap_linear)  # the room's monitor is small
        self.overlay = Overlay(studio, self._face.scene)
        self._now = _Shown()
        self.show(None, None)

    @property
    def snapshot(self) -> Snapshot | None:
        """Whose picture is shown."""
        return self._now.snapshot

    @property
    def turn(self) -> Display:
        """How it is turned."""
        return self._now.turn

    def show(
        self,
        texture: Texture | None,
        snapshot: Snapshot | None,
        turn: Display = UPRIGHT,
        lines: Sequence[Line] = (),
        texts: Texts | None = None,
    ) -> None:
        """Draws in the coming frame: a copy of `texture`, which is of `snapshot`; None: the picture that it has. Without a
        snapshot: black, and the note.
        """
        if texture is not None and snapshot is not None:
            self._copy.set_shader_input("picture", texture)
            self._kept.once()
        self._now = _Shown(snapshot, turn, lines, texts or Texts())
        self._draw()

    def _draw(self) -> None:
        for key, value in self._turned(self.turn, self.size).items():
            self._picture.set_shader_input(key, value)
        self._picture.set_shader_input("lit", 0.0 if self.snapshot is None else 1.0)
        self._write()
        self._face.once()

    def resize(self, size: int) -> None:
        """Another size, drawn in the coming frame; `texture` stays the same object."""
        if size != self.size:
            self.size = size
            self._face.resize(size)
            self._draw()

    def detector_pixel(self, u: float, v: float) -> tuple[float, float]:
        """(column, row) of the 512 detector picture at a place of the shown one (0-1, u right, v up)."""
        return detector_pixel(u, v, self.turn)

    def place(self, column: float, row: float) -> tuple[float, float]:
        """(u, v) of the shown picture at a detector pixel."""
        return display_place(column, row, self.turn)

    def close(self) -> None:
        """Gives its buffers back; the object is of no more use."""
        for target in (self._kept, self._face):
            self.studio.remove(target)

    @staticmethod
    def _turned(turn: Display, size: int) -> dict[str, object]:
        """Uniforms of turned.frag."""
        flip = np.diag([1.0, -1.0])  # the picture's v grows upward, rows grow downward
        back = flip @ turning(turn).T @ flip
        columns = [LVecBase2f(float(column[0]), float(column[1])) for column in back.T]
        return {"size": LVecBase2f(size, size), "across": columns[0], "up": columns[1], "lit": 1.0}

    def _write(self) -> None:
        """Letters, words and lines anew."""
        self.overlay.begin(self.size)
        write = self.overlay.word
        now, low = self._now, 1.0 - EDGE
        if now.snapshot is None:
            write(now.texts.note, (0.5, 0.5), SMALL * 1.2, PALE)
        else:
            for letter, right, down in display.letters(now.snapshot.pose, now.turn):
                place = np.clip([right, down], -0.9, 0.9)
                write(letter, ((1 + place[0]) / 2, (1 + place[1]) / 2), LETTER, WHITE)
            lines = (technique_text(now.snapshot), angles_text(now.snapshot), *now.texts.below)
            if self.size < WORDY_PX:
                lines = ()
            step = 1.25 * self.overlay.height(SMALL) / self.size
            for count, text in enumerate(reversed(lines)):
                write(text, (EDGE, low - count * step), SMALL, PALE, (0.0, 1.0))
        write("SIMULATED", (low, low), SMALL, WHITE, (1.0, 1.0))
        write(now.texts.mark, (low, EDGE), MARK, MARKS.get(now.texts.mark, PALE), (1.0, 0.0))
        named = []
        for line in now.lines if now.snapshot is not None else ():
            points = np.asarray(line.points, dtype=np.float64).reshape(-1, 2)
            placed = self.size * display_places(points, now.turn)
            self.overlay.line(placed, line.colour, line.width)
            named.append((line.label, placed, line.colour))
        if any(text for text, _, _ in named):
            self.overlay.names(named)
