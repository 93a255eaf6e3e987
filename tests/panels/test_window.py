"""Pages in a real window: an X server, real clicks and keys by xdotool."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Person:
    """Somebody at the window."""

    def __init__(self, display: str, file: Path) -> None:
        self.environment = os.environ | {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        self.file = file

    def does(self, *words: object) -> None:
        """One xdotool command."""
        subprocess.run(["xdotool", *map(str, words)], env=self.environment, check=True, timeout=20)

    def sees(self) -> dict[str, Any]:
        """What the window says."""
        return json.loads(self.file.read_text()) if self.file.exists() else {"page": "", "places": {}, "calls": []}

    def waits(self, until: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Until something is so."""
        end = time.monotonic() + 20.0
        while time.monotonic() < end:
            seen = self.sees()
            if until(seen):
                return seen
            time.sleep(0.02)
        raise AssertionError(f"did not come: {self.sees()}")

    def clicks(self, button: str) -> None:
        """The left button on the middle of a button."""
        self.does("mousemove", *self.sees()["places"][button])
        time.sleep(0.15)  # the pointer is seen to be there before it is pressed
        self.does("click", 1)


@pytest.fixture
def person(needs: Callable[[object, str], None], tmp_path: Path) -> Iterator[Person]:
    for tool in ("Xvfb", "xdotool"):
        needs(shutil.which(tool), f"no {tool}")
    read, write = os.pipe()
    screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(screen, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as said:
        display = f":{said.readline().strip()}"
    made = Person(display, tmp_path / "seen.json")
    command = [sys.executable, "-m", "tests.panels.window", str(made.file)]
    window = subprocess.Popen(command, cwd=ROOT, env=made.environment, stderr=subprocess.DEVNULL)
    try:
        made.waits(lambda seen: seen["page"])
        made.window = window
        yield made
    finally:
        for process in (window, server):
            process.terminate()
            process.wait(10)


def test_a_person_chooses_by_mouse_remaps_a_key_and_quits(person: Person) -> None:
    person.does("mousemove", 20, 700)  # beside every button: nothing below the page hears it
    time.sleep(0.15)
    person.does("click", 1)
    person.clicks("mode:exam")
    person.clicks("start")
    person.waits(lambda seen: ["first-case", "exam"] in seen["calls"])
    person.clicks("settings")
    person.waits(lambda seen: seen["page"] == "KeysPage")
    person.clicks("key:x-ray.pedal")
    person.waits(lambda seen: seen["waiting"] == "x-ray.pedal")
    person.does("key", "w")  # taken
    time.sleep(0.2)
    person.does("key", "z")
    person.waits(lambda seen: "x-ray.pedal=z" in seen["calls"])
    person.clicks("key:x-ray.one picture")
    person.waits(lambda seen: seen["waiting"] == "x-ray.one picture")
    person.does("key", "shift+y")
    person.waits(lambda seen: "x-ray.one picture=shift-y" in seen["calls"])
    person.clicks("key:x-ray.one picture")
    person.waits(lambda seen: seen["waiting"] == "x-ray.one picture")
    person.does("keydown", "shift", "click", 4, "keyup", "shift")
    person.waits(lambda seen: "x-ray.one picture=shift-wheel_up" in seen["calls"])
    person.does("key", "Escape")
    person.waits(lambda seen: seen["page"] == "StartPage")
    person.clicks("quit")
    assert person.window.wait(20) == 0
    assert "mouse went through" not in person.sees()["calls"]


def test_a_person_without_a_mouse_starts_a_case_in_a_window_of_another_size(person: Person) -> None:
    person.does("search", "--sync", "--name", "Pedicle panels", "windowsize", "1500", "850")
    person.waits(lambda seen: seen["size"] == [1500, 850])
    person.does("mousemove", 700, 5)
    person.does("key", "Up")
    person.waits(lambda seen: seen["focused"] == "mode:exam")
    person.does("key", "Left", "Return", "Down")
    person.waits(lambda seen: seen["focused"] == "start")
    person.does("key", "Return")
    person.waits(lambda seen: ["first-case", "practise"] in seen["calls"])
    person.clicks("quit")
    assert person.window.wait(20) == 0
