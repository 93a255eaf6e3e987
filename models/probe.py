"""Asking a bone in a vertebra's own axes: distance at points, on lattices, along rays.

In: a Bone, an origin and axes (left, posterior, superior) in the patient frame. Out: signed distances, mm, at points given
in that local frame.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.distance import sample, trilinear
from models.patient import Array, Bone

STEP_MM = 0.25
"""Sampling along a ray; crossings are then put where the distance is zero between two samples."""


@dataclass(frozen=True)
class Probe:
    """A bone seen from a local frame."""

    bone: Bone
    bone_from_patient: Array  # (4, 4)
    origin: Array  # (3,) patient frame
    axes: Array  # (3, 3) rows: left, posterior, superior, patient frame

    @classmethod
    def of(cls, bone: Bone, origin: Array, left: Array, posterior: Array, superior: Array) -> "Probe":
        """A probe whose axes are made square: superior kept, posterior next."""
        up = np.asarray(superior, dtype=np.float64) / np.linalg.norm(superior)
        back = np.asarray(posterior, dtype=np.float64)
        back = back - (back @ up) * up
        back = back / np.linalg.norm(back)
        if np.cross(back, up) @ left < 0.0:
            raise ValueError("axes are left-handed")
        return cls(
            bone,
            np.asarray(np.linalg.inv(bone.patient_from_bone), dtype=np.float64),
            np.asarray(origin),
            np.stack([np.cross(back, up), back, up]),
        )

    def patient(self, local: Array) -> Array:
        """(..., 3) points of the local frame in the patient's."""
        return np.asarray(self.origin + local @ self.axes)

    def local(self, patient: Array) -> Array:
        """(..., 3) points of the patient frame in the local one."""
        return np.asarray((patient - self.origin) @ self.axes.T)

    def __call__(self, local: Array) -> Array:
        """(...,) signed distance at local points (..., 3)."""
        there = self.patient(local)
        return sample(self.bone.distance, there @ self.bone_from_patient[:3, :3].T + self.bone_from_patient[:3, 3])

    def grid(self, left: Array, posterior: Array, height: Array) -> Array:
        """(L, P, S) signed distance on a lattice of local coordinates."""
        return self(np.stack(np.meshgrid(left, posterior, height, indexing="ij"), axis=-1))

    def shadow(self, left: Array, posterior: Array, height: Array) -> NDArray[np.bool_]:
        """(L, P) whether there is bone at any of the heights over local (left, posterior)."""
        turn = self.axes @ self.bone_from_patient[:3, :3].T
        origin = self.bone_from_patient[:3, :3] @ self.origin + self.bone_from_patient[:3, 3]
        grid = self.bone.distance
        start = (origin - grid.origin) / grid.spacing
        return np.asarray(_shadow(grid.values, start, turn / grid.spacing, left, posterior, height))

    def with_axes(self, axes: Array) -> "Probe":
        """The same probe with other axes."""
        return replace(self, axes=axes)

    def turned(self, roll: float) -> "Probe":
        """The same probe turned about its superior axis by `roll` radians, left toward posterior."""
        c, s = np.cos(roll), np.sin(roll)
        return self.with_axes(np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]) @ self.axes)

    def leaves(self, start: Array, way: Array, reach: float) -> float:
        """How far from a point inside to the surface along `way` (unit); `reach` where it is not met."""
        return self._crossing(start, way, reach, sign=-1.0)

    def enters(self, start: Array, way: Array, reach: float) -> float:
        """How far from a point outside to the surface along `way` (unit); `reach` where it is not met."""
        return self._crossing(start, way, reach, sign=1.0)

    def _crossing(self, start: Array, way: Array, reach: float, sign: float) -> float:
        along = np.arange(0.0, reach + STEP_MM, STEP_MM)
        here = sign * self(start + along[:, None] * way)
        crossed = np.flatnonzero(here[1:] <= 0.0)
        if here[0] <= 0.0:
            return 0.0
        if len(crossed) == 0:
            return reach
        k = int(crossed[0])
        return float(along[k] + STEP_MM * here[k] / (here[k] - here[k + 1]))


@compiled
def _shadow(
    values: NDArray[np.float32], start: Array, axes: Array, left: Array, posterior: Array, height: Array
) -> NDArray[np.bool_]:
    """(L, P) whether a grid is negative at start + axes^T (left, posterior, height), in its spacings, at any height."""
    out = np.zeros((left.shape[0], posterior.shape[0]), dtype=np.bool_)
    for i in range(left.shape[0]):
        for j in range(posterior.shape[0]):
            x, y, z = start + left[i] * axes[0] + posterior[j] * axes[1]
            for h in height:
                if trilinear(values, x + h * axes[2, 0], y + h * axes[2, 1], z + h * axes[2, 2]) < 0.0:
                    out[i, j] = True
                    break
    return out
