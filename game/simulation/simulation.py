"""The clockwork: controls in, state and raw events out, in whole milliseconds. No screen, no score, no clock of its own.

In: a Patient, the target level, a seed; then controls, each with the millisecond at which it takes effect. Out: events (patient
frame, mm), read-outs without coordinates, an immutable snapshot of what was exposed last.
Where nothing moves, flows or is exposed, time jumps to the next control or timer; the result does not depend on how often
`step` is called. Not here: what controls mean (operating.py), the trocar (needle.py), cement (filling.py), dose (exposure.py).
"""

import hashlib
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from game.simulation.arm import Motion, as_found, travel
from game.simulation.controls import Control
from game.simulation.events import Event
from game.simulation.exposure import Brightness, Dose, pulse_ms
from game.simulation.filling import STEP_MS, Filling
from game.simulation.hand import Act, to
from game.simulation.needle import Trocar
from game.simulation.operating import apply
from haptics.safety import Following
from models.carm import Pose
from models.field import pack
from models.instruments import TrocarPose
from models.patient import Array, Grid, Patient
from models.rays import media
from models.xray import Technique

SECOND_MS = 1000
FAR_MS = 10**8


@dataclass(frozen=True)
class Snapshot:
    """What a picture needs of one exposed pulse."""

    t: float
    pose: Pose
    technique: Technique
    needle: TrocarPose | None
    stylet: bool
    cement: Grid | None


@dataclass
class Running:
    """An act of the hand under way."""

    act: Act
    began_ms: int
    then: str = ""  # the side that a fresh trocar is for, when this one is out


class Simulation:
    """One mutable world."""

    def __init__(self, patient: Patient, target: str, seed: int) -> None:
        self.patient, self.target = patient, target
        self.field, self.bones = pack(patient)
        self.ms = 0
        self.rest_pose = as_found(patient.vertebrae[target].centre, np.random.default_rng([seed, 0xA43]))
        self.motion: Motion | None = None
        self.trocar = Trocar(self.field, self.bones, patient.bone_volume_fraction)
        self.tracts: list[list[Array]] = []  # of trocars taken out
        self.filling = Filling(patient, self.field, self.bones, target, seed)
        self.dose = Dose()
        self.last_exposure: Snapshot | None = None
        self.reference: Snapshot | None = None  # what was stored to be held beside the live picture
        self.hand: Running | None = None
        self.waits_ms = 0  # until when the operator waits
        self.pedal: tuple[int, int] | None = None  # (began, number of the next pulse)
        self.next_flow_ms: int | None = None
        self.device = Following()
        self.device_hand: TrocarPose | None = (
            None  # the device's last pose as a hand that holds on, None once another act began
        )
        self.finished = False
        self.marks: list[tuple[int, str]] = []  # (ms, state hash), for the record
        self._brightness = Brightness(self.field, media(patient))
        self._queue: list[Control] = []
        self._events: list[Event] = []
        self._cement_trace = 0
        self._marked_ms = -1

    # ---- time

    def put(self, control: Control) -> None:
        """A control takes effect at its millisecond: at once when that is now, else when `step` comes there."""
        if control.ms < self.ms:
            raise ValueError(f"control {control.name!r} at {control.ms} ms: it is already {self.ms} ms")
        self._queue.append(control)
        self._queue.sort(key=lambda waiting: waiting.ms)
        self._take_due()

    def step(self, until_ms: int) -> list[Event]:
        """Runs to `until_ms`; returns the events since the last call, in order."""
        while self.ms < until_ms:
            self._advance(until_ms)
        return self.drain()

    def settle(self, most_ms: int | None = None) -> list[Event]:
        """Runs until no control is under way any more (a pedal that is down and a pump that runs do not count).

        most_ms: and for about that long at most, where something moves.
        """
        began = self.ms
        while self.busy and (most_ms is None or self.ms - began < most_ms):
            self._advance(self.ms + FAR_MS)
        return self.drain()

    def drain(self) -> list[Event]:
        """The events not yet handed out."""
        events, self._events = self._events, []
        return events

    def emit(self, kind: str, **values: Any) -> None:
        """An event of now, with the trocar as it is."""
        self._events.append(Event(self.ms / 1000.0, kind, self.trocar.needle(), values))

    def tell(self, events: list[Event]) -> None:
        """Events made elsewhere."""
        self._events += events

    @property
    def busy(self) -> bool:
        """Whether a control is under way."""
        return (
            self.hand is not None
            or self.motion is not None
            or self.waits_ms > self.ms
            or self.filling.injector.pushing
            or bool(self._queue)
        )

    @property
    def may_hurry(self) -> bool:
        """Whether needle, pedal and cement rest, so that a front end may let simulated time run fast."""
        return self.hand is None and self.pedal is None and self.next_flow_ms is None

    @property
    def at_rest(self) -> bool:
        """Whether nothing moves, flows or is exposed: then time jumps."""
        return self.may_hurry and self.motion is None

    def _advance(self, limit_ms: int) -> None:
        """To the next thing that happens, at most to `limit_ms`."""
        timers = [limit_ms]
        if self._queue:
            timers.append(self._queue[0].ms)
        if self.motion is not None:
            timers.append(self.motion.ends_ms)
        if self.waits_ms > self.ms:
            timers.append(self.waits_ms)
        if self.pedal is not None:
            timers.append(pulse_ms(*self.pedal))
        if self.next_flow_ms is not None:
            timers.append(self.next_flow_ms)
        if self.hand is not None:
            timers.append(self.hand.began_ms + self.hand.act.ends_ms)
        if not self.at_rest:
            timers.append(self.ms - self.ms % SECOND_MS + SECOND_MS)
        until = max(min(timers), self.ms)
        met = False
        if self.hand is not None and until > self.ms:
            events, self.ms, met = self.trocar.run(self.hand.act, self.hand.began_ms, self.ms, until)
            self._events += events
        else:
            self.ms = until
        self._fire(met)

    def _fire(self, met: bool) -> None:
        """Everything that is due now, in a fixed order: hand, arm, pulse, flow, mark, controls."""
        moving = not self.at_rest
        if self.hand is not None and (met or self.ms >= self.hand.began_ms + self.hand.act.ends_ms):
            self.stop_hand()
        if self.motion is not None and self.ms >= self.motion.ends_ms:
            self.rest_pose, self.motion = self.motion.end, None
            self.emit("armed", pose=self.rest_pose)
        if self.pedal is not None and self.ms >= pulse_ms(*self.pedal):
            self.expose(single=False)
            self.pedal = (self.pedal[0], self.pedal[1] + 1)
        if self.next_flow_ms is not None and self.ms >= self.next_flow_ms:
            self._flow()
        if moving and self.ms % SECOND_MS == 0 and self.ms > self._marked_ms:
            self.marks.append((self.ms, self.state_hash()))
            self._marked_ms = self.ms
        self._take_due()

    def _take_due(self) -> None:
        while self._queue and self._queue[0].ms <= self.ms:
            apply(self, self._queue.pop(0))

    # ---- what goes on

    @property
    def pose(self) -> Pose:
        """Where the arm and table are now."""
        return self.rest_pose if self.motion is None else self.motion.at(self.ms)

    @property
    def bound(self) -> Pose:
        """Where arm and table are bound for; where they stand when they rest."""
        return self.rest_pose if self.motion is None else self.motion.end

    @property
    def held_pose(self) -> Pose:
        """The pose of the picture that is held on the screen; the arm's before the first."""
        return self.pose if self.last_exposure is None else self.last_exposure.pose

    def move_arm(self, target: Pose) -> None:
        """Arm and table set out for a pose from wherever they are."""
        self.rest_pose = self.pose
        self.motion = travel(self.ms, self.rest_pose, target)

    def start_hand(self, act: Act, then: str = "") -> None:
        """The hand begins; what it did before ends."""
        self.stop_hand()
        self.device_hand = None
        self.trocar.grip()
        self.hand = Running(act, self.ms, then)

    def stop_hand(self) -> None:
        """The hand rests: the grip is let go, what was moved is told."""
        if self.hand is None:
            return
        then, self.hand = self.hand.then, None
        if self.device_hand is None:
            self._events += self.trocar.flush(self.ms)
        if then:
            self.take_fresh(then)

    def follow(self, pose: TrocarPose, ms: int) -> None:
        """A device's next pose, reached within `ms`; the hold is not let go in between."""
        before = self.trocar.reading.pose
        held, stylet = self.device_hand, self.trocar.stylet
        if held is None:
            self.start_hand(to(before, pose, ms, stylet))
        else:
            self.hand = Running(to(held, pose, ms, stylet), self.ms)
        self.device_hand = pose

    def take_fresh(self, side: str) -> None:
        """Another trocar in the hand for a side, the old one is gone."""
        self.tracts += self.trocar.tracts
        samples = self.trocar.samples
        self.trocar = Trocar(self.field, self.bones, self.patient.bone_volume_fraction)
        self.trocar.samples = samples
        self.device_hand = None
        self.filling.fresh_cannula()
        self.emit("side", side=side)

    def take_over(self, side: str, line: TrocarPose, embedded_mm: float) -> bool:
        """Begins with a trocar that a colleague has set; whether bone holds it. Only before the first control."""
        self.take_fresh(side)
        set_in = self.trocar.set_in(line, embedded_mm)
        if set_in is not None:
            self._events.append(set_in)
        return set_in is not None

    def start_flow(self) -> None:
        """The injector works in steps from now, if it has anything to do."""
        if self.next_flow_ms is None and self.filling.injector.running:
            self.next_flow_ms = self.ms + STEP_MS

    def expose(self, single: bool) -> None:
        """One pulse now."""
        self._events += self.trocar.flush(self.ms)
        pose, needle = self.pose, self.trocar.needle()
        technique = self._brightness.technique(pose)
        self.dose.add(pose, technique, single)
        cement = self.last_exposure.cement if self.last_exposure is not None else None
        filled = self.filling.cement
        if filled is not None and (cement is None or self._cement_trace != filled.trace):
            cement, self._cement_trace = filled.grid(), filled.trace
        self.last_exposure = Snapshot(
            self.ms / 1000.0, pose, technique, None if needle is None else needle.pose, self.trocar.stylet, cement
        )
        self.emit("exposed", pose=pose, pulse=self.dose.pulses, kvp=technique.kvp, mas=technique.mas, single=single)

    def _flow(self) -> None:
        """0.1 s of cement."""
        injector = self.filling.injector
        placed = self.filling.advance(self.ms, self.trocar.reading.pose, self.tracts + self.trocar.tracts)
        self.emit("flowed", **self.filling.told(self.ms, placed * 1000.0 / STEP_MS, self.pose))
        self.next_flow_ms = self.ms + STEP_MS if injector.running else None

    def state_hash(self) -> str:
        """16 hex digits of what moves, flows or waits.

        In it: time; arm and table, and where they are bound for; the trocar's mechanics, stylet and presence; the act of the hand
        by its kind and end; what a device is followed at; pump, cannula, what flowed, the time of mixing; dose; pedal; waiting;
        whether it ended. Not in it: patient and seed; cement voxel by voxel (its volume and last change are); controls that
        are due later; poses of a device that were refused.
        """
        filling, dose, motion, running, followed = self.filling, self.dose, self.motion, self.hand, self.device.followed
        digest = hashlib.blake2b(digest_size=8)
        digest.update(self.trocar.state.tobytes())
        digest.update(b"" if followed is None else followed.tobytes())
        digest.update(b"" if running is None else f"{running.act.how} {running.then}".encode())
        figures = [float(self.ms), float(self.waits_ms), float(self.finished)]
        for pose in (self.pose, self.rest_pose if motion is None else motion.end):
            figures += [pose.orbital, pose.tilt, pose.swivel, *pose.isocentre]
        figures += [-1.0, -1.0] if self.pedal is None else map(float, self.pedal)
        figures += [
            -1.0 if motion is None else float(motion.ends_ms),
            -1.0 if running is None else float(running.began_ms + running.act.ends_ms),
            -1.0 if self.next_flow_ms is None else float(self.next_flow_ms),
            -1.0 if filling.mixed_ms is None else float(filling.mixed_ms),
            *(filling.injector.asked_ml_s, filling.injector.flow_ml_s, filling.injector.cannula_ml),
            *(float(filling.injector.pushing), filling.volume_ml, float(filling.cement.trace if filling.cement else 0)),
            *(float(dose.pulses), dose.kerma_mgy, float(self.trocar.stylet), float(self.trocar.used)),
        ]
        digest.update(struct.pack(f"<{len(figures)}d", *figures))
        return digest.hexdigest()

    def readout(self) -> dict[str, Any]:
        """What screens and operators may read: no coordinate among it. Units are in the names."""
        reading, filling, pose = self.trocar.reading, self.filling, self.pose
        return {
            "t_s": self.ms / 1000.0,
            "skin_mm": reading.skin_mm if self.trocar.used else 0.0,
            "depth_mm": reading.depth_mm if self.trocar.used else 0.0,
            "embedded": self.trocar.used and reading.embedded,
            "contact": self.trocar.used and reading.bone >= 0,
            "force_n": reading.force_n if self.trocar.used else 0.0,
            "stylet": self.trocar.stylet,
            "pulses": self.dose.pulses,
            "fluoroscopy_s": self.dose.fluoroscopy_s,
            "kerma_mgy": self.dose.kerma_mgy,
            "kap_gy_cm2": self.dose.kap_gy_cm2,
            "cement_s": filling.since_mixing_s(self.ms),
            "sample": filling.word(self.ms),
            "injected_ml": filling.volume_ml,
            "pressure_kpa": filling.injector.pressure_kpa,
            "orbital": pose.orbital,
            "tilt": pose.tilt,
            "swivel": pose.swivel,
        }
