"""Ribs, sacrum and hip bones from a label map, where it has them.

In: a label map, its numbering, the vertebrae as built. Out: Bones, the necks of ribs, notes. Each bone has its own frame along
its longest axes, so that a rib's grid is no larger than the rib. Walls are the model's. A bone that the scan cuts off keeps
its cut, and the notes say so. Not here: vertebrae (labelled.py), bones that no label shows (ribs.py).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from models.distance import redistance
from models.joints import keep_clear
from models.label_solids import APART_MM, MARGIN_MM, SPACING_MM, one_piece, piece, resampled
from models.nifti import LabelMap
from models.numberings import BONES
from models.patient import SIDES, Array, Bone, Side, Vertebra
from models.ribs import NECK_MM
from models.ribs import WALL_MM as RIB_WALL_MM
from models.solids import Lattice
from models.surfaces import bone

WALL_MM = {"rib": RIB_WALL_MM, "sacrum": 0.8, "hip": 1.2}
"""Cortex; assumed."""

FACES = {"rib": 8000, "sacrum": 15000, "hip": 15000}

LEAST_ML = 2.0
"""Less of a bone at the edge of a scan is left out; assumed."""

LONG_MM3, COARSE_MM = 3.0e5, 0.8
"""A box of this size or more is sampled more coarsely, as models/ribs.py does."""

NECK_BAND_MM = 5.0
"""Rib this far nearer or farther than NECK_MM from the head counts to the neck; assumed."""

STRAY = 0.01
"""A share of a label apart from its largest piece that the notes tell."""


def around(
    labels: LabelMap, numbering: str, patient_from_lps: Array, vertebrae: Mapping[str, Bone], fraction: float
) -> tuple[dict[str, Bone], list[str]]:
    """({"rib12-left": Bone, "sacrum": ...}, notes): ribs of the levels given, sacrum and hip bones below L5."""
    bones: dict[str, Bone] = {}
    notes = []
    millilitres = float(np.prod(labels.voxel_mm)) / 1000.0
    for name, numbers in wanted(numbering, list(vertebrae)).items():
        one = _merged(labels, numbers)
        if one is None or len(one.indices(1)) * millilitres < LEAST_ML:
            continue
        keep_off = [*vertebrae.values(), *(b for other, b in bones.items() if not other.startswith("rib"))]
        try:
            bones[name], stray = _bone(name, one, patient_from_lps, keep_off, fraction)
        except ValueError as why:
            notes.append(f"{name}: in the labels, but left out: {why}")
            continue
        at = one.indices(1)
        if (at.min(axis=0) == 0).any() or (at.max(axis=0) == np.array(labels.labels.shape) - 1).any():
            notes.append(f"{name}: cut off by the edge of the map, and ends there")
        if stray > STRAY:
            notes.append(f"{name}: {100 * stray:.0f} % of the label lay apart and was left out")
    return bones, notes


def wanted(numbering: str, levels: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Labels of the bones that belong to these levels: their ribs; sacrum and hip bones with L5."""
    beside = {f"rib{level[1:]}" for level in levels if level.startswith("T")}
    return {
        name: numbers
        for name, numbers in BONES[numbering].items()
        if (name.split("-")[0] in beside if name.startswith("rib") else "L5" in levels)
    }


def necks(bones: Mapping[str, Bone], vertebra: Vertebra) -> dict[Side, Array]:
    """Side -> (3,) middle of the rib's neck, patient frame: the bone about NECK_MM from the end that is nearest to the body."""
    found: dict[Side, Array] = {}
    for side in SIDES:
        rib = bones.get(f"rib{vertebra.level[1:]}-{side}")
        if rib is not None:
            at = rib.outer.vertices @ rib.patient_from_bone[:3, :3].T + rib.patient_from_bone[:3, 3]
            head = at[np.argmin(np.linalg.norm(at - vertebra.centre, axis=1))]
            far = np.linalg.norm(at - head, axis=1)
            found[side] = np.asarray(at[np.abs(far - NECK_MM) < NECK_BAND_MM].mean(axis=0), dtype=np.float64)
    return found


def _merged(labels: LabelMap, numbers: Sequence[int]) -> LabelMap | None:
    """A map of one label, 1, where any of the numbers is; None where none is."""
    here = [labels.boxes[n] for n in numbers if n in labels.boxes]
    if not here:
        return None
    out = np.zeros(labels.labels.shape, dtype=np.int16)
    for box in here:
        out[box][np.isin(labels.labels[box], numbers)] = 1
    return LabelMap(labels.path, out, labels.lps_from_index)


def _bone(
    name: str, one: LabelMap, patient_from_lps: Array, keep_off: Sequence[Bone], fraction: float
) -> tuple[Bone, float]:
    """(the bone, share of its label left out). Raises ValueError where no solid comes of it."""
    kind = name.rstrip("0123456789").split("-")[0].rstrip("0123456789")
    mask, corner, stray = piece(one, 1)
    patient_from_bone, box_mm3 = _frame(one, patient_from_lps)
    spacing = SPACING_MM if box_mm3 < LONG_MM3 else COARSE_MM
    field = resampled(mask, corner, one, np.linalg.inv(patient_from_bone) @ patient_from_lps, spacing)
    lattice = Lattice(field.origin, spacing, field.values.shape)
    values = keep_clear(lattice, field.values, patient_from_bone, keep_off, APART_MM)
    grid = lattice.grid(redistance(one_piece(values), spacing))
    coarse = Lattice.around(grid.origin, grid.origin + spacing * (np.array(lattice.shape) - 1), 2.0)
    wall = coarse.grid(np.full(coarse.shape, WALL_MM[kind], dtype=np.float32))
    even = coarse.grid(np.ones(coarse.shape, dtype=np.float32))
    return bone(name, patient_from_bone, grid, wall, even, fraction, FACES[kind]), stray


def _frame(one: LabelMap, patient_from_lps: Array) -> tuple[Array, float]:
    """(patient_from_bone (4, 4): origin in the middle, axes along the voxels' spread; volume of the box round it, mm3)."""
    patient_from_index = patient_from_lps @ one.lps_from_index
    at = one.indices(1) @ patient_from_index[:3, :3].T + patient_from_index[:3, 3]
    axes = np.linalg.eigh(np.cov((at - at.mean(axis=0)).T))[1].T
    axes = axes * np.sign(axes[np.arange(3), np.abs(axes).argmax(axis=1)])[:, None]
    axes[2] = np.cross(axes[0], axes[1])
    patient_from_bone = np.eye(4)
    patient_from_bone[:3, :3] = axes.T
    patient_from_bone[:3, 3] = at.mean(axis=0)
    return patient_from_bone, float((np.ptp((at - at.mean(axis=0)) @ axes.T, axis=0) + 2 * MARGIN_MM).prod())
