"""What lies on the instrument table and what is in the hand: trocar, stylet, injector, mallet, bowl.

Frame of trocar, stylet knob and injector: trocar, as models/instrument_surfaces.py (origin at the tip's centre, x toward the point
of the bevel, z along the axis, tip forward), but metres. Sizes of shaft and hub: models/instruments.py; grip, wings and injector
follow the look of bone-access sets and are assumed. Not here: bending; the shaft is full with and without the stylet.
"""

import numpy as np

from models.instruments import TROCAR
from models.suite.assembling import Solids, both, moved, of
from models.suite.shapes import Array, Shape, block, box, circle, curve, disc, extrude, revolve, rod, tube

SHAFT_M = TROCAR.outer_mm / 2000
LENGTH_M = TROCAR.length_mm / 1000
HUB_M = TROCAR.hub_mm / 2000
HUB_TOP_M = LENGTH_M + TROCAR.hub_height_mm / 1000
"""Along -z, as all that follows: where the hub ends and stylet or injector begin."""


def _along(profile: list[tuple[float, float]], around: int = 32, crease: float = 50.0) -> Shape:
    """A turned body whose heights count from the tip backward."""
    return revolve([(radius, -height) for radius, height in profile], around, crease)


def _shaft(radius: float, back: float) -> Shape:
    """The shaft with its bevelled face: the point at x = +radius, z = 0."""
    section = circle(radius, 28)
    face = -TROCAR.bevel_mm / 2000 + section[:, 0] / TROCAR.outer_mm * TROCAR.bevel_mm
    rings = [np.column_stack([section, np.full(28, -back)]), np.column_stack([section, face])]
    shape = tube([(0.0, 0.0, -back), (0.0, 0.0, -0.01)], section)
    low = np.concatenate([*rings, [[0.0, 0.0, -back]], [[0.0, 0.0, -TROCAR.bevel_mm / 2000]]])
    here, after = np.arange(28), (np.arange(28) + 1) % 28
    sides = [np.stack([here, after, after + 28], -1), np.stack([here, after + 28, here + 28], -1)]
    ends = [np.stack([after, here, np.full(28, 56)], -1), np.stack([here + 28, after + 28, np.full(28, 57)], -1)]
    return Shape(low, np.concatenate(sides + ends).astype(np.int32), crease=shape.crease)


def trocar() -> Solids:
    """Cannula with depth marks, steel collar, hub with wings."""
    solids = of("steel", _shaft(SHAFT_M, LENGTH_M + 0.004))
    for mark in range(1, 11):  # a band each centimetre, a broad one each five
        wide = 0.0016 if mark % 5 == 0 else 0.0007
        solids += of(
            "dark plastic", _along([(SHAFT_M + 0.00004, 0.010 * mark), (SHAFT_M + 0.00004, 0.010 * mark + wide)], 16)
        )
    solids += of(
        "brushed steel",
        _along(
            [
                (0.0016, LENGTH_M - 0.012),
                (0.0024, LENGTH_M - 0.010),
                (0.0030, LENGTH_M - 0.002),
                (0.0040, LENGTH_M + 0.001),
            ],
            28,
        ),
    )
    hub = [(0.0058, 0.0), (HUB_M - 0.0006, 0.0008), (HUB_M, 0.002), (HUB_M, 0.0055), (0.0066, 0.0075), (0.0066, 0.0125)]
    hub += [(HUB_M - 0.0006, 0.0145), (HUB_M - 0.0006, 0.0170), (HUB_M - 0.0016, 0.018)]
    solids += of("blue plastic", _along([(r, LENGTH_M + h) for r, h in hub], 40))
    edge = [(0.0, -0.0050), (0.008, -0.0047), (0.013, -0.0056), (0.018, -0.0068), (0.023, -0.0056), (0.0258, 0.0)]
    edge += [(x, -y) for x, y in edge[-2::-1]]
    wing = curve([(x, y, 0.0) for x, y in edge], 4)[:, :2]
    plate = extrude(wing, -0.0026, 0.0026, 0.0011).turned("x", 90).turned("z", 90).at(z=-(LENGTH_M + 0.010))
    return solids + both(of("blue plastic", plate), 1)


def stylet_knob() -> Solids:
    """The stylet's head above the hub: it is struck by the mallet and leaves with the stylet."""
    top = HUB_TOP_M
    body = [
        (0.0050, 0.0006),
        (0.0085, 0.0010),
        (0.0100, 0.0030),
        (0.0100, 0.0070),
        (0.0085, 0.0095),
        (0.0085, 0.0120),
        (0.0105, 0.0150),
    ]
    body += [(0.0125, 0.0180), (0.0125, 0.0215)]
    solids = of("grey plastic", _along([(r, top + h) for r, h in body], 40))
    for i in range(14):  # ribs for the fingers
        rib = box(0.0016, 0.0022, 0.0046, 0.0006).at(x=0.0101, z=-(top + 0.005)).turned("z", 360.0 * i / 14)
        solids += of("grey plastic", rib)
    cap = [(0.0119, 0.0213), (0.0124, 0.0225), (0.0118, 0.0240), (0.0080, 0.0250)]
    return solids + of("brushed steel", _along([(r, top + h) for r, h in cap], 40))


def injector() -> Solids:
    """A screw injector locked on the hub: barrel with cement, threaded plunger, T-handle."""
    top = HUB_TOP_M
    lock = [(0.0046, 0.0006), (0.0062, 0.0012), (0.0062, 0.0110), (0.0040, 0.0130), (0.0040, 0.0190), (0.0100, 0.0240)]
    solids = of("linen", _along([(r, top + h) for r, h in lock], 32))
    solids += of("clear plastic", _along([(0.0100, top + 0.0238), (0.0112, top + 0.025), (0.0112, top + 0.118)], 36))
    solids += of("cement", _along([(0.0088, top + 0.0262), (0.0092, top + 0.0275), (0.0092, top + 0.088)], 32))
    solids += of(
        "dark plastic",
        _along([(0.0090, top + 0.0884), (0.0094, top + 0.0895), (0.0094, top + 0.0945), (0.0050, top + 0.0965)], 32),
    )
    flange = [(0.0090, 0.1182), (0.0165, 0.1190), (0.0172, 0.1210), (0.0172, 0.1290), (0.0160, 0.1305)]
    solids += of("blue plastic", _along([(r, top + h) for r, h in flange], 8, 20.0))
    thread = [(0.0052 if i % 2 else 0.0042, top + 0.0966 + 0.0012 * i) for i in range(62)]
    solids += of("brushed steel", _along(thread, 20, 20.0))
    neck = top + 0.170
    solids += of(
        "blue plastic",
        _along([(0.0070, neck), (0.0085, neck + 0.002), (0.0085, neck + 0.016), (0.0070, neck + 0.018)], 28),
    )
    bar: Array = np.array([(0.0, -0.036, -(neck + 0.009)), (0.0, 0.036, -(neck + 0.009))])
    solids += of("blue plastic", tube(bar, circle(0.0052, 16)))
    return solids + both(
        of("blue plastic", disc(0.0078, -0.0078, 0.0078, 0.0060, 20).at(y=0.036, z=-(neck + 0.009))), 1
    )


def _flat(solids: Solids, x: float, y: float, z: float, degrees: float) -> Solids:
    """A thing of the trocar's frame, laid down on a surface at height z, pointing to `degrees` in the plane."""
    return [(m, s.turned("y", 90).turned("z", degrees).at(x, y, z)) for m, s in solids]


TRAY_M = (-1.02, -0.92)
"""Where the instrument table stands: behind the operator's right hand."""
TRAY_HEIGHT_M = 0.94
TRAY_SIZE_M = (0.46, 0.66)


def tray() -> Solids:
    """Frame: room. A table on castors with a cloth, and on it the set for a vertebroplasty."""
    wide, long = TRAY_SIZE_M
    solids = _stand(wide, long) + of("drape", _cloth(wide, long))
    z = TRAY_HEIGHT_M + 0.001
    solids += _flat(trocar(), 0.08, 0.16, z + 0.009, 24.0) + _flat(
        trocar() + stylet_knob(), 0.10, 0.05, z + 0.0125, 17.0
    )
    solids += _flat(injector(), 0.17, -0.10, z + 0.019, -8.0)
    solids += _mallet(-0.05, -0.235, z)
    bowl = revolve(
        [
            (0.030, 0.0),
            (0.036, 0.002),
            (0.052, 0.020),
            (0.062, 0.045),
            (0.067, 0.047),
            (0.0655, 0.0485),
            (0.060, 0.046),
            (0.050, 0.026),
        ],
        44,
    )
    solids += of("steel", bowl.at(-0.13, 0.20, z)) + of(
        "cement", revolve([(0.0485, 0.0262), (0.044, 0.029), (0.020, 0.0315)], 36).at(-0.13, 0.20, z)
    )
    spatula = curve([(-0.13, 0.20, z + 0.036), (-0.10, 0.215, z + 0.052), (-0.02, 0.255, z + 0.080)])
    solids += of("steel", tube(spatula, circle(0.0035, 10)))
    for i, (x, y) in enumerate(((-0.15, -0.02), (-0.148, -0.017), (-0.152, -0.022))):
        solids += of(
            "linen", box(0.085, 0.085, 0.006, 0.0028, 2).turned("z", 4.0 * i).at(x, y, z + 0.0035 + 0.0068 * i)
        )
    syringe = [
        (0.0, 0.0),
        (0.0012, 0.001),
        (0.0012, 0.020),
        (0.0040, 0.022),
        (0.0075, 0.026),
        (0.0075, 0.090),
        (0.013, 0.091),
        (0.013, 0.093),
    ]
    solids += of("clear plastic", revolve(syringe, 24).turned("y", 90).turned("z", 65).at(-0.09, 0.06, z + 0.0135))
    return moved(solids, *TRAY_M)


def _stand(wide: float, long: float) -> Solids:
    """The frame under the cloth: posts, shelf, castors."""
    solids: Solids = []
    for x in (-wide / 2 + 0.03, wide / 2 - 0.03):
        for y in (-long / 2 + 0.03, long / 2 - 0.03):
            solids += of("steel", rod((x, y, 0.09), (x, y, TRAY_HEIGHT_M - 0.03), 0.0125, 16))
            solids += of("rubber", disc(0.038, -0.013, 0.013, 0.006, 24).turned("y", 90).at(x, y, 0.039))
            solids += of("grey plastic", block((x - 0.02, y - 0.022, 0.055), (x + 0.02, y + 0.022, 0.098), 0.006))
    shelf = block((-wide / 2 + 0.03, -long / 2 + 0.03, 0.28), (wide / 2 - 0.03, long / 2 - 0.03, 0.295), 0.004)
    solids += of("brushed steel", shelf)
    return solids + of("linen", block((-0.13, -0.20, 0.297), (0.12, 0.16, 0.40), 0.012, 2))


def _cloth(wide: float, long: float) -> Shape:
    """A cloth over the table top that hangs down on all sides in soft folds: closed, a few mm thick at the hem."""
    per_side = 30
    outline = _rounded(wide + 0.02, long + 0.02, 0.03, per_side)
    way = outline / np.linalg.norm(outline, axis=-1, keepdims=True)
    around = np.arange(len(outline)) / len(outline) * 2 * np.pi
    fold = np.sin(13 * around + 0.7) * 0.55 + np.sin(21 * around + 2.1) * 0.30 + np.sin(7 * around) * 0.35
    drops = np.concatenate([[0.0, 0.0015, 0.005, 0.012], np.linspace(0.03, 1.0, 9) * 0.34])
    rings = [
        np.column_stack([outline * share, np.full(len(outline), TRAY_HEIGHT_M)])
        for share in (0.06, *np.linspace(0.16, 0.97, 9))
    ]
    for i, drop in enumerate(drops):
        curl = 0.006 * np.sin(min(i, 3) / 3 * np.pi / 2)
        out = curl + 0.030 * (drop / 0.34) ** 0.8 * fold + 0.012 * drop / 0.34
        rings.append(np.column_stack([outline + way * out[:, None], np.full(len(outline), TRAY_HEIGHT_M - drop)]))
    hem = rings[-1] + np.column_stack([0 * way, 0.004 * np.sin(5 * around)])
    rings[-1] = hem
    rings += [
        ring - np.column_stack([0.004 * way, np.full(len(way), 0.004)]) * (1.0, 1.0, sign)
        for ring, sign in ((hem, 0.0), (rings[10], 1.0))
    ]
    n, m = len(rings), len(outline)
    here, after = np.arange(m), (np.arange(m) + 1) % m
    faces: list[Array] = []
    for row in range(n - 1):
        a, b = row * m, (row + 1) * m
        faces += [np.stack([a + here, b + here, b + after], -1), np.stack([a + here, b + after, a + after], -1)]
    faces += [
        np.stack([here, after, np.full(m, n * m)], -1),
        np.stack([after + (n - 1) * m, here + (n - 1) * m, np.full(m, n * m + 1)], -1),
    ]
    middles = np.array([[0.0, 0.0, TRAY_HEIGHT_M], [0.0, 0.0, TRAY_HEIGHT_M - 0.004]])
    return Shape(np.concatenate([*rings, middles]), np.concatenate(faces).astype(np.int32), crease=80.0)


def _rounded(wide: float, long: float, radius: float, per_side: int) -> Array:
    """(4 per_side, 2) a rounded rectangle, evenly cut, counter-clockwise."""
    turn = np.linspace(0.0, 2 * np.pi, 4 * per_side, endpoint=False)
    way = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    core = np.array([wide / 2 - radius, long / 2 - radius])
    power = 10.0  # a superellipse: corners as round as `radius` asks, for a cloth near enough
    size = (np.abs(way[:, 0] / (core[0] + radius)) ** power + np.abs(way[:, 1] / (core[1] + radius)) ** power) ** (
        -1 / power
    )
    return np.asarray(way * size[:, None])


def _mallet(x: float, y: float, z: float) -> Solids:
    """A small mallet, lying."""
    head = disc(0.0165, -0.036, 0.036, 0.003, 32).turned("x", 90).at(x, y, z + 0.0175)
    grip = [(0.006, 0.016), (0.006, 0.09), (0.0085, 0.11), (0.0095, 0.16), (0.0085, 0.20), (0.005, 0.206)]
    handle = revolve(grip, 24).turned("y", 90).at(x, y, z + 0.0175)
    return of("brushed steel", head) + of("dark plastic", handle)
