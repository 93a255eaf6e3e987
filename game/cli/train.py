"""`train`: a person performs the procedure in a window."""

from pathlib import Path
from typing import Annotated

import typer

from game.cli import options


def train(
    scenario: Annotated[str | None, typer.Argument(help="Open this case at once; else the start screen.")] = None,
    *,
    mode: Annotated[str, typer.Option(help="learn, practise or exam.")] = "learn",
    record: Annotated[Path | None, typer.Option(help="Write the first attempt's record here.")] = None,
    size: Annotated[str, typer.Option(help="Of the window, as WIDTHxHEIGHT.")] = "1280x720",
    watch: Annotated[
        Path | None, typer.Option(help="Keep what the window shows in this JSON file.", hidden=True)
    ] = None,
) -> None:
    """Open the window: mouse and keyboard drive C-arm, trocar and cement."""
    from game.desk.desk import run
    from game.desk.modes import MODES
    from models.errors import InputError

    if mode not in MODES:
        raise InputError(f"--mode {mode}: expected {', '.join(MODES)}")
    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit() and 1024 <= int(width) <= 16384 and 720 <= int(height) <= 16384):
        raise InputError(f"--size {size}: expected WIDTHxHEIGHT of at least 1024x720, as in 1280x720")
    run(scenario, mode, options().seed, record, (int(width), int(height)), watch)
