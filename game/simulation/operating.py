"""What each control does to the clockwork. A control that makes no sense now has no effect but a 'noted' event that says why.

In: a Simulation and a Control. Out: nothing; acts, motions and events in the Simulation. Names: controls.py.
Not here: what follows in time (simulation.py), the hand's geometry (hand.py).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from game.simulation import hand
from game.simulation.arm import LIMITS_DEG
from game.simulation.controls import Control
from game.simulation.hand import FASTEST_MM_S, LONGEST_MM, PACE_MM_S
from game.simulation.viscosity import greatest_flow_ml_s
from haptics import tick as ticks
from haptics.resistance import FORCE_MOST_N
from haptics.stylus import packed
from models.carm import view
from models.dose import peak_skin_dose
from models.field import Field, skin_distance
from models.instruments import TROCAR, TrocarPose
from models.patient import Array

if TYPE_CHECKING:
    from game.simulation.simulation import Simulation

HANDLING_MS = {"aim": 1000, "mallet": 500, "bevel": 500, "twist": 500, "stylet": 1000, "side": 5000, "mix": 0}
"""How long a handling takes; assumed."""

DEVICE_MS = 10
"""A device's poses come a step apart (conventions)."""

WITHDRAW_MM_S = 40.0
"""Pace at which a trocar that is changed for another is taken out; assumed."""


class Refused(Exception):  # noqa: N818  (no error: an operator's act that has no effect)
    """Why a control has no effect."""


def apply(world: "Simulation", control: Control) -> None:
    """One control, now."""
    try:
        if world.finished:
            raise Refused(f"{control.name}: the procedure has ended")
        DOES[control.name](world, control.values)
    except Refused as refused:
        world.emit("noted", why=str(refused))


def _number(values: Mapping[str, Any], key: str, low: float, high: float, default: float | None = None) -> float:
    """A finite number within bounds, or Refused."""
    value = values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value):
        raise Refused(f"{key} = {value!r}: expected a number from {low:g} to {high:g}")
    if not low <= value <= high:
        raise Refused(f"{key} = {value:g}: expected a number from {low:g} to {high:g}")
    return float(value)


def _flag(values: Mapping[str, Any], key: str, default: bool | None = None) -> bool:
    value = values.get(key, default)
    if not isinstance(value, bool):
        raise Refused(f"{key} = {value!r}: expected true or false")
    return value


def _word(values: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
    value = values.get(key)
    if value not in known:
        raise Refused(f"{key} = {value!r}: expected one of {', '.join(known)}")
    return str(value)


def _held(world: "Simulation") -> TrocarPose:
    """The trocar in the hand, or Refused."""
    if not world.trocar.used:
        raise Refused("no trocar at the patient yet: aim first")
    return world.trocar.reading.pose


def _loose(world: "Simulation", what: str) -> TrocarPose:
    """The trocar when bone does not hold it, or Refused."""
    pose = _held(world)
    if world.trocar.mode == ticks.EMBEDDED:
        raise Refused(f"{what}: bone holds the trocar")
    return pose


def _takes(world: "Simulation", name: str) -> None:
    """The hand is busy for as long as a handling lasts."""
    world.waits_ms = max(world.waits_ms, world.ms + HANDLING_MS[name])


# ---- arm and table


def _arm(world: "Simulation", values: Mapping[str, Any]) -> None:
    bound = world.bound
    angles = {key: _number(values, key, low, high, getattr(bound, key)) for key, (low, high) in LIMITS_DEG.items()}
    world.move_arm(bound.turned(**angles))


def _table(world: "Simulation", values: Mapping[str, Any]) -> None:
    way = np.array([_number(values, key, -400.0, 400.0, 0.0) for key in ("left", "posterior", "superior")])
    x, y, z = (np.array(world.pose.isocentre) + way).tolist()
    world.move_arm(replace(world.bound, isocentre=(x, y, z)))


def _expose(world: "Simulation", values: Mapping[str, Any]) -> None:
    world.expose(single=True)


def _pedal(world: "Simulation", values: Mapping[str, Any]) -> None:
    if not _flag(values, "down"):
        world.pedal = None
    elif world.pedal is None:
        world.expose(single=False)
        world.pedal = (world.ms, 1)


def _store(world: "Simulation", values: Mapping[str, Any]) -> None:
    if world.last_exposure is None:
        raise Refused("store: no picture has been taken yet")
    world.reference = world.last_exposure


# ---- needle


def _side(world: "Simulation", values: Mapping[str, Any]) -> None:
    side = _word(values, "side", ("left", "right"))
    world.filling.injector.asked_ml_s = 0.0
    if world.trocar.used and world.trocar.mode != ticks.FREE:
        act = hand.along(world.trocar.reading.pose, "pull", LONGEST_MM, WITHDRAW_MM_S, world.trocar.stylet)
        act.until_free = True
        world.start_hand(act, then=side)
    else:
        world.stop_hand()
        world.take_fresh(side)
    _takes(world, "side")


def _aim(world: "Simulation", values: Mapping[str, Any]) -> None:
    column, row = _number(values, "column", -50.0, 561.0), _number(values, "row", -50.0, 561.0)
    if world.trocar.used and world.trocar.mode != ticks.FREE:
        raise Refused("aim: the trocar is in the patient; pull it out first")
    pose = hand.aimed(world.field, view(world.held_pose), column, row)
    if pose is None:
        raise Refused("aim: the beam through this pixel misses the patient")
    world.stop_hand()
    world.device_hand = None
    world.trocar.place(pose)
    _takes(world, "aim")


def _along(world: "Simulation", values: Mapping[str, Any], how: str) -> None:
    pose = _held(world)
    mm = _number(values, "mm", 0.0, LONGEST_MM)
    mm_s = _number(values, "mm_s", 0.01, FASTEST_MM_S, PACE_MM_S[how])
    act = hand.along(pose, how, mm, mm_s, world.trocar.stylet)
    if "most_n" in values:
        act.most_n = _number(values, "most_n", 0.0, FORCE_MOST_N)
    if mm > 0.0:
        world.start_hand(act)


def _rest(world: "Simulation", values: Mapping[str, Any]) -> None:
    world.stop_hand()


def _mallet(world: "Simulation", values: Mapping[str, Any]) -> None:
    _held(world)
    joules = _number(values, "joules", 0.0, 10.0)
    world.stop_hand()
    world.tell(world.trocar.tap(joules, world.ms))
    _takes(world, "mallet")


def _shift(world: "Simulation", values: Mapping[str, Any]) -> None:
    pose = _loose(world, "shift")
    right, cranial = (_number(values, key, -100.0, 100.0, 0.0) for key in ("right", "cranial"))
    outside = world.field if world.trocar.mode == ticks.FREE else None
    target = hand.shifted(pose, view(world.held_pose), right, cranial, outside)
    ms = round(1000.0 * float(np.linalg.norm(target.tip - pose.tip)) / PACE_MM_S["shift"])
    world.start_hand(hand.to(pose, target, ms, world.trocar.stylet))


def _lean(world: "Simulation", values: Mapping[str, Any]) -> None:
    pose = _loose(world, "lean")
    right, cranial = (_number(values, key, -80.0, 80.0, 0.0) for key in ("right", "cranial"))
    target = hand.leaned(pose, view(world.held_pose), right, cranial)
    ms = round(1000.0 * math.hypot(right, cranial) / hand.LEAN_DEG_S)
    world.start_hand(hand.to(pose, target, ms, world.trocar.stylet))


def _turn(world: "Simulation", degrees: float, outside: bool = False) -> None:
    world.stop_hand()
    world.tell(world.trocar.flush(world.ms))
    world.tell([world.trocar.turn(degrees, world.ms, outside)])


def _bevel(world: "Simulation", values: Mapping[str, Any]) -> None:
    pose = _held(world)
    degrees = hand.turn_to_clock(pose, view(world.held_pose), _number(values, "clock", -360.0, 360.0))
    if degrees is None:
        raise Refused("bevel: the trocar lies across the picture, so that its point has no clock there")
    _turn(world, degrees)
    _takes(world, "bevel")


def _twist(world: "Simulation", values: Mapping[str, Any]) -> None:
    _held(world)
    _turn(world, _number(values, "degrees", -720.0, 720.0))
    _takes(world, "twist")


def _stylet(world: "Simulation", values: Mapping[str, Any]) -> None:
    present = _flag(values, "present")
    turned = _flag(values, "turned", False)
    filling = world.filling
    if present and not world.trocar.stylet and filling.injector.cannula_ml > 0.0:
        if greatest_flow_ml_s(filling.viscosity(world.ms)) == 0.0:
            raise Refused("stylet: the cement in the cannula has set")
        filling.injector.asked_ml_s = 0.0
        filling.injector.pushing = True
        world.start_flow()
    world.trocar.stylet = present
    if turned and present and world.trocar.used:
        _turn(world, 180.0, outside=True)
    _takes(world, "stylet")
    world.emit("stylet", present=present)


def _pose(world: "Simulation", values: Mapping[str, Any]) -> None:
    """A device's pose. Of poses refused in a row only the first is noted."""
    noted = world.device.refusing
    try:
        _follow(world, _given(world, values))
    except Refused:
        world.device.refusing = True
        if not noted:
            raise


def _given(world: "Simulation", values: Mapping[str, Any]) -> Array:
    """(11,) what a device gave, as haptics/tick.py lays it out."""
    try:
        parts = [np.asarray(values.get(key), dtype=np.float64) for key in ("tip", "axis", "roll")]
    except (TypeError, ValueError):
        raise Refused("pose: expected three numbers each for tip, axis, roll") from None
    if any(part.shape != (3,) for part in parts):
        raise Refused("pose: expected three numbers each for tip, axis, roll")
    return np.concatenate([*parts, [float(ticks.PUSH), float(world.trocar.stylet)]])


def _follow(world: "Simulation", given: Array) -> None:
    """The trocar goes where the device is: from its last pose, or taken up anew; Refused where no hand can be there.

    In tissue a device is taken up only where the trocar is; free, only with all of the trocar outside the skin.
    """
    device, trocar = world.device, world.trocar
    free = not trocar.used or trocar.mode == ticks.FREE
    if world.device_hand is None:  # another act, or none, was the hand's last
        device.followed = None if free else packed(trocar.reading.pose, ticks.PUSH, trocar.stylet)
    why = device.offer(given, DEVICE_MS, free)
    if why is not None:
        raise Refused(f"pose: {why}")
    axis = given[3:6] / np.linalg.norm(given[3:6])
    roll = hand.square(axis, given[6:9] / np.linalg.norm(given[6:9]))
    pose = TrocarPose(given[:3], axis, roll)
    if device.followed is None:
        if not _outside(world.field, pose):
            raise Refused("pose: the trocar would be in the patient at once; take it up outside")
        world.stop_hand()
        world.trocar.place(pose)
        world.device_hand = pose
    else:
        world.follow(pose, DEVICE_MS)
    device.follow(given)


def _outside(field: Field, pose: TrocarPose) -> bool:
    """Whether point and shaft are outside the skin (the shaft each 5 mm)."""
    shaft = (pose.tip - mm * pose.axis for mm in np.arange(0.0, TROCAR.length_mm + 1.0, 5.0))
    return all(skin_distance(field, np.ascontiguousarray(at)) > 0.0 for at in (pose.point, *shaft))


# ---- cement


def _mix(world: "Simulation", values: Mapping[str, Any]) -> None:
    world.filling.mix(world.ms)
    world.emit("mixed")


def _inject(world: "Simulation", values: Mapping[str, Any]) -> None:
    asked = _number(values, "ml_s", 0.0, 1.0)
    if asked > 0.0:
        _held(world)
        if world.filling.mixed_ms is None:
            raise Refused("inject: no cement was mixed")
        if world.trocar.stylet:
            raise Refused("inject: the stylet is in the cannula")
    world.filling.injector.asked_ml_s = asked
    world.start_flow()


# ---- words


def _count(world: "Simulation", values: Mapping[str, Any]) -> None:
    world.emit("counted", level=str(values.get("level")))


def _wait(world: "Simulation", values: Mapping[str, Any]) -> None:
    world.waits_ms = max(world.waits_ms, world.ms + round(1000.0 * _number(values, "seconds", 0.0, 7200.0)))


def _decide(world: "Simulation", values: Mapping[str, Any]) -> None:
    world.emit("decided", choice=_word(values, "choice", ("treat", "refer", "decline")))


def _finish(world: "Simulation", values: Mapping[str, Any]) -> None:
    world.stop_hand()
    world.pedal = None
    world.filling.injector.asked_ml_s = 0.0
    world.finished = True
    world.emit("finished", peak_skin_mgy=peak_skin_dose(world.patient.skin_surface, world.dose.irradiations))


DOES: dict[str, Callable[["Simulation", Mapping[str, Any]], None]] = {
    "arm": _arm,
    "table": _table,
    "expose": _expose,
    "pedal": _pedal,
    "store": _store,
    "count": _count,
    "side": _side,
    "aim": _aim,
    "push": lambda world, values: _along(world, values, "push"),
    "screw": lambda world, values: _along(world, values, "screw"),
    "mallet": _mallet,
    "pull": lambda world, values: _along(world, values, "pull"),
    "shift": _shift,
    "lean": _lean,
    "rest": _rest,
    "bevel": _bevel,
    "twist": _twist,
    "stylet": _stylet,
    "mix": _mix,
    "inject": _inject,
    "wait": _wait,
    "pose": _pose,
    "decide": _decide,
    "finish": _finish,
}
