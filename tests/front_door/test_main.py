"""main.py: what it may contain, and when .venv counts as set up. No network: the tools are replaced."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import main as front_door

CHECKOUT = Path(front_door.__file__).parent
SOURCE = (CHECKOUT / "main.py").read_text(encoding="utf-8")
ALLOWED_AT_TOP = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of its own with two locked files and no .venv, in a folder with an awkward name."""
    here = tmp_path / "p é dicle"
    here.mkdir()
    (here / "requirements.txt").write_text("numpy==2 --hash=é\n", encoding="utf-8")
    (here / "requirements-test.txt").write_text("pytest==9\n", encoding="utf-8")
    monkeypatch.setattr(front_door, "HERE", str(here))
    monkeypatch.setattr(front_door, "VENV", str(here / ".venv"))
    monkeypatch.setattr(front_door, "PYTHON", str(here / ".venv" / "python"))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(front_door, "check_gl", lambda *_: None)
    return here


@pytest.fixture
def tools(checkout, monkeypatch):
    """Stands in for every tool that is run: writes down the command, makes .venv, fails where told to."""
    ran = []
    ran_in = type("Tools", (), {"ran": ran, "failing": lambda command: False})

    def run(command, lock):
        ran.append(command)
        if ran_in.failing(command):
            return "it went wrong"
        if "venv" in command:
            Path(front_door.VENV).mkdir()
            Path(front_door.PYTHON).touch()
        return ""

    monkeypatch.setattr(front_door, "run", run)
    return ran_in


def test_it_parses_on_python_3_6():
    ast.parse(SOURCE, feature_version=(3, 6))


def test_an_old_python_is_told_in_one_line_what_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    assert front_door.main(["--help"]) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "3.11 to 3.14" in said


def test_it_is_under_200_lines():
    assert len(SOURCE.splitlines()) < 200


def test_it_imports_only_the_standard_library_and_the_application():
    names = set()
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    assert names - sys.stdlib_module_names == {"game"}


def test_its_top_level_only_defines():
    docstring, *body, last = ast.parse(SOURCE).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(last, ast.If)
    assert [node for node in body if not isinstance(node, ALLOWED_AT_TOP)] == []


def test_no_tool_is_run_by_a_shell():
    assert "shell" not in {k.arg for n in ast.walk(ast.parse(SOURCE)) if isinstance(n, ast.Call) for k in n.keywords}
    assert "os.system" not in SOURCE


def test_set_up_makes_the_environment_then_installs_then_stamps(tools):
    front_door.ensure("requirements.txt")
    made, installed = tools.ran
    assert made[1:3] == ["-m", "venv"]
    assert "--require-hashes" in installed
    assert front_door.is_set_up("requirements.txt")


def test_a_second_start_runs_no_tool(tools, capsys):
    front_door.ensure("requirements.txt")
    tools.ran.clear()
    capsys.readouterr()
    front_door.ensure("requirements.txt")
    assert tools.ran == []
    assert capsys.readouterr() == ("", "")


def test_a_changed_lock_wipes_and_builds_again(tools, checkout):
    front_door.ensure("requirements.txt")
    (checkout / ".venv" / "left over").touch()
    (checkout / "requirements.txt").write_text("numpy==3\n", encoding="utf-8")
    assert not front_door.is_set_up("requirements.txt")
    front_door.ensure("requirements.txt")
    assert front_door.is_set_up("requirements.txt")
    assert not (checkout / ".venv" / "left over").exists()


def test_another_python_is_not_set_up(tools, monkeypatch):
    front_door.ensure("requirements.txt")
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    assert not front_door.is_set_up("requirements.txt")


def test_a_vanished_interpreter_is_not_set_up(tools):
    front_door.ensure("requirements.txt")
    os.remove(front_door.PYTHON)
    assert not front_door.is_set_up("requirements.txt")


@pytest.mark.parametrize("stamp", [b"", b"cpython-311 linux", b"\xff\xfe"])
def test_a_torn_stamp_is_no_stamp(tools, checkout, stamp):
    front_door.ensure("requirements.txt")
    (checkout / ".venv" / "requirements.txt.stamp").write_bytes(stamp)
    assert not front_door.is_set_up("requirements.txt")


def test_an_interrupted_install_leaves_no_stamp_and_the_next_start_begins_again(tools):
    def interrupt(command):
        if "install" in command:
            raise KeyboardInterrupt
        return False

    tools.failing = interrupt
    with pytest.raises(KeyboardInterrupt):
        front_door.ensure("requirements.txt")
    assert not front_door.is_set_up("requirements.txt")
    tools.failing = lambda command: False
    front_door.ensure("requirements.txt")
    assert front_door.is_set_up("requirements.txt")


def test_an_interrupted_wipe_never_leaves_the_old_stamp_in_place(tools, checkout, monkeypatch):
    front_door.ensure("requirements.txt")
    old = (checkout / "requirements.txt").read_text(encoding="utf-8")
    (checkout / "requirements.txt").write_text("numpy==3\n", encoding="utf-8")

    def interrupted(path, ignore_errors=False):
        if os.path.exists(path):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", interrupted)
        front_door.ensure("requirements.txt")
    (checkout / "requirements.txt").write_text(old, encoding="utf-8")
    assert not front_door.is_set_up("requirements.txt")


def test_the_test_tools_are_added_without_touching_the_environment(tools, checkout):
    front_door.ensure("requirements.txt")
    (checkout / ".venv" / "numpy").touch()
    tools.ran.clear()
    front_door.ensure("requirements-test.txt")
    assert len(tools.ran) == 1
    assert (checkout / ".venv" / "numpy").exists()
    assert front_door.is_set_up("requirements-test.txt")


def test_without_venv_a_person_who_is_not_root_is_told_the_command(tools, monkeypatch):
    tools.failing = lambda command: "venv" in command
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    with pytest.raises(front_door.SetUpError, match=r"sudo apt-get install -y python3\.\d+-venv"):
        front_door.ensure("requirements.txt")
    assert not any("apt-get" in command for command in tools.ran)


def test_no_system_forbids_apt_get_to_root_too(tools, monkeypatch):
    tools.failing = lambda command: "venv" in command
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    with pytest.raises(front_door.SetUpError, match="sudo apt-get"):
        front_door.ensure("requirements.txt", system=False)
    assert not any("apt-get" in command for command in tools.ran)


def test_without_venv_root_gets_it_by_apt_get_and_set_up_goes_on(tools, monkeypatch):
    tools.failing = lambda command: "venv" in command and not any("install" in c for c in tools.ran if "apt-get" in c)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    real = os.path.exists
    monkeypatch.setattr(os.path, "exists", lambda path: path == "/etc/debian_version" or real(path))
    front_door.ensure("requirements.txt")
    assert front_door.is_set_up("requirements.txt")


def test_no_network_is_one_line_and_exit_3(tools, capsys):
    tools.failing = lambda command: "install" in command
    assert front_door.main([]) == 3
    *progress, last = capsys.readouterr().err.splitlines()
    assert "is there a network? (it went wrong)" in last
    assert all("installing" in line for line in progress)


def test_the_lock_holds_off_a_second_start_and_falls_with_its_holder(tmp_path, needs):
    needs(os.name != "nt", "the lock is inherited on POSIX only")
    file = tmp_path / "lock"
    with open(file, "a") as first, open(file, "a") as second:
        assert front_door.took_lock(first.fileno())
        assert not front_door.took_lock(second.fileno())
        # A tool that outlives a killed main.py goes on holding it.
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(first.fileno(),)) as tool:
            first.close()
            assert not front_door.took_lock(second.fileno())
            tool.stdin.close()
        assert front_door.took_lock(second.fileno())


def test_a_start_that_waited_does_not_build_again(tools, monkeypatch, capsys):
    front_door.ensure("requirements.txt")
    answers = iter([False, True])
    monkeypatch.setattr(front_door, "is_set_up", lambda _: next(answers))
    tools.ran.clear()
    front_door.ensure("requirements.txt")
    assert tools.ran == []


def test_a_failing_tool_is_reported_by_its_last_error_line(tmp_path):
    script = "print('ERROR: no such package'); print('hint: look again'); raise SystemExit(1)"
    with open(tmp_path / "lock", "a") as lock:
        assert front_door.run([sys.executable, "-c", script], lock.fileno()) == "ERROR: no such package"
        assert front_door.run([sys.executable, "-c", "print('error: none, really')"], lock.fileno()) == ""
        assert "no-such-tool" in front_door.run(["no-such-tool"], lock.fileno())
