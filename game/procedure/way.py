"""The way that a needle took through the ten steps' branch: where each step ended, and what each check showed.

In: one track of an attempt. Out: `Way`: step 2's picture, end of embedding, the checks of steps 5, 7 and 9, the turn, the route.
A check is a lateral picture at a station, in a view that is not failed (rules: plates, corners, ribs). Where no check was
made, the route is the one that the needle's true way needed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from game.procedure import rules
from game.procedure.attempt import Attempt, Station, Track
from game.procedure.measured import Measured


def falling(value: float, full: float, fail: float) -> float:
    """1 up to `full`, 0 from `fail`, linear between; 0 where not measured (NaN)."""
    if value <= full:
        return 1.0
    return (fail - value) / (fail - full) if value < fail else 0.0


def band(value: float, low: float, high: float, fail_low: float, fail_high: float) -> float:
    """1 in [low, high], falling to 0 at the fail values; 0 where not measured (NaN)."""
    return falling(value, high, fail_high) if value > low else falling(-value, -low, -fail_low)


def lateral_truth(picture: Measured, began: Measured) -> float:
    """How true a lateral is, 0 .. 1: the worst of end plates, double contour and ribs. 0 where it is no lateral of the target.

    In a body too flat for its own plates (flattened) the better plate counts.
    """
    law = rules.load()
    if picture["view"] != "lateral" or not picture["in_field"]:
        return 0.0
    plates = [
        falling(picture.number(f"{plate}_deg"), law["plates_full_deg"], law["plates_fail_deg"])
        for plate in ("superior", "inferior")
    ]
    marks = [max(plates) if began["flattened"] else min(plates)]
    marks.append(falling(picture.number("corners_mm"), law["corners_full_mm"], law["corners_fail_mm"]))
    if began["ribs"] and picture["ribs_mm"] is not None:
        marks.append(falling(picture.number("ribs_mm"), law["ribs_full_mm"], law["ribs_fail_mm"]))
    return min(marks)


def midline_share(picture: Measured) -> float:
    """How well the spinous process stands in the middle, 0 .. 1."""
    law = rules.load()
    return falling(abs(picture.number("spinous")), law["spinous_full"], law["spinous_fail"])


def centred_share(picture: Measured, side: str) -> float:
    """How well a pedicle is centred in the body's height, 0 .. 1."""
    law = rules.load()
    return band(
        picture.number(f"pedicle_{side}"),
        law["centred_low"],
        law["centred_high"],
        law["centred_fail_low"],
        law["centred_fail_high"],
    )


def step2(pictures: Sequence[Measured], side: str) -> Measured | None:
    """The picture that step 2 achieved: the AP that centres the pedicle best with the midline kept; the latest among equals.

    The barrel view (the last AP of all) may pass for midline as well, so what was turned like it counts only where nothing
    else does. Where nothing was achieved it is the last AP from another angle: what the operator took for step 2.
    """
    law = rules.load()
    shown = [p for p in pictures if p["view"] == "ap" and p["in_field"]]
    if not shown:
        return None
    marked = [(centred_share(p, side) * midline_share(p), number, p) for number, p in enumerate(shown)]
    turned = shown[-1].number("orbital")
    apart = [row for row in marked if abs(row[2].number("orbital") - turned) >= law["oblique_fail_low_deg"]]
    for rows in (apart, marked):
        good = [row for row in rows if row[0] >= law["step2_share"]]
        if good:
            return max(good, key=lambda row: row[:2])[2]
    return (apart or marked)[-1][2]


def sees(picture: Measured) -> bool:
    """Whether a picture shows where the tip is: in the field, AP or lateral, and not down the barrel."""
    return bool(
        picture["needle"]
        and picture["view"] in ("ap", "lateral")
        and picture["in_field"]
        and picture.number("shaft_ray_deg") >= rules.load()["seeing_deg"]
    )


@dataclass(frozen=True)
class Check:
    """A lateral at rest, and what it showed."""

    at: int  # station
    picture: Measured
    truth: float  # lateral_truth
    cleared: bool


class Way:
    """One track against the branch of steps 3 to 9."""

    def __init__(self, attempt: Attempt, track: Track) -> None:
        self.attempt, self.track, self.side = attempt, track, str(track.entry["side"])
        self.law = rules.load()

    @cached_property
    def stations(self) -> tuple[Station, ...]:
        """Up to cement or the first pull out of the bone."""
        end = self.track.flow_at if self.track.flow_at is not None else float("inf")
        out: list[Station] = []
        for station in self.track.stations:
            if station.move.t > end or (out and self._leaving(station)):
                break
            out.append(station)
        return tuple(out)

    def _leaving(self, station: Station) -> bool:
        """Whether a pull here goes on until the needle is out (a small correction backward does not)."""
        if station.move.kind != "moved" or station.move["how"] != "pull" or self.track.withdrawn is None:
            return False
        after = [s for s in self.track.stations if s.move.t >= station.move.t]
        return all(s.forward_mm == 0.0 for s in after)

    @cached_property
    def step2(self) -> Measured | None:
        """Step 2's picture, whose angles steps 4, 6 and 8 return to."""
        return step2(self.track.before, self.side)

    @cached_property
    def barrel(self) -> Measured | None:
        """The last picture from behind before bone held the needle."""
        return next((p for p in reversed(self.track.before) if p["view"] == "ap"), None)

    @cached_property
    def embedded(self) -> int:
        """Number of stations that belong to step 3: until the arm left the barrel view."""
        barrel = self.barrel
        for number, station in enumerate(self.stations):
            for pose in station.poses:
                if barrel is None or any(
                    abs(pose.number(a) - barrel.number(a)) > self.law["return_deg"]
                    for a in ("orbital", "tilt", "swivel")
                ):
                    return number + 1
        return len(self.stations)

    @cached_property
    def embedding_mm(self) -> float:
        """Depth reached in the barrel view."""
        return self.stations[self.embedded - 1].move.number("depth_mm")

    def as_step2(self, picture: Measured | None) -> bool:
        """Whether a picture is the AP of step 2 again."""
        two = self.step2
        if picture is None or two is None or picture["view"] != "ap" or not picture["in_field"]:
            return False
        return all(abs(picture.number(a) - two.number(a)) <= self.law["return_deg"] + 1e-6 for a in ("orbital", "tilt"))

    def check(self, at: int, before_cement: bool = False) -> Check | None:
        """The truest lateral at a station; None where none was usable."""
        best, most = None, 0.0
        for picture in self.stations[at].pictures:
            if before_cement and self.track.flow_at is not None and picture.t >= self.track.flow_at:
                continue
            share = lateral_truth(picture, self.attempt.began) if picture["needle"] else 0.0
            if share > 0.0 and share >= most:
                best, most = picture, share
        if best is None:
            return None
        seen, true = best.number("front_seen_mm"), best.number("front_mm")
        return Check(at, best, most, seen >= self.law["cleared_mm"] - self.law["quantum_mm"] and true > 0.0)

    def ring(self, at: int) -> float:
        """How far across the ring the point was at a station: as the last AP there showed it, else as it was."""
        shown = [p.number("ring") for p in self.stations[at].pictures if p["ring"] is not None]
        return shown[-1] if shown else self.stations[at].move.number("across")

    def truly_cleared(self, at: int) -> bool:
        """Whether the metal truly was in front of the wall at a station."""
        return self.stations[at].move.number("front_mm") >= self.law["cleared_mm"]

    def _in_time(self, at: int) -> Check | None:
        """The check at a station, unless the tip was by then so far in the body that it answers nothing any more."""
        check = self.check(at, before_cement=True)
        latest = self.law["cleared_mm"] + self.law["laterals_full_mm"]
        return None if check is None or self.stations[at].move.number("front_mm") > latest else check

    @cached_property
    def check5(self) -> Check | None:
        """The check at mid-pedicle: the first that shows the wall cleared, else the last one within the middle, else the first past it."""
        decided: Check | None = None
        for at in range(self.embedded - 1, len(self.stations)):
            if self.stations[at].move.kind == "turned":
                break
            check = self._in_time(at)
            if check is None:
                continue
            ring = self.ring(at)
            past = ring > self.law["middle_high"]
            if decided is not None and past:
                break
            if check.cleared:
                return check
            if ring >= self.law["middle_low"]:
                decided = check
        return decided

    @cached_property
    def turn(self) -> int | None:
        """The station of the first half turn of the bevel that the branch asked about; None: never turned behind the wall."""
        first = self.check5.at if self.check5 else self.embedded - 1
        for at in range(first + 1, len(self.stations)):
            move = self.stations[at].move
            if move.kind == "turned" and abs(move.number("degrees")) > 90.0:
                return None if self.truly_cleared(at) else at
        return None

    def _checks(self, first: int, last: int) -> list[Check]:
        """All checks in a range of stations."""
        return [check for at in range(first, last) if (check := self._in_time(at)) is not None]

    @cached_property
    def needless_turn(self) -> bool:
        """Turned with room left in AP: the turn stands in for nothing, the next check is step 7's."""
        return self.turn is not None and not (
            self.stations[self.turn].move.number("before_medial_mm")
            <= self.law["margin_high_mm"] + self.law["quantum_mm"]
        )

    @cached_property
    def check7(self) -> Check | None:
        """After a check that showed the tip behind the wall, before the bevel was turned: the first cleared, else the last.

        One that was cleared only by coming too near to the medial cortex does not undo the one before, which ordered step 8.
        """
        if self.check5 is None or self.check5.cleared:
            return None
        end = self.turn if self.turn is not None and not self.needless_turn else len(self.stations)
        checks = self._checks(self.check5.at + 1, end)
        cleared = next((check for check in checks if check.cleared), None)
        behind = [check for check in checks if not check.cleared and (cleared is None or check.at < cleared.at)]
        if cleared is None or (behind and self.no_room(behind[-1].at) and self._came_close(behind[-1].at, cleared.at)):
            return behind[-1] if behind else None
        return cleared

    def margin(self, at: int) -> float:
        """Metal to the medial border at a station: beside the canal as it is, at the tip as an AP shows it; the lesser.

        NaN where neither was measured.
        """
        width = self.attempt.began.number(f"pedicle_{self.side}_mm")
        seen, true = (1.0 - self.ring(at)) * width, self.stations[at].move.number("medial_mm")
        return min((m for m in (seen, true) if not math.isnan(m)), default=math.nan)

    def _came_close(self, first: int, last: int) -> bool:
        """Whether metal came too near to the medial border from one station to another."""
        return any(self.margin(at) < self.law["margin_low_mm"] for at in range(first, last + 1))

    @cached_property
    def check9(self) -> Check | None:
        """After the turn: the first that shows the wall cleared, else the last."""
        if self.turn is None or self.needless_turn:
            return None
        checks = self._checks(self.turn + 1, len(self.stations))
        return next((check for check in checks if check.cleared), checks[-1] if checks else None)

    @cached_property
    def clearing(self) -> Check | None:
        """The check that showed the wall cleared."""
        return next((c for c in (self.check5, self.check7, self.check9) if c is not None and c.cleared), None)

    @cached_property
    def route(self) -> str:
        """'5', '7' or '9': by which step the wall is cleared, as shown, or as the true way needed it."""
        if self.check5 is not None and self.check5.cleared:
            return "5"
        if self.turn is not None and not self.needless_turn:
            return "9"
        if self.check7 is not None and self.check7.cleared:
            return "7"
        if self.check7 is not None and self.no_room(self.check7.at) and self.attempt.began["bevel"]:
            return "9"
        return self._needed()

    def no_room(self, at: int) -> bool:
        """Whether the tip was so near to the medial border that AP allows no more."""
        return self.margin(at) <= self.law["margin_high_mm"]

    def _needed(self) -> str:
        """The route that the true way of the needle needed, where no check tells."""
        for at in range(len(self.stations)):
            move = self.stations[at].move
            if self.truly_cleared(at):
                return "7" if self.check5 is not None else "5"
            past = move.number("across") > self.law["middle_high"]
            if past and self.check5 is None:
                return self._needed_past_middle()
            if self.margin(at) < self.law["margin_low_mm"]:
                return "9"
        return "7" if self.check5 is not None else "5"

    def _needed_past_middle(self) -> str:
        for at in range(len(self.stations)):
            if self.truly_cleared(at):
                return "7"
            if self.margin(at) < self.law["margin_low_mm"]:
                return "9"
        return "7"

    @cached_property
    def crossed(self) -> int:
        """The station at which the pedicle was behind: cleared by a check, else truly, else the last."""
        if self.clearing is not None:
            return self.clearing.at
        return next((at for at in range(len(self.stations)) if self.truly_cleared(at)), len(self.stations) - 1)

    @cached_property
    def hardened(self) -> int | None:
        """The station at which the resistance in the body rose to a multiple of what it had been: easy, then hard; None: never."""
        forces: list[tuple[float, float]] = []  # (advance, force) in the body so far
        for at, station in enumerate(self.stations):
            if station.forward_mm <= 0.0 or not self.truly_cleared(at):
                continue
            force, run = station.move.number("force_n"), sum(advance for advance, _ in forces)
            usual = sorted(f for _, f in forces)[len(forces) // 2] if forces else math.inf
            if run >= self.law["stiff_run_mm"] and force >= self.law["stiff_ratio"] * usual:
                return at
            if station.move.number("nearest_mm") > 0.0:  # what has not been in the body has met no cortex in front
                forces.append((station.forward_mm, force))
        return None

    @cached_property
    def reentry_ordered(self) -> bool:
        """Whether this track ended with step 9's order to start again 2 mm lateral.

        A colleague's entry is no step 3 of this operator's: any good lateral that shows it behind the wall orders another.
        """
        if self.track.taken_over:
            checks = [check for check in (self.check5, self.check7, self.check9) if check is not None]
            return bool(checks) and not checks[-1].cleared
        last = self.check9 if self.attempt.began["bevel"] else (self.check7 or self.check5)
        return last is not None and not last.cleared

    def unwatched(self) -> list[tuple[int, float, bool]]:
        """For each advance: (station, mm since a picture that sees, whether past mid-pedicle).

        While embedding, the barrel view counts as a look: how deep it may go is barrel-advance's matter.
        """
        out, gone = [], 0.0
        for at in range(1, len(self.stations)):
            station = self.stations[at]
            gone += station.forward_mm
            before = self.stations[at - 1].move
            late = (
                before.number("across") > self.law["middle_high"]
                and not before.number("front_mm") >= self.law["cleared_mm"]
            )
            if station.forward_mm > 0.0:
                out.append((at, gone, late))
            if any(sees(p) or (at < self.embedded and p["needle"] and p["view"] == "ap") for p in station.pictures):
                gone = 0.0
        return out


def ways(attempt: Attempt, side: str) -> tuple[Way, ...]:
    """All tracks of a side."""
    return tuple(Way(attempt, track) for track in attempt.tracks.get(side, ()))
