"""The operating table: radiolucent top with its pad, and the pedestal it rides on.

Frame of the table: room axes, origin in the centre of the pad's upper surface; +y is the head end. Frame of the pedestal: room
axes, origin on the floor below that centre (it stands on castors and goes with the table's shifts; lift is taken up by the
telescope, the inner stage of which belongs to the table). Metres; sizes follow mobile C-arm tables and are assumed.
"""

from models.suite.assembling import Solids, both, moved, of
from models.suite.shapes import block, box, circle, curve, disc, rod, tube

LENGTH_M, WIDTH_M = 2.10, 0.53
TOP_M = 0.086
"""From the pad's upper surface down to the underside of the carbon top."""
COLUMN_Y_M = -0.72
"""Where the column stands: at the foot end, so that the C can sweep under chest and lumbar spine."""
SLEEVE_M = 0.56
"""Height of the pedestal's sleeve; the table's stage reaches STAGE_M below the pad, so pads from SLEEVE to STAGE high are held."""
STAGE_M = 0.66


def table() -> Solids:
    """Pad, carbon top, rails, frame and the telescope's inner stage."""
    x, y = WIDTH_M / 2, LENGTH_M / 2
    solids = of("pad", block((-x + 0.006, -y + 0.006, -0.050), (x - 0.006, y - 0.006, 0.0), 0.018, 3))
    solids += of("carbon", block((-x, -y, -TOP_M), (x, y, -0.0525), 0.012, 2))
    return solids + _rails() + _frame()


def _rails() -> Solids:
    """Steel rails on the long sides, left out where the beam passes."""
    solids: Solids = []
    for low, high in ((-1.00, -0.32), (0.62, 1.00)):
        rail = block((0.281, low, -0.084), (0.291, high, -0.056), 0.003)
        posts = [
            rod((0.262, y, -0.070), (0.283, y, -0.070), 0.008, 12) for y in (low + 0.06, (low + high) / 2, high - 0.06)
        ]
        solids += both(of("brushed steel", rail, *posts), 0)
    return solids


def _frame() -> Solids:
    """What carries the top at its foot end, and the inner stage below it."""
    y = COLUMN_Y_M
    solids = of("grey plastic", block((-0.205, -1.02, -0.142), (0.205, -0.36, -0.082), 0.014, 2))
    solids += of("dark plastic", block((-0.150, y - 0.20, -0.160), (0.150, y + 0.20, -0.138), 0.004))
    solids += of("enamel", block((-0.165, y - 0.215, -0.235), (0.165, y + 0.215, -0.156), 0.020, 3))
    solids += of("brushed steel", block((-0.095, y - 0.115, -STAGE_M), (0.095, y + 0.115, -0.225), 0.014, 2))
    return solids + both(of("dark plastic", box(0.02, 0.34, 0.022, 0.006).at(0.162, y, -0.200)), 0)


def _hand_control() -> Solids:
    """A hand control hung on the sleeve's left side, clear of the drape, with its cable."""
    x, y = -0.155, COLUMN_Y_M
    solids = of("grey plastic", block((x - 0.034, y + 0.02, 0.215), (x - 0.008, y + 0.08, 0.358), 0.008, 2))
    for row in range(4):
        for column in range(2):
            place = (x - 0.0345, y + 0.038 + 0.024 * column, 0.325 - 0.026 * row)
            solids += of("blue plastic" if row == 3 else "enamel", box(0.004, 0.016, 0.016, 0.0015).at(*place))
    solids += of("brushed steel", block((x - 0.012, y + 0.035, 0.345), (x + 0.010, y + 0.065, 0.372), 0.003))
    hang = [
        (x - 0.021, y + 0.05, 0.222),
        (x - 0.022, y + 0.03, 0.185),
        (x - 0.026, y - 0.05, 0.175),
        (x + 0.01, y - 0.10, 0.22),
    ]
    return solids + of("rubber", tube(curve(hang, 8), circle(0.005, 8)))


def pedestal() -> Solids:
    """Base on castors, sleeves of the telescope, hand control, foot pedal."""
    y = COLUMN_Y_M
    solids = of("enamel", block((-0.155, y - 0.175, 0.130), (0.155, y + 0.175, 0.420), 0.026, 3))
    solids += of("dark plastic", block((-0.132, y - 0.152, 0.412), (0.132, y + 0.152, 0.428), 0.006))
    solids += of("enamel", block((-0.126, y - 0.146, 0.420), (0.126, y + 0.146, SLEEVE_M - 0.008), 0.020, 2))
    solids += of("dark plastic", block((-0.110, y - 0.130, SLEEVE_M - 0.016), (0.110, y + 0.130, SLEEVE_M), 0.006))
    solids += of("grey plastic", block((-0.270, y - 0.33, 0.085), (0.270, y + 0.43, 0.150), 0.028, 3))
    solids += of("dark plastic", block((-0.255, y - 0.315, 0.068), (0.255, y + 0.415, 0.092), 0.006))
    for x in (-0.215, 0.215):
        for along in (y - 0.265, y + 0.365):
            wheel = disc(0.034, -0.016, 0.016, 0.006, 24).turned("y", 90)
            guard = block((-0.024, -0.030, 0.038), (0.024, 0.030, 0.072), 0.010)
            solids += moved(of("rubber", wheel.at(z=0.034)) + of("dark plastic", guard.at()), x, along)
    pedal = block((-0.335, y + 0.02, 0.060), (-0.262, y + 0.13, 0.076), 0.006)
    return (
        solids
        + _hand_control()
        + of("blue plastic", pedal)
        + of("grey plastic", rod((-0.275, y + 0.075, 0.075), (-0.24, y + 0.075, 0.10), 0.012))
    )
