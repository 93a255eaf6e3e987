"""Learn mode's landmarks lie where the picture shows them: by the eyes' marks, by the view, and only what is in the field."""

from dataclasses import replace

import numpy as np
import pytest

from game.fluoroscopy.outlines import SIZE, Outline, outlines, silhouette
from game.operators.reading import Projection, level_marks
from models.carm import Pose, view
from models.patient import Patient
from models.provide import provide
from models.recipe import Fracture, SyntheticRecipe

GROUPS = {"pedicle", "plate", "body", "spinous", "margin", "canal"}


@pytest.fixture(scope="module")
def patient() -> Patient:
    def no_data(name: str):
        raise AssertionError(name)

    return provide(SyntheticRecipe(fractures=(Fracture(level="L2"),), seed=1), no_data)  # as first-case


def at(patient: Patient, **angles: float) -> Pose:
    x, y, z = (float(c) for c in patient.vertebrae["L2"].centre)
    return Pose(**angles, isocentre=(x, y, z))


def named(patient: Patient, pose: Pose) -> dict[str, Outline]:
    return {each.name: each for each in outlines(patient, "L2", pose) if each.name}


def extent(points: np.ndarray) -> np.ndarray:
    return points.max(axis=0) - points.min(axis=0)


def margins(patient: Patient, pose: Pose) -> list[np.ndarray]:
    return [each.points for each in outlines(patient, "L2", pose) if each.group == "margin"]


@pytest.mark.parametrize("angles", [{}, {"orbital": 8.0, "tilt": 12.0}, {"orbital": 94.6}, {"orbital": -90.0}])
def test_the_outlines_go_round_what_the_eyes_mark(patient: Patient, angles: dict[str, float]):
    pose = at(patient, **angles)
    marks = level_marks(Projection(view(pose), None, 10.0), patient.vertebrae["L2"], {})
    found = outlines(patient, "L2", pose)
    rings = [each.points for each in found if each.group == "pedicle"]
    for ring, side in zip(rings, ("left", "right"), strict=True):
        ends = marks.pedicles[side]
        assert ring[:, 1].min() == pytest.approx(ends.cranial.pixel[1])
        assert ring[:, 1].max() == pytest.approx(ends.caudal.pixel[1])
    (spinous,) = [each.points for each in found if each.group == "spinous"]
    assert spinous[:-1].mean(axis=0) == pytest.approx(np.array(marks.spinous.pixel))
    (body,) = [each.points for each in found if each.group == "body" and len(each.points) > 1]
    assert np.all(body.min(axis=0) < marks.centre.pixel) and np.all(marks.centre.pixel < body.max(axis=0))


def test_left_is_at_image_left_from_behind(patient: Patient):
    found = named(patient, at(patient))
    assert found["left pedicle"].points[:, 0].mean() < found["right pedicle"].points[:, 0].mean()


def test_an_end_plate_is_one_line_where_the_beam_is_tangent_to_it(patient: Patient):
    straight = extent(named(patient, at(patient))["superior end plate"].points)[1]
    tangent = extent(named(patient, at(patient, tilt=10.0))["superior end plate"].points)[1]
    assert tangent < straight / 2


def test_the_posterior_margin_is_double_in_the_room_s_lateral_and_single_in_a_true_one(patient: Patient):
    def gap(pose: Pose) -> float:
        left, right = margins(patient, pose)
        return float(np.abs(left[1, 0] - right[1, 0]))

    assert gap(at(patient, orbital=94.6, swivel=0.9)) < 1.0
    assert gap(at(patient, orbital=90.0)) > 5.0


def test_margin_and_canal_are_there_only_from_the_side_and_the_canal_lies_behind(patient: Patient):
    assert not {"margin", "canal"} & {each.group for each in outlines(patient, "L2", at(patient))}
    left = named(patient, at(patient, orbital=94.6))
    assert (
        left["canal"].points[:, 0].mean() > left["posterior margin"].points[:, 0].mean()
    )  # +90: posterior at image right
    right = named(patient, at(patient, orbital=-94.6))
    assert right["canal"].points[:, 0].mean() < right["posterior margin"].points[:, 0].mean()


def test_every_level_in_the_field_is_named_and_no_other(patient: Patient):
    pose = at(patient)
    names = {each.name for each in outlines(patient, "L2", pose) if len(each.points) == 1}
    inside = {
        level
        for level, vertebra in patient.vertebrae.items()
        if np.all(np.abs(view(pose).project(vertebra.centre) - 255.5) < 256)
    }
    assert names == inside and {"L1", "L2", "L3"} <= names
    far = replace(pose, isocentre=(pose.isocentre[0] + 400.0, *pose.isocentre[1:]))
    assert outlines(patient, "L2", far) == ()


def test_every_outline_is_finite_and_of_a_known_group(patient: Patient):
    for angles in ({}, {"orbital": 45.0}, {"orbital": 90.0, "swivel": 10.0}, {"tilt": -30.0}):
        for each in outlines(patient, "L2", at(patient, **angles)):
            assert each.group in GROUPS
            assert np.isfinite(each.points).all() and each.points.shape[1] == 2
            assert np.abs(each.points - SIZE / 2).max() < 10 * SIZE


def test_a_silhouette_keeps_corners_and_fills_gaps():
    side = np.linspace(-50.0, 50.0, 101)
    edges = [np.stack([side, np.full_like(side, s * 30.0)], axis=-1) for s in (-1.0, 1.0)]
    ends = [np.stack([np.full(61, s * 50.0), np.linspace(-30.0, 30.0, 61)], axis=-1) for s in (-1.0, 1.0)]
    cloud = np.concatenate([*edges, *ends, np.zeros((20, 2))])
    whole = silhouette(cloud)
    holed = silhouette(cloud[~((np.abs(cloud[:, 0]) < 3.0) & (cloud[:, 1] > 29.0))])
    assert np.abs(extent(whole) - [100.0, 60.0]).max() < 6.0
    assert np.abs(holed - whole).max() < 3.0
