"""The phantom, once for all tests of this room."""

import pytest

from models.patient import Patient
from tests.procedure import phantoms


@pytest.fixture(scope="session")
def phantom() -> Patient:
    """Three vertebrae on squared paper."""
    return phantoms.patient()
