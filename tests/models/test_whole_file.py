"""Files are there whole or not at all."""

from pathlib import Path

import pytest

from models.errors import InputError
from models.whole_file import written


def test_a_file_appears_under_its_name_only_once_it_is_whole(tmp_path: Path):
    path = tmp_path / "page.html"
    with written(path) as beside:
        beside.write_text("half", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "half"
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_what_stood_there_stays_when_the_writer_fails(tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), written(path) as beside:
        beside.write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert path.read_text(encoding="utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path):
    with (
        pytest.raises(InputError, match=r"page\.html: cannot be written") as told,
        written(tmp_path / "no folder" / "page.html") as beside,
    ):
        beside.write_text("half", encoding="utf-8")
    assert "\n" not in str(told.value)
