"""Measuring on pictures that are known: lines, walls, steel."""

import numpy as np
import pytest

from game.fluoroscopy import measuring, picture, pixels
from models.carm import Pose, view
from models.instruments import TrocarPose


def noisy(seed, level=0.1):
    """Noise as the panel blurs it."""
    white = np.random.default_rng(seed).normal(0.0, level, (256, 256))
    return picture.blurred(white, picture.detector_kernel(298 / 512))


def lined(column, depth):
    """A dark line down the picture, 2 px broad."""
    columns = np.arange(256.0)
    return depth * np.clip(1.5 - np.abs(columns - column), 0.0, 1.0) * np.ones((256, 1))


DOWN, RIGHT = np.array([0.0, 1.0]), np.array([1.0, 0.0])


@pytest.mark.parametrize("column", [120.0, 120.3, 123.5, 116.2])
def test_a_line_is_found_to_a_fifth_of_a_pixel(column):
    dark = lined(column, 0.2) + 0.002 * np.arange(256.0)  # on a slope of shade
    course = measuring.straight((120.0, 100.0), DOWN, 12)
    found = measuring.dark_line(dark + noisy(1, 0.002), course, (120.0, 100.0), RIGHT, 8.0)
    assert found.pixel[0] == pytest.approx(column, abs=0.2)
    assert found.pixel[1] == pytest.approx(100.0, abs=1e-9)


def test_contrast_to_noise_of_nothing_is_one_and_noise_is_seldom_taken_for_a_line():
    """1.1 % of 4800 searches; 900 here."""
    rng = np.random.default_rng(3)
    values, taken = [], []
    for seed in range(3):
        dark = noisy(seed)
        for _ in range(300):
            at, turn = tuple(rng.uniform(40, 215, 2)), rng.uniform(0, np.pi)
            across = np.array([-np.sin(turn), np.cos(turn)])
            course = measuring.straight(at, np.array([np.cos(turn), np.sin(turn)]), 12)
            found = measuring.strip(dark, course, at, across, pixels.WALL_REACH_PX)
            values.append(found.cnr[len(found.cnr) // 2])
            taken.append(measuring.dark_line(dark, course, at, across, pixels.WALL_REACH_PX).cnr > pixels.SURE)
    # the best of three slants: mean above 0, spread a little under 1
    assert 0.6 < np.std(values) < 1.1
    assert 0.0 < np.mean(values) < 0.8
    assert np.mean(taken) < 0.02


def test_contrast_to_noise_grows_as_the_line_and_shrinks_as_the_noise():
    course = measuring.straight((120.0, 100.0), DOWN, 12)

    def cnr(depth, noise):
        pictures = (lined(120.0, depth) + noisy(seed, noise) for seed in range(8))
        return np.mean([measuring.dark_line(dark, course, (120.0, 100.0), RIGHT, 8.0).cnr for dark in pictures])

    assert cnr(0.4, 0.1) == pytest.approx(2 * cnr(0.2, 0.1), rel=0.1)
    assert cnr(0.4, 0.2) == pytest.approx(cnr(0.2, 0.1), rel=0.01)


def test_the_middle_of_two_walls_is_found_and_one_wall_is_none():
    at, course = (120.0, 100.0), measuring.straight((120.0, 100.0), DOWN, 10)
    both = lined(115.0, 0.3) + lined(128.0, 0.3)
    found = measuring.middle_of_walls(both + noisy(4, 0.05), course, at, RIGHT, 8.0, (5.0, 24.0))
    assert found.pixel[0] == pytest.approx(121.5, abs=0.5)
    assert found.cnr > pixels.SURE
    one = measuring.middle_of_walls(lined(115.0, 0.3) + noisy(4, 0.05), course, at, RIGHT, 8.0, (5.0, 24.0))
    assert one.cnr < pixels.SURE


def test_steel_is_as_long_as_the_ray_that_runs_in_it():
    pinhole = view(Pose())
    tip = np.array([0.0, 0.0, 0.0])
    across = TrocarPose(tip, pinhole.column, pinhole.row)  # the shaft lies in the picture, the bevel's point caudal
    column, row = pinhole.project(tip - 10.0 * across.axis)
    assert measuring.steel_mm(pinhole, across, True, np.array(column), np.array(row)) == pytest.approx(2.41, abs=0.01)
    tube = measuring.steel_mm(pinhole, across, False, np.array(column), np.array(row))
    assert tube == pytest.approx(2.41 - 1.8, abs=0.01)
    beyond = pinhole.project(tip + 1.0 * across.axis)
    assert measuring.steel_mm(pinhole, across, True, *(np.array(v) for v in beyond)) == 0.0
