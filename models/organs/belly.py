"""Kidneys and gas in the bowel.

In: Anatomy. Out: Regions: kidneys (X-rays pass them as what is round them) and "bowel gas", several irregular pockets drawn by
the patient's seed, with a surface (air | soft). Patient frame, mm. Sizes recalled, places assumed. Not here: bowel, liver, spleen.
"""

import numpy as np
from numpy.typing import NDArray

from models.distance import redistance, sample
from models.organs.anatomy import Anatomy
from models.patient import SIDES, Region, Surface
from models.solids import Canvas, Lattice, ellipsoid, sphere
from models.surfaces import mesh
from models.tissue import Tissue, medium

Array = NDArray[np.float64]

KIDNEY_MM = (27.0, 21.0, 54.0)  # half axes across, deep, long: 11 x 5.5 x 4 cm; recalled
KIDNEY_AT = {
    "left": (9.4, 62.0),
    "right": (9.8, 64.0),
}  # level, mm from the midline: T12-L3, the right one lower; recalled
KIDNEY_BEHIND_MM = 8.0  # its middle behind the bodies'; assumed
KIDNEY_LEAN = 0.22  # its upper end nearer the midline: tan of the lean; assumed
SPACING_MM = 2.0
POCKETS = (
    (8.6, 70.0, 48.0, 17.0), (9.6, 98.0, 26.0, 12.0), (10.6, 104.0, 24.0, 11.0), (11.8, 100.0, 28.0, 11.0), (9.4, -92.0, 34.0, 13.0),
    (11.6, -96.0, 30.0, 12.0), (10.4, 30.0, 62.0, 9.0), (11.4, -28.0, 66.0, 9.0), (12.2, 18.0, 58.0, 8.0), (13.2, -42.0, 54.0, 8.0),
)  # fmt: skip
"""(level, left of the midline, in front of the body's wall, radius) mm about which pockets lie: stomach, descending colon, right
colon, small bowel; assumed."""
PRESENT = 0.75  # chance of each; assumed
STRAY_MM = (9.0, 8.0, 12.0)  # standard deviations of a pocket's place; assumed
UNDER_SKIN_MM = 22.0  # abdominal wall in front; assumed, besides the fat
FACES = 3000
ERROR_MM = 0.3


def kidneys(anatomy: Anatomy) -> dict[str, Region]:
    """Both kidneys."""
    found = {}
    for side in SIDES:
        level, aside = KIDNEY_AT[side]
        sign = 1.0 if side == "left" else -1.0
        frame = anatomy.at(level)
        along = np.array([-sign * KIDNEY_LEAN, 0.0, 1.0])
        along /= np.linalg.norm(along)
        axes = np.stack([np.cross([0.0, 1.0, 0.0], along), [0.0, 1.0, 0.0], along]) @ frame.axes
        solid = ellipsoid(frame.point(sign * aside, KIDNEY_BEHIND_MM, 0.0), KIDNEY_MM, axes)
        lattice = Lattice.around(solid.low - 8.0, solid.high + 8.0, SPACING_MM)
        values = anatomy.carved(lattice, solid.field(lattice.points()), 2.0)
        if (values < 0.0).any() and sample(anatomy.patient.skin, frame.centre) < -30.0:
            name = f"kidney {side}"
            found[name] = Region(name, int(Tissue.KIDNEY), lattice.grid(redistance(values, SPACING_MM)), None)
    return found


def gas(anatomy: Anatomy) -> dict[str, Region]:
    """All pockets as one region; none where the torso holds none."""
    random = anatomy.generator("gas")
    balls: list[tuple[Array, float]] = []
    for level, left, ahead, radius in POCKETS:
        present = random.uniform() < PRESENT
        frame = anatomy.at(level)
        stray = random.normal(size=3) * STRAY_MM
        middle = frame.centre + np.array([left, -frame.half_depth - ahead, 0.0]) + stray
        bend = random.normal(size=3) * (0.5, 0.3, 1.0)
        for n in range(int(random.integers(3, 6))):
            centre = (
                middle + (n - 1.5) * 0.8 * radius * bend / np.linalg.norm(bend) + random.normal(size=3) * 0.25 * radius
            )
            size = radius * random.uniform(0.6, 1.1)
            under = UNDER_SKIN_MM + anatomy.patient.fat_mm + size
            if present and float(sample(anatomy.patient.skin, centre)) < -under:
                balls.append((centre, float(size)))
    if not balls:
        return {}
    low = np.min([centre - size for centre, size in balls], axis=0) - 8.0
    high = np.max([centre + size for centre, size in balls], axis=0) + 8.0
    canvas = Canvas(Lattice.around(low, high, SPACING_MM))
    for centre, size in balls:
        canvas.add(sphere(centre, size), 3.0)
    lattice = canvas.lattice
    grid = lattice.grid(redistance(anatomy.carved(lattice, canvas.values, 12.0), SPACING_MM))
    vertices, faces = mesh(grid, FACES, ERROR_MM)
    surface = Surface("bowel gas", vertices, faces, inside=medium("air"), outside=medium("soft"))
    return {"bowel gas": Region("bowel gas", int(Tissue.GAS), grid, surface)}
