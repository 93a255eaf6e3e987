"""Sizes of a built patient, read off its landmarks and surfaces: beside what was published, and how a needle would go.

In: Patient. Out: plain numbers, mm, degrees, ml. Published means: models/tables/morphometry.csv; spreads: SPREAD. Not here: how
landmarks are found (landmarks.py), fractures (genant.py), whether a scenario is valid (game/procedure).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.morphometry import size
from models.patient import SIDES, Array, Patient, Plate, Side, Vertebra
from models.probe import Probe

SPREAD: Mapping[str, Mapping[str, float]] = {
    "T4": {"pedicle_width": 0.93},
    "T9": {"anterior_height": 1.54, "posterior_height": 3.08, "pedicle_width": 0.9},
    "T12": {"posterior_height": 1.64, "pedicle_width": 1.83},
    "L5": {"pedicle_width": 2.7},
}
"""Published standard deviations [mm]: Kaur 2016 (T4, T12 width), Hou 1993 women (T9, L5 width), Egwu 2019 (T9 heights), Bang
2019 (T12 height): FIGURES a2, a3. Elsewhere none was read, and 8 % is the yardstick."""

OBLIQUE_DEG, START_MM = 5.0, 1.2
"""The needle's way of step 3: 5 degrees ipsilateral, its axis half its width inside the lateral margin (CLINICAL 5)."""
GAP_MM = 1.5
"""Narrower gaps of bone along a way do not count as its beginning; assumed."""

PLATE_BELOW_MM = 2.5
"""Plates are measured so far inside the rims' plane, where a concave plate is bone; assumed."""

BEYOND_MM = 8.0
"""A way that leaves the body sooner after the wall is cleared is no way in; assumed."""

CLEARED_MM, BEVEL_MM = 2.0, 2.4
"""Clear of the wall by 2 mm and the bevel of 45 degrees (CLINICAL 5)."""


@dataclass(frozen=True)
class Dimension:
    """One size of one level."""

    name: str
    measured: float
    published: float
    spread: float | None  # published standard deviation

    @property
    def within(self) -> bool:
        """Within one standard deviation, or 8 % where none was published."""
        return abs(self.measured - self.published) <= (self.spread or 0.08 * abs(self.published))


@dataclass(frozen=True)
class Way:
    """A 13-gauge needle's way through one pedicle at 5 degrees, mm."""

    to_wall: float  # D: bone entry to the posterior body wall
    cleared: float  # Dc: the wall, 2 mm and the bevel
    to_middle: float  # bone entry to the middle of the ring in AP
    to_front: float  # bone entry to the anterior cortex along the way
    medial: float  # u: point medial of the pedicle's lateral margin when cleared
    family: str  # which steps it needs (CLINICAL 5)
    axis_length: float  # bone entry to anterior cortex along the pedicle's own axis


def dimensions(patient: Patient, level: str) -> list[Dimension]:
    """Every size with a published mean. Plates PLATE_BELOW_MM inside their rims' planes, heights between the rims."""
    v, mean = patient.vertebrae[level], size(level)
    probe = Probe.of(patient.bones[level], v.centre, v.left, v.posterior, v.superior)
    plates = [_extent(probe, p) for p in (v.superior_plate, v.inferior_plate)]
    each = [
        ("plate_width_upper", plates[0][0], mean.plate_width_upper),
        ("plate_width_lower", plates[1][0], mean.plate_width_lower),
        ("plate_depth_upper", plates[0][1], mean.plate_depth_upper),
        ("plate_depth_lower", plates[1][1], mean.plate_depth_lower),
        ("anterior_height", v.anterior_height, mean.anterior_height),
        ("posterior_height", v.posterior_height, mean.posterior_height),
        ("canal_width", 2 * v.canal_half_width, mean.canal_width),
        ("canal_depth", 2 * v.canal_half_depth, mean.canal_depth),
        *((f"pedicle_width {s}", v.pedicles[s].width, mean.pedicle_width) for s in SIDES),
        *((f"pedicle_height {s}", v.pedicles[s].height, mean.pedicle_height) for s in SIDES),
    ]
    spread = SPREAD.get(v.level, {})
    return [Dimension(name, measured, published, spread.get(name.split()[0])) for name, measured, published in each]


def angles(vertebra: Vertebra) -> dict[Side, tuple[float, float]]:
    """Side -> (convergence toward the midline going forward, sagittal slope with the hind end higher +), degrees."""
    found = {}
    for side in SIDES:
        axis = vertebra.pedicles[side].axis
        forward = -(axis @ vertebra.posterior)
        inward = -(axis @ vertebra.left) * (1 if side == "left" else -1)
        found[side] = (
            float(np.degrees(np.arctan2(inward, forward))),
            float(np.degrees(np.arctan2(-(axis @ vertebra.superior), forward))),
        )
    return found


def volume_ml(patient: Patient, name: str) -> float:
    """Of a bone, by its distance grid."""
    grid = patient.bones[name].distance
    return float(np.clip(0.5 - grid.values / grid.spacing, 0.0, 1.0).sum(dtype=np.float64)) * grid.spacing**3 / 1000.0


def way(patient: Patient, level: str, side: Side) -> Way:
    """The needle's way at 5 degrees from the pedicle's lateral margin, in the sagittal slope of the pedicle's own axis."""
    v = patient.vertebrae[level]
    probe = Probe.of(patient.bones[level], v.centre, v.left, v.posterior, v.superior)
    pedicle, lateral = v.pedicles[side], 1.0 if side == "left" else -1.0
    axis, centre = pedicle.axis @ probe.axes.T, probe.local(pedicle.centre)
    ring = probe.local(pedicle.ring)
    margin = float((lateral * ring[:, 0]).max())
    width = margin - float((lateral * ring[:, 0]).min())
    tangent = np.tan(np.radians(OBLIQUE_DEG))
    direction = np.array([-lateral * tangent, -1.0, axis[2] / -axis[1]])
    direction = direction / np.linalg.norm(direction)
    wall = float(probe.local(v.corners[side])[1])
    # at bone entry the needle's axis lies START_MM inside the lateral margin: entry and line depend on one another
    at = np.array([lateral * (margin - START_MM), centre[1], centre[2]])
    for _ in range(4):
        entry = at - _back(probe, at, direction) * direction
        shift = lateral * (margin - START_MM) - entry[0]
        at = at + np.array([shift, 0.0, 0.0]) if abs(shift) < width else at
    depth = max(entry[1] - wall, 0.0) / -direction[1]
    cleared = depth + CLEARED_MM + BEVEL_MM
    medial = 2 * START_MM + cleared * np.sin(np.radians(OBLIQUE_DEG))
    middle = max(width / 2 - 2 * START_MM, 0.0) / np.sin(np.radians(OBLIQUE_DEG))
    front = _through(probe, entry, direction)
    family = _family(medial, width) if front >= cleared + BEYOND_MM else "5 degrees leave the body at its side: steeper"
    return Way(depth, cleared, middle, front, medial, family, _axis_length(probe, centre, axis))


def _back(probe: Probe, start: Array, direction: Array) -> float:
    """How far back from a point of the pedicle its bone reaches, gaps of GAP_MM (a groove beside the facet) left out."""
    along = np.arange(0.0, 45.0, 0.25)
    last = 0.0
    for here in along[probe(start - along[:, None] * direction) < 0.0]:
        if here - last > GAP_MM:
            break
        last = float(here)
    return last


def _family(u: float, w: float) -> str:
    """Which steps the way needs: CLINICAL 5, steps 6-9 family."""
    if u <= w / 2:
        return "step 5 suffices"
    if u <= w - 1.5:
        return "steps 6-7"
    return "step 8" if u <= w - 0.8 + BEVEL_MM else "re-entry"


def _through(probe: Probe, entry: Array, direction: Array) -> float:
    """From bone entry along a way to the last bone within 80 mm: the anterior cortex."""
    along = np.arange(0.5, 80.0, 0.25)
    inside = np.flatnonzero(probe(entry + along[:, None] * direction) < 0.0)
    return float(along[inside[-1]]) if len(inside) else 0.0


def _axis_length(probe: Probe, centre: Array, axis: Array) -> float:
    back = probe.leaves(centre, -axis, 40.0)
    return back + _through(probe, centre, axis)


def _extent(probe: Probe, plate: Plate) -> tuple[float, float]:
    """(greatest width, depth in the midline) of the body just inside an end plate; of the rim where the plate fell in deeper."""
    start = probe.local(plate.centre - PLATE_BELOW_MM * plate.normal)
    if float(probe(start)) >= 0.0:
        rim = probe.local(plate.rim)
        return float(np.ptp(rim[:, 0])), float(np.ptp(rim[:, 1]))
    rows = start + np.arange(-10.0, 10.1, 2.0)[:, None] * np.array([0.0, 1.0, 0.0])
    across = [sum(probe.leaves(row, np.array([sign, 0.0, 0.0]), 40.0) for sign in (1.0, -1.0)) for row in rows]
    along = sum(probe.leaves(start, np.array([0.0, sign, 0.0]), 40.0) for sign in (1.0, -1.0))
    return float(max(across)), float(along)
