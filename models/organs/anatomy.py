"""Where the levels of the spine lie, real and continued beyond the ends, and how far bone is: what all organs are placed by.

In: a Patient without regions (of any provider), size of the rib cage. Out: frames at any level, points beside the bodies, bone
distances. Patient frame, mm. Levels are numbers: T4 is 0, L5 is 13, halves are discs. Beyond the patient's levels the spine goes
straight on along z with published heights. Not here: any organ.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.distance import sample
from models.field import FAR
from models.morphometry import LEVELS, size
from models.patient import Bone, Patient, Vertebra
from models.solids import Lattice, Values

Array = NDArray[np.float64]

FIRST, LAST = -6, 20
"""Numbers of the outermost continued levels."""

PITCH_ABOVE_MM, PITCH_BELOW_MM = 18.0, 31.0
"""From body to body above T4 and below L5; assumed."""

REACH_MM = 18.0
"""As far as organs ask how near bone is: the aorta's middle; assumed."""

BESIDE_MM = 75.0
"""From a body's centre, where the way in toward its wall begins; assumed (farther out than any vertebra's body)."""


@dataclass(frozen=True)
class Frame:
    """The spine at a level, which need not be whole."""

    centre: Array  # (3,)
    axes: Array  # (3, 3) rows left, posterior, superior, unit
    half_width: float  # mm, of the body
    half_depth: float
    canal: Array  # (3,) its centre
    canal_half_width: float
    canal_half_depth: float

    def point(self, left: float, posterior: float, superior: float) -> Array:
        """A point by its way from the body's centre."""
        return np.asarray(self.centre + np.array([left, posterior, superior]) @ self.axes)


@dataclass(frozen=True)
class Anatomy:
    """A patient's spine, continued, and its bones."""

    patient: Patient
    cage_width_mm: float
    cage_depth_mm: float
    seed: int

    @cached_property
    def numbers(self) -> dict[int, Vertebra]:
        """The real levels by number, cranial to caudal."""
        return {LEVELS.index(level): vertebra for level, vertebra in self.patient.vertebrae.items()}

    @property
    def ends(self) -> tuple[int, int]:
        """Numbers of the first and the last real level."""
        return min(self.numbers), max(self.numbers)

    def generator(self, what: str) -> np.random.Generator:
        """One seeded stream for each use."""
        return np.random.default_rng([self.seed, *what.encode()])

    def at(self, level: float) -> Frame:
        """The spine at a level's number."""
        row = self._course(np.clip(level, FIRST, LAST))
        superior, posterior = _unit(row[6:9]), row[3:6]
        posterior = _unit(posterior - (posterior @ superior) * superior)
        axes = np.stack([np.cross(posterior, superior), posterior, superior])
        canal = row[:3] + row[9:12] @ axes
        return Frame(row[:3], axes, float(row[12]), float(row[13]), canal, float(row[14]), float(row[15]))

    def level_of(self, z: float) -> float:
        """Number of the level whose centre lies at a height [mm]."""
        numbers = np.arange(FIRST, LAST + 0.05, 0.1)
        heights = self._course(numbers)[:, 2]
        return float(np.interp(-z, -heights, numbers))

    @cached_property
    def _course(self):  # type: ignore[no-untyped-def]  # a scipy interpolator: number -> (16,) row
        from scipy.interpolate import PchipInterpolator

        rows = {number: _row(vertebra) for number, vertebra in self.numbers.items()}
        low, high = self.ends
        for step, start, stop in ((-1, low, FIRST), (1, high, LAST)):
            row = rows[start].copy()
            row[3:9] = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
            for number in range(start + step, stop + step, step):
                row = row.copy()
                row[2] -= step * (_pitch(number) + _pitch(number - step)) / 2
                rows[number] = row
        numbers = sorted(rows)
        return PchipInterpolator(numbers, np.array([rows[number] for number in numbers]), axis=0)

    @cached_property
    def _placed(self) -> list[tuple[Bone, Array, Array]]:
        """Bones and the bounds of their grids in the patient frame."""
        found = []
        for bone in self.patient.bones.values():
            far = bone.distance.origin + bone.distance.spacing * (np.array(bone.distance.values.shape) - 1)
            ends = np.array(np.meshgrid(*zip(bone.distance.origin, far, strict=True))).reshape(3, -1).T
            ends = ends @ bone.patient_from_bone[:3, :3].T + bone.patient_from_bone[:3, 3]
            found.append((bone, ends.min(axis=0), ends.max(axis=0)))
        return found

    def bone_distance(self, points: Array) -> Array:
        """(N,) signed distance of points (N, 3) to the nearest bone; FAR where that is more than REACH_MM from every grid.

        Grids end a few millimetres outside of their bones; farther out the way to the grid is added, which is a little too much.
        """
        out = np.full(len(points), FAR)
        if len(points) == 0:
            return out
        low, high = points.min(axis=0) - REACH_MM, points.max(axis=0) + REACH_MM
        for bone, first, last in self._placed:
            if (high < first).any() or (low > last).any():
                continue
            near = np.flatnonzero(((points >= first - REACH_MM) & (points <= last + REACH_MM)).all(axis=1))
            if len(near) == 0:
                continue
            local = (points[near] - bone.patient_from_bone[:3, 3]) @ bone.patient_from_bone[:3, :3]
            far = bone.distance.origin + bone.distance.spacing * (np.array(bone.distance.values.shape) - 1)
            inside = np.clip(local, bone.distance.origin, far)
            away = np.linalg.norm(local - inside, axis=1)
            out[near] = np.minimum(out[near], sample(bone.distance, inside) + away)
        return out

    def beside(self, level: float, turn_deg: float, clear_mm: float, up_mm: float = 0.0) -> Array:
        """The point `clear_mm` off the body's wall, `turn_deg` from straight ahead toward the left."""
        frame, turn = self.at(level), np.radians(turn_deg)
        way = np.array([np.sin(turn), -np.cos(turn), 0.0])
        along = np.arange(BESIDE_MM, 0.0, -0.5)
        low, high = self.ends
        if low - 0.6 < level < high + 0.6:
            points = frame.centre + (along[:, None] * way + [0.0, 0.0, up_mm]) @ frame.axes
            inside = np.flatnonzero(self.bone_distance(points) < clear_mm)
            if len(inside):
                return np.asarray(points[max(inside[0] - 1, 0)])
        wall = 1.0 / np.hypot(way[0] / frame.half_width, way[1] / frame.half_depth)
        left, posterior = way[:2] * (wall + clear_mm)
        return frame.point(left, posterior, up_mm)

    def off_bone(self, points: Array, clear_mm: Array, turns: int = 40) -> Array:
        """(N, 3) points of a line moved until each lies `clear_mm` (N,) off bone, or as far as `turns` small moves take it."""
        out = points.copy()
        for turn in range(turns):
            short = clear_mm - self.bone_distance(out)
            near = np.flatnonzero(short > 0.0)
            if len(near) == 0:
                break
            slope = np.stack(
                [self.bone_distance(out[near] + h) - self.bone_distance(out[near] - h) for h in 0.4 * np.eye(3)],
                axis=-1,
            )
            slope /= np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-6)
            out[near] += slope * np.minimum(short[near] + 0.02, 0.6)[:, None]
            if turn < turns // 2:
                out[1:-1] = 0.6 * out[1:-1] + 0.2 * (out[:-2] + out[2:])
        return out

    def carved(self, lattice: Lattice, values: Values, gap_mm: float, within_mm: float = 3.0) -> Values:
        """A field less what lies within a gap of bone: max(d, gap - bone)."""
        near = np.argwhere(values < within_mm)
        bone = self.bone_distance(lattice.origin + lattice.spacing * near)
        out = values.copy()
        at = tuple(near.T)
        out[at] = np.maximum(out[at], np.float32(gap_mm) - bone.astype(np.float32))
        return out


def smooth_line(knots: Array, step_mm: float) -> tuple[Array, Array]:
    """(points about every step on a smooth line through knots (N, M >= 3), share of the knots' way (P,)); columns beyond the
    third follow along."""
    from scipy.interpolate import PchipInterpolator

    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots[:, :3], axis=0), axis=1))])
    at = np.linspace(0.0, run[-1], max(int(run[-1] / step_mm), 2) + 1)
    return np.asarray(PchipInterpolator(run, knots, axis=0)(at)), at / run[-1]


def _row(v: Vertebra) -> Array:
    canal = np.stack([v.left, v.posterior, v.superior]) @ (v.canal_centre - v.centre)
    half = [v.width / 2, v.depth / 2, v.canal_half_width, v.canal_half_depth]
    return np.concatenate([v.centre, v.posterior, v.superior, canal, half])


def _pitch(number: int) -> float:
    if number < 0:
        return PITCH_ABOVE_MM
    if number >= len(LEVELS):
        return PITCH_BELOW_MM
    mean = size(LEVELS[number])
    return mean.posterior_height + mean.disc_below


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))
