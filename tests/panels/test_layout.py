"""Where things stand, for every window and arrangement that we promise."""

from itertools import combinations, product

import pytest

from game.panels.layout import ARRANGEMENTS, LEAST, Rect, arrange, unit
from models.errors import InputError

SIZES = (
    (1280, 720),
    (1920, 1080),
    (3840, 2160),
    (1024, 768),
    (1024, 720),
    (1280, 800),
    (1366, 768),
    (2560, 1080),
    (3440, 1440),
)
CASES = list(product(SIZES, ARRANGEMENTS))


@pytest.mark.parametrize(("size", "arrangement"), CASES)
def test_nothing_overlaps_and_all_is_inside(size: tuple[int, int], arrangement: str) -> None:
    parts = arrange(*size, arrangement).parts
    for name, rect in parts.items():
        assert rect.w > 0 and rect.h > 0, name
        assert rect.within(Rect(0, 0, *size)), name
    for (one, first), (other, second) in combinations(parts.items(), 2):
        assert not first.overlaps(second), f"{one} and {other}"


@pytest.mark.parametrize(("size", "arrangement"), CASES)
def test_pictures_are_square_and_large_enough_to_read(size: tuple[int, int], arrangement: str) -> None:
    places = arrange(*size, arrangement)
    u = unit(*size)
    assert places.live.w == places.live.h and places.reference.w == places.reference.h
    assert places.live.w >= 0.99 * (512 if arrangement == "room" else 350) * u * (
        0.9 if size[0] / size[1] < 1.6 else 1.0
    )
    assert places.reference.w >= 190 * u
    assert places.figures.h >= 155.5 * u and places.figures.w >= 280 * u
    assert places.step is not None and places.step.w >= 470 * u and places.step.h >= 90 * u
    assert places.keys.h >= 56 * u


@pytest.mark.parametrize(("size", "arrangement"), CASES)
def test_without_steps_the_keys_have_their_place(size: tuple[int, int], arrangement: str) -> None:
    with_step, without = arrange(*size, arrangement), arrange(*size, arrangement, step=False)
    assert without.step is None
    assert without.keys.w * without.keys.h > with_step.keys.w * with_step.keys.h or without.room.h > with_step.room.h
    for (one, first), (other, second) in combinations(without.parts.items(), 2):
        assert not first.overlaps(second), f"{one} and {other}"


def test_live_is_512_at_the_smallest_wide_window() -> None:
    assert arrange(1280, 720).live.w == 512


def test_the_two_arrangements_do_what_they_are_for() -> None:
    room, monitors = arrange(1920, 1080, "room"), arrange(1920, 1080, "monitors")
    assert room.room.w * room.room.h > 2 * monitors.room.w * monitors.room.h
    assert monitors.reference.w == monitors.live.w > 2 * room.reference.w


def test_an_unknown_arrangement_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="'cinema': expected room or monitors"):
        arrange(1280, 720, "cinema")


def test_rectangles_that_share_an_edge_do_not_overlap() -> None:
    assert not Rect(0, 0, 10, 10).overlaps(Rect(10, 0, 10, 10))
    assert Rect(0, 0, 10, 10).overlaps(Rect(9, 9, 10, 10))
    assert Rect(0, 0, 10, 10).contains(0, 0) and not Rect(0, 0, 10, 10).contains(10, 0)


def test_a_smaller_window_is_laid_out_as_the_least_one() -> None:
    assert arrange(300, 200) == arrange(*LEAST)
