"""`test`: the tests of the checkout, by pytest, as CI runs them. Arguments that are not ours go to pytest."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from game.cli import options, out
from models.errors import MissingError

CHECKOUT = Path(__file__).resolve().parent.parent.parent

test = typer.Typer(add_completion=False)


@test.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(
    context: typer.Context,
    long: Annotated[bool, typer.Option("--long", help="Also the tests that take minutes.")] = False,
) -> None:
    """The tests (what CI runs). Further arguments go to pytest."""
    import main as front_door

    try:
        front_door.ensure("requirements-test.txt")
    except (front_door.SetUpError, OSError) as error:
        raise MissingError(str(error)) from error
    command = [sys.executable, "-X", "utf8", "-m", "pytest", "-q", *(["--long"] if long else []), *context.args]
    if options().json:
        said = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, encoding="utf-8", check=False)
        print(said.stdout, file=sys.stderr)
        closing = (said.stdout.strip() or "pytest said nothing").splitlines()[-1]
        out({"passed": said.returncode == 0, "closing_line": closing}, closing)
        code = said.returncode
    else:
        code = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
    raise typer.Exit(min(code, 1))
