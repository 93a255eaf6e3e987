"""Every page with data such as the desk gives it: what the tests measure and what people look at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from game.panels import layout
from game.panels.actions import Action
from game.panels.choice import ChoicePage
from game.panels.debrief import DebriefPage
from game.panels.figures import Figures
from game.panels.keys import KeysPage, KeyStrip
from game.panels.loading import LoadingPage
from game.panels.message import Confirm, Message, PausePage
from game.panels.monitors import Monitors
from game.panels.settings import SettingsPage, usual
from game.panels.start import Card, Mode, StartPage
from game.panels.step import StepStrip
from game.panels.theme import Theme
from tests.panels.stage import Stage


def theme_on(stage: Stage, text_scale: float = 1.0, now: Callable[[], float] | None = None) -> Theme:
    """A theme for a stage."""
    more = {} if now is None else {"now": now}
    return Theme(stage.base, stage.parent, (stage.width, stage.height), text_scale, **more)


def nothing(*_: Any) -> None:
    """Called and forgotten."""


CARDS = (
    Card(
        "first-case",
        "First case: a wedge at L2",
        1,
        "A woman of 74 with osteoporosis, three weeks of pain after lifting a pot. MRI: oedema in L2 only, canal margins"
        " intact. She lies prone well. Treat L2 from the left.",
        "L2",
        ("left",),
    ),
    Card(
        "real-l1",
        "A real spine: L1",
        2,
        "Labels of a CT of a man of 68. L1 has lost a third of its height. Treat both sides.",
        "L1",
        ("left", "right"),
        missing="data file verse004.nii.gz is nowhere: looked in /home/ana/spines and ../shared/ct. Name its folder with --data",
    ),
)

MODES = (
    Mode("learn", "Learn", "The current step is shown, landmarks can be drawn on the picture."),
    Mode("practise", "Practise", "No steps are shown; you may pause, and try again as often as you like."),
    Mode("exam", "Exam", "No help, one attempt. Passed from 80 points without a critical error."),
)

READOUT = {
    "t_s": 874.3,
    "skin_mm": 62.4,
    "depth_mm": 14.3,
    "embedded": True,
    "contact": True,
    "force_n": 48.6,
    "stylet": True,
    "pulses": 214,
    "fluoroscopy_s": 125.0,
    "kerma_mgy": 13.24,
    "kap_gy_cm2": 1.81,
    "cement_s": 192.0,
    "sample": "toothpaste",
    "injected_ml": 2.4,
    "pressure_kpa": 1850.0,
    "orbital": 12.0,
    "tilt": -5.0,
    "swivel": 0.0,
    "beam": True,
    "bevel_deg": 75.0,
    "pace": 20.0,
}

GROUPS = {
    "C-arm": [
        ("Detector to the patient's left", "a"),
        ("Detector to the patient's right", "d"),
        ("Tilt toward the head", "w"),
        ("Tilt toward the feet", "s"),
        ("Swivel anticlockwise", "q"),
        ("Swivel clockwise", "e"),
        ("AP view", "1"),
        ("Left lateral view", "2"),
        ("Right lateral view", "3"),
        ("Oblique view of this side", "4"),
    ],
    "Table": [
        ("Table to the head", "arrow_up"),
        ("Table to the feet", "arrow_down"),
        ("Table to the left", "arrow_left"),
        ("Table to the right", "arrow_right"),
        ("Raise", "page_up"),
        ("Lower", "page_down"),
    ],
    "X-ray": [
        ("Pedal", "space"),
        ("One picture", "x"),
        ("Store as reference", "r"),
        ("Turn the display", "v"),
        ("Mirror the display", "b"),
        ("Landmarks (learn mode)", "l"),
    ],
    "Trocar": [
        ("Push", "wheel_up"),
        ("Pull", "wheel_down"),
        ("Screw", "f"),
        ("Tap gently", "g"),
        ("Tap", "h"),
        ("Tap hard", "j"),
        ("Twist left", ","),
        ("Twist right", "."),
        ("Bevel cranial", "i"),
        ("Bevel right", "o"),
        ("Bevel caudal", "k"),
        ("Bevel left", "u"),
        ("Stylet in or out", "t"),
    ],
    "Cement": [("Mix", "m"), ("Inject", "n"), ("Slower", "-"), ("Faster", "=")],
    "Time": [("Wait: time runs fast", "tab"), ("Pause", "p"), ("Other arrangement of the screen", "f2")],
}


def actions() -> list[Action]:
    """About as many as the desk has."""
    found = []
    for group, members in GROUPS.items():
        found += [Action(f"{group}.{label}".lower(), label, group, key, key) for label, key in members]
    return found


@dataclass
class Line:
    """As game/procedure/score.Line."""

    title: str
    points: float
    of: float
    measured: str
    instead: str


@dataclass
class Error:
    """As game/procedure/score.Error."""

    text: str
    side: str
    critical: bool
    instead: str


@dataclass
class Result:
    """As game/procedure/score.Result."""

    score: float
    uncapped: float
    lines: list[Line]
    errors: list[Error]


INSTEAD = (
    "Turn the arm until the superior end plate is one sharp line, and take a picture, before you look for the pedicle."
)


def result() -> Result:
    """A middling attempt with a critical error."""
    titles = (
        "Level counted from the last rib",
        "Superior end plate sharp before the entry",
        "Spinous process between the pedicles",
        "Pedicle in the upper middle of the body",
        "Gun-barrel view",
        "Entry at the lateral border of the pedicle",
        "Bevel held lateral",
        "Advanced in small steps, with pictures",
        "Lateral check at the posterior wall",
        "Cement like toothpaste",
        "Injected under lateral view",
        "Stopped at the posterior quarter",
        "Stylet put back before withdrawal",
        "Dose",
    )
    lines = [
        Line(title, of * share, of, f"{12.0 * share:.1f} mm from the middle, at {10 * i} s", INSTEAD)
        for i, (title, of, share) in enumerate(
            zip(titles, [5, 10, 5, 5, 10, 10, 5, 10, 10, 5, 10, 5, 5, 5], [1, 0.4, 1, 1, 0, 0.7, 1] * 2, strict=True)
        )
    ]
    errors = [
        Error("the tip broke the medial wall of the pedicle by 1.8 mm", "left", True, "Stop, and take an AP view."),
        Error(
            "cement was injected without a picture for 4.2 s", "left", False, "Keep the pedal down while you inject."
        ),
    ]
    total = round(sum(line.points for line in lines), 1)
    return Result(40.0, total, lines, errors)


def picture(size: int = 512) -> Any:
    """A grey ramp with a chequer, so that a shifted pixel shows."""
    from panda3d.core import Texture

    at = np.arange(size)
    grey = ((at[None, :] + at[:, None]) % 2 * 40 + at[:, None] * 180 // size).astype(np.uint8)
    texture = Texture("picture")
    texture.setup_2d_texture(size, size, Texture.T_unsigned_byte, Texture.F_luminance)
    texture.set_ram_image(np.ascontiguousarray(grey[::-1]).tobytes())
    texture.set_minfilter(Texture.FT_nearest)
    texture.set_magfilter(Texture.FT_nearest)
    return texture


@dataclass
class Work:
    """What stands on the screen while somebody works."""

    places: layout.Layout
    figures: Figures
    step: StepStrip
    keys: KeyStrip
    monitors: Monitors


def work(theme: Theme, arrangement: str = "room") -> Work:
    """The working screen."""
    places = layout.arrange(theme.width, theme.height, arrangement)
    figures, step, keys, monitors = Figures(theme), StepStrip(theme), KeyStrip(theme), Monitors(theme)
    figures.place(places.figures)
    for skin, force in ((58.0, 9.0), (60.0, 22.0), (62.4, 48.6)):
        figures.show({**READOUT, "skin_mm": skin, "force_n": force})
    step.place(places.step)
    step.show(
        "5b",
        "Lateral view: how far is the point?",
        "Turn to the lateral view (2) and take a picture.",
        [
            ("true lateral", True),
            ("point at the posterior wall or past it", False),
            ("less than 2 mm since a look", False),
        ],
        "Past the wall but still lateral to the medial border: you are safely inside the body.",
    )
    keys.place(places.keys)
    keys.show(
        [
            ("space", "X-ray"),
            ("a d", "orbital"),
            ("w s", "tilt"),
            ("wheel_up wheel_down", "push, pull"),
            ("g h j", "tap"),
            ("i o k u", "bevel"),
            ("t", "stylet"),
            ("r", "reference"),
            ("tab", "wait"),
            ("m", "mix"),
            ("n", "inject"),
            ("f1", "all keys"),
        ]
    )
    monitors.place(places.live, places.reference)
    monitors.live(picture(places.live.w), "AP")
    monitors.beam(True)
    return Work(places, figures, step, keys, monitors)


def error_over_work(theme: Theme) -> None:
    """A line over the working screen."""
    screen = work(theme)
    message = Message(theme)
    message.within = screen.places.room
    message.tell("The arm cannot go further: orbital is at its limit of 100 degrees.", "error")


SCENES: dict[str, Callable[[Theme], Any]] = {
    "start": lambda theme: StartPage(theme, CARDS, MODES, nothing, nothing, nothing),
    "start-many": lambda theme: StartPage(
        theme,
        [Card(f"case-{i}", f"Case {i}", 1 + i % 3, CARDS[0].brief, "T12", ("left", "right")) for i in range(7)],
        MODES,
        nothing,
        nothing,
        nothing,
    ),
    "loading": lambda theme: LoadingPage(theme).tell(0.42, "Distance grids of the bones: L2"),
    "work-room": lambda theme: work(theme, "room"),
    "work-monitors": lambda theme: work(theme, "monitors"),
    "keys": lambda theme: KeysPage(theme, actions(), lambda *_: None, lambda: None, nothing),
    "settings": lambda theme: SettingsPage(theme, usual(theme.text_scale, "hold"), nothing, nothing, nothing),
    "debrief": lambda theme: DebriefPage(
        theme, result(), nothing, nothing, nothing, passed=False, title="First case: a wedge at L2 · exam"
    ),
    "pause": lambda theme: (work(theme), PausePage(theme, nothing, nothing, nothing, nothing, nothing)),
    "confirm": lambda theme: (
        work(theme),
        Confirm(
            theme,
            "End the procedure?",
            nothing,
            words="The trocar is still in the patient.",
            yes_text="End it",
            no_text="Go back",
        ),
    ),
    "choice": lambda theme: (
        work(theme),
        ChoicePage(
            theme,
            "Which level is this?",
            "The level under the needle's way, as you counted it on the pictures.",
            [(level, level) for level in ("T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5")],
            nothing,
            columns=5,
        ),
    ),
    "message": error_over_work,
}
