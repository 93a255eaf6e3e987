"""Sacrum and hip bones of the mean person, measured on their surfaces; levels can be counted from them.

What every bone has to keep (closed, a distance, no overlap, under the skin) is in test_patient_contract.py and asked of these here.
"""

from itertools import pairwise, product

import numpy as np
import pytest

from models import ilium, pelvis, posture, sacrum, synthetic
from models.distance import sample
from models.forms import form
from models.morphometry import LEVELS, size
from models.patient import Bone, Patient
from models.provide import provide
from models.recipe import SyntheticRecipe
from tests.models import test_patient_contract as contract

PELVIS = ("sacrum", "hip-left", "hip-right")


def no_data(name: str):
    raise AssertionError(f"asked for {name}: a synthetic patient needs no file")


@pytest.fixture(scope="module")
def lumbar() -> Patient:
    """As in test_levels.py, so that it is built once."""
    return provide(SyntheticRecipe.model_validate({"levels": ("L3", "L4", "L5")}), no_data)


def outside(bone: Bone) -> np.ndarray:
    """(V, 3) vertices of the outer surface, patient frame."""
    return contract.in_patient(bone, bone.outer.vertices.astype(float))


def distance(bone: Bone, points: np.ndarray) -> np.ndarray:
    """(N,) mm to a bone at points of the patient frame."""
    return sample(bone.distance, contract.in_bone(bone, points))


def sacral_plate(patient: Patient) -> tuple[np.ndarray, np.ndarray]:
    """(points (N, 3) of the rim of S1's plate on the surface, unit normal), patient frame."""
    bone, v = patient.bones["sacrum"], patient.vertebrae["L5"]
    across, deep = 0.40 * v.width, 0.40 * v.depth
    turn = np.linspace(0.0, 2 * np.pi, 48, endpoint=False)
    found = []
    for x, y in zip(across * np.cos(turn), deep * np.sin(turn), strict=True):
        z = np.arange(8.0, -8.0, -0.02)
        line = sample(bone.distance, np.stack([0 * z + x, 0 * z + y, z], axis=-1))
        found.append((x, y, z[np.argmax(line < 0.0)]))
    points = contract.in_patient(bone, np.array(found))
    _, _, rows = np.linalg.svd(points - points.mean(axis=0))
    return points, rows[2] if rows[2][2] > 0 else -rows[2]


def degrees_between(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(a @ b, -1.0, 1.0))))


@pytest.mark.parametrize(("sex", "asked"), [("female", 36.8), ("female", 55.0), ("male", 36.8)])
def test_lordosis_lies_between_the_plates_of_t12_and_s1(sex: str, asked: float):
    """Recumbent 36.8 +- 13.2 degrees (FIGURES b), though men's bodies are wedged otherwise."""
    levels = LEVELS[LEVELS.index("T12") :]
    recipe = SyntheticRecipe.model_validate({"levels": levels, "sex": sex, "lordosis_t12_s1_deg": asked})
    shapes = synthetic._shapes(recipe)
    frames = synthetic._frames(recipe, shapes)
    half = np.radians(shapes["T12"].size.wedge) / 2
    upper = frames["T12"][:3, :3] @ [0.0, -np.sin(half), np.cos(half)]
    assert degrees_between(upper, frames[posture.SACRUM][:3, 2]) == pytest.approx(asked, abs=0.1)


def test_pelvis_lies_level_below_a_scoliosis():
    levels = LEVELS[LEVELS.index("T12") :]
    shapes = {level: form(level, size(level)) for level in levels}
    lie = [
        posture.chain(shapes, 36.8, np.random.default_rng(1), curve=curve)[posture.SACRUM]
        for curve in (None, posture.Curve(40.0, "L3", "left"))
    ]
    np.testing.assert_allclose(lie[0][:3, :3], lie[1][:3, :3], atol=1e-9)


def test_lordosis_from_l4_to_s1_is_as_published_on_the_surfaces(lumbar: Patient):
    """L4-S1 recumbent 29.8 +- 8.0 degrees (FIGURES b), here of the mean person."""
    _, normal = sacral_plate(lumbar)
    assert degrees_between(lumbar.vertebrae["L4"].superior_plate.normal, normal) == pytest.approx(29.8, abs=3.0)


def test_disc_above_the_sacrum_is_as_high_as_published(lumbar: Patient):
    """L5/S1 10.47 mm (Jentzsch 2024, FIGURES b): from rim to rim, the middle of front and back."""
    rim, normal = sacral_plate(lumbar)
    plate = lumbar.vertebrae["L5"].inferior_plate
    between = plate.rim.mean(axis=0) - rim.mean(axis=0)
    middle = normal - plate.normal
    assert between @ middle / np.linalg.norm(middle) == pytest.approx(10.47, rel=0.08)


def test_sacral_plate_is_as_large_as_the_lower_plate_of_l5(lumbar: Patient):
    bone = lumbar.bones["sacrum"]
    along = np.arange(-40.0, 40.0, 0.05)
    for axis, wanted in ((0, size("L5").plate_width_lower), (1, size("L5").plate_depth_lower)):
        points = np.zeros((len(along), 3))
        points[:, axis], points[:, 2] = along, -2.5
        inside = sample(bone.distance, points) < 0.0
        middle = len(along) // 2
        span = (np.argmin(inside[middle:]) + np.argmin(inside[middle::-1])) * 0.05
        assert span == pytest.approx(wanted, rel=0.10), axis


def test_canal_is_open_from_l5_into_the_sacrum(lumbar: Patient):
    bone = lumbar.bones["sacrum"]
    stations = [(y, z) for y, z, _, _ in sacrum.CANAL[:5]]
    inside = contract.in_patient(bone, np.array([(0.0, y, z) for y, z in stations]))
    way = np.vstack([lumbar.vertebrae["L5"].canal_centre, inside])
    points = np.concatenate([np.linspace(a, b, 30) for a, b in pairwise(way)])
    for name in ("L5", "sacrum"):
        assert distance(lumbar.bones[name], points).min() > 2.5


def test_four_pairs_of_foramina_go_through_in_front_and_behind(lumbar: Patient):
    """Found as openings between the fused bodies: the light way from the canal, and bone all round it."""
    bone = lumbar.bones["sacrum"]
    grid = bone.distance
    bridges = 0
    for side, (y, z) in product((1.0, -1.0), sacrum.stations()[1:5]):
        x, up = np.meshgrid(side * np.arange(6.0, 30.0, 0.5), np.arange(z - 8.0, z + 8.0, 0.5), indexing="ij")
        y_front = np.arange(y - 14.0, y + 8.0, 0.5)  # from in front of the bone to the canal
        clear = np.ones_like(x, dtype=bool)
        for deep in y_front:
            clear &= sample(grid, np.stack([x, 0 * x + deep, up], axis=-1)) > 0.0
        assert clear.any(), (side, z)
        lateral = sample(grid, np.stack([x[-1:], 0 * x[-1:] + y, up[-1:]], axis=-1))
        bridges += int((lateral < 0.0).any())
    assert bridges >= 6  # bone lies beside them: holes, no notches
    handles = 1 - (len(bone.outer.vertices) - len(bone.outer.faces) / 2) / 2
    assert handles >= 12


@pytest.mark.parametrize("side", ["left", "right"])
def test_sacroiliac_joint_has_a_gap_of_one_to_two_millimetres(lumbar: Patient, side: str):
    hip, bone = lumbar.bones[f"hip-{side}"], lumbar.bones["sacrum"]
    corners = outside(bone)[bone.outer.faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    gap = distance(hip, corners.mean(axis=1))
    facing = gap < 2.5
    assert 800.0 < area[facing].sum() < 2000.0  # mm2; auricular surface about 10-18 cm2 (recalled)
    assert 1.0 < np.median(gap[facing]) < 2.0
    assert gap.min() > 0.8


def test_crests_reach_the_disc_between_l4_and_l5(lumbar: Patient):
    """The line between the crests (Tuffier) crosses the body of L4 to the disc below it."""
    high = lumbar.vertebrae["L4"].superior_plate.centre[2]
    low = lumbar.vertebrae["L5"].superior_plate.centre[2]
    tops = [outside(lumbar.bones[f"hip-{side}"])[:, 2].max() for side in ("left", "right")]
    assert low < np.mean(tops) < high
    assert min(tops) > low - 3.0  # askew on the table by up to 2.5 degrees


def test_crests_are_as_far_apart_as_a_womans(lumbar: Patient):
    """About 270-290 mm between the outer lips, along the pelvis' own left."""
    hips = [lumbar.bones[name] for name in PELVIS[1:]]
    ends = [bone.outer.vertices[:, 0] for bone in hips]  # both stand in the frame of the pelvis
    assert 270.0 < ends[0].max() - ends[1].min() < 290.0


def test_a_womans_sacrum_is_the_wider(lumbar: Patient):
    wide = []
    for half in (sacrum.FEMALE_HALF_BREADTH_MM, sacrum.MALE_HALF_BREADTH_MM):
        lattice, values = sacrum.field(sacrum.Joint(half), 2.0)
        inside = np.flatnonzero((values < 0.0).any(axis=(1, 2)))
        wide.append((inside[-1] - inside[0]) * lattice.spacing)
    assert wide[0] - wide[1] >= 4.0
    assert np.ptp(lumbar.bones["sacrum"].outer.vertices[:, 0]) == pytest.approx(wide[0], abs=4.0)


def test_crests_give_way_to_a_narrow_torso():
    joint = sacrum.Joint(sacrum.FEMALE_HALF_BREADTH_MM)
    for breadth in (ilium.BREADTH_MM, 230.0):
        lattice, values = ilium.field("left", joint, breadth, 2.0)
        reach = lattice.origin[0] + lattice.spacing * np.flatnonzero((values < 0.0).any(axis=(1, 2)))[-1]
        assert reach == pytest.approx(breadth / 2, abs=3.0)


def test_pelvis_is_there_only_where_it_is_asked_for(lumbar: Patient):
    skin = lumbar.skin
    for recipe in ({"levels": ("L4",)}, {"levels": ("L4", "L5"), "pelvis": False}):
        asked = SyntheticRecipe.model_validate(recipe)
        frames = synthetic._frames(asked, synthetic._shapes(asked))
        assert synthetic._pelvis(asked, {}, frames, {}, skin) == {}


def test_pelvis_stays_within_its_share_of_the_triangles(lumbar: Patient):
    most = {"sacrum": 16000, "hip-left": 12000, "hip-right": 12000}
    for name in PELVIS:
        bone = lumbar.bones[name]
        assert len(bone.outer.faces) + len(bone.inner.faces) <= most[name], name


def test_pelvis_keeps_what_every_bone_keeps(lumbar: Patient):
    for name in PELVIS:
        contract.assert_is_a_distance(lumbar.bones[name].distance, 2.0)
    contract.test_surfaces_are_closed_and_look_outward(lumbar)
    contract.test_inner_surfaces_lie_inside_outer_ones(lumbar)
    contract.test_bones_do_not_overlap(lumbar)
    contract.test_bones_lie_under_the_skin_and_the_torso_reaches_beyond_the_picture(lumbar)


def test_walls_are_those_of_the_tables(lumbar: Patient):
    """The ilium's cortex about 1 mm, the sacrum's thinner (assumed): what is seen is the surface moved inward by it."""
    for name, wall in (("sacrum", pelvis.SACRUM_WALL_MM), ("hip-left", pelvis.HIP_WALL_MM)):
        bone = lumbar.bones[name]
        between = np.linalg.norm(bone.outer.vertices - bone.inner.vertices, axis=1)
        assert np.median(between) == pytest.approx(wall, abs=0.1)
