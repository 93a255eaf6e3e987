"""Where the trocar's metal truly is in the bones, in mm that the technique speaks of. No operator ever sees these.

In: landmarks, the packed patient (models.field), the trocar's pose. Patient frame, mm. What pictures show is in views.py.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.field import FAR, Field, canal_distance, nearest_bone
from models.instruments import TrocarPose
from models.patient import Side, Vertebra

Array = NDArray[np.float64]

REACH_MM = 60.0
"""A margin further than this is not looked for: more than any body is deep."""

BREACH_MM = 8.0
"""A breach deeper than this is not told from a needle that never was in the pedicle. Assumed."""

NEAR_CANAL_MM = 4.0
"""A surface left toward medial counts as the pedicle's medial cortex within this of the canal's wall. Assumed."""

ISTHMUS_MM = 2.0
"""Metal this far before and behind the isthmus is compared with the pedicle's lower margin there. Assumed."""

SHAFT_MM = 60.0
"""Length of shaft that is judged: more than any pedicle and body are deep."""

ANTERIOR_THIRD = 2 / 3
"""Where the course is judged: this part of the body's depth in front of its posterior wall."""


@compiled
def margins(
    field: Field, points: NDArray[np.float64], toward: NDArray[np.float64], bone: int, near_canal: float
) -> NDArray[np.float64]:
    """(N,) mm from each point along `toward` to where it leaves `bone`; at most REACH_MM.

    Negative for a point outside: how far back it left it; NaN where there is no bone behind it. Where it leaves, the canal must
    be within `near_canal` mm (FAR: no matter where), else the surface is another one and does not count.
    Follows the distance field in steps no longer than the distance; the end is found linearly between the last two.
    """
    out = np.empty(points.shape[0])
    q = np.empty(3)
    for i in range(points.shape[0]):
        which, distance = nearest_bone(field, points[i])
        inside = which == bone and distance < 0.0
        sign = 1.0 if inside else -1.0
        gone, found = 0.0, False
        before, gone_before = distance, 0.0
        while gone < REACH_MM:
            gone_before, before = gone, distance
            gone += min(max(0.9 * abs(distance), 0.05), 1.0)
            for k in range(3):
                q[k] = points[i, k] + sign * gone * toward[k]
            which, distance = nearest_bone(field, q)
            if (which == bone and distance < 0.0) != inside:
                found = True
                break
        out[i] = REACH_MM if inside else np.nan
        if found and (near_canal >= FAR or canal_distance(field, q) <= near_canal):
            apart = abs(distance) + abs(before)
            share = abs(before) / apart if apart > 0.0 else 0.0
            out[i] = sign * (gone_before + share * (gone - gone_before))
    return out


@compiled
def in_canal(field: Field, points: NDArray[np.float64]) -> bool:
    """Whether any point lies in the spinal canal, outside of bone."""
    for i in range(points.shape[0]):
        if canal_distance(field, points[i]) < 0.0 and nearest_bone(field, points[i])[1] > 0.0:
            return True
    return False


@dataclass(frozen=True)
class Truth:
    """The keys of a measured move have the same names (measured.KINDS)."""

    side: Side
    bone: str
    front_mm: float
    point_front_mm: float
    across: float
    medial_mm: float | None
    point_medial_mm: float | None
    inferior_mm: float | None
    canal: bool
    anterior_mm: float | None
    nearest_mm: float | None
    lateral_mm: float | None
    exit: str | None
    course: float | None
    bevel_medial: float
    midline_mm: float


class Ground:
    """A target in its packed patient, ready to be asked where metal is."""

    def __init__(self, target: Vertebra, field: Field, names: tuple[str, ...]) -> None:
        self.target = target
        self.field = field
        self.names = names
        self.bone = names.index(target.level)

    def side(self, point: Array) -> Side:
        """The side of the target's midline that a point is on."""
        return "left" if float((point - self.target.centre) @ self.target.left) >= 0 else "right"

    def ring_mm(self, side: Side) -> float:
        """Width of the pedicle's ring as an AP along the target's axes shows it."""
        across = self.target.pedicles[side].ring @ self.target.left
        return float(across.max() - across.min())

    def in_front(self, points: Array, side: Side) -> Array:
        """mm of points in front of the posterior margin of the body on that side; negative behind."""
        return -((points - self.target.corners[side]) @ self.target.posterior)

    def measure(self, trocar: TrocarPose, side: Side | None = None) -> Truth:
        """All of it for a trocar's pose; `side` overrides the side that the tip is on."""
        target = self.target
        where = side or self.side(trocar.tip)
        medial = -target.left if where == "left" else target.left
        bevel = self.in_front(np.array([trocar.point, trocar.heel]), where)
        bone, distance = nearest_bone(self.field, np.ascontiguousarray(trocar.point))
        metal = trocar.metal(length=SHAFT_MM)
        across = medial - (medial @ trocar.axis) * trocar.axis
        inner = metal[(metal - trocar.tip) @ across > 0]  # the half of the shaft that looks medial
        beside = inner[self._beside_canal(inner, where)]
        point_beside = bool(self._beside_canal(trocar.point[None], where)[0])
        ring = target.pedicles[where].ring @ medial
        nearest = self._nearest(trocar) if bevel[0] > 0 else None
        return Truth(
            side=where,
            bone=self.names[bone] if bone >= 0 and distance < 0.0 else "",
            front_mm=float(bevel.min()),
            point_front_mm=float(bevel[0]),
            across=float((trocar.point @ medial - ring.min()) / (ring.max() - ring.min())),
            medial_mm=self._medial(beside, medial, where),
            point_medial_mm=self._medial(trocar.point[None], medial, where) if point_beside else None,
            inferior_mm=self._above_lower_margin(metal, where),
            canal=bool(len(beside)) and in_canal(self.field, np.ascontiguousarray(beside)),
            anterior_mm=self._ahead(trocar, float(bevel[0])),
            nearest_mm=None if nearest is None or nearest <= -FAR else nearest,
            lateral_mm=self._inside_lateral_margin(metal, medial, where),
            exit=None if nearest is None else "" if nearest >= 0.0 else self.exit(trocar.tip),
            course=self.course(trocar),
            bevel_medial=float(trocar.roll @ medial),
            midline_mm=float((trocar.tip - target.centre) @ -medial),
        )

    def _beside_canal(self, points: Array, side: Side) -> NDArray[np.bool_]:
        """Which points lie between the posterior wall and the back of the canal, at the height of the pedicle."""
        target, pedicle = self.target, self.target.pedicles[side]
        behind = -self.in_front(points, side)
        back = float((target.canal_centre - target.corners[side]) @ target.posterior) + target.canal_half_depth
        height = (points - pedicle.centre) @ target.superior
        return np.asarray((behind > 0) & (behind <= back) & (np.abs(height) <= pedicle.height / 2 + BREACH_MM))

    def _above_lower_margin(self, metal: Array, side: Side) -> float | None:
        """How far the lowest metal in the isthmus lies above the pedicle's lower margin; negative below; None: none there."""
        pedicle = self.target.pedicles[side]
        inside = metal[np.abs((metal - pedicle.centre) @ pedicle.axis) <= ISTHMUS_MM]
        if not len(inside):
            return None
        above = inside @ self.target.superior - float((pedicle.ring @ self.target.superior).min())
        near = np.abs((inside - pedicle.centre) @ self.target.left) <= pedicle.width / 2 + BREACH_MM
        return float(above[near].min()) if near.any() else None

    def _inside_lateral_margin(self, metal: Array, medial: Array, side: Side) -> float | None:
        """How far the most lateral metal in the isthmus lies inside the ring's lateral margin; negative outside; None: none there."""
        pedicle = self.target.pedicles[side]
        inside = metal[np.abs((metal - pedicle.centre) @ pedicle.axis) <= ISTHMUS_MM]
        return float((inside @ medial).min() - (pedicle.ring @ medial).min()) if len(inside) else None

    def exit(self, point: Array) -> str:
        """Which surface a point outside the body left by, in the vertebra's own axes: front, side or plate.

        The body is taken as an elliptic cylinder between its plates: the surface that is passed by more is the one; on the
        ellipse the normal tells front (or back) from side.
        """
        target = self.target
        plates = (target.superior_plate, target.inferior_plate)
        beyond = max(float((point - plate.centre) @ plate.normal) for plate in plates)
        half = np.array([target.width / 2, target.depth / 2])
        flat = np.array([(point - target.centre) @ target.left, (point - target.centre) @ target.posterior])
        radius = float(np.linalg.norm(flat / half))
        out = (1.0 - 1.0 / radius) * float(np.linalg.norm(flat)) if radius > 0.0 else 0.0
        if beyond > max(out, 0.0):
            return "plate"
        sideward, forward = np.abs(flat / half**2)
        return "front" if forward >= sideward else "side"

    def _medial(self, points: Array, medial: Array, side: Side) -> float | None:
        """Least margin of points beside the canal: to the medial cortex, or to the ring's medial edge as an AP shows it.

        Where the pedicle flares into the body the ring is the nearer one: it is what AP can tell, and behind the wall its edge
        is the border (CLINICAL 2, step 6).
        """
        if not len(points):
            return None
        pedicle = self.target.pedicles[side]
        found = margins(
            self.field, np.ascontiguousarray(points), np.ascontiguousarray(medial), self.bone, NEAR_CANAL_MM
        )
        beyond = (points - pedicle.centre) @ medial > 0
        found = found[np.isfinite(found) & ((found >= 0) | (beyond & (found >= -BREACH_MM)))]
        if not len(found):
            return None
        seen = float((pedicle.ring @ medial).max() - (points @ medial).max())
        return min(float(found.min()), seen)

    def _ahead(self, trocar: TrocarPose, front: float) -> float | None:
        """mm from the point along the axis to where it leaves the body; negative once it has; None before the body."""
        if front <= 0:
            return None
        ahead = margins(self.field, trocar.point[None].copy(), np.ascontiguousarray(trocar.axis), self.bone, FAR)
        return float(ahead[0]) if np.isfinite(ahead[0]) else None

    def _nearest(self, trocar: TrocarPose) -> float:
        """mm from the tip's rim to the nearest outer surface, negative outside."""
        rim = np.ascontiguousarray(trocar.metal(length=0.5))
        return -max(nearest_bone(self.field, p)[1] for p in rim)

    def course(self, trocar: TrocarPose) -> float | None:
        """Height at which the axis passes the anterior third: 0 superior plate, 1 inferior; None: it never gets there."""
        target = self.target
        forward = -float(trocar.axis @ target.posterior)
        if forward < 0.2:
            return None
        gone = target.depth * ANTERIOR_THIRD - float(-((trocar.tip - target.posterior_wall) @ target.posterior))
        there = trocar.tip + trocar.axis * (gone / forward)
        top, bottom = target.superior_plate, target.inferior_plate
        above = float((top.centre - there) @ top.normal) / max(float(target.superior @ top.normal), 0.1)
        below = float((there - bottom.centre) @ -bottom.normal) / max(float(target.superior @ -bottom.normal), 0.1)
        return above / (above + below) if above + below > 0.5 else None
