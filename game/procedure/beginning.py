"""How a scenario begins: the simulation, with the needle of a colleague where it has to be taken over.

In: scenario, patient, seed. Out: a Simulation before its first control, the same for a session and for a replay of its record.
"""

from game.procedure.correct import line_3
from game.procedure.scenarios import Scenario
from game.simulation.simulation import Simulation
from models.errors import InputError
from models.patient import Patient


def begin(scenario: Scenario, patient: Patient, seed: int) -> Simulation:
    """The simulation of a scenario. Raises InputError where the target does not hold the needle that is to be taken over."""
    simulation, start = Simulation(patient, scenario.target, seed), scenario.start
    if start is not None:
        side = scenario.sides[0]
        line = line_3(patient.vertebrae[scenario.target], side, start.medial_mm)
        taken = simulation.take_over(side, line, start.embedded_mm)
        needle = simulation.trocar.needle()
        if not taken or needle is None or needle.bone != scenario.target:
            raise InputError(
                f"{scenario.name}: start.medial_mm = {start.medial_mm:g}, embedded_mm = {start.embedded_mm:g}: "
                f"{scenario.target} holds no needle there"
            )
    return simulation
