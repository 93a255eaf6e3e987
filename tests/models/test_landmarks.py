"""Landmarks found on vertebrae built from primitives whose plates, pedicles and canal are known."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from models.distance import redistance
from models.landmarks import Rough, vertebra, vertebrae
from models.patient import SIDES, Bone, Grid, Vertebra
from models.surfaces import bone

Array = NDArray[np.float64]
H = 0.75  # mm, coarser than a patient's grid: quick


@dataclass(frozen=True)
class Made:
    """A vertebra of known shape, its own frame: body on the origin, canal behind, arch, processes."""

    front_half: float = 12.0  # half height of the body in front
    back_half: float = 12.0
    dish: float = 0.0  # how deep the middle of each plate lies below its rim
    convergence: float = 12.0
    pedicle: tuple[float, float] = (4.0, 7.0)  # half width, half height

    def body(self, p: Array) -> Array:
        x, y, z = np.moveaxis(p, -1, 0)
        side = (np.hypot(x / 21.0, (y + 0.0) / 15.5) - 1.0) * 15.5
        half = self.back_half + (self.front_half - self.back_half) * np.clip((15.0 - y) / 30.0, 0, 1)
        hollow = self.dish * np.clip(1.0 - (x / 15.0) ** 2 - (y / 11.0) ** 2, 0, 1)
        return np.maximum(side, np.abs(z) - half + hollow)

    def axis(self, sign: float) -> Array:
        c = np.radians(self.convergence)
        return np.array([-sign * np.sin(c), -np.cos(c), 0.0])

    def isthmus(self, sign: float) -> Array:
        return np.array([sign * 15.0, 20.0, 3.0])

    def tube(self, p: Array, sign: float) -> Array:
        q = p - self.isthmus(sign)
        along = q @ self.axis(sign)
        u = q @ np.cross(self.axis(sign), [0.0, 0.0, 1.0])
        half_width, half_height = self.pedicle
        flare = 1.0 + 0.004 * along**2
        wide = (np.hypot(u / (half_width * flare), q[..., 2] / (half_height * flare)) - 1.0) * half_width
        return np.maximum(wide, np.abs(along) - 11.0)

    def arch(self, p: Array) -> Array:
        x, y, z = np.moveaxis(p, -1, 0)
        ring = np.abs(np.hypot(x / 17.0, (y - 24.0) / 13.0) - 1.0) * 13.0 - 3.5
        lamina = np.maximum(np.maximum(ring, 27.0 - y), np.abs(z + 1.0) - 9.0)
        spine = np.maximum(np.maximum(np.abs(x) - 2.5, np.abs(y - 48.0) - 13.0), np.abs(z + 6.0) - 7.0)
        return np.minimum(lamina, spine)

    def field(self, p: Array) -> Array:
        parts = [self.body(p), self.arch(p), self.tube(p, 1.0), self.tube(p, -1.0)]
        return np.minimum.reduce(parts)


def turn(about_x: float, about_y: float, about_z: float) -> Array:
    a, b, c = np.radians([about_x, about_y, about_z])
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return rz @ ry @ rx


def build(made: Made) -> Bone:
    low, high = np.array([-27.0, -21.0, -21.0]), np.array([27.0, 67.0, 21.0])
    axes = [np.arange(a, b, H) for a, b in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    distance = Grid(redistance(made.field(points), H), low, H)
    even = Grid(np.full((2, 2, 2), 0.4, dtype=np.float32), low, 200.0)
    frame = np.eye(4)
    frame[:3, :3], frame[:3, 3] = TURN, PLACE
    return bone("L2", frame, distance, even, even, 0.08)


TURN, PLACE = turn(14.0, -6.0, 9.0), np.array([12.0, -40.0, 230.0])
OFF = turn(-11.0, 9.0, -8.0)  # how wrong the rough frame is
NORMAL = Made()
WEDGE = Made(front_half=8.0)
BICONCAVE = Made(front_half=8.5, back_half=10.0, dish=4.5)


@pytest.fixture(scope="module", params=[NORMAL, WEDGE, BICONCAVE], ids=["normal", "wedge", "biconcave"])
def case(request: pytest.FixtureRequest) -> tuple[Made, Vertebra]:
    wrong = TURN @ OFF
    rough = Rough(PLACE + np.array([4.0, 6.0, -5.0]), wrong[:, 0], wrong[:, 1], wrong[:, 2])
    return request.param, vertebra("L2", build(request.param), rough)


def own(point: Array) -> Array:
    """A point of the patient frame in the frame the vertebra was made in."""
    return (point - PLACE) @ TURN


def apart(a: Array, b: Array) -> float:
    """Degrees between two directions."""
    return float(np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))))


def test_axes_are_the_vertebras_own(case: tuple[Made, Vertebra]) -> None:
    _, found = case
    assert apart(found.superior @ TURN, np.array([0, 0, 1.0])) < 1.5
    assert apart(found.left @ TURN, np.array([1.0, 0, 0])) < 2.0
    axes = np.stack([found.left, found.posterior, found.superior])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1.0)


def test_plates_are_the_planes_of_their_rims(case: tuple[Made, Vertebra]) -> None:
    made, found = case
    lean = np.arctan2(made.front_half - made.back_half, 30.0)
    expected = np.array([0.0, np.sin(lean), np.cos(lean)])
    for plate, normal in ((found.superior_plate, expected), (found.inferior_plate, expected * [1, 1, -1])):
        assert apart(plate.normal @ TURN, normal) < 1.5
        y = own(plate.centre)[1]
        half = made.back_half + (made.front_half - made.back_half) * (15.0 - y) / 30.0
        assert abs(abs(own(plate.centre)[2]) - half) < 0.7
        off = (plate.rim - plate.centre) @ plate.normal
        assert np.percentile(np.abs(off), 90) < 1.2


def test_rims_run_anticlockwise_from_the_left(case: tuple[Made, Vertebra]) -> None:
    _, found = case
    for plate in (found.superior_plate, found.inferior_plate):
        around = (plate.rim - plate.rim.mean(axis=0)) @ np.stack([found.left, found.posterior], axis=1)
        angle = np.unwrap(np.arctan2(around[:, 1], around[:, 0]))
        assert (np.diff(angle) > 0).mean() > 0.9
        assert angle[-1] - angle[0] == pytest.approx(2 * np.pi, abs=0.5)
        assert around[0, 0] > 12.0


def test_heights_width_and_depth(case: tuple[Made, Vertebra]) -> None:
    made, found = case
    middle = made.front_half + made.back_half - 2 * made.dish
    assert found.anterior_height == pytest.approx(2 * made.front_half, abs=1.2)
    assert found.posterior_height == pytest.approx(2 * made.back_half, abs=1.2)
    assert found.middle_height == pytest.approx(middle, abs=1.0)
    assert found.width == pytest.approx(42.0, abs=1.0)
    assert found.depth == pytest.approx(31.0, abs=1.0)


@pytest.mark.parametrize("side", SIDES)
def test_pedicles_at_their_isthmus(case: tuple[Made, Vertebra], side: str) -> None:
    made, found = case
    sign = 1.0 if side == "left" else -1.0
    pedicle = found.pedicles[side]  # type: ignore[index]
    off = own(pedicle.centre) - made.isthmus(sign)
    across = off - (off @ made.axis(sign)) * made.axis(sign)
    assert np.linalg.norm(across) < 1.0
    assert apart(pedicle.axis @ TURN, made.axis(sign)) < 8.0
    assert pedicle.width == pytest.approx(2 * made.pedicle[0], abs=0.9)
    assert pedicle.height == pytest.approx(2 * made.pedicle[1], abs=1.2)
    assert np.abs((pedicle.ring - pedicle.centre) @ pedicle.axis).max() < 1e-6
    assert np.abs(made.field(own(pedicle.ring))).max() < 0.6


def test_wall_canal_corners_and_spinous_tip(case: tuple[Made, Vertebra]) -> None:
    made, found = case
    wall = own(found.posterior_wall)
    assert abs(wall[0]) < 1.0
    assert wall[1] == pytest.approx(15.5, abs=0.8)
    canal = own(found.canal_centre)
    assert abs(canal[0]) < 1.0
    assert canal[1] == pytest.approx((15.5 + 33.5) / 2, abs=1.5)
    assert found.canal_half_depth == pytest.approx((33.5 - 15.5) / 2, abs=1.0)
    assert 9.0 < found.canal_half_width < 12.5
    tip = own(found.spinous_tip)
    assert tip == pytest.approx([0.0, 61.0, -6.0], abs=2.5)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        corner = own(found.corners[side])  # type: ignore[index]
        assert sign * corner[0] > 8.0
        assert made.field(corner) == pytest.approx(0.0, abs=0.6)


def test_outline_lies_on_the_body_and_not_on_the_arch(case: tuple[Made, Vertebra]) -> None:
    made, found = case
    outline = own(found.outline)
    assert len(outline) > 800
    assert np.percentile(np.abs(made.body(outline)), 95) < 1.0
    assert outline[:, 1].max() < 19.0
    assert np.ptp(outline, axis=0) == pytest.approx([42.0, 31.0, 2 * made.back_half], abs=4.0)


def test_a_clear_vertebra_is_found_with_confidence(case: tuple[Made, Vertebra]) -> None:
    assert 0.8 < case[1].confidence <= 1.0


def test_a_ball_has_no_canal_and_is_named() -> None:
    along = np.arange(-14.0, 14.1, 1.0)
    points = np.stack(np.meshgrid(along, along, along, indexing="ij"), axis=-1)
    low = np.full(3, -14.0)
    even = Grid(np.full((2, 2, 2), 0.4, dtype=np.float32), low, 200.0)
    distance = Grid(redistance(np.linalg.norm(points, axis=-1) - 10.0, 1.0), low, 1.0)
    ball = bone("L3", np.eye(4), distance, even, even, 0.08)
    with pytest.raises(ValueError, match="L3: no canal"):
        vertebrae({"L3": ball}, {"L3": Rough(np.zeros(3), *np.eye(3))})
