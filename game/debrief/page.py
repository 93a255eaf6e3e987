"""A debrief as one HTML page that needs nothing else: style, pictures and figures are inside it, no script.

In: Debrief. Out: text of the page. Everything is escaped on the way in; the only markup let through is our own SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from game.debrief import charts
from game.debrief.content import Debrief
from game.debrief.overlay import Overlay, best, name_of, overlay, quarter_turns
from game.debrief.pictures import chosen, shown
from game.procedure import rules

WORST = 3
"""Losses told at the top of the page."""

LOSS = 0.05
"""Smaller losses are rounding and are not told."""

NOTICE = "Simulated; a training aid, not a medical device."


@dataclass(frozen=True)
class Row:
    """One debrief in the index: its page and what stands at its head."""

    href: str
    debrief: Debrief

    @property
    def costliest(self) -> str:
        """The line that lost most, with what it lost; empty when none did."""
        worst = max(self.debrief.lines, key=lambda line: line.lost, default=None)
        return "" if worst is None or worst.lost <= LOSS else f"{worst.title} ({points(worst.lost)} lost)"


@cache
def _templates() -> Any:
    import jinja2

    shelf = jinja2.Environment(
        loader=jinja2.PackageLoader("game.debrief", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shelf.filters["clock"] = charts.clock
    shelf.filters["points"] = points
    return shelf


def points(value: float) -> str:
    """'12' or '12.5': no more digits than a score has."""
    return f"{value:.1f}".removesuffix(".0")


def overlays(debrief: Debrief) -> list[Overlay]:
    """The AP and the lateral that show the path best, with the path: none, one or two."""
    depth = debrief.path.depth
    deepest = float(debrief.path.t[depth.argmax()]) if len(depth) else debrief.ends_at
    flow = min((act.start for act in debrief.acts if act.track == "cement"), default=float("inf"))
    clear = tuple(picture for picture in debrief.pictures if picture.t < flow)  # cement hides the needle
    found = [best(clear, lateral, deepest) or best(debrief.pictures, lateral, deepest) for lateral in (False, True)]
    return [overlay(picture, debrief.path, debrief.faults) for picture in found if picture is not None]


def page(debrief: Debrief) -> str:
    """The whole page of one record."""
    from markupsafe import Markup

    lost = sorted((line for line in debrief.lines if line.lost > LOSS), key=lambda line: -line.lost)
    return str(
        _templates()
        .get_template("page.html.j2")
        .render(
            debrief=debrief,
            notice=NOTICE,
            fine=debrief.score is not None and debrief.score >= rules.load()["pass_mark"] and not debrief.faults,
            worst=lost[:WORST],
            overlays=overlays(debrief),
            pictures=[
                (picture, shown(picture, quarter_turns(picture.pose)), name_of(picture.pose))
                for picture in chosen(debrief.pictures)
            ],
            taken=len(debrief.pictures),
            timeline=Markup(charts.timeline(debrief.acts, debrief.path, debrief.faults, debrief.ends_at)),
            feels=[
                (feel.title, Markup(chart))
                for at, feel in enumerate(debrief.feels)
                if (chart := charts.force_depth(feel, f"force{at}"))
            ],
        )
    )


def index(rows: Sequence[Row]) -> str:
    """A table of several debriefs, with links to their pages beside it."""
    return str(_templates().get_template("index.html.j2").render(rows=rows, notice=NOTICE))
