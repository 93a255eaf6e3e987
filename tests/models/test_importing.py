"""Import: numberings recognised or refused, DICOM series with their faults, CT on another lattice, densities."""

from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from models import ct as cts
from models import ct_cortex
from models.distance import sample
from models.errors import InputError
from models.nifti import LabelMap, read_labels, read_numbers
from models.numberings import NUMBERINGS, recognised
from models.patient import Bone
from models.provide import provide
from models.recipe import Fracture, SyntheticRecipe

CT = Path(__file__).parents[3] / "shared" / "ct"
NAME = "Doerrmann^Janeway"


def spine(numbers: list[int], side: int = 26) -> LabelMap:
    """Blocks of side^3 mm3 (17.6 ml with 26) in a row of 2 mm voxels, the first highest."""
    half = side // 2
    values = np.zeros((30, 30, (half + 3) * len(numbers) + 4), dtype=np.int16)
    for n, number in enumerate(numbers):
        top = values.shape[2] - 2 - (half + 3) * n
        values[5 : 5 + half, 5 : 5 + half, top - half : top] = number
    return LabelMap(Path("map.nii"), values, np.diag([2.0, 2.0, 2.0, 1.0]))


def numbers(numbering: str, levels: list[str]) -> list[int]:
    return [NUMBERINGS[numbering][level] for level in levels]


LUMBAR = ["L1", "L2", "L3", "L4"]


def test_the_direction_of_counting_tells_verse_from_totalsegmentator() -> None:
    assert recognised(spine(numbers("verse", LUMBAR), side=36))[0] == "verse"
    assert recognised(spine(numbers("totalsegmentator-v2", LUMBAR), side=36))[0] == "totalsegmentator-v2"
    assert recognised(spine(numbers("totalsegmentator-v1", LUMBAR), side=36))[0] == "totalsegmentator-v1"


def test_a_numbering_that_fits_like_another_is_not_guessed() -> None:
    with pytest.raises(InputError, match="fit totalsegmentator-v1 and totalsegmentator-v2 alike"):
        recognised(spine(numbers("totalsegmentator-v2", LUMBAR), side=32))


def test_a_single_vertebra_says_nothing_of_its_numbering() -> None:
    with pytest.raises(InputError, match="alike"):
        recognised(spine([22], side=32))


def test_labels_of_no_numbering_are_told_with_the_reasons() -> None:
    with pytest.raises(InputError, match="no known one fits") as caught:
        recognised(spine([20, 119]))
    assert "verse: it has no label 119" in str(caught.value)


def series(
    folder: Path, values: np.ndarray, step: tuple[float, float, float] = (0.0, 0.0, 2.0), **changed: object
) -> Path:
    """A CT series (columns, rows, slices) of a person with a name; voxels 0.8 x 0.7 mm."""
    folder.mkdir()
    uid, frame = generate_uid(), generate_uid()
    for k in range(values.shape[2]):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        one = FileDataset(str(folder / f"{k}.dcm"), {}, file_meta=meta, preamble=b"\0" * 128)
        one.PatientName, one.PatientID, one.StudyDate, one.SeriesInstanceUID = NAME, "ID-9081726354", "20240131", uid
        one.FrameOfReferenceUID, one.SOPClassUID, one.SOPInstanceUID = (
            frame,
            CTImageStorage,
            meta.MediaStorageSOPInstanceUID,
        )
        one.Rows, one.Columns, one.PixelSpacing = values.shape[1], values.shape[0], [0.7, 0.8]
        one.ImageOrientationPatient, one.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [k * x for x in step]
        one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 0
        one.BitsAllocated, one.BitsStored, one.HighBit = 16, 16, 15
        one.RescaleSlope, one.RescaleIntercept = 1, -1024
        one.PixelData = np.ascontiguousarray(values[:, :, k].T + 1024).astype("<u2").tobytes()
        for name, value in changed.items():
            setattr(one, name, value)
        one.save_as(folder / f"{k}.dcm", enforce_file_format=True)
    return folder


def ramp() -> np.ndarray:
    return np.arange(5 * 6 * 4).reshape(5, 6, 4) - 1000


def test_a_series_has_its_voxels_where_its_slices_say(tmp_path: Path) -> None:
    values, lps_from_index = read_numbers(series(tmp_path / "ct", ramp(), step=(0.0, 0.0, -2.0)), "ct")
    assert np.array_equal(values, ramp()[:, :, ::-1])  # sorted along the normal, upward
    assert np.allclose(lps_from_index[:3, :3], np.diag([0.8, 0.7, 2.0]))
    assert np.allclose(lps_from_index[:3, 3], [0.0, 0.0, -6.0])


def test_gantry_tilt_is_refused_with_its_angle(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gantry tilt of 14\.0 degrees"):
        read_numbers(series(tmp_path / "ct", ramp(), step=(0.0, 0.5, 2.0)), "ct")


def test_a_missing_slice_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", np.zeros((5, 6, 6)))
    (folder / "3.dcm").unlink()
    with pytest.raises(InputError, match="is one missing"):
        read_numbers(folder, "ct")
    (folder / "3.dcm").write_bytes(b"")
    with pytest.raises(InputError, match="0 bytes"):
        read_numbers(folder, "ct")


def test_a_truncated_slice_is_refused_without_quoting_the_person(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", ramp())
    whole = (folder / "2.dcm").read_bytes()
    (folder / "2.dcm").write_bytes(whole[:-20])
    with pytest.raises(InputError, match="pixels are not readable") as caught:
        read_numbers(folder, "ct")
    assert "Doerrmann" not in str(caught.value)


def test_a_series_of_labels_reads_as_labels_and_keeps_no_name(tmp_path: Path) -> None:
    values = np.zeros((5, 6, 4), dtype=int)
    values[2, 3, 1] = 20
    labels = read_labels(series(tmp_path / "labels", values))
    assert np.argwhere(labels.labels == 20).tolist() == [[2, 3, 1]]
    assert NAME not in repr(labels)


def ct_file(path: Path, values: np.ndarray, affine: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(values.astype(np.float32), affine), path)
    return path


def map_for(values: np.ndarray, affine: np.ndarray) -> LabelMap:
    return LabelMap(Path("map.nii"), values.astype(np.int16), np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)


def test_a_ct_with_its_axes_in_another_order_is_laid_on_the_labels(tmp_path: Path) -> None:
    values, affine = ramp().astype(np.float32), np.diag([0.8, 0.7, 2.0, 1.0])
    turned = nibabel.Nifti1Image(values, affine).as_reoriented(np.array([[2, -1], [0, 1], [1, -1]]))
    nibabel.save(turned, tmp_path / "ct.nii")
    assert np.array_equal(cts.read_ct(tmp_path / "ct.nii", map_for(values > 0, affine)).hu, values)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda v, a: (v, a + np.array([[0, 0, 0, 3.0], [0] * 4, [0] * 4, [0] * 4])), "not that of the labels"),
        (lambda v, a: (v[:-1], a), "not that of the labels"),
        (lambda v, a: (v + 1000, a), "no air"),
        (lambda v, a: (v * 100, a), "expected Hounsfield units"),
    ],
)
def test_a_ct_that_is_none_or_of_another_place_is_refused(tmp_path: Path, change: Callable, says: str) -> None:
    values, affine = ramp().astype(np.float32), np.diag([0.8, 0.7, 2.0, 1.0])
    with pytest.raises(InputError, match=says):
        cts.read_ct(ct_file(tmp_path / "ct.nii", *change(values, affine)), map_for(values > -2000, affine))


def test_density_by_ct_is_that_of_the_programs_own_attenuation() -> None:
    assert (
        0.04 < cts.bone_volume_fraction(90.0) < 0.07
    )  # osteoporotic: below 100 to 110 HU at L1 (Pickhardt 2013, recalled)
    assert 0.10 < cts.bone_volume_fraction(160.0) < 0.15  # normal: above 135 to 160 HU
    reference = cts.bone_volume_fraction(1000 * (0.0218846 / cts.WATER_PER_MM - 1))
    assert reference == pytest.approx(0.10, abs=1e-6)  # attenuation.csv's own cancellous column


def test_real_maps_are_recognised(needs: Callable[[object, str], None]) -> None:
    needs(CT.is_dir(), "no real spines beside the checkout")
    assert recognised(read_labels(CT / "verse004_T9-L5_vertebrae_1mm.nii.gz"))[0] == "verse"
    assert recognised(read_labels(CT / "totalseg_trunk_vertebrae_labels_3mm.nii.gz"))[0] == "totalsegmentator-v2"


def blurred(bone: Bone, middle: np.ndarray, spacing: float, fwhm: float, factor: float) -> cts.Ct:
    """A CT of a slab of 10 mm round a point of a bone whose walls are `factor` times the grid's; soft tissue, then air around it."""
    from scipy.ndimage import gaussian_filter

    shape = np.array([60.0, 50.0, 10.0]) / spacing
    index = np.stack(np.meshgrid(*(np.arange(int(n)) for n in shape), indexing="ij"), axis=-1)
    lps_from_index = np.diag([spacing] * 3 + [1.0])
    lps_from_index[:3, 3] = middle - spacing * shape / 2
    bone_from_index = np.linalg.inv(bone.patient_from_bone) @ lps_from_index
    at = index @ bone_from_index[:3, :3].T + bone_from_index[:3, 3]
    outer, wall = sample(bone.distance, at), factor * sample(bone.wall, at)
    hu = np.where(
        outer < -wall, 120.0, np.where(outer < 0.0, ct_cortex.CORTEX_HU, np.where(outer < 4.0, 40.0, -1000.0))
    )
    return cts.Ct(gaussian_filter(hu.astype(np.float32), fwhm / 2.355 / spacing), lps_from_index)


def test_walls_are_measured_where_the_scan_is_sharp_and_only_there() -> None:
    patient = provide(SyntheticRecipe(fractures=(Fracture(level="L2"),), seed=1), Path)
    bone, vertebra = patient.bones["L3"], patient.vertebrae["L3"]
    middle, measured = vertebra.centre, []
    for factor in (1.0, 2.0):
        ct = blurred(bone, middle, 0.4, 0.5, factor)
        assert ct_cortex.sharpness(ct) == pytest.approx(0.55, abs=0.15)
        assert ct_cortex.resolved(ct)[0]
        measured.append(ct_cortex.wall_factor(ct, bone, vertebra, np.eye(4)))
    assert measured[1] / measured[0] == pytest.approx(2.0, rel=0.2)
    assert measured[0] == pytest.approx(1.0, rel=0.35)
    assert not ct_cortex.resolved(blurred(bone, middle, 0.4, 1.2, 1.0))[0]
    sharp, why = ct_cortex.resolved(blurred(bone, middle, 0.8, 0.8, 1.0))
    assert not sharp
    assert "0.80 mm long" in why
