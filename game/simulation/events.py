"""What the simulation says happened: raw events, each with the trocar as it was.

They carry the truth in the patient frame and are for the procedure (which measures them) and the record, never for operators.
"""

from dataclasses import dataclass, field
from typing import Any

from models.instruments import TrocarPose

KINDS = {
    "exposed": "one pulse of X-ray: pose, pulse (index), kvp, mas, single (not part of a run)",
    "armed": "the arm or table came to rest after moving: pose",
    "moved": "the trocar moved along or across its tract by up to 0.5 mm: from_mm, to_mm (embedding depth), how (push, screw, mallet, pull, shift)",
    "contact": "the point touched bone: bone",
    "embedded": "the trocar is held by bone: bone",
    "tissue": "the point entered another tissue: tissue (name), bone",
    "turned": "the bevel turned: degrees (+ = clockwise seen by the operator), outside (stylet turned outside the patient)",
    "withdrawn": "the trocar left bone: reached_mm (deepest embedding)",
    "stylet": "stylet taken out or put back: present",
    "mixed": "cement was mixed",
    "flowed": "0.1 s of cement flow: volume_ml (so far, out of the tip), flow_ml_s, viscosity_pa_s, pressure_kpa, wall_mm (front to posterior wall, + in front), plates_mm [superior, inferior] gaps, leaks {route: ml}, visible_leaks",
    "counted": "the operator named the level after counting: level",
    "side": "the operator went to a side: side",
    "decided": "what the operator chose: choice",
    "finished": "the operator ended the procedure: peak_skin_mgy",
    "noted": "something outside the rules of input: why",
}
"""Kinds and the keys of their values."""


@dataclass(frozen=True)
class Needle:
    """The trocar at one moment. None of it is known to the operator but depth and skin depth."""

    pose: TrocarPose
    embedded: bool
    depth_mm: float  # embedding: outer cortex to point, 0 when not in bone
    skin_mm: float  # skin to point along the axis, 0 outside
    tissue: int  # models.tissue.Tissue of the point
    bone: str  # of the nearest bone when in or on it, else ""
    force_n: float  # axial resistance
    stylet: bool = True


@dataclass(frozen=True)
class Event:
    """One thing that happened at `t` seconds of simulated time."""

    t: float
    kind: str
    needle: Needle | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"event kind {self.kind!r}: expected one of {', '.join(KINDS)}")
