"""The two monitors: the live picture and the held reference, each with its name above it and a lamp for the beam.

In: textures (drawn by game/fluoroscopy), where they stand. Out: cards, pixel on pixel where texture and place agree in size; where
on a picture the mouse is. Nothing takes the mouse: who listens asks `at`.
"""

from typing import Any

from panda3d.core import NodePath, Texture, TransparencyAttrib

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.theme import Theme
from game.panels.widgets import Label

TITLES = {"live": "LIVE", "reference": "REFERENCE"}
EMPTY = {"live": "No picture yet", "reference": "No reference stored"}


class Monitors:
    """`place` them, give textures, tell the beam."""

    def __init__(self, theme: Theme, parent: NodePath | None = None) -> None:
        self.theme = theme
        self.node = shapes.layer(parent or theme.root, "monitors")
        self.rects: dict[str, Rect] = {}
        self.textures: dict[str, Texture | None] = {"live": None, "reference": None}
        self.notes: dict[str, str] = {"live": "", "reference": ""}
        self.empties = dict(EMPTY)
        self.lit = False
        self._lamps: list[NodePath] = []
        self._state: Label | None = None
        self._captions: dict[str, Label] = {}

    def place(self, live: Rect, reference: Rect) -> None:
        """Where the square pictures stand; their captions are above."""
        self.rects = {"live": live, "reference": reference}
        self._draw()

    def live(self, texture: Texture | None, note: str = "") -> None:
        """The live picture; `note`: a few words at the right of its caption."""
        self._give("live", texture, note)

    def reference(self, texture: Texture | None, note: str = "") -> None:
        """The held picture; `note`: which view it was."""
        self._give("reference", texture, note)

    def empty(self, reference: str) -> None:
        """What the reference's place says while it has no picture: which key stores one."""
        if reference != self.empties["reference"]:
            self.empties["reference"] = reference
            self._draw()

    def beam(self, on: bool) -> None:
        """The lamp: red and a word while there is X-ray."""
        if on != self.lit:
            self.lit = on
            self._lamp()

    def at(self, x: float, y: float) -> tuple[str, float, float] | None:
        """("live" or "reference", u, v) of a point in window pixels: 0-1 of the picture, u right, v up; None beside them."""
        for which, rect in self.rects.items():
            if rect.contains(x, y):
                return which, (x + 0.5 - rect.x) / rect.w, 1.0 - (y + 0.5 - rect.y) / rect.h
        return None

    def _give(self, which: str, texture: Texture | None, note: str) -> None:
        if texture is not self.textures[which]:
            self.textures[which] = texture
            self.notes[which] = note
            self._draw()
        elif note != self.notes[which]:
            self.notes[which] = note
            if which in self._captions:
                self._captions[which].set(note)

    def _draw(self) -> None:
        self.node.node().remove_all_children()
        self._lamps, self._captions = [], {}
        for which, rect in self.rects.items():
            self._monitor(which, rect)
        self._lamp()

    def _monitor(self, which: str, rect: Rect) -> None:
        theme = self.theme
        caption, frame = theme.px(28), max(1, theme.px(2))
        wide = rect.w + 2 * frame
        shapes.rounded(self.node, rect.x - frame, rect.y - caption, wide, caption, theme.px(5), looks.RAISED)
        for x in (rect.x - frame, rect.right):
            shapes.plain(self.node, x, rect.y - theme.px(6), frame, rect.h + theme.px(6), looks.RAISED)
        shapes.plain(self.node, rect.x - frame, rect.bottom, wide, frame, looks.RAISED)
        line = theme.line(looks.SMALL)
        y = rect.y - caption + (caption - line) // 2
        title = theme.label(self.node, rect.x + theme.px(8), y, TITLES[which], size=looks.SMALL, bold=True)
        if which == "live":
            x = title.rect.right + theme.px(20)
            radius = theme.px(6)
            for colour in (looks.LAMP_OFF, looks.LAMP):
                self._lamps.append(shapes.disc(self.node, x, rect.y - caption // 2, radius, colour))
            self._state = theme.label(self.node, x + radius + theme.px(7), y, "", size=looks.SMALL)
        self._captions[which] = theme.label(
            self.node,
            rect.right - theme.px(6),
            y,
            self.notes[which],
            size=looks.SMALL,
            colour=looks.DIM,
            align="right",
        )
        texture = self.textures[which]
        if texture is not None:
            shapes.picture(self.node, rect.x, rect.y, rect.w, rect.h, texture)
            return
        shapes.plain(self.node, rect.x, rect.y, rect.w, rect.h, looks.SUNK).set_transparency(TransparencyAttrib.M_none)
        inner = rect.w - 2 * theme.px(12)
        look: dict[str, Any] = {"size": looks.SMALL, "colour": looks.DIM, "width": inner, "lines": 4}
        words = theme.label(self.node, 0, 0, self.empties[which], **look)
        words.x, words.y = rect.centre[0] - words.rect.w // 2, rect.centre[1] - words.rect.h // 2
        words.put(words.x, words.y)

    def _lamp(self) -> None:
        if self._lamps and self._state is not None:
            off, on = self._lamps
            (on.show if self.lit else on.hide)()
            (off.hide if self.lit else off.show)()
            self._state.set("X-RAY ON" if self.lit else "beam off", looks.BAD if self.lit else looks.DIM)
