"""The trainee's two hands and foot: actions pressed and let go, as controls of the session.

In: action ids (actions.toml) with their going down and up, points picked on the picture. Out: controls (`Session.put`). What one
hand can only do one after the other waits in a line. Knows no window and no key. Arm and table are in joints.py.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from game.desk.joints import Joints
from game.session import Session
from models.carm import FIELD_MM, SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, view

PUSH_MM, PUSH_MM_S = 2.0, 10.0
"""One step in soft tissue, and its pace; assumed."""

SCREW_MM, SCREW_MM_S = 0.5, 2.0
"""One step in bone by hand screwing, and its pace; assumed."""

PULL_MM, PULL_MM_S = 1.0, 20.0
"""One step back, and the pace of withdrawing; assumed."""

FELT_N = 15.0
"""A hand that pushes through soft tissue stops where it feels more than this: bone; assumed."""

SKIN_MM = 5.0
"""To there the hand pushes as hard as the skin asks; deeper, it minds FELT_N; assumed."""

FAR_MM = 180.0
"""As far as a trocar goes: what a key that is held asks for."""

TAPS_J = {"tap_light": 0.5, "tap_firm": 1.0, "tap_hard": 2.0}
"""Energy of a mallet's tap; assumed."""

TWIST_DEG = 15.0
RATES_ML_S = (0.02, 0.04, 0.06, 0.08, 0.10, 0.15)
"""Paces of the injector that can be chosen; assumed."""

WAITS_S = {"wait": 10.0, "wait_long": 60.0}
LINE_MOST = 8
"""Most acts that wait for the hand: a wheel spun too far is not made up for later."""

LEAN_DEG_PX = 0.15
"""How far the hub leans for each pixel of a drag; assumed."""

MM_PER_PX = FIELD_MM / 512 * SOURCE_ISOCENTRE_MM / SOURCE_DETECTOR_MM
"""At the isocentre, in the 512 detector picture."""


@dataclass
class Wish:
    """An act that waits for the hand."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)
    key: str = ""  # the action that is held down for it


class Hands:
    """What is pressed, and what waits for the hand. `notice`: one line for the trainee."""

    def __init__(self, session: Session, pedal_toggles: bool, notice: Callable[[str], None]) -> None:
        self.session, self.pedal_toggles, self.notice = session, pedal_toggles, notice
        self.joints = Joints(session, notice)
        self.line: deque[Wish] = deque()
        self.down: dict[str, float] = {}  # actions held, since when [s]
        self.rate = 1  # of RATES_ML_S
        self.moving = ""  # the held action that the hand is moving for
        self.heedless = False  # a push that began at the skin, without FELT_N
        self.hurry_ms = 0  # a wait that has just begun, for the pace

    # ---- keys

    def press(self, action: str, now: float) -> bool:
        """An action's key goes down; whether it is one of the hands'."""
        if action in self.joints.AXES or action in self.joints.PLACES:
            self.joints.press(action)
        elif action == "pedal":
            self.session.put("pedal", down=not (self.pedal_toggles and self.session.moment().beam))
        elif action in ("advance", "withdraw"):
            self._wish(self._far(action))
        elif action == "inject":
            self.session.put("inject", ml_s=self.rate_ml_s)
        elif action in ONCE:
            ONCE[action](self)
        elif action in TAPS_J:
            self._wish(Wish("mallet", {"joules": TAPS_J[action]}))
        elif action in WAITS_S:
            self.wait(WAITS_S[action])
        elif action in ("slower", "faster"):
            self.rate = min(max(self.rate + (1 if action == "faster" else -1), 0), len(RATES_ML_S) - 1)
            if "inject" in self.down:
                self.session.put("inject", ml_s=self.rate_ml_s)
        else:
            return False
        self.down[action] = now
        return True

    def release(self, action: str) -> None:
        """An action's key goes up."""
        if self.down.pop(action, None) is None:
            return
        self.joints.release(action)
        if action == "pedal" and not self.pedal_toggles:
            self.session.put("pedal", down=False)
        elif action == "inject":
            self.session.put("inject", ml_s=0.0)
        elif action in ("advance", "withdraw"):
            self.line = deque(wish for wish in self.line if wish.key != action)
            if self.moving == action:
                self.moving = ""
                self.session.put("rest")

    def let_go(self) -> None:
        """Everything is let go, the pedal too: the window has lost the keyboard."""
        for action in list(self.down):
            self.release(action)
        self.line.clear()
        if self.session.moment().beam:
            self.session.put("pedal", down=False)

    # ---- time

    def frame(self, now: float) -> None:
        """Once a frame: what is held goes on, what waits for the hand begins when the hand is free."""
        self.joints.frame(now, self.down)
        session = self.session
        if self.line and self.line[0].name == "push" and session.readout()["contact"]:
            # steps through soft tissue end on bone, however far the wheel was spun
            self.line = deque(wish for wish in self.line if wish.name != "push")
        if self.moving == "advance" and self.heedless and not session.hand_free and self._minding():
            self._begin(self._far("advance"))  # the skin has given way: from here the hand minds what it feels
        while self.line and session.hand_free:
            self._begin(self.line.popleft())

    def _begin(self, wish: Wish) -> None:
        """The hand takes up an act, now."""
        self.moving, self.heedless = wish.key, wish.name == "push" and "most_n" not in wish.values
        if wish.name == "stylet" and "present" not in wish.values:  # out or in, as it is by then
            wish.values["present"] = not self.session.readout()["stylet"]
        self.session.put(wish.name, **wish.values)

    def wait(self, seconds: float) -> None:
        """Simulated time runs fast, where nothing but arm and clock moves."""
        if not self.session.may_hurry or self.line:
            self.notice("Waiting is for when needle, pedal and cement rest.")
            return
        self.session.put("wait", seconds=seconds)
        self.hurry_ms = round(1000.0 * seconds)

    # ---- the needle

    @property
    def rate_ml_s(self) -> float:
        """What the injector gives while its key is held."""
        return RATES_ML_S[self.rate]

    def step(self, forward: bool) -> None:
        """One notch of the wheel."""
        on_bone = self._on_bone()
        if not forward:
            self._wish(Wish("pull", {"mm": PULL_MM, "mm_s": PULL_MM_S}))
        elif on_bone:
            self._wish(Wish("screw", {"mm": SCREW_MM, "mm_s": SCREW_MM_S}))
        else:
            self._wish(Wish("push", {"mm": PUSH_MM, "mm_s": PUSH_MM_S, **self._minding()}))

    def aim(self, column: float, row: float) -> None:
        """The trocar held in the beam through a pixel of the 512 detector picture."""
        self._wish(Wish("aim", {"column": round(column, 2), "row": round(row, 2)}))

    def centre(self, column: float, row: float) -> None:
        """The table brings what lies under a pixel, at the isocentre's depth, into the middle of the picture."""
        snapshot = self.session.snapshot()
        if snapshot is None:
            return
        pinhole = view(snapshot.pose)
        right, down = ((value - 255.5) * MM_PER_PX for value in (column, row))
        moved = np.subtract(snapshot.pose.isocentre, self.session.moment().pose.isocentre)  # since the picture
        left, posterior, superior = (moved + right * pinhole.column + down * pinhole.row).tolist()
        self.session.put("table", left=round(left, 2), posterior=round(posterior, 2), superior=round(superior, 2))

    def drag(self, right_px: float, up_px: float, lean: bool) -> None:
        """Before bone holds it: the tip moved, or the hub leaned, by so many pixels of the detector picture."""
        scale, name = (LEAN_DEG_PX, "lean") if lean else (MM_PER_PX, "shift")
        self._wish(Wish(name, {"right": round(right_px * scale, 2), "cranial": round(up_px * scale, 2)}))

    @property
    def in_patient(self) -> bool:
        """Whether the trocar has gone through the skin."""
        return float(self.session.readout()["skin_mm"]) > 0.0

    def _on_bone(self) -> bool:
        readout = self.session.readout()
        return bool(readout["contact"] or readout["embedded"])

    def _minding(self) -> dict[str, float]:
        """Where a push through soft tissue stops by feel."""
        return {"most_n": FELT_N} if float(self.session.readout()["skin_mm"]) > SKIN_MM else {}

    def _far(self, action: str) -> Wish:
        if action == "withdraw":
            return Wish("pull", {"mm": FAR_MM, "mm_s": PULL_MM_S}, action)
        if self._on_bone():
            return Wish("screw", {"mm": FAR_MM, "mm_s": SCREW_MM_S}, action)
        return Wish("push", {"mm": FAR_MM, "mm_s": PUSH_MM_S, **self._minding()}, action)

    def _wish(self, wish: Wish) -> None:
        if len(self.line) < LINE_MOST:
            self.line.append(wish)

    def _stylet(self, turned: bool = False) -> None:
        self._wish(Wish("stylet", {"present": True, "turned": True} if turned else {}))


def _twist(degrees: float) -> Callable[[Hands], None]:
    return lambda hands: hands._wish(Wish("twist", {"degrees": degrees}))


def _bevel(clock: float) -> Callable[[Hands], None]:
    return lambda hands: hands._wish(Wish("bevel", {"clock": clock}))


def _side(side: str) -> Callable[[Hands], None]:
    return lambda hands: hands._wish(Wish("side", {"side": side}))


def _let_go(hands: Hands) -> None:
    hands.line.clear()
    hands.session.put("rest")


ONCE: dict[str, Callable[[Hands], None]] = {
    "shoot": lambda hands: hands.session.put("expose"),
    "side_left": _side("left"),
    "side_right": _side("right"),
    "step_in": lambda hands: hands.step(True),
    "step_out": lambda hands: hands.step(False),
    "twist_left": _twist(-TWIST_DEG),
    "twist_right": _twist(TWIST_DEG),
    "twist_half": _twist(180.0),
    "bevel_left": _bevel(270.0),
    "bevel_right": _bevel(90.0),
    "stylet": Hands._stylet,
    "stylet_turned": lambda hands: hands._stylet(turned=True),
    "let_go": _let_go,
    "mix": lambda hands: hands.session.put("mix"),
}
"""What is done once, when the key goes down."""
