"""The face of the procedure: observes the simulation's events, keeps what it measured, gives the result.

In: raw events (game.simulation.events) of one attempt, in order. Out: measured events for the record, and a `Result`.
    procedure = Procedure(scenario, patient)
    record.extend(procedure.observe(events)) ...   # the first call gives `began` too
    procedure.result()
"""

from collections.abc import Sequence

from game.procedure.measured import Measured
from game.procedure.measures import Measurer
from game.procedure.scenarios import Scenario
from game.procedure.score import Result, score
from game.simulation.events import Event
from models.field import Field
from models.patient import Patient


class Procedure:
    """Watches one attempt. `packed`: the patient as models.field.pack gave it, where the simulation already has it."""

    def __init__(
        self, scenario: Scenario, patient: Patient, packed: tuple[Field, tuple[str, ...]] | None = None
    ) -> None:
        self._measurer = Measurer(scenario, patient, packed)
        self.measured: list[Measured] = []

    def observe(self, events: Sequence[Event]) -> list[Measured]:
        """Measures events; what comes out is kept here and is what a record stores. The first call begins with `began`."""
        new = [] if self.measured else [self._measurer.began()]
        new += [measured for event in events for measured in self._measurer.measure(event)]
        self.measured += new
        return new

    def result(self) -> Result:
        """The score of what was observed so far."""
        return score(self.measured or self.observe(()))
