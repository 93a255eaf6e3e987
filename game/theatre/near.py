"""What of the room a small change can be seen in: points round which the picture is drawn again, the rest of it kept.

In: Moments. Out: points (N, 3) [m, room frame]. Pure; a change that is not small has no points (stage.py).
"""

import numpy as np
from numpy.typing import NDArray

from game.session import Moment
from models.carm import view
from models.instruments import TROCAR
from models.suite.layout import AXES, room_from_patient

Array = NDArray[np.float64]

GRIP_M = 0.035
"""Half the width of what is held, about the axis, its soft shadow's edge included; assumed."""

ABOVE_M = 0.08
"""Beyond the hub's lower face: knob or injector; assumed."""

SHADOW_M = 0.22
"""How far behind the trocar its shadow falls on skin, at most; assumed."""

FIELD_M = 0.10
"""Half the laser's cross on the skin, at most."""

HEIGHT_M = 0.26
"""Skin lies at most so far from the isocentre along the beam; assumed."""


def trocar(moment: Moment, lamp: Array) -> Array:
    """(N, 3) round the trocar and its shadow, which falls away from the lamp; none where no trocar is held."""
    if moment.needle is None:
        return np.zeros((0, 3))
    room = room_from_patient(moment.pose.isocentre)
    tip, axis = room[:3, :3] @ moment.needle.tip + room[:3, 3], AXES @ moment.needle.axis
    along = np.linspace(0.0, TROCAR.length_mm / 1000 + ABOVE_M, 8)[:, None]
    line = tip - along * axis
    away = line - lamp
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    fall = np.clip((line[:, 2:] - tip[2]) / np.maximum(-away[:, 2:], 0.1), 0.0, SHADOW_M)  # no lower than the tip
    return _boxes(np.concatenate([line, line + fall * away]), GRIP_M)


def cross(moment: Moment) -> Array:
    """(N, 3) round the laser's cross."""
    pinhole = view(moment.pose)
    middle = room_from_patient(moment.pose.isocentre)[:3] @ [*moment.pose.isocentre, 1.0]
    along = np.array([-HEIGHT_M, 0.0, HEIGHT_M])[:, None]
    return _boxes(middle + along * (AXES @ pinhole.beam), FIELD_M)


def _boxes(points: Array, half: float) -> Array:
    """(8 N, 3) the corners of cubes round points."""
    corners = np.stack(np.meshgrid(*[(-half, half)] * 3), axis=-1).reshape(-1, 3)
    return (points[:, None, :] + corners).reshape(-1, 3)
