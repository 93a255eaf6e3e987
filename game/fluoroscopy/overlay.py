"""Words and lines over a screen's picture, exact to the pixel: what a Screen (screen.py) writes.

In: text, places as shares of the screen (right, down), lines in its pixels. Out: geometry below one node of its target, in clip
coordinates. Colours are 0-1. Not here: what is written and where a detector pixel lies (screen.py).
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from panda3d.core import LVecBase4f, SamplerState, Texture

from game import graphics
from models.errors import MissingError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Array = NDArray[np.float64]
Colour = tuple[float, float, float]

LETTER, MARK, SMALL, LEAST_PX = 1 / 18, 1 / 34, 1 / 42, 13
"""Heights of side letters, mark and other words as shares of the screen, and the smallest in pixels: legible at 512; chosen by
eye."""

NAME, LEADER = 1 / 38, 0.35
"""Height of a landmark's name as a share of the screen; width of the line that leads to it, of a usual line's; chosen by eye."""

BACKING = (10, 15, 19, 190)
"""What a name stands on, 0-255 with opacity: readable over bone; chosen by eye."""

LINE_PX = 1 / 320
"""Width of a line as a share of the screen; chosen by eye."""


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
def lettering(text: str, height: int, colour: Colour, bold: bool, backed: bool = False) -> Texture:
    """A text with a dark edge, `backed` on a dark ground, as a texture, to be shown a pixel for a pixel; as high for every text."""
    from PIL import Image, ImageDraw

    font, edge = typeface(height, bold), max(height // (4 if backed else 12), 1)
    up, down = font.getmetrics()
    image = Image.new(
        "RGBA", (int(font.getlength(text)) + 2 * edge + 1, up + down + 2 * edge), BACKING if backed else (0, 0, 0, 0)
    )
    ink = (*(round(255 * value) for value in colour), 255)
    place, dark = (edge, edge + up), (0, 0, 0, 220)
    ImageDraw.Draw(image).text(
        place, text, fill=ink, font=font, anchor="ls", stroke_width=max(height // 12, 1), stroke_fill=dark
    )
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


def free(corner: Array, extent: Array, taken: Sequence[tuple[Array, Array]], size: int) -> Array:
    """The corner (right, down) nearest above or below `corner` at which a word overlaps none that is there; `corner` itself
    where there is no such place within six heights.
    """
    for step in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6):
        there = corner + np.array([0, step * extent[1]])
        inside = 0 <= there[1] <= size - extent[1]
        if inside and not any(bool(((there < c + e) & (c < there + extent)).all()) for c, e in taken):
            return there
    return corner


def apart(wanted: Sequence[float], high: float, size: float) -> list[float]:
    """Upper edges for words `high` pixels, one below the other in the order of `wanted`, each near its own and on the screen."""
    placed: list[float] = []
    for each in wanted:
        placed.append(max(each, placed[-1] + high if placed else 0.0))
    over = max(placed[-1] + high - size, 0.0) if placed else 0.0
    for number in range(len(placed) - 1, -1, -1):  # what went over the lower edge pushes the others up
        below = placed[number + 1] if number + 1 < len(placed) else placed[number] - over + high
        placed[number] = min(placed[number], below - high)
    return placed


class Overlay:
    """Words and lines below one node."""

    def __init__(self, studio: graphics.Studio, scene: graphics.NodePath, stretch: float = 1.0) -> None:
        """`stretch`: how much wider words are drawn, for a screen that is narrower than its texture."""
        self.studio, self.size, self.stretch = studio, 0, stretch
        self._node = scene.attach_new_node("overlay")
        self.taken: list[tuple[Array, Array]] = []
        """(corner, extent) [pixels] of the words that are written."""

    def begin(self, size: int) -> None:
        """Empty, for a screen of this size [pixels]."""
        self.size = size
        self._node.get_children().detach()
        self.taken.clear()

    def height(self, share: float) -> int:
        return max(round(share * self.size), LEAST_PX)

    def word(
        self,
        text: str,
        place: tuple[float, float],
        share: float,
        colour: Colour,
        anchor: tuple[float, float] = (0.5, 0.5),
        backed: bool = False,
    ) -> None:
        """A word whose `anchor` (0-1 of it, right and down) lies at a place (0-1, right and down), inside the screen; one
        that is `backed` stands on a dark ground, and moves up or down where another stands.
        """
        if not text:
            return
        made = lettering(text, self.height(share), colour, share >= MARK, backed)
        extent = np.array([made.get_x_size() * self.stretch, made.get_y_size()])
        corner = np.rint(np.array(place) * self.size - np.array(anchor) * extent)
        corner = np.clip(corner, 0, np.maximum(self.size - extent, 0))
        if backed:
            corner = free(corner, extent, self.taken, self.size)
        self.taken.append((corner, extent))
        corners = corner + np.array([[0, 1], [1, 1], [1, 0], [0, 0]]) * extent
        places = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32)
        path = self._quads(np.hstack([corners, np.zeros((4, 1))]), places, np.array([[0, 1, 2], [0, 2, 3]]))
        path.set_shader(self.studio.program("stamp", "overlay"))
        path.set_shader_input("word", made)
        graphics.over(path, 3)

    def line(self, points: Array, colour: Colour, width: float) -> None:
        """A line through `points` (N, 2) [pixels] with a dark edge, `width` usual ones wide."""
        if not np.ptp(points, axis=0).any():  # a drag may end where it began
            return
        half = max(width * LINE_PX * self.size, 1.2) / 2
        for order, wide, ink in ((1, half + 1.0, (0.0, 0.0, 0.0, 0.55)), (2, half, (*colour, 1.0))):
            path = self._quads(*segments(points, wide + 1.0))
            path.set_shader(self.studio.program("stroke", "overlay"))
            path.set_shader_input("colour", LVecBase4f(*ink))
            path.set_shader_input("half_width", wide)
            graphics.over(path, order)

    def names(self, named: Sequence[tuple[str, Array, Colour]]) -> None:
        """Names of shapes (text, perhaps none; points [pixels]; colour): of one point on it; of a shape outside all shapes, at
        the side that is nearer, with a line that leads to it.
        """
        shapes = [each for each in named if len(each[1]) > 1]
        for text, points, colour in named:
            if len(points) == 1:
                right, down = points[0] / self.size
                self.word(text, (float(right), float(down)), NAME, colour, backed=True)
        if not shapes:
            return
        every = np.concatenate([points for _, points, _ in shapes])
        low, high = every[:, 0].min(), every[:, 0].max()
        middle = (low + high) / 2
        for side, edge in ((-1.0, low), (1.0, high)):
            there = [
                (text, points, colour)
                for text, points, colour in shapes
                if text and (side > 0.0) == bool((points[:, 0].min() + points[:, 0].max()) / 2 >= middle)
            ]
            self._beside(there, edge, side)

    def _beside(self, named: Sequence[tuple[str, Array, Colour]], edge: float, side: float) -> None:
        """The names of one side (-1 left, 1 right) of what ends at `edge` [pixels], from top to bottom as their shapes."""
        ends = [points[(side * points[:, 0]).argmax()] for _, points, _ in named]
        order = sorted(range(len(named)), key=lambda number: float(ends[number][1]))
        high = 1.9 * self.height(NAME)
        tops = apart([float(ends[number][1]) - high / 2 for number in order], high, self.size)
        x = edge + side * 1.4 * self.height(NAME)
        for number, top in zip(order, tops, strict=True):
            text, _, colour = named[number]
            right, down = x / self.size, (top + high / 2) / self.size
            self.word(text, (float(right), float(down)), NAME, colour, (0.5 - side / 2, 0.5), backed=True)
            corner, extent = self.taken[-1]
            beside = corner + extent * np.array([0.5 - side / 2, 0.5])
            self.line(np.array([ends[number], beside]), colour, LEADER)

    def _quads(self, corners: Array, places: Array, faces: NDArray[np.integer]) -> graphics.NodePath:
        """Corners in pixels (right, down, a number), as geometry in clip coordinates."""
        clip = corners.astype(np.float32)
        clip[:, 0] = 2 * clip[:, 0] / self.size - 1
        clip[:, 1] = 1 - 2 * clip[:, 1] / self.size
        node = graphics.geometry(clip, faces.astype(np.int32), places.astype(np.float32))
        return self._node.attach_new_node(node)
