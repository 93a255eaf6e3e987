"""The trocar as closed surfaces for the X-ray: cannula with its bevelled stylet, hub and collar.

Frame: trocar (origin at the tip's centre, x toward the point of the bevel, z along the axis, tip forward); mm.
Out: Surface, counter-clockwise seen from outside. Where the metal is for touch and score: models/instruments.py.
Not here: bending (the shaft is straight), mallet, syringe.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.instruments import TROCAR, Trocar, TrocarPose
from models.patient import Surface
from models.tissue import medium

Array = NDArray[np.float64]

FACETS = 72
"""Round a circle: the chord of a 2.41 mm shaft errs 1.1 um, its area 0.13 %."""

HUB_DENSITY = 1.1
"""Plastic grip as a multiple of soft tissue (about 1.17 g/cm3); assumed."""

COLLAR_MM = 8.0
"""Diameter of the steel collar in which cannula and hub join; assumed."""

COLLAR_HEIGHT_MM = 5.0
"""Its height, from the lower face of the hub up; assumed."""


def patient_from_trocar(pose: TrocarPose) -> Array:
    """(4, 4) rigid."""
    frame = np.eye(4)
    frame[:3, 0] = pose.roll
    frame[:3, 1] = np.cross(pose.axis, pose.roll)
    frame[:3, 2] = pose.axis
    frame[:3, 3] = pose.tip
    return frame


def _ring(radius: float, bottom: float, slope: float = 0.0) -> Array:
    """(FACETS, 3) a circle about z whose height is bottom + slope * x."""
    turn = np.linspace(0.0, 2 * np.pi, FACETS, endpoint=False)
    x, y = radius * np.cos(turn), radius * np.sin(turn)
    return np.stack([x, y, bottom + slope * x], axis=-1)


def _wall(first: int, second: int) -> NDArray[np.int64]:
    """(2 FACETS, 3) faces between two rings of vertices that start at first and second; outward when second lies above."""
    here = np.arange(FACETS)
    after = (here + 1) % FACETS
    return np.concatenate(
        [
            np.stack([first + here, first + after, second + after], axis=-1),
            np.stack([first + here, second + after, second + here], axis=-1),
        ]
    )


def _cap(ring: int, centre: int) -> NDArray[np.int64]:
    """(FACETS, 3) faces from a ring to a centre that look up."""
    here = np.arange(FACETS)
    return np.stack([ring + here, ring + (here + 1) % FACETS, np.full(FACETS, centre)], axis=-1)


def _solid(name: str, low: Array, high: Array, inside: Array, outside: Array) -> Surface:
    """A full cylinder between two rings."""
    vertices = np.concatenate([low, high, low.mean(axis=0)[None], high.mean(axis=0)[None]])
    faces = np.concatenate([_wall(0, FACETS), _cap(0, 2 * FACETS)[:, ::-1], _cap(FACETS, 2 * FACETS + 1)])
    return _surface(name, vertices, faces, inside, outside)


def _hollow(name: str, wall: tuple[Array, Array], bore: tuple[Array, Array], inside: Array, outside: Array) -> Surface:
    """A cylinder (its low and high ring) with a bore (its low and high ring)."""
    vertices = np.concatenate([*wall, *bore])
    n = FACETS
    faces = np.concatenate([_wall(0, n), _wall(n, 3 * n), _wall(3 * n, 2 * n), _wall(2 * n, 0)])
    return _surface(name, vertices, faces, inside, outside)


def _surface(name: str, vertices: Array, faces: NDArray[np.int64], inside: Array, outside: Array) -> Surface:
    return Surface(
        name=name,
        vertices=vertices.astype(np.float32),
        faces=np.ascontiguousarray(faces, dtype=np.int32),
        inside=np.asarray(inside, dtype=np.float32),
        outside=np.asarray(outside, dtype=np.float32),
    )


@lru_cache(maxsize=4)
def trocar_surfaces(stylet: bool = True, trocar: Trocar = TROCAR) -> tuple[Surface, ...]:
    """Shaft (full with the stylet, a tube without), collar and grip.

    The shaft takes the place of soft tissue all along: outside the patient its shadow lacks 2.4 mm of soft tissue too much,
    which steel hides. The face of the bevel runs from the point (x = +radius, z = 0) back to the heel.
    """
    steel, soft, air = (medium(name).astype(np.float64) for name in ("steel", "soft", "air"))
    radius = trocar.outer_mm / 2
    slope = trocar.bevel_mm / trocar.outer_mm
    face = -trocar.bevel_mm / 2
    top = -(trocar.length_mm + trocar.hub_height_mm)
    if stylet:
        shaft = _solid("shaft", _ring(radius, top), _ring(radius, face, slope), steel, soft)
    else:
        bore = _ring(trocar.inner_mm / 2, top), _ring(trocar.inner_mm / 2, face, slope)
        shaft = _hollow("cannula", (_ring(radius, top), _ring(radius, face, slope)), bore, steel, soft)
    low, high = -(trocar.length_mm + COLLAR_HEIGHT_MM), -trocar.length_mm
    hole = _ring(radius, low), _ring(radius, high)
    collar = _hollow("collar", (_ring(COLLAR_MM / 2, low), _ring(COLLAR_MM / 2, high)), hole, steel, air)
    grip = _solid(
        "grip", _ring(trocar.hub_mm / 2, top), _ring(trocar.hub_mm / 2, -trocar.length_mm), HUB_DENSITY * soft, air
    )
    return shaft, collar, grip
