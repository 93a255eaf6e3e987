"""Every page, at every size that we promise: all inside, nothing over anything else, all large enough to read."""

from itertools import combinations

import pytest

from game.panels import looks
from game.panels.layout import Rect
from game.panels.page import Page
from tests.panels.scenes import SCENES, theme_on
from tests.panels.seen import texts
from tests.panels.stage import Stage

SIZES = [(1280, 720, 1.0), (1280, 720, 1.3), (1024, 768, 1.0), (1920, 1080, 1.15), (3840, 2160, 1.0)]


@pytest.fixture
def scene(request: pytest.FixtureRequest, stage: Stage):
    """(theme, what is measured): a scene, laid out for a window of another size on the same stage."""
    name, (width, height, scale) = request.param
    theme = theme_on(stage, text_scale=scale)
    theme.width, theme.height = width, height
    SCENES[name](theme)
    root = theme.over if name == "message" else theme.page.root if theme.page is not None else theme.root
    yield theme, root
    theme.close()


every = pytest.mark.parametrize("scene", [(n, s) for n in SCENES for s in SIZES], indirect=True, ids=str)


@every
def test_texts_are_inside_apart_and_large_enough(scene, stage: Stage) -> None:
    theme, root = scene
    found = texts(root, stage.parent)
    assert found
    window = Rect(0, 0, theme.width, theme.height)
    for text in found:
        assert text.pixels >= looks.LEAST, text
        assert text.rect.within(window), text
    for one, other in combinations(found, 2):
        assert not one.rect.inset(1).overlaps(other.rect.inset(1)), f"{one} over {other}"


@every
def test_buttons_are_inside_and_apart(scene) -> None:
    theme, _ = scene
    if not isinstance(theme.page, Page):
        return
    window = Rect(0, 0, theme.width, theme.height)
    buttons = theme.page.buttons
    for name, button in buttons.items():
        assert button.rect.within(window), name
    for (one, first), (other, second) in combinations(buttons.items(), 2):
        assert not first.rect.overlaps(second.rect), f"{one} and {other}"
    for name, (x, y) in theme.page.places().items():
        assert buttons[name].rect.contains(x, y)


@pytest.mark.parametrize("name", sorted(set(SCENES) - {"start-many", "work-room"}))
def test_nothing_is_cut_at_the_usual_size(stage: Stage, name: str) -> None:
    theme = theme_on(stage)
    SCENES[name](theme)
    assert not [
        text.words for text in texts(theme.root, stage.parent) if text.words.endswith("…") and " …" not in text.words
    ]
    theme.close()


@pytest.mark.parametrize("name", ["start", "debrief", "work-room"])
def test_what_is_drawn_is_not_one_grey(stage: Stage, name: str) -> None:
    theme = theme_on(stage)
    SCENES[name](theme)
    picture = stage.draw().astype(int)
    theme.close()
    assert picture.std() > 10.0
    assert (picture.max(axis=2) > 230).mean() > 0.002  # there is text
