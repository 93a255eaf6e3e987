"""The expert with one act left out or done wrong: which line that is, and how it is done.

Each row: line of the score, changes to the expert's habits. Lines that are results, not acts (course, cleared, medial), have
no row; their detectors are tested on hand-written lists (tests/procedure).
"""

from typing import Any


def leaving(*acts: str, **changes: Any) -> dict[str, Any]:
    """Changes that leave acts out."""
    return {"omit": frozenset(acts), **changes}


ACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("1-count", leaving("count")),
    ("1-plates", leaving("plates", tilt_start_deg=20.0)),
    ("1-midline", leaving("midline", orbital_start_deg=12.0)),
    ("2-centred", leaving("centring")),
    ("3-oblique", leaving("oblique")),
    ("3-entry", {"inset_mm": 2.6}),
    ("3-entry", {"inset_mm": -1.2}),
    ("3-barrel", {"lean_deg": 4.0}),
    ("3-embed", {"embed_mm": 6.0}),
    ("4-view", leaving("return")),
    ("4-watched", {"watched": False, "bite_mm": 5.0, "lateral_every_mm": 5.0}),
    ("4-laterals", {"lateral_every_mm": 40.0}),
    ("5-lateral", leaving("true lateral")),
    ("5b-watched", {"watched": False, "body_bite_mm": 5.0}),
    ("5b-depth", {"short_of_front_mm": 5.5}),
    ("10-paste", {"paste": "liquid"}),
    ("10-lateral", leaving("cement lateral")),
    ("10-lateral", leaving("cement watch")),
    ("10-fill", leaving("cement")),
    ("10-volume", {"spare_ml": -0.4, "stop_margin_mm": 5.2, "most_kpa": 9999.0}),
    ("10-stylet", leaving("stylet back")),
    ("economy", {"needless_looks": 15}),
)
