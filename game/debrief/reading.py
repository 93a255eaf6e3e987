"""A record as a Debrief: scored again from its measured events, without the patient.

In: game.records.record.Record. Out: Debrief. Raises InputError, one line, where a record holds what no attempt can.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from game.debrief import judged, pictures
from game.debrief.content import LARGEST_NUMBER, Debrief, Feel, Path, sane
from game.procedure.score import Result, score
from game.records.record import VERSION, Record
from game.simulation.events import Event
from game.simulation.exposure import Dose, reference_kerma_mgy
from models.dose import STANDS_MM, Irradiation, staff_kerma
from models.errors import InputError
from models.xray import Technique

PATH_COLUMNS = 7
"""t, depth_mm, skin_mm, force_n, tip x, y, z."""


def read(record: Record) -> Debrief:
    """Everything that the page shows of a record."""
    try:
        return _read(record)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        fault = f"{type(error).__name__}: {error}"
        raise InputError(f"{record.path}: its events are not those of an attempt ({fault})") from None


def _read(record: Record) -> Debrief:
    scenario, ends_at = record.header["scenario"], sane(record.end_ms / 1000.0)
    for t in [each.t for each in record.measured] + [each.t for each in record.events]:
        sane(t)
    rows = _rows(record)
    path = Path(rows[:, 0], rows[:, 4:7], np.maximum(rows[:, 1], 0.0))
    result = score(record.measured) if record.measured and record.measured[0].kind == "began" else None
    if result is not None:
        sane(result.uncapped)
    if result is None and record.complete:
        raise InputError(f"{record.path}: no measured events in it, so nothing to score")
    starts = [sane(control.ms / 1000.0) for control in record.controls if control.name in ("arm", "table")]
    return Debrief(
        scenario=_title(scenario),
        operator=str(record.header.get("operator", "not named")),
        seed=int(record.header["seed"]),
        score=None if result is None else result.score,
        uncapped=0.0 if result is None else result.uncapped,
        critical=_critical(result),
        lines=() if result is None else judged.lines(result),
        faults=() if result is None else judged.faults(result, path),
        pictures=pictures.read(record.images, record.measured, str(record.path)),
        path=path,
        feels=_feels(rows, record.events),
        acts=judged.acts(record.measured, starts),
        figures=() if result is None else (*judged.figures(record.measured, ends_at), *_dose(record.events)),
        facts=_facts(record, result),
        complete=record.complete,
        ends_at=ends_at,
    )


def _title(scenario: Any) -> str:
    """The scenario's title, with the target's level where the title does not name it."""
    title, target = str(scenario["title"]), str(scenario["target"])
    return title if target in title else f"{title} ({target})"


def _critical(result: Result | None) -> tuple[str, ...]:
    from game.debrief.charts import clock

    errors = [] if result is None else [error for error in result.errors if error.critical]
    return tuple(f"{error.text}, {error.side} side, at {clock(error.t)}" for error in errors)


def _rows(record: Record) -> Any:
    """(N, 7) path rows within the patient; rows with a figure that is none are left out."""
    rows = np.array(record.path_rows, dtype=np.float64).reshape(-1, PATH_COLUMNS)
    return rows[(np.abs(rows) <= LARGEST_NUMBER).all(axis=1) & (rows[:, 2] > 0.0)]


def _feels(rows: Any, events: Sequence[Event]) -> tuple[Feel, ...]:
    """Force against depth of each trocar, with the tissue that the last event before each row had found."""
    known = [(event.t, event.needle.tissue) for event in events if event.needle is not None]
    tissue = np.zeros(len(rows), dtype=np.int64)
    if known:
        at = np.searchsorted([t for t, _ in known], rows[:, 0] + 1e-6, side="right") - 1
        tissue = np.array([code for _, code in known], dtype=np.int64)[np.maximum(at, 0)]
    sides = [(event.t, str(event.values["side"])) for event in events if event.kind == "side"]
    number = np.searchsorted([t for t, _ in sides], rows[:, 0], side="right")
    feels = []
    for trocar in np.unique(number):
        mine = number == trocar
        title = sides[trocar - 1][1] if trocar > 0 else "first trocar"
        feels.append(Feel(title.capitalize(), rows[mine, 2], rows[mine, 3], tissue[mine]))
    return tuple(feels)


def _dose(events: Sequence[Event]) -> list[tuple[str, str]]:
    dose, staff, side = Dose(), dict.fromkeys(STANDS_MM, 0.0), 1.0
    for event in events:
        if event.kind == "side":
            side = 1.0 if event.values["side"] == "left" else -1.0
        if event.kind == "exposed":
            pose, technique = pictures.pose_of(event.values["pose"]), Technique(*_setting(event))
            dose.add(pose, technique, bool(event.values["single"]))
            pulse = Irradiation(pose, technique.kvp, reference_kerma_mgy(technique))
            for part, ugy in staff_kerma([pulse], np.array(pose.isocentre), side).items():
                staff[part] += ugy
    skin = [sane(event.values["peak_skin_mgy"]) for event in events if "peak_skin_mgy" in event.values]
    return [
        ("Fluoroscopy time", f"{dose.fluoroscopy_s:.1f} s"),
        ("Air kerma at the reference point", f"{dose.kerma_mgy:.3g} mGy"),
        ("Kerma-area product", f"{dose.kap_gy_cm2:.3g} Gy·cm²"),
        *(("Peak skin dose", f"{mgy:.3g} mGy") for mgy in skin),
        ("Scatter at the operator, unshielded", ", ".join(f"{part} {ugy:.2g} µGy" for part, ugy in staff.items())),
    ]


def _setting(event: Event) -> tuple[float, float]:
    return sane(event.values["kvp"]), sane(event.values["mas"])


def _facts(record: Record, result: Result | None) -> tuple[tuple[str, str], ...]:
    versions = record.header.get("versions", {})
    return (
        ("File", record.path.name),
        ("Record", f"version {record.header.get('version', VERSION)}, {record.state}"),
        ("Scenario", str(record.header["scenario"].get("name", ""))),
        ("Seed", str(record.header["seed"])),
        ("Rules", "" if result is None else f"version {result.rules_version}"),
        ("Acts, events, measured events", f"{len(record.controls)}, {len(record.events)}, {len(record.measured)}"),
        ("State hashes", f"{len(record.marks)} (replay --verify derives all of it again)"),
        ("Made with", ", ".join(f"{name} {version}" for name, version in versions.items())),
    )
