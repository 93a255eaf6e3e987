"""The command line put together: finds the subcommands, gives each the common options, turns every end into an exit code.

In: arguments. Out: 0 done; 1 ran and the answer is no; 2 wrong use or input; 3 missing device, screen or library; 70 our
fault; 130 interrupted; 141 nobody reads our output. From 2 to 70 one line on standard error, for 70 with the log's path.
"""

import errno
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

import game.cli
from models.errors import InputError, MissingError, PedicleError

USAGE, MISSING, FAULT, INTERRUPTED, UNREAD = 2, 3, 70, 130, 141
OUR_CODE = ("models", "haptics", "shaders", "game")


def _modules() -> dict[str, str]:
    """Name on the command line -> module, for every subcommand in game/cli."""
    found = sorted(module.name for module in pkgutil.iter_modules(game.cli.__path__))
    return {name.rstrip("_").replace("_", "-") if name[0] != "_" else name: name for name in found if name != "app"}


def _keep_json(value: bool | None) -> None:
    if value:
        game.cli.set_options(json=True)


def _keep_seed(value: int | None) -> None:
    if value is not None:
        game.cli.set_options(seed=value)


def _keep_level(value: str | None) -> None:
    if value is not None:
        game.cli.set_options(log_level=value)
        _start_log()  # again: the option may stand after the subcommand


def _keep_data(value: Path | None) -> None:
    if value is not None:
        if not value.is_dir():
            raise typer.BadParameter(f"{value} is no folder", param_hint="--data")
        os.environ["PEDICLE_DATA"] = os.pathsep.join(
            filter(None, [str(value.resolve()), os.environ.get("PEDICLE_DATA")])
        )


def _common(
    json: Annotated[
        bool | None,
        typer.Option("--json", help="One JSON object on standard output.", callback=_keep_json, expose_value=False),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed of everything random; 1 when not given.", min=0, callback=_keep_seed, expose_value=False
        ),
    ] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None,
        typer.Option(help="How much goes into the log file.", callback=_keep_level, expose_value=False),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with imported patients, looked in first.", callback=_keep_data, expose_value=False),
    ] = None,
) -> None:
    """Carries the options that every subcommand takes."""


def _add_common(command: Any) -> Any:
    """`command` with the common options, less those it declares itself; its subcommands too."""
    declared = {name for parameter in command.params for name in parameter.opts}
    carrier = typer.Typer(add_completion=False)
    carrier.command()(_common)
    command.params += [p for p in typer.main.get_command(carrier).params if not declared.intersection(p.opts)]
    command.rich_markup_mode = None  # plain help: rich would cost more time than the rest of --help
    for below in getattr(command, "commands", {}).values():
        _add_common(below)
    return command


class Subcommands(TyperGroup):
    """The modules of game/cli as subcommands, each imported when it is asked for."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(_modules())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        module_name = _modules().get(cmd_name)
        if module_name is None:
            near = get_close_matches(cmd_name, [name for name in _modules() if name[0] != "_"])
            ctx.fail(f"no subcommand {cmd_name!r}. " + (f"Did you mean {near[0]!r}?" if near else "See --help"))
        if cmd_name not in self.commands:
            found = getattr(importlib.import_module(f"game.cli.{module_name}"), module_name)
            if not isinstance(found, typer.Typer):
                app = typer.Typer(add_completion=False)
                app.command(cmd_name, hidden=cmd_name[0] == "_")(found)
                found = app
            self.commands[cmd_name] = _add_common(typer.main.get_command(found))
        return self.commands[cmd_name]


def _start_log() -> None:
    import game.log
    import game.settings

    game.log.start(game.cli.options().log_level or game.settings.load_settings().log_level)


def _version(value: bool) -> None:
    if value:
        import tomllib

        checkout = Path(__file__).resolve().parent.parent.parent
        print("pedicle", tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
        raise typer.Exit


app = typer.Typer(cls=Subcommands, add_completion=False, invoke_without_command=True, rich_markup_mode=None)


@app.callback(epilog="--no-system, anywhere: set-up installs nothing with apt-get.")
def pedicle(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Say the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Trainer for percutaneous vertebroplasty. A training aid, not a medical device. Without a subcommand: the trainer."""
    _start_log()
    if context.invoked_subcommand is None:
        _run_default(context)


def _run_default(context: Any) -> None:
    """The trainer; where there is no screen for it, the demo, which needs none."""
    try:
        _run(context, "train")
    except MissingError as error:
        game.cli.say(f"{error}. Running the demo instead.")
        _run(context, "demo")


def _run(context: Any, name: str) -> None:
    command = context.command.get_command(context, name)
    with command.make_context(name, [], parent=context) as below:
        command.invoke(below)


def main(arguments: Sequence[str]) -> int:
    """Run one command line. Returns the exit code; never raises."""
    game.cli.set_options()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to stop
    try:
        command = _add_common(typer.main.get_command(app))
        code = command.main(args=list(arguments), prog_name="main.py", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer's way with a closed pipe
            return _end(end.__context__)
        code = end.code
    except BaseException as error:  # the last catch: nothing reaches a person as a traceback
        return _end(error)
    return code if isinstance(code, int) else 0


def _end(error: BaseException) -> int:
    """Say what ended the command, in one line, and return its exit code."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the flush at exit is quiet too
        return UNREAD
    if isinstance(error, TyperException):
        near = getattr(error, "possibilities", None)  # of an option that is not there
        said = f"no option {error.option_name}. Did you mean {near[0]!r}?" if near else error.format_message()
        return _one_line(said, error.exit_code)
    if isinstance(error, PedicleError):
        return _one_line(str(error), error.exit_code)
    import logging

    logging.getLogger("pedicle").critical("command ended", exc_info=error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] not in OUR_CODE:
        return _one_line(f"library {error.name} is missing: delete .venv and start again", MISSING)
    if isinstance(error, OSError) and error.filename is not None and not _is_ours(str(error.filename)):
        return _one_line(f"{error.filename}: {error.strerror or error}", InputError.exit_code)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _one_line("no space left on the disk", InputError.exit_code)
    import game.log

    return _one_line(f"our fault, not yours: {type(error).__name__}: {error}. Log: {game.log.log_file()}", FAULT)


def _is_ours(filename: str) -> bool:
    """Whether a file belongs to the program, so that its absence is our fault."""
    checkout = Path(__file__).resolve().parent.parent.parent
    return any(Path(filename).resolve().is_relative_to(checkout / folder) for folder in OUR_CODE)


def _one_line(text: str, code: int) -> int:
    print("pedicle:", " ".join(text.split()), file=sys.stderr)
    return code
