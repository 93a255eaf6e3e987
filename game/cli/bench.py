"""`bench`: how fast it is here. One JSON object: bench, machine, figures (flat; names end in their unit)."""

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from game.cli import out, progress, say


def bench(
    name: Annotated[
        str, typer.Argument(help="patient, picture, live, touch, procedure, theatre, cohort, or all (without cohort).")
    ] = "all",
    scenario: Annotated[
        str, typer.Option(help="Whose patient; cohort does every scenario there is data for.")
    ] = "first-case",
    jobs: Annotated[int, typer.Option(help="Processes at once, for cohort.", min=1, max=64)] = 2,
    peer: Annotated[
        str, typer.Option(help="verse: with `patient`, the parametric vertebra beside a real spine's.")
    ] = "",
) -> None:
    """Measure medians on this machine. Nothing else should run meanwhile."""
    from models.errors import InputError

    if peer:
        if (name, peer) != ("patient", "verse"):
            raise InputError(f"bench {name!r} --peer {peer!r}: expected patient --peer verse")
        _verse()
        return

    benches: dict[str, Callable[[str], dict[str, float]]] = {
        "patient": _patient,  # first: the most memory held is the process's
        "picture": _picture,
        "live": _live,
        "touch": _touch,
        "procedure": _procedure,
        "theatre": _theatre,
    }
    if name == "cohort":
        _cohort(jobs)
        return
    if name not in ("all", *benches):
        raise InputError(f"bench {name!r}: expected all, cohort, {', '.join(benches)}")
    figures: dict[str, float] = {}
    for each in benches if name == "all" else (name,):
        say(f"measuring: {each}")
        figures |= benches[each](scenario)
    text = "\n".join(f"{key:<28} {value:.{1 if value >= 10.0 else 3}f}" for key, value in figures.items())
    out({"bench": name, "machine": _machine(), "figures": figures}, text)


COHORT = ("expert", "novice", "lucky", "blind")
COHORT_SEEDS = range(1, 21)


def _cohort(jobs: int) -> None:
    """Every scenario by every operator over 20 seeds: scores as a table."""
    from statistics import median

    from game.assembly import attempts
    from game.procedure.scenarios import names
    from models.errors import InputError

    rows, figures = [], {}
    for scenario in names():
        for operator in COHORT:
            try:
                done = list(progress(attempts(scenario, operator, COHORT_SEEDS, jobs), f"{operator} on {scenario}", 20))
            except InputError as error:
                say(f"{scenario}: left out: {error}")
                break
            scores = sorted(each["score"] for each in done)
            critical = sum(bool(each["critical_errors"]) for each in done)
            figures[f"{scenario}_{operator}_median_points"] = median(scores)
            rows.append(
                f"| {scenario} | {operator} | {median(scores):.1f} | {scores[0]:.1f} | {scores[-1]:.1f} | {critical} |"
            )
    head = [
        "| scenario | operator | median | least | most | of 20 with a critical error |",
        "|---|---|---|---|---|---|",
    ]
    out({"bench": "cohort", "machine": _machine(), "figures": figures}, "\n".join(head + rows))


def _patient(scenario: str) -> dict[str, float]:
    """A whole spine built and read again, three levels without pictures, a question for the nearest bone; any scenario."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from models.patient_bench import figures

    with TemporaryDirectory() as folder:
        return figures(Path(folder))


def _verse() -> None:
    """Mean and 95th percentile of the distance from parametric vertebrae to those of a real spine, mm."""
    from game.settings import find_data
    from models.genant import graded
    from models.likeness import likeness
    from models.provide import provide
    from models.recipe import LabelledRecipe

    patient = provide(LabelledRecipe(labels="verse004_T9-L5_vertebrae_1mm.nii.gz", numbering="verse"), find_data)
    rows = ["| level | body | pedicles | arch |", "|---|---|---|---|"]
    figures: dict[str, float] = {}
    for level in patient.levels:
        grade = graded(level, patient.vertebrae).grade
        parts = likeness(patient, level)
        rows.append(
            f"| {level}{f' (fractured, grade {grade})' if grade else ''} | "
            + " | ".join(f"{mean:.2f} / {high:.2f}" for mean, high in parts.values())
            + " |"
        )
        figures |= {f"{level}_{part}_mean_mm": mean for part, (mean, _) in parts.items()}
        figures |= {f"{level}_{part}_p95_mm": high for part, (_, high) in parts.items()}
    out({"bench": "patient", "machine": _machine(), "figures": figures}, "\n".join(rows))


def _touch(scenario: str) -> dict[str, float]:
    """One tick of 1 ms, microseconds."""
    from game.procedure.scenarios import load
    from game.settings import find_data
    from haptics.trocar import bench as ticks
    from models.provide import provide

    return dict(ticks(provide(load(scenario).recipe, find_data)))


def _procedure(scenario: str) -> dict[str, float]:
    """A whole procedure by the expert without pictures: CPU seconds, and how much faster than life."""
    from game.assembly import attempt

    attempt(scenario, "expert", 1)
    begin = time.process_time()
    done = attempt(scenario, "expert", 2)
    spent = time.process_time() - begin
    return {"procedure_cpu_s": spent, "realtime_factor": done["simulated_s"] / done["wall_s"]}


def _median_ms(act: Callable[[int], Any], count: int) -> float:
    """Median wall time of act(i), i counting up, after one that does not count."""
    act(0)
    times = []
    for i in range(1, count + 1):
        begin = time.perf_counter()
        act(i)
        times.append(time.perf_counter() - begin)
    return sorted(times)[count // 2] * 1e3


def _picture(scenario: str) -> dict[str, float]:
    """A picture at a new pose, one at the same pose with needle and cement, paths read back; all with read-back."""
    import numpy as np

    from game.fluoroscopy.projector import Fluoroscope
    from game.procedure.scenarios import load
    from game.settings import find_data
    from models.carm import Pose
    from models.instruments import TrocarPose
    from models.patient import Grid
    from models.provide import provide
    from models.xray import Technique

    task = load(scenario)
    patient = provide(task.recipe, find_data)
    centre = np.asarray(patient.vertebrae[task.target].centre)
    surfaces = [patient.skin_surface, *(s for bone in patient.bones.values() for s in (bone.outer, bone.inner))]
    figures: dict[str, float] = {"picture_triangles": float(sum(len(surface.faces) for surface in surfaces))}
    needle = TrocarPose(centre, np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    cement = Grid(np.pad(np.ones((15, 15, 12), dtype=np.float32), 4), centre - 11.0, 1.0)
    technique = Technique(80.0, 0.2)
    for size, count in ((512, 15), (1024, 5)):
        scope = Fluoroscope(patient, size)
        still = Pose(isocentre=tuple(float(value) for value in centre))

        def new_pose(i: int, scope: Any = scope, still: Pose = still) -> None:
            scope.picture(still.turned(orbital=0.1 * i), technique, i)

        def same_pose(i: int, scope: Any = scope, still: Pose = still) -> None:
            scope.picture(still, technique, i, needle=needle, cement=cement)

        figures[f"picture_{size}_ms"] = _median_ms(new_pose, count)
        figures[f"picture_{size}_held_pose_ms"] = _median_ms(same_pose, count)
        figures[f"paths_{size}_ms"] = _median_ms(lambda i, scope=scope, still=still: scope.paths(still), 3)
        scope.close()
    return figures


def _live(scenario: str) -> dict[str, float]:
    """Frames of a window under the pedal, ms, and pictures a second."""
    from game.fluoroscopy.pacing import figures
    from game.procedure.scenarios import load
    from game.settings import find_data
    from models.provide import provide

    task = load(scenario)
    return figures(provide(task.recipe, find_data), task.target)


def _theatre(scenario: str) -> dict[str, float]:
    """The room at 1280 x 720 while the arm turns, and each pass's share."""
    from game.graphics import studio
    from game.procedure.scenarios import load
    from game.settings import find_data
    from game.theatre.measuring import figures
    from game.theatre.theatre import Theatre
    from models.carm import Pose
    from models.provide import provide

    task = load(scenario)
    patient = provide(task.recipe, find_data)
    x, y, z = (float(value) for value in patient.vertebrae[task.target].centre)
    room = Theatre(studio(), patient, task.target, (1280, 720), lambda share, text: say(f"{100 * share:.0f} % {text}"))
    try:
        return figures(room, Pose(isocentre=(x, y, z)))
    finally:
        room.close()


def _machine() -> dict[str, Any]:
    """What the figures were measured on."""
    import os
    import platform

    from game.graphics import studio

    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "opengl": studio().driver,
    }
