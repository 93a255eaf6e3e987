"""Scripted hands, and what stands between a device and the patient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haptics.safety import STEADY_POSES, Following, ForceLimit, PoseFilter
from haptics.stylus import ScriptedStylus, packed, straight
from haptics.tick import POSE_SIZE, PUSH, SCREW, TECHNIQUE
from models.instruments import TrocarPose
from tests.haptics import phantoms

HOME = phantoms.start()
GOOD = packed(HOME)


def test_a_script_goes_straight_and_stays_at_its_end() -> None:
    hand = ScriptedStylus(HOME).to(straight(HOME, 10.0), 100, SCREW)
    poses = hand.poses(0, 150)
    assert poses[:100, 1] == pytest.approx(HOME.tip[1] - 0.1 * np.arange(1, 101))
    assert (poses[100:] == poses[99]).all()
    assert (poses[:, TECHNIQUE] == SCREW).all()
    assert (hand.read(0) == packed(HOME, PUSH)).all()


def test_a_script_in_pieces_is_the_script_in_one() -> None:
    hand = ScriptedStylus(HOME).to(straight(HOME, 5.0), 70).to(straight(HOME, 1.0), 33, SCREW)
    assert np.array_equal(np.concatenate([hand.poses(0, 41), hand.poses(41, 120)]), hand.poses(0, 120))
    assert np.array_equal(hand.read(88), hand.poses(80, 90)[7])


def test_a_turning_script_keeps_its_directions_unit() -> None:
    aside = TrocarPose(HOME.tip, np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    poses = ScriptedStylus(HOME).to(aside, 50).poses(0, 50)
    assert np.linalg.norm(poses[:, 3:6], axis=1) == pytest.approx(1.0)
    assert poses[-1, 3:6] == pytest.approx([1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("index", "value", "word"),
    [(0, np.nan, "finite"), (4, np.inf, "finite"), (0, 25.0, "jumped"), (1, 1e9, "away")],
)
def test_a_pose_no_hand_can_make_is_refused_and_the_last_one_kept(index: int, value: float, word: str) -> None:
    bad = GOOD.copy()
    bad[index] = value
    kept, why = PoseFilter().accept(bad, GOOD, 10)
    assert kept is GOOD
    assert why is not None
    assert word in why


def test_a_pose_without_direction_is_refused() -> None:
    for part in (slice(3, 6), slice(6, 9)):
        bad = GOOD.copy()
        bad[part] = 0.0
        assert PoseFilter().accept(bad, GOOD, 10)[1] == "pose has no direction"
    bad = GOOD.copy()
    bad[6:9] = bad[3:6]
    assert "along its axis" in str(PoseFilter().accept(bad, GOOD, 10)[1])


def test_an_honest_pose_passes() -> None:
    assert PoseFilter().accept(GOOD, None, 10) == (GOOD, None)
    moved = GOOD.copy()
    moved[0] += 19.0
    assert PoseFilter().accept(moved, GOOD, 10)[1] is None


@pytest.mark.parametrize("ms", [1, 10])
def test_the_faster_poses_come_the_less_they_may_differ(ms: int) -> None:
    """2 mm and 3 degrees a millisecond."""
    for share, good in ((0.95, True), (1.05, False)):
        moved, turned, rolled = GOOD.copy(), GOOD.copy(), GOOD.copy()
        moved[2] += 2.0 * ms * share
        angle = np.radians(3.0 * ms * share)
        across = np.cross(HOME.axis, HOME.roll)
        turned[3:6] = np.cos(angle) * HOME.axis + np.sin(angle) * across
        rolled[6:9] = np.cos(angle) * HOME.roll + np.sin(angle) * across
        for pose in (moved, turned, rolled):
            assert (PoseFilter().accept(pose, GOOD, ms)[1] is None) == good


def test_a_flipped_axis_is_refused() -> None:
    flipped = GOOD.copy()
    flipped[3:6] *= -1.0
    assert PoseFilter().accept(flipped, GOOD, 10)[1] == "pose turned its axis by 180 degrees in 10 ms"


def test_a_device_steady_elsewhere_is_taken_up_again_but_never_in_tissue() -> None:
    there = GOOD.copy()
    there[0] += 30.0
    for free in (True, False):
        device = Following()
        assert device.offer(GOOD, 10, free) is None
        device.follow(GOOD)
        answers = [device.offer(there, 10, free) for _ in range(STEADY_POSES)]
        assert all("jumped 30 mm" in str(answer) for answer in answers[:-1])
        assert (answers[-1] is None) == free
        assert (device.followed is None) == free


def test_a_device_that_keeps_jumping_is_not_taken_up() -> None:
    device = Following()
    device.follow(GOOD)
    for n in range(5 * STEADY_POSES):
        stray = GOOD.copy()
        stray[0] += 30.0 + 40.0 * (n % 2)
        assert device.offer(stray, 10, True) is not None


@given(st.lists(st.floats(), min_size=POSE_SIZE, max_size=POSE_SIZE))
def test_whatever_comes_what_goes_on_is_finite(values: list[float]) -> None:
    kept, _ = PoseFilter().accept(np.array(values), GOOD, 10)
    assert np.isfinite(kept).all()
    assert np.linalg.norm(kept[:3] - GOOD[:3]) <= 20.0 + 1e-9


force = st.lists(st.floats(-500.0, 500.0), min_size=3, max_size=3).map(np.array)


@given(force, force)
def test_a_force_is_never_above_the_devices_ceiling_nor_changes_faster_than_its_slew(
    wanted: np.ndarray, before: np.ndarray
) -> None:
    limit = ForceLimit(most_n=3.3)
    before = before * min(1.0, 3.3 / max(np.linalg.norm(before), 1e-9))
    given_force = limit.allow(wanted, before)
    assert np.linalg.norm(given_force) <= 3.3 + 1e-9
    if np.linalg.norm(wanted) > 0.0:
        assert np.linalg.norm(given_force - before) <= 0.5 + 1e-9


def test_no_force_and_no_sense_both_mean_zero_at_once() -> None:
    limit = ForceLimit(most_n=3.3)
    assert (limit.allow(np.zeros(3), np.array([3.0, 0.0, 0.0])) == 0.0).all()
    assert (limit.allow(np.array([np.nan, 0.0, 0.0]), np.array([3.0, 0.0, 0.0])) == 0.0).all()
