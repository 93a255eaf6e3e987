"""Eyes that measure on the picture: what an operator may know is what the exposed pulse shows, noise and all.

In: a Fluoroscope, its patient, the last exposed snapshot of a session. Out: a Sighting, pixels of the 512 detector picture.
What is given and what is measured: recognition is given (which shadow is the left pedicle, about where it lies, which way its
line runs: projected landmarks lay the search windows, as a trained eye knows anatomy); position and contrast are measured on
the picture. A mark on a line is measured across the line; along it there is nothing to measure, so that coordinate is given.
Middles (centre, plates' middles, rings' centres) are derived from measured ends; an end that does not show is completed at the
size that was expected, as long as the opposite one shows. A mark fainter than SURE is hidden and its pixel is a guess with a
spread of UNSEEN_PX, the same wrong one however often it is looked at from one pose, so that nobody can use what the picture
does not show.
The same by geometry alone, for scale: game/operators/reading.py. The measuring itself: measuring.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation
from scipy.spatial import ConvexHull

from game.fluoroscopy import measuring
from game.fluoroscopy.measuring import Found
from game.fluoroscopy.picture import unscattered
from game.fluoroscopy.projector import Fluoroscope
from game.operators import reading
from game.operators.eyes import Level, Mark, Paste, Ring, Sighting, Tool
from game.operators.reading import MARGIN_PX, SIZE, Projection
from game.simulation.simulation import Snapshot
from models import carm
from models.instruments import TROCAR, TrocarPose
from models.patient import SIDES, Patient, Pedicle, Plate, Side, Vertebra

Array = NDArray[np.float64]

SURE = 4.0
"""Contrast to noise of a whole mark below which an eye is not sure of it: noise alone reaches it in about 1 of 100 searches
(1.1 % of 4800), and Rose's criterion asks for 3 to 5 (Rose 1948, recalled)."""
UNSEEN_PX = 8.0
"""Spread of a guess at what is not seen, 2.4 mm at the isocentre; assumed."""
PLATE_HALF_PX, PLATE_REACH_PX = 20.0, 6.0
"""Half length of the piece of a plate's rim that is read (6 mm at the isocentre), and how far from where it is expected it is
looked for (1.8 mm); assumed, as the three pairs below."""
WALL_HALF_PX, WALL_REACH_PX = 12.0, 8.0
RING_HALF_PX, RING_REACH_PX = 12.0, 7.0
SPINOUS_HALF_PX, SPINOUS_REACH_PX = 10.0, 8.0
BACK_MM = 2.0
"""Heights about a corner's at which the posterior margin is looked for; assumed."""
SPINOUS_APART_PX = (5.0, 24.0)
"""Breadth of a spinous process seen end on, 1.5 to 7 mm; assumed."""
ONE_LINE_PX = 3.0
"""Two lines nearer than a core and its blur are seen as one."""
CEMENT_CNR = measuring.BLOB_DARKER / 0.045
"""Least contrast to noise of cement's edge: its threshold over the noise of a smoothed pulse without scatter at the usual dose
(about 0.045)."""
POINT_MM = 3.0
"""Length of metal at the tip by whose absence its contrast is told: a bevel and a little; assumed."""
TIP_PX, HUB_PX = 12, 18
"""Half sides of the windows in which the tip and shaft, and the steel collar of the hub, are laid over the picture; assumed."""
GRIP_PX = 80
"""More than the radius of the hub's grip in any picture: 12 mm, 300 mm from the source."""
STEEL_MM = 0.1
"""Steel of this thickness takes 8 % away: more than any bone behind it could be told by."""
WINDOW_PX = 15
"""How far round the body's outline cement is looked for (4.5 mm); assumed."""


class Pixels:
    """Eyes on the picture. `last` hands over the snapshot of the last exposed picture, None before the first."""

    def __init__(
        self,
        fluoroscope: Fluoroscope,
        patient: Patient,
        target: str,
        last: Callable[[], Snapshot | None],
        spread_px: float,
        seed: int,
    ) -> None:
        if fluoroscope.size != SIZE:
            raise ValueError(f"a fluoroscope of {fluoroscope.size} pixels: eyes need {SIZE}")
        self.fluoroscope, self.patient, self.target = fluoroscope, patient, target
        self.last, self.spread_px, self.seed = last, spread_px, seed
        self.rng = np.random.default_rng([seed, 0x0E1E6])
        self._snapshot: Snapshot | None = None
        self._measured: Sighting | None = None

    def look(self) -> Sighting | None:
        """What the last exposed picture shows, with the operator's own spread on every pixel."""
        snapshot = self.last()
        if snapshot is None:
            return None
        if snapshot is not self._snapshot or self._measured is None:
            self._measured = measured(self.patient, self.target, snapshot, self.picture(snapshot))
            self._snapshot = snapshot
        seen: Sighting = reading.each_mark(self._measured, self.perceived)
        return seen

    def picture(self, snapshot: Snapshot) -> NDArray[np.float32]:
        """The signal of the exposed pulse; its noise belongs to the moment of exposure."""
        noise = int(np.random.default_rng([self.seed, round(snapshot.t * 1000)]).integers(2**31))
        shot = self.fluoroscope.picture(
            snapshot.pose,
            snapshot.technique,
            noise,
            needle=snapshot.needle,
            cement=snapshot.cement,
            stylet=snapshot.stylet,
        )
        return shot.signal

    def perceived(self, mark: Mark) -> Mark:
        """The mark as this operator's eye places it; a guess where it is not seen."""
        right, down = self.rng.normal(0.0, self.spread_px, 2) + (self.wrong(mark) if mark.hidden else 0.0)
        return replace(mark, pixel=(mark.pixel[0] + float(right), mark.pixel[1] + float(down)))

    def wrong(self, mark: Mark) -> Array:
        """(2,) how far the guess at a hidden mark is off, pixels: one draw for a mark and a pose, or many looks would tell."""
        if self._snapshot is None:
            return np.zeros(2)
        pose = self._snapshot.pose
        tenths = [round(10 * value) for value in (pose.orbital, pose.tilt, pose.swivel, *pose.isocentre)]
        place = [self.seed, *tenths, *(round(value) for value in mark.pixel)]
        rng = np.random.default_rng([number & 0xFFFFFFFF for number in place])
        return rng.normal(0.0, UNSEEN_PX, 2)


def measured(patient: Patient, target: str, snapshot: Snapshot, signal: NDArray[np.floating]) -> Sighting:
    """Everything in one picture (size, size) [keV], without an operator's spread."""
    view = carm.view(snapshot.pose, SIZE)
    look = Look(Projection(view, snapshot.needle, 1.0), measuring.darkness(signal), snapshot.stylet)
    tool = None if snapshot.needle is None else look.tool(snapshot.needle)
    cement = None
    if snapshot.cement is not None:  # scatter flattens the picture, more from the side: a reader allows for that
        primary = unscattered(signal.astype(np.float64), snapshot.technique, carm.FIELD_MM / SIZE)
        cement = look.paste(patient.vertebrae[target], measuring.darkness(primary))
    return Sighting(
        levels={
            name: look.level(vertebra, patient.rib_necks.get(name, {}))
            for name, vertebra in patient.vertebrae.items()
            if reading.in_field(view, vertebra)
        },
        tool=tool,
        cement=cement,
        mm_per_pixel=view.pixel_mm * carm.SOURCE_ISOCENTRE_MM / carm.SOURCE_DETECTOR_MM,
    )


class Look:
    """One picture and where things are expected in it."""

    def __init__(self, shown: Projection, dark: Array, stylet: bool) -> None:
        self.shown, self.dark, self.stylet = shown, dark, stylet
        self.view = shown.view
        self.steel = np.zeros(dark.shape, dtype=bool)
        self.covered = self.steel.copy()  # by steel or the hub's grip
        self.bare = dark.copy()  # NaN under steel and its blur: no line of bone is looked for there

    # ---- marks

    def mark(self, found: Found, expected: Mark) -> Mark:
        """What was found, or a guess where it is too faint, under steel or outside the field."""
        column, row = expected.pixel
        inside = MARGIN_PX < column < SIZE - 1 - MARGIN_PX and MARGIN_PX < row < SIZE - 1 - MARGIN_PX
        if not inside or found.cnr < SURE or self.steel[round(row), round(column)]:
            return replace(expected, cnr=found.cnr if inside else 0.0, hidden=True)
        return Mark(found.pixel, found.cnr)

    def guess(self, expected: Mark) -> Mark:
        """A mark that this view has no line for."""
        return replace(expected, cnr=0.0, hidden=True)

    def line(self, expected: Mark, course: Array, across: Array, reach: float) -> Mark:
        """A mark on a dark line that runs along `course` (T, 2), looked for `across` it."""
        return self.mark(measuring.dark_line(self.bare, course, expected.pixel, across, reach), expected)

    def margin(self, expected: Mark, up: Array, reach: float = WALL_REACH_PX, body: Array | None = None) -> Mark:
        """A mark on a margin that runs along `up`: straight, or as the outline of `body` (N, 2 px) runs on the mark's side."""
        course = measuring.straight(expected.pixel, up, WALL_HALF_PX)
        across = measuring.unit(np.array([-up[1], up[0]]))
        if body is not None:
            course = measuring.outermost(body, course, across)
        return self.line(expected, course, across, reach)

    def apart(self, first: Mark, second: Mark, across: Array, most: float) -> float:
        """How far to look from each of two lines: not beyond the middle between them, unless they are one line."""
        gap = abs(float(np.subtract(first.pixel, second.pixel) @ measuring.unit(across)))
        return most if gap < ONE_LINE_PX else min(gap / 2, most)

    def across(self, direction: Array, at: Array) -> Array:
        """(2,) how a patient direction runs in the picture at a patient point, pixels."""
        return np.asarray(self.view.project(at + direction) - self.view.project(at))

    # ---- anatomy

    def level(self, vertebra: Vertebra, ribs: Mapping[Side, Array]) -> Level:
        """Everything of one vertebra."""
        expected = reading.level_marks(self.shown, vertebra, ribs)
        up = self.across(vertebra.superior, vertebra.centre)
        lateral = abs(float(vertebra.posterior @ self.view.column)) > abs(float(vertebra.left @ self.view.column))
        superior_near, superior_far = self.plate(vertebra.superior_plate, expected.superior_near, expected.superior_far)
        inferior_near, inferior_far = self.plate(vertebra.inferior_plate, expected.inferior_near, expected.inferior_far)
        body = self.view.project(vertebra.outline)
        if lateral:
            left, right = self.guess(expected.edge_left), self.guess(expected.edge_right)
            back = {side: self.back(vertebra, side) for side in SIDES}
            reach = self.apart(back["left"], back["right"], np.array([-up[1], up[0]]), WALL_REACH_PX)
            corner_left, corner_right = (self.margin(back[side], up, reach) for side in SIDES)
            anterior = self.margin(expected.anterior, up, body=body)
            pairs = [(anterior, expected.anterior), (corner_left, back["left"]), (corner_right, back["right"])]
        else:
            left, right = (self.margin(mark, up, body=body) for mark in (expected.edge_left, expected.edge_right))
            corner_left, corner_right = self.guess(expected.corner_left), self.guess(expected.corner_right)
            anterior = self.guess(expected.anterior)
            pairs = [(left, expected.edge_left), (right, expected.edge_right)]
        superior_rims = [(superior_near, expected.superior_near), (superior_far, expected.superior_far)]
        inferior_rims = [(inferior_near, expected.inferior_near), (inferior_far, expected.inferior_far)]
        superior = middle(expected.superior, [], superior_rims)
        inferior = middle(expected.inferior, [], inferior_rims)
        return Level(
            superior_near=superior_near,
            superior_far=superior_far,
            inferior_near=inferior_near,
            inferior_far=inferior_far,
            superior=superior,
            inferior=inferior,
            centre=middle(expected.centre, pairs, superior_rims + inferior_rims),
            pedicles={side: self.ring(vertebra.pedicles[side], expected.pedicles[side]) for side in SIDES},
            spinous=self.spinous(expected.spinous, up, lateral),
            anterior=anterior,
            corner_left=corner_left,
            corner_right=corner_right,
            edge_left=left,
            edge_right=right,
            ribs={side: self.margin(mark, np.array([1.0, 0.0])) for side, mark in expected.ribs.items()},
        )

    def back(self, vertebra: Vertebra, side: Side) -> Mark:
        """Where the posterior margin of a half of the body is expected: its hindmost outline at the height of its corner.

        Not the corner itself: a rounded body throws its margin farther back than the corner beside it (lateral views).
        """
        corner = vertebra.corners[side]
        lateral = (vertebra.outline - vertebra.centre) @ vertebra.left * (1.0 if side == "left" else -1.0)
        level = np.abs((vertebra.outline - corner) @ vertebra.superior) < BACK_MM
        points = np.concatenate([vertebra.outline[level & (lateral > 0)], corner[None]])
        way = self.across(vertebra.posterior, vertebra.centre)
        return self.shown.mark(points[int(np.argmax(self.view.project(points) @ way))], 4.0)

    def plate(self, plate: Plate, near: Mark, far: Mark) -> tuple[Mark, Mark]:
        """Near and far rim of an end plate: the rim's own course, looked for across it."""
        along = self.across(np.cross(plate.normal, measuring.unit3(plate.centre - self.view.source)), plate.centre)
        across = np.array([-along[1], along[0]])
        reach = self.apart(near, far, across, PLATE_REACH_PX)
        rim = self.view.project(plate.rim)

        def rim_line(mark: Mark) -> Mark:
            return self.line(mark, measuring.piece(rim, mark.pixel, PLATE_HALF_PX), across, reach)

        return rim_line(near), rim_line(far)

    def ring(self, pedicle: Pedicle, expected: Ring) -> Ring:
        """A pedicle's outline: each end by the arc about it, looked for outward from the centre."""
        outline = self.view.project(pedicle.ring)
        ends = {}
        for name in ("lateral", "medial", "cranial", "caudal"):
            end: Mark = getattr(expected, name)
            outward = np.subtract(end.pixel, expected.centre.pixel)
            ends[name] = self.line(end, measuring.piece(outline, end.pixel, RING_HALF_PX), outward, RING_REACH_PX)
        pairs = {name: (mark, getattr(expected, name)) for name, mark in ends.items()}
        sides, tops = [pairs["lateral"], pairs["medial"]], [pairs["cranial"], pairs["caudal"]]
        centre = middle(expected.centre, sides, tops)
        return Ring(centre=centre, **ends)

    def spinous(self, expected: Mark, up: Array, lateral: bool) -> Mark:
        """AP: the middle between its two walls. Lateral: its hindmost line."""
        if lateral:
            return self.margin(expected, up)
        course = measuring.straight(expected.pixel, up, SPINOUS_HALF_PX)
        across = np.array([-up[1], up[0]])
        found = measuring.middle_of_walls(self.bare, course, expected.pixel, across, SPINOUS_REACH_PX, SPINOUS_APART_PX)
        return self.mark(found, expected)

    # ---- metal and cement

    def tool(self, needle: TrocarPose) -> Tool:
        """The trocar: its known shape laid over its shadow, at the tip, on the shaft and at the hub."""
        expected = reading.tool_marks(Projection(self.view, None, self.shown.snr), needle)

        def laid(mark: Mark, reach: int, cut: float | None) -> Found:
            """Shift (columns, rows) from where it is expected, with its contrast."""
            right, down, cnr = measuring.steel_shift(self.dark, self.view, needle, self.stylet, mark.pixel, reach, cut)
            return Found((right, down), cnr)

        def moved(mark: Mark, by: Found) -> Mark:
            return self.mark(Found((mark.pixel[0] + by.pixel[0], mark.pixel[1] + by.pixel[1]), by.cnr), mark)

        tip = laid(expected.point, TIP_PX, POINT_MM)
        point, heel = moved(expected.point, tip), moved(expected.heel, tip)
        side = laid(expected.shaft, TIP_PX, None)
        axis = measuring.unit(self.across(needle.axis, needle.tip))
        across = np.array([-axis[1], axis[0]])
        aside = float(np.dot(side.pixel, across)) * across  # along the shaft there is nothing to measure
        shaft = moved(expected.shaft, Found((float(aside[0]), float(aside[1])), side.cnr))
        hub = moved(expected.hub, laid(expected.hub, HUB_PX, None))
        self.cover(needle, (0.0, 0.0) if point.hidden else tuple(np.subtract(point.pixel, expected.point.pixel)))
        return Tool(point=point, heel=heel, shaft=shaft, hub=hub)

    def cover(self, needle: TrocarPose, shift: tuple[float, ...]) -> None:
        """Marks what the trocar covers, `shift` px (column, row) from where it is expected."""
        ends = self.view.project(np.stack([needle.tip, needle.hub, needle.hub - TROCAR.hub_height_mm * needle.axis]))
        low = np.clip(np.floor(ends.min(axis=0)).astype(int) - GRIP_PX, 0, SIZE)
        high = np.clip(np.ceil(ends.max(axis=0)).astype(int) + GRIP_PX, 0, SIZE)
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        columns, rows = np.meshgrid(np.arange(low[0], high[0]) - shift[0], np.arange(low[1], high[1]) - shift[1])
        self.steel[window] = measuring.steel_mm(self.view, needle, self.stylet, columns, rows) > STEEL_MM
        self.covered = self.steel.copy()
        self.covered[window] |= measuring.grip_mm(self.view, needle, columns, rows) > 0
        self.bare[binary_dilation(self.steel, iterations=2)] = np.nan

    def paste(self, vertebra: Vertebra, dark: Array) -> Paste | None:
        """Cement: broad dark pieces of `dark` in and round the body, clear of steel and of the hub's grip."""
        outline = self.view.project(vertebra.outline)
        low = np.clip(np.floor(outline.min(axis=0)).astype(int) - WINDOW_PX, 0, SIZE - 1)
        high = np.clip(np.ceil(outline.max(axis=0)).astype(int) + WINDOW_PX + 1, 1, SIZE)
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        covered = binary_dilation(self.covered[window], iterations=3)
        pieces, count = measuring.blobs(dark[window], covered)
        if not count:
            return None
        rows, columns = np.nonzero(pieces)
        pixels = np.stack([columns + low[0], rows + low[1]], axis=-1).astype(float)
        piece = pieces[rows, columns]
        hull = ConvexHull(outline)
        beyond = (pixels @ hull.equations[:, :2].T + hull.equations[:, 2]).max(axis=1)
        outside = beyond > reading.STRAY_PX
        if outside.all():
            return None
        back = measuring.unit(self.across(vertebra.posterior, vertebra.centre))
        up = measuring.unit(self.across(vertebra.superior, vertebra.centre))
        within = pixels[~outside]

        def seen(pixel: Array) -> Mark:
            return Mark((float(pixel[0]), float(pixel[1])), CEMENT_CNR)

        stray = [pixels[outside & (piece == n)] for n in np.unique(piece[outside])]
        return Paste(
            posterior=seen(within[np.argmax(within @ back)]),
            cranial=seen(within[np.argmax(within @ up)]),
            caudal=seen(within[np.argmin(within @ up)]),
            stray=tuple(seen(one.mean(axis=0)) for one in stray if len(one) >= measuring.BLOB_PX),
        )


Pair = tuple[Mark, Mark]
"""A mark as measured and as expected."""


def middle(expected: Mark, sides: list[Pair], ends: list[Pair]) -> Mark:
    """A middle by those of its `sides` (for the column) and `ends` (for the row) that show; hidden where none of either does.

    Without sides the column stays as expected: a middle on a line.
    """
    shift = [0.0, 0.0]
    weakest = np.inf
    for axis, pairs in enumerate((sides, ends)):
        seen = [(found, guess) for found, guess in pairs if not found.hidden]
        if pairs and not seen:
            return replace(expected, cnr=max(found.cnr for found, _ in pairs), hidden=True)
        if seen:
            shift[axis] = float(np.mean([found.pixel[axis] - guess.pixel[axis] for found, guess in seen]))
            weakest = min(weakest, *(found.cnr for found, _ in seen))
    return Mark((expected.pixel[0] + shift[0], expected.pixel[1] + shift[1]), float(weakest))
