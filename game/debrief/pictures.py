"""Key pictures of a record: read, given a step and a caption from what was measured at that moment, chosen, set upright.

In: image lines of a record (png base64 in detector orientation, t, reason, pose, kvp, mas), measured events, mm and degrees.
Out: `Picture`s. The step is told from what had happened until then; the figures are the picture's own measured event's.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from game.debrief.content import Picture, sane
from game.fluoroscopy.display import Display, monitor
from game.procedure import rules
from game.procedure.attempt import read as attempted
from game.procedure.measured import Measured
from game.procedure.way import ways
from models.carm import Pose
from models.errors import InputError

MOST = 16
"""Pictures on a page; of a record with more, those taken while advancing go first."""

LARGEST = 4096
"""Pixels a side."""


def grey_of(png: str) -> NDArray[np.uint8]:
    """(N, N) grey of a base64 PNG. Raises ValueError where it is none."""
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(png, validate=True)), formats=["PNG"]) as image:
        if image.width != image.height or image.width > LARGEST:
            raise ValueError(f"{image.width} x {image.height} pixels, expected a square")
        return np.asarray(image.convert("L"))


def shown(picture: Picture, turns: int) -> str:
    """The picture as on the monitor, with the side's letter: base64 PNG, quarter turns anticlockwise."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(monitor(grey_of(picture.png), picture.pose, Display(turns))).save(out, format="PNG")
    return base64.b64encode(out.getvalue()).decode("ascii")


def pose_of(plain: Mapping[str, Any]) -> Pose:
    """A pose as records keep it. Raises KeyError, TypeError or ValueError where it is none."""
    x, y, z = (sane(part) for part in plain["isocentre"])
    return Pose(sane(plain["orbital"]), sane(plain["tilt"]), sane(plain["swivel"]), (x, y, z))


def _behind(measured: Sequence[Measured], t: float) -> list[Measured]:
    return [event for event in measured if event.t <= t + 1e-6]


def step(measured: Sequence[Measured], t: float) -> str:
    """Where in the technique an operator was at `t`, in words."""
    past = _behind(measured, t)
    last = {event.kind: event for event in past}
    seen, entry, withdrawn = last.get("picture"), last.get("entry"), last.get("withdrawn")
    lateral = seen is not None and seen["view"] == "lateral"
    if "flowed" in last and (entry is None or last["flowed"].t >= entry.t):
        return "Step 10, cement"
    if entry is None or (withdrawn is not None and withdrawn.t >= entry.t):
        return "Before bone, from the side" if lateral else "Steps 1 to 3, before bone"
    moves = [event for event in past if event.kind == "moved" and event.t >= entry.t]
    if moves and moves[-1].number("front_mm") >= 0.0:
        return "In the body"
    if lateral:
        return "In the pedicle, from the side (steps 5, 7, 9)"
    barrel = seen is not None and seen.number("shaft_ray_deg") < rules.load()["seeing_deg"]
    return "Step 3, down the barrel" if barrel else "In the pedicle, AP (steps 4, 6, 8)"


def _told(event: Measured, key: str, form: str, factor: float = 1.0) -> list[str]:
    value = event[key]
    return [] if value is None else [form.format(float(value) * factor)]


def _front(event: Measured) -> list[str]:
    """Where the bevel is seen, of the posterior wall."""
    if event["front_seen_mm"] is None:
        return []
    front = event.number("front_seen_mm")
    return [f"bevel {abs(front):.1f} mm {'in front of' if front >= 0 else 'BEHIND'} the wall as seen"]


def caption(measured: Sequence[Measured], t: float) -> str:
    """What was measured on the picture exposed last at `t`."""
    pictures = [event for event in _behind(measured, t) if event.kind == "picture"]
    if not pictures:
        return ""
    event = pictures[-1]
    parts = _told(event, "superior_deg", "superior plate {:.1f}° off the beam")
    if event["view"] == "lateral":
        parts += _told(event, "corners_mm", "posterior margin double by {:.1f} mm")
        parts += _front(event)
        parts += _told(event, "anterior_seen_mm", "{:.0f} mm short of the front as seen")
    elif event["view"] == "ap":
        parts += _told(event, "spinous", "spinous process {:+.0f} % off the middle", 100.0)
        parts += _told(event, "ring", "point {:.0f} % across the ring", 100.0)
        parts += _told(event, "ring_margin_mm", "{:.1f} mm to its medial margin as seen")
    return ", ".join(parts)


def _dose(kvp: float, mas: float) -> str:
    from game.simulation.exposure import reference_kerma_mgy
    from models.xray import Technique

    try:
        return f"{reference_kerma_mgy(Technique(kvp, mas)):.2g} mGy"
    except ValueError:  # a voltage that the tube does not have: nothing to tell
        return ""


def picture(image: Mapping[str, Any], measured: Sequence[Measured]) -> Picture:
    """One image line. Raises KeyError, TypeError or ValueError where it lacks something."""
    t, kvp, mas = sane(image["t"]), sane(image["kvp"]), sane(image["mas"])
    size = len(grey_of(str(image["png"])))
    return Picture(
        png=str(image["png"]),
        t=t,
        step=step(measured, t),
        caption=caption(measured, t),
        pose=pose_of(image["pose"]),
        kvp=kvp,
        mas=mas,
        dose=_dose(kvp, mas),
        size=size,
        reason=str(image.get("reason", "")),
    )


def read(images: Sequence[Mapping[str, Any]], measured: Sequence[Measured], name: str) -> tuple[Picture, ...]:
    """All pictures, in order of time. InputError naming the record and the picture that is none."""
    pictures = []
    for number, image in enumerate(images, 1):
        try:
            pictures.append(picture(image, measured))
        except (KeyError, TypeError, ValueError, OSError, OverflowError) as error:
            raise InputError(f"{name}: key picture {number}: cannot be read ({error})") from None
    pictures.sort(key=lambda each: each.t)
    proofs = evidence(measured)
    told = [max((each.t for each in pictures if each.t <= t + 1e-6), default=None) for t in proofs]
    return tuple(replace(each, evidence=each.t in told) for each in pictures)


def evidence(measured: Sequence[Measured]) -> list[float]:
    """Times of the pictures that judge an attempt: step 2, barrel, wall cleared; before, amid and after cement."""
    if not measured or measured[0].kind != "began":
        return []
    attempt, times = attempted(measured), []
    for side in attempt.sides:
        for way in ways(attempt, side):
            proof = way.clearing.picture if way.clearing is not None else None
            times += [picture.t for picture in (way.step2, way.barrel, proof) if picture is not None]
        flows = attempt.flows.get(side, ())
        if flows:
            first, last = flows[0].event.t, flows[-1].event.t
            times += [first - 0.1, (first + last) / 2, last]
    return times


def chosen(pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """At most MOST: the evidence first, then those at a decision, then those while advancing, spread evenly; in order of time."""
    decided = [each for each in pictures if each.reason != "advance" and not each.evidence]
    passing = [each for each in pictures if each.reason == "advance" and not each.evidence]
    kept = _spread([each for each in pictures if each.evidence], MOST)
    kept += _spread(decided, MOST - len(kept))
    kept += _spread(passing, MOST - len(kept))
    return tuple(sorted(kept, key=lambda each: each.t))


def _spread(pictures: list[Picture], most: int) -> list[Picture]:
    if len(pictures) <= most:
        return pictures
    return (
        [pictures[at] for at in np.unique(np.linspace(0, len(pictures) - 1, most).round().astype(int))] if most else []
    )
