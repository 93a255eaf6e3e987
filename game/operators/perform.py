"""A whole attempt by a scripted operator: every side asked for, then the end.

In: the acts of a session, eyes on it, habits, what was asked for. Out: nothing; the session holds what happened.
"""

from collections.abc import Sequence

from game.operators.acts import Acts
from game.operators.arm import Arm
from game.operators.eyes import Eyes
from game.operators.habits import OPERATORS, Habits
from game.operators.technique import treat
from models.errors import InputError
from models.patient import Side


def habits_of(name: str) -> Habits:
    """The habits of a named operator. Raises InputError with the names there are."""
    if name not in OPERATORS:
        raise InputError(f"operator {name!r}: expected one of {', '.join(OPERATORS)}")
    return OPERATORS[name]


def perform(session: Acts, eyes: Eyes, habits: Habits, target: str, sides: Sequence[Side]) -> None:
    """The procedure from the first picture to `finish`."""
    arm = Arm(session, eyes, habits, target)
    for side in sides:
        treat(session, arm, habits, target, side)
    session.do("finish")
