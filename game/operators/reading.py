"""Eyes that read by geometry: landmarks of the patient projected by numpy, seen or not by geometry and dose.

In: the patient, the last exposed snapshot of a session. Out: a Sighting, in pixels of the 512 detector picture.
For scale: thousands of performances without a screen. The provider that measures on the picture itself is
game/fluoroscopy/pixels.py; a test holds the two together. Perception noise is the operator's, drawn from its own generator.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from game.operators.eyes import Level, Mark, Paste, Ring, Sighting, Tool
from game.simulation.simulation import Snapshot
from models import carm
from models.carm import View
from models.instrument_surfaces import COLLAR_MM
from models.instruments import TrocarPose
from models.patient import SIDES, Grid, Patient, Pedicle, Plate, Side, Vertebra

Array = NDArray[np.float64]

SIZE = 512
MARGIN_PX = 8.0
"""A landmark nearer to the field's edge than this is not used; assumed."""
QUANTA_AT_20_NGY = 54.0
"""Quanta per 0.3 mm pixel at 20 nGy (RQA5, IEC 62220-1; XRAY 2.4)."""
UNSEEN_PX = 8.0
"""Spread of a guess at what is hidden: about 2.4 mm; assumed (game/fluoroscopy/pixels.py has the same)."""
EDGE_PIXELS = 12.0
"""Pixels of an edge that the eye adds up; assumed."""
PLATE_MM = 0.5
"""Thickness of an end plate (FIGURES a4: 0.4-0.8, recalled)."""
SEEN_VOXELS = 12
"""Voxels of cement (1 mm3) in one patch of a few mm that the eye makes out; assumed."""
STRAY_PX = 5.0
"""How far beyond the body's outline cement must lie to be seen as outside it (about 1.5 mm); assumed."""


@dataclass(frozen=True)
class Projection:
    """One exposed picture as geometry: where things fall, and what hides them."""

    view: View
    needle: TrocarPose | None
    snr: float  # of one pixel behind the spine

    def mark(self, point: Array, chord_mm: float) -> Mark:
        """The mark of a patient point whose edge shows by `chord_mm` of cortex along the ray."""
        pixel = self.view.project(point)
        inside = bool(np.all((pixel > MARGIN_PX) & (pixel < SIZE - 1 - MARGIN_PX)))
        contrast = 1.0 - np.exp(-CORTEX_OVER_SOFT_PER_MM * chord_mm)
        cnr = float(contrast * self.snr * np.sqrt(EDGE_PIXELS))
        return Mark((float(pixel[0]), float(pixel[1])), cnr, hidden=not inside or self.behind_hub(pixel))

    def behind_hub(self, pixel: Array) -> bool:
        """Whether the hub's steel collar covers a pixel; the grip round it lets the rays through."""
        if self.needle is None:
            return False
        hub = self.view.project(self.needle.hub)
        rim = self.view.project(self.needle.hub + self.view.column * COLLAR_MM / 2)
        return bool(np.linalg.norm(pixel - hub) < np.linalg.norm(rim - hub))


CORTEX_OVER_SOFT_PER_MM = 0.05
"""mu of cortical bone less soft tissue behind a patient (about 55 keV), 1/mm (FIGURES e: 0.0695 at 50, 0.0387 at 60 keV)."""


def plate_marks(shown: Projection, plate: Plate) -> tuple[Mark, Mark, Mark]:
    """(near, far, middle) marks of an end plate: where the beam through its middle crosses its rim, near the detector first."""
    ray = plate.centre - shown.view.source
    ray = ray / np.linalg.norm(ray)
    across = ray - (ray @ plate.normal) * plate.normal
    spokes = plate.rim - plate.centre
    along = spokes @ across / np.linalg.norm(spokes, axis=1)
    near, far = plate.rim[np.argmax(along)], plate.rim[np.argmin(along)]
    chord = min(float(np.linalg.norm(near - far)), PLATE_MM / max(abs(float(ray @ plate.normal)), 1e-3))
    return shown.mark(near, chord), shown.mark(far, chord), shown.mark(plate.centre, chord)


def ring_marks(shown: Projection, pedicle: Pedicle, side: Side, vertebra: Vertebra) -> Ring:
    """The pedicle's outline: ends of its projected ring along and across the picture."""
    pixels = shown.view.project(pedicle.ring)
    outward = vertebra.left if side == "left" else -vertebra.left
    across = float(outward @ shown.view.column)
    order = pixels[:, 0] * (1.0 if across >= 0 else -1.0)
    chord = 0.6 * max(2.0, 8.0 * abs(float(pedicle.axis @ shown.view.beam)))

    def at(index: int) -> Mark:
        return shown.mark(pedicle.ring[index], chord)

    return Ring(
        centre=shown.mark(pedicle.centre, chord),
        lateral=at(int(np.argmax(order))),
        medial=at(int(np.argmin(order))),
        cranial=at(int(np.argmin(pixels[:, 1]))),
        caudal=at(int(np.argmax(pixels[:, 1]))),
    )


def silhouette(shown: Projection, vertebra: Vertebra, toward: Array) -> Mark:
    """The body's outline, farthest along `toward` (patient direction), within the middle half of its height."""
    height = (vertebra.outline - vertebra.centre) @ vertebra.superior
    middle = vertebra.outline[np.abs(height) < vertebra.middle_height / 4]
    points = middle if len(middle) else vertebra.outline
    pixels = shown.view.project(points)
    way = np.array([toward @ shown.view.column, toward @ shown.view.row])
    return shown.mark(points[int(np.argmax(pixels @ way))], 4.0)


def level_marks(shown: Projection, vertebra: Vertebra, ribs: Mapping[Side, Array]) -> Level:
    """Everything of one vertebra."""
    superior_near, superior_far, superior = plate_marks(shown, vertebra.superior_plate)
    inferior_near, inferior_far, inferior = plate_marks(shown, vertebra.inferior_plate)
    return Level(
        superior_near=superior_near,
        superior_far=superior_far,
        inferior_near=inferior_near,
        inferior_far=inferior_far,
        superior=superior,
        inferior=inferior,
        centre=shown.mark(vertebra.centre, 1.0),
        pedicles={side: ring_marks(shown, vertebra.pedicles[side], side, vertebra) for side in SIDES},
        spinous=shown.mark(vertebra.spinous_tip, 4.0),
        anterior=silhouette(shown, vertebra, -vertebra.posterior),
        corner_left=shown.mark(vertebra.corners["left"], 4.0),
        corner_right=shown.mark(vertebra.corners["right"], 4.0),
        edge_left=silhouette(shown, vertebra, vertebra.left),
        edge_right=silhouette(shown, vertebra, -vertebra.left),
        ribs={side: shown.mark(point, 2.0) for side, point in ribs.items()},
    )


def tool_marks(shown: Projection, needle: TrocarPose) -> Tool:
    """The trocar: steel shows at once, but the hub may cover the point."""
    steel = 60.0
    hub = Projection(shown.view, None, shown.snr).mark(needle.hub, steel)
    return Tool(
        point=shown.mark(needle.point, steel),
        heel=shown.mark(needle.heel, steel),
        shaft=shown.mark(needle.tip - 20.0 * needle.axis, steel),
        hub=hub,
    )


def paste_marks(shown: Projection, points: Array, vertebra: Vertebra, stray: tuple[Array, ...]) -> Paste | None:
    """Cement inside the body by its ends, and blobs seen beyond the body's outline."""
    if len(points) == 0:
        return None
    back = points[int(np.argmax(points @ vertebra.posterior))]
    top = points[int(np.argmax(points @ vertebra.superior))]
    bottom = points[int(np.argmin(points @ vertebra.superior))]
    dense = 20.0
    return Paste(
        posterior=shown.mark(back, dense),
        cranial=shown.mark(top, dense),
        caudal=shown.mark(bottom, dense),
        stray=tuple(shown.mark(point, dense) for point in stray),
    )


class Reading:
    """Eyes by geometry. `last` hands over the snapshot of the last exposed picture, None before the first."""

    def __init__(self, patient: Patient, target: str, last: Callable[[], Snapshot | None], spread_px: float, seed: int):
        self.patient, self.target, self.last, self.spread_px = patient, target, last, spread_px
        self.seed = seed
        self.rng = np.random.default_rng([seed, 0x0E1E5])

    def look(self) -> Sighting | None:
        """What the last exposed picture shows, with the operator's own spread on every pixel."""
        snapshot = self.last()
        if snapshot is None:
            return None
        return sight(self.patient, self.target, snapshot, self.misread)

    def misread(self, mark: Mark) -> Mark:
        """The mark as this operator's eye places it; a hidden one is a guess, the same wrong guess at every look."""
        shift = self.rng.normal(0.0, self.spread_px, 2) if self.spread_px else np.zeros(2)
        if mark.hidden:
            place = [abs(round(value)) for value in mark.pixel]
            shift = np.random.default_rng([self.seed, *place]).normal(0.0, UNSEEN_PX, 2)
        return replace(mark, pixel=(mark.pixel[0] + float(shift[0]), mark.pixel[1] + float(shift[1])))


def sight(patient: Patient, target: str, snapshot: Snapshot, place: Callable[[Mark], Mark]) -> Sighting:
    """Everything in one picture, each mark passed through `place` (perception, or measurement on pixels)."""
    view = carm.view(snapshot.pose, SIZE)
    kerma_ngy = 20.0  # brightness control holds it
    shown = Projection(view, snapshot.needle, float(np.sqrt(QUANTA_AT_20_NGY * kerma_ngy / 20.0)))
    levels = {
        name: level_marks(shown, vertebra, patient.rib_necks.get(name, {}))
        for name, vertebra in patient.vertebrae.items()
        if in_field(view, vertebra)
    }
    sighting = Sighting(
        levels=levels,
        tool=None if snapshot.needle is None else tool_marks(shown, snapshot.needle),
        cement=None if snapshot.cement is None else paste(shown, snapshot.cement, patient.vertebrae[target]),
        mm_per_pixel=view.pixel_mm * carm.SOURCE_ISOCENTRE_MM / carm.SOURCE_DETECTOR_MM,
    )
    placed: Sighting = each_mark(sighting, place)
    return placed


def in_field(view: View, vertebra: Vertebra) -> bool:
    """Whether the middle of a body lies in the picture."""
    pixel = view.project(vertebra.centre)
    return bool(np.all((pixel > 0) & (pixel < SIZE - 1)))


def each_mark(part: Any, place: Callable[[Mark], Mark]) -> Any:
    """A sighting, or a part of one, with every mark in it passed through `place`."""
    if isinstance(part, Mark):
        return place(part)
    if isinstance(part, Mapping):
        return {key: each_mark(value, place) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(each_mark(value, place) for value in part)
    if hasattr(part, "__dataclass_fields__"):
        return replace(part, **{f.name: each_mark(getattr(part, f.name), place) for f in fields(part)})
    return part


def paste(shown: Projection, cement: Grid, vertebra: Vertebra) -> Paste | None:
    """Cement as the picture shows it: what is thick enough along the ray, inside the body's outline and beyond it."""
    index = np.argwhere(cement.values > 0.3)
    if len(index) < SEEN_VOXELS:
        return None
    points = cement.origin + index * cement.spacing
    outline = shown.view.project(vertebra.outline)
    pixels = shown.view.project(points)
    hull = ConvexHull(outline)
    beyond = (pixels @ hull.equations[:, :2].T + hull.equations[:, 2]).max(axis=1)
    outside = beyond > STRAY_PX
    return paste_marks(shown, points[~outside], vertebra, blobs(points[outside], pixels[outside]))


def blobs(points: Array, pixels: Array) -> tuple[Array, ...]:
    """One point for each patch of stray cement that is deep enough along the ray to be seen."""
    cells: dict[tuple[int, int], list[Array]] = {}
    for point, pixel in zip(points, pixels, strict=True):
        cells.setdefault((int(pixel[0] // 12), int(pixel[1] // 12)), []).append(point)
    return tuple(np.mean(cell, axis=0) for cell in cells.values() if len(cell) >= SEEN_VOXELS)
