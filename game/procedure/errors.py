"""Errors of the needle, and all errors of a side: what went wrong, when, where, by how many millimetres.

In: an attempt and the ways of one side. Out: `Fault`s. Every detector is pure and finds the first moment of its error.
Which errors are critical and what they cost stands in rules.toml. Detectors over cement are in cement_errors.py.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, pairwise

from game.procedure import rules
from game.procedure.attempt import Attempt, Station
from game.procedure.cement_errors import CEMENT
from game.procedure.fault import Fault
from game.procedure.measured import Measured
from game.procedure.steps import blind_runs, blind_text, final_seen
from game.procedure.way import Way

VERTEBRA = re.compile(r"[TL]\d+|S1")
"""Names of bones that are levels."""

IN_BODY_MM = 5.0
"""Metal outside of bone this far in front of the wall is out of the body, not beside the pedicle. Assumed: the wall's curve."""

HALF_SHAFT_MM = 1.2
"""A rim out of the body by more than this means more of the shaft outside than inside: a graze of the waist is no breach."""

THROUGH_MM = 0.0
"""A margin under this is a breach."""


def gertzbein(breach_mm: float) -> str:
    """Gertzbein-Robbins grade of a breach [mm] (1990, for screws): A none, B < 2, C < 4, D < 6, E beyond. For information."""
    return next((grade for grade, below in (("A", 1e-9), ("B", 2.0), ("C", 4.0), ("D", 6.0)) if breach_mm < below), "E")


def _place(move: Measured) -> str:
    """Where the needle was, in words."""
    front = move.number("point_front_mm")
    where = "body" if front > 0.0 else "pedicle"
    depth = move.number("depth_mm")
    deep = "" if math.isnan(depth) else f", {depth:.0f} mm deep"
    return f"{move['bone'] or 'outside of bone'}, {move['side']} {where}{deep}"


def _at(id_: str, way: Way, station: Station, mm: float | None, note: str = "") -> Fault:
    text = rules.load().errors[id_].text
    return Fault(station.move.t, id_, way.side, _place(station.move), mm, f"{text}{note}")


def wrong_level(way: Way) -> Iterator[Fault]:
    """wrong-level: deep in another vertebra."""
    for station in way.track.stations:
        bone, depth = str(station.move["bone"] or ""), station.move.number("depth_mm")
        if VERTEBRA.fullmatch(bone) and bone != way.attempt.began["target"] and depth >= way.law["wrong_bone_mm"]:
            yield _at("wrong-level", way, station, depth, f": {bone} instead of {way.attempt.began['target']}")
            return


def _margin(way: Way, key: str, id_: str, low: float, high: float) -> Iterator[Fault]:
    """The first station whose margin lies in [low, high), with the worst one's figure."""
    found = [s for s in way.track.stations if s.move.kind != "entry" and low <= s.move.number(key) < high]
    if found:
        worst = min(s.move.number(key) for s in found)
        note = f" by {-worst:.1f} mm, grade {gertzbein(-worst)}" if id_ == "medial-breach" else f": {abs(worst):.1f} mm"
        yield _at(id_, way, found[0], abs(worst), note)


def medial_breach(way: Way) -> Iterator[Fault]:
    """medial-breach: metal through the medial cortex beside the canal."""
    yield from _margin(way, "medial_mm", "medial-breach", -math.inf, THROUGH_MM)


def medial_close(way: Way) -> Iterator[Fault]:
    """medial-close: less than 0.8 mm left, without a breach."""
    if not list(medial_breach(way)):
        yield from _margin(way, "medial_mm", "medial-close", THROUGH_MM, way.law["margin_low_mm"])


def inferior_margin(way: Way) -> Iterator[Fault]:
    """inferior-margin: metal through the lower margin of the pedicle."""
    yield from _margin(way, "inferior_mm", "inferior-margin", -math.inf, THROUGH_MM)


def canal(way: Way) -> Iterator[Fault]:
    """canal: metal in the spinal canal."""
    for station in way.track.stations:
        if station.move.kind != "entry" and station.move["canal"]:
            yield _at("canal", way, station, None)
            return


EXITS = {"front": "anterior-breach", "side": "side-breach", "plate": "endplate-breach"}
"""Error by the surface that the metal left the body through."""


def out_of_body(way: Way) -> Iterator[Fault]:
    """anterior-, side- and endplate-breach: the point, or half of the shaft, out of the body; one error an excursion."""
    moves = [s for s in way.track.stations if s.move.kind != "entry"]
    for outside, group in groupby(moves, lambda s: _outside(s.move)):
        if not outside:
            continue
        out = list(group)
        known = [-s.move.number("nearest_mm") for s in out if s.move["nearest_mm"] is not None]
        worst = max(known, default=0.0)
        left_by = next((str(s.move["exit"]) for s in out if s.move["exit"]), "front")
        by = f" by {worst:.1f} mm" if worst > 0.0 else ""
        yield _at(EXITS[left_by], way, out[0], worst if worst > 0.0 else None, by)


def lateral_breach(way: Way) -> Iterator[Fault]:
    """lateral-breach: the shaft beside the pedicle, outside its lateral margin, on the way from entry to wall."""
    out = [
        s
        for s in way.track.stations
        if s.move.kind != "entry" and -s.move.number("lateral_mm") > way.law["lateral_out_mm"]
    ]
    if out:
        worst = max(-s.move.number("lateral_mm") for s in out)
        yield _at("lateral-breach", way, out[0], worst, f" by {worst:.1f} mm")


def no_lateral(way: Way) -> Iterator[Fault]:
    """no-lateral: in the body, or injected, and never a lateral of this needle."""
    if any(p["view"] == "lateral" and p["in_field"] and p["needle"] for s in way.track.stations for p in s.pictures):
        return
    flow = way.track.flow_at if way.track.flow_at is not None else math.inf
    for before, station in pairwise((*way.track.stations, None)):
        if before is not None and (before.move.number("point_front_mm") > 0.0 or (station is None and flow < math.inf)):
            yield _at("no-lateral", way, before, None)
            return


def _outside(move: Measured) -> bool:
    point_out = move.number("anterior_mm") < THROUGH_MM
    far = bool(move["exit"]) and move["nearest_mm"] is None  # further than the body's distances reach
    return move.number("point_front_mm") > IN_BODY_MM and (
        point_out or far or move.number("nearest_mm") < -HALF_SHAFT_MM
    )


def front_near(way: Way) -> Iterator[Fault]:
    """front-near: at the end less than 5 mm from the apparent front; along the axis where nobody looked."""
    front = final_seen(way)[0]
    if math.isnan(front):
        front = way.stations[-1].move.number("anterior_mm")
    if front < way.law["front_error_mm"]:
        yield _at("front-near", way, way.stations[-1], front, f": {front:.1f} mm")


def not_stopped(way: Way) -> Iterator[Fault]:
    """not-stopped: more than 1 mm further after the resistance in the body rose to a multiple."""
    if way.hardened is None:
        return
    beyond = 0.0
    for station in way.stations[way.hardened + 1 :]:
        if station.move.number("front_mm") >= way.law["cleared_mm"]:
            beyond += station.forward_mm
        if beyond > way.law["stiff_stop_mm"] + way.law["quantum_mm"]:
            yield _at("not-stopped", way, station, beyond, f": {beyond:.1f} mm further")
            return


def barrel_advance(way: Way) -> Iterator[Fault]:
    """barrel-advance: beyond embedding before the barrel view was left."""
    for station in way.stations[: way.embedded]:
        depth = station.move.number("depth_mm")
        if depth > way.law["embed_fail_high_mm"]:
            yield _at("barrel-advance", way, station, way.embedding_mm, f": {way.embedding_mm:.1f} mm deep")
            return


def unwatched(way: Way) -> Iterator[Fault]:
    """unwatched: further than allowed since a picture that shows the tip; with the whole of that advance."""
    slack = way.law["quantum_mm"]
    for at, gone, late in way.unwatched():
        limit = way.law["unwatched_late_mm" if late else "unwatched_error_mm"]
        if gone > limit + slack:
            _, _, mm, past = next(run for run in blind_runs(way) if run[0] <= at <= run[1])
            yield _at("unwatched", way, way.stations[at], mm, f": {blind_text(mm, past)}")
            return


def order(way: Way) -> Iterator[Fault]:
    """order: past the middle of the pedicle, behind the wall, with no check made there or before it."""
    gone = 0.0
    for at in range(way.embedded, len(way.stations)):
        before = way.stations[at - 1].move
        if way.check(at - 1) is not None and way.ring(at - 1) >= way.law["middle_low"]:
            return
        past = before.number("across") > way.law["middle_high"]
        if past and before.number("front_mm") < way.law["cleared_mm"]:
            gone += way.stations[at].forward_mm
        if gone > way.law["unwatched_late_mm"] + way.law["quantum_mm"]:
            yield _at("order", way, way.stations[at], gone)
            return


def lateral_behind(way: Way) -> Iterator[Fault]:
    """lateral-behind: advanced in lateral after a check behind the wall, or 3 mm in lateral without a fresh AP."""
    shown_behind, gone = False, 0.0
    for at in range(way.embedded - 1, len(way.stations)):
        station = way.stations[at]
        if station.in_force is not None and station.in_force["view"] == "lateral":
            gone += station.forward_mm
        elif station.forward_mm > 0.0:
            shown_behind, gone = False, 0.0
        limit = way.law["after_check_mm" if shown_behind else "lateral_alone_mm"] + way.law["quantum_mm"]
        if gone > limit and station.move.number("front_mm") < way.law["cleared_mm"]:
            yield _at("lateral-behind", way, station, gone, f": {gone:.1f} mm")
            return
        check = way.check(at)
        if check is not None:
            if check.cleared:
                return
            if not shown_behind:
                gone = 0.0
            shown_behind = True
        elif any(p["view"] == "ap" for p in station.pictures):
            shown_behind, gone = False, 0.0


def went_on(way: Way) -> Iterator[Fault]:
    """went-on: step 9 showed the tip behind the wall with no room left, and the needle advanced all the same."""
    last = way.check9 if way.attempt.began["bevel"] else way.check7
    if last is None:
        return
    first = (way.turn if way.turn is not None else last.at) or 0
    gone, ordered = 0.0, False
    for at in range(first, len(way.stations)):
        gone += way.stations[at].forward_mm if ordered else 0.0
        if gone > way.law["after_check_mm"] + way.law["quantum_mm"]:
            yield _at("went-on", way, way.stations[at], gone, f": {gone:.1f} mm")
            return
        check = way.check(at)
        advanced = sum(s.forward_mm for s in way.stations[first + 1 : at + 1])
        if check is not None and check.cleared:
            return
        room = way.stations[at].move.number("point_medial_mm")
        ordered = ordered or (
            check is not None and (advanced > 0.0 or way.turn is None) and room <= way.law["no_room_mm"]
        )


def turned_medial(way: Way) -> Iterator[Fault]:
    """turned-medial: a turn behind the wall that brought the point nearer to the medial cortex."""
    for station in way.stations:
        move = station.move
        turned = move.kind == "turned" and abs(move.number("degrees")) > 90.0
        nearer = turned and move.number("gain_mm") <= -way.law["turn_gain_mm"]
        if nearer and move.number("front_mm") < way.law["cleared_mm"]:
            yield _at("turned-medial", way, station, -move.number("gain_mm"))
            return


NEEDLE: Mapping[str, Callable[[Way], Iterator[Fault]]] = {
    "wrong-level": wrong_level,
    "medial-breach": medial_breach,
    "canal": canal,
    "medial-close": medial_close,
    "inferior-margin": inferior_margin,
    "out-of-body": out_of_body,
    "lateral-breach": lateral_breach,
    "no-lateral": no_lateral,
    "front-near": front_near,
    "not-stopped": not_stopped,
    "barrel-advance": barrel_advance,
    "unwatched": unwatched,
    "order": order,
    "lateral-behind": lateral_behind,
    "went-on": went_on,
    "turned-medial": turned_medial,
}
"""Detectors over one track."""


def false_starts(tracks: tuple[Way, ...]) -> Iterator[Fault]:
    """false-start: a new track that no step 9 ordered."""
    for before, after in pairwise(tracks):
        if not before.reentry_ordered:
            start = after.track.stations[0]
            shift = after.track.entry.number("shift_mm")
            yield _at("false-start", after, start, None if math.isnan(shift) else abs(shift))
            return


def _endangers(id_: str) -> bool:
    """Whether an error counts in a track that was given up as well."""
    rule = rules.load().errors[id_]
    return rule.critical or "medial" in rule.costs


def critical(way: Way) -> list[Fault]:
    """The critical errors of one track and its cement so far, in order of time: what nobody may go on with."""
    law, flows = rules.load(), way.track.flow_at is not None
    faults = [
        fault
        for id_, detect in NEEDLE.items()
        if id_ in law.errors and law.errors[id_].critical
        for fault in detect(way)
    ]
    faults += [
        f
        for id_, seek in CEMENT.items()
        if flows and id_ in law.errors and law.errors[id_].critical
        for f in seek(way.attempt, way.side)
    ]
    return sorted(faults, key=lambda fault: fault.t)


def find(attempt: Attempt, side: str, tracks: tuple[Way, ...]) -> list[Fault]:
    """All errors of a side, in order of time. Of the tracks before the last one only what endangers counts."""
    faults: list[Fault] = []
    for way in tracks:
        last = way is tracks[-1]
        for detect in NEEDLE.values():
            faults += [fault for fault in detect(way) if last or _endangers(fault.id)]
    faults += false_starts(tracks)
    if attempt.flows.get(side):
        for seek in CEMENT.values():
            faults += seek(attempt, side)
    return sorted(faults, key=lambda fault: fault.t)
