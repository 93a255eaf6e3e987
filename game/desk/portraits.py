"""Pictures of the window for the documentation: every page and view, with a needle where the expert's eyes put it.

In: a folder, a scenario. Out: PNG files. Opens a window without a screen; its pages and views are those of a person's window.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from panda3d.core import Filename

from game.desk import bindings
from game.desk.case import Case
from game.desk.desk import Desk
from game.desk.window import open_window
from game.operators.perform import habits_of, perform
from game.operators.reading import Reading
from game.session import Session
from game.settings import Settings
from game.theatre.camera import VIEWPOINTS

SIZE = (1280, 720)
FRAMES_S = 30.0
"""A view has come to rest after so long at most; assumed."""


def portraits(folder: Path, scenario: str, seed: int) -> list[Path]:
    """Writes window-*.png and room-*.png; returns their paths."""
    with tempfile.TemporaryDirectory() as records:
        window = open_window(SIZE, offscreen=True)
        desk = Desk(window, Settings(), bindings.load({}), seed, Path(records) / "portrait.pedicle", None)
        painter = Painter(desk, folder)
        try:
            desk.begin(None, "learn")
            painter.window("start")
            desk.theme.pages[-1].close()
            desk.open_case(scenario, "learn")
            painter.until(lambda: desk.case is not None and desk.theme.page is None)
            case = desk.case
            assert case is not None
            acts = Watched(case.session, {"stylet": lambda: painter.needle(case), "pull": lambda: painter.cement(case)})
            eyes = Reading(case.session.patient, case.task.target, case.session.snapshot, 0.4, seed)
            perform(acts, eyes, habits_of("expert"), case.task.target, case.task.sides)
            for _ in case.ending():
                pass
            desk.pages.debrief(case)
            painter.window("debrief")
        finally:
            desk.close()
    return painter.written


class Watched:
    """A session's acts, with something done once before some of them."""

    def __init__(self, session: Session, before: dict[str, Callable[[], None]]) -> None:
        self.session, self.before = session, before

    def do(self, name: str, **values: Any) -> None:
        """One control."""
        self.before.pop(name, lambda: None)()
        self.session.do(name, **values)

    def readout(self) -> dict[str, Any]:
        """The session's."""
        return self.session.readout()


class Painter:
    """Takes pictures of a desk."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.written: list[Path] = []

    def until(self, condition: Callable[[], bool]) -> None:
        """Frames until something is so."""
        while not condition():
            self.desk.frame()

    def rested(self) -> None:
        """Frames until nothing more is drawn: the room whole, the X-ray too."""
        case, still = self.desk.case, 0
        for _ in range(round(FRAMES_S * 60)):
            self.desk.frame()
            drawing = case is not None and (not case.views.live.ready or case.views.drew)
            still = 0 if drawing else still + 1
            if still > 20:
                return

    def window(self, name: str) -> None:
        """The whole window."""
        self.rested()
        path = self.folder / f"window-{name}.png"
        self.desk.window.base.win.save_screenshot(Filename.from_os_specific(str(path)))
        self.written.append(path)

    def needle(self, case: Case) -> None:
        """The needle in the body, lateral: window, landmarks, large monitors, the room from everywhere, anatomy."""
        self.window("learn")
        case.views.landmarks = True
        case.press("store", 0.0, None)
        self.window("landmarks")
        case.views.arrange()
        self.window("monitors")
        case.views.arrange()
        case.views.landmarks = False
        for name in VIEWPOINTS:
            self._room(case, name)
        case.views.see_through()
        case.views.theatre.look("needle")
        self.window("anatomy")
        self._room(case, "needle", "anatomy")
        case.views.see_through()

    def cement(self, case: Case) -> None:
        """Cement in the body."""
        self.window("cement")

    def _room(self, case: Case, viewpoint: str, name: str | None = None) -> None:
        """The room alone, at the window's size."""
        from PIL import Image

        room = case.views.layout.room
        case.views.theatre.resize(*SIZE)
        path = self.folder / f"room-{name or viewpoint}.png"
        Image.fromarray(case.views.theatre.still(viewpoint)).save(path)
        case.views.theatre.resize(room.w, room.h)
        self.written.append(path)
