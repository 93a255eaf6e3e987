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
    warning: str = ""  # an error that stands: a critical one is what `do` says as well
    acts: tuple[str, ...] = ()  # what a person needs for it, most needed first: ids of game/desk/actions.toml


@dataclass(frozen=True)
class Act:
    """What to do, and the window's actions for it."""

    do: str
    ids: tuple[str, ...] = ()


ARM = ("arm_left", "arm_right", "arm_head", "arm_feet")
SCREW = ("pedal", "advance", "step_in", "shoot")
LATERAL = ("preset_left", "arm_left", "swivel_plus", "swivel_minus", "shoot")

MOST_IDS = 6
"""Most actions that a step names. Assumed: about half of what the window's strip of keys holds."""


def why(line: str) -> str:
    """The reason of a line of the score, its first sentence."""
    return rules.load().lines[line].why.split(". ")[0].removesuffix(".") + "."


def act(do: str, *ids: str) -> Act:
    """What to do, and the actions for it."""
    return Act(do, ids)


def first_open(done: tuple[Done, ...], acts: tuple[Act, ...], otherwise: Act) -> Act:
    """What to do for the first condition that is not met; its actions first, then those of the others that are not."""
    due = [one for (_, met), one in zip(done, acts, strict=True) if not met]
    ids = dict.fromkeys(id_ for one in [*due, otherwise] for id_ in one.ids)
    return Act((due or [otherwise])[0].do, tuple(ids)[:MOST_IDS])


def step(number: str, title: str, due: Act, because: str, done: tuple[Done, ...] = ()) -> Step:
    """A step in which `due` is to be done."""
    return Step(number, title, due.do, because, done, acts=due.ids)


def wanted(low: float, high: float, scale: float = 1.0) -> str:
    """A range of the rules in a condition's brackets: '(40 to 60)'."""
    return f"({scale * low:g} to {scale * high:g})"


def view_known(now: Present, what: str) -> Done:
    """The condition that has to come first where the monitor does not show `what` from where the arm stands."""
    moved = now.arm_moved and now.picture is not None
    return (f"{what}: arm moved, {TAKE}" if moved else f"{what}: {TAKE}"), False


def other_side(side: str, only: str = "") -> Step:
    """The side asked for that is still to do; `only`: the sides asked for, where the operator went to another."""
    do = f"Go to the patient's {side} with a fresh trocar."
    if only:
        do = f"This case asks only for the {only}: go to the patient's {side} with a fresh trocar."
    return step(
        "2", f"The {side} side", act(do, f"side_{side}"), why("2-centred"), ((f"at the patient's {side}", False),)
    )


def kept(due: Step) -> Step:
    """The step, with the picture on the monitor to be stored first."""
    ids = tuple(dict.fromkeys(("store", *due.acts)))[:MOST_IDS]
    return replace(due, do=f"Store this picture as reference. {due.do}", acts=ids)


def warned(due: Step, warning: str) -> Step:
    """The step under a warning: with a critical error nothing is to be done but what mends it."""
    return replace(due, do=warning, warning=warning, acts=("withdraw", "stylet", "let_go")) if warning else due


def finish(over: bool, only: str = "") -> Step:
    """Everything asked for is done; `only`: the sides asked for, where the operator went to another."""
    do = "The procedure is over." if over else "All sides are done: end the procedure."
    if only and not over:
        do = f"This case asks only for the {only}, and it is done: end the procedure."
    due = act(do) if over else act(do, "finish")
    return step("end", "End", due, "What comes now is pressure on the puncture, and the report.", (("ended", over),))
