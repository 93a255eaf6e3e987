"""The tissue laws against their sources and limits. Figures: FIGURES c and the sources named in haptics/resistance.py."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haptics import resistance as law

shares = st.floats(0.0, 1.0)


def test_a_membrane_gives_nothing_unmet_and_all_when_the_whole_face_is_in_it() -> None:
    assert law.engaged(0.0) == 0.0
    assert law.engaged(1.0) == pytest.approx(1.0)


@given(shares, shares)
def test_more_of_the_face_in_a_membrane_never_costs_less(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert law.engaged(low) <= law.engaged(high)


def test_vertebral_bone_yields_at_its_yield_strain_times_morgans_modulus() -> None:
    """Morgan 2003 J Biomech 36:897: E = 4730 rho^1.56 MPa at the vertebra; yield strain 0.84 %."""
    rho = 0.1 * 1.9
    assert law.cancellous_strength(0.1) == pytest.approx(0.0084 * 4730 * rho**1.56)


def test_osteoporotic_bone_stops_a_13_gauge_tip_with_5_to_14_newton() -> None:
    """FIGURES c, derived: section 4.5 mm2 x 1-3 MPa."""
    for bone_volume_fraction in (0.06, 0.08, 0.10):
        assert 5.0 <= law.cancellous(1.0, bone_volume_fraction) <= 14.0


def test_osteoporotic_to_normal_is_about_1_to_2_6() -> None:
    """Pull-out 0.37 : 0.97 kN (Asian Spine J, PMC6002167); BV/TV 0.08 and 0.15 (FIGURES e)."""
    assert law.cancellous(1.0, 0.15) / law.cancellous(1.0, 0.08) == pytest.approx(2.6, abs=0.15)


def test_a_plug_passes_on_what_punches_the_shell_out_and_no_more_than_its_own_strength() -> None:
    """Blunt punch-out: girth x wall x shear strength (FIGURES c, derived)."""
    assert law.plug(0.0, 0.2) == pytest.approx(math.pi * 2.41 * 0.2 * 55.0)
    assert law.plug(0.0, 2.0) == law.PLUG_N
    assert law.plug(3.0, 0.5) == 0.0


@given(st.floats(0.0, 4.0), st.floats(0.0, 4.0), st.floats(0.05, 2.0))
def test_a_plug_never_presses_less_when_the_wall_is_nearer(a: float, b: float, wall: float) -> None:
    near, far = sorted((a, b))
    assert law.plug(near, wall) >= law.plug(far, wall)


def test_the_lever_is_a_steel_cantilever() -> None:
    """Euler-Bernoulli: 3 E I / L^3 with E 193 GPa, d 2.41 mm, L 100 mm."""
    assert law.lever_stiffness() == pytest.approx(3 * 193e3 * math.pi * 2.41**4 / 64 / 100**3)


def test_the_grip_advances_only_above_the_resistance_and_never_past_balance() -> None:
    assert law.advance(50.0, 50.0, 0.3, 0.001) == 0.0
    for force in np.linspace(51.0, 400.0, 20):
        move = law.advance(force, 50.0, 0.0, 0.001)
        assert force - law.GRIP_N_MM * move >= 50.0 - 1e-9


def test_a_screwing_hand_goes_a_pitch_a_turn_within_what_a_hand_can_turn() -> None:
    assert law.screw_limit(0.0) == law.PITCH_MM * law.TURNS_S
    assert law.screw_limit(1e6) == law.PITCH_MM * law.TURNS_MOST_S
