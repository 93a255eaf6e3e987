"""How long a patient takes: built, read again, asked where bone is. The answers are checked before a time counts.

In: a folder for the cache. Out: figures, names ending in their unit. What it runs on says the command line (game/cli/bench.py).
"""

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import synthetic
from models.cache import cached
from models.compiled import compiled
from models.distance import sample
from models.field import Field, nearest_bone, pack
from models.morphometry import LEVELS
from models.patient import Patient
from models.recipe import Fracture, SyntheticRecipe

WHOLE = SyntheticRecipe.model_validate({"levels": LEVELS, "fractures": (Fracture(level="L1"),)})
"""T4 to L5 with a broken level, and all that goes with L5: pelvis, organs."""
THREE = SyntheticRecipe(levels=("L1", "L2", "L3"), fractures=(Fracture(level="L2"),), organs=False, pelvis=False)
"""A target and its neighbours: what a performance without pictures needs."""
QUERIES = 200_000
REACH_MM = 30.0  # of the points asked for, from the middle of the target


def figures(folder: Path) -> dict[str, float]:
    """Seconds, GiB, triangles, microseconds. Raises AssertionError where an answer is wrong."""
    synthetic.build(THREE, pictured=False)  # laws are compiled
    begin = time.perf_counter()
    three = synthetic.build(THREE, pictured=False)
    three_s = time.perf_counter() - begin
    begin = time.perf_counter()
    patient = synthetic.build(WHOLE)
    cold_s = time.perf_counter() - begin
    peak = _peak_gib()
    cached({"bench": "patient"}, lambda: patient, folder)
    begin = time.perf_counter()
    again = cached({"bench": "patient"}, _never, folder)
    cached_s = time.perf_counter() - begin
    _check(three, patient, again)
    return {
        "patient_cold_s": cold_s,
        "patient_peak_gib": peak,
        "patient_cached_s": cached_s,
        "patient_three_grids_s": three_s,
        "patient_triangles": float(triangles(patient)),
        "patient_query_us": _query_us(patient),
    }


def triangles(patient: Patient) -> int:
    """All that an X-ray picture draws of a patient."""
    bones = [surface for bone in patient.bones.values() for surface in (bone.outer, bone.inner)]
    regions = [region.surface for region in patient.regions.values() if region.surface is not None]
    return sum(len(surface.faces) for surface in (*bones, *regions, patient.skin_surface))


def _never() -> Patient:
    raise AssertionError("a patient just kept was not found in the cache")


def _check(three: Patient, patient: Patient, again: Patient) -> None:
    """Surfaces lie where distances are zero; what was read is what was built; two ways to ask agree."""
    for level in THREE.levels:
        off = np.abs(sample(three.bones[level].distance, three.bones[level].outer.vertices))
        assert np.percentile(off, 99.0) < 0.1, f"{level}: the surface is off its distances"
    for name, bone in patient.bones.items():
        assert np.array_equal(bone.distance.values, again.bones[name].distance.values), f"{name}: read is not built"
    field, names = pack(patient)
    bone = patient.bones["L1"]
    for point in _points(patient)[:50]:
        local = np.linalg.inv(bone.patient_from_bone) @ np.append(point, 1.0)
        asked = nearest_bone(field, point)
        if asked[0] == names.index("L1"):
            assert abs(asked[1] - float(sample(bone.distance, local[None, :3])[0])) < 1e-3, "two ways to ask disagree"


def _points(patient: Patient) -> NDArray[np.float64]:
    """(QUERIES, 3) points as a needle's tip passes them: one after another near each other, round the target."""
    steps = np.random.default_rng(0).normal(0.0, 0.3, (QUERIES, 3)).cumsum(axis=0)
    round_it = (steps + REACH_MM) % (4 * REACH_MM)
    return np.asarray(patient.vertebrae["L1"].centre + np.abs(round_it - 2 * REACH_MM) - REACH_MM)


def _query_us(patient: Patient) -> float:
    """Median of five, microseconds a question for the nearest bone and its distance."""
    field, _ = pack(patient)
    points = _points(patient)
    _ask(field, points)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        _ask(field, points)
        times.append(time.perf_counter() - begin)
    return sorted(times)[2] / len(points) * 1e6


@compiled
def _ask(field: Field, points: NDArray[np.float64]) -> float:
    """Sum of the distances to the nearest bone at points (N, 3)."""
    total = 0.0
    for i in range(points.shape[0]):
        total += nearest_bone(field, points[i])[1]
    return total


def _peak_gib() -> float:
    """Most memory that this process held so far, GiB; 0 where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return 0.0
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**30 if sys.platform == "darwin" else most / 2**20
