"""The front of cement as compiled code: a queue of voxels by cost of arrival, filled one after the other.

In and out: flat arrays of a Ground (C order) and of Cement's state. Costs are relative; volumes mm3.
What it means, and why these costs: cement.py. Not here: leaks, measures.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

CLOSED, VEIN = 0, 5
"""Kinds of ground.Kind that compiled code must know; a test holds them together."""

FULL_MM3 = 1e-4
"""Room under which a voxel counts as full: single precision of 1 mm3 is 6e-8."""

LEAST_MM3 = 1e-6


class Voxels(NamedTuple):
    """Flat views (n,) of the ground and of what is in it."""

    shape: NDArray[np.int64]  # (3,)
    kind: NDArray[np.uint8]
    inner: NDArray[np.bool_]
    capacity: NDArray[np.float32]
    resistance: NDArray[np.float32]
    noise: NDArray[np.float32]
    metal: NDArray[np.bool_]
    batch: NDArray[np.int16]
    filled: NDArray[np.float32]
    arrival: NDArray[np.float64]


class Queue(NamedTuple):
    """A binary heap; `size[0]` entries are in use."""

    cost: NDArray[np.float64]
    at: NDArray[np.int64]
    size: NDArray[np.int64]


def queue(room: int = 1 << 16) -> Queue:
    """An empty queue."""
    return Queue(np.zeros(room), np.zeros(room, dtype=np.int64), np.zeros(1, dtype=np.int64))


def larger(old: Queue) -> Queue:
    """The same queue with twice the room."""
    more = queue(2 * old.cost.size)
    more.cost[: old.cost.size], more.at[: old.at.size], more.size[0] = old.cost, old.at, old.size[0]
    return more


@compiled
def push(queue: Queue, cost: float, at: int) -> None:
    """Adds an entry; ties keep the order of voxel numbers, so that results repeat."""
    n = queue.size[0]
    queue.size[0] = n + 1
    while n > 0:
        parent = (n - 1) // 2
        if queue.cost[parent] < cost or (queue.cost[parent] == cost and queue.at[parent] <= at):
            break
        queue.cost[n], queue.at[n] = queue.cost[parent], queue.at[parent]
        n = parent
    queue.cost[n], queue.at[n] = cost, at


@compiled
def drop(queue: Queue) -> None:
    """Removes the least entry."""
    last = queue.size[0] - 1
    queue.size[0] = last
    cost, at = queue.cost[last], queue.at[last]
    n = 0
    while 2 * n + 1 < last:
        child = 2 * n + 1
        right = child + 1
        if right < last and (
            queue.cost[right] < queue.cost[child]
            or (queue.cost[right] == queue.cost[child] and queue.at[right] < queue.at[child])
        ):
            child = right
        if cost < queue.cost[child] or (cost == queue.cost[child] and at <= queue.at[child]):
            break
        queue.cost[n], queue.at[n] = queue.cost[child], queue.at[child]
        n = child
    queue.cost[n], queue.at[n] = cost, at


class Manner(NamedTuple):
    """How this cement moves now."""

    batch: int
    spread: float  # cement.unevenness
    gate: float  # cement.opening
    through: float  # resistance of the batch's own cement
    vein_wall: float


@compiled
def _reach(voxels: Voxels, queue: Queue, at: int, cost: float, manner: Manner) -> None:
    """Offers a full voxel's 18 neighbours to the front."""
    nx, ny, nz = voxels.shape
    x, y, z = at // (ny * nz), (at // nz) % ny, at % nz
    here, here_inner = voxels.kind[at], voxels.inner[at]
    for di in range(-1, 2):
        for dj in range(-1, 2):
            for dk in range(-1, 2):
                steps = abs(di) + abs(dj) + abs(dk)
                i, j, k = x + di, y + dj, z + dk
                if steps == 0 or steps == 3 or i < 0 or j < 0 or k < 0 or i >= nx or j >= ny or k >= nz:  # noqa: PLR1714
                    continue
                there = (i * ny + j) * nz + k
                kind = voxels.kind[there]
                if kind == CLOSED or voxels.metal[there]:
                    continue
                if voxels.inner[there] != here_inner and not (
                    (here == VEIN and kind == VEIN) or here > VEIN or kind > VEIN
                ):
                    continue  # closed cortex: a vein joins only along itself, a hole or defect whatever it touches
                if voxels.filled[there] > 0.0:
                    if voxels.batch[there] != manner.batch:
                        continue  # an older batch has set
                    resistance = manner.through
                else:
                    resistance = voxels.resistance[there] * np.exp(manner.spread * voxels.noise[there])
                    if kind >= VEIN:
                        resistance *= manner.gate
                    elif here == VEIN and not here_inner:
                        resistance *= manner.vein_wall
                arrival = cost + np.sqrt(float(steps)) * resistance
                if arrival < voxels.arrival[there]:
                    voxels.arrival[there] = arrival
                    push(queue, arrival, there)


class Log(NamedTuple):
    """What one call of `fill` did: voxel numbers and mm3; a voxel comes once, as the front fills it whole."""

    at: NDArray[np.int64]
    added: NDArray[np.float64]


@compiled
def fill(voxels: Voxels, queue: Queue, volume: float, manner: Manner, log: Log) -> tuple[float, int, bool]:
    """(mm3 placed, voxels touched, stopped for want of room in an array)."""
    placed, count = 0.0, 0
    while volume - placed > LEAST_MM3 and queue.size[0] > 0:
        if count == log.at.size or queue.size[0] + 18 > queue.cost.size:
            return placed, count, True
        cost, at = queue.cost[0], queue.at[0]
        room = float(voxels.capacity[at]) - float(voxels.filled[at])
        if cost > voxels.arrival[at]:
            drop(queue)  # a cheaper way was found since
        elif room < FULL_MM3:
            drop(queue)
            _reach(voxels, queue, at, cost, manner)
        else:
            before = float(voxels.filled[at])
            voxels.filled[at] = before + min(room, volume - placed)
            voxels.batch[at] = manner.batch
            log.at[count] = at
            log.added[count] = float(voxels.filled[at]) - before  # what single precision kept, so that sums agree
            placed += log.added[count]
            count += 1
    return placed, count, False
