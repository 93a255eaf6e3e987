"""What every room's tests share: `needs` for what a machine may lack, and the tests marked `long`.

    def test_picture(needs): needs(opengl_is_here(), "no OpenGL")

skips with that reason, or fails where PEDICLE_STRICT=1 (CI), so that nothing is left out there unseen.
"""

import os
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

# A law must hold however slow the machine; tests of time say so themselves.
settings.register_profile("pedicle", deadline=None)
settings.load_profile("pedicle")


def _needs(condition: object, reason: str) -> None:
    if condition:
        return
    if os.environ.get("PEDICLE_STRICT") == "1":
        pytest.fail(f"{reason}: and PEDICLE_STRICT=1 forbids to skip", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def needs() -> Callable[[object, str], None]:
    """needs(condition, reason): skip where the machine lacks something, fail where that must not be."""
    return _needs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the tests marked long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture(autouse=True)
def _options_of_no_command() -> Iterator[None]:
    """No test inherits the options of a command that another one ran in this process."""
    yield
    if (line := sys.modules.get("game.cli")) is not None:
        line.set_options()
