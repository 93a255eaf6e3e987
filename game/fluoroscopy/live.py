"""Live pictures in a window: drawn in slices over several frames, each within a budget, so that the window never waits.

In: snapshots of exposures, the newest counts. Out: a texture of the last whole picture (8 bit grey, detector orientation, row 0
on top), and whose it is. Nothing is read back. The passes are the Fluoroscope's (projector.py), drawn in the same order: the
same bits. What each costs is measured once, at the start. Not here: turning, letters, text (screen.py).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from panda3d.core import ConfigVariableBool, GraphicsWindow, Texture

from game import graphics
from game.fluoroscopy.projector import Fluoroscope, noise_seed
from game.simulation.simulation import Snapshot
from models.carm import Pose
from models.instruments import TrocarPose
from models.patient import Grid, Patient
from models.xray import Technique

BUDGET_MS = 30.0
"""Drawing time of a slice; a single surface or pass that takes longer is a slice of its own. Assumed: 30 pictures a second of
the room stay possible on a slow machine."""

LAYERS = 6
"""Poses whose anatomy is kept: AP and lateral of both sides and two between. 8 MB each at 512, 32 MB at 1024. Assumed."""

CEMENT_MM = 30
"""Side of the cube of cement that the cost of a picture is measured with: a full vertebral body."""


@dataclass
class Job:
    """A picture under way: what has been drawn of it."""

    snapshot: Snapshot
    seed: int
    surfaces: int  # of the anatomy
    passes: int = 0  # of those after the anatomy


class Live:
    """The fluoroscope of a window. Once a frame: `draw`, then the engine's frame. Made before the Screens that show it."""

    def __init__(
        self, studio: graphics.Studio, patient: Patient, size: int = 512, budget_ms: float = BUDGET_MS
    ) -> None:
        self.budget_ms = budget_ms
        self.scope = Fluoroscope(patient, size, studio, LAYERS)
        self.texture: Texture = self.scope.chain.monitor.textures[0]
        self.shown: Snapshot | None = None
        self.dropped = 0
        """Exposures that newer ones overtook before they were begun."""
        self._job: Job | None = None
        self._next: tuple[Snapshot, int] | None = None
        self._passes = [self.scope.moving, *self.scope.chain.passes]
        self.surface_ms, self.pass_ms = self._costs()

    @property
    def ready(self) -> bool:
        """Whether the last wanted picture is whole, or is drawn in the coming frame."""
        return self._job is None and self._next is None

    def want(self, snapshot: Snapshot, seed: int) -> None:
        """The newest exposure, of a session with this seed; asked again, it is the same one. A waiting older one is dropped."""
        waiting = self._next[0] if self._next is not None else self._job.snapshot if self._job else self.shown
        if snapshot is waiting:
            return
        self.dropped += self._next is not None
        self._next = (snapshot, seed)

    def draw(self) -> bool:
        """Has the next slice drawn in the coming frame; whether there is any. `shown` is new with the frame that shows it."""
        for target in (self.scope.anatomy, *self._passes):
            target.rest()
        if self._job is None and self._next is not None:
            self._job, self._next = self._begin(*self._next), None
        if self._job is None:
            return False
        self._slice(self._job)
        if self._job.passes == len(self._passes):
            self.shown, self._job = self._job.snapshot, None
        return True

    def _begin(self, snapshot: Snapshot, seed: int) -> Job:
        kept = self.scope.begin(snapshot.pose)
        return Job(snapshot, seed, len(self.scope.surfaces) if kept else 0)

    def _slice(self, job: Job) -> None:
        """As many surfaces, then passes, as fit the budget; one at least."""
        left, scope, first = self.budget_ms, self.scope, job.surfaces
        while job.surfaces < len(scope.surfaces) and (job.surfaces == first or self.surface_ms[job.surfaces] <= left):
            left -= self.surface_ms[job.surfaces]
            job.surfaces += 1
        begun = job.surfaces > first
        if begun:
            scope.part(first, job.surfaces)
            if job.surfaces < len(scope.surfaces):
                return
            scope.whole(job.snapshot.pose)
        while job.passes < len(self._passes) and (not begun or self.pass_ms[job.passes] <= left):
            if job.passes == 0:
                self._place(job)
            begun = True
            left -= self.pass_ms[job.passes]
            self._passes[job.passes].once()
            job.passes += 1

    def _place(self, job: Job) -> None:
        """Needle, cement and technique of the exposure."""
        seen = job.snapshot
        self.scope.move(seen.pose, seen.needle, seen.cement, seen.stylet)
        self.scope.chain.prepare(seen.technique, noise_seed(seen, job.seed), noise=True, invert=False)

    def grey(self) -> NDArray[np.uint8]:
        """(size, size) the picture of `shown`, read back; between two frames, and seldom: it waits for the drawing."""
        return np.ascontiguousarray(self.scope.chain.monitor.read()[..., 0])

    def png(self, snapshot: Snapshot, seed: int) -> bytes:
        """An exposure as a PNG, for the record's key images. Draws frames of its own until it is done and reads back: at the
        end of a procedure only. A picture under way begins anew; `texture` then shows this one.
        """
        if self._job is not None:
            self._next = self._next or (self._job.snapshot, self._job.seed)
            self._job = None
        self.shown = snapshot
        return self.scope.png(snapshot, seed)

    def close(self) -> None:
        """Gives buffers and meshes back; the object is of no more use."""
        self.scope.close()

    def _costs(self) -> tuple[list[float], list[float]]:
        """[ms] of each surface of the anatomy and of each pass after it, with a needle and much cement in the picture."""
        scope = self.scope
        middle = np.asarray(scope.patient.skin_surface.vertices, dtype=np.float64).mean(axis=0)
        pose = Pose(isocentre=(float(middle[0]), float(middle[1]), float(middle[2])))
        needle = TrocarPose(middle, np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
        cement = Grid(np.ones((CEMENT_MM,) * 3, dtype=np.float32), middle - CEMENT_MM / 2, 1.0)
        scope.exposure(
            Snapshot(0.0, pose, Technique(80.0, 0.2), needle, True, cement), 0
        )  # all is compiled and sent once
        scope.begin(pose.turned(orbital=90.0))  # a layer to draw single surfaces in, never whole
        with finishing(scope.studio):
            surfaces = [self._least_ms(partial(scope.part, n, n + 1)) for n in range(len(scope.surfaces))]
            passes = [self._least_ms(each.once) for each in self._passes]
        return surfaces, passes

    def _least_ms(self, ask: Callable[[], None]) -> float:
        """Least of two times that a frame takes with what `ask` has drawn in it: another program may hold one up."""
        times = []
        for _ in range(2):
            ask()
            began = time.perf_counter()
            self.scope.studio.engine.render_frame()
            times.append(1e3 * (time.perf_counter() - began))
        return min(times)


@contextmanager
def finishing(studio: graphics.Studio) -> Iterator[None]:
    """Each frame ends when it has been drawn; the window itself, which may wait for the screen, is left out."""
    finish, window = ConfigVariableBool("gl-finish"), isinstance(studio.host, GraphicsWindow)
    before = bool(finish.get_value())
    finish.set_value(True)
    if window:
        studio.host.set_active(False)
    try:
        yield
    finally:
        finish.set_value(before)
        if window:
            studio.host.set_active(True)
