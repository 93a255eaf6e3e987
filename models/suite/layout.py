"""Where everything stands: the one place where patient frame and room frame meet, and how the C-arm's joints turn.

In: the arm's Pose. Out: (4, 4) matrices. Room frame: metres, Z up, origin on the floor below the isocentre, seen by an operator
at the patient's left facing the table: +Y toward the patient's head, +Z posterior (the patient lies prone), -X the patient's
left. The isocentre stays where it is; the table moves the patient. The C-arm's cart stands at the patient's right (+X).
"""

import numpy as np
from numpy.typing import NDArray

from models.carm import Pose, rotation

Array = NDArray[np.float64]

ISOCENTRE_M = (0.0, 0.0, 1.10)
"""Height of the isocentre above the floor; assumed."""

AXES = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
"""Room axes from patient axes: a proper rotation."""


def room_from_patient(isocentre_mm: tuple[float, float, float]) -> Array:
    """(4, 4) patient frame [mm] to room [m] when the table holds that point of the patient in the isocentre."""
    frame = np.eye(4)
    frame[:3, :3] = 0.001 * AXES
    frame[:3, 3] = np.array(ISOCENTRE_M) - frame[:3, :3] @ np.asarray(isocentre_mm)
    return frame


def _turned(pose: Pose, origin: tuple[float, float, float]) -> Array:
    frame = np.eye(4)
    frame[:3, :3] = AXES @ rotation(pose) @ AXES.T
    frame[:3, 3] = origin
    return frame


def room_from_c(pose: Pose) -> Array:
    """(4, 4) of the C with tube and detector: its own frame has the isocentre as origin and room axes at pose zero (detector above)."""
    return _turned(pose, ISOCENTRE_M)


def room_from_housing(pose: Pose) -> Array:
    """(4, 4) of what holds the C and tilts with it: origin in the isocentre, room axes at pose zero."""
    return _turned(pose.turned(orbital=0.0), ISOCENTRE_M)


def room_from_cart(pose: Pose) -> Array:
    """(4, 4) of cart and column, which only swivel, about the vertical through the isocentre: origin on the floor."""
    return _turned(pose.turned(orbital=0.0, tilt=0.0), (ISOCENTRE_M[0], ISOCENTRE_M[1], 0.0))
