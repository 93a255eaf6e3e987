"""`replay`: what a record holds; with --verify, whether the same controls give the same outcome again."""

from pathlib import Path
from typing import Annotated

import typer

from game.cli import out, say


def replay(
    *,
    file: Annotated[Path, typer.Argument(help="A record.")],
    verify: Annotated[bool, typer.Option("--verify", help="Run its controls again and compare every step.")] = False,
) -> None:
    """Show what a record holds. With --verify: 0 when the replay is the same, 1 when it is not, with the first step that differs."""
    from game.records.record import load

    record = load(file)
    about = {
        "record": file,
        "state": record.state,
        "controls": len(record.controls),
        "events": len(record.events),
        "measured": len(record.measured),
        "images": len(record.images),
        "simulated_s": record.end_ms / 1000.0,
    }
    text = f"{file}: {record.state}, {len(record.controls)} controls, {len(record.events)} events, {record.end_ms / 1000:.1f} s"
    if not verify:
        out(about, text)
        return
    from game.procedure.procedure import Procedure
    from game.records.replay import compare, other_build, scenario_of
    from game.settings import find_data
    from models.provide import provide

    scenario = scenario_of(record)
    say(f"{scenario.name}: building the patient")
    patient = provide(scenario.recipe, find_data)
    other = other_build(record)
    difference = compare(record, scenario, patient, Procedure(scenario, patient) if record.measured else None)
    verdict = "the replay is the same" if difference is None else f"first difference: {difference}"
    text = f"{text}; {verdict}" if other is None else f"{other}. {text}; {verdict}"
    out({**about, "same": difference is None, "difference": difference, "other_build": other}, text)
    if difference is not None:
        raise typer.Exit(1)
