"""Subcommands of the command line: one module each, named as its subcommand; app.py finds them.

A module `report.py` holds a function `report` with typer annotations (or a `typer.Typer` of that name, for a subcommand
with subcommands of its own). `no_such` is called `no-such`, `import_` is called `import`, a leading underscore hides.
At its top a module imports typer and the standard library only: `--help` imports them all.

Every subcommand takes --json, --seed, --log-level and --data, before or after its name, without declaring them:
`options()` holds what was given. Results go to standard output through `out`, progress to standard error by `say` and
`progress`. Errors are raised, as models.errors draws them; app.py turns them into one line and an exit code.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """What holds for every subcommand. --data is not here: it is put before PEDICLE_DATA (game/settings.py)."""

    json: bool = False
    seed: int = 1
    log_level: str | None = None  # None: as the settings say


_given = Options()


def options() -> Options:
    """The options of the running command."""
    return _given


def set_options(**given: Any) -> None:
    """For app.py, as it reads the command line; without arguments back to the defaults."""
    global _given  # noqa: PLW0603  (one process runs one command line)
    _given = replace(_given, **given) if given else Options()


def _plain(value: Any) -> Any:
    """numpy scalars and arrays, paths, sets and dataclasses as JSON knows them; without importing numpy."""
    from dataclasses import asdict, is_dataclass
    from pathlib import PurePath

    if hasattr(value, "tolist"):
        return value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not go into JSON")


def out(result: dict[str, Any], text: str) -> None:
    """The result of a subcommand on standard output: with --json `result` as one JSON object, else `text`.

    NaN and infinity are no JSON: ValueError. Say None for what could not be measured.
    """
    import json

    if options().json:
        text = json.dumps(result, ensure_ascii=False, allow_nan=False, default=_plain)
    print(text)


def say(text: str) -> None:
    """One progress line on standard error."""
    print(text, file=sys.stderr, flush=True)


def progress(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """`items` one by one, with a bar on standard error where a person looks on, and one line where not."""
    count = len(items) if total is None and isinstance(items, Sequence) else total
    if not sys.stderr.isatty():
        say(what if count is None else f"{what} ({count})")
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, what, total=count, console=Console(stderr=True), transient=True)
