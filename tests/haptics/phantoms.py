"""Patients with known answers: boxes and slopes of bone under flat skin, straight from analytic distances.

Patient frame, mm. Skin is the plane y = 0, the patient is y < 0; bone begins 30 mm deep. Surfaces are dummies.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.field import Field, pack
from models.instruments import TrocarPose
from models.patient import Bone, Grid, Patient, Surface

Array = NDArray[np.float64]

BONE_MM = 30.0  # below the skin
THICK_MM = 40.0  # of the bone block, outer to outer
SKIN_MM = 2.0
FAT_MM = 10.0
FORWARD = np.array([0.0, -1.0, 0.0])


def surface() -> Surface:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]], dtype=np.int32)
    return Surface("dummy", corners, faces, np.zeros(8, dtype=np.float32), np.zeros(8, dtype=np.float32))


def sampled(law: Callable[[Array], Array], low: Array, high: Array, spacing: float) -> Grid:
    counts = np.ceil((high - low) / spacing).astype(int) + 1
    axes = [low[i] + spacing * np.arange(counts[i]) for i in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    return Grid(law(points).astype(np.float32), np.asarray(low, dtype=np.float64), spacing)


def box(points: Array, centre: Array, half: Array) -> Array:
    """Exact signed distance to a box."""
    q = np.abs(points - centre) - half
    return np.asarray(np.linalg.norm(np.maximum(q, 0.0), axis=-1) + np.minimum(q.max(axis=-1), 0.0))


def bone(
    law: Callable[[Array], Array], wall: Callable[[Array], Array], density: float, low: Array, high: Array
) -> Bone:
    return Bone(
        name="L2",
        patient_from_bone=np.eye(4),
        distance=sampled(law, low, high, 0.5),
        wall=sampled(wall, low, high, 2.0),
        density=sampled(lambda p: np.full(p.shape[:-1], density), low, high, 2.0),
        outer=surface(),
        inner=surface(),
    )


def patient(bones: dict[str, Bone], bone_volume_fraction: float = 0.08) -> Patient:
    low, high = np.array([-60.0, -120.0, -60.0]), np.array([60.0, 60.0, 60.0])
    return Patient(
        name="phantom",
        provider="synthetic",
        bones=bones,
        vertebrae={},
        skin=sampled(lambda p: p[..., 1], low, high, 2.0),
        skin_surface=surface(),
        rib_necks={},
        bone_volume_fraction=bone_volume_fraction,
        skin_mm=SKIN_MM,
        fat_mm=FAT_MM,
    )


def block(near_wall: float = 0.65, far_wall: float = 0.3, density: float = 1.0) -> Field:
    """A pedicle and body seen along the needle: a wall, spongy bone, a far wall; 40 mm in all, square to the needle."""
    centre = np.array([0.0, -BONE_MM - THICK_MM / 2, 0.0])
    half = np.array([15.0, THICK_MM / 2, 15.0])
    wall = lambda p: np.where(p[..., 1] > centre[1], near_wall, far_wall)  # noqa: E731
    law = lambda p: box(p, centre, half)  # noqa: E731
    return pack(patient({"L2": bone(law, wall, density, centre - half - 4.0, centre + half + 4.0)}))[0]


def slope(degrees: float, wall: float = 0.65) -> Field:
    """Bone behind a plane tilted about z: the needle going forward meets it at `degrees` from square."""
    tilt = np.radians(degrees)
    normal = np.array([np.sin(tilt), np.cos(tilt), 0.0])
    on = np.array([0.0, -BONE_MM, 0.0])
    low, high = np.array([-25.0, -70.0, -12.0]), np.array([25.0, -6.0, 12.0])
    one = bone(lambda p: (p - on) @ normal, lambda p: np.full(p.shape[:-1], wall), 1.0, low, high)
    return pack(patient({"L2": one}))[0]


def start(away_mm: float = 3.0, roll: tuple[float, float, float] = (0.0, 0.0, 1.0)) -> TrocarPose:
    """Before the skin, pointing straight forward."""
    return TrocarPose(np.array([0.0, away_mm, 0.0]), FORWARD, np.array(roll))
