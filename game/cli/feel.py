"""`feel`: what a hand feels on the way through a scenario's left pedicle, as a chart or a table."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from game.cli import out, say

if TYPE_CHECKING:
    from models.patient import Patient

BEYOND_MM = 8.0  # how far past the anterior cortex the hand goes on
HAND_MM_S = 3.0
BANDS = {
    "SKIN": ("skin", "#d9a28c"),
    "FAT": ("fat", "#f3e2a9"),
    "FASCIA": ("fascia", "#b9b0a2"),
    "MUSCLE": ("muscle", "#e3b7b7"),
    "CORTEX": ("cortex", "#7f8fa6"),
    "CANCELLOUS": ("cancellous", "#d5dde8"),
    "CANAL": ("canal", "#f2c14e"),
    "DURA": ("dural sac", "#f2c14e"),
    "CORD": ("cord", "#e0a526"),
    "ROOT": ("root", "#e0a526"),
    "VEIN": ("vein", "#8fa3d1"),
    "ARTERY": ("artery", "#d97b7b"),
    "LUNG": ("lung", "#c9d9d3"),
    "KIDNEY": ("kidney", "#c9a08f"),
    "GAS": ("bowel gas", "#e6e6e6"),
}


def feel(
    *,
    scenario: Annotated[str, typer.Argument(help="A scenario's name or TOML file.")],
    file: Annotated[Path, typer.Option("--out", help="The .png (chart) or .csv (table) to write.")],
) -> None:
    """Push, then screw, a 13 G trocar along the axis of SCENARIO's target, left pedicle, until past the anterior cortex.

    Force along the axis against depth from the skin.
    """
    from models.errors import InputError

    if file.suffix.lower() not in (".png", ".csv"):
        raise InputError(f"--out {file}: expected a name ending in .png or .csv")
    from game.procedure.scenarios import load
    from game.settings import find_data
    from models.provide import provide

    task = load(scenario)
    say(f"{task.name}: building the patient")
    patient = provide(task.recipe, find_data)
    if task.target not in patient.vertebrae:
        raise InputError(f"target {task.target}: the patient has {', '.join(patient.levels)}")
    runs = felt(patient, task.target)
    figures = stages(runs)
    if file.suffix.lower() == ".csv":
        _table(file, runs)
    else:
        _chart(file, runs, f"{task.name}: {task.target}, left pedicle, 13 G bevel (simulated)")
    result = {"file": file, "scenario": task.name, "target": task.target, "figures": figures}
    out(result, f"{file}: " + ", ".join(f"{name} {value:.1f}" for name, value in figures.items()))


def felt(patient: "Patient", target: str) -> dict[str, Any]:
    """Technique -> (N, SIZE) states of a straight drive along the target's left pedicle."""
    import numpy as np

    from haptics import tick, trocar
    from models.field import nearest_bone, pack

    field, names = pack(patient)
    vertebra = patient.vertebrae[target]
    pedicle = vertebra.pedicles["left"]
    start = trocar.pedicle_start(field, pedicle, -vertebra.left)
    ahead = np.arange(0.0, 90.0, 0.25)
    on_path = [nearest_bone(field, pedicle.centre + t * pedicle.axis) for t in ahead]
    inside = [t for t, (bone, d) in zip(ahead, on_path, strict=True) if bone == names.index(target) and d < 0]
    length = float(np.linalg.norm(pedicle.centre - start.tip)) + max(inside, default=0.0) + BEYOND_MM
    techniques = {"push": tick.PUSH, "screw": tick.SCREW}
    bvf = patient.bone_volume_fraction
    return {
        name: trocar.drive(field, bvf, start, length, mm_s=HAND_MM_S, technique=technique)
        for name, technique in techniques.items()
    }


def stages(runs: Mapping[str, Any]) -> dict[str, float]:
    """Peaks and plateaus of each technique [N], by the tissue at the point, and how far it skidded [mm]."""
    import numpy as np

    from haptics import tick
    from models.tissue import BONE, Tissue

    figures = {}
    for name, states in runs.items():
        force, tissue, depth = states[:, tick.FORCE], states[:, tick.TISSUE], states[:, tick.DEPTH]
        out_again = ~np.isin(tissue, BONE) & (depth > 5.0)
        if not out_again.any():
            out_again[-1] = True
        exit_at = int(out_again.argmax())
        before, spongy = depth < 4.0, (tissue == Tissue.CANCELLOUS) & (depth > 4.0)
        first = states[: int((depth > 0).argmax()) or None]
        figures[f"{name}_skin_n"] = float(first[first[:, tick.SKIN] < 4.0][:, tick.FORCE].max())
        figures[f"{name}_entry_n"] = float(force[before & (depth > 0)].max(initial=0.0))
        figures[f"{name}_plateau_n"] = _median(force[:exit_at][spongy[:exit_at]])
        figures[f"{name}_breach_n"] = float(force[max(exit_at - 2000, 0) : exit_at + 1000].max())
        figures[f"{name}_behind_n"] = _median(force[exit_at + 1000 :])
        figures[f"{name}_skid_mm"] = skid(states)
    return figures


def skid(states: Any) -> float:
    """mm that the point slid off its line before bone held it (or in all, where bone never did)."""
    import numpy as np

    from haptics import tick

    held = states[:, tick.MODE] == tick.EMBEDDED
    way = states[int(held.argmax()) if held.any() else -1, :3] - states[0, :3]
    axis = states[0, tick.AXIS : tick.AXIS + 3]
    return float(np.linalg.norm(way - (way @ axis) * axis))


def _median(values: Any) -> float:
    import numpy as np

    return float(np.median(values)) if len(values) else 0.0


def _table(file: Path, runs: Mapping[str, Any]) -> None:
    """One row for each 10 ms."""
    from haptics import tick
    from models.tissue import Tissue
    from models.whole_file import written

    lines = ["technique,seconds,skin_mm,depth_mm,force_n,tip_n,shaft_n,tissue,mode"]
    modes = ("free", "soft", "contact", "embedded")
    for name, states in runs.items():
        for k in range(0, len(states), 10):
            s = states[k]
            numbers = [f"{s[i]:.3f}" for i in (tick.SKIN, tick.DEPTH, tick.FORCE, tick.CUT, tick.HOLD)]
            words = [Tissue(int(s[tick.TISSUE])).name.lower(), modes[int(s[tick.MODE])]]
            lines.append(",".join([name, f"{(k + 1) / 1000:.3f}", *numbers, *words]))
    with written(file) as beside:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _chart(file: Path, runs: Mapping[str, Any], title: str) -> None:
    """Force against depth from the skin, tissue at the point behind it."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from haptics import tick
    from models.whole_file import written

    figure, axes = plt.subplots(figsize=(11, 6), dpi=120)
    states = min(runs.values(), key=skid)  # the tissues of the line that was meant
    _bands(axes, states)
    axes.axhspan(135, 155, color="#c0392b", alpha=0.15, lw=0)
    axes.axhline(90, color="#c0392b", lw=1, ls="--", alpha=0.6)
    said = {"fontsize": 8, "color": "#922b21", "va": "bottom"}
    axes.text(20.0, 135.5, "deliberate breach 135-155 N (CORS 2013-220, pedicle awl)", **said)
    axes.text(20.0, 91, "safe cannulation about 90 N (same)", **said)
    for name, colour in (("push", "#1b2631"), ("screw", "#2471a3")):
        slid = skid(runs[name])
        label = f"{name}, {HAND_MM_S:g} mm/s" + (f" (skidded {slid:.1f} mm, then elsewhere)" if slid > 0.5 else "")
        axes.plot(runs[name][:, tick.SKIN], runs[name][:, tick.FORCE], color=colour, lw=1.3, label=label)
    axes.set(xlabel="skin to point along the axis [mm]", ylabel="axial force on the hand [N]", title=title)
    axes.set_xlim(0, float(states[:, tick.SKIN].max()))
    axes.set_ylim(0, max(170.0, 1.1 * max(float(run[:, tick.FORCE].max()) for run in runs.values())))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=9, frameon=False, fontsize=8)
    figure.tight_layout()
    with written(file) as beside:
        figure.savefig(beside, format="png")
    plt.close(figure)


def _bands(axes: Any, states: Any) -> None:
    """Colours the depths by the tissue that the point is in, and names each colour once."""
    import numpy as np

    from haptics import tick
    from models.tissue import Tissue

    tissue, skin = states[:, tick.TISSUE].astype(int), states[:, tick.SKIN]
    edges = np.flatnonzero(np.diff(tissue)) + 1
    named = set()
    for begin, end in zip([0, *edges], [*edges, len(tissue)], strict=True):
        word, colour = BANDS.get(Tissue(tissue[begin]).name, ("", "#ffffff"))
        low, high = skin[begin], skin[min(end, len(skin) - 1)]
        axes.axvspan(low, high, color=colour, alpha=0.55, lw=0, label=word if word and word not in named else None)
        named.add(word)
