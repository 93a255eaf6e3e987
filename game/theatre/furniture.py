"""Everything that stands in the room of one patient, and the light that fits it.

In: patient, target. Out: pieces by name, where the table is, lamp and surroundings. Not here: how they are made (models/suite).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from game.theatre import anatomy
from game.theatre.light import Lamp, Surroundings
from models.patient import Patient
from models.suite.mesh import Piece


@dataclass(frozen=True)
class Furniture:
    """The room of one patient."""

    pieces: Mapping[str, Piece]
    table_mm: tuple[float, float, float]  # origin of the table's frame (centre of the pad's upper surface), patient frame
    lamp: Lamp
    surroundings: Surroundings


def furniture(
    patient: Patient, target: str, tell: Callable[[float, str], None], pieces: Mapping[str, Piece] | None = None
) -> Furniture:
    """Pieces from the cache or made now; `pieces`: these instead of the suite's, body's and drape's."""
    tell(0.0, "Furnishing the room")
    made = dict(pieces) if pieces is not None else _suite(patient, target, tell)
    tell(0.7, "Bones and canal")
    if patient.vertebrae:
        made["bones"] = anatomy.bones(patient, target)
        made["canal"] = anatomy.canal(patient)
    low = patient.skin_surface.vertices.min(axis=0)
    table = (0.0, float(low[1]), 0.0)
    return Furniture(made, table, Lamp(), Surroundings())


def _suite(patient: Patient, target: str, tell: Callable[[float, str], None]) -> dict[str, Piece]:
    from models.suite.bake import pieces

    made = dict(pieces())
    tell(0.4, "The patient")
    return made
