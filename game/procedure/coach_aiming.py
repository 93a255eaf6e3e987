"""What the coach says in steps 1 to 3: true AP, pedicle centred, entry.

In: `Present` (present.py). Out: `Step`. Read from the last picture as the scorer reads it; where that is stale, a picture is asked for.
"""

import math

from game.procedure.coach_step import TAKE, Done, Step, first_open, view_known, wanted, why
from game.procedure.measured import Measured
from game.procedure.opening import count, inside, plates_share, said
from game.procedure.present import Present
from game.procedure.views import KIND_DEG, OBLIQUE_DEG
from game.procedure.way import midline_share
from models.instruments import TROCAR


def counted(now: Present) -> bool:
    """Whether the level was named in time; once the needle has touched, the question is over."""
    return count(now.attempt).share >= 1.0 or now.attempt.touched_at < math.inf


def orient(now: Present) -> Step:
    """Step 1."""
    target, law = str(now.attempt.began["target"]), now.law
    level = (f"{target} counted and named", counted(now))
    shown, spinous = now.view("ap"), 0.0
    if shown is None:
        done: tuple[Done, ...] = (view_known(now, f"AP with {target} in the field"), level)
        acts: tuple[str, ...] = (
            _expose(now, f"Bring the arm to AP, shift the table until {target} is in the middle, and expose."),
            f"Count from a level you can name, and name {target}.",
        )
    else:
        share, text = plates_share(shown, now.attempt.began)
        if share < 1.0 and not now.attempt.began["flattened"]:  # the neighbours' plates are half an answer
            text = f"superior end plate {said(shown.number('superior_deg'), 'deg', 0)} from the beam"
        spinous = shown.number("spinous")
        done = (
            level,
            (f"{text} (one line: within {law['plates_full_deg']:.0f})", share >= 1.0),
            (f"spinous process {abs(spinous):.0%} off the middle", midline_share(shown) >= 1.0),
        )
        acts = (
            f"Count from a level you can name, and name {target}.",
            f"Tilt the arm toward head or feet until the superior end plate of {target} is one sharp line; {TAKE} after each turn.",
            f"Rotate the arm toward the patient's {'left' if spinous > 0.0 else 'right'} until the spinous process is midway between the pedicles.",
        )
    otherwise = "Hold all of it in one picture: end plate sharp and spinous process midway."
    return Step("1", "True AP of the target", first_open(done, acts, otherwise), why("1-plates"), done)


def _expose(now: Present, otherwise: str) -> str:
    """How to come to a fresh AP: where the last one was one, the arm has only been turned."""
    shown = now.picture
    only_turned = shown is not None and shown["view"] == "ap" and shown["in_field"]
    return f"The arm has moved: {TAKE}." if only_turned else otherwise


def centre(now: Present) -> Step:
    """Step 2."""
    law, side, shown = now.law, now.side, now.view("ap")
    if shown is None:
        done: tuple[Done, ...] = (view_known(now, "AP as in step 1"),)
        acts: tuple[str, ...] = (_expose(now, "Bring the arm back to the AP of step 1, and expose."),)
    else:
        height = shown.number(f"pedicle_{side}")
        spinous = shown.number("spinous")
        span = wanted(law["centred_low"], law["centred_high"], 100.0)
        middle = law["centred_low"] <= height <= law["centred_high"]
        done = (
            (f"{side} pedicle at {height:.0%} of the body's height {span}", middle),
            (f"spinous process {abs(spinous):.0%} off the middle", midline_share(shown) >= 1.0),
        )
        toward = "head" if height < law["centred_low"] else "feet"
        acts = (
            f"Tilt the detector toward the {toward} until the eye of the {side} pedicle lies midway between the end plates.",
            f"Rotate the arm toward the patient's {'left' if spinous > 0.0 else 'right'} until the spinous process is midway again.",
        )
    do = first_open(done, acts, "Remember these angles: you come back to this view.")
    return Step("2", f"Pedicle centred, {side}", do, why("2-centred"), done)


def pierce(now: Present) -> Step:
    """Step 3: oblique, barrel, contact, embedding; after step 9, 2 mm further lateral."""
    law, side = now.law, now.side
    turned, shown = now.oblique_deg, now.view("ap")
    span = wanted(law["oblique_low_deg"], law["oblique_high_deg"])
    oblique = law["oblique_low_deg"] <= turned <= law["oblique_high_deg"]
    stands = f"turned {round(turned)} deg" if abs(turned) <= KIND_DEG else "the arm to be turned"
    view = (f"{stands} toward the patient's {side} {span}", oblique and shown is not None)
    if oblique and shown is None:
        view = view_known(now, "5 degrees oblique")
    done = (view, _barrel(now, shown), _place(now, shown), _bevel(now), _depth(now))
    hour = "9" if side == "left" else "3"
    lateral = "2 mm lateral of the first entry" if now.again else f"on its lateral margin at {hour} o'clock"
    acts = (
        f"From the view of step 2 turn the detector 5 degrees toward the patient's {side}{_angles(now)}, and {TAKE}.",
        "Aim along the beam: lean the hub until the shaft is a dot under it.",
        f"Put the shaft just inside the pedicle's ring, {lateral}, and go down to bone; {TAKE}.",
        "Turn the bevel so that its point looks medial.",
        f"Tap or screw the needle in by 2 to 3 mm, then stop. {TAKE.capitalize()}.",
    )
    do = first_open(done, acts, "Embedded: turn back to the view of step 2.")
    title = f"Entry again, 2 mm lateral, {side}" if now.again else f"Entry, {side}"
    return Step("3", title, do, why("9-reentry" if now.again else "3-entry"), done)


def _angles(now: Present) -> str:
    """The angles of the barrel view, where step 2's are known: ' (orbital 8, tilt 15)'."""
    two = now.working
    if two is None:
        return ""
    orbital = two.number("orbital") + (OBLIQUE_DEG if now.side == "left" else -OBLIQUE_DEG)
    return f" (orbital {round(orbital)}, tilt {round(two.number('tilt'))})"


def _barrel(now: Present, shown: Measured | None) -> Done:
    """The shaft a dot."""
    if shown is None or not shown["needle"] or shown["shaft_ray_deg"] is None:
        return f"shaft along the beam: {TAKE} with the needle in it", False
    off = shown.number("shaft_ray_deg")
    return f"shaft {off:.0f} deg off the beam", off <= now.law["barrel_full_deg"]


def _place(now: Present, shown: Measured | None) -> Done:
    """The shaft's lateral edge inside the ring, as the barrel view shows it; told by the entry once bone holds it."""
    told = now.needle_told
    ring = math.nan if shown is None else shown.number("ring")
    if math.isnan(ring) or told is None:
        return f"shaft just inside the lateral margin: {TAKE}", False
    width = now.attempt.began.number(f"pedicle_{now.side}_mm")
    looks = told.number("bevel_medial")
    point = TROCAR.outer_mm / 2 * (1.0 + (1.0 if math.isnan(looks) else looks))  # the point from the lateral edge
    margin = ring * width - point
    text = f"shaft {inside(margin)} the lateral margin{'' if now.on_bone else ', not on bone yet'}"
    return text, now.on_bone and now.law["inside_low_mm"] <= margin <= now.law["inside_high_mm"]


def _bevel(now: Present) -> Done:
    """The point medial: the hub's mark tells."""
    told = now.needle_told
    looks = math.nan if told is None else told.number("bevel_medial")
    text = "point of the bevel medial" + (": told near bone" if math.isnan(looks) else "")
    return text, looks > 0.0 or not now.attempt.began["bevel"]


def _depth(now: Present) -> Done:
    """2 to 3 mm in bone: the needle's marks tell."""
    told = now.needle_told
    depth = 0.0 if told is None or told["depth_mm"] is None else told.number("depth_mm")
    span = wanted(now.law["embed_low_mm"], now.law["embed_high_mm"])
    return f"{depth:.1f} mm in bone {span}", depth >= now.law["embed_low_mm"] - now.law["quantum_mm"]
