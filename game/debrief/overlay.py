"""The needle's path drawn over a stored picture: projection, display orientation, crop, numbered errors.

In: a Picture (its pose) and a Path, patient frame, mm. Out: `Overlay` in pixels of the picture as displayed.
Laterals are shown with posterior up: left-lateral cranial at image left, right-lateral at image right
(docs/conventions.md). Not here: drawing (page.html.j2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from game.debrief.content import Array, Fault, Path, Picture
from game.debrief.pictures import shown
from models.carm import Pose, view

LATERAL_DEG = 45.0
"""From this orbital angle on, a picture counts as a lateral and is shown with posterior up."""

JUMP_MM = 12.0
"""A step of the path longer than this is a fresh trocar or a new entry, not a movement; assumed (display only)."""

MARGIN = 0.12
LEAST_CROP = 0.5
"""Share of the picture kept round the path, and the smallest crop; assumed (display only)."""


@dataclass(frozen=True)
class Tag:
    """A numbered error in the picture; several at one place share a tag."""

    column: float
    row: float
    text: str
    critical: bool


@dataclass(frozen=True)
class Overlay:
    """What is drawn over one picture, in displayed pixels."""

    picture: Picture
    png: str  # base64, displayed orientation
    crop: tuple[float, float, float]  # left, top, side
    before: tuple[str, ...]  # polylines up to the picture, as SVG points
    after: tuple[str, ...]  # and later
    ends: tuple[tuple[float, float], ...]  # the deepest point of each entry
    tags: tuple[Tag, ...]

    @property
    def sides(self) -> str:
        """How the displayed picture lies."""
        turns = quarter_turns(self.picture.pose)
        return {0: "the patient's left at the left", 1: "posterior up, head at the left"}.get(
            turns, "posterior up, head at the right"
        )

    @property
    def name(self) -> str:
        """What the view is called."""
        return name_of(self.picture.pose)


def quarter_turns(pose: Pose) -> int:
    """Quarter turns anticlockwise from the detector's orientation to the display's."""
    if abs(pose.orbital) < LATERAL_DEG:
        return 0
    return 1 if pose.orbital > 0 else 3


def displayed(pixels: Array, turns: int, size: int) -> Array:
    """(..., 2) column, row on the display of detector pixels (..., 2), after quarter turns anticlockwise."""
    column, row = pixels[..., 0], pixels[..., 1]
    for _ in range(turns % 4):
        column, row = row, size - 1 - column
    return np.stack([column, row], axis=-1)


def name_of(pose: Pose) -> str:
    """'AP', 'left lateral' ... : how a person calls the view."""
    if abs(pose.orbital) >= LATERAL_DEG:
        return "left lateral" if pose.orbital > 0 else "right lateral"
    if abs(pose.orbital) < 2.0:
        return "AP"
    return f"{abs(pose.orbital):.0f}° {'left' if pose.orbital > 0 else 'right'} oblique"


def runs(path: Path) -> list[NDArray[np.int64]]:
    """Indices of the path's unbroken pieces."""
    if len(path.t) == 0:
        return []
    jumps = np.flatnonzero(np.linalg.norm(np.diff(path.tip, axis=0), axis=-1) > JUMP_MM) + 1
    return [np.asarray(piece) for piece in np.split(np.arange(len(path.t)), jumps) if len(piece) > 1]


def deepest(path: Path, pieces: list[NDArray[np.int64]]) -> list[Array]:
    """(3,) where the tip was deepest in bone, for each piece that reached bone."""
    return [path.tip[piece[path.depth[piece].argmax()]] for piece in pieces if path.depth[piece].max() > 0]


def _points(pixels: Array) -> str:
    return " ".join(f"{column:.1f},{row:.1f}" for column, row in pixels)


def _crop(pixels: Array, size: int) -> tuple[float, float, float]:
    """Square round the path in bone, at least LEAST_CROP of the picture and inside it."""
    if len(pixels) == 0:
        return 0.0, 0.0, float(size)
    low, high = np.clip(pixels.min(axis=0), 0, size), np.clip(pixels.max(axis=0), 0, size)
    side = min(float(max((high - low).max() + 2 * MARGIN * size, LEAST_CROP * size)), float(size))
    left, top = np.clip((low + high - side) / 2, 0.0, size - side)
    return float(left), float(top), side


def _numbers(members: list[int]) -> str:
    """'2', '1,2', '1-5' or '1,2,7…'."""
    if len(members) > 2 and members[-1] - members[0] == len(members) - 1:
        return f"{members[0]}-{members[-1]}"
    return ",".join(str(number) for number in members[:3]) + ("…" if len(members) > 3 else "")


def _tags(faults: tuple[Fault, ...], place: list[Array | None], side: float) -> tuple[Tag, ...]:
    """Tags of the errors that have a place; those nearer than a tag's breadth share one."""
    groups: list[tuple[Array, list[int]]] = []
    for number, pixel in enumerate(place):
        if pixel is None:
            continue
        for at, members in groups:
            if np.linalg.norm(at - pixel) < side / 14:
                members.append(number)
                break
        else:
            groups.append((pixel, [number]))
    return tuple(
        Tag(
            float(at[0]),
            float(at[1]),
            _numbers([number + 1 for number in members]),
            any(faults[number].critical for number in members),
        )
        for at, members in groups
    )


def overlay(picture: Picture, path: Path, faults: tuple[Fault, ...]) -> Overlay:
    """`path` and `faults` as they lie in `picture`."""
    turns = quarter_turns(picture.pose)
    pinhole = view(picture.pose, picture.size)

    def seen(points: Array) -> Array:
        return displayed(pinhole.project(points), turns, picture.size)

    pieces = runs(path)
    cuts = [int(np.searchsorted(path.t[piece], picture.t, side="right")) for piece in pieces]
    before = [piece[:cut] for piece, cut in zip(pieces, cuts, strict=True)]
    after = [piece[max(cut - 1, 0) :] for piece, cut in zip(pieces, cuts, strict=True)]
    drawn = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)
    in_bone = drawn[path.depth[drawn] > 0.0]
    crop = _crop(seen(path.tip[in_bone if len(in_bone) else drawn]), picture.size)
    places = [None if fault.place is None else seen(fault.place) for fault in faults]
    inside = [
        pixel if pixel is not None and np.all(pixel >= 0) and np.all(pixel < picture.size) else None for pixel in places
    ]
    return Overlay(
        picture=picture,
        png=shown(picture, turns),
        crop=crop,
        before=tuple(_points(seen(path.tip[piece])) for piece in before if len(piece) > 1),
        after=tuple(_points(seen(path.tip[piece])) for piece in after if len(piece) > 1),
        ends=tuple((float(at[0]), float(at[1])) for at in map(seen, deepest(path, pieces))),
        tags=_tags(faults, inside, crop[2]),
    )


def best(pictures: tuple[Picture, ...], lateral: bool, t: float) -> Picture | None:
    """The picture of that kind taken nearest to `t` (when the needle was deepest): it shows the path best."""
    kind = [
        picture
        for picture in pictures
        if (quarter_turns(picture.pose) != 0) == lateral and (lateral or abs(picture.pose.orbital) < 20.0)
    ]
    return min(kind, key=lambda picture: abs(picture.t - t), default=None)
