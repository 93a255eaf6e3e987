"""Where poses come from: the one interface over every stylus, and a scripted one.

A pose is (11,) as haptics/tick.py lays it out: tip, axis, roll (patient frame, mm), technique, stylet present.
Real devices come later behind the same `read`; filtering is in haptics/safety.py.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from haptics.tick import AXIS, POSE_SIZE, PUSH, ROLL, STYLET, TECHNIQUE
from models.instruments import TrocarPose

Array = NDArray[np.float64]


class Stylus(Protocol):
    """Something a hand holds."""

    def read(self, ms: int) -> Array:
        """(11,) where the hand is at `ms` of simulated time."""
        ...


def packed(pose: TrocarPose, technique: int = PUSH, stylet: bool = True) -> Array:
    """(11,) of a trocar pose."""
    return np.concatenate([pose.tip, pose.axis, pose.roll, [float(technique), float(stylet)]]).astype(np.float64)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))


@dataclass(frozen=True)
class _Segment:
    begin: int  # ms
    end: int
    start: Array
    target: Array

    def at(self, ms: Array) -> Array:
        """(N, 11) poses at times (N,): straight lines, axis and roll by normalised interpolation."""
        share = ((ms - self.begin) / max(self.end - self.begin, 1))[:, None]
        poses = self.start + share * (self.target - self.start)
        poses[:, AXIS : AXIS + 3] = _unit(poses[:, AXIS : AXIS + 3])
        poses[:, ROLL : ROLL + 3] = _unit(poses[:, ROLL : ROLL + 3])
        poses[:, [TECHNIQUE, STYLET]] = self.target[[TECHNIQUE, STYLET]]
        return poses


class ScriptedStylus:
    """A hand that follows a script: starts somewhere, then goes `to` one pose after another. Also a Stylus."""

    def __init__(self, start: TrocarPose, technique: int = PUSH, stylet: bool = True) -> None:
        self._start = packed(start, technique, stylet)
        self._segments: list[_Segment] = []

    @property
    def end_ms(self) -> int:
        """When the script is over; the hand then stays."""
        return self._segments[-1].end if self._segments else 0

    def to(self, pose: TrocarPose, ms: int, technique: int = PUSH, stylet: bool = True) -> "ScriptedStylus":
        """Appends a straight move to `pose` in `ms`; returns self."""
        if ms < 1:
            raise ValueError(f"a move of {ms} ms: expected at least 1")
        start = self._segments[-1].target if self._segments else self._start
        self._segments.append(_Segment(self.end_ms, self.end_ms + ms, start, packed(pose, technique, stylet)))
        return self

    def poses(self, begin_ms: int, end_ms: int) -> Array:
        """(N, 11) poses for the ticks that end at begin_ms + 1 ... end_ms."""
        times = np.arange(begin_ms + 1, end_ms + 1, dtype=np.float64)
        poses = np.empty((len(times), POSE_SIZE))
        poses[:] = self._segments[-1].target if self._segments else self._start
        poses[times <= 0] = self._start
        for segment in self._segments:
            during = (times > segment.begin) & (times <= segment.end)
            poses[during] = segment.at(times[during])
        return poses

    def read(self, ms: int) -> Array:
        """(11,) where the hand is at `ms`."""
        return np.asarray(self.poses(ms - 1, ms)[0])


def straight(start: TrocarPose, mm: float) -> TrocarPose:
    """The pose moved along its own axis."""
    return TrocarPose(start.tip + mm * start.axis, start.axis, start.roll)
