"""Great vessels before the spine: aorta with its bifurcation at L4, iliac arteries, vena cava with iliac veins, azygos.

In: Anatomy. Out: Regions. Each runs at an angle from straight ahead, so far off the bodies' wall. Patient frame, mm. Radii and
courses are recalled from anatomy and marked assumed as a whole; the aortic bifurcation at L4 is the issue's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.distance import sample
from models.organs.anatomy import Anatomy, smooth_line
from models.organs.tubes import Line, tube
from models.patient import Region
from models.tissue import Tissue

Array = NDArray[np.float64]
Knot = tuple[
    float, float, float, float
]  # level, degrees from straight ahead to the left, mm between its wall and bone, radius

BIFURCATION = 12.25  # level where the aorta divides: the lower half of L4

AORTA: Sequence[Knot] = (  # assumed
    (-0.4, 48.0, 3.0, 12.5), (1.0, 55.0, 3.0, 12.5), (4.0, 45.0, 3.0, 12.0), (6.0, 34.0, 3.0, 11.5), (8.0, 22.0, 2.5, 11.0),
    (10.0, 17.0, 2.0, 10.0), (11.0, 19.0, 2.0, 9.5), (BIFURCATION, 17.0, 2.0, 9.0),
)  # fmt: skip
ILIAC_ARTERIES: tuple[Sequence[Knot], Sequence[Knot]] = (  # assumed
    ((BIFURCATION, 17.0, 3.0, 6.0), (13.0, 42.0, 5.0, 5.5), (14.0, 62.0, 14.0, 5.0), (15.5, 72.0, 32.0, 4.5)),
    ((BIFURCATION, 17.0, 3.0, 6.0), (12.9, -14.0, 26.0, 5.5), (14.0, -58.0, 24.0, 5.0), (15.5, -72.0, 36.0, 4.5)),
)
CAVA: Sequence[Knot] = (  # assumed
    (13.3, -26.0, 2.0, 10.0), (12.0, -32.0, 2.0, 10.0), (10.0, -33.0, 2.5, 10.5), (8.0, -30.0, 6.0, 11.0),
    (7.0, -28.0, 15.0, 11.5), (6.0, -24.0, 28.0, 12.0), (5.0, -20.0, 42.0, 12.0),
)  # fmt: skip
ILIAC_VEINS: tuple[Sequence[Knot], Sequence[Knot]] = (  # assumed
    ((13.3, -26.0, 3.0, 7.0), (13.7, 12.0, 3.0, 6.5), (14.3, 52.0, 8.0, 6.0), (15.5, 80.0, 26.0, 5.5)),
    ((13.3, -26.0, 3.0, 7.0), (14.0, -50.0, 6.0, 6.0), (15.5, -84.0, 26.0, 5.5)),
)
AZYGOS: Sequence[Knot] = (  # assumed
    (8.5, -16.0, 1.5, 2.5), (6.0, -22.0, 1.5, 3.2), (2.0, -28.0, 1.5, 4.0), (0.4, -32.0, 2.5, 4.2), (0.0, -26.0, 28.0, 4.5),
)  # fmt: skip
OFF_BONE_MM = 1.0
UNDER_SKIN_MM = 25.0  # vessels end so far below the skin, at the torso's cut ends
SPACING_MM = 1.5


def arteries(anatomy: Anatomy) -> dict[str, Region]:
    """The aorta with the iliac arteries."""
    return _vessel(anatomy, "aorta", Tissue.ARTERY, (AORTA, *ILIAC_ARTERIES), SPACING_MM)


def veins(anatomy: Anatomy) -> dict[str, Region]:
    """The vena cava with the iliac veins, and the azygos."""
    cava = _vessel(anatomy, "vena cava", Tissue.VEIN, (CAVA, *ILIAC_VEINS), SPACING_MM)
    return cava | _vessel(anatomy, "azygos", Tissue.VEIN, (AZYGOS,), 1.0)


def _vessel(
    anatomy: Anatomy, name: str, tissue: int, courses: Sequence[Sequence[Knot]], spacing: float
) -> dict[str, Region]:
    lines = [line for course in courses if (line := _line(anatomy, course)) is not None]
    return {name: tube(anatomy, name, tissue, lines, spacing, OFF_BONE_MM)} if lines else {}


def _line(anatomy: Anatomy, course: Sequence[Knot]) -> Line | None:
    """The part of a course that lies in the torso; None where nothing of it does."""
    table = np.array(course)
    order = 1.0 if table[-1, 0] > table[0, 0] else -1.0
    levels = np.arange(table[0, 0], table[-1, 0] + order * 0.01, order * 0.5)
    levels = np.unique(np.concatenate([levels, table[[0, -1], 0]]))[:: int(order)]
    rows = []
    for level in levels:
        turn, clear, radius = (float(np.interp(order * level, order * table[:, 0], table[:, k])) for k in (1, 2, 3))
        rows.append([*anatomy.beside(level, turn, clear + radius), radius])
    points, _ = smooth_line(np.array(rows), 3.0)
    points[:, :3] = anatomy.off_bone(points[:, :3], points[:, 3] + OFF_BONE_MM, 12)
    inside = np.flatnonzero(sample(anatomy.patient.skin, points[:, :3]) < -UNDER_SKIN_MM)
    if len(inside) < 2:
        return None
    kept = points[inside[0] : inside[-1] + 1]
    return np.ascontiguousarray(kept[:, :3]), np.ascontiguousarray(kept[:, 3])
