"""The suite itself: floor with coving, panelled walls with a lead-glass window and a door, ceiling with lights.

Frame: room (Z up, origin on the floor below the isocentre); metres; sizes are those of a small interventional suite, assumed.
A wall is built along its own x, room on the side of -y, and put in its place by `against`. Not here: furniture.py.
"""

import itertools

import numpy as np

from models.suite.assembling import Solids, moved, of, turned
from models.suite.shapes import Array, block, disc, rod, tube

LOW_M = (-3.0, -2.9)
HIGH_M = (3.3, 3.2)
CEILING_M = 2.90
PANEL_M = 1.20
"""Width of a wall panel, about."""
WINDOW_M = (-0.30, 1.90, 1.02, 2.02)
"""The control room's window in the wall at +x: y from, y to, z from, z to."""
DOOR_M = (0.55, 1.85, 2.12)
"""The sliding door in the wall at -y: x from, x to, height."""

Opening = tuple[float, float, float, float]  # along the wall from, to; height from, to


def suite() -> Solids:
    """Floor, walls, ceiling, window, door."""
    window = (HIGH_M[1] - WINDOW_M[1], HIGH_M[1] - WINDOW_M[0], *WINDOW_M[2:])
    door = (HIGH_M[0] - DOOR_M[1], HIGH_M[0] - DOOR_M[0], 0.0, DOOR_M[2])
    solids = _floor() + _ceiling()
    for side, opening in (("+x", window), ("-x", None), ("+y", None), ("-y", door)):
        solids += against(side, _wall(length(side), opening))
    return solids + against("+x", _window(*window)) + against("-y", _door(*door[:2], door[3]))


def length(side: str) -> float:
    """Of the wall at a side of the room."""
    return HIGH_M[0] - LOW_M[0] if side[1] == "y" else HIGH_M[1] - LOW_M[1]


def against(side: str, solids: Solids) -> Solids:
    """What was built along a wall's x (its inner face at y = 0, the room at y < 0), put in its place in the room."""
    angle, x, y = {
        "+y": (0.0, LOW_M[0], HIGH_M[1]),
        "-y": (180.0, HIGH_M[0], LOW_M[1]),
        "+x": (-90.0, HIGH_M[0], HIGH_M[1]),
        "-x": (90.0, LOW_M[0], LOW_M[1]),
    }[side]
    return moved(turned(solids, "z", angle), x, y)


def _floor() -> Solids:
    """The slab, cut fine enough to carry shade."""
    return of("floor", block((*np.subtract(LOW_M, 0.3), -0.08), (*np.add(HIGH_M, 0.3), 0.0), 0.002, 1, 0.22))


def _wall(long: float, opening: Opening | None) -> Solids:
    """Panels on a dark ground that shows in their joints; a rail against trolleys; coving at the foot."""
    cuts = sorted({0.0, long, *(opening[:2] if opening else ())})
    solids: Solids = []
    for start, end in itertools.pairwise(cuts):
        in_opening = opening is not None and opening[0] <= start < opening[1]
        heights = [(0.0, CEILING_M)]
        if in_opening and opening:
            heights = [(a, b) for a, b in ((0.0, opening[2]), (opening[3], CEILING_M)) if b - a > 0.01]
        many = max(1, round((end - start) / PANEL_M))
        edges = np.linspace(start, end, many + 1).tolist()
        for low, high in heights:
            solids += of("grey plastic", block((start, 0.012, low), (end, 0.20, high), 0.0))
            for a, b in itertools.pairwise(edges):
                solids += of("wall", block((a + 0.003, 0.0, low), (b - 0.003, 0.011, high), 0.003, 1, 0.27))
        if not in_opening:
            rail = tube(_along(start + 0.02, end - 0.02, -0.012, 0.94), np.array(RAIL), (0, 0, 1))
            solids += of("blue plastic", rail)
        if not in_opening or (opening and opening[2] > 0.2):
            foot = tube(_along(end, start, 0.0, 0.0), np.array(COVING), (0.0, 0.0, 1.0))
            solids += of("grey plastic", foot)
    return solids


def _along(start: float, end: float, y: float, z: float) -> Array:
    """(N, 3) places along a wall, near enough to carry shade."""
    x = np.linspace(start, end, int(abs(end - start) / 0.27) + 2)
    return np.column_stack([x, np.full_like(x, y), np.full_like(x, z)])


RAIL = [(-0.012, -0.06), (0.010, -0.06), (0.018, -0.045), (0.018, 0.045), (0.010, 0.06), (-0.012, 0.06)]
COVING = [
    (-0.02, -0.02),
    (0.075, -0.02),
    (0.075, 0.005),
    (0.040, 0.011),
    (0.018, 0.032),
    (0.010, 0.105),
    (-0.02, 0.108),
]
"""Sections across a wall: away from it, up; metres."""


def _window(start: float, end: float, low: float, high: float) -> Solids:
    """Lead glass in a steel frame, and the dim control room behind it."""
    solids: Solids = []
    bars = [((start - 0.05, low - 0.05), (end + 0.05, low)), ((start - 0.05, high), (end + 0.05, high + 0.05))]
    bars += [((start - 0.05, low), (start, high)), ((end, low), (end + 0.05, high))]
    for (a, b), (c, d) in bars:
        solids += of("brushed steel", block((a, -0.025, b), (c, 0.14, d), 0.005))
    solids += of("lead glass", block((start - 0.01, 0.05, low - 0.01), (end + 0.01, 0.066, high + 0.01), 0.002))
    back = block((start - 0.8, 1.50, low - 0.9), (end + 0.8, 1.56, high + 0.6), 0.004)
    desk = block((start + 0.1, 0.75, low - 0.25), (end - 0.1, 1.45, low - 0.20), 0.006)
    solids += of("wall", back) + of("grey plastic", desk)
    for x in (start + 0.55, start + 1.15):  # the control room's own screens, seen from behind
        solids += of("dark plastic", block((x - 0.25, 0.92, low + 0.02), (x + 0.25, 0.96, low + 0.34), 0.008))
        solids += of("dark plastic", block((x - 0.03, 0.96, low - 0.20), (x + 0.03, 0.99, low + 0.15), 0.005))
    return solids + of("lamp", block((start + 0.3, 1.10, high + 0.35), (end - 0.3, 1.30, high + 0.37), 0.003))


def _door(start: float, end: float, high: float) -> Solids:
    """A sliding leaf of lead in its steel frame, with a small window, a handle and the track above."""
    solids = of("enamel", block((start - 0.03, 0.045, 0.006), (end + 0.03, 0.095, high + 0.02), 0.004, 1, 0.3))
    for a, b in ((start - 0.055, start), (end, end + 0.055)):
        solids += of("brushed steel", block((a, -0.014, 0.0), (b, 0.13, high + 0.055), 0.005))
    solids += of("brushed steel", block((start, -0.014, high), (end, 0.13, high + 0.055), 0.005))
    solids += of("brushed steel", block((start - 0.10, -0.11, high + 0.085), (end + 1.25, 0.005, high + 0.205), 0.012))
    middle = (start + end) / 2
    frame = block((middle - 0.20, 0.030, 1.34), (middle + 0.20, 0.050, 1.90), 0.006)
    pane = block((middle - 0.165, 0.024, 1.375), (middle + 0.165, 0.033, 1.865), 0.002)
    solids += of("brushed steel", frame) + of("dark plastic", pane)
    x = start + 0.14
    solids += of("steel", rod((x, -0.010, 0.75), (x, -0.010, 1.45), 0.014, 16))
    solids += of("steel", *(rod((x, -0.010, z), (x, 0.05, z), 0.009, 12) for z in (0.80, 1.40)))
    return solids + of("brushed steel", block((start + 0.02, 0.038, 0.03), (end - 0.02, 0.047, 0.26), 0.002))


def _ceiling() -> Solids:
    """Slab, flat light panels in frames, air outlets over the table, a smoke detector."""
    low, high = np.subtract(LOW_M, 0.3), np.add(HIGH_M, 0.3)
    solids = of("ceiling", block((*low, CEILING_M), (*high, CEILING_M + 0.08), 0.002, 1, 0.70))
    for x in (-1.85, 0.15, 2.35):
        for y in (-1.75, 0.15, 2.05):
            if (x, y) == (0.15, 0.15):
                continue
            solids += of(
                "enamel", block((x - 0.33, y - 0.63, CEILING_M - 0.012), (x + 0.33, y + 0.63, CEILING_M + 0.01), 0.004)
            )
            solids += of(
                "lamp", block((x - 0.29, y - 0.59, CEILING_M - 0.017), (x + 0.29, y + 0.59, CEILING_M - 0.005), 0.003)
            )
    solids += of("enamel", block((-0.95, -0.95, CEILING_M - 0.030), (1.25, 1.05, CEILING_M + 0.01), 0.010))
    for i in range(4):  # the clean-air field: four perforated plates
        x, y = -0.93 + 1.08 * (i % 2), -0.93 + 0.99 * (i // 2)
        solids += of(
            "grey plastic",
            block((x + 0.02, y + 0.02, CEILING_M - 0.034), (x + 1.06, y + 0.97, CEILING_M - 0.02), 0.003),
        )
        for j in range(17):
            slot = block(
                (x + 0.06, y + 0.055 + j * 0.053, CEILING_M - 0.037),
                (x + 1.02, y + 0.083 + j * 0.053, CEILING_M - 0.03),
                0.001,
            )
            solids += of("ceiling", slot)
    return solids + of("enamel", disc(0.055, CEILING_M - 0.035, CEILING_M + 0.005, 0.012, 28).at(1.25, 2.05))
