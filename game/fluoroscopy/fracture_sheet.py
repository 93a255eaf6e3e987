"""The sheet of fractures: every kind in AP and lateral, as `pictures` writes it to docs.

In: the folder. Out: fractures.png. The level above and below are whole, so that each can be read against its neighbours.
Without noise: a sheet is for looking at form; what noise leaves to see is in the trainer.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS: dict[str, dict[str, Any]] = {
    "wedge, grade 1": {"anterior_height_fraction": 0.77, "posterior_height_fraction": 0.97},
    "wedge, grade 2": {"anterior_height_fraction": 0.68},
    "wedge, grade 3": {"anterior_height_fraction": 0.5, "posterior_height_fraction": 0.92},
    "wedge, 2 weeks": {"age_weeks": 2},
    "wedge, 1 year": {"age_weeks": 52},
    "biconcave": {"kind": "biconcave"},
    "crush": {"kind": "crush"},
    "plana, pedicles broken": {"kind": "plana", "broken_pedicles": ["left", "right"]},
    "cleft 4 mm": {"cleft_mm": 4},
    "end-plate defect 5 mm": {"anterior_height_fraction": 0.8, "end_plate_defect_mm": 5},
    "retropulsion 6 mm, wall broken": {"kind": "crush", "retropulsion_mm": 6, "broken_wall": True},
    "lytic: posterior wall": {"anterior_height_fraction": 0.9, "lytic_mm": 20, "lytic_site": "posterior-wall"},
    "lytic: left pedicle": {"anterior_height_fraction": 0.9, "lytic_mm": 18, "lytic_site": "left-pedicle"},
    "three levels": {"kind": "crush"},
}
"""Title of a panel -> keys of its fracture at L2."""

BESIDE = ({"level": "L1"}, {"level": "L3", "kind": "biconcave"})
"""What "three levels" has besides."""

COLUMNS = 3
WINDOW = (0.5, 99.8)  # percentiles of a panel that are black and white
GREYS = 32  # of the file, so that it stays small
SHARE = 0.36
"""Side of a panel's picture as a share of the detector's: the target with half of each neighbour."""


def sheet(folder: Path, seed: int) -> Path:
    """Writes fractures.png."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from game.fluoroscopy.display import write_png

    path = folder / "fractures.png"
    rows = -(-len(KINDS) // COLUMNS)
    figure = Figure(figsize=(COLUMNS * 3.6, rows * 2.0), facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for panel in axes:
        panel.axis("off")
    for panel, (title, keys) in zip(axes, KINDS.items(), strict=False):
        panel.imshow(_pair(title, keys, seed), cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
        panel.set_title(title, fontsize=8, pad=2)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.97, 0.02, 0.12)
    canvas.draw()
    grey = np.asarray(canvas.buffer_rgba())[..., 0].astype(float) / 255
    write_png(path, np.uint8(np.rint(grey * (GREYS - 1)) * (255 / (GREYS - 1))), {"Title": "SIMULATED: fractures"})
    return path


def _pair(title: str, keys: dict[str, Any], seed: int) -> NDArray[np.uint8]:
    """AP and left lateral of one fracture, side by side; cranial up, posterior to the right."""
    from game.fluoroscopy.projector import Fluoroscope
    from models.carm import PRESETS, Pose
    from models.provide import provide
    from models.recipe import Fracture, SyntheticRecipe
    from models.xray import technique_for

    broken = [{"level": "L2", **keys}, *(BESIDE if title == "three levels" else ())]
    fractures = tuple(Fracture.model_validate(one) for one in broken)
    levels = ("T12", "L1", "L2", "L3", "L4") if len(fractures) > 1 else ("L1", "L2", "L3")
    recipe = SyntheticRecipe(levels=levels, fractures=fractures, seed=seed, organs=False)
    patient = provide(recipe, Path)
    scope = Fluoroscope(patient, 512)
    x, y, z = (float(value) for value in patient.vertebrae["L2"].centre)
    half = round(SHARE * 512 / 2)
    made = []
    try:
        for name, aside in (("ap", 0), ("left-lateral", half // 5)):
            pose = Pose(*PRESETS[name], isocentre=(x, y, z))
            grey = scope.picture(pose, technique_for(scope.centre(pose)), seed=seed, noise=False).grey
            made.append(_spread(grey[256 - half : 256 + half, 256 + aside - half : 256 + aside + half]))
    finally:
        scope.close()
    return np.hstack(made)


def _spread(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A part of a picture over the whole range of greys, as one would window it."""
    low, high = np.percentile(grey, WINDOW)
    return np.asarray(np.clip((grey - low) / max(high - low, 1.0), 0.0, 1.0) * 255, dtype=np.uint8)
