"""Wall time to simulated time: none lost, none invented, a hung frame cut short, a wait soon over."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.desk.pace import HURRY_S, LONGEST_S, Pace

FRAME = st.floats(0.001, LONGEST_S)
WAIT_MS = st.integers(1, 120_000)


@given(st.lists(st.tuples(st.floats(0.0, LONGEST_S), st.booleans()), max_size=200))
def test_no_millisecond_is_lost_or_invented(frames):
    pace = Pace()
    simulated = accumulate(pace.due(seconds, may_hurry) for seconds, may_hurry in frames)
    for ms, wall in zip(simulated, accumulate(seconds for seconds, _ in frames), strict=True):
        assert 1000.0 * wall - 1.001 <= ms <= 1000.0 * wall + 0.001


@given(st.floats(0.0, 1e6), st.booleans())
def test_a_hung_frame_is_followed_for_so_long_at_most(seconds, may_hurry):
    assert Pace().due(seconds, may_hurry) <= 1000.0 * LONGEST_S


@given(WAIT_MS, FRAME)
def test_a_wait_is_over_within_its_time_on_the_wall(wait_ms, frame):
    pace, wall, simulated = Pace(), 0.0, 0
    pace.hurry(wait_ms)
    while simulated < wait_ms:
        simulated += pace.due(frame, True)
        wall += frame
    assert wall <= HURRY_S + 2.0 * frame  # a frame is not cut, and a fraction of a millisecond may be owed to the next


@given(WAIT_MS, st.lists(FRAME, min_size=1, max_size=100))
def test_after_a_wait_time_is_real_again_in_the_middle_of_a_frame(wait_ms, frames):
    pace = Pace()
    pace.hurry(wait_ms)
    simulated = sum(pace.due(seconds, True) for seconds in frames)
    assert simulated <= wait_ms + 1000.0 * max(sum(frames) - min(HURRY_S, wait_ms / 1000.0), 0.0) + 0.01


@given(WAIT_MS, st.lists(FRAME, min_size=1, max_size=50))
def test_what_must_be_lived_through_is_not_hurried_though_a_wait_has_begun(wait_ms, frames):
    pace = Pace()
    pace.hurry(wait_ms)
    simulated = sum(pace.due(seconds, False) for seconds in frames)
    assert simulated <= 1000.0 * sum(frames) + 0.01
    assert pace.factor == 1.0


def test_the_rest_of_a_wait_is_hurried_when_that_is_over():
    pace = Pace()
    pace.hurry(60_000)
    assert pace.due(0.02, True) == 2000
    assert pace.factor == pytest.approx(100.0)
    assert pace.due(0.02, False) == 20
    assert pace.due(0.02, True) == 2000


def test_a_wait_that_is_shorter_than_the_hurry_takes_its_own_time():
    pace = Pace()
    pace.hurry(100)
    assert pace.due(0.05, True) == 50


def test_a_wait_can_be_ended_at_once_and_is_then_owed_no_more():
    pace = Pace()
    pace.hurry(10_000)
    passed = pace.due(0.1, may_hurry=True)
    left = pace.rest_of_wait()
    assert passed + left == pytest.approx(10_000, abs=1)
    assert pace.rest_of_wait() == 0
    assert pace.due(0.1, may_hurry=True) == pytest.approx(100, abs=1)
