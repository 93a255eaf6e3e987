"""The window itself: other sizes, out of sight, without the keyboard, closed by its cross, without a screen."""

import ctypes
import ctypes.util
import json
import os
import subprocess
import sys
import time

import pytest

from tests.desk.conftest import HOUSE, wait_for
from tests.desk.person import Person


@pytest.fixture
def person(train, screen, tmp_path):
    """Somebody in front of first-case."""
    window = train("first-case", "--mode", "practise", "--record", str(tmp_path / "first.pedicle"))
    made = Person(screen.display, window.watch)
    made.window, made.record = window, tmp_path / "first.pedicle"
    made.until(lambda seen: seen["page"] == "case", "the case opens", 60.0)
    made.id = made.x("search", "--name", "Pedicle").split()[-1]
    made.x("windowfocus", made.id)
    made.knows()
    return made


def record(person):
    """The text of the attempt's record."""
    return person.record.read_text(encoding="utf-8")


def test_losing_the_keyboard_while_the_pedal_is_held_stops_the_beam(person):
    person.hold("pedal")
    person.until(lambda seen: seen["beam"] and seen["readout"]["pulses"] >= 3, "the beam runs")
    other = _another_window_with_the_keyboard(person.display)
    person.until(lambda seen: not seen["beam"], "the beam stops")
    pulses = person.now("pulses")
    time.sleep(0.6)
    assert person.now("pulses") == pulses
    other()


def test_a_window_out_of_sight_lets_the_pedal_go_and_stops_simulated_time(person):
    person.hold("pedal")
    person.until(lambda seen: seen["beam"], "the beam runs")
    person.x("windowunmap", person.id)
    person.until(lambda seen: seen["minimised"] and not seen["beam"], "the beam stops")
    t = person.now("t_s")
    time.sleep(0.6)
    assert person.now("t_s") == t
    person.x("windowmap", person.id)
    person.until(lambda seen: not seen["minimised"] and seen["readout"]["t_s"] > t, "time goes on")


def test_another_size_of_the_window_moves_everything_and_pictures_can_still_be_pointed_at(person):
    person.x("windowsize", person.id, 1024, 720)
    seen = person.until(
        lambda seen: seen["size"] == [1024, 720] and seen["live"][0] + seen["live"][2] <= 1024, "narrower"
    )
    person.does("shoot")
    person.until(lambda seen: seen["readout"]["pulses"] == 1 and seen["pictures_ready"], "a picture")
    x, y = person.points_at(255.5, 255.5)
    assert (x, y) == pytest.approx(
        (seen["live"][0] + seen["live"][2] / 2, seen["live"][1] + seen["live"][3] / 2), abs=1.5
    )
    person.click(x, y)
    person.sent += 1
    person.settled()
    aimed = [line for line in record(person).splitlines() if '"name":"aim"' in line] or [""]
    deadline = time.monotonic() + 5.0
    while not aimed[0] and time.monotonic() < deadline:
        person.does("shoot")  # lines reach the disk each second of simulated time
        time.sleep(0.3)
        aimed = [line for line in record(person).splitlines() if '"name":"aim"' in line] or [""]
    assert '"column":25' in aimed[0]


def test_closing_the_window_by_its_cross_ends_the_record_whole(person):
    person.does("shoot")
    person.until(lambda seen: seen["readout"]["pulses"] == 1, "a shot")
    _ask_to_close(person.display, int(person.id))
    assert person.window.ended()[0] == 0
    assert '"line":"end"' in record(person).splitlines()[-1]


@pytest.mark.parametrize("key", ["Return", "space", "Escape"])
def test_a_key_that_answers_a_page_does_nothing_in_the_case(person, key):
    for action in ("count", "decide", "finish"):
        if action == "finish" and key != "Escape":
            continue  # there Return would end the procedure, as it should
        person.does(action)
        person.until(lambda seen: seen["page"] != "case", "a page")
        person.press(key)
        person.until(lambda seen: seen["page"] == "case", "the page closes")
        time.sleep(0.3)
    seen = person.sees()
    assert not seen["beam"]
    person.press("F3")  # the case still has the keyboard
    _end(person)
    assert {"inject", "pedal", "pause"}.isdisjoint(controls(person))


def test_a_key_held_together_with_shift_is_let_go_when_it_goes_up(person):
    person.x("keydown", "shift", "sleep", "0.2", "keydown", "Left", "sleep", "0.7")
    assert person.now("orbital") > 1.0  # it drives on
    person.x("keyup", "Left", "sleep", "0.1", "keyup", "shift")
    person.until(lambda seen: seen["arm_rests"], "the arm stops")
    assert person.now("orbital") < 60.0


def test_asked_to_end_by_the_system_the_record_is_whole(person):
    person.does("shoot")
    person.until(lambda seen: seen["readout"]["pulses"] == 1, "a shot")
    _end(person)
    assert '"line":"end"' in record(person).splitlines()[-1]


def test_a_record_that_cannot_be_written_is_said_in_one_line_and_the_next_case_opens(train, screen, tmp_path):
    window = train("first-case", "--record", str(tmp_path))
    made = Person(screen.display, window.watch)
    seen = made.until(lambda seen: seen["page"] == "start" and seen["notice"], "back at the start screen", 60.0)
    assert str(tmp_path) in seen["notice"]
    assert "\n" not in seen["notice"]
    made.clicks("start")
    made.until(lambda seen: seen["page"] == "case", "a case opens", 60.0)


def test_the_window_may_go_while_a_case_is_made_and_leaves_no_process_behind(train, screen, tmp_path):
    window = train("first-case", cache=tmp_path / "empty")  # nothing is cached: another process builds the patient
    made = Person(screen.display, window.watch)
    made.until(lambda seen: seen["page"] == "loading", "the patient is being built", 60.0)
    helper = f"/proc/{window.process.pid}/task/{window.process.pid}/children"
    wait_for(lambda: _read(helper), "the other process", 20.0)
    child = _read(helper).split()[0]
    window.process.terminate()
    assert window.ended()[0] == 0
    assert not _runs(child)


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def _runs(pid):
    try:
        return _read(f"/proc/{pid}/stat").split()[2] != "Z"
    except FileNotFoundError:
        return False


def _end(person):
    """Asks the window to end, as a system that shuts down."""
    person.window.process.terminate()
    assert person.window.ended()[0] == 0


def controls(person):
    """Names of the controls in the attempt's record."""
    return [line["name"] for line in map(json.loads, record(person).splitlines()) if line["line"] == "control"]


@pytest.mark.parametrize("display", [None, ":987"])
def test_without_a_screen_train_says_so_in_one_line_and_ends_with_3(display, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    if display is not None:
        environment["DISPLAY"] = display
    asked = [sys.executable, "-X", "utf8", str(HOUSE / "main.py"), "train", "first-case"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "screen" in done.stderr


def _another_window_with_the_keyboard(display):
    """Opens a small window that takes the keyboard; returns what closes it."""
    x11, server = _x(display)
    x11.XCreateSimpleWindow.restype = ctypes.c_ulong
    root = ctypes.c_ulong(x11.XDefaultRootWindow(server))
    window = ctypes.c_ulong(x11.XCreateSimpleWindow(server, root, 0, 0, 60, 40, 0, 0, 0))
    x11.XMapRaised(server, window)
    x11.XSync(server, 0)
    x11.XSetInputFocus(server, window, 1, 0)
    x11.XSync(server, 0)
    return lambda: x11.XCloseDisplay(server)


def _x(display):
    x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    x11.XInternAtom.restype = ctypes.c_ulong
    server = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
    assert server.value
    return x11, server


class _ClientMessage(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("room", ctypes.c_long * 24),
    )


def _ask_to_close(display, window):
    """What a window manager sends when the cross is clicked."""
    x11, server = _x(display)
    protocols, delete = (x11.XInternAtom(server, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    message = _ClientMessage(33, 0, 1, server.value, window, protocols, 32, (ctypes.c_long * 5)(delete, 0, 0, 0, 0))
    x11.XSendEvent(server, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XSync(server, 0)
    x11.XCloseDisplay(server)
