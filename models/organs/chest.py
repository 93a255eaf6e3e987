"""Lungs with their pleura: what lies between ribs, spine, heart and diaphragm.

In: Anatomy, vessels to keep off. Out: Regions "lung left" and "lung right" with surfaces (lung | soft). Patient frame, mm. The
outer outline follows the same ellipses as the ribs (models/rib_lines.py), drawn in by a rib's thickness, then keeps off bone;
inside, the spine's own outline, the vessels and a heart are left out. All proportions assumed and looked at in AP and lateral.
Not here: breathing, fissures, bronchi.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.distance import redistance, sample
from models.organs.anatomy import Anatomy, Frame
from models.patient import SIDES, Region, Side, Surface
from models.rib_lines import COURSES
from models.solids import Lattice, Points, Values, ellipsoid, smooth_intersection
from models.surfaces import mesh
from models.tissue import Tissue, medium

Array = NDArray[np.float64]
Course = Sequence[Frame]  # the spine at each horizontal cut of a lattice

SHARES = (0.50, 0.64, 0.74, *(COURSES[level].cage_share for level in COURSES))
"""Cage's width from T1 to T12, of the greatest; T1-T3 assumed."""
INWARD_MM = 5.5  # from the ribs' middle line to the pleura; assumed
BEHIND_MM = 40.0  # the cage's hindmost pleura behind a body's centre (rib angles, less a rib); assumed
FALL_MM = 95.0  # of the ribs from back to front; assumed
PARAVERTEBRAL_MM = 3.5
"""Pleura to the bodies' lateral wall; at most 8 mm at T6 (CLINICAL 5)."""
OFF_RIB_MM = 1.0  # pleura to bone; assumed
OFF_VESSEL_MM = 1.5  # assumed
MEDIASTINUM_MM = {"left": 24.0, "right": 18.0}  # half widths before the spine; assumed
HEART = (4.0, 18.0, -62.0, (54.0, 42.0, 58.0))  # level, left, posterior of the body's centre, half axes; assumed
DOME = {"left": 6.2, "right": 5.8}  # level of the diaphragm's top, breathed out, prone; assumed
SULCUS_BACK, SULCUS_SIDE = 8.1, 7.0
"""Levels of the pleura's lower edge behind (T12) and at the side; recalled."""
APEX = -2.6  # level; assumed
UNDER_SKIN_MM = 14.0  # assumed
GUTTER = 0.7  # how much farther aside the pleura lies for each mm behind the body: no plane along an AP beam; assumed
OPENING_MM = 70.0  # over which the mediastinum widens from 0.7 to 1.4 of its half width, forward; assumed
SPACING_MM = 2.0
FACES = 4000
ERROR_MM = 0.6  # chord error of the surface: 0.5 % of a lung's depth


def lungs(anatomy: Anatomy, others: Mapping[str, Region]) -> dict[str, Region]:
    """Both lungs, or what of them lies in the torso; none where nothing does."""
    found = {}
    for side in SIDES:
        region = _lung(anatomy, side, others)
        if region is not None:
            found[region.name] = region
    return found


def _lung(anatomy: Anatomy, side: Side, others: Mapping[str, Region]) -> Region | None:
    lattice = _lattice(anatomy, side)
    p = lattice.points()
    course = [anatomy.at(anatomy.level_of(float(z))) for z in p[2].ravel()]
    values = np.maximum(_cage(anatomy, p, course), _middle(p, course, side))
    values = np.maximum(values, _diaphragm(anatomy, p, course, side))
    heart = anatomy.at(HEART[0])
    values = np.maximum(values, -ellipsoid(heart.point(HEART[1], HEART[2], 0.0), HEART[3]).field(p))
    values = np.broadcast_to(values, lattice.shape).astype(np.float32)
    values = _inside(anatomy, lattice, values, others)
    if not (values < 0.0).sum() > 1000:
        return None
    lattice, values = lattice.cropped(values, 8.0)
    values = np.pad(values, 1, constant_values=8.0)
    lattice = Lattice(lattice.origin - lattice.spacing, lattice.spacing, values.shape)
    grid = lattice.grid(redistance(_largest(values), SPACING_MM))
    vertices, faces = mesh(grid, FACES, ERROR_MM)
    surface = Surface(f"lung {side}", vertices, faces, inside=medium("lung"), outside=medium("soft"))
    return Region(f"lung {side}", int(Tissue.LUNG), grid, surface)


def _lattice(anatomy: Anatomy, side: Side) -> Lattice:
    """The box of a half of the chest."""
    levels = [anatomy.at(level) for level in np.arange(APEX, SULCUS_BACK + 0.5, 0.5)]
    centres = np.array([frame.centre for frame in levels])
    half = anatomy.cage_width_mm / 2
    low, high = centres.min(axis=0), centres.max(axis=0)
    x = (low[0] - 5.0, high[0] + half) if side == "left" else (low[0] - half, high[0] + 5.0)
    skin = anatomy.patient.skin
    top = skin.origin[2] + skin.spacing * skin.values.shape[2]
    return Lattice.around(
        [x[0], low[1] - anatomy.cage_depth_mm, max(low[2] - 10.0, skin.origin[2])],
        [x[1], high[1] + BEHIND_MM + 5.0, min(high[2] + 6.0, top)],
        SPACING_MM,
    )


def _row(course: Course, of: Callable[[Frame], float]) -> Values:
    """A number of each horizontal cut's frame, as it broadcasts over the lattice."""
    return np.array([of(frame) for frame in course], dtype=np.float32)[None, None, :]


def _cage(anatomy: Anatomy, p: Points, course: Course) -> Values:
    """About the distance to the cage: an ellipse in each horizontal cut, as wide as the rib is that passes there."""
    x = p[0] - _row(course, lambda frame: frame.centre[0])
    rear = _row(course, lambda frame: frame.centre[1] + BEHIND_MM)
    half_depth = np.float32(anatomy.cage_depth_mm / 2 - INWARD_MM)
    y = p[1] - (rear - half_depth)
    turn = np.arctan2(np.abs(x), y)
    up = FALL_MM * np.clip(turn / np.radians(125.0), 0.0, 1.0) - 0.3 * FALL_MM
    heights = np.array([anatomy.at(level).centre[2] for level in range(-3, 9)])
    share = np.interp(-(p[2] + up).ravel(), -heights, SHARES).reshape((p[2] + up).shape)
    half_width = (share * anatomy.cage_width_mm / 2 - INWARD_MM).astype(np.float32)
    radius = np.sqrt((x / half_width) ** 2 + (y / half_depth) ** 2)
    slope = np.sqrt((x / half_width**2) ** 2 + (y / half_depth**2) ** 2) / np.maximum(radius, 1e-3)
    out: Values = (radius - 1.0) / np.maximum(slope, 1e-4)
    return out


def _middle(p: Points, course: Course, side: Side) -> Values:
    """Positive in the mediastinum and in the spine's own outline, continued behind it."""
    sign = 1.0 if side == "left" else -1.0
    x = np.float32(sign) * (p[0] - _row(course, lambda frame: frame.centre[0]))
    half = _row(course, lambda frame: frame.half_width + PARAVERTEBRAL_MM)
    y = p[1] - _row(course, lambda frame: frame.centre[1])
    deep = _row(course, lambda frame: frame.half_depth + PARAVERTEBRAL_MM)
    spine = np.where(y > 0.0, half + np.float32(GUTTER) * y - x, (1.0 - np.hypot(x / half, y / deep)) * half)
    ahead = np.clip((-y - deep) / np.float32(OPENING_MM), 0.0, 1.0)
    front = np.minimum(np.float32(MEDIASTINUM_MM[side]) * np.float32(0.7) * (1 + ahead) - x, -y - deep + 6.0)
    out: Values = np.maximum(spine, np.maximum(front, -x))
    return out


def _diaphragm(anatomy: Anatomy, p: Points, course: Course, side: Side) -> Values:
    """Positive below the dome, which falls away behind and at the side."""
    sign = 1.0 if side == "left" else -1.0
    top, back, lateral, apex = (
        np.float32(anatomy.at(level).centre[2]) for level in (DOME[side], SULCUS_BACK, SULCUS_SIDE, APEX)
    )
    x = np.float32(sign) * (p[0] - _row(course, lambda frame: frame.centre[0]))
    y = p[1] - _row(course, lambda frame: frame.centre[1])
    behind = np.clip((y + 50.0) / (50.0 + BEHIND_MM - 4.0), 0.0, 1.0) ** 2
    aside = np.clip((x - 45.0) / (anatomy.cage_width_mm / 2 - 55.0), 0.0, 1.0) ** 2
    floor = top - (top - back) * behind - (top - lateral) * aside * (1.0 - behind)
    out: Values = np.maximum(floor - p[2], p[2] - apex + 0.004 * (x - 45.0) ** 2)
    return out


def _inside(anatomy: Anatomy, lattice: Lattice, values: Values, others: Mapping[str, Region]) -> Values:
    """Less what is near bone, other regions and the skin."""
    values = anatomy.carved(lattice, values, OFF_RIB_MM)
    near = np.argwhere(values < 2.0)
    points = lattice.origin + lattice.spacing * near
    keep = sample(anatomy.patient.skin, points) + UNDER_SKIN_MM
    for name in ("aorta", "vena cava", "azygos"):
        if name in others:
            grid = others[name].distance
            high = grid.origin + grid.spacing * (np.array(grid.values.shape) - 1)
            within = ((points >= grid.origin) & (points <= high)).all(axis=1)
            keep[within] = np.maximum(keep[within], OFF_VESSEL_MM - sample(grid, points[within]))
    at = tuple(near.T)
    values[at] = smooth_intersection(values[at], keep.astype(np.float32), 0.5)
    return values


def _largest(values: Values) -> Values:
    """The field with only its largest piece inside: no crumbs between ribs."""
    from scipy.ndimage import binary_dilation, binary_opening, label

    pieces, count = label(binary_opening(values < 0.0, iterations=1))
    if count == 0:
        return values
    biggest = np.bincount(pieces.ravel())[1:].argmax() + 1
    kept = binary_dilation(pieces == biggest, iterations=1)
    out: Values = np.where(kept, values, np.maximum(values, np.float32(0.5)))
    return out
