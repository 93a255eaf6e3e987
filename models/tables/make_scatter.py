"""Makes scatter.csv: what a pencil beam through a slab scatters onto the detector, by Monte Carlo. Run once, by hand.

    pip install xraydb==4.5.8 && python -m models.tables.make_scatter

In: the C-arm's distances (models/carm.py), slabs of soft tissue centred at the isocentre, spectra of spectrum.csv. Photons are
followed through photoelectric absorption, Compton scatter (Klein and Nishina, free electrons, Kahn's rejection) and coherent
scatter (Thomson times the atoms' form factors; interference between molecules is left out) until they leave. A photon that
reaches the detector counts with the energy that the scintillator absorbs; no grid.
Out: scatter over the pencil's primary, by distance from it: share that falls into rings [1].
"""

from pathlib import Path

import numpy as np
import xraydb  # type: ignore[import-untyped, import-not-found, unused-ignore]

from models.carm import SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM
from models.compiled import compiled
from models.tables.make_xray import SOFT
from models.xray import fine_beam

HERE = Path(__file__).parent
THICKNESSES_MM = (100.0, 150.0, 200.0, 250.0, 300.0, 350.0)
KVPS = (70.0, 90.0, 110.0)
RINGS_MM = np.array([0.0, 10.0, 20.0, 30.0, 45.0, 60.0, 80.0, 100.0, 125.0, 150.0, 180.0, 210.0, 260.0])
PHOTONS = 4_000_000
STEPS = 2000  # of the table of the form factor


@compiled
def compton(energy: float) -> tuple[float, float]:
    """(cosine of the angle, energy [keV] left) by Klein and Nishina: Kahn 1954, free electrons."""
    k = energy / 510.99895
    while True:
        a, b, c = np.random.random(), np.random.random(), np.random.random()
        if a <= (1 + 2 * k) / (9 + 2 * k):
            ratio = 1 + 2 * k * b
            cosine = 1 - (ratio - 1) / k
            if c <= 4 * (1 / ratio - 1 / ratio**2):
                return cosine, energy / ratio
        else:
            ratio = (1 + 2 * k) / (1 + 2 * k * b)
            cosine = 1 - (ratio - 1) / k
            if c <= 0.5 * (cosine**2 + 1 / ratio):
                return cosine, energy / ratio


@compiled
def coherent(energy: float, squared: np.ndarray, x_most: float) -> float:
    """Cosine of the angle by Thomson times the form factor: x = sin(theta / 2) / wavelength [1/Angstrom] from the table first."""
    steps, scale = len(squared) - 1, energy / 12.398
    top = squared[int(min(scale, x_most) / x_most * steps)]
    while True:
        found = np.searchsorted(squared, np.random.random() * top)
        cosine = 1 - 2 * min(found / steps * x_most / scale, 1.0) ** 2
        if np.random.random() <= 0.5 * (1 + cosine**2):
            return float(cosine)


@compiled
def turned(u: float, v: float, w: float, cosine: float) -> tuple[float, float, float]:
    """A unit direction turned by an angle, round itself at random."""
    angle, sine = 2 * np.pi * np.random.random(), np.sqrt(max(1 - cosine**2, 0.0))
    p, q = sine * np.cos(angle), sine * np.sin(angle)
    if abs(w) > 0.99999:
        return p, q, cosine * np.sign(w)
    root = np.sqrt(1 - w * w)
    return u * cosine + (u * w * p - v * q) / root, v * cosine + (v * w * p + u * q) / root, w * cosine - root * p


@compiled
def follow(
    count: int,
    seed: int,
    cumulated: np.ndarray,  # (E,) of the spectrum
    energies: np.ndarray,  # (E,) keV
    mu: np.ndarray,  # (3, E) 1/mm: photoelectric, Compton, coherent
    squared: np.ndarray,  # (STEPS,) cumulated form factor squared over x^2
    x_most: float,
    thickness: float,
    absorbed: np.ndarray,  # (E,)
    rings: np.ndarray,
) -> np.ndarray:
    """(rings - 1,) energy [keV] that scattered photons leave in each ring of the detector."""
    np.random.seed(seed)
    out = np.zeros(len(rings) - 1)
    low, high = SOURCE_ISOCENTRE_MM - thickness / 2, SOURCE_ISOCENTRE_MM + thickness / 2
    first, step = energies[0], energies[1] - energies[0]
    for _ in range(count):
        energy = energies[np.searchsorted(cumulated, np.random.random())]
        x, y, z = 0.0, 0.0, low
        u, v, w = 0.0, 0.0, 1.0
        scattered = False
        while True:
            at = min(max(int((energy - first) / step + 0.5), 0), len(energies) - 1)
            total = mu[0, at] + mu[1, at] + mu[2, at]
            way = -np.log(np.random.random()) / total
            x, y, z = x + way * u, y + way * v, z + way * w
            if z >= high or z <= low:
                if z >= high and scattered and w > 0.0:
                    far = (SOURCE_DETECTOR_MM - z) / w
                    r = np.sqrt((x + far * u) ** 2 + (y + far * v) ** 2)
                    if r < rings[-1]:
                        out[np.searchsorted(rings, r, side="right") - 1] += energy * absorbed[at]
                break
            which = np.random.random() * total
            if which < mu[0, at]:
                break
            if which < mu[0, at] + mu[1, at]:
                cosine, energy = compton(energy)
            else:
                cosine = coherent(energy, squared, x_most)
            scattered = True
            u, v, w = turned(u, v, w, cosine)
    return out


def coefficients(energies: np.ndarray) -> np.ndarray:
    """(3, E) 1/mm of soft tissue: photoelectric, Compton, coherent."""
    fractions, density = SOFT
    share = sum(fractions.values())
    out = []
    for kind in ("photo", "incoh", "coh"):
        out.append(sum(f / share * xraydb.mu_elam(e, energies * 1e3, kind=kind) for e, f in fractions.items()))
    return np.array(out) * density / 10.0


def form_factor(x_most: float) -> np.ndarray:
    """(STEPS,) cumulated sum over atoms of f0(x)^2 d(x^2), 0 to x_most."""
    fractions, _ = SOFT
    x = np.linspace(0.0, x_most, STEPS)
    total = sum(f / xraydb.atomic_mass(e) * np.asarray(xraydb.f0(e, x)) ** 2 for e, f in fractions.items())
    return np.cumsum(total * x)


def main() -> None:
    """Writes the table."""
    x_most = 8.0
    squared = form_factor(x_most)
    rows = []
    for kvp in KVPS:
        beam = fine_beam(kvp)
        mu, absorbed = coefficients(beam.energy), beam.absorbed
        cumulated = np.cumsum(beam.photons) / beam.photons.sum()
        for thickness in THICKNESSES_MM:
            got = follow(PHOTONS, 1, cumulated, beam.energy, mu, squared, x_most, thickness, absorbed, RINGS_MM)
            left = beam.photons / beam.photons.sum() * np.exp(-mu.sum(axis=0) * thickness)
            primary = PHOTONS * float(left @ (beam.energy * absorbed))
            share = got / primary
            print(f"{kvp:g} kVp {thickness:g} mm: scatter to primary {share.sum():.3f}", flush=True)
            rows.append([f"{kvp:g}/{thickness:g}", *(f"{s:.4g}" for s in share)])
    head = [
        "# Scatter of a pencil beam through soft tissue, over its primary behind the tissue, in rings round it on the detector.",
        "# Energy that 0.6 mm CsI absorbs; slab centred 530 mm, detector 1020 mm from the source; no grid; 3 mm Al + 0.1 mm Cu.",
        f"# Source: Monte Carlo of models/tables/make_scatter.py, {PHOTONS} photons a row, 2026-11-25.",
        "# case: tube voltage [kVp] / thickness [mm]; columns: to this distance from the pencil [mm].",
        "case," + ",".join(f"to_{r:g}" for r in RINGS_MM[1:]),
    ]
    text = "\n".join([*head, *(",".join(row) for row in rows)]) + "\n"
    (HERE / "scatter.csv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
