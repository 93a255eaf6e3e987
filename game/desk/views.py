"""Everything that is seen of a case: room, live picture and reference, figures, step and keys, each drawn when it has changed.

In: a session to look at, what is dragged, what the coach says. Out: pictures in the window; where on the X-ray the mouse is.
Nothing here changes the session.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from game.desk.window import Window
from game.fluoroscopy.board import Board
from game.fluoroscopy.display import UPRIGHT, Display
from game.fluoroscopy.live import Live
from game.fluoroscopy.outlines import outlines
from game.fluoroscopy.screen import Line, Screen, Texts, display_of, marker
from game.panels.figures import Figures
from game.panels.keys import KeyStrip
from game.panels.layout import Layout, arrange
from game.panels.monitors import Monitors
from game.panels.shapes import layer, picture
from game.panels.step import StepStrip
from game.panels.theme import Theme
from game.session import Session
from game.simulation.simulation import Snapshot
from game.theatre.theatre import Theatre
from models.carm import view
from models.instruments import TrocarPose
from models.patient import Array, Patient
from models.suite.drape import OPENING_MM, opening_centre

FIGURES_S = 0.1
"""Figures follow ten times a second; assumed."""

ACROSS = 0.5
"""A direction of which less than this lies in the picture has no clock there; assumed."""

GROUPS = {
    "pedicle": (0.35, 0.95, 0.60),
    "plate": (0.40, 0.80, 1.00),
    "body": (0.95, 0.85, 0.45),
    "spinous": (1.00, 0.60, 0.85),
    "margin": (1.00, 0.45, 0.40),
    "canal": (1.00, 0.45, 0.40),
}
"""Colours of the landmarks, each with its name beside it."""

THIN = 0.5
"""Width of the body's edge, of a usual line's; chosen by eye."""


def bevel(needle: TrocarPose | None, shown: Snapshot | None) -> dict[str, Any]:
    """Where the hub's mark, and so the bevel's point, looks in the held picture: bevel_deg (0 cranial, 90 image right), or
    bevel_word where it looks along the beam rather than across it.
    """
    if needle is None or shown is None:
        return {"bevel_deg": None}
    pinhole = view(shown.pose)
    right, up = float(needle.roll @ pinhole.column), -float(needle.roll @ pinhole.row)
    if np.hypot(right, up) < ACROSS:
        toward = needle.roll @ pinhole.beam > 0.0
        return {"bevel_deg": None, "bevel_word": "to the detector" if toward else "to the tube"}
    return {"bevel_deg": float(np.degrees(np.arctan2(right, up)))}


class Views:
    """The pictures of one case."""

    def __init__(
        self,
        window: Window,
        theme: Theme,
        patient: Patient,
        target: str,
        tell: Callable[[float | None, str], None],
        with_step: bool = True,
    ) -> None:
        self.window, self.theme, self.patient, self.target = window, theme, patient, target
        tell(0.1, "starting the fluoroscope")
        self.with_step = with_step
        self.opening = opening_centre(patient, target)
        self.live = Live(window.studio, patient)
        self.arrangement, self.landmarks, self.anatomy = "room", False, False
        self.layout: Layout = arrange(*window.size, step=with_step)
        self.live_screen = Screen(window.studio, self.layout.live.w)
        self.reference_screen = Screen(window.studio, self.layout.reference.w)
        room = self.layout.room
        self.theatre = Theatre(
            window.studio,
            patient,
            target,
            size=(room.w, room.h),
            tell=lambda share, text: tell(None if share is None else 0.2 + 0.8 * share, text),
        )
        self.board = Board(window.studio)
        self.theatre.screens(self.live_screen.texture, self.reference_screen.texture, self.board.texture)
        self.node = layer(theme.root, "case")
        self.room_node = layer(self.node, "room")
        self.monitors = Monitors(theme, self.node)
        self.figures = Figures(theme, self.node)
        self.step = StepStrip(theme, self.node)
        self.keys = KeyStrip(theme, self.node)
        self.monitors.live(self.live_screen.texture)
        self.drew = False  # whether the room is drawn in the coming frame
        self.aim_line: Sequence[Line] = ()
        self._live_shown: Any = None
        self._stored: Snapshot | None = None
        self._turn: Display = UPRIGHT
        self._figures_at = -1.0
        self.live_screen.show(None, None, texts=Texts(note="No picture yet: press the pedal or take a shot"))
        self.place()

    def place(self) -> None:
        """Everything where the window's size and the arrangement want it."""
        self.layout = arrange(*self.window.size, self.arrangement, step=self.with_step)
        room = self.layout.room
        self.theatre.resize(room.w, room.h)
        self.room_node.node().remove_all_children()
        picture(self.room_node, room.x, room.y, room.w, room.h, self.theatre.texture)
        self.live_screen.resize(self.layout.live.w)  # pixel on pixel: words stay legible
        self.reference_screen.resize(self.layout.reference.w)
        self.monitors.place(self.layout.live, self.layout.reference)
        self.figures.place(self.layout.figures)
        self.step.place(self.layout.step)
        self.keys.place(self.layout.keys)

    def arrange(self) -> None:
        """From the large room to large monitors, and back."""
        self.arrangement = "monitors" if self.arrangement == "room" else "room"
        self.place()

    def see_through(self) -> None:
        """The anatomy view, on and off."""
        self.anatomy = not self.anatomy
        self.theatre.anatomy(self.anatomy)

    def frame(self, session: Session, now: float, readout: dict[str, Any]) -> None:
        """Has everything drawn that has changed. `readout`: the session's, with what the desk adds."""
        seen, stored = session.snapshot(), session.reference()
        if stored is not None and stored is not self._stored and stored is self.live.shown:
            self._show_reference(stored)  # a copy of the picture on the screen, before the next one is drawn over it
        else:
            if seen is not None:
                self.live.want(seen, session.seed)
            self.live.draw()
        self._show_live(session.moment().beam)
        moment = session.moment()
        self.monitors.beam(moment.beam)
        self.theatre.show(moment)
        self.drew = self.theatre.draw()
        if now - self._figures_at >= FIGURES_S:
            self._figures_at = now
            if self.board.show(readout):
                self.theatre.screens_changed()
            self.figures.show(readout | {"beam": moment.beam} | bevel(moment.needle, self.live.shown))

    def pixel(self, x: float, y: float) -> tuple[float, float] | None:
        """(column, row) of the 512 detector picture under a point of the window; None where it is not on the live picture."""
        at = self.monitors.at(x, y)
        if at is None or at[0] != "live" or self.live_screen.snapshot is None:
            return None
        return self.live_screen.detector_pixel(at[1], at[2])

    def bare(self, skin: Array | None) -> bool:
        """Whether a point of the skin (3,) lies in the drape's opening; None, where there is no skin, is no matter of the drape."""
        if skin is None:
            return True
        x, z = np.abs(skin[[0, 2]] - self.opening)
        return bool(x < OPENING_MM[0] and z < OPENING_MM[1])

    def _show_live(self, beam: bool) -> None:
        """The last whole picture, with what lies over it."""
        shown = self.live.shown
        wanted = (shown, beam, tuple(map(id, self.aim_line)), self.landmarks)
        if shown is None or wanted == self._live_shown:
            return
        self._live_shown = wanted
        self._turn = display_of(shown.pose, self._turn)
        lines = [*self._landmark_lines(shown), *self.aim_line]
        self.live_screen.show(self.live.texture, shown, self._turn, lines, Texts(mark="LIVE" if beam else "HELD"))
        self.theatre.screens_changed()

    def _show_reference(self, stored: Snapshot) -> None:
        """The picture that was stored goes to the other monitor."""
        self._stored = stored
        self.reference_screen.show(self.live.texture, stored, self._turn, (), Texts(mark="REFERENCE"))
        self.monitors.reference(self.reference_screen.texture, f"{stored.pose.orbital:+.0f}° {stored.pose.tilt:+.0f}°")
        self.theatre.screens_changed()

    def _landmark_lines(self, shown: Snapshot) -> list[Line]:
        if not self.landmarks:
            return []
        found = outlines(self.patient, self.target, shown.pose)
        return [
            Line(each.points, GROUPS[each.group], each.name, THIN if each.group == "body" else 0.8) for each in found
        ]

    def point(self, start: tuple[float, float] | None, end: tuple[float, float] | None) -> None:
        """What is being dragged, in detector pixels: drawn over the picture."""
        if end is None:
            self.aim_line = ()
        elif start is None:
            self.aim_line = marker(*end)
        else:
            self.aim_line = (*marker(*end), Line(np.array([start, end])))

    def close(self) -> None:
        """Gives everything back."""
        self.node.remove_node()
        for part in (self.theatre, self.board, self.live_screen, self.reference_screen, self.live):
            part.close()
