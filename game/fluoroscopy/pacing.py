"""How live pictures keep pace: frames of a window under the pedal, measured without a window.

In: a patient, its target, seconds. Out: figures [ms, pictures a second] of a held pose, of needle and cement in it, and of an
arm that turns, so that every pulse is a new pose. Each frame ends when it is drawn. The room is not in it (bench theatre).
"""

import time
from collections.abc import Callable, Iterator

import numpy as np

from game import graphics
from game.fluoroscopy.live import Live, finishing
from game.fluoroscopy.screen import Screen, Texts
from game.simulation.exposure import PULSES_S
from game.simulation.simulation import Snapshot
from models.carm import Pose
from models.instruments import TrocarPose
from models.patient import Grid, Patient
from models.xray import Technique

DEGREES_A_PULSE = 2.0
"""How far the arm turns between two pulses; assumed: 15 degrees a second."""


def figures(patient: Patient, target: str, seconds: float = 4.0) -> dict[str, float]:
    """Longest and median frame, and pictures a second, of each case."""
    centre = np.asarray(patient.vertebrae[target].centre)
    still = Pose(isocentre=(float(centre[0]), float(centre[1]), float(centre[2])))
    needle = TrocarPose(centre, np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    cement = Grid(np.pad(np.ones((20, 20, 14), dtype=np.float32), 4), centre - 12.0, 1.0)
    studio = graphics.studio()
    live = Live(studio, patient)
    screen = Screen(studio)
    cases: dict[str, tuple[Callable[[int], Pose], Grid | None]] = {
        "held": (lambda _: still, None),
        "cement": (lambda _: still, cement),
        "turning": (lambda pulse: still.turned(orbital=DEGREES_A_PULSE * (1 + pulse)), None),
    }
    found = {}
    for name, (pose, paste) in cases.items():

        def shot(pulse: int, pose: Callable[[int], Pose] = pose, paste: Grid | None = paste) -> Snapshot:
            return Snapshot(pulse / PULSES_S, pose(pulse), Technique(84.0, 0.2), needle, True, paste)

        with finishing(studio):
            frames, pictures = exposed(live, screen, shot, seconds)
        found |= {
            f"live_{name}_longest_frame_ms": max(frames),
            f"live_{name}_median_frame_ms": float(np.median(frames)),
            f"live_{name}_pictures_per_s": pictures / seconds,
        }
    screen.close()
    live.close()
    return found


def exposed(live: Live, screen: Screen, shot: Callable[[int], Snapshot], seconds: float) -> tuple[list[float], int]:
    """Times [ms] of the frames that had something to draw, and whole pictures, with the pedal down for some seconds."""
    frames, pictures = [], 0
    for pulse in pulses(seconds):
        if pulse is not None:
            live.want(shot(pulse), 0)
        before, began = live.shown, time.perf_counter()
        if not live.draw():
            time.sleep(0.001)
            continue
        if live.shown is not before:
            pictures += 1
            screen.show(live.texture, live.shown, texts=Texts("LIVE", (f"{pictures}",)))
        live.scope.studio.engine.render_frame()
        frames.append(1e3 * (time.perf_counter() - began))
    return frames, pictures


def pulses(seconds: float) -> Iterator[int | None]:
    """As often as asked for some seconds of wall time: the number of a pulse when it is due, else None."""
    began, told = time.perf_counter(), -1
    while (now := time.perf_counter() - began) < seconds:
        due = int(now * PULSES_S)
        yield due if due > told else None
        told = due
