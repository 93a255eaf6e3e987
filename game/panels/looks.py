"""Colours and sizes of every page, as numbers: dark and calm, as a reading room; no colour is the only carrier of a meaning.

Colours are (red, green, blue, opacity) in 0-1, sRGB as shown. Sizes are pixels at 1280 x 720; the theme scales them. The
colours and sizes are our own choice (assumed); what they must keep is CONTRAST on every pair of PAIRS.
"""

Colour = tuple[float, float, float, float]

CONTRAST = 4.5
"""Least contrast of text on its ground. Source: WCAG 2.2, success criterion 1.4.3 (AA)."""


def _hex(text: str) -> Colour:
    red, green, blue = (int(text[i : i + 2], 16) / 255.0 for i in (0, 2, 4))
    return red, green, blue, 1.0


PAGE = _hex("0d1318")
CARD = _hex("18212a")
SUNK = _hex("0a0f13")  # grounds of bars and pictures
RAISED = _hex("263543")  # a button
CHOSEN = _hex("16393c")  # of several, the one that holds
HOVER = _hex("33475a")
PRESSED = _hex("121a21")
EDGE = _hex("41576a")
FOCUS = _hex("f2f7fa")
TEXT = _hex("eef3f6")
DIM = _hex("b3c2cd")
FAINT = _hex("93a5b3")  # what cannot be chosen
ACCENT = _hex("5fcdc4")
ON_ACCENT = _hex("05201e")
ACCENT_HOVER = _hex("8ae0d8")
WARN = _hex("ffc862")
BAD = _hex("ff9a90")
GOOD = _hex("86dca0")
LAMP = _hex("ff5544")  # the beam is on
LAMP_OFF = _hex("4a3431")
VEIL = (0.02, 0.03, 0.04, 0.72)

PAIRS: tuple[tuple[Colour, Colour], ...] = (
    *((TEXT, ground) for ground in (PAGE, CARD, SUNK, RAISED, CHOSEN, HOVER, PRESSED)),
    *((DIM, ground) for ground in (PAGE, CARD, SUNK, RAISED, CHOSEN, HOVER, PRESSED)),
    *((FAINT, ground) for ground in (PAGE, CARD, PRESSED)),
    *((colour, ground) for colour in (ACCENT, WARN, BAD, GOOD) for ground in (PAGE, CARD, SUNK, RAISED, CHOSEN)),
    (LAMP, CARD),
    (ON_ACCENT, ACCENT),
    (ON_ACCENT, ACCENT_HOVER),
)
"""(text, ground) that occur."""

LEAST = 15
"""No text is smaller than this, in pixels, on any window."""

SHRUNK = 0.8
"""Text that must fit its place is made smaller down to this share of SMALL, then cut; never below LEAST. Assumed."""

SMALL, BODY, STRONG, TITLE, HUGE = 15, 17, 20, 30, 72
RADIUS = 8


def luminance(colour: Colour) -> float:
    """Relative luminance, 0-1. Source: WCAG 2.2, definition of relative luminance."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio, 1-21. Source: WCAG 2.2, definition of contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
