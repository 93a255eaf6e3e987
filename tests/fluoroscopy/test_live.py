"""Live pictures: the same bits as at once, in slices, the newest first, and poses seen before are kept."""

import io
from dataclasses import replace

import numpy as np
import pytest

from game.fluoroscopy.live import LAYERS, Live
from game.simulation.simulation import Snapshot
from models.carm import Pose
from models.instruments import TrocarPose
from models.patient import Grid
from models.xray import Technique
from tests.fluoroscopy import phantoms

SEED = 11
NEEDLE = TrocarPose(np.array([0.0, 5.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]))
CEMENT = Grid(np.pad(np.ones((10, 10, 10), dtype=np.float32), 2), np.array([20.0, 0.0, 0.0]), 1.0)
SHOT = Snapshot(1.2, Pose(8.0, 4.0), Technique(80.0, 0.2), NEEDLE, True, CEMENT)


@pytest.fixture(scope="module")
def live(scope):
    made = Live(scope.studio, phantoms.phantom())
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _as_new(request):
    """A slow machine by default: each surface and each pass costs a slice of its own."""
    if "live" in request.fixturenames:
        live = request.getfixturevalue("live")
        frames(live)
        live.budget_ms, live.dropped = 0.0, 0


def frames(live):
    """Frames until nothing is left to draw."""
    count = 0
    while live.draw():
        live.scope.studio.engine.render_frame()
        count += 1
        assert count < 200
    return count


def grey(live):
    return live.scope.chain.monitor.read()[..., 0]


def later(shot, **changes):
    return replace(shot, t=shot.t + 0.133, **changes)


def test_the_picture_in_slices_is_the_fluoroscopes_bit_for_bit(scope, live):
    seen = later(SHOT, pose=Pose(12.0, -3.0))
    live.want(seen, SEED)
    assert frames(live) == len(live.scope.surfaces) + len(live.pass_ms)
    assert live.shown is seen
    shot = scope.exposure(seen, SEED)
    np.testing.assert_array_equal(grey(live), shot.grey)
    np.testing.assert_array_equal(live.scope.chain.signal.read()[..., 0], shot.signal)


def test_sums_do_not_depend_on_the_slices(scope, live):
    sums = []
    for orbital, budget in ((31.0, 0.0), (32.0, 2.5 * max(live.surface_ms)), (33.0, np.inf)):
        live.budget_ms = budget
        live.want(later(SHOT, pose=Pose(orbital)), SEED)
        frames(live)
        again = later(SHOT, pose=Pose(orbital))
        sums.append(np.concatenate([live.scope.anatomy.read(0), live.scope.anatomy.read(1)], axis=-1))
        scope.still(again.pose)
        np.testing.assert_array_equal(sums[-1], np.concatenate([scope.anatomy.read(0), scope.anatomy.read(1)], axis=-1))
    assert np.abs(sums[0] - sums[2]).max() > 1.0  # the poses do differ


def test_a_slice_keeps_to_the_budget_and_a_fast_machine_needs_one(live):
    live.budget_ms = np.inf
    live.want(later(SHOT, pose=Pose(41.0)), SEED)
    assert frames(live) == 1
    live.budget_ms = 30.0
    live.surface_ms = [12.0] * len(live.scope.surfaces)
    costs, live.pass_ms = live.pass_ms, [10.0] * len(live.pass_ms)
    live.want(later(SHOT, pose=Pose(42.0)), SEED)
    surfaces, passes = len(live.scope.surfaces), len(live.pass_ms)
    assert frames(live) == -(-surfaces // 2) + -(-passes // 3)
    live.pass_ms = costs


def test_the_newest_exposure_is_drawn_and_those_it_overtook_are_counted(live):
    first = replace(SHOT)
    live.want(first, SEED)
    live.draw()
    live.scope.studio.engine.render_frame()
    second, third = later(SHOT), replace(SHOT, t=9.0)
    live.want(second, SEED)
    live.want(third, SEED)
    live.want(third, SEED)
    assert live.dropped == 1
    shown = []
    while live.draw():
        live.scope.studio.engine.render_frame()
        shown.append(live.shown)
    assert second not in shown
    assert live.shown is third and live.ready
    assert any(one is first for one in shown)  # what was begun was ended


def test_the_texture_holds_a_whole_picture_while_the_next_is_drawn(live):
    live.want(replace(SHOT), SEED)
    frames(live)
    before = grey(live)
    live.want(later(SHOT, pose=Pose(-60.0)), SEED)
    while True:
        live.draw()
        if live.ready:
            break
        live.scope.studio.engine.render_frame()
        np.testing.assert_array_equal(grey(live), before)
    live.scope.studio.engine.render_frame()
    assert (grey(live) != before).mean() > 0.5


def test_anatomy_of_the_last_poses_is_kept_and_of_older_ones_is_not(scope, live):
    poses = [Pose(float(orbital)) for orbital in range(100, 100 + LAYERS)]
    for pose in poses:
        live.want(later(SHOT, pose=pose), SEED)
        frames(live)
    live.want(replace(SHOT, t=5.0, pose=poses[0]), SEED)
    assert frames(live) == len(live.pass_ms)
    np.testing.assert_array_equal(grey(live), scope.exposure(live.shown, SEED).grey)
    live.want(replace(SHOT, t=6.0, pose=Pose(99.0)), SEED)
    frames(live)
    live.want(replace(SHOT, t=7.0, pose=poses[1]), SEED)  # the one used longest ago made room
    assert frames(live) == len(live.scope.surfaces) + len(live.pass_ms)


def test_frames_of_others_between_two_slices_change_nothing(scope, live):
    """A target is drawn once, however often the engine draws before the next slice."""
    shot = later(SHOT, pose=Pose(77.0))
    live.want(shot, SEED)
    while live.draw():
        for _ in range(3):
            live.scope.studio.engine.render_frame()
    np.testing.assert_array_equal(grey(live), scope.exposure(shot, SEED).grey)


def test_a_clock_that_is_set_back_draws_no_slice_again(live):
    """A window's opening resets Panda3D's clock: the number of a frame that drew a slice comes again."""
    from panda3d.core import ClockObject

    clock = ClockObject.get_global_clock()
    live.want(later(SHOT, pose=Pose(-77.0)), SEED)
    drawn = frames(live)
    now = clock.get_frame_count()
    for back in range(drawn + 1):
        clock.set_frame_count(now - back)
        assert not any(target.buffer.is_active() for target in (live.scope.anatomy, *live._passes))
    clock.set_frame_count(now)


def test_nothing_is_drawn_when_nothing_is_wanted(live):
    live.want(SHOT, SEED)
    frames(live)
    assert not live.draw()
    live.want(SHOT, SEED)  # the one that is shown
    assert not live.draw() and live.ready


def test_a_key_image_is_the_exposure_and_what_was_under_way_begins_anew(scope, live):
    from PIL import Image

    current, key = later(SHOT, pose=Pose(55.0)), replace(SHOT, t=3.0, pose=Pose(-55.0))
    live.want(current, SEED)
    live.draw()
    live.scope.studio.engine.render_frame()
    found = np.asarray(Image.open(io.BytesIO(live.png(key, SEED))))
    np.testing.assert_array_equal(found, scope.exposure(key, SEED).grey)
    assert live.shown is key and not live.ready
    frames(live)
    assert live.shown is current
    np.testing.assert_array_equal(grey(live), scope.exposure(current, SEED).grey)


def test_costs_are_measured_at_the_start_and_nothing_is_shown_yet(scope):
    made = Live(scope.studio, phantoms.phantom(("middle",)), 256)
    assert made.shown is None and made.ready and not made.draw()
    assert len(made.surface_ms) == 3 and all(0.0 < cost < 1000.0 for cost in (*made.surface_ms, *made.pass_ms))
    made.close()
