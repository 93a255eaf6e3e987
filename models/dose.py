"""Dose outside the picture: the patient's skin by place, scatter at the staff.

In: irradiations (pose, tube voltage, air kerma at the reference point), points of the skin with their normals, places of the
staff; patient frame, mm, mGy. Out: absorbed dose of the skin [mGy] at each point, scattered air kerma [uGy] at each place.
Not here: what the tube gives (xray.py, game/simulation/exposure.py), dose that the detector gets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.carm import FIELD_MM, SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, Pose, view
from models.patient import Surface
from models.tables import load

Array = NDArray[np.float64]

REFERENCE_MM = SOURCE_ISOCENTRE_MM - 150.0
"""Source to reference point: 15 cm from the isocentre toward the tube (IEC 60601-2-43, recalled in FIGURES e)."""

HALF_VALUE_MM_AL = ((60.0, 3.45), (70.0, 4.01), (80.0, 4.58), (90.0, 5.14), (100.0, 5.67), (110.0, 6.17), (120.0, 6.63))
"""(kVp, first half-value layer [mm Al]) of 12 deg tungsten behind 3 mm Al + 0.1 mm Cu: SpekPy 2.5.4 (XRAY 2.1, FIGURES e)."""

SKIN_OVER_AIR = 1.024
"""Mass energy-absorption of water over air in a backscattered field: 1.017 at 60 kVp to 1.033 at 110, 3.1 mm Al + 0.1 mm Cu
(Benmakhlouf 2013, table 2)."""

TABLE_TRANSMISSION = 0.8
"""Share of kerma that table and pad pass (PySkinDose's estimate; 0.75 is what a commercial monitor takes: XRAY 2.13)."""

TABLE_HALF_MM = 260.0
"""Half the width of a radiolucent table top; assumed."""

SCATTER_SHARE = 1.0e-3
"""Scattered kerma at 1 m for each kerma at the skin, field of 400 cm2: about 0.1 % (textbook, XRAY 2.13)."""
SCATTER_FIELD_CM2 = 400.0
FORWARD_SHARE = 0.25
"""Scatter beyond the patient against scatter back to the tube: 3-5 times less (XRAY 2.13); a quarter is assumed."""


@dataclass(frozen=True)
class Irradiation:
    """Pulses at one pose with one voltage."""

    pose: Pose
    kvp: float
    kerma_mgy: float  # air kerma at the reference point, free in air, all pulses


def half_value_mm(kvp: float) -> float:
    """First half-value layer [mm Al] of the beam."""
    volts, layers = np.array(HALF_VALUE_MM_AL).T
    return float(np.interp(kvp, volts, layers))


@cache
def _backscatter_table() -> tuple[Array, Array]:
    columns = tuple(f"h{j}v{i}" for j in range(3) for i in range(3))
    rows = load("backscatter.csv", columns)
    return np.array([float(side) for side in rows]), np.array([[row[c] for c in columns] for row in rows.values()])


def backscatter(kvp: float, side_cm: float) -> float:
    """Backscatter factor of a square field: eq. 8 of Benmakhlouf 2013 at five sides, linear between, held beyond."""
    sides, coefficients = _backscatter_table()
    layer = half_value_mm(kvp)
    powers = np.array([layer**j * kvp**i for j in range(3) for i in range(3)])
    return float(np.interp(side_cm, sides, coefficients @ powers))


def skin_dose(points: Array, normals: Array, irradiations: Iterable[Irradiation]) -> Array:
    """(N,) mGy that the skin at points (N, 3) with outward normals (N, 3) has got, entrance side only.

    D = K_ref (d_ref / d)^2 k_backscatter k_medium k_table for points in the field that face the source (XRAY 2.13). The table
    lies in front of the patient's lowest (most anterior) point: what passes its plane beside it is not weakened.
    """
    total = np.zeros(len(points))
    table = float(points[:, 1].min())
    for each in irradiations:
        pinhole = view(each.pose)
        away = points - pinhole.source
        depth = away @ pinhole.beam
        half = FIELD_MM / 2 / SOURCE_DETECTOR_MM * depth
        inside = (np.abs(away @ pinhole.column) <= half) & (np.abs(away @ pinhole.row) <= half) & (depth > 0.0)
        inside &= np.einsum("ni,ni->n", away, normals) < 0.0
        if not inside.any():
            continue
        hit = away[inside]
        factor = backscatter(each.kvp, float(np.median(2 * half[inside])) / 10.0) * SKIN_OVER_AIR
        near = (REFERENCE_MM**2) / np.einsum("ni,ni->n", hit, hit)
        total[inside] += each.kerma_mgy * factor * near * _table_share(pinhole.source, hit, table)
    return total


def peak_skin_dose(skin: Surface, irradiations: Iterable[Irradiation]) -> float:
    """mGy where the skin has got most."""
    if len(skin.faces) == 0:  # a patient that nobody will X-ray
        return 0.0
    points = skin.vertices.astype(np.float64)
    corners = points[skin.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals: Array = np.stack(
        [np.bincount(skin.faces.ravel(), np.repeat(across[:, i], 3), len(points)) for i in range(3)], axis=-1
    )
    return float(skin_dose(points, normals, irradiations).max(initial=0.0))


def _table_share(source: Array, away: Array, table: float) -> Array:
    """(N,) share that is left of rays from the source by `away` (N, 3) which pass the table's plane within its width."""
    below = source[1] < table
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (table - source[1]) / away[:, 1]
    across = np.abs(source[0] + along * away[:, 0])
    crosses = below & (away[:, 1] > 0.0) & (across <= TABLE_HALF_MM)
    return np.where(crosses, TABLE_TRANSMISSION, 1.0)


STANDS_MM = {
    "hands": (300.0, 180.0, 0.0),
    "body": (550.0, 0.0, 0.0),
    "eyes": (450.0, 550.0, 0.0),
}
"""(lateral, posterior, superior) of the operator's parts from the target, on the side that is treated, the hands at the
injector or hub, no shield; assumed from a person of 1.75 m at a table of 0.9 m."""


def staff_kerma(irradiations: Iterable[Irradiation], target: Array, toward_left: float) -> Mapping[str, float]:
    """Scattered air kerma [uGy] at the operator's hands, body and eyes, unshielded; `toward_left` +1: on the patient's left.

    K = K_skin SCATTER_SHARE (A / 400 cm2) (1 m / d)^2 g, g from 1 back toward the tube to FORWARD_SHARE beyond the patient by
    the cosine; the scattering middle is where the beam enters the patient, taken 100 mm before the isocentre. Order of size only.
    """
    total = dict.fromkeys(STANDS_MM, 0.0)
    for each in irradiations:
        pinhole = view(each.pose)
        entrance = SOURCE_ISOCENTRE_MM - 100.0
        place = pinhole.source + entrance * pinhole.beam
        skin_ugy = 1000.0 * each.kerma_mgy * (REFERENCE_MM / entrance) ** 2
        area = (FIELD_MM * entrance / SOURCE_DETECTOR_MM / 10.0) ** 2
        for part, (aside, behind, up) in STANDS_MM.items():
            way = target + np.array([toward_left * aside, behind, up]) - place
            far = float(np.linalg.norm(way))
            ahead = 0.5 * (1.0 + float(way @ pinhole.beam) / far)
            share = 1.0 + (FORWARD_SHARE - 1.0) * ahead
            total[part] += skin_ugy * SCATTER_SHARE * area / SCATTER_FIELD_CM2 * (1000.0 / far) ** 2 * share
    return total
