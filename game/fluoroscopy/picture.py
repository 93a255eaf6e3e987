"""From path lengths to the picture: detector signal, focal spot, scatter, quantum noise, detector blur, display.

In: textures of paths [mm], a Technique. Out: energy a pixel [keV] (float32) and grey (uint8). Detector frame, row 0 cranial.
Order: primary (mean, variance), focal spot, scatter, noise, detector's blur, logarithm, window. Noise is drawn before
anything is quantised. The functions up to `grey` are the float64 twins of the shaders; `Chain` runs the shaders.
Not here: lag, recursive filter, electronic noise, collimator, heel effect, veiling glare: the picture is one clean pulse.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from panda3d.core import LVecBase2f, LVecBase2i, LVecBase3f, SamplerState

from game import graphics
from models import scatter, xray
from models.carm import FIELD_MM, SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM
from models.tissue import CHANNELS

Array = NDArray[np.float64]

FOCAL_SPOT_MM = 0.6
"""Width of the focal spot (XRAY 2.6)."""

MTF_HALF_PER_MM = 1.3
"""Spatial frequency at which the scintillator's MTF is one half: MTF = 1 / (1 + (f / f50)^2) (XRAY 2.6, textbook)."""

COARSE = 64
"""Pixels a side of the slow part of the logarithm."""

TAPS = 25
"""Weights that blur.frag holds."""

WINDOW = 1.1
"""Natural logarithm of the brightest over the darkest signal shown; chosen by eye on spines in a torso."""

ANCHOR = 0.5
"""Grey (0-1) of the signal that brightness control aims at; chosen by eye."""

COMPRESSION = 0.7
"""Share of the slow part of the logarithm that the display takes away, as monitors' dynamic range management does: a spine and
the thin flank beside it fit one window, and 30 % of a wrong dose still shows. Chosen by eye."""

BRIGHT_COMPRESSION, BRIGHT_FROM, BRIGHT_SOFT = 0.95, 0.5, 0.1
"""The same share where the slow part lies this far above the target [ln keV], and how softly it is reached: the skin behind
the spinous processes in a lateral lies 2 to 4 above it. Chosen by eye."""

SHOULDER, SHOULDER_POWER = 0.65, 3.0
"""Grey above which the curve bends and nears white without reaching it, and how fast: steel in front of air stays dark.
Chosen by eye."""

TONE_SIGMA_MM = 25.0
"""What is slow: a normal blur this wide at the detector; chosen by eye."""

TONE_FLOOR = 2.2
"""The slow part never lies further below the target than this [ln keV]: else metal and cement would brighten all round them.
Chosen by eye."""


@dataclass(frozen=True)
class Kernel:
    """A symmetric blur: weights from the middle outward, whose full sum (both sides) is 1."""

    weights: Array


def _normalised(weights: Array) -> Kernel:
    used = weights[: max(int(np.flatnonzero(weights > 1e-4 * weights[0])[-1]) + 1, 1)]
    return Kernel(used / (used[0] + 2 * used[1:].sum()))


def focal_kernel(pixel_mm: float) -> Kernel:
    """Blur of the focal spot for things at the isocentre: a box F (M - 1) wide, M = SID / SOD (XRAY 2.6), by pixels."""
    half = FOCAL_SPOT_MM * (SOURCE_DETECTOR_MM / SOURCE_ISOCENTRE_MM - 1) / 2
    edges = (np.arange(TAPS + 1) - 0.5) * pixel_mm
    inside = np.clip(edges[1:], -half, half) - np.clip(edges[:-1], -half, half)
    return _normalised(inside)


def detector_kernel(pixel_mm: float) -> Kernel:
    """Line spread of MTF 1 / (1 + (f / f50)^2), which is pi f50 exp(-2 pi f50 |x|), gathered by square pixels."""
    rate = 2 * np.pi * MTF_HALF_PER_MM
    edges = (np.arange(TAPS) + 0.5) * pixel_mm
    outside = 0.5 * np.exp(-rate * edges)  # beyond each edge, one side
    return _normalised(np.concatenate([[1 - 2 * outside[0]], outside[:-1] - outside[1:]]))


def normal_kernel(sigma_mm: float) -> Kernel:
    """A normal blur in pixels of the coarse picture."""
    steps = np.arange(TAPS) * FIELD_MM / COARSE
    return _normalised(np.exp(-0.5 * (steps / sigma_mm) ** 2))


def blurred(picture: Array, kernel: Kernel) -> Array:
    """(rows, columns) blurred along both axes; edges repeat. Twin of blur.frag, run twice."""
    from scipy.ndimage import correlate1d

    both = np.concatenate([kernel.weights[:0:-1], kernel.weights])
    return np.asarray(correlate1d(correlate1d(picture, both, axis=0, mode="nearest"), both, axis=1, mode="nearest"))


def shrunk(picture: Array, cells: int = COARSE) -> Array:
    """(cells, cells) means of square blocks. Twin of shrink.frag."""
    block = len(picture) // cells
    return picture.reshape(cells, block, cells, block).mean(axis=(1, 3))


def enlarged(coarse: Array, size: int) -> Array:
    """(size, size) linear between the coarse pixels' centres, as a texture is read."""
    cells = len(coarse)
    place = (np.arange(size) + 0.5) * cells / size - 0.5
    low = np.clip(np.floor(place).astype(int), 0, cells - 1)
    high = np.clip(low + 1, 0, cells - 1)
    share = np.clip(place - low, 0.0, 1.0)
    rows = coarse[low] * (1 - share)[:, None] + coarse[high] * share[:, None]
    return np.asarray(rows[:, low] * (1 - share) + rows[:, high] * share)


def clear(technique: xray.Technique, pixel_mm: float) -> float:
    """keV a pixel with nothing in the beam."""
    return float(xray.signal(np.zeros(len(CHANNELS)), technique.kvp, technique.mas, pixel_mm)[0])


def spread(sharp: Array, technique: xray.Technique, pixel_mm: float) -> Array:
    """(CELLS, CELLS) scatter [keV a pixel] of a primary behind the focal spot's blur."""
    return scatter.scattered(shrunk(sharp, scatter.CELLS), clear(technique, pixel_mm), technique.kvp)


def expected(primary: Array, technique: xray.Technique, pixel_mm: float) -> Array:
    """Energy [keV] a pixel without noise, from the primary's mean (size, size): focal spot, scatter, detector blur."""
    sharp = blurred(primary, focal_kernel(pixel_mm))
    return blurred(sharp + enlarged(spread(sharp, technique, pixel_mm), len(primary)), detector_kernel(pixel_mm))


def unscattered(signal: Array, technique: xray.Technique, pixel_mm: float) -> Array:
    """(size, size) about the primary of a whole signal [keV]: what is left less the scatter of what is left, three times over."""
    primary = np.maximum(signal, 1e-6)
    for _ in range(3):
        primary = np.maximum(signal - enlarged(spread(primary, technique, pixel_mm), len(signal)), 0.05 * signal)
    return np.asarray(primary)


def tone(primary: Array, technique: xray.Technique, pixel_mm: float, aim: float) -> Array:
    """(size, size) the slow part of ln keV: what the display compresses; `aim` is the `target`. Twin of logarithm.frag and two
    blurs.
    """
    sharp = blurred(primary, focal_kernel(pixel_mm))
    both = shrunk(sharp) + enlarged(spread(sharp, technique, pixel_mm), COARSE)
    coarse = np.maximum(np.log(np.maximum(both, 1e-6)), aim - TONE_FLOOR)
    return enlarged(blurred(coarse, normal_kernel(TONE_SIGMA_MM)), len(primary))


def target(kvp: float, pixel_mm: float) -> float:
    """ln keV a pixel that is shown at ANCHOR: DETECTOR_TARGET_UGY behind 200 mm of soft tissue, with its scatter.

    It does not follow the picture, so a wrong dose shows.
    """
    paths = np.zeros(len(CHANNELS))
    paths[0] = 200.0
    mas = xray.DETECTOR_TARGET_UGY / float(xray.detector_kerma_ugy(paths, kvp, 1.0))
    mean, _ = xray.signal(paths, kvp, mas, pixel_mm)
    return float(np.log(mean * (1 + scatter.full_field_ratio(kvp, 200.0))))


def taken(over: Array) -> Array:
    """How much of the slow part the display takes away, `over` the target [ln keV]: COMPRESSION of it, more where it is bright."""
    more = BRIGHT_SOFT * np.logaddexp(0.0, (over - BRIGHT_FROM) / BRIGHT_SOFT)
    return np.asarray(COMPRESSION * over + (BRIGHT_COMPRESSION - COMPRESSION) * more)


def shouldered(value: Array) -> Array:
    """Grey 0-1 of a linear grey >= 0: the same up to SHOULDER, then 1 - room (1 + x / n)^-n, x in rooms left; slope steady."""
    room = 1.0 - SHOULDER
    beyond = np.maximum(value - SHOULDER, 0.0) / room
    bent = 1.0 - room * (1.0 + beyond / SHOULDER_POWER) ** -SHOULDER_POWER
    return np.where(value < SHOULDER, value, bent)


def grey(signal: NDArray[np.floating], slow: Array, aim: float, invert: bool = False) -> NDArray[np.uint8]:
    """0-255 of a signal [keV], its `tone` and `target`. Twin of display.frag."""
    fast = np.log(np.maximum(signal, 1e-6)) - aim - taken(slow - aim)
    value = shouldered(np.maximum(ANCHOR + fast / WINDOW, 0.0))
    return np.asarray(np.rint(255 * (1 - value if invert else value)), dtype=np.uint8)


def _scatter_law() -> dict[str, Any]:
    """Uniforms of scatter.frag that no pulse changes."""
    return {
        "pitch": FIELD_MM / scatter.CELLS,
        "passed": scatter.GRID_SHARE,
        "thickest": scatter.THICKEST_DM,
        "narrow": LVecBase2f(*scatter.NARROW),
        "wide": LVecBase3f(*scatter.WIDE),
        "sigma": LVecBase3f(scatter.NARROW_SIGMA_MM, scatter.WIDE_SIGMA_MM, scatter.WIDE_NARROWING),
    }


class Chain:
    """The full-screen passes after the paths, on textures of one size."""

    def __init__(self, studio: graphics.Studio, still: graphics.Target, moving: graphics.Target) -> None:
        self.studio, self.size = studio, still.size
        self.pixel_mm = FIELD_MM / still.size
        self.primary = graphics.Target(studio, "primary", self.size, 2)
        self.absorb = self.primary.cover(
            "signal",
            {"moving_first": moving.textures[0], "moving_second": moving.textures[1], "bins": xray.BINS},
        )
        self.read_still(still)
        focal, panel = focal_kernel(self.pixel_mm), detector_kernel(self.pixel_mm)
        focal_row = self._blur("focal rows", self.primary, focal, (1, 0), 2)
        self.sharp = self._blur("focal columns", focal_row, focal, (0, 1), 2)
        small = graphics.Target(studio, "shrunk", COARSE, 2)
        small.cover("shrink", {"picture": self.sharp.textures[0], "block": self.size // COARSE})
        cells = graphics.Target(studio, "cells", scatter.CELLS, 2)
        cells.cover("shrink", {"picture": small.textures[0], "block": COARSE // scatter.CELLS})
        spread = graphics.Target(studio, "scatter", scatter.CELLS, 2)
        self.scatter = spread.cover("scatter", {"picture": cells.textures[0], **_scatter_law()})
        coarse = graphics.Target(studio, "logarithm", COARSE, 1)
        self.slow = coarse.cover("logarithm", {"picture": small.textures[0], "spread": spread.textures[0]})
        slow_row = self._blur("tone rows", coarse, normal_kernel(TONE_SIGMA_MM), (1, 0), 1)
        slow = self._blur("tone columns", slow_row, normal_kernel(TONE_SIGMA_MM), (0, 1), 1)
        for enlarged_later in (spread, slow):
            enlarged_later.textures[0].set_magfilter(SamplerState.FT_linear)
            enlarged_later.textures[0].set_minfilter(SamplerState.FT_linear)
        self.pulse = graphics.Target(studio, "pulse", self.size, 1)
        self.quanta = self.pulse.cover(
            "noise",
            {"primary": self.sharp.textures[0], "spread": spread.textures[0]},
        )
        panel_row = self._blur("panel rows", self.pulse, panel, (1, 0), 1)
        self.signal = self._blur("panel columns", panel_row, panel, (0, 1), 1)
        self.monitor = graphics.Target(studio, "monitor", self.size, 4, kind="byte")
        self.curve = self.monitor.cover(
            "display",
            {
                "picture": self.signal.textures[0],
                "tone": slow.textures[0],
                "compression": COMPRESSION,
                "bright": LVecBase3f(BRIGHT_COMPRESSION - COMPRESSION, BRIGHT_FROM, BRIGHT_SOFT),
                "shoulder": LVecBase2f(SHOULDER, SHOULDER_POWER),
                "anchor": ANCHOR,
                "span": WINDOW,
            },
        )
        self.passes = [
            *(self.primary, focal_row, self.sharp, small, cells, spread, coarse, slow_row, slow),
            *(self.pulse, panel_row, self.signal, self.monitor),
        ]

    def _blur(
        self, name: str, source: graphics.Target, kernel: Kernel, along: tuple[int, int], channels: int
    ) -> graphics.Target:
        target = graphics.Target(self.studio, name, source.size, channels)
        weights = np.zeros(TAPS)
        weights[: len(kernel.weights)] = kernel.weights
        target.cover(
            "blur",
            {
                "picture": source.textures[0],
                "along": LVecBase2i(*along),
                "reach": len(kernel.weights) - 1,
                "weights": graphics.floats(weights),
            },
        )
        return target

    def read_still(self, still: graphics.Target) -> None:
        """From now on the anatomy's paths are read there."""
        self.absorb.set_shader_input("still_first", still.textures[0])
        self.absorb.set_shader_input("still_second", still.textures[1])

    def prepare(self, technique: xray.Technique, seed: int, noise: bool, invert: bool) -> list[graphics.Target]:
        """Sets the uniforms of one pulse; returns the targets to draw."""
        beam = xray.beam(technique.kvp)
        open_beam = xray.photons_left(np.zeros(len(CHANNELS)), beam, technique.mas)
        area = xray.GRID_PRIMARY * (self.pixel_mm / 10.0) ** 2
        inputs: dict[str, Any] = {
            "mu_first": graphics.vectors(beam.mu[:, :4]),
            "mu_second": graphics.vectors(beam.mu[:, 4:]),
            "energy": graphics.floats(beam.energy),
            "counted": graphics.floats(open_beam * area * beam.absorbed),
        }
        for key, value in inputs.items():
            self.absorb.set_shader_input(key, value)
        self.quanta.set_shader_input("noisy", 1.0 if noise else 0.0)
        self.quanta.set_shader_input("seed", int(seed) & 0x7FFFFFFF)
        self.scatter.set_shader_input("clear", clear(technique, self.pixel_mm))
        self.scatter.set_shader_input("tissue", LVecBase3f(*scatter.thickness_law(technique.kvp)))
        aim = target(technique.kvp, self.pixel_mm)
        self.slow.set_shader_input("least", aim - TONE_FLOOR)
        self.curve.set_shader_input("target", aim)
        self.curve.set_shader_input("inverted", 1.0 if invert else 0.0)
        return self.passes
