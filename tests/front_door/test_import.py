"""`import` and `patient` from end to end: files written whole or not at all, no identifiers, oblique scans, the real cases."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from game.cli import app
from game.cli.import_ import _stripped
from game.procedure.scenarios import load
from models.distance import sample
from models.importing import survey
from models.nifti import LabelMap, read_labels
from models.provide import provide
from models.recipe import Fracture, SyntheticRecipe
from tests.models.test_importing import NAME, series

REAL = Path(__file__).parents[3] / "shared" / "ct"
VOXEL = np.array([1.5, 1.4, 2.0])
NUMBERS = {"L1": 20, "L2": 21, "L3": 22}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of the person who runs the tests is left alone; patients come from their cache."""
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "home"


@cache
def rasterised(*levels: str, degrees: float = 0.0) -> LabelMap:
    """Levels of the first case as labels of a lattice that stands turned in the patient."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    patient = provide(SyntheticRecipe(fractures=(Fracture(level="L2"),), seed=1), Path)
    centre = patient.vertebrae["L2"].centre + np.array([0.0, 25.0, 0.0])
    shape = np.array([76, 90, 78])
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = turn * VOXEL
    lps_from_index[:3, 3] = centre - lps_from_index[:3, :3] @ (shape / 2)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    points = index @ lps_from_index[:3, :3].T + lps_from_index[:3, 3]
    values = np.zeros(shape, dtype=np.int16)
    for level in levels:
        bone = patient.bones[level]
        back = np.linalg.inv(bone.patient_from_bone)
        values[sample(bone.distance, points @ back[:3, :3].T + back[:3, 3]) < 0.0] = NUMBERS[level]
    return LabelMap(Path("made"), values, lps_from_index)


def nifti(labels: LabelMap, path: Path) -> Path:
    image = nibabel.Nifti1Image(labels.labels, np.diag([-1.0, -1.0, 1.0, 1.0]) @ labels.lps_from_index)
    image.header["descrip"], image.header["aux_file"] = NAME.encode(), b"20240131"
    nibabel.save(image, path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any, str]:
    code = app.main([*map(str, arguments), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def test_an_oblique_scan_has_the_sizes_and_sides_of_the_straight_one() -> None:
    found = [survey(rasterised("L2", degrees=degrees), "verse").levels["L2"] for degrees in (0.0, 20.0)]
    straight, oblique = (level.landmarks for level in found)
    for size in ("anterior_height", "posterior_height", "width", "depth"):
        assert getattr(oblique, size) == pytest.approx(getattr(straight, size), abs=1.2), size
    assert (oblique.pedicles["left"].centre - oblique.centre) @ oblique.left > 8.0
    assert oblique.left[0] > 0.9  # handedness kept
    for level in found:
        assert level.solid_ml == pytest.approx(level.voxel_ml, rel=0.01)


def test_no_name_date_or_uid_of_a_series_reaches_anything_written(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = rasterised("L2")
    folder = series(
        tmp_path / "scan",
        labels.labels.astype(int),
        step=(0.0, 0.0, 2.0),
        PixelSpacing=[float(VOXEL[1]), float(VOXEL[0])],
    )
    code, told, err = run(
        capsys, "import", "--labels", folder, "--numbering", "verse", "--out", tmp_path / "out" / "a.toml"
    )
    assert code == 0
    import pydicom

    one = pydicom.dcmread(folder / "0.dcm")
    secrets = [
        *NAME.split("^"),
        "9081726354",
        "20240131",
        one.SeriesInstanceUID,
        one.SOPInstanceUID,
        one.FrameOfReferenceUID,
    ]
    written = [p for place in (home, tmp_path / "out") for p in place.rglob("*") if p.is_file()]
    assert len(written) >= 3
    for path in written:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        for secret in secrets:
            assert secret.encode() not in content, (path.name, secret)
    assert not any(secret in json.dumps(told) + err for secret in secrets)


def test_a_header_with_a_name_is_left_behind(tmp_path: Path) -> None:
    path = nifti(rasterised("L2"), tmp_path / "scan.nii.gz")
    assert NAME.encode() in gzip.decompress(path.read_bytes())
    name, content = _stripped(read_labels(path), set(NUMBERS.values()), "labels")
    assert NAME.encode() not in gzip.decompress(content)
    (tmp_path / name).write_bytes(content)
    before, after = read_labels(path), read_labels(tmp_path / name)
    for labels in (before, after):
        at = (
            np.argwhere(labels.labels == NUMBERS["L2"]) @ labels.lps_from_index[:3, :3].T + labels.lps_from_index[:3, 3]
        )
        assert at.mean(axis=0) == pytest.approx(rasterised_centre(), abs=1e-2)


def rasterised_centre() -> np.ndarray:
    labels = rasterised("L2")
    at = np.argwhere(labels.labels) @ labels.lps_from_index[:3, :3].T + labels.lps_from_index[:3, 3]
    return np.asarray(at.mean(axis=0))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--numbering", "verse", "--target", "L1"), "L1 is cut off"),
        (("--numbering", "verse", "--target", "T9"), "T9 is not in the map"),
        (("--numbering", "versa"), "expected one of verse"),
        (("--numbering", "totalsegmentator-v2"), "numbering"),
        (("--numbering", "verse", "--ct", "missing.nii"), "no such file"),
    ],
)
def test_a_refusal_is_one_line_and_leaves_nothing(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], says: str
) -> None:
    whole = rasterised("L1", "L2")
    top = int(np.argwhere(whole.labels == NUMBERS["L1"])[:, 2].max())
    cut = LabelMap(whole.path, whole.labels[:, :, : top - 2], whole.lps_from_index)
    path = nifti(cut, tmp_path / "scan.nii.gz")
    out = tmp_path / "out" / "a.toml"
    code, told, err = run(capsys, "import", "--labels", path, "--out", out, *options)
    assert (code, told) == (2, None)
    assert says in err.splitlines()[-1]
    assert not out.parent.exists()
    assert not list(home.rglob("labels-*"))


def test_the_page_of_a_patient_holds_its_pictures_and_grades_the_fracture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, _ = run(capsys, "patient", "first-case", "--report", tmp_path)
    assert code == 0
    page = Path(told["report"]).read_text(encoding="utf-8")
    assert page.count("data:image/png") == 2
    assert "http" not in page  # self-contained
    l2 = told["levels"]["L2"]
    assert (l2["heights"]["grade"], l2["heights"]["kind"]) == (2, "wedge")
    assert told["levels"]["L3"]["heights"]["grade"] == 0
    assert 15.0 < l2["ways"]["left"]["to_wall"] < 25.0
    assert l2["ways"]["left"]["cleared"] == pytest.approx(l2["ways"]["left"]["to_wall"] + 4.4)


def test_real_cases_go_from_labels_to_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], needs: Callable[[object, str], None]
) -> None:
    needs(REAL.is_dir(), "no real spines beside the checkout")
    code, told, _ = run(
        capsys, "import", "--labels", REAL / "totalseg_trunk_vertebrae_labels_3mm.nii.gz",
        "--ct", REAL / "totalseg_trunk_ct_3mm.nii.gz", "--out", tmp_path / "trunk.toml",
    )  # fmt: skip
    assert code == 0
    assert told["numbering"] == "totalsegmentator-v2"
    assert "cut off" in told["levels"]["T12"]["fault"]
    assert all(60.0 < told["levels"][f"L{n}"]["hu"] < 220.0 for n in range(1, 6))
    recipe = load(tmp_path / "trunk.toml").recipe
    assert 300.0 < recipe.torso_width_mm < 400.0
    code, told, _ = run(
        capsys, "import", "--labels", REAL / "verse004_T9-L5_vertebrae_1mm.nii.gz", "--out", tmp_path / "v.toml"
    )
    assert (code, told["numbering"], told["target"]) == (0, "verse", "L1")
    assert all(abs(v["solid_ml"] / v["voxel_ml"] - 1) < 0.01 for v in told["levels"].values())
