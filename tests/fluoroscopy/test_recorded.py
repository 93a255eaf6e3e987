"""A moment of a record in a picture: the same snapshot as the attempt's, the command that writes it, and what it refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from game.fluoroscopy import recorded
from game.records.record import load
from models.errors import InputError
from tests.records.test_record import SCENARIO, attempt
from tests.simulation import phantoms


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """(file, the attempt's own last snapshot)."""
    path = tmp_path_factory.mktemp("recorded") / "a.pedicle"
    return path, attempt(path).snapshot()


def test_the_last_moment_is_what_the_attempt_saw(kept):
    path, seen = kept
    record = load(path)
    pulse = recorded.last_pulse(record, SCENARIO, record.end_ms / 1000.0)
    shown = recorded.snapshot(record, phantoms.phantom(), pulse)
    assert (shown.t, shown.pose, shown.technique, shown.stylet) == (seen.t, seen.pose, seen.technique, seen.stylet)
    np.testing.assert_allclose(shown.needle.tip, seen.needle.tip)
    np.testing.assert_allclose(shown.needle.axis, seen.needle.axis)
    assert seen.cement.values.sum() > 0
    np.testing.assert_array_equal(shown.cement.values, seen.cement.values)
    np.testing.assert_array_equal(shown.cement.origin, seen.cement.origin)


def test_a_time_between_two_pictures_shows_the_earlier_one_and_no_cement_yet(kept):
    record = load(kept[0])
    pulses = [event for event in record.events if event.kind == "exposed"]
    gap = int(np.argmax(np.diff([event.t for event in pulses])))
    pulse = recorded.last_pulse(record, SCENARIO, (pulses[gap].t + pulses[gap + 1].t) / 2)
    assert pulse is pulses[gap]
    assert recorded.snapshot(record, phantoms.phantom(), pulses[0]).cement is None
    assert recorded.last_pulse(record, SCENARIO, pulses[gap + 1].t) is pulses[gap + 1]


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 1e6])
def test_a_time_that_the_record_does_not_have_is_refused_in_one_line(kept, seconds):
    with pytest.raises(InputError, match="--at") as said:
        recorded.last_pulse(load(kept[0]), SCENARIO, seconds)
    assert "\n" not in str(said.value)


def test_a_time_before_the_first_picture_and_another_scenario_are_refused(kept):
    record = load(kept[0])
    pulse = next(event for event in record.events if event.kind == "exposed")
    if pulse.t > 0:
        with pytest.raises(InputError, match="the first is at"):
            recorded.last_pulse(record, SCENARIO, 0.0)
    with pytest.raises(InputError, match="there is none in it"):
        recorded.last_pulse(replace(record, events=[]), SCENARIO, 0.0)
    with pytest.raises(InputError, match="a record of phantom, not of this other"):
        recorded.last_pulse(record, replace(SCENARIO, name="other"), record.end_ms / 1000.0)


def test_image_draws_the_moment_of_a_record(scope, kept, tmp_path, capsys, monkeypatch):
    from PIL import Image

    from game.cli.app import main

    monkeypatch.setattr("models.provide.provide", lambda *_: phantoms.phantom())
    monkeypatch.setattr("game.procedure.scenarios.load", lambda *_: SCENARIO)
    path, seen = kept
    at = ["--record", str(path), "--at", str(load(path).end_ms / 1000.0), "--json"]
    said = {}
    for name, view in (("held", []), ("lateral", ["--view", "left-lateral"])):
        assert main(["image", "phantom", "--out", str(tmp_path / f"{name}.png"), *view, *at]) == 0
        said[name] = json.loads(capsys.readouterr().out)
    assert said["held"]["orbital"] == seen.pose.orbital and said["held"]["mas"] == seen.technique.mas
    assert said["lateral"]["orbital"] == 90.0
    assert said["held"]["exposed_s"] == seen.t and said["held"]["needle"] and said["held"]["cement"]
    assert main(["image", "phantom", "--out", str(tmp_path / "bare.png"), "--orbital", str(seen.pose.orbital)]) == 0
    held, bare = (np.asarray(Image.open(tmp_path / f"{name}.png"), dtype=float) for name in ("held", "bare"))
    assert held.min() < bare.min() or (bare - held).max() > 60


@pytest.mark.parametrize("wrong", [["--at", "3"], ["--record", "x.pedicle"], ["--record", "x.pedicle", "--at", "3"]])
def test_half_of_a_moment_or_a_file_that_is_nowhere_is_one_line(wrong, tmp_path, capsys):
    from game.cli.app import main

    assert main(["image", "first-case", "--out", str(tmp_path / "x.png"), *wrong]) == 2
    said = capsys.readouterr().err.strip()
    assert "record" in said or "x.pedicle" in said
    assert "\n" not in said
