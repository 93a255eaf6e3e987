"""What the coach says of hand-written attempts, for its tests."""

from collections.abc import Sequence

from game.procedure import rules
from game.procedure.coach import Coach
from game.procedure.coach_step import Step
from game.procedure.measured import Measured
from game.procedure.scenarios import load
from tests.procedure.hand import Hand, cross, into_the_body, orient, pierce


def told(events: Sequence[Measured]) -> list[Step]:
    """What the coach says after each event."""
    coach, out = Coach(load("first-case"), rules.load()), []
    for event in events:
        coach.observe([event])
        out.append(coach.now())
    return out


def numbers(events: Sequence[Measured]) -> list[str]:
    """The numbers of the steps in the order in which they are due."""
    out: list[str] = []
    for step in told(events):
        if not out or out[-1] != step.number:
            out.append(step.number)
    return out


def last(events: Sequence[Measured]) -> Step:
    return told(events)[-1]


def condition(step: Step, words: str) -> tuple[str, bool]:
    """The one condition that has these words."""
    (found,) = [row for row in step.done if words in row[0]]
    return found


def prepared() -> Hand:
    """The needle in its place."""
    h = Hand()
    orient(h, ())
    pierce(h, ())
    cross(h, "5", ())
    into_the_body(h, ())
    return h
