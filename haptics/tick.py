"""One millisecond of a trocar in a patient: state and the hand's pose in, new state out. Compiled, pure.

In: STATE (SIZE,), POSE (11,), `models.field.Field`, bone volume fraction of the patient. Patient frame, mm, N.
Along the axis an elastic grip pushes a tip that moves only where the force exceeds what tissue resists (haptics/resistance.py),
so what is spent is never given back. The shaft is straight, in bone too. Only the bevel's face meets tissue, and only the
point finds bone. Device limits are in haptics/safety.py; a pose that is not finite or has no axis leaves the state as it is.
"""

import numpy as np
from numpy.typing import NDArray

from haptics import moves, resistance, surroundings
from haptics.layout import (
    AXIS,
    BONE,
    CONTACT,
    CUT,
    DEEPEST,
    DEPTH,
    DISTANCE,
    EMBEDDED,
    ENTRY,
    FORCE,
    FREE,
    GRIP,
    HAND,
    HELD,
    HOLD,
    LATERAL,
    LOCK,
    LOCK_BONE,
    MODE,
    PIVOT,
    POSE_SIZE,
    PULL,
    PUSH,
    REACHED,
    REGRIP,
    REST,
    ROLL,
    ROLL_COS,
    ROLL_SIN,
    SCREW,
    SIZE,
    SKIN,
    SOFT,
    STARTED,
    STYLET,
    TECHNIQUE,
    TIP,
    TISSUE,
    initial,
)
from haptics.resistance import BITE_MM, RADIUS_MM
from haptics.surroundings import dot
from models.compiled import compiled
from models.field import Field, nearest_bone, skin_distance, tissue_at

__all__ = [
    "AXIS",
    "BONE",
    "CONTACT",
    "CUT",
    "DEEPEST",
    "DEPTH",
    "DISTANCE",
    "EMBEDDED",
    "ENTRY",
    "FORCE",
    "FREE",
    "GRIP",
    "HAND",
    "HELD",
    "HOLD",
    "LATERAL",
    "LOCK",
    "LOCK_BONE",
    "MODE",
    "PIVOT",
    "POSE_SIZE",
    "PULL",
    "PUSH",
    "REACHED",
    "REGRIP",
    "REST",
    "ROLL",
    "ROLL_COS",
    "ROLL_SIN",
    "SCREW",
    "SIZE",
    "SKIN",
    "SOFT",
    "STARTED",
    "STYLET",
    "TECHNIQUE",
    "TIP",
    "TISSUE",
    "initial",
    "run",
    "tap",
    "tick",
    "turn",
]

Array = NDArray[np.float64]

LET_GO_MM = 0.3  # the point is off the bone from this distance
ELSEWHERE_MM = 1.0  # an entry nearer than this to the last one keeps its hole


@compiled
def _cleaned(pose: Array, hand: Array) -> bool:
    """Writes the pose with unit axis, unit roll across it and what the stylet leaves of the section; False for no pose."""
    for i in range(POSE_SIZE):
        if not np.isfinite(pose[i]) or abs(pose[i]) > 1.0e5:
            return False
    length = np.sqrt(dot(pose[AXIS:], pose[AXIS:]))
    if length < 1e-6:
        return False
    for i in range(3):
        hand[i] = pose[i]
        hand[AXIS + i] = pose[AXIS + i] / length
        hand[ROLL + i] = pose[ROLL + i]
    hand[TECHNIQUE] = np.floor(min(max(pose[TECHNIQUE], 0.0), 3.0))
    hand[STYLET] = 1.0 if pose[STYLET] > 0.5 else resistance.OPEN_SHARE
    return moves.squared(hand)


@compiled
def _regrip(s: Array, hand: Array) -> None:
    """Takes hold where the hand is: no axial force, roll kept."""
    along = 0.0
    for i in range(3):
        along += (hand[i] - s[i]) * s[AXIS + i]
    s[GRIP] = -along
    a, h, r = s[AXIS:], hand[ROLL:], s[ROLL:]
    cos = dot(h, r)
    sin = (h[1] * r[2] - h[2] * r[1]) * a[0] + (h[2] * r[0] - h[0] * r[2]) * a[1] + (h[0] * r[1] - h[1] * r[0]) * a[2]
    length = np.sqrt(cos * cos + sin * sin)
    if length > 1e-6:
        s[ROLL_COS], s[ROLL_SIN] = cos / length, sin / length
    s[REGRIP] = 0.0


@compiled
def _lock(s: Array, field: Field, w: Array) -> None:
    """Bone takes hold: the axis is fixed from here, the entry is where the path crossed the outer cortex."""
    moves.point(s, w[0])
    back = surroundings.bone_along(field, w[0], s[AXIS:], 150.0, w[1])
    bone, _ = nearest_bone(field, w[0])
    apart = 0.0
    for i in range(3):
        w[1, i] = w[0, i] - back * s[AXIS + i]
        apart += (w[1, i] - s[LOCK + i]) ** 2
    if apart > ELSEWHERE_MM**2 or bone != s[LOCK_BONE]:
        s[REACHED] = back
        s[DEEPEST] = 0.0
    for i in range(3):
        s[ENTRY + i] = w[1, i]
        s[LOCK + i] = w[1, i]
    s[BONE] = bone
    s[LOCK_BONE] = bone
    s[MODE] = EMBEDDED
    s[HELD] = back


@compiled
def _place(s: Array, hand: Array, field: Field, w: Array) -> None:
    """First tick: the trocar is where the pose is, held if that is in bone."""
    for i in range(9):
        s[i] = hand[i]
    s[STARTED] = 1.0
    moves.point(s, w[0])
    if skin_distance(field, w[0]) >= 0.0:
        s[MODE] = FREE
        return
    s[MODE] = SOFT
    s[SKIN] = surroundings.skin_along(field, w[0], s[AXIS:], 0.0, w[1])
    for i in range(3):
        s[PIVOT + i] = w[0, i] - s[SKIN] * s[AXIS + i]
    if nearest_bone(field, w[0])[1] < 0.0:
        _lock(s, field, w)


@compiled
def _settle(s: Array, field: Field, w: Array) -> None:
    """What the moved trocar is in now: mode, depth, tissue, skin."""
    moves.point(s, w[0])
    tissue, bone, distance = tissue_at(field, w[0])
    s[TISSUE] = tissue
    s[DISTANCE] = distance
    if s[MODE] == SOFT and distance < 0.0:
        s[MODE] = CONTACT
    if s[MODE] == CONTACT:
        s[BONE] = bone
        s[DEPTH] = 0.0
        if distance >= LET_GO_MM:
            s[MODE] = SOFT
            s[BONE] = -1.0
        elif distance < 0.0:
            s[DEPTH] = surroundings.bone_along(field, w[0], s[AXIS:], 2.0 * BITE_MM, w[1])
            if s[DEPTH] >= BITE_MM and -distance > 0.3 * BITE_MM:
                _lock(s, field, w)
    if s[MODE] == EMBEDDED:
        _deepen(s, bone, distance)
    if s[MODE] == FREE:
        s[SKIN] = 0.0
        return
    s[SKIN] = surroundings.skin_along(field, w[0], s[AXIS:], s[SKIN], w[1])
    if s[MODE] == SOFT and skin_distance(field, w[0]) > 0.0:
        s[MODE] = FREE
        s[SKIN] = 0.0
        s[GRIP] = 0.0


@compiled
def _deepen(s: Array, bone: int, distance: float) -> None:
    """Depths of a held trocar; another bone entered on the way counts its own; out of the first: free of bone."""
    made, depth = 0.0, 0.0
    for i in range(3):
        made += (s[i] - s[LOCK + i]) * s[AXIS + i]
        depth += (s[i] - s[ENTRY + i]) * s[AXIS + i]
    if made <= 0.0:
        s[MODE] = SOFT
        s[DEPTH] = 0.0
        s[HELD] = 0.0
        s[BONE] = -1.0
        return
    if distance < 0.0 and bone >= 0 and bone != s[BONE] and depth > 0.0 and made >= s[REACHED]:
        for i in range(3):
            s[ENTRY + i] = s[i] + RADIUS_MM * s[ROLL + i]
        s[BONE] = bone
        s[DEEPEST] = 0.0
        depth = 0.0
    elif depth <= 0.0 and s[BONE] != s[LOCK_BONE]:
        for i in range(3):
            s[ENTRY + i] = s[LOCK + i]
        s[BONE] = s[LOCK_BONE]
        s[DEEPEST] = s[REACHED]
        depth = made
    s[DEPTH] = max(depth, 0.0)
    s[DEEPEST] = max(s[DEEPEST], s[DEPTH])
    s[REACHED] = max(s[REACHED], made)
    s[HELD] = made if distance < 0.0 else min(s[HELD], made)


@compiled
def _free(s: Array, hand: Array, field: Field, w: Array) -> None:
    """In air: where the hand is, up to the skin."""
    for i in range(3):
        w[2, i] = s[i]
        s[i] = hand[i]
        s[AXIS + i] = hand[AXIS + i]
    moves.roll_to(s, hand[ROLL:], s[ROLL_COS], s[ROLL_SIN])
    moves.felt(s, 0.0)
    s[CUT] = 0.0
    s[GRIP] = 0.0
    moves.point(s, w[0])
    if skin_distance(field, w[0]) > 0.0:
        return
    low, high = 0.0, 1.0  # share of this tick's way at which the point meets the skin
    for _ in range(20):
        middle = 0.5 * (low + high)
        for i in range(3):
            w[1, i] = w[2, i] + middle * (hand[i] - w[2, i]) + RADIUS_MM * s[ROLL + i]
        if skin_distance(field, w[1]) > 0.0:
            low = middle
        else:
            high = middle
    for i in range(3):
        s[i] = w[2, i] + high * (hand[i] - w[2, i])
        s[PIVOT + i] = s[i] + RADIUS_MM * s[ROLL + i]
    s[MODE] = SOFT


@compiled
def _step(s: Array, pose: Array, field: Field, bvf: float, w: Array) -> None:
    """A tick in place; w (6, 11) is scratch."""
    hand = w[5]
    if not _cleaned(pose, hand):
        return
    for i in range(3):
        s[LATERAL + i] = 0.0
    if s[STARTED] == 0.0:
        _place(s, hand, field, w)
    if s[REGRIP] > 0.0:
        _regrip(s, hand)
    if s[MODE] != FREE:
        moves.roll_to(s, hand[ROLL:], s[ROLL_COS], s[ROLL_SIN])
    if s[MODE] == FREE:
        _free(s, hand, field, w)
    elif s[MODE] == EMBEDDED:
        moves.in_bone(s, hand, bvf, field, w)
    elif s[MODE] == CONTACT:
        moves.on_bone(s, hand, bvf, field, w)
    else:
        moves.in_soft(s, hand, bvf, field, w)
    _settle(s, field, w)


@compiled
def tick(state: Array, pose: Array, field: Field, bone_volume_fraction: float) -> Array:
    """The state after 1 ms with the hand at `pose` (11,)."""
    s = state.copy()
    _step(s, pose, field, bone_volume_fraction, np.zeros((6, POSE_SIZE)))
    return s


@compiled
def run(state: Array, poses: Array, field: Field, bone_volume_fraction: float) -> Array:
    """(N, SIZE): row i is the state after tick i with poses (N, 11)."""
    s = state.copy()
    w = np.zeros((6, POSE_SIZE))
    states = np.empty((poses.shape[0], SIZE))
    for k in range(poses.shape[0]):
        _step(s, poses[k], field, bone_volume_fraction, w)
        states[k] = s
    return states


@compiled
def tap(state: Array, joules: float, field: Field, bone_volume_fraction: float) -> Array:
    """The state after a mallet blow: its energy becomes advance by work against the resistance met, step by step.

    The hand takes hold anew at the next tick. At most 30 mm a blow; a blow in air does nothing.
    """
    s = state.copy()
    if s[STARTED] == 0.0 or s[MODE] == FREE or not joules > 0.0:
        return s
    w = np.zeros((6, POSE_SIZE))
    left = min(joules, 10.0) * 1000.0  # N mm
    travelled, stride = 0.0, 0.01
    while left > 1e-9 and travelled < 30.0 and s[MODE] != FREE:
        made = 0.0
        for i in range(3):
            made += (s[i] - s[LOCK + i]) * s[AXIS + i]
        fresh = min(max(1.0 - (s[REACHED] - made) / 0.2, 0.0), 1.0) if s[MODE] == EMBEDDED else 1.0
        cut = fresh * surroundings.cutting(field, s, bone_volume_fraction, w)
        held = resistance.shaft_friction(s[HELD], max(s[SKIN] - s[HELD], 0.0), bone_volume_fraction)
        against = max(resistance.IMPACT * (cut + held), 0.5)
        move = min(stride, left / against)
        for i in range(3):
            s[i] += move * s[AXIS + i]
        left -= move * against
        travelled += move
        s[CUT] = cut
        _settle(s, field, w)
    s[REGRIP] = 1.0
    moves.felt(s, 0.0)
    return s


@compiled
def turn(state: Array, degrees: float) -> Array:
    """The state with the bevel turned about the axis (right hand rule: + is clockwise for the operator). The shaft stays.

    The hand takes hold anew at the next tick: the pose may keep its old roll or take the state's.
    """
    s = state.copy()
    moves.roll_to(s, state[ROLL : ROLL + 3], np.cos(np.radians(degrees)), np.sin(np.radians(degrees)))
    s[REGRIP] = 1.0
    return s
