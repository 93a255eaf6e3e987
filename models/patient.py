"""The Patient: what is seen, felt, filled and measured. One object, many providers.

Providers (`models.synthetic`, `models.labelled`) build it; nothing downstream knows which one did.
Patient frame: LPS, mm (docs/conventions.md). Signed distance: negative inside.
Compiled look-ups over all of it (tissue at a point ...) are in models/field.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True)
class Grid:
    """A scalar sampled at origin + spacing * (i, j, k), in the frame of its bone; linear between samples."""

    values: NDArray[np.float32]  # (nx, ny, nz)
    origin: Array  # (3,) mm, position of values[0, 0, 0]
    spacing: float  # mm, the same along all axes


@dataclass(frozen=True)
class Surface:
    """A closed, outward-oriented triangle mesh that parts two media."""

    name: str
    vertices: NDArray[np.float32]  # (V, 3) mm, in the frame of its owner
    faces: NDArray[np.int32]  # (F, 3), counter-clockwise seen from outside
    inside: NDArray[np.float32]  # (8,) channel weights of the medium inside (models.tissue.medium)
    outside: NDArray[np.float32]  # (8,)


@dataclass(frozen=True)
class Bone:
    """One bone: cortex where -wall < distance < 0, cancellous where distance <= -wall."""

    name: str  # "L2", "rib12-left"
    patient_from_bone: Array  # (4, 4) rigid
    distance: Grid  # mm to the outer surface, 0.5 mm spacing, exact within the band
    wall: Grid  # mm, thickness of the cortex at the nearest surface point, about 2 mm spacing
    density: Grid  # cancellous density relative to the patient's mean (1 = mean), about 2 mm spacing
    outer: Surface  # bone frame
    inner: Surface  # the same mesh moved inward by `wall`


@dataclass(frozen=True)
class Region:
    """What has a tissue or medium of its own and is no bone: an organ, a vessel, nerves, gas, a gap in a bone. Patient frame."""

    name: str  # "dural sac", "aorta", "L2 cleft"
    tissue: int  # models.tissue.Tissue
    distance: Grid  # mm to its wall, negative inside
    surface: Surface | None  # None where X-rays pass it as what is round it


@dataclass(frozen=True)
class Plate:
    """A vertebral end plate, patient frame."""

    centre: Array  # (3,)
    normal: Array  # (3,) unit, out of the body (superior plate: up; inferior: down)
    rim: Array  # (N, 3) points round its edge, ordered anticlockwise seen from above, starting at the left


@dataclass(frozen=True)
class Pedicle:
    """A pedicle at its isthmus (the plane across its axis where it is narrowest), patient frame."""

    centre: Array  # (3,)
    axis: Array  # (3,) unit, from behind forward into the body
    width: float  # mm, outer, across (lateral to medial)
    height: float  # mm, outer
    ring: Array  # (N, 3) closed outline of the outer cortex in the isthmus plane


@dataclass(frozen=True)
class Vertebra:
    """Landmarks of one level, computed on the built surfaces, patient frame."""

    level: str
    centre: Array  # (3,) centre of the body
    left: Array  # (3,) unit axes of the vertebra's own frame
    posterior: Array
    superior: Array
    superior_plate: Plate
    inferior_plate: Plate
    pedicles: Mapping[Side, Pedicle]
    posterior_wall: Array  # (3,) point of the wall in the middle of the body's height, in the midline
    corners: Mapping[Side, Array]  # (3,) posterior margin of the body seen from the side, at pedicle-to-pedicle breadth
    spinous_tip: Array  # (3,)
    canal_centre: Array  # (3,) at the level of the pedicles
    canal_half_width: float  # mm
    canal_half_depth: float  # mm
    width: float  # mm, of the body in its middle
    depth: float  # mm, of the body in the midline, middle of its height
    anterior_height: float  # mm
    middle_height: float
    posterior_height: float
    outline: Array  # (M, 3) points spread over the surface of the body (no arch): its silhouette in any view
    confidence: float = 1.0  # 0..1, how well the computation agreed with itself


@dataclass(frozen=True)
class Patient:
    """A person under the C-arm, prone. Frozen; the same recipe gives the same bytes on one platform."""

    name: str
    provider: str  # "synthetic" or "labels"
    bones: Mapping[str, Bone]
    vertebrae: Mapping[str, Vertebra]  # cranial to caudal
    skin: Grid  # mm to the skin, patient frame, 2 mm spacing
    skin_surface: Surface  # patient frame
    rib_necks: Mapping[str, Mapping[Side, Array]]  # level -> side -> (3,); empty where the level has no rib
    bone_volume_fraction: float  # of cancellous bone, mean
    skin_mm: float
    fat_mm: float  # thickness of subcutaneous fat behind the spine
    regions: Mapping[str, Region] = field(default_factory=dict)  # the first that holds a point says what is there
    notes: tuple[str, ...] = field(default=())  # what was imported, assumed or did not come out as asked

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the vertebrae, cranial to caudal."""
        return tuple(self.vertebrae)
