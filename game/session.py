"""A session: one attempt by one operator, what every front end and every scripted operator drives.

In: controls by name. Out: events since last asked, a read-out, snapshots of what was exposed. Runs simulation and procedure in
order and keeps the record. No screen here, no clock: a control runs until it is done, simulated time goes as fast as it can.
"""

from dataclasses import dataclass
from typing import Any

from game.procedure.beginning import begin
from game.procedure.measured import Measured
from game.procedure.scenarios import Scenario
from game.records.record import Recorder, plain
from game.records.replay import Procedure, described, versions
from game.simulation.controls import Control
from game.simulation.events import Event
from game.simulation.hand import aimed
from game.simulation.simulation import Snapshot
from models.carm import Pose, view
from models.instruments import TrocarPose
from models.patient import Array, Patient

KEY_SHOTS = 40
"""Most snapshots kept for the debrief; the oldest plain ones go first."""


@dataclass(frozen=True)
class KeyShot:
    """A moment worth a picture in the debrief."""

    reason: str  # "check" (needle at rest), "advance", "cement", "last"
    snapshot: Snapshot


@dataclass(frozen=True)
class Moment:
    """Where arm, table and trocar are now, and what is going on."""

    pose: Pose
    needle: TrocarPose | None
    stylet: bool
    beam: bool  # the pedal is down
    injecting: bool


class Session:
    """One attempt. Only `do`, `put` and `advance` change it."""

    def __init__(
        self,
        scenario: Scenario,
        patient: Patient,
        seed: int,
        procedure: Procedure | None = None,
        *,
        recorder: Recorder | None = None,
    ) -> None:
        self.scenario, self.patient, self.seed = scenario, patient, seed
        self.procedure, self.recorder = procedure, recorder
        self.simulation = begin(scenario, patient, seed)
        self.measured: list[Measured] = []
        self.key_shots: list[KeyShot] = []
        self._events: list[Event] = []
        self._path_told = 0
        self._take(self.simulation.drain())

    def do(self, name: str, **values: Any) -> None:
        """One control, now, until it is done (the arm has come to rest, the needle has moved, the time has passed ...)."""
        self.put(name, **values)
        while self.simulation.busy:  # a second at a time, so that the record never lags by more
            self._take(self.simulation.settle(most_ms=1000))

    def put(self, name: str, **values: Any) -> None:
        """One control, now; time goes on with `advance`. For front ends that live in real time."""
        self._keep_shot(name)
        control = Control(
            self.simulation.ms, name, plain(values)
        )  # as the record keeps it, so that a replay is the same
        if self.recorder is not None:
            self.recorder.control(control)
        self.simulation.put(control)
        self._take(self.simulation.drain())
        if name == "finish":
            self._keep_shot("finish")
            if self.recorder is not None:
                self.recorder.sync()

    def advance(self, ms: int) -> None:
        """Simulated time goes on by `ms`, whatever is under way."""
        self._take(self.simulation.step(self.simulation.ms + ms))

    def _take(self, events: list[Event]) -> None:
        """Events to the procedure and to the record."""
        measured = self.procedure.observe(events) if self.procedure is not None else []
        self._events += events
        self.measured += measured
        marks, self.simulation.marks = self.simulation.marks, []
        if self.recorder is not None:
            self.recorder.happened(self.simulation.ms, events, measured, marks)
            samples = self.simulation.trocar.samples
            self.recorder.path_rows(samples[self._path_told :])
            self._path_told = len(samples)

    @property
    def events(self) -> list[Event]:
        """Raw events since this was last read. Truth: not for operators."""
        events, self._events = self._events, []
        return events

    @property
    def finished(self) -> bool:
        """Whether the operator ended the procedure."""
        return self.simulation.finished

    def moment(self) -> Moment:
        """What a room shows of now: truth, for drawing alone."""
        simulation = self.simulation
        needle = simulation.trocar.needle()
        return Moment(
            pose=simulation.pose,
            needle=None if needle is None else needle.pose,
            stylet=simulation.trocar.stylet,
            beam=simulation.pedal is not None,
            injecting=simulation.filling.injector.asked_ml_s > 0.0,
        )

    def readout(self) -> dict[str, Any]:
        """What screens and operators may read; no coordinates (Simulation.readout)."""
        return self.simulation.readout()

    def snapshot(self) -> Snapshot | None:
        """What the last exposure saw, for pictures; None before the first."""
        return self.simulation.last_exposure

    def entry(self, column: float, row: float) -> Array | None:
        """(3,) where the beam through a pixel of the held 512 picture leaves the skin: truth, for drawing and for the drape."""
        pose = aimed(self.simulation.field, view(self.simulation.held_pose), column, row)
        return None if pose is None else pose.tip

    @property
    def bound(self) -> Pose:
        """Where arm and table are bound for."""
        return self.simulation.bound

    @property
    def hand_free(self) -> bool:
        """Whether the operator's hand has done what it was asked, handling included."""
        return self.simulation.hand is None and self.simulation.waits_ms <= self.simulation.ms

    @property
    def may_hurry(self) -> bool:
        """Whether needle, pedal and cement rest."""
        return self.simulation.may_hurry

    def reference(self) -> Snapshot | None:
        """The picture that was stored to be held beside the live one."""
        return self.simulation.reference

    def _keep_shot(self, name: str) -> None:
        """Keeps the last exposure when the operator goes on to something that makes it the picture they decided on."""
        shot = self.simulation.last_exposure
        kept = self.key_shots[-1].snapshot if self.key_shots else None
        reasons = {
            "arm": "check",
            "table": "check",
            "side": "check",
            **dict.fromkeys(("push", "screw", "mallet", "pull", "twist", "bevel"), "advance"),
            "inject": "cement",
            "finish": "last",
        }
        if shot is None or name not in reasons or (kept is not None and kept.t == shot.t):
            return
        self.key_shots.append(KeyShot(reasons[name], shot))
        if len(self.key_shots) > KEY_SHOTS:
            plain = (n for n, key in enumerate(self.key_shots) if key.reason == "advance")
            self.key_shots.pop(next(plain, 0))

    def keep_image(self, shot: KeyShot, png: bytes) -> None:
        """The picture of a key shot (512, detector orientation) goes into the record; before `close`."""
        if self.recorder is not None:
            seen = shot.snapshot
            technique = seen.technique
            self.recorder.image(png, t=seen.t, reason=shot.reason, pose=seen.pose, kvp=technique.kvp, mas=technique.mas)

    def close(self) -> None:
        """Ends the record, which without this stays incomplete; the session can still be read."""
        if self.recorder is not None:
            self.recorder.end(self.simulation.ms)
            self.recorder = None


def header(scenario: Scenario, seed: int, **about: Any) -> dict[str, Any]:
    """A record's first line: what the attempt was made from; `about`: more for people to read (operator ...)."""
    return {"scenario": described(scenario), "seed": seed, "versions": versions(), **about}
