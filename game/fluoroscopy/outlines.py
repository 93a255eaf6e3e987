"""The landmarks of a picture as lines over it, for learn mode: what a trainee is to find by eye, drawn once.

In: the patient, the target's level, the pose of the exposed picture. Out: named outlines in pixels (column, row) of the 512
detector picture, row 0 cranial (docs/conventions.md). By geometry alone, so they are there where noise hides the edge.
Not here: turning with the display and drawing (screen.py), how true the view is (game/procedure/views.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from game.procedure.views import kind
from models.carm import Pose, View, view
from models.patient import SIDES, Patient, Side, Vertebra

Array = NDArray[np.float64]

SIZE = 512

RAYS = 64
"""Directions from the middle in which the body's edge is sought: one each 5.6 degrees, about 30 of its points in each. Assumed."""

FILL = 2
"""Neighbours on each side from which a direction without a point of its own takes its reach. Assumed."""

WALL_POINTS = 12
"""Points between the landmarks of the posterior margin. Assumed."""

DOT_PX = 5.0
"""Radius of the mark round the spinous tip: about 1.5 mm at the patient. Assumed (display only)."""


@dataclass(frozen=True)
class Outline:
    """One landmark."""

    name: str  # "left pedicle", "L1"
    group: str  # pedicle, plate, body, spinous, margin, canal: what shares a colour
    points: Array  # (N, 2) pixels; closed where the first is the last; one point alone carries just the name


def outlines(patient: Patient, target: str, pose: Pose) -> tuple[Outline, ...]:
    """What the picture from `pose` shows of the target, and the names of all levels in the field."""
    seen = view(pose, SIZE)
    vertebra = patient.vertebrae[target]
    ray = vertebra.centre - seen.source
    lateral = kind(ray / np.linalg.norm(ray), vertebra) == "lateral"
    found = [*_levels(patient, seen), *_body(vertebra, seen), *_arch(vertebra, seen, lateral)]
    if lateral:
        found += _behind(vertebra, seen)
    return tuple(each for each in found if _in_field(each.points))


def _in_field(points: Array) -> bool:
    """Whether any of it falls on the detector."""
    return bool(np.all((points >= 0.0) & (points <= SIZE - 1), axis=-1).any())


def ring(points: Array) -> Array:
    """A closed line of pixels that begins at its right-most one, where its name has room."""
    first = int(np.argmax(points[:, 0]))
    turned = np.roll(points, -first, axis=0)
    return np.concatenate([turned, turned[:1]])


def _levels(patient: Patient, seen: View) -> Iterator[Outline]:
    """A name in the middle of each body."""
    for level, vertebra in patient.vertebrae.items():
        yield Outline(level, "body", seen.project(vertebra.centre)[None])


def _body(vertebra: Vertebra, seen: View) -> Iterator[Outline]:
    """The body's edge and its end plates; a plate is one line where the beam is tangent to it."""
    wall = np.concatenate(
        [between(margin(vertebra, side)) for side in SIDES]
    )  # the outline leaves the pedicles' roots out
    yield Outline("", "body", ring(silhouette(seen.project(np.concatenate([vertebra.outline, wall])))))
    for name, plate in (("superior", vertebra.superior_plate), ("inferior", vertebra.inferior_plate)):
        yield Outline(f"{name} end plate", "plate", ring(smooth(seen.project(plate.rim))))


def _arch(vertebra: Vertebra, seen: View, lateral: bool) -> Iterator[Outline]:
    """The pedicles and the tip of the spinous process."""
    names = ("pedicles", "") if lateral else ("left pedicle", "right pedicle")
    for name, side in zip(names, SIDES, strict=True):
        yield Outline(name, "pedicle", ring(seen.project(vertebra.pedicles[side].ring)))
    around = np.linspace(0.0, 2 * np.pi, 17)
    dot = DOT_PX * np.stack([np.cos(around), np.sin(around)], axis=-1)
    yield Outline("spinous process", "spinous", seen.project(vertebra.spinous_tip) + dot)


def _behind(vertebra: Vertebra, seen: View) -> Iterator[Outline]:
    """Posterior margin as each half of the body throws it (one line in a true lateral), and the canal behind it."""
    for name, side in zip(("posterior margin", ""), SIDES, strict=True):
        yield Outline(name, "margin", seen.project(margin(vertebra, side)))
    up = vertebra.superior * vertebra.posterior_height / 2
    height = float((vertebra.posterior_wall - vertebra.canal_centre) @ vertebra.superior)
    middle = vertebra.canal_centre + vertebra.superior * height
    deep = vertebra.posterior * vertebra.canal_half_depth
    band = np.array([middle - deep + up, middle + deep + up, middle + deep - up, middle - deep - up])
    yield Outline("canal", "canal", ring(seen.project(band)))


def margin(vertebra: Vertebra, side: Side) -> Array:
    """(3, 3) posterior margin of one half of the body: its upper rim, the landmark that laterals are judged by, its lower rim."""
    corner = vertebra.corners[side]

    def beside(rim: Array) -> Array:
        """The rim's point behind, as far from the midline as the landmark."""
        behind = rim[(rim - vertebra.centre) @ vertebra.posterior > 0.0]
        return np.asarray(behind[int(np.argmin(np.abs((behind - corner) @ vertebra.left)))])

    return np.array([beside(vertebra.superior_plate.rim), corner, beside(vertebra.inferior_plate.rim)])


def between(points: Array) -> Array:
    """(M, 3) points along a line through `points`."""
    share = np.linspace(0.0, 1.0, WALL_POINTS)[:, None]
    return np.concatenate([a + share * (b - a) for a, b in pairwise(points)])


def smooth(points: Array) -> Array:
    """A closed line with each point at the mean of itself and its neighbours: the rims are probed ray by ray."""
    return np.asarray(sum(np.roll(points, step, axis=0) for step in range(-FILL, FILL + 1)) / (2 * FILL + 1))


def silhouette(pixels: Array) -> Array:
    """(RAYS, 2) the edge of a cloud of pixels, seen from its middle: the farthest one in each direction."""
    middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2
    offset = pixels - middle
    which = ((np.arctan2(offset[:, 1], offset[:, 0]) + np.pi) / (2 * np.pi) * RAYS).astype(int) % RAYS
    reach = np.zeros(RAYS)
    np.maximum.at(reach, which, np.linalg.norm(offset, axis=1))
    around = np.median([np.roll(reach, step) for step in range(-FILL, FILL + 1)], axis=0)
    reach = np.maximum(reach, around)  # a direction in which too few points lie is filled, a corner is kept
    turn = (np.arange(RAYS) + 0.5) / RAYS * 2 * np.pi - np.pi
    return np.asarray(middle + reach[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1))
