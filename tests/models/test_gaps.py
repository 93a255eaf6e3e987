"""What is broken besides heights: seen as regions, felt as weakness, where the recipe puts it; what does not fit is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models import gaps, synthetic
from models.broken import Broken
from models.distance import sample
from models.errors import InputError
from models.patient import Bone, Region, Vertebra
from models.probe import Probe
from models.recipe import Fracture, SyntheticRecipe
from models.surfaces import is_closed
from models.tissue import Tissue, medium
from models.vertebra import Shape
from tests.models import alone

BACK, DOWN = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, -1.0])


def asked(kind: str = "wedge", **keys: object) -> SyntheticRecipe:
    return alone.recipe(Fracture.model_validate({"level": "L2", "kind": kind, **keys}))


def shape(kind: str = "wedge", **keys: object) -> Shape:
    return synthetic._shapes(asked(kind, **keys))["L2"]


def level(kind: str = "wedge", **keys: object) -> tuple[Shape, Bone, Vertebra, dict[str, Region]]:
    made, bone, found = alone.built(asked(kind, **keys), "L2")
    return made, bone, found, gaps.regions({"L2": made}, {"L2": bone}, alone.FRACTION)


def probe(bone: Bone) -> Probe:
    return Probe.of(bone, np.zeros(3), *np.eye(3))


def assert_lies_in_marrow(region: Region, bone: Bone) -> None:
    """Closed, outward, within the inner surface, parting its filling from that bone's cancellous."""
    surface = region.surface
    assert surface is not None and is_closed(surface.faces)
    corners = surface.vertices[surface.faces].astype(float)
    assert np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) > 0.0
    depth = sample(bone.distance, surface.vertices) + sample(bone.wall, surface.vertices)
    assert depth.max() < 0.0, depth.max()
    assert np.percentile(np.abs(sample(region.distance, surface.vertices)), 99) < 0.15
    np.testing.assert_array_equal(surface.outside, bone.inner.inside)


def test_a_cleft_is_a_flat_gas_filled_lens_as_high_as_asked_and_condensed_bone_lies_clear_of_it():
    made, bone, _, regions = level(cleft_mm=4.0, age_weeks=60.0)
    cleft, band = regions["L2 cleft"], regions["L2 upper band"]
    for region in (cleft, band):
        assert_lies_in_marrow(region, bone)
    assert cleft.tissue == Tissue.AIR
    np.testing.assert_array_equal(cleft.surface.inside, medium("air"))
    points = cleft.surface.vertices
    column = np.array([0.0, gaps.CLEFT_AT * made.back, 0.0]) + np.linspace(-15, 15, 601)[:, None] * -DOWN
    assert np.count_nonzero(sample(cleft.distance, column) < 0.0) * 0.05 == pytest.approx(4.0, abs=0.5)
    assert np.ptp(points[:, 0]) > 20.0 and points[:, 1].mean() < 0.0
    deep = points.mean(axis=0)
    assert sample(cleft.distance, deep) < -1.0 and sample(bone.density, deep) < 0.1
    assert sample(cleft.distance, band.surface.vertices).min() > 0.3
    grid = band.distance
    core = grid.origin + grid.spacing * np.array(np.unravel_index(grid.values.argmin(), grid.values.shape))
    assert sample(bone.density, core) > 3.0 and core[2] < deep[2]
    assert band.surface.inside[2] > 3.0 * bone.inner.inside[2]


def test_a_lytic_pedicle_has_no_wall_and_its_ring_is_gone_while_the_other_keeps_both():
    _, bone, found, regions = level(anterior_height_fraction=0.9, lytic_mm=18.0, lytic_site="left-pedicle")
    focus = regions["L2 lytic focus"]
    assert_lies_in_marrow(focus, bone)
    np.testing.assert_array_equal(focus.surface.inside, medium("soft"))
    for side, gone in (("left", True), ("right", False)):
        wall = sample(bone.wall, found.pedicles[side].ring)
        assert (wall.max() < 0.1) if gone else (wall.min() > 0.25)
        assert (sample(bone.density, found.pedicles[side].centre) < 0.1) == gone
        assert (sample(focus.distance, found.pedicles[side].centre) < -1.0) == gone


def test_a_broken_pedicle_keeps_its_size_and_is_weak_only_along_its_line():
    from scipy import ndimage

    whole = alone.built(asked("plana"), "L2")[2]
    made, bone, found, regions = level("plana", broken_pedicles=("left",))
    assert list(regions) == ["L2 left pedicle line"]
    assert_lies_in_marrow(regions["L2 left pedicle line"], bone)
    for side in ("left", "right"):
        assert found.pedicles[side].width == pytest.approx(whole.pedicles[side].width, rel=0.08)
        assert found.pedicles[side].height == pytest.approx(whole.pedicles[side].height, rel=0.08)
    _, pieces = ndimage.label(bone.distance.values < 0.0)
    assert pieces == 1 and is_closed(bone.outer.faces) and is_closed(bone.inner.faces)
    along = np.arange(-4.0, 4.1, 0.1)[:, None] * BACK
    for side, weak in (("left", True), ("right", False)):
        density, wall = (sample(grid, made.isthmus(side) + along) for grid in (bone.density, bone.wall))
        assert (density.min() < 0.1 and wall.min() < 0.05) == weak
        assert min(density[[0, -1]]) > 0.2 and min(wall[[0, -1]]) > 0.3
        thin = np.count_nonzero(wall < 0.5 * wall[0]) * 0.1
        assert (0.8 <= thin <= 2.2) if weak else (thin == 0.0)


def test_a_dent_in_the_end_plate_is_as_deep_as_asked_even_where_the_body_is_compressed():
    smooth, dented = (alone.built(asked(end_plate_defect_mm=deep), "L2", alone.COARSE_MM) for deep in (0.0, 4.0))
    s = smooth[0].size
    start = np.array([0.22 * s.plate_width_upper, -0.25 * s.plate_depth_upper, 25.0])
    tops = [probe(bone).enters(start, DOWN, 40.0) for _, bone, _ in (smooth, dented)]
    assert tops[1] - tops[0] == pytest.approx(4.0, abs=0.4)
    far = start * [-1.0, 1.0, 1.0]
    tops = [probe(bone).enters(far, DOWN, 40.0) for _, bone, _ in (smooth, dented)]
    assert tops[1] == pytest.approx(tops[0], abs=0.1)


@pytest.mark.parametrize("broken", [False, True], ids=["bulging", "broken"])
def test_retropulsion_narrows_the_canal_by_what_the_recipe_says(broken: bool):
    plain = alone.built(asked("crush"), "L2", alone.COARSE_MM)
    _, bone, found = alone.built(asked("crush", retropulsion_mm=5.0, broken_wall=broken), "L2", alone.COARSE_MM)
    canal = found.canal_centre
    lost = []
    for height in np.arange(-6.0, 7.1, 0.5):
        start = np.array([canal[0], canal[1], height])
        lost.append(probe(plain[1]).enters(start, -BACK, 25.0) - probe(bone).enters(start, -BACK, 25.0))
    assert max(lost) == pytest.approx(5.0, abs=0.6)
    assert lost[0] == pytest.approx(0.0, abs=0.3)  # the lower half of the wall keeps its place
    assert np.max(np.diff(lost)) > 2.5 if broken else np.max(np.diff(lost)) < 1.6
    assert plain[2].canal_half_depth - found.canal_half_depth > 1.0


def test_a_broken_posterior_wall_has_a_step_and_no_cortex_there_and_keeps_it_beside():
    _, bone, _ = alone.built(asked("crush", broken_wall=True), "L2")
    starts = np.stack(np.meshgrid(np.arange(-12.0, 12.1, 1.0), [26.0], np.arange(-5.0, 6.1, 0.5), indexing="ij"), -1)[
        :, 0
    ]
    contour = np.array([[probe(bone).enters(start, -BACK, 25.0) for start in row] for row in starts])
    wall = sample(bone.wall, starts - contour[..., None] * BACK)
    middle = np.abs(starts[:, 0, 0]) < 5.0
    thin = wall < 0.05
    assert 2.5 <= 0.5 * thin[middle].sum(axis=1).min() <= 7.0  # mm of height without cortex
    assert not thin[np.abs(starts[:, 0, 0]) > 9.0].any() and wall[middle, 0].min() > 0.1
    assert np.ptp(contour[12]) == pytest.approx(1.0, abs=0.4)  # the step, in the midline


def test_a_fresh_fracture_has_a_step_in_front_and_impacted_bone_an_old_one_a_thicker_plate_and_sclerosis():
    fresh, old = shape(age_weeks=2.0), shape(age_weeks=30.0)
    assert (fresh.broken.age, old.broken.age, shape().broken.age) == ("fresh", "old", "")

    def overhang(made: Shape) -> float:
        z = np.arange(-9.0, 1.5, 0.25, dtype=np.float32)[None, None]
        y = np.arange(-22.0, -10.0, 0.05, dtype=np.float32)[None, :, None]
        inside = made.faces((np.zeros((1, 1, 1), np.float32), y, z))[0][0] < 0.0
        front = np.where(inside.any(axis=0), y[0, inside.argmax(axis=0), 0], np.nan)
        return float(np.nanmax(-np.diff(front)))

    assert overhang(fresh) > 0.5
    assert overhang(old) < 0.2
    from models import cortex
    from models.solids import Lattice

    lattice = Lattice.around([-4, -8, -12], [4, 0, 12], 0.5)
    p = lattice.points()
    plate = np.abs(np.broadcast_to(old.faces(p)[1], lattice.shape)) < 0.3
    assert cortex.wall(old, lattice)[plate].mean() > 1.25 * cortex.wall(fresh, lattice)[plate].mean()
    inside = gaps.bands(old, p)[0] < 0.0
    for made, least in ((fresh, 3.0), (old, 4.0)):
        band = np.broadcast_to(gaps.bands(made, p)[0] < 0.0, lattice.shape)
        assert band.sum() > 100
        assert cortex.density(made, lattice, np.random.default_rng(1))[band].min() > 0.9 * least
    assert inside.sum() > np.count_nonzero(gaps.bands(fresh, p)[0] < 0.0)


def test_notes_say_what_is_broken():
    fracture = Fracture(
        level="L2", cleft_mm=3.0, retropulsion_mm=2.0, broken_wall=True, broken_pedicles=("left",), age_weeks=3.0
    )
    assert synthetic._besides(fracture) == (
        "; retropulsion 2 mm; cleft 3 mm, open as prone; posterior wall broken; broken pedicles: left; fresh, 3 weeks"
    )
    assert synthetic._besides(Fracture(level="L2")) == ""


@pytest.mark.parametrize(
    ("kind", "keys", "key"),
    [
        ("plana", {"cleft_mm": 4.0}, "cleft_mm"),
        ("plana", {"end_plate_defect_mm": 6.0}, "end_plate_defect_mm"),
        ("wedge", {"anterior_height_fraction": 0.45, "cleft_mm": 8.0}, "cleft_mm"),
        ("wedge", {"anterior_height_fraction": 0.15}, "anterior_height_fraction"),
        ("biconcave", {"middle_height_fraction": 0.1}, "middle_height_fraction"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_key_in_one_line(kind: str, keys: dict[str, float], key: str):
    with pytest.raises(InputError, match=rf"^patient.fractures: L2: {key}: [^\n]+$"):
        shape(kind, **keys)


@pytest.mark.parametrize(
    "keys",
    [{"cleft_mm": 9.0}, {"lytic_site": "rib"}, {"age_weeks": -1.0}, {"broken_pedicles": ["middle"]}, {"gap_mm": 2.0}],
)
def test_a_wrong_value_is_refused_by_its_key(keys: dict[str, object]):
    with pytest.raises(ValidationError, match=next(iter(keys))):
        Fracture.model_validate({"level": "L2", **keys})


SHARE = st.floats(0.1, 1.0)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["T6", "T9", "L2", "L5"]),
    st.sampled_from(["wedge", "biconcave", "crush", "plana"]),
    st.tuples(SHARE, SHARE, SHARE),
    st.sampled_from([0.0, 2.0, 6.0]),
    st.sampled_from([0.0, 2.0, 8.0]),
)
def test_any_recipe_is_either_refused_or_leaves_bone_between_the_plates_everywhere(level, kind, heights, dent, cleft):
    front, middle, back = heights
    fracture = {"level": level, "kind": kind, "end_plate_defect_mm": dent, "cleft_mm": cleft}
    fracture |= {"anterior_height_fraction": front, "posterior_height_fraction": back}
    fracture |= {} if kind == "wedge" else {"middle_height_fraction": middle}
    try:
        made = synthetic._shapes(SyntheticRecipe(levels=(level,), fractures=(Fracture.model_validate(fracture),)))[
            level
        ]
    except (InputError, ValidationError) as why:
        assert "height" in str(why) or "_mm" in str(why)
        return
    x, y = (
        np.linspace(-0.7, 0.7, 15, dtype=np.float32) * np.float32(half)
        for half in (made.size.plate_width_upper / 2, made.back)
    )
    z = np.linspace(-0.6, 0.6, 201, dtype=np.float32) * np.float32(
        max(made.size.posterior_height, made.size.anterior_height)
    )
    _, upper, lower = made.faces((x[:, None, None], y[None, :, None], z[None, None]))
    inside = np.broadcast_to(np.maximum(upper, lower) < 0.0, (15, 15, 201))
    within = (np.linspace(-0.7, 0.7, 15)[:, None] ** 2 + np.linspace(-0.7, 0.7, 15)[None] ** 2) < 0.6
    assert (inside.any(axis=2) | ~within).all()
    assert (np.abs(np.diff(inside.astype(int), axis=2)).sum(axis=2)[within] == 2).all()  # one piece from plate to plate


def test_an_unbroken_body_has_no_regions_and_coarse_walls():
    assert not Broken().fine
    made, bone, _, regions = level()
    assert regions == {} and bone.wall.spacing == synthetic.COARSE_MM and made.lines is None
