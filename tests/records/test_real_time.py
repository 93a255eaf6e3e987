"""Real time, as a window lives it (`put` and many small `advance`), and a script's `do`: one story, one record, one score."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.cli.replay import replay
from game.procedure.measured import to_json
from game.procedure.procedure import Procedure
from game.records.record import Recorder, event_to_json, load, plain
from game.session import Session, header
from tests.records.test_record import SCENARIO, attempt, verified
from tests.simulation import phantoms

SEED = 3


def begun(path):
    """A session of the attempt's scenario and its procedure, recorded under `path`."""
    patient = phantoms.phantom()
    procedure = Procedure(SCENARIO, patient)
    recorder = Recorder(path, header(SCENARIO, SEED))
    return Session(SCENARIO, patient, SEED, procedure, recorder=recorder), procedure


def live(session, until_ms, frames):
    """Frames of the lengths given, over and over, to a millisecond; a hundred times as long where a window would hurry."""
    while session.simulation.ms < until_ms:
        left = until_ms - session.simulation.ms
        session.advance(min(next(frames) * (100 if session.may_hurry else 1), left))


def lengths(frames):
    while True:
        yield from frames


@cache
def scripted():
    """The attempt by `do`: its record and its score."""
    with TemporaryDirectory() as folder:
        procedure = attempt(path := Path(folder) / "a.pedicle").procedure
        return load(path), procedure.result()


@given(st.lists(st.integers(1, 250), min_size=1, max_size=12))
@settings(max_examples=6)
def test_frames_of_any_length_give_the_same_events_states_path_and_score(tmp_path_factory, frames):
    then, score = scripted()
    session, procedure = begun(path := tmp_path_factory.mktemp("live") / "a.pedicle")
    frames = lengths(frames)
    for control in then.controls:
        live(session, control.ms, frames)
        session.put(control.name, **control.values)
    live(session, then.end_ms, frames)
    session.close()
    now = load(path)
    assert plain([c.__dict__ for c in now.controls]) == plain([c.__dict__ for c in then.controls])
    assert [event_to_json(event) for event in now.events] == [event_to_json(event) for event in then.events]
    assert now.marks == then.marks != []
    assert [plain(to_json(event)) for event in now.measured] == [plain(to_json(event)) for event in then.measured]
    assert now.path_rows == then.path_rows != []
    assert procedure.result() == score


CROSSED = (
    (0, "arm", {"orbital": 40.0}),
    (333, "table", {"left": 5.0, "superior": -3.0}),
    (700, "pedal", {"down": True}),
    (1001, "arm", {"tilt": 10.0}),
    (1500, "aim", {"column": 256.0, "row": 256.0}),
    (2777, "push", {"mm": 180.0, "mm_s": 10.0}),
    (3333, "pedal", {"down": False}),
    (4444, "shift", {"right": 2.0, "cranial": 1.0}),
    (4600, "rest", {}),
    (4601, "mix", {}),
    (5000, "stylet", {"present": False}),
    (6100, "inject", {"ml_s": 0.1}),
    (7000, "wait", {"seconds": 2.0}),
    (7500, "expose", {}),
    (9050, "inject", {"ml_s": 0.0}),
    (9051, "store", {}),
    (9500, "pull", {"mm": 20.0, "mm_s": 20.0}),
    (9700, "finish", {}),
)
"""(ms, control, values): each before the last one is done, as only a person in real time gives them."""


@pytest.fixture
def crossed(tmp_path):
    """The record of what was given crosswise, in frames of a window."""
    session, _ = begun(path := tmp_path / "a.pedicle")
    frames = lengths([17, 16, 17, 33, 250, 4])
    for ms, name, values in CROSSED:
        live(session, ms, frames)
        session.put(name, **values)
    live(session, 12_000, frames)
    session.close()
    return path


def test_a_record_made_in_real_time_is_the_same_when_it_is_played_again(crossed):
    assert {"exposed", "armed", "moved", "flowed", "finished"} <= {event.kind for event in load(crossed).events}
    assert verified(crossed, phantoms.phantom(), Procedure) is None


def test_replay_verify_says_so(crossed, monkeypatch, capsys):
    monkeypatch.setattr("models.provide.provide", lambda *_: phantoms.phantom())
    replay(file=crossed, verify=True)
    assert f"complete, {len(CROSSED)} controls" in (said := capsys.readouterr().out)
    assert "the replay is the same" in said
