"""Spinal nerve roots: from the sac round the medial and lower wall of their pedicle, through the foramen and out.

In: Anatomy. Out: one Region a root, "root L2 left", with a grid fine enough for its few millimetres. The root of a level runs
below the pedicle of the same name. Patient frame, mm. Thickness is recalled, the course assumed; how near bone it runs is tested
against Lien 2007 (FIGURES a2: nearer below and medially than above and laterally).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.distance import sample
from models.organs.anatomy import Anatomy, smooth_line
from models.organs.canal import sac_half
from models.organs.tubes import tube
from models.patient import SIDES, Region, Side, Vertebra
from models.tissue import Tissue

Array = NDArray[np.float64]

RADIUS_MM = ((0.0, 1.4), (8.0, 1.6), (9.0, 1.7), (13.0, 2.4))
"""(level, radius beyond the ganglion): 3 to 5 mm thick, growing downward; recalled."""
SLEEVE = 0.75  # radius in the canal, of that; assumed
GANGLION = 1.2  # radius of the dorsal root ganglion under the pedicle, of that; assumed
MEDIAL_MM = 0.8  # from the root's surface to the pedicle's medial wall; assumed (0-2 mm reported, recalled)
BELOW_MM = 1.0  # ... to its lower wall; assumed (1-3 mm reported, recalled)
OFF_BONE_MM = 0.4  # of any other bone; assumed
SPACING_MM = 0.6
PIECE_MM = 1.2


def roots(anatomy: Anatomy) -> dict[str, Region]:
    """Both roots of every real level."""
    found = {}
    for number, vertebra in anatomy.numbers.items():
        for side in SIDES:
            name = f"root {vertebra.level} {side}"
            found[name] = tube(
                anatomy, name, Tissue.ROOT, [_line(anatomy, number, vertebra, side)], SPACING_MM, OFF_BONE_MM - 0.05
            )
    return found


def nearest_root(regions: Mapping[str, Region], point: Array) -> tuple[str, Side, float] | None:
    """(level, side, signed distance [mm]) of the root nearest to a point; None where none is within its grid's reach."""
    best: tuple[str, Side, float] | None = None
    for region in regions.values():
        if region.tissue != Tissue.ROOT:
            continue
        grid = region.distance
        high = grid.origin + grid.spacing * (np.array(grid.values.shape) - 1)
        if (point < grid.origin).any() or (point > high).any():
            continue
        distance = float(sample(grid, np.asarray(point)))
        if best is None or distance < best[2]:
            _, level, side = region.name.split()
            best = level, "left" if side == "left" else "right", distance
    return best


def _line(anatomy: Anatomy, number: int, v: Vertebra, side: Side) -> tuple[Array, Array]:
    """(points (N, 3), radii (N,)) of one root."""
    out = v.left if side == "left" else -v.left
    axes = np.stack([out, v.posterior, v.superior])
    pedicle = v.pedicles[side]
    ring = (pedicle.ring - v.centre) @ axes.T
    x, y, z = axes @ (pedicle.centre - v.centre)
    medial, lateral, bottom = ring[:, 0].min(), ring[:, 0].max(), ring[:, 2].min()
    frame = anatomy.at(number)
    canal = axes @ (frame.canal - v.centre)
    radius = float(np.interp(number, *np.array(RADIUS_MM).T))
    sleeve, ganglion = SLEEVE * radius, GANGLION * radius
    lumbar = number >= 9
    rise = (
        0.35 * (z - bottom) if lumbar else -0.2 * (z - bottom)
    )  # lumbar roots leave the sac higher above their foramen
    beside = medial - MEDIAL_MM - sleeve
    sac_edge = canal[0] + sac_half(frame)[0] - 0.5 * sleeve
    knots = [
        (min(sac_edge, beside), canal[1] - 0.5, z + rise, sleeve),
        (beside, y + 1.5, 0.5 * (z + bottom), sleeve),
        (medial - 0.3, y + 1.5, bottom - BELOW_MM - 0.4 * sleeve, 0.5 * (sleeve + ganglion)),
        (x, y + 1.0, bottom - BELOW_MM - ganglion, ganglion),
        (lateral + 2.0, y, bottom - BELOW_MM - ganglion - 1.5, radius),
    ]
    away = (6.0, -7.0, -9.0) if lumbar else (9.0, 2.0, -4.0)
    knots.append((lateral + 2.0 + away[0], y + away[1], bottom - ganglion + away[2], radius))
    table = np.array(knots)
    table[:, :3] = v.centre + table[:, :3] @ axes
    points, _ = smooth_line(table, PIECE_MM)
    radii = points[:, 3].copy()
    return anatomy.off_bone(points[:, :3], radii + OFF_BONE_MM), radii
