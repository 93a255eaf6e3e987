"""Playing a record again: the same controls at the same milliseconds, and where the outcome first differs.

In: a record (record.py), a patient built from its recipe, a procedure. Out: the first difference, or None. Bit for bit on the
machine, lock and Python of the record; elsewhere the same events in order.
"""

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

from game.procedure.measured import Measured, to_json
from game.procedure.scenarios import Scenario
from game.records.record import Record, event_to_json, load, plain
from game.simulation.events import Event
from game.simulation.simulation import Simulation
from models.errors import InputError
from models.patient import Patient


class Procedure(Protocol):
    """What game.procedure.procedure gives."""

    def observe(self, events: Sequence[Event]) -> list[Measured]: ...


Provider = Callable[[Any], Patient]  # recipe -> patient
Observer = Callable[[Scenario, Patient], Procedure]


def versions() -> dict[str, str]:
    """What a bit-for-bit replay depends on, apart from the program's lock."""
    import numba
    import numpy as np

    machine = f"{platform.system()} {platform.machine()}"
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "machine": machine,
    }


def described(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a record's header holds it: everything but where its file was."""
    table = {key: value for key, value in asdict(scenario).items() if key != "recipe"}
    return {**plain(table), "recipe": scenario.recipe.model_dump(mode="json")}


def scenario_of(record: Record) -> Scenario:
    """The scenario that a record was made in. InputError where its header does not hold one."""
    from pydantic import TypeAdapter, ValidationError

    from models.recipe import Recipe

    try:
        table = dict(record.header["scenario"])
        recipe = TypeAdapter(Recipe).validate_python(table.pop("recipe"))
        table["sides"], table["notes"] = tuple(table["sides"]), tuple(table["notes"])
        return Scenario(recipe=recipe, **table)
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        fault = str(error).splitlines()[0]
        raise InputError(f"{record.path}: line 1: no scenario in the header ({fault})") from None


def compare(record: Record, scenario: Scenario, patient: Patient, procedure: Procedure | None) -> str | None:
    """Runs the record's controls again; the first difference in words, None where there is none.

    Of a record that was cut off, what it holds is compared: controls after the last event are not run.
    """
    simulation = Simulation(patient, scenario.target, int(record.header["seed"]))
    events: list[Event] = []
    for control in record.controls:
        events += simulation.step(control.ms)
        simulation.put(control)
    events += simulation.step(record.end_ms)
    measured = procedure.observe([]) + procedure.observe(events) if procedure is not None else []
    marks = simulation.marks
    if not record.complete:
        events, marks = events[: len(record.events)], marks[: len(record.marks)]
        measured = measured[: len(record.measured)]
    return (
        _differs("event", [event_to_json(e) for e in record.events], [event_to_json(e) for e in events])
        or _differs("state", [list(mark) for mark in record.marks], [list(mark) for mark in marks])
        or (
            procedure
            and _differs("measured event", [to_json(m) for m in record.measured], [to_json(m) for m in measured])
        )
        or None
    )


def _differs(what: str, stored: list[Any], again: list[Any]) -> str | None:
    """The first place where two lists differ, in words."""
    for number, (then, now) in enumerate(zip_longest(stored, again), start=1):
        if then == now:
            continue
        if then is None or now is None:
            return f"{what} {number}: {'only in the replay' if then is None else 'missing in the replay'}: {_brief(then or now)}"
        return f"{what} {number}: stored {_brief(then)}, replayed {_brief(now)}"
    return None


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['kind']} at {value['t']:.3f} s {str(value['values'])[:120]}"
    return f"{value[1]} at {value[0]} ms"


def verify(path: Path, provide: Provider, observe: Observer | None = None) -> str | None:
    """The first difference between a record and its replay, or None."""
    record = load(path)
    scenario = scenario_of(record)
    patient = provide(scenario.recipe)
    return compare(record, scenario, patient, observe(scenario, patient) if observe is not None else None)
