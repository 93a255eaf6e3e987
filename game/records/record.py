"""Records: one attempt as a file that survives a power cut and says when it was tampered with.

One JSON object a line, each ending in "crc": the CRC-32 of its own text, seeded with the line before. Synced each simulated
second or each 100 lines, so that kill -9 loses at most the last second. A file without its last line is readable and
incomplete; one that ends in the middle of a line is readable up to there; anything else that is wrong is an InputError
that names file and line. Kinds of lines: KINDS. Times ms or s as named; poses in the patient frame, mm.
Not here: playing again (replay.py), the score (game/procedure).
"""

import base64
import json
import math
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from game.procedure.measured import Measured, from_json, to_json
from game.simulation.controls import Control
from game.simulation.events import Event, Needle
from models.carm import Pose
from models.errors import InputError
from models.instruments import TrocarPose
from models.whole_file import written

FORMAT, VERSION = "pedicle-record", 1

KINDS = {
    "header": "format, version, scenario, seed, versions: first line",
    "control": "ms, name, values",
    "event": "raw event: t, kind, values, needle",
    "measured": "measured event: t, kind, values",
    "path": "thinned path of the trocar: rows of t, depth_mm, skin_mm, force_n, tip x, y, z",
    "hash": "ms, state: fingerprint of the simulation",
    "image": "key picture: png (base64), t, reason and what it was taken with",
    "end": "ms, lines before this one: last line",
}

SYNC_LINES, SYNC_MS = 100, 1000


LONGEST_MS = 10**8
"""No attempt lasts longer; a time beyond it is damage."""


def plain(value: Any) -> Any:
    """A value as JSON can hold it: arrays and tuples as lists, poses as tables, numpy scalars as numbers, NaN and infinity as None.

    TypeError where it is nothing that a record holds.
    """
    if isinstance(value, Pose):
        return plain(asdict(value))
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    if isinstance(value, int | str) or value is None:
        return value
    raise TypeError(f"a record holds no {type(value).__name__}: {value!r}")


def event_to_json(event: Event) -> dict[str, Any]:
    """A raw event; the needle as one row: tip, axis, roll, embedded, depth, skin, tissue, bone, force, stylet."""
    row = None
    if event.needle is not None:
        n = event.needle
        places = [*n.pose.tip.tolist(), *n.pose.axis.tolist(), *n.pose.roll.tolist()]
        row = [*places, n.embedded, n.depth_mm, n.skin_mm, n.tissue, n.bone, n.force_n, n.stylet]
    return {"t": event.t, "kind": event.kind, "values": plain(event.values), "needle": plain(row)}


def event_from_json(plain_event: Mapping[str, Any]) -> Event:
    """The event of a record's line; the arm's pose stays a table, as game.procedure accepts it."""
    row, needle = plain_event["needle"], None
    if row is not None:
        tip, axis, roll = (np.array(row[at : at + 3], dtype=np.float64) for at in (0, 3, 6))
        embedded, depth, skin, tissue, bone, force, stylet = row[9:]
        needle = Needle(TrocarPose(tip, axis, roll), embedded, depth, skin, tissue, bone, force, stylet)
    return Event(float(plain_event["t"]), str(plain_event["kind"]), needle, dict(plain_event["values"]))


class Recorder:
    """Writes a record while an attempt goes on. The file appears under its name only once its header is safe."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self._crc, self._lines, self._unsynced, self._synced_ms = 0, 0, 0, 0
        with written(path) as beside, open(beside, "wb") as file:
            file.write(self._line({"line": "header", "format": FORMAT, "version": VERSION, **plain(header)}))
            file.flush()
            os.fsync(file.fileno())
        try:
            self._file = open(path, "ab")  # noqa: SIM115  (open as long as the attempt lasts)
        except OSError as error:
            raise InputError(f"{path}: the record cannot be written ({error.strerror or error})") from None

    def _line(self, content: Mapping[str, Any]) -> bytes:
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        self._crc = zlib.crc32(text.encode(), self._crc)
        self._lines += 1
        return f'{text[:-1]},"crc":"{self._crc:08x}"}}\n'.encode()

    def _write(self, kind: str, content: Mapping[str, Any]) -> None:
        self._file.write(self._line({"line": kind, **content}))
        self._unsynced += 1
        if self._unsynced >= SYNC_LINES:
            self.sync()

    def sync(self) -> None:
        """Everything written so far is safe."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def control(self, control: Control) -> None:
        """One act of the operator's, before it takes effect."""
        self._write("control", {"ms": control.ms, "name": control.name, "values": plain(control.values)})

    def happened(
        self, ms: int, events: Iterable[Event], measured: Iterable[Measured], marks: Iterable[tuple[int, str]]
    ) -> None:
        """What came of it until `ms`: raw events, measured events, hashes."""
        for event in events:
            self._write("event", event_to_json(event))
        for each in measured:
            self._write("measured", plain(to_json(each)))
        for at, state in marks:
            self._write("hash", {"ms": at, "state": state})
        if ms - self._synced_ms >= SYNC_MS:
            self.sync()
            self._synced_ms = ms

    def path_rows(self, rows: Iterable[tuple[float, ...]]) -> None:
        """Thinned path of the trocar."""
        kept = plain(list(rows))
        if kept:
            self._write("path", {"rows": kept})

    def image(self, png: bytes, **about: Any) -> None:
        """One key picture."""
        self._write("image", {"png": base64.b64encode(png).decode(), **plain(about)})

    def end(self, ms: int) -> None:
        """The last line; the file is closed."""
        if not self._file.closed:
            self._write("end", {"ms": ms, "lines": self._lines})
            self.sync()
            self._file.close()


@dataclass
class Record:
    """A record as read."""

    path: Path
    header: dict[str, Any]
    controls: list[Control] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    path_rows: list[list[float]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = False
    end_ms: int = 0

    @property
    def state(self) -> str:
        """'complete', or 'incomplete': the attempt or its writing was cut off."""
        return "complete" if self.complete else "incomplete"


def _checked(path: Path, number: int, text: bytes, crc: int) -> tuple[dict[str, Any], int]:
    """(content of a line, running CRC), or InputError naming file and line."""
    cut = text.rfind(b',"crc":"')
    body = text[:cut] + b"}"
    after = zlib.crc32(body, crc)
    if cut < 0 or text[cut:] != f',"crc":"{after:08x}"}}'.encode():
        raise InputError(f"{path}: line {number}: damaged, its check sum does not fit")
    try:
        content = json.loads(body, parse_constant=lambda _: None)  # NaN and Infinity, as older records hold them
    except (ValueError, RecursionError):
        raise InputError(f"{path}: line {number}: not JSON") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: line {number}: expected a JSON object")
    return content, after


def _header(path: Path, lines: list[bytes]) -> None:
    """InputError unless the first line looks like a record's that this program can read."""
    start = f'{{"line":"header","format":"{FORMAT}","version":'.encode()
    if not lines or not lines[0].startswith(start):
        raise InputError(f"{path}: line 1: no record of this program (expected format {FORMAT})")
    version = lines[0][len(start) :].split(b",")[0].split(b"}")[0]
    if version != str(VERSION).encode():
        raise InputError(f"{path}: line 1: version {version.decode(errors='replace')[:20]}, expected {VERSION}")


def _time(value: Any, most: int) -> int | float:
    """A time from 0 to `most`, or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"time {value!r}")
    return value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("expected a table of values")
    return value


def _take(record: Record, content: dict[str, Any]) -> None:
    """One line into the record; KeyError, TypeError, ValueError, OverflowError where it lacks something."""
    kind = content["line"]
    if "ms" in content:
        content["ms"] = int(_time(content["ms"], LONGEST_MS))
    if "t" in content:
        content["t"] = float(_time(content["t"], LONGEST_MS // 1000))
    if kind == "control":
        ms = content["ms"]
        if record.controls and ms < record.controls[-1].ms:
            raise ValueError(f"control at {ms} ms after one at {record.controls[-1].ms} ms")
        record.controls.append(Control(ms, content["name"], _table(content["values"])))
    elif kind == "event":
        record.events.append(event_from_json(content))
    elif kind == "measured":
        record.measured.append(from_json(content))
    elif kind == "hash":
        record.marks.append((content["ms"], str(content["state"])))
    elif kind == "path":
        record.path_rows += [[float(figure) for figure in row] for row in content["rows"]]
    elif kind == "image":
        record.images.append({key: value for key, value in content.items() if key != "line"})
    elif kind == "end":
        record.complete, record.end_ms = True, content["ms"]
    else:
        raise ValueError(f"kind {kind!r}")


def load(path: Path) -> Record:
    """A record from its file. InputError, one line, where it is none or damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    lines = data.split(b"\n")
    last_is_whole = lines[-1] == b""
    if last_is_whole:
        lines.pop()
    _header(path, lines)
    record, crc = Record(path, {}), 0
    for number, text in enumerate(lines, start=1):
        try:
            content, crc = _checked(path, number, text, crc)
        except InputError:
            if number == len(lines) and not last_is_whole and number > 1:
                break  # cut off in the middle of a line
            raise
        if record.complete:
            raise InputError(f"{path}: line {number}: text after the record's end")
        if number == 1:
            record.header = content
            continue
        try:
            _take(record, content)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise InputError(f"{path}: line {number}: not a line of a record ({error})") from None
        if record.complete and content.get("lines") != number - 1:
            raise InputError(f"{path}: line {number}: counts {content.get('lines')} lines, there are {number - 1}")
    if not record.complete:
        times = [record.marks[-1][0] if record.marks else 0, *(control.ms for control in record.controls)]
        record.end_ms = max(times + [round(1000 * event.t) for event in record.events])
    return record
