"""Cement in the clockwork: mixing, the injector and the body it fills, in steps of 0.1 s.

In: the trocar, what is asked of the pump, time. Out: 'flowed' events, readings. Not here: growth (cement.py), the pump's
laws (injector.py), time (simulation.py).
"""

import math
from typing import Any

import numpy as np

from game.simulation.cement import Cement
from game.simulation.ground import drill, survey
from game.simulation.injector import DEAD_SPACE_ML, Injector
from game.simulation.viscosity import sample_word, viscosity_pas
from models.carm import SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, Pose, view
from models.field import Field
from models.instruments import TrocarPose
from models.patient import Array, Patient, Vertebra

STEP_MS = 100
"""Cement's step while it flows (conventions)."""

RESEAT_MM = 0.3
"""A tip that moved farther starts a new front."""

SEEN_MM3 = 20.0
"""Cement of one route that must lie clear of the body's silhouette to be seen; assumed."""

CLEAR_MM = 1.0
"""How far outside the silhouette counts as clear; assumed."""


class Filling:
    """Everything about cement at the target level."""

    def __init__(self, patient: Patient, field: Field, bones: tuple[str, ...], target: str, seed: int) -> None:
        self._patient, self._field, self._bone = patient, field, bones.index(target)
        self._vertebra: Vertebra = patient.vertebrae[target]
        self._seed = seed
        self.injector = Injector()
        self.cement: Cement | None = None
        self.mixed_ms: int | None = None
        self.beyond_mm3 = 0.0  # left a tip outside the voxels
        self._seated: tuple[int, Array] | None = None
        self._drilled: list[int] = []
        self._batch = 0

    def mix(self, ms: int) -> None:
        """A new portion: the clock starts, what was left in the cannula goes."""
        self.mixed_ms = ms
        self._batch += 1
        self.injector = Injector()
        if self.cement is not None:
            self.cement.start_batch()

    def fresh_cannula(self) -> None:
        """Another trocar: an empty cannula, nothing running."""
        self.injector = Injector()
        self._seated = None

    def since_mixing_s(self, ms: int) -> float | None:
        """Seconds on the cement clock, None before mixing."""
        return None if self.mixed_ms is None else (ms - self.mixed_ms) / 1000.0

    def viscosity(self, ms: int) -> float:
        """Pa.s now; as freshly wetted before mixing."""
        return viscosity_pas(self.since_mixing_s(ms) or 0.0)

    @property
    def volume_ml(self) -> float:
        """What left the tip so far."""
        inside = 0.0 if self.cement is None else self.cement.placed_mm3
        return (inside + self.beyond_mm3) / 1000.0

    def prepare(self, tracts: list[list[Array]]) -> None:
        """The body as the needles have left it: surveyed once, then drilled as far as tracts are new."""
        if self.cement is None:
            ground = survey(
                self._field,
                self._bone,
                self._vertebra,
                vertebrae=self._patient.vertebrae,
                bone_volume_fraction=self._patient.bone_volume_fraction,
                rng=np.random.default_rng([self._seed, 3]),
            )
            self.cement = Cement(ground, self._vertebra)
            for _ in range(self._batch):
                self.cement.start_batch()
        for n, tract in enumerate(tracts):
            known = self._drilled[n] if n < len(self._drilled) else 0
            if len(tract) > max(known, 1):
                drill(self.cement.ground, np.array(tract[max(known - 1, 0) :]))
        self._drilled = [len(tract) for tract in tracts]

    def advance(self, ms: int, pose: TrocarPose, tracts: list[list[Array]]) -> float:
        """STEP_MS of the injector: ml that left the tip and found room."""
        viscosity = self.viscosity(ms)
        offered = self.injector.advance(STEP_MS / 1000.0, viscosity)
        if offered <= 0.0:
            return 0.0
        self.prepare(tracts)
        placed = self._place(offered * 1000.0, viscosity, pose) / 1000.0
        if placed < 0.5 * offered:
            self.injector.block()
            self.injector.cannula_ml = min(self.injector.cannula_ml + offered - placed, DEAD_SPACE_ML)
        return placed

    def _place(self, mm3: float, viscosity: float, pose: TrocarPose) -> float:
        assert self.cement is not None
        if self.cement.ground.voxel(pose.tip) is None:
            self.beyond_mm3 += mm3
            return mm3
        if (
            self._seated is None
            or self._seated[0] != self._batch
            or np.linalg.norm(pose.tip - self._seated[1]) > RESEAT_MM
        ):
            self._seated = (self._batch, pose.tip.copy())
            self.cement.seat(pose)
        return self.cement.grow(mm3, viscosity)

    def leaks_ml(self) -> dict[str, float]:
        """Volumes outside bone by route; what never came near the body counts as lateral."""
        leaks = {} if self.cement is None else self.cement.leaks_ml()
        if self.beyond_mm3 > 0.0:
            leaks["lateral"] = leaks.get("lateral", 0.0) + self.beyond_mm3 / 1000.0
        return leaks

    def visible(self, pose: Pose) -> list[str]:
        """Routes whose leak is seen from a pose: SEEN_MM3 of it clear of the body's silhouette.

        What lies over or under the body is hidden, as most venous leaks are in lateral (Yeom 2003).
        """
        if self.cement is None or not self.cement.leaked:
            return []
        pinhole = view(pose)
        turn = np.linspace(0.0, 2 * np.pi, 36, endpoint=False)
        ways = np.stack([np.cos(turn), np.sin(turn)])
        edge = (pinhole.project(self._vertebra.outline) @ ways).max(axis=0)
        clear = CLEAR_MM / (pinhole.pixel_mm * SOURCE_ISOCENTRE_MM / SOURCE_DETECTOR_MM)
        seen = []
        for route in self.cement.leaks_ml():
            points, amounts = self.cement.blob(route)
            outside = (pinhole.project(points) @ ways - edge > clear).any(axis=1)
            if float(amounts[outside].sum()) >= SEEN_MM3:
                seen.append(route)
        return seen

    def told(self, ms: int, flow_ml_s: float, pose: Pose) -> dict[str, Any]:
        """The values of a 'flowed' event."""
        cement = self.cement
        gaps = [math.inf] * 3 if cement is None else [cement.wall_mm, *cement.plates_mm]
        wall, superior, inferior = (gap if math.isfinite(gap) else None for gap in gaps)
        return {
            "volume_ml": self.volume_ml,
            "flow_ml_s": flow_ml_s,
            "viscosity_pa_s": self.viscosity(ms),
            "pressure_kpa": self.injector.pressure_kpa,
            "wall_mm": wall,
            "plates_mm": [superior, inferior],
            "leaks": self.leaks_ml(),
            "visible_leaks": self.visible(pose),
        }

    def word(self, ms: int) -> str | None:
        """How a sample looks; None before mixing."""
        return None if self.mixed_ms is None else sample_word(self.viscosity(ms))
