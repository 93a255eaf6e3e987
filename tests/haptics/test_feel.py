"""What a straight drive feels like: a pedicle and body seen along the needle (phantoms.block)."""

import numpy as np
import pytest

from haptics import resistance, tick, trocar
from models.field import Field
from models.tissue import Tissue
from tests.haptics import phantoms

ENTRY = phantoms.BONE_MM
EXIT = phantoms.BONE_MM + phantoms.THICK_MM


@pytest.fixture(scope="module")
def block() -> Field:
    return phantoms.block()


@pytest.fixture(scope="module")
def push(block: Field) -> np.ndarray:
    return trocar.drive(block, 0.08, phantoms.start(), 82.0, technique=tick.PUSH)


@pytest.fixture(scope="module")
def screw(block: Field) -> np.ndarray:
    return trocar.drive(block, 0.08, phantoms.start(), 82.0, technique=tick.SCREW)


def between(states: np.ndarray, low: float, high: float) -> np.ndarray:
    """Forces while the point is low..high mm under the skin."""
    return np.asarray(states[(states[:, tick.SKIN] > low) & (states[:, tick.SKIN] < high), tick.FORCE])


def test_skin_then_fat_then_fascia_then_muscle_each_rise_and_give(push: np.ndarray) -> None:
    skin, fat = between(push, 0.2, 4.0).max(), between(push, 5.5, 11.0).max()
    fascia, muscle = between(push, 11.0, 15.0).max(), between(push, 17.0, 28.0).max()
    assert skin > fascia > muscle > fat > 0.0


def test_rank_order_skin_fascia_cortex_cancellous(push: np.ndarray) -> None:
    """FIGURES c: skin > fascia << cortex >> cancellous is what experts are to confirm."""
    skin, fascia = between(push, 0.2, 4.0).max(), between(push, 11.0, 15.0).max()
    cortex, spongy = between(push, ENTRY - 0.5, ENTRY + 4).max(), np.median(between(push, ENTRY + 5, EXIT - 5))
    assert skin > fascia
    assert cortex > 4.0 * fascia
    assert cortex > 4.0 * spongy


def test_pedicle_cortex_rises_yields_and_gives(push: np.ndarray) -> None:
    """A wall of 0.65 mm peaks near 90 N (CORS 2013-220) and the force then falls to the plateau."""
    force = between(push, ENTRY - 0.5, ENTRY + 8)
    top = int(force.argmax())
    assert force[top] == pytest.approx(90.0, abs=9.0)
    assert force[0] < 0.1 * force[top]
    assert force[-1] < 0.25 * force[top]


@pytest.mark.parametrize("wall", [0.5, 0.8])
def test_thicker_pedicle_walls_cost_more(wall: float, push: np.ndarray) -> None:
    other = trocar.drive(phantoms.block(near_wall=wall), 0.08, phantoms.start(), 50.0, mm_s=10.0)
    peak, usual = between(other, ENTRY - 0.5, ENTRY + 4).max(), between(push, ENTRY - 0.5, ENTRY + 4).max()
    assert (peak > usual + 5.0) if wall > 0.65 else (peak < usual - 5.0)


def test_cancellous_bone_is_a_plateau_that_grows_by_shaft_friction_alone(push: np.ndarray) -> None:
    force = between(push, ENTRY + 8, ENTRY + 28)
    grown = force[-1] - force[0]
    assert grown == pytest.approx(20.0 * resistance.BONE_FRICTION_N_MM, rel=0.1)
    tip = push[(push[:, tick.SKIN] > ENTRY + 8) & (push[:, tick.SKIN] < ENTRY + 28), tick.CUT]
    assert tip == pytest.approx(resistance.cancellous(1.0, 0.08), rel=1e-3)


def test_the_anterior_cortex_stiffens_twofold_before_it_is_breached(push: np.ndarray) -> None:
    plateau = np.median(between(push, EXIT - 15, EXIT - 5))
    assert between(push, EXIT - 1.5, EXIT - 1.0).max() >= 2.0 * plateau
    assert between(push, EXIT - 0.5, EXIT - 0.3).max() >= 4.0 * plateau


def test_a_breach_costs_135_to_155_newton(push: np.ndarray) -> None:
    """CORS 2013-220: deliberate breach. Holds for an anterior shell of 0.3 mm and a wall of 0.9 mm."""
    assert 135.0 <= between(push, EXIT - 2, EXIT + 2).max() <= 155.0
    thick = trocar.drive(phantoms.block(far_wall=0.9), 0.08, phantoms.start(), 80.0, mm_s=3.0)
    assert 135.0 <= between(thick, EXIT - 2, EXIT + 2).max() <= 160.0


def test_behind_the_anterior_cortex_there_is_nothing_but_the_shafts_friction(push: np.ndarray) -> None:
    last = push[-1]
    assert last[tick.TISSUE] == Tissue.MUSCLE
    assert last[tick.CUT] <= resistance.MUSCLE_N + 1e-9
    assert last[tick.FORCE] < 0.1 * between(push, EXIT - 2, EXIT + 2).max()
    assert last[tick.MODE] == tick.EMBEDDED  # the shaft is still held
    behind = between(push, EXIT + 4, EXIT + 8)
    assert np.ptp(behind) < 0.5


def test_normal_bone_is_2_6_times_osteoporotic_bone(block: Field, push: np.ndarray) -> None:
    normal = trocar.drive(block, 0.15, phantoms.start(), 60.0, mm_s=10.0)
    ratio = np.median(between(normal, ENTRY + 8, ENTRY + 18)) / np.median(between(push, ENTRY + 8, ENTRY + 18))
    assert ratio == pytest.approx(2.6, abs=0.2)


def test_local_density_is_felt() -> None:
    loose = trocar.drive(phantoms.block(density=0.5), 0.08, phantoms.start(), 50.0, mm_s=10.0)
    dense = trocar.drive(phantoms.block(density=1.5), 0.08, phantoms.start(), 50.0, mm_s=10.0)
    where = slice(ENTRY + 6, ENTRY + 14)
    tips = [
        s[(s[:, tick.SKIN] > where.start) & (s[:, tick.SKIN] < where.stop), tick.CUT].mean() for s in (loose, dense)
    ]
    assert tips[1] / tips[0] == pytest.approx(3.0**1.56, rel=0.01)


def test_screwing_halves_the_force_and_does_not_plunge(push: np.ndarray, screw: np.ndarray) -> None:
    for low, high in ((ENTRY - 0.5, ENTRY + 4), (EXIT - 2, EXIT + 2)):
        ratio = between(screw, low, high).max() / between(push, low, high).max()
        assert ratio == pytest.approx(resistance.SCREW_SHARE, abs=0.06)
    speed = -np.diff(screw[:, tick.TIP + 1]) * 1000
    held = screw[1:, tick.MODE] == tick.EMBEDDED
    assert speed[held].max() <= resistance.screw_limit(3.001)
    assert -np.diff(push[:, tick.TIP + 1]).min() * 1000 > 50.0  # pushing does plunge


def test_depth_counts_from_the_outer_cortex_to_the_point(push: np.ndarray) -> None:
    inside = push[push[:, tick.DEPTH] > 1.0]
    assert inside[:, tick.SKIN] - inside[:, tick.DEPTH] == pytest.approx(ENTRY, abs=0.03)
    assert push[push[:, tick.SKIN] < ENTRY - 0.5, tick.DEPTH].max() == 0.0


def test_withdrawing_costs_friction_alone_and_frees_the_trocar(block: Field) -> None:
    from haptics.stylus import ScriptedStylus, straight

    begin = phantoms.start()
    hand = ScriptedStylus(begin).to(straight(begin, 48.0), 4800).to(straight(begin, -2.0), 5000, tick.PULL)
    states = tick.run(tick.initial(), hand.poses(0, hand.end_ms), block, 0.08)
    back = states[5200:]
    held = back[back[:, tick.MODE] == tick.EMBEDDED]
    assert held[:, tick.FORCE].min() == pytest.approx(-1.2 * (0.2 * 15 + 0.03 * 30), abs=3.5)
    assert states[-1, tick.MODE] == tick.FREE
    assert states[-1, tick.FORCE] == 0.0
    assert states[-1, tick.DEEPEST] == pytest.approx(15.0, abs=0.3)


def test_going_back_into_the_hole_costs_nothing_to_cut(block: Field) -> None:
    from haptics.stylus import ScriptedStylus, straight

    begin = phantoms.start()
    hand = ScriptedStylus(begin).to(straight(begin, 48.0), 4800)
    hand.to(straight(begin, 40.0), 1500, tick.PULL).to(straight(begin, 46.5), 1500)
    states = tick.run(tick.initial(), hand.poses(0, hand.end_ms), block, 0.08)
    again = states[7000:7700]
    assert again[:, tick.CUT].max() == 0.0
    assert again[-1, tick.MODE] == tick.EMBEDDED


def test_letting_go_in_bone_leaves_the_trocar_there(block: Field) -> None:
    from haptics.stylus import ScriptedStylus, straight

    begin = phantoms.start()
    hand = ScriptedStylus(begin).to(straight(begin, 48.0), 4800).to(straight(begin, 20.0), 1000, tick.REST)
    states = tick.run(tick.initial(), hand.poses(0, hand.end_ms), block, 0.08)
    assert states[-1, : tick.MODE] == pytest.approx(states[4799, : tick.MODE], abs=1e-9)
    assert states[-1, tick.FORCE] == 0.0
