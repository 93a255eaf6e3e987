"""A hip bone as a field: a bent blade over its outline seen from the side, its thickness drawn, cut under the acetabulum's roof.

In: where the sacroiliac joint runs, breadth between the crests. Out: a lattice and its field [mm, negative inside], not yet a distance.
Frame: pelvis (left, posterior, superior) as one stands, origin in the middle of S1's plate, which slopes forward by SLOPE_DEG, mm.
Places are of an adult woman, found so that breadths, heights and angles come out as published; all assumed but where a source is named.
Not here: sacrum (sacrum.py), walls and surfaces (pelvis.py), ischium, pubis, femur.
"""

from functools import cache
from itertools import pairwise
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from models.patient import Side
from models.sacrum import EDGE_MM, GAP_MM, Joint
from models.solids import Lattice, Values, smooth_difference, smooth_intersection, sphere
from models.vertebra import SIGN

Array = NDArray[np.float64]

SLOPE_DEG = 39.0  # of S1's plate as one stands: 39 +- 8 degrees (recalled: Boulay, Legaye)
BREADTH_MM = 280.0  # between the outer lips of the crests as drawn below
DRAWN_HALF_BREADTH_MM = 56.0  # of the sacrum as drawn below: what lies farther out is stretched
SOCKET = (109.0, -22.0, -108.0, 25.0)
"""Middle and radius of the acetabulum. Its height and depth are the hip axis', 110 mm from S1's plate at an incidence of 52 degrees
(recalled: Boulay); it is drawn shallow, as nobody sees it: assumed."""
BEHIND_MM = 20.0  # y of the sacrum's frame from which the ligaments' space behind the joint opens; assumed
OPENING = 0.30  # mm by which it opens for each mm backward; assumed

OUTLINE = (
    (-65.0, -34.0),  # anterior superior spine
    (-61.0, -14.0),
    (-49.0, 8.0),
    (-32.0, 26.0),
    (-13.0, 39.0),
    (6.0, 45.0),  # top of the crest
    (22.0, 43.0),
    (36.0, 34.0),
    (47.0, 20.0),
    (56.0, 3.0),
    (61.5, -12.0),  # posterior superior spine
    (60.0, -24.0),
    (56.0, -33.0),
    (57.0, -45.0),  # posterior inferior spine
    (48.0, -53.0),
    (35.0, -56.0),
    (22.0, -64.0),  # greater sciatic notch
    (17.0, -80.0),
    (20.0, -100.0),
    (15.0, -113.0),
    (-10.0, -118.0),
    (-42.0, -115.0),
    (-57.0, -100.0),
    (-52.0, -80.0),
    (-57.0, -66.0),  # anterior inferior spine
    (-51.0, -51.0),
)
"""y, z round the bone seen from the left."""

BLADE = (
    (-62.0, -33.0, 116.0, 11.0),  # along the crest
    (-56.0, -8.0, 127.0, 9.0),
    (-34.0, 22.0, 132.5, 13.0),
    (-13.0, 37.0, 118.0, 9.0),
    (6.0, 44.0, 103.0, 9.0),
    (22.0, 42.0, 89.0, 8.0),
    (36.0, 33.0, 76.0, 9.0),
    (47.0, 18.0, 64.0, 12.0),
    (60.0, -13.0, 47.0, 15.0),
    (55.0, -44.0, 42.0, 12.0),
    (10.0, -12.0, 67.0, 20.0),  # along the sacroiliac joint
    (30.0, -20.0, 58.0, 20.0),
    (44.0, -40.0, 48.0, 18.0),
    (48.0, -8.0, 54.0, 18.0),
    (28.0, 4.0, 68.0, 13.0),
    (30.0, -50.0, 57.0, 14.0),  # round the notch, the brim of the inlet
    (15.0, -76.0, 69.0, 16.0),
    (16.0, -108.0, 72.0, 20.0),
    (-5.0, -42.0, 74.0, 18.0),
    (-18.0, -60.0, 77.0, 22.0),
    (-15.0, -5.0, 108.0, 5.5),  # the fossa
    (8.0, 10.0, 88.0, 5.5),
    (8.0, 28.0, 99.0, 6.0),
    (-32.0, -10.0, 120.0, 7.5),
    (-40.0, -32.0, 109.0, 9.0),
    (-12.0, 17.0, 114.0, 6.0),
    (22.0, 22.0, 80.0, 6.5),
    (-48.0, -62.0, 97.0, 15.0),  # down to the acetabulum
    (-35.0, -50.0, 95.0, 16.0),
    (-25.0, -80.0, 86.0, 32.0),
    (-22.0, -112.0, 78.0, 36.0),
    (-52.0, -100.0, 84.0, 26.0),
)
"""y, z, x of the middle of the blade, its thickness, left."""


def sacrum_from_pelvis() -> Array:
    """(3, 3) turn from the frame of the pelvis into the sacrum's."""
    c, s = cos(radians(SLOPE_DEG)), sin(radians(SLOPE_DEG))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def field(side: Side, joint: Joint, breadth: float, spacing: float) -> tuple[Lattice, Values]:
    """One hip bone."""
    ends = sorted((SIGN[side] * 22.0, SIGN[side] * (breadth / 2 + 8.0)))
    lattice = Lattice.around([ends[0], -72.0, -126.0], [ends[1], 78.0, 52.0], spacing)
    x, y, z = lattice.points()
    outward = x * np.float32(SIGN[side])
    middle, thick, outline = _drawn(lattice.origin[1], lattice.origin[2], lattice.shape[1:], spacing)
    stretch = (breadth / 2 - joint.half_breadth) / (BREADTH_MM / 2 - DRAWN_HALF_BREADTH_MM)
    middle = np.float32(joint.half_breadth) + np.float32(stretch) * (middle - np.float32(DRAWN_HALF_BREADTH_MM))
    slopes = np.gradient(middle, spacing)
    lean = np.sqrt(1 + slopes[0] ** 2 + slopes[1] ** 2).astype(np.float32)
    rounding = np.float32(0.45) * thick
    across = np.abs(outward - middle) / lean - thick / 2 + rounding
    edge = outline + rounding
    zero = np.float32(0.0)
    blade = np.sqrt(np.maximum(across, zero) ** 2 + np.maximum(edge, zero) ** 2)
    values = blade + np.minimum(np.maximum(across, edge), zero) - rounding
    socket = sphere(np.array([SIGN[side] * (SOCKET[0] * breadth / BREADTH_MM), *SOCKET[1:3]]), SOCKET[3])
    near = lattice.window(socket.low - 5.0, socket.high + 5.0)
    values[near] = smooth_difference(values[near], socket.field(lattice.points(near)), 3.0)
    return lattice, smooth_intersection(values, _off_the_joint(joint, outward, y, z), EDGE_MM)


def _off_the_joint(joint: Joint, outward: Values, y: Values, z: Values) -> Values:
    """mm on the sacrum's side of the joint, which behind widens to the space of the ligaments."""
    turn = sacrum_from_pelvis().astype(np.float32)
    back, up = turn[1, 1] * y + turn[1, 2] * z, turn[2, 1] * y + turn[2, 2] * z
    gap = np.float32(GAP_MM / 2) + np.float32(OPENING) * np.maximum(back - np.float32(BEHIND_MM), 0.0)
    out: Values = joint.x(back, up) + gap - outward
    return out


@cache
def _drawn(low_y: float, low_z: float, shape: tuple[int, int], spacing: float) -> tuple[Values, Values, Values]:
    """(x of the blade's middle, its thickness, distance to the outline) on samples (ny, nz): thin plate splines of the tables."""
    from scipy.interpolate import RBFInterpolator

    y, z = (low + spacing * np.arange(n) for low, n in zip((low_y, low_z), shape, strict=True))
    at = np.stack(np.meshgrid(y, z, indexing="ij"), axis=-1).reshape(-1, 2)
    table = np.array(BLADE)
    outline = _distance_to(_rounded(np.array(OUTLINE)), at)
    near = (1.0 / (1.0 + np.maximum(outline, 0.0) / 40.0))[:, None]  # far outside the spline would run away
    inward = at * near + (1 - near) * np.array([0.0, -30.0])
    spline = RBFInterpolator(table[:, :2], table[:, 2:], kernel="thin_plate_spline", smoothing=1.0)(inward)
    middle, thick = spline.astype(np.float32).reshape(*shape, 2).transpose(2, 0, 1)
    return middle, np.maximum(thick, np.float32(5.0)), outline.astype(np.float32).reshape(shape)


def _rounded(corners: Array, steps: int = 5) -> Array:
    """(steps N, 2) points of a smooth closed curve through the corners."""
    from scipy.interpolate import CubicSpline

    closed = np.vstack([corners, corners[:1]])
    run = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(closed, axis=0), axis=1)))])
    t = np.concatenate([np.linspace(a, b, steps, endpoint=False) for a, b in pairwise(run)])
    return np.asarray(CubicSpline(run, closed, bc_type="periodic")(t))


def _distance_to(polygon: Array, points: Array) -> Array:
    """(N,) signed distance of points (N, 2) to a closed polygon, negative inside."""
    square = np.full(len(points), np.inf)
    inside = np.zeros(len(points), dtype=bool)
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        way, off = b - a, points - a
        share = np.clip(off @ way / (way @ way), 0.0, 1.0)
        square = np.minimum(square, ((off - share[:, None] * way) ** 2).sum(axis=1))
        spans = (a[1] > points[:, 1]) != (b[1] > points[:, 1])
        if a[1] != b[1]:
            inside ^= spans & (points[:, 0] < a[0] + way[0] * (points[:, 1] - a[1]) / way[1])
    return np.asarray(np.sqrt(square) * np.where(inside, -1.0, 1.0))
