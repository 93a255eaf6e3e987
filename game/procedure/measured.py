"""Measured events: what the procedure keeps of an attempt, and all that a score is made from.

`game.procedure.measures` writes them from raw simulation events and the patient; a record stores them; `score` reads
them and needs neither patient nor simulation. Values are plain numbers, strings, booleans or None (not measurable).
mm, degrees, ml, s; signs in the table below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = float | int | str | bool | None

_TRUTH = {
    "side": "left or right: on which side of the target's midline the tip is",
    "bone": "name of the bone that the point is in, or ''",
    "depth_mm": "embedding: outer cortex to point",
    "front_mm": "hindmost metal of the bevel (point and heel) in front of the posterior wall of the target, + in front",
    "point_front_mm": "the point alone in front of the posterior wall",
    "across": "the point across the pedicle from behind, 0 lateral margin, 1 medial margin",
    "medial_mm": "metal beside the canal to the medial cortex, or to the ring's medial edge in AP, the least; negative = through",
    "point_medial_mm": "the same for the point alone; None: it is not beside the canal",
    "inferior_mm": "lowest metal in the isthmus above the lower margin of the pedicle; negative = breach; None: none there",
    "canal": "metal is in the spinal canal",
    "anterior_mm": "from the point along the axis to where it would leave the body, negative once it has; None outside the body",
    "nearest_mm": "from the point to the nearest outer surface of the body, negative outside; None before the body",
    "lateral_mm": "lateral edge of the shaft in the isthmus inside the pedicle's lateral margin; negative = outside; None: none there",
    "exit": "where the tip is out of the body by its own axes: front, side or plate, '' inside; None before the body",
    "course": "height at which the axis passes the anterior third of the body, 0 superior plate, 1 inferior",
    "bevel_medial": "the point of the bevel looks to: 1 medial, -1 lateral",
    "midline_mm": "the tip lateral of the midline",
}

KINDS: dict[str, dict[str, str]] = {
    "began": {
        "scenario": "name",
        "target": "level asked for",
        "sides": "sides asked for, joined by a comma",
        "region": "high thoracic, low thoracic or lumbar",
        "ceiling_ml": "most cement a side",
        "ribs": "rib necks beside the target can be judged",
        "flattened": "the body is too low for its own plates to be asked for in step 1",
        "bevel": "the needle has a bevel (step 8 exists)",
        "body_depth_mm": "of the target, in its midline",
        "body_height_mm": "of the target, in its middle",
        "pedicle_left_mm": "outer width",
        "pedicle_right_mm": "outer width",
    },
    "picture": {
        "single": "a single shot, not part of a run",
        "orbital": "deg",
        "tilt": "deg",
        "swivel": "deg",
        "view": "ap, lateral or oblique: by the ray through the target in the target's own axes, within 30 deg",
        "in_field": "the target's body lies in the field",
        "superior_deg": "ray through the target to the superior plate's plane",
        "inferior_deg": "the same, inferior plate",
        "neighbour_deg": "the better facing plate of the neighbours; None without neighbours",
        "spinous": "tip of the spinous process from the middle between the pedicles, fraction of their distance",
        "pedicle_left": "pedicle's centre in the projected height of the body, 0 superior plate, 1 inferior",
        "pedicle_right": "the same, right",
        "corners_mm": "double contour of the posterior margin, at the object",
        "ribs_mm": "gap between left and right rib neck beside the target, at the object; None: no rib",
        "needle": "the point lies in the field",
        "shaft_ray_deg": "shaft to the ray through the tip; None without a needle",
        "ring": "the point across the ring as seen, 0 lateral, 1 medial edge; None unless ap",
        "ring_margin_mm": "most medial metal of the tip lateral of the ring's medial edge, as seen; None unless ap",
        "midline_seen_mm": "tip from the line between spinous process and middle of the pedicles, as seen; None unless ap",
        "front_seen_mm": "hindmost metal of the bevel in front of the posterior margin as seen; None unless lateral",
        "anterior_seen_mm": "point to the front of the silhouette along the shaft as seen; None unless lateral",
        "front_mm": "truth, as in moved",
    },
    "pulse": {},
    "armed": {"orbital": "deg", "tilt": "deg", "swivel": "deg"},
    "moved": {
        "how": "push, screw, mallet, pull, shift",
        "from_mm": "embedding before",
        "to_mm": "embedding after",
        "skin_mm": "skin to point",
        "force_n": "axial resistance",
        **_TRUTH,
    },
    "turned": {
        "degrees": "+ clockwise seen by the operator",
        "outside": "the stylet was turned outside the patient",
        "gain_mm": "what the point gained in distance to the ring's medial edge in AP",
        "depth_change_mm": "embedding after less before",
        "before_medial_mm": "the point to the ring's medial edge in AP before",
        **_TRUTH,
    },
    "contact": {"bone": "name"},
    "entry": {
        "side": "of the target's midline",
        "bone": "held by",
        "depth_mm": "embedding when it was first held",
        "level": "name of the bone if it is a vertebra, else ''",
        "clock_deg": "from the lateral margin (9 o'clock left, 3 right, from behind), + cranial",
        "inside_mm": "lateral edge of the shaft inside the ring's lateral margin",
        "ring_inset_mm": "whole shaft inside the ring by, negative: over its edge",
        "course": "as in moved",
        "bevel_medial": "as in moved",
        "shift_mm": "lateral of the entry before on this side; None: the first",
    },
    "tissue": {"tissue": "name", "bone": "name"},
    "withdrawn": {"side": "as in moved", "reached_mm": "deepest embedding"},
    "stylet": {"present": "bool"},
    "mixed": {},
    "flowed": {
        "side": "as in moved",
        "volume_ml": "out of the tip so far",
        "flow_ml_s": "now",
        "viscosity_pa_s": "of the paste",
        "pressure_kpa": "at the pump",
        "wall_mm": "hindmost cement to the posterior wall, + in front",
        "superior_mm": "cement to the superior plate",
        "inferior_mm": "cement to the inferior plate",
        "visible": "routes of leaks that can be seen, joined by commas",
        "leak_disc_ml": "into the disc",
        "leak_canal_ml": "into the canal",
        "leak_vein_ml": "into a vein",
        "leak_anterior_ml": "in front",
        "leak_lateral_ml": "beside",
        "across_body": "tip from the midline, fraction of half the body's width",
        "mixed_min": "minutes since mixing; None: never mixed",
    },
    "counted": {"level": "named by the operator"},
    "side": {"side": "left or right"},
    "decided": {"choice": "treat, refer, decline"},
    "finished": {},
    "noted": {"why": "text"},
}
"""Kinds, their keys and what these mean. `pulse` is one more pulse of the picture before: same pose, same needle."""

_KEYS = frozenset(key for keys in KINDS.values() for key in keys)

ROUTES = ("disc", "canal", "vein", "anterior", "lateral")


@dataclass(frozen=True)
class Measured:
    """One thing that happened at `t` seconds of simulated time, in figures that mean something to the technique."""

    t: float
    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"measured kind {self.kind!r}: expected one of {', '.join(KINDS)}")
        for key, value in self.values.items():
            if key not in KINDS[self.kind]:
                raise ValueError(f"{self.kind}.{key}: expected one of {', '.join(KINDS[self.kind])}")
            if not (value is None or isinstance(value, float | int | str | bool)):
                raise ValueError(f"{self.kind}.{key} = {value!r}: expected a number, text, true, false or null")

    def __getitem__(self, key: str) -> Any:
        """The value of a key; None where it was not measured or where this kind has none. KeyError: no kind has such a key."""
        if key not in _KEYS:
            raise KeyError(f"{self.kind}.{key}")
        return self.values.get(key)

    def number(self, key: str) -> float:
        """The value as a number; NaN (which fails every comparison) where it was not measured."""
        value = self[key]
        return float("nan") if value is None else float(value)


def to_json(measured: Measured) -> dict[str, Any]:
    """A plain dictionary for a record's line."""
    return {"t": measured.t, "kind": measured.kind, "values": dict(measured.values)}


def from_json(plain: Mapping[str, Any]) -> Measured:
    """The event of a record's line. Raises ValueError or KeyError where it is not one."""
    return Measured(float(plain["t"]), str(plain["kind"]), dict(plain["values"]))
