"""One vertebra as a field: about fifteen blended primitives round a kidney-shaped body.

In: Size of the level, optional fracture (a warp of the body, and what is broken besides). Out: `Shape`, whose methods give fields [mm, negative inside] on any points.
Frame: vertebra (left, posterior, superior), origin at the centre of the unbroken body, mm.
Sizes that are published come from the table; proportions of the arch are assumed and chosen so that it looks like one on a
radiograph. Not here: cortex and density (cortex.py), posture (posture.py), redistancing (distance.py).
"""

from dataclasses import dataclass, replace
from math import cos, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

from models.broken import WHOLE, Broken, Lines
from models.collapse import Collapse
from models.fracture import Wedge
from models.morphometry import Size
from models.patient import SIDES, Side
from models.solids import (
    Canvas,
    Lattice,
    Points,
    Solid,
    Values,
    ellipsoid,
    frame,
    limb,
    slab,
    smooth_difference,
    smooth_intersection,
    smooth_union,
)

Array = NDArray[np.float64]

CENTRING_TILT_DEG = 11.5
"""Cranial tilt at which the pedicle's centre is seen at half the body's height: 10-13 degrees at L2 (CLINICAL 2, step 2)."""

WAIST = 0.11  # share by which the body is narrower in its middle; assumed
DISH_UPPER_MM, DISH_LOWER_MM = (
    1.5,
    2.3,
)  # depth of the plates; the lower is the more concave (Palepu 2019); depths assumed
RIM_SHARE = 0.84  # the dish ends at this share of the plate's outline; assumed
NOTCH_MM = 1.0  # hollow of the posterior wall in the midline; assumed
EDGE_MM = 1.2  # rounding of the plates' edges; assumed
BLEND_MM = 2.5  # rounding of the seams between arch, pedicles and body; assumed
PEDICLE_REACH_MM = 9.0  # from the isthmus forward into the body and backward into the arch; assumed
PEDICLE_FLARE = (1.3, 1.08)  # widening of width and height over that reach; assumed
BACK = (0.0, 1.0, 0.0)
SIGN: dict[Side, float] = {"left": 1.0, "right": -1.0}
THORACIC_ABOVE = ("T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12")  # superior facets look backward


STEEP = 8.0
"""mm by which a pedicle may rise over the plate of a collapsed body for each mm behind its wall; assumed: the wall breaks
at the pedicle's root."""

STUMP_MM = 3.0
"""From so far in front of the wall the pedicle of a collapsed body keeps its shape; assumed."""


@dataclass(frozen=True)
class Skew:
    """By how much the left side is greater than the right: shares, and degrees of convergence; 0 where both are alike."""

    pedicle_width: float = 0.0
    pedicle_height: float = 0.0
    transverse_span: float = 0.0
    facet_span: float = 0.0
    convergence: float = 0.0  # degrees


EVEN = Skew()
SKEWED = ("pedicle_width", "pedicle_height", "transverse_span", "facet_span")


@dataclass(frozen=True)
class Shape:
    """A vertebra to be built."""

    level: str
    size: Size
    pedicle_length_scale: float = 1.0
    wedge: Wedge | Collapse | None = None
    broken: Broken = WHOLE
    skew: Skew = EVEN

    def of(self, side: Side) -> Size:
        """The sizes of one side: those of the level, and half of what the sides differ by."""
        if self.skew == EVEN:
            return self.size
        half = SIGN[side] / 2
        return replace(
            self.size,
            convergence=self.size.convergence + half * self.skew.convergence,
            **{name: getattr(self.size, name) * (1 + half * getattr(self.skew, name)) for name in SKEWED},
        )

    # --- the body ---

    @property
    def back(self) -> float:
        """y of the posterior wall in the midline."""
        return self.size.depth / 2

    def outline(self, z: Values) -> tuple[Values, Values, Values]:
        """(half width, half depth in front, half depth behind) of the body at height z of the unbroken body."""
        s = self.size
        t = np.clip(z / np.float32(s.middle_height / 2), -1.0, 1.0)
        hollow = np.float32(WAIST) * (1 - np.abs(t) ** np.float32(2.4))
        width = np.float32(s.plate_width_upper + s.plate_width_lower) / 4
        width = width + t * np.float32(s.plate_width_upper - s.plate_width_lower) / 4
        depth = np.float32(s.depth / 2) + t * np.float32(s.plate_depth_upper - s.plate_depth_lower) / 4
        behind = np.full_like(t, np.float32(self.back))
        return width * (1 - hollow), (2 * depth - behind) * (1 - np.float32(0.8) * hollow), behind

    def rho(self, x: Values, y: Values, z: Values) -> tuple[Values, Values]:
        """(superelliptic radius, 1 on the body's outline at height z; about mm per unit of it)."""
        half_width, front, behind = self.outline(z)
        lobe = 1 - np.exp(-((x / (np.float32(0.38) * half_width)) ** 2))
        rear = np.clip(y / np.float32(self.back), 0.0, 1.0) ** 2
        shifted = self.pushed(x, y - np.float32(NOTCH_MM) * lobe * rear, z)
        u = np.maximum(np.abs(x) / half_width, np.float32(1e-3))
        v = np.maximum(np.abs(shifted) / np.where(y < 0, front, behind), np.float32(1e-3))
        n = np.float32(2.2) + np.float32(2.0) * np.clip(y / np.float32(self.back), 0.0, 1.0)  # squarer behind
        radius = (u**n + v**n) ** (1 / n)
        slope = np.sqrt(((u / radius) ** (n - 1) / half_width) ** 2 + ((v / radius) ** (n - 1) / front) ** 2)
        return radius.astype(np.float32), (1 / slope).astype(np.float32)

    def pushed(self, x: Values, y: Values, z: Values) -> Values:
        """y before fragments of the front and of the posterior wall were pushed out, at source height z."""
        broken, s = self.broken, self.size
        if broken.retropulsion > 0.0 or broken.wall:
            y = y - broken.backward(x, z, s.posterior_height) * np.clip(y / np.float32(self.back), 0.0, 1.0) ** 2
        if broken.age == "fresh":
            y = y + broken.forward(z, s.anterior_height) * np.clip(-y / np.float32(self.back), 0.0, 1.0) ** 2
        return y

    def plates(self, x: Values, y: Values) -> tuple[Values, Values]:
        """Heights of the superior and inferior plate of the unbroken body at (x, y)."""
        s = self.size
        lean = np.float32((s.posterior_height - s.anterior_height) / (4 * self.back))
        half = np.float32(s.middle_height / 2) + np.clip(y, -self.back, self.back).astype(np.float32) * lean
        upper = self._dish(x, y, s.plate_width_upper, s.plate_depth_upper) * np.float32(DISH_UPPER_MM)
        lower = self._dish(x, y, s.plate_width_lower, s.plate_depth_lower) * np.float32(DISH_LOWER_MM)
        return half - upper, lower - half

    def _dish(self, x: Values, y: Values, width: float, depth: float) -> Values:
        r2 = (x / np.float32(RIM_SHARE * width / 2)) ** 2 + (y / np.float32(RIM_SHARE * depth / 2)) ** 2
        out: Values = np.maximum(1 - r2, 0) ** np.float32(1.3)
        return out

    def source_height(self, x: Values, y: Values, z: Values) -> Values:
        """z before the fracture; z itself in an unbroken body."""
        return z if self.wedge is None else self.wedge.source(x, y, z)

    def faces(self, p: Points) -> tuple[Values, Values, Values]:
        """(side, superior plate, inferior plate) of the body: three fields, mm, whose greatest is the body's."""
        x, y, z = p
        height = self.source_height(x, y, z)
        radius, scale = self.rho(x, y, height)
        upper, lower = self.plates(x, y)
        top = height
        if self.broken.dent > 0.0:  # in the height as it is now, so that no warp makes it shallower
            sunken = self.broken.sunken(x, y, self.size.plate_width_upper, self.size.plate_depth_upper)
            top = self.source_height(x, y, z + sunken)
        return (radius - 1) * scale, top - upper, lower - height

    def body(self, p: Points) -> Values:
        """The body's field."""
        side, upper, lower = self.faces(p)
        return smooth_intersection(side, np.maximum(upper, lower), EDGE_MM)

    # --- pedicles ---

    def pedicle_axis(self, side: Side) -> Array:
        """Unit axis of a pedicle, from behind forward: toward the midline by the convergence, down by the sagittal angle."""
        c, s = radians(self.of(side).convergence), radians(self.size.sagittal)
        return np.array([-SIGN[side] * sin(c) * cos(s), -cos(c) * cos(s), -sin(s)])

    def isthmus(self, side: Side) -> Array:
        """Centre of the pedicle's isthmus: beside the canal, 2.5 mm behind the wall, in the cranial half of the body."""
        s = self.of(side)
        c = radians(s.convergence)
        x = s.canal_width / 2 + s.pedicle_width / 2 * cos(c)
        y = self.back + 2.5 + s.pedicle_width / 4 * abs(sin(c)) + self.lengthening / 2
        highest = (
            s.posterior_height - s.pedicle_height
        ) / 2 + 0.8  # its upper edge no more than 0.8 mm above the plate
        z = min((self.back + 3.0) * tan(radians(CENTRING_TILT_DEG)), highest)
        return np.array([SIGN[side] * x, y, z])

    @property
    def entry_reach(self) -> float:
        """mm from the isthmus back to the bone entry: the table's entry to anterior cortex less what lies in front."""
        s = self.size
        front = (self.back + 2.5 + 0.94 * s.depth / 2) / cos(radians(s.convergence))
        return max(s.entry_to_anterior - front, 11.0)

    @property
    def lengthening(self) -> float:
        """mm by which the whole arch stands farther back for a long pedicle."""
        return (self.pedicle_length_scale - 1) * (self.entry_reach + 2.5)

    @property
    def lamina(self) -> float:
        """y of the posterior wall of the canal in the midline."""
        return self.back + self.size.canal_depth + self.lengthening

    def pedicle(self, side: Side) -> Solid:
        """An elliptical tube with its isthmus in the middle."""
        s, centre, axis = self.of(side), self.isthmus(side), self.pedicle_axis(side)
        half = (s.pedicle_width / 2, s.pedicle_height / 2)
        wide = (half[0] * PEDICLE_FLARE[0], half[1] * PEDICLE_FLARE[1])
        reach = PEDICLE_REACH_MM + abs(self.lengthening) / 2
        return limb(centre - reach * axis, centre + reach * axis, (wide, half, wide), cap=2.0)

    @property
    def lines(self) -> Lines | None:
        """Fracture lines through the pedicles."""
        if not self.broken.pedicles:
            return None
        return Lines({side: self.isthmus(side) for side in self.broken.pedicles}, 0.75 * self.size.pedicle_height)

    # --- arch ---

    def processes(self, side: Side) -> list[Solid]:
        """Pillar, pars, articular processes, transverse process of one side, cranial to caudal."""
        s, g, k = self.of(side), SIGN[side], self.size.depth / 34.75
        x, _, z = self.isthmus(side) * [g, 1.0, 1.0]
        entry = self.isthmus(side)[1] + (self.entry_reach + self.lengthening / 2) * cos(radians(s.convergence))
        lam, half = self.lamina, s.middle_height / 2
        facet = s.facet_span / 2
        backward = self.level in THORACIC_ABOVE

        def at(px: float, py: float, pz: float) -> Array:
            return np.array([g * px, py, pz])

        isthmus = self.isthmus(side)[1]
        root = max(entry - 6.5, isthmus + 7.5)  # as far back as leaves the isthmus free
        thick = min(6.0, (entry - isthmus - 4.0) / 2)
        pillar = ellipsoid(at(x + 0.06 * s.pedicle_width, entry - thick, z), (5.2 * k, thick, 6.6 * k))
        if backward:
            top = at(facet - 0.5, lam - 1.5, half + 0.55 * s.disc_below + 3.0 * k)
            superior = limb(at(x + 0.5, root + 1.0, z + 1), top, ((4.6 * k, 4.0 * k), (4.4 * k, 2.6 * k)), up=BACK)
        else:
            top = at(facet + 2.4, lam - 1.0, half + 0.7 * s.disc_below)
            superior = limb(at(x + 0.8, root + 1.0, z + 1), top, ((4.0, 4.8), (4.4, 5.0), (3.4, 4.4)), up=BACK)
        if self.level in THORACIC_ABOVE[:-1]:
            tip = at(facet - 0.5, lam + 3.2, -half - 0.4 * s.disc_below - 1.0 * k)
            inferior = limb(at(x - 2, lam + 2.5, z - 6), tip, ((4.8 * k, 3.0 * k), (4.4 * k, 2.5 * k)), up=BACK)
        else:
            tip = at(facet - 3.6, lam + 4.4, -half - s.disc_below - 0.12 * s.posterior_height)
            inferior = limb(at(x - 6.0, lam + 3.5, z - 11), tip, ((4.6, 4.0), (4.5, 4.4), (3.6, 4.2)), up=BACK)
        pars = limb(at(x + 0.3, root, z - 2), at(x - 4.2, lam + 3.5, z - 12 * k), ((4.8 * k, 4.6), (4.4, 3.8)))
        span = s.transverse_span / 2
        start = at(x + 2.0, root - 0.5, z - 1.5)
        if backward and self.level != "T12":
            end = at(span - 4.0, entry + 5.0, z + 3.0)
            transverse = limb(start, end, ((4.0 * k, 5.0 * k), (4.6 * k, 4.6 * k)))
        else:
            end = at(span - 5.0, entry - 3.0, z - 1.0)
            transverse = limb(start, end, ((3.4, 5.8), (2.6, 4.4), (2.2, 3.4)), cap=5.0)
        return [pillar, superior, pars, inferior, transverse]

    def midline(self) -> list[Solid]:
        """Laminae and spinous process with its bulb."""
        s, lam, k = self.size, self.lamina, self.size.depth / 34.75
        z = self.isthmus("left")[2]
        lean = radians(14.0)  # the lamina's lower edge lies farther back
        solids = []
        for side, g in SIGN.items():
            inner = abs(self.isthmus(side)[0]) - 4.5
            along = np.array([-g * inner, 4.2, 0.0])
            axes = frame(along, up=(0.0, sin(lean), cos(lean) * -1.0))
            centre = np.array([g * inner * 0.5, lam + 3.6, z - 11.5 * k])
            solids.append(slab(centre, axes, (inner * 0.62, 3.0, 9.2 * k), 2.6))
        slope = radians(s.spinous_slope)
        backward = np.array([0.0, cos(slope), -sin(slope)])
        root = np.array([0.0, lam + 4.0, z - 12.5 * k])
        length = s.spinous_reach - 4.0
        tip = root + length * backward
        up = np.array([0.0, sin(slope), cos(slope)])
        tall = 9.5 * k if s.spinous_slope < 20 else 6.0 * k
        section = ((3.2, tall), (2.6, tall), (2.9, 0.9 * tall))
        solids.append(limb(root, tip - 3.0 * backward, section, up=up, cap=3.0))
        lower = -0.55 * tall * up  # the free lower edge thickens toward the tip: the drop seen from behind
        solids.append(
            limb(root + 0.5 * length * backward + lower, tip - 3.5 * backward + lower, ((2.6, 3.0), (4.2, 4.4)), up=up)
        )
        return solids

    def canal(self, p: Points) -> Values:
        """The spinal canal as an endless elliptical tube of the table's width and depth, widened by a long pedicle."""
        depth = (self.lamina - self.back) / 2
        u = p[0] / np.float32(self.size.canal_width / 2)
        v = (p[1] - np.float32(self.back + depth)) / np.float32(depth)
        out: Values = (np.sqrt(u * u + v * v) - 1) * np.float32(min(depth, self.size.canal_width / 2)) + 0 * p[2]
        return out

    def arch(self, lattice: Lattice) -> Values:
        """The arch without pedicles, cut free of the canal."""
        canvas = Canvas(lattice)
        for side in SIDES:
            for solid in self.processes(side):
                canvas.add(solid, BLEND_MM)
        for solid in self.midline():
            canvas.add(solid, BLEND_MM)
        return smooth_difference(canvas.values, self.canal(lattice.points()), 1.0)

    def pedicles(self, lattice: Lattice) -> Values:
        """Both pedicles; in front of the wall they stay between the plates, so that a fracture does not bare them."""
        canvas = Canvas(lattice)
        for side in SIDES:
            canvas.add(self.pedicle(side), 0.0)
        x, y, z = lattice.points()
        upper, lower = self.plates(x, y)
        height = self.source_height(x, y, z)
        if not isinstance(self.wedge, Collapse):
            above = height - upper - 2 * np.maximum(y - np.float32(self.back - 1.0), 0)
            return smooth_intersection(canvas.values, above, 1.0)
        free = np.float32(STEEP) * np.maximum(y - np.float32(self.back - STUMP_MM), 0)
        return smooth_intersection(canvas.values, np.maximum(height - upper, lower - height) - free, 1.0)

    def field(self, lattice: Lattice) -> Values:
        """The whole vertebra, not yet a distance."""
        canvas = Canvas(lattice)
        low, high = np.array(self.bounds_of_body())
        window = lattice.window(low, high)
        canvas.values[window] = self.body(lattice.points(window))
        whole = smooth_union(canvas.values, self.pedicles(lattice), BLEND_MM)
        whole = smooth_union(whole, self.arch(lattice), BLEND_MM)
        return whole if self.lines is None else np.asarray(whole + self.lines.notch(lattice.points()), dtype=np.float32)

    def bounds_of_body(self) -> tuple[Array, Array]:
        """Box in which the body's field counts."""
        s = self.size
        half = np.array(
            [
                max(s.plate_width_upper, s.plate_width_lower) / 2,
                s.depth / 2 + 2 + self.broken.retropulsion,
                s.posterior_height / 2 + 2,
            ]
        )
        return -half - 4.0, half + 4.0

    def lattice(self, spacing: float) -> Lattice:
        """The samples that hold the whole vertebra with a margin of 5 mm."""
        solids = [s for side in SIDES for s in (*self.processes(side), self.pedicle(side))] + self.midline()
        low, high = self.bounds_of_body()
        low = np.minimum(low, np.min([s.low for s in solids], axis=0) - 5.0)
        high = np.maximum(high, np.max([s.high for s in solids], axis=0) + 5.0)
        return Lattice.around(low, high, spacing)
