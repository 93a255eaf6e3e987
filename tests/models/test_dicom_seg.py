"""DICOM segmentations: bones by the names of their segments or by number, frames where they say, faults told."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SegmentationStorage, generate_uid

from models.dicom_seg import level_name
from models.errors import InputError
from models.nifti import read_labels
from models.numberings import NUMBERINGS, recognised

NAME = "Doerrmann^Janeway"


def item(**values: object) -> Dataset:
    one = Dataset()
    for name, value in values.items():
        setattr(one, name, value)
    return one


def seg(
    path: Path, masks: dict[str, np.ndarray], step: tuple[float, float, float] = (0.0, 0.0, 2.0), **changed: object
) -> Path:
    """A SEG of (columns, rows, slices) masks of 0.8 x 0.7 mm pixels, named; frames without a voxel are left out, the last first."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, SegmentationStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    one = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    one.PatientName, one.PatientID, one.StudyDescription, one.Modality = (
        NAME,
        "ID-9081726354",
        f"Spine of {NAME}",
        "SEG",
    )
    one.SOPClassUID, one.SOPInstanceUID, one.SegmentationType = SegmentationStorage, generate_uid(), "BINARY"
    one.SegmentSequence, one.PerFrameFunctionalGroupsSequence, frames = [], [], []
    for number, (name, mask) in enumerate(masks.items(), 1):
        kind = item(CodeValue="123037004", CodingSchemeDesignator="SCT", CodeMeaning=name)
        one.SegmentSequence.append(
            item(SegmentNumber=number, SegmentLabel=f"Segment {number}", SegmentedPropertyTypeCodeSequence=[kind])
        )
        for k in range(mask.shape[2])[::-1]:
            if mask[:, :, k].any():
                frames.append(mask[:, :, k].T)
                one.PerFrameFunctionalGroupsSequence.append(
                    item(
                        SegmentIdentificationSequence=[item(ReferencedSegmentNumber=number)],
                        PlanePositionSequence=[item(ImagePositionPatient=[k * x for x in step])],
                    )
                )
    one.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
            PixelMeasuresSequence=[item(PixelSpacing=[0.7, 0.8], SliceThickness=2.0, SpacingBetweenSlices=2.0)],
        )
    ]
    one.Rows, one.Columns, one.NumberOfFrames = frames[0].shape[0], frames[0].shape[1], len(frames)
    one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 0
    one.BitsAllocated, one.BitsStored, one.HighBit = 1, 1, 0
    bits = np.packbits(np.stack(frames).astype(np.uint8).ravel(), bitorder="little").tobytes()
    one.PixelData = bits + b"\0" * (len(bits) % 2)
    for name, value in changed.items():
        setattr(one, name, value)
    one.save_as(path, enforce_file_format=True)
    return path


def two_levels() -> dict[str, np.ndarray]:
    upper, lower = np.zeros((6, 5, 9), dtype=bool), np.zeros((6, 5, 9), dtype=bool)
    upper[1:3, 2, 5:8], lower[4, 1:4, 2:4] = True, True
    return {"First lumbar vertebra": upper, "L2 vertebra": lower}


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("vertebrae_L1", "L1"),
        ("First lumbar vertebra", "L1"),
        ("T12 vertebra", "T12"),
        ("Twelfth thoracic vertebra", "T12"),
        ("rib_left_4", "rib4-left"),
        ("Right eleventh rib", "rib11-right"),
        ("hip_right", "hip-right"),
        ("Sacrum", "sacrum"),
        ("Disc L1/L2", ""),
        ("Vertebral body of L1", ""),
        ("Left lobe of liver", ""),
    ],
)
def test_the_words_of_a_segment_name_a_bone_or_none(said: str, means: str) -> None:
    assert level_name(said) == means


def test_segments_become_labels_by_their_names_where_their_frames_lie(tmp_path: Path) -> None:
    masks = two_levels()
    labels = read_labels(seg(tmp_path / "a.dcm", masks | {"Left kidney": np.ones((6, 5, 9), dtype=bool)}))
    numbers = NUMBERINGS["totalsegmentator-v2"]
    assert recognised(labels) == ("totalsegmentator-v2", "by the names of the segments")
    for level, mask in zip(("L1", "L2"), masks.values(), strict=True):
        places = labels.indices(numbers[level]) @ labels.lps_from_index[:3, :3].T + labels.lps_from_index[:3, 3]
        assert np.allclose(places, np.argwhere(mask) * [0.8, 0.7, 2.0]), level
    assert set(labels.boxes) == {numbers["L1"], numbers["L2"]}
    assert NAME not in repr(labels)


def test_a_stated_numbering_takes_the_segments_numbers(tmp_path: Path) -> None:
    labels = read_labels(seg(tmp_path / "a.dcm", two_levels()), by_number=True)
    assert set(labels.boxes) == {1, 2}
    assert labels.labels.shape == (6, 5, 6)  # empty slices are not in the file
    assert labels.lps_from_index[2, 3] == 4.0


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"step": (0.0, 0.5, 2.0)}, "gantry tilt"),
        ({"masks": {"Liver": np.ones((3, 3, 3), dtype=bool)}}, "--numbering"),
        ({"masks": {"L1": np.ones((3, 3, 3), dtype=bool), "vertebrae_L1": np.ones((3, 3, 3), dtype=bool)}}, "one bone"),
        ({"PixelData": b"\0\0"}, "is the file whole"),
        ({"SharedFunctionalGroupsSequence": [Dataset()]}, "is the file whole"),
        ({"Modality": "RTSTRUCT"}, "expected a DICOM segmentation"),
    ],
)
def test_a_segmentation_with_a_fault_is_refused_without_quoting_the_person(
    tmp_path: Path, changed: dict[str, object], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_labels(seg(tmp_path / "a.dcm", **{"masks": two_levels(), **changed}))  # type: ignore[arg-type]
    assert "Doerrmann" not in str(caught.value)
    assert "a.dcm: labels: " in str(caught.value)
