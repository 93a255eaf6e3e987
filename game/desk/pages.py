"""The pages of the window and what their buttons do: start, pause, keys, settings, choices, debrief, and one-line notices.

In: the desk. Out: pages opened on its theme; wishes handed to it (`Desk.soon`), never done in the middle of a frame.
"""

import webbrowser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from panda3d.core import Filename, Texture

from game.desk import bindings
from game.desk.case import Case
from game.desk.modes import MODES
from game.desk.window import SHIFTS
from game.panels.actions import Action, shown
from game.panels.choice import ChoicePage
from game.panels.debrief import DebriefPage
from game.panels.keys import KeysPage
from game.panels.message import Confirm, Message, PausePage
from game.panels.page import Page
from game.panels.settings import SettingsPage, usual
from game.panels.start import Card, StartPage
from game.panels.start import Mode as ModeCard
from game.procedure.scenarios import load, names
from game.procedure.score import passed
from game.settings import CHECKOUT, find_data, keep_setting, load_settings
from models.errors import PedicleError
from models.recipe import LabelledRecipe, Level

if TYPE_CHECKING:
    from game.desk.desk import Desk

DECISIONS = (
    ("treat", "Treat: go on"),
    ("refer", "Refer to somebody else"),
    ("decline", "Decline: vertebroplasty is wrong here"),
)

PICTURES = CHECKOUT / "docs" / "pictures"

STRIP = ("pedal", "shoot", "store", "advance", "withdraw", "stylet", "inject", "wait", "arrangement", "keys", "pause")
"""What the strip at the foot shows, most needed first."""


def thumbnail(scenario: str) -> Texture | None:
    """The scenario's X-ray from the documentation's pictures; None where there is none."""
    path = PICTURES / f"{scenario}-lateral.png"
    texture = Texture(scenario)
    return texture if path.is_file() and texture.read(Filename.from_os_specific(str(path))) else None


class Pages:
    """Opens pages; `name` is the one on top, "case" while there is none."""

    ACTIONS = ("pause", "keys", "finish", "count", "decide")

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        self.message = Message(desk.theme)
        self.last_notice = ""
        self.mode = "learn"

    @property
    def name(self) -> str:
        """Of the page on top."""
        page = self.desk.theme.page
        if page is None:
            return "case" if self.desk.case is not None else ""
        return type(page).__name__.removesuffix("Page").lower()

    @property
    def verdict(self) -> bool | None:
        """What a debrief says of an exam."""
        page = self.desk.theme.page
        return page.passed if isinstance(page, DebriefPage) else None

    def notice(self, line: str, error: bool = False) -> None:
        """One line for a while."""
        self.last_notice = line
        case = self.desk.case
        self.message.within = None if case is None else case.views.layout.room
        self.message.tell(line, "error" if error else "notice")

    def _soon(self, page: Page | None, then: Callable[..., None], *values: Any) -> None:
        """Closes a page and does something, between two frames."""

        def act() -> None:
            if page is not None:
                page.close()
            then(*values)

        self.desk.soon(act)

    # ---- start

    def start(self, mode: str | None) -> None:
        """The start screen."""
        self.mode = mode or self.mode
        page = StartPage(
            self.desk.theme,
            [self._card(name) for name in names()],
            [ModeCard(mode.name, mode.title, mode.line) for mode in MODES.values()],
            lambda scenario, mode: self._soon(page, self._open_case, scenario, mode),
            lambda: self.desk.soon(self.settings),
            lambda: self.desk.soon(self.desk.quit),
        )
        page.mode = self.mode
        page.rebuild()

    def _open_case(self, scenario: str, mode: str) -> None:
        self.mode = mode
        self.desk.open_case(scenario, mode)

    def _card(self, name: str) -> Card:
        task = load(name)
        missing = None
        if isinstance(task.recipe, LabelledRecipe):
            for file in task.recipe.files:
                try:
                    find_data(file)
                except PedicleError:
                    missing = f"needs {file}, which is not here"
        return Card(name, task.title, task.difficulty, task.brief, task.target, task.sides, thumbnail(name), missing)

    # ---- in a case

    def dress(self, case: Case) -> None:
        """The strip of keys, and the case's own words."""
        bound = self.desk.bound

        def strip(acts: tuple[str, ...]) -> None:
            named = [action for action in dict.fromkeys((*acts, *STRIP)) if action in bound.shorts]
            case.views.keys.show([(bound.key_of(action), bound.shorts[action]) for action in named])

        case.strip = strip
        strip(case.acts)
        case.views.monitors.empty(f"{shown(bound.key_of('store'))} keeps the held picture here")

    def open(self, action: str) -> None:
        """A page that an action asks for."""
        case = self.desk.case
        if case is None or self.desk.theme.page is not None:
            return
        case.hands.let_go()
        {
            "pause": self.pause,
            "keys": self.keys,
            "finish": self.finish,
            "count": partial(self.count, case),
            "decide": partial(self.decide, case),
        }[action]()

    def pause(self) -> None:
        """Time stands still."""
        page = PausePage(
            self.desk.theme,
            lambda: self.desk.soon(page.close),
            lambda: self.desk.soon(self.keys),
            lambda: self.desk.soon(self.settings),
            lambda: self._soon(page, self.finish),
            lambda: self._soon(page, self.leave),
        )

    def finish(self) -> None:
        """Asks first."""
        Confirm(
            self.desk.theme,
            "End the procedure?",
            lambda: self.desk.soon(self.desk.finish_case),
            words="What was done is scored; it cannot be taken up again.",
            yes_text="End it",
            no_text="Go on",
        )

    def leave(self) -> None:
        """Asks first."""
        Confirm(
            self.desk.theme,
            "Leave without a score?",
            lambda: self.desk.soon(self.desk.leave_case),
            words="The record of what was done so far is kept.",
            yes_text="Leave",
            no_text="Go on",
        )

    def count(self, case: Case) -> None:
        """Which level the needle is meant for, as counted."""
        ChoicePage(
            self.desk.theme,
            "Which level is this?",
            "The level under the needle's way, as you counted it on the pictures.",
            [(level, level) for level in get_args(Level)],
            lambda level: self.desk.soon(lambda: case.session.put("count", level=level)),
            columns=5,
        )

    def decide(self, case: Case) -> None:
        """Whether to treat at all."""
        ChoicePage(
            self.desk.theme,
            "Your decision",
            "Not to treat can be the right treatment.",
            DECISIONS,
            lambda choice: self.desk.soon(lambda: case.session.put("decide", choice=choice)),
        )

    # ---- settings

    def settings(self) -> None:
        """Text, pedal, keys."""
        settings = self.desk.settings
        page = SettingsPage(
            self.desk.theme,
            usual(settings.text_scale, settings.pedal),
            lambda setting, value: self.desk.soon(partial(self._set, setting, value)),
            lambda: self.desk.soon(self.keys),
            lambda: self.desk.soon(page.close),
        )

    def _set(self, setting: str, value: Any) -> None:
        keep_setting(setting, value)
        self.desk.settings = load_settings()
        self.desk.theme.scaled(self.desk.settings.text_scale)
        if self.desk.case is not None:
            self.desk.case.hands.pedal_toggles = self.desk.settings.pedal == "toggle"
            self.desk.case.views.place()

    def keys(self) -> None:
        """Every action and its key."""
        page = KeysPage(
            self.desk.theme, self.desk.bound.actions, self._change, self._reset, lambda: self.desk.soon(page.close)
        )

    def _change(self, action: str, key: str) -> str | None:
        """Another key for an action, kept in the settings; or why not."""
        if key in SHIFTS:
            return "Shift alone is no key; hold it and press another."
        try:
            self.desk.bound.changed(action, key)  # says what is wrong in the page's words
            # The file's keys as they are now: another window may have changed some.
            bound = bindings.load({**load_settings().keys, action: key})
            keep_setting("keys", bound.own())
        except PedicleError as error:
            return str(error)
        self._take(bound)
        return None

    def _reset(self) -> tuple[Action, ...]:
        self.desk.soon(lambda: keep_setting("keys", {}))
        self._take(bindings.load({}))
        return self.desk.bound.actions

    def _take(self, bound: bindings.Bindings) -> None:
        self.desk.bound = bound
        if self.desk.case is not None:
            self.dress(self.desk.case)

    # ---- the end

    def debrief(self, case: Case) -> None:
        """Score, errors, what to do instead; the whole report in a browser."""
        result = case.result
        page = DebriefPage(
            self.desk.theme,
            result,
            partial(self._report, case.page),
            lambda: self._soon(page, self.desk.open_case, case.task.name, case.mode.name),
            lambda: self._soon(page, self.start, case.mode.name),
            passed=passed(result) if case.mode.judged else None,
            title=f"Debrief: {case.task.title}",
        )

    def _report(self, page: Path | None) -> None:
        """Opens the report; where there is no browser, says where it lies."""
        if page is None:
            self.notice("The report could not be written; the record is whole: main.py report makes one.")
            return
        page = page.resolve()
        opened = webbrowser.open(page.as_uri())
        self.notice("The report opens in your browser." if opened else f"The report is {page}")
