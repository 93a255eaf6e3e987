"""The patient as seen in the room: the same skin where the needle enters, a person round it, a cloth on top."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from game.procedure.scenarios import load, names
from models.distance import sample
from models.errors import InputError
from models.provide import provide
from models.suite import body, drape
from models.suite.figure import TABLE_MM, figure
from models.suite.mesh import MATERIALS
from tests.cases import each

DATA = Path(__file__).resolve().parents[3] / "shared" / "ct"


def _find(name: str) -> Path:
    if not (DATA / name).exists():
        raise InputError(f"{name} is not here")
    return DATA / name


@cache
def case(name: str):
    """(patient, target, body, drape) of a scenario; from the cache after the first time."""
    scenario = load(name)
    try:
        patient = provide(scenario.recipe, _find)
    except InputError as why:
        pytest.skip(str(why))
    return patient, scenario.target, body.body(patient), drape.drape(patient, scenario.target)


@pytest.fixture(params=each(names()))
def lying(request: pytest.FixtureRequest):
    return case(request.param)


def triangles(piece, material: str | None = None):
    """(F, 3, 3) corners of a piece's triangles."""
    chosen = [part for part in piece.parts if material in (None, part.material)]
    return np.concatenate([part.vertices[part.faces] for part in chosen]).astype(np.float64)


def spread(corners, parts: int = 4):
    """Points all over triangles."""
    share = [(i / parts, j / parts, 1 - (i + j) / parts) for i in range(parts + 1) for j in range(parts + 1 - i)]
    return np.einsum("kc,fcd->fkd", np.array(share), corners).reshape(-1, 3)


def test_skin_in_the_opening_is_the_patients_own(lying):
    patient, target, seen, _ = lying
    x, z = drape.opening_centre(patient, target)
    corners = triangles(seen, "prepped skin")
    middle = corners.mean(axis=1)
    back = (np.abs(middle[:, 0] - x) < drape.OPENING_MM[0] + 10) & (np.abs(middle[:, 2] - z) < drape.OPENING_MM[1] + 10)
    points = spread(corners[back])
    assert len(points) > 500
    assert np.abs(sample(patient.skin, points)).max() < 0.5


def test_opening_shows_skin_above_both_pedicles(lying):
    patient, target, _, cloth = lying
    upper = triangles(cloth)[:, :, [0, 2]]
    for pedicle in patient.vertebrae[target].pedicles.values():
        for point in pedicle.ring[:, [0, 2]]:
            assert not _covers(upper, point).any()
            assert np.abs(point - drape.opening_centre(patient, target)).max() < min(drape.OPENING_MM)


def _covers(flat, point):
    """(F,) whether a point lies in triangles (F, 3, 2)."""
    sides = flat - np.roll(flat, -1, axis=1)
    turn = sides[..., 0] * (point[1] - flat[..., 1]) - sides[..., 1] * (point[0] - flat[..., 0])
    return (turn > 0).all(axis=1) | (turn < 0).all(axis=1)


def test_round_the_opening_there_is_cloth(lying):
    patient, target, _, cloth = lying
    x, z = drape.opening_centre(patient, target)
    upper = triangles(cloth)[:, :, [0, 2]]
    for side in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
        point = np.array([x, z]) + side * (np.array(drape.OPENING_MM) + 6.0)
        assert _covers(upper, point).any(), side


def test_cloth_is_never_in_the_patient_nor_in_the_table(lying):
    patient, _, _, cloth = lying
    points = spread(triangles(cloth), 2)
    within = -body.beyond(body.field(patient), points)
    assert within.max() < 0.8, f"{within.max():.1f} mm deep in the patient"
    table = body.table_centre_mm(patient)
    off = np.abs(points - table)
    deep = np.minimum(np.minimum(TABLE_MM[0] - off[:, 0], TABLE_MM[1] - off[:, 2]), table[1] - points[:, 1])
    assert deep.max() < 0.5, f"{deep.max():.1f} mm deep in the table"


def test_cloth_hangs_over_the_tables_sides_and_leaves_the_head_free(lying):
    patient, _, seen, cloth = lying
    points, table = triangles(cloth).reshape(-1, 3), body.table_centre_mm(patient)
    for side in (1, -1):
        hanging = points[side * (points[:, 0] - table[0]) > TABLE_MM[0] + 5]
        assert hanging[:, 1].min() < table[1] - 80
    assert points[:, 2].max() < triangles(seen, "linen")[..., 2].min() - 60


def test_cloth_is_hardly_stretched(lying):
    upper = lying[3].parts[0]
    corners = upper.vertices[upper.faces].astype(np.float64)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    assert np.median(area) == pytest.approx(drape.STEP_MM**2 / 2, rel=0.05)
    assert np.percentile(area, 1) > 0.25 * drape.STEP_MM**2
    assert np.percentile(area, 99) < 0.75 * drape.STEP_MM**2


def test_normals_are_unit_and_faces_look_the_same_way(lying):
    for piece in lying[2:]:
        for part in piece.parts:
            assert part.material in MATERIALS
            assert np.abs(np.linalg.norm(part.normals, axis=1) - 1).max() < 1e-3
            corners = part.vertices[part.faces].astype(np.float64)
            across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            size = np.linalg.norm(across, axis=1)
            agree = np.einsum("fi,fi->f", across, part.normals[part.faces].mean(axis=1)) / np.maximum(size, 1e-9)
            assert (agree[size > 0.5] > 0).mean() > 0.995
            assert part.shade.min() >= 0 and part.shade.max() <= 1


def test_skin_is_closed_and_outward(lying):
    _, _, seen, _ = lying
    corners = np.concatenate([triangles(seen, "skin"), triangles(seen, "prepped skin")])
    litres = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6e6
    assert 40 < litres < 120  # an adult


def test_the_person_lies_on_the_table(lying):
    patient, _, seen, _ = lying
    top, f = body.table_top_mm(patient), figure(patient)
    assert body.table_centre_mm(patient)[1] == top
    assert patient.skin_surface.vertices[:, 1].min() == pytest.approx(top, abs=8)
    skin = np.concatenate([triangles(seen, "skin"), triangles(seen, "prepped skin")]).reshape(-1, 3)
    for low, high in ((-1160, -900), (-600, -500), (-200, -100), (100, 250)):  # feet, knees, pelvis, chest
        here = skin[(skin[:, 2] > f.pelvis + low) & (skin[:, 2] < f.pelvis + high)]
        assert -20 < here[:, 1].min() - top < 12
    assert np.abs(skin[:, 2] - body.table_centre_mm(patient)[2]).max() < TABLE_MM[1]


def test_pieces_are_small_enough_to_draw(lying):
    for piece in lying[2:]:
        assert sum(len(part.faces) for part in piece.parts) <= 60000


def test_the_same_patient_gives_the_same_bytes():
    patient, target, seen, cloth = case("first-case")
    for piece, again in ((seen, body.build(patient)), (cloth, drape.build(patient, target))):
        for part, other in zip(piece.parts, again.parts, strict=True):
            assert np.array_equal(part.vertices, other.vertices) and np.array_equal(part.faces, other.faces)


def test_the_opening_follows_the_target():
    patient = case("first-case")[0]
    assert drape.opening_centre(patient, "L1")[1] > drape.opening_centre(patient, "L3")[1] + 40
