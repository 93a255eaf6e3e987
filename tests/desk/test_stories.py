"""Two people at two windows, by real X events: one does a whole side, the other looks round, fails an exam and leaves.

Nothing of the program is imported: what they see is the watch file, the verdict stands in the record. Both work at once, as two
starts on one machine.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.desk.conftest import HOUSE, Screen
from tests.desk.person import Performer, Person
from tests.desk.scripted import acts

ACTS = Path(__file__).with_name("left-side.acts")
TOGETHER_S = 120.0
"""Wall time for both stories on two cores (issue 4)."""

BUSY = 2.0 * (os.cpu_count() or 1)
"""Load from which others share the machine so much that no time is promised; the two windows alone make about 2; assumed."""


HANGS_S = 2.0
"""A frame of an exposure as long as this is a window that hangs. What is reached where nobody else works (asked: 0.5 s, issue 4)
is measured, not tested: docs/verified.md.
"""


def lines(record):
    """The lines of a record."""
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def of_kind(record, kind):
    return [line for line in lines(record) if line["line"] == kind]


def replayed(record):
    """What `replay --verify` says, and its exit code."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(HOUSE / "main.py"), "replay", str(record), "--verify"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def left_side(train, display, record):
    """One whole side of first-case, then the debrief, then the window is closed."""
    window = train("first-case", "--record", str(record), on=display)
    person = Performer(display, window.watch)
    person.until(lambda seen: seen["page"] == "case", "the case opens", 60.0)
    slowest = 0.0
    for words in acts(ACTS):
        slowest = max(slowest, person.sees().get("slowest_exposing_s", 0.0))
        person.perform(words)
    assert 0.0 < slowest < HANGS_S
    person.clicks("home")
    person.clicks("quit")
    return window


def second(train, display, folder):
    """Turns the arm, gives a key to another action, ends an exam at once, begins again and closes the window in the middle."""
    window = train(on=display)
    person = Person(display, window.watch)
    person.until(lambda seen: seen["page"] == "start", "the start screen", 60.0)
    person.clicks("settings")
    person.clicks("keys")
    person.clicks("key:shoot")
    person.until(lambda seen: seen["waiting"] == "shoot", "the page waits for a key")
    person.press("b")
    person.until(lambda seen: seen["keys"]["shoot"] == "b", "the key is changed")
    person.clicks("back")
    person.until(lambda seen: seen["page"] == "settings", "back to the settings")
    person.clicks("back")
    person.until(lambda seen: seen["page"] == "start", "back to the start screen")
    person.clicks("mode:exam")
    person.clicks("start")
    person.until(lambda seen: seen["page"] == "case", "the exam opens", 60.0)
    person.knows()
    person.does("arm_left", 7)
    person.settled()
    assert person.now("orbital") == pytest.approx(7.0)
    person.does("shoot")
    person.until(lambda seen: seen["readout"]["pulses"] == 1, "a shot by the new key")
    person.does("anatomy")
    person.until(lambda seen: "learn mode" in seen["notice"], "no anatomy in an exam")
    person.does("finish")
    person.clicks("yes")
    assert person.until(lambda seen: seen["page"] == "debrief", "the debrief", 60.0)["verdict"] is False
    person.clicks("again")
    person.until(lambda seen: seen["page"] == "case", "once more", 60.0)
    person.knows()
    person.does("shoot")
    person.until(lambda seen: seen["readout"]["pulses"] == 1, "a shot")
    person.hold("pedal")
    person.until(lambda seen: seen["readout"]["pulses"] > 4, "the beam runs")
    person.press("Escape")
    person.clicks("leave")
    person.clicks("yes")
    person.clicks("quit")
    return window


@pytest.mark.timeout(400)
def test_one_side_by_a_person_scores_as_the_same_acts_scripted_while_another_fails_an_exam_and_leaves(
    train, screen, tmp_path
):
    record, other_screen, ended = tmp_path / "left.pedicle", Screen(), {}
    script = [sys.executable, "-m", "tests.desk.scripted", str(ACTS), "first-case", "1"]
    scripted = json.loads(subprocess.run(script, capture_output=True, text=True, check=True, cwd=HOUSE).stdout)
    began = time.monotonic()

    def beside():
        try:
            ended["window"] = second(train, other_screen.display, tmp_path)
        except BaseException as error:  # told by the test itself, below
            ended["error"] = error

    try:
        thread = threading.Thread(target=beside)
        thread.start()
        first = left_side(train, screen.display, record)
        thread.join(timeout=120.0)
        took = time.monotonic() - began
        if "error" in ended:
            raise ended["error"]
        assert first.ended()[0] == 0
        assert ended["window"].ended()[0] == 0
    finally:
        other_screen.close()
    assert took <= TOGETHER_S or os.getloadavg()[0] > BUSY
    _a_whole_side_is_recorded(record, scripted)
    _an_exam_failed_and_one_left(sorted((ended["window"].folder / "data").rglob("*.pedicle")))


def _a_whole_side_is_recorded(record, scripted):
    assert lines(record)[-1]["line"] == "end"
    assert len(of_kind(record, "image")) > 10
    assert replayed(record)[0] == 0
    report = [sys.executable, "-X", "utf8", str(HOUSE / "main.py"), "report", str(record), "--out", str(record.parent)]
    subprocess.run(report, check=True, capture_output=True, timeout=60)
    score = scored(record)
    assert scripted["critical_errors"] == []
    assert score == pytest.approx(scripted["score"], abs=5.0)


def scored(record):
    """The score that the program itself gives to the record."""
    asked = [sys.executable, "-m", "tests.desk.scored", str(record)]
    return float(subprocess.run(asked, capture_output=True, text=True, check=True, cwd=HOUSE).stdout)


def _an_exam_failed_and_one_left(records):
    exam, left = records
    assert lines(exam)[0]["mode"] == "exam"
    assert scored(exam) < 20.0
    assert [event["kind"] for event in of_kind(exam, "event")][-1] == "finished"
    assert lines(left)[-1]["line"] == "end"
    assert of_kind(left, "control")[-1]["values"] == {"down": False}, "the beam stops when the case is left"
    for record in records:
        assert replayed(record)[0] == 0
