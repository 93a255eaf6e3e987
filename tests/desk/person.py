"""A person at the window: acts of a file by xdotool, on real X events. Imports nothing of the program.

What the window shows is read from the file that `train --watch` keeps; nothing else is known of its inside.
"""

import json
import subprocess
import time
from pathlib import Path

ANSWER_S = 20.0
"""How long a window may take to answer to one act before the person gives up."""


class Person:
    """Looks at the watch file, presses keys, moves the mouse."""

    def __init__(self, display, watch):
        self.display, self.watch = display, Path(watch)
        self.sent = 0  # keys and buttons that the window has to hear of

    # ---- eyes

    def sees(self):
        """What the window shows now."""
        return json.loads(self.watch.read_text(encoding="utf-8"))

    def now(self, key):
        """A figure of the read-out."""
        return self.sees()["readout"][key]

    def until(self, condition, what, seconds=ANSWER_S):
        """Waits until what is seen fulfils a condition."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self.watch.exists():
                seen = self.sees()
                if condition(seen):
                    return seen
            time.sleep(0.03)
        raise AssertionError(f"{what}: not within {seconds:.0f} s; the window shows {self.watch.read_text()[:600]}")

    def settled(self):
        """Until hand and arm have done what they were asked."""
        return self.until(
            lambda seen: seen["heard"] >= self.sent and seen["hand_free"] and seen["arm_rests"],
            "hand and arm come to rest",
        )

    def knows(self):
        """Starts counting anew from what the window has heard: after pages, whose buttons keep clicks to themselves."""
        self.sent = self.sees()["heard"]

    # ---- hands

    def x(self, *words):
        """One xdotool command; what it says."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command, check=True, timeout=20, env={"DISPLAY": self.display}, capture_output=True, text=True
        )
        return done.stdout

    def press(self, key, times=1):
        """Taps a key; keys by X's names."""
        self.sent += times
        self.x("key", "--delay", "15", *[key] * times)

    def does(self, action, times=1):
        """Taps the key that the window says an action has."""
        self.press(X_NAMES.get(key := self.sees()["keys"][action], key.replace("shift-", "shift+")), times)

    def hold(self, action):
        """Presses an action's key down."""
        self.sent += 1
        self.x("keydown", self._x_key(action))

    def let_go(self, action):
        """Lets an action's key go."""
        self.x("keyup", self._x_key(action))

    def click(self, x, y):
        """Clicks a point of the window."""
        self.x("mousemove", round(x), round(y), "sleep", "0.06", "click", "1")

    def clicks(self, place):
        """Clicks a button of the page by its name."""
        seen = self.until(lambda seen: place in seen["places"], f"the button {place}")
        self.click(*seen["places"][place])

    def points_at(self, column, row):
        """Moves the mouse over a pixel of the 512 detector picture, as it lies on the live monitor."""
        seen = self.sees()
        x, y, wide, _ = seen["live"]
        u, v = (column + 0.5) / 512, (row + 0.5) / 512
        for _ in range(seen["turns"] % 4):
            u, v = v, 1.0 - u
        return x + u * wide - 0.5, y + v * wide - 0.5

    def _x_key(self, action):
        key = self.sees()["keys"][action]
        return X_NAMES.get(key, key)


X_NAMES = {
    "arrow_left": "Left",
    "arrow_right": "Right",
    "arrow_up": "Up",
    "arrow_down": "Down",
    "enter": "Return",
    "tab": "Tab",
    "shift-tab": "shift+Tab",
    "escape": "Escape",
    "backspace": "BackSpace",
    "space": "space",
    ".": "period",
    ",": "comma",
    "-": "minus",
    "=": "equal",
    **{f"f{n}": f"F{n}" for n in range(1, 13)},
}

TURNS = {
    ("orbital", 1): "arm_left",
    ("orbital", -1): "arm_right",
    ("tilt", 1): "arm_head",
    ("tilt", -1): "arm_feet",
    ("swivel", 1): "swivel_plus",
    ("swivel", -1): "swivel_minus",
}
TABLE = {
    ("left", 1): "table_left",
    ("left", -1): "table_right",
    ("superior", 1): "table_head",
    ("superior", -1): "table_feet",
}


class Performer(Person):
    """Performs the acts of a file; the words are scripted.Script's."""

    def perform(self, words):
        """One act."""
        getattr(self, "do_" + words[0].replace("-", "_"))(*words[1:])

    def do_side(self, side):
        self.does(f"side_{side}")
        self.until(lambda seen: seen["heard"] >= self.sent and not seen["hand_free"], "a fresh trocar is taken")

    def do_shot(self):
        before = self.now("pulses")
        self.does("shoot")
        self.until(lambda seen: seen["readout"]["pulses"] > before, "a shot")

    def do_table(self, way, mm):
        self.does(TABLE[way, 1 if float(mm) > 0 else -1], round(abs(float(mm)) / 5.0))
        self.settled()

    def do_count(self, level):
        self.does("count")
        self.clicks(f"answer:{level}")
        self.until(lambda seen: seen["page"] == "case", "the page closes")
        self.knows()

    def do_turn(self, axis, degrees):
        self.does(TURNS[axis, 1 if float(degrees) > 0 else -1], round(abs(float(degrees))))
        self.settled()

    def do_keep(self, name):
        self.does(f"store_{name}")

    def do_recall(self, name):
        self.does(f"recall_{name}")

    def do_preset(self, name):
        self.does(f"preset_{name}")
        self.do_hurry()

    def do_hurry(self):
        self.until(lambda seen: seen["heard"] >= self.sent and seen["rests"], "the needle comes to rest")
        t = self.now("t_s")
        self.does("wait")
        self.until(lambda seen: seen["readout"]["t_s"] >= t + 9.9 and seen["hand_free"], "ten seconds pass")
        self.settled()

    def do_aim(self, column, row):
        self.until(lambda seen: seen["pictures_ready"], "the picture is whole")
        x, y = self.points_at(float(column), float(row))
        self.x("mousemove", round(x) - 9, round(y) - 6, "sleep", "0.08", "mousedown", "1", "sleep", "0.08")
        self.x("mousemove", round(x), round(y), "sleep", "0.12", "mouseup", "1")
        self.sent += 1
        self.settled()

    def do_point(self, where):
        self.does(f"bevel_{where}")
        self.settled()

    def do_advance_to_bone(self):
        self.hold("advance")
        self.until(lambda seen: seen["readout"]["skin_mm"] > 6.0, "the skin gives way")
        self.let_go("advance")
        self.settled()
        self.hold("advance")
        self.until(lambda seen: seen["readout"]["contact"], "bone is met")
        self.let_go("advance")
        self.settled()

    def do_bore(self, mm):
        """The key is held, and let go a little before: the hand takes a moment."""
        goal = self.now("depth_mm") + float(mm)
        self.hold("advance")
        self.until(lambda seen: seen["readout"]["depth_mm"] >= goal - 0.5, f"{mm} mm")
        self.let_go("advance")
        self.settled()

    def do_pedal(self, way):
        (self.hold if way == "down" else self.let_go)("pedal")

    def do_stylet(self):
        before = self.now("stylet")
        self.does("stylet")
        self.until(lambda seen: seen["readout"]["stylet"] != before and seen["hand_free"], "the stylet")

    def do_mix(self):
        self.does("mix")
        self.until(lambda seen: seen["readout"]["cement_s"] is not None, "cement is mixed")

    def do_wait_for(self, word):
        while self.now("sample") != word:
            t = self.now("t_s")
            self.does("wait_long" if self.now("cement_s") < 240.0 else "wait")
            self.until(lambda seen, t=t: seen["readout"]["t_s"] > t + 9.0 and seen["hand_free"], "time passes")

    def do_pause(self, seconds):
        t = self.now("t_s")
        self.until(lambda seen: seen["readout"]["t_s"] >= t + float(seconds), "a pause")

    def do_inject(self, off):
        self.let_go("inject")

    def do_inject_to(self, ml):
        self.does("faster", 3)
        self.hold("inject")
        self.until(lambda seen: seen["readout"]["injected_ml"] >= float(ml), "cement flows", 60.0)

    def do_withdraw(self):
        self.hold("withdraw")
        self.until(lambda seen: seen["readout"]["skin_mm"] <= 0.0, "the trocar is out", 40.0)
        self.let_go("withdraw")

    def do_finish(self):
        self.does("finish")
        self.clicks("yes")
        self.until(lambda seen: seen["page"] == "debrief", "the debrief", 60.0)
