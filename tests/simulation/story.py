"""Short stories told to a Simulation over the phantom: aim, drive, fill."""

import numpy as np

from game.simulation.controls import Control
from game.simulation.simulation import Simulation
from models.carm import Pose, view
from tests.simulation import phantoms

PEDICLE = np.array([phantoms.PEDICLE_X, phantoms.PEDICLE_END, phantoms.PEDICLE_Z])
TO_BONE_MM = phantoms.BACK - phantoms.PEDICLE_END


def world(seed=1, **how):
    """A fresh simulation of L2, the table already where L2 is in the middle."""
    sim = Simulation(phantoms.phantom(**how), "L2", seed)
    sim.rest_pose = Pose()
    return sim


def do(sim, name, **values):
    """One control until it is done; its events."""
    sim.put(Control(sim.ms, name, values))
    return sim.settle()


def aim(sim, at=PEDICLE):
    """Trocar in the beam over a point of the patient."""
    do(sim, "expose")
    column, row = view(sim.pose).project(np.asarray(at))
    return do(sim, "aim", column=float(column), row=float(row))


def enter(sim, mm=12.0):
    """Aimed at the left pedicle and in bone by about `mm`."""
    aim(sim)
    events = do(sim, "push", mm=TO_BONE_MM - 1.0, mm_s=40.0)
    return events + do(sim, "screw", mm=mm + 4.0, mm_s=4.0)


def ready(sim, minutes=6.0, mm=36.0):
    """In the body with paste of `minutes` and the stylet out."""
    enter(sim, mm)
    do(sim, "mix")
    do(sim, "wait", seconds=60.0 * minutes)
    do(sim, "stylet", present=False)


def kinds(events):
    return [event.kind for event in events]
