"""Records: round trip, cut off, damaged, foreign, played again, and the first version for ever."""

import base64
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.procedure.procedure import Procedure
from game.procedure.scenarios import Scenario, Start
from game.records.record import Recorder, event_to_json, load, plain
from game.records.replay import compare, scenario_of
from game.session import Session, header
from game.simulation.controls import Control
from models.carm import view
from models.errors import InputError
from models.recipe import SyntheticRecipe
from tests.simulation import phantoms
from tests.simulation.story import PEDICLE, TO_BONE_MM

FIXTURE = Path(__file__).parent / "data" / "v1.pedicle"

SCENARIO = Scenario(
    name="phantom",
    title="A box with pedicles",
    target="L2",
    sides=("left",),
    difficulty=1,
    brief="",
    notes=(),
    recipe=SyntheticRecipe(),
)


def perform(session):
    """A short attempt."""
    session.do("count", level="L2")
    left, posterior, superior = (-mm for mm in session.simulation.pose.isocentre)
    session.do("table", left=left, posterior=posterior, superior=superior)
    session.do("expose")
    column, row = view(session.snapshot().pose).project(PEDICLE)
    session.do("aim", column=float(column), row=float(row))
    session.do("push", mm=TO_BONE_MM - 1.0, mm_s=60.0)
    session.do("pedal", down=True)
    session.do("screw", mm=20.0, mm_s=8.0)
    session.do("pedal", down=False)
    session.do("mix")
    session.do("wait", seconds=300.0)
    session.do("stylet", present=False)
    session.do("inject", ml_s=0.1)
    session.do("wait", seconds=5.0)
    session.do("inject", ml_s=0.0)
    session.do("arm", orbital=40.0)
    session.do("expose")
    session.do("finish")


def attempt(path, procedure=True):
    """An attempt kept under `path`; the session."""
    patient = phantoms.phantom()
    watcher = Procedure(SCENARIO, patient) if procedure else None
    session = Session(SCENARIO, patient, 3, watcher, recorder=Recorder(path, header(SCENARIO, 3)))
    perform(session)
    session.close()
    return session


def verified(path, patient, observe=None):
    """The first difference between a record and its replay on `patient`."""
    record = load(path)
    scenario = scenario_of(record)
    return compare(record, scenario, patient, observe and observe(scenario, patient))


@cache
def written(folder):
    """The bytes of a whole record."""
    path = Path(folder) / "a.pedicle"
    attempt(path)
    return path.read_bytes()


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    return written(str(tmp_path_factory.mktemp("records")))


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "a.pedicle"
    session = attempt(path)
    record = load(path)
    assert record.state == "complete"
    assert [c.name for c in record.controls][:4] == ["count", "table", "expose", "aim"]
    assert [event_to_json(e) for e in record.events] == [plain(event_to_json(e)) for e in session.events]
    assert record.measured == session.measured
    assert record.header["seed"] == 3
    assert scenario_of(record) == SCENARIO
    assert record.end_ms == session.simulation.ms
    assert len(record.path_rows[0]) == 7
    assert max(row[1] for row in record.path_rows) > 10.0  # depth in bone
    assert not list(tmp_path.glob("*.part"))


def test_a_control_is_written_with_its_millisecond(tmp_path, data):
    path = tmp_path / "a.pedicle"
    path.write_bytes(data)
    record = load(path)
    assert [c.ms for c in record.controls] == sorted(c.ms for c in record.controls)
    aim = next(c for c in record.controls if c.name == "aim")
    push = next(c for c in record.controls if c.name == "push")
    assert push.ms == aim.ms + 1000  # aiming takes a second


def test_a_replay_of_the_same_controls_is_the_same(tmp_path, data):
    path = tmp_path / "a.pedicle"
    path.write_bytes(data)
    assert verified(path, phantoms.phantom(), Procedure) is None


def test_a_needle_that_was_taken_over_stands_in_the_replay_as_well(tmp_path):
    path, patient = tmp_path / "a.pedicle", phantoms.phantom()
    taken = replace(SCENARIO, start=Start(medial_mm=1.0, embedded_mm=3.0))
    session = Session(taken, patient, 3, Procedure(taken, patient), recorder=Recorder(path, header(taken, 3)))
    session.do("expose")
    session.do("screw", mm=2.0, mm_s=4.0)
    session.do("pull", mm=20.0, mm_s=10.0)
    session.do("finish")
    session.close()
    assert scenario_of(load(path)) == taken
    assert verified(path, patient, Procedure) is None


def test_a_replay_on_another_patient_names_the_first_step_that_differs(tmp_path, data):
    path = tmp_path / "a.pedicle"
    path.write_bytes(data)
    difference = verified(path, phantoms.phantom(density=2.5))
    assert difference is not None
    assert difference.startswith("event ")
    assert " s " in difference


def test_a_changed_control_is_found(tmp_path, data):
    path = tmp_path / "a.pedicle"
    path.write_bytes(data)
    record = load(path)
    at = next(n for n, c in enumerate(record.controls) if c.name == "screw")
    record.controls[at] = Control(record.controls[at].ms, "screw", {"mm": 21.0, "mm_s": 8.0})
    assert compare(record, SCENARIO, phantoms.phantom(), None) is not None


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0.0, 1.0))
def test_a_record_cut_anywhere_is_readable_up_to_there(tmp_path_factory, data, share):
    first = data.index(b"\n") + 1
    cut = first + round(share * (len(data) - first))
    path = tmp_path_factory.mktemp("cut") / "a.pedicle"
    path.write_bytes(data[:cut])
    record = load(path)
    whole = data[:cut].count(b"\n")
    assert record.complete == (cut >= len(data) - 1)
    kept = len(record.controls) + len(record.events) + len(record.measured) + len(record.marks)
    assert kept <= whole
    assert kept >= whole - 1 - data[:cut].count(b'{"line":"path"') - 1


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0.0, 0.999), change=st.integers(1, 255))
def test_one_wrong_byte_is_found_and_its_line_named(tmp_path_factory, data, share, change):
    at = int(share * (len(data) - 2))
    bad = bytearray(data)
    bad[at] ^= change
    path = tmp_path_factory.mktemp("bad") / "a.pedicle"
    path.write_bytes(bytes(bad))
    with pytest.raises(InputError) as error:
        load(path)
    assert str(path) in str(error.value)
    assert "line " in str(error.value)
    assert "\n" not in str(error.value)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_a_foreign_file_is_one_line_of_error(tmp_path_factory, junk):
    path = tmp_path_factory.mktemp("junk") / "a.pedicle"
    path.write_bytes(junk)
    with pytest.raises(InputError, match="line 1: no record"):
        load(path)


def test_a_line_left_out_is_found(tmp_path, data):
    lines = data.splitlines(keepends=True)
    del lines[len(lines) // 2]
    path = tmp_path / "a.pedicle"
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="damaged"):
        load(path)


def test_a_later_version_says_so(tmp_path, data):
    path = tmp_path / "a.pedicle"
    path.write_bytes(data.replace(b'"version":1', b'"version":2', 1))
    with pytest.raises(InputError, match="version 2, expected 1"):
        load(path)


def test_no_file_is_one_line_of_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "none.pedicle")


def test_nothing_half_written_stays_when_a_record_cannot_be_made(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        Recorder(tmp_path / "no folder" / "a.pedicle", header(SCENARIO, 1))
    (tmp_path / "taken.pedicle").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        Recorder(tmp_path / "taken.pedicle", header(SCENARIO, 1))
    assert [path.name for path in tmp_path.iterdir()] == ["taken.pedicle"]


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_kill_nine_loses_at_most_the_last_second(tmp_path):
    path = tmp_path / "a.pedicle"
    script = f"""
import sys
from pathlib import Path
from game.records.record import Recorder
from game.simulation.events import Event
recorder = Recorder(Path({str(path)!r}), {{}})
for ms in range(0, 10_000, 10):
    recorder.happened(ms, [Event(ms / 1000, "noted", None, {{"why": "x"}})], [], [])
print("written", flush=True)
sys.stdin.read()
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "written\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    record = load(path)
    assert record.state == "incomplete"
    assert record.events[-1].t >= 9.99 - 1.0


def test_an_incomplete_record_is_verified_as_far_as_it_goes(tmp_path, data):
    lines = data.splitlines(keepends=True)
    path = tmp_path / "a.pedicle"
    path.write_bytes(b"".join(lines[: len(lines) // 2]))
    assert verified(path, phantoms.phantom(), Procedure) is None


def test_a_key_picture_comes_back_with_what_it_was_taken_with(tmp_path):
    path = tmp_path / "a.pedicle"
    session = Session(SCENARIO, phantoms.phantom(), 3, recorder=Recorder(path, header(SCENARIO, 3, operator="nobody")))
    session.do("expose")
    session.do("finish")
    (shot,) = session.key_shots
    session.keep_image(shot, b"\x89PNG...")
    assert load(path).state == "incomplete"
    session.close()
    record = load(path)
    (image,) = record.images
    assert base64.b64decode(image["png"]) == b"\x89PNG..."
    assert (image["t"], image["reason"], image["kvp"]) == (0.0, "last", shot.snapshot.technique.kvp)
    assert image["pose"]["orbital"] == 0.0
    assert record.header["operator"] == "nobody"
    assert record.state == "complete"


def test_the_first_version_stays_readable():
    record = load(FIXTURE)
    assert record.state == "complete"
    assert record.header["version"] == 1
    assert scenario_of(record).target == "L2"
    assert len(record.controls) == 16
    assert {event.kind for event in record.events} >= {"exposed", "moved", "embedded", "mixed", "flowed", "finished"}
    assert record.measured[0].kind == "began"
    assert record.marks
    assert len(record.path_rows) > 100


# ---- the session


def test_a_session_shows_operators_no_coordinates(tmp_path):
    session = attempt(tmp_path / "a.pedicle", procedure=False)
    assert not any(isinstance(value, list | tuple) for value in session.readout().values())
    assert session.readout()["pulses"] > 10
    assert session.finished


def test_a_snapshot_is_of_the_last_exposure_and_not_of_now(tmp_path):
    session = Session(SCENARIO, phantoms.phantom(), 3)
    assert session.snapshot() is None
    session.do("expose")
    session.do("arm", orbital=30.0)
    assert session.snapshot().pose.orbital == 0.0
    session.do("expose")
    assert session.snapshot().pose.orbital == 30.0


def test_key_shots_keep_the_pictures_that_decisions_were_made_on(tmp_path):
    session = attempt(tmp_path / "a.pedicle", procedure=False)
    reasons = [shot.reason for shot in session.key_shots]
    assert reasons[0] == "advance"
    assert reasons[-1] == "last"
    cement = session.key_shots[-1].snapshot.cement
    assert cement is not None
    assert cement.values.sum() / 1000.0 == pytest.approx(session.readout()["injected_ml"], abs=1e-4)
