"""`scenarios`: what can be performed, and whether a scenario file is right."""

from typing import Annotated, Any

import typer

from game.cli import out

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
    """Read one scenario file and say what is in it; a fault is named by file and key (exit code 2)."""
    row = _row(file)
    out({"right": True, **row}, f"{file} is right: {row['title']} ({row['target']})")
