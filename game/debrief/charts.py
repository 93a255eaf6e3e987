"""The two drawn figures of a debrief, as inline SVG: force against depth, and everything on one time axis.

In: parts of a Debrief. Out: an <svg> element that takes its colours from the page (CSS variables), so that it is legible
on a light page, a dark one and on paper. No text of a record is drawn, only numbers and our own words.
matplotlib is imported late, and drawn without its global state.
"""

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from game.debrief.content import TRACKS, Act, Fault, Feel, Path
from models.tissue import BONE, NERVES, Tissue

COLOURS = {
    "ink": "#010203",
    "muted": "#010204",
    "rule": "#010205",
    "blue": "#010206",
    "orange": "#010207",
    "green": "#010208",
    "red": "#010209",
    "paper": "#01020a",
}
"""Stand-ins, replaced by the page's variables once drawn."""

LANE_COLOUR = {"arm": "muted", "X-ray": "blue", "needle": "orange", "cement": "green"}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 11,
    "axes.edgecolor": COLOURS["muted"],
    "axes.labelcolor": COLOURS["ink"],
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["muted"],
    "ytick.color": COLOURS["muted"],
    "xtick.labelcolor": COLOURS["ink"],
    "ytick.labelcolor": COLOURS["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
}
BANDS = {
    Tissue.SKIN: "skin",
    Tissue.FAT: "fat",
    Tissue.FASCIA: "fascia",
    Tissue.MUSCLE: "muscle",
    Tissue.CORTEX: "cortex",
    Tissue.CANCELLOUS: "cancellous",
    Tissue.CANAL: "CANAL",
    Tissue.DISC: "disc",
    Tissue.DURA: "DURA",
    Tissue.CORD: "CORD",
    Tissue.ROOT: "ROOT",
    Tissue.VEIN: "vein",
    Tissue.ARTERY: "ARTERY",
    Tissue.LUNG: "LUNG",
    Tissue.KIDNEY: "kidney",
    Tissue.GAS: "bowel",
}
FORBIDDEN = (Tissue.CANAL, *NERVES, Tissue.ARTERY, Tissue.LUNG)
"""What no needle should be in: drawn in red and always named."""
BAND_LEAST_MM = 3.0
"""Bands thinner than this are drawn but not named, but for cortex and canal; assumed (display only)."""

NAME_APART = 0.06
"""Least distance of two names, of the whole depth; assumed (display only)."""


def clock(t: float) -> str:
    """'3:05' of 185 s."""
    whole = round(t)
    return f"{whole // 60}:{whole % 60:02d}"


def _axes(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    figure.patch.set_alpha(0.0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0.0)
    return figure, axes


def _svg(figure: Any, label: str, salt: str) -> str:
    """The figure as an <svg> without prologue, metadata, namespaces or fixed size; ids made unique by `salt`."""
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": salt}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    head, body = text.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', head)
    assert box is not None  # matplotlib always writes one
    body = re.sub(r'<g id="[^"]*">', "<g>", body)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r'(id="|url\(#|xlink:href="#)', rf"\g<1>{salt}-", body)
    for name, stand_in in COLOURS.items():
        body = body.replace(stand_in, f"var(--{name})")
    body = re.sub(r"font: [^;\"]*?([\d.]+px)[^;\"]*", r"font-size: \1", body)
    return f'<svg viewBox="{box[1]}" role="img" aria-label="{label}">{body}'


def _bands(axes: Any, feel: Feel) -> None:
    """The tissue met at each depth, as shaded stripes with names above them."""
    if len(feel.tissue) != len(feel.depth):
        return
    first = np.flatnonzero(feel.depth > np.maximum.accumulate(np.concatenate([[-np.inf], feel.depth[:-1]])))
    depth, tissue = feel.depth[first], feel.tissue[first]  # as met on the way in
    edges = np.flatnonzero(np.diff(tissue)) + 1
    last_name = -np.inf
    for piece in np.split(np.arange(len(depth)), edges):
        code = int(tissue[piece[0]])
        start, end = depth[piece[0]], depth[min(piece[-1] + 1, len(depth) - 1)]
        if code not in BANDS or end <= start:
            continue
        bone = code in BONE
        forbidden = code in FORBIDDEN
        colour = "red" if forbidden else "blue" if bone else "muted"
        strength = 0.45 if forbidden else 0.32 if code == Tissue.CORTEX else 0.12 if bone else 0.06
        axes.axvspan(start, end, color=COLOURS[colour], alpha=strength, linewidth=0)
        middle = (start + end) / 2
        named = end - start >= BAND_LEAST_MM or forbidden or code == Tissue.CORTEX
        if named and middle - last_name > NAME_APART * depth[-1]:
            last_name = middle
            axes.text(middle, 1.01, BANDS[Tissue(code)], ha="center", transform=axes.get_xaxis_transform(), fontsize=9)


def force_depth(feel: Feel, salt: str) -> str:
    """Axial resistance [N] against depth below the skin [mm], with the tissue behind it. Empty when nothing was felt."""
    if len(feel.depth) < 2:
        return ""
    import matplotlib

    with matplotlib.rc_context(STYLE):
        figure, axes = _axes(10.0, 3.6)
        _bands(axes, feel)
        turn = int(feel.depth.argmax())
        axes.plot(feel.depth[: turn + 1], feel.force[: turn + 1], color=COLOURS["orange"], linewidth=1.4)
        if turn < len(feel.depth) - 1:
            out = slice(turn, None)
            axes.plot(feel.depth[out], feel.force[out], color=COLOURS["muted"], linewidth=1.0, linestyle=":")
        axes.set_xlabel("depth of the point below the skin, mm")
        axes.set_ylabel("resistance along the trocar, N")
        axes.set_ylim(bottom=min(0.0, float(feel.force.min())))
        axes.margins(x=0.01)
    deepest = float(feel.depth.max())
    label = f"Force against depth: up to {feel.force.max():.0f} N, deepest {deepest:.0f} mm below the skin."
    return _svg(figure, label, salt)


def _lane(axes: Any, height: float, acts: Sequence[Act], colour: str, least: float) -> None:
    """Bars of one track; shorter ones are drawn `least` seconds long, so that they are seen."""
    spans = [(act.start, max(act.end - act.start, least)) for act in acts]
    axes.broken_barh(spans, (height - 0.3, 0.6), facecolors=COLOURS[colour], linewidth=0)


def timeline(acts: Sequence[Act], path: Path, faults: Sequence[Fault], ends_at: float) -> str:
    """Arm, exposures, needle, cement and numbered errors on one time axis; the needle's depth as a line in its lane."""
    import matplotlib
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ends_at = max([ends_at, 1.0, *(act.end for act in acts), *(fault.t for fault in faults)])
    lanes = [*TRACKS, "errors"]
    with matplotlib.rc_context(STYLE):
        figure, axes = _axes(10.0, 3.4)
        for at, track in enumerate(TRACKS):
            _lane(axes, at, [act for act in acts if act.track == track], LANE_COLOUR[track], ends_at / 600)
        deepest = float(path.depth.max(initial=0.0))
        if deepest > 0:
            at = TRACKS.index("needle")
            axes.plot(path.t, at - 0.42 + 0.84 * path.depth / deepest, color=COLOURS["ink"], linewidth=1.2)
            axes.text(
                1.005, at + 0.42, f"{deepest:.0f} mm", va="bottom", fontsize=9, transform=axes.get_yaxis_transform()
            )
            axes.text(1.005, at - 0.3, "0 mm", va="bottom", fontsize=9, transform=axes.get_yaxis_transform())
        _flags(axes, faults, len(TRACKS), ends_at)
        axes.set_yticks(range(len(lanes)), lanes)
        axes.set_ylim(len(lanes) - 0.4, -0.6)
        axes.set_xlim(-0.003 * ends_at, 1.006 * ends_at)
        axes.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 1.5, 3, 6, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda t, _: clock(t)))
        axes.set_xlabel("time, min:s")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=COLOURS["rule"], linewidth=0.6)
        axes.set_axisbelow(True)
    label = f"Time axis of {clock(ends_at)} minutes with C-arm, X-ray, needle, cement and {len(faults)} errors."
    return _svg(figure, label, "time")


def _flags(axes: Any, faults: Sequence[Fault], at: float, ends_at: float) -> None:
    """A numbered mark for each error (a square when critical), those close together in columns of three."""
    last, place = -np.inf, 0
    for number, fault in sorted(enumerate(faults, 1), key=lambda pair: pair[1].t):
        place = place + 1 if fault.t - last < ends_at / 45 else 0
        last = fault.t
        colour = COLOURS["red"] if fault.critical else COLOURS["ink"]
        axes.axvline(fault.t, color=colour, linewidth=1.2 if fault.critical else 0.6, linestyle=":")
        axes.text(
            fault.t + (place // 3) * ends_at / 45,
            at - 0.25 + 0.33 * (place % 3),
            f"{number}!" if fault.critical else str(number),
            ha="center",
            va="center",
            fontsize=9,
            fontweight="bold" if fault.critical else "normal",
            color=COLOURS["paper"] if fault.critical else COLOURS["ink"],
            bbox={
                "boxstyle": "square,pad=0.2" if fault.critical else "round,pad=0.2",
                "facecolor": COLOURS["red"] if fault.critical else COLOURS["paper"],
                "edgecolor": colour,
                "linewidth": 0.8,
            },
        )
