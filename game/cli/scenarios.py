"""`scenarios`: what can be performed, and whether a scenario file is right."""

from typing import Annotated, Any

import typer

from game.cli import out, say

scenarios = typer.Typer(add_completion=False, invoke_without_command=True)


def _row(name_or_path: str) -> dict[str, Any]:
    from game.procedure.scenarios import load

    scenario = load(name_or_path)
    keys = ("name", "title", "target", "sides", "difficulty", "brief")
    return {key: getattr(scenario, key) for key in keys}


@scenarios.callback()
def every(context: typer.Context) -> None:
    """The scenarios, or the check of one."""
    if context.invoked_subcommand is None:
        from game.procedure.scenarios import names

        rows = [_row(name) for name in names()]
        text = "\n".join(
            f"{row['name']:<16} {row['target']:<4} {row['difficulty']!s:<12} {row['title']}" for row in rows
        )
        out({"scenarios": rows}, text)


@scenarios.command()
def check(file: Annotated[str, typer.Argument(help="A scenario's TOML file, or a name.")]) -> None:
    """Read one scenario file, build its patient, measure its family's conditions; a fault is named (exit code 2)."""
    from game.procedure.scenarios import load
    from game.procedure.validity import check as conditions
    from game.settings import find_data
    from models.genant import all_graded
    from models.provide import provide

    row, scenario = _row(file), load(file)
    say(f"{scenario.name}: building the patient")
    patient = provide(scenario.recipe, find_data)
    found = conditions(scenario, patient)
    grades = {level: str(each) for level, each in all_graded(patient.vertebrae).items() if each.grade}
    lines = [f"{file} is right: {row['title']} ({row['target']})"]
    lines += [f"  {level}: {grade}" for level, grade in grades.items()] + [f"  {finding}" for finding in found]
    measured = {finding.name: finding.measured for finding in found}
    out({"right": True, **row, "fractures": grades, "measured": measured}, "\n".join(lines))
