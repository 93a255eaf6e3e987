"""Whether a scenario is what it says: the conditions of its family, measured on the built patient.

In: scenario, patient. Out: `Finding`s, one a condition: name, measured, expected, holds. Not here: the families (families.py).
"""

from collections.abc import Iterator

from game.procedure.families import FAMILIES
from game.procedure.proof import Case, Finding
from game.procedure.scenarios import Scenario
from models.errors import InputError
from models.genant import graded
from models.patient import Patient
from models.recipe import SyntheticRecipe

LEAST_CONFIDENCE = 0.7
"""Landmarks that agree less with themselves are no ground to judge on; assumed."""


def check(scenario: Scenario, patient: Patient) -> tuple[Finding, ...]:
    """Every condition of a scenario, general ones first. Raises InputError naming the first that fails."""
    case = Case(scenario, patient)
    found = []
    for finding in (*_general(case), *FAMILIES.get(scenario.family, _nothing)(case)):
        if not finding.holds:
            raise InputError(f"{scenario.name}: {scenario.family or 'any scenario'}: {finding}")
        found.append(finding)
    return tuple(found)


def _nothing(case: Case) -> Iterator[Finding]:
    """A scenario of no family has no more to prove."""
    yield from ()


def _general(case: Case) -> Iterator[Finding]:
    """Landmarks that can be trusted; fractures that are of the kind that was asked for."""
    yield Finding("landmarks-agree", case.target.confidence, LEAST_CONFIDENCE, 1.0)
    recipe = case.scenario.recipe
    if isinstance(recipe, SyntheticRecipe):
        for asked in recipe.fractures:
            got = graded(asked.level, case.patient.vertebrae)
            fits = got.grade == 0 or got.kind == asked.kind
            yield Finding(f"{asked.level}-is-{asked.kind}", float(fits), 1.0, 1.0)
