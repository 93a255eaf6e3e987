"""Sizes read off a built patient: what a recipe asked for is what is measured."""

import pytest

from models import measured
from models.genant import all_graded
from models.patient import SIDES, Patient


def test_the_wedge_asked_for_is_graded_and_its_neighbours_are_whole(first_case: Patient) -> None:
    found = all_graded(first_case.vertebrae)
    assert (found["L2"].grade, found["L2"].kind) == (2, "wedge")
    assert found["L2"].anterior == pytest.approx(0.60, abs=0.03)
    assert all(heights.grade == 0 for level, heights in found.items() if level != "L2")


def test_pedicles_are_measured_as_the_table_has_them(first_case: Patient) -> None:
    for level in first_case.levels:
        for size in measured.dimensions(first_case, level):
            if size.name.startswith("pedicle"):
                assert size.within, (level, size)


def test_a_way_clears_the_wall_by_two_millimetres_and_the_bevel_before_the_front(first_case: Patient) -> None:
    for level in ("L1", "L2", "L3"):
        for side in SIDES:
            way = measured.way(first_case, level, side)
            assert 14.0 < way.to_wall < 26.0
            assert way.cleared == pytest.approx(way.to_wall + 4.4)
            assert way.cleared < way.to_front < 60.0
            assert way.medial == pytest.approx(2.4 + way.cleared * 0.08716, abs=0.01)
            assert 40.0 < way.axis_length < 62.0  # Zindrick 1987: 50.7 to 51.9 mm at L1 to L3


def test_a_bones_volume_is_that_of_its_surface(first_case: Patient) -> None:
    import numpy as np

    surface = first_case.bones["L3"].outer
    a, b, c = surface.vertices[surface.faces].astype(np.float64).transpose(1, 0, 2)
    assert measured.volume_ml(first_case, "L3") == pytest.approx(float((a * np.cross(b, c)).sum() / 6000.0), rel=0.01)
