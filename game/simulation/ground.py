"""What cement finds around one vertebral body: 1 mm voxels, each with what it is, how much it holds and how it resists.

In: the packed patient, landmarks of the level, a seed, where the needle has been. Out: `Ground`. Patient frame, mm, axes along
the frame's. Cement passes between bone and outside only through an `open` voxel: a vein, a hole made by the needle, a
defect of an end plate. Everything else of the cortex is closed, however thin it is.
Not here: how cement grows (cement.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.field import Field, canal_distance, nearest_bone, skin_distance, wall_and_density
from models.instruments import TROCAR, TrocarPose
from models.patient import Array, Vertebra


class Kind(IntEnum):
    """What a voxel is to cement."""

    CLOSED = 0  # cortex, other bones, air
    MARROW = 1  # cancellous bone of the level
    SOFT = 2  # outside bone
    CANAL = 3
    DISC = 4
    VEIN = 5  # open: joins bone and outside
    HOLE = 6  # open: made by the needle
    DEFECT = 7  # open: broken end plate


ROUTES = ("disc", "canal", "vein", "anterior", "lateral")

RESISTANCE = {
    Kind.MARROW: 1.0,
    Kind.SOFT: 1.5,  # loose fat and muscle planes beside bone
    Kind.CANAL: 1.0,  # epidural fat
    Kind.DISC: 2.0,  # clefts of a degenerated disc
    Kind.VEIN: 0.25,
    Kind.HOLE: 0.3,
    Kind.DEFECT: 0.7,
}
"""Relative to mean spongiosa, at 100 Pa.s; all assumed."""

MARGIN_MM = (14.0, 20.0, 42.0, 14.0)
"""Voxels kept beside, in front of, behind, above and below the body; assumed."""

VEIN_RADIUS_MM = 1.0
"""Enough to be one chain of voxels; basivertebral foramen about 1-3 mm across (recalled)."""

FRACTURED_BELOW = 0.8
"""A level is fractured when its anterior or middle height is under this part of the neighbours' (Genant grade 1 and more)."""


@dataclass
class Ground:
    """Voxels around a body. (nx, ny, nz) arrays; voxel (i, j, k) is centred at origin + (i, j, k) mm."""

    origin: Array
    kind: NDArray[np.uint8]
    capacity: NDArray[np.float32]  # mm3 of cement it can take
    resistance: NDArray[np.float32]  # relative, before heterogeneity
    noise: NDArray[np.float32]  # seeded heterogeneity, about standard normal
    inner: NDArray[np.bool_]  # inside the level's bone
    base: NDArray[np.uint8]  # kind before anything was opened
    gaps: NDArray[np.float32]  # (3, nx, ny, nz) mm from a voxel's face to posterior wall, superior, inferior plate

    def voxel(self, point: Array) -> tuple[int, int, int] | None:
        """Index of the voxel that holds a point, or None beyond the edge."""
        at = np.floor(point - self.origin + 0.5).astype(np.int64)
        if (at < 0).any() or (at >= self.kind.shape).any():
            return None
        return int(at[0]), int(at[1]), int(at[2])

    def centres(self) -> Array:
        """(nx, ny, nz, 3) centres of the voxels."""
        grids: tuple[Array, ...] = np.meshgrid(
            *[np.arange(n, dtype=np.float64) for n in self.kind.shape], indexing="ij"
        )
        return np.stack(grids, axis=-1) + self.origin


@compiled
def _classify(
    field: Field, bone: int, origin: Array, shape: tuple[int, int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.bool_]]:
    """(kind: CLOSED, MARROW, SOFT or CANAL; local relative density; whether inside the bone) of every voxel."""
    kind = np.zeros(shape, dtype=np.uint8)
    density = np.ones(shape, dtype=np.float32)
    inner = np.zeros(shape, dtype=np.bool_)
    p = np.empty(3)
    for i in range(shape[0]):
        for j in range(shape[1]):
            for k in range(shape[2]):
                p[0], p[1], p[2] = origin[0] + i, origin[1] + j, origin[2] + k
                nearest, distance = nearest_bone(field, p)
                if nearest >= 0 and distance < 0.0:
                    if nearest == bone:
                        inner[i, j, k] = True
                        wall, local = wall_and_density(field, bone, p)
                        density[i, j, k] = local
                        if distance <= -wall:
                            kind[i, j, k] = 1
                elif skin_distance(field, p) < 0.0:
                    kind[i, j, k] = 3 if canal_distance(field, p) < 0.0 else 2
    return kind, density, inner


@compiled
def _headroom(kind: NDArray[np.uint8], steps: Array) -> NDArray[np.float32]:
    """mm of marrow left from each voxel's centre along `steps` (N, 3), 0.5 mm apart, before closed bone or outside."""
    nx, ny, nz = kind.shape
    gap = np.full(kind.shape, np.float32(np.inf))
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if kind[i, j, k] != 1:
                    continue
                for n in range(steps.shape[0]):
                    x = int(np.floor(i + steps[n, 0] + 0.5))
                    y = int(np.floor(j + steps[n, 1] + 0.5))
                    z = int(np.floor(k + steps[n, 2] + 0.5))
                    if x < 0 or y < 0 or z < 0 or x >= nx or y >= ny or z >= nz or kind[x, y, z] != 1:
                        gap[i, j, k] = 0.5 * n
                        break
    return gap


def _gaps(centres: Array, kind: NDArray[np.uint8], vertebra: Vertebra) -> NDArray[np.float32]:
    """Ground.gaps: to the wall's plane, signed; to the plates along their normals, infinite behind the wall (no plate)."""
    v = vertebra
    wall = ((v.posterior_wall - centres) @ v.posterior - 0.5).astype(np.float32)
    count = np.arange(1, 101)[:, None] * 0.5
    plates = [_headroom(kind, count * plate.normal) for plate in (v.superior_plate, v.inferior_plate)]
    for gap in plates:
        gap[wall < 0.0] = np.inf
    return np.stack([wall, *plates])


def is_fractured(vertebra: Vertebra, vertebrae: Mapping[str, Vertebra]) -> bool:
    """Whether a level has lost height against the mean of its neighbours (anterior or middle, FRACTURED_BELOW)."""
    names = list(vertebrae)
    at = names.index(vertebra.level)
    beside = [vertebrae[n] for n in names[max(at - 1, 0) : at] + names[at + 1 : at + 2]]
    if not beside:
        return False
    anterior = vertebra.anterior_height / float(np.mean([v.anterior_height for v in beside]))
    middle = vertebra.middle_height / float(np.mean([v.middle_height for v in beside]))
    return min(anterior, middle) < FRACTURED_BELOW


def _bounds(vertebra: Vertebra) -> tuple[Array, Array]:
    """Low and high corner of the box around a body and its pedicles, whole mm, patient frame."""
    side, front, back, height = MARGIN_MM
    tall = max(vertebra.anterior_height, vertebra.posterior_height) / 2 + height
    axes = np.stack([vertebra.left, vertebra.posterior, vertebra.superior])
    corners = np.array(
        [
            [x, y, z]
            for x in (-vertebra.width / 2 - side, vertebra.width / 2 + side)
            for y in (-vertebra.depth / 2 - front, vertebra.depth / 2 + back)
            for z in (-tall, tall)
        ]
    )
    corners = corners @ axes + vertebra.centre
    return np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))


def _unevenness(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """About standard normal: clumps of 3 mm and single voxels, in equal parts."""
    coarse = rng.standard_normal([n // 3 + 2 for n in shape])
    clumps = coarse.repeat(3, axis=0).repeat(3, axis=1).repeat(3, axis=2)[: shape[0], : shape[1], : shape[2]]
    mixed: NDArray[np.float32] = ((clumps + rng.standard_normal(shape)) / np.sqrt(2)).astype(np.float32)
    return mixed


def survey(
    field: Field,
    bone: int,
    vertebra: Vertebra,
    *,
    vertebrae: Mapping[str, Vertebra],
    bone_volume_fraction: float,
    rng: np.random.Generator,
    veins: bool = True,
) -> Ground:
    """The ground of one level before any needle. `bone` indexes the field; `veins` False makes a closed body."""
    low, high = _bounds(vertebra)
    shape = (int(high[0] - low[0]) + 1, int(high[1] - low[1]) + 1, int(high[2] - low[2]) + 1)
    kind, density, inner = _classify(field, bone, low, shape)
    one = np.ones(shape, dtype=np.float32)
    ground = Ground(low, kind, 0.0 * one, one, _unevenness(shape, rng), inner, kind, one[None])
    ground.gaps = _gaps(ground.centres(), kind, vertebra)
    _mark_discs(ground, vertebra)
    ground.base = ground.kind.copy()
    solid = np.clip(bone_volume_fraction * density, 0.0, 0.9)
    ground.capacity[kind != Kind.CLOSED] = 1.0  # outside bone cement pushes tissue away
    ground.capacity[kind == Kind.MARROW] = (1.0 - solid)[kind == Kind.MARROW]
    for each, value in RESISTANCE.items():
        ground.resistance[kind == each] = value
    marrow = kind == Kind.MARROW
    ground.resistance[marrow] *= np.clip(density[marrow], 0.2, 5.0)  # permeability as 1 / density: assumed
    if veins:
        for line in _veins(vertebra, rng):
            bore(ground, line, VEIN_RADIUS_MM, Kind.VEIN, float(rng.lognormal(0.0, 1.0)))
        if is_fractured(vertebra, vertebrae):
            for line in _defects(vertebra, rng):
                bore(ground, line, 1.2, Kind.DEFECT, float(rng.lognormal(0.5, 1.0)))
    return ground


def _mark_discs(ground: Ground, vertebra: Vertebra) -> None:
    """Soft voxels beyond an end plate and inside its rim are disc, as far as 12 mm (the tallest disc, FIGURES b)."""
    centres = ground.centres()
    for plate in (vertebra.superior_plate, vertebra.inferior_plate):
        from_plate = centres - plate.centre
        beyond = from_plate @ plate.normal
        across = (
            (from_plate @ vertebra.left) / (vertebra.width / 2),
            (from_plate @ vertebra.posterior) / (vertebra.depth / 2),
        )
        inside = (across[0] ** 2 + across[1] ** 2 < 1.0) & (beyond > -4.0) & (beyond < 12.0)
        ground.kind[inside & (ground.kind == Kind.SOFT)] = Kind.DISC


def _veins(vertebra: Vertebra, rng: np.random.Generator) -> list[Array]:
    """Polylines of the basivertebral vein with its epidural branches and of one or two segmental veins, patient frame."""
    v = vertebra
    middle = v.posterior_wall - v.posterior * (0.35 * v.depth)  # where the tributaries meet; assumed
    outlet = v.posterior_wall + v.posterior * 1.5
    up = outlet + v.superior * 12.0 + v.posterior * 0.5
    down = outlet - v.superior * 12.0 + v.posterior * 0.5
    lines = [np.array([middle, outlet, up]), np.array([outlet, down])]
    sides = [1.0, -1.0] if rng.random() < 0.5 else [float(rng.choice([-1.0, 1.0]))]
    for side in sides:
        start = v.centre + side * v.left * (0.25 * v.width) + v.posterior * (rng.uniform(-0.15, 0.15) * v.depth)
        wall = v.centre + side * v.left * (0.5 * v.width + 2.0) + v.posterior * (rng.uniform(-0.15, 0.15) * v.depth)
        away = wall - v.posterior * (0.6 * v.depth) - side * v.left * (0.15 * v.width)  # forward round the body
        lines.append(np.array([start, wall, away]))
    return lines


def _defects(vertebra: Vertebra, rng: np.random.Generator) -> list[Array]:
    """Short lines through a fractured level's superior plate: one or two broken places (seeded, assumed)."""
    lines = []
    plate = vertebra.superior_plate
    for _ in range(int(rng.integers(1, 3))):
        across = vertebra.left * rng.uniform(-0.3, 0.3) * vertebra.width
        along = vertebra.posterior * rng.uniform(-0.35, 0.15) * vertebra.depth
        at = plate.centre + across + along
        lines.append(np.array([at - plate.normal * 5.0, at + plate.normal * 2.5]))
    return lines


def bore(ground: Ground, line: Array, radius: float, kind: Kind, resistance: float = 1.0) -> None:
    """Opens the voxels whose centres lie within `radius` mm of a polyline (N, 3): they become `kind`, times `resistance`."""
    reach = int(np.ceil(radius))
    around = np.array(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij")).reshape(3, -1).T
    for a, b in pairwise(line):
        steps = np.linspace(0.0, 1.0, max(int(np.linalg.norm(b - a) / 0.25), 1) + 1)
        points = a + steps[:, None] * (b - a)
        near = np.floor(points - ground.origin + 0.5).astype(np.int64)
        for point, at in zip(points, near, strict=True):
            cells = at + around
            kept = ((cells >= 0) & (cells < ground.kind.shape)).all(axis=1)
            cells = cells[kept]
            cells = cells[np.linalg.norm(cells + ground.origin - point, axis=1) <= radius]
            open_at: Any = tuple(cells.T)
            ground.kind[open_at] = kind
            ground.capacity[open_at] = np.maximum(ground.capacity[open_at], 0.9)
            ground.resistance[open_at] = RESISTANCE[kind] * resistance


def drill(ground: Ground, tips: Array) -> None:
    """The needle has been at `tips` (N, 3) in order: cortex it went through is a hole, marrow a free tract.

    Marrow stays marrow, or a tract beside thin cortex would count as a way through it.
    """
    bore(ground, tips, TROCAR.outer_mm / 2, Kind.HOLE)
    still = (ground.kind == Kind.HOLE) & (ground.base == Kind.MARROW)
    ground.kind[still] = Kind.MARROW


def occupied(ground: Ground, pose: TrocarPose) -> NDArray[np.bool_]:
    """Voxels filled by the trocar standing in the tract: closed to cement, from 1 mm behind the tip."""
    offset = ground.centres() - pose.tip
    along = offset @ pose.axis
    across = np.linalg.norm(offset - along[..., None] * pose.axis, axis=-1)
    inside: NDArray[np.bool_] = (along < -1.0) & (across < TROCAR.outer_mm / 2 + 0.6)
    return inside


def route(ground: Ground, vertebra: Vertebra, at: tuple[int, int, int]) -> str:
    """Name of the leak route that a voxel outside bone belongs to."""
    if ground.kind[at] == Kind.VEIN:
        return "vein"
    if ground.base[at] == Kind.CANAL:
        return "canal"
    if ground.base[at] == Kind.DISC or ground.kind[at] == Kind.DEFECT:
        return "disc"
    offset = np.array(at, dtype=np.float64) + ground.origin - vertebra.centre
    across, back = offset @ vertebra.left, offset @ vertebra.posterior
    ahead = back < 0 and abs(across) / (vertebra.width / 2) < -back / (vertebra.depth / 2)
    return "anterior" if ahead else "lateral"
