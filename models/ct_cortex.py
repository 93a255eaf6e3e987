"""Cortex from a CT that resolves it: how sharp the scan is, and how thick a body's wall is against the model's.

In: a CT, a bone's distance grid and landmarks. Out: measured sharpness [mm], a factor on the model's walls for a level. A clinical
scan of the trunk (0.7 mm and 2 mm slices or more) does not resolve walls of 0.3 mm: there the model's stay, and the report says so.
Not here: the model's walls (label_cortex.py).
"""

import numpy as np

from models.ct import AIR_HU, BODY_HU, Ct
from models.distance import gradient, sample
from models.label_cortex import wall
from models.patient import Array, Bone, Vertebra

SHARP_MM = 0.7
"""Full width at half maximum of the scan's blur, and longest voxel, up to which walls are measured: about two walls of a body.
Assumed."""

AIR_TO_SKIN_HU = 1000.0
"""Step of an edge between air (-1000) and wet soft tissue (0)."""

WIDTH_BY_SLOPE = 2.355 / np.sqrt(2 * np.pi)
"""FWHM times steepest slope of a step blurred by a Gaussian, per unit of the step: 2.355 sigma and 1 / (sigma sqrt(2 pi))."""

CORTEX_HU = 1800.0
"""Of a wall that fills a voxel: mineral density 1.1 to 1.2 g/cm3 (recalled: femoral cortex 1,500 to 2,000 HU at 120 kVp)."""

INSIDE_MM, OUTSIDE_MM, STEP_MM = 3.0, 1.5, 0.1
"""The profile across a wall: from this far outside to this far inside."""

PLATEAU_MM = 2.0
"""Inside of it, a profile's mean is that of spongy bone."""

LEAST_PROFILES = 200


def sharpness(ct: Ct) -> float:
    """FWHM [mm] of the scan's blur, by the steepest slopes between neighbouring voxels at edges of air and body.

    Never less than 0.94 of a voxel. Infinite where no such edge is in view. The coarsest axis with edges counts.
    """
    widths = []
    mm = np.linalg.norm(ct.lps_from_index[:3, :3], axis=0)
    for axis in range(3):
        before, after = (
            np.moveaxis(ct.hu, axis, 0)[part].astype(np.float32) for part in (slice(None, -1), slice(1, None))
        )
        edge = (np.minimum(before, after) < AIR_HU) & (np.maximum(before, after) > BODY_HU)
        steps = np.minimum(np.abs(after - before)[edge], AIR_TO_SKIN_HU)
        if len(steps) >= LEAST_PROFILES:
            widths.append(WIDTH_BY_SLOPE * AIR_TO_SKIN_HU * float(mm[axis]) / float(np.percentile(steps, 99.0)))
    return max(widths) if widths else float("inf")


def resolved(ct: Ct) -> tuple[bool, str]:
    """(whether walls can be measured, why in words)."""
    longest, blur = float(np.linalg.norm(ct.lps_from_index[:3, :3], axis=0).max()), float("inf")
    if longest <= SHARP_MM:
        blur = sharpness(ct)
        if blur <= SHARP_MM:
            return True, f"the CT's blur is {blur:.2f} mm wide, up to {SHARP_MM} mm resolve walls"
        return False, f"the CT's blur is {blur:.2f} mm wide; up to {SHARP_MM} mm would resolve walls"
    return False, f"voxels are up to {longest:.2f} mm long; up to {SHARP_MM} mm would resolve walls"


def wall_factor(ct: Ct, bone: Bone, vertebra: Vertebra, lps_from_patient: Array) -> float | None:
    """Median thickness of the cortex of a body against the model's, or None where too few profiles can be read.

    A wall thinner than the blur keeps its area: thickness = integral of (HU - spongy inside, or - soft outside) over the
    profile / (CORTEX_HU - that), the base going over from the one to the other at the wall's middle (the idea of a known
    cortical density: Treece 2010, Medical Image Analysis).
    """
    from scipy.ndimage import map_coordinates

    local = (bone.outer.vertices @ bone.patient_from_bone[:3, :3].T + bone.patient_from_bone[:3, 3]) - vertebra.centre
    body = local @ vertebra.posterior < 0.2 * vertebra.depth
    at = bone.outer.vertices[body].astype(np.float64)
    outward = gradient(bone.distance, at)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    depth = np.arange(-OUTSIDE_MM, INSIDE_MM + STEP_MM / 2, STEP_MM)  # inward
    points = at[:, None, :] - depth[:, None] * outward[:, None, :]
    index_from_bone = np.linalg.inv(ct.lps_from_index) @ lps_from_patient @ bone.patient_from_bone
    index = points @ index_from_bone[:3, :3].T + index_from_bone[:3, 3]
    within = ((index >= 0.0) & (index <= np.array(ct.hu.shape) - 1)).all(axis=(1, 2))
    if within.sum() < LEAST_PROFILES:
        return None
    at, index = at[within], index[within]
    hu = map_coordinates(ct.hu, np.moveaxis(index, -1, 0), order=1, mode="nearest")
    spongy, soft = hu[:, depth > PLATEAU_MM].mean(axis=1), hu[:, depth < -1.0].mean(axis=1)
    middle = depth[np.argmax(hu, axis=1)]
    base = np.where(depth < middle[:, None], soft[:, None], spongy[:, None])
    area = np.clip(hu - base, 0.0, None).sum(axis=1) * STEP_MM
    measured = area / (CORTEX_HU - (spongy + soft) / 2)
    return float(np.median(measured / sample(wall(bone, vertebra), at)))
