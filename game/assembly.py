"""One attempt put together: scenario, patient, session, eyes, operator, record. Shared by perform, demo and bench.

`attempt` is a module-level function of plain values, so that worker processes can run it.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from game.operators.eyes import Eyes
    from game.operators.habits import Habits
    from game.session import Session
    from models.patient import Patient

EYES = ("reading", "pixels")


def attempt(
    scenario: str, operator: "str | Habits", seed: int, eyes: str = "reading", record: Path | None = None
) -> dict[str, Any]:
    """What `perform` prints of one attempt (DESIGN: the stable keys). With `record`: written there, with key pictures.

    `operator` is a name, or habits of one's own. Raises InputError for what is not known or not there.
    """
    from game.operators.perform import habits_of, perform
    from game.procedure.procedure import Procedure
    from game.procedure.scenarios import load
    from game.records.record import Recorder
    from game.session import Session, header
    from game.settings import find_data
    from models.provide import provide

    began = time.perf_counter()
    task = load(scenario)
    habits = habits_of(operator) if isinstance(operator, str) else operator
    patient = provide(task.recipe, find_data)
    procedure = Procedure(task, patient)
    scope = _fluoroscope(patient) if eyes == "pixels" or record is not None else None
    recorder = None
    try:
        if record is not None:
            record.parent.mkdir(parents=True, exist_ok=True)
            recorder = Recorder(record, header(task, seed, operator=habits.name, eyes=eyes))
        session = Session(task, patient, seed, procedure, recorder=recorder)
        perform(session, _eyes(eyes, session, habits, scope), habits, task.target, task.sides)
        for shot in session.key_shots if recorder is not None else ():
            session.keep_image(shot, scope.png(shot.snapshot, seed))
        session.close()
    finally:
        if scope is not None:
            scope.close()
    result = procedure.result()
    return {
        "scenario": task.name,
        "operator": habits.name,
        "seed": seed,
        "eyes": eyes,
        "score": round(result.score, 1),
        "critical_errors": list(result.critical_errors),
        "errors": [{"t": e.t, "id": e.id, "text": e.text, "mm": e.mm, "critical": e.critical} for e in result.errors],
        "lines": [
            {key: value for key, value in asdict(line).items() if key in ("id", "points", "of", "measured", "why")}
            for line in result.lines
        ],
        "simulated_s": session.readout()["t_s"],
        "wall_s": round(time.perf_counter() - began, 2),
        "record": None if record is None else str(record),
    }


def attempts(
    scenario: str, operator: str, seeds: Sequence[int], jobs: int, eyes: str = "reading"
) -> Iterator[dict[str, Any]]:
    """`attempt` for each seed, in order, by `jobs` processes at once."""
    if jobs == 1 or len(seeds) == 1:
        yield from (attempt(scenario, operator, seed, eyes) for seed in seeds)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    from game.procedure.scenarios import load
    from game.settings import find_data
    from models.provide import provide

    provide(load(scenario).recipe, find_data)  # built once, before many would
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(attempt, scenario, operator, seed, eyes) for seed in seeds]
        yield from (future.result() for future in waiting)


def _fluoroscope(patient: "Patient") -> Any:
    """Panda3D is imported only where pictures are drawn."""
    from game.fluoroscopy.projector import Fluoroscope

    return Fluoroscope(patient)


def _eyes(name: str, session: "Session", habits: "Habits", scope: Any) -> "Eyes":
    """The eyes asked for, on a session's last exposed picture."""
    from game.operators.reading import Reading

    if name == "reading":
        return Reading(session.patient, session.scenario.target, session.snapshot, habits.perception_px, session.seed)
    from game.fluoroscopy.pixels import Pixels

    return Pixels(scope, session.patient, session.scenario.target, session.snapshot, habits.perception_px, session.seed)
