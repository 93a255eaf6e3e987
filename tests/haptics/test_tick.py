"""The trocar's mechanics: what moves, what holds, and that no more comes out than was put in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haptics import resistance, tick, trocar
from haptics.stylus import ScriptedStylus, packed, straight
from models.field import Field
from models.instruments import TROCAR, TrocarPose
from tests.haptics import phantoms

BLOCK = phantoms.block()
CENTRE = phantoms.start()


def driven(mm: float, field: Field = BLOCK, technique: int = tick.PUSH, seconds: float = 3.0) -> np.ndarray:
    """The state after a drive that goes `mm` in, hand then still for a second."""
    hand = ScriptedStylus(CENTRE, technique).to(straight(CENTRE, mm), round(1000 * seconds), technique)
    return np.asarray(tick.run(tick.initial(), hand.poses(0, hand.end_ms + 1000), field, 0.08)[-1])


def unit(*values: float) -> np.ndarray:
    v = np.array(values, dtype=float)
    return v / np.linalg.norm(v)


def test_turning_the_bevel_moves_the_point_by_the_shafts_diameter_and_leaves_the_shaft() -> None:
    state = driven(45.0)
    before, after = trocar.read(state).pose, trocar.read(tick.turn(state, 180.0)).pose
    assert np.linalg.norm(after.point - before.point) == pytest.approx(TROCAR.outer_mm, abs=0.05)
    assert after.tip == pytest.approx(before.tip)
    assert after.axis == pytest.approx(before.axis)


def test_a_turn_follows_the_right_hand_about_the_axis() -> None:
    state = driven(45.0)
    turned = trocar.read(tick.turn(state, 90.0)).pose
    assert turned.roll == pytest.approx(np.cross(turned.axis, state[tick.ROLL : tick.ROLL + 3]), abs=1e-9)


@pytest.mark.parametrize("rebased", [True, False])
def test_a_turn_stays_whether_the_hand_takes_the_new_roll_or_keeps_its_own(rebased: bool) -> None:
    turned = tick.turn(driven(45.0), 180.0)
    pose = trocar.read(turned).pose if rebased else straight(CENTRE, 45.0)
    states = tick.run(turned, np.tile(packed(pose), (200, 1)), BLOCK, 0.08)
    assert states[-1, tick.ROLL : tick.ROLL + 3] == pytest.approx(turned[tick.ROLL : tick.ROLL + 3], abs=1e-9)
    assert states[-1, : tick.MODE] == pytest.approx(turned[: tick.MODE], abs=1e-6)
    assert states[-1, tick.DEPTH] == pytest.approx(turned[tick.DEPTH], abs=1e-6)


@pytest.mark.parametrize("technique", [tick.PUSH, tick.SCREW])
def test_square_on_bone_the_point_does_not_skid(technique: int) -> None:
    state = driven(36.0, technique=technique)
    assert state[[0, 2]] == pytest.approx([0.0, 0.0], abs=0.02)
    assert state[tick.MODE] == tick.EMBEDDED


def test_on_a_steep_slope_pushing_skids_downhill_and_screwing_bites() -> None:
    slope = phantoms.slope(50.0)
    pushed, screwed = driven(38.0, slope, seconds=6.0), driven(38.0, slope, tick.SCREW, seconds=6.0)
    assert pushed[0] > 2.0  # the slope falls away toward +x
    assert pushed[tick.MODE] == tick.CONTACT
    assert abs(screwed[0]) < 0.2
    assert screwed[tick.MODE] == tick.EMBEDDED


@pytest.mark.parametrize("degrees", [10.0, 25.0])
def test_on_a_gentle_slope_the_point_bites_where_it_touched(degrees: float) -> None:
    state = driven(38.0, phantoms.slope(degrees))
    assert abs(state[0]) < 0.1
    assert state[tick.MODE] == tick.EMBEDDED


def test_a_trocar_bitten_in_is_held_on_its_axis() -> None:
    state = driven(40.0)
    aside = TrocarPose(state[:3] + np.array([4.0, 0.0, 3.0]), unit(0.2, -1.0, 0.1), np.array([0.0, 0.0, 1.0]))
    way = ScriptedStylus(trocar.read(state).pose).to(aside, 500)
    after = tick.run(state, way.poses(0, 500), BLOCK, 0.08)
    assert (after[:, tick.MODE] == tick.EMBEDDED).all()
    assert after[:, tick.AXIS : tick.AXIS + 3] == pytest.approx(np.tile(state[tick.AXIS : tick.AXIS + 3], (500, 1)))
    assert after[:, [0, 2]] == pytest.approx(np.tile(state[[0, 2]], (500, 1)), abs=1e-9)


def test_a_hub_pushed_aside_is_pushed_back_by_the_lever() -> None:
    state = driven(40.0)
    pose = TrocarPose(state[:3] + np.array([5.0, 0.0, 0.0]), state[3:6], state[6:9])
    after = tick.tick(state, packed(pose), BLOCK, 0.08)
    lateral = after[tick.LATERAL : tick.LATERAL + 3]
    assert lateral == pytest.approx([-5.0 * resistance.lever_stiffness(), 0.0, 0.0], abs=1e-6)


def test_in_soft_tissue_the_shaft_leans_freely_and_the_skin_pulls_it_back() -> None:
    state = driven(15.0)
    pose = TrocarPose(state[:3] + np.array([6.0, 0.0, 0.0]), state[3:6], state[6:9])
    hand = ScriptedStylus(trocar.read(state).pose).to(pose, 200)
    after = tick.run(state, hand.poses(0, 300), BLOCK, 0.08)[-1]
    assert after[tick.MODE] == tick.SOFT
    assert after[0] == pytest.approx(6.0, abs=0.01)
    assert after[tick.LATERAL] == pytest.approx(-6.0 * resistance.TRACT_N_MM, rel=0.02)


def test_on_bone_the_shaft_pivots_about_the_tip() -> None:
    state = driven(33.2)
    assert state[tick.MODE] == tick.CONTACT
    lean = TrocarPose(state[:3], unit(0.2, -1.0, 0.0), np.array([0.0, 0.0, 1.0]))
    hand = ScriptedStylus(trocar.read(state).pose, tick.REST).to(lean, 300, tick.REST)
    after = tick.run(state, hand.poses(0, 300), BLOCK, 0.08)[-1]
    assert after[:3] == pytest.approx(state[:3], abs=0.1)
    assert after[3:6] == pytest.approx(lean.axis, abs=1e-6)


def test_a_fast_poke_is_stopped_by_bone_and_not_passed_through_it() -> None:
    hand = ScriptedStylus(CENTRE).to(straight(CENTRE, 33.3), 4)
    state = tick.run(tick.initial(), hand.poses(0, 400), BLOCK, 0.08)[-1]
    assert state[tick.SKIN] == pytest.approx(phantoms.BONE_MM, abs=0.5)


@pytest.mark.parametrize("joules", [0.02, 0.05, 0.1])
def test_a_blows_energy_is_the_work_of_its_advance(joules: float) -> None:
    """Sum of resistance over the way, at the rate of impact, against the energy; within 5 %."""
    state = driven(42.0)
    after = tick.tap(state, joules, BLOCK, 0.08)
    way = float(after[tick.DEPTH] - state[tick.DEPTH])
    steps = 400
    work = 0.0
    for k in range(steps):
        probe = state.copy()
        probe[:3] += (k + 0.5) / steps * way * state[3:6]
        depth = state[tick.DEPTH] + (k + 0.5) / steps * way
        spongy = resistance.cancellous(1.0, 0.08)
        work += (spongy + 0.2 * depth + 0.03 * phantoms.BONE_MM) * way / steps
    assert work * resistance.IMPACT / 1000 == pytest.approx(joules, rel=0.05)


def test_a_blow_is_kept_whether_the_hand_follows_or_not() -> None:
    after = tick.tap(driven(42.0), 0.05, BLOCK, 0.08)
    for pose in (straight(CENTRE, 42.0), trocar.read(after).pose):
        later = tick.run(after, np.tile(packed(pose), (300, 1)), BLOCK, 0.08)[-1]
        assert later[:3] == pytest.approx(after[:3], abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.0, 0.05), max_size=30), st.sampled_from([5e-324, 1e-300, 1e-15, 1e-12, 1e-3]))
def test_many_small_taps_end_and_give_no_more_than_their_energy(joules: list[float], small: float) -> None:
    """What a blow leaves may be a denormal: no stride uses it up."""
    state = driven(42.0)
    before = state[tick.DEPTH]
    for energy in (*joules, *[small] * 100):
        state = tick.tap(state, energy, BLOCK, 0.08)
    given_mm = 1000.0 * (sum(joules) + 100 * small)
    assert np.isfinite(state).all()
    assert 0.0 <= state[tick.DEPTH] - before <= given_mm / 0.5 + 1e-9  # no less than 0.5 N is ever against it


def test_taps_bite_a_trocar_in_from_the_surface() -> None:
    state = driven(33.2)
    for _ in range(8):
        state = tick.tap(state, 0.02, BLOCK, 0.08)
    assert state[tick.MODE] == tick.EMBEDDED
    assert state[tick.DEPTH] > 1.0


def test_a_harder_blow_never_goes_less_far() -> None:
    ways = [tick.tap(driven(33.2), joules, BLOCK, 0.08)[tick.SKIN] for joules in (0.01, 0.03, 0.1, 0.3)]
    assert ways == sorted(ways)


def test_without_its_stylet_a_cannula_cuts_a_core() -> None:
    state = driven(42.0)
    ahead = straight(trocar.read(state).pose, 2.0)
    cuts = [
        tick.run(state, np.tile(packed(ahead, stylet=stylet), (400, 1)), BLOCK, 0.08)[3, tick.CUT]
        for stylet in (True, False)
    ]
    assert cuts[1] / cuts[0] == pytest.approx(1 - (1.8 / 2.41) ** 2, rel=0.01)


def test_a_trocar_first_seen_in_bone_is_held_by_it() -> None:
    pose = straight(CENTRE, 45.0)
    state = tick.tick(tick.initial(), packed(pose), BLOCK, 0.08)
    assert state[tick.MODE] == tick.EMBEDDED
    assert state[tick.DEPTH] == pytest.approx(12.0, abs=0.05)


def test_a_tick_does_not_change_what_it_is_given() -> None:
    state, pose = driven(20.0), packed(straight(CENTRE, 21.0))
    kept = state.copy(), pose.copy()
    tick.tick(state, pose, BLOCK, 0.08)
    assert np.array_equal(state, kept[0])
    assert np.array_equal(pose, kept[1])


def test_a_batch_is_its_ticks() -> None:
    hand = ScriptedStylus(CENTRE).to(straight(CENTRE, 40.0), 300)
    poses = hand.poses(0, 300)
    state = tick.initial()
    rows = []
    for pose in poses:
        state = tick.tick(state, pose, BLOCK, 0.08)
        rows.append(state)
    assert np.array_equal(np.array(rows), tick.run(tick.initial(), poses, BLOCK, 0.08))


number = st.one_of(st.floats(-150.0, 150.0), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e300, -1e300, 1e-300]))
any_pose = st.lists(number, min_size=11, max_size=11)


@settings(max_examples=100)
@given(st.lists(any_pose, min_size=1, max_size=12), st.floats(0.0, 60.0))
def test_no_pose_makes_the_state_infinite_or_the_force_unbounded(poses: list[list[float]], begin: float) -> None:
    first = tick.tick(tick.initial(), packed(straight(CENTRE, begin)), BLOCK, 0.08)
    states = tick.run(first, np.array(poses), BLOCK, 0.08)
    assert np.isfinite(states).all()
    assert np.abs(states[:, tick.FORCE]).max() <= resistance.FORCE_MOST_N
    sideways = np.linalg.norm(states[:, tick.LATERAL : tick.LATERAL + 3], axis=1)
    assert sideways.max() <= 2 * resistance.LATERAL_MOST_N + 1e-9
    assert np.linalg.norm(states[:, tick.AXIS : tick.AXIS + 3], axis=1) == pytest.approx(1.0)


small = st.floats(-4.0, 4.0)


@settings(max_examples=60)
@given(
    st.sampled_from([10.0, 20.0, 33.1, 36.0, 45.0, 72.0]),
    st.lists(st.tuples(small, small, small), min_size=1, max_size=5),
    st.sampled_from([tick.PUSH, tick.SCREW, tick.PULL]),
    st.integers(40, 400),
)
def test_over_a_closed_path_the_trocar_gives_the_hand_no_work(
    begin: float, corners: list[tuple[float, float, float]], technique: int, ms: int
) -> None:
    """The hand is moved without turning, so all of the shaft moves alike and work is force times the tip's way."""
    home = straight(CENTRE, begin)
    start = tick.run(tick.initial(), ScriptedStylus(CENTRE).to(home, 3000).poses(0, 3500), BLOCK, 0.08)[-1]
    hand = ScriptedStylus(home, technique)
    for corner in corners:
        hand.to(TrocarPose(home.tip + np.array(corner), home.axis, home.roll), ms, technique)
    poses = hand.to(home, ms, technique).poses(0, hand.end_ms + 300)
    states = tick.run(start, poses, BLOCK, 0.08)
    forces = np.concatenate([start[None], states])
    felt = -forces[:, tick.FORCE, None] * forces[:, 3:6] + forces[:, tick.LATERAL : tick.LATERAL + 3]
    tips = np.concatenate([home.tip[None], poses[:, :3]])
    work = (0.5 * (felt[1:] + felt[:-1]) * np.diff(tips, axis=0)).sum()  # N mm, done on the hand
    stored = 0.5 * start[tick.FORCE] ** 2 / resistance.GRIP_N_MM  # the hand may have come with its grip strained
    assert work <= stored + 0.5


def test_the_same_poses_give_the_same_bytes() -> None:
    hand = ScriptedStylus(CENTRE).to(straight(CENTRE, 50.0), 2000)
    runs = [tick.run(tick.initial(), hand.poses(0, 2000), BLOCK, 0.08).tobytes() for _ in range(2)]
    assert runs[0] == runs[1]


def test_a_tick_takes_no_more_than_20_microseconds() -> None:
    hand = ScriptedStylus(CENTRE).to(straight(CENTRE, 80.0), 4000)
    first = tick.tick(tick.initial(), packed(CENTRE), BLOCK, 0.08)
    assert trocar.tick_us(first, hand.poses(0, 4000), BLOCK, 0.08) <= 20.0
