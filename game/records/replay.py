"""Playing a record again: the same controls at the same milliseconds, and where the outcome first differs.

In: a record (record.py), a patient built from its recipe, a procedure. Out: the first difference, or None. Bit for bit with the
versions of the record's header (laws, libraries, Python, machine); elsewhere nothing is promised: `other_build` says so.
"""

import platform
from collections.abc import Sequence
from dataclasses import asdict, fields
from itertools import zip_longest
from typing import Any, Protocol

from game.procedure.beginning import begin
from game.procedure.measured import Measured, to_json
from game.procedure.scenarios import Scenario
from game.records.record import Record, event_to_json, plain
from game.simulation.events import Event
from models.errors import InputError
from models.patient import Patient


class Procedure(Protocol):
    """What game.procedure.procedure gives."""

    def observe(self, events: Sequence[Event]) -> list[Measured]: ...


def versions() -> dict[str, str]:
    """What a bit-for-bit replay depends on; `laws` is the digest of the sources of models, haptics and simulation."""
    import numba
    import numpy as np

    from models.compiled import laws_digest

    machine = f"{platform.system()} {platform.machine()}"
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "machine": machine,
        "laws": laws_digest(),
    }


def other_build(record: Record) -> str | None:
    """What the record was made with that is not what runs here, in words; None where all is the same."""
    made = record.header.get("versions")
    made = made if isinstance(made, dict) else {}
    here = versions()
    other = [f"{name} {made.get(name, 'unknown')}, here {now}" for name, now in here.items() if made.get(name) != now]
    return f"made by another build: {'; '.join(other)}" if other else None


def described(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a record's header holds it: everything but where its file was."""
    table = {key: value for key, value in asdict(scenario).items() if key != "recipe"}
    return {**plain(table), "recipe": scenario.recipe.model_dump(mode="json")}


def scenario_of(record: Record) -> Scenario:
    """The scenario that a record was made in. InputError where its header does not hold one."""
    from pydantic import TypeAdapter, ValidationError

    try:
        table = dict(record.header["scenario"])
        if unknown := set(table) - {each.name for each in fields(Scenario)}:
            raise ValueError(f"unknown {', '.join(sorted(map(str, unknown)))}")
        return TypeAdapter(Scenario).validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        fault = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (KeyError, TypeError, ValueError) as error:
        fault = str(error)
    raise InputError(f"{record.path}: line 1: no scenario in the header ({fault})")


def seed_of(record: Record) -> int:
    """The seed that a record was made with. InputError where its header does not hold one."""
    seed = record.header.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"{record.path}: line 1: no seed in the header ({seed!r}, expected a whole number)")
    return seed


def compare(record: Record, scenario: Scenario, patient: Patient, procedure: Procedure | None) -> str | None:
    """Runs the record's controls again; the first difference in words, None where there is none.

    Of a record that was cut off, what it holds is compared: controls after the last event are not run.
    """
    if scenario.target not in patient.vertebrae:
        raise InputError(f"{record.path}: line 1: target {scenario.target!r}: the patient has no such level")
    simulation = begin(scenario, patient, seed_of(record))
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
            and _differs(
                "measured event", [plain(to_json(m)) for m in record.measured], [plain(to_json(m)) for m in measured]
            )
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
