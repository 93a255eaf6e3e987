"""A patient on squared paper: three vertebrae whose every distance is known. Axes are the patient's own, no tilt, no rotation.

Body: elliptic cylinder (half width 20, half depth 17) cut flat behind at y = 14 and at its plates; pedicles: elliptic tubes
9 wide, 15 high, at x = +-16.5, running straight back to y = 45. mm, patient frame (left, posterior, superior).
"""

import numpy as np

from models.patient import Bone, Grid, Patient, Pedicle, Plate, Surface, Vertebra

HALF_WIDTH, HALF_DEPTH, WALL, HEIGHT = 20.0, 17.0, 14.0, 24.0
PEDICLE_X, PEDICLE_Z, PEDICLE_W, PEDICLE_H, BACK = 16.5, 4.0, 9.0, 15.0, 45.0
CANAL_Y, CANAL_W, CANAL_D = 23.0, 12.0, 9.0
APART = 34.0
LEVELS = ("L1", "L2", "L3")


def _ellipse(u: np.ndarray, v: np.ndarray, a: float, b: float) -> np.ndarray:
    """Distance to an ellipse, to first order: exact on it."""
    f = (u / a) ** 2 + (v / b) ** 2 - 1.0
    slope = 2.0 * np.sqrt((u / a**2) ** 2 + (v / b**2) ** 2)
    return f / np.maximum(slope, 2.0 / max(a, b) * 0.2)


def distance(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Signed distance of one vertebra about its body's centre."""
    body = np.maximum.reduce([_ellipse(x, y, HALF_WIDTH, HALF_DEPTH), y - WALL, np.abs(z) - HEIGHT / 2])
    tubes = [
        np.maximum.reduce([_ellipse(x - s * PEDICLE_X, z - PEDICLE_Z, PEDICLE_W / 2, PEDICLE_H / 2), y - BACK, 5.0 - y])
        for s in (-1.0, 1.0)
    ]
    return np.minimum.reduce([body, *tubes])


def _grid(values: np.ndarray, origin: tuple[float, ...], spacing: float) -> Grid:
    return Grid(values.astype(np.float32), np.array(origin, dtype=float), spacing)


_NOTHING = Surface(
    "nothing",
    np.zeros((0, 3), np.float32),
    np.zeros((0, 3), np.int32),
    np.zeros(8, np.float32),
    np.zeros(8, np.float32),
)


def _bone(name: str, height: float) -> Bone:
    frame = np.eye(4)
    frame[2, 3] = height
    axes = [np.arange(low, high + 0.1, 0.75) for low, high in ((-26.0, 26.0), (-22.0, 50.0), (-16.0, 16.0))]
    values = distance(*np.meshgrid(*axes, indexing="ij"))
    flat = np.full((2, 2, 2), 0.3)
    return Bone(
        name,
        frame,
        _grid(values, (-26.0, -22.0, -16.0), 0.75),
        _grid(flat, (-40.0, -40.0, -40.0), 80.0),
        _grid(flat / 0.3, (-40.0, -40.0, -40.0), 80.0),
        _NOTHING,
        _NOTHING,
    )


def _plate(height: float, up: float) -> Plate:
    turn = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    rim = np.stack([HALF_WIDTH * np.cos(turn), -HALF_DEPTH * np.sin(turn), np.full(24, height)], axis=-1)
    return Plate(np.array([0.0, 0.0, height]), np.array([0.0, 0.0, up]), rim)


def _pedicle(x: float, z: float) -> Pedicle:
    turn = np.linspace(0.0, 2 * np.pi, 48, endpoint=False)
    ring = np.stack([x + PEDICLE_W / 2 * np.cos(turn), np.full(48, 20.0), z + PEDICLE_H / 2 * np.sin(turn)], axis=-1)
    return Pedicle(np.array([x, 20.0, z]), np.array([0.0, -1.0, 0.0]), PEDICLE_W, PEDICLE_H, ring)


def vertebra(level: str, height: float) -> Vertebra:
    """Landmarks of a level whose body's centre is at (0, 0, height)."""
    turn = np.linspace(0.0, 2 * np.pi, 120, endpoint=False)
    around = np.stack([HALF_WIDTH * np.cos(turn), np.minimum(HALF_DEPTH * np.sin(turn), WALL)], axis=-1)
    outline = np.concatenate(
        [np.column_stack([around, np.full(120, height + z)]) for z in np.linspace(-HEIGHT / 2, HEIGHT / 2, 13)]
    )
    return Vertebra(
        level=level,
        centre=np.array([0.0, 0.0, height]),
        left=np.array([1.0, 0.0, 0.0]),
        posterior=np.array([0.0, 1.0, 0.0]),
        superior=np.array([0.0, 0.0, 1.0]),
        superior_plate=_plate(height + HEIGHT / 2, 1.0),
        inferior_plate=_plate(height - HEIGHT / 2, -1.0),
        pedicles={"left": _pedicle(PEDICLE_X, height + PEDICLE_Z), "right": _pedicle(-PEDICLE_X, height + PEDICLE_Z)},
        posterior_wall=np.array([0.0, WALL, height]),
        corners={"left": np.array([11.0, WALL, height]), "right": np.array([-11.0, WALL, height])},
        spinous_tip=np.array([0.0, 70.0, height - 10.0]),
        canal_centre=np.array([0.0, CANAL_Y, height + PEDICLE_Z]),
        canal_half_width=CANAL_W,
        canal_half_depth=CANAL_D,
        width=2 * HALF_WIDTH,
        depth=HALF_DEPTH + WALL,
        anterior_height=HEIGHT,
        middle_height=HEIGHT,
        posterior_height=HEIGHT,
        outline=outline,
    )


def patient(rib_level: str = "") -> Patient:
    """L1 above, L2 at the origin, L3 below; with `rib_level`, rib necks beside that level."""
    heights = dict(zip(LEVELS, (APART, 0.0, -APART), strict=True))
    _, y, _ = np.meshgrid(*[np.arange(-150.0, 151.0, 10.0)] * 3, indexing="ij")
    necks = {"left": np.array([25.0, 20.0, 0.0]), "right": np.array([-25.0, 20.0, 0.0])}
    return Patient(
        name="phantom",
        provider="synthetic",
        bones={level: _bone(level, height) for level, height in heights.items()},
        vertebrae={level: vertebra(level, height) for level, height in heights.items()},
        skin=_grid(np.abs(y) - 100.0, (-150.0, -150.0, -150.0), 10.0),
        skin_surface=_NOTHING,
        rib_necks={rib_level: necks} if rib_level else {},
        bone_volume_fraction=0.08,
        skin_mm=2.0,
        fat_mm=15.0,
    )
