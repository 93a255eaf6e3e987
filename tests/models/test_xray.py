"""X-ray laws against published figures, limits and their own fine sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import xray
from models.tissue import CHANNELS

SOFT, CORTICAL, STEEL, CEMENT = (CHANNELS.index(name) for name in ("soft", "cortical", "steel", "cement"))


def path(**mm: float) -> np.ndarray:
    row = np.zeros(8)
    for name, length in mm.items():
        row[CHANNELS.index(name)] = length
    return row


@pytest.mark.parametrize(("kvp", "kerma"), [(60, 16.7), (70, 25.4), (80, 35.8), (90, 47.7), (100, 61.0), (110, 75.8)])
def test_output_of_the_tube_is_what_spekpy_gives(kvp, kerma):
    assert xray.air_kerma_ugy_per_mas(kvp) == pytest.approx(kerma, abs=0.06)


@pytest.mark.parametrize(
    ("channel", "per_cm"),
    [
        ("soft", (0.285, 0.240, 0.217, 0.193)),
        ("adipose", (0.228, 0.202, 0.188, 0.171)),
        ("cortical", (1.278, 0.815, 0.604, 0.428)),
        ("steel", (28.6, 15.4, 9.5, 4.7)),
    ],
)
def test_attenuation_is_that_of_the_published_tables(channel, per_cm):
    energies, mu, _ = xray._attenuation()
    found = np.interp((40, 50, 60, 80), energies, mu[:, CHANNELS.index(channel)]) * 10
    np.testing.assert_allclose(found, per_cm, rtol=0.01)


def test_the_half_value_layer_of_80_kvp_is_4_6_mm_of_aluminium():
    beam = xray.fine_beam(80.0)
    # mu of aluminium [1/mm] at 30, 40, 50, 60, 80 keV: NIST XCOM 1.128, .5685, .3681, .2778, .2018 cm2/g, 2.699 g/cm3.
    mu = np.exp(
        np.interp(
            np.log(beam.energy),
            np.log([20, 30, 40, 50, 60, 80]),
            np.log(np.array([3.441, 1.128, 0.5685, 0.3681, 0.2778, 0.2018]) * 0.2699),
        )
    )
    kerma = beam.photons * beam.kerma
    assert (kerma * np.exp(-mu * 4.58)).sum() / kerma.sum() == pytest.approx(0.5, abs=0.01)


def test_water_passes_what_figures_say():
    beam = xray.fine_beam(80.0)
    # 24 cm of water at 80 kVp: 3.1e-3 of the kerma; soft tissue of 1.06 g/cm3 stands for 1.05 of water.
    kerma = beam.photons * beam.kerma
    passed = (kerma * np.exp(-beam.mu[:, SOFT] * 240 / 1.055)).sum() / kerma.sum()
    assert passed == pytest.approx(3.1e-3, rel=0.05)


@given(
    kvp=st.floats(60, 120),
    soft=st.floats(100, 350),
    bone=st.floats(0, 20),
    cement=st.floats(0, 10),
)
def test_24_bins_give_the_signal_of_1_kev_bins(kvp, soft, bone, cement):
    row = path(soft=soft, cortical=bone, cement=cement)
    coarse = xray.signal(row, kvp, 0.2, 0.58)
    fine_beam = xray.fine_beam(kvp)
    fine = xray.signal_of(xray.photons_left(row, fine_beam, 0.2), fine_beam, 0.58)
    np.testing.assert_allclose(coarse, fine, rtol=0.006)


def test_variance_is_that_of_counted_photons_of_known_energies():
    rng = np.random.default_rng(3)
    beam = xray.beam(80.0)
    row = path(soft=200)
    mean, variance = xray.signal(row, 80.0, 0.05, 0.3)
    counted = xray.photons_left(row, beam, 0.05) * beam.absorbed * xray.GRID_PRIMARY * 0.03**2
    draws = rng.poisson(counted, size=(40000, xray.BINS)) @ beam.energy
    assert draws.mean() == pytest.approx(mean, rel=0.005)
    assert draws.var() == pytest.approx(variance, rel=0.03)


def test_20_ngy_leave_about_two_hundred_quanta_in_a_pixel():
    # XRAY 2.4: 30174 quanta/mm2/uGy (RQA5) x 0.02 uGy x (0.582 mm)^2 = 204; ours: (mean / sigma)^2 before grid and absorption.
    row = path(soft=200)
    technique = xray.technique_for(row)
    mean, variance = xray.signal(row, technique.kvp, technique.mas, 298 / 512)
    quanta = mean**2 / variance / xray.GRID_PRIMARY
    assert 120 < quanta < 204


@given(kvp=st.floats(60, 120), paths=st.lists(st.floats(0, 200), min_size=8, max_size=8), more=st.floats(0.1, 50))
def test_more_of_anything_never_raises_the_signal(kvp, paths, more):
    row = np.array(paths)
    before = xray.signal(row, kvp, 1.0, 0.5)[0]
    for channel in range(7):
        after = row.copy()
        after[channel] += more
        assert xray.signal(after, kvp, 1.0, 0.5)[0] <= before


@given(kvp=st.floats(60, 120), mas=st.floats(0.01, 10))
def test_signal_and_kerma_are_proportional_to_charge(kvp, mas):
    row = path(soft=150, cortical=5)
    assert xray.signal(row, kvp, mas, 0.5)[0] == pytest.approx(mas * xray.signal(row, kvp, 1.0, 0.5)[0])
    assert xray.detector_kerma_ugy(row, kvp, mas) == pytest.approx(mas * xray.detector_kerma_ugy(row, kvp, 1.0))


def test_kerma_at_the_detector_with_nothing_in_the_beam_is_that_at_1_m_by_the_inverse_square():
    assert xray.detector_kerma_ugy(np.zeros(8), 80.0, 1.0) == pytest.approx(
        xray.air_kerma_ugy_per_mas(80) / 1.02**2, rel=0.006
    )


@pytest.mark.parametrize("soft", [120.0, 180.0, 215.0, 300.0, 340.0])
def test_brightness_control_holds_20_ngy(soft):
    row = path(soft=soft, cortical=6)
    technique = xray.technique_for(row)
    assert xray.detector_kerma_ugy(row, technique.kvp, technique.mas) == pytest.approx(0.020, rel=1e-6)
    assert 60 <= technique.kvp <= 110


def test_brightness_control_raises_voltage_with_thickness_and_stops_at_the_limit():
    found = [xray.technique_for(path(soft=soft)) for soft in (150, 220, 300, 450)]
    assert [t.kvp for t in found] == sorted(t.kvp for t in found)
    assert found[-1] == xray.Technique(110.0, xray.CHARGE_LIMIT_MAS)


def test_a_voltage_outside_the_table_is_refused():
    with pytest.raises(ValueError, match="expected 60 to 125"):
        xray.signal(np.zeros(8), 140.0, 1.0, 0.5)
