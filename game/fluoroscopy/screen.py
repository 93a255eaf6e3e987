"""What a monitor shows: a picture as displayed, with letters, numbers and lines over it; drawn only when told.

In: a texture of a detector picture, the Snapshot it is of, a Display, lines in detector pixels, words. Out: a square texture (8
bit), u to the right, v up. A Screen keeps a copy of its picture: a held reference stays while the live one goes on.
Colours are 0-1. Not here: what is drawn when (game/desk), how the picture comes about (live.py), files (display.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from panda3d.core import LVecBase2f, LVecBase4f, SamplerState, Texture

from game import graphics
from game.fluoroscopy import display
from game.fluoroscopy.display import PRESETS, UPRIGHT, Display
from game.simulation.simulation import Snapshot
from models.carm import Pose
from models.errors import MissingError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Array = NDArray[np.float64]
Colour = tuple[float, float, float]

PIXELS = 512
"""Pixels a side of the detector picture in which lines and picked points are given."""

WHITE, PALE, RED, AMBER = (1.0, 1.0, 1.0), (0.80, 0.90, 0.95), (1.0, 0.42, 0.36), (1.0, 0.80, 0.35)
MARKS = {"LIVE": RED, "HELD": AMBER}
"""Colour of a screen's mark; others are pale. The word says it, the colour only helps."""

LETTER, MARK, SMALL, LEAST_PX = 1 / 18, 1 / 34, 1 / 42, 13
"""Heights of side letters, mark and other words as shares of the screen, and the smallest in pixels: legible at 512; chosen by
eye."""

LATERAL_IN, LATERAL_OUT = 50.0, 40.0
"""Degrees of orbital beyond which the display turns for a lateral, and below which it turns back: 45, with room for the arm to
rest near it; assumed."""

EDGE = 0.012
"""Words stay this share of the screen from its edges; chosen by eye."""

LINE_PX = 1 / 320
"""Width of a line as a share of the screen; chosen by eye."""


@dataclass(frozen=True)
class Line:
    """A line over the picture, in pixels (column, row) of the 512 detector picture."""

    points: Array  # (N, 2); one point alone carries just the label
    colour: Colour = PALE
    label: str = ""  # beside the first point
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


def dose_text(readout: Mapping[str, Any]) -> str:
    """Fluoroscopy time and dose of a session's read-out, for `Texts.below`."""
    minutes, seconds = divmod(int(readout["fluoroscopy_s"]), 60)
    return f"{minutes}:{seconds:02d} min   {readout['kerma_mgy']:.1f} mGy   {readout['kap_gy_cm2']:.2f} Gy·cm²"


def angles_text(snapshot: Snapshot) -> str:
    """Where the arm stood."""
    pose = snapshot.pose
    return f"ORB {pose.orbital:+.0f}°  TILT {pose.tilt:+.0f}°  SWIVEL {pose.swivel:+.0f}°"


@cache
def typeface(height: int, bold: bool) -> "FreeTypeFont":
    """DejaVu Sans, which comes with matplotlib, `height` pixels an em."""
    from importlib.util import find_spec

    from PIL import ImageFont

    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise MissingError("matplotlib, whose fonts the screens use, is not installed: run python3 main.py again")
    fonts = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(fonts / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), height)


@lru_cache(maxsize=128)
def word(text: str, height: int, colour: Colour, bold: bool) -> Texture:
    """Letters with a dark edge as a texture, to be shown a pixel for a pixel; as high for every text."""
    from PIL import Image, ImageDraw

    font, edge = typeface(height, bold), max(height // 12, 1)
    up, down = font.getmetrics()
    image = Image.new("RGBA", (int(font.getlength(text)) + 2 * edge + 1, up + down + 2 * edge), (0, 0, 0, 0))
    ink = (*(round(255 * value) for value in colour), 255)
    place, dark = (edge, edge + up), (0, 0, 0, 220)
    ImageDraw.Draw(image).text(place, text, fill=ink, font=font, anchor="ls", stroke_width=edge, stroke_fill=dark)
    made = Texture(text)
    made.setup_2d_texture(image.width, image.height, Texture.T_unsigned_byte, Texture.F_rgba)
    made.set_ram_image_as(image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes(), "RGBA")
    made.set_minfilter(SamplerState.FT_nearest)
    made.set_magfilter(SamplerState.FT_nearest)
    return made


def segments(points: Array, reach: float) -> tuple[Array, Array, Array]:
    """(4 S, 3) corners x, y and the segment's length, (4 S, 2) places along and across, (2 S, 3) faces; all in pixels.

    Each of the S segments between `points` (S + 1, 2) is a quad that reaches beyond it on all sides.
    """
    start, step = points[:-1], np.diff(points, axis=0)
    length = np.linalg.norm(step, axis=1)
    start, step, length = start[length > 0], step[length > 0], length[length > 0]
    along = step / length[:, None]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    far = length + reach
    low = np.full_like(length, -reach)
    places = np.stack(
        [np.stack([a, b], axis=-1) for a, b in ((low, low), (far, low), (far, -low), (low, -low))], axis=1
    )
    corners = start[:, None] + places[..., :1] * along[:, None] + places[..., 1:] * normal[:, None]
    corners = np.concatenate([corners, np.broadcast_to(length[:, None, None], (len(length), 4, 1))], axis=-1)
    faces = 4 * np.arange(len(length))[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])
    return corners.reshape(-1, 3), places.reshape(-1, 2), faces.reshape(-1, 3)


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
        self._overlay = self._face.scene.attach_new_node("overlay")
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
        self._overlay.get_children().detach()
        now, low = self._now, 1.0 - EDGE
        if now.snapshot is None:
            self._stamp(now.texts.note, (0.5, 0.5), SMALL * 1.2, PALE)
        else:
            for line in now.lines:
                self._line(line)
            for letter, right, down in display.letters(now.snapshot.pose, now.turn):
                place = np.clip([right, down], -0.9, 0.9)
                self._stamp(letter, ((1 + place[0]) / 2, (1 + place[1]) / 2), LETTER, WHITE)
            lines = (technique_text(now.snapshot), angles_text(now.snapshot), *now.texts.below)
            for count, text in enumerate(reversed(lines)):
                self._stamp(text, (EDGE, low - 1.25 * count * self._height(SMALL) / self.size), SMALL, PALE, (0.0, 1.0))
        self._stamp("SIMULATED", (low, low), SMALL, WHITE, (1.0, 1.0))
        self._stamp(now.texts.mark, (low, EDGE), MARK, MARKS.get(now.texts.mark, PALE), (1.0, 0.0))

    def _height(self, share: float) -> int:
        return max(round(share * self.size), LEAST_PX)

    def _stamp(
        self,
        text: str,
        place: tuple[float, float],
        share: float,
        colour: Colour,
        anchor: tuple[float, float] = (0.5, 0.5),
    ) -> None:
        """A word whose `anchor` (0-1 of it, right and down) lies at a place (0-1, right and down), inside the screen."""
        if not text:
            return
        made = word(text, self._height(share), colour, share >= MARK)
        extent = np.array([made.get_x_size(), made.get_y_size()])
        corner = np.rint(np.array(place) * self.size - np.array(anchor) * extent)
        corner = np.clip(corner, 0, np.maximum(self.size - extent, 0))
        corners = corner + np.array([[0, 1], [1, 1], [1, 0], [0, 0]]) * extent
        places = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32)
        path = self._quads(np.hstack([corners, np.zeros((4, 1))]), places, np.array([[0, 1, 2], [0, 2, 3]]))
        path.set_shader(self.studio.program("stamp", "overlay"))
        path.set_shader_input("word", made)
        graphics.over(path, 3)

    def _line(self, line: Line) -> None:
        """A line with a dark edge, and its label."""
        points = self.size * display_places(np.asarray(line.points, dtype=np.float64).reshape(-1, 2), self.turn)
        if len(points) > 1:
            half = max(line.width * LINE_PX * self.size, 1.2) / 2
            for order, wide, colour in ((1, half + 1.0, (0.0, 0.0, 0.0, 0.55)), (2, half, (*line.colour, 1.0))):
                path = self._quads(*segments(points, wide + 1.0))
                path.set_shader(self.studio.program("stroke", "overlay"))
                path.set_shader_input("colour", LVecBase4f(*colour))
                path.set_shader_input("half_width", wide)
                graphics.over(path, order)
        if line.label:
            offset = 0.6 * self._height(SMALL) / self.size
            at = points[0] / self.size
            self._stamp(line.label, (at[0] + offset, at[1] - offset), SMALL, line.colour, (0.0, 1.0))

    def _quads(self, corners: Array, places: Array, faces: NDArray[np.integer]) -> graphics.NodePath:
        """Corners in pixels (right, down, a number), as geometry in clip coordinates."""
        clip = corners.astype(np.float32)
        clip[:, 0] = 2 * clip[:, 0] / self.size - 1
        clip[:, 1] = 1 - 2 * clip[:, 1] / self.size
        node = graphics.geometry(clip, faces.astype(np.int32), places.astype(np.float32))
        return self._overlay.attach_new_node(node)
