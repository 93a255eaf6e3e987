"""Patients for the tests of this room: one for each provider, built once (and kept in the user's cache)."""

from collections.abc import Callable
from functools import cache

import pytest

from game.procedure import scenarios
from models.patient import Patient
from models.provide import provide

FIRST_CASE = scenarios.load("first-case").recipe


def no_data(name: str):
    raise AssertionError(f"asked for {name}: a synthetic patient needs no file")


@cache
def synthetic() -> Patient:
    return provide(FIRST_CASE, no_data)


PROVIDERS: dict[str, Callable[[], Patient]] = {"synthetic": synthetic}
"""Name of a provider -> a patient of it; one that cannot be built here calls pytest.skip."""


@pytest.fixture(params=list(PROVIDERS))
def patient(request: pytest.FixtureRequest) -> Patient:
    """A patient of each provider: what every provider has to keep is tested on all of them."""
    return PROVIDERS[request.param]()


@pytest.fixture
def first_case() -> Patient:
    """The synthetic first case: T12-L4, L2 wedge."""
    return synthetic()
