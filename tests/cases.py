"""Scenarios as parameters of a test: all of them, those apart whose patients take too long to build for every run."""

from collections.abc import Iterable
from typing import Any

import pytest

LONG = {"high-thoracic", "kyphotic-superimposition", "low-thoracic", "medial-entry"}
"""Tested with `test --long` only: each takes 10 to 20 s to build."""


def each(names: Iterable[str]) -> list[Any]:
    """Parameters for `pytest.mark.parametrize` or a fixture."""
    return [pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in names]
