"""The list of what stands in the room: name, builder, and how far its shade reaches.

In: nothing. Out: Pieces. Frames: each builder's module says; where they stand: layout.py (cart, housing, c), the table's and
pedestal's own frames (table.py), the trocar's (instruments.py); monitors, suite, lamp and tray are in room coordinates.
"""

from collections.abc import Callable

from models.suite.assembling import Solids, assembled
from models.suite.c_arm import c, housing
from models.suite.cart import cart
from models.suite.furniture import furniture
from models.suite.instruments import injector, stylet_knob, tray, trocar
from models.suite.lamp import lamp
from models.suite.mesh import Piece
from models.suite.monitors import monitors
from models.suite.room import suite
from models.suite.table import pedestal, table

EQUIPMENT: dict[str, tuple[Callable[[], Solids], float, float]] = {
    "cart": (cart, 0.40, 0.012),
    "housing": (housing, 0.12, 0.006),
    "c": (c, 0.30, 0.010),
    "table": (table, 0.30, 0.014),
    "pedestal": (pedestal, 0.30, 0.012),
    "monitors": (monitors, 0.25, 0.014),
    "suite": (lambda: suite() + furniture(), 0.45, 0.030),
    "lamp": (lamp, 0.15, 0.012),
    "tray": (tray, 0.08, 0.005),
    "trocar": (trocar, 0.008, 0.0003),
    "stylet knob": (stylet_knob, 0.008, 0.0003),
    "injector": (injector, 0.010, 0.0004),
}
"""Builder; how far shade reaches and the cell it is found on [m]: chosen by eye, assumed."""


def build_all() -> tuple[Piece, ...]:
    """Everything, afresh."""
    return tuple(assembled(name, builder(), reach, cell) for name, (builder, reach, cell) in EQUIPMENT.items())
