"""One step of the coach: what to do now, why, and which conditions the pictures already show as met; and what all steps share.

Out: `Step`. Which one is due is coach.py's matter, what it says coach_aiming.py's (steps 1 to 3), coach_needle.py's (4 to 9)
and coach_cement.py's (10). Thresholds: rules.toml.
"""

from dataclasses import dataclass, replace

from game.procedure import rules
from game.procedure.present import Present

Done = tuple[str, bool]

TAKE = "take a picture"


@dataclass(frozen=True)
class Step:
    """What is due now."""

    number: str  # "1" .. "10", "5b", "7b", "9b", "end"
    title: str
    do: str
    why: str
    done: tuple[Done, ...] = ()
    warning: str = ""  # a critical error that stands


def why(line: str) -> str:
    """The reason of a line of the score, its first sentence."""
    return rules.load().lines[line].why.split(". ")[0].removesuffix(".") + "."


def first_open(done: tuple[Done, ...], acts: tuple[str, ...], otherwise: str) -> str:
    """What to do for the first condition that is not met."""
    return next((act for (_, met), act in zip(done, acts, strict=True) if not met), otherwise)


def wanted(low: float, high: float, scale: float = 1.0) -> str:
    """A range of the rules in a condition's brackets: '(40 to 60)'."""
    return f"({scale * low:g} to {scale * high:g})"


def view_known(now: Present, what: str) -> Done:
    """The condition that has to come first where the monitor does not show `what` from where the arm stands."""
    reason = "the arm has moved: " if now.arm_moved and now.picture is not None else ""
    return f"{what}: {reason}{TAKE}", False


def other_side(side: str) -> Step:
    """The side asked for that is still to do."""
    do = f"Go to the patient's {side} with a fresh trocar."
    return Step("2", f"The {side} side", do, why("2-centred"), ((f"at the patient's {side}", False),))


def warned(step: Step, warning: str) -> Step:
    """The step under a warning: with a critical error nothing is to be done but what mends it."""
    return replace(step, do=warning, warning=warning) if warning else step


def finish(over: bool) -> Step:
    """Everything asked for is done."""
    do = "The procedure is over." if over else "All sides are done: end the procedure."
    return Step("end", "End", do, "What comes now is pressure on the puncture, and the report.", (("ended", over),))
