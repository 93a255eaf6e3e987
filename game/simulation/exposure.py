"""X-ray pulses: when they come, with what tube setting, and what dose they leave.

In: the packed patient and its media, poses of the arm. Out: a Technique for each pulse, doses. Brightness control sees a coarse
grid of rays through the anatomy alone: no metal, no cement, no lag (thin; each makes a real picture pump).
Not here: the picture (game/fluoroscopy), what skin and staff get of it (models/dose.py).
"""

from dataclasses import dataclass, field

from models.carm import FIELD_MM, SOURCE_DETECTOR_MM, Pose
from models.dose import REFERENCE_MM, Irradiation
from models.field import Field
from models.rays import Media, fan, paths
from models.xray import Technique, air_kerma_ugy_per_mas, technique_for

PULSES_S = 7.5
"""Pulses a second under the pedal (Ortiz 2006: biplane at 7.5)."""

LIMIT_MGY_MIN = 88.0
"""Highest reference air kerma rate in normal use (US limit, FIGURES e, recalled)."""

RAYS = 9
"""Rays a side of the coarse grid; assumed."""

CENTRE = 3
"""Rays a side, in the middle, that brightness is controlled by: a third of the field; assumed."""


def reference_kerma_mgy(technique: Technique) -> float:
    """Air kerma [mGy] of one pulse at the reference point, free in air: output(kVp) mAs (1000 / REFERENCE_MM)^2 (XRAY 13)."""
    return air_kerma_ugy_per_mas(technique.kvp) * technique.mas * (1000.0 / REFERENCE_MM) ** 2 / 1000.0


def field_area_cm2(distance_mm: float = REFERENCE_MM) -> float:
    """Area of the open field [cm2] at a distance from the source: (FIELD_MM d / SOURCE_DETECTOR_MM)^2."""
    return (FIELD_MM * distance_mm / SOURCE_DETECTOR_MM / 10.0) ** 2


def limited(technique: Technique) -> Technique:
    """The technique with its charge cut to LIMIT_MGY_MIN at PULSES_S: the picture is then noisier, not brighter."""
    most = LIMIT_MGY_MIN / (PULSES_S * 60.0)
    given = reference_kerma_mgy(technique)
    return technique if given <= most else Technique(technique.kvp, technique.mas * most / given)


def pulse_ms(began_ms: int, number: int) -> int:
    """When pulse `number` (0, 1, ...) of a run comes: every 1000 / PULSES_S ms, to the millisecond."""
    return began_ms + round(number * 1000.0 / PULSES_S)


@dataclass
class Dose:
    """What has been given so far."""

    pulses: int = 0
    shots: int = 0  # of them, single ones
    kerma_mgy: float = 0.0  # at the reference point
    _given: dict[tuple[Pose, float], float] = field(default_factory=dict)  # (pose, kVp) -> mGy

    @property
    def fluoroscopy_s(self) -> float:
        """Fluoroscopy time [s]: pulses of runs at their rate; single shots count as pulses too."""
        return self.pulses / PULSES_S

    @property
    def kap_gy_cm2(self) -> float:
        """Kerma-area product: the field is always the whole one."""
        return self.kerma_mgy / 1000.0 * field_area_cm2()

    @property
    def irradiations(self) -> tuple[Irradiation, ...]:
        """What was given from each pose with each voltage."""
        return tuple(Irradiation(pose, kvp, mgy) for (pose, kvp), mgy in self._given.items())

    def add(self, pose: Pose, technique: Technique, single: bool) -> None:
        """One pulse more."""
        kerma = reference_kerma_mgy(technique)
        self.pulses += 1
        self.shots += int(single)
        self.kerma_mgy += kerma
        given = (pose, technique.kvp)
        self._given[given] = self._given.get(given, 0.0) + kerma


class Brightness:
    """Automatic brightness control: the technique for a pose, kept for the last poses."""

    def __init__(self, field: Field, media: Media) -> None:
        self._field = field
        self._media = media
        self._known: dict[Pose, Technique] = {}

    def technique(self, pose: Pose) -> Technique:
        """kVp and mAs that give the centre of the picture its detector kerma (models.xray), within the dose limit."""
        if pose not in self._known:
            if len(self._known) > 64:
                self._known.clear()
            source, directions = fan(pose, RAYS)
            first = (RAYS - CENTRE) // 2
            centre = directions.reshape(RAYS, RAYS, 3)[first : first + CENTRE, first : first + CENTRE].reshape(-1, 3)
            self._known[pose] = limited(technique_for(paths(self._field, self._media, source, centre)))
        return self._known[pose]
