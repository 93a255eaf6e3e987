"""How like a real vertebra the parametric one is that was given only its measured sizes.

In: a Patient with real vertebrae. Out: for a level, mean and 95th percentile of the distance [mm] from the parametric surface to the
real one, for body, pedicles and arch apart. The parametric vertebra is laid on the real one by landmarks, then by a small rigid
fit of the surfaces. Not here: where the sizes come from (measured.py), the shapes (vertebra.py, thoracic.py, fifth_lumbar.py).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.distance import polygons, sample
from models.forms import form
from models.measured import angles, dimensions, way
from models.morphometry import Size, size
from models.patient import SIDES, Array, Patient, Vertebra
from models.vertebra import SKEWED, Shape, Skew

PARTS = ("body", "pedicles", "arch")
SPACING_MM = 0.7
FITTED = 3000
"""Points of the surface that the fit is made with."""

Table = Mapping[str, tuple[float, float]]  # part -> (mean, 95th percentile), mm


def likeness(patient: Patient, level: str) -> Table:
    """Distances from the parametric vertebra to the patient's, part by part."""
    v = patient.vertebrae[level]
    shape = parametric(patient, level)
    points, part = _surface(shape)
    axes = np.stack([v.left, v.posterior, v.superior])
    placed = _fitted(patient, level, np.asarray(v.centre + points @ axes))
    off = _apart(patient, level, placed)
    return {
        name: (float(off[part == i].mean()), float(np.percentile(off[part == i], 95.0))) for i, name in enumerate(PARTS)
    }


def parametric(patient: Patient, level: str) -> Shape:
    """The shape of a level's form in the sizes measured on the patient's; what is not measured keeps to the mean's proportions."""
    v, usual = patient.vertebrae[level], size(level)
    found = {each.name: each.measured for each in dimensions(patient, level)}
    turned = angles(v)
    sides = {
        side: {
            "pedicle_width": found[f"pedicle_width {side}"],
            "pedicle_height": found[f"pedicle_height {side}"],
            "convergence": turned[side][0],
            "transverse_span": 2 * _reach(patient, v, 1.0 if side == "left" else -1.0),
        }
        for side in SIDES
    }
    mean = {name: (sides["left"][name] + sides["right"][name]) / 2 for name in sides["left"]}
    depth = (found["plate_depth_upper"] + found["plate_depth_lower"]) / 2
    own = {name: found[name] for name in found if name in usual.__dataclass_fields__}
    drop = found["posterior_height"] - found["anterior_height"]
    given = replace(
        usual,
        **own,
        **mean,
        wedge=float(np.degrees(np.arctan2(drop, depth))),
        sagittal=float(np.mean([turned[side][1] for side in SIDES])),
        entry_to_anterior=float(np.mean([way(patient, level, side).axis_length for side in SIDES])),
        facet_span=usual.facet_span
        + (mean["pedicle_width"] - usual.pedicle_width + own["canal_width"] - usual.canal_width) / 2,
    )
    given = _spinous(given, level, v)
    differ = {name: (sides["left"][name] - sides["right"][name]) / mean[name] for name in mean if name in SKEWED}
    skew = Skew(**differ, convergence=sides["left"]["convergence"] - sides["right"]["convergence"])
    return replace(form(level, given), skew=skew)


def _reach(patient: Patient, v: Vertebra, sign: float) -> float:
    """From the midline to the end of a transverse process."""
    bone = patient.bones[v.level]
    at = bone.outer.vertices @ bone.patient_from_bone[:3, :3].T + bone.patient_from_bone[:3, 3]
    return float((sign * ((at - v.canal_centre) @ v.left)).max())


def _spinous(given: Size, level: str, v: Vertebra) -> Size:
    """The sizes with reach and slope of the spinous process, so that its tip lies where the real one's does."""
    shape = form(level, given)
    tip = v.spinous_tip - v.centre
    root = shape.isthmus("left")[2] - 12.5 * given.depth / 34.75  # as Shape.midline
    back, down = float(tip @ v.posterior) - shape.lamina - 4.0, root - float(tip @ v.superior)
    return replace(
        given, spinous_reach=4.0 + float(np.hypot(back, down)), spinous_slope=float(np.degrees(np.arctan2(down, back)))
    )


def _surface(shape: Shape) -> tuple[Array, NDArray[np.int64]]:
    """(points (N, 3) of the shape's surface in its frame, index (N,) of the part each belongs to)."""
    lattice = shape.lattice(SPACING_MM)
    vertices, faces = polygons(shape.field(lattice))
    points = lattice.origin + SPACING_MM * vertices[faces].mean(axis=1)
    pieces = (shape.body(lattice.points()), shape.pedicles(lattice), shape.arch(lattice))
    near = np.stack([sample(lattice.grid(piece + 0 * pieces[2]), points) for piece in pieces])
    return points, np.asarray(near.argmin(axis=0))


def _apart(patient: Patient, level: str, points: Array) -> Array:
    """(N,) distance to the real surface: by its grid, beyond the grid to the nearest vertex."""
    from scipy.spatial import cKDTree

    bone = patient.bones[level]
    grid = bone.distance
    local = (points - bone.patient_from_bone[:3, 3]) @ bone.patient_from_bone[:3, :3]
    off = np.abs(sample(grid, local))
    far = grid.origin + grid.spacing * (np.array(grid.values.shape) - 1)
    outside = ((local < grid.origin) | (local > far)).any(axis=1)
    if outside.any():
        off[outside] = cKDTree(bone.outer.vertices).query(local[outside])[0]
    return np.asarray(off)


def _fitted(patient: Patient, level: str, points: Array) -> Array:
    """The points after the rigid motion that brings them nearest to the real surface; far ones count little (soft L1)."""
    from scipy.optimize import least_squares
    from scipy.spatial.transform import Rotation

    middle = points.mean(axis=0)
    some = points[:: max(len(points) // FITTED, 1)]

    def moved(motion: Array, what: Array) -> Array:
        return np.asarray(Rotation.from_rotvec(motion[:3] / 20.0).apply(what - middle) + middle + motion[3:])

    def apart(motion: Array) -> Array:
        return _apart(patient, level, moved(motion, some))

    found = least_squares(apart, np.zeros(6), loss="soft_l1", diff_step=np.full(6, 0.02))
    return moved(found.x, points)
