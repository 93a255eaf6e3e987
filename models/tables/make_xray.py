"""Makes spectrum.csv and attenuation.csv. Run once, by hand: the tables are shipped, spekpy and xraydb are not needed to run.

    pip install spekpy==2.5.4 xraydb==4.5.8 && python models/tables/make_xray.py

In: tube (12 degree tungsten anode, 3 mm Al + 0.1 mm Cu), compositions below. Out: the two tables beside this file.
"""

from pathlib import Path

import numpy as np
import spekpy  # type: ignore[import-untyped, import-not-found, unused-ignore]
import xraydb  # type: ignore[import-untyped, import-not-found, unused-ignore]

HERE = Path(__file__).parent
ENERGIES = np.arange(10.5, 125.0, 1.0)  # keV, middles of 1 keV bins
KVPS = range(60, 126, 5)

# Mass fractions of ICRU Report 44 (1989), typed from memory, so derived (FIGURES e); densities in g/cm3.
SOFT = (
    {"H": 0.102, "C": 0.143, "N": 0.034, "O": 0.708, "Na": 0.002, "P": 0.003, "S": 0.003, "Cl": 0.002, "K": 0.003},
    1.06,
)
ADIPOSE = ({"H": 0.114, "C": 0.598, "N": 0.007, "O": 0.278, "Na": 0.001, "S": 0.001, "Cl": 0.001}, 0.95)
BONE = (
    {"H": 0.034, "C": 0.155, "N": 0.042, "O": 0.435, "Na": 0.001, "Mg": 0.002, "P": 0.103, "S": 0.003, "Ca": 0.225},
    1.92,
)
RED_MARROW = (
    {"H": 0.105, "C": 0.414, "N": 0.034, "O": 0.439, "P": 0.001, "S": 0.002, "Cl": 0.002, "K": 0.002, "Fe": 0.001},
    1.03,
)
YELLOW_MARROW = ({"H": 0.115, "C": 0.644, "N": 0.007, "O": 0.231, "Na": 0.001, "S": 0.001, "Cl": 0.001}, 0.98)
LUNG = (
    {"H": 0.103, "C": 0.105, "N": 0.031, "O": 0.749, "Na": 0.002, "P": 0.002, "S": 0.003, "Cl": 0.003, "K": 0.002},
    0.26,
)
STEEL = ({"Fe": 0.71, "Cr": 0.19, "Ni": 0.10}, 8.0)  # 304
PMMA = ({"H": 0.0805, "C": 0.5998, "O": 0.3196}, 1.18)
BARIUM_SULPHATE = ({"Ba": 0.5884, "S": 0.1374, "O": 0.2742}, 4.5)
CAESIUM_IODIDE = ({"Cs": 0.5115, "I": 0.4885}, 4.51)

MARROW_RED_SHARE = 0.5  # by volume, elderly vertebra; assumed
TRABECULAR_FRACTION = 0.10  # BV/TV of the channel: models.tissue.REFERENCE_BONE_VOLUME_FRACTION
OPACIFIER_FRACTION = 0.19  # of the set mass: 30 wt % BaSO4 in the powder (FIGURES d, derived)

Material = tuple[dict[str, float], float]


def attenuation(material: Material) -> np.ndarray:
    """Linear attenuation [1/mm] of a material at ENERGIES, mass fractions rescaled to 1."""
    fractions, density = material
    total = sum(fractions.values())
    mu = sum(share / total * xraydb.mu_elam(element, ENERGIES * 1e3) for element, share in fractions.items())
    return np.asarray(mu * density / 10.0)


def cement() -> np.ndarray:
    """PMMA with its opacifier; volumes add."""
    plain, opaque = 1.0 - OPACIFIER_FRACTION, OPACIFIER_FRACTION
    volume = plain / PMMA[1] + opaque / BARIUM_SULPHATE[1]
    return (plain / PMMA[1] * attenuation(PMMA) + opaque / BARIUM_SULPHATE[1] * attenuation(BARIUM_SULPHATE)) / volume


def write(name: str, comments: list[str], columns: dict[str, np.ndarray]) -> None:
    """One CSV: comment lines, a header of column names, rows."""
    rows = np.stack(list(columns.values()), axis=-1)
    lines = [f"# {line}" for line in comments] + [",".join(columns)]
    lines += [",".join(f"{value:.6g}" for value in row) for row in rows]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Writes both tables."""
    columns = {"energy_kev": ENERGIES}
    kerma = np.zeros_like(ENERGIES)
    for kvp in KVPS:
        tube = spekpy.Spek(kvp, th=12, dk=1.0)
        tube.filter("Al", 3.0).filter("Cu", 0.1)
        energies, fluence = tube.get_spectrum(edges=False, flu=True, diff=False)
        columns[f"kvp_{kvp}"] = np.interp(ENERGIES, energies, fluence, left=0.0, right=0.0)
    # Kerma of one photon/cm2: E (mu_en / rho) of air, in uGy: 1 keV/g = 1.602176634e-13 J/kg = 1.602e-7 uGy.
    kerma = ENERGIES * np.asarray(tube.muen_air_data.get_muen_over_rho_air(ENERGIES)) * 1.602176634e-7
    write(
        "spectrum.csv",
        [
            "Photons of a tungsten tube, 12 degree anode, 3 mm Al + 0.1 mm Cu, per 1 keV bin [1/cm2/mAs] at 1 m, by tube voltage.",
            "air_kerma: uGy of air kerma for one photon/cm2 at that energy (NIST mu_en/rho of air).",
            "Source: SpekPy 2.5.4 (Poludniowski et al 2021, Med Phys 48:3630; MIT), models/tables/make_xray.py, 2026-11-24.",
            "energy_kev: middle of the bin [keV].",
        ],
        {"energy_kev": ENERGIES, "air_kerma": kerma, **{k: v for k, v in columns.items() if k != "energy_kev"}},
    )
    marrow = MARROW_RED_SHARE * attenuation(RED_MARROW) + (1 - MARROW_RED_SHARE) * attenuation(YELLOW_MARROW)
    write(
        "attenuation.csv",
        [
            "Linear attenuation [1/mm] of the basis channels of models/tissue.py and of the scintillator (csi, solid CsI 4.51 g/cm3).",
            "Source: xraydb 4.5.8 (Elam tables, total); ICRU-44 compositions typed from memory; models/tables/make_xray.py, 2026-11-24.",
            "cancellous: 10 % bone in half red, half yellow marrow; cement: PMMA with 19 % of its mass BaSO4; reserve: nothing.",
            "energy_kev: middle of the bin [keV].",
        ],
        {
            "energy_kev": ENERGIES,
            "soft": attenuation(SOFT),
            "cortical": attenuation(BONE),
            "cancellous": TRABECULAR_FRACTION * attenuation(BONE) + (1 - TRABECULAR_FRACTION) * marrow,
            "adipose": attenuation(ADIPOSE),
            "steel": attenuation(STEEL),
            "cement": cement(),
            "lung": attenuation(LUNG),
            "reserve": np.zeros_like(ENERGIES),
            "csi": attenuation(CAESIUM_IODIDE),
        },
    )


if __name__ == "__main__":
    main()
