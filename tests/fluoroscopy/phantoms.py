"""A patient of spheres in a box, whose paths can be written down: for tests of rays and pictures.

Frame: patient, mm. Meshes are analytic (subdivided spheres, a box), so their faceting is known: at radius r, 81,920
triangles, a chord errs by less than r / 2000.
"""

import numpy as np
import trimesh
from numpy.typing import NDArray

from models.patient import Bone, Grid, Patient, Surface
from models.tissue import medium

Array = NDArray[np.float64]

HALF_BOX = np.array([150.0, 105.0, 160.0])
SPACING = 0.5
BALLS = {
    # centre, radius, wall, turn about x [radians]: no symmetry in any axis
    "near-left": ((45.0, -25.0, 30.0), 14.0, 1.2, 0.3),
    "middle": ((0.0, 10.0, 0.0), 18.0, 0.5, -0.7),
    "low-right": ((-30.0, 35.0, -50.0), 9.0, 0.3, 1.1),
}


def ball_grid(radius: float) -> Grid:
    """Exact signed distance to a sphere about the origin."""
    half = radius + 4.0
    count = int(np.ceil(2 * half / SPACING)) + 1
    axis = -half + SPACING * np.arange(count)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    return Grid((np.sqrt(x**2 + y**2 + z**2) - radius).astype(np.float32), np.full(3, -half), SPACING)


def constant(like: Grid, value: float) -> Grid:
    """A coarse grid over the same box with one value."""
    count = int(np.ceil(like.spacing * like.values.shape[0] / 2.0)) + 1
    return Grid(np.full((count,) * 3, value, dtype=np.float32), like.origin, 2.0)


def ball(name: str, centre: tuple[float, float, float], radius: float, wall: float, turn: float) -> Bone:
    """A spherical bone with a cortex of even thickness."""
    sphere = trimesh.creation.icosphere(subdivisions=6, radius=1.0)
    # Vertices stand out by half the sag of the facets, so that chords neither gain nor lose on the whole.
    sag = 1 - np.linalg.norm(sphere.triangles_center, axis=1).mean()
    unit = (sphere.vertices * (1 + sag / 2)).astype(np.float32)
    faces = np.ascontiguousarray(sphere.faces, dtype=np.int32)
    frame = np.eye(4)
    frame[1:3, 1:3] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    frame[:3, 3] = centre
    distance = ball_grid(radius)
    cortical, spongy, soft = medium("cortical"), medium("cancellous", 0.08), medium("soft")
    return Bone(
        name=name,
        patient_from_bone=frame,
        distance=distance,
        wall=constant(distance, wall),
        density=constant(distance, 1.0),
        outer=Surface(f"{name} outer", unit * np.float32(radius), faces, cortical, soft),
        inner=Surface(f"{name} inner", unit * np.float32(radius - wall), faces, spongy, cortical),
    )


def skin() -> tuple[Grid, Surface]:
    """Distance to the box's walls (exact inside), and its twelve triangles."""
    origin, spacing = -HALF_BOX - 8.0, 2.0
    axes = [o + spacing * np.arange(int(-2 * o / spacing) + 1) for o in origin]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    q = np.abs(np.stack([x, y, z], axis=-1)) - HALF_BOX
    outside = np.linalg.norm(np.maximum(q, 0.0), axis=-1)
    values = outside + np.minimum(q.max(axis=-1), 0.0)
    box = trimesh.creation.box(extents=2 * HALF_BOX)
    surface = Surface(
        "skin", box.vertices.astype(np.float32), box.faces.astype(np.int32), medium("soft"), medium("air")
    )
    return Grid(values.astype(np.float32), origin, spacing), surface


def phantom(names: tuple[str, ...] = tuple(BALLS)) -> Patient:
    """The box with some of its balls."""
    grid, surface = skin()
    return Patient(
        name="phantom",
        provider="synthetic",
        bones={name: ball(name, *BALLS[name]) for name in names},
        vertebrae={},
        skin=grid,
        skin_surface=surface,
        rib_necks={},
        bone_volume_fraction=0.08,
        skin_mm=2.0,
        fat_mm=10.0,
    )


def exact_paths(source: Array, direction: Array, names: tuple[str, ...] = tuple(BALLS)) -> Array:
    """(8,) paths along a unit direction, by school geometry."""
    soft, cortical, spongy = (
        w.astype(np.float64) for w in (medium("soft"), medium("cortical"), medium("cancellous", 0.08))
    )
    total = box_chord(source, direction) * soft
    for name in names:
        centre, radius, wall, _ = BALLS[name]
        whole, core = (sphere_chord(source, direction, np.array(centre), r) for r in (radius, radius - wall))
        total = total + (whole - core) * cortical + core * spongy - whole * soft
    return total


def box_chord(source: Array, direction: Array) -> float:
    """Length inside the box, of a ray with no component zero."""
    one, other = (-HALF_BOX - source) / direction, (HALF_BOX - source) / direction
    return max(float(np.maximum(one, other).min() - np.minimum(one, other).max()), 0.0)


def sphere_chord(source: Array, direction: Array, centre: Array, radius: float) -> float:
    """Length inside a sphere."""
    offset = centre - source
    along = float(offset @ direction)
    inside = radius**2 - float(offset @ offset) + along**2
    return 2 * float(np.sqrt(inside)) if inside > 0 else 0.0


def rim(source: Array, direction: Array) -> float:
    """Distance [mm] of a ray from the nearest silhouette of any ball's surfaces."""
    least = np.inf
    for centre, radius, wall, _ in BALLS.values():
        offset = np.array(centre) - source
        away = np.linalg.norm(offset - (offset @ direction) * direction)
        least = min(least, abs(away - radius), abs(away - radius + wall))
    return float(least)
