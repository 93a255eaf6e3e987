"""Measuring on one picture: thin dark lines, pairs of them, the shadow of steel, dark blobs.

In: the picture's darkness -ln(signal) (rows, columns), where to look, which way a line runs. Out: positions in (column, row)
pixels and contrast over noise, float64. Knows no patient; models enter as directions and as the trocar's known shape.
Contrast to noise is that of the whole mark: mean contrast along it over the standard error of that mean (a matched filter),
the quantity that Rose's criterion speaks of. Not here: which mark is what (pixels.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, grey_opening, label, map_coordinates, uniform_filter1d

from models.carm import SOURCE_DETECTOR_MM, View
from models.instrument_surfaces import COLLAR_HEIGHT_MM, COLLAR_MM, patient_from_trocar
from models.instruments import TROCAR, TrocarPose

Array = NDArray[np.float64]
Pixel = tuple[float, float]

STEP_PX = 0.5
"""Sampling across a line."""
CORE_PX = 1.0
"""Half width of a line's core: 0.6 mm of bone, as end plates and walls are (FIGURES a4), is 2 px."""
FLANK_PX = (2.5, 5.5)
"""Where its flanks are read, both sides, from the middle of the line."""
SLANTS = (-0.2, 0.0, 0.2)
"""Slopes of a line against the expected direction that are tried (11 degrees); assumed."""
STEEL_PER_MM = 0.8
"""mu of steel behind a patient, about 60 keV (FIGURES e): shape of the edge only, its depth is fitted."""
SCATTER_SHARE = 0.25
"""Scatter in the signal behind a patient, which no steel takes away: 0.2 behind 200 mm, 0.4 behind 300 (models/scatter.py)."""
BLUR_PX = 1.0
"""Focal spot and panel together, sigma; assumed from picture's two kernels."""


@dataclass(frozen=True)
class Found:
    """What was measured at one place."""

    pixel: Pixel
    cnr: float


def darkness(signal: NDArray[np.floating]) -> Array:
    """-ln(signal), the sum of attenuations but for a constant; empty pixels count as the darkest that are not."""
    positive = signal[signal > 0]
    least = float(positive.min()) if positive.size else 1.0
    return np.asarray(-np.log(np.maximum(signal, least)), dtype=np.float64)


def unit(direction: Array) -> Array:
    """(2,) the direction with length 1; along the columns where it has none."""
    length = float(np.linalg.norm(direction))
    return np.array([1.0, 0.0]) if length < 1e-9 else np.asarray(direction, dtype=np.float64) / length


def unit3(direction: Array) -> Array:
    """(3,) the direction with length 1."""
    return np.asarray(direction / np.linalg.norm(direction))


# ---- lines


@dataclass(frozen=True)
class Strip:
    """A band of the picture straightened out: how much darker than its flanks each place across it is."""

    at: Array  # (2,) middle
    across: Array  # (2,) unit
    offsets: Array  # (N,) px across, from the middle
    cnr: Array  # (N,) of a dark line there, along the whole band: contrast over its standard error


def straight(at: Pixel, along: Array, half_length: float) -> Array:
    """(T, 2) points a pixel apart on a straight line through `at`, `half_length` px both ways."""
    places = np.arange(-half_length, half_length + 0.01, 1.0)
    return np.asarray(np.asarray(at) + places[:, None] * unit(along))


SLAB_PX = 2.5
"""Half height of the slices in which a body's outermost point is taken (0.75 mm); assumed."""


def outermost(points: Array, course: Array, across: Array) -> Array:
    """(T, 2) the straight `course` moved `across` to the silhouette of `points` (N, 2) on its side, smooth over a few pixels."""
    middle = course[len(course) // 2]
    along = np.array([-across[1], across[0]])
    side = 1.0 if (middle - points.mean(axis=0)) @ across > 0 else -1.0
    places, offsets = (points - middle) @ along, (points - middle) @ across
    found = np.zeros(len(course))
    for index, at in enumerate((course - middle) @ along):
        near = offsets[np.abs(places - at) < SLAB_PX]
        found[index] = side * np.max(side * near) if near.size else 0.0
    return np.asarray(course + uniform_filter1d(found - found[len(found) // 2], 5)[:, None] * across)


def piece(outline: Array, at: Pixel, half_length: float) -> Array:
    """(T, 2) points about a pixel apart on a closed outline (N, 2), `half_length` px both ways from where it passes `at`."""
    closed = np.concatenate([outline, outline[:1]])
    steps = np.linalg.norm(np.diff(closed, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    start = way[int(np.argmin(np.linalg.norm(outline - np.asarray(at), axis=1)))]
    half_length = min(half_length, way[-1] / 4)
    places = (start + np.arange(-half_length, half_length + 0.01, 1.0)) % way[-1]
    return np.stack([np.interp(places, way, closed[:, axis]) for axis in (0, 1)], axis=-1)


def strip(dark: Array, course: Array, at: Pixel, across: Array, reach: float) -> Strip:
    """The band round `course` (T, 2), the line as it is expected to run past `at`, moved up to `reach` px along `across`.

    Contrast of a line: mean of its core less the mean of its flanks, so a shade that changes evenly counts nothing. Noise:
    what is left in the band when its mean profile is taken off, by the median (1.4826 MAD), over the number of pixels used.
    The best of SLANTS counts. Pixels that are NaN are left out; where too few are left, nothing is seen (0).
    """
    across = unit(across)
    offsets = np.arange(-reach - FLANK_PX[1], reach + FLANK_PX[1] + 0.01, STEP_PX)
    places = (course - np.asarray(at)) @ np.array([-across[1], across[0]])
    s = offsets + np.array(SLANTS)[:, None, None] * places[None, :, None]
    points = course[:, None, :] + s[..., None] * across
    band = map_coordinates(dark, np.moveaxis(points[..., ::-1], -1, 0), order=1, mode="nearest")
    cnr = np.stack([_contrast(one) for one in band]).max(axis=0)
    inner = np.abs(offsets) <= reach + 1e-6
    return Strip(np.asarray(at, dtype=np.float64), across, offsets[inner], cnr[inner])


def _contrast(band: Array) -> Array:
    """(N,) contrast over its standard error of a line at each place of a band (T, N)."""
    clear = np.isfinite(band)
    count = clear.sum(axis=0)
    shade = np.where(clear, band, 0.0)
    profile = np.where(count >= CLEAR_SHARE * len(band), shade.sum(axis=0) / np.maximum(count, 1), np.nan)
    rest = shade - profile - (shade.sum(axis=1) / np.maximum(clear.sum(axis=1), 1))[:, None]
    rest = rest[clear & np.isfinite(profile)]
    if rest.size == 0:
        return np.zeros(band.shape[1])
    noise = max(1.4826 * float(np.median(np.abs(rest - np.median(rest)))), 1e-9)
    cnr = _against_flanks(profile) / noise / _standard_error(count)
    return np.where(np.isfinite(cnr), cnr, 0.0)


def _against_flanks(profile: Array) -> Array:
    """Core less flanks at every place of a profile."""
    steps = np.arange(-FLANK_PX[1], FLANK_PX[1] + 0.01, STEP_PX)
    core = np.abs(steps) <= CORE_PX
    flank = np.abs(steps) >= FLANK_PX[0]
    padded = np.pad(profile, len(steps) // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(steps))
    return np.asarray(windows[:, core].mean(axis=1) - windows[:, flank].mean(axis=1))


CLEAR_SHARE = 1 / 3
"""A line is read where at least this share of its pixels is clear of metal; assumed."""
INTERPOLATED = 0.75
"""Standard deviation of white noise read between pixels, mean over places, as a share of a pixel's own: (2/3)^(1/2) an axis,
of which noise across and along share; measured in the tests."""


def _standard_error(count: NDArray[np.int64]) -> Array:
    """Standard error of core less flanks, for a pixel noise (as read between pixels) of 1 along `count` px."""
    core, flanks = 2 * CORE_PX, 2 * (FLANK_PX[1] - FLANK_PX[0])
    return np.asarray(np.sqrt((1 / core + 1 / flanks) / np.maximum(count, 1)) / INTERPOLATED)


def peak(values: Array, index: int) -> float:
    """Place of a maximum between samples, by the parabola through three, in samples."""
    if not 0 < index < len(values) - 1:
        return float(index)
    before, here, after = values[index - 1 : index + 2]
    bend = before - 2 * here + after
    return float(index) if bend >= 0 else index + float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def dark_line(dark: Array, course: Array, at: Pixel, across: Array, reach: float) -> Found:
    """The dark line nearest to `course` that stands out: contrast weighed by exp(-(offset / reach)^2 / 2); where `at` moves."""
    band = strip(dark, course, at, across, reach)
    weighed = band.cnr * np.exp(-0.5 * (band.offsets / reach) ** 2)
    index = int(np.argmax(weighed))
    offset = band.offsets[0] + STEP_PX * peak(band.cnr, index)
    return Found(_pixel(band.at + offset * band.across), float(band.cnr[index]))


def middle_of_walls(
    dark: Array, course: Array, at: Pixel, across: Array, reach: float, apart: tuple[float, float]
) -> Found:
    """The middle between two dark lines, `apart` px (least, most) from each other; the weaker one counts."""
    band = strip(dark, course, at, across, reach + apart[1] / 2)
    middles = np.arange(-reach, reach + 0.01, STEP_PX)
    halves = np.arange(apart[0] / 2, apart[1] / 2 + 0.01, STEP_PX)
    first = np.interp(middles[:, None] - halves, band.offsets, band.cnr)
    second = np.interp(middles[:, None] + halves, band.offsets, band.cnr)
    both = np.minimum(first, second).max(axis=1)
    index = int(np.argmax(both * np.exp(-0.5 * (middles / reach) ** 2)))
    offset = middles[0] + STEP_PX * peak(both, index)
    return Found(_pixel(band.at + offset * band.across), float(both[index]))


def _pixel(place: Array) -> Pixel:
    return float(place[0]), float(place[1])


# ---- steel


def rod(source: Array, rays: Array, radius: float, low: float, high: float, slope: float = 0.0) -> Array:
    """(...) mm inside a cylinder about z, from z = low to z = high + slope x, along unit rays (..., 3). Frame: trocar."""
    across = rays[..., 0] ** 2 + rays[..., 1] ** 2
    half = rays[..., 0] * source[0] + rays[..., 1] * source[1]
    inside = half**2 - across * (source[0] ** 2 + source[1] ** 2 - radius**2)
    root = np.sqrt(np.maximum(inside, 0.0))
    across = np.maximum(across, 1e-12)
    enters, leaves = (-half - root) / across, (-half + root) / across
    for normal, limit in (((0.0, 0.0, -1.0), -low), ((-slope, 0.0, 1.0), high)):  # two planes, inside where n x < limit
        speed = rays @ np.array(normal)
        meets = (limit - source @ np.array(normal)) / np.where(np.abs(speed) < 1e-12, 1e-12, speed)
        enters = np.where(speed < 0, np.maximum(enters, meets), enters)
        leaves = np.where(speed > 0, np.minimum(leaves, meets), leaves)
    return np.where(inside > 0, np.maximum(leaves - enters, 0.0), 0.0)


def rays_to(view: View, needle: TrocarPose, columns: Array, rows: Array) -> tuple[Array, Array]:
    """(source (3,) [mm], unit rays (..., 3) to pixels) in the trocar's frame."""
    middle = (view.size - 1) / 2
    rays = (
        view.beam * SOURCE_DETECTOR_MM
        + (columns - middle)[..., None] * view.pixel_mm * view.column
        + (rows - middle)[..., None] * view.pixel_mm * view.row
    )
    frame = patient_from_trocar(needle)
    rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True) @ frame[:3, :3]
    return (view.source - frame[:3, 3]) @ frame[:3, :3], rays


def steel_mm(view: View, needle: TrocarPose, stylet: bool, columns: Array, rows: Array, cut: float = 0.0) -> Array:
    """(...) mm of steel on the rays to pixels, of a trocar whose last `cut` mm are missing: shaft and collar."""
    source, rays = rays_to(view, needle, columns, rows)
    radius, slope = TROCAR.outer_mm / 2, TROCAR.bevel_mm / TROCAR.outer_mm
    face, top = -TROCAR.bevel_mm / 2 - cut, -TROCAR.length_mm - TROCAR.hub_height_mm
    low, high = -TROCAR.length_mm - COLLAR_HEIGHT_MM, -TROCAR.length_mm
    shaft = rod(source, rays, radius, top, face, slope)
    if not stylet:
        shaft = shaft - rod(source, rays, TROCAR.inner_mm / 2, top, face, slope)
    collar = rod(source, rays, COLLAR_MM / 2, low, high) - rod(source, rays, radius, low, high)
    return np.asarray(shaft + collar)


def grip_mm(view: View, needle: TrocarPose, columns: Array, rows: Array) -> Array:
    """(...) mm of the hub's grip (plastic) on the rays to pixels."""
    source, rays = rays_to(view, needle, columns, rows)
    return rod(source, rays, TROCAR.hub_mm / 2, -TROCAR.length_mm - TROCAR.hub_height_mm, -TROCAR.length_mm)


def shadow(steel: Array) -> Array:
    """Darkness that steel [mm] adds: -ln(scatter + (1 - scatter) exp(-mu t)), blurred as the picture is."""
    return np.asarray(
        gaussian_filter(-np.log(SCATTER_SHARE + (1 - SCATTER_SHARE) * np.exp(-STEEL_PER_MM * steel)), BLUR_PX)
    )


SEARCH_PX = 8
"""How far from where it is expected steel is looked for; assumed."""


def steel_shift(
    dark: Array, view: View, needle: TrocarPose, stylet: bool, at: Pixel, reach: int, cut: float | None
) -> tuple[float, float, float]:
    """(columns, rows, contrast to noise): how far the trocar's shadow about `at` lies from where `needle` puts it.

    The known shape is laid over the picture `reach` px round, on an even slope of shade, where it fits best (least squares),
    to a part of a pixel. Contrast to noise is that of the last `cut` mm (None: of all steel): what the fit loses without them.
    """
    column, row = round(at[0]), round(at[1])
    wide = reach + SEARCH_PX + 3
    steps = np.arange(-wide, wide + 1.0)
    columns, rows = np.meshgrid(column + steps, row + steps)
    whole = shadow(steel_mm(view, needle, stylet, columns, rows))
    blunt = np.zeros_like(whole) if cut is None else shadow(steel_mm(view, needle, stylet, columns, rows, cut))
    x, y = np.meshgrid(np.arange(-reach, reach + 1.0), np.arange(-reach, reach + 1.0))
    x, y = x.ravel(), y.ravel()
    shade, _ = np.linalg.qr(np.stack([np.ones(x.size), x, y], axis=1))

    def off_shade(values: Array) -> Array:
        """(..., P) without its mean and slope."""
        return np.asarray(values - (values @ shade) @ shade.T)

    def laid(template: Array, shifts: Array) -> Array:
        """(K, P) the template under the patch, at shifts (K, 2)."""
        places = [y - shifts[:, 1:] + wide, x - shifts[:, :1] + wide]
        return off_shade(map_coordinates(template, places, order=1))

    patch = off_shade(map_coordinates(dark, [row + y, column + x], order=0, mode="nearest"))
    best = np.zeros(2)
    for step, span in ((1.0, SEARCH_PX), (0.5, 0.5), (0.25, 0.25), (0.125, 0.125)):
        moves = np.arange(-span, span + 1e-9, step)
        shifts = best + np.stack(np.meshgrid(moves, moves), axis=-1).reshape(-1, 2)
        shapes = laid(whole, shifts)
        fit = np.maximum(shapes @ patch, 0.0) / np.maximum(np.linalg.norm(shapes, axis=1), 1e-9)
        best = shifts[int(np.argmax(fit - 1e-6 * np.linalg.norm(shifts, axis=1)))]  # undecided: where it is expected
    shape = laid(whole, best[None])[0]
    depth = max(float(shape @ patch) / max(float(shape @ shape), 1e-9), 0.0)
    rest = patch - depth * shape
    part = depth * (shape - laid(blunt, best[None])[0])
    noise = max(1.4826 * float(np.median(np.abs(rest))), 1e-9)
    strength = float(np.linalg.norm(part))
    cnr = float((rest + part) @ part) / strength / noise if strength > 1e-9 else 0.0
    return float(best[0]), float(best[1]), cnr


# ---- blobs

BLOB_DARKER = 0.55
"""Darkness of the primary above the ground round it that is taken for cement, once lines are taken off: bone alone stays below
0.5 on both our patients (tests), cement 6 mm thick gives 0.7. Chosen by that."""
BLOB_SIGMA_PX = 1.5
LINE_PX = 4
"""Radius of the disc that must fit into a dark piece: what is narrower than 9 px (2.7 mm) is a line of bone."""
BLOB_PX = 12
"""Fewer pixels in one piece are noise; assumed."""
GROUND = 0.19
"""What lies higher above the ground's plane is not ground; assumed."""


def ground_plane(dark: Array, rounds: int = 4) -> Array:
    """The even slope of shade under what is darker: a plane through the pixels that do not lie well above it."""
    rows, columns = np.indices(dark.shape)
    basis = np.stack([np.ones(dark.size), columns.ravel(), rows.ravel()], axis=1)
    kept = dark.ravel() <= np.median(dark)
    for _ in range(rounds):
        fit = np.linalg.lstsq(basis[kept], dark.ravel()[kept], rcond=None)[0]
        kept = np.abs(dark.ravel() - basis @ fit) < GROUND  # gas, brighter by more, is no ground either
    return np.asarray((basis @ fit).reshape(dark.shape))


def blobs(dark: Array, covered: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    """(labels, count) of the broad pieces that are dark on the ground of a window, none of it where `covered` (steel)."""
    ground = ground_plane(gaussian_filter(dark, BLOB_SIGMA_PX))
    smooth = gaussian_filter(np.where(covered, ground, dark), BLOB_SIGMA_PX)
    rows, columns = np.indices((2 * LINE_PX + 1,) * 2) - LINE_PX
    broad = grey_opening(smooth, footprint=np.hypot(rows, columns) < LINE_PX + 0.5)
    marked = (broad - ground > BLOB_DARKER) & ~covered
    pieces, count = label(marked)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    keep = np.flatnonzero(sizes[1:] >= BLOB_PX) + 1
    order = np.zeros(count + 1, dtype=np.int32)
    order[keep] = np.arange(1, len(keep) + 1)
    return order[pieces], len(keep)
