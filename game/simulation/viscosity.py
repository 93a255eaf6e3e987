"""Bone cement as a fluid: how thick it is since mixing, and what it takes to press it through a cannula and into bone.

In: seconds since mixing, flow [ml/s], viscosity [Pa.s]. Out: Pa.s, a sample's word, kPa.
Not here: where the cement goes (cement.py), the pump (injector.py).
"""

import numpy as np

from models.instruments import TROCAR

CURVE_MIN_PAS = (
    (0.0, 3.0),  # assumed: powder just wetted
    (3.0, 30.0),
    (5.5, 100.0),
    (8.0, 400.0),
    (10.0, 1000.0),
    (12.0, 4000.0),  # assumed: unusable
    (15.0, 75.0e3),  # cured, 7.5e4 Pa.s (Nicholas 2007; the time is assumed for 22 C)
)
"""(minutes since mixing, Pa.s) at 22 C, low-viscosity PMMA: ~10-50 at 3 min, ~100 at 5-6, ~300-500 at 8, ~1000 at 10, unusable
after (FIGURES d, recalled: orders of magnitude only)."""

USABLE_PAS = 1000.0
"""Above it cement cannot be worked: blocked in the cannula (FIGURES d, recalled)."""

WORDS = ((20.0, "liquid"), (80.0, "shiny"), (400.0, "toothpaste"), (USABLE_PAS, "stiff"))
"""(below this many Pa.s, what a sample looks like); "set" beyond. Leaks fall above about 100 Pa.s (Loeffel 2008, recalled): paste
without shine begins a little below; the borders are assumed."""

PRESSURE_LIMIT_KPA = 3200.0
"""What a hand reaches on the injector: highest of 3215 kPa in patients (Krebs 2005)."""

PERMEABILITY_M2 = 4.0e-8
"""Vertebral spongiosa, 3.4-4.5e-8 m2 in 34 lumbar cores (Baroud 2004)."""


def viscosity_pas(since_mixing_s: float) -> float:
    """Viscosity [Pa.s] `since_mixing_s` seconds after mixing at 22 C: CURVE_MIN_PAS, linear in its logarithm.

    Holds from 0 s; after 15 min the last value. Shear thinning (n about 0.5-0.9) is left out. Source: FIGURES d (recalled).
    """
    minutes, values = zip(*CURVE_MIN_PAS, strict=True)
    return float(np.exp(np.interp(since_mixing_s / 60.0, minutes, np.log(values))))


def sample_word(viscosity: float) -> str:
    """How a sample on the glove looks: 'liquid', 'shiny', 'toothpaste', 'stiff' or 'set'."""
    return next((word for below, word in WORDS if viscosity < below), "set")


def cannula_kpa(
    viscosity: float, flow_ml_s: float, bore_mm: float = TROCAR.inner_mm, length_mm: float = TROCAR.length_mm
) -> float:
    """Pressure [kPa] lost in a cannula: Poiseuille, 8 mu L Q / (pi r^4), viscosity [Pa.s], flow [ml/s].

    Laminar, Newtonian, no slip at the wall: 3.1 MPa at 100 Pa.s and 4 ml/min in 13 G (FIGURES d, derived).
    """
    radius = bore_mm / 2000.0
    return 8.0 * viscosity * (length_mm / 1000.0) * (flow_ml_s * 1e-6) / (np.pi * radius**4) / 1000.0


def bone_kpa(viscosity: float, flow_ml_s: float, reach_mm: float = 10.0) -> float:
    """Pressure [kPa] lost in cancellous bone: Darcy from a point, mu Q / (4 pi k) (1/a - 1/R), a = 1.2 mm, R = `reach_mm`.

    k = PERMEABILITY_M2; about 15 kPa at 100 Pa.s and 4 ml/min (FIGURES d, derived).
    """
    outlet, reach = TROCAR.outer_mm / 2000.0, max(reach_mm, TROCAR.outer_mm) / 1000.0
    return viscosity * flow_ml_s * 1e-6 / (4 * np.pi * PERMEABILITY_M2) * (1 / outlet - 1 / reach) / 1000.0


def pressure_kpa(viscosity: float, flow_ml_s: float) -> float:
    """Pressure [kPa] at the injector for a flow [ml/s]: cannula and bone."""
    return cannula_kpa(viscosity, flow_ml_s) + bone_kpa(viscosity, flow_ml_s)


def greatest_flow_ml_s(viscosity: float, limit_kpa: float = PRESSURE_LIMIT_KPA) -> float:
    """The flow [ml/s] that a hand can still press: where pressure_kpa meets a limit; 0 once unusable."""
    return 0.0 if viscosity > USABLE_PAS else limit_kpa / pressure_kpa(viscosity, 1.0)
