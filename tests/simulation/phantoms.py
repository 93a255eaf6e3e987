"""A small analytic Patient: three box-shaped vertebrae with round edges, two pedicles each, a canal, a box of a torso.

Patient frame = bone frames but for a shift, so every distance is known by hand. Body of L2: 40 x 30 x 24 mm about the origin,
edges rounded by 3 mm; pedicles: capsules of radius 5 mm along +y at x = +-13, z = 4; skin 75 mm behind the origin.
"""

from functools import cache

import numpy as np

from models.patient import Bone, Grid, Patient, Pedicle, Plate, Surface, Vertebra
from models.tissue import medium

HALF = np.array([20.0, 15.0, 12.0])
ROUND = 3.0
PEDICLE_X, PEDICLE_Z, PEDICLE_R, PEDICLE_END = 13.0, 4.0, 5.0, 38.0
APART = 34.0  # between levels
BACK = 75.0  # y of the skin behind
WALL = 0.8


def box(points, half, edge):
    """Exact signed distance to a box with rounded edges about the origin."""
    q = np.abs(points) - (half - edge)
    return np.linalg.norm(np.maximum(q, 0.0), axis=-1) + np.minimum(q.max(axis=-1), 0.0) - edge


def capsule(points, a, b, radius):
    """Exact signed distance to a capsule."""
    along = np.clip(((points - a) @ (b - a)) / ((b - a) @ (b - a)), 0.0, 1.0)
    return np.linalg.norm(points - a - along[..., None] * (b - a), axis=-1) - radius


def bone_distance(points):
    """Signed distance to the phantom vertebra about the origin (exact outside, a bound where solids overlap inside)."""
    least = box(points, HALF, ROUND)
    for side in (-1.0, 1.0):
        a = np.array([side * PEDICLE_X, 5.0, PEDICLE_Z])
        b = np.array([side * PEDICLE_X, PEDICLE_END - PEDICLE_R, PEDICLE_Z])
        least = np.minimum(least, capsule(points, a, b, PEDICLE_R))
    return least


def lattice(low, shape, spacing):
    """(nx, ny, nz, 3) points of a grid."""
    return np.stack(np.meshgrid(*[np.arange(n) * spacing for n in shape], indexing="ij"), axis=-1) + low


def _surface(name, inside, outside):
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], dtype=np.int32)
    return Surface(name, corners, faces, inside, outside)


def _bone(name, z, density, fraction):
    low, shape = np.array([-26.0, -21.0, -18.0]), (105, 129, 73)
    frame = np.eye(4)
    frame[2, 3] = z
    distance = Grid(bone_distance(lattice(low, shape, 0.5)).astype(np.float32), low, 0.5)
    coarse = (27, 33, 19)
    wall = Grid(np.full(coarse, WALL, np.float32), low, 2.0)
    relative = Grid(np.full(coarse, density, np.float32), low, 2.0)
    soft, cortical, core = medium("soft"), medium("cortical"), medium("cancellous", fraction)
    return Bone(name, frame, distance, wall, relative, _surface(name, cortical, soft), _surface(name, core, cortical))


def _ring(centre, u, v, a, b):
    turn = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)[:, None]
    return centre + a * np.cos(turn) * u + b * np.sin(turn) * v


def _vertebra(level, z, height):
    x, y, up = np.eye(3)
    centre = np.array([0.0, 0.0, z])
    plates = [
        Plate(centre + s * up * HALF[2], s * up, _ring(centre + s * up * HALF[2], x, -y, HALF[0], HALF[1]))
        for s in (1.0, -1.0)
    ]
    pedicles = {}
    for side, s in (("left", 1.0), ("right", -1.0)):
        at = centre + np.array([s * PEDICLE_X, 22.0, PEDICLE_Z])
        pedicles[side] = Pedicle(at, -y, 2 * PEDICLE_R, 2 * PEDICLE_R, _ring(at, x, up, PEDICLE_R, PEDICLE_R))
    outline = np.stack(np.meshgrid(*[np.linspace(-h, h, 7) for h in HALF], indexing="ij"), axis=-1).reshape(-1, 3)
    outline = outline[(np.abs(outline) / HALF).max(axis=1) > 0.999] + centre
    return Vertebra(
        level=level,
        centre=centre,
        left=x,
        posterior=y,
        superior=up,
        superior_plate=plates[0],
        inferior_plate=plates[1],
        pedicles=pedicles,
        posterior_wall=centre + y * HALF[1],
        corners={"left": centre + np.array([10.0, HALF[1], 0.0]), "right": centre + np.array([-10.0, HALF[1], 0.0])},
        spinous_tip=centre + np.array([0.0, 55.0, -8.0]),
        canal_centre=centre + np.array([0.0, 22.5, PEDICLE_Z]),
        canal_half_width=7.4,
        canal_half_depth=7.0,
        width=2 * HALF[0],
        depth=2 * HALF[1],
        anterior_height=height,
        middle_height=height,
        posterior_height=2 * HALF[2],
        outline=outline,
    )


@cache
def phantom(density: float = 1.0, fraction: float = 0.1, fractured: bool = False) -> Patient:
    """L1, L2, L3. `fractured` only states L2's heights low (its shape stays): enough to give it end-plate defects."""
    levels = {"L1": APART, "L2": 0.0, "L3": -APART}
    low, shape, spacing = np.array([-170.0, -150.0, -200.0]), (86, 60, 101), 4.0
    skin = box(lattice(low, shape, spacing) - np.array([0.0, BACK - 107.0, 0.0]), np.array([160.0, 107.0, 190.0]), 40.0)
    soft = medium("soft")
    return Patient(
        name="phantom",
        provider="synthetic",
        bones={name: _bone(name, z, density, fraction) for name, z in levels.items()},
        vertebrae={
            name: _vertebra(name, z, 15.0 if fractured and name == "L2" else 2 * HALF[2]) for name, z in levels.items()
        },
        skin=Grid(skin.astype(np.float32), low, spacing),
        skin_surface=_surface("skin", soft, medium("air")),
        rib_necks={},
        bone_volume_fraction=fraction,
        skin_mm=2.0,
        fat_mm=15.0,
    )
