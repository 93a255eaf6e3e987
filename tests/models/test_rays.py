"""Float64 tracing of the solids against school geometry."""

import numpy as np
import pytest

from models import field, rays
from models.carm import Pose, view
from models.tissue import CHANNELS
from tests.fluoroscopy import phantoms

SOFT, CORTICAL, CANCELLOUS = (CHANNELS.index(name) for name in ("soft", "cortical", "cancellous"))


@pytest.fixture(scope="module")
def patient():
    return phantoms.phantom()


@pytest.fixture(scope="module")
def packed(patient):
    return field.pack(patient)[0], rays.media(patient)


@pytest.mark.parametrize("pose", [Pose(5.0, 3.0, 1.0), Pose(80.0, -12.0, 4.0), Pose(-95.0, 20.0, 0.5)])
def test_paths_through_spheres_in_a_box_are_those_of_geometry(packed, pose):
    pinhole = view(pose)
    pixels = np.random.default_rng(5).uniform(100, 411, (300, 2))
    directions = np.array([pinhole.ray(*pixel) for pixel in pixels])
    found = rays.paths(*packed, pinhole.source, directions)
    exact = np.array([phantoms.exact_paths(pinhole.source, direction) for direction in directions])
    clear = np.array([phantoms.rim(pinhole.source, direction) for direction in directions]) > 0.3
    # The grid's spheres are trilinear: 0.5 mm samples leave up to h^2 / 4R = 0.007 mm in the radius, more in a grazing chord.
    assert clear.sum() > 200
    assert exact[clear, CORTICAL].max() > 3.0
    np.testing.assert_allclose(found[clear], exact[clear], atol=0.06)
    assert np.abs(found[clear] - exact[clear]).mean() < 0.005


def test_the_length_of_a_direction_does_not_matter(packed):
    pinhole = view(Pose(10.0, 5.0))
    ray = pinhole.ray(250.0, 260.0)[None]
    np.testing.assert_array_equal(
        rays.paths(*packed, pinhole.source, ray), rays.paths(*packed, pinhole.source, 1024.0 * ray)
    )


def test_a_ray_that_misses_the_patient_has_no_path(packed):
    assert rays.paths(*packed, np.array([0.0, -530.0, 0.0]), np.array([[1.0, 0.1, 0.1]])).max() == 0.0


def test_paths_of_a_pencil_through_the_middle_of_a_ball_are_its_walls_and_core(packed):
    centre, radius, wall, _ = phantoms.BALLS["middle"]
    source = np.array(centre) - np.array([3.0, 600.0, 2.0])
    found = rays.paths(*packed, source, (np.array(centre) - source)[None])[0]
    assert found[CORTICAL] == pytest.approx(2 * wall, abs=0.01)
    assert found[CANCELLOUS] == pytest.approx(0.8 * 2 * (radius - wall), abs=0.01)


def test_a_coarse_fan_covers_the_detector_row_by_row(packed):
    source, directions = rays.fan(Pose(), 8)
    assert directions.shape == (64, 3)
    pinhole = view(Pose(), 8)
    np.testing.assert_allclose(pinhole.project(source + 700 * directions[11]), [3.0, 1.0], atol=1e-9)
