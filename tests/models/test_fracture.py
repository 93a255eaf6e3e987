"""The wedge: heights come out as asked, and only the body below its superior plate moves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fracture import wedge
from models.morphometry import size
from models.solids import Lattice
from models.vertebra import Shape

L2 = Shape("L2", size("L2"))


def broken(anterior: float, posterior: float) -> Shape:
    s = L2.size
    return replace(
        L2,
        wedge=wedge(
            s.anterior_height,
            s.posterior_height,
            s.depth / 2,
            anterior * s.anterior_height,
            posterior * s.posterior_height,
        ),
    )


def rim_heights(shape: Shape) -> tuple[float, float]:
    """(anterior, posterior) height of the body in the midline, where each plate stands farthest out near its edge."""
    half = shape.size.depth / 2
    lattice = Lattice.around([0, -half - 1, -16], [0, half + 1, 16], 0.1)
    inside = shape.body(lattice.points())[0] < 0
    y = lattice.origin[1] + 0.1 * np.arange(lattice.shape[1])
    top = np.where(inside, np.arange(lattice.shape[2]), 0).max(axis=1) * 0.1
    bottom = np.where(inside, np.arange(lattice.shape[2]), 10**6).min(axis=1) * 0.1
    filled = inside.any(axis=1)
    front, back = filled & (y < -0.84 * half) & (y > -0.94 * half), filled & (y > 0.84 * half) & (y < 0.94 * half)
    return float((top - bottom)[front].max()), float((top - bottom)[back].max())


@settings(max_examples=8, deadline=None)
@given(st.floats(0.45, 0.95), st.floats(0.85, 1.0))
def test_heights_come_out_within_three_points(anterior: float, posterior: float):
    whole, after = rim_heights(L2), rim_heights(broken(anterior, posterior))
    assert after[0] / whole[0] == pytest.approx(anterior, abs=0.03)
    assert after[1] / whole[1] == pytest.approx(posterior, abs=0.03)


def test_the_arch_keeps_its_shape_and_the_posterior_wall_its_place():
    shape = broken(0.6, 0.95)
    lattice = L2.lattice(1.0)
    np.testing.assert_array_equal(shape.arch(lattice), L2.arch(lattice))
    wall = Lattice.around([0, 10, 0], [0, 22, 0], 0.1)
    edges = [np.count_nonzero(s.body(wall.points()) < 0) * 0.1 for s in (L2, shape)]
    assert edges[1] == pytest.approx(edges[0], abs=0.2)
    _, y, _ = lattice.points()
    behind = np.broadcast_to(y > L2.back + 1.0, lattice.shape)
    np.testing.assert_array_equal((shape.pedicles(lattice) < 0)[behind], (L2.pedicles(lattice) < 0)[behind])


def test_nothing_moves_below_the_floor_and_nothing_folds():
    bend = broken(0.6, 0.95).wedge
    y, z = np.meshgrid(np.float32(np.linspace(-17, 17, 35)), np.float32(np.linspace(-12, 14, 261)), indexing="ij")
    source = bend.source(0 * y, y, z)
    np.testing.assert_array_equal(source[z < bend.floor], z[z < bend.floor])
    assert (np.diff(source, axis=1) > 0).all()


def test_bone_under_the_plate_is_crushed_as_much_as_the_plate_sank():
    """The bone of a column is not lost: the compression, summed over its new height, is its old height."""
    bend = broken(0.6, 0.95).wedge
    z = np.linspace(bend.floor, float(bend.rim(np.float32(-17.375))) - 1e-3, 20001, dtype=np.float32)
    y = np.full_like(z, -bend.half_depth)
    top = float(bend.rim(y[:1])[0] - bend.drop(y[:1])[0])
    inside = z < top
    old = bend.compression(0 * y, y, z)[inside].sum() * (z[1] - z[0])
    assert old == pytest.approx(float(bend.rim(y[:1])[0]) - bend.floor, rel=1e-2)


@pytest.mark.parametrize(("anterior", "posterior"), [(30.0, 24.0), (3.0, 24.0), (24.0, 2.0)])
def test_heights_that_cannot_be_made_are_refused(anterior: float, posterior: float):
    with pytest.raises(ValueError, match="cannot be made"):
        wedge(23.9, 24.3, 17.4, anterior, posterior)
