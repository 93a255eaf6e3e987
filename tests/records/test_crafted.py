"""Records whose check sums fit and whose content makes no sense: one line of error, never a crash."""

import json
import math
import zlib

import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from game.cli.replay import replay
from game.records.record import Recorder, load, plain
from game.records.replay import compare, other_build, scenario_of, seed_of, versions
from game.session import Session, header
from game.simulation.controls import Control
from game.simulation.events import Event
from models.errors import InputError
from tests.records.test_record import SCENARIO, attempt
from tests.simulation import phantoms


def crafted(path, *lines, head=None):
    """A file of lines (JSON text) with check sums that fit; its path."""
    first = {
        "line": "header",
        "format": "pedicle-record",
        "version": 1,
        **(header(SCENARIO, 3) if head is None else head),
    }
    crc, out = 0, b""
    for text in (json.dumps(first, separators=(",", ":")), *lines):
        crc = zlib.crc32(text.encode(), crc)
        out += f'{text[:-1]},"crc":"{crc:08x}"}}\n'.encode()
    path.write_bytes(out)
    return path


@pytest.mark.parametrize(
    "line",
    [
        '{"line":"control","ms":Infinity,"name":"expose","values":{}}',
        '{"line":"control","ms":1e999,"name":"expose","values":{}}',
        '{"line":"control","ms":NaN,"name":"expose","values":{}}',
        '{"line":"control","ms":-1,"name":"expose","values":{}}',
        '{"line":"control","ms":true,"name":"expose","values":{}}',
        '{"line":"control","ms":0,"name":"expose","values":[]}',
        '{"line":"event","t":1e999,"kind":"noted","values":{},"needle":null}',
        '{"line":"event","t":0,"kind":"noted","values":{},"needle":[1,2]}',
        '{"line":"measured","t":1e999,"kind":"counted","values":{}}',
        '{"line":"hash","ms":1e999,"state":"0"}',
        '{"line":"path","rows":"abc"}',
        '{"line":"path","rows":5}',
        '{"line":"end","ms":1e999,"lines":1}',
        '{"line":["end"]}',
    ],
)
def test_a_line_without_sense_is_one_line_of_error(tmp_path, line):
    path = crafted(tmp_path / "a.pedicle", line)
    with pytest.raises(InputError, match=r"line 2: ") as error:
        load(path)
    assert "\n" not in str(error.value)


def test_controls_out_of_order_are_an_error(tmp_path):
    lines = [f'{{"line":"control","ms":{ms},"name":"expose","values":{{}}}}' for ms in (5, 4)]
    with pytest.raises(InputError, match=r"line 3: .*4 ms after one at 5 ms"):
        load(crafted(tmp_path / "a.pedicle", *lines))


@pytest.mark.parametrize("seed", [None, "3", 3.5, -1, True])
def test_a_header_without_a_seed_is_an_error(tmp_path, seed):
    head = header(SCENARIO, 3) | {"seed": seed}
    if seed is None:
        del head["seed"]
    record = load(crafted(tmp_path / "a.pedicle", head=head))
    with pytest.raises(InputError, match="line 1: no seed"):
        compare(record, SCENARIO, phantoms.phantom(), None)
    with pytest.raises(InputError):
        seed_of(record)


@pytest.mark.parametrize(
    "change",
    [
        {"target": 5},
        {"sides": ["front"]},
        {"sides": "left"},
        {"notes": [1]},
        {"difficulty": "hard"},
        {"recipe": None},
        {"recipe": {"provider": "none"}},
        {"more": 1},
    ],
)
def test_a_scenario_that_is_none_is_an_error_that_names_what(tmp_path, change):
    head = header(SCENARIO, 3)
    head["scenario"] |= change
    with pytest.raises(InputError, match=f"no scenario in the header .*{next(iter(change))}"):
        scenario_of(load(crafted(tmp_path / "a.pedicle", head=head)))


@pytest.mark.parametrize("scenario", [None, 5, "phantom", [], {}])
def test_no_scenario_is_an_error(tmp_path, scenario):
    head = header(SCENARIO, 3) | {"scenario": scenario}
    with pytest.raises(InputError, match="no scenario in the header"):
        scenario_of(load(crafted(tmp_path / "a.pedicle", head=head)))


def test_a_target_that_the_patient_lacks_is_an_error(tmp_path):
    head = header(SCENARIO, 3)
    head["scenario"] |= {"target": "T7"}
    record = load(crafted(tmp_path / "a.pedicle", head=head))
    with pytest.raises(InputError, match="'T7': the patient has no such level"):
        compare(record, scenario_of(record), phantoms.phantom(), None)


# ---- what is written


@given(st.recursive(st.floats() | st.integers() | st.text() | st.none(), lambda inner: st.lists(inner, max_size=4)))
def test_what_is_plain_is_json_of_finite_numbers(value):
    again = json.loads(json.dumps(plain(value), allow_nan=False))
    assert again == plain(value)


def test_a_figure_that_is_not_finite_is_stored_as_none(tmp_path):
    with_nan = np.array([1.0, math.nan])
    recorder = Recorder(tmp_path / "a.pedicle", header(SCENARIO, 3))
    recorder.happened(0, [Event(0.0, "noted", None, {"a": math.inf, "b": with_nan, "c": np.float32("nan")})], [], [])
    recorder.end(0)
    assert load(tmp_path / "a.pedicle").events[0].values == {"a": None, "b": [1.0, None], "c": None}
    assert b"NaN" not in (tmp_path / "a.pedicle").read_bytes()


def test_what_no_record_holds_is_an_error_of_the_program():
    with pytest.raises(TypeError, match="no object"):
        plain({"a": [object()]})


def test_an_attempt_with_figures_that_are_not_finite_is_replayed_the_same(tmp_path):
    path = tmp_path / "a.pedicle"
    session = Session(SCENARIO, phantoms.phantom(), 3, recorder=Recorder(path, header(SCENARIO, 3)))
    session.do("arm", orbital=math.nan)
    session.do("pose", tip=[math.nan, 90.0, 0.0], axis=[0.0, -1.0, 0.0], roll=[1.0, 0.0, 0.0])
    session.do("finish")
    session.close()
    record = load(path)
    assert [event.kind for event in record.events] == ["noted", "noted", "finished"]
    assert compare(record, scenario_of(record), phantoms.phantom(), None) is None


# ---- another build


def test_another_build_is_told_by_what_differs(tmp_path):
    head = header(SCENARIO, 3)
    assert other_build(load(crafted(tmp_path / "a.pedicle", head=head))) is None
    head["versions"] = versions() | {"laws": "00000000"}
    told = other_build(load(crafted(tmp_path / "b.pedicle", head=head)))
    assert told == f"made by another build: laws 00000000, here {versions()['laws']}"


def test_verify_says_first_that_another_build_made_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("models.provide.provide", lambda *_: phantoms.phantom(density=2.5))
    monkeypatch.setattr("game.session.versions", lambda: {"laws": "00000000"})
    attempt(tmp_path / "a.pedicle")
    with pytest.raises(typer.Exit) as ended:
        replay(file=tmp_path / "a.pedicle", verify=True)
    assert ended.value.exit_code == 1
    said = capsys.readouterr().out
    assert said.startswith("made by another build: python unknown")
    assert "first difference: event" in said


def test_a_control_is_kept_as_it_was_run(tmp_path):
    path = tmp_path / "a.pedicle"
    session = Session(SCENARIO, phantoms.phantom(), 3, recorder=Recorder(path, header(SCENARIO, 3)))
    session.do("table", left=np.float64(4.0))
    session.close()
    assert load(path).controls == [Control(0, "table", {"left": 4.0})]
