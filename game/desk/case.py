"""One attempt in the window: keys and mouse to the hands, wall time to simulated time, what happened to the views.

In: actions, mouse, frames. Out: a record; in the end a result and a debrief's page. Not here: pages round it (desk.py).
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from game.debrief.shelf import report
from game.desk.hands import Hands
from game.desk.modes import Mode
from game.desk.pace import Pace
from game.desk.views import Views
from game.fluoroscopy.display import png
from game.procedure import rules
from game.procedure.coach import Coach
from game.procedure.procedure import Procedure
from game.procedure.scenarios import Scenario
from game.procedure.score import Result
from game.records.record import Recorder
from game.session import Session, header
from models.errors import InputError, PedicleError
from models.patient import Patient

VIEWPOINTS = {
    "view_operator": "operator",
    "view_monitor": "monitor",
    "view_head": "head",
    "view_needle": "needle",
}
ORBIT_RAD_PX = 0.005
ZOOM = 1.12
"""A turn of the room's camera for each pixel dragged, and its zoom for each notch; assumed."""

LET_GO_S = 0.4
"""Time constant with which the force shown fades once the hand rests; assumed."""

DRAG_PX = 3.0
"""A press that moves less than this is a click; assumed."""


class Case:
    """A trainee at work."""

    def __init__(
        self, views: Views, task: Scenario, patient: Patient, mode: Mode, seed: int, path: Path, pedal_toggles: bool
    ) -> None:
        self.views, self.task, self.mode, self.path = views, task, mode, path
        self.notices: list[str] = []  # for whoever shows them
        self.procedure = Procedure(task, patient)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{path}: the record cannot be written ({error.strerror or error})") from None
        self.recorder = Recorder(path, header(task, seed, operator="trainee", mode=mode.name))
        self.session = Session(task, patient, seed, self.procedure, recorder=self.recorder)
        self.hands = Hands(self.session, pedal_toggles, self.notices.append)
        self.pace = Pace()
        self.coach = Coach(task, rules.load()) if mode.guided else None
        self.readout = self.session.readout()
        self._photographs: dict[float, NDArray[np.uint8]] = {}  # of key shots, by the time of their exposure
        self.page: Path | None = None  # the debrief's
        self._told = 0  # measured events that the coach has heard
        self.acts: tuple[str, ...] = ()  # what the step that is due needs
        self.strip: Callable[[tuple[str, ...]], None] = lambda acts: None  # shows their keys first
        self._rested_s = 0.0
        self._storing = False  # the held picture is to be kept as reference, once it is whole on the screen
        self._press: tuple[str, tuple[float, float], tuple[float, float]] | None = None  # where, mouse, detector pixel

    # ---- keys and mouse

    def press(self, action: str, now: float, mouse: tuple[float, float] | None) -> None:
        """An action's key goes down."""
        self.session.advance(self.pace.rest_of_wait())  # it is over before anything else is done
        if action in ("step_in", "step_out") and mouse is not None and self.views.layout.room.contains(*mouse):
            self.views.theatre.zoom(ZOOM if action == "step_in" else 1.0 / ZOOM)
        elif action in VIEWPOINTS:
            self.views.theatre.look(VIEWPOINTS[action])
        elif action == "arrangement":
            self.views.arrange()
        elif action in ("anatomy", "landmarks"):
            self._show(action)
        elif action == "centre":
            self._centre(mouse)
        elif action == "store":
            self._storing = True
        elif self.hands.press(action, now) and self.hands.hurry_ms:
            self.pace.hurry(self.hands.hurry_ms)
            self.hands.hurry_ms = 0

    def release(self, action: str) -> None:
        """An action's key goes up."""
        self.hands.release(action)

    def _show(self, what: str) -> None:
        """Anatomy or landmarks, where the mode has them."""
        if not self.mode.guided:
            self.notices.append(f"The {what} can be seen in learn mode only.")
        elif what == "anatomy":
            self.views.see_through()
        else:
            self.views.landmarks = not self.views.landmarks

    def _centre(self, mouse: tuple[float, float] | None) -> None:
        pixel = None if mouse is None else self.views.pixel(*mouse)
        if pixel is not None:
            self.hands.centre(*pixel)

    def mouse_down(self, x: float, y: float) -> None:
        """The left button goes down: on the live picture it points, on the room it turns the view."""
        pixel = self.views.pixel(x, y)
        if pixel is not None:
            self._press = ("picture", (x, y), pixel)
        elif self.views.layout.room.contains(x, y):
            self._press = ("room", (x, y), (0.0, 0.0))

    def mouse_moved(self, x: float, y: float) -> None:
        """With the left button down."""
        if self._press is None:
            return
        where, before, start = self._press
        if where == "room":
            if (x, y) != before:
                self.views.theatre.orbit(ORBIT_RAD_PX * (before[0] - x), ORBIT_RAD_PX * (y - before[1]))
                self._press = (where, (x, y), start)
            return
        pixel = self.views.pixel(x, y)
        if pixel is not None:
            self.views.point(start if self.hands.in_patient else None, pixel)

    def _aim(self, column: float, row: float) -> None:
        """The trocar is held there, where the drape leaves the skin bare."""
        if not self.views.bare(self.session.entry(column, row)):
            self.notices.append("The drape covers the skin there: only its opening is prepared.")
        else:
            self.hands.aim(column, row)

    def mouse_lost(self) -> None:
        """The left button is no longer followed: outside the window, under a page."""
        self._press = None
        self.views.point(None, None)

    def mouse_up(self, x: float, y: float, shift: bool) -> None:
        """The left button is let go: the trocar is aimed there, or, in soft tissue, moved or leaned by what was dragged."""
        pressed, self._press = self._press, None
        self.views.point(None, None)
        if pressed is None or pressed[0] != "picture":
            return
        end = self.views.pixel(x, y)
        if end is None:
            return
        if not self.hands.in_patient:
            self._aim(*end)
        elif abs(end[0] - pressed[2][0]) + abs(end[1] - pressed[2][1]) >= DRAG_PX:
            self.hands.drag(end[0] - pressed[2][0], pressed[2][1] - end[1], lean=shift)

    # ---- time

    def frame(self, now: float, seconds: float, running: bool) -> None:
        """One frame: simulated time goes on where it is running, then everything is shown."""
        session = self.session
        self._photograph()
        if self._storing and self.views.live.shown is session.snapshot():
            self._storing = False
            session.put("store")
        if running and not session.finished:
            self.hands.frame(now)
            session.advance(self.pace.due(seconds, session.may_hurry))
        self._rested_s = 0.0 if not session.hand_free else self._rested_s + seconds
        self.readout = session.readout() | {"rate_ml_s": self.hands.rate_ml_s, "pace": self.pace.factor}
        self.readout["force_n"] *= math.exp(-self._rested_s / LET_GO_S)  # a hand that rests no longer feels the bone
        for event in session.events:
            if event.kind == "noted":
                self.notices.append(str(event.values["why"]))
        if self.coach is not None:
            self._guide(self.coach)
        self.views.frame(session, now, self.readout)

    def _photograph(self) -> None:
        """Keeps the picture of a key shot while it is on the screen: else all would have to be drawn again at the end."""
        shots, shown = self.session.key_shots, self.views.live.shown
        if shots and shots[-1].snapshot is shown and shown.t not in self._photographs:
            kept = {shot.snapshot.t for shot in shots}
            self._photographs = {t: grey for t, grey in self._photographs.items() if t in kept}
            self._photographs[shown.t] = self.views.live.grey()

    def _guide(self, coach: Coach) -> None:
        """The step that is due, with the conditions that the pictures show as met."""
        measured = self.session.measured
        if len(measured) > self._told:
            coach.observe(measured[self._told :])
            self._told = len(measured)
        step = coach.now(float(self.readout["t_s"]))
        self.views.step.show(step.number, step.title, step.do, step.done, step.why)
        if step.acts != self.acts:
            self.acts = step.acts
            self.strip(step.acts)

    # ---- the end

    def ending(self) -> Iterator[tuple[float, str]]:
        """After `finish`: pictures into the record, the record closed, its page written; says how far it is."""
        session, shots = self.session, self.session.key_shots
        for number, shot in enumerate(shots):
            kept = self._photographs.get(shot.snapshot.t)
            if kept is None:
                yield number / (len(shots) + 1), "drawing the pictures of what you decided on"
            drawn = self.views.live.png(shot.snapshot, session.seed) if kept is None else png(kept)
            session.keep_image(shot, drawn)
        session.close()
        yield 0.95, "writing the debrief"
        try:
            self.page = report([self.path], self.path.parent)[0][0]
        except PedicleError as error:  # the score is shown all the same
            self.notices.append(str(error))

    @property
    def result(self) -> Result:
        """The score of what was done so far."""
        return self.procedure.result()

    def close(self) -> None:
        """The record is whole, whatever happened; everything drawn is given back."""
        try:
            if not self.session.finished:
                self.hands.let_go()
            self.session.close()
        finally:
            self.views.close()


def free_path(folder: Path, name: Callable[[int], str]) -> Path:
    """The first path that does not exist, by number from 1."""
    number = 1
    while (folder / name(number)).exists():
        number += 1
    return folder / name(number)


def said(readout: dict[str, Any]) -> dict[str, Any]:
    """A read-out as JSON can hold it."""
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in readout.items()}
