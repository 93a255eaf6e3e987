"""Path lengths in the picture against geometry: spheres, shells, box, needle, cement."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from game.fluoroscopy.projector import cement_path
from models.carm import Pose, view
from models.instruments import TROCAR, TrocarPose
from models.patient import Grid
from models.tissue import CHANNELS
from tests.fluoroscopy import phantoms, pinhole

SOFT, CORTICAL, STEEL, CEMENT = (CHANNELS.index(name) for name in ("soft", "cortical", "steel", "cement"))


def trocar(tip, axis, roll):
    axis = np.array(axis) / np.linalg.norm(axis)
    roll = np.array(roll) - np.dot(roll, axis) * axis
    return TrocarPose(np.array(tip, dtype=float), axis, roll / np.linalg.norm(roll))


@pytest.mark.parametrize(
    "pose", [Pose(4.0, 3.0, 1.0), Pose(84.0, -8.0, 5.0, (10.0, 0.0, 5.0)), Pose(-97.0, 15.0, -3.0)]
)
def test_paths_through_spheres_shells_and_a_box_are_right_to_a_fiftieth_of_a_millimetre(scope, pose):
    found = scope.paths(pose)
    pinhole_view = view(pose)
    pixels = np.random.default_rng(7).integers(60, 452, (1500, 2))
    rays = [pinhole_view.ray(*map(float, pixel)) for pixel in pixels]
    exact = np.array([phantoms.exact_paths(pinhole_view.source, ray) for ray in rays])
    pixel_mm = pinhole_view.pixel_mm * 0.6  # at the anatomy
    clear = np.array([phantoms.rim(pinhole_view.source, ray) for ray in rays]) > pixel_mm
    wrong = np.abs(found[pixels[:, 1], pixels[:, 0]] - exact)
    assert clear.sum() > 1200
    assert exact[clear, CORTICAL].max() > 5.0
    assert wrong[clear].max() < 0.02
    assert wrong.max() < 1.0


def test_nothing_is_in_the_beam_beside_the_patient(scope):
    found = scope.paths(Pose(isocentre=(0.0, 0.0, 200.0)))  # the box ends 40 mm below the middle of the field
    assert np.abs(found[:340]).max() < 1e-3
    assert found[460, 256, SOFT] > 200.0


def bevel_rim(needle):
    """Points round the face of the bevel: an ellipse between point and heel."""
    turn = np.linspace(0, 2 * np.pi, 181)[:, None]
    long, short = (needle.point - needle.heel) / 2, np.cross(needle.axis, needle.roll) * TROCAR.outer_mm / 2
    return (needle.point + needle.heel) / 2 + np.cos(turn) * long + np.sin(turn) * short


def random_poses(count):
    rng = np.random.default_rng(11)
    for _ in range(count):
        angles = rng.uniform((-95, -20, -15), (95, 20, 15))
        isocentre = rng.uniform(-15, 15, 3)
        tip = isocentre + rng.uniform(-12, 12, 3)
        axis = rng.normal(size=3)
        yield angles, isocentre, trocar(tip, axis / np.linalg.norm(axis), rng.normal(size=3))


@pytest.fixture(scope="module")
def fine_scope(scope):
    from game.fluoroscopy.projector import Fluoroscope

    made = Fluoroscope(phantoms.phantom(()), 1024)
    yield made
    made.close()


def test_the_needle_lies_within_half_a_pixel_of_an_independent_pinhole_at_20_poses(fine_scope):
    # Drawn at 1024, where whole pixels are half pixels of the 512 picture: the end is where the last pixel with steel is.
    worst_side, worst_end, seen = 0.0, 0.0, 0
    for angles, isocentre, needle in random_poses(28):
        beam, _, _ = pinhole.axes(*angles)
        if abs(needle.axis @ beam) > 0.85:
            continue  # down the barrel the shaft has no length in the picture
        steel = fine_scope.paths(Pose(*angles, isocentre=tuple(isocentre)), needle)[..., STEEL]
        back = needle.tip - np.array([[15.0], [30.0], [45.0]]) * needle.axis
        shaft = pinhole.project(back, angles, isocentre, 1024)
        rim = pinhole.project(bevel_rim(needle), angles, isocentre, 1024)
        along = shaft[0] - shaft[-1]
        along /= np.linalg.norm(along)
        across = np.array([-along[1], along[0]])
        reach = np.linspace(-16, 16, 161)
        for middle in shaft:
            at = middle + reach[:, None] * across
            profile = map_coordinates(steel, at.T[::-1], order=1)
            worst_side = max(worst_side, abs((profile * reach).sum() / profile.sum()))
        rows, columns = np.nonzero(steel > 0.01)
        ahead = np.stack([columns, rows], axis=-1) @ along
        worst_end = max(worst_end, abs(ahead.max() - (rim @ along).max()))
        seen += 1
    assert seen >= 20
    assert worst_side / 2 < 0.1
    assert worst_end / 2 < 0.5


def test_steel_takes_the_place_of_soft_tissue_and_the_cannula_has_a_bore(scope):
    needle = trocar((0.0, 10.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    pose = Pose(isocentre=(-20.0, 10.0, 0.0))
    empty, full, open_ = scope.paths(pose), scope.paths(pose, needle), scope.paths(pose, needle, stylet=False)
    column, row = np.rint(view(pose).project(np.array([-20.0, 10.0, 0.0]))).astype(int)
    near = slice(row - 3, row + 4)
    change = full - empty
    assert change[near, column, STEEL].max() == pytest.approx(TROCAR.outer_mm, abs=0.03)
    np.testing.assert_allclose(change[near, column, SOFT], -change[near, column, STEEL], atol=1e-3)
    wall = (open_ - empty)[near, column, STEEL]
    assert wall[3] == pytest.approx(TROCAR.outer_mm - TROCAR.inner_mm, abs=0.1)
    assert open_[..., STEEL].sum() < 0.6 * full[..., STEEL].sum()


def test_the_hub_throws_a_shadow_round_the_shaft(scope):
    needle = trocar((0.0, 0.0, 0.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
    pose = Pose(isocentre=(0.0, 0.0, 0.0))
    change = scope.paths(pose, needle) - scope.paths(pose)
    pinhole_view = view(pose)
    depth = 530.0 + TROCAR.length_mm  # source to the hub's lower face
    pixel = TROCAR.hub_mm / 4 * 1020 / depth / pinhole_view.pixel_mm
    row, column = 256, round(255.5 + pixel)
    assert change[row, column, SOFT] == pytest.approx(TROCAR.hub_height_mm * 1.1, rel=0.01)
    assert change[row, 256, STEEL] > 100.0


def test_cement_in_the_picture_is_what_a_fine_sum_along_the_ray_finds(scope):
    rng = np.random.default_rng(2)
    values = np.zeros((40, 30, 30), dtype=np.float32)
    values[8:25, 9:20, 6:22] = rng.uniform(0.2, 1.0, (17, 11, 16))
    cement = Grid(values, np.array([-18.0, -5.0, -12.0]), 1.0)
    pose = Pose(25.0, -8.0, 2.0)
    change = scope.paths(pose, cement=cement) - scope.paths(pose)
    pinhole_view = view(pose)
    rows, columns = np.nonzero(change[..., CEMENT] > 3.0)
    for i in rng.integers(0, len(rows), 25):
        exact = cement_path(cement, pinhole_view.source, pinhole_view.ray(float(columns[i]), float(rows[i])))
        assert change[rows[i], columns[i], CEMENT] == pytest.approx(exact, abs=0.05, rel=0.01)
    np.testing.assert_allclose(change[..., SOFT], -change[..., CEMENT], atol=2e-3)


def test_a_block_of_cement_is_as_long_as_it_is_and_goes_when_it_is_taken_away(scope):
    values = np.zeros((20, 30, 20), dtype=np.float32)
    values[5:15, 5:25, 5:15] = 1.0
    cement = Grid(values, np.array([-10.0, -5.0, -10.0]), 1.0)
    found = scope.paths(Pose(), cement=cement)[256, 256]
    assert found[CEMENT] == pytest.approx(20.0, abs=0.05)
    assert scope.paths(Pose(), cement=Grid(np.zeros_like(values), cement.origin, 1.0))[..., CEMENT].max() == 0.0
    assert scope.paths(Pose())[..., CEMENT].max() == 0.0
