"""The trocar in the clockwork: runs its ticks and says what happened to it.

In: Acts and single blows or turns (hand.py), the packed patient. Out: raw events with the trocar as it was at their very
millisecond; the tract it made. Patient frame, mm. Not here: the mechanics (haptics), time (simulation.py).
"""

import math
from collections.abc import Iterator

import numpy as np

from game.simulation.events import Event, Needle
from game.simulation.hand import LONGEST_MM, Act
from haptics import tick as ticks
from haptics.stylus import packed
from haptics.trocar import Reading, read
from models.field import Field, nearest_bone
from models.instruments import TROCAR, TrocarPose
from models.patient import Array
from models.tissue import Tissue

CHUNK_MM = 0.5
"""Longest travel in one 'moved' event."""

BLOWS = 10
"""Parts of a mallet blow, so that what the point meets on its way is told in order."""

ALONG_MM = 0.1
"""Stations along a line on the way to bone."""

TRACT_MM = 0.2
"""Spacing of the kept points of path and force."""


class Trocar:
    """One trocar from aiming to withdrawal, with the events that it has not told yet."""

    def __init__(self, field: Field, bones: tuple[str, ...], bone_volume_fraction: float) -> None:
        self._field, self._bones, self._fraction = field, bones, bone_volume_fraction
        self.state: Array = ticks.initial()
        self.stylet = True
        self.used = False  # placed at least once
        self.tracts: list[list[Array]] = []  # polylines of the tip inside bone
        self.samples: list[tuple[float, ...]] = []  # t, depth, skin, force, point xyz: thinned, for the record
        self._told: Array = self.state.copy()
        self._travel = 0.0
        self._how = "push"
        self._left_bone = True

    @property
    def reading(self) -> Reading:
        """The state in words."""
        return read(self.state)

    @property
    def mode(self) -> int:
        """haptics.tick.FREE, SOFT, CONTACT or EMBEDDED."""
        return int(self.state[ticks.MODE])

    def needle(self, state: Array | None = None) -> Needle | None:
        """The trocar as an event carries it; None before it was placed."""
        if not self.used:
            return None
        now = read(self.state if state is None else state)
        return Needle(
            pose=now.pose,
            embedded=now.embedded,
            depth_mm=now.depth_mm,
            skin_mm=now.skin_mm,
            tissue=now.tissue,
            bone=self._bones[now.bone] if now.bone >= 0 else "",
            force_n=now.force_n,
            stylet=self.stylet,
        )

    def place(self, pose: TrocarPose) -> None:
        """Puts a trocar where it was not before, outside the patient: no way in between."""
        self.state = ticks.tick(ticks.initial(), packed(pose, ticks.PUSH, self.stylet), self._field, self._fraction)
        self.used = True
        self._told = self.state.copy()
        self._travel = 0.0

    def set_in(self, line: TrocarPose, embedded_mm: float) -> Event | None:
        """Stands in bone before all began: `embedded_mm` deep in the first bone that its point meets on a line; None without one.

        No way in is simulated: another hand held the point where this model's would slide off a slope.
        """
        point = line.tip + TROCAR.outer_mm / 2 * line.roll
        for s in np.arange(-LONGEST_MM, LONGEST_MM, ALONG_MM):
            if nearest_bone(self._field, point + s * line.axis)[1] < 0.0:
                break
        else:
            return None
        self.place(TrocarPose(line.tip + (s + embedded_mm) * line.axis, line.axis, line.roll))
        needle = self.needle()
        if needle is None or not needle.embedded:
            return None
        self._keep(self.state, 0)
        return Event(0.0, "embedded", needle, {"bone": needle.bone})

    def grip(self) -> None:
        """The hand takes hold anew, so the next act starts without force."""
        self.state[ticks.REGRIP] = 1.0

    def run(self, act: Act, began_ms: int, now_ms: int, until_ms: int) -> tuple[list[Event], int, bool]:
        """(events, millisecond reached, whether the act's goal was met) of an act from `now_ms` to `until_ms` at most."""
        poses = act.stylus.poses(now_ms - began_ms, until_ms - began_ms)
        states = ticks.run(self.state, np.ascontiguousarray(poses), self._field, self._fraction)
        goal = act.reached(states)
        count = len(states) if goal is None else goal + 1
        events = list(self._watch(states[:count], now_ms + 1, act.how))
        self.state = states[count - 1].copy()
        return events, now_ms + count, goal is not None

    def tap(self, joules: float, ms: int) -> list[Event]:
        """A mallet blow; its way within one millisecond."""
        states, state = [], self.state
        for _ in range(BLOWS):
            after = ticks.tap(state, joules / BLOWS, self._field, self._fraction)
            states += _between(state, after)
            state = after
        events = list(self._watch(np.array(states), ms, "mallet", pace_ms=0))
        self.state = state
        return [*events, *self.flush(ms)]

    def turn(self, degrees: float, ms: int, outside: bool = False) -> Event:
        """The bevel turned; + is clockwise for the operator."""
        self.state = ticks.turn(self.state, degrees)
        self._told[6:9] = self.state[6:9]
        return Event(ms / 1000.0, "turned", self.needle(), {"degrees": degrees, "outside": outside})

    def flush(self, ms: int) -> list[Event]:
        """What has been moved but not yet told."""
        if self._travel < 1e-6:
            return []
        return [self._moved(self.state, ms)]

    def _moved(self, state: Array, ms: int) -> Event:
        values = {"from_mm": float(self._told[ticks.DEPTH]), "to_mm": float(state[ticks.DEPTH]), "how": self._how}
        self._told, self._travel = state.copy(), 0.0
        return Event(ms / 1000.0, "moved", self.needle(state), values)

    def _watch(self, states: Array, first_ms: int, how: str, pace_ms: int = 1) -> Iterator[Event]:
        """Events of the states after `self.state`; the first falls at `first_ms`, the others `pace_ms` apart."""
        before = self.state
        tips = np.vstack([before[None, :3], states[:, :3]])
        steps = np.linalg.norm(np.diff(tips, axis=0), axis=1).tolist()
        if self._travel > 1e-6 and how != self._how:
            yield self._moved(before, first_ms)
        self._how = how
        for n, (state, step) in enumerate(zip(states, steps, strict=True)):
            ms = first_ms + n * pace_ms
            if self._travel + step > CHUNK_MM and self._travel > 1e-6:
                yield self._moved(before, max(ms - pace_ms, 0))
            self._travel += step
            if state[ticks.MODE] != before[ticks.MODE] or state[ticks.TISSUE] != before[ticks.TISSUE]:
                if self._travel > 1e-6:
                    yield self._moved(state, ms)
                yield from self._changed(before, state, ms)
            self._keep(state, ms)
            before = state

    def _changed(self, before: Array, state: Array, ms: int) -> Iterator[Event]:
        """Events of a change of mode or tissue."""
        t, needle = ms / 1000.0, self.needle(state)
        bone = int(state[ticks.BONE])
        name = self._bones[bone] if bone >= 0 else ""
        if state[ticks.TISSUE] != before[ticks.TISSUE]:
            tissue = Tissue(int(state[ticks.TISSUE])).name.lower()
            yield Event(t, "tissue", needle, {"tissue": tissue, "bone": name})
        if state[ticks.MODE] == before[ticks.MODE]:
            return
        if before[ticks.MODE] == ticks.EMBEDDED:
            yield Event(t, "withdrawn", needle, {"reached_mm": float(before[ticks.DEEPEST])})
        if state[ticks.MODE] == ticks.CONTACT:
            yield Event(t, "contact", needle, {"bone": name})
        elif state[ticks.MODE] == ticks.EMBEDDED:
            yield Event(t, "embedded", needle, {"bone": name})

    def _keep(self, state: Array, ms: int) -> None:
        """Tract in bone and thinned samples."""
        tip = state[:3]
        if state[ticks.MODE] == ticks.EMBEDDED:
            if not self.tracts or self._left_bone:
                self.tracts.append([tip - max(float(state[ticks.DEPTH]), 0.0) * state[3:6], tip.copy()])
                self._left_bone = False
            elif np.linalg.norm(tip - self.tracts[-1][-1]) >= TRACT_MM:
                self.tracts[-1].append(tip.copy())
        else:
            self._left_bone = True
        last = self.samples[-1] if self.samples else None
        if last is None or np.linalg.norm(tip - last[4:7]) >= TRACT_MM:
            figures = (state[ticks.DEPTH], state[ticks.SKIN], state[ticks.FORCE], *tip)
            self.samples.append((ms / 1000.0, *(round(float(figure), 3) for figure in figures)))


def _between(before: Array, after: Array) -> list[Array]:
    """The states of one blow in steps of at most CHUNK_MM: place and depths straight between, the rest as after it."""
    parts = max(math.ceil(float(np.linalg.norm(after[:3] - before[:3])) / CHUNK_MM), 1)
    states = []
    for share in np.arange(1, parts) / parts:
        state = after.copy()
        if before[ticks.MODE] == after[ticks.MODE]:
            for figure in (*range(3), ticks.DEPTH, ticks.SKIN):
                state[figure] = before[figure] + share * (after[figure] - before[figure])
            states.append(state)
    return [*states, after]
