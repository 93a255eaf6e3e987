"""What the coach says in steps 4 to 9: through the pedicle beside the canal, and into the body.

In: `Present`, the open track (way.py) and what pictures showed of it (present.py, Seen). Out: `Step`.
Read from pictures as the scorer reads them; where these are stale, a picture is asked for.
"""

import math
from dataclasses import replace

from game.procedure.coach_step import (
    LATERAL,
    SCREW,
    TAKE,
    Act,
    Done,
    Step,
    act,
    first_open,
    step,
    view_known,
    wanted,
    why,
)
from game.procedure.opening import said
from game.procedure.present import Present, Seen
from game.procedure.way import Way, lateral_truth


def _view2(now: Present, way: Way) -> Done:
    """The monitor shows the view of step 2 again."""
    two, stands = way.step2, now.angles
    if two is None or stands is None:
        return f"AP of step 2: {TAKE}", False
    off = max(abs(stands.number(a) - two.number(a)) for a in ("orbital", "tilt"))
    if off > now.law["return_deg"]:
        return f"view of step 2: {off:.0f} deg away", False
    if now.view("ap") is None:
        return view_known(now, "view of step 2")
    return "in the view of step 2", True


def _back(way: Way) -> Act:
    """How to come back to the view of step 2."""
    two = way.step2
    if two is None:
        return act(
            f"Turn the arm to the AP in which the pedicle is centred, and {TAKE}.", "preset_ap", "arm_head", "shoot"
        )
    angles = f"orbital {two.number('orbital'):.0f}, tilt {two.number('tilt'):.0f}"
    return act(f"Turn the arm back to {angles}, and {TAKE}.", "arm_right", "arm_left", "arm_head", "arm_feet", "shoot")


def _watched(seen: Seen, limit: float) -> Done:
    """No advance that nobody saw."""
    gone = seen.unseen_mm
    return (f"{gone:.1f} mm unseen: {TAKE}", False) if gone > limit else ("advance seen", True)


def _across(seen: Seen) -> Done:
    """How far across the ring the point stands."""
    shown = seen.fresh_ap()
    if shown is None:
        return f"point across pedicle: {TAKE} in AP", False
    law, ring = seen.law, shown.number("ring")
    span = wanted(law["middle_low"], law["middle_high"], 100.0)
    return f"point {ring:.0%} across the pedicle {span}", ring >= law["middle_low"]


def to_middle(now: Present, way: Way, seen: Seen) -> Step:
    """Step 4."""
    law = now.law
    early, most = seen.since_lateral_mm, law["laterals_full_mm"]
    view, watched, across = _view2(now, way), _watched(seen, law["unwatched_warning_mm"]), _across(seen)
    side = act("Look from the side before you go on.", *LATERAL)
    acts = (
        _back(way),
        act(f"Stop and {TAKE}.", "shoot", "pedal"),
        act("Screw on in small bites, pedal down, until the point is halfway between the ring's margins.", *SCREW),
    )
    due = first_open((view, watched, across), acts, act("Stop: look from the side.", *LATERAL))
    looked = (f"{early:.0f} mm since a lateral (at most {most:.0f})", early <= most)
    if not seen.looked_from_the_side:
        looked = (f"no lateral yet ({early:.1f} of {most:.0f} mm)", False)
    return step(
        "4",
        "To the middle of the pedicle",
        side if early > most else due,
        why("4-view"),
        (view, looked, watched, across),
    )


def true_lateral(now: Present) -> tuple[Done, ...]:
    """What makes a lateral true, as the last picture shows it."""
    law, began, shown = now.law, now.attempt.began, now.view("lateral")
    if shown is None:
        return (view_known(now, "lateral"),)
    plates = shown.number("superior_deg"), shown.number("inferior_deg")
    worst = min(plates) if began["flattened"] else max(plates)
    double = shown.number("corners_mm")
    done: list[Done] = [
        (f"end plates {plates[0]:.0f} and {plates[1]:.0f} deg off one line", worst <= law["plates_full_deg"]),
        (f"posterior margin double by {double:.1f} mm", double <= law["corners_full_mm"]),
    ]
    if began["ribs"] and shown["ribs_mm"] is not None:
        ribs = shown.number("ribs_mm")
        done.append((f"ribs {ribs:.0f} mm apart", ribs <= law["ribs_full_mm"]))
    return tuple(done)


def check(now: Present, way: Way, number: str) -> Step:
    """Steps 5, 7 and 9: a true lateral at rest, and what it shows."""
    still = bool(way.stations[-1].pictures) and now.view("lateral") is not None
    rest = ("needle at rest in this picture", True) if still else (f"needle at rest: {TAKE} from the side", False)
    done = (*true_lateral(now), rest)
    skew = act("Skew the arm (swivel) until the end plates are single lines.", "swivel_plus", "swivel_minus", "shoot")
    rotate = act("Rotate the arm (orbital) until the posterior margin is one line.", "arm_left", "arm_right", "shoot")
    ribs = act("Rotate and skew until left and right ribs lie over each other.", "arm_left", "swivel_plus", "shoot")
    lateral = act(f"Do not advance. Turn the arm to the side, bring the target to the middle, and {TAKE}.", *LATERAL)
    acts = (
        (lateral, lateral)
        if len(done) == 2
        else (skew, rotate, lateral)
        if len(done) == 3
        else (skew, rotate, ribs, lateral)
    )
    due = first_open(done, acts, act("Judge: are point and bevel 2 mm in front of the posterior margin?"))
    line = {"5": "5-lateral", "7": "7-clear", "9": "9-clear"}[number]
    return step(number, "Check in a true lateral", due, why(line), done)


def to_margin(now: Present, way: Way, seen: Seen) -> Step:
    """Step 6: on in AP to 1 to 2 mm of the medial cortex."""
    done = (_view2(now, way), _watched(seen, now.law["unwatched_late_mm"]), _medial(seen))
    back = _back(way)
    acts = (
        act(f"Not cleared: do not advance in lateral. {back.do}", *back.ids),
        act(f"Stop and {TAKE}: beside the canal one for every millimetre.", "shoot", "pedal"),
        act("Screw on half a millimetre at a time, pedal down, to 1 to 2 mm of the medial cortex.", *SCREW),
    )
    due = first_open(done, acts, act("Stop: look from the side.", *LATERAL))
    return step("6", "To the medial cortex, in AP", due, why("6-margin"), done)


def _medial(seen: Seen) -> Done:
    """How near the metal is to the medial cortex."""
    if seen.fresh_ap() is None:
        return f"medial cortex: {TAKE} in AP", False
    span = wanted(seen.law["medial_near_mm"], seen.law["medial_far_mm"])
    return f"metal {seen.margin(seen.last):.1f} mm from medial cortex {span}", seen.at_margin(seen.last)


def turn(now: Present, way: Way, seen: Seen) -> Step:
    """Step 8: half a turn, then on in AP."""
    if not seen.turned:
        done: tuple[Done, ...] = (("bevel turned by 180 deg, point lateral", False),)
        due = act(
            "Do not advance. Turn the bevel by 180 degrees on the spot: its point comes away from the medial cortex.",
            "twist_half",
        )
        return step("8", "Turn the bevel", due, why("8-turn"), done)
    move = way.stations[way.turn or 0].move
    gained = move.number("gain_mm")
    end = (
        f"metal {said(seen.margin(seen.last), 'mm')} from medial cortex ({seen.law['medial_near_mm']:g})",
        seen.at_end(seen.last),
    )
    done = (
        (f"bevel turned, {said(gained, 'mm')} gained", gained > 0.0),
        _view2(now, way),
        _watched(seen, now.law["unwatched_late_mm"]),
        end if seen.fresh_ap() is not None else (f"medial cortex: {TAKE} in AP", False),
    )
    acts = (
        act("Turned the wrong way: turn the bevel again until its point looks lateral.", "twist_half"),
        _back(way),
        act(f"Stop and {TAKE}.", "shoot", "pedal"),
        act(
            "Screw on half a millimetre at a time, pedal down, until the metal is 1 mm from the medial cortex.", *SCREW
        ),
    )
    due = first_open(done, acts, act("Stop: look from the side.", *LATERAL))
    return step("8", "On with the bevel turned", due, why("8-turn"), done)


def start_again() -> Step:
    """Step 9's order."""
    do = "Still behind the wall, no room left: do not advance. Withdraw, back to step 3, enter 2 mm lateral."
    due = act(do, "withdraw", "step_out")
    return step("9", "Start again 2 mm lateral", due, why("9-reentry"), (("needle out of the bone", False),))


def into_the_body(now: Present, way: Way, seen: Seen, number: str) -> Step:
    """Steps 5b, 7b, 9b: in lateral to about 1 cm short of the front."""
    law, shown, front = now.law, now.view("lateral"), seen.front_mm
    true = shown is not None and lateral_truth(shown, now.attempt.began) > 0.0
    done: tuple[Done, ...] = (
        ("true lateral on the monitor", True) if true else (f"true lateral: {TAKE} from the side", False),
        _watched(seen, law["unwatched_warning_mm"]),
        ("it goes easily" if way.hardened is None else "it has turned hard: stop", way.hardened is None),
        (f"front: {TAKE} from the side", False)
        if math.isnan(front)
        else (
            f"point {front:.0f} mm short of the front {wanted(law['front_low_mm'], law['front_high_mm'])}",
            law["front_low_mm"] <= front <= law["front_high_mm"],
        ),
    )
    on = act(
        "Wall cleared: screw on in lateral, pedal down, to 1 cm short of the front; stop at once if it turns hard.",
        *SCREW,
    )
    too_far = act("Too far forward: draw back to 1 cm short of the front.", "step_out", "withdraw", "shoot")
    acts = (
        act(f"Go on only in the true lateral: turn back to it, and {TAKE}.", *LATERAL),
        act(f"Stop and {TAKE}.", "shoot", "pedal"),
        act(f"Stop here: in front lies the cortex. {TAKE.capitalize()} in the true lateral.", "let_go", "shoot"),
        too_far if front < law["front_low_mm"] else on,
    )
    due = first_open(done, acts, act("Stop: this is deep enough.", "let_go"))
    return step(number, "Into the body, in lateral", due, why("5b-depth"), done)


def look_at_the_cortex(due: Step) -> Step:
    """After an advance beside the canal that nobody saw: an AP, before anything else."""
    do = f"Stop. Turn back to AP and {TAKE}: is the metal clear of the medial cortex?"
    return replace(due, do=do, acts=("preset_ap", "arm_right", "arm_head", "shoot"))
