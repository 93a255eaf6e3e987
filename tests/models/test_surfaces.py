"""Meshes of distance grids: closed, true along rays; inner surfaces a wall's thickness below, without folds."""

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from models import pieces
from models.distance import redistance, sample
from models.patient import Grid
from models.surfaces import bone, inner, is_closed, mesh

Array = NDArray[np.float64]


def grid_of(values: Array, origin: Array, spacing: float) -> Grid:
    return Grid(redistance(values, spacing), origin, spacing)


def lattice(half: float, spacing: float) -> tuple[Array, Array]:
    along = np.arange(-half, half + spacing, spacing)
    points = np.stack(np.meshgrid(along + 0.13, along - 0.07, along + 0.03, indexing="ij"), axis=-1)
    return points, points[0, 0, 0]


def ball(radius: float, spacing: float) -> Grid:
    points, origin = lattice(radius + 3.0, spacing)
    return grid_of(np.linalg.norm(points, axis=-1) - radius, origin, spacing)


def even(thickness: float) -> Grid:
    return Grid(np.full((2, 2, 2), thickness, dtype=np.float32), np.full(3, -100.0), 200.0)


def chords(vertices: NDArray[np.float32], faces: NDArray[np.int32], turn: Array, at: Array) -> Array:
    """Length inside a closed mesh along rays through (N, 2) points of the plane that `turn`'s first two columns span."""
    p = vertices.astype(np.float64) @ turn
    a, b, c = (p[faces[:, i]] for i in range(3))
    twice = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    seen = twice != 0.0  # not edge-on
    a, b, c, twice = a[seen], b[seen], c[seen], twice[seen]
    lengths = []
    for x, y in at:
        first = ((b[:, 0] - x) * (c[:, 1] - y) - (c[:, 0] - x) * (b[:, 1] - y)) / twice
        second = ((c[:, 0] - x) * (a[:, 1] - y) - (a[:, 0] - x) * (c[:, 1] - y)) / twice
        hit = (first >= 0) & (second >= 0) & (first + second <= 1)
        height = first * a[:, 2] + second * b[:, 2] + (1 - first - second) * c[:, 2]
        lengths.append(float((np.sign(twice[hit]) * height[hit]).sum()) * np.linalg.det(turn))
    return np.array(lengths)


def turned(seed: int) -> Array:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]


@pytest.mark.parametrize(("radius", "spacing"), [(8.0, 0.25), (20.0, 0.5)])
def test_paths_through_balls_and_thin_shells_are_right_to_two_hundredths(radius: float, spacing: float) -> None:
    grid = ball(radius, spacing)
    vertices, faces = mesh(grid, error_mm=0.002, exact=lambda p: np.linalg.norm(p, axis=-1) - radius)
    below = inner(vertices, faces, grid, even(0.3))
    offsets = np.array([0.0, 0.3, 0.6, 0.8, 0.9]) * radius
    offsets = np.append(offsets, [radius - 1.5, radius - 0.7])
    for seed in range(6):
        turn = turned(seed)
        at = np.stack([offsets * np.cos(seed), offsets * np.sin(seed)], axis=-1)
        outside = 2 * np.sqrt(radius**2 - offsets**2)
        inside = 2 * np.sqrt((radius - 0.3) ** 2 - offsets**2)
        assert chords(vertices, faces, turn, at) == pytest.approx(outside, abs=0.02)
        assert chords(vertices, faces, turn, at) - chords(below, faces, turn, at) == pytest.approx(
            outside - inside, abs=0.02
        )


def test_paths_through_a_box_are_right_away_from_its_edges() -> None:
    points, origin = lattice(13.0, 0.5)
    half = np.array([9.0, 6.0, 7.5])
    grid = grid_of((np.abs(points) - half).max(axis=-1), origin, 0.5)
    vertices, faces = mesh(grid)
    at = np.random.default_rng(1).uniform(-1, 1, (40, 2)) * (half[:2] - 1.0)
    assert chords(vertices, faces, np.eye(3), at) == pytest.approx(2 * half[2], abs=0.02)


def test_mesh_is_closed_outward_and_near_the_level_set() -> None:
    points, origin = lattice(16.0, 0.5)
    torus = np.hypot(np.hypot(points[..., 0], points[..., 1]) - 9.0, points[..., 2]) - 4.0
    grid = grid_of(torus, origin, 0.5)
    vertices, faces = mesh(grid, target_faces=4000)
    assert is_closed(faces)
    assert len(faces) >= 3900
    assert np.abs(sample(grid, vertices)).max() < 0.1
    corners = vertices[faces].astype(np.float64)
    volume = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert volume == pytest.approx(2 * np.pi**2 * 9.0 * 4.0**2, rel=0.008)  # a grid's tube lies 0.01 inside


def test_a_finer_error_takes_more_triangles() -> None:
    grid = ball(10.0, 0.5)
    coarse, fine = mesh(grid, 1500, 0.2), mesh(grid, 1500, 0.01)
    assert len(fine[1]) > len(coarse[1])
    assert np.abs(sample(grid, fine[0][fine[1]].mean(axis=1))).max() < 0.03


def test_meshes_made_at_the_same_time_are_those_made_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "THREADS", 4)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that threads change places as often as they can
    try:
        balls = [ball(radius, 0.5) for radius in (5.0, 6.0)]
        alone = [mesh(grid, 600, error_mm=1.0)[1] for grid in balls]
        together = pieces.each(lambda grid: mesh(grid, 600, error_mm=1.0)[1], balls * 20)
    finally:
        sys.setswitchinterval(interval)
    for faces, expected in zip(together, alone * 20, strict=True):
        np.testing.assert_array_equal(faces, expected)


def test_inner_surface_lies_a_wall_below_and_never_folds() -> None:
    points, origin = lattice(16.0, 0.5)
    ridged = np.abs(points[..., 0]) * 0.8 + np.abs(points[..., 2]) * 0.6 - 7.0  # a sharp ridge
    ridged = np.maximum(ridged, np.abs(points[..., 1]) - 9.0)
    grid = grid_of(ridged, origin, 0.5)
    vertices, faces = mesh(grid)
    below = inner(vertices, faces, grid, even(0.8))
    up, down = cross(vertices, faces), cross(below, faces)
    assert (np.einsum("fi,fi->f", up, down) > 0).all()
    depth = sample(grid, vertices) - sample(grid, below)
    assert np.median(depth) == pytest.approx(0.8, abs=0.02)
    assert depth.min() > 0.0


def test_walls_thicker_than_a_plate_leave_nothing_inside_but_do_not_cross() -> None:
    points, origin = lattice(12.0, 0.5)
    half = np.array([9.0, 9.0, 0.7])
    q = np.abs(points) - half
    plate = np.linalg.norm(np.maximum(q, 0), axis=-1) + np.minimum(q.max(axis=-1), 0) - 0.3
    grid = grid_of(plate, origin, 0.5)
    vertices, faces = mesh(grid)
    below = inner(vertices, faces, grid, even(1.5))
    at = np.random.default_rng(2).uniform(-7, 7, (30, 2))
    hollow = chords(below, faces, np.eye(3), at)
    assert (hollow > 0.0).all()
    assert hollow.max() < 0.35
    assert chords(vertices, faces, np.eye(3), at) == pytest.approx(2.0, abs=0.03)


def test_bone_parts_soft_tissue_cortex_and_spongy_bone() -> None:
    grid = ball(6.0, 0.5)
    made = bone("L9", np.eye(4), grid, even(0.4), even(1.0), 0.05)
    assert made.outer.outside == pytest.approx([1, 0, 0, 0, 0, 0, 0, 0])
    assert made.outer.inside == pytest.approx([0, 1, 0, 0, 0, 0, 0, 0])
    assert made.inner.outside == pytest.approx(made.outer.inside)
    assert made.inner.inside == pytest.approx([0.5, 0, 0.5, 0, 0, 0, 0, 0])
    assert np.array_equal(made.outer.faces, made.inner.faces)


def test_a_surface_cut_by_its_grid_is_refused() -> None:
    points, origin = lattice(5.0, 0.5)
    with pytest.raises(ValueError, match="cut by the edge"):
        mesh(Grid((points[..., 0] - 1.0).astype(np.float32), origin, 0.5))


def cross(vertices: NDArray[np.float32], faces: NDArray[np.int32]) -> Array:
    a, b, c = (vertices[faces[:, i]].astype(np.float64) for i in range(3))
    return np.cross(b - a, c - a)
