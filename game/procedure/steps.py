"""Steps 2 to 9 as marks, judged for each side: for each line of the score, how much of it was achieved, and the figure that says so.

In: the way that a needle took (way.py). Out: `Mark`: share 0 .. 1 and a text with the measurement.
Every function is pure; tolerances, points and reasons stand in rules.toml under the line's id. Step 1 is in opening.py, cement in cementing.py.
"""

import math
from collections.abc import Callable, Mapping

from game.procedure import rules
from game.procedure.measured import Measured
from game.procedure.opening import Mark, inside, said
from game.procedure.way import Check, Way, band, centred_share, falling, lateral_truth, midline_share


def centred(way: Way) -> Mark:
    """2-centred."""
    two = way.step2
    if two is None:
        shown = [p for p in way.track.before if p["view"] == "ap" and p["in_field"]]
        if not shown:
            return Mark(0.0, "no AP of the target before the bone")
        last = shown[-1]
        height, off = last.number(f"pedicle_{way.side}"), abs(last.number("spinous"))
        return Mark(0.0, f"pedicle at {height:.0%} of the body's height, spinous process {off:.0%} off the middle")
    share = centred_share(two, way.side) * midline_share(two)
    return Mark(
        share, f"pedicle at {two.number(f'pedicle_{way.side}'):.0%} of the body's height, tilt {two['tilt']:.1f} deg"
    )


def oblique_deg(way: Way) -> float:
    """How far the barrel view was turned from step 2 toward the side entered; NaN without either."""
    if way.barrel is None or way.step2 is None:
        return math.nan
    turned = way.barrel.number("orbital") - way.step2.number("orbital")
    return turned if way.side == "left" else -turned


def oblique(way: Way) -> Mark:
    """3-oblique."""
    law, turned = way.law, oblique_deg(way)
    limits = (
        law["oblique_low_deg"],
        law["oblique_high_deg"],
        law["oblique_fail_low_deg"],
        law["oblique_fail_high_deg"],
    )
    return Mark(band(turned, *limits), f"{said(turned, 'deg')} toward the {way.side}")


def entry(way: Way) -> Mark:
    """3-entry: clock, shaft inside the margin and in the ring, point medial, right bone."""
    law, at = way.law, way.track.entry
    if at["level"] != way.attempt.began["target"]:
        return Mark(0.0, f"entered {at['bone'] or 'no bone'}")
    clock, margin = at.number("clock_deg"), at.number("inside_mm")
    limits = (law["inside_low_mm"], law["inside_high_mm"], law["inside_fail_low_mm"], law["inside_fail_high_mm"])
    share = min(
        falling(abs(clock), law["clock_full_deg"], law["clock_fail_deg"]),
        band(margin, *limits),
        falling(-at.number("ring_inset_mm"), -law["inside_low_mm"], -law["inside_fail_low_mm"]),
    )
    if way.attempt.began["bevel"] and at.number("bevel_medial") < 0.0:
        share *= 0.5
    hour = "9" if way.side == "left" else "3"
    return Mark(share, f"{abs(clock):.0f} deg from {hour} o'clock, shaft {inside(margin)} the lateral margin")


def barrel(way: Way) -> Mark:
    """3-barrel."""
    held = [p for p in way.track.before if p["view"] == "ap" and p["shaft_ray_deg"] is not None and p["needle"]]
    angle = held[-1].number("shaft_ray_deg") if held else math.nan
    return Mark(
        falling(angle, way.law["barrel_full_deg"], way.law["barrel_fail_deg"]),
        f"shaft {said(angle, 'deg')} from the beam",
    )


def embed(way: Way) -> Mark:
    """3-embed."""
    law, depth = way.law, way.embedding_mm
    limits = (law["embed_low_mm"], law["embed_high_mm"], law["embed_fail_low_mm"], law["embed_fail_high_mm"])
    return Mark(band(depth, *limits), f"{said(depth, 'mm')} deep when the barrel view was left")


def course(way: Way) -> Mark:
    """3-course."""
    move = way.stations[way.embedded - 1].move
    off = abs(move.number("course") - 0.5)
    return Mark(
        falling(off, way.law["course_full"], way.law["course_fail"]),
        f"{said(off * 100, '%', 0)} of the height from its middle",
    )


def view4(way: Way) -> Mark:
    """4-view: share of the pedicle's advance seen in step 2's AP, or in lateral for no more than 3 mm at a time."""
    law = way.law
    last = way.check5.at if way.check5 is not None else way.crossed
    right, total, lateral_run = 0.0, 0.0, 0.0
    for at in range(way.embedded, last + 1):
        station = way.stations[at]
        total += station.forward_mm
        picture = station.in_force
        if way.as_step2(picture):
            right, lateral_run = right + station.forward_mm, 0.0
        elif picture is not None and picture["view"] == "lateral":
            lateral_run += station.forward_mm
            right += station.forward_mm if lateral_run <= law["lateral_alone_mm"] else 0.0
    if total <= 0.0:
        back = any(way.as_step2(p) for p in way.stations[way.embedded - 1].pictures)
        return Mark(float(back), "nothing to advance" if back else "no advance in the view of step 2")
    share = right / total
    full, fail = law["view_full_share"], law["view_fail_share"]
    return Mark(falling(-share, -full, -fail), f"{share:.0%} of {total:.0f} mm in the view of step 2")


def blind_runs(way: Way) -> list[tuple[int, int, float, float]]:
    """Advances between two pictures that show the tip: (first station, last, mm, of it past the middle and behind the wall)."""
    runs: list[tuple[int, int, float, float]] = []
    for at, gone, late in way.unwatched():
        forward = way.stations[at].forward_mm
        past = forward if late else 0.0
        if runs and gone > forward + 1e-9:
            runs[-1] = (runs[-1][0], at, gone, runs[-1][3] + past)
        else:
            runs.append((at, at, gone, past))
    return runs


def blind_text(mm: float, past_mm: float) -> str:
    """A run of it in words."""
    return f"{mm:.1f} mm" + (f", of it {past_mm:.1f} mm past the middle of the pedicle" if past_mm > 0.0 else "")


def watched4(way: Way) -> Mark:
    """4-watched: longest advance that nobody saw, until the wall is behind."""
    law, slack = way.law, way.law["quantum_mm"]
    rows = [row for row in way.unwatched() if way.embedded <= row[0] <= way.crossed]
    if not rows:
        return Mark(0.0, "no advance")
    early = max((gone for _, gone, late in rows if not late), default=0.0)
    late = max((gone for _, gone, late in rows if late), default=0.0)
    here = [run for run in blind_runs(way) if run[1] >= way.embedded and run[0] <= way.crossed]
    text = "longest unseen advance " + blind_text(*max(here, key=lambda run: run[2])[2:])
    if early > law["unwatched_error_mm"] + slack or late > law["unwatched_late_mm"] + slack:
        return Mark(0.0, text)
    return Mark(0.5 if early > law["unwatched_warning_mm"] + slack else 1.0, text)


def middle(way: Way) -> Mark:
    """4-middle: stopped at mid-pedicle for the lateral, or a lateral showed the wall cleared before."""
    law, check = way.law, way.check5
    if check is None:
        return Mark(0.0, "no true lateral at the middle of the pedicle")
    ring = way.ring(check.at)
    text = f"point {ring:.0%} across the pedicle at the lateral"
    if check.cleared and ring <= law["middle_high"]:
        return Mark(1.0, text + ", wall cleared")
    limits = (law["middle_low"], law["middle_high"], law["middle_fail_low"], law["middle_fail_high"])
    return Mark(band(ring, *limits), text)


def laterals(way: Way) -> Mark:
    """4-laterals: longest advance without a look from the side, to the check of step 5."""
    if way.check5 is None and not any(p["view"] == "lateral" for s in way.stations for p in s.pictures):
        return Mark(0.0, "never looked from the side")
    last = way.check5.at if way.check5 is not None else way.crossed
    longest, gone = 0.0, 0.0
    for at in range(way.embedded, last + 1):
        gone += way.stations[at].forward_mm
        longest = max(longest, gone)
        if any(p["view"] == "lateral" and p["needle"] for p in way.stations[at].pictures):
            gone = 0.0
    share = falling(longest, way.law["laterals_full_mm"] + way.law["quantum_mm"], way.law["laterals_fail_mm"])
    return Mark(share, f"{longest:.1f} mm without a look from the side")


def lateral5(way: Way) -> Mark:
    """5-lateral: how true the lateral was on which step 5 was decided."""
    check = way.check5
    if check is None:
        tried = [p for s in way.stations for p in s.pictures if p["view"] == "lateral" and p["needle"]]
        if not tried:
            return Mark(0.0, "no lateral at the middle of the pedicle")
        if lateral_truth(tried[-1], way.attempt.began) > 0.0:
            return Mark(0.0, "true laterals only before the middle of the pedicle, or long after the wall")
        return Mark(0.0, "never true: " + _lateral_text(tried[-1]))
    return Mark(check.truth, _lateral_text(check.picture))


def _lateral_text(picture: Measured) -> str:
    ribs = f", ribs {picture['ribs_mm']:.1f} mm apart" if picture["ribs_mm"] is not None else ""
    plates = f"end plates {picture['superior_deg']:.1f} and {picture['inferior_deg']:.1f} deg"
    return f"{plates}, posterior margin double by {picture['corners_mm']:.1f} mm{ribs}"


def _cleared(check: Check | None) -> Mark:
    if check is None:
        return Mark(0.0, "no true lateral")
    front = check.picture.number("front_seen_mm")
    where = f"metal {abs(front):.1f} mm {'in front of' if front >= 0 else 'behind'} the posterior margin"
    return Mark(float(check.cleared), where)


def clear5(way: Way) -> Mark:
    """5-clear."""
    return _cleared(way.check5)


def margin6(way: Way) -> Mark:
    """6-margin: after step 5, in AP, to 1-2 mm of the medial cortex, or to where step 7 shows it cleared."""
    law = way.law
    if way.check5 is None or way.check5.cleared:
        return Mark(0.0, "without a check before")
    end = way.check7.at if way.check7 is not None else way.turn if way.turn is not None else way.crossed
    if way.check7 is None and way.turn is not None and not way.needless_turn:
        end = way.turn - 1
    moves = [way.stations[at] for at in range(way.check5.at + 1, end + 1)]
    total = sum(s.forward_mm for s in moves)
    right = sum(s.forward_mm for s in moves if way.as_step2(s.in_force))
    if total <= 0.0:
        return Mark(0.0, "no advance after step 5")
    margin = way.margin(end)
    text = f"{right / total:.0%} of {total:.1f} mm in AP, metal {said(margin, 'mm')} from the medial cortex"
    seen = falling(-right / total, -law["view_full_share"], -law["view_fail_share"])
    if way.check7 is not None and way.check7.cleared and not margin < law["margin_low_mm"]:
        return Mark(seen, text)
    if margin < law["margin_low_mm"]:
        return Mark(0.0, text)
    return Mark(seen * falling(margin, law["margin_high_mm"], law["margin_fail_high_mm"]), text)


def clear7(way: Way) -> Mark:
    """7-clear."""
    return _cleared(way.check7)


def turn8(way: Way) -> Mark:
    """8-turn: half a turn on the spot that gains room for the point."""
    law = way.law
    if way.turn is None:
        return Mark(0.0, "bevel not turned")
    move = way.stations[way.turn].move
    degrees, gain, depth = abs(move.number("degrees")), move.number("gain_mm"), abs(move.number("depth_change_mm"))
    text = f"turned {degrees:.0f} deg, point {said(gain, 'mm')} further from the medial cortex"
    right = law["turn_low_deg"] <= degrees <= law["turn_high_deg"] and depth <= law["turn_depth_mm"]
    return Mark(falling(-gain, -law["turn_gain_mm"], 0.0) if right else 0.0, text)


def clear9(way: Way) -> Mark:
    """9-clear."""
    return _cleared(way.check9)


def reentry9(way: Way) -> Mark:
    """9-reentry: the new entry lateral of the old one, still in the ring."""
    law, at = way.law, way.track.entry
    shift = at.number("shift_mm")
    share = band(shift, law["reentry_low_mm"], law["reentry_high_mm"], 0.0, 2 * law["reentry_high_mm"])
    inside = at.number("ring_inset_mm") >= law["inside_fail_low_mm"]
    return Mark(share if inside else 0.0, f"entered again {said(shift, 'mm')} further lateral")


def medial(tracks: tuple[Way, ...]) -> Mark:
    """medial: least distance of any metal to the pedicle's medial and lower margin, over all tracks."""
    law = rules.load()
    moves = [s.move for way in tracks for s in way.track.stations if s.move.kind != "entry"]
    inner = [m.number("medial_mm") for m in moves if m["medial_mm"] is not None]
    lower = [m.number("inferior_mm") for m in moves if m["inferior_mm"] is not None]
    through = [m for m in moves if m.number("lateral_mm") > -law["lateral_out_mm"]]
    if not inner or not through:
        return Mark(0.0, "never in the pedicle")
    if not any(p["view"] == "ap" and p["needle"] for way in tracks for s in way.track.stations for p in s.pictures):
        return Mark(0.0, "never looked at in AP: kept off by luck")
    text = f"metal never nearer than {min(inner):.1f} mm to the medial cortex"
    return Mark(float(min(inner) >= law["margin_low_mm"] and min(lower, default=0.0) >= 0.0), text)


def watched5b(way: Way) -> Mark:
    """5b-watched: share of the advance in the body under a true lateral not older than 2 mm."""
    law = way.law
    if way.clearing is None:
        return Mark(0.0, "wall never shown to be cleared")
    total, right, gone = 0.0, 0.0, 0.0
    for at in range(way.clearing.at + 1, len(way.stations)):
        station = way.stations[at]
        gone += station.forward_mm
        total += station.forward_mm
        picture = station.in_force
        good = picture is not None and lateral_truth(picture, way.attempt.began) > 0.0
        if good and gone <= law["unwatched_warning_mm"] + law["quantum_mm"]:
            right += station.forward_mm
        if station.pictures:
            gone = 0.0
    if total < 0.5:
        return Mark(1.0, "no advance needed")
    share = right / total
    text = f"{share:.0%} of {total:.1f} mm under a true lateral"
    return Mark(falling(-share, -law["view_full_share"], -law["view_fail_share"]), text)


def final_seen(way: Way) -> tuple[float, bool]:
    """(mm from the point to the apparent front in the truest lateral of the final position, whether an AP showed the midline)."""
    law = way.law
    shown = way.check(len(way.stations) - 1)
    front = shown.picture.number("anterior_seen_mm") if shown is not None else math.nan
    pictures = [p for s in way.stations[way.crossed :] for p in s.pictures]
    middle = any(
        abs(p.number("midline_seen_mm")) <= law["midline_mm"] and midline_share(p) > 0.0
        for p in pictures
        if p["view"] == "ap"
    )
    return front, middle


def depth5b(way: Way) -> Mark:
    """5b-depth."""
    law = way.law
    front, in_midline = final_seen(way)
    nearest = way.stations[-1].move.number("nearest_mm")
    cortex = f"{-nearest:.1f} mm outside the cortex" if nearest < 0.0 else f"nearest cortex {said(nearest, 'mm')}"
    if math.isnan(front):
        return Mark(0.0, f"final position not seen in a true lateral; {cortex}")
    text = f"{front:.1f} mm short of the apparent front, {cortex}"
    if law["front_low_mm"] <= front <= law["front_high_mm"]:
        return Mark(1.0, text)
    if law["front_error_mm"] <= front < law["front_low_mm"]:
        return Mark(1.0 if in_midline else 0.5, text + (", tip in the midline" if in_midline else ""))
    return Mark(0.5 if law["front_high_mm"] < front <= law["front_far_mm"] else 0.0, text)


EACH: Mapping[str, Callable[[Way], Mark]] = {
    "2-centred": centred,
    "3-oblique": oblique,
    "3-entry": entry,
    "3-barrel": barrel,
    "3-embed": embed,
    "3-course": course,
    "4-view": view4,
    "4-watched": watched4,
    "4-middle": middle,
    "4-laterals": laterals,
    "5-lateral": lateral5,
    "5-clear": clear5,
    "6-margin": margin6,
    "7-clear": clear7,
    "8-turn": turn8,
    "9-clear": clear9,
    "9-reentry": reentry9,
    "5b-watched": watched5b,
    "5b-depth": depth5b,
}
"""Lines judged on a side's last track."""
