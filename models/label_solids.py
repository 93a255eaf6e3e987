"""From voxels to solids: one smooth closed body for each label, its volume kept, neighbours apart.

In: a label map, the labels wanted, where the patient frame lies. Out: distance grids of 0.5 mm on one common lattice of the
patient frame, so that neighbours can be compared sample by sample. Voxels may be long: steps between slices are smoothed,
but nowhere is the distance moved by more than half a voxel (after Whitaker 2000, anti-aliasing of binary volumes).
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.distance import redistance
from models.nifti import LabelMap
from models.patient import Array, Grid

SPACING_MM = 0.5
MARGIN_MM = 6.0
ROUNDS = 12
"""Rounds of smoothing; assumed, looked at."""

SIGMA_VOXELS = 0.8
"""Width of a round's smoothing in (geometric mean) voxels; assumed."""

SLACK = 0.5
"""How far smoothing may move the surface, in (geometric mean) voxels: half a voxel is what a label leaves open."""

APART_MM = 0.3
"""Least gap between neighbours; assumed (cartilage and capsule of a facet joint are wider)."""


def solids(
    labels: LabelMap, wanted: Mapping[str, int], patient_from_lps: Array
) -> tuple[dict[str, Grid], dict[str, float]]:
    """(distance grid of each name in the patient frame, share of the label's volume outside its largest piece)."""
    fields, stray = {}, {}
    for name, label in wanted.items():
        mask, corner, stray[name] = piece(labels, label)
        fields[name] = resampled(mask, corner, labels, patient_from_lps)
    _part(fields)
    grids = {}
    for name, grid in fields.items():
        grids[name] = Grid(redistance(one_piece(grid.values), grid.spacing), grid.origin, grid.spacing)
    return grids, stray


def piece(labels: LabelMap, label: int) -> tuple[NDArray[np.bool_], NDArray[np.int64], float]:
    """(largest piece of a label in its box, index of the box's corner, share of volume outside that piece)."""
    from scipy import ndimage

    box = labels.boxes[label]
    corner = np.array([cut.start for cut in box], dtype=np.int64)
    pieces, count = ndimage.label(labels.labels[box] == label, structure=np.ones((3, 3, 3)))
    sizes = np.bincount(pieces.ravel())[1:]
    largest: NDArray[np.bool_] = pieces == 1 + int(np.argmax(sizes))
    return largest, corner, float(1.0 - sizes.max() / sizes.sum()) if count else 0.0


def _smooth(mask: NDArray[np.bool_], voxel_mm: Array, slack_mm: float | None) -> NDArray[np.float32]:
    """About the signed distance [mm] of a mask, smoothed; padded by MARGIN_MM on every side."""
    from scipy import ndimage

    padded = np.pad(mask, [(n, n) for n in _padding(voxel_mm)])
    outside = ndimage.distance_transform_edt(~padded, sampling=voxel_mm)
    field = np.asarray(outside - ndimage.distance_transform_edt(padded, sampling=voxel_mm), dtype=np.float32)
    sigma = SIGMA_VOXELS * np.prod(voxel_mm) ** (1 / 3) / voxel_mm
    slack = np.float32(SLACK * np.prod(voxel_mm) ** (1 / 3) if slack_mm is None else slack_mm)
    low, high = field - slack, field + slack
    for _ in range(ROUNDS):
        field = np.clip(ndimage.gaussian_filter(field, sigma, mode="nearest", truncate=3.0), low, high)
    return np.asarray(ndimage.gaussian_filter(field, sigma, mode="nearest", truncate=3.0))


def _padding(voxel_mm: Array) -> NDArray[np.int64]:
    """(3,) voxels of margin."""
    return np.ceil(MARGIN_MM / voxel_mm).astype(np.int64) + 1


def resampled(
    mask: NDArray[np.bool_],
    corner: NDArray[np.int64],
    labels: LabelMap,
    here_from_lps: Array,
    spacing: float = SPACING_MM,
    reach: Array | None = None,
    slack_mm: float | None = None,
) -> Grid:
    """The smoothed mask on a frame's lattice (samples on whole multiples of the spacing), less the level at which it holds the
    mask's volume. The lattice holds the points `reach` (N, 3) too; `slack_mm`: how far smoothing may go, SLACK by default."""
    from scipy import ndimage

    field = _smooth(mask, labels.voxel_mm, slack_mm)
    here_from_index = here_from_lps @ labels.lps_from_index
    pad = _padding(labels.voxel_mm)
    at = np.argwhere(mask) + corner
    where = at @ here_from_index[:3, :3].T + here_from_index[:3, 3]
    half = np.abs(here_from_index[:3, :3]).sum(axis=1) / 2
    if reach is not None:
        where = np.vstack([where, reach])
    low = np.floor((where.min(axis=0) - half - MARGIN_MM + 1.0) / spacing)
    high = np.ceil((where.max(axis=0) + half + MARGIN_MM - 1.0) / spacing)
    origin, shape = low * spacing, (high - low + 1).astype(int)
    index_from_here = np.linalg.inv(here_from_index)
    turn = index_from_here[:3, :3] * spacing
    shift = index_from_here[:3, :3] @ origin + index_from_here[:3, 3] - corner + pad
    values = ndimage.affine_transform(
        field.astype(np.float32), turn, shift, output_shape=tuple(shape), order=3, mode="nearest", output=np.float32
    )
    wanted = float(mask.sum()) * float(np.prod(labels.voxel_mm)) / spacing**3
    level = np.partition(values.ravel(), int(wanted))[int(wanted)]
    return Grid(np.asarray(values - level, dtype=np.float32), origin, spacing)


def _part(fields: Mapping[str, Grid]) -> None:
    """Where two neighbours would overlap or touch, both give way to a gap of APART_MM half way between; in place."""
    names = list(fields)
    for first, second in pairwise(names):
        a, b = fields[first], fields[second]
        shift = np.rint((b.origin - a.origin) / SPACING_MM).astype(int)
        low = np.maximum(shift, 0)
        high = np.minimum(np.array(a.values.shape), shift + np.array(b.values.shape))
        if (high <= low).any():
            continue
        in_a = tuple(slice(i, j) for i, j in zip(low, high, strict=True))
        in_b = tuple(slice(i, j) for i, j in zip(low - shift, high - shift, strict=True))
        apart = (a.values[in_a] - b.values[in_b]) / 2
        a.values[in_a] = np.maximum(a.values[in_a], apart + APART_MM / 2)
        b.values[in_b] = np.maximum(b.values[in_b], APART_MM / 2 - apart)


def one_piece(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The field without crumbs beside its largest piece and without holes inside it."""
    from scipy import ndimage

    pieces, _ = ndimage.label(values < 0.0)
    largest = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    solid = ndimage.binary_fill_holes(largest)
    crumbs, holes = (values < 0.0) & ~largest, (values >= 0.0) & solid
    return np.where(crumbs, np.float32(0.05), np.where(holes, np.float32(-0.05), values))
