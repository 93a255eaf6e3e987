"""Keys: the file is complete, a person's own keys hold or are refused in one line, and settings keep them."""

from dataclasses import replace

import pytest

from game.desk import bindings
from game.desk.pages import STRIP
from game.procedure import rules
from game.procedure.coach import Coach
from game.procedure.scenarios import load
from game.settings import keep_setting, load_settings
from models.errors import InputError
from tests.procedure.hand import perform


@pytest.fixture(scope="module")
def usual():
    return bindings.load({})


def refusal(own):
    """The one line with which a person's keys are refused."""
    with pytest.raises(InputError) as refused:
        bindings.load(own)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_every_action_has_a_key_and_no_key_two_actions(usual):
    keys = [action.key for action in usual.actions]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set(bindings.FIXED)


def test_every_action_has_an_id_of_its_own_and_words_for_a_person(usual):
    ids = [action.id for action in usual.actions]
    assert len(set(ids)) == len(ids)
    assert all(action.label and action.group for action in usual.actions)


def test_what_the_strip_shows_has_a_short_name(usual):
    assert set(STRIP) <= set(usual.shorts)


def test_a_key_finds_its_action_and_with_shift_another(usual):
    assert usual.action("q", shift=False) == "twist_left"
    assert usual.action("q", shift=True) == "bevel_left"
    assert usual.action("w", shift=True) == "advance"  # no action of its own: shift changes nothing
    assert usual.action("f12", shift=False) is None


def test_an_own_key_takes_the_place_of_the_files(usual):
    mine = bindings.load({"shoot": "g"})
    assert mine.action("g", shift=False) == "shoot"
    assert mine.action(usual.key_of("shoot"), shift=False) is None
    assert mine.own() == {"shoot": "g"}
    assert usual.own() == {}


def test_two_actions_may_change_places(usual):
    swapped = {"advance": usual.key_of("withdraw"), "withdraw": usual.key_of("advance")}
    mine = bindings.load(swapped)
    assert {action: mine.key_of(action) for action in swapped} == swapped


@pytest.mark.parametrize(
    ("own", "parts"),
    [
        ({"shot": "g"}, ["keys.shot", "no such action", "Did you mean 'shoot'?"]),
        ({"xyzzy": "g"}, ["keys.xyzzy", "no such action"]),
        ({"shoot": "space"}, ["keys.shoot = 'space'", "taken by pedal"]),
        ({"arm_left": "x"}, ["keys.arm_left = 'x'", "taken by shoot"]),  # it stands before the other in the file
        ({"shoot": "g", "store": "g"}, ["'g'", "taken"]),
        ({"shoot": "mouse1"}, ["keys.shoot = 'mouse1'", "points and drags"]),
        ({"shoot": "escape"}, ["keys.shoot = 'escape'", "opens the pause page"]),
        ({"shoot": "escape", "pause": "x"}, ["opens the pause page"]),
        ({"pause": "g"}, ["keys.pause = 'g'", "opens the pause page"]),
    ],
)
def test_settings_that_cannot_be_name_the_action_the_key_and_why(own, parts):
    said = refusal(own)
    assert all(part in said for part in ["settings: ", *parts])


@pytest.mark.parametrize(
    ("action", "key", "part"),
    [
        ("shoot", "space", "taken"),
        ("shoot", "mouse1", "points and drags"),
        ("shoot", "escape", "pause page"),
        ("pause", "g", "pause page"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_one_line(usual, action, key, part):
    with pytest.raises(InputError, match=part) as refused:
        usual.changed(action, key)
    assert "\n" not in str(refused.value)


def test_what_a_change_allows_the_settings_allow(usual):
    for action in usual.actions:
        for key in ("g", "mouse1", "mouse2", "escape", "space", "shift-x", action.key):
            try:
                changed = usual.changed(action.id, key)
            except InputError:
                if key != action.key:  # the same key again is no change to the settings
                    refusal({action.id: key})
            else:
                assert bindings.load(changed.own()) == changed


def test_own_keys_survive_the_settings_file_and_so_do_its_comments(usual, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('# mine, do not touch\nlog_level = "debug"  # while I look for a fault\n', encoding="utf-8")
    mine = usual.changed("shoot", "g").changed("store_a", "shift-g")
    keep_setting("keys", mine.own(), file)
    keep_setting("text_scale", 1.2, file)  # a plain setting after a table: still one of its own
    kept = load_settings(file)
    assert bindings.load(kept.keys) == mine
    assert (kept.text_scale, kept.log_level) == (1.2, "debug")
    text = file.read_text(encoding="utf-8")
    assert "# mine, do not touch" in text
    assert "# while I look for a fault" in text


def test_the_files_keys_given_back_leave_nothing_in_the_settings(usual, tmp_path):
    file = tmp_path / "settings.toml"
    keep_setting("keys", usual.changed("shoot", "g").own(), file)
    keep_setting("keys", usual.own(), file)
    assert load_settings(file).keys == {}


def test_a_default_stays_what_the_file_says(usual):
    changed = usual.changed("shoot", "g")
    back = tuple(replace(action, key=action.default) for action in changed.actions)
    assert back == usual.actions


def test_every_action_that_the_coach_names_is_in_the_file(usual):
    named = {id_ for act in coached() for id_ in act}
    assert named
    assert named <= {action.id for action in usual.actions}


def coached():
    """What the coach's steps name on every branch, and where they order to stop."""
    for route in ("5", "7", "9", "reentry"):
        coach = Coach(load("first-case"), rules.load())
        for event in perform(route=route):
            coach.observe([event])
            yield coach.now().acts
