"""What a monitor shows: turned as asked, every place found again, words and lines where they belong, a held picture held."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.fluoroscopy import display
from game.fluoroscopy.display import PRESETS, UPRIGHT, Display
from game.fluoroscopy.overlay import apart
from game.fluoroscopy.screen import (
    PALE,
    Line,
    Screen,
    Texts,
    detector_pixel,
    display_of,
    display_place,
    marker,
    technique_text,
)
from game.simulation.simulation import Snapshot
from models.carm import Pose
from models.xray import Technique

TURNS = [Display(turns, mirrored) for turns in (-1, 0, 1, 2) for mirrored in (False, True)]
SHOT = Snapshot(1.0, Pose(3.0), Technique(84.0, 0.21), None, True, None)


@pytest.fixture(scope="module")
def chart(scope):
    """A texture and its rows: a grey picture with one bright pixel, no symmetry."""
    from panda3d.core import SamplerState, Texture

    grey = np.full((512, 512), 60, dtype=np.uint8)
    grey[100:130, 300:340] = 200
    texture = Texture("chart")
    texture.setup_2d_texture(512, 512, Texture.T_unsigned_byte, Texture.F_rgb)
    texture.set_ram_image(np.repeat(grey[::-1, :, None], 3, axis=2).tobytes())
    texture.set_minfilter(SamplerState.FT_nearest)
    texture.set_magfilter(SamplerState.FT_nearest)
    return texture, grey


@pytest.fixture(scope="module")
def screen(scope):
    made = Screen(scope.studio, 512)
    yield made
    made.close()


def drawn(screen):
    screen.studio.engine.render_frame()
    return screen._face.read()[..., :3]


@pytest.mark.parametrize("turn", TURNS)
def test_the_picture_is_turned_as_the_display_turns_files(screen, chart, turn):
    texture, grey = chart
    screen.show(texture, SHOT, turn)
    found = drawn(screen)[..., 0].astype(int)
    away = np.abs(found - display.shown(grey, turn)) > 1
    away[: 512 // 6], away[-512 // 6 :] = False, False  # words and letters
    away[:, :40], away[:, -40:] = False, False
    assert not away.any()


@pytest.mark.parametrize("turn", TURNS)
@given(u=st.floats(0.0, 1.0), v=st.floats(0.0, 1.0))
def test_a_picked_place_and_its_pixel_lead_to_each_other(turn, u, v):
    assert display_place(*detector_pixel(u, v, turn), turn) == pytest.approx((u, v), abs=1e-9)


@pytest.mark.parametrize("turn", TURNS)
def test_a_picked_place_is_the_pixel_that_is_shown_there(chart, turn):
    _, grey = chart
    shown = display.shown(grey, turn)
    for right, down in ((3, 500), (250, 110), (400, 300), (120, 320), (315, 115)):
        column, row = detector_pixel((right + 0.5) / 512, 1.0 - (down + 0.5) / 512, turn)
        assert (column, row) == pytest.approx((round(column), round(row)), abs=1e-9)
        assert grey[round(row), round(column)] == shown[down, right]


def test_upright_the_middle_of_the_upper_left_pixel_is_pixel_zero():
    assert detector_pixel(0.5 / 512, 1.0 - 0.5 / 512, UPRIGHT) == pytest.approx((0.0, 0.0))
    assert detector_pixel(1.0, 0.0, UPRIGHT) == pytest.approx((511.5, 511.5))


@pytest.mark.parametrize("turn", TURNS)
def test_a_line_lies_on_its_pixels_however_the_display_is_turned(screen, chart, turn):
    colour = (0.1, 1.0, 0.2)
    screen.show(chart[0], SHOT, turn, [Line(np.array([[200.0, 150.0], [200.0, 350.0]]), colour)])
    greens = (drawn(screen) * np.array([-1.0, 1.0, -1.0])).sum(axis=-1) > 40
    down, right = np.nonzero(greens)
    pixels = np.array(
        [screen.detector_pixel((x + 0.5) / 512, 1 - (y + 0.5) / 512) for x, y in zip(right, down, strict=True)]
    )
    assert np.abs(pixels[:, 0] - 200).max() <= 1.5
    assert pixels[:, 1].min() == pytest.approx(150, abs=1.5) and pixels[:, 1].max() == pytest.approx(350, abs=1.5)


def test_a_line_without_length_is_no_line(screen, chart):
    screen.show(chart[0], SHOT)
    bare = drawn(screen)
    for points in ([[9.0, 300.0]], [[200.0, 300.0]] * 3):
        screen.show(chart[0], SHOT, UPRIGHT, [Line(np.array(points))])
        np.testing.assert_array_equal(drawn(screen), bare)


def test_a_marker_rings_its_point_and_leaves_it_free(screen, chart):
    screen.show(chart[0], SHOT, UPRIGHT, marker(256.0, 256.0))
    assert np.ptp(drawn(screen)[254:259, 254:259]) == 0
    assert np.ptp(drawn(screen)[240:272, 240:272]) > 100


def test_a_held_picture_stays_while_its_source_goes_on(screen, scope):
    shot = replace(SHOT, pose=Pose(20.0))
    scope.exposure(shot, 1)
    screen.show(scope.chain.monitor.textures[0], shot, texts=Texts("HELD"))
    held = drawn(screen)
    scope.exposure(replace(SHOT, pose=Pose(-70.0)), 1)
    screen.show(None, shot, texts=Texts("HELD"))
    np.testing.assert_array_equal(drawn(screen), held)


def test_one_to_one_the_picture_is_not_softened(screen, scope):
    grey = scope.exposure(SHOT, 3).grey
    screen.show(scope.chain.monitor.textures[0], SHOT)
    inside = slice(100, 400)
    assert np.abs(drawn(screen)[inside, inside, 0].astype(int) - grey[inside, inside]).max() <= 1


def test_before_the_first_picture_it_is_black_with_a_note(screen):
    screen.show(None, None, texts=Texts(note="press the pedal"))
    found = drawn(screen)
    assert found[200:312].max() > 150
    assert found[20:200].max() == 0
    assert screen.snapshot is None


def test_words_say_what_the_picture_is_and_differ_for_another(screen, chart):
    corners = []
    for mark, technique in (("LIVE", SHOT.technique), ("HELD", SHOT.technique), ("LIVE", Technique(100.0, 0.5))):
        screen.show(chart[0], replace(SHOT, technique=technique), texts=Texts(mark))
        found = drawn(screen)
        corners.append((found[:40, 400:].copy(), found[430:, :256].copy()))
    assert (corners[0][0] != corners[1][0]).any() and (corners[0][1] == corners[1][1]).all()
    assert (corners[0][0] == corners[2][0]).all() and (corners[0][1] != corners[2][1]).any()
    assert "84 kVp" in technique_text(SHOT)


def test_small_words_are_at_least_as_high_as_can_be_read(scope, chart):
    """Capitals of the smallest words: 9 pixels at 512 and growing with the screen (DejaVu's capitals are 0.73 em)."""
    heights = {}
    for size in (512, 1024):
        made = Screen(scope.studio, size)
        made.show(None, None)
        ink = drawn(made)[..., 0] > 160
        rows = np.nonzero(ink[:, size // 2 :].any(axis=1))[0]  # SIMULATED, lower right
        heights[size] = np.ptp(rows) + 1
        made.close()
    assert heights[512] >= 9
    assert heights[1024] >= 1.7 * heights[512]


def test_it_is_drawn_only_when_told(screen, chart):
    screen.show(chart[0], SHOT)
    drawn(screen)
    screen._picture.set_shader_input("lit", 0.0)  # would be black if it were drawn again
    assert drawn(screen)[256, 100, 0] == 60
    screen._picture.set_shader_input("lit", 1.0)


def test_a_small_view_of_it_is_its_mean_not_a_picked_pixel(screen, scope):
    """Mipmaps are made anew with each picture: the room's monitor does not flicker with noise."""
    from game import graphics

    scope.exposure(SHOT, 3)
    screen.show(scope.chain.monitor.textures[0], SHOT)
    whole = drawn(screen)[..., 0].astype(float)
    small = graphics.Target(scope.studio, "small", 32, 4, kind="byte")
    small.cover("turned", {**screen._turned(UPRIGHT, 32), "picture": screen.texture})
    scope.studio.draw(small)
    found = small.read()[..., 0].astype(float)
    scope.studio.remove(small)
    inside = slice(8, 24)
    expected = whole.reshape(32, 16, 32, 16).mean(axis=(1, 3))[inside, inside]
    picked = whole[8::16, 8::16][inside, inside]
    assert np.abs(found[inside, inside] - expected).mean() < 0.3 * np.abs(picked - expected).mean()


def test_resized_it_is_crisp_at_its_new_size_in_the_same_texture(scope, chart):
    made, fresh = Screen(scope.studio, 512), Screen(scope.studio, 700)
    texture = made.texture
    for each in (made, fresh):
        each.show(chart[0], SHOT, texts=Texts("LIVE"))
    drawn(made)
    made.resize(700)
    found = drawn(made)
    assert found.shape == (700, 700, 3)
    np.testing.assert_array_equal(found, fresh._face.read()[..., :3])
    assert made.texture is texture and texture.x_size == 700
    made.close()
    fresh.close()


def test_labels_give_way_to_each_other_and_to_the_words(screen):
    lines = [Line(np.array([[250.0 + n, 250.0 + 2 * n]]), PALE, f"label {n}") for n in range(8)]
    lines.append(Line(np.array([[5.0, 508.0]]), PALE, "in the way of kVp"))
    screen.show(None, SHOT, UPRIGHT, lines)
    labels = screen.overlay.taken[-len(lines) :]
    for number, (corner, extent) in enumerate(labels):
        assert (corner >= 0).all() and (corner + extent <= screen.size).all()
        for other, reach in [*screen.overlay.taken[: -len(lines)], *labels[:number]]:
            assert not ((corner < other + reach) & (other < corner + extent)).all()


@pytest.mark.parametrize("turn", TURNS)
def test_names_stand_outside_all_shapes_at_the_nearer_side_however_the_display_is_turned(screen, turn):
    around = 40.0 * np.stack([np.cos(np.linspace(0, 6.28, 40)), np.sin(np.linspace(0, 6.28, 40))], axis=-1)
    ends = [around + np.array([256.0 + 60.0 * across, 256.0 + 60.0 * down]) for across, down in ((-1, -1), (1, 1))]
    screen.show(
        None, SHOT, turn, [Line(points, PALE, name) for points, name in zip(ends, ("one", "other"), strict=True)]
    )
    labels = screen.overlay.taken[-2:]
    left, right = sorted(labels, key=lambda each: each[0][0])
    scale = screen.size / 512
    assert left[0][0] + left[1][0] < scale * (256 - 60 - 38)
    assert right[0][0] > scale * (256 + 60 + 38)


def test_names_of_one_side_keep_the_order_of_their_shapes_and_stay_on_the_screen():
    assert apart([10.0, 12.0, 200.0], 20.0, 512.0) == [10.0, 30.0, 200.0]
    low = apart([480.0, 490.0, 500.0], 20.0, 512.0)
    assert low == sorted(low) and low[-1] <= 492.0 and min(np.diff(low)) >= 20.0


# ---- which display for which pose


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_pose_gets_its_display(name):
    orbital = {"ap": 0.0, "left-lateral": 90.0, "right-lateral": -90.0}[name]
    for now in PRESETS.values():
        assert display_of(Pose(orbital), now) == PRESETS[name]


def test_near_the_turning_point_the_display_stays_as_it_is():
    lateral = PRESETS["left-lateral"]
    for orbital in (42.0, 45.0, 48.0):
        assert display_of(Pose(orbital), UPRIGHT) == UPRIGHT
        assert display_of(Pose(orbital), lateral) == lateral
    assert display_of(Pose(51.0), UPRIGHT) == lateral
    assert display_of(Pose(39.0), lateral) == UPRIGHT


def test_words_are_inside_the_screen_at_every_pose_and_turn(screen):
    for orbital in range(-100, 101, 20):
        for turn in TURNS:
            screen.show(
                None, replace(SHOT, pose=Pose(float(orbital))), turn, [Line(np.array([[511.0, 0.0]]), PALE, "far")]
            )
            low, high = np.array(screen.overlay._node.get_tight_bounds())[:, :2]
            assert (np.array(low) >= -1.0).all() and (np.array(high) <= 1.0).all()
