"""Live guidance for learn mode: which of the ten steps is due, from the measured events so far.

In: measured events as they come. Out: `Step` (coach_step.py): number, what to do, why, conditions. It follows the branch of the
technique by what pictures showed, with the scorer's own functions (way.py); it never changes anything. As in the score, some of
it is truth that no picture need have shown: critical errors, whether the needle has cleared the wall, figures of the flow. Learn
mode alone shows it.
    coach = Coach(scenario, rules.load()); coach.observe(session.measured) ...; coach.now(t_s)
"""

from collections.abc import Sequence
from dataclasses import replace

from game.procedure import coach_aiming, coach_cement, coach_needle, coach_step, errors
from game.procedure.attempt import Attempt, read
from game.procedure.coach_step import Step
from game.procedure.measured import Measured
from game.procedure.opening import plates_share
from game.procedure.present import Present, Seen, worth_keeping
from game.procedure.rules import Rules
from game.procedure.scenarios import Scenario
from game.procedure.way import Way, midline_share

CLOCKED = 0.25
"""s after which in step 10, or once cement was mixed, the clock alone asks for a new answer: paste thickens, cement flows, a picture grows old. Assumed."""

STREAMS = ("pulse", "flowed")
"""Kinds that come many times a second: the first of a run counts at once, the others wait for the clock."""


class Coach:
    """Watches one attempt. `now` is cheap: it thinks again only when something was measured or the clock asks for it."""

    def __init__(self, scenario: Scenario, law: Rules) -> None:
        self.scenario, self.law = scenario, law
        self._events: list[Measured] = []
        self._step: Step | None = None
        self._at = float("-inf")
        self._mixed = False

    def observe(self, measured: Sequence[Measured]) -> None:
        """What was measured since last told; in order of time. Of pulses in a row only the last one is kept."""
        for event in measured:
            self._mixed = self._mixed or event.kind == "mixed"
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
        clocked = self._mixed or (self._step is not None and self._step.number == "10")
        late = clocked and at - self._at >= CLOCKED
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
    critical = warning(now)
    if not critical and (order := coach_cement.stop(now)) is not None:
        return blind(order, now)
    if now.way is None and (now.done or now.side not in asked):
        return next_side(now, asked)
    if now.way is None:
        step = to_see(now) or coach_aiming.pierce(now)
    else:
        untouched = now.way.track.taken_over and now.attempt.touched_at == float("inf")
        step = (to_see(now) if untouched else None) or blind(in_bone(now, now.way), now)
    if worth_keeping(now) and step.number != "1":
        step = coach_step.kept(step)
    return coach_step.warned(step, critical)


def next_side(now: Present, asked: list[str]) -> Step:
    """Out of the skin first; then the side that is left, or the end."""
    left = [side for side in asked if not Present(now.attempt, side, now.t).done]
    strange = now.side not in asked
    if now.in_skin and (now.done or not left):
        return coach_cement.leave(now)
    only = " and ".join(asked) if strange else ""
    return coach_step.other_side(left[0], only) if left else coach_step.finish(over=False, only=only)


BLIND = {
    "unwatched": "Nobody saw it; a later picture does not undo that",
    "lateral-behind": "A lateral does not show the medial cortex: look in AP",
    "order": "Take a true lateral now",
}
"""Errors of an advance that nobody saw, or not where the danger lay: what to know now."""


def blind(step: Step, now: Present) -> Step:
    """The step under what stands of advances made blind, until the needle leaves bone."""
    if now.way is None:
        return step
    law = now.law
    faults = [fault for id_ in BLIND for fault in errors.NEEDLE[id_](now.way)]
    if not faults:
        return step
    worst = max(faults, key=lambda fault: fault.mm or 0.0)
    cost = " and ".join(_line(law, line) for line in law.errors[worst.id].costs)
    words = f"{worst.text[0].upper()}{worst.text[1:]}. It costs: {cost}. {BLIND[worst.id]}."
    row = (f"{worst.mm or 0.0:.1f} mm advanced blind: points lost", False)
    step = replace(step, warning=words, done=(row, *step.done))
    beside = any(fault.id == "lateral-behind" or "past the middle" in fault.text for fault in faults)
    looked = any(p["ring"] is not None and p.t > worst.t for p in now.attempt.pictures)
    return coach_needle.look_at_the_cortex(step) if beside and not looked and step.number != "10" else step


def _line(law: Rules, line: str) -> str:
    """A line's title without its step."""
    return f"'{law.lines[line].title.split(': ')[-1]}' ({law.lines[line].points:g} points)"


def to_see(now: Present) -> Step | None:
    """Steps 1 and 2, each achieved once: what was seen in time need not be seen again. None where both are."""
    first = now.first_ap
    oriented = first is not None and plates_share(first, now.attempt.began)[0] * midline_share(first) >= 1.0
    if now.attempt.entered_at == float("inf") and not (oriented and coach_aiming.counted(now)):
        return coach_aiming.orient(now)
    if now.share2(now.working) < 1.0 and not now.again:
        return coach_aiming.centre(now)
    return None


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
