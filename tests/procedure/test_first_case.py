"""The first case as it is built: what CLINICAL asks of it, and that the views of steps 1, 2, 3 and 5 can be had."""

from dataclasses import replace

import numpy as np
import pytest

from game.procedure import rules, scenarios
from game.procedure.measures import Measurer
from game.procedure.truth import Ground
from game.procedure.views import measure, see
from models.carm import Pose, view
from models.instruments import TROCAR, TrocarPose
from models.patient import Patient, Vertebra
from models.provide import provide

LAW = rules.load()
SCENARIO = scenarios.load("first-case")


def no_data(name: str):
    raise AssertionError(f"asked for {name}: the first case is synthetic")


@pytest.fixture(scope="module")
def patient() -> Patient:
    return provide(SCENARIO.recipe, no_data)


@pytest.fixture(scope="module")
def measurer(patient: Patient) -> Measurer:
    return Measurer(SCENARIO, patient)


def quality(patient: Patient, pose: Pose):
    levels = patient.vertebrae
    return measure(levels["L2"], (levels["L1"], levels["L3"]), {}, pose)


def turned(target: Vertebra, **angles: float) -> Pose:
    x, y, z = (float(c) for c in target.centre)
    return Pose(isocentre=(x, y, z)).turned(**angles)


@pytest.fixture(scope="module")
def step2(patient: Patient) -> Pose:
    """The AP with the spinous process in the middle and the left pedicle at half height, by half degrees."""
    target = patient.vertebrae["L2"]
    orbital = min(np.arange(-20.0, 20.0, 0.5), key=lambda o: abs(quality(patient, turned(target, orbital=o)).spinous))
    return min(
        (turned(target, orbital=float(orbital), tilt=float(t)) for t in np.arange(-30.0, 30.0, 0.5)),
        key=lambda pose: abs(quality(patient, pose).pedicle_left - 0.5),
    )


def way(patient: Patient, step2: Pose) -> tuple[Ground, list[tuple[float, TrocarPose]]]:
    """The way of a correct step 3: along the beam 5 degrees to the left, shaft 0.4 mm inside the ring; (depth, pose)."""
    target, measurer = patient.vertebrae["L2"], Measurer(SCENARIO, patient)
    pinhole, pedicle = view(step2.turned(orbital=step2.orbital + 5.0)), target.pedicles["left"]
    ring, middle = pinhole.project(pedicle.ring), pinhole.project(pedicle.centre)
    mm = pinhole.pixel_mm * float((pedicle.centre - pinhole.source) @ pinhole.beam) / 1020.0
    axis = -pinhole.ray(float(ring[:, 0].min() + (TROCAR.outer_mm / 2 + 0.4) / mm), float(middle[1]))
    roll = -target.left + (target.left @ axis) * axis
    roll /= np.linalg.norm(roll)
    base = pinhole.source - axis * float((pinhole.source - pedicle.centre) @ axis)
    poses = [TrocarPose(base + axis * s, axis, roll) for s in np.arange(-45.0, 30.0, 0.5)]
    first = next(n for n, pose in enumerate(poses) if measurer.ground.measure(pose, "left").bone == "L2")
    return measurer.ground, [(0.5 * (n - first), pose) for n, pose in enumerate(poses) if n >= first]


def test_one_third_to_one_half_of_the_height_is_lost_in_front_and_none_behind(patient: Patient):
    above, target, below = (patient.vertebrae[level] for level in ("L1", "L2", "L3"))
    assert 0.50 <= target.anterior_height / np.mean([above.anterior_height, below.anterior_height]) <= 0.67
    assert target.posterior_height / np.mean([above.posterior_height, below.posterior_height]) >= 0.90


def test_it_is_left_lumbar_with_its_own_plates(measurer: Measurer):
    began = measurer.began()
    assert (began["region"], began["ceiling_ml"], began["sides"]) == ("lumbar", 3.0, "left")
    assert not began["ribs"]


def test_step_1_and_step_2_are_two_views_of_one_arm(patient: Patient, step2: Pose):
    sharp = min(
        (step2.turned(tilt=float(t)) for t in np.arange(-30.0, 30.0, 0.5)),
        key=lambda pose: quality(patient, pose).superior_deg,
    )
    assert quality(patient, sharp).superior_deg <= LAW["plates_full_deg"]
    assert abs(quality(patient, step2).spinous) <= LAW["spinous_full"]
    assert LAW["centred_low"] <= quality(patient, step2).pedicle_left <= LAW["centred_high"]
    assert abs(sharp.tilt - step2.tilt) > LAW["return_deg"]


def test_the_room_s_lateral_is_not_true_and_a_true_one_can_be_had(patient: Patient):
    target = patient.vertebrae["L2"]

    def worst(pose: Pose) -> float:
        q = quality(patient, pose)
        return max(
            q.superior_deg / LAW["plates_full_deg"],
            q.inferior_deg / LAW["plates_full_deg"],
            q.corners_mm / LAW["corners_full_mm"],
        )

    found = min(
        worst(turned(target, orbital=float(o), tilt=float(t), swivel=float(s)))
        for o in np.arange(80.0, 101.0, 2.0)
        for t in (-4.0, 0.0, 4.0, 8.0)
        for s in (-4.0, 0.0, 4.0)
    )
    assert worst(turned(target, orbital=90.0)) > 1.0
    assert found <= 1.0


def test_step_5_clears_the_wall_before_mid_pedicle_is_passed(patient: Patient, step2: Pose):
    ground, poses = way(patient, step2)
    told = [(depth, ground.measure(pose, "left")) for depth, pose in poses]
    wall = next(depth for depth, truth in told if truth.point_front_mm >= 0.0)
    middle = next(depth for depth, truth in told if truth.across >= 0.5)
    assert wall + LAW["cleared_mm"] + TROCAR.bevel_mm <= middle + 0.5 <= wall + 8.0 + 0.5
    margins = [truth.medial_mm for _, truth in told if truth.medial_mm is not None]
    assert min(margins) >= LAW["margin_low_mm"]
    assert not any(truth.canal for _, truth in told)


def test_a_lateral_tip_at_the_apparent_front_is_outside_or_next_to_it(patient: Patient):
    """The cylinder trap on this anatomy: 0-1 mm from the apparent front, at two thirds of half the width."""
    target, ground = patient.vertebrae["L2"], Measurer(SCENARIO, patient).ground
    axis, aside = -target.posterior, target.left * target.width / 3
    lateral = turned(target, orbital=94.0)
    start = TrocarPose(target.centre + aside, axis, target.superior)
    gone = see(target, lateral, start, "left").anterior_seen_mm
    assert gone is not None
    at_front = replace(start, tip=start.tip + axis * (gone - 0.5))
    seen = see(target, lateral, at_front, "left").anterior_seen_mm
    assert seen == pytest.approx(0.5, abs=0.6)
    nearest = ground.measure(at_front, "left").nearest_mm
    assert nearest is not None and nearest < 1.0
    ten_short = replace(start, tip=start.tip + axis * (gone - 10.0))
    assert ground.measure(ten_short, "left").bone == "L2"
