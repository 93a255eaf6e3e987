"""How true a view is, and what a picture of that view shows of the trocar: by geometry, never by pixels.

In: landmarks (models.patient.Vertebra), the arm's pose (models.carm.Pose), the trocar's pose. Patient frame, mm; degrees.
"As seen" means in the picture, in mm at the target's depth. What is truly so is in truth.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.carm import SOURCE_DETECTOR_MM, Pose, View, view
from models.instruments import TROCAR, TrocarPose
from models.patient import SIDES, Plate, Side, Vertebra

Array = NDArray[np.float64]

KIND_DEG = 30.0
"""A view is AP or lateral when its ray is within this of the vertebra's own axis; oblique between. Assumed."""

OBLIQUE_DEG = 5.0
"""The view of step 3: turned so far toward the side entered (the technique's own figure)."""

SLAB_MM = 3.0
"""The silhouette's front is read this far above and below the tip. Assumed: about the shaft's width."""

IN_FIELD = 0.9
"""Part of the body's outline that must be in the picture. Assumed."""

TIP_MM = 4.0
"""Length of metal at the tip whose medial edge is compared with the ring. Assumed: bevel and a little shaft."""


@dataclass(frozen=True)
class ViewQuality:
    """How a pose sees the target. The keys of a measured picture have the same names (measured.KINDS)."""

    view: str
    in_field: bool
    superior_deg: float
    inferior_deg: float
    neighbour_deg: float | None
    spinous: float
    pedicle_left: float
    pedicle_right: float
    corners_mm: float
    ribs_mm: float | None


@dataclass(frozen=True)
class InPicture:
    """What the picture shows of the trocar."""

    needle: bool
    shaft_ray_deg: float
    ring: float | None = None
    ring_margin_mm: float | None = None
    midline_seen_mm: float | None = None
    front_seen_mm: float | None = None
    anterior_seen_mm: float | None = None


@dataclass(frozen=True)
class EntrySeen:
    """Where the shaft enters the pedicle's ring, as seen down the barrel."""

    clock_deg: float
    inside_mm: float
    ring_inset_mm: float


class _Picture:
    """A view with the target's own directions in it; lengths in mm at the target's depth."""

    def __init__(self, target: Vertebra, pose: Pose) -> None:
        self.view: View = view(pose)
        offset = target.centre - self.view.source
        self.ray: Array = offset / np.linalg.norm(offset)
        self.mm = self.view.pixel_mm * float(offset @ self.view.beam) / SOURCE_DETECTOR_MM
        self.up = self._unit(target.superior)
        across = np.array([self.up[1], -self.up[0]])
        self.left: Array = across if across @ self._flat(target.left) >= 0 else -across
        self.back: Array = across if across @ self._flat(target.posterior) >= 0 else -across

    def _flat(self, direction: Array) -> Array:
        return np.array([direction @ self.view.column, direction @ self.view.row])

    def _unit(self, direction: Array) -> Array:
        flat = self._flat(direction)
        length = float(np.linalg.norm(flat))
        return flat / length if length > 1e-9 else np.array([0.0, -1.0])

    def at(self, points: Array) -> Array:
        """(..., 2) mm in the picture."""
        return self.view.project(points) * self.mm

    def holds(self, points: Array) -> NDArray[np.bool_]:
        """Which points fall on the detector."""
        pixels = self.view.project(points)
        return np.asarray(np.all((pixels >= 0) & (pixels <= self.view.size - 1), axis=-1))


def plate_angle(ray: Array, plate: Plate) -> float:
    """Degrees between a ray and the plane of an end plate: 0 when the plate is one sharp line."""
    return float(np.degrees(np.arcsin(np.clip(abs(ray @ plate.normal), 0.0, 1.0))))


def kind(ray: Array, target: Vertebra) -> str:
    """'ap', 'lateral' or 'oblique': along which of the target's own axes a ray runs, within KIND_DEG."""
    least = np.cos(np.radians(KIND_DEG))
    if abs(ray @ target.posterior) >= least:
        return "ap"
    return "lateral" if abs(ray @ target.left) >= least else "oblique"


def measure(
    target: Vertebra, neighbours: tuple[Vertebra | None, Vertebra | None], rib_necks: Mapping[Side, Array], pose: Pose
) -> ViewQuality:
    """How `pose` sees the target; `neighbours` are the vertebra above and the one below, `rib_necks` those beside the target."""
    picture = _Picture(target, pose)
    centres = {side: picture.at(target.pedicles[side].centre) for side in SIDES}
    apart = float((centres["left"] - centres["right"]) @ picture.left)
    middle = (centres["left"] + centres["right"]) / 2
    corners = picture.at(np.array([target.corners["left"], target.corners["right"]]))
    ribs = [picture.at(rib_necks[side]) for side in SIDES if side in rib_necks]
    return ViewQuality(
        view=kind(picture.ray, target),
        in_field=float(np.mean(picture.holds(target.outline))) >= IN_FIELD,
        superior_deg=plate_angle(picture.ray, target.superior_plate),
        inferior_deg=plate_angle(picture.ray, target.inferior_plate),
        neighbour_deg=_neighbour_angle(picture.view.source, neighbours),
        spinous=float((picture.at(target.spinous_tip) - middle) @ picture.left) / max(abs(apart), 1e-6),
        pedicle_left=_height_share(picture, target, target.pedicles["left"].centre),
        pedicle_right=_height_share(picture, target, target.pedicles["right"].centre),
        corners_mm=float(abs((corners[0] - corners[1]) @ picture.back)),
        ribs_mm=float(np.linalg.norm(ribs[0] - ribs[1])) if len(ribs) == 2 else None,
    )


def _neighbour_angle(source: Array, neighbours: Sequence[Vertebra | None]) -> float | None:
    """The better of the plates that face the target from above and below, each by the ray through its own centre."""
    above, below = neighbours
    plates = ([above.inferior_plate] if above else []) + ([below.superior_plate] if below else [])
    angles = []
    for plate in plates:
        offset = plate.centre - source
        angles.append(plate_angle(offset / np.linalg.norm(offset), plate))
    return min(angles) if angles else None


def _height_share(picture: _Picture, target: Vertebra, point: Array) -> float:
    """Where a point lies in the projected height of the body: 0 at the superior plate's centre, 1 at the inferior's."""
    top, bottom = picture.at(target.superior_plate.centre), picture.at(target.inferior_plate.centre)
    height = float((bottom - top) @ -picture.up)
    return float((picture.at(point) - top) @ -picture.up) / (height if abs(height) > 1e-6 else 1e-6)


def shaft_to_ray(trocar: TrocarPose, source: Array) -> float:
    """Degrees between the shaft and the ray through its tip: 0 = gun barrel. Either end of the shaft may face the source."""
    ray = trocar.tip - source
    along = abs(float(ray @ trocar.axis)) / float(np.linalg.norm(ray))
    return float(np.degrees(np.arccos(np.clip(along, 0.0, 1.0))))


def see(target: Vertebra, pose: Pose, trocar: TrocarPose, side: Side) -> InPicture:
    """What the picture from `pose` shows of the trocar, judged at the target's pedicle of `side`."""
    picture = _Picture(target, pose)
    seen = bool(picture.holds(trocar.point))
    angle = shaft_to_ray(trocar, picture.view.source)
    which = kind(picture.ray, target)
    if which == "ap":
        return InPicture(seen, angle, *_across(picture, target, trocar, side))
    if which == "lateral":
        bevel = picture.at(np.array([trocar.point, trocar.heel])) @ picture.back
        margin = float(np.mean([picture.at(target.corners[s]) @ picture.back for s in SIDES]))
        return InPicture(
            seen,
            angle,
            front_seen_mm=margin - float(bevel.max()),
            anterior_seen_mm=_to_the_front(picture, target, trocar),
        )
    return InPicture(seen, angle)


def _across(picture: _Picture, target: Vertebra, trocar: TrocarPose, side: Side) -> tuple[float, float, float]:
    """(point across the ring 0..1, margin of the tip's metal to its medial edge [mm], tip from the midline [mm])."""
    medial = -picture.left if side == "left" else picture.left
    ring = picture.at(target.pedicles[side].ring) @ medial
    tip = picture.at(trocar.metal(spacing=0.5, length=TIP_MM)) @ medial
    point = float(picture.at(trocar.point) @ medial)
    lateral, inner = float(ring.min()), float(ring.max())
    middle = float(picture.at(target.centre) @ medial)
    return (
        (point - lateral) / (inner - lateral),
        inner - float(tip.max()),
        middle - float(picture.at(trocar.tip) @ medial),
    )


def _to_the_front(picture: _Picture, target: Vertebra, trocar: TrocarPose) -> float:
    """mm along the shaft from the point to the front of the body's silhouette at the tip's height, as seen."""
    outline, point = picture.at(target.outline), picture.at(trocar.point)
    height = outline @ picture.up
    near = np.abs(height - point @ picture.up) <= SLAB_MM
    if not near.any():
        near = np.abs(height - point @ picture.up) <= np.abs(height - point @ picture.up).min() + SLAB_MM
    front = float((outline[near] @ -picture.back).max())
    ahead = picture.at(trocar.point + trocar.axis) - point
    lean = float(ahead @ -picture.back) / float(np.linalg.norm(ahead)) if np.linalg.norm(ahead) > 1e-9 else 1.0
    return (front - float(point @ -picture.back)) / (lean if lean > 0.1 else 1.0)


def entry(target: Vertebra, pose: Pose, trocar: TrocarPose, side: Side) -> EntrySeen:
    """Where the shaft stands in the ring of `side`, seen from `pose`."""
    picture = _Picture(target, pose)
    lateral = picture.left if side == "left" else -picture.left
    axes = np.stack([lateral, picture.up], axis=-1)
    middle = picture.at(target.pedicles[side].centre)
    ring = (picture.at(target.pedicles[side].ring) - middle) @ axes
    tip = (picture.at(trocar.tip) - middle) @ axes
    radius = TROCAR.outer_mm / 2
    return EntrySeen(
        clock_deg=float(np.degrees(np.arctan2(tip[1], tip[0]))),
        inside_mm=_lateral_edge(ring, float(tip[1])) - float(tip[0]) - radius,
        ring_inset_mm=inset(ring, tip) - radius,
    )


def _lateral_edge(ring: Array, height: float) -> float:
    """Lateral coordinate of a closed outline (N, 2: lateral, up) at a height; beyond its ends, at its nearer end."""
    height = float(np.clip(height, ring[:, 1].min() + 1e-6, ring[:, 1].max() - 1e-6))
    start, end = ring, np.roll(ring, -1, axis=0)
    crossing = (start[:, 1] - height) * (end[:, 1] - height) <= 0
    rise = end[crossing, 1] - start[crossing, 1]
    share = np.where(np.abs(rise) > 1e-12, (height - start[crossing, 1]) / np.where(rise == 0, 1.0, rise), 0.0)
    return float((start[crossing, 0] + share * (end[crossing, 0] - start[crossing, 0])).max())


def inset(outline: Array, point: Array) -> float:
    """Distance [mm] from a point to a closed outline (N, 2), + inside."""
    start, end = outline, np.roll(outline, -1, axis=0)
    edge, offset = end - start, point - start
    share = np.clip((offset * edge).sum(axis=1) / np.maximum((edge * edge).sum(axis=1), 1e-12), 0.0, 1.0)
    distance = float(np.linalg.norm(offset - share[:, None] * edge, axis=1).min())
    above = (start[:, 1] > point[1]) != (end[:, 1] > point[1])
    rise = np.where(above, end[:, 1] - start[:, 1], 1.0)
    crossing = start[:, 0] + (point[1] - start[:, 1]) / rise * edge[:, 0]
    inside = int(np.count_nonzero(above & (point[0] < crossing))) % 2 == 1
    return distance if inside else -distance


def ideal(target: Vertebra, degrees: float, side: Side) -> Pose:
    """The pose that looks along the target's own sagittal plane, turned by `degrees` toward `side`, target at the isocentre.

    beam = R_tilt R_orbital y = (sin o, cos t cos o, sin t cos o), so o and t follow from the wanted direction.
    """
    turn = np.radians(degrees) * (1.0 if side == "left" else -1.0)
    beam = np.cos(turn) * target.posterior + np.sin(turn) * target.left
    orbital = float(np.degrees(np.arcsin(np.clip(beam[0], -1.0, 1.0))))
    tilt = float(np.degrees(np.arctan2(beam[2], beam[1])))
    x, y, z = (float(c) for c in target.centre)
    return Pose(orbital, tilt, 0.0, (x, y, z))
