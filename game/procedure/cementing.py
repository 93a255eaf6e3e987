"""Step 10 as marks: paste, view, stop, fill, volume, stylet.

In: an attempt's flows of one side. Out: marks by line id. Tolerances stand in rules.toml.
"""

import math
from collections.abc import Sequence

from game.procedure import rules
from game.procedure.attempt import Attempt, Flow
from game.procedure.measured import ROUTES
from game.procedure.opening import Mark
from game.procedure.way import band, falling, lateral_truth

LINES = ("10-paste", "10-lateral", "10-stop", "10-fill", "10-volume", "10-stylet")


def volume_ml(flows: Sequence[Flow]) -> float:
    """What left the tip."""
    return sum(flow.added_ml for flow in flows)


def paste(flows: Sequence[Flow]) -> Mark:
    """10-paste: viscosity when it first left the tip."""
    law, thick = rules.load(), flows[0].event.number("viscosity_pa_s")
    limits = (law["paste_low_pas"], law["paste_high_pas"], law["paste_fail_low_pas"], law["paste_fail_high_pas"])
    after = flows[0].event["mixed_min"]
    when = f", {after:.1f} min after mixing" if after is not None else ""
    return Mark(band(thick, *limits), f"{thick:.0f} Pa.s{when}")


def seen_share(attempt: Attempt, flows: Sequence[Flow]) -> tuple[float, float]:
    """(share of the flow's time seen in a usable lateral, how true that lateral was on the mean)."""
    law = rules.load()
    truths = [
        lateral_truth(flow.picture, attempt.began)
        if flow.picture is not None and flow.age_s <= law["imaged_gap_s"]
        else 0.0
        for flow in flows
    ]
    seen = [truth for truth in truths if truth > 0.0]
    return len(seen) / len(flows), sum(seen) / len(seen) if seen else 0.0


def lateral(attempt: Attempt, flows: Sequence[Flow]) -> Mark:
    """10-lateral."""
    law = rules.load()
    share, truth = seen_share(attempt, flows)
    gap = any(flow.age_s > law["imaged_gap_s"] for flow in flows)
    steady = law["gap_share"] if gap else 1.0
    return Mark(
        falling(-share, -law["imaged_full_share"], -law["imaged_fail_share"]) * truth * steady,
        f"{share:.0%} of {len(flows) / 10:.0f} s of flow seen in lateral",
    )


def late_ml(flows: Sequence[Flow]) -> float:
    """ml that left the tip after the time to stop was over: front within 5 mm of the wall, or a leak in sight."""
    law = rules.load()
    crossed = next((f.event.t for f in flows if f.event.number("wall_mm") < law["wall_stop_mm"]), float("inf"))
    return sum(f.added_ml for f in flows if f.event.t > crossed + law["wall_stop_s"] + 1e-6)


def continued_ml(flows: Sequence[Flow]) -> float:
    """ml that left the tip with a leak in sight for more than 2 s; a tube that vanished is no longer in sight."""
    law = rules.load()
    first = next((f.event.t for f in flows if f.event["visible"]), float("inf"))
    return sum(f.added_ml for f in flows if f.event["visible"] and f.event.t > first + law["leak_stop_s"] + 1e-6)


def leaked_ml(flows: Sequence[Flow]) -> float:
    """ml outside the body at the end."""
    return sum(flows[-1].event.number(f"leak_{route}_ml") for route in ROUTES if flows[-1].event[f"leak_{route}_ml"])


def stop(attempt: Attempt, flows: Sequence[Flow]) -> Mark:
    """10-stop: before the wall, and when a leak is in sight; worth nothing where nobody watched."""
    law = rules.load()
    walls = [f.event.number("wall_mm") for f in flows if f.event["wall_mm"] is not None]
    least = min(walls, default=float("nan"))
    leaks, visible = leaked_ml(flows), any(f.event["visible"] for f in flows)
    where = f"cement {least:.1f} mm in front of the posterior wall" if walls else "no cement in the body"
    text = where + (f", {leaks:.2f} ml leaked" if leaks > 0.0 else "")
    if seen_share(attempt, flows)[0] < 0.5:
        return Mark(0.0, text + "; nobody watched")
    if least < law["wall_error_mm"] or late_ml(flows) > 0.0 or continued_ml(flows) > 0.0:
        return Mark(0.0, text)
    return Mark(law["leak_share"] if visible else 1.0, text)


def _plates(plates: Sequence[float]) -> str:
    """Distances to the plates in words: no finer than the cement's cells."""
    if any(math.isnan(plate) for plate in plates):
        return "no cement in the body"
    figures = ["under 1" if plate < 1.0 else f"{plate:.1f}" for plate in plates]
    return f"{' and '.join(dict.fromkeys(figures))} mm from the end plates"


def fill(flows: Sequence[Flow], ceiling_ml: float) -> Mark:
    """10-fill: both end plates, from the lateral thirds."""
    law, last = rules.load(), flows[-1].event
    plates = [last.number("superior_mm"), last.number("inferior_mm")]
    share = sum(falling(plate, law["plate_full_mm"], law["plate_fail_mm"]) for plate in plates) / 2
    if volume_ml(flows) < law["least_fill_share"] * ceiling_ml:
        share = 0.0
    central = last.number("across_body") < law["central_third"]
    text = f"{_plates(plates)}, tip in the {'central' if central else 'lateral'} third"
    return Mark(share * (law["central_share"] if central else 1.0), text)


def over_ml(attempt: Attempt, side: str) -> float:
    """ml over the ceiling of the side, or over the total of a lumbar body; 0 or less: within."""
    law, began = rules.load(), attempt.began
    over = volume_ml(attempt.flows.get(side, ())) - began.number("ceiling_ml")
    if began["region"] == "lumbar":
        both = sum(volume_ml(flows) for flows in attempt.flows.values())
        over = max(over, both - law["total_lumbar_ml"] + 2 * law["volume_slack_ml"])  # 3.0 + 3.0 is already over
    return over - law["volume_slack_ml"]


def volume(attempt: Attempt, side: str) -> Mark:
    """10-volume."""
    used, ceiling = volume_ml(attempt.flows[side]), attempt.began.number("ceiling_ml")
    return Mark(float(over_ml(attempt, side) <= 0.0), f"{used:.1f} ml of at most {ceiling:.0f} ml")


def stylet(attempt: Attempt, side: str) -> Mark:
    """10-stylet."""
    out = attempt.stylet_out.get(side)
    return (
        Mark(0.0, f"pulled without the stylet at {out.t:.0f} s")
        if out
        else Mark(1.0, "stylet back before the needle moved")
    )


def marks(attempt: Attempt, side: str) -> dict[str, Mark]:
    """All lines of step 10 for a side. No fill, no cement points."""
    flows = attempt.flows.get(side, ())
    if not flows:
        return {line: Mark(0.0, "no cement") for line in LINES}
    filled = fill(flows, attempt.began.number("ceiling_ml"))
    out = {
        "10-paste": paste(flows),
        "10-lateral": lateral(attempt, flows),
        "10-stop": stop(attempt, flows),
        "10-fill": filled,
        "10-volume": volume(attempt, side),
        "10-stylet": stylet(attempt, side),
    }
    if filled.share == 0.0:
        return {line: Mark(0.0, f"{mark.text}; hardly any fill earns nothing") for line, mark in out.items()}
    return out
