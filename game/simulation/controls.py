"""What an operator can do: the controls, as data. Everything that changes the simulation is one of these, and is journalled.

Hand controls are relative to the picture, the needle and its marks: no operator gives or gets a patient coordinate.
"""

from dataclasses import dataclass, field
from typing import Any

CONTROLS = {
    "arm": "turn the C-arm: orbital, tilt, swivel [degrees], any of them, the others go on to where they are bound; about 10 degrees/s",
    "table": "move the isocentre in the patient: left, posterior, superior [mm] from where it is now; the arm goes on; about 50 mm/s",
    "expose": "one single-shot picture",
    "pedal": "fluoroscopy on or off: down (bool); pulses/s in pulses",
    "store": "keep the held picture beside the live one, as reference",
    "count": "name the level after counting: level",
    "side": "go to the patient's left or right: side. A fresh trocar is taken",
    "aim": "hold the trocar in the beam through a pixel of the 512 detector picture, point on the skin: column, row",
    "push": "push along the axis by mm, at speed mm_s; stop where it resists more than most_n [N], if given",
    "screw": "screw by hand along the axis by mm, at speed mm_s; stop where it resists more than most_n [N], if given",
    "mallet": "one tap: joules",
    "pull": "withdraw along the axis by mm, at mm_s",
    "shift": "before it is embedded: move the tip across the axis by right, cranial [mm] as seen in the held picture's detector axes",
    "lean": "before it is embedded: tilt the hub by right, cranial [degrees] as seen in the held picture's detector axes, about the tip",
    "rest": "the hand stops what it is doing; the trocar stays",
    "bevel": "turn the trocar about its axis so that the point looks to clock [degrees in the held picture, 0 cranial, 90 image right]",
    "twist": "turn the trocar about its axis by degrees",
    "stylet": "present (bool): put in or take out; turned (bool, optional): put back half a turn round",
    "mix": "mix cement now: the clock of viscosity starts",
    "inject": "turn the injector: ml_s asked of the pump (0 stops)",
    "wait": "let time pass: seconds",
    "pose": "a stylus pose from a device: tip (3), axis (3), roll (3), patient frame. Not for scripted operators",
    "decide": "choice: treat, refer, decline",
    "finish": "end of the procedure",
}
"""Names and arguments."""


@dataclass(frozen=True)
class Control:
    """One act at `ms` of simulated time."""

    ms: int
    name: str
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in CONTROLS:
            raise ValueError(f"control {self.name!r}: expected one of {', '.join(CONTROLS)}")
