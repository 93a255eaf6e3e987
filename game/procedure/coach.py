"""Live guidance for learn mode: which of the ten steps is due, from the measured events so far.

In: measured events as they come. Out: `Step` (coach_step.py): number, what to do, why, conditions. It follows the branch of the
technique by what pictures showed, with the scorer's own functions (way.py); it never changes anything. As in the score, some of
it is truth that no picture need have shown: critical errors, whether the needle has cleared the wall, figures of the flow. Learn
mode alone shows it.
    coach = Coach(scenario, rules.load()); coach.observe(session.measured) ...; coach.now(t_s)
"""

from collections.abc import Sequence

from game.procedure import coach_aiming, coach_cement, coach_needle, coach_step, errors
from game.procedure.attempt import Attempt, read
from game.procedure.coach_step import Step
from game.procedure.measured import Measured
from game.procedure.opening import plates_share
from game.procedure.present import Present, Seen
from game.procedure.rules import Rules
from game.procedure.scenarios import Scenario
from game.procedure.way import Way, midline_share

CLOCKED = 0.25
"""s after which in step 10 the clock alone asks for a new answer: paste thickens, cement flows, a picture grows old. Assumed."""

STREAMS = ("pulse", "flowed")
"""Kinds that come many times a second: the first of a run counts at once, the others wait for the clock."""


class Coach:
    """Watches one attempt. `now` is cheap: it thinks again only when something was measured or the clock asks for it."""

    def __init__(self, scenario: Scenario, law: Rules) -> None:
        self.scenario, self.law = scenario, law
        self._events: list[Measured] = []
        self._step: Step | None = None
        self._at = float("-inf")

    def observe(self, measured: Sequence[Measured]) -> None:
        """What was measured since last told; in order of time. Of pulses in a row only the last one is kept."""
        for event in measured:
            before = self._events[-1].kind if self._events else ""
            if event.kind == before == "pulse":
                self._events.pop()
            self._events.append(event)
            if not (event.kind in STREAMS and before in STREAMS):
                self._step = None

    def now(self, t: float | None = None) -> Step:
        """The step that is due at `t` seconds of simulated time; None: at the last event."""
        last = self._events[-1].t if self._events else 0.0
        at = last if t is None else max(t, last)
        late = at - self._at >= CLOCKED and self._step is not None and self._step.number == "10"
        if self._step is None or late:
            events = self._events or [
                Measured(0.0, "began", {"target": self.scenario.target, "sides": ",".join(self.scenario.sides)})
            ]
            self._step, self._at = due(read(events), at), at
        return self._step


def due(attempt: Attempt, t: float) -> Step:
    """The step that an attempt asks for."""
    if any(
        event.kind == "finished" or (event.kind == "decided" and event["choice"] != "treat") for event in attempt.events
    ):
        return coach_step.finish(over=True)
    asked = str(attempt.began["sides"]).split(",")
    gone = [str(event["side"]) for event in attempt.events if event.kind in ("side", "entry")]
    now = Present(attempt, gone[-1] if gone else asked[0], t)
    if now.way is None and now.side not in asked:
        return coach_step.other_side(asked[0])
    if now.done:
        left = [side for side in asked if not Present(attempt, side, t).done]
        return coach_step.other_side(left[0]) if left else coach_step.finish(over=False)
    step = before_bone(now) if now.way is None else in_bone(now, now.way)
    return coach_step.warned(step, warning(now))


def before_bone(now: Present) -> Step:
    """Steps 1 to 3, each achieved once: what was seen in time need not be seen again."""
    first = now.first_ap
    oriented = first is not None and plates_share(first, now.attempt.began)[0] * midline_share(first) >= 1.0
    if now.attempt.entered_at == float("inf") and not (oriented and coach_aiming.counted(now)):
        return coach_aiming.orient(now)
    if now.share2(now.working) < 1.0 and not now.again:
        return coach_aiming.centre(now)
    return coach_aiming.pierce(now)


def in_bone(now: Present, way: Way) -> Step:
    """Steps 3 to 10."""
    seen = Seen(way)
    if way.track.flow_at is not None:
        return coach_cement.cement(now)
    if seen.cleared_by:
        body = coach_needle.into_the_body(now, way, seen, f"{seen.cleared_by}b")
        return coach_cement.cement(now) if deep_enough(seen) else body
    if way.embedded == len(way.stations) and seen.depth_mm < now.law["embed_low_mm"] - now.law["quantum_mm"]:
        return coach_aiming.pierce(now)
    if seen.check5 is None:
        due = seen.ring >= now.law["middle_low"] or seen.doubtful
        return coach_needle.check(now, way, "5") if due else coach_needle.to_middle(now, way, seen)
    return in_pedicle(now, way, seen, seen.check5.at)


def in_pedicle(now: Present, way: Way, seen: Seen, answered: int) -> Step:
    """Steps 6 to 9: not cleared at the station where step 5 was answered."""
    if not seen.turned:
        if seen.behind(answered, used_up=False):
            return coach_needle.turn(now, way, seen) if way.attempt.began["bevel"] else coach_needle.start_again()
        due = seen.at_margin(seen.last) or seen.doubtful
        return coach_needle.check(now, way, "7") if due else coach_needle.to_margin(now, way, seen)
    if seen.behind(way.turn or 0, used_up=True):
        return coach_needle.start_again()
    due = seen.at_end(seen.last) or seen.doubtful
    return coach_needle.check(now, way, "9") if due else coach_needle.turn(now, way, seen)


def deep_enough(seen: Seen) -> bool:
    """Whether the needle has its place: 1 cm short of the front in a true lateral of this position, or it turned hard."""
    near = seen.way.hardened is not None or seen.front_mm <= seen.law["front_high_mm"]
    return near and seen.front_mm >= seen.law["front_error_mm"]


def warning(now: Present) -> str:
    """What to do about a needle in the wrong place, or a critical error of the one in hand; '' without either."""
    if now.way is None:
        return ""
    entry, began = now.way.track.entry, now.attempt.began
    if now.side not in str(began["sides"]).split(","):
        return f"This is the {now.side} side; asked for: {began['sides']}. Do not advance: withdraw the needle."
    if entry["level"] and entry["level"] != began["target"]:
        return f"This is {entry['level']}, not {began['target']}. Do not advance: withdraw the needle, and count again."
    found = errors.critical(now.way)
    if not found:
        return ""
    act = "Stop injecting: put the stylet back, then withdraw." if now.flows else "Do not advance: withdraw the needle."
    return f"{found[-1].text[0].upper()}{found[-1].text[1:]}. {act}"
