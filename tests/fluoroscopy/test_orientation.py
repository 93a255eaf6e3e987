"""Which way round: the phantom's balls lie left, behind and high differently, so no flip or turn can hide."""

from math import cos, radians, sin

import numpy as np
import pytest

from game.fluoroscopy import display
from models.carm import PRESETS, Pose, positioner_angles, view
from models.tissue import CHANNELS
from tests.fluoroscopy import phantoms, pinhole

CORTICAL = CHANNELS.index("cortical")
POSES = {
    "ap": (0.0, 0.0),
    "left-lateral": (90.0, 0.0),
    "right-lateral": (-90.0, 0.0),
    "oblique left": (5.0, 0.0),
    "oblique right": (-5.0, 0.0),
    "to the head": (0.0, 20.0),
    "to the feet": (0.0, -20.0),
}


def seen(scope, orbital, tilt, name):
    """(column, row) of a ball's middle in the picture, by the soft tissue that it displaces."""
    bone = scope.paths(Pose(orbital, tilt))[..., CORTICAL] > 0.05
    place = view(Pose(orbital, tilt)).project(np.array(phantoms.BALLS[name][0]))
    reach = phantoms.BALLS[name][1] * 1020 / 530 / (298 / 512) * 1.4
    rows, columns = np.nonzero(bone)
    near = np.hypot(columns - place[0], rows - place[1]) < reach
    return np.array([(columns[near].min() + columns[near].max()) / 2, (rows[near].min() + rows[near].max()) / 2])


def test_words_of_the_conventions_hold_in_ap(scope):
    left, middle = seen(scope, 0, 0, "near-left"), seen(scope, 0, 0, "middle")
    assert left[0] < middle[0] - 50  # the patient's left at image left
    assert left[1] < middle[1] - 50  # cranial on top


def test_words_of_the_conventions_hold_in_lateral_views(scope):
    # "near-left" lies in front of the middle, "low-right" behind it
    for orbital, sense in ((90.0, 1.0), (-90.0, -1.0)):
        front = seen(scope, orbital, 0, "near-left")
        behind = seen(scope, orbital, 0, "low-right")
        assert sense * (behind[0] - front[0]) > 60  # posterior at image right for the left lateral, left for the other
        assert front[1] < behind[1] - 50  # cranial on top


def test_a_detector_turned_left_throws_what_lies_behind_to_the_right(scope):
    straight, turned = (seen(scope, o, 0, "low-right") - seen(scope, o, 0, "middle") for o in (0.0, 5.0))
    assert turned[0] > straight[0] + 2


def test_a_detector_tilted_to_the_head_throws_what_lies_behind_to_the_feet(scope):
    straight, tilted = (seen(scope, 0, t, "low-right") - seen(scope, 0, t, "middle") for t in (0.0, 20.0))
    assert tilted[1] > straight[1] + 10


@pytest.mark.parametrize("name", POSES)
def test_balls_lie_where_dicom_positioner_angles_say(scope, name):
    orbital, tilt = POSES[name]
    primary, secondary = (radians(angle) for angle in positioner_angles(Pose(orbital, tilt)))
    # DICOM PS3.3 C.8.7.5: from in front (0), + to the patient's left; secondary + to the head. Cranial is up in the picture.
    beam = np.array([sin(primary) * cos(secondary), -cos(primary) * cos(secondary), sin(secondary)])
    up = np.array([0.0, 0.0, 1.0]) - beam[2] * beam
    up /= np.linalg.norm(up)
    right = np.cross(up, beam)  # as seen from the detector, looking along -beam
    for ball, (centre, *_) in phantoms.BALLS.items():
        offset = np.array(centre) + 530.0 * beam
        scale = 1020.0 / (offset @ beam) * 512 / 298
        expected = 255.5 + scale * np.array([offset @ right, -(offset @ up)])
        assert (
            np.hypot(*(seen(scope, orbital, tilt, ball) - expected)) < 2.5
        )  # a sphere's shadow is an ellipse, a little off


@pytest.mark.parametrize(
    ("angles", "dicom"),
    [((0, 0), 180.0), ((90, 0), 90.0), ((-90, 0), -90.0), ((5, 0), 175.0), ((-5, 0), -175.0)],
)
def test_positioner_angles_of_a_prone_patient(angles, dicom):
    primary, secondary = positioner_angles(Pose(*angles))
    assert abs(primary) == 180.0 if abs(dicom) == 180.0 else primary == pytest.approx(dicom)
    assert secondary == pytest.approx(0.0)
    assert positioner_angles(Pose(angles[0], 0.0))[1] == pytest.approx(0.0)


@pytest.mark.parametrize("tilt", [20.0, -20.0])
def test_tilt_is_the_secondary_positioner_angle(tilt):
    assert positioner_angles(Pose(0.0, tilt))[1] == pytest.approx(tilt)


def test_the_pinhole_of_the_arm_is_the_independent_one():
    rng = np.random.default_rng(4)
    for _ in range(50):
        angles, isocentre = rng.uniform(-90, 90, 3), rng.uniform(-50, 50, 3)
        points = isocentre + rng.uniform(-80, 80, (20, 3))
        ours = view(Pose(*angles, isocentre=tuple(isocentre)), 512).project(points)
        np.testing.assert_allclose(ours, pinhole.project(points, angles, isocentre, 512), atol=1e-9)


def test_lateral_presets_show_posterior_on_top():
    for name, cranial_left in (("left-lateral", True), ("right-lateral", False)):
        pose, turn = Pose(*PRESETS[name]), display.PRESETS[name]
        pinhole_view = view(pose)
        behind, above = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
        right, down = display.shown_direction(behind @ pinhole_view.column, behind @ pinhole_view.row, turn)
        assert (round(right, 6), round(down, 6)) == (0.0, -1.0)
        right, _ = display.shown_direction(above @ pinhole_view.column, above @ pinhole_view.row, turn)
        assert right == pytest.approx(-1.0 if cranial_left else 1.0)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_direction_is_turned_as_the_picture_is(turns, mirrored):
    grey = np.zeros((9, 9), dtype=np.uint8)
    grey[4, 8] = 255  # right of the middle
    setting = display.Display(turns, mirrored)
    row, column = np.argwhere(display.shown(grey, setting))[0] - 4
    assert display.shown_direction(4.0, 0.0, setting) == (column, row)


def where(pose, setting=display.UPRIGHT):
    return {letter: (x, y) for letter, x, y in display.letters(pose, setting)}


def test_letters_stand_at_the_patients_sides_from_behind():
    found = where(Pose())
    assert found["L"][0] < 0 < found["R"][0]
    assert where(Pose(), display.Display(mirrored=True))["L"][0] > 0
    assert where(Pose(), display.Display(turns=2))["L"][0] > 0
    assert where(Pose(orbital=180.0))["L"][0] > 0  # from in front


def test_the_letter_of_a_lateral_view_is_the_side_at_the_detector():
    assert list(where(Pose(90.0), display.PRESETS["left-lateral"])) == ["L"]
    assert list(where(Pose(-90.0), display.PRESETS["right-lateral"])) == ["R"]


@pytest.mark.parametrize("view_name", ["ap", "left-lateral", "right-lateral"])
def test_markers_are_burnt_in_and_leave_the_middle_alone(view_name):
    grey = np.full((512, 512), 128, dtype=np.uint8)
    marked = display.monitor(grey, Pose(*PRESETS[view_name]), display.PRESETS[view_name])
    assert (marked != 128).sum() > 300
    assert (marked[100:412, 100:412] == 128).all()
