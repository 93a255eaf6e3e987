"""What tests/conftest.py gives to every room: `needs`, and leaving out what is long."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent


def test_needs_is_silent_where_the_need_is_met(needs):
    needs(True, "nothing lacks")


def test_needs_skips_with_its_reason(needs, monkeypatch):
    monkeypatch.delenv("PEDICLE_STRICT", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no OpenGL"):
        needs(False, "no OpenGL")


def test_needs_fails_where_nothing_may_be_skipped(needs, monkeypatch):
    monkeypatch.setenv("PEDICLE_STRICT", "1")
    with pytest.raises(pytest.fail.Exception, match="no OpenGL"):
        needs(False, "no OpenGL")


@pytest.mark.parametrize(("arguments", "expected"), [([], "1 passed, 1 deselected"), (["--long"], "2 passed")])
def test_long_tests_run_only_when_asked_for(tmp_path, arguments, expected):
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long\n", encoding="utf-8")
    text = "import pytest\ndef test_short(): pass\n@pytest.mark.long\ndef test_long(): pass\n"
    (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert expected in ran.stdout
