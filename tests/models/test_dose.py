"""Dose at the skin and at the staff: by the laws' own figures, on flat skin and by symmetry."""

import numpy as np
import pytest

from models.carm import FIELD_MM, SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, Pose
from models.dose import (
    REFERENCE_MM,
    SKIN_OVER_AIR,
    TABLE_TRANSMISSION,
    Irradiation,
    backscatter,
    half_value_mm,
    skin_dose,
    staff_kerma,
)

AP, LATERAL = Pose(), Pose(orbital=90.0)


def belly(front: float = -110.0) -> tuple[np.ndarray, np.ndarray]:
    """Skin lying flat on the table, its normals toward the tube below."""
    x, z = np.meshgrid(np.arange(-200.0, 201.0, 5.0), np.arange(-200.0, 201.0, 5.0), indexing="ij")
    points = np.stack([x, np.full_like(x, front), z], axis=-1).reshape(-1, 3)
    return points, np.tile([0.0, -1.0, 0.0], (len(points), 1))


@pytest.mark.parametrize(
    ("kvp", "layer", "side", "published"),
    [(70.0, 4.08, 25.0, 1.461), (80.0, 4.66, 25.0, 1.492), (60.0, 3.51, 25.0, 1.421)],
)
def test_backscatter_is_the_published_one(kvp, layer, side, published):
    """Table 2 of Benmakhlouf 2013 for 3.1 mm Al + 0.1 mm Cu, whose half-value layers differ a little from ours."""
    assert half_value_mm(kvp) == pytest.approx(layer, abs=0.1)
    assert backscatter(kvp, side) == pytest.approx(published, abs=0.01)


def test_larger_fields_scatter_more_back():
    assert backscatter(80.0, 5.0) < backscatter(80.0, 10.0) < backscatter(80.0, 20.0) < backscatter(80.0, 35.0)


def test_skin_in_the_middle_gets_what_the_formula_says():
    points, normals = belly()
    dose = skin_dose(points, normals, [Irradiation(AP, 80.0, 10.0)])
    distance = SOURCE_ISOCENTRE_MM - 110.0
    side_cm = FIELD_MM * distance / SOURCE_DETECTOR_MM / 10.0
    wanted = 10.0 * (REFERENCE_MM / distance) ** 2 * backscatter(80.0, side_cm) * SKIN_OVER_AIR * TABLE_TRANSMISSION
    assert dose.max() == pytest.approx(wanted, rel=1e-6)
    assert points[dose.argmax()] == pytest.approx([0.0, -110.0, 0.0])


def test_only_skin_in_the_field_that_faces_the_tube_is_irradiated():
    points, normals = belly()
    dose = skin_dose(points, normals, [Irradiation(AP, 80.0, 10.0)])
    half = FIELD_MM / 2 * (SOURCE_ISOCENTRE_MM - 110.0) / SOURCE_DETECTOR_MM
    assert np.array_equal(dose > 0.0, (np.abs(points[:, 0]) <= half) & (np.abs(points[:, 2]) <= half))
    assert skin_dose(points, -normals, [Irradiation(AP, 80.0, 10.0)]).max() == 0.0


def test_fields_that_do_not_meet_do_not_add_and_the_same_field_does():
    points, normals = belly()
    one, apart = Irradiation(AP, 80.0, 10.0), Irradiation(Pose(isocentre=(0.0, 0.0, 150.0)), 80.0, 10.0)
    alone = skin_dose(points, normals, [one]).max()
    assert skin_dose(points, normals, [one, apart]).max() == pytest.approx(alone)
    assert skin_dose(points, normals, [one, one]).max() == pytest.approx(2 * alone)


def test_a_lateral_beam_passes_beside_the_table():
    points = np.array([[-160.0, 0.0, 0.0], [-160.0, -110.0, 0.0]])  # the right flank, and where the table lies
    normals = np.tile([-1.0, 0.0, 0.0], (2, 1))
    dose = skin_dose(points, normals, [Irradiation(LATERAL, 90.0, 10.0)])
    side_cm = FIELD_MM * (SOURCE_ISOCENTRE_MM - 160.0) / SOURCE_DETECTOR_MM / 10.0
    near = (REFERENCE_MM / (SOURCE_ISOCENTRE_MM - 160.0)) ** 2
    assert dose[0] == pytest.approx(10.0 * near * backscatter(90.0, side_cm) * SKIN_OVER_AIR, rel=0.01)


def test_the_tube_side_of_a_lateral_is_the_worse_place_to_stand():
    """2.7 to 10 times (PMC3070893, FIGURES e), and the hands get most."""
    target = np.zeros(3)
    lateral = [Irradiation(LATERAL, 90.0, 10.0)]  # detector on the left: the tube is on the right
    tube, detector = staff_kerma(lateral, target, -1.0), staff_kerma(lateral, target, 1.0)
    assert 2.7 < tube["body"] / detector["body"] < 10.0
    below = staff_kerma([Irradiation(AP, 80.0, 10.0)], target, 1.0)
    assert below["hands"] > below["body"] > below["eyes"] > 0.0
