"""What a scenario's conditions are measured with: a `Finding` for each, and the built patient as a `Case`.

In: scenario, patient. Patient frame, mm, degrees. Not here: the conditions (families.py).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from game.procedure.correct import Way, step_3
from game.procedure.scenarios import Scenario
from game.procedure.truth import Ground
from game.procedure.views import ViewQuality, measure
from models.carm import Pose
from models.field import nearest_bone, pack
from models.genant import Graded, graded
from models.patient import Patient, Side, Vertebra

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One condition, measured."""

    name: str
    measured: float
    low: float  # expected range, ends included
    high: float
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the measured value lies in the range."""
        return bool(self.low <= self.measured <= self.high)

    def __str__(self) -> str:
        if self.low == -np.inf:
            wanted = f"at most {self.high:.4g}"
        elif self.high == np.inf:
            wanted = f"at least {self.low:.4g}"
        else:
            wanted = f"{self.low:.4g} to {self.high:.4g}"
        return f"{self.name}: {self.measured:.4g}, expected {wanted} {self.unit}".rstrip()


class Case:
    """A scenario's built patient, ready to be measured."""

    def __init__(self, scenario: Scenario, patient: Patient) -> None:
        self.scenario, self.patient = scenario, patient
        self.target: Vertebra = patient.vertebrae[scenario.target]
        self.side: Side = scenario.sides[0]
        self.ground = Ground(self.target, *pack(patient))

    @cached_property
    def genant(self) -> Graded:
        """The target's fracture."""
        return graded(self.target.level, self.patient.vertebrae)

    @cached_property
    def neighbours(self) -> tuple[Vertebra, ...]:
        """Those next to the target."""
        levels = self.patient.levels
        at = levels.index(self.target.level)
        return tuple(self.patient.vertebrae[level] for level in levels[max(at - 1, 0) : at + 2] if level != levels[at])

    @cached_property
    def way(self) -> Way:
        """Of a correct step 3."""
        return step_3(self.ground, self.side)

    @property
    def sign(self) -> float:
        """+1 for the left."""
        return 1.0 if self.side == "left" else -1.0

    def room(self, orbital: float = 0.0, tilt: float = 0.0, swivel: float = 0.0) -> Pose:
        """A pose by the room's angles, the target at the isocentre."""
        x, y, z = (float(c) for c in self.target.centre)
        return Pose(orbital, tilt, swivel, (x, y, z))

    def quality(self, pose: Pose) -> ViewQuality:
        """How a pose sees the target."""
        return measure(self.target, (None, None), {}, pose)

    def bone_at(self, point: Array) -> tuple[str, float]:
        """(bone nearest, mm to its surface, negative inside)."""
        which, distance = nearest_bone(self.ground.field, np.ascontiguousarray(point))
        return (self.ground.names[which] if which >= 0 else ""), distance

    def least_inside(self, start: Array, axis: Array, first: float, last: float) -> float:
        """Least mm of bone of the target round a line between two lengths along it; negative where it leaves."""
        out = []
        for s in np.arange(first, last, 0.5):
            name, distance = self.bone_at(start + s * axis)
            out.append(-distance if name == self.target.level else -max(distance, 0.0))
        return min(out)
