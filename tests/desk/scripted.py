"""The acts of a file without a window, by the session's controls alone: `python -m tests.desk.scripted FILE SEED` prints the score.

A process of its own, so that the test that compares imports nothing of game.
"""

import json
import sys
from pathlib import Path


def acts(path: Path) -> list[list[str]]:
    """The words of each act."""
    lines = (line.partition("#")[0].split() for line in path.read_text(encoding="utf-8").splitlines())
    return [words for words in lines if words]


class Script:
    """Performs acts on a session, each until it is done."""

    def __init__(self, session, target):
        self.session, self.target, self.kept, self.pixels = session, target, {}, {}

    def now(self, key):
        return self.session.readout()[key]

    def perform(self, words):
        getattr(self, "do_" + words[0].replace("-", "_"))(*words[1:])

    def do_side(self, side):
        self.session.do("side", side=side)

    def do_shot(self):
        self.session.do("expose")

    def do_table(self, way, mm):
        self.session.do("table", **{way: float(mm)})

    def do_count(self, level):
        self.session.do("count", level=level)

    def do_turn(self, axis, degrees):
        self.session.do("arm", **{axis: self.now(axis) + float(degrees)})

    def do_keep(self, name):
        self.kept[name] = {axis: self.now(axis) for axis in ("orbital", "tilt", "swivel")}

    def do_recall(self, name):
        self.session.do("arm", **self.kept[name])

    def do_preset(self, name):
        self.session.do("arm", orbital={"ap": 0.0, "left": 90.0, "right": -90.0}[name], tilt=0.0, swivel=0.0)

    def do_hurry(self):
        self.session.do("wait", seconds=10.0)

    def do_aim(self, column, row):
        self.session.do("aim", column=float(column), row=float(row))

    def do_point(self, where):
        self.session.do("bevel", clock={"right": 90.0, "left": 270.0}[where])

    def do_advance_to_bone(self):
        for _ in range(80):
            if self.now("contact"):
                return
            limit = {"most_n": 15.0} if self.now("skin_mm") > 5.0 else {}
            self.session.do("push", mm=2.0, mm_s=10.0, **limit)
        raise SystemExit("no bone was met")

    def do_bore(self, mm):
        self.session.do("screw", mm=float(mm), mm_s=2.0)

    def do_pedal(self, way):
        self.session.do("pedal", down=way == "down")

    def do_stylet(self):
        self.session.do("stylet", present=not self.now("stylet"))

    def do_mix(self):
        self.session.do("mix")

    def do_wait_for(self, word):
        while self.now("sample") != word:
            self.session.do("wait", seconds=10.0)

    def do_pause(self, seconds):
        self.session.do("wait", seconds=float(seconds))

    def do_inject(self, off):
        self.session.do("inject", ml_s=0.0)

    def do_inject_to(self, ml):
        self.session.do("inject", ml_s=0.1)
        for _ in range(600):
            if self.now("injected_ml") >= float(ml):
                return
            self.session.do("wait", seconds=0.1)

    def do_withdraw(self):
        self.session.do("pull", mm=180.0, mm_s=10.0)

    def do_finish(self):
        self.session.do("finish")


def main(path, scenario, seed):
    """The result of a file of acts."""
    from game.procedure.procedure import Procedure
    from game.procedure.scenarios import load
    from game.session import Session
    from game.settings import find_data
    from models.provide import provide

    task = load(scenario)
    patient = provide(task.recipe, find_data)
    procedure = Procedure(task, patient)
    script = Script(Session(task, patient, seed, procedure), task.target)
    for words in acts(Path(path)):
        script.perform(words)
    return procedure.result(), script, patient


if __name__ == "__main__":
    result, _, _ = main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    print(json.dumps({"score": result.score, "critical_errors": list(result.critical_errors)}))
