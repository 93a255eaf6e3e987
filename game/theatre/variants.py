"""The programs of shaders/theatre: one source, a variant for each kind of material, compiled once a context.

In: a kind and options. Out: Shader. Sources are put together here: version, options as #define, shared parts, then the file
itself, with #line so that a driver's message names the right line (string 0: the file, 1 noise.glsl, 2 light.glsl).
"""

from functools import cache

from panda3d.core import Shader

from game.graphics import SHADERS, Studio
from game.theatre.light import BLOCKERS
from models.errors import MissingError
from models.suite.mesh import Material

FOLDER = SHADERS / "theatre"
VERSION = "#version 330 core\n"

KINDS = {
    "plain": (),
    "matte": ("MATTE",),
    "cloth": ("CLOTH",),
    "skin": ("SKIN",),
    "floor": ("FLOOR",),
    "brushed": ("BRUSHED",),
    "clear": ("CLEAR",),
    "glow": ("GLOW",),
    "screen": ("SCREEN",),
    "ghost": ("GHOST",),
    "bone": ("GHOST", "BONE"),
}
"""What a material's fragment is made with."""

KIND_OF = {
    "skin": "skin",
    "prepped skin": "skin",
    "drape": "cloth",
    "linen": "cloth",
    "hair": "cloth",
    "brushed steel": "brushed",
    "floor": "floor",
    "wall": "matte",
    "ceiling": "matte",
    "rubber": "matte",
}
"""Materials whose kind their numbers do not say."""


def kind(name: str, material: Material) -> str:
    """The kind of a material."""
    if name.startswith("screen"):
        return "screen"
    if material.glow > 0:
        return "glow"
    if material.alpha < 1:
        return "clear"
    return KIND_OF.get(name, "plain")


def source(file: str, defines: tuple[str, ...]) -> str:
    """A file of shaders/theatre with its options and, for what stands in the room, the shared parts."""
    text = (FOLDER / file).read_text(encoding="utf-8")
    if text.startswith(VERSION):
        return text
    options = "".join(f"#define {each}\n" for each in defines)
    shared = ""
    if file.startswith("surface"):
        for number, part in enumerate(("noise.glsl", "light.glsl"), start=1):
            shared += f"#line 1 {number}\n" + (FOLDER / part).read_text(encoding="utf-8")
    return f"{VERSION}{options}{shared}#line 1 0\n{text}"


@cache
def _shader(vertex: str, fragment: str, defines: tuple[str, ...]) -> Shader | None:
    made = Shader.make(Shader.SL_GLSL, source(f"{vertex}.vert", defines), source(f"{fragment}.frag", defines))
    return made or None


def program(studio: Studio, vertex: str, fragment: str, defines: tuple[str, ...] = ()) -> Shader:
    """A program that this OpenGL has compiled; MissingError where it cannot."""
    made = _shader(vertex, fragment, defines)
    gsg = studio.host.get_gsg()
    if made is None or made.prepare_now(gsg.prepared_objects, gsg) is None or made.get_error_flag():
        raise MissingError(
            f"shader theatre/{fragment} ({' '.join(defines) or 'plain'}) does not compile on {studio.driver}: "
            "OpenGL 3.3 is needed; update the driver"
        )
    return made


def surface(studio: Studio, name: str, taps: int) -> Shader:
    """The program of a kind of material, with so many taps of the shadow."""
    return program(studio, "surface", "surface", (*KINDS[name], f"TAPS {taps}", f"BLOCKERS {BLOCKERS}"))
