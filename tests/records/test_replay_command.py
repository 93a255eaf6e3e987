"""`replay`: what it says and the exit codes it ends with."""

import pytest
import typer

from game.cli.replay import replay
from models.errors import InputError
from tests.records.test_record import attempt
from tests.simulation import phantoms


@pytest.fixture
def built(monkeypatch):
    """The patient that recipes come out as, by name of the difference to the attempt's."""
    chosen = {"patient": phantoms.phantom()}
    monkeypatch.setattr("models.provide.provide", lambda *_: chosen["patient"])
    return chosen


def test_it_says_what_a_record_holds(tmp_path, capsys):
    attempt(tmp_path / "a.pedicle")
    replay(file=tmp_path / "a.pedicle", verify=False)
    assert "complete, 17 controls" in capsys.readouterr().out


def test_the_same_again_ends_well(tmp_path, capsys, built):
    attempt(tmp_path / "a.pedicle")
    replay(file=tmp_path / "a.pedicle", verify=True)
    assert "the replay is the same" in capsys.readouterr().out


def test_a_difference_ends_with_one_and_names_the_step(tmp_path, capsys, built):
    attempt(tmp_path / "a.pedicle")
    built["patient"] = phantoms.phantom(density=2.5)
    with pytest.raises(typer.Exit) as ended:
        replay(file=tmp_path / "a.pedicle", verify=True)
    assert ended.value.exit_code == 1
    assert "first difference: event" in capsys.readouterr().out


def test_a_foreign_file_ends_with_two(tmp_path):
    (tmp_path / "a.pedicle").write_text("hello\n")
    with pytest.raises(InputError) as error:
        replay(file=tmp_path / "a.pedicle", verify=True)
    assert error.value.exit_code == 2
