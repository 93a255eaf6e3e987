"""Scatter: the fit against its Monte Carlo, and what collimation, thickness and air do."""

import numpy as np
import pytest

from models import scatter
from models.carm import FIELD_MM
from models.tables import load

RINGS = (0.0, 10.0, 20.0, 30.0, 45.0, 60.0, 80.0, 100.0, 125.0, 150.0, 180.0, 210.0, 260.0)
TABLE = load("scatter.csv", [f"to_{ring:g}" for ring in RINGS[1:]])


@pytest.mark.parametrize("case", TABLE)
def test_the_kernel_is_the_monte_carlos(case: str) -> None:
    """Over the full field's area (168 mm round), which is what a picture is made of."""
    _, thickness = map(float, case.split("/"))
    found = list(TABLE[case].values())
    ring = np.linspace(0.0, 168.0, 2000)
    fitted = np.trapezoid(scatter.kernel(ring, thickness / 100.0) * 2 * np.pi * ring, ring)
    assert fitted == pytest.approx(sum(found[:9]) + 0.6 * found[9], rel=0.07)


@pytest.mark.parametrize("case", TABLE)
def test_so_are_its_running_sums(case: str) -> None:
    """Up to 60, 125 and 260 mm from the pencil: no other shape of the same area passes."""
    _, thickness = map(float, case.split("/"))
    found = np.cumsum(list(TABLE[case].values()))
    for at, slack in ((5, 0.12), (8, 0.08), (12, 0.10)):
        ring = np.linspace(0.0, RINGS[at], 2000)
        fitted = np.trapezoid(scatter.kernel(ring, thickness / 100.0) * 2 * np.pi * ring, ring)
        assert fitted == pytest.approx(found[at - 1], rel=slack), RINGS[at]


@pytest.mark.parametrize("kvp", [60.0, 85.0, 110.0])
def test_the_thickness_is_told_by_how_much_is_left(kvp: float) -> None:
    from models import xray

    paths = np.zeros((9, 8))
    paths[:, 0] = np.arange(0.0, 401.0, 50.0)
    mean, _ = xray.signal(paths, kvp, 1.0, 1.0)
    np.testing.assert_allclose(100.0 * scatter.thickness_dm(np.log(mean[0] / mean), kvp), paths[:, 0], atol=3.0)


def even(field_mm: float, weakened: float = 5.0) -> tuple[float, float]:
    """(primary, scatter) in the middle of an evenly thick picture collimated to a square."""
    cells = 32
    place = (np.arange(cells) + 0.5) * FIELD_MM / cells - FIELD_MM / 2
    open_ = (np.abs(place) < field_mm / 2).astype(float)
    primary = np.exp(-weakened) * np.outer(open_, open_)
    return float(primary[cells // 2, cells // 2]), float(scatter.scattered(primary, 1.0, 80.0)[cells // 2, cells // 2])


def test_collimation_takes_scatter_away() -> None:
    wide, narrow = (even(field)[1] / even(field)[0] for field in (298.0, 100.0))
    assert narrow < 0.35 * wide


def test_thicker_patients_scatter_more_and_air_scatters_nothing() -> None:
    ratios = [scatter.full_field_ratio(80.0, mm) for mm in (100.0, 200.0, 300.0)]
    assert ratios == sorted(ratios) and ratios[2] > 5 * ratios[0]
    assert even(298.0, weakened=0.0)[1] == 0.0


def test_moments_are_spread_as_the_mean_is() -> None:
    primary = np.random.default_rng(1).uniform(0.001, 0.01, (8, 8, 2))
    both = scatter.scattered(primary, 1.0, 80.0)
    np.testing.assert_allclose(both[..., 0], scatter.scattered(primary[..., 0], 1.0, 80.0))
    assert both[..., 1] == pytest.approx(scatter.scattered(primary, 1.0, 80.0)[..., 1])
