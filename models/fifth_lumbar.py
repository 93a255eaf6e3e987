"""The form of L5: broad pedicles that converge, from whose sides the transverse processes rise.

In: Size of the level. Out: `FifthLumbar`, a Shape. Frame: vertebra (left, posterior, superior), mm.
The wedge of its body, the width and the convergence of its pedicles are in the table; proportions here are assumed.
"""

import numpy as np

from models.patient import Side
from models.solids import Solid, limb
from models.vertebra import PEDICLE_FLARE, PEDICLE_REACH_MM, SIGN, Array, Shape

FORWARD_MM = 3.0  # the isthmus of its short pedicles stands so much nearer the body; assumed
SECTION_SHARE = (1.025, 0.93)
"""Width and height of the drawn tube against those asked for: with the seams round it, it measures as asked; found by measuring."""


class FifthLumbar(Shape):
    """L5, to be built."""

    def isthmus(self, side: Side) -> Array:
        """Centre of the pedicle's isthmus."""
        return super().isthmus(side) - [0.0, FORWARD_MM, 0.0]

    def pedicle(self, side: Side) -> Solid:
        """An elliptical tube with its isthmus in the middle."""
        centre, axis = self.isthmus(side), self.pedicle_axis(side)
        s = self.of(side)
        half = (SECTION_SHARE[0] * s.pedicle_width / 2, SECTION_SHARE[1] * s.pedicle_height / 2)
        wide = (half[0] * PEDICLE_FLARE[0], half[1] * PEDICLE_FLARE[1])
        reach = PEDICLE_REACH_MM + abs(self.lengthening) / 2
        return limb(centre - reach * axis, centre + reach * axis, (wide, half, wide), cap=2.0)

    def processes(self, side: Side) -> list[Solid]:
        """As above it, but the transverse process is a short cone from the whole side of the pedicle, and points up."""
        *others, _ = super().processes(side)
        s, g = self.of(side), SIGN[side]
        x, y, z = self.isthmus(side) * [g, 1.0, 1.0]
        start = np.array([g * (x + 0.32 * s.pedicle_width), y + 7.0, z - 0.5])
        end = np.array([g * (s.transverse_span / 2 - 4.0), y + 10.0, z + 4.0])
        return [*others, limb(start, end, ((5.0, 4.2), (4.4, 4.4), (3.2, 4.2)), cap=4.0)]
