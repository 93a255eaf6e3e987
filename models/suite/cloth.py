"""A sheet of cloth let fall on a person and a table, until it rests: folds as cloth has them.

In: a lattice of points with the pairs that hold it together, a distance grid to rest on, a table's block, points that stick.
Out: the points at rest. Units: mm, s. Frame: the grid's, y up. Method: position based dynamics, one sweep over the pairs for
each short step, friction where the cloth lies on something (Mueller et al. 2007; small steps as Macklin et al. 2019).
No law of the trainer rests on it: it is looked at. Not here: where the sheet lies (drape.py).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

Array = NDArray[np.float64]

GRAVITY_MM_S2 = 5000.0  # about half of the earth's: falls softer and stretches less a step; assumed
STEP_S = 0.0015
DAMPING = 0.990  # share of the velocity kept each step, as in thick air; assumed
FRICTION = 0.55  # share of the way along a surface that is lost each step in contact; assumed


class Support(NamedTuple):
    """What the cloth rests on: a distance grid, and a block that reaches down for ever."""

    values: NDArray[np.float32]  # (nx, ny, nz) mm, negative inside
    origin: Array  # (3,) mm
    spacing: float  # mm
    block: Array  # (6,) x centre, half width, z centre, half length, y of its top, radius of its edges
    gap: float  # mm kept to both


@compiled
def _lift(s: Support, p: Array, out: Array) -> float:
    """Writes into `out` the way from p out of the grid's solid by the gap; its length, or 0 where p is clear."""
    values = s.values
    u = (p[0] - s.origin[0]) / s.spacing
    v = (p[1] - s.origin[1]) / s.spacing
    w = (p[2] - s.origin[2]) / s.spacing
    if u < 0.0 or v < 0.0 or w < 0.0:
        return 0.0
    i, j, k = int(u), int(v), int(w)
    if i >= values.shape[0] - 1 or j >= values.shape[1] - 1 or k >= values.shape[2] - 1:
        return 0.0
    u, v, w = u - i, v - j, w - k
    a, b = values[i, j, k], values[i, j, k + 1]
    c, d = values[i, j + 1, k], values[i, j + 1, k + 1]
    e, f = values[i + 1, j, k], values[i + 1, j, k + 1]
    g, h = values[i + 1, j + 1, k], values[i + 1, j + 1, k + 1]
    ab, cd, ef, gh = a + (b - a) * w, c + (d - c) * w, e + (f - e) * w, g + (h - g) * w
    near, far = ab + (cd - ab) * v, ef + (gh - ef) * v
    distance = near + (far - near) * u
    if distance >= s.gap:
        return 0.0
    x = far - near
    y = (cd - ab) * (1.0 - u) + (gh - ef) * u
    z = ((b - a) * (1.0 - v) + (d - c) * v) * (1.0 - u) + ((f - e) * (1.0 - v) + (h - g) * v) * u
    length = np.sqrt(x * x + y * y + z * z)
    if length < 1e-9:
        return 0.0
    way: float = min(s.gap - distance, s.spacing)
    out[0], out[1], out[2] = way * x / length, way * y / length, way * z / length
    return way


@compiled
def _lift_block(s: Support, p: Array, out: Array) -> float:
    """As _lift, out of the block with its rounded edges."""
    r = s.block[5]
    x, z = p[0] - s.block[0], p[2] - s.block[2]
    u, v, w = abs(x) - s.block[1] + r, p[1] - s.block[4] + r, abs(z) - s.block[3] + r
    deepest = max(u, v, w)
    a, b, c = max(u, 0.0), max(v, 0.0), max(w, 0.0)
    if deepest <= 0.0:
        a, b, c = 1.0 if u == deepest else 0.0, 1.0 if v == deepest else 0.0, 1.0 if w == deepest else 0.0
    length = np.sqrt(a * a + b * b + c * c)
    way: float = s.gap + r - (length if deepest > 0.0 else deepest)
    if way <= 0.0:
        return 0.0
    out[0], out[1], out[2] = way * a / length, way * b / length, way * c / length
    if x < 0.0:
        out[0] = -out[0]
    if z < 0.0:
        out[2] = -out[2]
    return way


@compiled
def _contact(s: Support, p: Array, before: Array, out: Array) -> None:
    """Moves p out of what it is in and takes away most of its way along the surface since `before`."""
    for which in range(2):
        way = _lift(s, p, out) if which == 0 else _lift_block(s, p, out)
        if way <= 0.0:
            continue
        along = 0.0
        for i in range(3):
            p[i] += out[i]
            along += (p[i] - before[i]) * out[i] / way
        for i in range(3):
            p[i] -= FRICTION * ((p[i] - before[i]) - along * out[i] / way)


@compiled
def _pull(points: Array, held: NDArray[np.bool_], a: int, b: int, length: float, share: float) -> None:
    """Brings two points toward their distance at rest by a share of the difference."""
    x, y, z = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    now = np.sqrt(x * x + y * y + z * z)
    free = (0.0 if held[a] else 1.0) + (0.0 if held[b] else 1.0)
    if free == 0.0 or now < 1e-9:
        return
    way = share * (now - length) / (now * free)
    if not held[a]:
        points[a, 0] += way * x
        points[a, 1] += way * y
        points[a, 2] += way * z
    if not held[b]:
        points[b, 0] -= way * x
        points[b, 1] -= way * y
        points[b, 2] -= way * z


@compiled
def settle(
    points: Array,
    held: NDArray[np.bool_],
    goal: Array,
    pairs: NDArray[np.int64],
    lengths: Array,
    shares: Array,
    support: Support,
    steps: int,
) -> Array:
    """(N, 3) the points after so many steps; those held go to their goal within the first tenth.

    pairs (M, 2), lengths (M,) at rest, shares (M,) of a difference taken back in one sweep: 1 inextensible, 0.05 limp.
    """
    now, before, start = points.copy(), points.copy(), points.copy()
    out, was = np.zeros(3), np.zeros(3)
    fall = GRAVITY_MM_S2 * STEP_S * STEP_S
    for step in range(steps):
        eased = min(1.0, step / (0.1 * steps))
        for n in range(now.shape[0]):
            for i in range(3):
                here = now[n, i]
                if held[n]:
                    now[n, i] = start[n, i] + eased * (goal[n, i] - start[n, i])
                else:
                    now[n, i] += DAMPING * (here - before[n, i]) - (fall if i == 1 else 0.0)
                before[n, i] = here
        for m in range(pairs.shape[0]):
            at = m if step % 2 == 0 else pairs.shape[0] - 1 - m
            _pull(now, held, pairs[at, 0], pairs[at, 1], lengths[at], shares[at])
        for n in range(now.shape[0]):
            if not held[n]:
                was[:] = before[n]
                _contact(support, now[n], was, out)
    return now
