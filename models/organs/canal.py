"""What lies in the spinal canal: cord and dural sac.

In: Anatomy. Out: Regions. The sac is an elliptical tube a little behind the canal's middle, clear of bone; the cord lies in it
down to the disc L1-L2, and what is in the sac below is its cauda equina (no region of its own). Half axes: shares of the canal
and of recalled means. Not here: roots (roots.py), veins (spinal_veins.py).
"""

import numpy as np
from numpy.typing import NDArray

from models.organs.anatomy import Anatomy, Frame
from models.organs.tubes import elliptical
from models.patient import Region
from models.tissue import Tissue

Array = NDArray[np.float64]

SAC_SHARE = (0.72, 0.76)
"""Half width and half depth of the sac, of the canal's; lumbar sacs are 14-18 by 12-16 mm (recalled)."""
SAC_BEHIND = 0.12
"""How far the sac's middle lies behind the canal's, of its half depth: anterior epidural veins need room; assumed."""
OFF_BONE_MM = 0.8
"""Ligament and epidural fat between sac and bone at the least; assumed."""
BEYOND_MM = 15.0
"""How far sac and cord go on beyond the patient's own levels, as the canal of models/field.py does."""
CONUS = 9.62
"""The cord ends at the disc L1-L2 (CLINICAL, issue 5)."""
CORD = (
    (-3.0, 4.6, 3.3),
    (2.0, 4.1, 3.1),
    (6.0, 4.2, 3.2),
    (7.5, 4.7, 3.8),
    (8.3, 4.5, 3.7),
    (9.0, 2.8, 2.4),
    (9.5, 0.7, 0.7),
)
"""(level, half width, half depth) mm: thoracic cord about 8 by 6.4, lumbar enlargement 9.5 by 8 at T11-T12, conus; recalled."""
SPACING_MM = 1.0
PART = 0.08  # of a level, from section to section


def cord(anatomy: Anatomy) -> dict[str, Region]:
    """The cord, where the patient's levels reach above its end."""
    top, _ = _reach(anatomy)
    if top >= CONUS - 0.2:
        return {}
    table = np.array(CORD)
    rows = []
    for level in np.arange(top, CONUS + PART / 2, PART):
        half = [float(np.interp(level, table[:, 0], table[:, k])) for k in (1, 2)]
        rows.append(_section(anatomy.at(level), half[0], half[1]))
    lattice, values = elliptical(np.array(rows), SPACING_MM)
    values = anatomy.carved(lattice, values, OFF_BONE_MM + 0.7)
    return {"cord": Region("cord", int(Tissue.CORD), lattice.grid(values), None)}


def sac(anatomy: Anatomy) -> dict[str, Region]:
    """The dural sac from above the first level to S2, or to just below the last level."""
    lattice, values = elliptical(_sections(anatomy), SPACING_MM)
    values = anatomy.carved(lattice, values, OFF_BONE_MM)
    return {"dural sac": Region("dural sac", int(Tissue.DURA), lattice.grid(values), None)}


def sac_half(frame: Frame) -> tuple[float, float]:
    """(half width, half depth) of the sac at a level."""
    return SAC_SHARE[0] * frame.canal_half_width, SAC_SHARE[1] * frame.canal_half_depth


def sac_centre(frame: Frame) -> Array:
    """(3,) the sac's middle at a level."""
    return np.asarray(frame.canal + SAC_BEHIND * frame.canal_half_depth * frame.axes[1])


def _reach(anatomy: Anatomy) -> tuple[float, float]:
    """Levels at which canal contents begin and end."""
    low, high = anatomy.ends
    z = [anatomy.at(n).canal[2] for n in (low, high)]
    z_of = np.array([[n, anatomy.at(n).canal[2]] for n in np.arange(low - 1.5, high + 1.55, 0.05)])
    first = float(np.interp(-(z[0] + BEYOND_MM), -z_of[:, 1], z_of[:, 0]))
    return first, float(np.interp(-(z[1] - BEYOND_MM), -z_of[:, 1], z_of[:, 0]))


def _sections(anatomy: Anatomy) -> Array:
    first, last = _reach(anatomy)
    frames = [anatomy.at(level) for level in np.arange(first, last + PART / 2, PART)]
    rows = [_section(frame, *sac_half(frame)) for frame in frames]
    if "sacrum" in anatomy.patient.bones and anatomy.ends[1] == 13:
        rows += _sacral(anatomy, np.array(rows[-1]))
    return np.array(rows)


def _section(frame: Frame, half_width: float, half_depth: float) -> Array:
    return np.concatenate([sac_centre(frame), frame.axes[0], frame.axes[1], [half_width, half_depth]])


SACRAL_STEP_MM = 3.0
SACRAL_MM = 55.0
"""From just below L5's canal to the lower edge of S2, along the canal; assumed."""


def _sacral(anatomy: Anatomy, last: Array) -> list[Array]:
    """Sections on down the sacral canal, midway between the bone before and behind, narrowing to the sac's end."""
    rows: list[Array] = []
    centre, left, back, half = last[:3], last[3:6], last[6:9], last[9:]
    for n in range(1, int(SACRAL_MM / SACRAL_STEP_MM) + 1):
        down = -np.cross(left, back)
        ahead = centre + SACRAL_STEP_MM * down
        shift = np.arange(-6.0, 6.1, 0.5)
        free = anatomy.bone_distance(ahead + shift[:, None] * back)
        centre_next = ahead + shift[int(np.argmax(np.minimum(free, 6.0) - 0.05 * np.abs(shift)))] * back
        way = 0.75 * down + 0.25 * (centre_next - centre) / np.linalg.norm(centre_next - centre)
        way = way / np.linalg.norm(way)
        back = np.cross(way, left) * (1.0 if np.cross(way, left) @ back > 0 else -1.0)
        centre = centre_next
        share = max(1.0 - (n * SACRAL_STEP_MM / SACRAL_MM) ** 2, 0.06)
        rows.append(np.concatenate([centre, left, back / np.linalg.norm(back), half * share]))
    return rows
