"""Which form each level is built in.

In: level, Size, how long its pedicles are, a fracture. Out: the Shape of that level.
"""

from models.fifth_lumbar import FifthLumbar
from models.fracture import Wedge
from models.morphometry import LEVELS, Size
from models.thoracic import Thoracic
from models.vertebra import Shape

FORMS: dict[str, type[Shape]] = {level: Thoracic for level in LEVELS[: LEVELS.index("T12")]} | {"L5": FifthLumbar}
"""Levels with a form of their own; T12 to L4 are the plain Shape."""


def form(level: str, size: Size, pedicle_length_scale: float = 1.0, wedge: Wedge | None = None) -> Shape:
    """The shape of a level."""
    return FORMS.get(level, Shape)(level, size, pedicle_length_scale, wedge)
