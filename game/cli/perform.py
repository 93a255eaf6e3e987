"""`perform`: a scripted operator does a scenario; score, lines and errors are printed."""

from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from game.cli import options, out, progress


def perform(
    *,
    scenario: Annotated[str, typer.Argument(help="A scenario's name or TOML file.")],
    operator: Annotated[str, typer.Option(help="expert, novice, blind, lucky.")],
    seeds: Annotated[str | None, typer.Option(help="A:B, from A up to and without B; else --seed.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes at once.", min=1, max=64)] = 1,
    eyes: Annotated[str, typer.Option(help="reading (geometry) or pixels (measured on the picture).")] = "reading",
    record: Annotated[Path | None, typer.Option(help="Write the record here (one seed).")] = None,
) -> None:
    """Let OPERATOR perform SCENARIO without a screen."""
    from game.assembly import EYES, attempt, attempts
    from game.operators.perform import habits_of
    from game.procedure.scenarios import load
    from models.errors import InputError

    if eyes not in EYES:
        raise InputError(f"--eyes {eyes}: expected {' or '.join(EYES)}")
    name = load(scenario).name
    habits_of(operator)
    numbers = [options().seed] if seeds is None else list(_range(seeds))
    if record is not None and len(numbers) > 1:
        raise InputError("--record: one seed at a time")
    if record is not None:
        done = [attempt(scenario, operator, numbers[0], eyes, record)]
    else:
        each = attempts(scenario, operator, numbers, jobs, eyes)
        done = list(progress(each, f"{operator} on {name}", len(numbers)))
    if len(done) == 1:
        out(done[0], _told(done[0]))
        return
    middle = median(each["score"] for each in done)
    summary = {"scenario": name, "operator": operator, "median": middle, "attempts": done}
    out(summary, "\n".join(_told(each).splitlines()[0] for each in done) + f"\nmedian {middle:.1f}")


def _range(seeds: str) -> range:
    from models.errors import InputError

    first, _, end = seeds.partition(":")
    if not (first.isdigit() and end.isdigit() and int(first) < int(end)):
        raise InputError(f"--seeds {seeds}: expected A:B with A < B")
    return range(int(first), int(end))


def _told(done: dict[str, Any]) -> str:
    """A few lines for a person."""
    critical = ", ".join(done["critical_errors"]) or "no critical error"
    lines = [f"{done['scenario']}, {done['operator']}, seed {done['seed']}: {done['score']:.1f} of 100, {critical}"]
    lines += [
        f"  {line['id']:<12} {line['points']:>5.1f} of {line['of']:<4g} {line['measured']}" for line in done["lines"]
    ]
    lines += [f"  error {error['id']} at {error['t']:.0f} s: {error['text']}" for error in done["errors"]]
    return "\n".join(lines)
