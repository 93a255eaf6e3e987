"""Kyphosis and scoliosis of the chain; without them everything lies where it lay."""

import numpy as np
import pytest

from models import posture
from models.morphometry import size
from models.vertebra import Shape

LEVELS = ("T12", "L1", "L2", "L3", "L4")


def chain(kyphosis: float = 0.0, curve: posture.Curve | None = None) -> dict[str, np.ndarray]:
    shapes = {level: Shape(level, size(level)) for level in LEVELS}
    return posture.chain(shapes, 36.8, np.random.default_rng(1), kyphosis, curve)


def lean(pose: np.ndarray) -> float:
    """Degrees by which the superior axis leans forward (sagittal)."""
    return float(np.degrees(np.arctan2(-pose[1, 2], pose[2, 2])))


def test_kyphosis_is_added_between_the_first_and_the_last_level():
    straight, bent = chain(), chain(40.0)
    added = (lean(bent["T12"]) - lean(bent["L4"])) - (lean(straight["T12"]) - lean(straight["L4"]))
    assert added == pytest.approx(40.0, abs=0.5)


@pytest.mark.parametrize("convex", ["left", "right"])
def test_scoliosis_has_its_cobb_angle_and_turns_the_bodies_into_the_convexity(convex: str):
    sign = 1.0 if convex == "left" else -1.0
    straight, curved = chain(), chain(curve=posture.Curve(30.0, "L2", convex))
    coronal = {level: np.degrees(np.arctan2(pose[0, 2], pose[2, 2])) for level, pose in curved.items()}
    assert sign * (coronal["L4"] - coronal["T12"]) == pytest.approx(30.0, abs=3.0)
    forward = [np.degrees(np.arctan2(-poses["L2"][0, 1], poses["L2"][1, 1])) for poses in (straight, curved)]
    assert sign * (forward[1] - forward[0]) == pytest.approx(posture.COUPLING * 30.0, abs=1.0)
    aside = {level: sign * curved[level][0, 3] for level in LEVELS}
    assert aside["L2"] > aside["T12"] + 5.0 and aside["L2"] > aside["L4"] + 5.0


def test_a_curve_of_nothing_moves_nothing():
    for level, pose in chain(curve=posture.Curve(0.0, "L2", "left")).items():
        np.testing.assert_allclose(pose, chain()[level], atol=1e-9)
