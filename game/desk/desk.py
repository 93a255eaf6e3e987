"""The desk: start screen, a case, its debrief, and the pages that can lie over them; the one loop that draws frames.

In: how the program was started. Out: records and debriefs under the user's data folder. Buttons only say what is wanted
(`_soon`): it is done between two frames, since a button is pressed in the middle of one.
"""

import json
import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from game.desk import bindings
from game.desk.case import Case, free_path, said
from game.desk.modes import MODES, Mode
from game.desk.pages import Pages
from game.desk.preparing import Preparing, is_prepared
from game.desk.views import Views
from game.desk.window import Window, open_window
from game.panels.loading import LoadingPage
from game.panels.theme import Theme
from game.procedure.scenarios import Scenario, load
from game.settings import Settings, find_data, load_settings, user_data_folder
from models.errors import PedicleError
from models.patient import Patient
from models.provide import provide
from models.whole_file import written

log = logging.getLogger("pedicle.desk")

FRAME_S = 1.0 / 60.0
"""No more frames than this where the screen does not pace them itself."""


def run(
    scenario: str | None, mode: str, seed: int, record: Path | None, size: tuple[int, int], watch: Path | None
) -> None:
    """Opens the window and returns when it is closed. MissingError without a screen, InputError for a case that is not there."""
    if scenario is not None:
        load(scenario)  # before a window opens
    settings = load_settings()
    bound = bindings.load(settings.keys)
    desk = Desk(open_window(size), settings, bound, seed, record, watch)
    for name in ("SIGTERM", "SIGHUP"):  # asked to end, by a system that shuts down: as by the window's cross
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: desk.quit())
    try:
        desk.begin(scenario, mode)
        desk.loop()
    finally:
        desk.close()


class Desk:
    """One window from its opening to its end."""

    def __init__(
        self,
        window: Window,
        settings: Settings,
        bound: bindings.Bindings,
        seed: int,
        record: Path | None,
        watch: Path | None,
    ) -> None:
        self.window, self.settings, self.bound = window, settings, bound
        self.seed, self.record, self.watch = seed, record, watch
        self.theme = Theme(window.base, size=window.size, text_scale=settings.text_scale)
        self.pages = Pages(self)
        self.case: Case | None = None
        self.open = True
        self._wanted: deque[Callable[[], None]] = deque()
        self._going: Iterator[None] | None = None  # opening or ending a case, a piece a frame
        self._preparing: Preparing | None = None
        self._down: dict[str, str] = {}  # key -> action that it began
        self._last = time.perf_counter()
        self._paged = False  # a page was on top when this frame began: keys of this frame are its own
        self._watched = ""
        self.slowest_s = 0.0  # longest frame while X-rays were on
        self.heard = 0  # keys and buttons that went down
        listeners = window.listeners
        listeners.key, listeners.key_up = self._key, self._key_up
        listeners.resized, listeners.focus = self._resized, self._focus
        listeners.closing = lambda: self.soon(self.quit)

    # ---- the loop

    def begin(self, scenario: str | None, mode: str) -> None:
        """With a case at once, or the start screen."""
        if scenario is None:
            self.pages.start(mode)
        else:
            self.open_case(scenario, mode)

    def loop(self) -> None:
        """Frames until the window is closed."""
        while self.open:
            self.frame()
            spare = FRAME_S - (time.perf_counter() - self._last)
            if spare > 0.0:
                time.sleep(spare)

    def frame(self) -> None:
        """What is wanted, what goes on, one frame."""
        now = time.perf_counter()
        seconds, self._last = now - self._last, now
        self._paged = self.theme.page is not None
        try:
            if self._going is not None and next(self._going, self) is self:
                self._going = None
            if self.case is not None:
                self._work(self.case, now, seconds)
        except (PedicleError, OSError) as error:
            self._failed(str(error))
        if self.watch is not None:
            self._write_watch(self.watch)
        try:
            while self._wanted:
                self._wanted.popleft()()
            self.window.frame()
        except (
            PedicleError
        ) as error:  # a setting that cannot be kept, a page that cannot be written: no end of the case
            log.error("%s", error)
            self.pages.notice(str(error), error=True)

    def soon(self, wanted: Callable[[], None]) -> None:
        """To be done between two frames."""
        self._wanted.append(wanted)

    def _work(self, case: Case, now: float, seconds: float) -> None:
        if case.session.moment().beam:
            self.slowest_s = max(self.slowest_s, seconds)
        running = self.theme.page is None and self._going is None and not self.window.minimised
        mouse = self.window.mouse()
        if mouse is not None:
            case.mouse_moved(*mouse)
        case.frame(now, seconds, running)
        while case.notices:
            self.pages.notice(case.notices.pop(0))

    def _failed(self, line: str) -> None:
        """One readable line, and back to the start screen."""
        log.error("%s", line)
        self._going = None
        self._drop_case()
        for page in reversed(self.theme.pages[:]):
            page.close()
        self.pages.start(None)
        self.pages.notice(line, error=True)

    # ---- what the window tells

    def _key(self, key: str, shift: bool) -> None:
        case = self.case
        self.heard += 1
        if case is None or self._paged or self.theme.page is not None or self._going is not None:
            return
        mouse = self.window.mouse()
        if key == "mouse1":
            if mouse is not None:
                case.mouse_down(*mouse)
            return
        action = self.bound.action(key, shift)
        if action in self.pages.ACTIONS:
            case.mouse_lost()
            self.soon(lambda: self.pages.open(action))
        elif action is not None:
            self._down[key] = action
            case.press(action, time.perf_counter(), mouse)

    def _key_up(self, key: str) -> None:
        if self.case is None:
            return
        mouse = self.window.mouse()
        if key == "mouse1":
            if mouse is None or self.theme.page is not None:
                self.case.mouse_lost()
            else:
                self.case.mouse_up(*mouse, self.window.shift)
        elif key in self._down:
            self.case.release(self._down.pop(key))

    def _resized(self, width: int, height: int) -> None:
        self.theme.resized(width, height)
        if self.case is not None:
            self.soon(self.case.views.place)

    def _focus(self, has: bool) -> None:
        """Without the keyboard nothing is held: the beam stops."""
        if not has and self.case is not None:
            self._down.clear()
            self.case.mouse_lost()
            self.case.hands.let_go()

    # ---- cases

    def open_case(self, scenario: str, mode: str) -> None:
        """From the start screen to the first frame of a case."""
        self._drop_case()
        self._going = self._opening(scenario, MODES[mode])

    def _opening(self, scenario: str, mode: Mode) -> Iterator[None]:
        task = load(scenario)
        page = LoadingPage(self.theme, task.title)
        try:
            yield from self._prepared(task, scenario, page)
            page.tell(None, "fetching the patient")
            patient = yield from self._patient(task)

            def tell(share: float | None, text: str) -> None:
                page.tell(share, text)
                self.window.frame()

            views = Views(self.window, self.theme, patient, task.target, tell, mode.guided)
            try:
                path, toggles = self._path(task), self.settings.pedal == "toggle"
                self.case = Case(views, task, patient, mode, self.seed, path, toggles)
            except BaseException:
                views.close()
                raise
            views.place()  # the window may have changed meanwhile
            self.pages.dress(self.case)
        finally:
            page.close()

    def _prepared(self, task: Scenario, scenario: str, page: LoadingPage) -> Iterator[None]:
        if is_prepared(task):
            return
        self._preparing = Preparing(scenario)
        while not self._preparing.done():
            page.tell(self._preparing.share, self._preparing.text)
            yield
        self._preparing = None

    def _patient(self, task: Scenario) -> Iterator[None]:
        """The patient, read by another thread while frames go on."""
        found: list[Patient | BaseException] = []

        def fetch() -> None:
            try:
                found.append(provide(task.recipe, find_data))
            except BaseException as error:
                found.append(error)

        thread = threading.Thread(target=fetch, daemon=True)
        thread.start()
        while thread.is_alive():
            yield
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0]

    def _path(self, task: Scenario) -> Path:
        """Where the record goes: as asked for the first time, then by date and case."""
        asked, self.record = self.record, None
        if asked is not None:
            return asked
        began = time.strftime("%Y%m%d-%H%M%S")
        return free_path(user_data_folder() / "records", lambda n: f"{began}-{task.name}-{os.getpid()}-{n}.pedicle")

    def finish_case(self) -> None:
        """The procedure ends: pictures, record, debrief."""
        if self.case is not None and self._going is None:
            self._going = self._ending(self.case)

    def _ending(self, case: Case) -> Iterator[None]:
        case.hands.let_go()
        case.session.put("finish")
        page = LoadingPage(self.theme, "The debrief")
        try:
            for share, text in case.ending():
                page.tell(share, text)
                yield
        finally:
            page.close()
        self._drop_case()
        self.pages.debrief(case)

    def _drop_case(self) -> None:
        if self.case is not None:
            case, self.case = self.case, None
            case.close()
        self._down.clear()

    def leave_case(self) -> None:
        """Back to the start screen in the middle of a case."""
        self._drop_case()
        self.pages.start(None)

    def quit(self) -> None:
        """The window goes."""
        self.open = False

    def close(self) -> None:
        """Whatever is open is put away: the record first."""
        try:
            self._drop_case()
        finally:
            if self._preparing is not None:
                self._preparing.stop()
            self.window.close()

    # ---- for those who watch

    def _write_watch(self, path: Path) -> None:
        """What the window shows, as JSON: for tests and for programs that read the screen aloud."""
        case, page = self.case, self.theme.page
        seen: dict[str, Any] = {
            "page": self.pages.name,
            "verdict": self.pages.verdict,
            "heard": self.heard,
            "size": list(self.window.size),
            "minimised": self.window.minimised,
            "places": {} if page is None else page.places(),
            "waiting": getattr(page, "waiting", None),  # the action whose key the keys page waits for
            "notice": self.pages.last_notice,
            "keys": {action.id: action.key for action in self.bound.actions},
        }
        if case is not None:
            layout, live = case.views.layout, case.views.live
            seen |= {
                "readout": said(case.readout),
                "hand_free": case.session.hand_free and not case.hands.line,
                "beam": case.session.moment().beam,
                "rests": case.session.may_hurry and not case.hands.line,
                "arm_rests": case.session.bound == case.session.moment().pose,
                "slowest_exposing_s": round(self.slowest_s, 3),
                "pictures_ready": live.ready,
                "live": [layout.live.x, layout.live.y, layout.live.w, layout.live.h],
                "room": [layout.room.x, layout.room.y, layout.room.w, layout.room.h],
                "turns": case.views.live_screen.turn.turns,
            }
        text = json.dumps(seen)
        if text != self._watched:
            self._watched = text
            with written(path) as beside:
                beside.write_text(text, encoding="utf-8")
