"""One phantom and one fluoroscope for all tests of the room; skipped where there is no OpenGL."""

import pytest

from tests.fluoroscopy import phantoms


@pytest.fixture(scope="session")
def patient():
    return phantoms.phantom()


@pytest.fixture(scope="session")
def scope(patient, needs):
    from game.fluoroscopy.projector import Fluoroscope
    from models.errors import MissingError

    try:
        made = Fluoroscope(patient)
    except MissingError as error:
        needs(False, str(error))
    yield made
    made.close()
