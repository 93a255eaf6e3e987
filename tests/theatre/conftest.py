"""One room of boxes for all tests of the theatre, and a clock that tests turn; skipped where there is no OpenGL."""

import numpy as np
import pytest

from game.procedure.scenarios import load
from models.carm import Pose
from models.errors import InputError, MissingError
from models.provide import provide
from tests.theatre import boxes

SIZE = (320, 180)


def no_data(name):
    raise InputError(f"{name}: not for a synthetic patient")


@pytest.fixture(scope="session")
def patient():
    return provide(load("first-case").recipe, no_data)


@pytest.fixture(scope="session")
def isocentre(patient):
    return tuple(float(value) for value in patient.vertebrae["L2"].centre)


@pytest.fixture(scope="session")
def studio(needs):
    from game import graphics

    try:
        return graphics.studio()
    except MissingError as error:
        needs(False, str(error))


class Clock:
    """Seconds, turned by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def make(studio, patient):
    """make(pieces, ...) -> Theatre; closed afterwards."""
    from game.theatre.theatre import Theatre

    made = []

    def theatre(pieces=None, size=SIZE, **options):
        made.append(Theatre(studio, patient, "L2", size, pieces=pieces or boxes.room(), **options))
        return made[-1]

    yield theatre
    for each in made:
        each.close()


@pytest.fixture
def theatre(make):
    return make()


@pytest.fixture(scope="session")
def moment(isocentre):
    """moment(orbital=..., needle=..., beam=...) -> Moment about the target."""
    from game.session import Moment

    def at(needle=None, stylet=True, beam=False, **angles):
        return Moment(Pose(isocentre=isocentre, **angles), needle, stylet, beam, False)

    return at


def pixel(theatre, point):
    """(row, column) at which a point of the room [m] is seen: school geometry, no matrix of the renderer."""
    view, (width, height) = theatre.picture.view, theatre.picture.size
    ahead = np.subtract(view.at, view.eye) / np.linalg.norm(np.subtract(view.at, view.eye))
    right = np.cross(ahead, [0, 0, 1])
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    offset = np.subtract(point, view.eye)
    scale = height / 2 / np.tan(np.radians(view.fov_deg) / 2) / (offset @ ahead)
    return round(height / 2 - offset @ up * scale - 0.5), round(width / 2 + offset @ right * scale - 0.5)


def colour(theatre, image, point, reach=1):
    """(3,) mean colour round a point of the room."""
    row, column = pixel(theatre, point)
    return (
        image[row - reach : row + reach + 1, column - reach : column + reach + 1]
        .reshape(-1, 3)
        .astype(float)
        .mean(axis=0)
    )
