"""A synthetic osteoporotic adult, from published means: the provider `synthetic`.

In: SyntheticRecipe. Out: Patient, patient frame, mm. The same recipe gives the same bytes on one platform.
Order of work: sizes, fracture, fields, posture, facets parted, distances and surfaces, landmarks, ribs, torso.
Not here: the cache (provide.py), shapes (vertebra.py), cortex and density (cortex.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models import collapse, cortex, fracture, genant, joints, landmarks, posture, ribs
from models.distance import redistance
from models.errors import InputError
from models.forms import form
from models.morphometry import LEVELS, Size, size
from models.organs.build import organs
from models.patient import Bone, Patient, Vertebra
from models.recipe import Fracture, SyntheticRecipe
from models.solids import Lattice, Values
from models.surfaces import bone
from models.torso import SKIN_MM, torso
from models.vertebra import DISH_LOWER_MM, DISH_UPPER_MM, Broken, Shape

Array = NDArray[np.float64]

SPACING_MM = 0.5
COARSE_MM = 2.0
MARGIN_MM = 4.5  # of a bone's grid round the bone: the needle is told how near bone is within it
CONVERGENCE_T12_DEG = (-5.0, 5.0)  # the sign differs by study, so it is drawn (FIGURES a2)
CAGE_SHARE = (0.80, 0.86)  # width and depth of the rib cage in the torso, less twice the fat; assumed


def build(recipe: SyntheticRecipe) -> Patient:
    """The patient of a recipe. Raises InputError where levels are not neighbours or a fracture cannot be made."""
    shapes = _shapes(recipe)
    frames = _frames(recipe, shapes)
    bones = {
        level: _bone(recipe, shapes[level], frames[level], *field) for level, field in _fields(shapes, frames).items()
    }
    found = landmarks.vertebrae(bones, {level: _rough(frames[level]) for level in bones})
    cage = [share * outer - 2 * recipe.fat_mm for share, outer in zip(CAGE_SHARE, _outer(recipe), strict=True)]
    necks = {}
    for level, vertebra in found.items():
        off = [bones[name] for name in _beside(level, tuple(found))]
        pair, neck = ribs.pair(vertebra, cage[0] + 2 * recipe.fat_mm, cage[1], recipe.bone_volume_fraction, off)
        if pair:
            bones |= pair
            necks[level] = neck
    skin, surface = torso(np.array([v.spinous_tip for v in found.values()]), *_outer(recipe), recipe.fat_mm)
    patient = Patient(
        name=_name(recipe),
        provider="synthetic",
        bones=bones,
        vertebrae=found,
        skin=skin,
        skin_surface=surface,
        rib_necks=necks,
        bone_volume_fraction=recipe.bone_volume_fraction,
        skin_mm=SKIN_MM,
        fat_mm=recipe.fat_mm,
        notes=_notes(recipe, found),
    )
    if not recipe.organs:
        return patient
    return replace(patient, regions=organs(patient, (cage[0] + 2 * recipe.fat_mm, cage[1]), recipe.seed))


def _outer(recipe: SyntheticRecipe) -> tuple[float, float]:
    return recipe.torso_width_mm, recipe.torso_depth_mm


def _name(recipe: SyntheticRecipe) -> str:
    broken = ", ".join(f"{f.level} {f.kind}" for f in recipe.fractures)
    return f"synthetic adult {recipe.seed}" + (f", {broken}" if broken else "")


def _generator(recipe: SyntheticRecipe, what: str) -> np.random.Generator:
    """One seeded stream for each use, so that one more draw here changes nothing there."""
    return np.random.default_rng([recipe.seed, *what.encode()])


def _shapes(recipe: SyntheticRecipe) -> dict[str, Shape]:
    """The shapes of the levels, cranial to caudal, fractures in."""
    levels = sorted(set(recipe.levels), key=LEVELS.index)
    if not levels or levels != list(LEVELS[LEVELS.index(levels[0]) :][: len(levels)]):
        raise InputError(f"patient.levels = {', '.join(recipe.levels)}: expected neighbours, none left out")
    sizes: dict[str, Size] = {level: size(level, recipe.size, recipe.pedicle_width_scale) for level in levels}
    if "T12" in sizes:
        drawn = float(_generator(recipe, "T12 convergence").uniform(*CONVERGENCE_T12_DEG))
        sizes["T12"] = replace(sizes["T12"], convergence=drawn)
    if len({f.level for f in recipe.fractures}) < len(recipe.fractures):
        raise InputError("patient.fractures: expected each level once")
    shapes: dict[str, Shape] = {level: form(level, sizes[level], recipe.pedicle_length_scale) for level in levels}
    for asked in recipe.fractures:
        warp = _warp(asked, sizes)
        broken = Broken(asked.retropulsion_mm, asked.end_plate_defect_mm, asked.cleft_mm, asked.lytic_mm)
        shapes[asked.level] = replace(shapes[asked.level], wedge=warp, broken=broken)
    return shapes


def _frames(recipe: SyntheticRecipe, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    """Where each level lies: lordosis, kyphosis, scoliosis."""
    curve = None
    if recipe.scoliosis_deg > 0.0:
        if recipe.scoliosis_apex not in shapes:
            raise InputError(f"patient.scoliosis_apex = {recipe.scoliosis_apex}: expected one of {', '.join(shapes)}")
        curve = posture.Curve(recipe.scoliosis_deg, recipe.scoliosis_apex, recipe.scoliosis_convex)
    drawn = _generator(recipe, "posture")
    return posture.chain(shapes, recipe.lordosis_t12_s1_deg, drawn, recipe.kyphosis_deg, curve)


def _warp(asked: Fracture, sizes: Mapping[str, Size]) -> fracture.Wedge | collapse.Collapse:
    """The warp that gives the heights asked for, against the unbroken neighbours' mean (Genant)."""
    if asked.level not in sizes:
        raise InputError(f"patient.fractures: {asked.level} is not among the levels {', '.join(sizes)}")
    near = [sizes[level] for level in _beside(asked.level, tuple(sizes)) if level != asked.level]
    near = near or [sizes[asked.level]]
    own = sizes[asked.level]
    anterior = float(np.mean([s.anterior_height for s in near])) * asked.anterior_height_fraction
    posterior = float(np.mean([s.posterior_height for s in near])) * asked.posterior_height_fraction
    dish = DISH_UPPER_MM + DISH_LOWER_MM
    try:
        if asked.middle_height_fraction is None:
            return fracture.wedge(own.anterior_height, own.posterior_height, own.depth / 2, anterior, posterior)
        middle = (float(np.mean([s.middle_height for s in near])) - dish) * asked.middle_height_fraction
        intact = (own.anterior_height, own.middle_height - dish, own.posterior_height)
        half_width = (own.plate_width_upper + own.plate_width_lower) / 4
        return collapse.collapse(intact, (anterior, middle, posterior), own.depth / 2, half_width)
    except ValueError as why:
        key = f"{str(why).split()[0]}_height_fraction"
        raise InputError(f"patient.fractures: {asked.level}: {key}: {why}") from why


def _beside(level: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    """The level and those next to it."""
    at = levels.index(level)
    return levels[max(at - 1, 0) : at + 2]


def _fields(shapes: Mapping[str, Shape], frames: Mapping[str, Array]) -> dict[str, tuple[Lattice, Values]]:
    """Lattice and field of each level, neighbours parted, not yet distances."""
    out = {}
    for level, shape in shapes.items():
        lattice = shape.lattice(SPACING_MM)
        out[level] = (lattice, shape.field(lattice))
    levels = list(shapes)
    for upper, lower in pairwise(levels):
        lower_from_upper = np.linalg.inv(frames[lower]) @ frames[upper]
        above, below = joints.part(out[upper], out[lower], lower_from_upper)
        out[upper], out[lower] = (out[upper][0], above), (out[lower][0], below)
    return {level: lattice.cropped(values, MARGIN_MM) for level, (lattice, values) in out.items()}


def _bone(recipe: SyntheticRecipe, shape: Shape, frame: Array, lattice: Lattice, values: Values) -> Bone:
    """Distances, walls, density and surfaces of one level."""
    far = lattice.origin + lattice.spacing * (np.array(lattice.shape) - 1)
    coarse = Lattice.around(lattice.origin, far, COARSE_MM)
    return bone(
        shape.level,
        frame,
        lattice.grid(redistance(values, lattice.spacing)),
        coarse.grid(cortex.wall(shape, coarse)),
        coarse.grid(cortex.density(shape, coarse, _generator(recipe, f"density {shape.level}"))),
        recipe.bone_volume_fraction,
    )


def _rough(frame: Array) -> landmarks.Rough:
    return landmarks.Rough(frame[:3, 3], frame[:3, 0], frame[:3, 1], frame[:3, 2])


def _notes(recipe: SyntheticRecipe, found: Mapping[str, Vertebra]) -> tuple[str, ...]:
    """What was drawn or assumed, and each fracture as it came out."""
    notes = ["sizes: published means; arch proportions, walls of arch and ribs, torso: assumed (docs/assumptions.md)"]
    for asked in recipe.fractures:
        here = genant.graded(asked.level, found)
        parts = [("anterior", here.anterior, asked.anterior_height_fraction)]
        if asked.middle_height_fraction is not None:
            parts.append(("middle", here.middle, asked.middle_height_fraction))
        parts.append(("posterior", here.posterior, asked.posterior_height_fraction))
        heights = ", ".join(f"{name} {got:.2f} (asked {want:.2f})" for name, got, want in parts)
        notes.append(f"{asked.level} {asked.kind}: {heights} of the neighbours' mean")
    return tuple(notes)
