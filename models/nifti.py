"""Label maps and CTs from files, with every fault told in one line: NIfTI here, DICOM by dicom.py and dicom_seg.py.

In: a file. Out: `read_numbers`: any numbers; `read_labels`: a `LabelMap`, whole numbers on a lattice, and the transform that takes indices to LPS mm, whatever the order
and direction of the file's axes. Not here: what the numbers mean (models/labelled.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError
from models.patient import Array

MOST_VOXELS = 400_000_000
"""A larger map is refused before it is read: 800 MB as 16-bit numbers."""

COARSEST_MM = 5.0
"""Voxels longer than this show no pedicle; assumed."""

SHEAR = 0.01
"""Greatest cosine between two axes of a lattice that counts as square."""


@dataclass(frozen=True)
class LabelMap:
    """Labels (nx, ny, nz), 0 = nothing."""

    path: Path
    labels: NDArray[np.int16]
    lps_from_index: Array  # (4, 4) index to LPS mm
    numbering: str = ""  # where the file itself names its labels
    sparse: bool = False  # whether the last axis ends with the labels and not with the scan

    @property
    def voxel_mm(self) -> Array:
        """(3,) edge lengths along the index axes."""
        return np.asarray(np.linalg.norm(self.lps_from_index[:3, :3], axis=0))

    @cached_property
    def boxes(self) -> Mapping[int, tuple[slice, ...]]:
        """The box of each label that is there: a whole scan is searched once, not once a label."""
        from scipy.ndimage import find_objects

        return {number: box for number, box in enumerate(find_objects(self.labels), 1) if box is not None}

    def widened(self) -> "LabelMap":
        """The map with an empty slice before and behind: for a sparse one beside a CT, which shows where the scan ends."""
        affine = self.lps_from_index.copy()
        affine[:3, 3] -= affine[:3, 2]
        return LabelMap(self.path, np.pad(self.labels, ((0, 0), (0, 0), (1, 1))), affine, self.numbering)

    def indices(self, number: int) -> NDArray[np.int64]:
        """(N, 3) indices of the voxels of a label, in order."""
        box = self.boxes[number]
        return np.asarray(np.argwhere(self.labels[box] == number) + np.array([part.start for part in box]))


def read_labels(path: Path, by_number: bool = False) -> LabelMap:
    """The label map in a file or folder; of a DICOM SEG `by_number` takes the segments' numbers, not their names.

    Raises InputError, naming the file and what was expected, for anything else.
    """

    def refuse(what: str) -> InputError:
        return InputError(f"{path}: {what}")

    seg = _seg(path)
    if seg is not None:
        from models.dicom_seg import NAMED, read_seg

        labels, lps_from_index = read_seg(seg, by_number)
        _check_affine(lps_from_index, refuse)
        if not labels.any():
            raise refuse("labels: the map is empty")
        return LabelMap(path, labels, lps_from_index, "" if by_number else NAMED, sparse=True)
    values, lps_from_index = read_numbers(path, "labels")
    if values.min() < 0 or values.max() > 32767 or (values != np.rint(values)).any():
        raise refuse("labels: expected whole numbers from 0 to 32767; is this a CT instead of a label map?")
    if not values.any():
        raise refuse("labels: the map is empty")
    return LabelMap(path, values.astype(np.int16), lps_from_index)


def _seg(path: Path) -> Path | None:
    """The DICOM segmentation that a path names: a file, or a folder's only one."""
    from models.dicom_seg import is_seg

    if path.is_dir():
        inside = [p for p in path.iterdir() if p.is_file() and p.name != "DICOMDIR"]
        path = inside[0] if len(inside) == 1 else path
    return path if is_seg(path) else None


def read_numbers(path: Path, key: str) -> tuple[NDArray[Any], Array]:
    """(values (nx, ny, nz), all finite; lps_from_index (4, 4)) of a NIfTI file or a folder of DICOM slices.

    Raises InputError, naming the file, `key` and what was expected.
    """
    import nibabel

    def refuse(what: str) -> InputError:
        return InputError(f"{path}: {what}")

    if path.is_dir():
        from models.dicom import read_series

        series, lps_from_index = read_series(path, key)
        _check_affine(lps_from_index, refuse)
        return series, lps_from_index
    try:
        image: Any = nibabel.load(path)
        shape = tuple(int(n) for n in image.shape)
        affine = np.asarray(image.affine, dtype=np.float64)
    except FileNotFoundError:
        raise refuse(f"{key}: no such file") from None
    except Exception as why:  # nibabel's readers raise many kinds on damaged headers
        raise refuse(f"{key}: not readable as NIfTI ({_one_line(why)})") from why
    shape3 = shape[:3] if len(shape) > 3 and set(shape[3:]) == {1} else shape
    if len(shape3) != 3:
        raise refuse(f"{key}: expected one 3-D map, found {len(shape)}-D {shape}")
    if 0 in shape3 or int(np.prod([int(n) for n in shape3], dtype=object)) > MOST_VOXELS:
        raise refuse(f"{key}: expected 1 to {MOST_VOXELS} voxels, found {shape}")
    if min(shape3) < 2:
        raise refuse(f"{key}: expected at least two voxels along each axis, found {shape}")
    _check_affine(affine, refuse)
    try:
        values = np.asarray(image.dataobj).reshape(shape3)
    except Exception as why:  # truncated or damaged data: OSError, EOFError, zlib.error, ValueError ...
        raise refuse(f"{key}: data not readable, is the file whole? ({_one_line(why)})") from why
    if values.dtype.kind not in "iufb":
        raise refuse(f"{key}: expected whole numbers, found {values.dtype}")
    if not np.isfinite(values).all():
        raise refuse(f"{key}: expected finite, whole numbers")
    return values, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine


def _check_affine(affine: Array, refuse: Callable[[str], InputError]) -> None:
    """Refuses lattices that are not square boxes of a sensible size."""
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        raise refuse("affine: expected 4 x 4 finite numbers")
    axes = affine[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if (lengths < 0.05).any() or (lengths > COARSEST_MM).any():
        sizes = " x ".join(f"{length:.3g}" for length in lengths)
        raise refuse(f"affine: expected voxels of 0.05 to {COARSEST_MM} mm, found {sizes} mm")
    cosines = (axes / lengths).T @ (axes / lengths) - np.eye(3)
    if np.abs(cosines).max() > SHEAR:
        raise refuse("affine: the axes are sheared; resample the map onto a square lattice")


def _one_line(why: BaseException) -> str:
    """The kind and text of an error on one line, cut at 120 characters."""
    return f"{type(why).__name__}: {' '.join(str(why).split())}"[:120]
