"""What an operator can see in one exposed picture. No patient coordinate passes through here, only pixels.

All pixels are (column, row) of the 512 detector picture (row 0 cranial, as seen from the detector), whatever the display shows.
Providers: `game.operators.reading` (numpy projection) and `game.fluoroscopy.pixels` (measured on the picture).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from models.patient import Side

Pixel = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """One landmark in the picture."""

    pixel: Pixel
    cnr: float  # contrast to noise of its edge
    hidden: bool = False  # behind metal or outside the field, so not to be used


@dataclass(frozen=True)
class Ring:
    """A pedicle's outline: its centre and the four ends of it in the picture."""

    centre: Mark
    lateral: Mark
    medial: Mark
    cranial: Mark
    caudal: Mark


@dataclass(frozen=True)
class Level:
    """One vertebra in the picture."""

    superior_near: Mark  # middle of the superior plate's rim, nearer to the detector ...
    superior_far: Mark  # ... and farther: one line when they coincide across the line
    inferior_near: Mark
    inferior_far: Mark
    superior: Mark  # middle of the superior plate
    inferior: Mark
    centre: Mark
    pedicles: Mapping[Side, Ring]
    spinous: Mark
    anterior: Mark  # foremost point of the body's silhouette in its middle height (lateral views), else the middle
    corner_left: Mark  # posterior margin of the body as its left and right halves throw it: one line in a true lateral
    corner_right: Mark
    edge_left: Mark  # lateral margins of the body (AP views)
    edge_right: Mark
    ribs: Mapping[Side, Mark]


@dataclass(frozen=True)
class Tool:
    """The trocar in the picture."""

    point: Mark
    heel: Mark
    shaft: Mark  # on the axis, 20 mm behind the tip
    hub: Mark


@dataclass(frozen=True)
class Paste:
    """Cement in the picture."""

    posterior: Mark  # its hindmost point in a lateral view
    cranial: Mark
    caudal: Mark
    stray: tuple[Mark, ...] = ()  # blobs seen outside the body


@dataclass(frozen=True)
class Sighting:
    """Everything an operator makes out in the last exposed picture."""

    levels: Mapping[str, Level]
    tool: Tool | None
    cement: Paste | None
    mm_per_pixel: float  # at the isocentre


class Eyes(Protocol):
    """`look()` reads the picture that was exposed last; None before the first."""

    def look(self) -> Sighting | None: ...
