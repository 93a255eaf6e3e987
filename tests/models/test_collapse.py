"""Every kind of fracture: graded by Genant as the recipe asked; nothing folds; what cannot be made is refused by its key."""

import numpy as np
import pytest
from pydantic import ValidationError

from models import genant, synthetic
from models.errors import InputError
from models.patient import Vertebra
from models.recipe import Fracture, SyntheticRecipe
from tests.models import alone


def fracture(kind: str, heights: tuple[float | None, ...] = (), level: str = "L2", **keys: float) -> Fracture:
    names = ("anterior_height_fraction", "middle_height_fraction", "posterior_height_fraction")
    given = {name: height for name, height in zip(names, heights, strict=False) if height is not None}
    return Fracture(level=level, kind=kind, **given, **keys)


def built(*broken: Fracture, levels: tuple[str, ...] = ("L1", "L2", "L3")) -> dict[str, Vertebra]:
    return alone.vertebrae(alone.recipe(*broken, levels=levels))


CASES = [
    ("wedge", 1, (0.77, None, 0.97)),
    ("wedge", 2, (0.68, None, 0.95)),
    ("wedge", 3, (0.50, None, 0.92)),
    ("biconcave", 1, (0.95, 0.76, 0.97)),
    ("biconcave", 2, (0.92, 0.68, 0.97)),
    ("biconcave", 3, (0.90, 0.50, 0.95)),
    ("crush", 1, (0.77, 0.77, 0.77)),
    ("crush", 2, (0.66, 0.66, 0.70)),
    ("crush", 3, (0.50, 0.50, 0.55)),
    ("plana", 3, ()),
]


@pytest.mark.parametrize("levels", [("L1", "L2", "L3"), ("T8", "T9", "T10")], ids=["L2", "T9"])
@pytest.mark.parametrize(("kind", "grade", "heights"), CASES, ids=[f"{k}-{g}" for k, g, _ in CASES])
def test_kind_and_grade_come_out_as_asked(
    kind: str, grade: int, heights: tuple[float | None, ...], levels: tuple[str, str, str]
):
    above, level, below = levels
    asked = fracture(kind, heights, level)
    found = built(asked, levels=levels)
    got = genant.graded(level, found)
    assert (got.kind, got.grade) == (kind, grade), str(got)
    assert genant.graded(above, found).grade == genant.graded(below, found).grade == 0
    assert got.anterior == pytest.approx(asked.anterior_height_fraction, abs=0.03)
    assert got.posterior == pytest.approx(asked.posterior_height_fraction, abs=0.03)
    if asked.middle_height_fraction is not None:
        assert got.middle == pytest.approx(asked.middle_height_fraction, abs=0.04)


def test_two_levels_side_by_side_are_each_graded_as_asked():
    found = built(fracture("crush", level="L1"), fracture("biconcave"), levels=("T12", "L1", "L2", "L3"))
    kinds = {level: (got.kind, got.grade) for level, got in genant.all_graded(found).items()}
    assert kinds == {"T12": ("none", 0), "L1": ("crush", 2), "L2": ("biconcave", 2), "L3": ("none", 0)}


def test_three_in_a_row_are_measured_against_the_whole_levels_beyond():
    broken = (
        fracture("wedge", (0.5, None, 0.92), "L1"),
        fracture("crush", (0.66, 0.66, 0.70)),
        fracture("biconcave", level="L3"),
    )
    found = built(*broken, levels=("T12", "L1", "L2", "L3", "L4"))
    got = genant.all_graded(found)
    kinds = {level: (one.kind, one.grade) for level, one in got.items()}
    assert kinds == {
        "T12": ("none", 0),
        "L1": ("wedge", 3),
        "L2": ("crush", 2),
        "L3": ("biconcave", 2),
        "L4": ("none", 0),
    }
    for one in broken:
        assert got[one.level].anterior == pytest.approx(one.anterior_height_fraction, abs=0.03)
        assert got[one.level].posterior == pytest.approx(one.posterior_height_fraction, abs=0.03)


def test_a_plana_keeps_its_canal_and_its_pedicles_width():
    whole, flat = built()["L2"], built(fracture("plana"))["L2"]
    assert flat.canal_half_depth == pytest.approx(whole.canal_half_depth, abs=0.7)
    for side in ("left", "right"):
        assert flat.pedicles[side].width == pytest.approx(whole.pedicles[side].width, abs=0.8)
    assert min(flat.anterior_height, flat.middle_height, flat.posterior_height) >= 6.0
    assert max(flat.anterior_height, flat.middle_height, flat.posterior_height) <= 7.4


@pytest.mark.parametrize("kind", ["biconcave", "crush", "plana"])
def test_nothing_folds_between_the_plates(kind: str):
    shape = synthetic._shapes(SyntheticRecipe(levels=("L1", "L2", "L3"), fractures=(fracture(kind),)))["L2"]
    x, y, z = np.meshgrid(
        np.float32(np.linspace(-24, 24, 13)),
        np.float32(np.linspace(-18, 18, 19)),
        np.float32(np.linspace(-16, 16, 641)),
        indexing="ij",
    )
    assert (np.diff(shape.source_height(x, y, z), axis=2) > 0).all()


@pytest.mark.parametrize(
    ("kind", "heights", "key"),
    [
        ("plana", (0.1, 0.1, 0.1), "middle_height_fraction"),
        ("biconcave", (0.9, 0.1, 0.9), "middle_height_fraction"),
        ("wedge", (0.1, None, 0.9), "anterior_height_fraction"),
    ],
)
def test_a_loss_that_turns_the_body_inside_out_is_refused_by_its_key(kind: str, heights: tuple[float], key: str):
    recipe = SyntheticRecipe(levels=("L1", "L2", "L3"), fractures=(fracture(kind, heights),))
    with pytest.raises(InputError, match=rf"^patient.fractures: L2: {key}: [^\n]*cannot be made[^\n]*$"):
        synthetic._shapes(recipe)


def test_heights_that_are_not_of_the_kind_are_refused():
    for kind, heights in (("wedge", (0.6, 0.6, 0.9)), ("biconcave", (0.6, 0.8, 0.9)), ("plana", (0.5, 0.3, 0.3))):
        with pytest.raises(ValidationError):
            fracture(kind, heights)
