"""What stands along the suite's walls: cupboards with a sink, glass cabinets, lead aprons on their rack, an anaesthesia trolley.

Frame: room; metres; sizes of common clinic furniture, assumed. Each is built with its back at y = 0 and its front toward -y, x from
0, on the floor; `against` (room.py) puts it along a wall.
"""

import numpy as np

from models.suite.assembling import Solids, moved, of
from models.suite.room import against
from models.suite.shapes import block, circle, curve, disc, extrude, rectangle, revolve, rod, tube


def furniture() -> Solids:
    """Everything, in its place."""
    solids = against(
        "-x", moved(_cupboards(), 1.6, -0.02) + moved(_apron_rack(), 0.35, -0.06) + moved(_clock(), 4.75, 0.0, 2.2)
    )
    solids += against(
        "-y", moved(_cabinet(), 3.35, -0.02) + moved(_cabinet(), 4.30, -0.02) + moved(_bin(), 5.40, -0.04)
    )
    solids += against("+y", moved(_gas_panel(), 2.15, 0.0) + moved(_cabinet(), 4.55, -0.02))
    return solids + moved(_anaesthesia(), 1.75, 2.35) + moved(_drip_stand(), -0.85, 1.75)


def _cupboards() -> Solids:
    """A worktop with four cupboards, sink and tap, wall units above."""
    solids = of("grey plastic", block((0.0, -0.52, 0.0), (2.4, 0.0, 0.10), 0.004))
    solids += of(
        "enamel",
        block((0.0, -0.56, 0.10), (1.35, 0.0, 0.868), 0.003, 1, 0.3),
        block((1.95, -0.56, 0.10), (2.4, 0.0, 0.868), 0.003),
    )
    solids += of(
        "enamel",
        block((1.35, -0.56, 0.10), (1.95, 0.0, 0.69), 0.003),
        block((1.35, -0.56, 0.68), (1.95, -0.545, 0.868), 0.002),
    )
    solids += _worktop()
    solids += of("enamel", block((0.0, -0.34, 1.50), (2.4, 0.0, 2.15), 0.004, 1, 0.3))
    for i in range(4):
        a, b = 0.6 * i + 0.004, 0.6 * i + 0.596
        solids += of(
            "enamel",
            block((a, -0.583, 0.12), (b, -0.564, 0.856), 0.004),
            block((a, -0.363, 1.505), (b, -0.344, 2.145), 0.004),
        )
        solids += of("brushed steel", rod((b - 0.05, -0.610, 0.62), (b - 0.05, -0.610, 0.80), 0.006, 10))
        solids += of(
            "brushed steel", *(rod((b - 0.05, -0.610, z), (b - 0.05, -0.580, z), 0.004, 8) for z in (0.635, 0.785))
        )
        solids += of("brushed steel", rod((b - 0.05, -0.390, 1.54), (b - 0.05, -0.390, 1.70), 0.006, 10))
        solids += of(
            "brushed steel", *(rod((b - 0.05, -0.390, z), (b - 0.05, -0.360, z), 0.004, 8) for z in (1.555, 1.685))
        )
    tap = curve(
        [(1.65, -0.085, 0.90), (1.65, -0.085, 1.13), (1.65, -0.13, 1.21), (1.65, -0.22, 1.21), (1.65, -0.25, 1.15)]
    )
    solids += of("steel", tube(tap, circle(0.012, 14)), disc(0.026, 0.905, 0.935, 0.006, 24).at(1.65, -0.085))
    for x, high in ((0.30, 0.21), (0.42, 0.17), (0.52, 0.24)):  # bottles
        bottle = [
            (0.036, 0.0),
            (0.040, 0.01),
            (0.040, high * 0.7),
            (0.030, high * 0.82),
            (0.014, high * 0.86),
            (0.014, high),
        ]
        solids += of("linen", revolve(bottle, 20).at(x, -0.16, 0.910)) + of(
            "blue plastic", disc(0.017, 0.91 + high, 0.935 + high, 0.003, 16).at(x, -0.16)
        )
    solids += of("linen", block((0.75, -0.40, 0.910), (1.10, -0.12, 1.03), 0.014, 2))
    for i in range(3):  # glove boxes on the wall
        solids += of("blue plastic", block((0.62 + 0.27 * i, -0.10, 1.22), (0.86 + 0.27 * i, -0.004, 1.34), 0.005))
        solids += of("linen", block((0.68 + 0.27 * i, -0.104, 1.255), (0.80 + 0.27 * i, -0.09, 1.305), 0.012))
    return solids


def _worktop() -> Solids:
    """A steel worktop around a basin with a raised rim."""
    low, high, left, right, front, back = 0.870, 0.908, 1.38, 1.92, -0.50, -0.15
    pieces = [((-0.02, -0.615, low), (left, 0.0, high)), ((right, -0.615, low), (2.42, 0.0, high))]
    pieces += [
        ((left - 0.004, -0.615, low), (right + 0.004, front, high)),
        ((left - 0.004, back, low), (right + 0.004, 0.0, high)),
    ]
    solids = of("brushed steel", *(block(a, b, 0.003, 1, 0.30) for a, b in pieces))
    rim = [((left - 0.02, front - 0.02), (right + 0.02, front)), ((left - 0.02, back), (right + 0.02, back + 0.02))]
    rim += [((left - 0.02, front), (left, back)), ((right, front), (right + 0.02, back))]
    solids += of("steel", *(block((*a, 0.73), (*b, high + 0.004), 0.002) for a, b in rim))
    solids += of("steel", block((left - 0.01, front - 0.01, 0.70), (right + 0.01, back + 0.01, 0.735), 0.003, 1, 0.14))
    drain = disc(0.030, 0.733, 0.739, 0.002, 24).at((left + right) / 2, (front + back) / 2)
    return solids + of("dark plastic", drain)


def _cabinet() -> Solids:
    """A tall cabinet, 0.9 m wide: drawers below, stores behind glass above."""
    solids = of("dark plastic", block((0.01, -0.40, 0.0), (0.89, 0.0, 0.08), 0.004))
    solids += of("enamel", block((0.0, -0.42, 0.08), (0.90, 0.0, 0.86), 0.004, 1, 0.3))
    sides = [
        ((0.0, -0.42, 0.86), (0.03, 0.0, 2.02)),
        ((0.87, -0.42, 0.86), (0.90, 0.0, 2.02)),
        ((0.0, -0.42, 2.02), (0.90, 0.0, 2.06)),
    ]
    solids += of(
        "enamel", *(block(a, b, 0.003) for a, b in sides), block((0.0, -0.03, 0.86), (0.90, 0.0, 2.02), 0.003, 1, 0.2)
    )
    rng = np.random.default_rng(5)  # what lies on the shelves: boxes of seeded sizes
    for z in (0.862, 1.26, 1.64):
        solids += of("brushed steel", block((0.03, -0.38, z), (0.87, -0.03, z + 0.016), 0.002))
        x = 0.06
        while x < 0.74:
            wide, deep, high = rng.uniform(0.06, 0.17), rng.uniform(0.15, 0.28), rng.uniform(0.09, 0.26)
            material = str(rng.choice(["linen", "blue plastic", "enamel", "drape", "linen"]))
            solids += of(material, block((x, -0.34, z + 0.017), (x + wide, -0.34 + deep, z + 0.017 + high), 0.004))
            x += wide + rng.uniform(0.01, 0.05)
    for a, b in ((0.005, 0.447), (0.453, 0.895)):
        solids += of("glass", block((a + 0.022, -0.431, 0.895), (b - 0.022, -0.425, 1.99), 0.002))
        rims = [
            ((a, 0.870), (b, 0.897)),
            ((a, 1.988), (b, 2.015)),
            ((a, 0.870), (a + 0.025, 2.015)),
            ((b - 0.025, 0.870), (b, 2.015)),
        ]
        solids += of("brushed steel", *(block((p, -0.438, q), (r, -0.420, s), 0.003) for (p, q), (r, s) in rims))
    for i in range(3):
        low = 0.095 + 0.253 * i
        solids += of("enamel", block((0.006, -0.441, low), (0.894, -0.424, low + 0.247), 0.004))
        solids += of("brushed steel", rod((0.30, -0.468, low + 0.19), (0.60, -0.468, low + 0.19), 0.006, 10))
        solids += of(
            "brushed steel", *(rod((x, -0.468, low + 0.19), (x, -0.436, low + 0.19), 0.004, 8) for x in (0.32, 0.58))
        )
    return solids


def _apron(x: float, material: str) -> Solids:
    """A lead apron on its hanger, folded over: a soft slab with waves at its hem."""
    wave = np.linspace(0.0, 1.0, 25)
    front = np.stack([x + 0.036 + 0.010 * np.sin(11 * wave + 9 * x), -0.07 - 0.46 * wave], axis=-1)
    back = np.stack([x - 0.036 + 0.010 * np.sin(10 * wave + 7 * x), -0.07 - 0.46 * wave], axis=-1)[::-1]
    body = extrude(np.concatenate([front, back]), 0.62, 1.52, 0.012)
    solids = of(material, body) + of("steel", rod((x, -0.30, 1.50), (x, -0.30, 1.595), 0.006, 10))
    return solids + of("dark plastic", rod((x, -0.50, 1.512), (x, -0.10, 1.512), 0.019, 14))


def _apron_rack() -> Solids:
    """A steel rack with five lead aprons."""
    solids = of("brushed steel", rod((-0.02, -0.30, 1.61), (0.92, -0.30, 1.61), 0.017, 18))
    for x in (-0.02, 0.92):
        solids += of(
            "brushed steel",
            rod((x, -0.30, 0.05), (x, -0.30, 1.615), 0.019, 18),
            tube([(x, -0.58, 0.045), (x, -0.02, 0.045)], rectangle(0.05, 0.035, 0.008), (0, 0, 1)),
        )
    for i, material in enumerate(("blue plastic", "drape", "blue plastic", "linen", "drape")):
        solids += _apron(0.10 + 0.175 * i, material)
    return solids


def _clock() -> Solids:
    """A wall clock, ten past ten."""
    solids = of("dark plastic", disc(0.165, 0.0, 0.040, 0.010, 48).turned("x", 90))
    solids += of("enamel", disc(0.148, 0.038, 0.0435, 0.002, 48).turned("x", 90))
    for hand, size, wide in ((-60.0, 0.075, 0.010), (60.0, 0.115, 0.007)):
        solids += of(
            "dark plastic", block((-wide / 2, -0.050, -0.015), (wide / 2, -0.0465, size), 0.001).turned("y", hand)
        )
    for hour in range(12):
        mark = block((-0.004, -0.0485, 0.118), (0.004, -0.0450, 0.138), 0.001)
        solids += of("dark plastic", mark.turned("y", 30.0 * hour))
    return solids


def _bin() -> Solids:
    """A pedal bin."""
    solids = of("brushed steel", disc(0.16, 0.02, 0.60, 0.006, 36).at(0.17, -0.18)) + of(
        "dark plastic", disc(0.165, 0.0, 0.022, 0.004, 36).at(0.17, -0.18)
    )
    lid = revolve([(0.164, 0.602), (0.164, 0.625), (0.12, 0.655), (0.05, 0.668)], 36).at(0.17, -0.18)
    return solids + of("dark plastic", lid, block((0.13, -0.385, 0.02), (0.21, -0.33, 0.035), 0.004))


def _gas_panel() -> Solids:
    """Gas and power outlets in a channel on the wall, with a flow meter."""
    solids = of("enamel", block((0.0, -0.065, 1.22), (1.9, -0.002, 1.46), 0.014, 2))
    for i, material in enumerate(("linen", "blue plastic", "grey plastic", "linen", "blue plastic")):
        x = 0.16 + 0.17 * i
        solids += of("brushed steel", disc(0.042, 0.062, 0.070, 0.003, 28).turned("x", 90).at(x, 0, 1.34))
        solids += of(material, disc(0.026, 0.068, 0.092, 0.004, 24).turned("x", 90).at(x, 0, 1.34))
    for i in range(4):
        x = 1.10 + 0.18 * i
        solids += of("dark plastic", block((x - 0.045, -0.071, 1.295), (x + 0.045, -0.060, 1.385), 0.006))
    return (
        solids
        + of("clear plastic", disc(0.015, 1.36, 1.56, 0.004, 18).at(0.33, -0.105))
        + of("brushed steel", block((0.31, -0.12, 1.32), (0.35, -0.085, 1.37), 0.005))
    )


def _anaesthesia() -> Solids:
    """An anaesthesia trolley at the head end: drawers, monitor, ventilator bellows, breathing hoses."""
    solids = of("grey plastic", block((-0.30, -0.24, 0.12), (0.30, 0.26, 0.20), 0.020, 2))
    solids += of("enamel", block((-0.29, -0.22, 0.195), (0.29, 0.25, 0.80), 0.012, 2))
    solids += of("grey plastic", block((-0.34, -0.30, 0.802), (0.34, 0.26, 0.838), 0.012, 2))
    solids += of("enamel", block((-0.30, 0.02, 0.836), (0.30, 0.25, 1.36), 0.016, 2))
    for i in range(3):
        low = 0.225 + 0.188 * i
        solids += of("grey plastic", block((-0.27, -0.236, low), (0.27, -0.222, low + 0.178), 0.006))
        solids += of("dark plastic", block((-0.10, -0.246, low + 0.125), (0.10, -0.232, low + 0.145), 0.004))
    for x in (-0.25, 0.25):
        for y in (-0.19, 0.21):
            solids += of("rubber", disc(0.055, -0.018, 0.018, 0.008, 24).turned("y", 90).at(x, y, 0.055))
            solids += of("dark plastic", block((x - 0.026, y - 0.035, 0.085), (x + 0.026, y + 0.035, 0.125), 0.008))
    solids += of(
        "dark plastic",
        block((-0.22, -0.06, 1.42), (0.22, -0.01, 1.75), 0.012, 2),
        block((-0.04, -0.02, 1.34), (0.04, 0.06, 1.50), 0.008),
    )
    solids += of("blue plastic", block((-0.20, -0.0635, 1.445), (0.20, -0.055, 1.725), 0.002))
    solids += of("dark plastic", block((-0.27, 0.006, 1.08), (0.02, 0.026, 1.31), 0.006))
    solids += of("clear plastic", disc(0.075, 0.840, 1.07, 0.020, 32).at(0.17, -0.10))
    bellows = [(0.058 + 0.006 * (i % 2), 0.848 + 0.012 * i) for i in range(14)]
    solids += of("dark plastic", revolve(bellows, 28, 20.0).at(0.17, -0.10))
    for i, x in enumerate((-0.20, -0.12)):
        solids += of("brushed steel", disc(0.030, 0.838, 0.96, 0.008, 20).at(x, -0.06))
        low = 0.62 - 0.05 * i
        hang = [(x, -0.06, 0.95), (x - 0.05, -0.12, 1.05), (-0.38, -0.20, 0.92), (-0.44, -0.16, low + 0.08)]
        hose = curve([*hang, (-0.43, -0.05, low), (-0.36, 0.05, low + 0.06), (-0.28, 0.06 + 0.06 * i, low + 0.10)], 8)
        solids += of("linen", tube(hose, circle(0.013, 12)))
    cylinder = [(0.068, 0.16), (0.075, 0.17), (0.075, 0.78), (0.060, 0.85), (0.025, 0.885), (0.025, 0.93)]
    return (
        solids
        + of("linen", revolve(cylinder, 28).at(0.0, 0.35))
        + of("brushed steel", block((-0.06, 0.24, 0.60), (0.06, 0.29, 0.64), 0.004))
    )


def _drip_stand() -> Solids:
    """A pole on five castors with two bags."""
    solids = of("steel", rod((0, 0, 0.10), (0, 0, 1.95), 0.012, 18), rod((-0.13, 0, 1.90), (0.13, 0, 1.90), 0.007, 12))
    for i in range(5):
        x, y = 0.27 * np.cos(np.radians(72 * i)), 0.27 * np.sin(np.radians(72 * i))
        solids += of("brushed steel", rod((0, 0, 0.12), (x, y, 0.075), 0.013, 12))
        solids += of("rubber", disc(0.032, -0.011, 0.011, 0.005, 20).turned("y", 90).at(x, y, 0.033))
    for x in (-0.12, 0.12):
        solids += of("clear plastic", block((x - 0.055, -0.016, 1.60), (x + 0.055, 0.016, 1.82), 0.015, 2))
        solids += of("steel", tube(curve([(x, 0, 1.905), (x, -0.012, 1.87), (x, 0.0, 1.815)]), circle(0.003, 8)))
    drop = [
        (0.12, 0, 1.60),
        (0.12, -0.01, 1.40),
        (0.115, -0.03, 1.16),
        (0.07, -0.05, 1.05),
        (0.025, -0.035, 1.14),
        (0.008, -0.015, 1.27),
    ]
    line = curve(drop, 10)
    solids += of("grey plastic", block((-0.018, -0.022, 1.255), (0.018, 0.016, 1.285), 0.005))
    return solids + of("clear plastic", tube(line, circle(0.003, 8)))
