"""From a label map (and its CT) to a recipe: what is in it, which levels can be taken, what the CT says of them.

In: checked LabelMap, numbering, Ct or None. Out: Survey: every level with volume, fault, landmarks, density. Nothing is written
here and nothing that names a person is kept. Not here: files and the report (game/cli/import_.py, game/debrief/importing.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models import ct as cts
from models import ct_cortex, label_bones, label_skin, labelled
from models.errors import InputError
from models.field import FASCIA_MM
from models.label_solids import solids
from models.landmarks import vertebra
from models.morphometry import LEVELS
from models.nifti import LabelMap
from models.numberings import BONES, NUMBERINGS
from models.patient import Array, Vertebra
from models.torso import BEYOND_MM, SKIN_MM

LEAST_CONFIDENCE = 0.5
"""A level whose landmarks agree less with themselves is taken as a neighbour but not as a target, unless asked for; assumed."""

PADDED_HU, MOST_PADDED = -1100.0, 10
"""A lowest value below the first is padding, no air; more voxels of it than the second beside a label cut it off. Assumed."""

BESIDE = 3
"""Levels to either side of the target that go into the recipe: what a picture of 298 mm shows around it."""


@dataclass(frozen=True)
class Level:
    """One labelled vertebra, whether usable or not."""

    name: str
    label: int
    voxel_ml: float
    fault: str  # why it cannot be taken, or nothing
    solid_ml: float | None = None  # after smoothing
    stray: float = 0.0  # share of the label apart from its largest piece
    landmarks: Vertebra | None = None  # patient frame of the survey
    hu: float | None = None
    hu_voxels: int = 0
    density: float | None = None  # BV/TV by the CT
    wall_factor: float | None = None  # cortex of the body against the model's, by the CT


@dataclass(frozen=True)
class Survey:
    """All that was found."""

    numbering: str
    levels: Mapping[str, Level]  # cranial to caudal
    patient_from_lps: Array
    torso: cts.Torso | None
    cortex: str = "no CT"  # why walls were measured, or were not

    @property
    def usable(self) -> tuple[str, ...]:
        return tuple(name for name, level in self.levels.items() if level.landmarks is not None)


def survey(labels: LabelMap, numbering: str, ct: cts.Ct | None = None) -> Survey:
    """Every vertebra of the map. Raises InputError where the numbering does not fit or no level can be taken."""
    centroids = labelled.level_centroids(labels, numbering)
    numbers = NUMBERINGS[numbering]
    millilitres = float(np.prod(labels.voxel_mm)) / 1000.0
    found = {}
    for name in centroids:
        fault = labelled.fault(labels, numbers[name]) or _padded(labels, numbers[name], ct)
        if name not in LEVELS:
            fault = fault or f"is outside {LEVELS[0]} to {LEVELS[-1]}"
        volume = len(labels.indices(numbers[name])) * millilitres
        found[name] = Level(name, numbers[name], volume, fault)
    whole = [name for name, level in found.items() if not level.fault]
    if not whole:
        said = "; ".join(f"{name} {level.fault}" for name, level in list(found.items())[:6])
        raise InputError(f"{labels.path}: labels: no level can be taken: {said}")
    patient_from_lps, rough = labelled.placed({name: centroids[name] for name in whole})
    sharp, cortex = ct_cortex.resolved(ct) if ct is not None else (False, "no CT")
    lps_from_patient = np.asarray(np.linalg.inv(patient_from_lps), dtype=np.float64)
    shapes, stray = solids(labels, {name: numbers[name] for name in whole}, patient_from_lps)
    for name in whole:
        bone = labelled.plain_bone(name, shapes[name], 0.1)
        inside = np.clip(0.5 - shapes[name].values / shapes[name].spacing, 0.0, 1.0)
        solid = float(inside.sum(dtype=np.float64)) * shapes[name].spacing ** 3 / 1000.0
        try:
            here, fault = vertebra(name, bone, rough[name]), ""
        except ValueError as why:
            here, fault = None, f"has no landmarks: {why}"
        hu = cts.core_hu(ct, here, lps_from_patient) if ct and here else None
        found[name] = Level(
            name,
            numbers[name],
            found[name].voxel_ml,
            fault,
            solid,
            stray[name],
            here,
            hu[0] if hu else None,
            hu[1] if hu else 0,
            cts.bone_volume_fraction(hu[0]) if hu else None,
            ct_cortex.wall_factor(ct, bone, here, lps_from_patient) if ct and here and sharp else None,
        )
    if not any(level.landmarks for level in found.values()):
        raise InputError(f"{labels.path}: labels: no level can be taken: {whole[0]} {found[whole[0]].fault}")
    return Survey(numbering, found, patient_from_lps, _torso(ct, found, patient_from_lps), cortex)


def check_bone(path: Path, ct: cts.Ct, labels: LabelMap, numbering: str) -> None:
    """Refuses a CT in which the labelled vertebrae cannot be bone."""
    values = [cts.hu_at(ct, labels, labels.indices(n)) for n in NUMBERINGS[numbering].values() if n in labels.boxes]
    if values:
        inside = np.concatenate(values)
        cts.check_bone(path, float(inside[np.isfinite(inside)].mean(dtype=np.float64)))


def kept_labels(numbering: str) -> set[int]:
    """Labels of bones, which a patient is built from: all others are left behind."""
    return {*NUMBERINGS[numbering].values(), *(n for numbers in BONES[numbering].values() for n in numbers)}


def bones_of(labels: LabelMap, numbering: str, levels: Sequence[str]) -> tuple[str, ...]:
    """Ribs, sacrum and hips of these levels that the map shows."""
    wanted = label_bones.wanted(numbering, levels)
    return tuple(name for name, numbers in wanted.items() if any(n in labels.boxes for n in numbers))


def outline_of(ct: cts.Ct, labels: LabelMap, numbering: str, levels: Sequence[str]) -> LabelMap | None:
    """The body's outline round the levels taken: not higher than just above the first, where no face is."""
    centroids = labelled.level_centroids(labels, numbering)
    high, low = float(centroids[levels[0]][2]) + label_skin.ABOVE_MM, float(centroids[levels[-1]][2]) - BEYOND_MM
    return label_skin.outline(ct, labels, high, low)


def _padded(labels: LabelMap, number: int, ct: cts.Ct | None) -> str:
    """A resampled scan has its edge inside the lattice: there the CT is padded with one value below air, or ends."""
    if ct is None:
        return ""
    from scipy import ndimage

    at = labels.indices(number)
    low = np.maximum(at.min(axis=0) - 2, 0)
    box = tuple(slice(i, j + 3) for i, j in zip(low, at.max(axis=0), strict=True))
    near = ndimage.binary_dilation(labels.labels[box] == number, iterations=1)
    hu = cts.hu_at(ct, labels, np.argwhere(near) + low)
    lowest = float(ct.hu.min())
    padding = lowest if lowest < PADDED_HU else -np.inf
    return "is cut off by the edge of the scan" if int((hu <= padding).sum()) > MOST_PADDED else ""


def _torso(ct: cts.Ct | None, found: Mapping[str, Level], patient_from_lps: Array) -> cts.Torso | None:
    if ct is None:
        return None
    lps_from_patient = np.linalg.inv(patient_from_lps)
    tips = [level.landmarks.spinous_tip for level in found.values() if level.landmarks is not None]
    lps = np.array([lps_from_patient[:3, :3] @ tip + lps_from_patient[:3, 3] for tip in tips])
    return cts.torso(ct, lps, SKIN_MM + FASCIA_MM)


def target_of(found: Survey, asked: str | None, path: str) -> str:
    """The level to treat: the one asked for, else the most compressed, else the trustworthy one between usable neighbours nearest to L1.

    Raises InputError where the level asked for cannot be taken.
    """
    if asked is not None:
        level = found.levels.get(asked)
        if level is None:
            raise InputError(f"{path}: target {asked} is not in the map, which has {', '.join(found.levels)}")
        if level.landmarks is None:
            raise InputError(f"{path}: target {asked} {level.fault}; usable are {', '.join(found.usable)}")
        return asked
    heights = {name: mean_height(here) for name in found.usable if (here := found.levels[name].landmarks)}
    lost = {name: share for name in found.usable if (share := height_share(heights, name)) < labelled.FRACTURED}
    if lost:
        return min(lost, key=lambda name: lost[name])
    sure = [n for n in found.usable if (v := found.levels[n].landmarks) and v.confidence >= LEAST_CONFIDENCE]
    return min(
        sure or found.usable,
        key=lambda n: (len(levels_round(found, n, 1)) < 3, abs(LEVELS.index(n) - LEVELS.index("L1"))),
    )


def mean_height(vertebra: Vertebra) -> float:
    """Of front, middle and back, mm."""
    return (vertebra.anterior_height + vertebra.middle_height + vertebra.posterior_height) / 3


def height_share(heights: Mapping[str, float], name: str) -> float:
    """A level's height as a share of its neighbours' mean; 1 where there are none."""
    at = LEVELS.index(name)
    near = [
        heights[n] for n in (LEVELS[max(at - 1, 0)], LEVELS[min(at + 1, len(LEVELS) - 1)]) if n in heights and n != name
    ]
    return heights[name] / float(np.mean(near)) if near else 1.0


def levels_round(found: Survey, target: str, beside: int = BESIDE) -> tuple[str, ...]:
    """The target and usable levels beside it, none left out, at most `beside` to either side."""
    at = LEVELS.index(target)
    up, down = at, at
    while up > max(at - beside, 0) and LEVELS[up - 1] in found.usable:
        up -= 1
    while down < min(at + beside, len(LEVELS) - 1) and LEVELS[down + 1] in found.usable:
        down += 1
    return LEVELS[up : down + 1]


def walls_of(found: Survey, levels: Sequence[str]) -> dict[str, float]:
    """Factor on the model's walls of each level that the CT resolves, within the recipe's limits."""
    each = {n: f for n in levels if (f := found.levels[n].wall_factor) is not None}
    return {name: round(float(np.clip(factor, 0.4, 3.0)), 2) for name, factor in each.items()}


def density_of(found: Survey, levels: Sequence[str]) -> tuple[float | None, dict[str, float]]:
    """(median BV/TV, that of each level) by the CT, within the recipe's limits; None where no level was measured."""
    each = {n: d for n in levels if (d := found.levels[n].density) is not None}
    if not each:
        return None, {}
    middle = float(np.clip(np.median(list(each.values())), 0.03, 0.30))
    return round(middle, 3), {name: round(float(np.clip(d, 0.02, 0.60)), 3) for name, d in each.items()}
