"""Driving the C-arm by its pictures: true AP, pedicle centred, true lateral, and back to a remembered pose.

In: session controls and Eyes. Out: an arm that stands right, as far as the operator's eyes and patience go.
Corrections are secant steps on what is read from two pictures: no table of angles, nothing known of the patient.
"""

import math
from collections.abc import Callable
from dataclasses import replace

from game.operators.acts import Acts
from game.operators.eyes import Eyes, Level, Mark, Sighting
from game.operators.habits import Habits
from game.operators.memory import Memory
from models.patient import Side

FIRST_STEP_DEG = 3.0
"""First trial turn of a correction; assumed."""
READING_S = 1.0
"""Time to read one picture; assumed."""


class GaveUp(Exception):  # noqa: N818  (no error: an operator who stops)
    """The operator does not see what the next act needs, and leaves this side."""


class Arm:
    """The C-arm in one operator's hands."""

    def __init__(self, session: Acts, eyes: Eyes, habits: Habits, target: str) -> None:
        self.session, self.eyes, self.habits, self.target = session, eyes, habits, target
        self.memory = Memory()
        self.working: dict[str, float] = {"orbital": 0.0, "tilt": 0.0, "swivel": 0.0}
        self.lateral: dict[str, float] | None = None
        self.barrel = self.working  # the view of step 3
        self.held: Sighting | None = None  # what the picture of this very pose shows
        self.forward = -1.0  # image direction of anterior in the left lateral, the one in use

    def look(self) -> Sighting:
        """Expose one picture and read it, which takes its time. Raises GaveUp where the target is not in it."""
        self.session.do("expose")
        self.session.do("wait", seconds=READING_S)
        seen = self.eyes.look()
        if seen is None or self.target not in seen.levels:
            raise GaveUp(f"{self.target} is not in the picture")
        if self.habits.remembers:
            recalled = self.memory.recall(tuple(self.angles().values()), seen.levels[self.target])
            seen = replace(seen, levels={**seen.levels, self.target: recalled})
        self.held = seen
        return seen

    def glance(self) -> Sighting:
        """The picture that is held, or a fresh one where arm or table have moved since."""
        return self.held if self.held is not None else self.look()

    def turn(self, **angles: float) -> None:
        self.held = None
        self.session.do("arm", **angles)

    def shift_table(self, **mm: float) -> None:
        self.held = None
        self.memory.forget()
        self.session.do("table", **mm)

    def angles(self) -> dict[str, float]:
        readout = self.session.readout()
        return {axis: float(readout[axis]) for axis in ("orbital", "tilt", "swivel")}

    # --- steps 1, 2 ---------------------------------------------------------------------------------------------

    def orient(self, target: str) -> None:
        """Step 1: target in the middle, superior end plate one line, spinous process between the pedicles."""
        self.turn(orbital=self.habits.orbital_start_deg, tilt=self.habits.tilt_start_deg, swivel=0.0)
        self.bring_to_middle(target)
        if not self.habits.omits("count"):
            self.session.do("count", level=target)
        for _ in range(self.habits.needless_looks):
            self.look()
        if not self.habits.omits("midline"):
            self.null("orbital", lambda seen: spinous_offset(seen.levels[target]), self.habits.midline_px)
        if not self.habits.omits("plates"):
            self.null("tilt", lambda seen: plate_gap(seen.levels[target]), self.habits.gap_px)
        if not self.habits.omits("midline"):
            self.null("orbital", lambda seen: spinous_offset(seen.levels[target]), self.habits.midline_px)
        self.working = self.angles()

    def bring_to_middle(self, target: str) -> None:
        """Shift the table until the target stands in the middle of the picture."""
        for _ in range(3):
            seen = self.glance()
            column, row = seen.levels[target].centre.pixel
            right, down = (column - 255.5) * seen.mm_per_pixel, (row - 255.5) * seen.mm_per_pixel
            if abs(right) < 4.0 and abs(down) < 4.0:
                return
            self.shift_table(left=-right, posterior=0.0, superior=-down)

    def centre_pedicle(self, target: str, side: Side) -> None:
        """Step 2: tilt until the pedicle stands in the middle of the body's height; remembered as the working view."""
        if not self.habits.omits("centring"):
            self.null("tilt", lambda seen: pedicle_offset(seen.levels[target], side), 3.0)
        if self.habits.tilt_error_deg:
            self.turn(tilt=self.angles()["tilt"] + self.habits.tilt_error_deg)
        self.glance()
        self.working = self.angles()

    def to_working(self) -> None:
        """Back to the view of step 2."""
        self.turn(**(self.barrel if self.habits.omits("return") else self.working))

    # --- steps 5, 7, 9, 10 --------------------------------------------------------------------------------------

    def to_lateral(self, target: str, true: bool = True) -> None:
        """True lateral: found once by the target's margins, then remembered. Not `true`: the room's, as it comes."""
        if not true:
            self.turn(orbital=90.0, tilt=0.0, swivel=0.0)
            return
        if self.lateral is None:
            self.turn(orbital=90.0, tilt=0.0, swivel=0.0)
            self.middle_depth(target)
            self.null("swivel", lambda seen: both_gaps(seen.levels[target]), self.habits.gap_px)
            self.null("orbital", lambda seen: corner_gap(seen.levels[target]), self.habits.gap_px)
            self.null("swivel", lambda seen: both_gaps(seen.levels[target]), self.habits.gap_px)
            self.lateral = self.angles()
        self.turn(**self.lateral)

    def middle_depth(self, target: str) -> None:
        """Lift the table until the target stands in the middle of the lateral picture."""
        seen = self.look()
        column, row = seen.levels[target].centre.pixel
        back = -self.forward * (column - 255.5) * seen.mm_per_pixel
        self.shift_table(left=0.0, posterior=back, superior=-(row - 255.5) * seen.mm_per_pixel)

    # --- the secant ---------------------------------------------------------------------------------------------

    def null(self, axis: str, read: Callable[[Sighting], float], enough: float) -> None:
        """Turn one axis until a reading vanishes, by secant steps of at most 12 degrees; left alone where nothing is read."""
        value = read(self.glance())
        angle = self.angles()[axis]
        step = FIRST_STEP_DEG
        best = (abs(value), angle)
        for _ in range(self.habits.orientation_tries):
            if abs(value) <= enough or math.isnan(value):
                break
            self.turn(**{axis: angle + step})
            after, moved = read(self.glance()), self.angles()[axis]
            slope = (after - value) / (moved - angle) if moved != angle else 0.0
            angle, value = moved, after
            if math.isnan(slope) or slope == 0.0:
                break
            best = min(best, (abs(value), angle))
            step = max(-12.0, min(12.0, -value / slope))
        if not abs(value) <= best[0]:
            self.turn(**{axis: best[1]})


def made_out(*marks: Mark) -> bool:
    """Whether the picture shows all of these."""
    return not any(mark.hidden for mark in marks)


def plate_gap(level: Level) -> float:
    """Pixels between the near and the far rim of the superior plate, along the picture's rows; NaN where it is not seen."""
    near, far = level.superior_near, level.superior_far
    return near.pixel[1] - far.pixel[1] if made_out(near, far) else math.nan


def both_gaps(level: Level) -> float:
    """Pixels between the near and far rims, mean of both plates: where they are not parallel, neither is left far off."""
    near, far = level.inferior_near, level.inferior_far
    inferior = near.pixel[1] - far.pixel[1] if made_out(near, far) else math.nan
    gaps = [gap for gap in (plate_gap(level), inferior) if not math.isnan(gap)]
    return sum(gaps) / len(gaps) if gaps else math.nan


def spinous_offset(level: Level) -> float:
    """Pixels of the spinous tip from the middle between the pedicles; NaN where one of them is not seen."""
    left, right = level.pedicles["left"].centre, level.pedicles["right"].centre
    if not made_out(left, right, level.spinous):
        return math.nan
    return level.spinous.pixel[0] - (left.pixel[0] + right.pixel[0]) / 2


def pedicle_offset(level: Level, side: Side) -> float:
    """Pixels of the pedicle's centre from the middle of the body's height; NaN where it is not seen."""
    centre = level.pedicles[side].centre
    if not made_out(centre, level.superior, level.inferior):
        return math.nan
    return centre.pixel[1] - (level.superior.pixel[1] + level.inferior.pixel[1]) / 2


def corner_gap(level: Level) -> float:
    """Pixels between the posterior margins as the body's two halves throw them; NaN where one is not seen."""
    left, right = level.corner_left, level.corner_right
    return left.pixel[0] - right.pixel[0] if made_out(left, right) else math.nan
