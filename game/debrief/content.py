"""What a debrief page shows, as plain data. `reading` fills it from a record, `page` sets it.

Times in s of simulated time, lengths in mm, forces in N, volumes in ml; positions in the patient frame.
Texts may come from a foreign file: nothing here is trusted to be free of markup.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from game.procedure.score import Error
from models.carm import Pose

Array = NDArray[np.float64]

LARGEST_NUMBER = 1.0e7
"""Beyond this no time (s), length, angle or tube setting of an attempt lies; assumed, only to refuse foreign files."""


def sane(value: object) -> float:
    """A number of a record as a float. Raises ValueError where it is none, not finite or beyond LARGEST_NUMBER."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_NUMBER:
        raise ValueError(f"{str(value)[:40]!r} where a number is expected")
    return float(value)


CEMENT = "cement"
"""Place of an error that happened in the cement, so not where the tip was."""

NO_POINTS: Array = np.zeros((0, 3))


@dataclass(frozen=True)
class Line:
    """One line of the score."""

    key: str
    title: str
    points: float
    of: float
    measured: str
    why: str
    instead: str  # what to do instead; shown when points were lost
    own: bool = False  # our own rule, not the paper's

    @property
    def lost(self) -> float:
        """Points that this line cost."""
        return self.of - self.points


@dataclass(frozen=True)
class Fault:
    """One error: shown with its number in the table, on the pictures and on the time axis."""

    error: Error
    place: Array | None = None  # (3,) where the point of the trocar was; None: not there

    @property
    def t(self) -> float:
        """When."""
        return self.error.t

    @property
    def critical(self) -> bool:
        """Whether it ends the score."""
        return self.error.critical

    @property
    def where(self) -> str:
        """Where, in words; cement has a side only."""
        return f"{self.error.place}, {self.error.side} side" if self.error.place == CEMENT else self.error.place


@dataclass(frozen=True)
class Picture:
    """A key picture as stored: detector orientation, row 0 cranial."""

    png: str  # base64
    t: float
    step: str
    caption: str
    pose: Pose
    kvp: float
    mas: float
    dose: str = ""
    size: int = 512
    reason: str = ""  # why it was kept
    evidence: bool = False  # one of the pictures that the attempt is judged by


@dataclass(frozen=True)
class Path:
    """The trocar's tip over time."""

    t: Array = field(default_factory=lambda: np.zeros(0))  # (N,)
    tip: Array = field(default_factory=lambda: NO_POINTS)  # (N, 3)
    depth: Array = field(default_factory=lambda: np.zeros(0))  # (N,) embedding, 0 outside bone


@dataclass(frozen=True)
class Feel:
    """Axial resistance along the tract of one entry, as the record kept it."""

    title: str = "Entry"
    depth: Array = field(default_factory=lambda: np.zeros(0))  # (N,) skin to point
    force: Array = field(default_factory=lambda: np.zeros(0))  # (N,)
    tissue: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # (N,) Tissue, or empty


@dataclass(frozen=True)
class Act:
    """Something that lasted, for the time axis."""

    track: str  # one of TRACKS
    start: float
    end: float


TRACKS = ("arm", "X-ray", "needle", "cement")
"""Lanes of the time axis, top to bottom; errors are the last lane."""


@dataclass(frozen=True)
class Debrief:
    """Everything on the page."""

    scenario: str
    operator: str
    seed: int
    score: float | None  # None: nothing was measured
    critical: tuple[str, ...]
    uncapped: float  # sum of the lines, before a critical error ended it
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    pictures: tuple[Picture, ...] = ()
    path: Path = field(default_factory=Path)
    feels: tuple[Feel, ...] = ()
    acts: tuple[Act, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()  # dose, time, volume: name and value with its unit
    facts: tuple[tuple[str, str], ...] = ()  # of the record: version, seed ...
    complete: bool = True
    ends_at: float = 0.0
