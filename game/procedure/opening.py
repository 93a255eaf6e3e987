"""Steps 1 and the count, judged once for a procedure; and what a mark is.

In: an attempt (attempt.py). Out: `Mark`: share 0 .. 1 of a line, and a text with the measurement.
Tolerances, points and reasons stand in rules.toml under the line's id. The needle's lines are in steps.py.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from game.procedure import rules
from game.procedure.attempt import Attempt
from game.procedure.measured import Measured
from game.procedure.way import falling, midline_share


@dataclass(frozen=True)
class Mark:
    """What a line came to."""

    share: float
    text: str


def said(value: float, unit: str, digits: int = 1) -> str:
    """A figure with its unit; 'not measured' for NaN."""
    return "not measured" if math.isnan(value) else f"{value:.{digits}f} {unit}".rstrip()


def inside(value: float) -> str:
    """A signed distance in words: '0.5 mm inside', '2.5 mm outside'."""
    return said(abs(value), "mm") + ("" if math.isnan(value) else " outside" if value < 0.0 else " inside")


def count(attempt: Attempt) -> Mark:
    """1-count: the level named last before the needle touched is the right one, and a picture was seen for it."""
    named = [e for e in attempt.events if e.kind == "counted"]
    before = [e for e in named if e.t <= attempt.touched_at]
    if not before:
        return Mark(0.0, "named only after the needle had touched" if named else "no level counted")
    last, target = before[-1], attempt.began["target"]
    if last["level"] != target:
        return Mark(0.0, f"{last['level']} named, {target} asked for")
    others = [e.t for e in before if e["level"] != target]
    since = others[-1] if others else -math.inf
    if not any(p.t <= last.t for p in attempt.pictures):
        return Mark(0.0, f"{target} named without a picture")
    if not any(since < p.t <= last.t for p in attempt.pictures):
        return Mark(0.0, "several levels named in a row, with no picture between")
    return Mark(1.0, f"{target} counted at {last.t:.0f} s")


def plates_share(picture: Measured, began: Measured) -> tuple[float, str]:
    """(share, text) of step 1's end plates in an AP: the superior one, or the neighbours'."""
    law = rules.load()
    own = falling(picture.number("superior_deg"), law["plates_full_deg"], law["plates_fail_deg"])
    beside = falling(picture.number("neighbour_deg"), law["plates_full_deg"], law["plates_fail_deg"])
    beside *= 1.0 if began["flattened"] else law["neighbour_share"]
    if own >= beside:
        return own, f"superior end plate {said(picture.number('superior_deg'), 'deg')} from the beam"
    return beside, f"neighbour's end plate {said(picture.number('neighbour_deg'), 'deg')} from the beam"


def best_ap(attempt: Attempt) -> Measured | None:
    """The AP before the first entry that comes nearest to step 1."""
    candidates = [p for p in attempt.pictures if p.t < attempt.entered_at and p["view"] == "ap" and p["in_field"]]
    return max(candidates, key=lambda p: plates_share(p, attempt.began)[0] + midline_share(p), default=None)


def plates(attempt: Attempt) -> Mark:
    """1-plates."""
    picture = best_ap(attempt)
    return Mark(*plates_share(picture, attempt.began)) if picture else Mark(0.0, "no AP of the target before the bone")


def midline(attempt: Attempt) -> Mark:
    """1-midline."""
    picture = best_ap(attempt)
    if picture is None:
        return Mark(0.0, "no AP of the target before the bone")
    return Mark(midline_share(picture), f"spinous process {abs(picture.number('spinous')):.0%} off the middle")


def economy(attempt: Attempt) -> Mark:
    """economy: single shots of an AP already seen, with nothing changed since."""
    law, needless = rules.load(), 0
    last: tuple[object, ...] | None = None
    for event in attempt.events:
        if event.kind in ("moved", "turned", "entry", "flowed", "stylet"):
            last = None
        if event.kind == "picture":
            now = (event["orbital"], event["tilt"], event["swivel"], event["spinous"], event["in_field"])
            needless += int(event["view"] == "ap" and now == last)
            last = now
    if not attempt.pictures:
        return Mark(0.0, "no picture at all")
    return Mark(
        falling(needless, law["needless_full"], law["needless_fail"]), f"{needless} pictures with nothing changed"
    )


ONCE: Mapping[str, Callable[[Attempt], Mark]] = {
    "1-count": count,
    "1-plates": plates,
    "1-midline": midline,
    "economy": economy,
}
"""Lines judged once."""
