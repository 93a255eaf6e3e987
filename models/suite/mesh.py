"""Meshes of the room: what a Piece is, and the materials that its parts may name.

In: nothing. Out: `Part`, `Piece`, `MATERIALS`. Frames: each piece says its own; metres, but for what belongs to the patient
(body, drape: patient frame, mm). Not here: how light falls on a material (shaders/theatre), where pieces stand (layout.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Material:
    """What light meets. Colours are linear, 0-1."""

    base: tuple[float, float, float]
    roughness: float
    metallic: float = 0.0
    alpha: float = 1.0  # below 1: glass, clear plastic
    glow: float = 0.0  # light of its own: lamps, screens, as a multiple of `base`


MATERIALS: dict[str, Material] = {
    "skin": Material((0.40, 0.25, 0.19), 0.50),
    "prepped skin": Material((0.29, 0.155, 0.085), 0.40),  # painted with antiseptic
    "hair": Material((0.10, 0.07, 0.05), 0.60),
    "drape": Material((0.045, 0.165, 0.20), 0.90),
    "linen": Material((0.50, 0.55, 0.58), 0.90),
    "pad": Material((0.03, 0.035, 0.04), 0.42),
    "enamel": Material((0.74, 0.75, 0.745), 0.30),
    "grey plastic": Material((0.27, 0.29, 0.31), 0.45),
    "dark plastic": Material((0.035, 0.037, 0.04), 0.45),
    "clear plastic": Material((0.75, 0.82, 0.86), 0.10, alpha=0.35),
    "blue plastic": Material((0.05, 0.16, 0.42), 0.40),
    "steel": Material((0.62, 0.62, 0.61), 0.28, metallic=1.0),
    "brushed steel": Material((0.52, 0.52, 0.51), 0.45, metallic=1.0),
    "rubber": Material((0.02, 0.02, 0.02), 0.85),
    "carbon": Material((0.02, 0.02, 0.022), 0.30),
    "glass": Material((0.70, 0.80, 0.80), 0.05, alpha=0.25),
    "lead glass": Material((0.40, 0.46, 0.34), 0.06, alpha=0.32),
    "floor": Material((0.22, 0.27, 0.30), 0.22),
    "wall": Material((0.72, 0.76, 0.74), 0.85),
    "ceiling": Material((0.84, 0.84, 0.83), 0.90),
    "lamp": Material((1.0, 0.97, 0.90), 0.50, glow=6.0),
    "screen live": Material((0.02, 0.02, 0.02), 0.20, glow=1.0),
    "screen reference": Material((0.02, 0.02, 0.02), 0.20, glow=1.0),
    "screen figures": Material((0.02, 0.02, 0.02), 0.20, glow=1.0),
    "cement": Material((0.82, 0.80, 0.74), 0.50),
    "bone": Material((0.80, 0.72, 0.56), 0.55, alpha=0.80),
    "target bone": Material((0.95, 0.66, 0.22), 0.50, alpha=0.80),
    "canal": Material((0.85, 0.13, 0.10), 0.60),
}
"""Values chosen by eye; assumed. The two screens show a texture by their uv instead of `base`."""


@dataclass(frozen=True)
class Part:
    """One mesh of one material."""

    material: str  # a key of MATERIALS
    vertices: NDArray[np.float32]  # (V, 3)
    normals: NDArray[np.float32]  # (V, 3) unit, outward
    uv: NDArray[np.float32]  # (V, 2); screens: (0, 0) lower left, (1, 1) upper right as looked at
    shade: NDArray[np.float32]  # (V,) 0-1, baked share of the surroundings that light comes from; 1 in the open
    faces: NDArray[np.int32]  # (F, 3) counter-clockwise from outside


@dataclass(frozen=True)
class Piece:
    """One thing that moves as a whole."""

    name: str
    parts: tuple[Part, ...]
