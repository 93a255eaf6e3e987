"""How a pose and the trocar's state are laid out in flat arrays. Patient frame, mm, N.

POSE (11,): what a hand does. STATE (SIZE,): what the trocar is, one row of a record. Names are indices; where three numbers
belong together the name is the first. Everything here is also to be had from haptics/tick.py.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# POSE and STATE begin alike: tip, axis, roll
TIP, AXIS, ROLL = 0, 3, 6  # first of three each: centre of the tip; unit, forward; unit, to the bevel's point
TECHNIQUE, STYLET, POSE_SIZE = 9, 10, 11  # POSE only; stylet 1 present, 0 out
REST, PUSH, SCREW, PULL = 0, 1, 2, 3  # techniques: REST lets go (in bone the trocar stays), PULL never advances

MODE = 9
FREE, SOFT, CONTACT, EMBEDDED = 0, 1, 2, 3
DEPTH = 10  # mm, embedding: outer cortex to the point along the path; 0 when not in bone
SKIN = 11  # mm, skin to the point along the axis; 0 outside
FORCE = 12  # N felt along the axis, + pushes out of the patient
LATERAL = 13  # 3: N felt across the axis; at the hub when embedded, at the tip in contact, at the skin in soft tissue
TISSUE = 16  # code of the point (models.tissue.Tissue)
BONE = 17  # index of the bone at the point or holding the trocar, -1 none
DEEPEST = 18  # mm, greatest DEPTH since this bone was entered; kept after withdrawal
ENTRY = 19  # 3: where the point went in through the outer cortex
HAND = 22  # mm, axial deflection of the grip: hand ahead of the trocar
GRIP = 23  # mm, where along the shaft the hand holds it, against the first hold
ROLL_COS, ROLL_SIN = 24, 25  # the same about the axis
REGRIP = 26  # 1: the hand takes hold anew at the next tick, wherever its pose is
STARTED = 27  # 0 before the first tick
PIVOT = 28  # 3: where the skin was punctured
LOCK = 31  # 3: first entry of the shaft into bone, which holds the axis (ENTRY may be a later bone's)
LOCK_BONE = 34
REACHED = 35  # mm from LOCK: the hole is made as far as here
HELD = 36  # mm of the shaft in bone
DISTANCE = 37  # mm, signed, point to nearest bone
CUT = 38  # N, resistance at the tip to pushing, for pictures and tests
HOLD = 39  # N, friction of the shaft
SIZE = 40


def initial() -> Array:
    """(SIZE,) a trocar that has not been seen yet: the first tick puts it where the pose is."""
    state = np.zeros(SIZE)
    state[[AXIS + 1, ROLL + 2]] = -1.0, 1.0
    state[[BONE, LOCK_BONE]] = -1.0
    state[ROLL_COS] = 1.0
    state[DISTANCE] = 1.0e3
    return state
