"""The patient as flat arrays, for compiled look-ups: which tissue is here, how far is bone, skin, canal, an organ.

In: a Patient. Out: `Field`, a named tuple of arrays that numba takes as an argument; pure functions on points (3,) in the
patient frame, mm. Signed distances are negative inside. Used by touch, cement, dose and the tests' float64 ray tracing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.patient import Grid, Patient

FAR = 1.0e3
"""mm: the distance answered where no grid reaches."""

FASCIA_MM = 1.0
"""Thickness of the thoracolumbar fascia below the fat; assumed (docs/assumptions.md)."""


SLAB_MM = 10.0
"""Height of the slabs that know which regions reach into them: a point asks only those of its own."""


class Field(NamedTuple):
    """B bones, three grids each (distance, wall, density), the skin and R regions of one grid each, laid end to end."""

    values: NDArray[np.float32]  # all grids end to end
    start: NDArray[
        np.int64
    ]  # (3B + 1 + R,) first value of each grid: bone b has 3b, 3b+1, 3b+2; the skin 3B; region r 3B+1+r
    shape: NDArray[np.int64]  # (3B + 1 + R, 3)
    origin: NDArray[np.float64]  # (3B + 1 + R, 3) mm
    spacing: NDArray[np.float64]  # (3B + 1 + R,) mm
    bone_from_patient: NDArray[np.float64]  # (B, 3, 4)
    box: NDArray[np.float64]  # (B, 6) bounds of each bone's distance grid, patient frame: low xyz, high xyz
    canal: NDArray[
        np.float64
    ]  # (L, 11) sections, cranial to caudal: centre, left, posterior (3 each), half width, half depth
    layers: NDArray[np.float64]  # (3,) mm below the skin where skin, fat and fascia end
    region_box: NDArray[np.float64]  # (R, 6) bounds of each region's grid: low xyz, high xyz
    region_tissue: NDArray[np.int64]  # (R,) Tissue
    slab_low: float  # z where the first slab begins [mm]
    slab_start: NDArray[np.int64]  # (S + 1,) slab s has slab_regions[slab_start[s] : slab_start[s + 1]]
    slab_regions: NDArray[np.int64]  # regions by slab, in their order


def pack(patient: Patient) -> tuple[Field, tuple[str, ...]]:
    """(field, names of its bones in order); its regions are in the order of `patient.regions`."""
    grids: list[Grid] = []
    frames, boxes = [], []
    for bone in patient.bones.values():
        grids += [bone.distance, bone.wall, bone.density]
        frames.append(np.linalg.inv(bone.patient_from_bone)[:3])
        low = bone.distance.origin
        high = low + bone.distance.spacing * (np.array(bone.distance.values.shape) - 1)
        corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        corners = corners @ bone.patient_from_bone[:3, :3].T + bone.patient_from_bone[:3, 3]
        boxes.append(np.concatenate([corners.min(axis=0), corners.max(axis=0)]))
    grids.append(patient.skin)
    regions = list(patient.regions.values())
    grids += [region.distance for region in regions]
    around = np.array([_box(region.distance) for region in regions], dtype=np.float64).reshape(-1, 6)
    slab_low, slab_start, slab_regions = _slabs(around)
    sizes = [grid.values.size for grid in grids]
    canal = [
        np.concatenate([v.canal_centre, v.left, v.posterior, [v.canal_half_width, v.canal_half_depth]])
        for v in patient.vertebrae.values()
    ]
    ends = np.cumsum([patient.skin_mm, patient.fat_mm, FASCIA_MM])
    field = Field(
        values=np.concatenate([np.ascontiguousarray(grid.values, dtype=np.float32).ravel() for grid in grids]),
        start=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        shape=np.array([grid.values.shape for grid in grids], dtype=np.int64),
        origin=np.array([grid.origin for grid in grids], dtype=np.float64),
        spacing=np.array([grid.spacing for grid in grids], dtype=np.float64),
        bone_from_patient=np.array(frames, dtype=np.float64).reshape(-1, 3, 4),
        box=np.array(boxes, dtype=np.float64).reshape(-1, 6),
        canal=np.array(canal, dtype=np.float64).reshape(-1, 11),
        layers=ends.astype(np.float64),
        region_box=around,
        region_tissue=np.array([region.tissue for region in regions], dtype=np.int64),
        slab_low=slab_low,
        slab_start=slab_start,
        slab_regions=slab_regions,
    )
    return field, tuple(patient.bones)


def _box(grid: Grid) -> NDArray[np.float64]:
    """(6,) bounds of a grid in its own frame."""
    return np.concatenate([grid.origin, grid.origin + grid.spacing * (np.array(grid.values.shape) - 1)])


def _slabs(boxes: NDArray[np.float64]) -> tuple[float, NDArray[np.int64], NDArray[np.int64]]:
    """(z of the first slab, starts (S + 1,), regions by slab) of boxes (R, 6)."""
    if len(boxes) == 0:
        return 0.0, np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    low = float(boxes[:, 2].min())
    count = int((boxes[:, 5].max() - low) / SLAB_MM) + 1
    floors = low + SLAB_MM * np.arange(count)
    reach = [np.flatnonzero((boxes[:, 2] <= z + SLAB_MM) & (boxes[:, 5] >= z)) for z in floors]
    starts = np.concatenate([[0], np.cumsum([len(inside) for inside in reach])])
    return low, starts.astype(np.int64), np.concatenate(reach).astype(np.int64)


@compiled
def _sample(field: Field, grid: int, x: float, y: float, z: float) -> float:
    """Trilinear value of a grid at a point of its own frame; outside, the value at the nearest edge."""
    s = field.spacing[grid]
    nx, ny, nz = field.shape[grid, 0], field.shape[grid, 1], field.shape[grid, 2]
    u = min(max((x - field.origin[grid, 0]) / s, 0.0), nx - 1.000001)
    v = min(max((y - field.origin[grid, 1]) / s, 0.0), ny - 1.000001)
    w = min(max((z - field.origin[grid, 2]) / s, 0.0), nz - 1.000001)
    i, j, k = int(u), int(v), int(w)
    u, v, w = u - i, v - j, w - k
    a = field.start[grid] + (i * ny + j) * nz + k
    b, c, d = a + nz, a + ny * nz, a + ny * nz + nz
    q = field.values
    low = (q[a] * (1 - w) + q[a + 1] * w) * (1 - v) + (q[b] * (1 - w) + q[b + 1] * w) * v
    high = (q[c] * (1 - w) + q[c + 1] * w) * (1 - v) + (q[d] * (1 - w) + q[d + 1] * w) * v
    distance: float = low * (1 - u) + high * u
    return distance


@compiled
def _in_bone(field: Field, bone: int, p: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    """Writes the point p (patient frame) into q in the bone's frame."""
    m = field.bone_from_patient[bone]
    for i in range(3):
        q[i] = m[i, 0] * p[0] + m[i, 1] * p[1] + m[i, 2] * p[2] + m[i, 3]


@compiled
def nearest_bone(field: Field, p: NDArray[np.float64]) -> tuple[int, float]:
    """(index of the bone with the least signed distance, that distance); (-1, FAR) where no bone's grid reaches."""
    x, y, z = p[0], p[1], p[2]
    box, m = field.box, field.bone_from_patient
    best, least = -1, FAR
    for b in range(box.shape[0]):
        if x < box[b, 0] or y < box[b, 1] or z < box[b, 2] or x > box[b, 3] or y > box[b, 4] or z > box[b, 5]:
            continue
        u = m[b, 0, 0] * x + m[b, 0, 1] * y + m[b, 0, 2] * z + m[b, 0, 3]
        v = m[b, 1, 0] * x + m[b, 1, 1] * y + m[b, 1, 2] * z + m[b, 1, 3]
        w = m[b, 2, 0] * x + m[b, 2, 1] * y + m[b, 2, 2] * z + m[b, 2, 3]
        distance = _sample(field, 3 * b, u, v, w)
        if distance < least:
            best, least = b, distance
    return best, least


@compiled
def wall_and_density(field: Field, bone: int, p: NDArray[np.float64]) -> tuple[float, float]:
    """(cortical thickness [mm] at the nearest surface, relative cancellous density) of a bone near p."""
    q = np.empty(3)
    _in_bone(field, bone, p, q)
    return _sample(field, 3 * bone + 1, q[0], q[1], q[2]), _sample(field, 3 * bone + 2, q[0], q[1], q[2])


@compiled
def skin_distance(field: Field, p: NDArray[np.float64]) -> float:
    """Signed distance to the skin [mm]; negative inside the patient."""
    return _sample(field, 3 * field.box.shape[0], p[0], p[1], p[2])


@compiled
def _slab(field: Field, p: NDArray[np.float64]) -> tuple[int, int]:
    """(first, last + 1) of `slab_regions` in the slab of a point; an empty span where no region reaches."""
    slab = int(np.floor((p[2] - field.slab_low) / SLAB_MM))
    if slab < 0 or slab >= field.slab_start.shape[0] - 1:
        return 0, 0
    return field.slab_start[slab], field.slab_start[slab + 1]


@compiled
def region_distance(field: Field, region: int, p: NDArray[np.float64]) -> float:
    """Signed distance [mm] to a region's wall; FAR where its grid does not reach."""
    x, y, z = p[0], p[1], p[2]
    box = field.region_box  # by single numbers: a row of it would be made anew for each question
    if z < box[region, 2] or z > box[region, 5] or x < box[region, 0] or x > box[region, 3]:
        return FAR
    if y < box[region, 1] or y > box[region, 4]:
        return FAR
    return _sample(field, 3 * field.box.shape[0] + 1 + region, x, y, z)


@compiled
def region_at(field: Field, p: NDArray[np.float64]) -> int:
    """The first region, in their order, that holds a point; -1 where none does."""
    first, last = _slab(field, p)
    for n in range(first, last):
        region = field.slab_regions[n]
        if region_distance(field, region, p) < 0.0:
            return int(region)
    return -1


@compiled
def canal_distance(field: Field, p: NDArray[np.float64]) -> float:
    """About the signed distance [mm] to the wall of the spinal canal: an elliptical tube through the sections.

    Scaled radius times the smaller half axis: 0 on the wall, exact along it; FAR above the first and below the last section
    by more than 15 mm.
    """
    sections = field.canal.shape[0]
    if sections == 0:
        return FAR
    best, least = 0, FAR * FAR
    for i in range(sections):
        c = field.canal[i]
        apart = (p[0] - c[0]) ** 2 + (p[1] - c[1]) ** 2 + (p[2] - c[2]) ** 2
        if apart < least:
            best, least = i, apart
    other = best
    share = 0.0
    reach = FAR
    for step in (-1, 1):  # the segment to the neighbour on whose side the point lies
        n = best + step
        if 0 <= n < sections:
            a, b = field.canal[best], field.canal[n]
            along, length2 = 0.0, 0.0
            for k in range(3):
                along += (p[k] - a[k]) * (b[k] - a[k])
                length2 += (b[k] - a[k]) ** 2
            if along > 0.0:
                other, share, reach = n, min(along / length2, 1.0), 0.0
            elif reach > 0.0:
                reach = min(reach, -along / np.sqrt(length2))
    if reach > 15.0:
        return FAR
    u, v, half_width, half_depth = 0.0, 0.0, 0.0, 0.0
    a, b = field.canal[best], field.canal[other]
    for k in range(3):
        centre = a[k] + share * (b[k] - a[k])
        u += (p[k] - centre) * (a[3 + k] + share * (b[3 + k] - a[3 + k]))
        v += (p[k] - centre) * (a[6 + k] + share * (b[6 + k] - a[6 + k]))
    half_width = a[9] + share * (b[9] - a[9])
    half_depth = a[10] + share * (b[10] - a[10])
    radius = np.sqrt((u / half_width) ** 2 + (v / half_depth) ** 2)
    distance: float = (radius - 1.0) * min(half_width, half_depth)
    return distance


@compiled
def tissue_at(field: Field, p: NDArray[np.float64]) -> tuple[int, int, float]:
    """(tissue code, index of the nearest bone or -1, signed distance to it [mm]) at a point of the patient frame.

    Bone before regions, regions in their order before canal and layers.
    """
    bone, distance = nearest_bone(field, p)
    if bone >= 0 and distance < 0.0:
        wall, _ = wall_and_density(field, bone, p)
        return (5 if distance > -wall else 6), bone, distance  # CORTEX, CANCELLOUS
    below = -skin_distance(field, p)
    if below <= 0.0:
        return 0, bone, distance  # AIR
    region = region_at(field, p)
    if region >= 0:
        return field.region_tissue[region], bone, distance
    if canal_distance(field, p) < 0.0:
        return 7, bone, distance  # CANAL
    for layer in range(3):
        if below <= field.layers[layer]:
            return 1 + layer, bone, distance  # SKIN, FAT, FASCIA
    return 4, bone, distance  # MUSCLE


def tissues(field: Field, points: NDArray[np.float64]) -> NDArray[np.int64]:
    """(N,) tissue codes of points (N, 3): `tissue_at` for many."""
    return np.array([tissue_at(field, point)[0] for point in np.ascontiguousarray(points)], dtype=np.int64)
