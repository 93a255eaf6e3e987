"""The coach beside scripted operators on built patients: its steps are the branch that was taken, and what is left out is asked for."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from game.operators.habits import EXPERT, Habits
from game.operators.perform import perform
from game.operators.reading import Reading
from game.procedure import rules
from game.procedure.coach import Coach
from game.procedure.coach_step import Step
from game.procedure.measured import Measured
from game.procedure.procedure import Procedure
from game.procedure.scenarios import load
from game.session import Session
from game.settings import find_data
from models.provide import provide

RECIPES = Path(__file__).parents[1] / "recipes"
SEED = 2

Told = list[tuple[Measured, Step]]


@cache
def watched(scenario: str, habits: Habits, seed: int) -> Told:
    """An attempt with the coach beside it: each event, and what is due after it."""
    task = load(scenario)
    patient = provide(task.recipe, find_data)
    session = Session(task, patient, seed, Procedure(task, patient))
    perform(
        session,
        Reading(patient, task.target, session.snapshot, habits.perception_px, seed),
        habits,
        task.target,
        task.sides,
    )
    coach, out = Coach(task, rules.load()), []
    for number, event in enumerate(session.measured):
        coach.observe([event])
        soft = event.kind == "moved" and event["bone"] == ""  # thousands, and nothing is due
        out.append((event, out[-1][1] if soft and number % 10 else coach.now()))
    return out


def numbers(told: Told) -> list[str]:
    out: list[str] = []
    for _, step in told:
        if not out or out[-1] != step.number:
            out.append(step.number)
    return out


@pytest.mark.parametrize(
    ("scenario", "seed", "steps"),
    [
        ("first-case", SEED, "1 2 3 4 5 5b 10 end"),
        (str(RECIPES / "narrow-pedicle.toml"), 1, "1 2 3 4 5 6 7b 10 end"),
        (str(RECIPES / "turned-bevel.toml"), 2, "1 3 4 5 6 7 8 9b 10 end"),  # its true AP centres the pedicle as well
        (str(RECIPES / "narrower-pedicle.toml"), 1, "1 2 3 4 5 6 7 8 3 4 5b 10 end"),
        pytest.param(
            "medial-entry", 1, "1 2 5 6 7 8 3 4 5 6 7b 10 end", marks=pytest.mark.long
        ),  # a colleague's needle
    ],
)
def test_the_coach_s_steps_are_the_branch_that_the_expert_took(scenario: str, seed: int, steps: str):
    told = watched(scenario, EXPERT, seed)
    assert numbers(told) == steps.split()
    assert not any(step.warning for _, step in told)


def touched(event: Measured) -> bool:
    return event.kind == "moved" and event.number("skin_mm") > 0.0


def entered(event: Measured) -> bool:
    return event.kind == "entry"


def flowed(event: Measured) -> bool:
    return event.kind == "flowed"


def pulled(event: Measured) -> bool:
    return event.kind == "moved" and event["how"] == "pull" and event.number("from_mm") > 20.0


def in_body(event: Measured) -> bool:
    return event.kind == "moved" and event.number("front_mm") > 2.0


@pytest.mark.parametrize(
    ("changes", "until", "number", "asked"),
    [
        ({"omit": frozenset({"count"})}, touched, "1", "name L2"),
        ({"omit": frozenset({"midline"}), "orbital_start_deg": 12.0}, touched, "1", "spinous process"),
        ({"omit": frozenset({"oblique"})}, entered, "3", "5 degrees toward the patient's left"),
        ({"omit": frozenset({"return"})}, in_body, "4", "Turn the arm back to orbital"),
        ({"omit": frozenset({"true lateral"})}, flowed, "5", "posterior margin is one line"),
        ({"omit": frozenset({"laterals"})}, in_body, "4", "Look from the side"),
        ({"paste": "liquid"}, flowed, "10", "Wait, and look at the sample"),
        ({"omit": frozenset({"stylet back"})}, pulled, "10", "Stylet back in before you pull"),
    ],
    ids=lambda value: ",".join(value.get("omit", value)) if isinstance(value, dict) else None,
)
def test_an_act_left_out_is_asked_for_before_it_is_too_late(
    changes: dict, until: Callable[[Measured], bool], number: str, asked: str
):
    told = watched("first-case", replace(EXPERT, **changes), SEED)
    end = next(n for n, (event, _) in enumerate(told) if until(event))
    assert any(asked in step.do for _, step in told[:end] if step.number == number)


def test_the_turn_of_step_8_is_asked_for_until_it_is_made():
    told = watched(str(RECIPES / "turned-bevel.toml"), replace(EXPERT, omit=frozenset({"turn"})), 2)
    assert any(step.number == "8" and "Turn the bevel by 180 degrees" in step.do for _, step in told)
