"""Where cement goes: growth from the needle's tip through 1 mm voxels, conserved exactly, with its leaks and its front.

In: a Ground, the tip, a volume, a viscosity. Out: mm3 of cement in each voxel, volumes by route, distances of the front.
The next voxel to fill is always the one with the least cost of arrival from the tip: parent's cost + length x resistance,
so the order of filling is that of a slow, non-mixing front (first passage percolation). Patient frame, mm, mm3.
Not here: the pump and the cannula (injector.py), what a voxel is (ground.py), viscosity (viscosity.py), the loop (front.py).
"""

import zlib
from itertools import product

import numpy as np
from numpy.typing import NDArray

from game.simulation.front import Log, Manner, Voxels, fill, larger, push, queue
from game.simulation.ground import ROUTES, Ground, Kind, occupied, route
from models.instruments import TrocarPose
from models.patient import Array, Grid, Vertebra

THROUGH_CEMENT = 0.1
"""Resistance of the same batch's own cement against spongiosa: later portions push the first outwards (Zderic 2016); assumed."""

VEIN_WALL = 20.0
"""Resistance of leaving a vein outside the bone, against entering the tissue elsewhere: a tube fills first; assumed."""

OUTLET_MM = 1.8
"""How far from the tip its cement may start: a voxel's diagonal."""


def unevenness(viscosity: float) -> float:
    """Spread (standard deviation of ln resistance) of what the front meets: 0.3 + 1.2 / (1 + viscosity / 50 Pa.s).

    Thin cement fingers where marrow yields, thick cement pushes a round front: filling turns uniform above about 100 Pa.s
    (Loeffel 2008, Bohner 2003: recalled). The form and its numbers are assumed.
    """
    return 0.3 + 1.2 / (1.0 + viscosity / 50.0)


def opening(viscosity: float) -> float:
    """How much harder an open channel (vein, hole, defect) is to enter than its table says: (viscosity / 100 Pa.s)^0.8.

    1 at the leak threshold of about 100 Pa.s (Loeffel 2008, recalled); below it channels are easy, above it shut. Assumed form.
    """
    return float((viscosity / 100.0) ** 0.8)


class Cement:
    """Cement in and around one body. `filled` (nx, ny, nz) mm3 = fraction, as a voxel is 1 mm3."""

    def __init__(self, ground: Ground, vertebra: Vertebra) -> None:
        self.ground = ground
        self.vertebra = vertebra
        shape = ground.kind.shape
        self.filled: NDArray[np.float32] = np.zeros(shape, dtype=np.float32)
        self.leaked: dict[str, dict[int, float]] = {}  # route -> voxel -> mm3
        self.placed_mm3 = 0.0
        self.trace = 0  # running CRC of what was placed where: the state's fingerprint
        self.wall_mm = np.inf
        self.plates_mm = [np.inf, np.inf]
        self._batch = np.zeros(shape, dtype=np.int16)
        self._now = 0
        self._metal: NDArray[np.bool_] = np.zeros(shape, dtype=np.bool_)
        self._arrival = np.full(shape, np.inf)
        self._queue = queue()
        self._log = Log(np.zeros(4096, dtype=np.int64), np.zeros(4096))

    def start_batch(self) -> None:
        """Cement mixed anew: what lies there already has set and is in the way."""
        self._now += 1
        self._empty_front()

    def _empty_front(self) -> None:
        self._arrival.fill(np.inf)
        self._queue.size[0] = 0

    def seat(self, pose: TrocarPose) -> bool:
        """The front starts again from a needle's tip. False when nothing there can take cement."""
        self._metal = occupied(self.ground, pose)
        self._empty_front()
        start = self._outlet(pose)
        if start is None:
            return False
        self._arrival[start] = 0.0
        push(self._queue, 0.0, int(np.ravel_multi_index(start, self.filled.shape)))
        return True

    def _outlet(self, pose: TrocarPose) -> tuple[int, int, int] | None:
        """The voxel nearest to the tip that cement can enter."""
        best, least = None, OUTLET_MM
        for offset in product((-1.0, 0.0, 1.0), repeat=3):
            at = self.ground.voxel(pose.tip + np.array(offset))
            if at is None or self.ground.kind[at] == Kind.CLOSED or self._metal[at]:
                continue
            if self.filled[at] > 0.0 and self._batch[at] != self._now:
                continue  # an older batch has set there
            away = float(np.linalg.norm(np.array(at) + self.ground.origin - pose.tip))
            if away < least:
                best, least = at, away
        return best

    def grow(self, volume_mm3: float, viscosity: float) -> float:
        """Places up to `volume_mm3`; returns what found room. The needle must have been seated."""
        ground = self.ground
        voxels = Voxels(
            shape=np.array(ground.kind.shape, dtype=np.int64),
            kind=ground.kind.reshape(-1),
            inner=ground.inner.reshape(-1),
            capacity=ground.capacity.reshape(-1),
            resistance=ground.resistance.reshape(-1),
            noise=ground.noise.reshape(-1),
            metal=self._metal.reshape(-1),
            batch=self._batch.reshape(-1),
            filled=self.filled.reshape(-1),
            arrival=self._arrival.reshape(-1),
        )
        manner = Manner(self._now, unevenness(viscosity), opening(viscosity), THROUGH_CEMENT, VEIN_WALL)
        placed, more = 0.0, True
        while more:
            part, count, more = fill(voxels, self._queue, volume_mm3 - placed, manner, self._log)
            placed += part
            self._account(count)
            if more and self._queue.size[0] + 18 > self._queue.cost.size:
                self._queue = larger(self._queue)
        self.placed_mm3 += placed
        return placed

    def _account(self, count: int) -> None:
        """Leaks, front and fingerprint after `count` voxels were touched."""
        touched, added = self._log.at[:count], self._log.added[:count]
        inside = self.ground.inner.reshape(-1)[touched]
        gaps = self.ground.gaps.reshape(3, -1)[:, touched[inside]].min(axis=1, initial=np.inf).tolist()
        self.wall_mm = min(self.wall_mm, gaps[0])
        self.plates_mm = [min(self.plates_mm[0], gaps[1]), min(self.plates_mm[1], gaps[2])]
        for n in np.flatnonzero(~inside).tolist():
            voxel = int(touched[n])
            i, j, k = np.unravel_index(voxel, self.filled.shape)
            blob = self.leaked.setdefault(route(self.ground, self.vertebra, (int(i), int(j), int(k))), {})
            blob[voxel] = blob.get(voxel, 0.0) + float(added[n])
        self.trace = zlib.crc32(added.tobytes(), zlib.crc32(touched.tobytes(), self.trace))

    def leaks_ml(self) -> dict[str, float]:
        """Volume outside bone by route, in the order of ROUTES; routes without a leak are absent."""
        return {name: sum(self.leaked[name].values()) / 1000.0 for name in ROUTES if name in self.leaked}

    def blob(self, name: str) -> tuple[Array, Array]:
        """Centres (N, 3) and mm3 (N,) of the voxels that leaked by one route."""
        voxels = self.leaked.get(name, {})
        at = np.stack(np.unravel_index(np.array(list(voxels), dtype=np.int64), self.filled.shape), axis=-1)
        return at + self.ground.origin, np.array(list(voxels.values()))

    def grid(self) -> Grid:
        """An immutable copy for pictures: cement's volume fraction (0..1) in each voxel, patient frame."""
        values = self.filled.copy()
        values.setflags(write=False)
        return Grid(values, self.ground.origin.copy(), 1.0)

    def points(self, least: float = 0.3) -> tuple[Array, NDArray[np.bool_]]:
        """(N, 3) centres of the voxels holding at least `least`, and whether each lies inside the bone."""
        at = np.argwhere(self.filled >= least)
        return at + self.ground.origin, self.ground.inner[tuple(at.T)]
