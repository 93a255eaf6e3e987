"""A DICOM series in a folder, as numbers on a lattice. Only geometry and pixels are read: no name, date or UID leaves here.

In: a folder of single-frame slices of one series (CT, or label values). Out: (nx, ny, nz) rescaled values, lps_from_index.
Not here: DICOM SEG (dicom_seg.py), enhanced multi-frame objects (refused, saying so).
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError
from models.patient import Array

SPACING_SHARE = 0.02
"""Slices count as evenly spaced within this share of their distance; assumed (missing slices differ by a whole one)."""

TILT = 0.01
"""Greatest sine between the stacking and the slices' normal: a gantry tilt of more than 0.6 degrees shears the patient."""


def read_series(folder: Path, key: str) -> tuple[NDArray[np.float32], Array]:
    """(values (nx, ny, nz), lps_from_index (4, 4)). Raises InputError naming the folder and what was expected; never quotes a tag
    that could identify a person."""

    def refuse(what: str) -> InputError:
        return InputError(f"{folder}: {key}: {what}")

    slices = _slices(folder, refuse)
    first = slices[0]
    row, column = np.array(first.ImageOrientationPatient, dtype=float).reshape(2, 3)
    if not np.allclose([row @ row, column @ column, row @ column], [1, 1, 0], atol=0.01):
        raise refuse("ImageOrientationPatient: expected two unit vectors at right angles")
    normal = np.cross(row, column)
    slices.sort(key=lambda s: float(np.array(s.ImagePositionPatient, dtype=float) @ normal))
    at = np.array([[float(x) for x in s.ImagePositionPatient] for s in slices])
    steps = np.diff(at, axis=0)
    along = steps @ normal
    if along.min() <= 0.01:
        raise refuse("two slices lie at one place: more than one series or time point; give a folder of one volume")
    if np.ptp(along) > SPACING_SHARE * along.mean():
        raise refuse(
            f"slices are {along.min():.2f} to {along.max():.2f} mm apart: expected even steps; is one missing?"
        )
    step = steps.mean(axis=0)
    tilt = float(np.linalg.norm(np.cross(step / np.linalg.norm(step), normal)))
    if tilt > TILT:
        raise refuse(
            f"gantry tilt of {np.degrees(np.arcsin(min(tilt, 1.0))):.1f} degrees: slices are not stacked along their "
            "normal. Correct the tilt by resampling first"
        )
    between_rows, between_columns = (float(x) for x in first.PixelSpacing)
    lps_from_index = np.eye(4)
    lps_from_index[:3, 0] = row * between_columns
    lps_from_index[:3, 1] = column * between_rows
    lps_from_index[:3, 2] = normal * along.mean()
    lps_from_index[:3, 3] = at[0]
    return np.stack([_values(s, refuse).T for s in slices], axis=2), lps_from_index


def _slices(folder: Path, refuse: Any) -> list[Any]:
    """The slices with pixels, alike in series, size, orientation and spacing."""
    import pydicom

    found: list[Any] = []
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        if path.name == "DICOMDIR":
            continue
        if path.stat().st_size == 0:
            raise refuse(f"file {path.name} has 0 bytes")
        try:
            here = pydicom.dcmread(path)
        except Exception as why:  # damaged headers raise many kinds
            raise refuse(f"file {path.name} is not readable as DICOM ({type(why).__name__})") from None
        if "PixelData" in here:
            found.append(here)
    if len(found) < 2:
        raise refuse(f"expected a series of at least two DICOM slices, found {len(found)}")
    for name in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "Rows", "Columns"):
        if any(name not in s for s in found):
            raise refuse(f"a slice lacks {name}: expected plain slices (multi-frame objects are not read)")
    if len({s.get("SeriesInstanceUID") for s in found}) > 1:
        raise refuse("files of more than one series: expected one folder for each series")
    alike = ("Rows", "Columns", "PixelSpacing", "ImageOrientationPatient")
    for name in alike:
        values = np.array([np.ravel(np.array(s[name].value, dtype=float)) for s in found])
        if np.ptp(values, axis=0).max() > 1e-3:
            raise refuse(f"{name} differs between slices: expected one lattice")
    return found


def _values(one: Any, refuse: Any) -> NDArray[np.float32]:
    """(rows, columns) values of a slice by its rescale slope and intercept."""
    try:
        stored = np.asarray(one.pixel_array, dtype=np.float32)
    except Exception as why:  # truncated data, or a compression without its library
        raise refuse(f"pixels are not readable, is the file whole and uncompressed? ({type(why).__name__})") from None
    if stored.ndim != 2:
        raise refuse(f"expected single-frame grey slices, found {stored.ndim}-D")
    return np.asarray(stored * float(one.get("RescaleSlope", 1)) + float(one.get("RescaleIntercept", 0)))
