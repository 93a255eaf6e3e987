"""Single levels of a recipe, each built by itself in its own frame: all that heights, walls and gaps need, and fast."""

from functools import cache

import numpy as np

from models import landmarks, synthetic
from models.patient import Bone, Vertebra
from models.recipe import Fracture, SyntheticRecipe
from models.vertebra import Shape

FRACTION = 0.08
COARSE_MM = (
    0.6  # surfaces stand where their fields do, not at samples: heights are right to some 0.3 mm even in a plana
)


def recipe(*broken: Fracture, levels: tuple[str, ...] = ("L1", "L2", "L3")) -> SyntheticRecipe:
    return SyntheticRecipe(levels=levels, fractures=broken, seed=1, bone_volume_fraction=FRACTION)


@cache
def built(
    made: SyntheticRecipe, level: str, spacing: float = synthetic.SPACING_MM, pictured: bool = True
) -> tuple[Shape, Bone, Vertebra]:
    """A level with its landmarks, in its own frame."""
    shape = synthetic._shapes(made)[level]
    lattice = shape.lattice(spacing)
    field = lattice.cropped(shape.field(lattice), synthetic.MARGIN_MM)
    bone = synthetic._bone(made, shape, np.eye(4), *field, pictured=pictured)
    return shape, bone, landmarks.vertebra(level, bone, synthetic._rough(np.eye(4)))


def vertebrae(made: SyntheticRecipe) -> dict[str, Vertebra]:
    """Landmarks of every level, from coarser grids; those without a fracture are built once for all recipes."""
    broken = {fracture.level for fracture in made.fractures}
    whole = recipe(levels=made.levels)
    return {
        level: built(made if level in broken else whole, level, COARSE_MM, pictured=False)[2] for level in made.levels
    }
