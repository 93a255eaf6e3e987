"""Skin from a CT: the body's outline where the scan shows it, the model's torso where it ends.

In: a CT on a label map's lattice; later the stored outline. Out: the outline as a coarse map (1 = body) without table and arms,
and the skin's distance grid and Surface in the patient frame. No outline reaches above the shoulders' height, so that no face
is ever kept. The person lies as scanned, mostly supine: turned prone, back and belly would give by some mm, which is not
modelled. Not here: the model's own torso (torso.py), sizes measured in the CT (ct.py).
"""

import numpy as np
from numpy.typing import NDArray

from models.ct import BODY_HU, Ct
from models.distance import redistance, sample
from models.nifti import LabelMap
from models.patient import Array, Grid, Surface
from models.solids import Lattice, smooth_intersection
from models.surfaces import mesh
from models.tissue import medium
from models.torso import BEYOND_MM, ENDS_MM, SPACING_MM

COARSE_MM = 3.0
"""About the voxels of the outline kept; assumed."""

ABOVE_MM = 60.0
"""The outline ends this far above the highest vertebra's centroid taken: below the chin for T4; assumed."""

OPENING_MM = 6.0
"""Bridges thinner than twice this, to table or arms, are cut; assumed."""

SMOOTHING_MM = 5.0
"""Width of smoothing over the steps of the outline's voxels; assumed, looked at."""

FACES = 12000


def outline(ct: Ct, path_labels: LabelMap, high_mm: float, low_mm: float) -> LabelMap | None:
    """The body between two heights (LPS z, mm) as a coarse map of 1; None where the CT's axes are too oblique or no body shows."""
    from scipy import ndimage

    axes = ct.lps_from_index[:3, :3]
    order = [int(np.argmax(np.abs(axes[n]))) for n in range(3)]
    if sorted(order) != [0, 1, 2]:
        return None
    mm = np.linalg.norm(axes, axis=0)
    along, z_mm = order[2], axes[2, order[2]]
    ends = sorted((z - ct.lps_from_index[2, 3]) / z_mm for z in (low_mm, high_mm))
    first, last = max(int(np.floor(ends[0])), 0), min(int(np.ceil(ends[1])) + 1, ct.hu.shape[along])
    stride = np.maximum(1, np.rint(COARSE_MM / mm)).astype(int)
    cuts = [slice(None, None, int(step)) for step in stride]
    cuts[along] = slice(first, last, int(stride[along]))
    body = ct.hu[tuple(cuts)] > BODY_HU
    if min(body.shape) < 2:
        return None
    rounds = max(1, round(OPENING_MM / float((mm * stride)[order[0]])))
    flat = np.ones((3, 3, 3), dtype=bool) & ndimage.generate_binary_structure(3, 1)
    flat[tuple(slice(None) if n != along else [0, 2] for n in range(3))] = False
    wide = [(rounds, rounds) if n != along else (0, 0) for n in range(3)]
    opened = ndimage.binary_opening(np.pad(body, wide, mode="edge"), flat, iterations=rounds)
    opened = opened[tuple(slice(rounds, -rounds) if n != along else slice(None) for n in range(3))]
    pieces, count = ndimage.label(opened)
    if not count:
        return None
    largest = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    for n in range(largest.shape[along]):
        cut = tuple(n if axis == along else slice(None) for axis in range(3))
        largest[cut] = ndimage.binary_fill_holes(largest[cut])
    lps_from_index = ct.lps_from_index.copy()
    lps_from_index[:3, :3] = axes * stride
    start = np.zeros(3)
    start[along] = first
    lps_from_index[:3, 3] += axes @ start
    return LabelMap(path_labels.path, largest.astype(np.int16), lps_from_index)


def skin(body: LabelMap, patient_from_lps: Array, tips: Array, model: Grid) -> tuple[Grid, Surface]:
    """(skin distance grid, surface): the outline; its last sections go on beyond its ends, the model's torso beyond its sides.

    tips (N, 3) of the spinous processes and `model`, the torso of the recipe's sizes, in the patient frame.
    """
    from scipy import ndimage

    patient_from_index = patient_from_lps @ body.lps_from_index
    field = _signed(body.labels > 0, body.voxel_mm)
    at = body.indices(1) @ patient_from_index[:3, :3].T + patient_from_index[:3, 3]
    low_z, high_z = tips[:, 2].min() - BEYOND_MM, tips[:, 2].max() + BEYOND_MM
    far = model.origin + model.spacing * (np.array(model.values.shape) - 1)
    low = np.minimum(at.min(axis=0) - 12.0, model.origin)
    high = np.maximum(at.max(axis=0) + 12.0, far)
    lattice = Lattice.around([*low[:2], low_z - 10.0], [*high[:2], high_z + 10.0], SPACING_MM)
    turn: Array = np.linalg.inv(patient_from_index).astype(np.float64)
    matrix, shift = turn[:3, :3] * SPACING_MM, turn[:3, :3] @ lattice.origin + turn[:3, 3]
    values = ndimage.affine_transform(
        field, matrix, shift, output_shape=lattice.shape, order=1, mode="nearest", output=np.float32
    )
    _beyond_the_sides(values, lattice, turn, body, model)
    values = ndimage.gaussian_filter(values, SMOOTHING_MM / SPACING_MM)
    ends = np.abs(lattice.points()[2] - np.float32((low_z + high_z) / 2)) - np.float32((high_z - low_z) / 2)
    values = _one_piece(smooth_intersection(values, ends + 0 * values, ENDS_MM))
    grid = lattice.grid(redistance(values, SPACING_MM))
    vertices, faces = mesh(grid, FACES)
    return grid, Surface("skin", vertices, faces, inside=medium("soft"), outside=medium("air"))


def _signed(mask: NDArray[np.bool_], voxel_mm: Array) -> NDArray[np.float32]:
    from scipy import ndimage

    outside = ndimage.distance_transform_edt(~mask, sampling=voxel_mm)
    return np.asarray(outside - ndimage.distance_transform_edt(mask, sampling=voxel_mm), dtype=np.float32)


def _beyond_the_sides(values: NDArray[np.float32], lattice: Lattice, turn: Array, body: LabelMap, model: Grid) -> None:
    """Puts the model's torso where the scan's sides cut the view, in place: a wide body is not cut flat."""
    along = int(np.argmax(np.abs(body.lps_from_index[2, :3])))
    index = np.stack(np.meshgrid(*(np.arange(n) for n in lattice.shape), indexing="ij"), axis=-1, dtype=np.float32)
    points = lattice.origin + lattice.spacing * index
    there = points @ turn[:3, :3].T + turn[:3, 3]
    beyond = np.zeros(lattice.shape, dtype=bool)
    for axis in (n for n in range(3) if n != along):
        if body.labels.take(0, axis=axis).any():
            beyond |= there[..., axis] < 0.0
        if body.labels.take(-1, axis=axis).any():
            beyond |= there[..., axis] > body.labels.shape[axis] - 1
    values[beyond] = sample(model, np.asarray(points[beyond], dtype=np.float64))


def _one_piece(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without crumbs beside the body and without holes in it; the lattice's own sides count as outside."""
    from models.label_solids import one_piece

    inside = np.zeros(values.shape, dtype=bool)
    inside[1:-1, 1:-1, 1:-1] = True
    return one_piece(np.where(inside, values, np.maximum(values, np.float32(0.5))))
