"""People as they vary: recipes drawn by sex and age, and sizes that stray from the mean together along the spine.

In: a seed, sex, age; or a recipe whose `spread` is above 0, and the mean sizes of its levels. Out: recipes; sizes in mm and degrees;
by how much the sides differ. A person's draws do not depend on which levels are built. Not here: the published means
(morphometry.py), shapes (vertebra.py), organs.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from models.errors import InputError
from models.morphometry import LEVELS, Size
from models.recipe import SyntheticRecipe
from models.vertebra import Skew

Sex = Literal["female", "male"]

STATURE_CM: Mapping[str, tuple[float, float]] = {"female": (161.0, 6.5), "male": (174.0, 7.0)}
"""Mean and standard deviation; assumed, of the size of European adults."""
TABLE_CM = 165.0
"""Stature of a person of the table's sizes; assumed. Sizes grow with stature, so that men's are 8 % larger (Hou 1993, T9
pedicles: 15 %; L5 by CT, FIGURES a2: bodies 9-11 %)."""
FULL_BONE, LOST_A_YEAR, BONE_SD = 0.15, {"female": 0.0015, "male": 0.0010}, 0.015
"""BV/TV up to 30 years (FIGURES e: 0.15 normal), what is lost a year after (a woman of 75 has 0.083: osteoporotic), and the
spread about it; all but the first assumed."""
BMI, BMI_SD = 26.0, 4.0  # kg/m2; assumed
PER_BMI_MM = {"fat_mm": 2.0, "torso_width_mm": 7.0, "torso_depth_mm": 7.0}
"""What fat of the back and the torso gain for each kg/m2; assumed."""
TORSO_PER_CM = 1.2  # mm of torso width for each cm of stature; assumed
LORDOSIS_DEG = (36.8, 13.2)  # recumbent, T12-S1 (FIGURES b)
MOST_SD = 2.0
"""No single draw lies farther from the mean (stature and a kind of size add up to a little more): rarer people are not what one
learns on, and every shape stays one."""

# --- one person's sizes ---

SHARES = {"person": 0.35, "smooth": 0.50, "own": 0.15}
"""Shares of the variance of one kind of size: of the whole person, running smoothly along the spine, of one level; assumed."""
ALONG = 0.8
"""Correlation of the smooth part between neighbours; assumed."""
VARIATION: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "bodies": (0.06, ("plate_width_upper", "plate_width_lower", "plate_depth_upper", "plate_depth_lower")),
    "heights": (0.065, ("posterior_height",)),
    "pedicles": (0.17, ("pedicle_width",)),
    "pedicle heights": (0.07, ("pedicle_height",)),
    "canal": (0.06, ("canal_width", "canal_depth")),
    "discs": (0.08, ("disc_below",)),
    "processes": (0.05, ("transverse_span", "spinous_reach")),
}
"""Kind -> (coefficient of variation, its sizes), besides what goes with stature (4 %). Pedicle widths: 17-22 % are published (Kaur
2016, Hou 1993: FIGURES a2); with the bounds below ours come to about 14 %. Heights: 7-8 % (Egwu 2019, Bang 2019: FIGURES a3);
the rest assumed."""
ANGLES_SD: Mapping[str, float] = {"wedge": 1.2, "convergence": 2.4, "sagittal": 2.0}
"""Degrees. Convergence: Kaur 2016 (FIGURES a2); others assumed."""
PEDICLE_SHARE = (0.74, 1.22)
"""Bounds of a pedicle's width against its level's mean; assumed, of the size of Christodoulou 2005 (L5 10.3-16.2 about 13.6)."""
LEAST_PEDICLE_MM = 3.6
"""Narrower ones exist (T5 3.8 mean: Demiroz 2020) but no needle goes there, and their section is no longer found."""
SIDES_SD: Mapping[str, float] = {
    "pedicle_width": 0.05,
    "pedicle_height": 0.03,
    "transverse_span": 0.04,
    "facet_span": 0.02,
    "convergence": 1.5,
}
"""Of the difference between left and right: shares, degrees of convergence; assumed."""

MEN_WEDGE_DEG: Mapping[str, float] = {
    "T9": 4.8,
    "T10": 3.8,
    "T11": 5.4,
    "T12": 4.9,
    "L1": 4.1,
    "L2": 2.6,
    "L3": 1.3,
    "L4": -0.7,
    "L5": -4.6,
}
"""Sagittal wedging of men's bodies (Eur Spine J 2010;19:768, FIGURES a3); above T9 as women's."""


def sample(seed: int, sex: Sex = "female", age: int = 72, **more: Any) -> SyntheticRecipe:
    """A person of this sex and age. `more`: keys of the recipe that are not drawn. Raises InputError where the recipe cannot be."""
    if sex not in STATURE_CM:
        raise InputError(f'sex = "{sex}": expected "female" or "male"')
    draw = np.random.default_rng([seed, *b"person"])
    z = np.clip(draw.standard_normal(4), -MOST_SD, MOST_SD)
    mean, deviation = STATURE_CM[sex]
    stature = mean + deviation * z[0]
    bone = FULL_BONE - LOST_A_YEAR[sex] * max(age - 30, 0) + BONE_SD * z[1]
    bmi = float(BMI + BMI_SD * z[2])
    drawn: dict[str, Any] = {
        "levels": LEVELS,
        "sex": sex,
        "age": age,
        "seed": seed,
        "spread": 1.0,
        "size": float(stature / TABLE_CM),
        "bone_volume_fraction": float(np.clip(bone, 0.04, 0.25)),
        "fat_mm": max(15.0 + PER_BMI_MM["fat_mm"] * (bmi - BMI), 5.0),
        "torso_width_mm": 320.0 + PER_BMI_MM["torso_width_mm"] * (bmi - BMI) + TORSO_PER_CM * (stature - TABLE_CM),
        "torso_depth_mm": 215.0 + PER_BMI_MM["torso_depth_mm"] * (bmi - BMI),
        "lordosis_t12_s1_deg": float(LORDOSIS_DEG[0] + LORDOSIS_DEG[1] * z[3]),
    }
    try:
        return SyntheticRecipe.model_validate(drawn | more)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))} = {first['input']!r}: {first['msg']}") from None


def sizes(recipe: SyntheticRecipe, mean: Mapping[str, Size]) -> dict[str, Size]:
    """The levels' sizes in this person: the mean ones by sex, and with spread as they vary."""
    out = dict(mean)
    if recipe.sex == "male":
        out = {level: replace(size, wedge=MEN_WEDGE_DEG.get(level, size.wedge)) for level, size in out.items()}
    if recipe.spread <= 0.0:
        return out
    shares = {
        kind: 1.0 + recipe.spread * variation * _along_the_spine(recipe, kind)
        for kind, (variation, _) in VARIATION.items()
    }
    turned = {name: recipe.spread * sd * _along_the_spine(recipe, name) for name, sd in ANGLES_SD.items()}
    return {level: _varied(size, LEVELS.index(level), shares, turned) for level, size in out.items()}


def skew(recipe: SyntheticRecipe, level: str) -> Skew:
    """How a level's sides differ in this person; not at all where nobody strays from the mean."""
    if recipe.spread <= 0.0:
        return Skew()
    draw = _generator(recipe, f"sides {level}")
    z = np.clip(draw.standard_normal(len(SIDES_SD)), -MOST_SD, MOST_SD)
    values = {name: float(recipe.spread * sd * part) for (name, sd), part in zip(SIDES_SD.items(), z, strict=True)}
    return Skew(**values)


def _generator(recipe: SyntheticRecipe, what: str) -> np.random.Generator:
    return np.random.default_rng([recipe.seed, *f"population {what}".encode()])


def _along_the_spine(recipe: SyntheticRecipe, what: str) -> NDArray[np.float64]:
    """(levels,) standard normal, correlated between neighbours, within MOST_SD."""
    draw = _generator(recipe, what)
    person, own = draw.standard_normal(), draw.standard_normal(len(LEVELS))
    smooth = draw.standard_normal(len(LEVELS))
    for i in range(1, len(LEVELS)):
        smooth[i] = ALONG * smooth[i - 1] + sqrt(1 - ALONG**2) * smooth[i]
    z = sqrt(SHARES["person"]) * person + sqrt(SHARES["smooth"]) * smooth + sqrt(SHARES["own"]) * own
    return np.clip(z, -MOST_SD, MOST_SD)


def _varied(
    size: Size, at: int, shares: Mapping[str, NDArray[np.float64]], turned: Mapping[str, NDArray[np.float64]]
) -> Size:
    """One level with its kinds of size scaled and its angles turned; what hangs on them follows."""
    new: dict[str, float] = {}
    for kind, (_, names) in VARIATION.items():
        new |= {name: getattr(size, name) * float(shares[kind][at]) for name in names}
    least, most = (share * size.pedicle_width for share in PEDICLE_SHARE)
    new["pedicle_width"] = max(min(new["pedicle_width"], most), least, LEAST_PEDICLE_MM)
    aside = new["pedicle_width"] + new["canal_width"] - size.pedicle_width - size.canal_width
    new["transverse_span"] += aside  # processes and facets stand where the pedicles do
    new["facet_span"] = size.facet_span + 0.5 * aside
    new["entry_to_anterior"] = size.entry_to_anterior * float(shares["bodies"][at])
    new |= {name: getattr(size, name) + float(angles[at]) for name, angles in turned.items()}
    return replace(size, **new)
