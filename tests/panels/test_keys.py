"""Keys: shown as a person reads them, changed by pressing, never given twice."""

import pytest
from direct.showbase.MessengerGlobal import messenger

from game.desk import bindings
from game.panels import actions as keyed
from game.panels.actions import bare
from game.panels.keys import KeysPage, KeyStrip
from game.panels.layout import Rect
from tests.panels.scenes import actions
from tests.panels.seen import texts

SHOWN = {
    "a": "A",
    "arrow_left": "←",
    "page_up": "Page Up",
    "shift-wheel_up": "Shift + Wheel ↑",
    "-": "-",
    "shift--": "Shift + -",
    "f1": "F1",
    "space": "Space",
}


@pytest.mark.parametrize("key", SHOWN)
def test_a_key_is_shown_as_a_person_reads_it(key: str) -> None:
    assert keyed.shown(key) == SHOWN[key]


def test_a_taken_key_is_refused_and_names_who_has_it() -> None:
    assert "“Tilt toward the head”" in (keyed.refusal(actions(), "x-ray.pedal", "w") or "")
    assert keyed.refusal(actions(), "x-ray.pedal", "space") is None  # its own
    assert "pause" in (keyed.refusal(actions(), "x-ray.pedal", "escape") or "")


def test_one_action_changes_and_the_others_stay() -> None:
    changed = keyed.changed(actions(), "x-ray.pedal", "z")
    assert {a.id: a.key for a in changed} == {a.id: a.key for a in actions()} | {"x-ray.pedal": "z"}


@pytest.fixture
def page(theme) -> KeysPage:
    made: dict[str, str] = {}
    page = KeysPage(
        theme, actions(), lambda id, key: made.update({id: key}), lambda: None, lambda: made.update(done="1")
    )
    page.made = made
    return page


def press(page: KeysPage, key: str) -> None:
    """A key comes down, as Panda3D tells it."""
    messenger.send(page.theme.base.buttonThrowers[0].node().get_button_down_event(), [key])
    page.theme.base.taskMgr.step()
    page.theme.base.taskMgr.step()


def test_choosing_an_action_and_pressing_a_key_changes_it(page: KeysPage, stage) -> None:
    page.buttons["key:x-ray.pedal"].press()
    assert any("press a key" in text.words for text in texts(page.root, stage.parent))
    press(page, "z")
    assert page.made == {"x-ray.pedal": "z"}
    assert any(text.words == "* Z" for text in texts(page.root, stage.parent))


def test_a_conflict_is_said_in_one_line_and_the_next_key_may_be_free(page: KeysPage, stage) -> None:
    page.buttons["key:x-ray.pedal"].press()
    press(page, "w")
    assert page.made == {}
    assert any("W is taken by" in text.words for text in texts(page.root, stage.parent))
    press(page, "z")
    assert page.made == {"x-ray.pedal": "z"}


def test_escape_while_waiting_leaves_the_key_and_the_page(page: KeysPage) -> None:
    page.buttons["key:x-ray.pedal"].press()
    page.theme._key("escape")  # the key's own event comes first
    press(page, "escape")
    assert page.made == {} and page.waiting is None
    page.theme._key("escape")
    assert page.made == {"done": "1"}


def test_return_is_not_pressed_while_a_key_is_waited_for(page: KeysPage) -> None:
    page.buttons["key:x-ray.pedal"].press()
    page.theme._key("enter")
    press(page, "enter")
    assert page.made == {"x-ray.pedal": "enter"} and page.waiting is None


def test_the_wheel_may_be_a_key_too(page: KeysPage) -> None:
    page.buttons["key:x-ray.pedal"].press()
    page.turn(-1)
    page.theme.base.taskMgr.step()
    page.theme.base.taskMgr.step()
    assert "is taken by “Push”" in page.said
    press(page, "shift")  # alone it is no key
    press(page, "z")
    assert page.made == {"x-ray.pedal": "z"}


def test_what_the_desk_refuses_is_said(theme, stage) -> None:
    page = KeysPage(theme, actions(), lambda *_: "Not that one.", lambda: None, lambda: None)
    page.buttons["key:x-ray.pedal"].press()
    press(page, "z")
    assert any("Not that one." in text.words for text in texts(page.root, stage.parent))


def test_a_label_that_is_cut_is_said_whole_where_the_keyboard_is(theme, stage) -> None:
    label = "Turn the point of the bevel to the left of the picture as it is held now, whatever the view"
    long = keyed.Action("bevel", label, "Needle", "shift-q", "shift-q")
    page = KeysPage(theme, [long, *actions()], lambda *_: None, lambda: None, lambda: None)
    said = lambda: [text.words for text in texts(page.root, stage.parent)]  # noqa: E731
    assert label not in said()
    page.focus("key:bevel")
    assert label in said()
    page.focus("back")
    assert label not in said()


def test_reset_gives_every_key_back(page: KeysPage) -> None:
    page.buttons["key:x-ray.pedal"].press()
    press(page, "z")
    page.buttons["reset"].press()
    assert all(action.key == action.default for action in page.actions)


def test_every_action_is_on_some_sheet(theme) -> None:
    theme.scaled(1.3)
    page = KeysPage(theme, actions(), lambda *_: None, lambda: None, lambda: None)
    found = set(page.places())
    for _ in range(page.sheets):
        theme._key("page_down")
        found |= set(page.places())
    assert {f"key:{action.id}" for action in actions()} <= found


def test_the_strip_shows_the_first_ones_where_there_is_little_room(theme, stage) -> None:
    strip = KeyStrip(theme)
    strip.place(Rect(0, 0, 300, 30))
    strip.show([("space", "X-ray"), ("a d", "orbital"), ("w s", "tilt"), ("m", "mix cement")])
    seen = " ".join(text.words for text in texts(strip.node, stage.parent))
    assert 0 < strip.drawn < 4 and "Space" in seen and "mix" not in seen
    strip.place(Rect(0, 0, 900, 60))
    assert strip.drawn == 4


@pytest.mark.parametrize("scale", [1.0, 1.3])
def test_the_desks_own_labels_are_shown_whole(theme, scale: float) -> None:
    theme.scaled(scale)
    page = KeysPage(theme, bindings.load({}).actions, lambda *_: None, lambda: None, lambda: None)
    for _ in range(page.sheets):
        assert not page.cut
        theme._key("page_down")


def test_what_the_mouse_does_is_said_and_cannot_be_changed(theme, stage) -> None:
    page = KeysPage(theme, bindings.load({}).actions, lambda *_: None, lambda: None, lambda: None)
    said = {text.words for text in texts(page.root, stage.parent)}
    assert {"Mouse (fixed)", "Aim down the beam", "Drag on room"} <= said
    assert not [name for name in page.buttons if "drag" in name.lower()]
    moved = bindings.load({"centre": "f9"}).actions
    assert "Centre that point" not in [each.label for each in keyed.gestures(moved)]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("w", ("w", False)),
        ("shift-w", ("w", True)),
        ("shift-control--", ("-", True)),
        ("-", ("-", False)),
        ("shift", ("shift", False)),
    ],
)
def test_what_is_held_is_told_apart_from_the_key(key: str, told: tuple[str, bool]) -> None:
    assert bare(key) == told
