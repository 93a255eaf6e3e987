"""Settings, data folders and the log file."""

import logging
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

import game.log
from game import settings
from models.errors import InputError


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "settings.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_a_file_the_defaults_hold(tmp_path):
    assert settings.load_settings(tmp_path / "none.toml") == settings.Settings()


def test_a_file_is_read(file, tmp_path):
    read = settings.load_settings(file(f"log_level = 'debug'\ndata = ['{tmp_path.as_posix()}']"))
    assert read == settings.Settings("debug", (tmp_path,))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("log_levle = 'info'", ["'log_levle'", "Did you mean 'log_level'?"]),
        ("log_level = 'inf'", ["log_level = 'inf'", "Did you mean 'info'?"]),
        ("log_level = 3", ["log_level = 3", "expected debug"]),
        ("data = '/x'", ["data = '/x'", "list of folders"]),
        ("data = [1]", ["data = [1]"]),
        ("data = [", ["TOML"]),
    ],
)
def test_a_fault_names_the_file_the_key_and_what_was_expected(file, text, parts):
    path = file(text)
    with pytest.raises(InputError) as fault:
        settings.load_settings(path)
    assert all(part in str(fault.value) for part in [str(path), *parts])


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_the_answer_is_settings_or_an_input_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("settings") / "settings.toml"
    path.write_bytes(content)
    try:
        assert isinstance(settings.load_settings(path), settings.Settings)
    except InputError as fault:
        assert str(path) in str(fault)


def test_data_is_found_in_the_first_folder_that_has_it(tmp_path, monkeypatch):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        (folder / "both").touch()
    (folders[1] / "one").touch()
    monkeypatch.setenv("PEDICLE_DATA", os.pathsep.join(map(str, folders)))
    assert settings.find_data("both") == folders[0] / "both"
    assert settings.find_data("one") == folders[1] / "one"


def test_data_that_is_nowhere_says_which_and_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("PEDICLE_DATA", str(tmp_path / "mine"))
    with pytest.raises(InputError) as fault:
        settings.find_data("no_such_spine.nii.gz")
    assert "no_such_spine.nii.gz" in str(fault.value)
    assert all(str(folder) in str(fault.value) for folder in settings.data_folders())


@pytest.fixture
def log_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(game.log.platformdirs, "user_log_dir", lambda *_, **__: str(tmp_path / "log"))
    yield tmp_path / "log"
    root = logging.getLogger()
    for handler in [h for h in root.handlers if h.name == "pedicle's file"]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)


def test_the_log_keeps_its_level_and_starting_twice_writes_once(log_folder):
    game.log.start("debug")
    game.log.start("info")
    logging.getLogger("room").debug("unheard")
    logging.getLogger("room").info("heard")
    text = (log_folder / "pedicle.log").read_text(encoding="utf-8")
    assert text.count("heard") == 1


def test_a_folder_that_cannot_be_made_costs_the_log_not_the_program(log_folder):
    log_folder.write_text("a file where the folder should be", encoding="utf-8")
    game.log.start()
    logging.getLogger("room").info("lost")
