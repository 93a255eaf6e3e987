"""The C-arm's moving parts: the C with tube and detector, and the housing through which it slides.

Frame of both: origin in the isocentre, room axes at pose zero (detector above, cart at +x); metres. Angles along the C count
from +x toward +z, so at orbital o the part of the C at -o lies in the bracket. Focal spot and detector stand where models/carm.py
says; all other sizes follow the look of mobile C-arms (Cios, OEC) and are assumed. Not here: the cart (cart.py).
"""

import numpy as np

from models.carm import SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM
from models.suite.assembling import Solids, both, of
from models.suite.shapes import Array, arc, block, box, circle, curve, disc, rectangle, rod, tube

DETECTOR_M = (SOURCE_DETECTOR_MM - SOURCE_ISOCENTRE_MM) / 1000
"""From the isocentre to the detector."""

INNER_M, OUTER_M = 0.660, 0.745
"""Radii of the C."""
HALF_WIDTH_M = 0.056
END_DEG = 118.0
"""The C runs from -END to +END."""
BRACKET_DEG = 7.3
"""Half of what the bracket holds: END - BRACKET is as far as the C can slide (110.7 degrees)."""
CHEEK_M = 0.676
"""The bracket's cheeks begin here; nothing that hangs inside the C reaches so far out (0.652)."""

UP = (0.0, 1.0, 0.0)


def c() -> Solids:
    """The C with all that turns with it."""
    return _bow() + _detector() + _tube_tank() + _cables()


def _bow() -> Solids:
    """The arc: a white profile with a steel track in each flank, a strip inside, a bumper at each end."""
    inner, outer, half = INNER_M, OUTER_M, HALF_WIDTH_M
    middle = (inner + outer) / 2
    rim, groove, depth = 0.012, 0.013, 0.008
    flank = np.array(
        [
            (inner + rim * 0.3, half - rim * 0.3),
            (inner + rim, half),
            (middle - groove, half),
            (middle - groove + 0.002, half - depth),
            (middle + groove - 0.002, half - depth),
            (middle + groove, half),
            (outer - rim, half),
            (outer - rim * 0.3, half - rim * 0.3),
            (outer, half - rim),
        ]
    )
    flank = np.concatenate([[(inner, half - rim)], flank])
    outline = np.concatenate([flank, flank[::-1] * (1, -1)]) - (middle, 0.0)
    solids = of("enamel", tube(arc(middle, -END_DEG, END_DEG, 132), outline, UP, crease=30.0))
    track = rectangle(0.014, 0.004, 0.001, 1)
    line = arc(middle, -END_DEG, END_DEG, 132)
    solids += both(of("brushed steel", tube(np.add(line, (0, half - depth + 0.002, 0)), track, UP)), 1)
    strip = arc(inner, -END_DEG + 2, END_DEG - 2, 100)
    solids += of("grey plastic", tube(strip, rectangle(0.006, 0.052, 0.002, 1), UP))
    for end in (-END_DEG, END_DEG):
        over = np.sign(end)
        cap = arc(middle, end - 0.3 * over, end + 2.4 * over, 3)
        solids += of("dark plastic", tube(cap, rectangle(outer - inner + 0.010, 2 * half + 0.010, 0.014), UP))
    return solids


def _detector() -> Solids:
    """A flat detector about 0.36 m square, its front (carbon) exactly DETECTOR_M above the isocentre."""
    front = DETECTOR_M
    solids = of("carbon", block((-0.160, -0.160, front), (0.160, 0.160, front + 0.012), 0.003))
    solids += of("grey plastic", block((-0.181, -0.181, front + 0.003), (0.181, 0.181, front + 0.026), 0.009, 2))
    solids += of("enamel", block((-0.178, -0.178, front + 0.029), (0.178, 0.178, front + 0.078), 0.018, 2))
    solids += of("dark plastic", block((-0.172, -0.172, front + 0.020), (0.172, 0.172, front + 0.034), 0.004))
    solids += of("enamel", block((-0.110, -0.095, front + 0.070), (0.110, 0.095, front + 0.118), 0.016, 2))
    solids += of("grey plastic", block((-0.085, -0.072, front + 0.110), (0.085, 0.072, INNER_M + 0.012), 0.010))
    grip = curve(
        [
            (-0.10, 0.170, 0.545),
            (-0.095, 0.207, 0.545),
            (0.0, 0.214, 0.545),
            (0.095, 0.207, 0.545),
            (0.10, 0.170, 0.545),
        ]
    )
    solids += both(of("dark plastic", tube(grip, circle(0.009))), 1)
    for x, y in ((0.186, 0.0), (-0.186, 0.0)):  # the windows of the lasers that draw the cross
        solids += of("dark plastic", block((x - 0.010, y - 0.022, 0.502), (x + 0.010, y + 0.022, 0.540), 0.005))
        solids += of("clear plastic", block((x - 0.006, y - 0.014, 0.499), (x + 0.006, y + 0.014, 0.506), 0.001))
    return solids


def _tube_tank() -> Solids:
    """The tank around the X-ray tube, with collimator and exit window toward the isocentre."""
    solids = of("enamel", block((-0.116, -0.150, -0.640), (0.116, 0.150, -0.520), 0.026, 3))
    solids += of("dark plastic", block((-0.110, -0.144, -0.530), (0.110, 0.144, -0.508), 0.004))
    solids += of("grey plastic", block((-0.116, -0.150, -0.517), (0.116, 0.150, -0.452), 0.020, 2))
    solids += of("enamel", block((-0.098, -0.098, -0.460), (0.098, 0.098, -0.414), 0.014, 2))
    solids += of("dark plastic", block((-0.090, -0.090, -0.420), (0.090, 0.090, -0.403), 0.008))
    solids += of("clear plastic", block((-0.066, -0.066, -0.405), (0.066, 0.066, -0.399), 0.002))
    solids += of("grey plastic", block((-0.075, -0.048, -INNER_M - 0.012), (0.075, 0.048, -0.630), 0.008))
    for step in range(7):  # cooling fins on both flanks
        x = -0.078 + 0.026 * step
        solids += both(of("grey plastic", block((x - 0.004, 0.140, -0.615), (x + 0.004, 0.160, -0.545), 0.0025)), 1)
    return solids


def _cables() -> Solids:
    """Loops that lead from tank and detector into the strip inside the C."""
    low: Array = curve([(0.100, 0.020, -0.580), (0.150, 0.022, -0.572), (0.200, 0.016, -0.590), (0.262, 0.008, -0.606)])
    high: Array = curve([(0.085, 0.022, 0.592), (0.150, 0.024, 0.580), (0.215, 0.016, 0.592), (0.268, 0.008, 0.604)])
    solids = of("rubber", tube(low, circle(0.010, 10)), tube(low * (1, -1, 1) + (0, -0.004, 0.0), circle(0.007, 10)))
    return solids + of("rubber", tube(high, circle(0.007, 10)))


def housing() -> Solids:
    """What holds the C and tilts with it about x: the bracket, its head and the turned neck into the cart's arm."""
    middle = (INNER_M + OUTER_M) / 2
    cheek = arc(middle + 0.040, -BRACKET_DEG, BRACKET_DEG, 10)
    solids = both(of("grey plastic", tube(np.add(cheek, (0, 0.078, 0)), rectangle(0.154, 0.028, 0.010), UP)), 1)
    back = arc(OUTER_M + 0.042, -BRACKET_DEG + 0.3, BRACKET_DEG - 0.3, 10)
    solids += of("grey plastic", tube(back, rectangle(0.060, 0.150, 0.006), UP))
    for angle in (-5.2, 0.0, 5.2):  # rollers seen at the rim of the cheeks
        x, z = (INNER_M + 0.030) * np.cos(np.radians(angle)), (INNER_M + 0.030) * np.sin(np.radians(angle))
        cap = disc(0.011, 0.0, 0.006, 0.002, 20).turned("x", -90).at(x, 0.090, z)
        solids += both(of("brushed steel", cap), 1)
    solids += of("enamel", block((0.800, -0.105, -0.125), (0.945, 0.105, 0.125), 0.030, 3))
    solids += of("dark plastic", block((0.935, -0.090, -0.110), (0.953, 0.090, 0.110), 0.006))
    neck = [disc(r, a, b, 0.004, 40).turned("y", 90) for r, a, b in ((0.092, 0.948, 0.985), (0.078, 0.980, 1.075))]
    solids += of("enamel", neck[0]) + of("brushed steel", neck[1])
    for angle in range(-60, 61, 10):  # the marks of the tilt scale
        mark = box(0.012, 0.002 if angle % 30 else 0.004, 0.003, 0.0008).at(0.966, 0.0, 0.0925)
        solids += of("dark plastic", mark.turned("x", angle))
    lever = curve([(0.875, -0.100, 0.050), (0.875, -0.150, 0.052), (0.868, -0.185, 0.080), (0.860, -0.195, 0.125)])
    solids += of("brushed steel", tube(lever, circle(0.008))) + of(
        "blue plastic", box(0.030, 0.030, 0.052, 0.012, 2).at(0.858, -0.197, 0.150)
    )
    grip = curve(
        [(0.83, 0.06, 0.118), (0.83, 0.055, 0.165), (0.83, 0.0, 0.172), (0.83, -0.055, 0.165), (0.83, -0.06, 0.118)]
    )
    return (
        solids
        + of("dark plastic", tube(grip, circle(0.011)))
        + of("rubber", rod((0.90, 0.06, -0.10), (0.90, 0.06, -0.155), 0.016))
    )
