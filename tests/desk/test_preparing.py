"""What a case needs beforehand: when it counts as made, how the other process's faults are told, and that none stays behind."""

import json
import time
from dataclasses import replace

import pytest

from game.desk import preparing
from game.desk.preparing import Preparing
from models.errors import InputError
from models.recipe import SyntheticRecipe
from tests.records.test_record import SCENARIO


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A checkout with one source in each room that matters, and a cache of its own."""
    for room in preparing.SOURCES:
        (tmp_path / room).mkdir(parents=True)
        (tmp_path / room / "law.py").write_text("G = 9.81\n", encoding="utf-8")
    monkeypatch.setattr(preparing, "CHECKOUT", tmp_path)
    monkeypatch.setattr(preparing, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path


@pytest.fixture
def program(house):
    """program(text) puts a main.py there, as the other process runs it; all are stopped at the end."""
    begun = []

    def begin(text):
        (house / "main.py").write_text(f"import json, sys, time\n{text}\n", encoding="utf-8")
        begun.append(Preparing("phantom"))
        return begun[-1]

    yield begin
    for each in begun:
        each.stop()
        for reader in each._readers:
            reader.join(timeout=5.0)


def ended(process, seconds=20.0):
    """Waits for the other process as the window does."""
    ends = time.monotonic() + seconds
    while not process.done():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_the_mark_is_the_same_for_the_same_code_and_case(house):
    assert preparing.mark(SCENARIO) == preparing.mark(replace(SCENARIO, title="Another title", brief="other words"))


@pytest.mark.parametrize(
    "change", [{"recipe": SyntheticRecipe(seed=99)}, {"target": "L3"}], ids=["another recipe", "another level"]
)
def test_the_mark_changes_with_the_recipe_and_the_target(house, change):
    assert preparing.mark(SCENARIO) != preparing.mark(replace(SCENARIO, **change))


@pytest.mark.parametrize("room", preparing.SOURCES)
def test_the_mark_changes_with_a_source_of_each_room(house, room):
    before = preparing.mark(SCENARIO)
    (house / room / "law.py").write_text("G = 9.80\n", encoding="utf-8")
    assert preparing.mark(SCENARIO) != before


def test_prepared_means_marked_and_all_of_it_still_there(house):
    assert not preparing.is_prepared(SCENARIO)
    made, mark = house / "made.npz", preparing.mark(SCENARIO)
    made.touch()
    mark.parent.mkdir(parents=True)
    mark.write_text(json.dumps([str(made)]), encoding="utf-8")
    assert preparing.is_prepared(SCENARIO)
    made.unlink()
    assert not preparing.is_prepared(SCENARIO)


def test_a_damaged_mark_is_none(house):
    mark = preparing.mark(SCENARIO)
    mark.parent.mkdir(parents=True)
    mark.write_text("[", encoding="utf-8")
    assert not preparing.is_prepared(SCENARIO)


def test_what_the_other_process_says_is_the_progress(program):
    process = program('print(json.dumps({"share": 0.5, "text": sys.argv[2]}), flush=True); time.sleep(0.5)')
    ends = time.monotonic() + 20.0
    while process.share != 0.5 and time.monotonic() < ends:
        process.done()
        time.sleep(0.01)
    assert (process.share, process.text) == (0.5, "phantom")
    ended(process)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('print("pedicle: no such spine", file=sys.stderr); sys.exit(2)', "no such spine"),
        ('print("a warning\\npedicle: no such spine\\n", file=sys.stderr); sys.exit(2)', "no such spine"),
        ('raise KeyError("x")', "KeyError: 'x'"),
        ("sys.exit(7)", "it ended with code 7"),
    ],
)
def test_a_fault_of_the_other_process_is_one_line(program, text, line):
    process = program(text)
    with pytest.raises(InputError) as fault:
        ended(process)
    assert str(fault.value) == line


def test_stopping_leaves_no_process(program):
    process = program("time.sleep(600)")
    assert not process.done()
    process.stop()
    assert process._process.returncode is not None
    process.stop()  # a second time does no harm


def test_a_case_that_is_not_there_is_told_by_the_real_program():
    process = Preparing("frist-case")
    with pytest.raises(InputError, match="first-case") as fault:
        ended(process, 60.0)
    assert "\n" not in str(fault.value)
