"""Where one looks at the room from: four viewpoints, turning and nearing from there.

In: a name, drags in radians, factors. Out: eye and look-at point [m, room frame], field of view [degrees, upright]. Pure.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Viewpoint:
    """A pinhole that looks at something."""

    eye: tuple[float, float, float]
    at: tuple[float, float, float]
    fov_deg: float = 42.0


VIEWPOINTS = {
    "operator": Viewpoint((-1.20, -0.80, 1.86), (0.40, -0.03, 1.25), 48.0),
    "monitor": Viewpoint((0.42, -0.86, 1.70), (1.64, -0.67, 1.63), 36.0),
    "head": Viewpoint((0.42, 2.15, 2.02), (-0.08, -0.05, 1.10), 42.0),
    "needle": Viewpoint((-0.40, -0.34, 1.52), (0.0, 0.02, 1.20), 34.0),
}
"""An operator's place at the patient's left; assumed, by eye."""

NEAREST_M, FARTHEST_M = 0.15, 4.0
PITCH = (-0.15, 1.45)
"""Heights of the eye above the look-at point's level [radians]: not below the floor, not over the top; assumed."""


def turned(view: Viewpoint, across: float, up: float) -> Viewpoint:
    """Round what is looked at: `across` to the right about the vertical, `up` higher [radians]."""
    offset = np.subtract(view.eye, view.at)
    distance = float(np.linalg.norm(offset))
    yaw = float(np.arctan2(offset[1], offset[0])) + across
    pitch = float(np.clip(np.arcsin(offset[2] / distance) + up, *PITCH))
    way = np.array([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)])
    return replace(view, eye=_place(np.asarray(view.at) + distance * way))


def nearer(view: Viewpoint, factor: float) -> Viewpoint:
    """Distance divided by `factor`, within limits."""
    offset = np.subtract(view.eye, view.at)
    distance = float(np.linalg.norm(offset))
    new = float(np.clip(distance / factor, NEAREST_M, FARTHEST_M))
    return replace(view, eye=_place(np.asarray(view.at) + offset * (new / distance)))


def kept(view: Viewpoint, low: Array, high: Array) -> Viewpoint:
    """The same with the eye inside a box: nobody looks through a wall."""
    return replace(view, eye=_place(np.clip(view.eye, low, high)))


def between(first: Viewpoint, second: Viewpoint, share: float) -> Viewpoint:
    """On the way from one to the other, 0-1, soft at both ends."""
    s = share * share * (3 - 2 * share)
    eye = _place(np.asarray(first.eye) + s * np.subtract(second.eye, first.eye))
    at = _place(np.asarray(first.at) + s * np.subtract(second.at, first.at))
    return Viewpoint(eye, at, first.fov_deg + s * (second.fov_deg - first.fov_deg))


def _place(point: Array) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in point)
    return x, y, z
