"""The trocar's state as a person reads it, and the figures of its tick.

In: STATE (SIZE,) of haptics/tick.py, patient frame. Out: a `Reading` in mm and N; `bench` in microseconds.
The mechanics are in haptics/tick.py.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haptics import tick as ticks
from haptics.stylus import ScriptedStylus, packed, straight
from models.field import Field, pack
from models.instruments import TrocarPose
from models.patient import Patient, Pedicle

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """Where the trocar is and what it feels."""

    pose: TrocarPose
    mode: int  # haptics.tick.FREE, SOFT, CONTACT, EMBEDDED
    embedded: bool
    depth_mm: float  # embedding: outer cortex to the point; 0 when not in bone
    skin_mm: float  # skin to the point along the axis; 0 outside
    force_n: float  # along the axis, + pushes out of the patient
    lateral_n: Array  # (3,)
    tissue: int  # models.tissue.Tissue of the point
    bone: int  # index in the field's bones, -1 none
    deepest_mm: float  # greatest embedding in this bone
    entry: Array  # (3,) where the point went in


def read(state: Array) -> Reading:
    """A state in words."""
    return Reading(
        pose=TrocarPose(
            state[ticks.TIP : ticks.TIP + 3].copy(),
            state[ticks.AXIS : ticks.AXIS + 3].copy(),
            state[ticks.ROLL : ticks.ROLL + 3].copy(),
        ),
        mode=int(state[ticks.MODE]),
        embedded=bool(state[ticks.MODE] == ticks.EMBEDDED),
        depth_mm=float(state[ticks.DEPTH]),
        skin_mm=float(state[ticks.SKIN]),
        force_n=float(state[ticks.FORCE]),
        lateral_n=state[ticks.LATERAL : ticks.LATERAL + 3].copy(),
        tissue=int(state[ticks.TISSUE]),
        bone=int(state[ticks.BONE]),
        deepest_mm=float(state[ticks.DEEPEST]),
        entry=state[ticks.ENTRY : ticks.ENTRY + 3].copy(),
    )


def across(axis: Array, toward: Array) -> Array:
    """(3,) unit vector square to `axis`, as near to `toward` as can be."""
    part = toward - (toward @ axis) * axis
    if np.linalg.norm(part) < 1e-6:
        part = np.cross(axis, np.array([1.0, 0.0, 0.0]) if abs(axis[0]) < 0.9 else np.array([0.0, 1.0, 0.0]))
    return np.asarray(part / np.linalg.norm(part))


def pedicle_start(field: Field, pedicle: Pedicle, medial: Array, away_mm: float = 5.0) -> TrocarPose:
    """The pose on the pedicle's axis `away_mm` before the skin behind it, point toward `medial` (3,)."""
    from haptics.surroundings import skin_along

    q = np.empty(3)
    to_skin = skin_along(field, np.ascontiguousarray(pedicle.centre), pedicle.axis, 0.0, q)
    return TrocarPose(
        pedicle.centre - (to_skin + away_mm) * pedicle.axis, pedicle.axis, across(pedicle.axis, np.asarray(medial))
    )


def drive(
    field: Field, bvf: float, start: TrocarPose, mm: float, *, mm_s: float = 3.0, technique: int = ticks.PUSH
) -> Array:
    """(N, SIZE) states of a straight drive along the start's own axis at a steady speed."""
    stylus = ScriptedStylus(start, technique).to(straight(start, mm), round(1000 * mm / mm_s), technique)
    first = ticks.tick(ticks.initial(), packed(start, technique), field, bvf)
    return np.asarray(ticks.run(first, stylus.poses(0, stylus.end_ms), field, bvf))


def tick_us(state: Array, poses: Array, field: Field, bvf: float, repeats: int = 9) -> float:
    """Median time of one tick, in microseconds, over batches of the same poses."""
    ticks.run(state, poses[:2], field, bvf)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        ticks.run(state, poses, field, bvf)
        times.append((time.perf_counter() - began) / len(poses) * 1e6)
    return float(np.median(times))


def bench(patient: Patient) -> dict[str, float]:
    """Times of one tick [us] on the first vertebra's left pedicle: whole drive, in bone, in air."""
    field, _ = pack(patient)
    vertebra = next(iter(patient.vertebrae.values()))
    start = pedicle_start(field, vertebra.pedicles["left"], -vertebra.left)
    bvf = patient.bone_volume_fraction
    stylus = ScriptedStylus(start).to(straight(start, 130.0), 2600)
    first = ticks.tick(ticks.initial(), packed(start), field, bvf)
    poses = stylus.poses(0, stylus.end_ms)
    states = ticks.run(first, poses, field, bvf)
    in_bone = np.flatnonzero(states[:, ticks.MODE] == ticks.EMBEDDED)
    figures = {"touch_step_us": tick_us(first, poses, field, bvf)}
    if len(in_bone):
        some = slice(int(in_bone[0]), int(in_bone[-1]) + 1)
        figures["touch_step_in_bone_us"] = tick_us(states[in_bone[0]], poses[some], field, bvf)
    figures["touch_step_in_air_us"] = tick_us(
        first, ScriptedStylus(start).to(straight(start, -50.0), 1000).poses(0, 1000), field, bvf
    )
    return figures
