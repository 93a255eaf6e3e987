"""Views against geometry that can be done on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.procedure.views import entry, ideal, inset, measure, see
from models.carm import Pose
from models.instruments import TROCAR, TrocarPose
from models.patient import Patient, Side
from tests.procedure import phantoms

TARGET = phantoms.vertebra("L2", 0.0)
AROUND = (phantoms.vertebra("L1", phantoms.APART), phantoms.vertebra("L3", -phantoms.APART))
DOWN = np.array([0.0, -1.0, 0.0])
"""The way of a needle from behind, straight forward."""


def quality(pose: Pose):
    return measure(TARGET, AROUND, {}, pose)


def needle(x: float, y: float, z: float = phantoms.PEDICLE_Z, medial: bool = True) -> TrocarPose:
    toward = -1.0 if (x > 0) == medial else 1.0
    return TrocarPose(np.array([x, y, z]), DOWN, np.array([toward, 0.0, 0.0]))


@pytest.mark.parametrize("tilt", [-20.0, -6.0, 0.0, 3.0, 17.0])
def test_a_flat_end_plate_stands_to_the_beam_by_the_tilt(tilt: float):
    assert quality(Pose(tilt=tilt)).superior_deg == pytest.approx(abs(tilt), abs=1e-6)
    assert quality(Pose(tilt=tilt)).inferior_deg == pytest.approx(abs(tilt), abs=1e-6)


def test_rotating_to_the_left_throws_the_spinous_process_to_the_right():
    assert quality(Pose(orbital=0.0)).spinous == pytest.approx(0.0, abs=1e-9)
    assert quality(Pose(orbital=5.0)).spinous < -0.05
    assert quality(Pose(orbital=-5.0)).spinous > 0.05


def test_tilting_toward_the_head_moves_the_pedicles_down_the_body():
    heights = [quality(Pose(tilt=tilt)).pedicle_left for tilt in (-10.0, 0.0, 10.0, 20.0)]
    assert heights == sorted(heights)
    assert quality(Pose()).pedicle_left == pytest.approx((12 - phantoms.PEDICLE_Z) / 24, abs=0.01)


def test_views_are_told_by_the_target_s_own_axes():
    kinds = [quality(Pose(orbital=angle)).view for angle in (0.0, 20.0, 45.0, 75.0, 90.0, -90.0)]
    assert kinds == ["ap", "ap", "oblique", "lateral", "lateral", "lateral"]


def test_a_lateral_off_by_an_angle_doubles_the_posterior_margin():
    true, off = quality(Pose(orbital=90.0, isocentre=(0, 14.0, 0))), quality(Pose(orbital=94.0, isocentre=(0, 14.0, 0)))
    assert true.corners_mm == pytest.approx(0.0, abs=1e-6)
    assert off.corners_mm == pytest.approx(22.0 * np.sin(np.radians(4.0)), rel=0.02)


def test_ribs_are_judged_only_where_there_are_ribs(phantom: Patient):
    necks = {"left": np.array([25.0, 14.0, 0.0]), "right": np.array([-25.0, 14.0, 0.0])}
    pose = Pose(orbital=90.0, isocentre=(0.0, 14.0, 0.0))
    assert quality(pose).ribs_mm is None
    assert measure(TARGET, AROUND, necks, pose).ribs_mm == pytest.approx(0.0, abs=1e-6)
    assert measure(TARGET, AROUND, necks, pose.turned(orbital=96.0)).ribs_mm == pytest.approx(5.2, abs=0.3)


def test_a_target_out_of_the_picture_is_not_in_the_field():
    assert quality(Pose()).in_field
    assert not quality(Pose(isocentre=(0.0, 0.0, 150.0))).in_field


def test_the_neighbours_plates_are_judged_along_their_own_rays():
    assert quality(Pose()).neighbour_deg == pytest.approx(np.degrees(np.arctan(22.0 / 530.0)), abs=0.02)
    assert measure(TARGET, (None, None), {}, Pose()).neighbour_deg is None


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_point_reads_0_at_the_lateral_and_1_at_the_medial_margin(side: Side):
    sign = 1.0 if side == "left" else -1.0
    for share in (0.0, 0.5, 1.0):
        point = sign * (phantoms.PEDICLE_X + phantoms.PEDICLE_W * (0.5 - share))
        trocar = needle(point + sign * TROCAR.outer_mm / 2, 20.0)
        seen = see(TARGET, ideal(TARGET, 0.0, side), trocar, side)
        assert seen.ring == pytest.approx(share, abs=0.03)
        shrunk = (
            530.0 / 550.0
        )  # the ring lies 20 mm nearer to the detector than the body's centre, at whose depth mm are read
        assert seen.ring_margin_mm == pytest.approx((1 - share) * phantoms.PEDICLE_W * shrunk, abs=0.2)
        assert seen.front_seen_mm is None


def test_a_lateral_shows_how_far_the_bevel_is_past_the_wall_and_how_far_the_front_is():
    pose = Pose(orbital=90.0, isocentre=(0.0, 10.0, 0.0))
    seen = see(TARGET, pose, needle(12.0, 4.0), "left")
    assert seen.front_seen_mm == pytest.approx(10.0 - TROCAR.bevel_mm, abs=0.3)
    assert seen.anterior_seen_mm == pytest.approx(4.0 + phantoms.HALF_DEPTH, abs=0.5)
    assert seen.ring is None


def test_an_untrue_lateral_shows_a_tip_behind_the_wall_in_front_of_it():
    behind = TrocarPose(np.array([12.0, 15.5, 4.0]), DOWN, np.array([0.0, 0.0, 1.0]))
    true = see(TARGET, Pose(orbital=90.0, isocentre=(0.0, 14.0, 0.0)), behind, "left")
    fronts = [
        see(TARGET, Pose(orbital=a, isocentre=(0.0, 14.0, 0.0)), behind, "left").front_seen_mm for a in (65.0, 115.0)
    ]
    assert true.front_seen_mm is not None and true.front_seen_mm < -3.0
    assert max(f for f in fronts if f is not None) > 0.0


@pytest.mark.parametrize("side", ["left", "right"])
def test_entry_is_read_in_the_patient_s_own_sides(side: Side):
    sign = 1.0 if side == "left" else -1.0
    pose = ideal(TARGET, 0.0, side)
    radius = TROCAR.outer_mm / 2
    on_margin = needle(sign * (phantoms.PEDICLE_X + phantoms.PEDICLE_W / 2 - radius - 1.0), 20.0)
    seen = entry(TARGET, pose, on_margin, side)
    assert seen.clock_deg == pytest.approx(0.0, abs=0.5)
    assert seen.inside_mm == pytest.approx(1.0, abs=0.15)
    above = needle(sign * phantoms.PEDICLE_X, 20.0, phantoms.PEDICLE_Z + 4.0)
    assert entry(TARGET, pose, above, side).clock_deg == pytest.approx(90.0, abs=2.0)
    outside = needle(sign * (phantoms.PEDICLE_X + phantoms.PEDICLE_W / 2), 20.0)
    assert entry(TARGET, pose, outside, side).ring_inset_mm == pytest.approx(-radius, abs=0.15)


@given(st.floats(0.0, 6.28), st.floats(0.0, 6.0))
def test_distance_to_a_circle_is_radius_less_distance_from_its_centre(angle: float, out: float):
    turn = np.linspace(0.0, 2 * np.pi, 400, endpoint=False)
    circle = 3.0 * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    assert inset(circle, out * np.array([np.cos(angle), np.sin(angle)])) == pytest.approx(3.0 - out, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.floats(-25, 25), st.floats(-25, 25), st.floats(-4, 4), st.floats(-30, 30))
def test_what_is_seen_on_the_left_is_seen_in_the_mirror_on_the_right(orbital: float, tilt: float, x: float, y: float):
    left = see(TARGET, Pose(orbital, tilt), needle(14.0 + x, 20.0 + y), "left")
    right = see(TARGET, Pose(-orbital, tilt), needle(-14.0 - x, 20.0 + y), "right")
    assert left.ring == pytest.approx(right.ring, abs=1e-9)
    assert left.shaft_ray_deg == pytest.approx(right.shaft_ray_deg, abs=1e-6)
    assert quality(Pose(orbital, tilt)).spinous == pytest.approx(-quality(Pose(-orbital, tilt)).spinous, abs=1e-9)
