"""The table's dimensions measured on a built level, from its distance grid in its own frame; mm and degrees.

Not the landmarks' own numbers: each is a caliper laid on the surface, as in the studies the table comes from.
"""

import numpy as np

from models.morphometry import Size
from models.patient import Patient, Side, Vertebra
from models.probe import Probe

STEP = 0.25


def sizes(patient: Patient, level: str, size: Size) -> dict[str, float]:
    """Name in models/tables/morphometry.csv -> measured; pedicles are the mean of both sides."""
    v = patient.vertebrae[level]
    probe = Probe.of(patient.bones[level], v.centre, v.left, v.posterior, v.superior)
    both = [_pedicle(probe, v, side, size) for side in ("left", "right")]
    return (
        _plates(probe, v)
        | {name: float(np.mean([one[name] for one in both])) for name in both[0]}
        | {
            "posterior_height": v.posterior_height,
            "anterior_height": v.anterior_height,
            "canal_width": _between_pedicles(v),
            "canal_depth": 2 * v.canal_half_depth,
        }
    )


def _plates(probe: Probe, v: Vertebra) -> dict[str, float]:
    """Greatest breadth of the front half and depth near the midline, of the upper and of the lower half."""
    wall = float(v.posterior @ (v.posterior_wall - v.centre))
    left, posterior = np.arange(-30.0, 30.1, STEP), np.arange(-26.0, wall + 3.0, STEP)
    height = np.arange(-17.0, 17.1, 0.5)
    inside = probe.grid(left, posterior, height) < 0.0
    ahead, middle = posterior <= 0.5, np.abs(left) <= 5.0  # the front half is clear of the pedicles' roots
    out = {}
    for name, half in (("upper", height > 2.0), ("lower", height < -2.0)):
        out[f"plate_width_{name}"] = STEP * float(inside[:, ahead][:, :, half].sum(axis=0).max())
        out[f"plate_depth_{name}"] = STEP * float(inside[middle][:, :, half].sum(axis=1).max())
    return out


def _between_pedicles(v: Vertebra) -> float:
    """Least distance between the medial borders of the two pedicles."""
    left, right = ((v.pedicles[side].ring - v.centre) @ v.left for side in ("left", "right"))
    return float(left.min() - right.max())


def _pedicle(probe: Probe, v: Vertebra, side: Side, size: Size) -> dict[str, float]:
    """Breadth and height at the isthmus, angles of the lines of middles there, entry to front.

    Convergence: sections stand across the published axis; by how much the line of their middles turns from it is added.
    Sagittal: half way between upper and lower border in columns, as one draws it on a lateral picture.
    """
    sign = 1.0 if side == "left" else -1.0
    centre = probe.local(v.pedicles[side].centre)
    c, s = np.radians(size.convergence), np.radians(size.sagittal)
    axis = np.array([-sign * np.sin(c) * np.cos(s), -np.cos(c) * np.cos(s), -np.sin(s)])
    across = np.array([sign * np.cos(c), -np.sin(c), 0.0])  # lateral
    along = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    aside = np.polyfit(along, [_middle(probe, centre + t * axis, across) for t in along], 1)[0]
    back = np.array([-1.5, -0.75, 0.0, 0.75, 1.5])
    columns = centre + back[:, None] * np.array([0.0, 1.0, 0.0])
    upward = np.polyfit(back, [_middle(probe, at, np.array([0.0, 0.0, 1.0])) for at in columns], 1)[0]
    steps = np.arange(-32.0, 62.0, 0.1)
    inside = probe(centre + steps[:, None] * axis) < 0.0
    start, end = steps[~inside & (steps < 0)].max(), steps[~inside & (steps > 0)].min()
    return {
        "pedicle_width": v.pedicles[side].width,
        "pedicle_height": v.pedicles[side].height,
        "convergence": size.convergence - float(np.degrees(np.arctan(aside))),
        "sagittal": float(np.degrees(np.arctan(upward))),
        "entry_to_anterior": float(end - start),
    }


def _middle(probe: Probe, start: np.ndarray, way: np.ndarray) -> float:
    """Half way between where bone ends both ways from a point in it."""
    return (probe.leaves(start, way, 14.0) - probe.leaves(start, -way, 14.0)) / 2
