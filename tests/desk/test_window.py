"""The window itself: other sizes, out of sight, without the keyboard, closed by its cross, without a screen."""

import ctypes
import ctypes.util
import os
import subprocess
import sys
import time

import pytest
from tests.desk.conftest import HOUSE
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
