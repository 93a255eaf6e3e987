"""What a CT adds to a label map: densities of single bodies, outer sizes of the torso, fat over the spine.

In: a CT in Hounsfield units on the labels' lattice, in any order of axes, or on another one in the same frame. Out: means with what they rest on. What the CT cuts
off is None. Not here: walls (ct_cortex.py), skin (label_skin.py), reading files (nifti.py, dicom.py).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError
from models.nifti import LabelMap, read_numbers
from models.patient import Array, Vertebra
from models.tables import load
from models.tissue import CHANNELS, REFERENCE_BONE_VOLUME_FRACTION

LOWEST_HU, HIGHEST_HU = -3100.0, 32767.0
"""Outside is no CT: padding is -1024 to -2048 and resampling overshoots; metal on an extended scale reaches 30,000."""

AIR_HU, BODY_HU = -500.0, -200.0
"""Some air is below the first in every whole slice; the body is what lies above the second (fat is about -100). Recalled."""

BONE_HU = (20.0, 1200.0)
"""Mean over all labelled vertebrae; outside, the numbers are not Hounsfield units or the labels are not of this CT. Assumed."""

CORE_SHARE = 0.6
"""Part of a body's half width, depth and height whose ellipsoid is measured, clear of walls and end plates; assumed."""

EFFECTIVE_KEV = 70.5
"""Of a CT at 120 kVp (recalled: 65 to 75 keV)."""

WATER_PER_MM = 0.01925
"""Water at 70.5 keV (NIST XCOM, recalled: 0.2059 1/cm at 60 keV, 0.1837 at 80; between by a straight line in logarithms)."""

LEAST_VOXELS = 8

WITHIN = 0.9
"""Share of the labelled voxels that a CT on another lattice holds at least; assumed."""


@dataclass(frozen=True)
class Ct:
    """A CT in the place of a label map: on its lattice, or on one of its own."""

    hu: NDArray[np.float32]  # (nx, ny, nz)
    lps_from_index: Array  # (4, 4)


@dataclass(frozen=True)
class Torso:
    """Outer sizes at the levels in view, mm; None where the scan cuts the body off."""

    width: float | None
    depth: float | None
    fat: float | None  # between skin and the spinous tips, less skin and fascia
    why: str


def read_ct(path: Path, labels: LabelMap) -> Ct:
    """The CT, its axes in the labels' order where the lattice is theirs; nothing is resampled.

    Raises InputError where it lies elsewhere than the labels and for numbers that are no Hounsfield units.
    """
    hu, lps_from_index = read_numbers(path, "ct")
    lowest, highest = float(hu.min()), float(hu.max())
    if lowest < LOWEST_HU or highest > HIGHEST_HU:
        raise InputError(
            f"{path}: ct: values from {lowest:.0f} to {highest:.0f}, expected Hounsfield units "
            f"({LOWEST_HU:.0f} to {HIGHEST_HU:.0f})"
        )
    if lowest > AIR_HU:
        raise InputError(
            f"{path}: ct: no air: the lowest value is {lowest:.0f}, expected about -1000. Are these Hounsfield units?"
        )
    hu = np.asarray(hu, dtype=np.float32)
    same = _on_lattice(hu, lps_from_index, labels)
    if same is not None:
        return Ct(same, labels.lps_from_index)
    other = Ct(hu, lps_from_index)
    within = float(np.isfinite(hu_at(other, labels, np.argwhere(labels.labels))).mean())
    if within < WITHIN:
        raise InputError(
            f"{path}: ct: its lattice is not that of the labels, and {100 * (1 - within):.0f} % of what is labelled lies "
            "outside it. Are they of one scan?"
        )
    return other


def hu_at(ct: Ct, labels: LabelMap, index: NDArray[np.int64]) -> NDArray[np.float32]:
    """(N,) HU of the voxels that hold the centres of label voxels (N, 3); minus infinity outside the CT."""
    turn = np.linalg.inv(ct.lps_from_index) @ labels.lps_from_index
    there = np.rint(index @ turn[:3, :3].T + turn[:3, 3]).astype(np.int64)
    inside = ((there >= 0) & (there < ct.hu.shape)).all(axis=1)
    out = np.full(len(index), -np.inf, dtype=np.float32)
    out[inside] = ct.hu[tuple(there[inside].T)]
    return out


def check_bone(path: Path, mean_hu: float) -> None:
    """Refuses a CT whose labelled bone cannot be bone."""
    if not BONE_HU[0] <= mean_hu <= BONE_HU[1]:
        raise InputError(
            f"{path}: ct: labelled bone has a mean of {mean_hu:.0f} HU, expected {BONE_HU[0]:g} to {BONE_HU[1]:g}: "
            "not in Hounsfield units, or the labels are of another scan"
        )


def _on_lattice(hu: NDArray[np.float32], lps_from_index: Array, labels: LabelMap) -> NDArray[np.float32] | None:
    """The CT with its axes in the labels' order and direction, or None where the lattices differ by more than a tenth."""
    turn = np.linalg.inv(lps_from_index) @ labels.lps_from_index  # index of the CT from index of the labels
    whole = np.rint(turn[:3, :3])
    if np.abs(turn[:3, :3] - whole).max() > 0.1 / max(hu.shape) or (np.abs(whole).sum(axis=0) != 1).any():
        return None
    order = [int(np.argmax(np.abs(whole[:, n]))) for n in range(3)]
    out = np.transpose(hu, order)
    if sorted(order) != [0, 1, 2] or out.shape != labels.labels.shape:
        return None
    for n, axis in enumerate(order):
        if whole[axis, n] < 0:
            out = np.flip(out, axis=n)
        start = 0.0 if whole[axis, n] > 0 else hu.shape[axis] - 1.0
        if abs(turn[axis, 3] - start) > 0.1:
            return None
    return out


def core_hu(ct: Ct, vertebra: Vertebra, lps_from_patient: Array) -> tuple[float, int] | None:
    """(mean HU, voxels) of the spongy middle of a body, or None where fewer than LEAST_VOXELS lie in it."""
    height = (vertebra.anterior_height + vertebra.middle_height + vertebra.posterior_height) / 3
    half = CORE_SHARE * np.array([vertebra.width, vertebra.depth, min(height, vertebra.middle_height)]) / 2
    patient_from_index = np.linalg.inv(lps_from_patient) @ ct.lps_from_index
    middle = np.linalg.solve(patient_from_index[:3, :3], vertebra.centre - patient_from_index[:3, 3])
    reach = half.max() / np.linalg.norm(patient_from_index[:3, :3], axis=0)
    low = np.maximum(np.floor(middle - reach), 0).astype(int)
    high = np.minimum(np.ceil(middle + reach) + 1, ct.hu.shape).astype(int)
    if (high <= low).any():
        return None
    at = np.stack(np.meshgrid(*(np.arange(i, j) for i, j in zip(low, high, strict=True)), indexing="ij"), axis=-1)
    points = at @ patient_from_index[:3, :3].T + patient_from_index[:3, 3] - vertebra.centre
    local = points @ np.stack([vertebra.left, vertebra.posterior, vertebra.superior]).T
    inside = (np.square(local / half).sum(axis=-1)) < 1.0
    values = ct.hu[tuple(slice(i, j) for i, j in zip(low, high, strict=True))][inside]
    return (float(values.mean()), len(values)) if len(values) >= LEAST_VOXELS else None


def bone_volume_fraction(hu: float) -> float:
    """BV/TV of cancellous bone that has this CT number in the program's own attenuation at EFFECTIVE_KEV.

    HU = 1000 (mu / mu_water - 1), mu = soft + f / 0.10 (cancellous - soft): models/tissue.medium, linear in f. So a picture of
    this patient attenuates as the CT did. Not calibrated by a phantom: fatty marrow of the old reads about 0.02 low (derived
    from the difference of soft tissue and half-yellow marrow).
    """
    row = load("attenuation.csv", (*CHANNELS, "csi"))[f"{EFFECTIVE_KEV:g}"]
    mu = WATER_PER_MM * (1 + hu / 1000.0)
    return REFERENCE_BONE_VOLUME_FRACTION * (mu - row["soft"]) / (row["cancellous"] - row["soft"])


def torso(ct: Ct, tips_lps: Array, cover_mm: float) -> Torso:
    """Outer sizes of the body around the spinous tips (N, 3) LPS; `cover_mm`: skin and fascia over the fat.

    The largest piece above BODY_HU in the slice of each tip, table and arms left out by opening; medians over the tips. The
    person lay as scanned (mostly supine): turning prone changes the depth by a few mm, which is not modelled.
    """
    from scipy import ndimage

    index_from_lps = np.linalg.inv(ct.lps_from_index)
    axes = ct.lps_from_index[:3, :3]
    lps_of = [int(np.argmax(np.abs(axes[n]))) for n in range(3)]  # index axis that runs along left, posterior, superior
    mm = np.linalg.norm(axes, axis=0)
    if sorted(lps_of) != [0, 1, 2]:
        return Torso(None, None, None, "the CT's axes are too oblique to cut the torso")
    widths, depths, fats = [], [], []
    for tip in tips_lps:
        at = index_from_lps[:3, :3] @ tip + index_from_lps[:3, 3]
        level = round(float(at[lps_of[2]]))
        if not 0 <= level < ct.hu.shape[lps_of[2]]:
            continue
        cut = ct.hu[tuple(level if n == lps_of[2] else slice(None) for n in range(3))]
        if lps_of[0] > lps_of[1]:
            cut = cut.T
        radius = max(1, round(6.0 / float(mm[lps_of[0]])))
        opened = ndimage.binary_opening(np.pad(cut > BODY_HU, 1), iterations=radius)[1:-1, 1:-1]
        pieces, count = ndimage.label(opened)
        if not count:
            continue
        body = ndimage.binary_fill_holes(pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:])))
        left, back = np.nonzero(body.any(axis=1))[0], np.nonzero(body.any(axis=0))[0]
        if left[0] > 0 and left[-1] < body.shape[0] - 1:
            widths.append(float((left[-1] - left[0] + 1) * mm[lps_of[0]]))
        if back[0] > 0 and back[-1] < body.shape[1] - 1:
            depths.append(float((back[-1] - back[0] + 1) * mm[lps_of[1]]))
        column = np.nonzero(body[int(np.clip(round(at[lps_of[0]]), 0, body.shape[0] - 1))])[0]
        if len(column):
            rear = column[-1] if axes[1, lps_of[1]] > 0 else column[0]
            if 0 < rear < body.shape[1] - 1:
                fats.append(abs(float(rear - at[lps_of[1]])) * mm[lps_of[1]] - cover_mm)
    width, depth, fat = (float(np.median(v)) if len(v) > len(tips_lps) / 2 else None for v in (widths, depths, fats))
    return Torso(width, depth, fat, "CT, in the posture of the scan")
