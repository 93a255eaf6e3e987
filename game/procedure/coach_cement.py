"""What the coach says in step 10: paste, view, flow, stop, stylet, out.

In: `Present` (present.py). Out: `Step`. The paste's look is the sample's on the table (game/simulation/viscosity.py).
"""

import math

from game.procedure import cementing
from game.procedure.coach_step import TAKE, Step, first_open, why
from game.procedure.present import Present
from game.procedure.way import lateral_truth
from game.simulation.injector import DEAD_SPACE_ML
from game.simulation.viscosity import sample_word, viscosity_pas

END = "wait a moment, put the stylet back (it pushes the cannula's rest out), and withdraw."


def cement(now: Present) -> Step:
    """Step 10: paste, view, flow, stop, stylet, out."""
    if not now.flows:
        return _prepare(now)
    stylet = [e for e in now.attempt.events if e.kind == "stylet"]
    if stylet and stylet[-1]["present"] and stylet[-1].t > now.flows[0].event.t:
        out = (("stylet back in the cannula", True), ("needle out", False))
        return Step("10", "Withdraw", "Withdraw the needle whole.", why("10-stylet"), out)
    return _inject(now)


def _prepare(now: Present) -> Step:
    """Up to the first drop."""
    law = now.law
    shown = now.view("lateral")
    true = shown is not None and lateral_truth(shown, now.attempt.began) > 0.0
    stylet = [e for e in now.attempt.events if e.kind in ("stylet", "side")]
    out = bool(stylet) and stylet[-1].kind == "stylet" and not stylet[-1]["present"]
    mixed = [e for e in now.attempt.events if e.kind == "mixed"]
    thick = viscosity_pas(now.t - mixed[-1].t) if mixed else math.nan
    stiff = thick > law["paste_high_pas"]
    word = "not mixed" if not mixed else sample_word(thick)
    done = (
        ("true lateral on the monitor", True) if true else (f"true lateral: {TAKE} from the side", False),
        ("stylet out", out),
        ("cement mixed", bool(mixed) and not stiff),
        (f"paste like toothpaste, without shine: {word}", law["paste_low_pas"] <= thick <= law["paste_high_pas"]),
    )
    acts = (
        f"Stay in the true lateral, and {TAKE}.",
        "Take the stylet out.",
        "Too stiff: mix again." if stiff else "Mix the cement.",
        "Wait, and look at the sample until it stands without shine.",
    )
    do = first_open(done, acts, "Pedal down and keep it down; then turn the injector slowly.")
    return Step("10", "Cement: prepare", do, why("10-paste"), done)


def _inject(now: Present) -> Step:
    """While it flows, and after."""
    law, began, last = now.law, now.attempt.began, now.flows[-1].event
    used, ceiling = cementing.volume_ml(now.flows), began.number("ceiling_ml")
    wall, leak = last.number("wall_mm"), str(last["visible"] or "")
    shown = now.picture
    true = shown is not None and lateral_truth(shown, began) > 0.0 and not now.arm_moved
    live = true and now.t - now.seen_at <= law["imaged_gap_s"]
    least = cementing.over_ml(now.attempt, now.side) + DEAD_SPACE_ML + law["volume_slack_ml"]  # once the stylet is back
    room = not wall < law["wall_stop_mm"]
    place = (
        f"cement {wall:.1f} mm in front of the posterior margin (stop at {law['wall_stop_mm']:.0f})"
        if wall > -math.inf
        else "no cement yet"
    )
    done = (
        ("live in the true lateral" if live else "live in the true lateral: pedal down, or stop", live),
        (place, room),
        (f"cement outside the body: {leak}" if leak else "no cement outside the body", not leak),
        (f"{used:.1f} ml of at most {ceiling:.0f}", least < 0.0),
    )
    acts = (
        f"Stop the injector: nobody is looking. Pedal down in the true lateral before anything flows. To end: {END}",
        f"Stop now: cement is near the posterior wall. Then {END}",
        f"Stop now: cement is running out of the body. Then {END}",
        f"Stop: the rest comes out of the cannula. Then {END}",
    )
    filled = max(last.number("superior_mm"), last.number("inferior_mm")) <= law["plate_full_mm"]
    go_on = "Inject slowly, eyes on the posterior margin; stop at 5 mm, or at a tube or blob outside the body."
    enough = used >= law["least_fill_share"] * ceiling
    may_stop = f"It reaches both end plates: you may stop, or go on as carefully. After the stop {END}"
    do = first_open(done, acts, may_stop if filled and enough else go_on)
    return Step("10", "Cement: inject", do, why("10-lateral"), done)
