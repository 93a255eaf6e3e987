"""Light of the room: what surrounds every thing, its smooth part as spherical harmonics, the lamp, large things in the way.

In: a box and ceiling panels [m, room frame]. Out: radiance; uniforms of shaders/theatre/light.glsl. Radiance is linear, 1 is a
white wall's. Not here: materials (models/suite/mesh.py), the shadow map (theatre.py).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Surroundings:
    """The room as reflections see it. Radiances are assumed, by eye; box and panels follow the suite."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    panels: tuple[float, float, float, float]  # centre of one, steps to the next
    panel_half: tuple[float, float]
    panel_light: float = 2.7
    wall: tuple[float, float, float] = (0.43, 0.455, 0.46)
    floor: tuple[float, float, float] = (0.14, 0.16, 0.175)
    ceiling: tuple[float, float, float] = (0.36, 0.37, 0.38)


@dataclass(frozen=True)
class Lamp:
    """The surgical lamp. Light and cone are assumed, by eye; its place follows the suite."""

    place: tuple[float, float, float]
    toward: tuple[float, float, float]
    light: tuple[float, float, float] = (2.9, 2.7, 2.3)  # radiance of white that faces it at 1 m
    cone_deg: tuple[float, float] = (31.0, 9.0)  # half angles: nothing outside, all inside

    @property
    def axis(self) -> Array:
        """(3,) unit, the way it shines."""
        way = np.subtract(self.toward, self.place)
        return np.asarray(way / np.linalg.norm(way))


def surroundings(room: Surroundings, place: Array, ways: Array) -> Array:
    """(N, 3) radiance from directions (N, 3) at a place (3,), sharp. Twin of `surroundings` in light.glsl at roughness 0."""
    low, high = np.asarray(room.low), np.asarray(room.high)
    inside = np.clip(place, low + 0.01, high - 0.01)
    reach = (np.where(ways >= 0, high, low) - inside) / (np.abs(ways) + 1e-5) * np.sign(ways + 1e-6)
    far = reach.min(axis=1, keepdims=True)
    hit = inside + far * ways
    step = np.asarray(room.panels[2:])
    off = np.abs(np.mod(hit[:, :2] - room.panels[:2] + 0.5 * step, step) - 0.5 * step)
    share = np.clip((np.asarray(room.panel_half) - off) / 0.02 * 0.5 + 0.5, 0.0, 1.0).prod(axis=1, keepdims=True)
    up = np.clip((hit[:, 2:] - high[2]) / 0.15 + 1.0, 0.0, 1.0)
    down = np.clip((low[2] - hit[:, 2:]) / 0.15 + 1.0, 0.0, 1.0)
    light = np.asarray(room.wall) * (0.8 + 0.4 * (hit[:, 2:] - low[2]) / (high[2] - low[2]))
    light = light + down * (np.asarray(room.floor) - light)
    return np.asarray(light + up * (np.asarray(room.ceiling) + room.panel_light * share - light))


def harmonics(ways: Array) -> Array:
    """(N, 9) 1, y, z, x, xy, yz, 3zz - 1, xz, xx - yy of unit directions (N, 3)."""
    x, y, z = ways.T
    return np.stack([np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], axis=1)


NORMS = np.array([0.282095, *(0.488603,) * 3, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274]) ** 2
COSINE = np.array([1.0, *(2 / 3,) * 3, *(1 / 4,) * 5])
"""Squared norms of the real spherical harmonics, and of a cosine lobe over pi (Ramamoorthi and Hanrahan 2001)."""


def ambient(room: Surroundings, place: Array, count: int = 20_000) -> Array:
    """(9, 3) factors of `harmonics` of a normal: radiance of a white matte face there, in the open.

    sum_lm A_l / pi L_lm Y_lm(n), L_lm by the mean over `count` directions spread evenly. Within 1 % of the full integral for
    soft light (Ramamoorthi and Hanrahan 2001).
    """
    k = np.arange(count) + 0.5
    z, turn = 1 - 2 * k / count, np.pi * (1 + 5**0.5) * k
    ways = np.stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z], axis=1)
    light = surroundings(room, place, ways)
    means = harmonics(ways).T @ light / count
    return np.asarray(4 * np.pi * (NORMS * COSINE)[:, None] * means)


def blockers(balls: Array) -> Array:
    """(BLOCKERS, 4) balls (K, 4) [m, room frame], centre and radius, that stand for large things; the rest lie far away."""
    if len(balls) > BLOCKERS:
        raise ValueError(f"{len(balls)} balls: expected at most {BLOCKERS}")
    rest = np.tile([0.0, 0.0, -100.0, 0.01], (BLOCKERS - len(balls), 1))
    return np.concatenate([balls, rest])


BLOCKERS = 8
"""Balls that take ambient light away; each costs every vertex about ten operations."""


def uniforms(room: Surroundings, lamp: Lamp) -> dict[str, Any]:
    """Inputs of light.glsl that stay, as numpy arrays and floats."""
    outer, inner = np.cos(np.radians(lamp.cone_deg))
    factors = ambient(room, np.array([0.0, 0.0, 1.2]))
    return {
        "room_low": np.asarray(room.low),
        "room_high": np.asarray(room.high),
        "panels": np.asarray(room.panels),
        "panel_half": np.asarray(room.panel_half),
        "panel_light": room.panel_light,
        "wall_colour": np.asarray(room.wall),
        "floor_colour": np.asarray(room.floor),
        "ceiling_colour": np.asarray(room.ceiling),
        "ambient": np.pad(factors, ((0, 0), (0, 1))),
        "lamp_place": np.asarray(lamp.place),
        "lamp_axis": lamp.axis,
        "lamp_light": np.asarray(lamp.light),
        "lamp_cone": np.array([outer, inner]),
    }
