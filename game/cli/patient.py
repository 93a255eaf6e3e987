"""`patient`: who lies there: cuts, the spine, every size beside the published one, fractures, depths, what was assumed."""

from pathlib import Path
from typing import Annotated, Any

import typer

from game.cli import out, say


def patient(
    *,
    scenario: Annotated[str, typer.Argument(help="A scenario's name or TOML file.")],
    folder: Annotated[Path, typer.Option("--report", help="Folder for the page (made when missing).")],
) -> None:
    """Build a scenario's patient and write a page about it."""
    from game.debrief.patient_page import page
    from game.procedure.scenarios import load
    from game.settings import find_data
    from models import measured
    from models.genant import all_graded
    from models.patient import SIDES
    from models.provide import provide
    from models.whole_file import written

    task = load(scenario)
    say("building")
    who = provide(task.recipe, find_data)
    say("measuring")
    path = folder / f"{task.name}.html"
    folder.mkdir(parents=True, exist_ok=True)
    with written(path) as part:
        part.write_text(page(task, who), encoding="utf-8")
    grades, levels = all_graded(who.vertebrae), dict[str, Any]()
    for level in who.levels:
        levels[level] = {
            "heights": grades[level],
            "volume_ml": measured.volume_ml(who, level),
            "sizes": {d.name: d.measured for d in measured.dimensions(who, level)},
            "ways": {side: measured.way(who, level, side) for side in SIDES},
        }
    out({"scenario": task.name, "report": path, "target": task.target, "levels": levels}, f"{path}")
