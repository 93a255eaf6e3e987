"""Label maps: faults told in one line, orientation, volumes kept, neighbours apart; and a real fractured spine."""

import gzip
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import labelled
from models.distance import sample
from models.errors import InputError
from models.label_solids import solids
from models.nifti import read_labels
from models.patient import Patient
from models.recipe import LabelledRecipe

Array = NDArray[np.float64]
REAL = Path(__file__).parents[3] / "shared" / "ct" / "verse004_T9-L5_vertebrae_1mm.nii.gz"


def write(path: Path, values: NDArray[np.generic], affine: Array) -> Path:
    image = nibabel.Nifti1Image(values, affine)
    image.set_data_dtype(values.dtype)
    nibabel.save(image, path)
    return path


def column(numbers: tuple[int, ...], gap: int = 30) -> NDArray[np.int16]:
    """Balls of 11 voxels' radius in a row, the first highest (third axis up)."""
    out = np.zeros((34, 34, gap * len(numbers) + 8), dtype=np.int16)
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in out.shape), indexing="ij"), axis=-1)
    for n, number in enumerate(numbers):
        middle = np.array([17, 17, out.shape[2] - 19 - gap * n])
        out[np.linalg.norm(grid - middle, axis=-1) < 11.0] = number
    return out


def recipe(numbering: str = "verse", levels: tuple[str, ...] = ()) -> LabelledRecipe:
    return LabelledRecipe.model_validate({"labels": "map.nii", "numbering": numbering, "levels": levels})


def refusal(path: Path, **asked: object) -> str:
    with pytest.raises(InputError) as caught:
        labelled.build(recipe(**asked), lambda name: path)  # type: ignore[arg-type]
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    return line


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "map.nii")


@pytest.mark.parametrize("content", [b"", b"not a NIfTI file at all" * 40, gzip.compress(b"\0" * 400)])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("map.nii", "map.nii.gz", "map.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        assert "not readable" in refusal(path) or "labels:" in refusal(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "map.nii.gz", column((20, 21)), np.eye(4))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "labels:" in refusal(path)


@pytest.mark.parametrize(
    ("values", "affine", "says"),
    [
        (np.zeros((9, 9, 9), np.int16), np.eye(4), "empty"),
        (np.ones((9, 9, 9, 3), np.int16), np.eye(4), "3-D"),
        (np.ones((9, 9), np.int16), np.eye(4), "3-D"),
        (np.full((9, 9, 9), 0.5, np.float32), np.eye(4), "whole numbers"),
        (np.full((9, 9, 9), np.nan, np.float32), np.eye(4), "whole numbers"),
        (np.full((9, 9, 9), -1000, np.int16), np.eye(4), "whole numbers"),
        (np.ones((9, 9, 9), np.int16), np.diag([1, 1, 9.0, 1]), "voxels of"),
        (np.ones((9, 9, 9), np.int16), np.eye(4) + 0.3 * np.eye(4, k=1) * [1, 1, 1, 0], "sheared"),
    ],
)
def test_maps_that_are_none_are_refused(tmp_path: Path, values: NDArray[np.generic], affine: Array, says: str) -> None:
    assert says in refusal(write(tmp_path / "map.nii", values, affine))


def test_levels_and_numbering_are_checked(tmp_path: Path) -> None:
    path = write(tmp_path / "map.nii", column((20, 21, 22)), np.eye(4))
    assert "L4 is not in the map, which has L1, L2, L3" in refusal(path, levels=("L3", "L4"))
    assert "expected neighbours" in refusal(path, levels=("L1", "L3"))
    assert "patient.numbering: no vertebra" in refusal(path, numbering="totalsegmentator-v2")
    upside_down = write(tmp_path / "down.nii", column((22, 21, 20)), np.eye(4))
    assert "L1 lies below L2" in refusal(upside_down)
    foreign = write(tmp_path / "foreign.nii", column((20, 21, 60)), np.eye(4))
    assert "no label 60" in refusal(foreign)
    crumbs = column((20, 21))
    crumbs[crumbs == 21] = 0
    crumbs[10:14, 10:14, 10:14] = 21
    assert "L2 has 0.1 ml" in refusal(write(tmp_path / "crumbs.nii", crumbs, np.eye(4)), levels=("L2",))


def test_a_level_cut_off_by_the_map_cannot_be_taken(tmp_path: Path) -> None:
    cut = column((20, 21))[:, :, 14:]
    path = write(tmp_path / "map.nii", cut, np.eye(4))
    assert "L2 is cut off" in refusal(path, levels=("L2",))


def test_balls_are_no_vertebrae(tmp_path: Path) -> None:
    path = write(tmp_path / "map.nii", column((20,)), np.eye(4))
    assert "L1: no canal" in refusal(path)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_the_bytes_the_reader_answers_or_refuses_in_one_line(tmp_path: Path, data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    kind = data.draw(st.sampled_from(["u1", "i2", "i4", "f4", "f8"]))
    fill = data.draw(st.sampled_from([0, 1, 20, 255]))
    path = tmp_path / "fuzz.nii"
    affine = np.diag([1.0, -1.0, 2.0, 1.0])
    affine[0, 1] = data.draw(st.sampled_from([0.0, 0.5]))
    write(path, np.full(shape, fill, dtype=kind), affine)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, min(len(content), 352) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    try:
        found = read_labels(path)
    except InputError as why:
        assert "\n" not in str(why)
        assert "fuzz.nii" in str(why)
    else:
        assert found.labels.ndim == 3
        assert found.labels.max() > 0
        assert np.isfinite(found.lps_from_index).all()


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SAL", "IRA"])
def test_any_order_and_direction_of_axes_means_the_same_places(tmp_path: Path, codes: str) -> None:
    tilt = np.radians(12)
    affine = np.array(
        [[1, 0, 0, -9], [0, np.cos(tilt), -np.sin(tilt), 5], [0, np.sin(tilt), np.cos(tilt), 70], [0, 0, 0, 1]]
    )
    affine[:3, :3] *= [1.5, 1.0, 2.0]
    values = np.zeros((12, 15, 9), dtype=np.int16)
    values[9, 3, 6] = 20
    image = nibabel.Nifti1Image(values, affine)
    turn = nibabel.orientations.ornt_transform(
        nibabel.io_orientation(affine), nibabel.orientations.axcodes2ornt(tuple(codes))
    )
    nibabel.save(image.as_reoriented(turn), tmp_path / "map.nii")
    found = read_labels(tmp_path / "map.nii")
    at = np.argwhere(found.labels == 20)[0]
    expected = affine[:3, :3] @ [9, 3, 6] + affine[:3, 3]
    assert found.lps_from_index[:3, :3] @ at + found.lps_from_index[:3, 3] == pytest.approx(expected * [-1, -1, 1])


@pytest.fixture(scope="module")
def touching(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Array]:
    """Two bodies of 1 x 1 x 2 mm voxels that touch: a ball of 12 mm and a tube-like ring under it."""
    index = np.stack(np.meshgrid(np.arange(50), np.arange(50), np.arange(30), indexing="ij"), axis=-1)
    p = index * np.array([1.0, 1.0, 2.0])
    values = np.zeros(index.shape[:3], dtype=np.int16)
    ring = np.hypot(np.hypot(p[..., 0] - 24.3, p[..., 1] - 25.1) - 12.0, p[..., 2] - 14.2) < 5.0
    values[ring] = 21
    values[np.linalg.norm(p - [24.3, 25.1, 30.4], axis=-1) < 15.0] = 20
    return write(tmp_path_factory.mktemp("map") / "map.nii", values, np.diag([-1.0, -1.0, 2.0, 1.0])), values


def test_solids_keep_the_labels_volume_and_place(touching: tuple[Path, Array]) -> None:
    labels = read_labels(touching[0])
    grids, stray = solids(labels, {"L1": 20, "L2": 21}, np.eye(4))
    for name, number in (("L1", 20), ("L2", 21)):
        grid = grids[name]
        fine = np.clip(0.5 - grid.values / grid.spacing, 0, 1).sum() * grid.spacing**3
        assert fine == pytest.approx(2.0 * (touching[1] == number).sum(), rel=0.01)
        assert stray[name] == 0.0
    points = np.random.default_rng(0).normal(size=(500, 3))
    points = 15.0 * points / np.linalg.norm(points, axis=1, keepdims=True)
    away = points[points[:, 2] > 0.0] + [24.3, 25.1, 30.4]
    assert np.abs(sample(grids["L1"], away)).max() < 0.7  # half a voxel of 1.26 mm
    assert np.std(sample(grids["L1"], away)) < 0.25


def test_neighbours_are_kept_apart(touching: tuple[Path, Array]) -> None:
    grids, _ = solids(read_labels(touching[0]), {"L1": 20, "L2": 21}, np.eye(4))
    a, b = grids["L1"], grids["L2"]
    inside = a.origin + a.spacing * np.argwhere(a.values < 0.0)
    assert (sample(b, inside) < 0.0).sum() * a.spacing**3 <= 1.0
    near = a.origin + a.spacing * np.argwhere(np.abs(a.values) < 0.3)
    assert (np.abs(sample(b, near)) < 0.6).sum() > 50  # they do lie side by side


def test_a_crumb_beside_a_label_is_left_out_and_told(tmp_path: Path) -> None:
    values = column((20,))
    values[1:4, 1:4, 1:4] = 20
    _, stray = solids(read_labels(write(tmp_path / "map.nii", values, np.eye(4))), {"L1": 20}, np.eye(4))
    assert stray["L1"] == pytest.approx(27 / (values == 20).sum())


@pytest.fixture(scope="module")
def real(needs: Callable[[object, str], None]) -> Patient:
    needs(REAL.is_file(), f"no real spine at {REAL.name} beside the checkout")
    asked = LabelledRecipe(labels=REAL.name, numbering="verse", levels=("L1", "L2"))
    return labelled.build(asked, lambda name: REAL)


def test_real_l1_is_a_biconcave_collapse_between_whole_walls(real: Patient) -> None:
    l1, l2 = real.vertebrae["L1"], real.vertebrae["L2"]
    assert l1.middle_height < 0.45 * l2.middle_height
    assert 8.0 < l1.middle_height < 13.0
    assert l1.middle_height < l1.anterior_height < l2.anterior_height
    assert l2.middle_height == pytest.approx(27.0, abs=2.0)
    assert "L1: compressed" in " ".join(real.notes)


def test_real_pedicles_are_of_usual_size_and_their_axes_run_inside(real: Patient) -> None:
    for level, vertebra in real.vertebrae.items():
        bone = real.bones[level]
        for side, pedicle in vertebra.pedicles.items():
            assert 7.0 < pedicle.width < 13.0, (level, side)
            assert 12.0 < pedicle.height < 18.0, (level, side)
            line = pedicle.centre + np.linspace(-8.0, 8.0, 33)[:, None] * pedicle.axis
            depth = sample(bone.distance, line - bone.patient_from_bone[:3, 3])
            assert depth.max() < -1.205, (level, side)  # a 13 G trocar along the axis stays in bone
            assert (pedicle.centre - vertebra.centre) @ vertebra.left * (1 if side == "left" else -1) > 8.0


def test_real_volumes_are_those_of_the_labels(real: Patient) -> None:
    labels = read_labels(REAL)
    for level, number in (("L1", 20), ("L2", 21)):
        corners = real.bones[level].outer.vertices[real.bones[level].outer.faces].astype(np.float64)
        volume = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
        voxels = (labels.labels == number).sum() * np.prod(labels.voxel_mm)
        assert volume == pytest.approx(voxels, rel=0.01)


def test_real_walls_are_laid_on_by_landmarks(real: Patient) -> None:
    vertebra, bone = real.vertebrae["L2"], real.bones["L2"]

    def wall(point: Array) -> float:
        return float(sample(bone.wall, (point - bone.patient_from_bone[:3, 3])[None])[0])

    for side, pedicle in vertebra.pedicles.items():
        out = vertebra.left if side == "left" else -vertebra.left
        reach = (pedicle.ring - pedicle.centre) @ out
        lateral, medial = pedicle.ring[int(reach.argmax())], pedicle.ring[int(reach.argmin())]
        assert 0.25 < wall(lateral) < 0.55
        assert wall(medial) > 0.65
    front = vertebra.centre - vertebra.posterior * (vertebra.depth / 2)
    assert 0.2 < wall(front) < 0.4
    assert 0.4 < wall(vertebra.superior_plate.centre) < 0.8


def test_real_levels_stand_upright_and_do_not_overlap(real: Patient) -> None:
    l1, l2 = real.vertebrae["L1"], real.vertebrae["L2"]
    assert np.linalg.norm(l1.centre) < 15.0
    down = l2.canal_centre - l1.canal_centre
    assert down[2] / np.linalg.norm(down) < -0.97
    assert l1.left[0] > 0.9
    assert l1.posterior[1] > 0.9
    a, b = real.bones["L1"], real.bones["L2"]
    inside = np.argwhere(a.distance.values < 0.0) * a.distance.spacing + a.distance.origin
    inside = inside + a.patient_from_bone[:3, 3] - b.patient_from_bone[:3, 3]
    assert (sample(b.distance, inside) < 0.0).sum() * a.distance.spacing**3 <= 1.0


def test_real_cortical_paths_of_the_surfaces_are_those_of_the_solid(real: Patient) -> None:
    bone = real.bones["L2"]
    generator = np.random.default_rng(5)
    along = np.arange(-75.0, 75.0, 0.02)
    off, path = [], []
    for _ in range(100):
        turn = np.linalg.qr(generator.normal(size=(3, 3)))[0]
        turn[:, 2] *= np.sign(np.linalg.det(turn))
        across = bone.outer.vertices[generator.integers(len(bone.outer.vertices))] @ turn[:, :2] + generator.normal(
            0, 2, 2
        )
        ray = np.column_stack([np.broadcast_to(across, (len(along), 2)), along]) @ turn.T
        depth = sample(bone.distance, ray)
        path.append(((depth < 0.0) & (depth > -sample(bone.wall, ray))).sum() * 0.02)
        chords = [chord(s.vertices.astype(np.float64) @ turn, s.faces, across) for s in (bone.outer, bone.inner)]
        off.append(abs(chords[0] - chords[1] - path[-1]))
    true = np.maximum(0.05 * np.array(path), 0.05)
    assert np.mean(np.array(off) <= true) >= 0.93  # the rest graze a surface: their ends slide along it
    assert np.sum(off) < 0.02 * np.sum(path)


def chord(p: Array, faces: NDArray[np.int32], across: Array) -> float:
    """Length inside a closed mesh along the ray through `across` and the third axis."""
    across = np.append(across, 0.0)
    a, b, c = (p[faces[:, i]] for i in range(3))
    first, second, third = (turned(u - across, v - across) for u, v in ((b, c), (c, a), (a, b)))
    twice = first + second + third
    hit = ((first >= 0) & (second >= 0) & (third >= 0)) | ((first <= 0) & (second <= 0) & (third <= 0))
    hit &= twice != 0.0
    height = (first * a[:, 2] + second * b[:, 2] + third * c[:, 2])[hit] / twice[hit]
    return float((np.sign(twice[hit]) * height).sum())


def turned(u: Array, v: Array) -> Array:
    """(N,) cross product in the plane."""
    return u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
