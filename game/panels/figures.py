"""The numbers that a real operator has: force, X-ray time and dose, arm, bevel, depth, stylet, cement, time.

In: Session.readout() as a dict, the pedal, the bevel's direction. Out: texts, a bar and a small clock in the layout's place, wide
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

ROWS = (
    ("xray", "X-ray"),
    ("dose", "Dose"),
    ("arm", "Arm"),
    ("time", "Time"),
    ("cement", "Cement"),
    ("bevel", "Bevel"),
    ("skin", "From skin"),
    ("bone", "Past bone"),
    ("stylet", "Stylet"),
    ("injected", "Injected"),
)
"""Name and caption, the first half in the left column where there are two."""

LONGEST = {
    "xray": "59:59 · 9999 pulses",
    "dose": "99.9 mGy · 9.99 Gy·cm²",
    "injected": "10.0 ml · 9999 kPa",
}
"""What decides the type size of a column."""


def share_of(force_n: float) -> float:
    """Where a force stands on the bar, 0-1."""
    return math.log1p(max(force_n, 0.0) / KNEE_N) / math.log1p(MOST_N / KNEE_N)


def clock(seconds: float) -> str:
    """'4:05', '1:02:03'."""
    whole = int(max(seconds, 0.0))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def angle(degrees: float) -> str:
    """'+12°', '−5°', '0°'."""
    whole = round(degrees)
    return f"{'+' if whole > 0 else '−' if whole < 0 else ''}{abs(whole)}°"


def oclock(degrees: float) -> str:
    """A direction in the held picture (0 cranial, 90 image right) as on a watch: '3 o'clock'."""
    return f"{round(degrees / 30.0) % 12 or 12} o'clock"


def texts(readout: Mapping[str, Any], bevel: float | None, pace: float) -> dict[str, str]:
    """What each row says."""
    cement = readout["cement_s"]
    has_bone = readout["embedded"] or readout["depth_mm"] > 0.0
    return {
        "xray": f"{clock(readout['fluoroscopy_s'])} · {readout['pulses']} pulses",
        "dose": f"{readout['kerma_mgy']:.1f} mGy · {readout['kap_gy_cm2']:.2f} Gy·cm²",
        "arm": f"O {angle(readout['orbital'])}  T {angle(readout['tilt'])}  S {angle(readout['swivel'])}",
        "time": clock(readout["t_s"]) + (f"  (× {pace:.0f})" if pace > 1.5 else ""),
        "cement": "not mixed" if cement is None else f"{clock(cement)} {readout['sample']}",
        "bevel": "–" if bevel is None else oclock(bevel),
        "skin": f"{readout['skin_mm']:.1f} mm",
        "bone": f"{readout['depth_mm']:.1f} mm" if has_bone else "–",
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
        self.told: tuple[Mapping[str, Any], bool, float | None, float] | None = None
        self.values: dict[str, Label] = {}

    def place(self, rect: Rect) -> None:
        """Where it stands from now on."""
        self.rect = rect
        self._draw()
        if self.told is not None:
            readout, beam, bevel, pace = self.told
            self.show(readout, beam=beam, bevel=bevel, pace=pace)

    def show(
        self, readout: Mapping[str, Any], *, beam: bool = False, bevel: float | None = None, pace: float = 1.0
    ) -> None:
        """The read-out; pedal down; bevel in degrees of the held picture (0 cranial, 90 image right), None without a needle;
        how many times faster than real time simulated time runs."""
        self.told = (readout, beam, bevel, pace)
        for name, text in texts(readout, bevel, pace).items():
            self.values[name].set(text)
        self._force(float(readout["force_n"]), float(readout["skin_mm"]))
        (self.lamp.show if beam else self.lamp.hide)()
        (self.hand.hide if bevel is None else self.hand.show)()
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
        pad = theme.px(8)
        columns = 2 if rect.w > 1.4 * rect.h else 1
        theme.card(self.node, rect)
        inner = Rect(rect.x + pad, rect.y + theme.px(6), rect.w - 2 * pad, rect.h - 2 * theme.px(6))
        rows = len(ROWS) // columns
        pixels = self._type(inner, columns, rows)
        top = self._force_block(inner, pixels)
        gap = theme.px(14)
        each = (inner.w - gap * (columns - 1)) // columns
        most = -(-5 * pixels // 4) + theme.px(6)
        dial = 0 if columns == 2 else min(theme.px(110), inner.bottom - top - rows * -(-5 * pixels // 4))
        row = min(most, (inner.bottom - top - dial) // rows)
        for column in range(columns):
            names = ROWS[column * rows : (column + 1) * rows]
            self._column(names, Rect(inner.x + column * (each + gap), top, each, row * rows), row, pixels)
        if columns == 2:
            radius = min(theme.px(24), row)
            self._dial(inner.right - radius - theme.px(2), top + row, radius)
        elif dial > theme.px(40):
            self._dial(inner.centre[0], inner.bottom - dial // 2, dial // 2 - theme.px(6))
        else:
            self._dial(inner.right - theme.px(12), top + 5 * row + row // 2, theme.px(9))

    def _type(self, inner: Rect, columns: int, rows: int) -> int:
        """The largest type size that fits, in pixels, up to the theme's; never below the least."""
        theme = self.theme
        for pixels in range(theme.type_px(looks.SMALL), looks.LEAST, -1):
            probe = self.node.attach_new_node("probe")
            widest = max(
                theme.label(probe, 0, 0, caption + "    " + LONGEST.get(name, ""), pixels=pixels).rect.w
                for name, caption in ROWS
            )
            probe.remove_node()
            line = -(-5 * pixels // 4)
            if line * (rows + 2) + theme.px(8) <= inner.h and widest <= inner.w // columns - theme.px(14):
                return pixels
        return looks.LEAST

    def _force_block(self, inner: Rect, pixels: int) -> int:
        """Force: caption, bar, number; numbers of the scale below the bar. Returns where the rows begin."""
        theme = self.theme
        line = -(-5 * pixels // 4)
        caption = theme.label(self.node, inner.x, inner.y, "Force", colour=looks.DIM, pixels=pixels)
        self.force = theme.label(self.node, inner.right, inner.y, "0.0 N", bold=True, align="right", pixels=pixels)
        left = caption.rect.right + theme.px(12)
        right = inner.right - theme.label(NodePath("probe"), 0, 0, "88.8 N ▲ ", bold=True, pixels=pixels).rect.w
        self.bar: Bar = theme.bar(self.node, Rect(left, inner.y + theme.px(2), right - left, line - theme.px(4)))
        for tick in TICKS_N:
            x = self.bar.inner.x + round(self.bar.inner.w * share_of(tick))
            theme.label(
                self.node, x, inner.y + line - theme.px(1), str(tick), colour=looks.DIM, align="centre", pixels=pixels
            )
        return inner.y + 2 * line + theme.px(2)

    def _column(self, names: tuple[tuple[str, str], ...], rect: Rect, row: int, pixels: int) -> None:
        theme = self.theme
        captions = []
        for number, (name, caption) in enumerate(names):
            y = rect.y + number * row + (row - -(-5 * pixels // 4)) // 2
            lamp = theme.px(14) if name == "xray" else 0
            captions.append(theme.label(self.node, rect.x + lamp, y, caption, colour=looks.DIM, pixels=pixels))
            if lamp:
                at = (rect.x + theme.px(5), rect.y + number * row + row // 2)
                shapes.disc(self.node, *at, theme.px(5), looks.LAMP_OFF)
                self.lamp = shapes.disc(self.node, *at, theme.px(5), looks.LAMP)
                self.lamp.hide()
        left = max(caption.rect.right for caption in captions) + theme.px(10)
        for (name, _), caption in zip(names, captions, strict=True):
            self.values[name] = theme.label(self.node, left, caption.y, "", pixels=pixels)

    def _dial(self, x: int, y: int, radius: int) -> None:
        """A watch face whose hand is the bevel: twelve is cranial in the held picture."""
        theme = self.theme
        shapes.disc(self.node, x, y, radius, looks.EDGE)
        shapes.disc(self.node, x, y, radius - max(1, theme.px(2)), looks.SUNK)
        for hour in range(0, 360, 90):
            turn = math.radians(hour)
            reach = radius - theme.px(5)
            at = (x + round(reach * math.sin(turn)), y - round(reach * math.cos(turn)))
            shapes.disc(self.node, *at, 1 + theme.px(1) // 2, looks.DIM)
        self.hand = shapes.hand(self.node, x, y, radius - theme.px(6), max(2, theme.px(2)), looks.ACCENT)
        self.hand.hide()
