"""The command line as a contract: exit codes, one line for an error, common options, what an import costs."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

import game.cli
from game.cli import app
from models.errors import InputError, MissingError

CHECKOUT = Path(app.__file__).parent.parent.parent
HEAVY = ("numba", "numpy", "scipy", "panda3d", "trimesh", "skimage", "matplotlib", "nibabel", "rich", "pydantic")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Log and settings of the person who runs the tests are left alone."""
    for name in ("HOME", "USERPROFILE", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("PEDICLE_DATA", raising=False)
    yield tmp_path
    import logging

    for handler in [h for h in logging.getLogger().handlers if h.name == "pedicle's file"]:
        logging.getLogger().removeHandler(handler)
        handler.close()
    logging.getLogger().setLevel(logging.WARNING)


@pytest.fixture
def command(monkeypatch):
    """Puts a function in place as the subcommand `probe-it`, as if game/cli/probe_it.py held it."""

    def put(function):
        module = type(sys)("game.cli.probe_it")
        module.probe_it = function
        monkeypatch.setitem(sys.modules, "game.cli.probe_it", module)
        monkeypatch.setattr(app, "_modules", lambda: {"probe-it": "probe_it"})

    return put


def ends_with(error):
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("a.toml: level = 'L9': expected L1 to L5"), 2),
        (MissingError("no OpenGL"), 3),
        (typer.BadParameter("no"), 2),
        (typer.Exit(1), 1),
        (typer.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (ValueError("a\nb"), 70),
        (FileNotFoundError(2, "No such file or directory", "/nowhere/x.png"), 2),
        (FileNotFoundError(2, "No such file or directory", str(CHECKOUT / "models" / "tables" / "x.csv")), 70),
        (ModuleNotFoundError("no", name="numba.core"), 3),
        (ModuleNotFoundError("no", name="models.nothing"), 70),
        (RecursionError("deep"), 70),
    ],
)
def test_every_end_has_its_exit_code_and_at_most_one_line(command, capsys, error, code):
    command(ends_with(error))
    assert app.main(["probe-it"]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == (0 if code in (1, 130) else 1)


def test_our_fault_names_the_log_and_the_log_has_the_traceback(command, capsys):
    command(ends_with(ZeroDivisionError("division by zero")))
    assert app.main(["probe-it"]) == 70
    log = capsys.readouterr().err.rsplit("Log: ", 1)[1].strip()
    assert "Traceback" in Path(log).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["probe"], "Did you mean 'probe-it'?"),
        (["zzz"], "no subcommand 'zzz'"),
        (["probe-it", "--sede", "1"], "Did you mean '--seed'?"),
        (["--jsn"], "Did you mean '--json'?"),
        (["probe-it", "--seed", "x"], "--seed"),
        (["probe-it", "--log-level", "loud"], "'info'"),
        (["probe-it", "--data", "/no/such/folder"], "no such"),
        (["probe-it", "surplus"], "surplus"),
    ],
)
def test_wrong_use_is_one_line_that_helps_and_exit_2(command, capsys, arguments, expected):
    command(lambda: None)
    assert app.main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert expected.replace("no such", "no folder") in said.err


@pytest.mark.parametrize("order", [("--json", "--seed", "7", "probe-it"), ("probe-it", "--json", "--seed", "7")])
def test_common_options_stand_before_or_after_the_subcommand(command, capsys, order):
    command(lambda: game.cli.out({"seed": game.cli.options().seed}, "text"))
    assert app.main(order) == 0
    assert json.loads(capsys.readouterr().out) == {"seed": 7}


def test_common_options_do_not_outlive_their_command_line(command, capsys):
    command(lambda: game.cli.out({}, str(game.cli.options().seed)))
    app.main(["probe-it", "--json", "--seed", "7"])
    capsys.readouterr()
    app.main(["probe-it"])
    assert capsys.readouterr().out == "1\n"


def test_a_subcommand_may_declare_a_common_option_itself(command, capsys):
    def probe(seed: int = 3) -> None:
        print(seed)

    command(probe)
    assert app.main(["probe-it", "--seed", "5"]) == 0
    assert capsys.readouterr().out == "5\n"


def test_data_comes_before_pedicle_data(command, capsys, tmp_path, monkeypatch):
    from game.settings import data_folders

    (tmp_path / "first").mkdir()
    monkeypatch.setenv("PEDICLE_DATA", str(tmp_path / "second"))
    command(lambda: print(*[folder.name for folder in data_folders()[:2]]))
    assert app.main(["probe-it", "--data", str(tmp_path / "first")]) == 0
    assert capsys.readouterr().out == "first second\n"


def test_numpy_values_go_into_json_and_nan_does_not(command, capsys):
    import numpy as np

    command(lambda: game.cli.out({"a": np.float64(1.5), "b": np.arange(2), "c": Path("x")}, ""))
    assert app.main(["probe-it", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": 1.5, "b": [0, 1], "c": "x"}
    command(lambda: game.cli.out({"a": float("nan")}, ""))
    assert app.main(["probe-it", "--json"]) == 70


def test_without_a_subcommand_the_trainer_opens_and_without_a_screen_the_demo_runs_instead(
    command, capsys, monkeypatch
):
    from models.errors import MissingError

    def no_screen() -> None:
        raise MissingError("no window can be opened here")

    called = []
    monkeypatch.setattr(app, "_run", lambda context, name: called.append(name) or (name == "train" and no_screen()))
    assert app.main([]) == 0
    assert called == ["train", "demo"]
    assert "no window can be opened here. Running the demo instead." in capsys.readouterr().err


def test_each_module_of_the_command_line_holds_what_its_name_says(capsys):
    for name in app._modules():
        assert app.main([name, "--help"]) == 0, name
        shown = capsys.readouterr().out
        assert all(option in shown for option in ("--json", "--seed", "--log-level", "--data")), name


def python(*arguments):
    return subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=True)


def test_help_imports_nothing_heavy():
    script = f"""
import sys
from game.cli.app import main
main(["--help"])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    assert python("-c", script).stderr.strip() == "[]"


def test_help_answers_within_a_second_on_a_busy_machine():
    def once():
        begun = time.perf_counter()
        python("-c", "from game.cli.app import main; main(['--help'])")
        return time.perf_counter() - begun

    assert min(once() for _ in range(5)) < 1.0


def test_a_reader_who_leaves_early_is_met_with_silence():
    script = "import sys; from game.cli.app import main; sys.exit(main(['--help']))"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as left:
        left.stdout.close()
        assert left.stderr.read() == b""
    assert left.returncode == 141
