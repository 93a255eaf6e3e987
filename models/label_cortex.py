"""How thick the cortex of a vertebra from labels is, and how dense its inside: laid on by landmarks, since labels say neither.

In: a bone's distance grid and its landmarks. Out: wall [mm] and relative density grids of 2 mm in the bone's frame. The
figures are those of the synthetic patient (models/cortex.py, models/tables/morphometry.csv), placed by landmarks.
"""

import numpy as np
from numpy.typing import NDArray

from models import cortex
from models.distance import gradient, sample
from models.morphometry import size
from models.patient import SIDES, Array, Bone, Grid, Pedicle, Side, Vertebra

COARSE_MM = 2.0
PLATE_REACH_MM = 9.0
"""A surface that looks along the axis is end plate within this distance of the plate's plane: a deep biconcave one too."""

PEDICLE_REACH_MM = 6.0
"""Length of pedicle to either side of the isthmus that has pedicle walls; assumed."""


def wall(bone: Bone, vertebra: Vertebra) -> Grid:
    """Thickness of the cortex [mm] at the surface nearest to each sample: body shell, end plates, pedicles, arch."""
    grid, points, outward = _lattice(bone)
    local, ways = (points - vertebra.centre) @ _axes(vertebra).T, outward @ _axes(vertebra).T
    sizes = size(vertebra.level)
    behind = float((vertebra.posterior_wall - vertebra.centre) @ vertebra.posterior)
    front = np.clip(-local[:, 1] / behind, -1.0, 1.0)
    thickness = sizes.shell * cortex.OSTEOPOROTIC_SHARE * (1 + cortex.VENTRAL_SHARE * front)
    for plate, name, up in ((vertebra.superior_plate, "upper", 1.0), (vertebra.inferior_plate, "lower", -1.0)):
        near = np.abs((points - plate.centre) @ plate.normal) < PLATE_REACH_MM
        radius = np.linalg.norm(plate.rim - plate.centre, axis=1).mean()
        rim = _step(0.65 * radius, 0.95 * radius, np.linalg.norm(points - plate.centre, axis=1))
        middle, edge = cortex.PLATE_MM[name]
        share = near * _step(0.5, 0.85, up * ways[:, 2])
        thickness = thickness + share * (middle + (edge - middle) * rim - thickness)
    thickness = thickness + _step(-0.5, 2.5, local[:, 1] - behind) * (cortex.ARCH_WALL_MM - thickness)
    for side in SIDES:
        share, of_pedicle = _pedicle_wall(points, outward, vertebra.pedicles[side], side, vertebra, sizes.medial_wall)
        thickness = thickness + share * (of_pedicle - thickness)
    return _grid(grid, thickness)


def density(bone: Bone, vertebra: Vertebra, impaction: float, generator: np.random.Generator) -> Grid:
    """Relative cancellous density: mean `impaction` inside, smooth random, weaker in front, denser under the plates."""
    from scipy.ndimage import gaussian_filter

    grid, points, _ = _lattice(bone)
    local = (points - vertebra.centre) @ _axes(vertebra).T
    noise = gaussian_filter(generator.standard_normal(grid.values.shape), cortex.GRAIN_MM / COARSE_MM)
    relative = 1 + cortex.HETEROGENEITY * (noise / noise.std()).ravel()
    relative *= 1 + (cortex.ANTERIOR_DENSITY - 1) * _step(-3.0, 3.0, -local[:, 1] - vertebra.depth / 6)
    for plate in (vertebra.superior_plate, vertebra.inferior_plate):
        near = _step(-5.0, -2.0, (points - plate.centre) @ plate.normal)
        relative *= 1 + (cortex.PLATE_DENSITY - 1) * near
    inside = sample(bone.distance, _bone_frame(grid)) < -0.5
    relative = np.clip(relative / relative[inside].mean(), 0.2, 4.0)
    return _grid(grid, impaction * relative / relative[inside].mean())


def _pedicle_wall(
    points: Array, outward: Array, pedicle: Pedicle, side: Side, vertebra: Vertebra, medial_mm: float
) -> tuple[Array, Array]:
    """(share, thickness) of a pedicle's cortex: thick on the medial side, thin on the lateral one."""
    lateral = vertebra.left if side == "left" else -vertebra.left
    lateral = lateral - (lateral @ pedicle.axis) * pedicle.axis
    lateral = lateral / np.linalg.norm(lateral)
    offset = points - pedicle.centre
    along = offset @ pedicle.axis
    beside = np.linalg.norm(offset - along[:, None] * pedicle.axis, axis=1)
    reach = np.linalg.norm(pedicle.ring - pedicle.centre, axis=1).max()
    share = _step(PEDICLE_REACH_MM + 1.5, PEDICLE_REACH_MM - 1.5, np.abs(along)) * _step(
        reach + 4.0, reach + 2.0, beside
    )
    facing = outward @ lateral
    of_side = np.where(facing > 0, cortex.LATERAL_WALL_MM, medial_mm)
    thickness = cortex.EDGE_WALL_MM + _step(0.2, 0.9, np.abs(facing)) * (of_side - cortex.EDGE_WALL_MM)
    return share, thickness


def _lattice(bone: Bone) -> tuple[Grid, Array, Array]:
    """(empty grid of 2 mm over the bone, its points and the way outward there, (N, 3) each, patient frame)."""
    fine = bone.distance
    extent = (np.array(fine.values.shape) - 1) * fine.spacing
    shape = tuple(int(n) for n in np.ceil(extent / COARSE_MM) + 1)
    grid = Grid(np.zeros(shape, dtype=np.float32), fine.origin, COARSE_MM)
    in_bone = _bone_frame(grid)
    turn = bone.patient_from_bone[:3, :3]
    outward = gradient(fine, in_bone) @ turn.T
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    return grid, in_bone @ turn.T + bone.patient_from_bone[:3, 3], outward


def _bone_frame(grid: Grid) -> Array:
    """(N, 3) the samples of a grid in its own frame."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.values.shape), indexing="ij"), axis=-1)
    return np.asarray(grid.origin + grid.spacing * index.reshape(-1, 3))


def _grid(like: Grid, values: NDArray[np.floating]) -> Grid:
    return Grid(np.asarray(values, dtype=np.float32).reshape(like.values.shape), like.origin, like.spacing)


def _axes(vertebra: Vertebra) -> Array:
    return np.stack([vertebra.left, vertebra.posterior, vertebra.superior])


def _step(low: float, high: float, x: NDArray[np.floating]) -> Array:
    """Smooth step from 0 at `low` to 1 at `high` (falling where high < low)."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))
