"""Paths of X-rays through a patient's solids by float64 tracing of the distance fields, with no mesh and no screen.

In: a packed Field (models/field.py), Media, a source (3,) and directions (N, 3), patient frame, mm. Out: paths (N, 8) [mm] in
the channels of models/tissue.py. The independent check of game/fluoroscopy, and the coarse ray grid of dose and brightness.
As in the picture each bone, and each region with a surface, adds its own difference to what is round it, so overlapping ones
count twice.
Not here: instruments and cement, attenuation (models/xray.py).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.carm import SOURCE_DETECTOR_MM, Pose, view
from models.compiled import compiled
from models.field import Field, _sample
from models.patient import Patient, Surface

Array = NDArray[np.float64]
Ray = tuple[Array, Array]  # origin, unit direction

SHARE = 0.8
"""A step is this share of the distance to the nearer wall: the fields' gradients stay under 1.05 (DESIGN), so none is
jumped."""

LEAST_STEP_MM = 0.04
"""Shortest step: a chord shorter than this may be lost."""

LONGEST_STEP_MM = 3.0

HALVINGS = 30
"""Bisections of a crossing: LEAST_STEP_MM ... LONGEST_STEP_MM / 2^30."""


class Media(NamedTuple):
    """(8,) channel weights of what a patient is made of, in the order of the Field's bones and regions."""

    body: Array  # (8,)
    cortex: Array  # (B, 8)
    core: Array  # (B, 8)
    region: Array  # (R, 8) inside less outside; zeros where X-rays pass a region as what is round it


def media(patient: Patient) -> Media:
    """The media of a patient's surfaces."""
    bones = list(patient.bones.values())
    return Media(
        body=np.asarray(patient.skin_surface.inside, dtype=np.float64),
        cortex=np.array([bone.outer.inside for bone in bones], dtype=np.float64).reshape(-1, 8),
        core=np.array([bone.inner.inside for bone in bones], dtype=np.float64).reshape(-1, 8),
        region=np.array([_change(region.surface) for region in patient.regions.values()]).reshape(-1, 8),
    )


def _change(surface: Surface | None) -> Array:
    """(8,) what a surface's inside has more than its outside."""
    if surface is None:
        return np.zeros(8)
    return np.asarray(surface.inside, dtype=np.float64) - surface.outside


def fan(pose: Pose, side: int) -> tuple[Array, Array]:
    """(source (3,), directions (side * side, 3)) of a coarse grid of rays over the detector, row by row, cranial first."""
    pinhole = view(pose, side)
    rays = [pinhole.ray(float(column), float(row)) for row in range(side) for column in range(side)]
    return pinhole.source, np.array(rays)


@compiled
def _grid(field: Field, solid: int) -> int:
    """The distance grid of a solid: bones first, then the skin, then the regions."""
    bones = field.box.shape[0]
    return 3 * solid if solid <= bones else 2 * bones + solid


@compiled
def _depth(field: Field, bone: int, ray: Ray, t: float) -> tuple[float, float]:
    """Signed distance to a bone's outer and inner surface at o + t d (its frame); skin and regions have one, told twice."""
    o, d = ray
    x, y, z = o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2]
    if bone >= field.box.shape[0]:
        wall = _sample(field, _grid(field, bone), x, y, z)
        return wall, wall
    outer = _sample(field, 3 * bone, x, y, z)
    return outer, outer + _sample(field, 3 * bone + 1, x, y, z)


@compiled
def _crossing(field: Field, bone: int, ray: Ray, span: tuple[float, float], which: int) -> float:
    """Where in a span the ray crosses the outer (0) or inner (1) surface, by bisection; the ends lie on either side."""
    low, high = span
    begins_inside = _depth(field, bone, ray, low)[which] < 0.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if (_depth(field, bone, ray, middle)[which] < 0.0) == begins_inside:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@compiled
def _span(field: Field, grid: int, ray: Ray, far: float) -> tuple[float, float]:
    """(first, last) t in [0, far] inside a grid's box; first >= last where the ray misses it."""
    o, d = ray
    first, last = 0.0, far
    for k in range(3):
        low = field.origin[grid, k]
        high = low + field.spacing[grid] * (field.shape[grid, k] - 1)
        if abs(d[k]) < 1e-12:
            if o[k] < low or o[k] > high:
                return 1.0, 0.0
            continue
        a, b = (low - o[k]) / d[k], (high - o[k]) / d[k]
        first, last = max(first, min(a, b)), min(last, max(a, b))
    return first, last


@compiled
def _chords(field: Field, bone: int, ray: Ray, far: float) -> tuple[float, float]:
    """(length inside the outer surface, length inside the inner one) [mm] along a ray from its origin to `far`."""
    lengths = np.zeros(2)
    t, last = _span(field, _grid(field, bone), ray, far)
    if t >= last:
        return 0.0, 0.0
    here = _depth(field, bone, ray, t)
    while t < last:
        step = min(max(SHARE * min(abs(here[0]), abs(here[1])), LEAST_STEP_MM), LONGEST_STEP_MM)
        after = min(t + step, last)
        there = _depth(field, bone, ray, after)
        for which in range(2):
            before_inside, after_inside = here[which] < 0.0, there[which] < 0.0
            if before_inside and after_inside:
                lengths[which] += after - t
            elif before_inside:
                lengths[which] += _crossing(field, bone, ray, (t, after), which) - t
            elif after_inside:
                lengths[which] += after - _crossing(field, bone, ray, (t, after), which)
        t, here = after, there
    return lengths[0], lengths[1]


@compiled
def _paths(field: Field, media: Media, source: Array, directions: Array, far: float) -> Array:
    """(N, 8) for unit directions."""
    bones = field.box.shape[0]
    total = np.zeros((directions.shape[0], 8))
    o, d = np.empty(3), np.empty(3)
    for n in range(directions.shape[0]):
        body, _ = _chords(field, bones, (source, directions[n]), far)
        total[n] = body * media.body
        for region in range(media.region.shape[0]):
            if not media.region[region].any():
                continue
            inside, _ = _chords(field, bones + 1 + region, (source, directions[n]), far)
            for k in range(8):
                total[n, k] += inside * media.region[region, k]
        for bone in range(bones):
            m = field.bone_from_patient[bone]
            for i in range(3):
                o[i] = m[i, 0] * source[0] + m[i, 1] * source[1] + m[i, 2] * source[2] + m[i, 3]
                d[i] = m[i, 0] * directions[n, 0] + m[i, 1] * directions[n, 1] + m[i, 2] * directions[n, 2]
            whole, core = _chords(field, bone, (o, d), far)
            for k in range(8):
                total[n, k] += (
                    (whole - core) * media.cortex[bone, k] + core * media.core[bone, k] - whole * media.body[k]
                )
    return total


def paths(
    field: Field,
    media: Media,
    source: NDArray[np.float64],
    directions: NDArray[np.float64],
    far: float = 2 * SOURCE_DETECTOR_MM,
) -> Array:
    """(N, 8) [mm] in each channel along rays from source (3,), directions (N, 3) of any length, out to `far` mm.

    Exact to LEAST_STEP_MM in chords that are grazed, else to 1e-6 mm of the trilinear fields.
    """
    unit = np.ascontiguousarray(directions, dtype=np.float64).reshape(-1, 3)
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    return np.asarray(_paths(field, media, np.ascontiguousarray(source, dtype=np.float64), unit, float(far)))
