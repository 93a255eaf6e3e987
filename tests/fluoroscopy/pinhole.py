"""A second pinhole, written from docs/conventions.md in trigonometry alone: shares no code with models/carm.py."""

from math import cos, radians, sin

import numpy as np

SOURCE_DETECTOR, SOURCE_ISOCENTRE, FIELD = 1020.0, 530.0, 298.0


def axes(orbital, tilt, swivel):
    """(beam, column, row) unit vectors: R = R_swivel(y) R_tilt(x) R_orbital(z) of (0,1,0), (-1,0,0), (0,0,-1).

    + orbital takes the detector from behind to the left, + tilt to the head, swivel turns about the vertical.
    """
    o, t, s = radians(orbital), radians(tilt), radians(swivel)

    def turned(x, y, z):
        x, y = x * cos(o) + y * sin(o), -x * sin(o) + y * cos(o)
        y, z = y * cos(t) - z * sin(t), y * sin(t) + z * cos(t)
        return np.array([x * cos(s) + z * sin(s), y, -x * sin(s) + z * cos(s)])

    return turned(0, 1, 0), turned(-1, 0, 0), turned(0, 0, -1)


def project(points, angles, isocentre, size):
    """(N, 2) column, row of points (N, 3)."""
    beam, column, row = axes(*angles)
    offset = np.asarray(points, dtype=float) - (np.asarray(isocentre) - SOURCE_ISOCENTRE * beam)
    scale = SOURCE_DETECTOR / (offset @ beam) * size / FIELD
    return np.stack([offset @ column * scale + size / 2 - 0.5, offset @ row * scale + size / 2 - 0.5], axis=-1)
