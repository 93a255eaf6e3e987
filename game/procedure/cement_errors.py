"""Errors of the cement: unseen, in the wrong view, too near, leaking, too much, without stylet, too thin or stiff.

In: an attempt, a side with flows. Out: `Fault`s. Every detector is pure and finds the first moment of its error.
"""

import math
from collections.abc import Callable, Iterator, Mapping

from game.procedure import cementing, rules
from game.procedure.attempt import Attempt
from game.procedure.fault import Fault


def _cement(id_: str, side: str, t: float, mm: float | None, note: str) -> Fault:
    return Fault(t, id_, side, "cement", mm, f"{rules.load().errors[id_].text}{note}")


def cement_unseen(attempt: Attempt, side: str) -> Iterator[Fault]:
    """cement-unseen: flow without a picture for longer than 0.5 s."""
    for flow in attempt.flows[side]:
        if flow.age_s > rules.load()["imaged_gap_s"]:
            yield _cement("cement-unseen", side, flow.event.t, None, "")
            return


def cement_ap(attempt: Attempt, side: str) -> Iterator[Fault]:
    """cement-ap: flow with the last picture from behind."""
    for flow in attempt.flows[side]:
        if flow.picture is not None and flow.picture["view"] != "lateral":
            yield _cement("cement-ap", side, flow.event.t, None, "" if flow.picture["view"] == "ap" else " or oblique")
            return


def cement_wall(attempt: Attempt, side: str) -> Iterator[Fault]:
    """cement-wall: cement at the posterior wall or in the canal."""
    for flow in attempt.flows[side]:
        wall, leak = flow.event.number("wall_mm"), flow.event.number("leak_canal_ml")
        if wall <= 0.0 or leak > 0.0:
            note = f": {leak:.2f} ml in the canal" if leak > 0.0 else ""
            yield _cement("cement-wall", side, flow.event.t, None if math.isnan(wall) else wall, note)
            return


def cement_near_wall(attempt: Attempt, side: str) -> Iterator[Fault]:
    """cement-near-wall: more than 1 mm past the line at which injection ends, or too long after it."""
    law, flows = rules.load(), attempt.flows[side]
    least = min((f.event.number("wall_mm") for f in flows if f.event["wall_mm"] is not None), default=math.inf)
    late = cementing.late_ml(flows)
    if least >= law["wall_error_mm"] and late <= 0.0:
        return
    limit = law["wall_error_mm"] if least < law["wall_error_mm"] else law["wall_stop_mm"]
    first = next(f for f in flows if f.event.number("wall_mm") < limit)
    said = (
        f": {least:.1f} mm"
        if least < law["wall_error_mm"]
        else f": {late:.2f} ml more after it was {law['wall_stop_mm']:.0f} mm away"
    )
    yield _cement("cement-near-wall", side, first.event.t, least, said)


def leak_continued(attempt: Attempt, side: str) -> Iterator[Fault]:
    """leak-continued."""
    flows = attempt.flows[side]
    more = cementing.continued_ml(flows)
    if more > 0.0:
        first = next(f for f in flows if f.event["visible"])
        yield _cement("leak-continued", side, first.event.t, None, f": {more:.2f} ml more ({first.event['visible']})")


def volume_over(attempt: Attempt, side: str) -> Iterator[Fault]:
    """volume-over."""
    over = cementing.over_ml(attempt, side)
    if over > 0.0:
        yield _cement("volume-over", side, attempt.flows[side][-1].event.t, None, f": {over:.1f} ml over")


def stylet_out(attempt: Attempt, side: str) -> Iterator[Fault]:
    """stylet-out."""
    event = attempt.stylet_out.get(side)
    if event is not None:
        yield _cement("stylet-out", side, event.t, None, "")


def paste(attempt: Attempt, side: str) -> Iterator[Fault]:
    """paste-thin and paste-stiff."""
    law, first = rules.load(), attempt.flows[side][0].event
    thick = first.number("viscosity_pa_s")
    if thick <= law["paste_fail_low_pas"]:
        yield _cement("paste-thin", side, first.t, None, f": {thick:.0f} Pa.s")
    elif thick >= law["paste_fail_high_pas"]:
        yield _cement("paste-stiff", side, first.t, None, f": {thick:.0f} Pa.s")


CEMENT: Mapping[str, Callable[[Attempt, str], Iterator[Fault]]] = {
    "cement-unseen": cement_unseen,
    "cement-ap": cement_ap,
    "cement-wall": cement_wall,
    "cement-near-wall": cement_near_wall,
    "leak-continued": leak_continued,
    "volume-over": volume_over,
    "stylet-out": stylet_out,
    "paste": paste,
}
"""Detectors over one side's flows."""
