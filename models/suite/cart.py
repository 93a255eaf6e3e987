"""The C-arm's cart: base on four wheels with its fork, generator cabinet, column, console, push bar, cable.

Frame: room axes, origin on the floor below the isocentre; it stands at +x and swivels about z; metres. Sizes follow the look of
mobile C-arms and are assumed. The arm's head meets the housing's neck on the line y = 0, z = the isocentre's height.
"""

import numpy as np

from models.suite.assembling import Solids, both, of
from models.suite.layout import ISOCENTRE_M
from models.suite.shapes import Shape, block, box, circle, curve, disc, extrude, rectangle, rod, tube

HEIGHT_M = ISOCENTRE_M[2]


def cart() -> Solids:
    """All of it."""
    return _head() + _column() + _cabinet() + _console() + _base() + _cable()


def _head() -> Solids:
    """The arm that carries the housing: a turned collar, then a square beam on top of the column."""
    z = HEIGHT_M
    collars = [(0.098, 1.050, 1.085, "dark plastic"), (0.106, 1.082, 1.150, "enamel")]
    solids = [(m, disc(r, a, b, 0.006, 48).turned("y", 90).at(z=z)) for r, a, b, m in collars]
    solids += of("enamel", block((1.130, -0.088, z - 0.088), (1.520, 0.088, z + 0.088), 0.026, 3))
    solids += of("grey plastic", block((1.505, -0.076, z - 0.076), (1.536, 0.076, z + 0.076), 0.010))
    solids += of("dark plastic", block((1.150, -0.070, z + 0.084), (1.480, 0.070, z + 0.092), 0.003))
    beacon = disc(0.024, 0.0, 0.045, 0.010, 24).at(1.45, 0.0, z + 0.106)
    solids += of("dark plastic", disc(0.032, z + 0.088, z + 0.108, 0.004, 24).at(1.45)) + of("clear plastic", beacon)
    for y in (-0.096, 0.096):  # brake knobs
        knob = disc(0.026, 0.0, 0.030, 0.006, 20).turned("x", -90 if y > 0 else 90)
        solids += of("blue plastic", knob.at(1.23, y * 0.88, z)) + of("grey plastic", knob.at(1.34, y * 0.88, z))
    return solids


def _column() -> Solids:
    """A telescope of two stages between cabinet and head."""
    z = HEIGHT_M
    solids = of("brushed steel", block((1.235, -0.066, 0.70), (1.385, 0.066, z - 0.080), 0.012, 2))
    solids += of("enamel", block((1.210, -0.090, 0.60), (1.410, 0.090, 0.925), 0.022, 2))
    return solids + of("dark plastic", block((1.218, -0.082, 0.918), (1.402, 0.082, 0.934), 0.006))


def _cabinet() -> Solids:
    """The generator: a tall body with a sloping front, grey side panels with vents, a dark plinth."""
    side = [
        (1.10, 0.175),
        (1.86, 0.175),
        (1.875, 0.30),
        (1.86, 0.80),
        (1.80, 0.855),
        (1.30, 0.855),
        (1.18, 0.80),
        (1.085, 0.48),
    ]
    body = extrude(side, -0.235, 0.235, 0.022).turned("x", 90)
    solids = of("enamel", body)
    solids += of("dark plastic", block((1.10, -0.225, 0.120), (1.85, 0.225, 0.185), 0.010))
    panel = [(1.20, 0.235), (1.80, 0.235), (1.80, 0.74), (1.32, 0.74), (1.20, 0.46)]
    for y in (-1.0, 1.0):
        solids += of("grey plastic", extrude(panel, -0.006, 0.006, 0.003).turned("x", 90).at(y=y * 0.2395))
        for step in range(9):
            slot = block((1.52, -0.003, 0.30 + 0.022 * step), (1.74, 0.003, 0.309 + 0.022 * step), 0.001)
            solids += of("dark plastic", slot.at(y=y * 0.2465))
    for z in (0.34, 0.50, 0.66):  # drawers at the back
        solids += of("grey plastic", block((1.864, -0.18, z - 0.065), (1.882, 0.18, z + 0.065), 0.004))
        solids += of("dark plastic", block((1.880, -0.06, z + 0.030), (1.892, 0.06, z + 0.046), 0.003))
    return solids


def _console() -> Solids:
    """A sloping desk with a small screen and keys, read by whoever stands behind the cart; the push bar around it."""
    desk = extrude(
        [(1.46, 0.850), (1.84, 0.850), (1.84, 0.905), (1.52, 1.015), (1.46, 1.005)], -0.20, 0.20, 0.012
    ).turned("x", 90)
    solids = of("grey plastic", desk)
    slope = float(np.degrees(np.arctan2(0.110, 0.32)))

    def on_desk(shape: Shape, along: float, side: float, over: float = 0.0) -> Shape:
        """Laid on the slope: `along` from its upper edge, `side` in y."""
        return shape.turned("y", slope).at(
            1.52 + along * np.cos(np.radians(slope)) + over * np.sin(np.radians(slope)),
            side,
            1.015 - along * np.sin(np.radians(slope)) + over * np.cos(np.radians(slope)),
        )

    solids += of("dark plastic", on_desk(box(0.20, 0.26, 0.012, 0.005), 0.125, 0.03))
    solids += of("blue plastic", on_desk(box(0.172, 0.232, 0.006, 0.001), 0.125, 0.03, 0.0055))
    for row in range(4):
        for column in range(2):
            key = box(0.026, 0.022, 0.008, 0.003).at()
            solids += of("enamel", on_desk(key, 0.060 + 0.040 * row, -0.130 - 0.030 * column, 0.004))
    stop = disc(0.022, 0.0, 0.020, 0.006, 24)
    solids += of("dark plastic", on_desk(stop, 0.275, -0.14))
    bar = curve(
        [
            (1.7, -0.225, 0.83),
            (1.8, -0.262, 0.9),
            (1.92, -0.245, 0.96),
            (1.965, -0.15, 0.975),
            (1.965, 0.15, 0.975),
            (1.92, 0.245, 0.96),
            (1.8, 0.262, 0.9),
            (1.7, 0.225, 0.83),
        ]
    )
    return solids + of("dark plastic", tube(bar, circle(0.016, 14)))


def _wheel(radius: float, width: float) -> Solids:
    """A wheel about y: tyre and hub."""
    tyre = disc(radius, -width / 2, width / 2, 0.014, 32).turned("x", 90)
    hub = disc(radius * 0.62, -width / 2 - 0.003, width / 2 + 0.003, 0.003, 24).turned("x", 90)
    cap = disc(radius * 0.22, -width / 2 - 0.008, width / 2 + 0.008, 0.003, 16).turned("x", 90)
    return of("rubber", tyre) + of("grey plastic", hub) + of("brushed steel", cap)


def _base() -> Solids:
    """The fork under the C, big wheels behind, castors in front, each with its cable guard."""
    solids: Solids = []
    leg = curve([(1.30, 0.150, 0.140), (1.05, 0.165, 0.140), (0.85, 0.215, 0.132), (0.60, 0.250, 0.118)], 8)
    half = of("enamel", tube(leg, rectangle(0.085, 0.070, 0.020), (0.0, 0.0, 1.0)))
    half += of("enamel", block((0.545, 0.205, 0.083), (0.660, 0.295, 0.162), 0.026, 3))
    solids += both(half, 1)
    for y in (-0.250, 0.250):
        solids += [(m, s.at(0.575, y, 0.052)) for m, s in _wheel(0.052, 0.044)]
        fork = [
            block((0.555, y - 0.036, 0.045), (0.600, y - 0.027, 0.115), 0.003),
            block((0.555, y + 0.027, 0.045), (0.600, y + 0.036, 0.115), 0.003),
        ]
        solids += of("dark plastic", *fork)
        solids += [(m, s.at(1.63, y * 1.08, 0.115)) for m, s in _wheel(0.115, 0.058)]
        cover = [(1.47, 0.16), (1.79, 0.16), (1.785, 0.245), (1.72, 0.285), (1.54, 0.285), (1.475, 0.245)]
        lip = extrude(cover, -0.030, 0.030, 0.010).turned("x", 90).at(y=y * 1.08, z=-0.0)
        solids += of("grey plastic", lip)
    solids += of("grey plastic", rod((1.63, -0.27, 0.115), (1.63, 0.27, 0.115), 0.020))
    pedal = block((1.875, -0.055, 0.10), (1.965, 0.055, 0.118), 0.006)
    return (
        solids + of("blue plastic", pedal) + of("dark plastic", block((1.84, -0.03, 0.095), (1.89, 0.03, 0.115), 0.004))
    )


def _cable() -> Solids:
    """The cable to the monitors, coiled on a hook at the back, and the one that feeds the arm."""
    turn = np.linspace(0.0, 2 * np.pi * 4.2, 150)
    size = 0.105 + 0.006 * np.sin(turn * 0.7)
    coil = np.stack([1.915 + 0.0042 * turn / 2.0, size * np.sin(turn), 0.66 + 1.25 * size * np.cos(turn)], axis=-1)
    feed = curve(
        [(1.20, 0.10, 0.80), (1.14, 0.135, 0.86), (1.13, 0.15, 0.97), (1.16, 0.12, 1.06), (1.20, 0.080, 1.09)], 8
    )
    solids = of("rubber", tube(coil, circle(0.009, 8)), tube(feed, circle(0.013, 12)))
    hook = curve([(1.86, 0.0, 0.775), (1.91, 0.0, 0.770), (1.955, 0.0, 0.775), (1.965, 0.0, 0.805)])
    return solids + of("brushed steel", tube(hook, circle(0.008, 10)))
