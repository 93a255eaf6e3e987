"""The numbers that a real operator has: force, X-ray time and dose, arm, bevel, depth, stylet, cement, time.

In: Session.readout() as a dict, and what the desk adds to it: beam (the pedal is down), bevel_deg (degrees in the held picture, 0
cranial, 90 image right; None without a needle, or where the beam looks along it: then bevel_word says so), pace (times faster than real time). Out: texts, a bar and a small clock in the layout's place, wide
(under the live picture) or tall (beside two pictures). Told every frame; only what changed is drawn anew. No truth is shown.
"""

import math
from collections.abc import Mapping
from typing import Any

from panda3d.core import NodePath

from game.panels import looks, shapes
from game.panels.layout import Rect
from game.panels.theme import Theme
from game.panels.widgets import Bar, Label

MOST_N, KNEE_N = 150.0, 5.0
"""The force bar ends at MOST_N (more than bone gives, about 90 N); about linear below KNEE_N, logarithmic above, so that 2-10 N
of soft tissue and 90 N of bone both read. Assumed (display only)."""

TICKS_N = (0, 2, 5, 10, 20, 50, 100)

BEHIND_MM, STIFFER = 1.5, 1.25
"""The mark on the bar is the force this far back along the path; an arrow says when it has grown or fallen by this factor.
Assumed (display only)."""

LEAST_N = 1.0
"""Below this no arrow: assumed."""

MINUS, TIMES, NONE = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"

CAPTIONS = {
    "xray": "X-ray ○",
    "dose": "Dose",
    "arm": "Arm",
    "time": "Time",
    "cement": "Cement",
    "bevel": "Bevel",
    "skin": "From skin",
    "bone": "Past bone",
    "stylet": "Stylet",
    "injected": "Injected",
}

WIDE = (("xray", "dose", "arm", "time", "cement"), ("bevel", "skin", "bone", "stylet", "injected"))
TALL = (("xray", "dose", "arm", "time", "cement", "injected", "skin", "bone", "stylet", "bevel"),)
"""The rows of each column."""

LONGEST = {
    "xray": "59:59 · 9999 pulses",
    "dose": "99.9 mGy · 99.99 Gy·cm²",
    "arm": f"O +120°  T {MINUS}45°  S {MINUS}15°",
    "time": f"1:23:45  ({TIMES} 20)",
    "cement": "12:34 toothpaste",
    "skin": "123.4 mm",
    "injected": "10.0 ml · 9999 kPa",
}
"""What decides type size and width of the columns."""


def share_of(force_n: float) -> float:
    """Where a force stands on the bar, 0-1."""
    return math.log1p(max(force_n, 0.0) / KNEE_N) / math.log1p(MOST_N / KNEE_N)


def clock(seconds: float) -> str:
    """'4:05', '1:02:03'."""
    whole = int(max(seconds, 0.0))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def three_digits(value: float) -> str:
    """'0.27', '14.4', '117': no more digits than a person reads."""
    return f"{value:.{2 if value < 10.0 else 1 if value < 100.0 else 0}f}"


def angle(degrees: float) -> str:
    """'+12°', '0°', and with a minus sign as wide as the plus."""
    whole = round(degrees)
    return f"{'+' if whole > 0 else MINUS if whole < 0 else ''}{abs(whole)}°"


def oclock(degrees: float) -> str:
    """A direction in the held picture (0 cranial, 90 image right) as on a watch: '3 o'clock'."""
    return f"{round(degrees / 30.0) % 12 or 12} o'clock"


def texts(readout: Mapping[str, Any]) -> dict[str, str]:
    """What each row says."""
    bevel, pace = readout.get("bevel_deg"), readout.get("pace", 1.0)
    cement, kerma = readout["cement_s"], readout["kerma_mgy"]
    has_bone = readout["embedded"] or readout["depth_mm"] > 0.0
    return {
        "xray": f"{clock(readout['fluoroscopy_s'])} · {readout['pulses']} pulse{'' if readout['pulses'] == 1 else 's'}",
        "dose": f"{three_digits(kerma)} mGy · {three_digits(readout['kap_gy_cm2'])} Gy·cm²",
        "arm": f"O {angle(readout['orbital'])}  T {angle(readout['tilt'])}  S {angle(readout['swivel'])}",
        "time": clock(readout["t_s"]) + (f"  ({TIMES} {pace:.0f})" if pace > 1.5 else ""),
        "cement": "not mixed" if cement is None else f"{clock(cement)} {readout['sample']}",
        "bevel": readout.get("bevel_word") or NONE if bevel is None else oclock(bevel),
        "skin": f"{readout['skin_mm']:.1f} mm",
        "bone": f"{readout['depth_mm']:.1f} mm" if has_bone else NONE,
        "stylet": "in" if readout["stylet"] else "out",
        "injected": f"{readout['injected_ml']:.1f} ml · {readout['pressure_kpa']:.0f} kPa",
    }


class Trend:
    """The force a little way back along the path, so that stiffening shows."""

    def __init__(self) -> None:
        self.past: list[tuple[float, float]] = []  # (skin mm, force N), going in

    def behind(self, skin_mm: float, force_n: float) -> float | None:
        """Takes (depth, force); the force BEHIND_MM less deep, None where the needle has not been that far."""
        while self.past and self.past[-1][0] > skin_mm - 1e-6:
            self.past.pop()
        self.past.append((skin_mm, force_n))
        before = [force for depth, force in self.past if depth <= skin_mm - BEHIND_MM]
        self.past = [kept for kept in self.past if kept[0] > skin_mm - 3.0 * BEHIND_MM]
        return before[-1] if before else None


class Figures:
    """`place` it, then `show` every frame."""

    def __init__(self, theme: Theme, parent: NodePath | None = None) -> None:
        self.theme = theme
        self.node = shapes.layer(parent or theme.root, "figures")
        self.trend = Trend()
        self.told: Mapping[str, Any] | None = None
        self.captions: dict[str, Label] = {}
        self.values: dict[str, Label] = {}

    def place(self, rect: Rect) -> None:
        """Where it stands from now on."""
        self.rect = rect
        self._draw()
        if self.told is not None:
            self.show(self.told)

    def show(self, readout: Mapping[str, Any]) -> None:
        """The read-out, with what the desk adds to it (module docstring)."""
        self.told = readout
        for name, text in texts(readout).items():
            self.values[name].set(text)
        self._force(float(readout["force_n"]), float(readout["skin_mm"]))
        beam, bevel = readout.get("beam", False), readout.get("bevel_deg")
        self.captions["xray"].set("X-ray ●" if beam else "X-ray ○", looks.LAMP if beam else looks.DIM)
        (self.hand.hide if bevel is None else self.hand.show)()
        (
            self.dial.hide if bevel is None and readout.get("bevel_word") else self.dial.show
        )()  # the words have its place
        if bevel is not None:
            self.hand.set_r(bevel)

    def _force(self, force_n: float, skin_mm: float) -> None:
        before = self.trend.behind(skin_mm, force_n)
        sign = ""
        if before is not None and max(force_n, before) >= LEAST_N:
            sign = " ▲" if force_n > STIFFER * before else " ▼" if force_n * STIFFER < before else ""
        self.force.set(f"{force_n:.1f} N{sign}" if force_n < 100.0 else f"{force_n:.0f} N{sign}")
        self.bar.show(share_of(force_n))
        self.bar.mark(None if before is None else share_of(before))

    def _draw(self) -> None:
        self.node.node().remove_all_children()
        theme, rect = self.theme, self.rect
        theme.card(self.node, rect)
        inner = Rect(rect.x + theme.px(8), rect.y + theme.px(6), rect.w - theme.px(16), rect.h - theme.px(12))
        columns = WIDE if rect.w > 1.4 * rect.h else TALL
        pixels, needs = self._type(inner, columns)
        line, rows = -(-5 * pixels // 4), len(columns[0])
        top = self._force_block(inner, pixels)
        free = inner.bottom - top - rows * line
        dial = min(theme.px(84), free) if columns is TALL else 0
        row = line + max(0, min(theme.px(6), (free - dial) // rows))
        x, gap = inner.x, theme.px(8)
        spare = (inner.w - sum(needs) - gap * (len(columns) - 1)) // len(columns)
        for names, need in zip(columns, needs, strict=True):
            self._column(names, x, top, row, pixels)
            x += need + spare + gap
        self._place_dial(inner, top, row, dial)

    def _place_dial(self, inner: Rect, top: int, row: int, high: int) -> None:
        """Large below the rows where there is room (`high`), else at the right of the rows about the needle."""
        px = self.theme.px
        if high > px(60):
            radius = high // 2 - px(8)
            below = top + len(TALL[0]) * row
            self._dial(inner.centre[0], (below + inner.bottom) // 2, radius)
        elif high:
            self._dial(inner.right - px(12), top + 9 * row + row // 2, px(9))
        else:
            radius = min(px(26), row + row // 4)
            self._dial(inner.right - radius - px(2), top + row + row // 2, radius)

    def _type(self, inner: Rect, columns: tuple[tuple[str, ...], ...]) -> tuple[int, list[int]]:
        """The largest type size that fits, in pixels, up to the theme's and never below the least; widths of the columns."""
        theme = self.theme
        for pixels in range(theme.type_px(looks.SMALL), theme.least_px - 1, -1):
            probe = NodePath("probe")
            left = [max(theme.label(probe, 0, 0, CAPTIONS[name], pixels=pixels).rect.w for name in c) for c in columns]
            right = [
                max(theme.label(probe, 0, 0, LONGEST.get(name, ""), pixels=pixels).rect.w for name in c)
                for c in columns
            ]
            needs = [one + theme.px(8) + other for one, other in zip(left, right, strict=True)]
            high = -(-5 * pixels // 4) * (len(columns[0]) + 2) + theme.px(2)
            if high <= inner.h and sum(needs) + theme.px(8) * (len(needs) - 1) <= inner.w:
                break
        return pixels, needs

    def _force_block(self, inner: Rect, pixels: int) -> int:
        """Force: caption, bar, number; numbers of the scale below the bar. Returns where the rows begin."""
        theme = self.theme
        look: dict[str, Any] = {"pixels": pixels}
        caption = theme.label(self.node, inner.x, inner.y, "Force", colour=looks.DIM, **look)
        line = caption.leading
        self.force = theme.label(self.node, inner.right, inner.y, "", bold=True, align="right", **look)
        left = caption.rect.right + theme.px(12)
        right = inner.right - theme.label(NodePath("probe"), 0, 0, "88.8 N ▲", bold=True, **look).rect.w - theme.px(10)
        self.bar: Bar = theme.bar(self.node, Rect(left, inner.y + theme.px(2), right - left, line - theme.px(3)))
        taken = 0
        for tick in TICKS_N:
            x = self.bar.inner.x + round(self.bar.inner.w * share_of(tick))
            label = theme.label(self.node, x, inner.y + line, str(tick), colour=looks.DIM, align="centre", **look)
            if label.rect.x < taken:
                label.path.remove_node()
            else:
                taken = label.rect.right + theme.px(5)
        return inner.y + 2 * line + theme.px(2)

    def _column(self, names: tuple[str, ...], x: int, top: int, row: int, pixels: int) -> None:
        """Captions and values."""
        theme = self.theme
        for number, name in enumerate(names):
            y = top + number * row + (row - -(-5 * pixels // 4)) // 2
            look: dict[str, Any] = {"pixels": pixels}
            self.captions[name] = theme.label(self.node, x, y, CAPTIONS[name], colour=looks.DIM, **look)
        left = max(self.captions[name].rect.right for name in names) + theme.px(5)
        for name in names:
            self.values[name] = theme.label(self.node, left, self.captions[name].y, "", pixels=pixels)

    def _dial(self, x: int, y: int, radius: int) -> None:
        """A watch face whose hand is the bevel: twelve is cranial in the held picture."""
        theme = self.theme
        self.dial = self.node.attach_new_node("dial")
        shapes.disc(self.dial, x, y, radius, looks.EDGE)
        shapes.disc(self.dial, x, y, radius - max(1, theme.px(2)), looks.SUNK)
        for hour in range(0, 360, 90):
            turn = math.radians(hour)
            reach = radius - theme.px(5)
            at = (x + round(reach * math.sin(turn)), y - round(reach * math.cos(turn)))
            shapes.disc(self.dial, *at, 1 + theme.px(1) // 2, looks.DIM)
        self.hand = shapes.hand(self.dial, x, y, radius - theme.px(6), max(2, theme.px(2)), looks.ACCENT)
        self.hand.hide()
