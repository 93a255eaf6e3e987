"""A real spine from a vertebra label map: the provider `labels`.

In: LabelledRecipe and a way to find its file. Out: Patient, patient frame, mm: prone as the spine lies in the file, its mean
direction along z, the middle level near the origin. Labels give shape only: walls, densities, ribs and torso come from the
model, and the patient's notes say so. Not here: reading files (nifti.py), voxels to solids (label_solids.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from models import label_bones, label_cortex, label_skin, ribs
from models.cortex import MOST_CRUSHED
from models.errors import InputError
from models.label_solids import solids
from models.landmarks import Rough, vertebrae
from models.morphometry import LEVELS
from models.nifti import LabelMap, read_labels
from models.numberings import NUMBERINGS, OTHERS
from models.organs.build import NOTE as ORGANS_NOTE
from models.organs.build import organs
from models.patient import SIDES, Array, Bone, Grid, Patient, Side, Surface, Vertebra
from models.recipe import LabelledRecipe
from models.surfaces import bone, inner
from models.tissue import medium
from models.torso import SKIN_MM, torso

LEAST_ML, MOST_ML = 3.0, 150.0
"""A vertebra's volume; T4 to L5 have about 10 to 80 ml. Assumed."""

BODY_AHEAD_MM = 15.0
"""From a vertebra's centroid forward to about its body's centre; only places the origin. Assumed."""

CAGE_SHARE = (0.80, 0.86)
"""Width and depth of the rib cage in the torso, less twice the fat; assumed, as for the synthetic patient."""

FRACTURED = 0.8
"""Below this share of the neighbours' mean height a body counts as compressed (Genant: 20 %)."""


def build(recipe: LabelledRecipe, find_data: Callable[[str], Path]) -> Patient:
    """The patient of a recipe. Raises InputError naming file and key where the map does not hold what is asked."""
    labels = read_labels(find_data(recipe.labels))
    centroids = level_centroids(labels, recipe.numbering)
    levels = _levels(labels, recipe, centroids)
    numbers = {level: NUMBERINGS[recipe.numbering][level] for level in levels}
    patient_from_lps, rough = placed({level: centroids[level] for level in levels})
    shapes, stray = solids(labels, numbers, patient_from_lps)
    plain = {level: plain_bone(level, shapes[level], recipe.bone_volume_fraction) for level in levels}
    try:
        found = vertebrae(plain, rough)
    except ValueError as why:
        raise InputError(f"{labels.path}: patient.levels: {why}") from why
    impaction = {level: _impaction(level, found) for level in levels}
    measured = {level: f / recipe.bone_volume_fraction for level, f in recipe.bone_volume_fractions.items()}
    share = impaction | {level: measured[level] for level in levels if level in measured}
    bones = {level: _finished(plain[level], found[level], share[level], recipe) for level in levels}
    spine = label_bones.Spine(patient_from_lps, plain, found, _cage(recipe), recipe.bone_volume_fraction)
    others, told = label_bones.around(labels, recipe.numbering, spine)
    bones |= others
    necks: dict[str, Mapping[Side, Array]] = {}
    for level in levels:
        own = label_bones.necks(others, found[level])
        pair, neck = ({}, own) if len(own) == len(SIDES) else _model_ribs(found[level], recipe, plain, others)
        bones |= pair
        if neck:
            necks[level] = {**neck, **own}
    tips = np.array([vertebra.spinous_tip for vertebra in found.values()])
    skin, surface = torso(tips, recipe.torso_width_mm, recipe.torso_depth_mm, recipe.fat_mm)
    if recipe.skin:
        skin, surface = label_skin.skin(read_labels(find_data(recipe.skin)), patient_from_lps, tips, skin)
    patient = Patient(
        name=f"{Path(recipe.labels).name}, {levels[0]} to {levels[-1]}",
        provider="labels",
        bones=bones,
        vertebrae=found,
        skin=skin,
        skin_surface=surface,
        rib_necks=necks,
        bone_volume_fraction=recipe.bone_volume_fraction,
        skin_mm=SKIN_MM,
        fat_mm=recipe.fat_mm,
        notes=(*_notes(recipe, labels, stray, impaction, list(others)), *told),
    )
    if not recipe.organs:
        return patient
    return replace(patient, regions=organs(patient, _cage(recipe), recipe.seed), notes=(*patient.notes, ORGANS_NOTE))


def level_centroids(labels: LabelMap, numbering: str) -> dict[str, Array]:
    """(3,) LPS centroid of each vertebra in the map, cranial to caudal. Raises InputError where the numbering does not fit."""
    present = set(labels.boxes)
    levels = {number: level for level, number in NUMBERINGS[numbering].items()}
    foreign = sorted(present - set(levels) - OTHERS[numbering])
    if foreign:
        raise _refused(labels, "numbering", f"{numbering!r} has no label {foreign[0]}; is it another numbering?")
    here = sorted(present & set(levels), key=lambda number: list(NUMBERINGS["verse"]).index(levels[number]))
    if not here:
        raise _refused(labels, "numbering", f"no vertebra has a label of {numbering!r}; found {_few(sorted(present))}")
    found = {}
    for number in here:
        at = labels.indices(number).mean(axis=0)
        found[levels[number]] = _moved(labels.lps_from_index, at)
    for above, below in pairwise(found):
        if found[above][2] <= found[below][2]:
            raise _refused(
                labels, "numbering", f"{above} lies below {below} under {numbering!r}; is it another numbering?"
            )
    return found


def _levels(labels: LabelMap, recipe: LabelledRecipe, centroids: Mapping[str, Array]) -> tuple[str, ...]:
    """The levels to take, cranial to caudal: those asked for, or all that are whole. Raises InputError where one cannot be."""
    numbers = NUMBERINGS[recipe.numbering]
    faults = {level: fault(labels, numbers[level]) for level in centroids if level in LEVELS}
    whole = [level for level in LEVELS if level in faults and not faults[level]]
    has = _few([level for level in LEVELS if level in faults])
    for level in recipe.levels:
        if level not in faults:
            raise _refused(labels, "levels", f"{level} is not in the map, which has {has}")
        if faults[level]:
            raise _refused(labels, "levels", f"{level} {faults[level]}; whole are {_few(whole) or 'none'}")
    levels = [level for level in LEVELS if level in (recipe.levels or whole)]
    if not levels:
        raise _refused(labels, "levels", f"no level from T4 to L5 is whole; the map has {has or 'none'}")
    if levels != list(LEVELS[LEVELS.index(levels[0]) :][: len(levels)]):
        raise _refused(labels, "levels", f"expected neighbours, none left out; found {_few(levels)}")
    return tuple(levels)


def fault(labels: LabelMap, number: int) -> str:
    """Why a label cannot be a level, or nothing."""
    at = labels.indices(number)
    volume = len(at) * float(np.prod(labels.voxel_mm)) / 1000.0
    if (at.min(axis=0) == 0).any() or (at.max(axis=0) == np.array(labels.labels.shape) - 1).any():
        return "is cut off by the edge of the map"
    if not LEAST_ML <= volume <= MOST_ML:
        return f"has {volume:.1f} ml, expected {LEAST_ML:g} to {MOST_ML:g}"
    return ""


def placed(centroids: Mapping[str, Array]) -> tuple[Array, dict[str, Rough]]:
    """(patient_from_lps, rough frames in the patient frame) of levels by their LPS centroids, cranial to caudal."""
    patient_from_lps = _upright(np.array(list(centroids.values())))
    return patient_from_lps, _rough({level: _moved(patient_from_lps, at) for level, at in centroids.items()})


def _upright(centroids: Array) -> Array:
    """(4, 4) patient_from_lps: z along the spine, y as posterior as that allows, the middle level's body at the origin."""
    up = np.array([0.0, 0.0, 1.0])
    if len(centroids) > 1:
        up = np.linalg.svd(centroids - centroids.mean(axis=0))[2][0]
        up = up * np.sign(up[2])
    back = np.array([0.0, 1.0, 0.0]) - up[1] * up
    back = back / np.linalg.norm(back)
    patient_from_lps = np.eye(4)
    patient_from_lps[:3, :3] = np.stack([np.cross(back, up), back, up])
    middle = patient_from_lps[:3, :3] @ centroids[(len(centroids) - 1) // 2]
    patient_from_lps[:3, 3] = np.array([0.0, BODY_AHEAD_MM, 0.0]) - middle
    return patient_from_lps


def _rough(centres: Mapping[str, Array]) -> dict[str, Rough]:
    """Frames along the line of centroids, which is right to about 15 degrees."""
    names, points = list(centres), np.array(list(centres.values()))
    frames = {}
    for n, name in enumerate(names):
        up = points[max(n - 1, 0)] - points[min(n + 1, len(names) - 1)] if len(names) > 1 else np.array([0.0, 0.0, 1.0])
        frames[name] = Rough(points[n], np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]), up / np.linalg.norm(up))
    return frames


def plain_bone(level: str, distance: Grid, fraction: float) -> Bone:
    """A bone of one even wall, in a frame whose origin is the middle of its grid: what landmarks are found on."""
    middle = np.round(np.array(distance.values.shape) / 2) * distance.spacing + distance.origin
    patient_from_bone = np.eye(4)
    patient_from_bone[:3, 3] = middle
    here = Grid(distance.values, distance.origin - middle, distance.spacing)
    even = Grid(np.full((2, 2, 2), 0.5, dtype=np.float32), here.origin, 200.0)
    return bone(level, patient_from_bone, here, even, even, fraction)


def _finished(plain: Bone, vertebra: Vertebra, impaction: float, recipe: LabelledRecipe) -> Bone:
    """The bone with walls and density laid on by its landmarks."""
    wall = label_cortex.wall(plain, vertebra)
    factor = recipe.wall_factors.get(vertebra.level, 1.0)  # type: ignore[call-overload]
    wall = replace(wall, values=wall.values * np.float32(factor))
    generator = np.random.default_rng([recipe.seed, *f"density {plain.name}".encode()])
    inside = Surface(
        plain.inner.name,
        inner(plain.outer.vertices, plain.outer.faces, plain.distance, wall),
        plain.outer.faces,
        inside=medium("cancellous", impaction * recipe.bone_volume_fraction),
        outside=medium("cortical"),
    )
    return replace(plain, wall=wall, density=label_cortex.density(plain, vertebra, impaction, generator), inner=inside)


def _impaction(level: str, found: Mapping[str, Vertebra]) -> float:
    """How much denser a compressed body is: the height it lost against its unbroken neighbours, at most MOST_CRUSHED.

    As if no bone had left it: an upper bound, since some is pushed aside. 1 where it is not compressed.
    """
    levels = list(found)
    at = levels.index(level)
    near = [_mean_height(found[n]) for n in levels[max(at - 1, 0) : at + 2] if n != level]
    if not near or _mean_height(found[level]) >= FRACTURED * float(np.mean(near)):
        return 1.0
    return min(float(np.mean(near)) / _mean_height(found[level]), MOST_CRUSHED)


def _mean_height(vertebra: Vertebra) -> float:
    return (vertebra.anterior_height + vertebra.middle_height + vertebra.posterior_height) / 3


def _model_ribs(
    vertebra: Vertebra, recipe: LabelledRecipe, plain: Mapping[str, Bone], others: Mapping[str, Bone]
) -> tuple[dict[str, Bone], dict[Side, Array]]:
    """The model's ribs of a level and their necks, on the sides where no label shows one."""
    pair, necks = ribs.pair(vertebra, *_cage(recipe), recipe.bone_volume_fraction, list(plain.values()))
    missing = {name: rib for name, rib in pair.items() if name not in others}
    return missing, {side: at for side, at in necks.items() if f"rib{vertebra.level[1:]}-{side}" in missing}


def _cage(recipe: LabelledRecipe) -> tuple[float, float]:
    """(width, depth) of the rib cage, as models/ribs.py takes it."""
    width, depth = CAGE_SHARE[0] * recipe.torso_width_mm, CAGE_SHARE[1] * recipe.torso_depth_mm
    return width, depth - 2 * recipe.fat_mm


def _notes(
    recipe: LabelledRecipe,
    labels: LabelMap,
    stray: Mapping[str, float],
    impaction: Mapping[str, float],
    others: Sequence[str],
) -> tuple[str, ...]:
    """What was imported, what was not in the map, what was left out."""
    voxel = " x ".join(f"{length:.2g}" for length in labels.voxel_mm)
    notes = [
        f"shape: labels of {labels.path.name}, voxels {voxel} mm, smoothed within half a voxel, volume kept",
        *([f"also from the labels: {_few(others)}"] if others else []),
        f"{_modelled(recipe, others)}: from the model, not from this person; discs are not modelled",
        f"cancellous BV/TV {recipe.bone_volume_fraction:g}: from the recipe"
        + (f"; by level from CT: {_few(list(recipe.bone_volume_fractions))}" if recipe.bone_volume_fractions else ""),
        *(["skin: the body's outline in the CT, as the person lay"] if recipe.skin else []),
        *([f"walls measured in the CT: {_few(list(recipe.wall_factors))}"] if recipe.wall_factors else []),
        "posture: as the person lay in the scan",
    ]
    notes += [
        f"{level}: compressed; density {factor:.2f} of the mean"
        for level, factor in impaction.items()
        if factor > 1 and level not in recipe.bone_volume_fractions
    ]
    notes += [
        f"{level}: {100 * share:.1f} % of the label lay apart and was left out"
        for level, share in stray.items()
        if share > 0.001
    ]
    return tuple(notes)


def _modelled(recipe: LabelledRecipe, others: Sequence[str]) -> str:
    """What no scan gave this patient."""
    parts = [
        ("walls", not recipe.wall_factors),
        ("densities", not recipe.bone_volume_fractions),
        ("ribs", not any(name.startswith("rib") for name in others)),
        ("torso and skin", not recipe.skin),
        ("the torso beyond the scan's ends", bool(recipe.skin)),
    ]
    return ", ".join(what for what, modelled in parts if modelled)


def _moved(transform: Array, point: Array) -> Array:
    return np.asarray(transform[:3, :3] @ point + transform[:3, 3])


def _few(names: Sequence[str | int]) -> str:
    """Names in a row, the middle left out where there are many."""
    words = [str(name) for name in names]
    return ", ".join(words if len(words) <= 8 else [*words[:4], "...", *words[-2:]])


def _refused(labels: LabelMap, key: str, what: str) -> InputError:
    return InputError(f"{labels.path}: patient.{key}: {what}")
