"""Primitives and blends against analytic answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.solids import (
    OUTSIDE,
    Canvas,
    Lattice,
    ellipsoid,
    frame,
    limb,
    slab,
    smooth_difference,
    smooth_intersection,
    smooth_union,
    sphere,
)

BOX = Lattice.around([-12, -12, -12], [12, 12, 12], 0.5)
mm = st.floats(-20.0, 20.0)


def coordinates():
    return np.stack(np.broadcast_arrays(*BOX.points()), axis=-1).astype(float)


def test_a_sphere_is_an_exact_distance():
    values = sphere([1.0, -2.0, 0.5], 6.0).field(BOX.points())
    np.testing.assert_allclose(values, np.linalg.norm(coordinates() - [1.0, -2.0, 0.5], axis=-1) - 6.0, atol=1e-4)


def test_a_round_limb_is_an_exact_capsule():
    a, b = np.array([-5.0, 0.0, -3.0]), np.array([6.0, 2.0, 4.0])
    values = limb(a, b, ((3.0, 3.0), (3.0, 3.0))).field(BOX.points())
    along = np.clip((coordinates() - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
    exact = np.linalg.norm(coordinates() - a - along[..., None] * (b - a), axis=-1) - 3.0
    near = exact > -2.9  # on the axis itself the field has no direction
    np.testing.assert_allclose(values[near], exact[near], atol=2e-3)


def test_a_limb_of_three_sizes_has_the_middle_one_in_the_middle():
    solid = limb([0, 0, -9], [0, 0, 9], ((6.0, 4.0), (3.0, 2.0), (6.0, 4.0)), up=(0, 1, 0))
    x, y, z = np.float32([3.0, 0.0, 6.0]), np.float32([0.0, 2.0, 0.0]), np.float32([0.0, 0.0, 9.0])
    np.testing.assert_allclose(solid.field((x, y, z)), 0.0, atol=1e-5)


def test_a_slab_is_a_rounded_box():
    solid = slab([0, 0, 0], np.eye(3), (5.0, 4.0, 3.0), 1.0)
    x = np.float32([7.0, 0.0, 0.0, 4.0 + 3.0])
    y = np.float32([0.0, 4.0, 0.0, 3.0 + 4.0])
    z = np.float32([0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(solid.field((x, y, z)), [2.0, 0.0, -3.0, 4.0], atol=1e-5)


def test_an_ellipsoid_passes_through_its_poles_with_slope_one():
    axes = frame([1.0, 1.0, 0.0])
    solid = ellipsoid([1.0, 0.0, 0.0], (5.0, 3.0, 2.0), axes)
    for radius, axis in zip((5.0, 3.0, 2.0), axes, strict=True):
        poles = np.stack([np.array([1.0, 0.0, 0.0]) + (radius + step) * axis for step in (-0.05, 0.0, 0.05)])
        x, y, z = poles.T.astype(np.float32)
        np.testing.assert_allclose(solid.field((x, y, z)), [-0.05, 0.0, 0.05], atol=3e-3)


@given(mm, mm, st.floats(0.1, 8.0))
def test_a_smooth_union_adds_no_more_than_a_quarter_of_the_blend(a: float, b: float, blend: float):
    joined = float(smooth_union(np.float32(a), np.float32(b), blend))
    assert min(a, b) - blend / 4 - 1e-4 <= joined <= min(a, b) + 1e-4
    if abs(a - b) >= blend:
        assert joined == pytest.approx(min(a, b), abs=1e-4)


@given(mm, mm, st.floats(0.1, 8.0))
def test_cutting_is_joining_seen_from_outside(a: float, b: float, blend: float):
    a, b = np.float32(a), np.float32(b)
    assert smooth_intersection(a, b, blend) == -smooth_union(-a, -b, blend)
    assert smooth_difference(a, b, blend) == smooth_intersection(a, -b, blend)


def test_a_canvas_draws_what_the_whole_lattice_would_show():
    canvas = Canvas(BOX)
    one, other = sphere([-3, 0, 0], 4.0), sphere([4, 1, 0], 3.0)
    canvas.add(one, 2.0)
    canvas.add(other, 2.0)
    whole = smooth_union(one.field(BOX.points()), other.field(BOX.points()), 2.0)
    np.testing.assert_array_equal(canvas.values < 0, whole < 0)
    near = np.abs(whole) < 1.0
    np.testing.assert_allclose(canvas.values[near], whole[near], atol=1e-5)
    assert canvas.values[0, 0, 0] == OUTSIDE


@given(st.lists(st.floats(-30, 30), min_size=3, max_size=3), st.lists(st.floats(0.5, 20), min_size=3, max_size=3))
def test_a_lattice_holds_its_box_and_a_window_never_is_empty(low, size):
    lattice = Lattice.around(low, np.add(low, size), 0.5)
    last = lattice.origin + 0.5 * (np.array(lattice.shape) - 1)
    assert (lattice.origin <= np.array(low) + 1e-9).all() and (last >= np.add(low, size) - 1e-9).all()
    window = lattice.window(np.add(low, 100.0), np.add(low, 101.0))
    assert all(part.stop > part.start for part in window)


def test_cropping_keeps_the_solid_and_its_place():
    values = sphere([2.0, 0.0, -1.0], 3.0).field(BOX.points())
    lattice, part = BOX.cropped(values, 2.0)
    assert np.count_nonzero(part < 0) == np.count_nonzero(values < 0)
    again = sphere([2.0, 0.0, -1.0], 3.0).field(lattice.points())
    np.testing.assert_allclose(part, again, atol=1e-5)
    assert np.prod(part.shape) < 0.2 * np.prod(values.shape)
