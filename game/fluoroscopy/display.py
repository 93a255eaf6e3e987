"""What the monitor shows of a detector picture: turned for lateral views, with the side's letter and the word SIMULATED.

In: grey (size, size) in detector orientation (row 0 cranial), the pose. Out: grey as shown; PNG files.
Turning and mirroring are display controls: they change no data (docs/conventions.md). Letters are drawn after turning, so
they read upright; where they stand follows the patient's sides, not the screen's.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.carm import Pose, rotation
from models.whole_file import written

Grey = NDArray[np.uint8]

OBLIQUE = 0.5
"""Where the patient's left-right axis is foreshortened below this (steeper than 60 degrees), the letter names the side at
the detector instead of a side of the picture."""


@dataclass(frozen=True)
class Display:
    """Quarter turns anticlockwise, then a left-right mirror."""

    turns: int = 0
    mirrored: bool = False


UPRIGHT = Display()
PRESETS = {"ap": UPRIGHT, "left-lateral": Display(turns=1), "right-lateral": Display(turns=-1)}
"""Lateral presets turn so that posterior is up: left-lateral has cranial at image left, right-lateral at image right."""


def shown(grey: Grey, display: Display) -> Grey:
    """The picture as displayed."""
    turned = np.rot90(grey, display.turns)
    return np.ascontiguousarray(turned[:, ::-1] if display.mirrored else turned)


def shown_direction(column: float, row: float, display: Display) -> tuple[float, float]:
    """A direction in the detector picture (right, down) as it lies on the display."""
    for _ in range(display.turns % 4):
        column, row = row, -column
    return (-column if display.mirrored else column), row


def letters(pose: Pose, display: Display) -> list[tuple[str, float, float]]:
    """(letter, right, down) of the markers: where each stands, -1 to 1 from the middle of the display.

    Where left and right are apart in the picture, both letters at their sides; in lateral views one letter, the side that
    lies at the detector, in the upper left corner.
    """
    turn = rotation(pose)
    left = turn.T @ np.array(
        [1.0, 0.0, 0.0]
    )  # the patient's left in the arm's axes: columns run along -x, rows along -z
    right, down = shown_direction(float(-left[0]), float(-left[2]), display)
    length = float(np.hypot(right, down))
    if length >= OBLIQUE:
        scale = 0.9 / max(abs(right), abs(down))
        x, y = right * scale, down * scale
        return (
            [("L", x, y - 0.8), ("R", -x, -y - 0.8)] if abs(x) >= abs(y) else [("L", x - 0.8, y), ("R", -x - 0.8, -y)]
        )
    return [("L" if left[1] > 0 else "R", -0.9, -0.9)]


def monitor(grey: Grey, pose: Pose, display: Display = UPRIGHT) -> Grey:
    """The displayed picture with its markers burnt in."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(shown(grey, display))
    size = image.width
    draw = ImageDraw.Draw(image)
    large, small = ImageFont.load_default(size / 18), ImageFont.load_default(size / 42)

    def write(text: str, x: float, y: float, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> None:
        place = ((1 + np.clip(x, -0.93, 0.93)) * size / 2, (1 + np.clip(y, -0.93, 0.93)) * size / 2)
        draw.text(place, text, fill=255, font=font, anchor="mm", stroke_width=max(size // 256, 1), stroke_fill=0)

    for letter, x, y in letters(pose, display):
        write(letter, x, y, large)
    write("SIMULATED", 0.8, 0.94, small)
    return np.array(image, dtype=np.uint8)


def png(grey: Grey) -> bytes:
    """A PNG file of a picture."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def write_png(path: Path, grey: Grey, notes: Mapping[str, str]) -> None:
    """Writes an 8-bit picture with its notes as text chunks; whole or not at all. InputError where it cannot."""
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    for key, value in notes.items():
        text.add_text(key, value)
    with written(path) as beside:
        Image.fromarray(grey).save(beside, format="PNG", pnginfo=text)
