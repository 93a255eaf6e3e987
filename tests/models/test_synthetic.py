"""The synthetic patient against the published figures it is made from."""

from itertools import pairwise

import numpy as np
import pytest

from models import cortex, posture, synthetic
from models.errors import InputError
from models.field import pack, tissue_at
from models.forms import form
from models.morphometry import LEVELS, size
from models.patient import SIDES, Patient
from models.posture import chain
from models.recipe import Fracture, SyntheticRecipe
from models.solids import Lattice
from models.tables import load
from models.tissue import Tissue
from models.vertebra import SIGN, Shape


def shapes(levels=LEVELS) -> dict[str, Shape]:
    return {level: form(level, size(level)) for level in levels}


def test_pedicles_are_as_wide_and_high_as_published(first_case: Patient):
    """Outer isthmus within 8 % of the table (FIGURES a2)."""
    for level, v in first_case.vertebrae.items():
        for side in SIDES:
            assert v.pedicles[side].width == pytest.approx(size(level).pedicle_width, rel=0.08), (level, side)
            assert v.pedicles[side].height == pytest.approx(size(level).pedicle_height, rel=0.08), (level, side)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_has_the_isthmus_of_the_table_across_its_built_axis(level: str):
    """Measured on the field itself, at the isthmus, across the axis; 4 mm behind and in front it is no narrower."""
    shape = form(level, size(level))
    centre, axis = shape.isthmus("left"), shape.pedicle_axis("left")
    across = np.cross(axis, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    up = np.cross(across, axis)
    lattice = Lattice.around(centre - 16.0, centre + 16.0, 0.5)
    grid = lattice.grid(shape.field(lattice))

    def breadth(middle, way, reach: float) -> float:
        from models.distance import sample

        steps = np.arange(0.0, reach, 0.05)
        out = 0.0
        for sign in (-1.0, 1.0):
            outside = sample(grid, middle + sign * steps[:, None] * way) > 0
            out += steps[int(np.argmax(outside))]
        return out

    width = breadth(centre, across, 12.0)
    assert width == pytest.approx(size(level).pedicle_width, rel=0.08)
    assert breadth(centre, up, 12.0) == pytest.approx(size(level).pedicle_height, rel=0.08)


def test_the_pedicle_is_centred_in_the_body_at_10_to_13_degrees_of_cranial_tilt_at_l2():
    _, y, z = Shape("L2", size("L2")).isthmus("left")
    assert 10.0 < np.degrees(np.arctan2(z, y)) < 13.0


def test_pedicles_stand_in_the_cranial_half_of_every_body(first_case: Patient):
    for v in first_case.vertebrae.values():
        for pedicle in v.pedicles.values():
            height = np.dot(pedicle.centre - v.centre, v.superior)
            assert 1.0 < height < v.posterior_height / 2


def test_the_body_is_as_large_as_published(first_case: Patient):
    for level in ("T12", "L1", "L3", "L4"):
        v, s = first_case.vertebrae[level], size(level)
        assert 0.9 * s.depth < v.depth < s.depth  # in the waist
        assert 0.85 < v.width / ((s.plate_width_upper + s.plate_width_lower) / 2) < 0.95  # in the waist


@pytest.mark.parametrize("level", LEVELS)
def test_plates_are_as_wide_and_deep_as_published(level: str):
    """Shadow of the upper and of the lower half of the body along its axis, within 6 % of the table."""
    shape = form(level, size(level))
    s = shape.size
    for half, width, depth in (
        ((0.0, 18.0), s.plate_width_upper, s.plate_depth_upper),
        ((-18.0, 0.0), s.plate_width_lower, s.plate_depth_lower),
    ):
        lattice = Lattice.around([-30, -25, half[0]], [30, 25, half[1]], 0.4)
        shadow = (shape.body(lattice.points()) < 0).any(axis=2)
        assert 0.4 * shadow.sum(axis=0).max() == pytest.approx(width, rel=0.06)
        assert 0.4 * shadow.sum(axis=1).max() == pytest.approx(depth, rel=0.06)


def test_the_fracture_is_as_asked(first_case: Patient):
    """L2 anterior 0.60 and posterior 0.95 of the neighbours' mean, within 3 points, wall intact (CLINICAL 5)."""
    broken = first_case.vertebrae["L2"]
    near = [first_case.vertebrae[level] for level in ("L1", "L3")]
    assert broken.anterior_height / np.mean([v.anterior_height for v in near]) == pytest.approx(0.60, abs=0.03)
    assert broken.posterior_height / np.mean([v.posterior_height for v in near]) == pytest.approx(0.95, abs=0.03)


def test_the_way_from_bone_entry_to_the_front_is_as_published(first_case: Patient):
    """Along the built axis through the isthmus, within 4 mm of the table (FIGURES a2)."""
    field, _ = pack(first_case)
    for level in ("L1", "L3"):
        bone = first_case.bones[level]
        shape = Shape(level, size(level))
        centre, axis = shape.isthmus("left"), shape.pedicle_axis("left")
        frame = bone.patient_from_bone
        steps = np.arange(-30.0, 60.0, 0.1)
        points = (centre + steps[:, None] * axis) @ frame[:3, :3].T + frame[:3, 3]
        inside = np.array([tissue_at(field, p)[0] in (Tissue.CORTEX, Tissue.CANCELLOUS) for p in points])
        start = np.flatnonzero(~inside & (steps < 0)).max()
        end = np.flatnonzero(~inside & (steps > 0)).min()
        assert steps[end] - steps[start] == pytest.approx(size(level).entry_to_anterior, abs=4.0), level


def test_pedicle_walls_are_thick_medially_and_thin_laterally(first_case: Patient):
    """Cortical path square through the isthmus: medial 0.75-0.92, lateral 0.3-0.45 mm (FIGURES a4), within 0.12."""
    field, _ = pack(first_case)
    for level in ("L1", "L2", "L3", "L4"):
        shape = Shape(level, size(level))
        frame = first_case.bones[level].patient_from_bone
        for side in SIDES:
            axis = shape.pedicle_axis(side)
            across = np.cross(axis, [0.0, 0.0, 1.0])
            across *= SIGN[side] * np.sign(across[0]) / np.linalg.norm(across)  # to the lateral side
            steps = np.arange(-9.0, 9.0, 0.01)
            points = (shape.isthmus(side) + steps[:, None] * across) @ frame[:3, :3].T + frame[:3, 3]
            cortical = np.array([tissue_at(field, p)[0] == Tissue.CORTEX for p in points])
            lateral, medial = (0.01 * np.count_nonzero(cortical & (steps * sign > 0)) for sign in (1, -1))
            assert 0.25 < lateral < 0.57, (level, side, lateral)
            assert 0.75 < medial < 1.04, (level, side, medial)


def test_walls_of_the_body_follow_the_figures():
    shape = Shape("L3", size("L3"))
    lattice = shape.lattice(2.0)
    grid = lattice.grid(cortex.wall(shape, lattice))
    from models.distance import sample

    half = shape.size.middle_height / 2
    front, back = sample(grid, np.array([[0.0, -0.95 * shape.back, 0.0], [4.0, shape.back, -4.0]]))
    upper, lower = sample(grid, np.array([[0.0, 0.0, half - 1.5], [0.0, 0.0, 2.3 - half]]))
    assert 0.24 <= back < front <= 0.31
    assert 0.4 <= upper < lower <= 0.8
    assert grid.values.min() > 0.2 and grid.values.max() < 0.95


def test_cancellous_bone_is_weaker_in_front_and_denser_under_the_plates():
    shape = Shape("L3", size("L3"))
    lattice = shape.lattice(2.0)
    _, y, z = lattice.points()
    body = shape.body(lattice.points()) < -1.0
    mean = np.mean([cortex.density(shape, lattice, np.random.default_rng(n)) for n in range(12)], axis=0)
    middle = np.abs(z) < 4.0
    assert mean[body].mean() == pytest.approx(1.0, abs=0.02)
    assert mean[body & middle & (y < -8.0)].mean() < 0.92 * mean[body & middle & (y > 0.0)].mean()
    assert mean[body & (np.abs(z) > 8.5)].mean() > 1.08 * mean[body & middle].mean()


@pytest.mark.parametrize("levels", [("T4", "T5"), ("T8", "T9"), ("T10", "T11", "T12"), ("L4", "L5")])
def test_neighbours_at_any_height_stay_apart(levels):
    """The fields after parting, sampled into each other: no sample is inside both."""
    from models.distance import sample

    some = shapes(levels)
    frames = chain(some, 36.8, np.random.default_rng(0))
    fields = synthetic._fields(some, frames)
    for upper, lower in pairwise(levels):
        (lattice, values), (other, theirs) = fields[upper], fields[lower]
        points = lattice.origin + lattice.spacing * np.argwhere(values < 0)
        there = np.linalg.inv(frames[lower]) @ frames[upper]
        points = points @ there[:3, :3].T + there[:3, 3]
        points = points[
            ((points > other.origin) & (points < other.origin + 0.5 * (np.array(other.shape) - 1))).all(axis=1)
        ]
        assert np.count_nonzero(sample(other.grid(theirs), points) < 0) * 0.125 <= 1.0


def test_the_chain_has_the_lordosis_asked_for():
    """T12 superior plate to S1: bodies' wedging and disc angles add up to it (FIGURES b)."""
    for lordosis in (20.0, 36.8, 60.0):
        lumbar = shapes(("T12", "L1", "L2", "L3", "L4", "L5"))
        frames = chain(lumbar, lordosis, np.random.default_rng(3))
        turn = frames["T12"][:3, :3].T @ frames["L5"][:3, :3]
        between = np.degrees(np.arctan2(turn[2, 1], turn[1, 1]))
        ends = (-size("T12").wedge - size("L5").wedge) / 2 + np.degrees(posture.disc_angles(lordosis)["L5"])
        assert between + ends == pytest.approx(lordosis, abs=0.1)


def test_l2_is_the_origin_and_nobody_lies_quite_straight(first_case: Patient):
    assert np.linalg.norm(first_case.vertebrae["L2"].centre) < 4.0
    for seed in range(5):
        frames = chain(shapes(("T12", "L1", "L2", "L3")), 36.8, np.random.default_rng(seed))
        left = frames["L2"][:3, 0]
        assert 1.4 < np.degrees(np.arcsin(abs(left[1]))) < 4.1
        assert max(abs(frame[0, 3]) for frame in frames.values()) < 5.0


def test_the_same_recipe_gives_the_same_bytes_on_one_thread_and_on_three_and_another_seed_does_not(monkeypatch):
    recipe = SyntheticRecipe(levels=("T6",), torso_width_mm=220.0, torso_depth_mm=140.0, fat_mm=5.0)
    monkeypatch.setattr("models.pieces.THREADS", 3)
    one = synthetic.build(recipe)
    monkeypatch.setattr("models.pieces.THREADS", 1)
    two = synthetic.build(recipe)
    for a, b in (
        (one.bones["T6"].distance.values, two.bones["T6"].distance.values),
        (one.bones["T6"].density.values, two.bones["T6"].density.values),
        (one.bones["T6"].inner.vertices, two.bones["T6"].inner.vertices),
        (one.skin.values, two.skin.values),
        (one.skin_surface.faces, two.skin_surface.faces),
        (one.vertebrae["T6"].outline, two.vertebrae["T6"].outline),
    ):
        assert a.tobytes() == b.tobytes()
    lattice = form("T6", size("T6")).lattice(2.0)
    other = recipe.model_copy(update={"seed": 1})
    drawn = [
        cortex.density(form("T6", size("T6")), lattice, synthetic._generator(r, "density T6")) for r in (recipe, other)
    ]
    assert not np.array_equal(*drawn)


def test_without_pictures_only_triangles_are_missing():
    recipe = SyntheticRecipe(levels=("T6",), torso_width_mm=220.0, torso_depth_mm=140.0, fat_mm=5.0)
    whole, plain = synthetic.build(recipe), synthetic.build(recipe, pictured=False)
    bone, same = whole.bones["T6"], plain.bones["T6"]
    assert bone.distance.values.tobytes() == same.distance.values.tobytes()
    assert whole.skin.values.tobytes() == plain.skin.values.tobytes()
    assert whole.vertebrae["T6"].outline.tobytes() == plain.vertebrae["T6"].outline.tobytes()
    assert len(bone.inner.faces) and not len(same.inner.faces) and not len(plain.skin_surface.faces)


def test_recipes_that_make_no_spine_are_refused_in_one_line():
    for recipe, told in (
        (SyntheticRecipe(levels=("L1", "L2"), fractures=(Fracture(level="L4"),)), "L4 is not among"),
        (
            SyntheticRecipe(levels=("T12", "L1"), fractures=(Fracture(level="T12", anterior_height_fraction=1.0),)),
            "T12: anterior",
        ),
    ):
        with pytest.raises(InputError, match=told) as fault:
            synthetic.build(recipe)
        assert "\n" not in str(fault.value)


def test_a_table_with_other_columns_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("models.tables.FOLDER", tmp_path)
    (tmp_path / "t.csv").write_text("# source\nlevel,a,b\nL1,1,2\n")
    assert load("t.csv", ("a", "b")) == {"L1": {"a": 1.0, "b": 2.0}}
    with pytest.raises(ValueError, match=r"t.csv:2: columns a, b; expected a, c"):
        load("t.csv", ("a", "c"))
    (tmp_path / "t.csv").write_text("level,a,b\nL1,1,two\n")
    with pytest.raises(ValueError, match=r"t.csv:2: b = 'two'"):
        load("t.csv", ("a", "b"))
