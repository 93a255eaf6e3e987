"""Where metal truly is, on the phantom."""

import numpy as np
import pytest

from game.procedure.errors import gertzbein
from game.procedure.truth import Ground
from models.field import pack
from models.instruments import TROCAR, TrocarPose
from models.patient import Patient
from tests.procedure import phantoms

RADIUS = TROCAR.outer_mm / 2
NEAR = 0.3
"""mm: what trilinear distances on a 0.75 mm grid of a first-order ellipse are good for."""


@pytest.fixture(scope="module")
def ground(phantom: Patient) -> Ground:
    return Ground(phantom.vertebrae["L2"], *pack(phantom))


def straight(x: float, y: float, z: float = phantoms.PEDICLE_Z) -> TrocarPose:
    """A needle from behind, point medial."""
    return TrocarPose(np.array([x, y, z]), np.array([0.0, -1.0, 0.0]), np.array([-np.sign(x), 0.0, 0.0]))


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("clear", [3.0, 1.0, 0.4])
def test_medial_clearance_is_that_of_the_whole_shaft(ground: Ground, side: float, clear: float):
    inner = phantoms.PEDICLE_X - phantoms.PEDICLE_W / 2
    found = ground.measure(straight(side * (inner + clear + RADIUS), 16.0))
    assert found.medial_mm == pytest.approx(clear, abs=NEAR)
    assert found.point_medial_mm == pytest.approx(clear, abs=NEAR)
    assert found.side == ("left" if side > 0 else "right")
    assert not found.canal


def test_a_turned_point_gains_the_needle_s_width_and_the_shaft_nothing(ground: Ground):
    medial = straight(phantoms.PEDICLE_X, 18.0)
    turned = TrocarPose(medial.tip, medial.axis, -medial.roll)
    before, after = ground.measure(medial), ground.measure(turned)
    assert before.point_medial_mm is not None and after.point_medial_mm is not None
    assert after.point_medial_mm - before.point_medial_mm == pytest.approx(TROCAR.outer_mm, abs=NEAR)
    assert after.medial_mm == pytest.approx(before.medial_mm, abs=NEAR)
    assert (before.bevel_medial, after.bevel_medial) == (pytest.approx(1.0), pytest.approx(-1.0))


def test_metal_through_the_medial_cortex_is_negative_by_the_breach(ground: Ground):
    inner = phantoms.PEDICLE_X - phantoms.PEDICLE_W / 2
    found = ground.measure(straight(inner + RADIUS - 1.5, 18.0))
    assert found.medial_mm == pytest.approx(-1.5, abs=NEAR)
    assert found.canal


def test_a_needle_in_the_middle_of_the_canal_is_in_the_canal(ground: Ground):
    assert ground.measure(straight(0.5, phantoms.CANAL_Y)).canal


def test_beside_the_pedicle_is_no_medial_breach(ground: Ground):
    outer = phantoms.PEDICLE_X + phantoms.PEDICLE_W / 2
    found = ground.measure(straight(outer + 3.0, 20.0))
    assert found.medial_mm is None
    assert not found.canal


def test_cleared_is_the_heel_of_the_bevel_not_its_point(ground: Ground):
    found = ground.measure(straight(phantoms.PEDICLE_X, phantoms.WALL - 2.0))
    assert found.point_front_mm == pytest.approx(2.0)
    assert found.front_mm == pytest.approx(2.0 - TROCAR.bevel_mm)


def test_across_is_0_at_the_lateral_and_1_at_the_medial_margin(ground: Ground):
    for share in (0.0, 0.5, 1.0):
        x = phantoms.PEDICLE_X + phantoms.PEDICLE_W * (0.5 - share) + RADIUS
        assert ground.measure(straight(x, 20.0)).across == pytest.approx(share, abs=0.01)


def test_the_lower_margin_is_judged_in_the_isthmus(ground: Ground):
    low = phantoms.PEDICLE_Z - phantoms.PEDICLE_H / 2
    assert ground.measure(straight(phantoms.PEDICLE_X, 16.0)).inferior_mm == pytest.approx(7.5 - RADIUS, abs=0.1)
    found = ground.measure(straight(phantoms.PEDICLE_X, 16.0, low + 0.2))
    assert found.inferior_mm == pytest.approx(0.2 - RADIUS, abs=0.1)
    assert ground.measure(straight(phantoms.PEDICLE_X, 40.0)).inferior_mm is None


def test_the_axis_is_measured_to_where_it_leaves_the_body(ground: Ground):
    midline = TrocarPose(np.array([0.0, 0.0, 4.0]), np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    assert ground.measure(midline).anterior_mm == pytest.approx(phantoms.HALF_DEPTH, abs=NEAR)
    out = TrocarPose(np.array([0.0, -19.0, 4.0]), midline.axis, midline.roll)
    assert ground.measure(out).anterior_mm == pytest.approx(-2.0, abs=NEAR)
    assert ground.measure(out).nearest_mm == pytest.approx(-2.0, abs=NEAR)


def test_the_cylinder_trap_a_lateral_tip_at_the_apparent_front_is_outside(ground: Ground):
    """On an ellipse of half depth b, at 2/3 of the half width the surface is b (1 - sqrt(1 - 4/9)) behind the front."""
    x, front = 2 / 3 * phantoms.HALF_WIDTH, -phantoms.HALF_DEPTH
    trap = TrocarPose(np.array([x, front, 4.0]), np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    outside = phantoms.HALF_DEPTH * (1 - np.sqrt(1 - 4 / 9))
    found = ground.measure(trap)
    assert outside == pytest.approx(4.33, abs=0.01)
    assert found.anterior_mm == pytest.approx(-outside, abs=NEAR)
    assert found.nearest_mm is not None and found.nearest_mm < -2.0
    assert found.bone == ""
    safe = TrocarPose(np.array([x, front + 10.0, 4.0]), trap.axis, trap.roll)
    assert ground.measure(safe).nearest_mm > 2.0


def test_the_course_is_read_at_the_anterior_third(ground: Ground):
    level = TrocarPose(np.array([16.5, 40.0, 0.0]), np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    assert ground.measure(level).course == pytest.approx(0.5)
    high = TrocarPose(np.array([16.5, 40.0, 6.0]), level.axis, level.roll)
    assert ground.measure(high).course == pytest.approx(0.25)


def test_a_neighbour_s_bone_is_named(ground: Ground):
    assert ground.measure(straight(16.5, 20.0, phantoms.PEDICLE_Z - phantoms.APART)).bone == "L3"


def test_gertzbein_grades_end_at_2_4_and_6_mm():
    assert [gertzbein(mm) for mm in (0.0, 0.5, 2.0, 3.9, 4.0, 6.0)] == ["A", "B", "C", "C", "D", "E"]


def test_where_metal_left_the_body_is_told_in_the_vertebra_s_own_axes(ground: Ground):
    def at(x: float, y: float, z: float) -> str | None:
        return ground.measure(
            TrocarPose(np.array([x, y, z]), np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
        ).exit

    assert at(0.0, 0.0, 0.0) == ""
    assert at(0.0, -phantoms.HALF_DEPTH - 4.0, 0.0) == "front"
    assert at(phantoms.HALF_WIDTH + 4.0, 0.0, 0.0) == "side"
    assert at(-phantoms.HALF_WIDTH - 4.0, 0.0, 0.0) == "side"
    assert ground.exit(np.array([0.0, -3.0, ground.target.middle_height / 2 + 4.0])) == "plate"


def test_the_lateral_margin_is_judged_in_the_isthmus(ground: Ground):
    outer = phantoms.PEDICLE_X + phantoms.PEDICLE_W / 2
    assert ground.measure(straight(outer - RADIUS - 1.0, 16.0)).lateral_mm == pytest.approx(1.0, abs=0.1)
    assert ground.measure(straight(-outer - 2.0 + RADIUS, 16.0)).lateral_mm == pytest.approx(-2.0, abs=0.1)
    assert ground.measure(straight(outer, 40.0)).lateral_mm is None
