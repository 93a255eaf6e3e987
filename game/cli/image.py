"""`image`: one fluoroscopic picture of a scenario's patient, as a file; with --record, of a moment of an attempt."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from game.cli import options, out, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from game.procedure.scenarios import Scenario
    from game.simulation.simulation import Snapshot
    from models.carm import Pose
    from models.patient import Patient

VIEWS = ("ap", "left-lateral", "right-lateral")
SIZES = (512, 1024)


def image(
    *,
    scenario: Annotated[str, typer.Argument(help="A scenario's name or TOML file.")],
    file: Annotated[Path, typer.Option("--out", help="The PNG to write.")],
    view: Annotated[
        str | None, typer.Option(help=f"{', '.join(VIEWS)}: room-straight, lateral views posterior up.")
    ] = None,
    orbital: Annotated[float | None, typer.Option(help="Degrees; + turns the detector to the patient's left.")] = None,
    tilt: Annotated[float | None, typer.Option(help="Degrees; + turns the detector to the head.")] = None,
    swivel: Annotated[float | None, typer.Option(help="Degrees of wig-wag.")] = None,
    size: Annotated[int, typer.Option(help="512 or 1024 pixels a side.")] = 512,
    noise: Annotated[bool, typer.Option(" /--no-noise", help="Leave the quantum noise out.")] = True,
    kvp: Annotated[
        float | None, typer.Option(help="Tube voltage, 60 to 120; brightness control when not given.")
    ] = None,
    mas: Annotated[float | None, typer.Option(help="Charge of the pulse; brightness control when not given.")] = None,
    paths: Annotated[
        Path | None, typer.Option(help="Also write the paths [mm] to this .npz, detector orientation.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="A record of SCENARIO: its trocar and cement, and its view unless one is given.")
    ] = None,
    at: Annotated[float | None, typer.Option(help="With --record: its last picture until these seconds.")] = None,
) -> None:
    """Expose one picture of SCENARIO's patient, centred on the target, and write it as PNG.

    --view turns the display as an operator sees it; with --orbital, --tilt, --swivel the detector's own orientation is
    written. With --record and --at: as that attempt saw it.
    """
    angles = (orbital, tilt, swivel)
    _check(view, angles, size, (kvp, mas))
    _check_moment(record, at)
    from game.fluoroscopy import display
    from game.procedure.scenarios import load
    from game.settings import find_data
    from models.provide import provide

    task = load(scenario)
    told = None if record is None or at is None else _told(record, at, task)
    say(f"{task.name}: building the patient")
    patient = provide(task.recipe, find_data)
    moment = None if told is None else told(patient)
    held = moment if view is None and angles == (None, None, None) else None
    pose = _pose(patient, task.target, view, angles) if held is None else held.pose
    setting = (kvp, mas) if held is None or kvp is not None else (held.technique.kvp, held.technique.mas)
    shot, technique, lengths = _expose(patient, pose, size, setting, moment, noise=noise, paths=paths is not None)
    turn = display.PRESETS[view] if view else display.UPRIGHT
    display.write_png(file, display.monitor(shot.grey, pose, turn), _notes(task.name, pose, technique, noise))
    if paths is not None:
        _write_paths(paths, lengths, pose)
    result = {"file": file, "scenario": task.name, "kvp": technique.kvp, "mas": technique.mas, "size": size}
    result |= {**_where(pose), "noise": noise, "paths": paths}
    if moment is not None:
        result |= {"record": record, "exposed_s": moment.t, "needle": moment.needle is not None}
        result |= {"cement": moment.cement is not None}
    out(result, f"{file}: {technique.kvp:.0f} kVp, {technique.mas:.3f} mAs")


def _told(record: Path, at: float, task: "Scenario") -> "Callable[[Patient], Snapshot]":
    """The last pulse of a record until `at`, once there is the patient to see it in. Raises InputError before any is built."""
    from game.fluoroscopy import recorded
    from game.records.record import load

    attempt = load(record)
    pulse = recorded.last_pulse(attempt, task, at)
    return lambda patient: recorded.snapshot(attempt, patient, pulse)


def _pose(patient: "Patient", target: str, view: str | None, angles: tuple[float | None, ...]) -> "Pose":
    """The pose asked for, centred on the target: a preset, or angles."""
    from models.carm import PRESETS, Pose

    orbital, tilt, swivel = (
        PRESETS[view or "ap"] if angles == (None, None, None) else (angle or 0.0 for angle in angles)
    )
    return Pose(orbital, tilt, swivel, _isocentre(patient, target))


def _expose(
    patient: "Patient",
    pose: "Pose",
    size: int,
    setting: tuple[float | None, float | None],
    moment: "Snapshot | None",
    *,
    noise: bool,
    paths: bool,
) -> tuple[Any, Any, Any]:
    """(picture, technique, paths or None) with what was in the patient at that moment."""
    from game.fluoroscopy.projector import Fluoroscope
    from models.xray import Technique, technique_for

    inside = {} if moment is None else {name: getattr(moment, name) for name in ("needle", "cement", "stylet")}
    kvp, mas = setting
    scope = Fluoroscope(patient, size)
    try:
        technique = technique_for(scope.centre(pose)) if kvp is None or mas is None else Technique(kvp, mas)
        shot = scope.picture(pose, technique, seed=options().seed, noise=noise, **inside)
        return shot, technique, scope.paths(pose, **inside) if paths else None
    finally:
        scope.close()


def _where(pose: "Pose") -> dict[str, Any]:
    """A pose for the result: the operator's angles, and DICOM's."""
    from models.carm import positioner_angles

    primary, secondary = positioner_angles(pose)
    return {
        "orbital": pose.orbital,
        "tilt": pose.tilt,
        "swivel": pose.swivel,
        "isocentre_mm": list(pose.isocentre),
        "positioner_primary_deg": primary,
        "positioner_secondary_deg": secondary,
    }


def _check(view: str | None, angles: tuple[Any, ...], size: int, setting: tuple[Any, ...]) -> None:
    """Every option that only makes sense with others. Raises InputError."""
    import math

    from models.errors import InputError

    if view is not None and view not in VIEWS:
        raise InputError(f"--view {view}: expected {', '.join(VIEWS)}")
    if view is not None and any(angle is not None for angle in angles):
        raise InputError("--view and --orbital, --tilt, --swivel: give one or the other")
    if any(angle is not None and not (math.isfinite(angle) and abs(angle) <= 360) for angle in angles):
        raise InputError("--orbital, --tilt, --swivel: expected degrees between -360 and 360")
    if size not in SIZES:
        raise InputError(f"--size {size}: expected 512 or 1024")
    if (setting[0] is None) != (setting[1] is None):
        raise InputError("--kvp and --mas: give both, or neither for brightness control")
    if setting[0] is not None and not (60 <= setting[0] <= 120 and 0 < setting[1] <= 100):
        raise InputError("--kvp, --mas: expected 60 to 120 kVp and 0 to 100 mAs")


def _check_moment(record: Path | None, at: float | None) -> None:
    """--record and --at only make sense together. Raises InputError."""
    from models.errors import InputError

    if (record is None) != (at is None):
        raise InputError("--record and --at: give both, or neither")


def _isocentre(patient: "Patient", target: str) -> tuple[float, float, float]:
    """The middle of the target's body."""
    from models.errors import InputError

    if target not in patient.vertebrae:
        raise InputError(f"target {target}: the patient has {', '.join(patient.levels)}")
    x, y, z = (float(value) for value in patient.vertebrae[target].centre)
    return x, y, z


def _notes(name: str, pose: "Pose", technique: Any, noise: bool) -> dict[str, str]:
    """What is written into the PNG."""
    return {
        "Title": f"SIMULATED fluoroscopy: {name}",
        "Pose": f"orbital {pose.orbital:g}, tilt {pose.tilt:g}, swivel {pose.swivel:g} degrees; isocentre {pose.isocentre} mm",
        "Technique": f"{technique.kvp:g} kVp, {technique.mas:.4f} mAs" + ("" if noise else ", no noise"),
    }


def _write_paths(file: Path, lengths: Any, pose: "Pose") -> None:
    """Paths [mm] (size, size, 8) and their channels' names, whole or not at all."""
    import numpy as np

    from models.tissue import CHANNELS
    from models.whole_file import written

    angles = np.array([pose.orbital, pose.tilt, pose.swivel])
    with written(file) as beside, beside.open("wb") as stream:
        np.savez_compressed(
            stream, paths_mm=lengths, channels=np.array(CHANNELS), angles_deg=angles, isocentre_mm=pose.isocentre
        )
