"""The page where keys are changed, and the strip of keys that is always on screen.

In: actions (game/panels/actions.py). Out: `change(action id, key)` when a free key was pressed for one; it may answer with a
line that says why not. Groups run down the columns, the mouse's fixed gestures first; what
does not fit goes to the next sheet.
"""

from collections.abc import Callable, Mapping, Sequence

from panda3d.core import NodePath

from game.panels import actions as keyed
from game.panels import looks, shapes
from game.panels.actions import Action, Gesture
from game.panels.layout import Rect
from game.panels.page import Page
from game.panels.theme import Theme

COLUMNS = (3, 2)
"""As many columns as show every label whole; the last where none does."""

MOUSE = "Mouse (fixed)"


class KeysPage(Page):
    """Shown until closed; `close_page` is called by Back and Escape."""

    def __init__(
        self,
        theme: Theme,
        actions: Sequence[Action],
        change: Callable[[str, str], str | None],
        reset: Callable[[], Sequence[Action] | None],
        close: Callable[[], None],
    ) -> None:
        self.actions = tuple(actions)
        self.change, self.reset, self.back = change, reset, close
        self.waiting: str | None = None
        self.said = ""
        super().__init__(theme)

    def fill(self) -> None:
        """Title, what to do, the groups, foot."""
        theme = self.theme
        px = theme.px
        edge, gap = px(40), px(16)
        wide = theme.width - 2 * edge
        title = theme.label(self.root, edge, px(18), "Keys", size=looks.TITLE, bold=True)
        text, colour = self._line()
        line = theme.label(
            self.root, edge, title.bottom, text, size=looks.SMALL, colour=colour, width=wide - px(200), lines=2
        )
        self.line = line
        self.cut: dict[str, str] = {}  # button -> the whole label of a row that shows only a part of it
        top = max(line.bottom, title.bottom + theme.line(looks.SMALL)) + px(8)
        foot_h = px(42)
        foot = theme.height - px(20) - foot_h
        self._columns(Rect(edge, top, wide, foot - px(12) - top), gap)
        self.pager(edge + wide, px(22), px(36))
        self.button("reset", Rect(edge, foot, px(220), foot_h), "Reset all keys", self._reset)
        right = edge + wide - px(160)
        self.button("back", Rect(right, foot, px(160), foot_h), "Back", self.escape, strong=True)

    def _line(self) -> tuple[str, looks.Colour]:
        if self.waiting is not None:
            action = next(action for action in self.actions if action.id == self.waiting)
            return f"Press the key for “{action.label}”. Escape leaves it as it is. {self.said}", looks.WARN
        return self.said or "Choose an action, then press its new key. * marks a changed key.", looks.DIM

    def _columns(self, area: Rect, gap: int) -> None:
        """Fills columns from top to bottom, sheet by sheet; a heading never stands at the foot of one."""
        theme = self.theme
        groups: dict[str, Sequence[Action | Gesture]] = {
            MOUSE: keyed.gestures(self.actions),
            **keyed.grouped(self.actions),
        }
        columns = next((n for n in COLUMNS if self._fits(groups, (area.w - gap * (n - 1)) // n)), COLUMNS[-1])
        each = (area.w - gap * (columns - 1)) // columns
        head, row = theme.line(looks.BODY) + theme.px(4), theme.line(looks.SMALL) + theme.px(8)
        column, y = 0, area.y
        for group, members in groups.items():
            for number, member in enumerate(members):
                first = number == 0
                before = theme.px(10) if first and y > area.y else 0
                need = before + (head if first else 0) + row
                both = row if first and len(members) > 1 else 0
                if y + need + both > area.bottom:
                    column, y, before = column + 1, area.y, 0
                    need, first = head + row, True
                x = area.x + column % columns * (each + gap)
                if column // columns == self.sheet:
                    if first:
                        words = group if number == 0 else f"{group}, continued"
                        theme.label(self.root, x, y + before, words, bold=True, colour=looks.ACCENT)
                    self._row(member, Rect(x, y + need - row, each, row - theme.px(2)))
                y += need
        self.sheets = column // columns + 1

    def _fits(self, groups: Mapping[str, Sequence[Action | Gesture]], wide: int) -> bool:
        """Whether a column so wide shows every label whole, with any key beside it."""
        probe, theme = NodePath("probe"), self.theme

        def needs(member: Action | Gesture) -> int:
            key = member.gesture if isinstance(member, Gesture) else self._key_words(member)
            bold = isinstance(member, Action)
            words = theme.label(probe, 0, 0, member.label, size=looks.SMALL)
            return words.rect.w + theme.label(probe, 0, 0, key, size=looks.SMALL, bold=bold).rect.w

        most = wide - 3 * theme.px(10)
        return all(needs(member) <= most for members in groups.values() for member in members)

    @staticmethod
    def _key_words(action: Action) -> str:
        return ("" if action.key == action.default else "* ") + keyed.shown(action.key)

    def _row(self, member: Action | Gesture, rect: Rect) -> None:
        """A button for an action; for the mouse a line that nothing changes."""
        theme = self.theme
        pad, y = theme.px(10), (rect.h - theme.line(looks.SMALL)) // 2
        if isinstance(member, Gesture):
            row = self.root.attach_new_node("gesture")
            row.set_pos(rect.x, 0, -rect.y)
            words, colour = member.gesture, looks.DIM
        else:
            id, waits = member.id, member.id == self.waiting
            row = self.button(f"key:{id}", rect, "", lambda: self._ask(id), chosen=waits).gui
            words = "press a key …" if waits else self._key_words(member)
            colour = looks.WARN if waits else looks.ACCENT
        bold = isinstance(member, Action)
        key = theme.label(row, rect.w - pad, y, words, size=looks.SMALL, bold=bold, colour=colour, align="right")
        wide = rect.w - 3 * pad - key.rect.w
        label = theme.label(row, pad, y, member.label, size=looks.SMALL, width=wide, lines=1)
        if isinstance(member, Action) and label.shown != member.label:
            self.cut[f"key:{member.id}"] = member.label

    def focus(self, name: str) -> None:
        """As any page; a label that is cut is said whole above."""
        super().focus(name)
        if self.waiting is None:
            text, colour = self._line()
            self.line.set(self.cut.get(name, text), colour)

    def _ask(self, id: str) -> None:
        self.waiting, self.said = id, ""
        self.theme.capture(self._pressed)
        self.rebuild()

    def _pressed(self, key: str) -> None:
        """The key that was waited for."""
        id, self.waiting, self.said = self.waiting, None, ""
        if id is None:
            return
        if key in ("escape", "mouse1"):
            self.rebuild()
            return
        refused = keyed.refusal(self.actions, id, key) or self.change(id, key)
        if refused:
            self.waiting, self.said = id, refused
            self.theme.capture(self._pressed)
        else:
            self.actions = keyed.changed(self.actions, id, key)
            self.said = f"{keyed.shown(key)} is set."
        self.rebuild()

    def turn(self, by: int) -> None:
        """The wheel turns sheets, or is the key that is waited for."""
        if self.waiting is not None:
            self.theme.captured("wheel_up" if by < 0 else "wheel_down")
        else:
            super().turn(by)

    def _reset(self) -> None:
        given = self.reset()
        self.actions = (
            tuple(given)
            if given is not None
            else tuple(action for each in self.actions for action in keyed.changed([each], each.id, each.default))
        )
        self.waiting, self.said = None, "All keys are as they were at first."
        self.rebuild()

    def escape(self) -> None:
        """Back."""
        self.theme.capture(None)
        self.back()


class KeyStrip:
    """The short help: caps with what they do, as many as there is room for, first ones first."""

    def __init__(self, theme: Theme, parent: NodePath | None = None) -> None:
        self.theme = theme
        self.node = shapes.layer(parent or theme.root, "keys")
        self.rect: Rect | None = None
        self.pairs: tuple[tuple[str, str], ...] = ()
        self.drawn = 0

    def place(self, rect: Rect) -> None:
        """Where it stands from now on."""
        self.rect = rect
        self._draw()

    def show(self, pairs: Sequence[tuple[str, str]]) -> None:
        """(key, what it does in a word or two); keys by Panda3D's names, several with a blank between."""
        if tuple(pairs) != self.pairs:
            self.pairs = tuple(pairs)
            self._draw()

    def _draw(self) -> None:
        """In the largest type in which all fit, down to the least."""
        if self.rect is None:
            return
        for pixels in range(self.theme.type_px(looks.SMALL), self.theme.least_px - 1, -1):
            self.node.node().remove_all_children()
            self.drawn = self._flow(self.rect, pixels)
            if self.drawn == len(self.pairs):
                return

    def _flow(self, rect: Rect, pixels: int) -> int:
        """Line by line; returns how many found room."""
        theme = self.theme
        gap, row = theme.px(14), -(-5 * pixels // 4) + theme.px(6)
        shapes.plain(self.node, rect.x, rect.y, rect.w, rect.h, looks.PAGE)
        x, y = rect.x, rect.y
        for number, (key, words) in enumerate(self.pairs):
            item = self.node.attach_new_node("item")
            wide = 0
            for name in key.split():
                wide += self._cap(item, wide, keyed.shown(name), pixels) + theme.px(3)
            label = theme.label(item, wide + theme.px(3), theme.px(2), words, pixels=pixels, colour=looks.DIM)
            if x > rect.x and x + label.rect.right > rect.right:
                x, y = rect.x, y + row
            if y + row > rect.bottom + theme.px(4) or x + label.rect.right > rect.right:
                item.remove_node()
                return number
            item.set_pos(x, 0, -y)
            x += label.rect.right + gap
        return len(self.pairs)

    def _cap(self, item: NodePath, x: int, name: str, pixels: int) -> int:
        """A key's cap at x; its width."""
        theme = self.theme
        pad = theme.px(6)
        label = theme.label(item, x + pad, theme.px(2), name, pixels=pixels, bold=True)
        wide, high = max(label.rect.w + 2 * pad, label.leading), label.leading + theme.px(4)
        label.path.detach_node()
        shapes.bordered(item, x, 0, wide, high, theme.px(4), looks.RAISED, looks.EDGE, max(1, theme.px(1)))
        label.path.reparent_to(item)
        label.put(x + (wide - label.rect.w) // 2, label.y)
        return wide
