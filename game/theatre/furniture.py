"""Everything that stands in the room of one patient, and the light that fits it.

In: patient, target. Out: pieces by name, where the table is, lamp and surroundings. Not here: how they are made (models/suite).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from game.theatre import anatomy
from game.theatre.coarse import uncovered
from game.theatre.light import Lamp, Surroundings
from models.patient import Patient
from models.suite import bake
from models.suite.body import body, table_centre_mm
from models.suite.drape import drape
from models.suite.lamp import HEAD_M
from models.suite.layout import ISOCENTRE_M
from models.suite.mesh import Piece
from models.suite.room import CEILING_M, HIGH_M, LOW_M


@dataclass(frozen=True)
class Furniture:
    """The room of one patient."""

    pieces: Mapping[str, Piece]
    table_mm: tuple[
        float, float, float
    ]  # origin of the table's frame (centre of the pad's upper surface), patient frame
    lamp: Lamp
    surroundings: Surroundings


def furniture(
    patient: Patient, target: str, tell: Callable[[float, str], None], pieces: Mapping[str, Piece] | None = None
) -> Furniture:
    """Pieces from the cache or made now; `pieces`: these instead of the suite's, body's and drape's."""
    tell(0.0, "Furnishing the room")
    made = dict(pieces) if pieces is not None else _suite(patient, target, tell)
    tell(0.8, "Bones and canal")
    if patient.vertebrae:
        made["bones"] = anatomy.bones(patient, target)
        made["canal"] = anatomy.canal(patient)
    x, y, z = (float(value) for value in table_centre_mm(patient))
    return Furniture(made, (x, y, z), Lamp(HEAD_M, ISOCENTRE_M), _room())


def _suite(patient: Patient, target: str, tell: Callable[[float, str], None]) -> dict[str, Piece]:
    """What the room holds, then the patient's own."""
    made = dict(bake.pieces())
    tell(0.4, "The patient")
    person = body(patient)
    tell(0.6, "The drape")
    made["drape"] = drape(patient, target)
    made["body"], made["body covered"] = uncovered(person, made["drape"])
    return made


def _room() -> Surroundings:
    """The box and the ceiling panels of models/suite/room.py."""
    x, y, spacing = PANELS_M
    return Surroundings((*LOW_M, 0.0), (*HIGH_M, CEILING_M), (x, y, *spacing), PANEL_HALF_M)


PANELS_M = (0.15, 0.15, (2.20, 1.90))
PANEL_HALF_M = (0.29, 0.59)
"""A ceiling panel's centre, the steps to the next ones, half its sides, as models/suite/room.py lays them."""
