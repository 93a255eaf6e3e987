"""What the coach says in steps 1 to 3: true AP, pedicle centred, entry.

In: `Present` (present.py). Out: `Step`. Read from the last picture as the scorer reads it; where that is stale, a picture is asked for.
"""

import math

from game.procedure.coach_step import ARM, TAKE, Act, Done, Step, act, first_open, step, view_known, wanted, why
from game.procedure.measured import Measured
from game.procedure.opening import count, inside, plates_share, said
from game.procedure.present import Present
from game.procedure.views import KIND_DEG, OBLIQUE_DEG
from game.procedure.way import midline_share
from models.instruments import TROCAR


def counted(now: Present) -> bool:
    """Whether the level was named in time; once the needle has touched, the question is over."""
    return count(now.attempt).share >= 1.0 or now.attempt.touched_at < math.inf


def _level(now: Present) -> tuple[Done, Act]:
    """The level: named, wrongly named, or named without a picture to count in."""
    target = str(now.attempt.began["target"])
    ids = ("count", "table_head", "table_feet", "shoot")
    named = [str(e["level"]) for e in now.attempt.events if e.kind == "counted"]
    if counted(now) or not named:
        return (f"{target} counted and named", counted(now)), act(
            f"Count from a level you can name, and name {target}.", *ids
        )
    if named[-1] != target:
        do = f"{named[-1]} is not the level asked for. Count again from a level you can name, and name {target}."
        return (f"{named[-1]} named, {target} asked for", False), act(do, *ids)
    return (f"{target} named without a picture", False), act(
        f"{TAKE.capitalize()}, count in it, and name {target} again.", "shoot", *ids
    )


def orient(now: Present) -> Step:
    """Step 1."""
    target, law = str(now.attempt.began["target"]), now.law
    level, name = _level(now)
    shown, spinous = now.view("ap"), 0.0
    if shown is None:
        done: tuple[Done, ...] = (view_known(now, f"AP of {target}"), level)
        do = f"Bring the arm to AP, shift the table until {target} is in the middle, and expose."
        acts: tuple[Act, ...] = (
            _expose(now, act(do, "arm_left", "arm_head", "table_head", "table_feet", "shoot")),
            name,
        )
        if " named" in level[0] and not level[1] and "counted" not in level[0]:
            done, acts = done[::-1], acts[::-1]  # a wrong level is answered at once
    else:
        share, text = plates_share(shown, now.attempt.began)
        if share < 1.0 and not now.attempt.began["flattened"]:  # the neighbours' plates are half an answer
            text = f"superior end plate {said(shown.number('superior_deg'), 'deg', 0)} off beam"
        spinous = shown.number("spinous")
        done = (
            level,
            (f"{text} (to {law['plates_full_deg']:.0f})", share >= 1.0),
            (f"spinous process {abs(spinous):.0%} off the middle", midline_share(shown) >= 1.0),
        )
        acts = (
            name,
            act(
                f"Tilt toward head or feet until the superior end plate of {target} is one sharp line; {TAKE} each time.",
                "arm_head",
                "arm_feet",
                "shoot",
            ),
            _midway(spinous),
        )
    due = first_open(
        done, acts, act("Hold all of it in one picture: end plate sharp and spinous process midway.", "shoot")
    )
    return step("1", "True AP of the target", _needle_too_soon(now, due), why("1-plates"), done)


def _needle_too_soon(now: Present, due: Act) -> Act:
    """What is missing first, said to who has taken the trocar up already, or tried to advance without one."""
    early = any(
        e.t > 0.0 and (e.kind in ("side", "moved") or (e.kind == "noted" and "trocar" in str(e["why"])))
        for e in now.attempt.events  # what a colleague has set is there from 0 s on
    )
    return (
        act(f"Before the needle: {due.do[0].lower()}{due.do[1:]}" if due.do[1].islower() else due.do, *due.ids)
        if early
        else due
    )


def _midway(spinous: float, again: str = "") -> Act:
    """Toward the side to which the spinous process is thrown."""
    side = "left" if spinous > 0.0 else "right"
    do = f"Rotate the arm toward the patient's {side} until the spinous process is midway{again}."
    return act(do, f"arm_{side}", "shoot")


def _expose(now: Present, otherwise: Act) -> Act:
    """How to come to a fresh AP: where the last one was one, the arm has only been turned."""
    shown = now.picture
    only_turned = shown is not None and shown["view"] == "ap" and shown["in_field"]
    return act(f"The arm has moved: {TAKE}.", "shoot", *otherwise.ids) if only_turned else otherwise


def centre(now: Present) -> Step:
    """Step 2."""
    law, side, shown = now.law, now.side, now.view("ap")
    if shown is None:
        done: tuple[Done, ...] = (view_known(now, "AP as in step 1"),)
        do = "Bring the arm back to the AP of step 1, and expose."
        acts: tuple[Act, ...] = (_expose(now, act(do, *ARM, "shoot")),)
    else:
        height = shown.number(f"pedicle_{side}")
        spinous = shown.number("spinous")
        span = wanted(law["centred_low"], law["centred_high"], 100.0)
        middle = law["centred_low"] <= height <= law["centred_high"]
        done = (
            (f"{side} pedicle at {height:.0%} of height {span}", middle),
            (f"spinous process {abs(spinous):.0%} off the middle", midline_share(shown) >= 1.0),
        )
        toward = "head" if height < law["centred_low"] else "feet"
        acts = (
            act(
                f"Tilt the detector toward the {toward} until the {side} pedicle's eye lies midway between the end plates.",
                f"arm_{toward}",
                "shoot",
            ),
            _midway(spinous, " again"),
        )
    due = first_open(done, acts, act("Remember these angles: you come back to this view.", "store", "shoot"))
    return step("2", f"Pedicle centred, {side}", _needle_too_soon(now, due), why("2-centred"), done)


def pierce(now: Present) -> Step:
    """Step 3: oblique, barrel, contact, embedding; after step 9, 2 mm further lateral."""
    law, side = now.law, now.side
    turned, shown = now.oblique_deg, now.view("ap")
    span = wanted(law["oblique_low_deg"], law["oblique_high_deg"])
    oblique = law["oblique_low_deg"] <= turned <= law["oblique_high_deg"]
    stands = f"turned {round(turned)} deg" if abs(turned) <= KIND_DEG else "arm turned"
    view = (f"{stands} toward the {side} {span}", oblique and shown is not None)
    if oblique and shown is None:
        view = view_known(now, "5 degrees oblique")
    trocar = (f"trocar for the {side}", now.taken)
    done = (view, trocar, _barrel(now, shown), _place(now, shown), _bevel(now), _depth(now))
    hour, medial = ("9", "right") if side == "left" else ("3", "left")
    lateral = "2 mm lateral of the first entry" if now.again else f"at its lateral margin, {hour} o'clock"
    acts = (
        act(
            f"Turn the detector 5 degrees toward the patient's {side}{_angles(now)}, and {TAKE}.",
            f"arm_{side}",
            "shoot",
        ),
        act(f"Take a fresh trocar for the {side}.", f"side_{side}"),
        act("Aim along the beam: lean the hub until the shaft is a dot under it.", "shoot"),
        act(f"Shaft just inside the pedicle's ring, {lateral}; go down to bone; {TAKE}.", "advance", "shoot"),
        act("Turn the bevel so that its point looks medial.", f"bevel_{medial}"),
        act(
            f"Tap or screw the needle in by 2 to 3 mm, then stop. {TAKE.capitalize()}.", "advance", "tap_light", "shoot"
        ),
    )
    due = first_open(done, acts, act("Embedded: turn back to the view of step 2.", *ARM, "shoot"))
    title = f"Entry again, 2 mm lateral, {side}" if now.again else f"Entry, {side}"
    return step("3", title, due, why("9-reentry" if now.again else "3-entry"), done)


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
        return f"shaft along the beam: {TAKE} of it", False
    off = shown.number("shaft_ray_deg")
    return f"shaft {off:.0f} deg off the beam", off <= now.law["barrel_full_deg"]


def _place(now: Present, shown: Measured | None) -> Done:
    """The shaft's lateral edge inside the ring, as the barrel view shows it; told by the entry once bone holds it."""
    told = now.needle_told
    ring = math.nan if shown is None else shown.number("ring")
    if math.isnan(ring) or told is None:
        return f"inside the lateral margin: {TAKE}", False
    width = now.attempt.began.number(f"pedicle_{now.side}_mm")
    looks = told.number("bevel_medial")
    point = TROCAR.outer_mm / 2 * (1.0 + (1.0 if math.isnan(looks) else looks))  # the point from the lateral edge
    margin = ring * width - point
    text = f"shaft {inside(margin)}{' the margin' if now.on_bone else ', not on bone yet'}"
    return text, now.on_bone and now.law["inside_low_mm"] <= margin <= now.law["inside_high_mm"]


def _bevel(now: Present) -> Done:
    """The point medial: the hub's mark tells."""
    told = now.needle_told
    looks = math.nan if told is None else told.number("bevel_medial")
    text = "bevel point medial" + (": told near bone" if math.isnan(looks) else "")
    return text, looks > 0.0 or not now.attempt.began["bevel"]


def _depth(now: Present) -> Done:
    """2 to 3 mm in bone: the needle's marks tell."""
    told = now.needle_told
    depth = 0.0 if told is None or told["depth_mm"] is None else told.number("depth_mm")
    span = wanted(now.law["embed_low_mm"], now.law["embed_high_mm"])
    return f"{depth:.1f} mm in bone {span}", depth >= now.law["embed_low_mm"] - now.law["quantum_mm"]
