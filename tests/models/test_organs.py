"""Soft anatomy as regions: where it lies, that it keeps off bone, and what a point and a ray find there."""

from functools import cache

import numpy as np
import pytest

from models import rays
from models.carm import Pose, view
from models.distance import gradient, sample
from models.field import nearest_bone, pack, region_at, region_distance, tissue_at
from models.organs.anatomy import Anatomy
from models.organs.belly import gas
from models.organs.build import organs
from models.organs.roots import nearest_root
from models.patient import SIDES, Grid
from models.provide import provide
from models.recipe import SyntheticRecipe
from models.surfaces import is_closed
from models.tissue import CHANNELS, Tissue
from tests.models.conftest import no_data

LUNG, SOFT = CHANNELS.index("lung"), CHANNELS.index("soft")


@cache
def thoracic():
    return provide(SyntheticRecipe(levels=("T6",), seed=1), no_data)


def inside(grid: Grid):
    """(N, 3) samples within a region."""
    return grid.origin + grid.spacing * np.argwhere(grid.values < 0.0)


def bone_distances(patient, points):
    field, _ = pack(patient)
    return np.array([nearest_bone(field, point)[1] for point in np.ascontiguousarray(points)])


def cut(patient, name, z):
    """(3,) middle of a region in a horizontal cut."""
    points = inside(patient.regions[name].distance)
    return points[np.abs(points[:, 2] - z) < 1.1].mean(axis=0)


def test_nothing_but_the_basivertebral_veins_comes_near_bone(patient):
    least = {"cord": 1.5, "dural sac": 0.7, "root": 0.3, "epidural": 0.3, "segmental": 0.3}
    for name, region in patient.regions.items():
        if name.startswith("basivertebral"):
            continue
        points = inside(region.distance)
        points = points[np.random.default_rng(1).permutation(len(points))[:1500]]
        floor = next((gap for kind, gap in least.items() if name.startswith(kind)), 0.8)
        assert bone_distances(patient, points).min() > floor - 0.01, name


def test_regions_tell_honest_distances_near_their_wall(patient):
    for name, region in patient.regions.items():
        core = region.distance.values[2:-2, 2:-2, 2:-2]
        index = np.argwhere(np.abs(core) < 2.0)[::7] + 2
        points = region.distance.origin + region.distance.spacing * index
        slope = gradient(region.distance, points)
        length = np.linalg.norm(slope, axis=1)
        clear = length > 0.3  # off the medial axis and the creases
        for step in np.vstack([np.eye(3), -np.eye(3)]) * region.distance.spacing:
            beside = gradient(region.distance, points + step)
            clear &= np.einsum("ni,ni->n", slope, beside) > 0.9 * length * np.linalg.norm(beside, axis=1)
        assert clear.sum() > 20, name
        assert np.percentile(np.abs(length[clear] - 1), 95) < 0.05, name


def test_the_sac_fills_the_middle_of_the_canal_and_the_cord_ends_at_the_disc_below_l1(first_case):
    field, _ = pack(first_case)
    sac, cord = (first_case.regions[name].distance for name in ("dural sac", "cord"))
    for v in first_case.vertebrae.values():
        assert float(sample(sac, v.canal_centre)) < -2.0, v.level
        width = inside(sac)[np.abs(inside(sac)[:, 2] - v.canal_centre[2]) < 0.6]
        assert 0.55 < np.ptp(width[:, 0]) / (2 * v.canal_half_width) < 0.85, v.level
    end = inside(cord)[:, 2].min()
    l1, l2 = first_case.vertebrae["L1"], first_case.vertebrae["L2"]
    assert l2.superior_plate.centre[2] - 3.0 < end < l1.inferior_plate.centre[2] + 3.0
    assert float(sample(sac, inside(cord)).max()) < 0.0
    assert tissue_at(field, first_case.vertebrae["L3"].canal_centre)[0] == Tissue.DURA


def test_each_root_hugs_the_medial_and_lower_wall_of_its_pedicle_and_leaves_by_the_foramen(first_case):
    for level, v in first_case.vertebrae.items():
        for side in SIDES:
            grid = first_case.regions[f"root {level} {side}"].distance
            pedicle = v.pedicles[side]
            out = v.left if side == "left" else -v.left
            ring = pedicle.ring - pedicle.centre
            lowest, highest = ring @ v.superior, ring @ v.superior
            below = float(sample(grid, pedicle.ring[np.argmin(lowest)]))
            above = float(sample(grid, pedicle.ring[np.argmax(highest)]))
            medial = float(sample(grid, pedicle.ring[np.argmin(ring @ out)]))
            lateral = float(sample(grid, pedicle.ring[np.argmax(ring @ out)]))
            assert 0.3 < below < 3.0, (level, side, below)
            assert 0.3 < medial < 3.5, (level, side, medial)
            assert above > below and lateral > medial, (level, side)
            local = (inside(grid) - pedicle.centre) @ np.stack([out, v.superior]).T
            passing = local[np.abs(local[:, 0]) < 1.0]
            assert passing[:, 1].max() < lowest.min(), (level, side)  # under the pedicle
            assert local[:, 0].max() > (ring @ out).max() + 2.0  # and out
            named = nearest_root(first_case.regions, pedicle.centre + (lowest.min() - 3.0) * v.superior)
            assert named is not None and named[:2] == (level, side)


def test_the_aorta_lies_left_the_cava_right_and_the_aorta_divides_at_l4(first_case):
    for level in ("L1", "L2", "L3"):
        v = first_case.vertebrae[level]
        left, right = (cut(first_case, name, v.centre[2]) - v.centre for name in ("aorta", "vena cava"))
        assert left[0] > 2.0 and right[0] < -5.0, level
        assert left[1] < -v.depth / 2 and right[1] < -0.8 * v.depth / 2, level
    from scipy.ndimage import label

    grid = first_case.regions["aorta"].distance
    l4 = first_case.vertebrae["L4"]
    parts = [
        label(grid.values[:, :, round((z - grid.origin[2]) / grid.spacing)] < 0.0)[1]
        for z in (l4.superior_plate.centre[2], l4.inferior_plate.centre[2] - 14.0)
    ]
    assert parts == [1, 2]


def test_pleura_lies_within_8_mm_of_the_side_of_t6():
    patient = thoracic()
    v = patient.vertebrae["T6"]
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        lung = patient.regions[f"lung {side}"].distance
        wall = v.centre + sign * (v.width / 2) * v.left
        assert 1.0 < float(sample(lung, wall)) < 8.0, side


def test_lungs_begin_and_end_where_they_should(first_case):
    t12, l1 = (first_case.vertebrae[level] for level in ("T12", "L1"))
    for side in SIDES:
        region = first_case.regions[f"lung {side}"]
        assert t12.inferior_plate.centre[2] < inside(region.distance)[:, 2].min() < t12.superior_plate.centre[2] + 12.0
        assert inside(region.distance)[:, 2].min() > l1.centre[2]


def test_surfaces_are_closed_and_few(patient):
    seen = [region.surface for region in patient.regions.values() if region.surface is not None]
    assert {surface.name for surface in seen} >= {"lung left", "lung right"}
    assert all(is_closed(surface.faces) for surface in seen)
    assert sum(len(surface.faces) for surface in seen) <= 15000


def test_a_ray_through_lung_and_gas_loses_as_much_soft_tissue_as_it_gains(first_case):
    field, _ = pack(first_case)
    media = rays.media(first_case)
    bare = media._replace(region=np.zeros_like(media.region))
    for name, gained in (("lung left", LUNG), ("bowel gas", None)):
        grid = first_case.regions[name].distance
        deepest = grid.origin + grid.spacing * np.array(np.unravel_index(grid.values.argmin(), grid.values.shape))
        source = view(Pose(isocentre=tuple(deepest))).source
        ray = (deepest - source)[None]
        change = (rays.paths(field, media, source, ray) - rays.paths(field, bare, source, ray))[0]
        assert change[SOFT] < -5.0, name
        if gained is not None:
            assert change[gained] > 0.99 * -grid.values.min()
        assert field.region_tissue[region_at(field, deepest)] == first_case.regions[name].tissue


def test_the_first_region_that_holds_a_point_says_what_is_there(first_case):
    field, _ = pack(first_case)
    names = tuple(first_case.regions)
    point = first_case.vertebrae["T12"].canal_centre + 1.0 * first_case.vertebrae["T12"].posterior
    assert names[region_at(field, point)] == "cord" and names.index("cord") < names.index("dural sac")
    assert tissue_at(field, point)[0] == Tissue.CORD
    grid = first_case.regions["aorta"].distance
    beside = cut(first_case, "aorta", first_case.vertebrae["L2"].centre[2])
    asked = region_distance(field, names.index("aorta"), beside)
    assert asked == pytest.approx(float(sample(grid, beside)), abs=1e-6)


def test_the_same_patient_has_the_same_organs_and_another_seed_other_gas(first_case):
    once, again = (organs(thoracic(), (256.0, 155.0), 3) for _ in range(2))
    assert list(once) == list(again)
    assert all(once[name].distance.values.tobytes() == again[name].distance.values.tobytes() for name in once)
    pockets = [
        gas(Anatomy(first_case, 256.0, 155.0, seed))["bowel gas"].distance.values.tobytes() for seed in (3, 3, 4)
    ]
    assert pockets[0] == pockets[1] != pockets[2]


def test_great_vessels_run_clear_of_bone_and_of_one_another(first_case):
    """The middle of the aorta lies at least its radius before the bodies: nothing of it has to be carved away."""
    for level in ("T12", "L1", "L2", "L3"):
        v = first_case.vertebrae[level]
        for name, radius in (("aorta", 8.5), ("vena cava", 8.5)):
            middle = cut(first_case, name, v.centre[2])
            surface = first_case.bones[level].outer.vertices @ first_case.bones[level].patient_from_bone[:3, :3].T
            surface = surface + first_case.bones[level].patient_from_bone[:3, 3]
            assert np.linalg.norm(surface - middle, axis=1).min() > radius + 0.5, (level, name)
    aorta, cava = first_case.regions["aorta"].distance, first_case.regions["vena cava"].distance
    inside = aorta.origin + aorta.spacing * np.argwhere(aorta.values < 0.0)
    far = cava.origin + cava.spacing * (np.array(cava.values.shape) - 1)
    inside = inside[((inside >= cava.origin) & (inside <= far)).all(axis=1)]
    inside = inside[inside[:, 2] > first_case.vertebrae["L4"].superior_plate.centre[2]]  # below it, iliac vessels cross
    assert np.count_nonzero(sample(cava, inside) < 0.0) * aorta.spacing**3 < 20.0
