"""A DICOM segmentation (SEG) as a label map. Only geometry, segments and their names are read: no person, date or UID leaves here.

In: one SEG object (BINARY, FRACTIONAL or LABELMAP). Out: (nx, ny, nz) labels, lps_from_index. A segment becomes a label by its
name, in TotalSegmentator's second numbering, or keeps its own number where a numbering is stated. Frames that hold nothing are
mostly left out of a SEG: its lattice then ends where its labels do. Not here: plain series (dicom.py).
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError
from models.patient import Array

NAMED = "totalsegmentator-v2"
"""The numbering of labels read by their names: it has vertebrae, ribs, sacrum and hip bones."""

OFF_STEP = 0.05
"""Greatest distance of a frame from its place in the stack, as a share of a step; assumed."""

_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
_REGIONS = {"cervical": "C", "thoracic": "T", "lumbar": "L"}


def is_seg(path: Path) -> bool:
    """Whether a file is a DICOM object, by the four letters after its preamble."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def read_seg(path: Path, by_number: bool) -> tuple[NDArray[np.int16], Array]:
    """(labels (nx, ny, nz), lps_from_index (4, 4)); `by_number`: labels are the segments' own numbers.

    Raises InputError naming the file and what was expected; never quotes a tag that could identify a person.
    """

    def refuse(what: str) -> InputError:
        return InputError(f"{path}: labels: {what}")

    import pydicom

    try:
        one = pydicom.dcmread(path)
    except Exception as why:  # damaged headers raise many kinds
        raise refuse(f"not readable as DICOM ({type(why).__name__})") from None
    if one.get("Modality") != "SEG" or "SegmentSequence" not in one:
        raise refuse("expected a DICOM segmentation (SEG), or a folder with the slices of one series")
    numbers = {int(s.SegmentNumber): int(s.SegmentNumber) for s in one.SegmentSequence}
    if not by_number:
        numbers = {n: label for n, label in _named(one.SegmentSequence).items() if label}
        if not numbers:
            raise refuse("no segment has the name of a vertebra. State what their numbers mean with --numbering")
        if len(set(numbers.values())) < len(numbers):
            raise refuse("two segments have the name of one bone")
    try:
        lps_from_index, places, depth = _lattice(one, refuse)
        frames = np.atleast_3d(one.pixel_array) if one.pixel_array.ndim == 3 else one.pixel_array[None]
    except InputError:
        raise
    except Exception as why:  # a missing sequence or item, truncated pixels, a compression without its library
        raise refuse(f"geometry or pixels are not readable, is the file whole? ({type(why).__name__})") from None
    return _filled(one, frames, places, depth, numbers), lps_from_index


def level_name(text: str) -> str:
    """ "L1", "rib4-left", "sacrum", "hip-right" ... from the words of a segment, or nothing where they name no bone of ours."""
    words = re.sub(r"[_\-.,()]+", " ", text.lower())
    side = next((s for s in ("left", "right") if s in words.split()), "")
    number = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", words)
    count = int(number[1]) if number else next((n for n, w in enumerate(_ORDINALS, 1) if w in words.split()), 0)
    if "sacrum" in words.split():
        return "sacrum"
    if side and re.search(r"\b(hip|innominate|pelvic bone)\b", words):
        return f"hip-{side}"
    if side and count and re.search(r"\brib\b", words):
        return f"rib{count}-{side}"
    if re.search(r"\b(dis[ck]|end ?plate|canal|nerve|body|arch)\b", words):
        return ""
    short = re.fullmatch(
        r"(?:vertebrae?|vertebra level)? ?([ctl])(?:horacic)? ?(\d{1,2})(?: vertebrae?)?", words.strip()
    )
    if short:
        return f"{short[1].upper()}{int(short[2])}"
    region = next((letter for word, letter in _REGIONS.items() if word in words.split()), "")
    return f"{region}{count}" if region and count and "vertebra" in words else ""


def _named(segments: Any) -> dict[int, int]:
    """Label of each segment by its label or, where that says nothing, its coded property; 0 where neither names a bone."""
    from models.numberings import BONES, NUMBERINGS

    known = {**NUMBERINGS[NAMED], **{name: labels[0] for name, labels in BONES[NAMED].items()}}
    out = {}
    for segment in segments:
        codes = segment.get("SegmentedPropertyTypeCodeSequence") or []
        texts = [str(segment.get("SegmentLabel", "")), *(str(code.get("CodeMeaning", "")) for code in codes)]
        out[int(segment.SegmentNumber)] = next((known[n] for t in texts if (n := level_name(t)) in known), 0)
    return out


def _lattice(one: Any, refuse: Any) -> tuple[Array, NDArray[np.int64], int]:
    """(lps_from_index, place of each frame in the stack, places in the stack)."""
    shared, frames = one.SharedFunctionalGroupsSequence[0], one.PerFrameFunctionalGroupsSequence

    def held(name: str) -> Any:
        return (shared if name in shared else frames[0])[name][0]

    row, column = np.array(held("PlaneOrientationSequence").ImageOrientationPatient, dtype=float).reshape(2, 3)
    if not np.allclose([row @ row, column @ column, row @ column], [1, 1, 0], atol=0.01):
        raise refuse("ImageOrientationPatient: expected two unit vectors at right angles")
    measures = held("PixelMeasuresSequence")
    normal = np.cross(row, column)
    at = np.array([f.PlanePositionSequence[0].ImagePositionPatient for f in frames], dtype=float)
    along = (at - at[0]) @ normal
    gaps = np.diff(np.unique(np.round(along, 3)))
    step = float(measures.get("SpacingBetweenSlices") or (gaps.min() if len(gaps) else measures.SliceThickness))
    places = np.rint((along - along.min()) / step)
    strayed = np.abs(along - along.min() - places * step).max() > OFF_STEP * step
    beside = np.linalg.norm(at - at[0] - along[:, None] * normal, axis=1).max()
    if strayed or beside > OFF_STEP * step:
        raise refuse(
            "frames are not evenly stacked along their normal (a gantry tilt, or uneven steps): resample first"
        )
    between_rows, between_columns = (float(x) for x in measures.PixelSpacing)
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = np.stack([row * between_columns, column * between_rows, normal * step], axis=1)
    lps_from_index[:3, 3] = at[int(np.argmin(along))]
    return lps_from_index, places.astype(np.int64), int(places.max()) + 1


def _filled(one: Any, frames: Any, places: Any, depth: int, numbers: dict[int, int]) -> NDArray[np.int16]:
    """(columns, rows, places) labels."""
    out = np.zeros((frames.shape[2], frames.shape[1], depth), dtype=np.int16)
    kind = str(one.get("SegmentationType", "BINARY"))
    threshold = int(one.get("MaximumFractionalValue", 255)) / 2 if kind == "FRACTIONAL" else 0
    for frame, place, group in zip(frames, places, one.PerFrameFunctionalGroupsSequence, strict=True):
        if kind == "LABELMAP":
            for number, label in numbers.items():
                out[:, :, place][number == frame.T] = label
            continue
        number = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        if number in numbers:
            out[:, :, place][threshold < frame.T] = numbers[number]
    return out
