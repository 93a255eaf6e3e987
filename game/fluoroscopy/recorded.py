"""What a record's picture showed at a time: pose, technique, trocar and cement of its last pulse until then.

In: a Record, the scenario it should be of, seconds of simulated time; for the cement also the patient. Out: a Snapshot.
Pose, technique and trocar are read from the record; cement is not in it, so the controls are run again to that moment.
Not here: whether the replay is the same (game/records/replay.py), drawing (projector.py).
"""

import math

from game.procedure.beginning import begin
from game.procedure.scenarios import Scenario
from game.records.record import Record
from game.records.replay import described, scenario_of, seed_of
from game.simulation.events import Event
from game.simulation.simulation import Snapshot
from models.carm import Pose
from models.errors import InputError
from models.patient import Grid, Patient
from models.xray import Technique


def last_pulse(record: Record, scenario: Scenario, seconds: float) -> Event:
    """The last 'exposed' event at or before `seconds`. InputError: another scenario's record, no such time, no picture yet."""
    then, now = described(scenario_of(record)), described(scenario)
    other = [key for key in now if then.get(key) != now[key]]
    if other:
        raise InputError(
            f"{record.path}: a record of {then['name']}, not of this {scenario.name}: {', '.join(other)} differ"
        )
    last_s = record.end_ms / 1000.0
    if not (math.isfinite(seconds) and 0.0 <= seconds <= last_s):
        raise InputError(f"--at {seconds:g}: expected 0 to {last_s:g} s, the length of {record.path}")
    pulses = [event for event in record.events if event.kind == "exposed"]
    shown = [event for event in pulses if event.t <= seconds]
    if not shown:
        first = f"the first is at {pulses[0].t:g} s" if pulses else "there is none in it"
        raise InputError(f"--at {seconds:g}: no picture of {record.path} until then, {first}")
    return shown[-1]


def snapshot(record: Record, patient: Patient, pulse: Event) -> Snapshot:
    """Everything that a picture of that pulse needs."""
    try:
        values, needle = pulse.values, pulse.needle
        angles = {name: float(values["pose"][name]) for name in ("orbital", "tilt", "swivel")}
        x, y, z = (float(value) for value in values["pose"]["isocentre"])
        technique = Technique(float(values["kvp"]), float(values["mas"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{record.path}: the picture at {pulse.t:g} s lacks something ({error})") from None
    return Snapshot(
        t=pulse.t,
        pose=Pose(**angles, isocentre=(x, y, z)),
        technique=technique,
        needle=None if needle is None else needle.pose,
        stylet=needle is None or needle.stylet,
        cement=_cement(record, patient, round(1000 * pulse.t)),
    )


def _cement(record: Record, patient: Patient, until_ms: int) -> Grid | None:
    """Cement at that moment; None, without running anything, where none has flowed by then."""
    if not any(event.kind == "flowed" and round(1000 * event.t) <= until_ms for event in record.events):
        return None
    simulation = begin(scenario_of(record), patient, seed_of(record))
    try:
        for control in record.controls:
            if control.ms > until_ms:
                break
            simulation.step(control.ms)
            simulation.put(control)
        simulation.step(until_ms)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{record.path}: its controls cannot be run again ({error})") from None
    shown = simulation.last_exposure
    return None if shown is None else shown.cement
