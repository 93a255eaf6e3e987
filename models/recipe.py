"""What a patient is made from: the text of a recipe, checked. Units are in the keys' names.

A recipe is the [patient] table of a scenario file. Two providers: `synthetic` (published morphometry) and `labels`
(a vertebra label map). The same recipe gives the same patient, byte for byte on one platform.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Level = Literal["T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


USUAL_HEIGHTS: dict[str, dict[str, float]] = {
    "wedge": {"anterior_height_fraction": 0.60, "posterior_height_fraction": 0.95},
    "biconcave": {
        "anterior_height_fraction": 0.92,
        "middle_height_fraction": 0.60,
        "posterior_height_fraction": 0.97,
    },
    "crush": {"anterior_height_fraction": 0.65, "middle_height_fraction": 0.65, "posterior_height_fraction": 0.70},
    "plana": {"anterior_height_fraction": 0.28, "middle_height_fraction": 0.30, "posterior_height_fraction": 0.30},
}
"""What a kind has where the recipe names no heights: Genant grade 2; a plana keeps no third (CLINICAL 5). Assumed."""

PLANA = 1 / 3
"""The greatest height that a plana keeps anywhere, of the neighbours' mean (CLINICAL 5)."""


class Fracture(_Strict):
    """A compression fracture of one level. Heights as a fraction of the neighbours' mean (Genant), as imaged prone."""

    level: Level
    kind: Literal["wedge", "biconcave", "crush", "plana"] = "wedge"
    anterior_height_fraction: Annotated[float, Field(ge=0.1, le=1.0)] = 0.6
    middle_height_fraction: Annotated[float, Field(ge=0.1, le=1.0)] | None = None
    """Between the dished plates; none for a wedge, where it follows from the ends."""
    posterior_height_fraction: Annotated[float, Field(ge=0.1, le=1.0)] = 0.95
    retropulsion_mm: Annotated[float, Field(ge=0.0, le=8.0)] = 0.0
    """Bulge of the posterior wall into the canal, high on the body."""
    end_plate_defect_mm: Annotated[float, Field(ge=0.0, le=6.0)] = 0.0
    """Depth of a dent in the superior plate."""
    cleft_mm: Annotated[float, Field(ge=0.0, le=8.0)] = 0.0
    """Height of a gas-filled gap under the superior plate, as open as it is prone (as the heights): seen, felt and filled."""
    lytic_mm: Annotated[float, Field(ge=0.0, le=25.0)] = 0.0
    """Diameter of a lytic focus: soft tissue for bone, and no cortex where it reaches one."""
    lytic_site: Literal["body", "posterior-wall", "left-pedicle", "right-pedicle"] = "body"
    """Where that focus is."""
    broken_wall: bool = False
    """The posterior wall is broken through under its upper corner, with a step: cement finds the way."""
    age_weeks: Annotated[float, Field(ge=0.0, le=520.0)] | None = None
    """Weeks since it broke: up to 12 the signs of a fresh fracture, later of a healed one; not given: neither."""
    broken_pedicles: tuple[Literal["left", "right"], ...] = ()
    """Pedicles with a fracture line through the isthmus, as often beside a plana."""

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: Any) -> Any:
        return {**USUAL_HEIGHTS.get(str(given.get("kind", "wedge")), {}), **given} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _fits(self) -> "Fracture":
        front, middle, back = self.anterior_height_fraction, self.middle_height_fraction, self.posterior_height_fraction
        if self.kind == "wedge" and middle is not None:
            raise ValueError("no middle_height_fraction in a wedge (it follows from the ends)")
        if self.kind == "biconcave" and middle is not None and middle >= min(front, back):
            raise ValueError("a biconcave middle_height_fraction below both others")
        if self.kind == "plana" and max(front, middle or 0.0, back) > PLANA:
            raise ValueError("every height fraction of a plana to be at most 1/3")
        return self


class _Common(_Strict):
    bone_volume_fraction: Annotated[float, Field(ge=0.03, le=0.30)] = 0.08
    """BV/TV of cancellous bone: about 0.06-0.10 osteoporotic, 0.15 normal (FIGURES e)."""
    fat_mm: Annotated[float, Field(ge=3.0, le=80.0)] = 15.0
    torso_width_mm: Annotated[float, Field(ge=220.0, le=520.0)] = 320.0
    torso_depth_mm: Annotated[float, Field(ge=140.0, le=400.0)] = 215.0
    seed: Annotated[int, Field(ge=0)] = 0
    organs: bool = True
    """Nerves, vessels, lungs, kidneys and gas (models/organs)."""


class SyntheticRecipe(_Common):
    """A person from published means (FIGURES a), posed prone."""

    provider: Literal["synthetic"] = "synthetic"
    levels: tuple[Level, ...] = ("T12", "L1", "L2", "L3", "L4")
    sex: Literal["female", "male"] = "female"
    age: Annotated[int, Field(ge=18, le=100)] = 72
    size: Annotated[float, Field(ge=0.8, le=1.2)] = 1.0
    """Scale of every bone against the published mean."""
    spread: Annotated[float, Field(ge=0.0, le=2.0)] = 0.0
    """How far this person strays from the mean, 1 as people do: sizes that vary together along the spine, and sides that
    differ a little, drawn by the seed. 0: the mean person, both sides alike."""
    pedicle_width_scale: Annotated[float, Field(ge=0.4, le=1.6)] = 1.0
    pedicle_length_scale: Annotated[float, Field(ge=0.6, le=1.8)] = 1.0
    lordosis_t12_s1_deg: Annotated[float, Field(ge=0.0, le=80.0)] = 36.8
    """Recumbent mean 36.8 +- 13.2 deg (FIGURES b)."""
    kyphosis_deg: Annotated[float, Field(ge=-20.0, le=80.0)] = 0.0
    """Added over the levels named, besides what the fractures give."""
    scoliosis_deg: Annotated[float, Field(ge=0.0, le=60.0)] = 0.0
    """Cobb angle; the vertebrae turn about the spine with it."""
    scoliosis_apex: Level = "L2"
    scoliosis_convex: Literal["left", "right"] = "left"
    fractures: tuple[Fracture, ...] = ()
    pelvis: bool = True
    """Sacrum and hip bones, where L5 is among the levels."""

    @model_validator(mode="after")
    def _in_order(self) -> "SyntheticRecipe":
        known = get_args(Level)
        first = known.index(self.levels[0]) if self.levels else 0
        if not self.levels or self.levels != known[first : first + len(self.levels)]:
            raise ValueError(f"levels as neighbours from cranial to caudal, not {', '.join(self.levels) or 'none'}")
        return self


class LabelledRecipe(_Common):
    """A real spine from a label map; densities and walls come from the model."""

    provider: Literal["labels"] = "labels"
    labels: str
    """File name; looked for in the data folders (--data, PEDICLE_DATA, the user's, ../shared/ct)."""
    skin: str = ""
    """File name of the body's outline, as `import` writes it from a CT; none: the model's torso."""
    numbering: Literal["verse", "totalsegmentator-v1", "totalsegmentator-v2"]
    levels: tuple[Level, ...] = ()
    """Levels to take; none named: all that the map holds whole."""
    bone_volume_fractions: dict[Level, Annotated[float, Field(ge=0.02, le=0.60)]] = {}
    """BV/TV of single levels, as a CT gives it (models/ct.py): a collapsed level is denser. Others: bone_volume_fraction, and
    where compressed, as much denser as they are lower."""
    wall_factors: dict[Level, Annotated[float, Field(ge=0.4, le=3.0)]] = {}
    """Thickness of single levels' cortex against the model's, where a CT resolves it (models/ct_cortex.py)."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the data files that it needs."""
        return (self.labels, self.skin) if self.skin else (self.labels,)


Recipe = Annotated[SyntheticRecipe | LabelledRecipe, Field(discriminator="provider")]
