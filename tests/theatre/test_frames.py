"""When the room is drawn: not at all at rest, fewer pixels in motion, finely in tiles at rest, the monitor alone."""

import numpy as np

from game.theatre.quality import FRAME_MS, LEAST, MOST, Pace, Quality
from models.instruments import TrocarPose
from tests.theatre.conftest import Clock

SLOW = Quality(scale=0.5, samples=0, shadow_size=256, taps=4)


def frames(theatre, clock, most=100, step=0.05):
    """Frames of a window's loop until nothing is drawn for a second; how many were drawn."""
    drawn, quiet = 0, 0
    while quiet < 1.0 / step:
        busy = theatre.draw()
        theatre.studio.engine.render_frame()
        clock.now += step
        drawn, quiet = drawn + busy, 0 if busy else quiet + 1
        assert drawn < most
    return drawn


def test_nothing_is_drawn_when_nothing_changed(make, moment):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW)
    theatre.show(moment(orbital=10.0))
    assert frames(theatre, clock) > 0
    theatre.show(moment(orbital=10.0))
    assert frames(theatre, clock) == 0
    theatre.show(moment(orbital=11.0))
    assert frames(theatre, clock) > 0


def test_a_quick_machine_draws_one_frame_a_change(make, moment):
    clock = Clock()
    theatre = make(clock=clock, quality=Quality(scale=1.0, samples=4, shadow_size=256, taps=4))
    frames(theatre, clock, step=0.01)
    theatre.show(moment(orbital=12.0))
    assert frames(theatre, clock, step=0.01) == 1


def test_the_picture_at_rest_is_the_one_drawn_at_once(make, moment):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW)
    theatre.show(moment(orbital=10.0))
    theatre.pace.full_ms = 5 * FRAME_MS
    assert theatre.pace.frames(4.0) == 20
    assert frames(theatre, clock, most=80) >= 1 + 20
    tiles = theatre.picture.final.read().astype(int)
    whole = theatre.still().astype(int)
    assert np.abs(tiles - whole).mean() < 0.2
    assert np.percentile(np.abs(tiles - whole), 99) <= 3


def test_a_picture_at_rest_is_smoother_than_one_in_motion(make, moment):
    theatre = make(clock=Clock(), quality=SLOW)
    theatre.show(moment(orbital=10.0))
    theatre.draw()
    theatre.studio.engine.render_frame()
    moving = theatre.picture.final.read().astype(int)
    still = theatre.still().astype(int)
    assert 1.0 < np.abs(moving - still).mean() < 12.0  # the same picture, but not as fine


def test_motion_in_the_middle_of_a_fine_picture_comes_first(make, moment):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW)
    theatre.show(moment(orbital=10.0))
    theatre.pace.full_ms = 8 * FRAME_MS
    theatre.draw()
    clock.now += 0.2
    theatre.draw()
    assert theatre._tiles
    theatre.show(moment(orbital=20.0))
    theatre.draw()
    assert not theatre._tiles
    assert theatre._rough == theatre.picture.whole


def test_new_pictures_on_the_monitor_redraw_the_monitor_alone(make, moment):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW)
    theatre.show(moment())
    frames(theatre, clock)
    theatre.screens_changed()
    assert theatre.draw()
    assert 0.0 < part_drawn(theatre) < 0.3
    theatre.studio.engine.render_frame()
    after = theatre.picture.final.read().astype(int)
    assert np.percentile(np.abs(after - theatre.still().astype(int)), 99) <= 3
    assert frames(theatre, clock) == 0


def test_a_trocar_that_goes_on_is_drawn_again_alone_with_its_shadow(make, moment, isocentre):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW, size=(640, 360))
    theatre.show(moment(held(isocentre, 30.0)))
    frames(theatre, clock)
    before = theatre.picture.final.read().astype(int)
    theatre.show(moment(held(isocentre, 0.0)))
    assert theatre.draw()
    assert 0.0 < part_drawn(theatre) < 0.3
    theatre.studio.engine.render_frame()
    assert np.abs(theatre.picture.final.read().astype(int) - before).max() > 40
    frames(theatre, clock)
    after = theatre.picture.final.read().astype(int)
    whole = theatre.still().astype(int)
    assert np.percentile(np.abs(after - whole), 99.9) <= 4
    assert frames(theatre, clock) == 0


def test_a_trocar_that_goes_on_while_the_full_picture_is_made_ends_right(make, moment, isocentre):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW, size=(640, 360))
    theatre.show(moment(held(isocentre, 30.0)))
    theatre.pace.full_ms = 6 * FRAME_MS
    theatre.draw()
    for depth in np.linspace(29.0, 5.0, 12):
        theatre.studio.engine.render_frame()
        clock.now += 0.04
        theatre.show(moment(held(isocentre, depth)))
        theatre.draw()
    frames(theatre, clock)
    after = theatre.picture.final.read().astype(int)
    assert np.percentile(np.abs(after - theatre.still().astype(int)), 99.9) <= 4


def test_the_pedal_draws_the_cross_again_alone(make, moment):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW, size=(640, 360))
    theatre.show(moment())
    frames(theatre, clock)
    theatre.show(moment(beam=True))
    assert theatre.draw()
    assert 0.0 < part_drawn(theatre) < 0.3
    theatre.studio.engine.render_frame()
    frames(theatre, clock)
    after = theatre.picture.final.read().astype(int)
    assert np.percentile(np.abs(after - theatre.still().astype(int)), 99.9) <= 4


def held(isocentre, above_mm):
    """A trocar straight down toward the isocentre, its tip so far above."""
    tip = np.add(isocentre, [0.0, above_mm, 0.0])
    return TrocarPose(tip, np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))


def part_drawn(theatre):
    """Share of the picture that the coming frame draws."""
    left, right, bottom, top = theatre.picture.end.get_dimensions()
    return (right - left) * (top - bottom)


def test_on_a_slow_machine_the_monitor_is_redrawn_a_few_times_a_second_at_most(make, moment):
    clock = Clock()
    theatre = make(clock=clock, quality=SLOW)
    theatre.show(moment())
    frames(theatre, clock)
    drawn = 0
    for _ in range(60):
        theatre.screens_changed()
        drawn += theatre.draw()
        clock.now += 1 / 30
    assert 4 <= drawn <= 8


def test_another_size_is_another_picture(make, moment):
    theatre = make()
    theatre.show(moment())
    theatre.resize(400, 300)
    assert theatre.still("operator").shape == (300, 400, 3)
    assert theatre.still("operator").std() > 15
    theatre.resize(0, 0)  # minimised
    assert theatre.picture.size == (400, 300)


def test_going_to_a_viewpoint_ends_there(make, moment):
    from game.theatre.camera import VIEWPOINTS

    clock = Clock()
    theatre = make(clock=clock, quality=SLOW)
    theatre.show(moment())
    frames(theatre, clock)
    theatre.look("head")
    frames(theatre, clock)
    assert theatre.picture.view == VIEWPOINTS["head"]
    theatre.orbit(0.2, 0.1)
    theatre.zoom(1.5)
    frames(theatre, clock)
    assert theatre.picture.view != VIEWPOINTS["head"]
    theatre.look("head")
    frames(theatre, clock)
    assert theatre.picture.view == VIEWPOINTS["head"]


def test_what_is_closed_leaves_no_buffer_behind(studio, make):
    before = studio.engine.get_num_windows()
    theatre = make()
    assert studio.engine.get_num_windows() == before + 4
    theatre.close()
    assert studio.engine.get_num_windows() == before
    theatre.close()


def test_a_slow_machine_draws_fewer_pixels_and_a_quick_one_more():
    pace = Pace(Quality(scale=1.0))
    for _ in range(20):
        pace.took(300.0 * pace.quality.scale**2)
    assert FRAME_MS * 0.5 < 300.0 * pace.quality.scale**2 < FRAME_MS * 1.3
    assert pace.frames(1.0) > 4
    for _ in range(100):
        pace.took(4.0)
    assert pace.quality.scale == MOST
    for _ in range(20):
        pace.took(5000.0)
    assert pace.quality.scale == LEAST


def test_software_renderers_begin_with_less():
    assert Quality.of("llvmpipe (LLVM 15.0.7, 256 bits)").scale < Quality.of("NVIDIA GeForce RTX 3060").scale == 1.0
