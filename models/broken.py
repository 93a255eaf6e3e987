"""What is broken in a vertebra besides its heights: dents, fragments, broken walls, fracture lines, old or fresh.

In: a `Broken`, points. Out: how far a face is pushed, how much of a wall or of the density is left (factors 0 to 1).
Frame: vertebra (left, posterior, superior), mm; "source" heights are those of the unbroken body. Not here: lost heights
(fracture.py, collapse.py), what is in the gaps (gaps.py), where these are applied (vertebra.py, cortex.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.patient import SIDES, Side
from models.solids import Points, Values

Site = Literal["body", "posterior-wall", "left-pedicle", "right-pedicle"]
Age = Literal["", "fresh", "old"]

BULGE_MM = (9.0, 5.0)  # half breadth and half height of a bulge of the posterior wall; assumed
DENT_MM = (7.0, 6.0)  # half axes of a dent in the superior plate; assumed: a fracture runs in the anterior half
DENT_AT = (0.22, -0.25)  # its place as shares of the plate's width and depth; assumed

FRAGMENT_MM = (
    8.0  # height of the fragment that stands back from a broken posterior wall, before any loss of height; assumed
)
OFFSET_MM = 1.0  # step of a broken posterior wall at its fragment's foot, where no retropulsion is asked for; assumed
PATCH_MM = (7.0, 3.5)  # half breadth and half height of the part of the posterior wall that is comminuted; assumed
STEP_MM = 2.0  # by which the upper front of a fresh fracture overhangs the rest (the "step defect"); assumed
STEP_AT = 0.12  # height of that step above the middle, as a share of the anterior height; assumed
SHARP_MM = 0.4  # half height over which such a step rises; assumed: a break is sharp
OPEN = 0.04
"""Share of a cortex left where it is broken or eaten away: nothing that is seen, felt or holds cement; assumed."""

LINE_MM = 0.5  # half width of a pedicle's fracture line; assumed, a line one still sees (about 1 mm)
GROOVE_MM = 0.5  # depth of the notch it leaves in the outline; assumed
LINE_SLOPE_DEG = 14.0  # by which it leans from upright, its upper end in front; assumed
LINE_BEHIND_MM = 1.0  # by which it lies behind the isthmus, clear of the body in a lateral picture; assumed


def ramp(low: float, high: float, x: Values) -> Values:
    """Smooth step from 0 at `low` to 1 at `high`: t^2 (3 - 2 t)."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    out: Values = (t * t * (3 - 2 * t)).astype(np.float32)
    return out


@dataclass(frozen=True)
class Broken:
    """What is broken besides the heights; mm, 0 for nothing."""

    retropulsion: float = 0.0  # bulge of the posterior wall into the canal, under the superior plate
    dent: float = 0.0  # depth of a defect in the superior plate
    cleft: float = 0.0  # height of a gap under the superior plate
    lytic: float = 0.0  # diameter of a focus without bone
    site: Site = "body"  # of that focus
    wall: bool = False  # the posterior wall is broken through
    pedicles: tuple[Side, ...] = ()  # with a fracture line
    age: Age = ""  # "": neither a fresh fracture's signs nor an old one's

    @property
    def fine(self) -> bool:
        """Whether walls and density change within a millimetre."""
        return bool(self.cleft or self.lytic or self.wall or self.pedicles or self.age)

    def sunken(self, x: Values, y: Values, width: float, depth: float) -> Values:
        """Depth of the dent at (x, y) of the superior plate of that width and depth."""
        u = (x - np.float32(DENT_AT[0] * width)) / np.float32(DENT_MM[0])
        v = (y - np.float32(DENT_AT[1] * depth)) / np.float32(DENT_MM[1])
        out: Values = np.float32(self.dent) * np.exp(-((u * u + v * v) ** 2))
        return out

    def backward(self, x: Values, z: Values, posterior_height: float) -> Values:
        """How far the posterior wall stands back at (x, source z): most in the midline, high on the body.

        A wall that is whole bulges; of a broken one the upper corner is pushed back as a piece, with a step at its foot.
        """
        across, high = BULGE_MM
        z0 = np.float32(posterior_height / 2 - 0.8 * high)
        far = np.float32(self.retropulsion)
        out: Values = far * np.exp(-((x / np.float32(across)) ** 2) - ((z - z0) / np.float32(high)) ** 2)
        if self.wall:
            far = np.float32(max(self.retropulsion, OFFSET_MM))
            foot = self.foot(posterior_height)
            out = far * np.exp(-((x / np.float32(across)) ** 4)) * ramp(foot - SHARP_MM, foot + SHARP_MM, z)
        return out

    def foot(self, posterior_height: float) -> float:
        """Source height of the step in a broken posterior wall."""
        return posterior_height / 2 - FRAGMENT_MM

    def forward(self, z: Values, anterior_height: float) -> Values:
        """How far the front stands forward at source z: a fresh fracture's upper front overhangs the rest."""
        at = STEP_AT * anterior_height
        out: Values = np.float32(STEP_MM) * ramp(at - SHARP_MM, at + SHARP_MM, z)
        return out

    def open_wall(self, p: Points, z: Values, back: float, posterior_height: float) -> Values:
        """Share of the cortex left in the patch of a broken posterior wall; z is the source height."""
        u = p[0] / np.float32(PATCH_MM[0])
        v = (z - np.float32(self.foot(posterior_height) + 0.5 * PATCH_MM[1])) / np.float32(PATCH_MM[1])
        near = ramp(back - 5.0, back - 3.0, p[1]) * (1 - ramp(0.8, 1.1, np.sqrt(u * u + v * v)))
        out: Values = 1 - (1 - np.float32(OPEN)) * near
        return out


WHOLE = Broken()


@dataclass(frozen=True)
class Lines:
    """The fracture lines through pedicles: planes square to the sagittal plane, so that a lateral beam runs along them."""

    centres: Mapping[Side, NDArray[np.float64]]  # isthmus of each broken pedicle
    reach: float  # mm round it, as far as a line goes

    def across(self, p: Points) -> Values:
        """Distance to the nearest line's plane within its reach; beyond, how far beyond (and never less than the plane's)."""
        slope = radians(LINE_SLOPE_DEG)
        out: Values = np.full(np.broadcast_shapes(*(q.shape for q in p)), 1.0e3, dtype=np.float32)
        for side in SIDES:
            if side in self.centres:
                x, y, z = (q - np.float32(c) for q, c in zip(p, self.centres[side], strict=True))
                flat = np.abs((y - np.float32(LINE_BEHIND_MM)) * np.float32(cos(slope)) + z * np.float32(sin(slope)))
                away = np.sqrt(x * x + y * y + z * z) - np.float32(self.reach)
                out = np.minimum(out, np.maximum(flat, away))
        return out

    def notch(self, p: Points) -> Values:
        """By how much the outline is drawn in."""
        out: Values = np.float32(GROOVE_MM) * (1 - ramp(0.4 * LINE_MM, 1.6 * LINE_MM, self.across(p)))
        return out

    def left(self, p: Points) -> Values:
        """Share of cortex and density that is left: OPEN in the line, 1 half a millimetre beside it."""
        out: Values = 1 - (1 - np.float32(OPEN)) * (1 - ramp(LINE_MM, LINE_MM + 0.5, self.across(p)))
        return out
