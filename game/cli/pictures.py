"""`pictures`: the pictures of README and docs, made anew: bare views, and what the expert saw at work."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from game.cli import options, out, say

if TYPE_CHECKING:
    from models.patient import Patient

CASES = ("first-case", "real-l1")
"""The cases that are shown with needle and cement too; of every scenario there are bare views, which its card shows."""


def pictures(
    folder: Annotated[Path, typer.Option("--out", help="Where the PNG files go.")] = Path("docs/pictures"),
    only: Annotated[
        list[str] | None, typer.Option("--only", help="fractures, window, a scenario or a TOML file; may be repeated.")
    ] = None,
) -> None:
    """For each case AP, left lateral, oblique, needle and cement; a sheet of fractures; then the window's pages and the room."""
    from game.desk.portraits import portraits
    from game.fluoroscopy.fracture_sheet import sheet
    from game.fluoroscopy.projector import Fluoroscope
    from game.procedure.scenarios import load, names
    from game.settings import find_data
    from models.errors import InputError
    from models.provide import provide

    folder.mkdir(parents=True, exist_ok=True)
    asked = only or ["fractures", *names(), "window"]
    written: list[Path] = []
    if "fractures" in asked:
        say("the sheet of fractures")
        written.append(sheet(folder, options().seed))
    for each in asked:
        if each in ("fractures", "window"):
            continue
        task = load(each)
        case = task.name
        try:
            patient = provide(task.recipe, find_data)
        except InputError as error:
            say(f"{case}: left out: {error}")
            continue
        scope = Fluoroscope(patient, 512)
        try:
            written += _bare(scope, patient, task, folder)
            if case in CASES:
                written += _at_work(scope, patient, task, folder, case)
        finally:
            scope.close()
    if "window" in asked:
        say("the window")
        written += portraits(folder, CASES[0], options().seed)
    out({"pictures": written}, "\n".join(str(path) for path in written))


def _write(scope: Any, snapshot: Any, path: Path) -> Path:
    """One exposed snapshot as the monitor shows it."""
    from game.fluoroscopy import display

    shot = scope.picture(
        snapshot.pose,
        snapshot.technique,
        seed=options().seed,
        needle=snapshot.needle,
        cement=snapshot.cement,
        stylet=snapshot.stylet,
    )
    turn = display.PRESETS["left-lateral"] if snapshot.pose.orbital > 45.0 else display.UPRIGHT
    display.write_png(path, display.monitor(shot.grey, snapshot.pose, turn), {"Title": f"SIMULATED: {path.stem}"})
    return path


def _bare(scope: Any, patient: "Patient", task: Any, folder: Path) -> list[Path]:
    """Room-straight views, centred on the target; of a kyphosis also the AP along the target's own plane."""
    from game.procedure.views import ideal
    from game.simulation.simulation import Snapshot
    from models.carm import PRESETS, Pose
    from models.xray import technique_for

    target = patient.vertebrae[task.target]
    x, y, z = (float(value) for value in target.centre)
    views = {"ap": PRESETS["ap"], "lateral": PRESETS["left-lateral"], "oblique": (5.0, 0.0, 0.0)}
    if task.family == "kyphotic-superimposition":
        views["aligned"] = (0.0, ideal(target, 0.0, "left").tilt, 0.0)
    made = []
    for name, angles in views.items():
        pose = Pose(*angles, isocentre=(x, y, z))
        technique = technique_for(scope.centre(pose))
        made.append(_write(scope, Snapshot(0.0, pose, technique, None, True, None), folder / f"{task.name}-{name}.png"))
    return made


def _at_work(scope: Any, patient: "Patient", task: Any, folder: Path, case: str) -> list[Path]:
    """The expert's last AP and lateral before cement, and the last lateral with it."""
    from game.operators.perform import habits_of, perform
    from game.operators.reading import Reading
    from game.session import Session

    seed, habits = options().seed, habits_of("expert")
    session = Session(task, patient, seed)
    perform(
        session,
        Reading(patient, task.target, session.snapshot, habits.perception_px, seed),
        habits,
        task.target,
        task.sides,
    )
    taken = [key.snapshot for key in session.key_shots if key.snapshot.needle is not None]
    before = [snapshot for snapshot in taken if snapshot.cement is None]
    chosen = {
        "needle-ap": [snapshot for snapshot in before if abs(snapshot.pose.orbital) < 45.0],
        "needle-lateral": [snapshot for snapshot in before if snapshot.pose.orbital > 45.0],
        "cement": [snapshot for snapshot in taken if snapshot.cement is not None],
    }
    return [_write(scope, shots[-1], folder / f"{case}-{name}.png") for name, shots in chosen.items() if shots]
