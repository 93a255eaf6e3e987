"""The injector and the cannula: what is asked of the pump, what the hand can press, what leaves the tip.

In: ml/s asked, viscosity, seconds. Out: ml offered at the tip, kPa. The cannula's dead space fills before anything leaves;
the stylet, put back, pushes it out. Not here: where the cement goes (cement.py).
"""

import math
from dataclasses import dataclass

from game.simulation.viscosity import PRESSURE_LIMIT_KPA, greatest_flow_ml_s, pressure_kpa

DEAD_SPACE_ML = 0.3
"""Bore of 1.8 mm over 120 mm = 0.305 ml (FIGURES c: sizes recalled; CLINICAL 10 says about 0.3 ml)."""

COMPLIANCE_S = 0.13
"""Time constant of flow following the pump: it ends 0.3-0.5 s after the pump stops; assumed."""

STILL = 0.05
"""Part of the greatest recent flow under which flow has ended; assumed."""

STYLET_ML_S = 0.1
"""Pace of a stylet pushed back through the cannula by hand; assumed."""

STYLET_LIMIT_KPA = 40.0e3
"""A hand's 100 N on a stylet of 1.8 mm: 39 MPa; assumed."""


@dataclass
class Injector:
    """State of pump and cannula. Volumes ml, flow ml/s at the tip's side, pressure kPa."""

    asked_ml_s: float = 0.0
    flow_ml_s: float = 0.0
    peak_ml_s: float = 0.0
    cannula_ml: float = 0.0  # cement in the cannula
    pushing: bool = False  # the stylet is on its way in
    pressure_kpa: float = 0.0

    @property
    def running(self) -> bool:
        """Whether anything moves or is about to."""
        return self.asked_ml_s > 0.0 or self.flow_ml_s > 0.0 or self.pushing

    def advance(self, seconds: float, viscosity: float) -> float:
        """One step of the pump: ml that arrive at the tip."""
        wanted = STYLET_ML_S if self.pushing else self.asked_ml_s
        limit = greatest_flow_ml_s(viscosity, STYLET_LIMIT_KPA if self.pushing else PRESSURE_LIMIT_KPA)
        target = min(wanted, limit)
        kept = math.exp(-seconds / COMPLIANCE_S)
        flow = target + (self.flow_ml_s - target) * kept
        self.peak_ml_s = max(self.peak_ml_s, flow) if target > 0.0 else self.peak_ml_s
        if target == 0.0 and flow < STILL * self.peak_ml_s:
            flow, self.peak_ml_s = 0.0, 0.0
        self.flow_ml_s = min(flow, limit)
        self.pressure_kpa = self._pressure(viscosity, wanted > limit)
        moved = self.flow_ml_s * seconds
        if self.pushing:
            out = min(moved, self.cannula_ml)
            self.cannula_ml -= out
            if self.cannula_ml < 1e-9 or limit == 0.0:
                self.pushing, self.flow_ml_s, self.peak_ml_s = False, 0.0, 0.0
            return out
        filling = min(moved, DEAD_SPACE_ML - self.cannula_ml)
        self.cannula_ml += filling
        return moved - filling

    def _pressure(self, viscosity: float, stalled: bool) -> float:
        """kPa at the pump; none while it is off and the stylet pushes."""
        if self.pushing:
            return 0.0
        return PRESSURE_LIMIT_KPA if stalled else pressure_kpa(viscosity, self.flow_ml_s)

    def block(self) -> None:
        """Nothing found room at the tip: the hand meets the limit and nothing flows; a stylet goes no farther."""
        self.flow_ml_s, self.pushing = 0.0, False
        self.pressure_kpa = PRESSURE_LIMIT_KPA if self.asked_ml_s > 0.0 else 0.0
