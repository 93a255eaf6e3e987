"""A screen of its own for each window (Xvfb), and windows started as a person starts them."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]


class Screen:
    """An X server without a monitor."""

    def __init__(self, size="1280x720"):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
            pass_fds=(write,),
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as told:
            self.display = f":{told.readline().strip()}"

    def close(self):
        self.server.terminate()
        self.server.wait(timeout=20)


class Train:
    """`main.py train` on a screen, with settings and data of its own; caches are the user's."""

    def __init__(self, display, folder, *words, cache=None):
        self.watch, self.folder = folder / "watch.json", folder
        environment = os.environ | {
            "DISPLAY": display,
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
        }
        if cache is not None:
            environment["XDG_CACHE_HOME"] = str(cache)
        self.process = subprocess.Popen(
            [sys.executable, "-X", "utf8", str(HOUSE / "main.py"), "train", *words, "--watch", str(self.watch)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self, seconds=30.0):
        """(exit code, what it said on standard error)."""
        _, said = self.process.communicate(timeout=seconds)
        return self.process.returncode, said

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def screen(needs):
    needs(shutil.which("Xvfb") and shutil.which("xdotool"), "no Xvfb or xdotool: apt-get install xvfb xdotool")
    made = Screen()
    yield made
    made.close()


@pytest.fixture(scope="session")
def prepared():
    """What first-case needs lies in the caches: windows are timed from there on."""
    program = [sys.executable, "-X", "utf8", str(HOUSE / "main.py"), "_prepare", "first-case"]
    subprocess.run(program, check=True, capture_output=True, timeout=280)


@pytest.fixture
def train(screen, prepared, tmp_path):
    """train(words..., on=display) starts a window; all are closed at the end."""
    started = []

    def start(*words, on=None, cache=None):
        folder = Path(tempfile.mkdtemp(prefix="window", dir=tmp_path))
        started.append(Train(on or screen.display, folder, *words, cache=cache))
        return started[-1]

    yield start
    for each in started:
        each.close()


def wait_for(condition, what, seconds):
    """Polls until a condition holds."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")
