"""How thick the cortex of a synthetic vertebra is, and how dense its cancellous bone.

In: Shape, a coarse lattice in its frame. Out: wall [mm] and relative density (mean 1 over the body) on that lattice.
Frame: vertebra (left, posterior, superior), mm. The fields are smooth: they are read only near the surface (wall) or inside
(density). Not here: where the surface is (vertebra.py), attenuation (xray.py).
"""

import numpy as np
from numpy.typing import NDArray

from models import gaps
from models.broken import OPEN, ramp
from models.patient import SIDES
from models.solids import Lattice, Points, Values
from models.vertebra import SIGN, Shape

Array = NDArray[np.float64]

OSTEOPOROTIC_SHARE = 0.93
"""Shell against the published mean (Ritzel 1997: marked loss in osteoporosis, no figure in the abstract); assumed."""
VENTRAL_SHARE = 0.10  # shell thicker in front and thinner behind by this share (Ritzel: ventral > dorsal); size assumed
PLATE_MM = {"upper": (0.50, 0.65), "lower": (0.58, 0.75)}
"""End plates in the middle and at the rim: 0.4-0.8 (Edwards 2001, recalled); split assumed, lower thicker (Palepu 2019)."""
LATERAL_WALL_MM = 0.38  # pedicle: 0.3-0.45 (medial is 2-3 times lateral: Kothe 1996, recalled)
EDGE_WALL_MM = 0.65  # pedicle, cranial and caudal; assumed
ARCH_WALL_MM = 0.65  # posterior elements: 0.5-0.8; assumed
FACET_WALL_MM = 0.75  # articular processes; assumed
ANTERIOR_DENSITY = 0.85  # of the mean, in the anterior third; assumed
PLATE_DENSITY = 1.20  # of the mean, within 3 mm of an end plate; assumed
HETEROGENEITY = 0.18  # standard deviation of the relative density; assumed
GRAIN_MM = 4.0  # standard deviation of its smoothing; assumed
VOID = 0.05  # relative density of a gap: fluid and marrow, no bone that holds; assumed
EATEN_MM = 2.0  # beyond a lytic focus, over which cortex thins toward it; assumed
HEALED = 1.4  # superior plate of a healed fracture against an intact one; assumed
MOST_CRUSHED = 2.2  # greatest density gain by impaction under a broken plate; assumed


def wall(shape: Shape, lattice: Lattice) -> Values:
    """Cortical thickness [mm] at the surface nearest to each sample."""
    p = lattice.points()
    side, upper, lower = shape.faces(p)
    body = np.maximum(side, np.maximum(upper, lower))
    arch = shape.arch(lattice)
    pedicle = shape.pedicles(lattice)
    out = _body_wall(shape, p, side, upper, lower)
    of_arch = ARCH_WALL_MM + (FACET_WALL_MM - ARCH_WALL_MM) * ramp(0.0, 6.0, np.abs(p[2] + 4.0) - 12.0)
    behind = np.minimum(arch, pedicle)
    out = out + ramp(-1.5, 1.5, body - behind) * (of_arch - out)
    near = ramp(-1.0, 2.5, arch - pedicle) * ramp(-1.5, 1.5, body - pedicle)
    out = out + near * (_pedicle_wall(shape, p) - out)
    return np.asarray(out * _unbroken(shape, p), dtype=np.float32)


def _unbroken(shape: Shape, p: Points) -> Values:
    """Share of the cortex that fracture lines, a broken posterior wall and a lytic focus leave."""
    broken = shape.broken
    out = np.ones(np.broadcast_shapes(*(q.shape for q in p)), dtype=np.float32)
    if broken.wall:
        out = out * broken.open_wall(p, shape.source_height(*p), shape.back, shape.size.posterior_height)
    if broken.lytic:
        out = out * (OPEN + (1 - OPEN) * ramp(0.0, EATEN_MM, gaps.lytic(shape, p)))
    if shape.lines is not None:
        out = out * shape.lines.left(p)
    return np.asarray(out, dtype=np.float32)


def _body_wall(shape: Shape, p: Points, side: Values, upper: Values, lower: Values) -> Values:
    """Shell, thicker in front, turning into the end plates, thicker at their rims."""
    front = np.clip(-p[1] / np.float32(shape.back), -1.0, 1.0)
    shell = np.float32(shape.size.shell * OSTEOPOROTIC_SHARE) * (1 + np.float32(VENTRAL_SHARE) * front)
    rim = ramp(-6.0, -1.0, side)
    out = shell + 0 * side
    for plate, name in ((upper, "upper"), (lower, "lower")):
        middle, edge = PLATE_MM[name]
        if shape.broken.age == "old" and name == "upper":
            middle, edge = HEALED * middle, HEALED * edge
        out = out + ramp(-1.2, 1.2, plate - side) * (middle + (edge - middle) * rim - out)
    return np.asarray(out, dtype=np.float32)


def _pedicle_wall(shape: Shape, p: Points) -> Values:
    """Thick on the medial side, thin on the lateral one, between them above and below."""
    out = np.zeros(np.broadcast_shapes(*(q.shape for q in p)), dtype=np.float32)
    for side in SIDES:
        centre, axis = shape.isthmus(side), shape.pedicle_axis(side)
        across = np.array([SIGN[side], 0.0, 0.0]) - SIGN[side] * axis[0] * axis
        across /= np.linalg.norm(across)
        x, y, z = (q - np.float32(c) for q, c in zip(p, centre, strict=True))
        u = x * np.float32(across[0]) + y * np.float32(across[1]) + z * np.float32(across[2])
        u = np.clip(u / np.float32(shape.of(side).pedicle_width / 2), -1.0, 1.0)  # 1 lateral
        of_side = np.where(u > 0, np.float32(LATERAL_WALL_MM), np.float32(shape.size.medial_wall))
        wall_here = EDGE_WALL_MM + ramp(0.0, 1.0, np.abs(u)) * (of_side - EDGE_WALL_MM)
        mine = (p[0] > 0) if side == "left" else (p[0] <= 0)
        out = np.where(mine, wall_here, out).astype(np.float32)
    return out


def density(shape: Shape, lattice: Lattice, generator: np.random.Generator) -> Values:
    """Relative cancellous density: mean 1 over the body, smooth random, weaker in front, denser under the plates."""
    from scipy.ndimage import gaussian_filter

    p = lattice.points()
    side, upper, lower = shape.faces(p)
    noise = gaussian_filter(generator.standard_normal(lattice.shape), GRAIN_MM / lattice.spacing)
    noise = noise / noise.std() * HETEROGENEITY
    anterior = ramp(shape.back / 3 - 3.0, shape.back / 3 + 3.0, -p[1])
    plate = ramp(-5.0, -2.0, np.maximum(upper, lower))
    out = (1 + noise) * (1 + (ANTERIOR_DENSITY - 1) * anterior) * (1 + (PLATE_DENSITY - 1) * plate)
    if shape.wedge is not None:
        out = out * np.minimum(shape.wedge.compression(*p), MOST_CRUSHED)
    inside = np.maximum(side, np.maximum(upper, lower)) < -0.5
    out = np.clip(out / out[inside].mean(), 0.2, 4.0)
    return _with_gaps(shape, p, np.asarray(out / out[inside].mean(), dtype=np.float32))


def _with_gaps(shape: Shape, p: Points, out: Values) -> Values:
    """Relative density with what the regions of gaps.py hold: condensed bone, and next to nothing in gaps and lines."""
    if shape.broken.age:
        dense = np.float32(gaps.BANDS[shape.broken.age][2])
        for band in gaps.bands(shape, p):
            out = np.where(band < 0.0, np.maximum(out, dense), out)
    void = gaps.void(shape, p)
    if void is not None:
        out = np.where(void < 0.0, np.float32(VOID), out)
    if shape.lines is not None:
        out = out * shape.lines.left(p)
    return np.asarray(out, dtype=np.float32)
