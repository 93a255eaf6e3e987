"""Kind and grade of a vertebral fracture by Genant, measured on the built landmarks against the neighbours.

In: landmarks of a patient's levels. Out: `Graded` of a level: heights as fractions of the neighbours' mean, kind, grade 0 to 3.
Source: Genant 1993 (J Bone Miner Res 8:1137): a fifth, a quarter and two fifths of a height lost begin grades 1, 2 and 3
(recalled). Neighbours are the nearest levels above and below that are themselves whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.patient import Vertebra
from models.recipe import PLANA

GRADES = (0.20, 0.25, 0.40)
"""Loss of height from which grades 1, 2, 3 are given."""

WHOLE = 0.80
"""A level is a fair neighbour when none of its heights is below this part of the greatest within two levels; assumed."""

WITHIN = 2
"""Levels above and below among which the greatest height is looked for; assumed: heights grow by about 4 % a level."""

TOLERANCE = 0.02
"""By how much heights may miss what was asked and still be a plana; the landmarks' own error; assumed."""


@dataclass(frozen=True)
class Graded:
    """A level against its neighbours' means."""

    anterior: float  # fractions, 1 = as the neighbours
    middle: float
    posterior: float
    kind: str  # "none", "wedge", "biconcave", "crush", "plana"
    grade: int  # 0 .. 3

    def __str__(self) -> str:
        heights = f"anterior {self.anterior:.2f}, middle {self.middle:.2f}, posterior {self.posterior:.2f}"
        return f"{self.kind} grade {self.grade} ({heights} of the neighbours' mean)"


def graded(level: str, vertebrae: Mapping[str, Vertebra]) -> Graded:
    """The fracture of a level; without a whole neighbour it is compared with itself, so grade 0."""
    levels = list(vertebrae)
    at = levels.index(level)
    whole = [name for name in levels if name != level and _whole(name, vertebrae)]
    above = [name for name in whole if levels.index(name) < at][-1:]
    below = [name for name in whole if levels.index(name) > at][:1]
    near = [_heights(vertebrae[name]) for name in above + below] or [_heights(vertebrae[level])]
    ratios = _heights(vertebrae[level]) / np.mean(near, axis=0)
    front, middle, back = (float(ratio) for ratio in ratios)
    grade = sum(1.0 - min(front, middle, back) >= loss for loss in GRADES)
    return Graded(front, middle, back, _kind(front, middle, back) if grade else "none", grade)


def all_graded(vertebrae: Mapping[str, Vertebra]) -> dict[str, Graded]:
    """Every level, cranial to caudal."""
    return {level: graded(level, vertebrae) for level in vertebrae}


def _heights(vertebra: Vertebra) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([vertebra.anterior_height, vertebra.middle_height, vertebra.posterior_height])


def _whole(level: str, vertebrae: Mapping[str, Vertebra]) -> bool:
    levels = list(vertebrae)
    at = levels.index(level)
    near = [_heights(vertebrae[name]) for name in levels[max(at - WITHIN, 0) : at + WITHIN + 1]]
    return bool((_heights(vertebrae[level]) >= WHOLE * np.max(near, axis=0)).all())


def _kind(front: float, middle: float, back: float) -> str:
    """All heights gone: plana; the posterior one too: crush; else the lower of front and middle names it."""
    if max(front, middle, back) <= PLANA + TOLERANCE:
        return "plana"
    if 1.0 - back >= GRADES[0]:
        return "crush"
    return "wedge" if front <= middle else "biconcave"
