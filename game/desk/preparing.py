"""What a case needs before it opens, made by another process so that the window lives on: patient, compiled laws, meshes.

In: a scenario's name. Out: progress while it lasts; afterwards everything is in the caches. `work` is what that process runs
(`main.py _prepare`), one JSON line for each stage. A mark in the cache says that nothing is left to do, so that later starts
spare the process.
"""

import hashlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from game.procedure.scenarios import Scenario, load
from game.settings import CHECKOUT, cache_folder, find_data
from models.errors import InputError
from models.whole_file import written

SOURCES = ("models", "haptics", "game/simulation")
"""Rooms whose code and tables decide what lies in the caches."""

KEPT = ("patients", "suite")
"""Folders of the cache where built things lie; reading one makes it young."""

Tell = Callable[[float | None, str], None]


def mark(task: Scenario) -> Path:
    """The file that says: prepared by this very code, for this very recipe."""
    digest = hashlib.blake2b(repr((task.recipe, task.target, sys.version)).encode(), digest_size=12)
    for room in SOURCES:
        for source in sorted(path for path in (CHECKOUT / room).rglob("*") if path.suffix in (".py", ".csv")):
            digest.update(source.read_bytes())
    return cache_folder() / "prepared" / digest.hexdigest()


def is_prepared(task: Scenario) -> bool:
    """Whether everything that was made for it still lies in the caches, which keep only what was used last."""
    try:
        used = json.loads(mark(task).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return all(Path(path).exists() for path in used)


def work(scenario: str, tell: Tell) -> None:
    """Makes everything that opening the scenario needs, and marks it."""
    from game.session import Session
    from models.provide import provide
    from models.suite.bake import pieces
    from models.suite.body import body
    from models.suite.drape import drape

    task, began = load(scenario), time.time() - 1.0
    tell(0.05, "building the patient (a minute, the first time)")
    patient = provide(task.recipe, find_data)
    tell(0.55, "compiling the laws of touch and cement")
    session = Session(task, patient, 1)
    for name, values in REHEARSAL:
        session.do(name, **values)
    tell(0.75, "furnishing the room")
    pieces()
    tell(0.85, "laying the patient down")
    body(patient)
    drape(patient, task.target)
    used = [path for kept in KEPT for path in (cache_folder() / kept).glob("*.npz") if path.stat().st_mtime >= began]
    mark(task).parent.mkdir(parents=True, exist_ok=True)
    with written(mark(task)) as beside:
        beside.write_text(json.dumps([str(path) for path in used]), encoding="utf-8")
    tell(1.0, "ready")


REHEARSAL: tuple[tuple[str, dict[str, float | bool]], ...] = (
    ("expose", {}),
    ("aim", {"column": 220.0, "row": 250.0}),
    ("push", {"mm": 30.0, "mm_s": 50.0}),
    ("lean", {"right": 1.0, "cranial": 1.0}),
    ("screw", {"mm": 60.0, "mm_s": 50.0}),
    ("mallet", {"joules": 1.0}),
    ("twist", {"degrees": 10.0}),
    ("stylet", {"present": False}),
    ("mix", {}),
    ("inject", {"ml_s": 0.5}),
    ("wait", {"seconds": 1.5}),
    ("inject", {"ml_s": 0.0}),
    ("pull", {"mm": 100.0, "mm_s": 50.0}),
)
"""Controls that call every compiled law once."""


class Preparing:
    """The other process at work on one scenario."""

    def __init__(self, scenario: str) -> None:
        self.share: float | None = 0.0
        self.text = "starting"
        self._lines: queue.Queue[str] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", str(CHECKOUT / "main.py"), "_prepare", scenario],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self._lines.put), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, self._errors.append), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: IO[str], keep: Callable[[str], None]) -> None:
        with stream:
            for line in stream:
                keep(line.strip())

    def done(self) -> bool:
        """Whether it has ended; `share` and `text` are up to date. InputError with its last line where it failed."""
        while not self._lines.empty():
            said = json.loads(self._lines.get())
            self.share, self.text = said["share"], said["text"]
        code = self._process.poll()
        if code is None:
            return False
        for reader in self._readers:
            reader.join(timeout=5.0)
        if code != 0:
            last = next((line for line in reversed(self._errors) if line), f"it ended with code {code}")
            raise InputError(last.removeprefix("pedicle: "))
        return True

    def stop(self) -> None:
        """The window closes: the process is not left behind."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
