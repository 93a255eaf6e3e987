"""Sacrum and hip bones of a synthetic patient: by them the lumbar levels are counted.

In: where S1's plate lies, L5 and its neighbour as built, sex, scale, the torso. Out: Bones "sacrum", "hip-left", "hip-right";
each in its own frame, mm. Walls are assumed. Not here: forms (sacrum.py, ilium.py), posture (posture.chain).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import ilium, sacrum
from models.distance import redistance
from models.joints import GAP_MM, keep_clear, seen_from
from models.patient import SIDES, Bone, Grid, Side
from models.pieces import each
from models.solids import Lattice, Values
from models.surfaces import bone

Array = NDArray[np.float64]

SACRUM_WALL_MM = 0.6  # cortex of the sacrum; assumed
HIP_WALL_MM = 1.0  # cortex of the ilium; assumed
SACRUM_SPACING_MM, HIP_SPACING_MM = 0.65, 1.0
FACES = {"sacrum": (7800, 5000), "hip": (5900, 4000)}
ERROR_MM = (0.2, 0.3)
"""Triangles of an outer surface and how far they may stray, in a patient of few levels and of many: the pelvis is seen and seldom
touched (budget: DESIGN)."""
COVER_MM = 6.0  # a hip bone stays so deep below the skin of the leanest; assumed
FEMALE_BREADTH_MM, MALE_BREADTH_MM = 280.0, 276.0
"""Between the crests; about 28 cm in both sexes (recalled), the man's on a taller person; assumed."""
OVER_CREST_MM = 10.0  # muscle and skin beside the crests, besides the fat of both sides; assumed


@dataclass(frozen=True)
class Build:
    """What of a person shapes the pelvis."""

    female: bool
    scale: float  # against the mean: S1's plate has to fit L5's
    room_mm: float  # breadth of the torso within its fat
    bone_volume_fraction: float
    few: bool = True  # levels, which are all seen closely
    pictured: bool = True  # X-rays will be taken


def pelvis(patient_from_sacrum: Array, build: Build, keep_off: Sequence[Bone], skin: Grid) -> dict[str, Bone]:
    """{"sacrum", "hip-left", "hip-right"}: clear of each other by a joint's gap, of the finished bones to keep off, under the skin."""
    half = sacrum.FEMALE_HALF_BREADTH_MM if build.female else sacrum.MALE_HALF_BREADTH_MM
    joint = sacrum.Joint(half)
    breadth = min(FEMALE_BREADTH_MM if build.female else MALE_BREADTH_MM, (build.room_mm - OVER_CREST_MM) / build.scale)
    lattice, values = _scaled(*sacrum.field(joint, SACRUM_SPACING_MM / build.scale), build.scale)
    values = keep_clear(lattice, values, patient_from_sacrum, keep_off, GAP_MM)
    middle = _bone("sacrum", patient_from_sacrum, lattice, values, build)
    frame = np.eye(4)
    frame[:3, :3] = ilium.sacrum_from_pelvis()
    frame = patient_from_sacrum @ frame

    def hip(side: Side) -> Bone:
        lattice, values = _scaled(*ilium.field(side, joint, breadth, HIP_SPACING_MM / build.scale), build.scale)
        values = keep_clear(lattice, values, frame, [middle, *keep_off], sacrum.GAP_MM)
        return _bone(f"hip-{side}", frame, lattice, _below(skin, lattice, values, frame), build)

    return {one.name: one for one in (middle, *each(hip, SIDES))}


def _below(skin: Grid, lattice: Lattice, values: Values, frame: Array) -> Values:
    """The field less what lies nearer to the skin than COVER_MM."""
    near = values < np.float32(3.0)
    depth = seen_from(lattice, (slice(0, None),) * 3, near, frame, skin)
    out = values.copy()
    out[near] = np.maximum(values[near], depth + np.float32(COVER_MM))
    return out


def _scaled(lattice: Lattice, values: Values, scale: float) -> tuple[Lattice, Values]:
    return Lattice(lattice.origin * scale, lattice.spacing * scale, lattice.shape), values * np.float32(scale)


def _bone(name: str, frame: Array, lattice: Lattice, values: Values, build: Build) -> Bone:
    """Distances, walls, density and surfaces of one bone."""
    lattice, values = lattice.cropped(values, 5.0)
    far = lattice.origin + lattice.spacing * (np.array(lattice.shape) - 1)
    coarse = Lattice.around(lattice.origin, far, 2.0)
    of_hip = name != "sacrum"
    loose = np.ones(coarse.shape, dtype=np.float32) if of_hip else sacrum.density(coarse)
    return bone(
        name,
        frame,
        lattice.grid(redistance(values, lattice.spacing)),
        coarse.grid(np.full(coarse.shape, HIP_WALL_MM if of_hip else SACRUM_WALL_MM, dtype=np.float32)),
        coarse.grid(loose),
        build.bone_volume_fraction,
        FACES["hip" if of_hip else "sacrum"][0 if build.few else 1],
        ERROR_MM[0 if build.few else 1],
        build.pictured,
    )
