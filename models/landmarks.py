"""Landmarks of vertebrae by computation from their distance grids: end plates, pedicles, canal, walls, heights.

In: built bones and a rough frame for each level (right to about 10 mm and 20 degrees). Out: `models.patient.Vertebra`,
patient frame, mm. The same code serves every provider, so no landmark is better than the surface it stands on.
Order of work: the canal is the hole in the vertebra seen from above; the body lies in front of it; rims give plates, plates
give the frame (models/plates.py); pedicles are what is left in coronal sections beside the canal (models/pedicles.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models import pedicles, plates
from models.patient import SIDES, Array, Bone, Pedicle, Plate, Side, Vertebra
from models.pieces import each
from models.probe import Probe

TILTS_DEG = (0.0, -8.0, 8.0, -16.0, 16.0, -24.0, 24.0, -32.0, 32.0)
"""Sagittal tilts from the rough frame tried when looking down the canal."""

ROOT, ROOT_MM = 1.35, 10.0
"""A pedicle's root: within this share of its half axes round its axis, and this far from the isthmus; assumed."""


@dataclass(frozen=True)
class Rough:
    """About where a level is, patient frame."""

    centre: Array  # (3,) of the body, within about 10 mm
    left: Array  # (3,) unit axes, within about 20 degrees
    posterior: Array
    superior: Array


def vertebrae(bones: Mapping[str, Bone], rough: Mapping[str, Rough]) -> dict[str, Vertebra]:
    """Landmarks of each level of `rough`, in its order. Raises ValueError naming the level whose anatomy is not found."""

    def found(level: str) -> Vertebra:
        try:
            return vertebra(level, bones[level], rough[level])
        except ValueError as why:
            raise ValueError(f"{level}: {why}") from why

    return dict(zip(rough, each(found, rough), strict=True))


def vertebra(level: str, bone: Bone, rough: Rough) -> Vertebra:
    """Landmarks of one level."""
    probe = _looking_down_the_canal(Probe.of(bone, rough.centre, rough.left, rough.posterior, rough.superior))
    for _ in range(3):
        hole = canal_hole(probe)
        body = plates.body(probe, hole.centre)
        probe = _in_own_frame(probe, body, hole)
    hole = canal_hole(probe)
    body = plates.body(probe, hole.centre)
    usual = pedicles.USUAL_OF_LEVEL_DEG.get(level, pedicles.USUAL_CONVERGENCE_DEG)
    found = {side: pedicles.pedicle(probe, side, body.wall, hole, usual) for side in SIDES}
    across = (found["left"].centre - found["right"].centre) @ probe.axes.T
    roll = 0.5 * np.arctan2(across[1], across[0])  # half way between the canal's and the pedicles' idea of left
    probe = probe.turned(roll)
    hole = canal_hole(probe)
    body = plates.body(probe, hole.centre)
    return _measured(level, probe, hole, body, found)


@dataclass(frozen=True)
class Hole:
    """The vertebral canal seen along the superior axis, in the probe's frame."""

    centre: Array  # (2,) left, posterior: of its inner half
    radius: float  # of the greatest circle in it


def canal_hole(probe: Probe, step: float = 0.8) -> Hole:
    """The widest hole in the shadow of the vertebra along its superior axis. Raises ValueError where there is none."""
    from scipy import ndimage

    left, posterior = np.arange(-28.0, 28.1, step), np.arange(-35.0, 55.1, step)
    height = np.arange(-34.0, 34.1, 1.2)
    solid = probe.shadow(left, posterior, height)
    holes, _ = ndimage.label(~solid)
    edge = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    closed = ~np.isin(holes, edge) & ~solid
    if not closed.any():
        raise ValueError("no canal: the vertebra has no hole seen from above")
    depth = ndimage.distance_transform_edt(closed) * step
    pieces, _ = ndimage.label(closed)
    i, j = np.nonzero((pieces == pieces.ravel()[int(np.argmax(depth))]) & (depth >= 0.5 * depth.max()))
    return Hole(np.array([left[i].mean(), posterior[j].mean()]), float(depth.max()))


def _looking_down_the_canal(probe: Probe) -> Probe:
    """The probe tilted in its sagittal plane so that the canal's hole is widest."""
    best, widest = None, 0.0
    for tilt in np.radians(TILTS_DEG):
        c, s = np.cos(tilt), np.sin(tilt)
        tilted = probe.with_axes(np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]]) @ probe.axes)
        try:
            radius = canal_hole(tilted, step=1.2).radius
        except ValueError:
            continue
        if radius > widest + 0.3:
            best, widest = tilted, radius
    if best is None:
        raise ValueError("no canal: the vertebra has no hole seen from above")
    return best


def _in_own_frame(probe: Probe, body: plates.Body, hole: Hole) -> Probe:
    """The probe at the body's centre: superior halves the angle of the plates, posterior points to the canal."""
    superior = body.superior.normal - body.inferior.normal
    superior = superior / np.linalg.norm(superior)
    back = np.array([*(hole.centre - body.centre[:2]), 0.0])
    back = back - (back @ superior) * superior
    back = back / np.linalg.norm(back)
    local = np.stack([np.cross(back, superior), back, superior])
    return replace(probe.with_axes(local @ probe.axes), origin=probe.patient(body.centre))


def _measured(level: str, probe: Probe, hole: Hole, body: plates.Body, found: Mapping[Side, Pedicle]) -> Vertebra:
    """Everything else, by rays in the vertebra's own frame."""
    local = {side: probe.local(found[side].centre) for side in SIDES}
    at_pedicles = float(np.mean([local[side][2] for side in SIDES]))
    canal, half_width, half_depth = _canal(probe, hole, at_pedicles)
    anterior, middle, posterior = plates.heights(body)
    front, wall = plates.front_and_wall(probe, hole.centre, body.centre[2])
    lateral = [probe.leaves(body.centre, np.array([sign, 0.0, 0.0]), 45.0) for sign in (1.0, -1.0)]
    corners = {side: probe.patient(_corner(probe, body, local[side], found[side])) for side in SIDES}
    return Vertebra(
        level=level,
        centre=probe.patient(body.centre),
        left=probe.axes[0],
        posterior=probe.axes[1],
        superior=probe.axes[2],
        superior_plate=_in_patient(probe, body.superior),
        inferior_plate=_in_patient(probe, body.inferior),
        pedicles=found,
        posterior_wall=probe.patient(np.array([hole.centre[0], wall, body.centre[2]])),
        corners=corners,
        spinous_tip=probe.patient(_spinous_tip(probe, hole)),
        canal_centre=probe.patient(canal),
        canal_half_width=half_width,
        canal_half_depth=half_depth,
        width=float(sum(lateral)),
        depth=wall - front,
        anterior_height=anterior,
        middle_height=middle,
        posterior_height=posterior,
        outline=_outline(probe, body, corners, found),
        confidence=_confidence(body, found),
    )


def _in_patient(probe: Probe, plate: Plate) -> Plate:
    """A plate of the probe's frame in the patient's."""
    return Plate(probe.patient(plate.centre), plate.normal @ probe.axes, probe.patient(plate.rim))


def _canal(probe: Probe, hole: Hole, height: float) -> tuple[Array, float, float]:
    """(centre, half width, half depth) of the canal at the height of the pedicles, probe's frame.

    Width between the pedicles' medial walls; depth from the posterior wall to the foremost lamina from 12 mm below to 3 mm
    above, so that the ellipse lies clear of both.
    """
    start = np.array([*hole.centre, height])
    left, right = (probe.enters(start, np.array([sign, 0.0, 0.0]), 25.0) for sign in (1.0, -1.0))
    back, front = [], []
    for below in np.arange(-12.0, 3.1, 1.5):
        at = start + np.array([0.0, 0.0, below])
        back.append(probe.enters(at, np.array([0.0, 1.0, 0.0]), 25.0))
        front.append(probe.enters(at, np.array([0.0, -1.0, 0.0]), 25.0))
    behind, before = min(back), min(front)
    centre = start + np.array([(left - right) / 2, (behind - before) / 2, 0.0])
    return centre, (left + right) / 2, (behind + before) / 2


def _corner(probe: Probe, body: plates.Body, centre: Array, pedicle: Pedicle) -> Array:
    """The posterior margin of the body beside the midline: below the pedicle, at its breadth, probe's frame."""
    bottom = float(probe.local(pedicle.ring)[:, 2].min())
    floor = float(plates.plane_height(body.inferior, centre[:2]))
    height = floor + max(0.5 * (bottom - floor), 0.25 * (body.centre[2] - floor))
    for inward in np.arange(0.0, 12.0, 1.0):  # where the body is narrower than the pedicles stand, nearer the middle
        at = np.array([centre[0] - np.sign(centre[0]) * inward, body.wall - 4.0, height])
        if probe(at) < 0.0:
            return np.asarray(at + np.array([0.0, probe.leaves(at, np.array([0.0, 1.0, 0.0]), 12.0), 0.0]))
    return np.array([centre[0], body.wall, height])


def _spinous_tip(probe: Probe, hole: Hole) -> Array:
    """The hindmost bone near the midline: mean of what lies within 1.5 mm of it, probe's frame."""
    left = hole.centre[0] + np.arange(-10.0, 10.1, 1.0)
    posterior = hole.centre[1] + np.arange(5.0, 70.1, 0.5)
    height = np.arange(-50.0, 30.1, 1.0)
    inside = np.argwhere(probe.grid(left, posterior, height) < 0.0)
    if len(inside) == 0:
        raise ValueError("no spinous process")
    last = inside[inside[:, 1] >= inside[:, 1].max() - 3]
    tip: Array = np.array([left[last[:, 0]].mean(), posterior[inside[:, 1].max()], height[last[:, 2]].mean()])
    return tip


def _outline(
    probe: Probe, body: plates.Body, corners: Mapping[Side, Array], found: Mapping[Side, Pedicle], count: int = 2000
) -> Array:
    """(M, 3) about `count` points of the bone's surface in front of the pedicles and beside their roots, patient frame."""
    to_patient = probe.bone.patient_from_bone
    surface = probe.bone.outer.vertices @ to_patient[:3, :3].T + to_patient[:3, 3]
    local = probe.local(surface)
    margin = max(float(probe.local(corner)[1]) for corner in corners.values())
    top = max(float(probe.local(corner)[2]) for corner in corners.values())
    front = (local[:, 1] <= body.wall + 0.5) | ((local[:, 1] <= margin + 0.5) & (local[:, 2] <= top + 1.0))
    front &= np.abs(local[:, 2] - body.centre[2]) < 30.0
    for pedicle in found.values():
        along = (surface - pedicle.centre) @ pedicle.axis
        beside = surface - pedicle.centre - along[:, None] * pedicle.axis
        up = probe.axes[2] - (probe.axes[2] @ pedicle.axis) * pedicle.axis
        up = up / np.linalg.norm(up)
        across = np.cross(up, pedicle.axis)
        reach = np.hypot(beside @ across / (pedicle.width / 2), beside @ up / (pedicle.height / 2))
        front &= (reach > ROOT) | (np.abs(along) > ROOT_MM)
    points = surface[front]
    spread: NDArray[np.float64] = points[:: max(1, len(points) // count)].astype(np.float64)
    return spread


def _confidence(body: plates.Body, found: Mapping[Side, Pedicle]) -> float:
    """0 to 1: share of rim points near their planes, times likeness of the two pedicles' sections. Our own measure."""
    areas = [found[side].width * found[side].height for side in SIDES]
    return float(np.clip(body.agreement * np.sqrt(min(areas) / max(areas)), 0.0, 1.0))
