"""A case without a window: the mouse on the picture, keys that are the views', waits in frames. Views stand in here."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from game.desk import bindings
from game.desk.case import DRAG_PX, Case
from game.desk.modes import MODES
from game.desk.pace import HURRY_S
from game.desk.pages import Pages
from game.records.record import load
from models.carm import Pose, view
from tests.records.test_record import SCENARIO
from tests.simulation import phantoms
from tests.simulation.story import PEDICLE

PICTURE_PX = 512  # the stand-in's picture lies at the window's left upper corner, pixel on pixel; the room below it


def stand_in():
    """Views of which the mouse sees a picture above, the room below."""
    views = Mock()
    views.pixel = lambda x, y: (x, y) if y < PICTURE_PX else None
    views.bare = lambda skin: True
    views.layout.room.contains = lambda x, y: y >= PICTURE_PX
    views.live = SimpleNamespace(shown=None, png=Mock(), grey=Mock())
    views.landmarks = False
    return views


@pytest.fixture
def case(tmp_path):
    made = Case(stand_in(), SCENARIO, phantoms.phantom(), MODES["learn"], 1, tmp_path / "a.pedicle", False)
    made.session.simulation.rest_pose = Pose()
    yield made
    made.close()


def frames(case, seconds, frame_s=0.02):
    """Wall time goes by in frames."""
    for number in range(round(seconds / frame_s)):
        case.frame(case.session.simulation.ms / 1000.0 + number * frame_s, frame_s, running=True)


def drag(case, start, end, shift=False):
    case.mouse_down(*start)
    case.mouse_moved(*end)
    case.mouse_up(*end, shift)
    frames(case, 0.1)


def controls(case, *left_out):
    """Names of what the record holds."""
    case.recorder.sync()
    return [control.name for control in load(case.path).controls if control.name not in left_out]


def over_the_pedicle(case):
    case.session.do("expose")
    return tuple(float(value) for value in view(case.session.snapshot().pose).project(PEDICLE))


def test_every_action_of_the_file_is_handled(case):
    for action in bindings.load({}).actions:
        views, hands = case.views, case.hands
        before = (len(views.mock_calls), views.landmarks, case._storing)
        hands.centre = Mock()
        case.press(action.id, 0.0, (100.0, 100.0))
        case.release(action.id)
        seen = before != (len(views.mock_calls), views.landmarks, case._storing)
        by_hand = hands.press(action.id, 0.0)
        assert seen or by_hand or hands.centre.called or action.id in Pages.ACTIONS, action.id


def test_before_the_skin_the_button_aims_and_after_it_a_drag_shifts_and_with_shift_leans(case):
    at = over_the_pedicle(case)
    drag(case, at, at)
    assert controls(case) == ["expose", "aim"]
    frames(case, 1.0)
    case.session.do("push", mm=15.0, mm_s=40.0)
    drag(case, at, (at[0] + 20.0, at[1]))
    frames(case, 3.0)
    drag(case, at, (at[0] + 20.0, at[1]), shift=True)
    assert controls(case, "expose", "push") == ["aim", "shift", "lean"]


def test_in_tissue_a_click_and_a_drag_that_ends_off_the_picture_do_nothing(case):
    at = over_the_pedicle(case)
    drag(case, at, at)
    frames(case, 1.0)
    case.session.do("push", mm=15.0, mm_s=40.0)
    drag(case, at, (at[0] + DRAG_PX / 2.0, at[1]))
    drag(case, at, (at[0], PICTURE_PX + 20.0))
    assert controls(case, "expose") == ["aim", "push"]


def test_on_the_room_the_mouse_turns_the_view_and_the_wheel_draws_nearer(case):
    below = (100.0, PICTURE_PX + 50.0)
    drag(case, below, (140.0, PICTURE_PX + 50.0))
    case.press("step_in", 0.0, below)
    assert case.views.theatre.orbit.called
    assert case.views.theatre.zoom.called
    assert controls(case) == []


def test_landmarks_and_anatomy_are_refused_in_an_exam_in_one_line(case):
    case.mode = MODES["exam"]
    for action in ("landmarks", "anatomy"):
        case.press(action, 0.0, None)
    assert len(case.notices) == 2
    assert not case.views.landmarks
    assert not case.views.see_through.called


@pytest.mark.parametrize("frame_s", [0.01, 0.1, 0.25])
def test_a_minute_s_wait_is_over_soon_and_is_a_minute_on_a_slow_machine_too(case, frame_s):
    began = case.session.simulation.ms
    case.press("wait_long", 0.0, None)
    frames(case, HURRY_S + 2.0 * frame_s, frame_s)
    assert case.session.hand_free
    passed_s = (case.session.simulation.ms - began) / 1000.0
    assert 60.0 <= passed_s <= 60.0 + 3.0 * frame_s


def test_the_beam_never_runs_fast_though_it_begins_in_a_wait(case):
    case.press("wait_long", 0.0, None)
    frames(case, 0.1)
    case.press("pedal", 0.0, None)
    frames(case, 2.0)
    case.release("pedal")
    assert 14 <= case.session.readout()["pulses"] <= 17  # 7.5/s


def test_time_stands_still_while_it_does_not_run(case):
    case.frame(1.0, 0.2, running=False)
    assert case.session.simulation.ms == 0


def test_a_picture_is_stored_once_it_is_whole_on_the_screen(case):
    case.session.do("expose")
    case.press("store", 0.0, None)
    frames(case, 0.1)
    assert case.session.reference() is None
    case.views.live.shown = case.session.snapshot()
    frames(case, 0.1)
    assert case.session.reference() is case.session.snapshot()


def test_what_made_no_sense_is_told_in_one_line(case):
    case.press("inject", 0.0, None)
    frames(case, 0.1)
    assert len(case.notices) == 1
    assert "\n" not in case.notices[0]


def test_a_case_that_is_closed_in_the_middle_leaves_a_whole_record(tmp_path):
    case = Case(stand_in(), SCENARIO, phantoms.phantom(), MODES["practise"], 1, tmp_path / "b.pedicle", False)
    case.press("pedal", 0.0, None)
    frames(case, 0.5)
    case.close()
    record = load(case.path)
    assert record.complete
    assert [control.values for control in record.controls] == [{"down": True}, {"down": False}]
    assert case.views.close.called


def test_the_trocar_is_not_aimed_through_the_drape(case):
    case.views.bare = lambda skin: False
    case.mouse_down(200.0, 200.0)
    case.mouse_up(200.0, 200.0, shift=False)
    assert not case.hands.line
    assert "drape" in case.notices[-1]
