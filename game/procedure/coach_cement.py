"""What the coach says in step 10: paste, view, flow, stop, stylet, out.

In: `Present` (present.py). Out: `Step`. The paste's look is the sample's on the table (game/simulation/viscosity.py).
"""

import math

from game.procedure import cementing
from game.procedure.coach_step import LATERAL, TAKE, Act, Done, Step, act, first_open, step, why
from game.procedure.measured import Measured
from game.procedure.present import Present, Seen
from game.procedure.way import lateral_truth
from game.simulation.injector import DEAD_SPACE_ML
from game.simulation.viscosity import sample_word, viscosity_pas

BACK = ("stylet", "withdraw")


def cement(now: Present) -> Step:
    """Step 10: paste, view, stylet out, flow, stop, stylet back, out."""
    if not now.flows:
        return _prepare(now)
    stylet = [e for e in now.attempt.events if e.kind == "stylet"]
    if stylet and stylet[-1]["present"] and stylet[-1].t > now.flows[0].event.t:
        return leave(now)
    return leave(now) if now.pulling else _inject(now)


def leave(now: Present) -> Step:
    """Cement is in: the stylet goes back before the needle moves, and out it is when it is out of the skin."""
    done = (("stylet back in the cannula", now.stylet_in), ("trocar out of the skin", False))
    back = act("Stop pulling. Stylet back in before you pull: the cannula is full of cement.", "stylet", "let_go")
    out = act("Withdraw the needle whole, out of the skin.", "withdraw")
    due = first_open(done, (back, out), out)
    return step("10", "Withdraw", due, why("10-stylet"), done)


def stop(now: Present) -> Step | None:
    """The order to release the injector, where it is turned and must not be; None elsewhere."""
    flow = now.injecting
    reasons = [] if flow is None else _reasons(now, flow)
    if not reasons:
        return None
    due = act(f"Stop: release the injector: {reasons[0][1]}.", "let_go", *LATERAL[:1], "pedal")
    return step("10", "Stop injecting", due, why("10-lateral"), tuple((text, False) for text, _ in reasons))


def _reasons(now: Present, flow: Measured) -> list[tuple[str, str]]:
    """(condition, words) against injecting on, the worst first."""
    law, shown = now.law, now.picture
    view = "" if shown is None else str(shown["view"])
    live = shown is not None and now.t - now.seen_at <= law["imaged_gap_s"]
    true = shown is not None and lateral_truth(shown, now.attempt.began) > 0.0 and not now.arm_moved
    least = cementing.over_ml(now.attempt, now.side) + DEAD_SPACE_ML + law["volume_slack_ml"]  # once the stylet is back
    placed = now.way is not None and Seen(now.way).in_front
    rows = (
        (
            flow.number("wall_mm") < law["wall_stop_mm"],
            "cement near the posterior wall",
            "cement is within 5 mm of the posterior wall",
        ),
        (bool(flow["visible"]), f"cement outside: {flow['visible']}", "cement is running out of the body"),
        (view == "ap", "AP on the monitor", "never inject in AP"),
        (not live, "no picture while it flows", "nobody is looking. Pedal down in the true lateral"),
        (not true, "not a true lateral", "make the lateral true"),
        (
            flow.number("viscosity_pa_s") < law["paste_low_pas"],
            f"paste too thin: {sample_word(flow.number('viscosity_pa_s'))}",
            "the paste is too thin: wait",
        ),
        (not placed, "tip not shown in the body", "no lateral has shown the tip past the wall"),
        (
            bool(now.flows) and least >= 0.0,
            "volume at its ceiling",
            "the rest comes out of the cannula with the stylet",
        ),
    )
    return [(short, long) for met, short, long in rows if met]


def _lateral(now: Present) -> bool:
    """Whether the monitor shows a usable lateral from where the arm stands."""
    shown = now.view("lateral")
    return shown is not None and lateral_truth(shown, now.attempt.began) > 0.0


def _prepare(now: Present) -> Step:
    """Up to the first drop: the cannula stays closed until the paste is right and the view true."""
    law, true = now.law, _lateral(now)
    mixed = [e for e in now.attempt.events if e.kind == "mixed"]
    thick = viscosity_pas(now.t - mixed[-1].t) if mixed else math.nan
    stiff = thick > law["paste_high_pas"]
    word = "not mixed" if not mixed else sample_word(thick)
    done = (
        ("cement mixed", bool(mixed) and not stiff),
        (f"paste like toothpaste: {word}", law["paste_low_pas"] <= thick <= law["paste_high_pas"]),
        ("true lateral on the monitor", True) if true else (f"true lateral: {TAKE} from the side", False),
        ("stylet out", not now.stylet_in),
    )
    acts = (
        act("Too stiff: mix again." if stiff else "Mix the cement.", "mix"),
        act("Wait, and look at the sample until it stands without shine.", "wait_long", "wait"),
        act(f"Stay in the true lateral, and {TAKE}.", "shoot", *LATERAL[:2]),
        act("Take the stylet out.", "stylet"),
    )
    go = act("Pedal down and keep it down; then turn the injector slowly.", "pedal", "inject", "slower")
    return step("10", "Cement: prepare", first_open(done, acts, go), why("10-paste"), done)


def _inject(now: Present) -> Step:
    """Between the first drop and the stylet; what forbids it while it flows is `stop`."""
    law, began, last = now.law, now.attempt.began, now.flows[-1].event
    used, ceiling = cementing.volume_ml(now.flows), began.number("ceiling_ml")
    wall, leak = last.number("wall_mm"), str(last["visible"] or "")
    live = _lateral(now) and now.t - now.seen_at <= law["imaged_gap_s"]
    least = cementing.over_ml(now.attempt, now.side) + DEAD_SPACE_ML + law["volume_slack_ml"]  # once the stylet is back
    done: tuple[Done, ...] = (
        (
            f"cement {wall:.1f} mm before the wall (stop at 5)" if wall > -math.inf else "no cement yet",
            not wall < law["wall_stop_mm"],
        ),
        (f"cement outside: {leak}" if leak else "no cement outside the body", not leak),
        (f"{used:.1f} ml of at most {ceiling:.0f}", least < 0.0),
        ("live in the true lateral" if live else "not live in the true lateral", live),
    )
    resting = now.injecting is None
    acts = (
        act("Do not inject on: cement is near the posterior wall. Stylet back in before you pull.", *BACK),
        act("Do not inject on: cement has run out of the body. Stylet back in before you pull.", *BACK),
        act("Enough: the rest comes out of the cannula. Stylet back in before you pull.", *BACK),
        act(
            "Pedal down in the true lateral before more flows. To end: put the stylet back in before you pull.",
            "pedal",
            "inject",
            *BACK,
        ),
    )
    return step("10", "Cement: inject", first_open(done, acts, _go_on(now, resting)), why("10-lateral"), done)


def _go_on(now: Present, resting: bool) -> Act:
    """Nothing forbids it: on, or enough."""
    law, last = now.law, now.flows[-1].event
    filled = max(last.number("superior_mm"), last.number("inferior_mm")) <= law["plate_full_mm"]
    enough = cementing.volume_ml(now.flows) >= law["least_fill_share"] * now.attempt.began.number("ceiling_ml")
    ids = ("inject", "pedal", *BACK)
    if filled and enough:
        on = "" if resting else "Stop, or go on as carefully. "
        return act(f"It reaches both end plates. {on}Stylet back in before you pull.", *(BACK if resting else ids))
    return act("Inject slowly, eyes on the posterior margin; stop at 5 mm, or at cement outside the body.", *ids)
