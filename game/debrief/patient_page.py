"""The page about one patient: cuts through the target, the spine from three sides, every size beside the published one.

In: a Scenario and its Patient. Out: HTML, self-contained. Measured by models/measured.py on the built surfaces. Not here: files.
"""

import base64
import io
from html import escape
from typing import Any

import numpy as np

from game.debrief.importing import listed, table
from game.procedure.scenarios import Scenario
from models import genant, measured
from models.distance import sample
from models.patient import SIDES, Array, Patient

LIGHT = np.array([0.3, 0.5, 0.8]) / np.linalg.norm([0.3, 0.5, 0.8])
"""Where light comes from in a drawing: (right of the page, up, toward the eye)."""


def page(scenario: Scenario, patient: Patient) -> str:
    """The report as HTML."""
    target = scenario.target
    return "\n".join(
        [
            "<!doctype html><html lang='en'><meta charset='utf-8'><title>Patient</title><style>",
            "body{font:15px/1.45 sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}",
            "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:2px 8px;text-align:right}",
            "td:first-child,th:first-child{text-align:left}img{max-width:100%}</style>",
            f"<h1>{escape(scenario.title)}</h1><p>{escape(patient.name)}; provider {patient.provider}; target {target}; "
            f"cancellous BV/TV {patient.bone_volume_fraction:g}</p>",
            _image(cuts(patient, target), "cuts through the target"),
            "<p>Cuts through the target in its own axes; grey: bone by signed distance, dark: cortex; blue: pedicle axes.</p>",
            _image(spine(patient), "spine from three sides"),
            "<h2>Heights, against the mean of the nearest whole levels</h2>",
            _heights(patient),
            f"<h2>Depths at {target} and its neighbours, mm</h2>",
            "<p>A 13-gauge needle at 5 degrees from the lateral margin, in the pedicle's own sagittal slope. D: bone entry to "
            "posterior wall; Dc: cleared with the bevel; u: point medial of the lateral margin then; w: width of the ring. What a way needs follows by arithmetic from u and w, without parallax or deflection: near a limit it decides nothing.</p>",
            _ways(patient),
            "<h2>Sizes on the built surfaces, mm</h2><p>* more than one published standard deviation, or 8 % where none was "
            "read, from the published mean. Published means are of other persons: a real or scaled spine may differ.</p>",
            _sizes(patient),
            listed("What was imported or assumed", list(patient.notes)),
            "</html>",
        ]
    )


def _image(png: bytes, what: str) -> str:
    return f"<img alt='{what}' src='data:image/png;base64,{base64.b64encode(png).decode()}'>"


def _heights(patient: Patient) -> str:
    rows = []
    grades = genant.all_graded(patient.vertebrae)
    for level, v in patient.vertebrae.items():
        h = grades[level]
        grade = f"Genant {h.grade} {h.kind}" if h.grade else "none"
        mm = f"{v.anterior_height:.1f} / {v.middle_height:.1f} / {v.posterior_height:.1f}"
        share = f"{h.anterior:.2f} / {h.middle:.2f} / {h.posterior:.2f}"
        rows.append((level, mm, share, grade, f"{measured.volume_ml(patient, level):.1f}", f"{v.confidence:.2f}"))
    return table(["level", "Ha / Hm / Hp mm", "share of whole levels", "fracture", "volume ml", "confidence"], rows)


def _ways(patient: Patient) -> str:
    rows = []
    for level, v in patient.vertebrae.items():
        for side, (convergence, slope) in measured.angles(v).items():
            w = measured.way(patient, level, side)
            rows.append(
                (
                    f"{level} {side}",
                    *(f"{x:.1f}" for x in (w.to_wall, w.cleared, w.to_middle, w.to_front, w.medial)),
                    f"{v.pedicles[side].width:.1f}",
                    w.family,
                    f"{w.axis_length:.1f}",
                    f"{convergence:.0f}",
                    f"{slope:.0f}",
                )
            )
    head = [
        "pedicle",
        "D",
        "Dc",
        "to mid-pedicle",
        "to front",
        "u",
        "w",
        "needs",
        "axis length",
        "convergence deg",
        "slope deg",
    ]
    return table(head, rows)


def _sizes(patient: Patient) -> str:
    found = {level: measured.dimensions(patient, level) for level in patient.levels}
    names = [d.name for d in next(iter(found.values()))]
    rows = []
    for n, name in enumerate(names):
        cells = []
        for sizes in found.values():
            d = sizes[n]
            spread = f" ± {d.spread:g}" if d.spread else ""
            cells.append(f"{d.measured:.1f}{'' if d.within else '*'} ({d.published:.1f}{spread})")
        rows.append((name.replace("_", " "), *cells))
    return table(["measured (published)", *found], rows)


def cuts(patient: Patient, level: str) -> bytes:
    """PNG: axial cut at the pedicles, coronal and sagittal cuts through a pedicle and the middle, in the target's axes."""
    v = patient.vertebrae[level]
    axes = np.stack([v.left, v.posterior, v.superior])
    places = {side: axes @ (v.pedicles[side].centre - v.centre) for side in SIDES}
    z = float(np.mean([p[2] for p in places.values()]))
    y = float(np.mean([p[1] for p in places.values()]))
    planes = [
        ("axial, at the pedicles (from above)", 0, 1, 2, z),
        ("coronal, at the isthmus (from behind)", 0, 2, 1, y),
        ("sagittal, midline", 1, 2, 0, 0.0),
        ("sagittal, left pedicle", 1, 2, 0, float(places["left"][0])),
    ]
    figure = _figure((16, 4.6))
    for place, (title, across, up, fixed, at) in zip(figure.subplots(1, 4), planes, strict=True):
        a, b = np.arange(-55.0, 75.0, 0.4) if across == 1 else np.arange(-50.0, 50.0, 0.4), np.arange(-50.0, 50.0, 0.4)
        if up == 1:
            b = np.arange(-40.0, 75.0, 0.4)
        local = np.zeros((len(a), len(b), 3))
        local[..., across], local[..., up], local[..., fixed] = a[:, None], b[None, :], at
        shade = _tissue(patient, v.centre + local @ axes)
        place.imshow(shade.T, extent=(a[0], a[-1], b[0], b[-1]), origin="lower", cmap="gray_r", vmin=0, vmax=1)
        for side in SIDES:
            axis = axes @ v.pedicles[side].axis
            line = places[side] + np.array([[-25.0], [40.0]]) * axis
            if fixed != 0 or (abs(at) > 1.0 and np.sign(at) == np.sign(places[side][0])):
                place.plot(line[:, across], line[:, up], color="tab:blue", lw=1)
        if across == 0:
            place.invert_xaxis()
        if up == 1:
            place.invert_yaxis()
        place.set_title(title, fontsize=10)
        place.set_aspect("equal")
    return _png(figure)


def _tissue(patient: Patient, points: Array) -> Array:
    """(...) shade of bone at points of the patient frame: 0 outside, 0.35 cancellous, 0.9 cortex."""
    shade = np.zeros(points.shape[:-1])
    for bone in patient.bones.values():
        turn = np.linalg.inv(bone.patient_from_bone)
        there = points @ turn[:3, :3].T + turn[:3, 3]
        index = (there - bone.distance.origin) / bone.distance.spacing
        near = ((index >= 0) & (index <= np.array(bone.distance.values.shape) - 1)).all(axis=-1)
        if not near.any():
            continue
        distance, wall = sample(bone.distance, there[near]), sample(bone.wall, there[near])
        shade[near] = np.maximum(shade[near], np.where(distance >= 0, 0.0, np.where(distance > -wall, 0.9, 0.35)))
    return shade


def spine(patient: Patient) -> bytes:
    """PNG: all bones shaded, from behind, from the left, from the front."""
    figure = _figure((15, 7.5))
    views = [
        ("from behind", [-1, 0, 0], [0, 1, 0]),
        ("from the left", [0, 1, 0], [1, 0, 0]),
        ("from the front", [1, 0, 0], [0, -1, 0]),
    ]
    for place, (title, across, toward) in zip(figure.subplots(1, 3), views, strict=True):
        place.imshow(
            _shaded(patient, np.array([across, [0, 0, 1], toward], dtype=np.float64)), interpolation="bilinear"
        )
        place.set_title(title)
        place.axis("off")
    return _png(figure)


def _shaded(patient: Patient, view: Array, mm: float = 0.5) -> Any:
    """(H, W) brightness: the vertices nearest to the eye in each cell of `mm`, shaded by their normals, holes filled."""
    from scipy import ndimage
    from trimesh import remesh

    subdivided: Any = remesh.subdivide_to_size

    points, light = [], []
    for bone in patient.bones.values():
        vertices, faces = subdivided(bone.outer.vertices.astype(np.float64), bone.outer.faces, 4 * mm)
        corners = vertices[faces]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        turn = bone.patient_from_bone
        shares = np.array(
            [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.float64
        )
        spread = np.einsum("sk,fkd->fsd", shares / shares.sum(axis=1, keepdims=True), corners).reshape(-1, 3)
        seen = (spread @ turn[:3, :3].T + turn[:3, 3]) @ view.T
        facing = np.repeat(normal @ turn[:3, :3].T @ view.T, len(shares), axis=0)
        points.append(seen[facing[:, 2] > 0])
        light.append(np.clip(facing[facing[:, 2] > 0] @ LIGHT, 0.0, 1.0))
    p, bright = np.concatenate(points), np.concatenate(light)
    cell = np.floor((p[:, :2] - p[:, :2].min(axis=0)) / mm).astype(int)
    shape = cell.max(axis=0) + 1
    order = np.argsort(p[:, 2])  # the nearest is written last
    picture = np.full(shape, np.nan)
    picture[cell[order, 0], cell[order, 1]] = (0.25 + 0.75 * bright)[order]
    depth = np.full(shape, -np.inf)
    depth[cell[order, 0], cell[order, 1]] = p[order, 2]
    known = ~np.isnan(picture) & (
        depth > ndimage.maximum_filter(depth, 3) - 3.0
    )  # else seen through a gap in the samples
    solid = ndimage.binary_closing(np.pad(~np.isnan(picture), 3), iterations=2)[3:-3, 3:-3]
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    grey = np.where(solid, picture[tuple(nearest)], 1.0)
    return np.repeat(grey.T[::-1, :, None], 3, axis=2)


def _figure(inches: tuple[float, float]) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=inches, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Any) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=80, metadata={"Software": None})
    return out.getvalue()
