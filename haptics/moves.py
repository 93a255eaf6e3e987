"""How a hand moves the trocar in one tick, by what holds it: soft tissue, the surface of bone, bone.

In and out: the state (changed in place), the hand (11,), cleaned: a POSE whose stylet is
the share of the section that meets tissue; scratch w (6, 11). mm, N, 1 ms.
Along the axis the grip is a spring; the tip moves only by what its force has above the resistance. What the tip is in after
the move is decided in haptics/tick.py.
"""

import numpy as np
from numpy.typing import NDArray

from haptics import resistance, surroundings
from haptics.layout import (
    AXIS,
    CUT,
    DISTANCE,
    FORCE,
    GRIP,
    HAND,
    HELD,
    HOLD,
    LATERAL,
    LOCK,
    MODE,
    PIVOT,
    PULL,
    REACHED,
    REST,
    ROLL,
    SCREW,
    SKIN,
    SOFT,
    STYLET,
    TECHNIQUE,
)
from haptics.resistance import BONE_FRICTION_N_MM, FORCE_MOST_N, GRIP_N_MM, LENGTH_MM, RADIUS_MM
from haptics.surroundings import dot
from models.compiled import compiled
from models.field import Field, nearest_bone

Array = NDArray[np.float64]

SECONDS = 0.001
STRIDE_MM = 0.5  # most that the tip moves in a tick inside the patient
TURN_RATE = 0.02  # most change of the axis in a tick in soft tissue (rad); only met when leaving bone askew


@compiled
def roll_to(s: Array, source: Array, cos: float, sin: float) -> None:
    """Sets the state's roll to `source` (3,) turned about the state's axis (right hand rule), square to it."""
    a = s[AXIS:]
    x = a[1] * source[2] - a[2] * source[1]
    y = a[2] * source[0] - a[0] * source[2]
    z = a[0] * source[1] - a[1] * source[0]
    before = s[ROLL], s[ROLL + 1], s[ROLL + 2]
    for i in range(3):
        s[ROLL + i] = cos * source[i]
    s[ROLL] += sin * x
    s[ROLL + 1] += sin * y
    s[ROLL + 2] += sin * z
    if not squared(s):
        s[ROLL], s[ROLL + 1], s[ROLL + 2] = before


@compiled
def squared(frame: Array) -> bool:
    """Makes the roll of a frame (tip, axis, roll) unit and square to its axis; False where it has none."""
    along = dot(frame[ROLL:], frame[AXIS:])
    for i in range(3):
        frame[ROLL + i] -= along * frame[AXIS + i]
    length = np.sqrt(dot(frame[ROLL:], frame[ROLL:]))
    if length < 1e-6:
        return False
    for i in range(3):
        frame[ROLL + i] /= length
    return True


@compiled
def point(s: Array, q: Array) -> None:
    """Writes the sharp end of the bevel into q."""
    for i in range(3):
        q[i] = s[i] + RADIUS_MM * s[ROLL + i]


@compiled
def _axial(s: Array, x: float, technique: float, feed: float, viscous: float) -> float:
    """mm moved along the axis this tick, against the state's HOLD and CUT: x is the grip's deflection, feed mm/s of the hand."""
    held, cut = s[HOLD], s[CUT]
    force = min(max(GRIP_N_MM * x, -FORCE_MOST_N), FORCE_MOST_N)
    if force < 0.0:
        return -min(resistance.advance(-force, resistance.WITHDRAWAL * held, viscous, SECONDS), STRIDE_MM)
    if technique == PULL:
        return 0.0
    if technique == SCREW:
        move = resistance.advance(force, resistance.SCREW_SHARE * (held + cut), viscous, SECONDS)
        return min(move, resistance.screw_limit(feed) * SECONDS if s[MODE] != SOFT else STRIDE_MM)
    return min(resistance.advance(force, held + cut, viscous, SECONDS), STRIDE_MM)


@compiled
def felt(s: Array, x: float) -> None:
    s[HAND] = x
    s[FORCE] = min(max(GRIP_N_MM * x, -FORCE_MOST_N), FORCE_MOST_N)


@compiled
def _push_aside(s: Array, y: Array, stiffness: float) -> None:
    """Adds stiffness * y to the lateral force, y (3,) the way the shaft is pulled; bounded."""
    size = stiffness * np.sqrt(dot(y, y))
    share = stiffness * min(1.0, resistance.LATERAL_MOST_N / max(size, 1e-9))
    for i in range(3):
        s[LATERAL + i] += share * y[i]


@compiled
def _tract(s: Array, hand: Array, y: Array) -> None:
    """Soft tissue pulls the shaft back to where it passes the skin."""
    a = hand[AXIS:]
    along = 0.0
    for i in range(3):
        along += (s[PIVOT + i] - hand[i]) * a[i]
    for i in range(3):
        y[i] = s[PIVOT + i] - hand[i] - along * a[i]
    _push_aside(s, y, resistance.TRACT_N_MM)


@compiled
def _follow_axis(s: Array, hand: Array) -> None:
    """Outside bone the shaft turns with the hand."""
    turn = 0.0
    for i in range(3):
        turn += (hand[AXIS + i] - s[AXIS + i]) ** 2
    share = min(1.0, TURN_RATE / max(np.sqrt(turn), 1e-12))
    for i in range(3):
        s[AXIS + i] += share * (hand[AXIS + i] - s[AXIS + i])
    length = np.sqrt(dot(s[AXIS:], s[AXIS:]))
    for i in range(3):
        s[AXIS + i] = s[AXIS + i] / length if length > 1e-6 else hand[AXIS + i]


@compiled
def _errors(s: Array, hand: Array, y: Array) -> float:
    """Axial deflection x (returned) and sideways error of the hand's tip against the trocar's (into y)."""
    x = 0.0
    for i in range(3):
        y[i] = hand[i] - s[i]
    x = dot(y, s[AXIS:])
    for i in range(3):
        y[i] -= x * s[AXIS + i]
    return float(x + s[GRIP])


@compiled
def in_soft(s: Array, hand: Array, bvf: float, field: Field, w: Array) -> None:
    """In soft tissue: sideways with the hand, along the axis against skin, fat, fascia, muscle; never jumps into bone."""
    technique = hand[TECHNIQUE]
    _follow_axis(s, hand)
    y = w[2]
    x = _errors(s, hand, y)
    s[CUT] = hand[STYLET] * surroundings.cutting(field, s, bvf, w)
    s[HOLD] = resistance.shaft_friction(0.0, s[SKIN], bvf)
    move = _axial(s, x, technique, 0.0, resistance.VISCOUS_SOFT)
    aside = np.sqrt(dot(y, y))
    share = min(1.0, STRIDE_MM / max(aside, 1e-12))
    total = np.sqrt(move * move + (share * aside) ** 2)
    if move > 0.0 or share * aside > 0.0:  # the distance to bone bounds the step, so that thin bone is never jumped
        room = min(1.0, max(s[DISTANCE], 0.02) / max(total, 1e-12))
        if move > 0.0:
            move *= room
        share *= room
    for i in range(3):
        s[i] += move * s[AXIS + i] + share * y[i]
    felt(s, x - move)
    _tract(s, hand, y)


@compiled
def _slide(s: Array, x: float, hold: float, field: Field, w: Array) -> None:
    """Skid: moves the tip along the surface where the hand's pull along it exceeds the foothold."""
    y, t, normal, across = w[2], w[3], w[4], resistance.GRIP_ACROSS_N_MM
    pressed = 0.0
    for i in range(3):
        t[i] = GRIP_N_MM * max(x, 0.0) * s[AXIS + i] + across * y[i]
    pressed = dot(t, normal)
    for i in range(3):
        t[i] -= pressed * normal[i]
    pull = np.sqrt(dot(t, t))
    if pull <= hold:
        return
    lean = dot(t, s[AXIS:]) / pull
    stiff = GRIP_N_MM * lean * lean + across * (1.0 - lean * lean)
    move = min(SECONDS * (pull - hold) / (resistance.VISCOUS_BONE + stiff * SECONDS), 0.3)
    before = s[DISTANCE]
    for i in range(3):
        s[i] += move * t[i] / pull
    point(s, w[0])
    after = nearest_bone(field, w[0])[1]
    if after < before:  # the surface rises toward the tip: stay as deep as it was
        for i in range(3):
            s[i] += (before - after) * normal[i]


@compiled
def on_bone(s: Array, hand: Array, bvf: float, field: Field, w: Array) -> None:
    """On bone: the shaft pivots about the tip, which skids, bites or comes away."""
    technique = hand[TECHNIQUE]
    _follow_axis(s, hand)
    y, normal = w[2], w[4]
    x = _errors(s, hand, y)
    if technique == REST and x > 0.0:
        s[GRIP] -= x
        x = 0.0
    point(s, w[0])
    surroundings.outward(field, w[0], normal, w[1])
    across = resistance.GRIP_ACROSS_N_MM
    pressed = -(GRIP_N_MM * x * dot(s[AXIS:], normal) + across * dot(y, normal))
    depth = max(0.0, -s[DISTANCE])
    if pressed <= 0.0 and depth < 0.1:  # pulled off: with the hand, freely
        share = STRIDE_MM / max(STRIDE_MM, np.sqrt(x * x + dot(y, y)))
        for i in range(3):
            s[i] += share * (x * s[AXIS + i] + y[i])
        x -= share * x
        s[CUT] = 0.0
    else:
        hold = resistance.foothold(max(pressed, 0.0), depth, technique == SCREW) if s[DISTANCE] < 0.05 else 0.0
        _slide(s, x, hold, field, w)
        x = _errors(s, hand, y)
        s[CUT] = hand[STYLET] * surroundings.cutting(field, s, bvf, w)
        s[HOLD] = resistance.shaft_friction(0.0, s[SKIN], bvf) + BONE_FRICTION_N_MM * depth
        move = _axial(s, x, technique, 0.0, resistance.VISCOUS_BONE)
        for i in range(3):
            s[i] += move * s[AXIS + i]
        x -= move
    _errors(s, hand, y)
    felt(s, x)
    for i in range(3):
        y[i] = -y[i]
    _push_aside(s, y, across)
    _tract(s, hand, y)


@compiled
def in_bone(s: Array, hand: Array, bvf: float, field: Field, w: Array) -> None:
    """Held by bone: along the axis only; the hub bends sideways."""
    technique = hand[TECHNIQUE]
    y = w[2]
    x = _errors(s, hand, y)
    if technique == REST:
        s[GRIP] -= x
        x = 0.0
    made = 0.0
    for i in range(3):
        made += (s[i] - s[LOCK + i]) * s[AXIS + i]
    fresh = min(max(1.0 - (s[REACHED] - made) / 0.2, 0.0), 1.0)  # nothing to cut where the hole is made
    s[CUT] = fresh * hand[STYLET] * surroundings.cutting(field, s, bvf, w)
    s[HOLD] = resistance.shaft_friction(s[HELD], max(s[SKIN] - made, 0.0), bvf)
    feed = max(x - s[HAND], 0.0) / SECONDS
    move = _axial(s, x, technique, feed, resistance.VISCOUS_BONE)
    for i in range(3):
        s[i] += move * s[AXIS + i]
    felt(s, x - move)
    for i in range(3):
        y[i] = s[i] - hand[i] - LENGTH_MM * (s[AXIS + i] - hand[AXIS + i])
    along = dot(y, s[AXIS:])
    for i in range(3):
        y[i] -= along * s[AXIS + i]
    _push_aside(s, y, resistance.lever_stiffness())
