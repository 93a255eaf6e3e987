"""Where an attempt stands: what the operator has seen and done up to now, for live guidance.

In: an attempt read from the events so far (attempt.py), a side. Out: `Present`: the picture on the monitor and how stale it is,
the track that is open, its checks so far. Judged as the scorer judges, by way.py; what the next act is stands in coach.py.
"""

import math
from functools import cached_property

from game.procedure import rules
from game.procedure.attempt import Attempt, Flow
from game.procedure.measured import Measured
from game.procedure.opening import plates_share
from game.procedure.way import Check, Way, centred_share, lateral_truth, midline_share, sees, step2, ways

PUMP_S = 0.3
"""s without a step of the pump (0.1 s) after which it has stopped. Assumed."""


class Present:
    """One moment of one side. `t`: simulated seconds now."""

    def __init__(self, attempt: Attempt, side: str, t: float) -> None:
        self.attempt, self.side, self.t, self.law = attempt, side, t, rules.load()

    # ---- the monitor

    @cached_property
    def picture(self) -> Measured | None:
        """The picture exposed last."""
        return self.attempt.pictures[-1] if self.attempt.pictures else None

    @cached_property
    def since(self) -> tuple[Measured, ...]:
        """What happened since the last picture or pulse."""
        events = self.attempt.events
        at = next((n for n in range(len(events) - 1, -1, -1) if events[n].kind in ("picture", "pulse")), -1)
        return events[at + 1 :]

    @property
    def arm_moved(self) -> bool:
        """Whether arm or table have moved since the last picture."""
        return any(event.kind == "armed" for event in self.since)

    @property
    def seen_at(self) -> float:
        """When the last picture or pulse was; minus infinity before the first."""
        return max((e.t for e in self.attempt.events if e.kind in ("picture", "pulse")), default=-math.inf)

    def view(self, which: str) -> Measured | None:
        """The picture on the monitor where it shows the target in this view from where the arm stands now."""
        shown = self.picture
        fits = shown is not None and shown["view"] == which and shown["in_field"] and not self.arm_moved
        return shown if fits else None

    @cached_property
    def angles(self) -> Measured | None:
        """Where the arm stands: the last picture or rest."""
        return next((e for e in reversed(self.attempt.events) if e.kind in ("picture", "armed")), None)

    # ---- steps 1 to 3

    @cached_property
    def first_ap(self) -> Measured | None:
        """The AP that met step 1, or the last one that did not; before bone."""
        shown = [p for p in self.attempt.pictures if p["view"] == "ap" and p["in_field"]]
        good = [p for p in shown if plates_share(p, self.attempt.began)[0] * midline_share(p) >= 1.0]
        return good[0] if good else shown[-1] if shown else None

    @cached_property
    def working(self) -> Measured | None:
        """Step 2's picture so far, as the scorer would take it: its angles are those to return to."""
        two = step2(self.attempt.pictures, self.side)
        shown = [p for p in reversed(self.attempt.pictures) if p["view"] == "ap" and p["in_field"]]
        best = max(shown, key=self.share2, default=None)  # the latest among equals
        return (
            best if self.share2(best) > self.share2(two) else two
        )  # before the barrel view there is none to tell it from

    def share2(self, picture: Measured | None) -> float:
        """How well a picture meets step 2, 0 .. 1."""
        return 0.0 if picture is None else centred_share(picture, self.side) * midline_share(picture)

    @property
    def oblique_deg(self) -> float:
        """How far the arm is turned from step 2's view toward the side; NaN before."""
        if self.angles is None or self.working is None:
            return math.nan
        turned = self.angles.number("orbital") - self.working.number("orbital")
        return turned if self.side == "left" else -turned

    @property
    def needle_told(self) -> Measured | None:
        """The last event that knows where the needle is, since the last trocar was taken."""
        for event in reversed(self.attempt.events):
            if event.kind in ("side", "withdrawn"):
                return None
            if event.kind in ("moved", "turned", "entry"):
                return event
        return None

    @property
    def taken(self) -> bool:
        """Whether there is a trocar at the patient for this side."""
        shown = self.picture
        last = next((e for e in reversed(self.attempt.events) if e.kind == "side"), None)
        in_hand = last is not None and last["side"] == self.side
        return in_hand or self.needle_told is not None or (shown is not None and bool(shown["needle"]))

    @property
    def in_skin(self) -> bool:
        """Whether the trocar in the hand is still in the patient: by its own marks, once it has moved."""
        last = next((e for e in reversed(self.attempt.events) if e.kind in ("side", "moved")), None)
        return last is not None and last.kind == "moved" and last.number("skin_mm") > 0.0

    @property
    def stylet_in(self) -> bool:
        """Whether the cannula has its stylet; a fresh trocar has."""
        last = next((e for e in reversed(self.attempt.events) if e.kind in ("stylet", "side")), None)
        return last is None or last.kind == "side" or bool(last["present"])

    @property
    def pulling(self) -> bool:
        """Whether the needle was drawn back since cement last left the pump."""
        for event in reversed(self.attempt.events):
            if event.kind in ("flowed", "side"):
                return False
            if event.kind == "moved" and event["how"] == "pull":
                return True
        return False

    @property
    def on_bone(self) -> bool:
        """Whether this trocar has met bone."""
        for event in reversed(self.attempt.events):
            if event.kind in ("side", "withdrawn"):
                return False
            if event.kind in ("contact", "entry"):
                return True
        return False

    # ---- the needle in bone

    @cached_property
    def tracks(self) -> tuple[Way, ...]:
        """All tracks of the side so far."""
        return ways(self.attempt, self.side)

    @cached_property
    def way(self) -> Way | None:
        """The track that the needle is in; None while it is in none (an embedding of less than 1 mm is a touch)."""
        turned = next((e for e in reversed(self.attempt.events) if e.kind in ("entry", "withdrawn", "side")), None)
        if turned is None or turned.kind != "entry" or not self.tracks:
            return None
        return self.tracks[-1] if self.tracks[-1].track.entry is turned else None

    @property
    def done(self) -> bool:
        """Whether this side has its cement and the needle is out of the bone."""
        return self.way is None and any(way.track.flow_at is not None for way in self.tracks)

    @property
    def again(self) -> bool:
        """Whether this is the entry 2 mm lateral that the track before ended with."""
        before = self.tracks if self.way is None else self.tracks[:-1]
        return bool(before) and before[-1].reentry_ordered and not self.done

    @cached_property
    def injecting(self) -> Measured | None:
        """The last 0.1 s of the pump, where it is under way: with the stylet out, nothing else pushes."""
        last = next((e for e in reversed(self.attempt.events) if e.kind in ("flowed", "stylet", "side")), None)
        running = last is not None and last.kind == "flowed" and self.t - last.t <= PUMP_S
        return last if running and not self.stylet_in else None

    @property
    def flows(self) -> tuple[Flow, ...]:
        """Cement out of this side's tip."""
        return self.attempt.flows.get(self.side, ())


def worth_keeping(now: Present) -> bool:
    """Whether the monitor shows an AP that meets step 2 before the trocar, or the first true lateral of a needle in bone."""
    shown = now.picture
    if shown is None or now.arm_moved or any(e.kind in ("moved", "turned") for e in now.since):
        return False
    if now.way is None:
        square = not abs(now.oblique_deg) >= now.law["oblique_fail_low_deg"]
        return now.view("ap") is not None and now.share2(shown) >= 1.0 and square and not now.taken
    true = (p for s in now.way.track.stations for p in s.pictures if lateral_truth(p, now.attempt.began) >= 1.0)
    return next(true, None) is shown


class Seen:
    """What pictures have shown of the open track."""

    def __init__(self, way: Way) -> None:
        self.way, self.law, self.last = way, way.law, len(way.stations) - 1

    @property
    def depth_mm(self) -> float:
        """Embedding now: the needle's own marks."""
        return self.way.stations[-1].move.number("depth_mm")

    def ap(self, at: int) -> tuple[Measured | None, float]:
        """The last AP of the needle up to a station, and mm advanced since; none from before a turn of the bevel."""
        gone = 0.0
        for number in range(at, -1, -1):
            station = self.way.stations[number]
            shown = [p for p in station.pictures if p["ring"] is not None and sees(p)]
            if shown:
                return shown[-1], gone
            if station.move.kind == "turned":
                break
            gone += station.forward_mm
        return None, gone

    def fresh_ap(self, at: int | None = None) -> Measured | None:
        """The same, where the needle has hardly moved since."""
        shown, gone = self.ap(self.last if at is None else at)
        return shown if gone <= self.law["unwatched_late_mm"] + self.law["quantum_mm"] else None

    @property
    def ring(self) -> float:
        """How far across the ring an AP last showed the point; NaN before."""
        shown, _ = self.ap(self.last)
        return math.nan if shown is None else shown.number("ring")

    def margin(self, at: int) -> float:
        """Metal to the medial border as an AP last showed it up to a station; NaN before."""
        shown, _ = self.ap(at)
        return math.nan if shown is None else shown.number("ring_margin_mm")

    def point_margin(self, at: int) -> float:
        """The point alone to the medial border, the same way."""
        shown, _ = self.ap(at)
        width = self.way.attempt.began.number(f"pedicle_{self.way.side}_mm")
        return math.nan if shown is None else (1.0 - shown.number("ring")) * width

    @property
    def unseen_mm(self) -> float:
        """Advance since a picture that shows the tip."""
        rows = self.way.unwatched()
        seen = bool(self.way.stations[-1].pictures)
        return rows[-1][1] if rows and not seen else 0.0

    @property
    def looked_from_the_side(self) -> bool:
        """Whether any lateral has shown this needle in bone."""
        return any(p["view"] == "lateral" and p["needle"] for s in self.way.stations for p in s.pictures)

    @property
    def since_lateral_mm(self) -> float:
        """Advance since the last look from the side, from the end of embedding."""
        gone = 0.0
        for station in reversed(self.way.stations[self.way.embedded :]):
            if any(p["view"] == "lateral" and p["needle"] for p in station.pictures):
                break
            gone += station.forward_mm
        return gone

    # ---- checks

    def taken(self, check: Check | None) -> Check | None:
        """A check that is good enough to go by: true, or gone by already."""
        return check if check is not None and (check.truth >= 1.0 or check.at < self.last) else None

    @property
    def doubtful(self) -> bool:
        """Whether the picture here seems to show the wall cleared, but is not a true lateral: it has to be made one."""
        check = self.way.check(self.last)
        return check is not None and check.cleared and check.truth < 1.0

    @cached_property
    def in_front(self) -> bool:
        """Whether the last good lateral showed the wall cleared, and the needle was not drawn back behind it since."""
        net = 0.0
        for at in range(self.last, -1, -1):
            check = self.taken(self.way.check(at))
            if check is not None:
                front = check.picture.number("front_seen_mm") + net
                return check.cleared and front >= self.law["cleared_mm"] - self.law["quantum_mm"]
            move = self.way.stations[at].move
            net += move.number("to_mm") - move.number("from_mm") if move.kind == "moved" else 0.0
        return False

    @property
    def cleared_by(self) -> str:
        """The step by which a lateral showed the wall cleared: '5', '7', '9'; '' where it is not, or not any more."""
        if not self.in_front:
            return ""
        way = self.way
        for step, check in (("5", way.check5), ("7", way.check7), ("9", way.check9)):
            if check is not None and check.cleared:
                return step
        return "9" if self.turned else "7" if self.check5 is not None else "5"  # shown, but long after the wall

    @cached_property
    def check5(self) -> Check | None:
        """The lateral that answered step 5, once it is good enough."""
        return self.taken(self.way.check5)

    @property
    def turned(self) -> bool:
        """Whether step 8's turn was made."""
        return self.way.turn is not None and not self.way.needless_turn

    def at_margin(self, at: int) -> bool:
        """Whether an AP showed the metal 1 to 2 mm from the medial cortex: the end of step 6."""
        return self.margin(at) <= (self.law["medial_near_mm"] + self.law["medial_far_mm"]) / 2

    def at_end(self, at: int) -> bool:
        """Whether the way of the turned bevel is used up: the end of step 8."""
        return self.margin(at) <= self.law["medial_near_mm"] or self.point_margin(at) <= self.law["no_room_mm"]

    def behind(self, first: int, used_up: bool) -> bool:
        """Whether a lateral from a station on showed the tip behind the wall with the way of step 6 (8: used_up) at its end."""
        for at in range(first, self.last + 1):
            check = self.taken(self.way.check(at))
            if check is not None and not check.cleared and (self.at_end(at) if used_up else self.at_margin(at)):
                return True
        return False

    @cached_property
    def front_mm(self) -> float:
        """Point to the apparent front: as a true lateral showed it, less the advance since; NaN once that is more than 1 mm."""
        gone = 0.0
        for at in range(self.last, -1, -1):
            check = self.way.check(at)
            if check is not None:
                return check.picture.number("anterior_seen_mm") - gone
            gone += self.way.stations[at].forward_mm
            if gone > self.law["unwatched_late_mm"] + self.law["quantum_mm"]:
                break
        return math.nan
