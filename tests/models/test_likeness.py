"""The parametric vertebra, given one's measured sizes, beside that vertebra."""

import pytest

from game.settings import find_data
from models import synthetic
from models.errors import InputError
from models.genant import graded
from models.likeness import PARTS, likeness, parametric
from models.provide import provide
from models.recipe import LabelledRecipe, SyntheticRecipe

AIM_MM = dict(zip(PARTS, (1.5, 2.0, 3.0), strict=True))
VERSE = LabelledRecipe(labels="verse004_T9-L5_vertebrae_1mm.nii.gz", numbering="verse")


def test_a_parametric_vertebra_is_found_again_by_its_measured_sizes(first_case):
    """Of one that the model itself made, half a millimetre is left."""
    found = likeness(first_case, "L3")
    assert max(mean for mean, _ in found.values()) < 0.8, found
    given = parametric(first_case, "L3").size
    assert given.pedicle_width == pytest.approx(synthetic._shapes(SyntheticRecipe())["L3"].size.pedicle_width, rel=0.08)


@pytest.mark.long
def test_real_vertebrae_lie_near_the_parametric_ones(needs):
    """Mean distance of the unfractured levels of a VerSe spine: body 1.5, pedicles 2, arch 3 mm."""
    try:
        find_data(VERSE.labels)
    except InputError as why:
        needs(False, str(why))
    patient = provide(VERSE, find_data)
    for level in (level for level in patient.levels if graded(level, patient.vertebrae).grade == 0):
        for part, (mean, high) in likeness(patient, level).items():
            assert mean <= AIM_MM[part] and high < 8.0, (level, part, mean, high)
