"""Signed distances against solids whose distance is known, sampled and differentiated."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.distance import gradient, redistance, sample
from models.patient import Grid

Array = NDArray[np.float64]
Solid = Callable[[Array], Array]  # points (..., 3) to signed distance
SPACING = 0.5
BAND = 4.0
HALF = np.array([9.0, 6.0, 7.5])


def lattice(half: float, spacing: float = SPACING) -> tuple[Array, Array]:
    """(points (n, n, n, 3), origin) of a cube that no solid of the tests is aligned with."""
    along = np.arange(-half, half + spacing, spacing)
    points = np.stack(np.meshgrid(along + 0.13, along - 0.07, along + 0.03, indexing="ij"), axis=-1)
    return points, points[0, 0, 0]


def ball(radius: float) -> Solid:
    return lambda p: np.linalg.norm(p, axis=-1) - radius


def box(p: Array) -> Array:
    q = np.abs(p) - HALF
    return np.linalg.norm(np.maximum(q, 0.0), axis=-1) + np.minimum(q.max(axis=-1), 0.0)


def torus(p: Array) -> Array:
    return np.hypot(np.hypot(p[..., 0], p[..., 1]) - 9.0, p[..., 2]) - 4.0


def blend(p: Array) -> Array:
    """Two balls and a torus run together by an exponential union: no distance anywhere."""
    parts = [ball(6.0)(p - [5.0, 0, 0]), ball(5.0)(p - [-6.0, -2.0, 0]), torus(p)]
    return -2.0 * np.log(sum(np.exp(-part / 2.0) for part in parts))


@pytest.mark.parametrize("radius", [5.0, 8.0, 12.5])
@pytest.mark.parametrize("squash", [lambda d, r: (d + r) ** 2 - r * r, lambda d, r: np.tanh(0.2 * d)])
def test_any_function_of_a_ball_gives_the_distance_to_the_ball(radius: float, squash: Callable[..., Array]) -> None:
    points, _ = lattice(radius + 5.0)
    true = ball(radius)(points)
    found = redistance(squash(true, radius), SPACING, BAND)
    near = np.abs(true) < BAND
    assert np.abs(found - true)[near].max() < 0.035
    # linear between samples: spacing^2 / 8 times the curvature of two directions and that of the squared radius
    assert np.abs(found - true)[np.abs(true) < 0.5].max() < 3 * SPACING**2 / (8 * radius) + 0.001
    assert np.sqrt(np.mean((found - true)[near] ** 2)) < 0.015


def test_distance_of_a_box_is_exact_off_its_edges_and_near_there() -> None:
    points, _ = lattice(14.0)
    true = box(points)
    off = np.abs(redistance(true, SPACING, BAND) - true)
    beside = np.sort(np.abs(points) - HALF, axis=-1)[..., 1] < -1.0  # nearest to a face, 1 mm from its edges
    near = np.abs(true) < BAND
    assert off[near & beside].max() < 0.01
    assert off[near].max() < SPACING  # an edge is cut across one cell, a corner too


def test_distance_keeps_a_distance() -> None:
    points, _ = lattice(14.0)
    true = torus(points)
    off = np.abs(redistance(true, SPACING, BAND) - true)[np.abs(true) < 3.0]
    assert off.max() < 0.05
    assert np.sqrt(np.mean(off**2)) < 0.01


@pytest.mark.parametrize("solid", [ball(8.0), torus, blend])
def test_gradient_in_the_band_is_one_away_from_the_medial_axis(solid: Solid) -> None:
    points, _ = lattice(16.0)
    values = solid(points)
    found = redistance(values, SPACING, BAND)
    slopes = np.stack(np.gradient(found.astype(np.float64), SPACING), axis=-1)
    length = np.linalg.norm(slopes, axis=-1)
    turning = np.zeros(length.shape)  # where the way outward turns fast, the medial axis is near
    ways = slopes / np.maximum(length[..., None], 1e-9)
    for axis in range(3):
        step = np.abs(np.diff(ways, axis=axis)).max(axis=-1)
        pad = [(0, 0)] * 3
        pad[axis] = (1, 0)
        turning = np.maximum(turning, np.pad(step, pad))
        pad[axis] = (0, 1)
        turning = np.maximum(turning, np.pad(step, pad))
    there = (np.abs(found) < BAND) & (turning < 0.25)
    there[[0, -1]] = there[:, [0, -1]] = there[:, :, [0, -1]] = False
    assert there.sum() > 20_000
    assert np.abs(length - 1.0)[there].max() < 0.05


def test_zero_set_of_a_blend_stays_where_it_was() -> None:
    points, origin = lattice(16.0)
    values = blend(points)
    found = Grid(redistance(values, SPACING, BAND), origin, SPACING)
    assert np.array_equal(found.values < 0, values < 0)
    surface = np.random.default_rng(0).uniform(-14, 14, (200_000, 3))
    surface = surface[np.abs(blend(surface)) < 0.005]
    assert len(surface) > 20
    assert np.abs(sample(found, surface)).max() < 0.03


def test_distance_beyond_the_band_goes_on() -> None:
    points, _ = lattice(18.0)
    true = ball(6.0)(points)
    found = redistance(true, SPACING, 2.0)
    far = true > 2.0
    assert np.abs(found - true)[far].max() < 0.1


def test_a_lone_zero_inside_a_solid_is_no_bubble() -> None:
    points, _ = lattice(9.0)
    values = ball(6.0)(points)
    middle = tuple(n // 2 for n in values.shape)
    values[middle] = 0.0
    assert redistance(values, SPACING)[middle] == pytest.approx(-6.0, abs=0.4)


def test_no_surface_is_refused() -> None:
    with pytest.raises(ValueError, match="no surface"):
        redistance(np.ones((8, 8, 8)), SPACING)


@settings(max_examples=30)
@given(
    slope=st.tuples(*[st.floats(-2, 2)] * 3),
    point=st.tuples(*[st.floats(-3.9, 3.9)] * 3),
    spacing=st.sampled_from([0.25, 0.5, 2.0]),
)
def test_sample_and_gradient_are_exact_on_linear_fields(
    slope: tuple[float, ...], point: tuple[float, ...], spacing: float
) -> None:
    points, origin = lattice(6.0, spacing)
    grid = Grid((points @ np.array(slope) + 1.5).astype(np.float32), origin, spacing)
    at = np.array([point])
    assert sample(grid, at)[0] == pytest.approx(at[0] @ slope + 1.5, abs=1e-4)
    if np.all(np.abs(at) < 4.0 - spacing / 2):
        assert gradient(grid, at)[0] == pytest.approx(np.array(slope), abs=2e-4 / spacing)


def test_sample_beyond_the_grid_is_the_nearest_edge() -> None:
    grid = Grid(np.arange(27, dtype=np.float32).reshape(3, 3, 3), np.zeros(3), 1.0)
    assert sample(grid, np.array([[-5.0, 0.0, 0.0], [9.0, 9.0, 9.0]])) == pytest.approx([0.0, 26.0], abs=1e-4)
