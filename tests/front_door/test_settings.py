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
    ("text", "read"),
    [
        ("text_scale = 1", settings.Settings(text_scale=1.0)),
        ("text_scale = 1.3", settings.Settings(text_scale=1.3)),
        ("pedal = 'toggle'", settings.Settings(pedal="toggle")),
        ("[keys]\nshoot = 'f'\nstore = 'shift-f'", settings.Settings(keys={"shoot": "f", "store": "shift-f"})),
    ],
)
def test_the_windows_settings_are_read(file, text, read):
    assert settings.load_settings(file(text)) == read


def test_a_setting_is_kept_and_nothing_else_in_the_file_is_touched(file):
    path = file("# mine\npedal = 'hold' # for now\n\n[keys] # as at home\nshoot = 'f'\n")
    settings.keep_setting("text_scale", 1.25, path)
    settings.keep_setting("pedal", "toggle", path)
    text = path.read_text(encoding="utf-8")
    assert settings.load_settings(path) == settings.Settings(text_scale=1.25, pedal="toggle", keys={"shoot": "f"})
    assert all(comment in text for comment in ("# mine", "# for now", "# as at home"))


def test_a_file_that_cannot_be_read_is_not_written_over(file):
    path = file("data = [")
    with pytest.raises(InputError):
        settings.keep_setting("pedal", "toggle", path)
    assert path.read_text(encoding="utf-8") == "data = ["


def test_the_first_setting_makes_the_file_and_its_folder(tmp_path):
    path = tmp_path / "new" / "settings.toml"
    settings.keep_setting("pedal", "toggle", path)
    assert settings.load_settings(path) == settings.Settings(pedal="toggle")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("log_levle = 'info'", ["'log_levle'", "Did you mean 'log_level'?"]),
        ("log_level = 'inf'", ["log_level = 'inf'", "Did you mean 'info'?"]),
        ("log_level = 3", ["log_level = 3", "expected debug"]),
        ("data = '/x'", ["data = '/x'", "list of folders"]),
        ("data = [1]", ["data = [1]"]),
        ("data = [", ["TOML"]),
        ("text_scale = 0.9", ["text_scale = 0.9", "from 1 to 1.3"]),
        ("text_scale = 1.4", ["text_scale = 1.4", "from 1 to 1.3"]),
        ("text_scale = nan", ["text_scale = nan", "from 1 to 1.3"]),
        ("text_scale = true", ["text_scale = True", "from 1 to 1.3"]),
        ("text_scale = '1.5'", ["text_scale = '1.5'", "from 1 to 1.3"]),
        ("pedal = 'press'", ["pedal = 'press'", "hold or toggle"]),
        ("pedal = ['hold']", ["pedal = ['hold']", "hold or toggle"]),
        ("keys = 'x'", ["keys = 'x'", "table of action = key"]),
        ("[keys]\nshoot = 3", ["keys = {'shoot': 3}", "table of action = key"]),
        ("[keys]\nshoot = ''", ["keys = {'shoot': ''}", "table of action = key"]),
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
