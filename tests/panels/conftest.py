"""Pages without a window: a stage of 1280 x 720 for the module, a theme for each test."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from models.errors import MissingError


@cache
def opengl() -> str | None:
    """Why there is no OpenGL; None where there is."""
    from tests.panels.stage import show_base

    try:
        show_base()
    except MissingError as error:
        return str(error)
    return None


@pytest.fixture(scope="module")
def stage(needs: Callable[[object, str], None]) -> Iterator:
    needs(opengl() is None, f"{opengl()}")
    from tests.panels.stage import Stage

    made = Stage(1280, 720)
    yield made
    made.close()


@pytest.fixture
def theme(stage) -> Iterator:
    from tests.panels.scenes import theme_on

    made = theme_on(stage)
    yield made
    made.close()
