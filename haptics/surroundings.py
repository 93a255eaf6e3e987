"""What the trocar's tip is in, ahead of, and how deep: look-ups along its face and axis.

In: `models.field.Field`, tip, axis, roll as (3,) in the patient frame, mm; `q`, `w` are scratch. Out: N, mm, unit vectors.
Only the face of the bevel meets tissue here: the side of the shaft slides past bone (docs: touch is at the tip).
"""

import numpy as np
from numpy.typing import NDArray

from haptics import resistance
from haptics.resistance import BEVEL_MM, RADIUS_MM
from models.compiled import compiled
from models.field import (
    Field,
    canal_distance,
    nearest_bone,
    region_at,
    region_distance,
    skin_distance,
    wall_and_density,
)

Array = NDArray[np.float64]

PARTS = 6
"""Segments of the face from point to heel; within one, distance is taken as linear, so thin walls are not missed."""


def _chords() -> tuple[float, ...]:
    """Shares of a disc's area in PARTS equal slices: the face's ellipse has the same."""
    edge = np.linspace(-1.0, 1.0, PARTS + 1)
    area = (edge * np.sqrt(1 - edge**2) + np.arcsin(edge)) / np.pi
    return tuple(float(a) for a in np.diff(area))


CHORDS = _chords()
NEAR_MM = float(np.hypot(BEVEL_MM, 2 * RADIUS_MM)) + 0.5
"""No part of the face can be in bone when the point is farther from it than this."""


@compiled
def dot(a: Array, b: Array) -> float:
    """Scalar product of two (3,)."""
    return float(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


@compiled
def overlap(a: float, b: float, low: float, high: float) -> float:
    """Fraction of a segment, along which a value goes linearly from a to b, where the value lies between low and high."""
    if abs(b - a) < 1e-12:
        return 1.0 if low < a <= high else 0.0
    return abs(min(max(b, low), high) - min(max(a, low), high)) / abs(b - a)


@compiled
def gap_ahead(field: Field, point: Array, axis: Array, inner: float, wall: float) -> float:
    """mm from a point in cancellous bone along the axis to the inside of the next cortex; the plug's reach where none is near.

    inner: signed distance to the inner surface [mm], negative in cancellous bone.
    """
    reach, before = resistance.PLUG_REACH_MM, inner
    q = np.empty(3)
    if before <= -reach:
        return reach
    steps = 6
    for k in range(1, steps + 1):
        t = reach * k / steps
        for i in range(3):
            q[i] = point[i] + t * axis[i]
        after = nearest_bone(field, q)[1] + wall
        if after > 0.0:
            return reach * (k - 1 + before / (before - after)) / steps
        before = after
    return reach


@compiled
def cutting(field: Field, frame: Array, bone_volume_fraction: float, w: Array) -> float:
    """N that tissue at the bevel's face sets against advance by pushing, stylet in. frame: tip, axis, roll end to end."""
    tip, axis, roll, q, r = frame, frame[3:], frame[6:], w[0], w[1]
    for i in range(3):
        q[i] = tip[i] + RADIUS_MM * roll[i]
    bone, first = nearest_bone(field, q)
    below_point = -skin_distance(field, q)
    canal = below_point > 20.0 and canal_distance(field, q) < 0.0
    wall, density, wall_heel = 0.0, 1.0, 0.0
    near = bone >= 0 and first < NEAR_MM
    if near:
        wall, density = wall_and_density(field, bone, q)
    for i in range(3):
        r[i] = tip[i] - RADIUS_MM * roll[i] - BEVEL_MM * axis[i]
    below_heel = -skin_distance(field, r)
    if near:
        wall_heel = wall_and_density(field, bone, r)[0]
    in_cortex, in_cancellous, skin, fat, fascia, muscle = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    d0, e0, b0 = first, first + wall, below_point
    for part in range(PARTS):
        u = (part + 1.0) / PARTS
        d1, e1, b1 = d0, e0, below_point + u * (below_heel - below_point)
        if near:
            for i in range(3):
                r[i] = tip[i] + RADIUS_MM * (1.0 - 2.0 * u) * roll[i] - u * BEVEL_MM * axis[i]
            d1 = nearest_bone(field, r)[1]
            e1 = d1 + wall + u * (wall_heel - wall)
        solid, spongy = 0.0, 0.0
        if near:
            solid = overlap(d0, d1, -1e9, 0.0)
            spongy = min(overlap(e0, e1, -1e9, 0.0), solid)
        in_cancellous += CHORDS[part] * spongy
        in_cortex += CHORDS[part] * (solid - spongy)
        outside = CHORDS[part] * (1.0 - solid)
        skin += outside * overlap(b0, b1, 0.0, field.layers[0])
        fat += outside * overlap(b0, b1, field.layers[0], field.layers[1])
        fascia += outside * overlap(b0, b1, field.layers[1], field.layers[2])
        muscle += outside * overlap(b0, b1, field.layers[2], 1e9)
        d0, e0, b0 = d1, e1, b1
    wall_force = 0.0
    organ = region_at(field, q) if muscle > 0.0 and first > 0.0 and not canal else -1
    if organ >= 0:
        tissue = field.region_tissue[organ]
        muscle *= resistance.organ_share(tissue)
        if tissue in (resistance.VEIN, resistance.ARTERY):
            wall_force = resistance.vessel_wall(-region_distance(field, organ, q))
    force = 0.0 if canal else resistance.soft(skin, fat, fascia, muscle) + wall_force
    if in_cortex + in_cancellous <= 0.0:
        return force
    pressed = 0.0
    if in_cancellous > 0.0 and first < 0.0:  # the point is in bone with spongy bone at or behind it
        gap = gap_ahead(field, q, axis, first + wall, wall) if first + wall < 0.0 else 0.0
        pressed = in_cancellous * resistance.plug(gap, wall)
    local = max(bone_volume_fraction * density, 0.01)
    return (
        force
        + resistance.cancellous(in_cancellous, local)
        + resistance.in_series(pressed, resistance.cortex(in_cortex))
    )


@compiled
def outward(field: Field, p: Array, n: Array, q: Array) -> None:
    """Writes the outward unit normal of the nearest bone at p into n (central differences over 0.5 mm)."""
    for i in range(3):
        q[i] = p[i]
    for i in range(3):
        q[i] = p[i] + 0.25
        high = nearest_bone(field, q)[1]
        q[i] = p[i] - 0.25
        n[i] = high - nearest_bone(field, q)[1]
        q[i] = p[i]
    length = np.sqrt(dot(n, n))
    for i in range(3):
        n[i] = n[i] / length if length > 1e-9 else 0.0


@compiled
def skin_along(field: Field, point: Array, axis: Array, guess: float, q: Array) -> float:
    """mm from the skin to the point along the axis (back out of the patient); Newton from a guess, 0 outside."""
    t = max(guess, 0.0)
    for _ in range(12):
        for i in range(3):
            q[i] = point[i] - t * axis[i]
        here = skin_distance(field, q)
        if abs(here) < 1e-4:
            break
        for i in range(3):
            q[i] = point[i] - (t + 0.5) * axis[i]
        slope = max((skin_distance(field, q) - here) / 0.5, 0.2)
        t = min(max(t - min(max(here / slope, -40.0), 40.0), 0.0), 400.0)
    return t


@compiled
def bone_along(field: Field, point: Array, axis: Array, most: float, q: Array) -> float:
    """mm back along the axis from a point in bone to where it left the outer cortex; at most `most`."""
    step = 0.1
    before = nearest_bone(field, point)[1]
    t = 0.0
    while t < most:
        for i in range(3):
            q[i] = point[i] - (t + step) * axis[i]
        after = nearest_bone(field, q)[1]
        if after >= 0.0:
            return t + step * before / (before - after) if before < 0.0 else t
        before = after
        t += step
    return most
