"""What tells operators apart: how well they see, in which order they work, what they leave out. Never what they may reach.

One dataclass of habits; the named operators at the foot. Every number here describes a made-up person: assumed.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Habits:
    """How one operator works. Pixels are of the 512 detector picture, mm and degrees as read from it."""

    name: str
    perception_px: float = 0.4  # spread of reading a landmark
    remembers: bool = True  # where the bone stood in earlier pictures of the same pose
    looks: bool = True  # False: never exposes a picture
    omit: frozenset[str] = frozenset()  # acts left out (names: tests/operators/acts_left_out.py)
    orientation_tries: int = 4  # corrections of a view before it is taken as good
    gap_px: float = 1.5  # double contour that is taken as one line
    midline_px: float = 1.5  # spinous process off the middle that is let pass
    orbital_start_deg: float = 0.0  # where the arm stands at the first picture
    tilt_start_deg: float = 0.0
    needless_looks: int = 0  # pictures with nothing changed
    tilt_error_deg: float = 0.0  # habitual error of the centring tilt
    offset_deg: float = 5.0  # oblique of step 3
    inset_mm: float = 0.6  # shaft's lateral edge inside the pedicle's lateral margin
    lean_deg: float = 0.0  # the hub leaned cranial of the beam
    embed_mm: float = 3.0
    bite_mm: float = 1.0  # advance between two looks
    body_bite_mm: float = 1.0  # the same in the body, in lateral
    watched: bool = True  # pedal down while advancing
    lateral_every_mm: float = 8.0  # advance between two laterals in step 4
    early_lateral_mm: float = 2.0  # the same past the middle, where the wall must be near
    medial_mm: float = 1.3  # from the medial cortex at which steps 6 and 8 stop
    clear_mm: float = 2.5  # in front of the margin before the tip counts as through
    hard_ratio: float = 1.7  # resistance against the easy middle of the body that means stop
    short_of_front_mm: float = 10.5
    paste: str = "toothpaste"  # the sample's state at which injecting begins
    rate_ml_s: float = 0.04
    stop_margin_mm: float = 8.0  # cement's back edge to the margin at which injecting stops
    most_kpa: float = 3000.0  # pressure at which the hand stops turning the injector
    spare_ml: float = (
        0.5  # below the level's ceiling at which injecting stops: the stylet pushes out the dead space yet
    )
    react_s: float = 0.4  # between two looks while injecting
    stops_for_stray: bool = True

    def omits(self, act: str) -> bool:
        """Whether this operator leaves an act out."""
        return act in self.omit


EXPERT = Habits("expert")

NOVICE = Habits(
    "novice",
    perception_px=2.5,
    remembers=False,
    omit=frozenset({"count", "true lateral", "contact check"}),
    orientation_tries=1,
    gap_px=8.0,
    midline_px=8.0,
    tilt_error_deg=-3.0,
    offset_deg=8.0,
    inset_mm=1.5,
    embed_mm=4.5,
    bite_mm=3.0,
    body_bite_mm=3.0,
    watched=False,
    lateral_every_mm=14.0,
    clear_mm=1.0,
    short_of_front_mm=8.0,
    paste="shiny",
    rate_ml_s=0.06,
    stop_margin_mm=4.5,
    spare_ml=0.1,
    react_s=1.2,
)
"""Sees less, corrects once, takes the room's lateral for a true one, looks after moving, will not wait for the paste."""

BLIND = Habits("blind", looks=False)

LUCKY = replace(EXPERT, name="lucky", omit=frozenset({"laterals"}))

OPERATORS = {habits.name: habits for habits in (EXPERT, NOVICE, BLIND, LUCKY)}
