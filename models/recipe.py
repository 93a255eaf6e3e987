"""What a patient is made from: the text of a recipe, checked. Units are in the keys' names.

A recipe is the [patient] table of a scenario file. Two providers: `synthetic` (published morphometry) and `labels`
(a vertebra label map). The same recipe gives the same patient, byte for byte on one platform.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fracture(_Strict):
    """A compression fracture of one level. Heights as a fraction of the neighbours' mean (Genant), as imaged prone."""

    level: Level
    kind: Literal["wedge"] = "wedge"
    anterior_height_fraction: Annotated[float, Field(ge=0.3, le=1.0)] = 0.6
    posterior_height_fraction: Annotated[float, Field(ge=0.3, le=1.0)] = 0.95


class _Common(_Strict):
    bone_volume_fraction: Annotated[float, Field(ge=0.03, le=0.30)] = 0.08
    """BV/TV of cancellous bone: about 0.06-0.10 osteoporotic, 0.15 normal (FIGURES e)."""
    fat_mm: Annotated[float, Field(ge=3.0, le=80.0)] = 15.0
    torso_width_mm: Annotated[float, Field(ge=220.0, le=520.0)] = 320.0
    torso_depth_mm: Annotated[float, Field(ge=140.0, le=400.0)] = 215.0
    seed: Annotated[int, Field(ge=0)] = 0


class SyntheticRecipe(_Common):
    """A person from published means (FIGURES a), posed prone."""

    provider: Literal["synthetic"] = "synthetic"
    levels: tuple[Level, ...] = ("T12", "L1", "L2", "L3", "L4")
    size: Annotated[float, Field(ge=0.8, le=1.2)] = 1.0
    """Scale of every bone against the published mean."""
    pedicle_width_scale: Annotated[float, Field(ge=0.4, le=1.6)] = 1.0
    pedicle_length_scale: Annotated[float, Field(ge=0.6, le=1.8)] = 1.0
    lordosis_t12_s1_deg: Annotated[float, Field(ge=0.0, le=80.0)] = 36.8
    """Recumbent mean 36.8 +- 13.2 deg (FIGURES b)."""
    fractures: tuple[Fracture, ...] = ()


class LabelledRecipe(_Common):
    """A real spine from a label map; densities and walls come from the model."""

    provider: Literal["labels"] = "labels"
    labels: str
    """File name; looked for in the data folders (--data, PEDICLE_DATA, the user's, ../shared/ct)."""
    numbering: Literal["verse", "totalsegmentator-v1", "totalsegmentator-v2"]
    levels: tuple[Level, ...] = ()
    """Levels to take; none named: all that the map holds whole."""
    bone_volume_fractions: dict[Level, Annotated[float, Field(ge=0.02, le=0.60)]] = {}
    """BV/TV of single levels, as a CT gives it (models/ct.py): a collapsed level is denser. Others: bone_volume_fraction, and
    where compressed, as much denser as they are lower."""


Recipe = Annotated[SyntheticRecipe | LabelledRecipe, Field(discriminator="provider")]
