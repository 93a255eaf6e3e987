"""What the score and the measured events say, as parts of a Debrief: lines, errors, acts on the time axis, figures.

In: a Result and measured events (game/procedure), both from the record alone. Times in s, mm, ml.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from game.debrief.content import CEMENT, Act, Array, Fault, Line, Path
from game.procedure.attempt import read
from game.procedure.cementing import volume_ml
from game.procedure.measured import ROUTES, Measured
from game.procedure.score import Result

FLOW_S = 0.1
"""Length of one event of flow (game/simulation/events.py)."""

GAP_S = {"X-ray": 0.6, "needle": 1.5, "cement": 0.6}
"""Acts of one track nearer than this are one act; assumed (display only)."""


def lines(result: Result) -> tuple[Line, ...]:
    """The score's lines."""
    return tuple(
        Line(line.id, line.title, line.points, line.of, line.measured, line.why, line.instead, line.mark == "O")
        for line in result.lines
    )


def tip_at(path: Path, t: float) -> Array | None:
    """(3,) where the tip was at `t`: the last point kept until then; None before the first."""
    at = int(np.searchsorted(path.t, t + 1e-6, side="right")) - 1
    return path.tip[at] if at >= 0 else None


def faults(result: Result, path: Path) -> tuple[Fault, ...]:
    """The errors, each with the place of the tip at its time."""
    return tuple(Fault(e, None if e.place == CEMENT else tip_at(path, e.t)) for e in result.errors)


def _joined(track: str, spans: Iterable[tuple[float, float]]) -> list[Act]:
    """Spans in order of time as acts; those with a small gap become one."""
    acts: list[Act] = []
    for start, end in spans:
        if acts and start - acts[-1].end <= GAP_S[track]:
            acts[-1] = Act(track, acts[-1].start, max(end, acts[-1].end))
        else:
            acts.append(Act(track, start, end))
    return acts


def acts(measured: Sequence[Measured], arm_starts: Sequence[float]) -> tuple[Act, ...]:
    """What lasted. `arm_starts`: when the arm or table was told to move (controls); each ends with the next rest."""
    rests = [event.t for event in measured if event.kind == "armed"]
    arm = [
        Act("arm", max((start for start in arm_starts if before < start <= rest), default=rest), rest)
        for before, rest in zip([-np.inf, *rests], rests, strict=False)
    ]
    pulses = [(event.t, event.t) for event in measured if event.kind in ("picture", "pulse")]
    moves = [(event.t, event.t) for event in measured if event.kind in ("moved", "turned")]
    flows = [(event.t - FLOW_S, event.t) for event in measured if event.kind == "flowed"]
    return (*arm, *_joined("X-ray", pulses), *_joined("needle", moves), *_joined("cement", flows))


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def figures(measured: Sequence[Measured], ends_at: float) -> tuple[tuple[str, str], ...]:
    """Time, pictures and cement, each as name and value with its unit."""
    singles = sum(event.kind == "picture" and bool(event["single"]) for event in measured)
    pulses = sum(event.kind in ("picture", "pulse") for event in measured) - singles
    rows = [
        ("Time, simulated", _minutes(ends_at)),
        ("Single pictures", str(singles)),
        ("Pulses of fluoroscopy", str(pulses)),
        ("Arm and table movements", str(sum(event.kind == "armed" for event in measured))),
    ]
    for side, flows in read(measured).flows.items():
        if not flows:
            continue
        first, last = flows[0].event, flows[-1].event
        rows.append((f"Cement, {side}", f"{volume_ml(flows):.2f} ml"))
        rows.append((f"Viscosity at the start, {side}", f"{first.number('viscosity_pa_s'):.0f} Pa·s"))
        leaks = [f"{route} {ml:.2f} ml" for route in ROUTES if (ml := last.number(f"leak_{route}_ml")) > 0.0]
        rows.append((f"Leaks, {side}", ", ".join(leaks) or "none"))
    return tuple(rows)
