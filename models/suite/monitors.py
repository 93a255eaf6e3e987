"""Three screens on a boom from the ceiling: live picture, held reference, and a narrow one for figures.

Frame: room. They hang beyond the cart and toward the foot end, so that an operator at the patient's left (-x) sees them past the
C. Metres; assumed. The pictures' uv run 0-1 as looked at. Not here: what is on them (game/theatre).
"""

from collections.abc import Sequence

import numpy as np

from models.suite.assembling import Solids, moved, of, turned
from models.suite.room import CEILING_M
from models.suite.shapes import block, circle, curve, disc, rectangle, rod, sheet, tube

PLACE_M = (1.64, -0.66, 1.64)
"""Middle of the row of screens."""
TURN_DEG = -4.5
"""About the vertical, toward the operator's head."""
IMAGE_M = 0.42
FIGURES_M = 0.19
RIM_M = 0.018


def monitors() -> Solids:
    """Screens, their carrier and the boom."""
    wide = IMAGE_M + 2 * RIM_M
    narrow = FIGURES_M + 2 * RIM_M
    gap = 0.012
    left = -(2 * wide + narrow + 2 * gap) / 2
    row: Solids = []
    for material, width, at in (
        ("screen live", IMAGE_M, left + wide / 2),
        ("screen reference", IMAGE_M, left + wide * 1.5 + gap),
        ("screen figures", FIGURES_M, left + 2 * wide + 2 * gap + narrow / 2),
    ):
        row += moved(_screen(material, width), at)
    row += of(
        "grey plastic",
        tube([(left + 0.06, 0.115, 0.0), (-left - 0.06, 0.115, 0.0)], rectangle(0.05, 0.07, 0.012), (0, 0, 1)),
    )
    row += of(
        "dark plastic",
        tube(
            curve([(-0.26, 0.02, -0.248), (-0.25, -0.02, -0.285), (0.25, -0.02, -0.285), (0.26, 0.02, -0.248)]),
            circle(0.011),
        ),
    )
    # Built looking along -y with x to the right as looked at; the room's operator looks along +x.
    return moved(turned(turned(row, "z", -90), "z", TURN_DEG), *PLACE_M) + _boom()


def _screen(material: str, width: float) -> Solids:
    """One screen about the origin that looks along -y: picture, rim, back."""
    half, tall = width / 2, IMAGE_M / 2
    outer_x, outer_z = half + RIM_M, tall + RIM_M
    solids: Sequence[tuple[str, object]]
    solids = of(material, sheet((-half, -0.006, -tall), (width, 0, 0), (0, 0, IMAGE_M)))
    bars = [
        block((-outer_x, -0.012, tall), (outer_x, 0.030, outer_z), 0.004),
        block((-outer_x, -0.012, -outer_z), (outer_x, 0.030, -tall), 0.004),
        block((-outer_x, -0.012, -outer_z + 0.004), (-half, 0.030, outer_z - 0.004), 0.004),
        block((half, -0.012, -outer_z + 0.004), (outer_x, 0.030, outer_z - 0.004), 0.004),
    ]
    solids += of(
        "dark plastic", *bars, block((-half - 0.01, -0.003, -tall - 0.01), (half + 0.01, 0.034, tall + 0.01), 0.003)
    )
    inner = min(half - 0.03, 0.15)
    solids += of("grey plastic", block((-inner, 0.030, -0.13), (inner, 0.062, 0.13), 0.014, 2))
    return solids + of("dark plastic", block((-0.045, 0.055, -0.045), (0.045, 0.100, 0.045), 0.006))


def _boom() -> Solids:
    """Ceiling plate, turned column, arm, drop tube down to behind the screens."""
    x, y, z = PLACE_M
    arm_z = CEILING_M - 0.30
    turn = np.radians(TURN_DEG)
    back = (x + 0.115 * float(np.cos(turn)), y + 0.115 * float(np.sin(turn)))
    foot = (back[0] + 0.34, back[1] + 0.62)
    solids = of("enamel", disc(0.17, CEILING_M - 0.05, CEILING_M - 0.004, 0.012, 40).at(foot[0], foot[1]))
    solids += of("enamel", disc(0.058, arm_z - 0.02, CEILING_M - 0.045, 0.004, 32).at(foot[0], foot[1]))
    solids += of("dark plastic", disc(0.075, arm_z - 0.075, arm_z - 0.045, 0.006, 32).at(foot[0], foot[1]))
    arm = tube([(foot[0], foot[1], arm_z), (back[0], back[1], arm_z)], rectangle(0.095, 0.085, 0.020), (0, 0, 1))
    solids += of(
        "enamel", arm, *(disc(0.082, arm_z - 0.062, arm_z + 0.062, 0.012, 36).at(a, b) for a, b in (foot, back))
    )
    solids += of("brushed steel", rod((*back, arm_z - 0.05), (*back, z + 0.06), 0.028, 24))
    solids += of("dark plastic", disc(0.036, z + 0.036, z + 0.10, 0.006, 24).at(*back))
    cable = curve(
        [
            (back[0] + 0.02, back[1] + 0.05, arm_z - 0.03),
            (back[0] + 0.045, back[1] + 0.07, arm_z - 0.22),
            (back[0] + 0.03, back[1] + 0.05, z + 0.12),
            (back[0] - 0.01, back[1] + 0.08, z + 0.02),
        ]
    )
    return solids + of("rubber", tube(cable, circle(0.009, 8)))
