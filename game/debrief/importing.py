"""The page about one import: what was recognised, measured, modelled, refused; with a picture to check the landmarks.

In: a Survey, the labels, what was decided. Out: HTML, self-contained, and the TOML of a scenario. No name of a file's owner, no
date, no UID: only what the arguments carry, and they hold shapes and numbers. Not here: where files go (game/cli/import_.py).
"""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from models.importing import Survey
from models.nifti import LabelMap
from models.patient import SIDES


@dataclass(frozen=True)
class Decision:
    """What goes into the recipe."""

    file: str  # name in the data folder
    target: str
    levels: tuple[str, ...]
    recognised: str  # how the numbering was found
    density: float | None  # BV/TV
    densities: Mapping[str, float]
    skin: str = ""  # name of the outline in the data folder, where a CT gave one
    walls: Mapping[str, float] = field(default_factory=dict)  # factors on the model's
    bones: tuple[str, ...] = ()  # ribs, sacrum and hips that the labels show


def scenario_toml(found: Survey, chosen: Decision) -> str:
    """A scenario of the imported spine, as `scenarios check` takes it."""
    import tomlkit

    text = tomlkit.document()
    text.add(
        tomlkit.comment(
            "Made by `import`. What comes from the scan and what from the model: the report beside this file."
        )
    )
    text["title"] = f"An imported spine: {chosen.target}"
    text["target"] = chosen.target
    text["sides"] = ["left"]
    text["difficulty"] = 3
    text["brief"] = f"A real spine, imported from a labelled scan. Treat {chosen.target} from the left."
    patient = tomlkit.table()
    patient["provider"] = "labels"
    patient["labels"] = chosen.file
    if chosen.skin:
        patient["skin"] = chosen.skin
    patient["numbering"] = found.numbering
    patient["levels"] = list(chosen.levels)
    if chosen.density is not None:
        patient["bone_volume_fraction"] = chosen.density
    for key, value, low, high in _sizes(found):
        if value is not None:
            patient[key] = float(np.clip(round(value), low, high))
    if chosen.densities:
        patient["bone_volume_fractions"] = dict(chosen.densities)
    if chosen.walls:
        patient["wall_factors"] = dict(chosen.walls)
    text["patient"] = patient
    return tomlkit.dumps(text)


def _sizes(found: Survey) -> list[tuple[str, float | None, float, float]]:
    """(key of the recipe, mm by the CT, the recipe's limits)."""
    if found.torso is None:
        return []
    return [
        ("torso_width_mm", found.torso.width, 220.0, 520.0),
        ("torso_depth_mm", found.torso.depth, 140.0, 400.0),
        ("fat_mm", found.torso.fat, 3.0, 80.0),
    ]


def page(labels: LabelMap, found: Survey, chosen: Decision) -> str:
    """The report as HTML."""
    voxel = " x ".join(f"{mm:.2f}" for mm in labels.voxel_mm)
    head = [
        ("numbering", f"{found.numbering}: {chosen.recognised}"),
        (
            "lattice",
            f"{' x '.join(map(str, labels.labels.shape))} voxels of {voxel} mm; axes by the file's affine, "
            f"{_oblique(labels):.1f} degrees from the body's axes",
        ),
        ("kept as", f"{chosen.file}: vertebra labels and affine alone, named by their content"),
        ("levels", f"{', '.join(found.levels)}; usable {', '.join(found.usable)}"),
        ("target", f"{chosen.target}; the recipe holds {', '.join(chosen.levels)}"),
    ]
    refused = [f"{n} {level.fault}: refused as a target" for n, level in found.levels.items() if level.fault]
    pictures = [check_picture(labels, found), level_pictures(labels, found, chosen.levels)]
    whole, single = (base64.b64encode(picture).decode() for picture in pictures)
    return "\n".join(
        [
            "<!doctype html><html lang='en'><meta charset='utf-8'><title>Import</title><style>",
            "body{font:15px/1.45 sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}",
            "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:2px 8px;text-align:right}",
            "td:first-child,th:first-child{text-align:left}.text td{text-align:left}img{max-width:100%}</style>",
            f"<h1>Import: {len(found.levels)} vertebrae</h1>",
            table([], head, "text"),
            "<h2>Levels</h2>",
            table(
                [
                    "level",
                    "label",
                    "labelled ml",
                    "built ml",
                    "change %",
                    "apart %",
                    "confidence",
                    "Ha/Hm/Hp mm",
                    "pedicle width l/r mm",
                    "core HU (voxels)",
                    "BV/TV",
                    "note",
                ],
                [_row(level) for level in found.levels.values()],
            ),
            listed("Refused", refused or ["nothing"]),
            listed("From the scan", _from_scan(found, chosen)),
            listed("From the model, not from this person", _from_model(found, chosen)),
            "<h2>Landmarks to check</h2><p>Labels projected from behind, from the left and from above; red: end-plate "
            "rims, blue: pedicle rings and axes, green: spinous tip, orange: posterior wall. Grey names: refused.</p>",
            f"<img alt='landmarks' src='data:image/png;base64,{whole}'>",
            "<p>Each level taken, with its confidence: from behind, from the left, from above.</p>",
            f"<img alt='landmarks of each level' src='data:image/png;base64,{single}'></html>",
        ]
    )


def _oblique(labels: LabelMap) -> float:
    """Greatest angle between an index axis and the body axis nearest to it, degrees."""
    axes = labels.lps_from_index[:3, :3] / labels.voxel_mm
    return float(np.degrees(np.arccos(np.clip(np.abs(axes).max(axis=0).min(), 0.0, 1.0))))


def _row(level: Any) -> tuple[str, ...]:
    v = level.landmarks
    change = None if level.solid_ml is None else 100 * (level.solid_ml / level.voxel_ml - 1)
    return (
        level.name,
        str(level.label),
        f"{level.voxel_ml:.1f}",
        "" if level.solid_ml is None else f"{level.solid_ml:.1f}",
        "" if change is None else f"{change:+.1f}",
        f"{100 * level.stray:.1f}",
        "" if v is None else f"{v.confidence:.2f}",
        "" if v is None else f"{v.anterior_height:.1f}/{v.middle_height:.1f}/{v.posterior_height:.1f}",
        "" if v is None else "/".join(f"{v.pedicles[s].width:.1f}" for s in SIDES),
        "" if level.hu is None else f"{level.hu:.0f} ({level.hu_voxels})",
        "" if level.density is None else f"{level.density:.3f}",
        level.fault,
    )


def _from_scan(found: Survey, chosen: Decision) -> list[str]:
    said = [
        "shape and posture of the vertebrae, as the person lay; smoothed within half a voxel, change of volume above"
    ]
    if chosen.density is not None:
        said.append(
            f"cancellous density: median BV/TV {chosen.density:g}, each level by the mean HU of its core, by the program's own "
            "attenuation at 70.5 keV (models/ct.py; not calibrated with a phantom)"
        )
    if found.torso is not None:
        for key, value, low, high in _sizes(found):
            if value is not None:
                held = "" if low <= value <= high else f", held to the recipe's {low:g} to {high:g}"
                said.append(f"{key.removesuffix('_mm').replace('_', ' ')} {value:.0f} mm ({found.torso.why}){held}")
    if chosen.bones:
        said.append(f"{', '.join(chosen.bones)}: shape, by their labels")
    if chosen.skin:
        said.append("skin: the body's outline in the CT, without table and arms; as the person lay, not turned prone")
    for level, factor in chosen.walls.items():
        said.append(f"cortex of {level}'s body: {factor:.2f} of the model's thickness ({found.cortex})")
    return said


def _from_model(found: Survey, chosen: Decision) -> list[str]:
    walls = "how walls differ from place to place" if chosen.walls else f"walls and end plates: {found.cortex}"
    ribs = "" if any(name.startswith("rib") for name in chosen.bones) else "ribs, "
    said = [walls, f"{ribs}discs, vessels", "the skin beyond the scan" if chosen.skin else "the skin's form"]
    if chosen.density is None:
        said.append("cancellous density: no CT, or none measurable")
    missing = [key for key, value, *_ in _sizes(found) if value is None]
    if found.torso is None:
        said.append("torso and fat: no CT")
    elif missing:
        said.append(f"{', '.join(missing)}: the scan cuts the body off there")
    return said


def check_picture(labels: LabelMap, found: Survey) -> bytes:
    """PNG: three projections of the labels with the landmarks drawn, patient frame."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 8), layout="constrained")
    FigureCanvasAgg(figure)
    points = {n: _surface_points(labels, found, level.label) for n, level in found.levels.items()}
    views = [("from behind: left is left", 0, 2), ("from the left: front is left", 1, 2), ("from above", 0, 1)]
    for place, (title, across, up) in zip(figure.subplots(1, 3), views, strict=True):
        for name, at in points.items():
            refused = bool(found.levels[name].fault)
            place.scatter(at[:, across], at[:, up], s=0.4, c="#bbbbbb" if refused else "#d8c9a0", rasterized=True)
            middle = at.mean(axis=0)
            if title != "from above":
                place.text(middle[across], middle[up], name, color="grey" if refused else "black", ha="center")
        for name in found.usable:
            _draw(place, found.levels[name].landmarks, across, up)
        place.set_title(title)
        place.set_aspect("equal")
        if across == 0:
            place.invert_xaxis()
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=80, metadata={"Software": None})
    return out.getvalue()


def level_pictures(labels: LabelMap, found: Survey, levels: Sequence[str]) -> bytes:
    """PNG: a column for each level, its label and landmarks alone in three views, patient frame."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 7), layout="constrained")
    FigureCanvasAgg(figure)
    places = figure.subplots(3, len(levels), squeeze=False)
    for column, name in zip(places.T, levels, strict=True):
        level = found.levels[name]
        at = _surface_points(labels, found, level.label)
        for place, (across, up) in zip(column, ((0, 2), (1, 2), (0, 1)), strict=True):
            place.scatter(at[:, across], at[:, up], s=0.4, c="#d8c9a0", rasterized=True)
            _draw(place, level.landmarks, across, up)
            place.set_aspect("equal")
            place.set_axis_off()
            if across == 0:
                place.invert_xaxis()
        column[0].set_title(f"{name}: {level.landmarks.confidence:.2f}" if level.landmarks else name)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=70, metadata={"Software": None})
    return out.getvalue()


def _surface_points(labels: LabelMap, found: Survey, number: int) -> Any:
    """(N, 3) about 4,000 voxel centres of a label, patient frame."""
    at = labels.indices(number)
    at = at[:: max(1, len(at) // 4000)]
    transform = found.patient_from_lps @ labels.lps_from_index
    return at @ transform[:3, :3].T + transform[:3, 3]


def _draw(place: Any, v: Any, across: int, up: int) -> None:
    for plate in (v.superior_plate, v.inferior_plate):
        rim = np.vstack([plate.rim, plate.rim[:1]])
        place.plot(rim[:, across], rim[:, up], color="red", lw=0.8)
    for side in SIDES:
        pedicle = v.pedicles[side]
        ring = np.vstack([pedicle.ring, pedicle.ring[:1]])
        axis = np.array([pedicle.centre - 20 * pedicle.axis, pedicle.centre + 30 * pedicle.axis])
        place.plot(ring[:, across], ring[:, up], color="blue", lw=0.9)
        place.plot(axis[:, across], axis[:, up], color="blue", lw=0.5)
    place.plot(*[[v.spinous_tip[i]] for i in (across, up)], "g.", ms=6)
    place.plot(*[[v.posterior_wall[i]] for i in (across, up)], ".", color="orange", ms=6)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table class='{kind}'><tr>{top}</tr>{body}</table>"


def listed(title: str, lines: Sequence[str]) -> str:
    return f"<h2>{escape(title)}</h2><ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
