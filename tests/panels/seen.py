"""What a person sees of a scene: every visible text with its rectangle, read from the scene graph."""

from dataclasses import dataclass

from panda3d.core import NodePath

from game.panels.layout import Rect


@dataclass(frozen=True)
class Text:
    """One text on screen."""

    words: str
    rect: Rect  # of its ink, in pixels
    pixels: int  # type size


def texts(root: NodePath, frame: NodePath) -> list[Text]:
    """Every visible text below `root`, in pixels of `frame`."""
    found = []
    for path in root.find_all_matches("**/+TextNode"):
        hidden = any(above.is_hidden() for above in path.get_ancestors())
        bounds = path.get_tight_bounds(frame)
        if hidden or bounds is None or not path.node().get_text().strip():
            continue
        low, high = bounds
        rect = Rect(round(low.x), round(-high.z), round(high.x - low.x), round(high.z - low.z))
        found.append(Text(path.node().get_text(), rect, round(path.get_scale(frame).x)))
    return found
