"""X-ray laws: tube spectrum, attenuation, what the detector absorbs, kerma, and the technique that brightness control picks.

In: path lengths (..., 8) [mm] in the channels of models/tissue.py, tube voltage [kVp], tube charge of one pulse [mAs].
Out: energy absorbed by the detector [keV per pixel] and its variance, air kerma [uGy]. float64; the numpy twin of
shaders/fluoroscopy/signal.frag. No frame: paths come from models/rays.py or game/fluoroscopy.
Not here: scatter, blur and noise of the picture (game/fluoroscopy/picture.py), skin dose (game/simulation).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.carm import SOURCE_DETECTOR_MM
from models.tables import load
from models.tissue import CHANNELS

Array = NDArray[np.float64]

BINS = 24
"""Energy bins of the polychromatic sum: within 0.3 % of 1 keV bins behind 150-350 mm of soft tissue (tests)."""

BARIUM_EDGE_KEV = 37.44
"""K edge of barium (NIST): a bin never holds both sides of it, or cement would be wrong."""

LOWEST_KEV = 18.0
"""Photons below never leave a patient: 3 mm Al + 0.1 mm Cu pass 1e-3 of them."""

HARDENING_MM = 150.0
"""Soft tissue behind which a bin's mean attenuation is taken, so that the sum is right where pictures are taken."""

SCINTILLATOR_MM = 0.6
"""CsI:Tl of a flat panel, 0.5-0.6 mm usual (XRAY 2.3, textbook)."""

SCINTILLATOR_PACKING = 0.8
"""Share of the layer that is CsI (needles with gaps); assumed."""

GRID_PRIMARY = 0.7
"""Primary transmission of the anti-scatter grid; assumed (0.6-0.75 usual)."""

DETECTOR_TARGET_UGY = 0.020
"""Air kerma at the detector, before the grid, that brightness control holds for one pulse: 20 nGy (XRAY 2.4)."""

CURVE = ((60.0, 0.08), (70.0, 0.12), (80.0, 0.20), (90.0, 0.32), (100.0, 0.50), (110.0, 0.70))
"""(kVp, mAs a pulse) that brightness control follows: voltage rises with charge. Assumed, through the usual lumbar settings
AP 70-85 kVp 2-4 mA, lateral 85-105 kVp 4-8 mA (FIGURES e, recalled) at 15 pulses/s."""

CHARGE_LIMIT_MAS = 1.0
"""Most charge of one pulse at the end of the curve; assumed. Beyond it the picture gets noisy, not brighter."""


@dataclass(frozen=True)
class Technique:
    """Tube setting of one pulse."""

    kvp: float
    mas: float


@dataclass(frozen=True)
class Beam:
    """A spectrum in BINS energy bins. photons and kerma at 1 m, for 1 mAs."""

    energy: Array  # (K,) keV
    photons: Array  # (K,) 1/cm2
    mu: Array  # (K, 8) 1/mm
    absorbed: Array  # (K,) share of photons that the scintillator absorbs
    kerma: Array  # (K,) uGy cm2, air kerma of one photon/cm2


def _columns(name: str, columns: tuple[str, ...]) -> dict[str, Array]:
    """A table of models/tables by column, with its first column, energy_kev."""
    rows = load(name, columns)
    found = {column: np.array([row[column] for row in rows.values()]) for column in columns}
    return found | {"energy_kev": np.array([float(energy) for energy in rows])}


@lru_cache(maxsize=64)
def _spectrum(kvp: float) -> tuple[Array, Array]:
    """(photons [1/cm2/mAs] at 1 m, air kerma of one photon/cm2 [uGy cm2]) per 1 keV bin, linear between tabulated kVp."""
    tabulated = range(60, 126, 5)
    table = _columns("spectrum.csv", ("air_kerma", *(f"kvp_{v}" for v in tabulated)))
    if not tabulated[0] <= kvp <= tabulated[-1]:
        raise ValueError(f"tube voltage {kvp:g} kVp: expected {tabulated[0]} to {tabulated[-1]}")
    upper = next(v for v in tabulated[1:] if kvp <= v)
    lower = upper - tabulated.step
    share = (kvp - lower) / (upper - lower)
    return (1 - share) * table[f"kvp_{lower}"] + share * table[f"kvp_{upper}"], table["air_kerma"]


@lru_cache(maxsize=1)
def _attenuation() -> tuple[Array, Array, Array]:
    """(energies [keV], attenuation of the channels (E, 8) [1/mm], of solid CsI (E,) [1/mm]) in 1 keV bins."""
    table = _columns("attenuation.csv", (*CHANNELS, "csi"))
    return table["energy_kev"], np.stack([table[name] for name in CHANNELS], axis=-1), table["csi"]


def fine_beam(kvp: float) -> Beam:
    """The beam in the tables' own 1 keV bins: slow and exact, what BINS bins are tested against."""
    photons, kerma = _spectrum(float(kvp))
    energy, mu, csi = _attenuation()
    return Beam(energy, photons, mu, absorbed_share(csi), kerma)


def absorbed_share(mu_per_mm: Array) -> Array:
    """Share of photons that interact in the scintillator: 1 - exp(-mu t p), mu of solid CsI [1/mm], t thickness, p packing.

    Every interaction is taken to leave its whole energy: fluorescence that escapes is left out. Source: XRAY 2.3.
    """
    return np.asarray(1.0 - np.exp(-mu_per_mm * SCINTILLATOR_MM * SCINTILLATOR_PACKING))


@lru_cache(maxsize=64)
def beam(kvp: float) -> Beam:
    """The beam in BINS bins, about equal, from LOWEST_KEV to the peak; means weighted by what is left behind HARDENING_MM."""
    fine = fine_beam(kvp)
    hardened = fine.photons * np.exp(-fine.mu[:, 0] * HARDENING_MM)
    edges = np.linspace(LOWEST_KEV, kvp, BINS + 1)
    edges[np.abs(edges - BARIUM_EDGE_KEV).argmin()] = BARIUM_EDGE_KEV
    cell = np.clip(np.searchsorted(edges, fine.energy, side="right") - 1, -1, BINS - 1)
    member = (cell[None, :] == np.arange(BINS)[:, None]).astype(np.float64)
    weight = member * np.maximum(hardened, 1e-300)
    weight /= weight.sum(axis=1, keepdims=True)
    return Beam(
        energy=weight @ fine.energy,
        photons=member @ fine.photons,
        mu=weight @ fine.mu,
        absorbed=weight @ fine.absorbed,
        kerma=weight @ fine.kerma,
    )


def photons_left(paths_mm: ArrayLike, spectrum: Beam, mas: float) -> Array:
    """(..., K) photons/cm2 of each bin in the detector's plane before the grid: N_k exp(-sum_m mu_km L_m) / r^2.

    Primary beam only; air and table are left out. The obliquity of outer rays is left out too: a flat-field calibration
    takes it from the picture (XRAY 2.9).
    """
    paths = np.asarray(paths_mm, dtype=np.float64)
    distance = (1000.0 / SOURCE_DETECTOR_MM) ** 2
    return np.asarray(spectrum.photons * mas * distance * np.exp(-(paths @ spectrum.mu.T)))


def signal(paths_mm: ArrayLike, kvp: float, mas: float, pixel_mm: float) -> tuple[Array, Array]:
    """(mean, variance) of the energy [keV, keV^2] that one pixel of `pixel_mm` absorbs behind the grid, primary beam.

    Compound Poisson: mean = sum N e E, variance = sum N e E^2 (XRAY 2.3). Scatter adds a share of both
    (game/fluoroscopy/picture.py).
    """
    return signal_of(photons_left(paths_mm, beam(kvp), mas), beam(kvp), pixel_mm)


def signal_of(photons: Array, spectrum: Beam, pixel_mm: float) -> tuple[Array, Array]:
    """(mean, variance) of `signal` from photons/cm2 (..., K) before the grid."""
    counted = photons * (GRID_PRIMARY * (pixel_mm / 10.0) ** 2) * spectrum.absorbed
    return counted @ spectrum.energy, counted @ spectrum.energy**2


def air_kerma_ugy_per_mas(kvp: float) -> float:
    """Air kerma free in air at 1 m [uGy/mAs]. Scales with mAs and 1/r^2."""
    photons, kerma = _spectrum(float(kvp))
    return float(photons @ kerma)


def detector_kerma_ugy(paths_mm: ArrayLike, kvp: float, mas: float) -> Array:
    """(...) air kerma [uGy] of the primary beam in the detector's plane, before the grid, for paths (..., 8)."""
    return np.asarray(photons_left(paths_mm, beam(kvp), mas) @ beam(kvp).kerma)


def technique_for(paths_centre: ArrayLike, target_ugy: float = DETECTOR_TARGET_UGY) -> Technique:
    """The setting that gives a mean detector kerma of `target_ugy` over paths (..., 8) in the middle of the picture.

    Along CURVE between its ends; below it less charge, above it more up to CHARGE_LIMIT_MAS. Voltage in whole kVp.
    """
    paths = np.asarray(paths_centre, dtype=np.float64).reshape(-1, len(CHANNELS))
    kvps, charges = np.array(CURVE).T

    def needed(kvp: float) -> float:
        return target_ugy / float(detector_kerma_ugy(paths, kvp, 1.0).mean())

    for kvp in np.arange(kvps[0], kvps[-1] + 1.0):
        charge = needed(float(kvp))
        if charge <= np.interp(kvp, kvps, charges):
            return Technique(float(kvp), charge)
    return Technique(float(kvps[-1]), min(needed(float(kvps[-1])), CHARGE_LIMIT_MAS))
