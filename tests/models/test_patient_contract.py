"""What every provider's patient has to keep, whatever it was made from."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from models.distance import gradient, sample
from models.field import canal_distance, nearest_bone, pack, skin_distance, tissue_at, tissues
from models.patient import SIDES, Bone, Grid, Patient, Surface
from models.surfaces import is_closed
from models.tissue import Tissue


def in_patient(bone: Bone, points):
    return points @ bone.patient_from_bone[:3, :3].T + bone.patient_from_bone[:3, 3]


def in_bone(bone: Bone, points):
    return (points - bone.patient_from_bone[:3, 3]) @ bone.patient_from_bone[:3, :3]


def near_surface(grid: Grid, within: float, count: int = 20000):
    """(N, 3) samples of a grid within some mm of the surface and not at the grid's edge, and their distances."""
    core = grid.values[2:-2, 2:-2, 2:-2]
    index = np.argwhere(np.abs(core) < within)
    index = index[np.random.default_rng(1).permutation(len(index))[:count]] + 2
    return grid.origin + grid.spacing * index, grid.values[tuple(index.T)]


def boxes_meet(one: Bone, other: Bone) -> bool:
    a, b = (in_patient(bone, bone.outer.vertices) for bone in (one, other))
    return bool((a.max(axis=0) > b.min(axis=0)).all() and (b.max(axis=0) > a.min(axis=0)).all())


def volume(surface: Surface) -> float:
    corners = surface.vertices[surface.faces].astype(np.float64)
    return float(np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6)


def assert_is_a_distance(grid: Grid, within: float) -> None:
    """|grad| = 1 near the surface, away from the medial axis.

    A sample counts as at the medial axis, where a distance has a crease, when the way along its gradient does not end on the
    surface (within 0.1 mm), or when a spacing to some side the gradient has turned by more than 37 degrees. Few may be.
    """
    points, distance = near_surface(grid, within)
    slope = gradient(grid, points)
    length = np.linalg.norm(slope, axis=1)
    foot = points - slope / np.maximum(length, 1e-9)[:, None] * distance[:, None]
    clear = (np.abs(sample(grid, foot)) < 0.1) & (length > 0.3)
    for step in np.vstack([np.eye(3), -np.eye(3)]) * grid.spacing:
        beside = gradient(grid, points + step)
        clear &= np.einsum("ni,ni->n", slope, beside) > 0.8 * length * np.linalg.norm(beside, axis=1)
    assert clear.mean() > 0.85, f"{clear.mean():.2f} of the samples are clear of the medial axis"
    worst = np.abs(length[clear] - 1)
    assert np.percentile(worst, 99) < 0.05, f"{np.percentile(worst, 99):.3f}"


def test_distances_rise_by_a_millimetre_a_millimetre(patient: Patient):
    for bone in patient.bones.values():
        assert_is_a_distance(bone.distance, 2.0)


def test_the_depth_below_the_skin_is_a_distance_through_all_layers(patient: Patient):
    assert_is_a_distance(patient.skin, patient.skin_mm + patient.fat_mm + 3.0)


def test_surfaces_are_closed_and_look_outward(patient: Patient):
    for surface in [s for bone in patient.bones.values() for s in (bone.outer, bone.inner)] + [patient.skin_surface]:
        assert is_closed(surface.faces), surface.name
        assert volume(surface) > 0.0, surface.name


def test_inner_surfaces_lie_inside_outer_ones(patient: Patient):
    for bone in patient.bones.values():
        depth = -sample(bone.distance, bone.inner.vertices)
        assert depth.min() > -0.02, (bone.name, depth.min())
        assert volume(bone.inner) < volume(bone.outer)


def test_the_cortex_one_sees_is_the_cortex_one_feels(patient: Patient):
    """Half way from the outer to the inner surface is cortex for touch, and beyond the inner surface cancellous bone."""
    field, names = pack(patient)
    for name in names:
        bone = patient.bones[name]
        outer, inner = bone.outer.vertices.astype(float), bone.inner.vertices.astype(float)
        way = inner - outer
        thickness = np.linalg.norm(way, axis=1)
        whole = np.flatnonzero(thickness > 0.9 * sample(bone.wall, outer))[:3000]
        assert len(whole) > 0.85 * min(3000, len(outer))
        middle = tissues(field, in_patient(bone, outer[whole] + 0.5 * way[whole]))
        assert np.mean(middle == Tissue.CORTEX) > 0.99, (name, np.mean(middle == Tissue.CORTEX))
        deeper = outer + way * (1 + 0.25 / np.maximum(thickness, 0.05))[:, None]
        free = whole[-sample(bone.distance, deeper[whole]) > thickness[whole] + 0.2]
        beyond = tissues(field, in_patient(bone, deeper[free]))
        assert np.mean(beyond == Tissue.CANCELLOUS) > 0.98, (name, np.mean(beyond == Tissue.CANCELLOUS))


def test_bones_do_not_overlap(patient: Patient):
    for one, other in combinations(patient.bones.values(), 2):
        if not boxes_meet(one, other):
            continue
        inside = np.argwhere(one.distance.values < 0.0)
        points = in_bone(other, in_patient(one, one.distance.origin + one.distance.spacing * inside))
        high = other.distance.origin + other.distance.spacing * (np.array(other.distance.values.shape) - 1)
        points = points[((points > other.distance.origin) & (points < high)).all(axis=1)]
        overlap = (
            np.count_nonzero(sample(other.distance, points) < 0.0) * one.distance.spacing**3 if len(points) else 0.0
        )
        assert overlap <= 1.0, f"{one.name} and {other.name} overlap by {overlap:.2f} mm3"


def test_the_canal_is_open_along_its_whole_length(patient: Patient):
    field, _ = pack(patient)
    for upper, lower in pairwise(patient.vertebrae.values()):
        for share in np.linspace(0.0, 1.0, 25):
            centre = (1 - share) * upper.canal_centre + share * lower.canal_centre
            for turn in np.linspace(0.0, 2 * np.pi, 12, endpoint=False):
                across = 0.7 * np.cos(turn) * upper.canal_half_width * upper.left
                deep = 0.7 * np.sin(turn) * upper.canal_half_depth * upper.posterior
                point = centre + across + deep
                assert nearest_bone(field, point)[1] > 0.0, (upper.level, share, turn)
                assert canal_distance(field, point) < 0.0


def test_landmarks_are_where_they_are_called(patient: Patient):
    field, names = pack(patient)
    for level, v in patient.vertebrae.items():
        code, bone, _ = tissue_at(field, v.centre)
        assert (code, names[bone]) == (Tissue.CANCELLOUS, level)
        assert tissue_at(field, v.canal_centre)[0] in (Tissue.CANAL, Tissue.DURA, Tissue.CORD)
        for point in (v.posterior_wall, v.spinous_tip):
            assert abs(nearest_bone(field, point)[1]) < 1.0
        for plate in (v.superior_plate, v.inferior_plate):
            assert np.median([abs(nearest_bone(field, rim)[1]) for rim in plate.rim]) < 1.5
        for side in SIDES:
            code, bone, depth = tissue_at(field, v.pedicles[side].centre)
            assert names[bone] == level and depth < -1.0
            ring = [abs(nearest_bone(field, point)[1]) for point in v.pedicles[side].ring]
            assert max(ring) < 0.3
        for point in (v.superior_plate.centre, v.inferior_plate.centre):
            assert np.dot(point - v.centre, v.superior) != pytest.approx(0.0, abs=3.0)


def test_axes_are_right_handed_and_look_where_they_say(patient: Patient):
    for v in patient.vertebrae.values():
        axes = np.stack([v.left, v.posterior, v.superior])
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-6)
        assert np.linalg.det(axes) == pytest.approx(1.0, abs=1e-6)
        assert np.dot(v.pedicles["left"].centre - v.centre, v.left) > 5.0
        assert np.dot(v.pedicles["right"].centre - v.centre, v.left) < -5.0
        assert np.dot(v.spinous_tip - v.centre, v.posterior) > 30.0
        assert np.dot(v.superior_plate.normal, v.superior) > 0.7
        assert np.dot(v.inferior_plate.normal, v.superior) < -0.7
        for pedicle in v.pedicles.values():
            assert np.dot(pedicle.axis, v.posterior) < -0.7


def test_levels_run_from_cranial_to_caudal(patient: Patient):
    heights = [v.centre[2] for v in patient.vertebrae.values()]
    assert heights == sorted(heights, reverse=True)
    assert set(patient.levels) <= set(patient.bones)


def test_rib_necks_lie_in_their_ribs_beside_the_vertebra(patient: Patient):
    field, names = pack(patient)
    for level, sides in patient.rib_necks.items():
        for side, neck in sides.items():
            bone, distance = nearest_bone(field, neck)
            assert names[bone] == f"rib{level[1:]}-{side}" and distance < -1.0
            assert np.linalg.norm(neck - patient.vertebrae[level].pedicles[side].centre) < 40.0


def test_bones_lie_under_the_skin_and_the_torso_reaches_beyond_the_picture(patient: Patient):
    field, _ = pack(patient)
    for bone in patient.bones.values():
        depth = max(skin_distance(field, point) for point in in_patient(bone, bone.outer.vertices[::50].astype(float)))
        assert depth < -(patient.skin_mm + 2.0), (bone.name, depth)
    spine = np.concatenate([in_patient(patient.bones[n], patient.bones[n].outer.vertices) for n in patient.levels])
    assert patient.skin_surface.vertices[:, 2].max() > spine[:, 2].max() + 150.0
    assert patient.skin_surface.vertices[:, 2].min() < spine[:, 2].min() - 150.0


def test_skin_over_the_spine_is_as_thick_as_said(patient: Patient):
    field, _ = pack(patient)
    tips = [-skin_distance(field, v.spinous_tip) for v in patient.vertebrae.values()]
    assert min(tips) > patient.skin_mm + patient.fat_mm - 1.0


def test_density_is_relative_to_the_patients_mean(patient: Patient):
    for level, v in patient.vertebrae.items():
        grid = patient.bones[level].density
        box = np.stack(np.meshgrid(*[np.linspace(-0.6, 0.6, 9)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
        points = v.centre + box * [v.width / 2, v.depth / 2, v.middle_height / 2] @ np.stack(
            [v.left, v.posterior, v.superior]
        )
        mean = sample(grid, in_bone(patient.bones[level], points)).mean()
        assert 0.7 < mean < 1.4, (level, mean)
        assert grid.values.min() > 0.0
