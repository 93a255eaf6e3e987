"""The surgical lamp: a round head of light cells on a jointed arm from the ceiling.

Frame: room; metres; assumed. It hangs on the head side, outside the sphere of 0.80 m about the isocentre in which the C moves.
"""

import numpy as np

from models.suite.assembling import Solids, of
from models.suite.layout import ISOCENTRE_M
from models.suite.room import CEILING_M
from models.suite.shapes import Array, Shape, circle, curve, disc, revolve, rod, tube

HEAD_M = (-0.52, 0.62, 2.02)
"""Centre of the lamp's front: where the light comes from. It points at the isocentre."""
FOOT_M = (-1.10, 1.45)
"""Where the arm hangs from the ceiling."""


def _aimed(shape: Shape) -> Shape:
    """A shape built looking down (-z) at the origin, put at HEAD_M and turned toward the isocentre."""
    way = np.array(ISOCENTRE_M) - HEAD_M
    down = way / np.linalg.norm(way)
    across = np.cross((0.0, 1.0, 0.0), -down)
    across /= np.linalg.norm(across)
    turn = np.column_stack([across, np.cross(-down, across), -down])
    return Shape(shape.vertices @ turn.T + HEAD_M, shape.faces, shape.uv, shape.crease)


def _point(x: float, y: float, z: float) -> Array:
    return np.asarray(_aimed(Shape(np.array([[x, y, z]]), np.zeros((0, 3), dtype=np.int32))).vertices[0])


def lamp() -> Solids:
    """Head, yoke, spring arm, arm, ceiling column."""
    dome = revolve(
        [
            (0.235, 0.012),
            (0.275, 0.004),
            (0.3, 0.01),
            (0.31, 0.026),
            (0.303, 0.046),
            (0.27, 0.07),
            (0.2, 0.092),
            (0.11, 0.106),
            (0.08, 0.11),
        ],
        64,
    )
    solids = of("enamel", _aimed(dome))
    solids += of("dark plastic", _aimed(disc(0.262, 0.002, 0.020, 0.004, 56)))
    cells = [(0.0, 0.0)] + [
        (ring * np.cos(turn), ring * np.sin(turn))
        for ring, many in ((0.105, 6), (0.205, 12))
        for turn in np.linspace(0.0, 2 * np.pi, many, endpoint=False)
    ]
    for x, y in cells:
        solids += of("lamp", _aimed(disc(0.036, -0.004, 0.008, 0.003, 20).at(x, y)))
        solids += of("steel", _aimed(revolve([(0.036, 0.004), (0.036, -0.006), (0.044, -0.006), (0.046, 0.004)], 20)))
    solids += of("dark plastic", _aimed(disc(0.020, -0.110, 0.004, 0.008, 20)))  # sterile grip
    solids += of("enamel", _aimed(disc(0.075, 0.100, 0.150, 0.014, 32)))
    return solids + _arm()


def _arm() -> Solids:
    hub = _point(0.0, 0.0, 0.140)
    elbow = np.array([-0.62, 1.10, 2.46])
    foot = np.array([*FOOT_M, 2.46])
    yoke = curve(np.add(hub, [(0, 0, 0), (0, 0.05, 0.075), (-0.02, 0.12, 0.095), (-0.03, 0.17, 0.1)]), 6)
    solids = of("brushed steel", tube(yoke, circle(0.021, 16)))
    spring = np.stack([np.add(yoke[-1], (0.0, -0.01, 0.0)), np.add(elbow, (0.0, 0.0, -0.035))])
    solids += of("enamel", tube(spring, circle(0.036, 20)))
    solids += of("grey plastic", disc(0.048, elbow[2] - 0.075, elbow[2] + 0.045, 0.008, 28).at(elbow[0], elbow[1]))
    solids += of("enamel", tube(np.stack([elbow, foot]), circle(0.042, 20)))
    solids += of("grey plastic", disc(0.062, foot[2] - 0.07, foot[2] + 0.07, 0.010, 32).at(foot[0], foot[1]))
    solids += of("enamel", rod(np.add(foot, (0.0, 0.0, 0.05)), (*FOOT_M, CEILING_M - 0.04), 0.045, 28))
    return solids + of("enamel", disc(0.15, CEILING_M - 0.055, CEILING_M - 0.004, 0.014, 40).at(*FOOT_M))
