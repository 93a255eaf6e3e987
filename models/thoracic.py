"""The form of T4 to T11: what a thoracic vertebra has that the plain shape of vertebra.py has not.

In: Size of the level. Out: `Thoracic`, a Shape. Frame: vertebra (left, posterior, superior), origin at the centre of the unbroken
body, mm. A heart-shaped body, widest behind its middle; flat coronal facets; laminae like shingles; long, steep spinous
processes; transverse processes back, out and a little up, with a bulb; sockets for the ribs.
Published sizes come from the table; all proportions here are assumed, of the size of Panjabi 1991-1993 and looked at in AP and
lateral pictures. Not here: T12, which is lumbar below and stays as vertebra.py has it; the ribs (ribs.py).
"""

from math import cos, radians, sin, tan

import numpy as np

from models.patient import SIDES, Side
from models.solids import (
    Canvas,
    Lattice,
    Solid,
    Values,
    ellipsoid,
    frame,
    limb,
    slab,
    smooth_difference,
    smooth_intersection,
    sphere,
)
from models.vertebra import BACK, SIGN, Array, Shape

HEART = 0.24  # share by which the body is narrower at its front than behind its middle; assumed
EDGE_GAIN_MM = 0.4  # half of what rounding takes from the breadth of a plate; found by measuring
NOTCH_MM = 1.4  # hollow of the posterior wall in the midline; assumed
CORNERS = (2.1, 1.5)  # exponent of the outline in front, and what it gains behind; assumed
LAMINA_LEAN_DEG = 16.0  # of the laminae, lower edge behind: they overlap like shingles; assumed
BULB_MM = (3.7, 3.0, 4.5)  # half axes of the end of a transverse process; assumed
BULB_T11_SHARE = 0.75  # ... at T11, whose rib does not touch it; assumed
BOSS_MM = (2.4, 3.6, 3.4)  # half axes of the swelling that bears a demi-facet; assumed
SOCKET_MM = 6.5  # radius of the hollow for a rib's head or tubercle; assumed
SOCKET_DEPTH_MM = 0.9  # of that hollow; assumed
SOCKET_EDGE_MM = 1.2  # rounding of its edge; assumed
WHOLE_FACET = ("T10", "T11")  # the rib's head lies on its own body only: none below


class Thoracic(Shape):
    """A vertebra from T4 to T11, to be built."""

    def outline(self, z: Values) -> tuple[Values, Values, Values]:
        """As any level's, and so much broader that the rounded edges of the plates measure as asked."""
        half_width, front, behind = super().outline(z)
        return half_width + np.float32(EDGE_GAIN_MM), front, behind

    def rho(self, x: Values, y: Values, z: Values) -> tuple[Values, Values]:
        """(radius, 1 on the heart-shaped outline at height z; about mm per unit of it)."""
        half_width, front, behind = self.outline(z)
        lobe = 1 - np.exp(-((x / (np.float32(0.45) * half_width)) ** 2))
        rear = np.clip(y / np.float32(self.back), 0.0, 1.0)
        shifted = self.pushed(x, y - np.float32(NOTCH_MM) * lobe * rear**2, z)
        ahead = np.clip(-y / front, 0.0, 1.0)
        narrowed = half_width * (1 - np.float32(HEART) * ahead ** np.float32(1.3))
        u = np.maximum(np.abs(x) / narrowed, np.float32(1e-3))
        v = np.maximum(np.abs(shifted) / np.where(y < 0, front, behind), np.float32(1e-3))
        n = np.float32(CORNERS[0]) + np.float32(CORNERS[1]) * rear
        radius = (u**n + v**n) ** (1 / n)
        slope = np.sqrt(((u / radius) ** (n - 1) / narrowed) ** 2 + ((v / radius) ** (n - 1) / front) ** 2)
        return radius.astype(np.float32), (1 / slope).astype(np.float32)

    # --- arch ---

    @property
    def entry(self) -> float:
        """y of the bone entry on the pedicle's axis."""
        along = self.entry_reach + self.lengthening / 2
        return float(self.isthmus("left")[1] + along * cos(radians(self.size.convergence)))

    def transverse_tip(self, side: Side) -> Array:
        """Centre of the bulb at the end of the transverse process."""
        s, z = self.of(side), self.isthmus("left")[2]
        short = self.level == "T11"
        back, up = (6.0, 1.0) if short else (7.5, 4.0)
        return np.array([SIGN[side] * (s.transverse_span / 2 - BULB_MM[0]), self.entry + back, z + up])

    def processes(self, side: Side) -> list[Solid]:
        """Pillar, superior and inferior articular process, transverse process of one side."""
        s, g = self.of(side), SIGN[side]
        k = s.depth / 26.5  # against T6
        x, isthmus, z = self.isthmus(side) * [g, 1.0, 1.0]
        lam, half, entry, facet = self.lamina, s.middle_height / 2, self.entry, s.facet_span / 2

        def at(px: float, py: float, pz: float) -> Array:
            return np.array([g * px, py, pz])

        root = max(entry - 6.0, isthmus + 7.5)  # as far back as leaves the isthmus free
        thick = min(5.5, (entry - isthmus - 4.0) / 2)
        rise = 8.0 * tan(radians(s.sagittal))  # of the pedicle's axis from its isthmus to the pillar
        pillar = ellipsoid(at(x, entry - thick, z + rise), (3.9 * k, thick, 6.0 * k))
        top = at(facet, lam - 2.2, half + s.disc_below + 2.6 * k)
        superior = limb(at(x + 0.6, root + 0.5, z + rise), top, ((3.8, 3.2), (4.6, 2.4), (4.0, 1.7)), up=BACK)
        low = at(facet - 0.8, lam + 4.2, -half - 0.8 * s.disc_below - 2.4 * k)
        inferior = limb(at(x - 1.0, lam + 2.2, z - 5.0), low, ((4.4, 2.8), (4.8, 2.6), (4.0, 2.2)), up=BACK)
        tip, share = self.transverse_tip(side), BULB_T11_SHARE if self.level == "T11" else 1.0
        bulb = ellipsoid(tip, (share * BULB_MM[0], share * BULB_MM[1], share * BULB_MM[2]))
        neck = limb(
            at(x + 1.0, root + 0.5, z - 1.0),
            tip,
            ((3.8 * k, 5.4 * k), (3.2 * share, 4.4 * share), (3.2 * share, 4.0 * share)),
        )
        return [pillar, superior, inferior, neck, bulb]

    def midline(self) -> list[Solid]:
        """Laminae that cover the canal from behind, and the spinous process with its tubercle."""
        s, lam = self.size, self.lamina
        k = s.depth / 26.5
        z = self.isthmus("left")[2]
        lean = radians(LAMINA_LEAN_DEG)
        top, bottom = z + 2.5, -s.middle_height / 2 - s.disc_below - 4.0 * k
        solids = []
        for side, g in SIGN.items():
            x = abs(self.isthmus(side)[0])
            axes = frame(np.array([-g * (x - 2.5), 4.4, 0.0]), up=(0.0, -sin(lean), cos(lean)))
            centre = np.array([g * (x - 2.5) * 0.5, lam + 3.2, (top + bottom) / 2])
            solids.append(slab(centre, axes, ((x - 2.5) * 0.6, 2.5, (top - bottom) / 2 / cos(lean)), 2.5))
        slope = radians(s.spinous_slope)
        backward, up = np.array([0.0, cos(slope), -sin(slope)]), np.array([0.0, sin(slope), cos(slope)])
        root = np.array([0.0, lam + 4.5, z - 9.0 * k])
        tip = root + (s.spinous_reach - 4.5) * backward
        solids.append(limb(root, tip - 2.6 * backward, ((3.0, 7.6 * k), (1.9, 5.0 * k), (2.2, 3.6)), up=up, cap=2.6))
        solids.append(ellipsoid(tip - 3.4 * backward - 0.6 * up, (2.8, 3.8, 3.0), frame((1.0, 0.0, 0.0), up)))
        return solids

    # --- sockets of the ribs ---

    def bosses(self, side: Side) -> list[Solid]:
        """The swellings at the pedicle's root that bear the facets: above, and below down to T9."""
        s, g, half = self.of(side), SIGN[side], self.size.middle_height / 2
        edge = abs(self.isthmus(side)[0]) + s.pedicle_width / 2
        above = half - (3.2 if self.level not in WHOLE_FACET else 5.0)
        out = [ellipsoid((g * (edge - BOSS_MM[0]), self.back - 2.2, above), BOSS_MM)]
        if self.level not in WHOLE_FACET:
            corner = min(edge, 0.46 * s.plate_width_lower) - 2.6
            out.append(ellipsoid((g * corner, self.back - 2.6, -half + 2.4), (2.2, 2.8, 2.4)))
        return out

    def sockets(self, side: Side) -> list[Solid]:
        """The hollows: demi-facets at the plates beside the posterior wall, and in front of the transverse process."""
        s, g, half = self.of(side), SIGN[side], self.size.middle_height / 2
        x = self.isthmus(side)[0] + g * (s.pedicle_width / 2 + SOCKET_MM - SOCKET_DEPTH_MM)
        disc = half + s.disc_below / 2 if self.level not in WHOLE_FACET else half - 4.5
        centres = [np.array([x, self.back - 2.2, disc])]
        if self.level not in WHOLE_FACET:
            centres.append(np.array([x, self.back - 2.2, -half - s.disc_below / 2]))
        if self.level != "T11":  # floating: no joint with the transverse process
            ahead = BULB_MM[1] + SOCKET_MM - SOCKET_DEPTH_MM
            facing = np.array([0.6 * g, -0.8, 0.0])  # as rib_lines.FACING
            centres.append(self.transverse_tip(side) + ahead * facing)
        return [sphere(centre, SOCKET_MM) for centre in centres]

    def pedicles(self, lattice: Lattice) -> Values:
        """Both pedicles and the bosses at their roots, kept below the superior and above the inferior plate."""
        out = super().pedicles(lattice)
        canvas = Canvas(lattice)
        for side in SIDES:
            for boss in self.bosses(side):
                canvas.add(boss, 0.0)
        x, y, z = lattice.points()
        height = self.source_height(x, y, z)
        upper, lower = self.plates(x, y)
        within = np.maximum(height - upper, lower - height) + np.float32(0.4)
        bosses = smooth_intersection(canvas.values, within, 1.0)
        return np.minimum(out, bosses)

    def field(self, lattice: Lattice) -> Values:
        """The whole vertebra with its sockets, not yet a distance."""
        canvas = Canvas(lattice)
        for side in SIDES:
            for socket in self.sockets(side):
                canvas.add(socket, 0.0)
        return smooth_difference(super().field(lattice), canvas.values, SOCKET_EDGE_MM)
