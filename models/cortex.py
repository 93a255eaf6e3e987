"""How thick the cortex of a synthetic vertebra is, and how dense its cancellous bone.

In: Shape, a coarse lattice in its frame. Out: wall [mm] and relative density (mean 1 over the body) on that lattice.
Frame: vertebra (left, posterior, superior), mm. The fields are smooth: they are read only near the surface (wall) or inside
(density). Not here: where the surface is (vertebra.py), attenuation (xray.py).
"""

import numpy as np
from numpy.typing import NDArray

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
MOST_CRUSHED = 2.2  # greatest density gain by impaction under a broken plate; assumed


def _step(low: float, high: float, x: Values) -> Values:
    """Smooth step from 0 at `low` to 1 at `high`."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    out: Values = t * t * (3 - 2 * t)
    return out


def wall(shape: Shape, lattice: Lattice) -> Values:
    """Cortical thickness [mm] at the surface nearest to each sample."""
    p = lattice.points()
    side, upper, lower = shape.faces(p)
    body = np.maximum(side, np.maximum(upper, lower))
    arch = shape.arch(lattice)
    pedicle = shape.pedicles(lattice)
    out = _body_wall(shape, p, side, upper, lower)
    of_arch = ARCH_WALL_MM + (FACET_WALL_MM - ARCH_WALL_MM) * _step(0.0, 6.0, np.abs(p[2] + 4.0) - 12.0)
    behind = np.minimum(arch, pedicle)
    out = out + _step(-1.5, 1.5, body - behind) * (of_arch - out)
    near = _step(-1.0, 2.5, arch - pedicle) * _step(-1.5, 1.5, body - pedicle)
    out = out + near * (_pedicle_wall(shape, p) - out)
    return np.asarray(out, dtype=np.float32)


def _body_wall(shape: Shape, p: Points, side: Values, upper: Values, lower: Values) -> Values:
    """Shell, thicker in front, turning into the end plates, thicker at their rims."""
    front = np.clip(-p[1] / np.float32(shape.back), -1.0, 1.0)
    shell = np.float32(shape.size.shell * OSTEOPOROTIC_SHARE) * (1 + np.float32(VENTRAL_SHARE) * front)
    rim = _step(-6.0, -1.0, side)
    out = shell + 0 * side
    for plate, name in ((upper, "upper"), (lower, "lower")):
        middle, edge = PLATE_MM[name]
        out = out + _step(-1.2, 1.2, plate - side) * (middle + (edge - middle) * rim - out)
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
        wall_here = EDGE_WALL_MM + _step(0.0, 1.0, np.abs(u)) * (of_side - EDGE_WALL_MM)
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
    anterior = _step(shape.back / 3 - 3.0, shape.back / 3 + 3.0, -p[1])
    plate = _step(-5.0, -2.0, np.maximum(upper, lower))
    out = (1 + noise) * (1 + (ANTERIOR_DENSITY - 1) * anterior) * (1 + (PLATE_DENSITY - 1) * plate)
    if shape.wedge is not None:
        out = out * np.minimum(shape.wedge.compression(*p), MOST_CRUSHED)
    inside = np.maximum(side, np.maximum(upper, lower)) < -0.5
    out = np.clip(out / out[inside].mean(), 0.2, 4.0)
    out = np.where(_void(shape, p, upper), np.float32(VOID), out / out[inside].mean())
    return np.asarray(out, dtype=np.float32)


def _void(shape: Shape, p: Points, upper: Values) -> NDArray[np.bool_]:
    """Where a cleft or a lytic focus has left no bone: a lens under the plate's front half, a ball in the middle of the body."""
    across, along = p[0] / np.float32(0.3 * shape.size.plate_width_upper), p[1] / np.float32(shape.back)
    lens = (across**2 + ((along + 0.35) / 0.5) ** 2 < 1) & (
        np.abs(upper + 2.0 + shape.broken.cleft / 2) < shape.broken.cleft / 2
    )
    ball = p[0] ** 2 + p[1] ** 2 + p[2] ** 2 < (shape.broken.lytic / 2) ** 2
    return np.asarray(lens | ball)
