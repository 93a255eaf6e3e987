"""A whole attempt by a scripted operator: every side asked for, then the end.

In: a session whose scenario names target and sides, eyes on it, habits. Out: nothing; the session holds what happened.
"""

from game.operators.arm import Arm
from game.operators.eyes import Eyes
from game.operators.habits import OPERATORS, Habits
from game.operators.technique import treat
from game.session import Session
from models.errors import InputError


def habits_of(name: str) -> Habits:
    """The habits of a named operator. Raises InputError with the names there are."""
    if name not in OPERATORS:
        raise InputError(f"operator {name!r}: expected one of {', '.join(OPERATORS)}")
    return OPERATORS[name]


def perform(session: Session, eyes: Eyes, habits: Habits) -> None:
    """The procedure from the first picture to `finish`."""
    arm = Arm(session, eyes, habits)
    for side in session.scenario.sides:
        treat(session, arm, habits, session.scenario.target, side)
    session.do("finish")
