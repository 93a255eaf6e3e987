"""The mobile C-arm: operator's angles in, source, detector and pixels out.

Patient frame, mm; angles in degrees at this edge. Signs and image orientation: docs/conventions.md.
Geometry: source-detector 1020 mm, source-isocentre 530 mm, field 298 mm (deepdrr mobile_carm.py, said to follow Siemens
Cios Fusion; FIGURES e). Not here: dose, brightness (game/simulation), pixels (game/fluoroscopy).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SOURCE_DETECTOR_MM = 1020.0
SOURCE_ISOCENTRE_MM = 530.0
FIELD_MM = 298.0


@dataclass(frozen=True)
class Pose:
    """Where the arm and table are. Angles in degrees; isocentre in the patient frame, mm (table shift and lift move it)."""

    orbital: float = 0.0
    tilt: float = 0.0
    swivel: float = 0.0
    isocentre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def turned(self, **angles: float) -> "Pose":
        """The same pose with some of orbital, tilt, swivel replaced."""
        return replace(self, **angles)  # type: ignore[arg-type]


PRESETS = {"ap": (0.0, 0.0, 0.0), "left-lateral": (90.0, 0.0, 0.0), "right-lateral": (-90.0, 0.0, 0.0)}
"""Room-straight (orbital, tilt, swivel): never the target's true views (CLINICAL 1)."""


def rotation(pose: Pose) -> Array:
    """(3, 3) R = R_swivel(y) R_tilt(x) R_orbital(z), taking the arm's axes at zero to the patient frame."""
    o, t, s = np.radians([pose.orbital, pose.tilt, pose.swivel])
    about_z = np.array([[np.cos(o), np.sin(o), 0.0], [-np.sin(o), np.cos(o), 0.0], [0.0, 0.0, 1.0]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(t), -np.sin(t)], [0.0, np.sin(t), np.cos(t)]])
    about_y = np.array([[np.cos(s), 0.0, np.sin(s)], [0.0, 1.0, 0.0], [-np.sin(s), 0.0, np.cos(s)]])
    turned: Array = about_y @ about_x @ about_z
    return turned


@dataclass(frozen=True)
class View:
    """A pose as a pinhole: everything needed to project. All arrays (3,), patient frame, mm."""

    source: Array
    beam: Array  # unit, source to detector centre
    column: Array  # unit, direction of growing column
    row: Array  # unit, direction of growing row (caudal)
    size: int  # pixels a side
    pixel_mm: float  # at the detector

    def project(self, points: Array) -> Array:
        """(..., 2) column, row in pixels of points (..., 3); pixel centres are at whole numbers.

        Pinhole: detector = SOURCE_DETECTOR_MM * offset / depth along the beam. Points behind the source give nonsense.
        """
        offset = np.asarray(points, dtype=np.float64) - self.source
        scale = SOURCE_DETECTOR_MM / (offset @ self.beam) / self.pixel_mm
        middle = (self.size - 1) / 2
        return np.stack([middle + (offset @ self.column) * scale, middle + (offset @ self.row) * scale], axis=-1)

    def ray(self, column: float, row: float) -> Array:
        """(3,) unit vector from the source toward a pixel."""
        middle = (self.size - 1) / 2
        toward = (
            self.beam * SOURCE_DETECTOR_MM
            + self.column * (column - middle) * self.pixel_mm
            + self.row * (row - middle) * self.pixel_mm
        )
        return np.asarray(toward / np.linalg.norm(toward))


def view(pose: Pose, size: int = 512) -> View:
    """The pinhole of a pose, `size` pixels a side."""
    turn = rotation(pose)
    beam = turn @ np.array([0.0, 1.0, 0.0])
    return View(
        source=np.asarray(pose.isocentre) - SOURCE_ISOCENTRE_MM * beam,
        beam=beam,
        column=turn @ np.array([-1.0, 0.0, 0.0]),
        row=turn @ np.array([0.0, 0.0, -1.0]),
        size=size,
        pixel_mm=FIELD_MM / size,
    )


def positioner_angles(pose: Pose) -> tuple[float, float]:
    """DICOM (primary, secondary) positioner angles in degrees of a pose.

    Primary: 0 = detector in front of the patient, + = toward the patient's left; secondary: + = toward the head
    (DICOM PS3.3 C.8.7.5). A prone patient with the detector above is at +-180.
    """
    beam = rotation(pose) @ np.array([0.0, 1.0, 0.0])
    return float(np.degrees(np.arctan2(beam[0], -beam[1]))), float(np.degrees(np.arcsin(np.clip(beam[2], -1.0, 1.0))))
