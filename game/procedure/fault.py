"""One error of an attempt, as the detectors (errors.py, cement_errors.py) find it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One error of an attempt."""

    t: float
    id: str
    side: str
    place: str
    mm: float | None
    text: str
