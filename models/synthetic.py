"""A synthetic osteoporotic adult, from published means: the provider `synthetic`.

In: SyntheticRecipe. Out: Patient, patient frame, mm. The same recipe gives the same bytes on one platform.
Order of work: sizes, fracture, fields, posture, facets parted, distances and surfaces, landmarks, ribs, torso, pelvis.
Not here: the cache (provide.py), shapes (vertebra.py), cortex and density (cortex.py).
"""

from collections.abc import Mapping, Set
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models import collapse, cortex, fracture, gaps, genant, joints, landmarks, pelvis, population, posture, ribs
from models.broken import Broken
from models.distance import redistance
from models.errors import InputError
from models.forms import form
from models.morphometry import LEVELS, Size, size
from models.organs.build import organs
from models.patient import Bone, Grid, Patient, Side, Vertebra
from models.pieces import each
from models.recipe import Fracture, SyntheticRecipe
from models.solids import Lattice, Values
from models.surfaces import bone
from models.torso import SKIN_MM, torso
from models.vertebra import DISH_LOWER_MM, DISH_UPPER_MM, Shape

Array = NDArray[np.float64]

SPACING_MM = 0.5
COARSE_MM = 2.0
FINE_MM = 0.5  # of walls and density where a gap, a line or a band changes them within a millimetre
HEALED_WEEKS = 12.0  # from here on a fracture shows the signs of a healed one; assumed: about three months
MARGIN_MM = 4.5  # of a bone's grid round the bone: the needle is told how near bone is within it
CONVERGENCE_T12_DEG = (-5.0, 5.0)  # the sign differs by study, so it is drawn (FIGURES a2)
FEW_LEVELS = 6  # a patient of no more has all its levels fine; of more, those within one of a fracture (budget: DESIGN)
FINE, PLAIN = (15000, 0.05), (4000, 0.2)
"""Triangles of a shell and how far its middles may lie off the level set [mm]: of a level looked at closely, of another."""
FINE_SKIN, PLAIN_SKIN = (15000, 0.05), (5000, 0.2)  # the same of the skin round few levels and round more
CAGE_SHARE = (0.80, 0.86)  # width and depth of the rib cage in the torso, less twice the fat; assumed


def build(recipe: SyntheticRecipe, pictured: bool = True) -> Patient:
    """The patient of a recipe. Raises InputError where levels are not neighbours or a fracture cannot be made.

    pictured: X-rays will be taken; without, inner surfaces and skin have no triangles, there are no organs, and all else is the
    same.
    """
    shapes = _shapes(recipe)
    frames = _frames(recipe, shapes)
    fields = _fields(shapes, frames)
    made = each(lambda level: _bone(recipe, shapes[level], frames[level], *fields[level], pictured), fields)
    bones = dict(zip(fields, made, strict=True))
    regions = gaps.regions(shapes, bones, recipe.bone_volume_fraction)
    found = landmarks.vertebrae(bones, {level: _rough(frames[level]) for level in bones})
    pairs = each(lambda level: _ribs(recipe, level, found, bones), found)
    necks = {level: neck for level, (_, neck) in zip(found, pairs, strict=True) if neck}
    for pair, _ in pairs:
        bones |= pair
    tips = np.array([v.spinous_tip for v in found.values()])
    faces, error_mm = FINE_SKIN if len(found) <= FEW_LEVELS else PLAIN_SKIN
    skin, surface = torso(
        tips, *_outer(recipe), recipe.fat_mm, target_faces=faces if pictured else 0, error_mm=error_mm
    )
    bones |= _pelvis(recipe, shapes, frames, bones, skin, pictured)
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
        regions=regions,
        notes=_notes(recipe, found),
    )
    if not (recipe.organs and pictured):
        return patient
    return replace(patient, regions=regions | organs(patient, _cage(recipe), recipe.seed))


def _ribs(
    recipe: SyntheticRecipe, level: str, found: Mapping[str, Vertebra], bones: Mapping[str, Bone]
) -> tuple[dict[str, Bone], dict[Side, Array]]:
    """The ribs of one level, clear of it and its neighbours, and the points of their necks."""
    width, depth = _cage(recipe)
    off = [bones[name] for name in _beside(level, tuple(found))]
    few = len(found) <= FEW_LEVELS
    return ribs.pair(found[level], width, depth, recipe.bone_volume_fraction, off, few)


def _cage(recipe: SyntheticRecipe) -> tuple[float, float]:
    """Width and depth of the rib cage [mm]."""
    width, depth = (share * outer for share, outer in zip(CAGE_SHARE, _outer(recipe), strict=True))
    return width, depth - 2 * recipe.fat_mm


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
    levels = recipe.levels
    mean: dict[str, Size] = {level: size(level, recipe.size, recipe.pedicle_width_scale) for level in levels}
    sizes = population.sizes(recipe, mean)
    if "T12" in sizes:
        drawn = float(_generator(recipe, "T12 convergence").uniform(*CONVERGENCE_T12_DEG))
        sizes["T12"] = replace(sizes["T12"], convergence=drawn)
    if len({f.level for f in recipe.fractures}) < len(recipe.fractures):
        raise InputError("patient.fractures: expected each level once")
    shapes: dict[str, Shape] = {level: form(level, sizes[level], recipe.pedicle_length_scale) for level in levels}
    shapes = {level: replace(shape, skew=population.skew(recipe, level)) for level, shape in shapes.items()}
    for asked in recipe.fractures:
        warp = _warp(asked, sizes, {f.level for f in recipe.fractures})
        shapes[asked.level] = replace(shapes[asked.level], wedge=warp, broken=_broken(asked))
        try:
            gaps.check(shapes[asked.level])
        except ValueError as why:
            raise InputError(f"patient.fractures: {asked.level}: {why}") from why
    return shapes


def _broken(asked: Fracture) -> Broken:
    """What is broken besides the heights."""
    weeks = asked.age_weeks
    return Broken(
        retropulsion=asked.retropulsion_mm,
        dent=asked.end_plate_defect_mm,
        cleft=asked.cleft_mm,
        lytic=asked.lytic_mm,
        site=asked.lytic_site,
        wall=asked.broken_wall,
        pedicles=asked.broken_pedicles,
        age="" if weeks is None else "fresh" if weeks < HEALED_WEEKS else "old",
    )


def _frames(recipe: SyntheticRecipe, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    """Where each level lies: lordosis, kyphosis, scoliosis."""
    curve = None
    if recipe.scoliosis_deg > 0.0:
        if recipe.scoliosis_apex not in shapes:
            raise InputError(f"patient.scoliosis_apex = {recipe.scoliosis_apex}: expected one of {', '.join(shapes)}")
        curve = posture.Curve(recipe.scoliosis_deg, recipe.scoliosis_apex, recipe.scoliosis_convex)
    drawn = _generator(recipe, "posture")
    return posture.chain(shapes, recipe.lordosis_t12_s1_deg, drawn, recipe.kyphosis_deg, curve)


def _warp(asked: Fracture, sizes: Mapping[str, Size], broken: Set[str]) -> fracture.Wedge | collapse.Collapse:
    """The warp that gives the heights asked for, against the mean of the nearest unbroken levels above and below (Genant)."""
    if asked.level not in sizes:
        raise InputError(f"patient.fractures: {asked.level} is not among the levels {', '.join(sizes)}")
    levels = list(sizes)
    at = levels.index(asked.level)
    above = [level for level in levels[:at] if level not in broken][-1:]
    below = [level for level in levels[at:] if level not in broken][:1]
    near = [sizes[level] for level in above + below] or [sizes[asked.level]]
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

    def drawn(level: str) -> tuple[Lattice, Values]:
        lattice = shapes[level].lattice(SPACING_MM)
        return lattice, shapes[level].field(lattice)

    levels = list(shapes)
    out = dict(zip(levels, each(drawn, levels), strict=True))
    for upper, lower in pairwise(levels):
        lower_from_upper = np.linalg.inv(frames[lower]) @ frames[upper]
        above, below = joints.part(out[upper], out[lower], lower_from_upper)
        out[upper], out[lower] = (out[upper][0], above), (out[lower][0], below)
    return {level: lattice.cropped(values, MARGIN_MM) for level, (lattice, values) in out.items()}


def _bone(
    recipe: SyntheticRecipe, shape: Shape, frame: Array, lattice: Lattice, values: Values, pictured: bool
) -> Bone:
    """Distances, walls, density and surfaces of one level."""
    far = lattice.origin + lattice.spacing * (np.array(lattice.shape) - 1)
    coarse = Lattice.around(lattice.origin, far, FINE_MM if shape.broken.fine else COARSE_MM)
    return bone(
        shape.level,
        frame,
        lattice.grid(redistance(values, lattice.spacing)),
        coarse.grid(cortex.wall(shape, coarse)),
        coarse.grid(cortex.density(shape, coarse, _generator(recipe, f"density {shape.level}"))),
        recipe.bone_volume_fraction,
        *(FINE if _close(recipe, shape.level) else PLAIN),
        pictured,
    )


def _close(recipe: SyntheticRecipe, level: str) -> bool:
    """Whether a level is looked at closely: in a patient of few, or within one level of a fracture."""
    apart = (abs(LEVELS.index(level) - LEVELS.index(broken.level)) for broken in recipe.fractures)
    return len(recipe.levels) <= FEW_LEVELS or min(apart, default=len(LEVELS)) <= 1


def _pelvis(
    recipe: SyntheticRecipe,
    shapes: Mapping[str, Shape],
    frames: Mapping[str, Array],
    bones: Mapping[str, Bone],
    skin: Grid,
    pictured: bool = True,
) -> dict[str, Bone]:
    """Sacrum and hip bones below L5; none where it is not among the levels."""
    if not recipe.pelvis or posture.SACRUM not in frames:
        return {}
    built = pelvis.Build(
        female=recipe.sex == "female",
        scale=shapes["L5"].size.plate_width_lower / size("L5").plate_width_lower,
        room_mm=recipe.torso_width_mm - 2 * recipe.fat_mm,
        bone_volume_fraction=recipe.bone_volume_fraction,
        few=len(shapes) <= FEW_LEVELS,
        pictured=pictured,
    )
    off = [bones[level] for level in ("L4", "L5") if level in bones]
    return pelvis.pelvis(frames[posture.SACRUM], built, off, skin)


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
        notes.append(f"{asked.level} {asked.kind}: {heights} of the neighbours' mean{_besides(asked)}")
    return tuple(notes)


def _besides(asked: Fracture) -> str:
    """What else is broken, in words."""
    parts = {
        f"retropulsion {asked.retropulsion_mm:g} mm": asked.retropulsion_mm,
        f"end-plate defect {asked.end_plate_defect_mm:g} mm": asked.end_plate_defect_mm,
        f"cleft {asked.cleft_mm:g} mm, open as prone": asked.cleft_mm,
        f"lytic focus {asked.lytic_mm:g} mm ({asked.lytic_site.replace('-', ' ')})": asked.lytic_mm,
        "posterior wall broken": asked.broken_wall,
        f"broken pedicles: {', '.join(asked.broken_pedicles)}": asked.broken_pedicles,
        f"{_broken(asked).age}, {asked.age_weeks or 0.0:g} weeks": asked.age_weeks is not None,
    }
    return "".join(f"; {text}" for text, there in parts.items() if there)
