"""Growth of cement in a body whose walls are known."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.simulation import front
from game.simulation.cement import Cement
from game.simulation.ground import Kind, drill, survey
from models.field import pack
from models.instruments import TrocarPose
from tests.simulation import phantoms

TIP = np.array([8.0, -6.0, 0.0])


@cache
def packed():
    return pack(phantoms.phantom())


def body(seed=1, veins=True, fractured=False):
    field, names = packed()
    patient = phantoms.phantom(fractured=fractured)
    ground = survey(
        field,
        names.index("L2"),
        patient.vertebrae["L2"],
        vertebrae=patient.vertebrae,
        bone_volume_fraction=0.1,
        rng=np.random.default_rng(seed),
        veins=veins,
    )
    cement = Cement(ground, patient.vertebrae["L2"])
    cement.start_batch()
    return cement


def needle(tip=TIP):
    return TrocarPose(np.array(tip, dtype=float), np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))


def pour(cement, ml, viscosity, step=5.0):
    return sum(cement.grow(step, viscosity) for _ in range(round(1000.0 * ml / step)))


def leaked(cement):
    return sum(cement.leaks_ml().values())


def test_compiled_code_knows_the_kinds():
    assert (front.CLOSED, front.VEIN) == (Kind.CLOSED, Kind.VEIN)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.floats(0.0, 60.0), min_size=1, max_size=30), st.floats(5.0, 900.0))
def test_what_left_the_tip_is_what_lies_in_the_voxels(seed, portions, viscosity):
    cement = body(seed)
    assert cement.seat(needle())
    placed = sum(cement.grow(portion, viscosity) for portion in portions)
    assert float(cement.filled.sum(dtype=np.float64)) == pytest.approx(placed, rel=1e-5, abs=1e-4)
    assert placed == pytest.approx(sum(portions), rel=1e-4, abs=1e-4 * len(portions))
    outside = float(cement.filled[~cement.ground.inner].sum(dtype=np.float64))
    assert outside / 1000.0 == pytest.approx(leaked(cement), rel=1e-5, abs=1e-6)


def test_a_closed_body_keeps_its_cement_and_blocks_when_it_is_full():
    cement = body(veins=False)
    cement.seat(needle())
    placed = pour(cement, 40.0, 100.0, step=500.0)
    room = float(cement.ground.capacity[cement.ground.kind == Kind.MARROW].sum(dtype=np.float64))
    assert leaked(cement) == 0.0
    assert 0.9 * room < placed < 1.001 * room
    assert cement.grow(5.0, 100.0) == 0.0


def test_no_voxel_holds_more_than_it_has_room_for():
    cement = body()
    cement.seat(needle())
    pour(cement, 3.0, 60.0)
    assert (cement.filled <= cement.ground.capacity + 1e-4).all()
    assert (cement.filled[cement.ground.kind == Kind.CLOSED] == 0.0).all()


def test_a_needle_through_the_front_wall_opens_a_way():
    tips = np.array([[8.0, y, 0.0] for y in np.arange(0.0, -18.0, -0.5)])
    pierced, whole = body(veins=False), body(veins=False)
    drill(pierced.ground, tips)
    for cement in (pierced, whole):
        cement.seat(needle((8.0, -12.0, 0.0)))
        pour(cement, 2.0, 60.0)
    assert leaked(whole) == 0.0
    assert pierced.leaks_ml()["anterior"] > 0.05


def test_a_tract_beside_thin_cortex_is_no_way_through_it():
    tips = np.array([[18.0, y, 0.0] for y in np.arange(14.0, -10.0, -0.5)])  # 0.8 mm of bone left beside the shaft
    cement = body(veins=False)
    drill(cement.ground, tips)
    cement.seat(needle((18.0, -8.0, 0.0)))
    pour(cement, 3.0, 30.0)
    assert leaked(cement) == 0.0


def test_thin_cement_leaks_more_than_thick():
    lost = {}
    for viscosity in (15.0, 400.0):
        lost[viscosity] = 0.0
        for seed in range(7):
            cement = body(seed)
            cement.seat(needle())
            pour(cement, 2.5, viscosity)
            lost[viscosity] += leaked(cement)
    assert lost[15.0] > 2.0 * lost[400.0]
    assert lost[15.0] > 0.05


def test_only_a_broken_end_plate_lets_cement_into_the_disc():
    lost = {}
    for fractured in (False, True):
        lost[fractured] = 0.0
        for seed in range(5):
            cement = body(seed, fractured=fractured)
            cement.seat(needle((0.0, -2.0, 6.0)))
            pour(cement, 3.0, 40.0)
            lost[fractured] += cement.leaks_ml().get("disc", 0.0)
    assert lost[False] == 0.0
    assert lost[True] > 0.0


def roughness(viscosity):
    """Surface to volume of 2 ml, mean of some seeds: how far from round."""
    faces = 0
    for seed in range(4):
        cement = body(seed, veins=False)
        cement.seat(needle((0.0, 0.0, 0.0)))
        pour(cement, 2.0, viscosity)
        full = cement.filled > 0.3
        faces += sum(int(np.abs(np.diff(full.astype(int), axis=axis)).sum()) for axis in range(3))
    return faces


def test_thick_cement_is_rounder_than_thin():
    assert roughness(20.0) > 1.15 * roughness(500.0)


def test_the_front_is_measured_to_the_posterior_wall_and_the_plates():
    cement = body(veins=False)
    cement.seat(needle((0.0, 0.0, 0.0)))
    pour(cement, 1.5, 300.0)
    points, inside = cement.points(least=1e-6)
    assert inside.all()
    assert cement.wall_mm == pytest.approx(phantoms.HALF[1] - points[:, 1].max() - 0.5)
    top = phantoms.HALF[2] - phantoms.WALL - points[:, 2].max() - 0.5
    assert cement.plates_mm[0] == pytest.approx(top, abs=0.8)


def test_a_later_batch_does_not_move_the_first_one():
    cement = body(veins=False)
    cement.seat(needle())
    pour(cement, 1.0, 100.0)
    first = cement.filled.copy()
    cement.start_batch()
    cement.seat(needle((-8.0, -6.0, 0.0)))
    pour(cement, 1.0, 100.0)
    whole = first > 0.85
    assert np.array_equal(cement.filled[whole], first[whole])


def test_the_same_seed_gives_the_same_cement():
    traces = set()
    for _ in range(2):
        cement = body(7)
        cement.seat(needle())
        pour(cement, 2.0, 40.0)
        traces.add((cement.trace, cement.filled.tobytes()))
    assert len(traces) == 1
