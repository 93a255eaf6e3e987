"""Actions and their keys, as data: what a page of keys shows and what it may change. No screen here.

In: actions, filled by the desk from its file. Out: the same with other keys; names of keys as a person reads them.
Names of keys are Panda3D's: "a", "arrow_left", "page_up", "space", "wheel_up", with "shift-", "control-", "alt-" before them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

RESERVED = {"escape": "it opens the pause page"}
"""Keys that no action may have, and why."""

HELD = ("shift", "control", "alt", "meta")

SHOWN = {
    "arrow_left": "←",
    "arrow_right": "→",
    "arrow_up": "↑",
    "arrow_down": "↓",
    "page_up": "Page Up",
    "page_down": "Page Down",
    "mouse1": "Left button",
    "mouse2": "Middle button",
    "mouse3": "Right button",
    "wheel_up": "Wheel ↑",
    "wheel_down": "Wheel ↓",
    "print_screen": "Print",
    "caps_lock": "Caps Lock",
}


@dataclass(frozen=True)
class Action:
    """Something a key does."""

    id: str  # "arm.orbital_plus"
    label: str  # "Detector to the patient's left"
    group: str  # "C-arm"
    key: str
    default: str


@dataclass(frozen=True)
class Gesture:
    """Something the mouse does that no key takes its place for."""

    label: str
    gesture: str
    action: str = ""  # it is said only while this action has its first key


GESTURES = (
    Gesture("Aim down the beam", "Click or drag picture"),
    Gesture("Move, in soft tissue", "Drag on picture"),
    Gesture("Lean, in soft tissue", "Shift + drag"),
    Gesture("Centre that point", "Right click", "centre"),
    Gesture("Step in or out", "Wheel on picture", "step_in"),
    Gesture("Zoom the room", "Wheel on room", "step_in"),
    Gesture("Look round the room", "Drag on room"),
)
"""What game/desk/case.py does with the mouse."""


def gestures(actions: Sequence[Action]) -> list[Gesture]:
    """Those that hold with these keys."""
    moved = {action.id for action in actions if action.key != action.default}
    return [each for each in GESTURES if each.action not in moved]


def shown(key: str) -> str:
    """A key as a person reads it: 'Shift + A', '←', 'Page Up'."""
    for held in HELD:
        if key.startswith(f"{held}-") and len(key) > len(held) + 1:
            return f"{held.capitalize()} + {shown(key[len(held) + 1 :])}"
    return SHOWN.get(key, key.upper() if len(key) == 1 else key.replace("_", " ").capitalize())


def bare(key: str) -> tuple[str, bool]:
    """(a key without what was held with it, whether shift was). Panda3D puts what is held before a key that goes down, as far
    as it knows of it by then, but not before the same key that goes up.
    """
    shift = False
    while (
        held := next((word for word in HELD if key.startswith(f"{word}-") and len(key) > len(word) + 1), None)
    ) is not None:
        shift, key = shift or held == "shift", key[len(held) + 1 :]
    return key, shift


def holder(actions: Sequence[Action], id: str, key: str) -> Action | None:
    """The other action that already has this key."""
    return next((action for action in actions if action.key == key and action.id != id), None)


def refusal(actions: Sequence[Action], id: str, key: str) -> str | None:
    """Why action `id` cannot have `key`, in one line; None where it can."""
    if key in RESERVED:
        return f"{shown(key)} stays as it is: {RESERVED[key]}. Press another key."
    other = holder(actions, id, key)
    return (
        None if other is None else f"{shown(key)} is taken by “{other.label}”. Press another key, or change that first."
    )


def changed(actions: Sequence[Action], id: str, key: str) -> tuple[Action, ...]:
    """The actions with another key for one of them."""
    return tuple(replace(action, key=key) if action.id == id else action for action in actions)


def grouped(actions: Sequence[Action]) -> dict[str, list[Action]]:
    """By group, in the order of first appearance."""
    groups: dict[str, list[Action]] = {}
    for action in actions:
        groups.setdefault(action.group, []).append(action)
    return groups
