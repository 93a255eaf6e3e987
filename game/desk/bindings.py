"""Which key does what: the actions of actions.toml, with a person's own keys.

In: actions.toml, a person's [keys]. Out: actions with their keys; the action of a key; a changed key. No window here.
A key is Panda3D's name of it, with "shift-" before where shift is held.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from game.panels.actions import RESERVED, Action, changed, holder, refusal, shown
from models.errors import InputError

FILE = Path(__file__).with_name("actions.toml")

FIXED = ("mouse1",)
"""Keys that are no action's: the left button points and drags."""


@dataclass(frozen=True)
class Bindings:
    """Every action with its key."""

    actions: tuple[Action, ...]
    shorts: Mapping[str, str]  # id -> what the strip at the foot calls it

    def action(self, key: str, shift: bool) -> str | None:
        """The action of a key; with shift held, of the key with shift where there is one, else of the key alone."""
        by_key = {action.key: action.id for action in self.actions}
        return (by_key.get(f"shift-{key}") if shift else None) or by_key.get(key)

    def key_of(self, action_id: str) -> str:
        """The key of an action."""
        return next(action.key for action in self.actions if action.id == action_id)

    def changed(self, action_id: str, key: str) -> "Bindings":
        """The same with another key for one action. InputError, one line, where the key is taken."""
        if key in FIXED:
            raise InputError(f"{shown(key)} points and drags: press another key")
        why = _reserved(self.key_of(action_id)) or refusal(self.actions, action_id, key)
        if why is not None:
            raise InputError(why)
        return Bindings(changed(self.actions, action_id, key), self.shorts)

    def own(self) -> dict[str, str]:
        """The keys that differ from the file's: what a person's settings keep."""
        return {action.id: action.key for action in self.actions if action.key != action.default}


def load(own: Mapping[str, str], file: Path = FILE) -> Bindings:
    """The file's actions with a person's own keys. InputError names what is not known or taken twice."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))["action"]
    actions = tuple(Action(each["id"], each["label"], each["group"], each["key"], each["key"]) for each in table)
    bindings = Bindings(actions, {each["id"]: each["short"] for each in table if "short" in each})
    known = [action.id for action in actions]
    for action_id in own:
        if action_id not in known:
            near = get_close_matches(action_id, known, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise InputError(f"settings: keys.{action_id}: no such action.{guess}")
    # All at once, so that two actions may change places.
    moved = tuple(replace(action, key=own.get(action.id, action.key)) for action in actions)
    for action in moved:
        if action.key != action.default:
            _check(action, moved)
    return Bindings(moved, bindings.shorts)


def _check(action: Action, actions: tuple[Action, ...]) -> None:
    """InputError where a person's own key for an action cannot be."""
    other = holder(actions, action.id, action.key)
    why = _reserved(action.key) or _reserved(action.default)
    if action.key in FIXED:
        why = f"{shown(action.key)} points and drags"
    elif other is not None:
        why = why or f"that key is taken by {other.id}"
    if why is not None:
        raise InputError(f"settings: keys.{action.id} = {action.key!r}: {why}")


def _reserved(key: str) -> str | None:
    """Why a key can be neither given nor taken away; None where it can."""
    return f"{shown(key)} stays as it is: {RESERVED[key]}" if key in RESERVED else None
