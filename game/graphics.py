"""Drawing: one OpenGL context (a window's, or one without a screen), targets, full-screen passes, arrays in and out.

In: shader names (folders of shaders/), uniforms, meshes as numpy arrays. Out: textures; pictures as numpy arrays, row 0 on top.
No global base, loader or task manager. Not here: what the passes mean (game/fluoroscopy, game/theatre).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from panda3d.core import (
    Camera,
    ColorBlendAttrib,
    ColorWriteAttrib,
    CullFaceAttrib,
    DepthTestAttrib,
    DepthWriteAttrib,
    FrameBufferProperties,
    Geom,
    GeomEnums,
    GeomNode,
    GeomTriangles,
    GeomVertexArrayFormat,
    GeomVertexData,
    GeomVertexFormat,
    GraphicsEngine,
    GraphicsOutput,
    GraphicsPipe,
    GraphicsPipeSelection,
    LMatrix4f,
    LVecBase3f,
    LVecBase4f,
    MatrixLens,
    NodePath,
    OmniBoundingVolume,
    PTA_float,
    PTA_LVecBase4f,
    SamplerState,
    Shader,
    Texture,
    TransparencyAttrib,
    WindowProperties,
    load_prc_file_data,
)

from models.errors import MissingError

SHADERS = Path(__file__).resolve().parents[1] / "shaders"

FIRST_SORT = -10_000
"""Sort of the first target: all targets are drawn in the order of their making, and before a window (which has sort 0)."""

CONFIGURATION = """
gl-version 3 3
audio-library-name null
textures-power-2 none
notify-level-egldisplay error
"""


@cache
def configure(display: str = "p3headlessgl") -> None:
    """Settings that Panda3D reads when its first pipe is made; `display`: p3headlessgl without a screen, pandagl with one."""
    load_prc_file_data("pedicle", f"{CONFIGURATION}load-display {display}\n")


@cache
def shader(fragment: str, vertex: str = "screen", folder: str = "fluoroscopy") -> Shader:
    """A program of two files of one folder of shaders/."""
    place = SHADERS / folder
    made = Shader.load(Shader.SL_GLSL, str(place / f"{vertex}.vert"), str(place / f"{fragment}.frag"))
    if made is None:
        raise MissingError(f"shader {fragment}: not found or not readable in {place}")
    return made


def matrix(columns: NDArray[np.float64]) -> LMatrix4f:
    """A matrix that takes column vectors, as Panda3D keeps it (for row vectors)."""
    return LMatrix4f(*np.asarray(columns, dtype=np.float64).T.ravel().tolist())


def geometry(
    vertices: NDArray[np.float32], faces: NDArray[np.int32], places: NDArray[np.float32] | None = None
) -> GeomNode:
    """A node that draws a mesh, never culled; `places` (N, 2): coordinates of its vertices in a texture."""
    columns = GeomVertexArrayFormat("vertex", 3, GeomEnums.NT_float32, GeomEnums.C_point)
    rows = vertices
    if places is not None:
        columns.add_column("texcoord", 2, GeomEnums.NT_float32, GeomEnums.C_texcoord)
        rows = np.hstack([vertices, places])
    layout = GeomVertexFormat.register_format(GeomVertexFormat(columns))
    data = GeomVertexData("mesh", layout, GeomEnums.UH_static)
    data.unclean_set_num_rows(len(vertices))
    view = memoryview(data.modify_array(0)).cast("B").cast("f")
    view[:] = memoryview(np.ascontiguousarray(rows, dtype=np.float32).ravel())
    triangles = GeomTriangles(GeomEnums.UH_static)
    triangles.set_index_type(GeomEnums.NT_uint32)
    index = triangles.modify_vertices()
    index.unclean_set_num_rows(faces.size)
    words = memoryview(index).cast("B").cast("I")
    words[:] = memoryview(np.ascontiguousarray(faces, dtype=np.uint32).ravel())
    geom = Geom(data)
    geom.add_primitive(triangles)
    node = GeomNode("mesh")
    node.add_geom(geom)
    node.set_bounds(OmniBoundingVolume())
    node.set_final(True)
    return node


def adding(path: NodePath) -> None:
    """Everything below is added up: no depth, no culling, blend one to one."""
    path.set_attrib(ColorBlendAttrib.make(ColorBlendAttrib.M_add, ColorBlendAttrib.O_one, ColorBlendAttrib.O_one))
    path.set_attrib(CullFaceAttrib.make(CullFaceAttrib.M_cull_none))
    path.set_attrib(DepthTestAttrib.make(DepthTestAttrib.M_none))
    path.set_attrib(DepthWriteAttrib.make(DepthWriteAttrib.M_off))
    path.set_attrib(TransparencyAttrib.make(TransparencyAttrib.M_none))
    path.set_bin("unsorted", 0)  # always in the order of making: sums of floats repeat bit for bit


def over(path: NodePath, order: int) -> None:
    """Drawn in this order over what is there, by its alpha; the target stays opaque."""
    path.set_attrib(
        ColorBlendAttrib.make(
            ColorBlendAttrib.M_add, ColorBlendAttrib.O_incoming_alpha, ColorBlendAttrib.O_one_minus_incoming_alpha
        )
    )
    path.set_attrib(ColorWriteAttrib.make(ColorWriteAttrib.C_rgb))
    path.set_attrib(CullFaceAttrib.make(CullFaceAttrib.M_cull_none))
    path.set_attrib(DepthTestAttrib.make(DepthTestAttrib.M_none))
    path.set_attrib(DepthWriteAttrib.make(DepthWriteAttrib.M_off))
    path.set_bin("fixed", order)


def screen_triangle() -> GeomNode:
    """A triangle that covers the picture in clip coordinates."""
    corners = np.array([[-1, -1, 0], [3, -1, 0], [-1, 3, 0]], dtype=np.float32)
    return geometry(corners, np.array([[0, 1, 2]], dtype=np.int32))


def vectors(rows: NDArray[np.floating]) -> PTA_LVecBase4f:
    """(K, 4) as an array of vec4."""
    array = PTA_LVecBase4f.empty_array(len(rows))
    for i, row in enumerate(rows):
        array[i] = LVecBase4f(*(float(value) for value in row))
    return array


def vector(values: NDArray[np.floating]) -> LVecBase3f | LVecBase4f:
    """(3,) or (4,) as a vec3 or vec4."""
    made: LVecBase3f | LVecBase4f = (LVecBase3f if len(values) == 3 else LVecBase4f)(*(float(v) for v in values))
    return made


def floats(values: NDArray[np.floating]) -> PTA_float:
    """(K,) as an array of float."""
    return PTA_float([float(value) for value in values])


def volume() -> Texture:
    """A 3-D texture of one float channel, linear, 0 outside."""
    texture = Texture("volume")
    for wrap in (texture.set_wrap_u, texture.set_wrap_v, texture.set_wrap_w):
        wrap(SamplerState.WM_border_color)
    texture.set_border_color(LVecBase4f(0.0, 0.0, 0.0, 0.0))
    texture.set_minfilter(SamplerState.FT_linear)
    texture.set_magfilter(SamplerState.FT_linear)
    fill(texture, np.zeros((2, 2, 2), dtype=np.float32))
    return texture


def fill(texture: Texture, values: NDArray[np.float32]) -> None:
    """Puts values (nx, ny, nz) into a 3-D texture: texture x, y, z are the array's axes."""
    nx, ny, nz = values.shape
    if (texture.x_size, texture.y_size, texture.z_size) != values.shape:
        texture.setup_3d_texture(nx, ny, nz, Texture.T_float, Texture.F_r32)
    texture.set_ram_image(np.ascontiguousarray(values.transpose(2, 1, 0), dtype=np.float32).tobytes())


PLANES = (GraphicsOutput.RTP_color, GraphicsOutput.RTP_aux_float_0)
"""Where a target's first and second texture are drawn."""


class Target:
    """A square picture that is drawn on demand: one or two textures, and the scene whose drawing fills them."""

    def __init__(
        self, studio: "Studio", name: str, size: int, channels: int, *, kind: str = "float", second: bool = False
    ):
        bits = (32 if kind == "float" else 8,) * channels + (0,) * (4 - channels)
        wanted = FrameBufferProperties()
        wanted.set_rgba_bits(*bits)
        wanted.set_float_color(kind == "float")
        if second:
            wanted.set_aux_float(1)
        buffer = studio.buffer(name, wanted, size, size)
        if buffer is None:
            raise MissingError(
                f"OpenGL on this machine gives no {kind} buffer of {size} x {size}; update the graphics driver"
            )
        self.studio, self.size, self.buffer = studio, size, buffer
        self.textures = [self._attach(f"{name} {i}", i) for i in range(2 if second else 1)]
        self.scene = NodePath(name)
        camera = self.scene.attach_new_node(Camera("camera", MatrixLens()))
        region = buffer.make_display_region()
        region.set_camera(camera)
        buffer.set_active(False)

    def _attach(self, name: str, index: int) -> Texture:
        texture = Texture(name)
        texture.set_minfilter(SamplerState.FT_nearest)
        texture.set_magfilter(SamplerState.FT_nearest)
        texture.set_wrap_u(SamplerState.WM_clamp)
        texture.set_wrap_v(SamplerState.WM_clamp)
        plane = PLANES[index]
        self.buffer.add_render_texture(texture, GraphicsOutput.RTM_bind_or_copy, plane)
        self.buffer.set_clear_active(plane, True)
        self.buffer.set_clear_value(plane, LVecBase4f(0.0, 0.0, 0.0, 0.0))
        return texture

    def cover(self, fragment: str, inputs: Mapping[str, Any]) -> NodePath:
        """A full-screen pass with a fragment shader."""
        path = self.scene.attach_new_node(screen_triangle())
        path.set_shader(self.studio.program(fragment))
        path.set_attrib(DepthTestAttrib.make(DepthTestAttrib.M_none))
        path.set_attrib(DepthWriteAttrib.make(DepthWriteAttrib.M_off))
        for key, value in inputs.items():
            path.set_shader_input(key, value)
        return path

    def once(self, clear: bool = True) -> None:
        """Draws in the coming frame and in no later one; without `clear`, over what is there."""
        for index in range(len(self.textures)):
            self.buffer.set_clear_active(PLANES[index], clear)
        self.buffer.set_active(True)
        self.buffer.set_one_shot(True)

    def rest(self) -> None:
        """Draws in no frame, not even where the clock was set back and a frame's number comes again."""
        self.buffer.set_active(False)

    def resize(self, size: int) -> None:
        """Another size; its textures stay the same objects, and are empty until drawn."""
        self.size = size
        self.buffer.set_size(size, size)

    def read(self, index: int = 0) -> NDArray[Any]:
        """(size, size, channels) what was drawn last, red first, row 0 on top."""
        texture = self.textures[index]
        engine = self.studio.engine
        if not engine.extract_texture_data(texture, self.studio.host.get_gsg()):
            raise MissingError("OpenGL on this machine does not give pictures back; update the graphics driver")
        kind = np.float32 if texture.component_type == Texture.T_float else np.uint8
        raw = np.frombuffer(texture.get_ram_image(), dtype=kind).reshape(self.size, self.size, -1)
        texture.clear_ram_image()
        order = {1: [0], 2: [0, 1], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[raw.shape[2]]
        return np.ascontiguousarray(raw[::-1, :, order])


class Studio:
    """The context that all targets share: an engine, its pipe, and the window or buffer that holds the context."""

    def __init__(self, engine: GraphicsEngine, pipe: GraphicsPipe, host: GraphicsOutput) -> None:
        self.engine, self.pipe, self.host = engine, pipe, host
        self.count = FIRST_SORT
        probe(self)

    def buffer(self, name: str, wanted: FrameBufferProperties, width: int, height: int) -> GraphicsOutput | None:
        """A buffer in this context, drawn after those made before it; None where OpenGL gives none."""
        self.count += 1
        return self.engine.make_output(
            self.pipe,
            name,
            self.count,
            wanted,
            WindowProperties.size(width, height),
            GraphicsPipe.BF_refuse_window | GraphicsPipe.BF_resizeable,
            self.host.get_gsg(),
            self.host,
        )

    @property
    def driver(self) -> str:
        """The renderer's name, for benchmarks."""
        return str(self.host.get_gsg().get_driver_renderer())

    def program(self, fragment: str, vertex: str = "screen", folder: str = "fluoroscopy") -> Shader:
        """A program that this OpenGL has compiled; MissingError where it cannot."""
        made = shader(fragment, vertex, folder)
        gsg = self.host.get_gsg()
        if made.prepare_now(gsg.prepared_objects, gsg) is None or made.get_error_flag():
            raise MissingError(
                f"shader {fragment} does not compile on {self.driver}: OpenGL 3.3 is needed; update the driver"
            )
        return made

    def draw(self, *targets: Target) -> None:
        """Draws these targets now, in the order in which they were made."""
        for target in targets:
            target.once()
        self.engine.render_frame()
        for target in targets:
            target.rest()

    def remove(self, target: Target) -> None:
        """Gives a target's buffer and scene back."""
        self.engine.remove_window(target.buffer)
        target.scene.remove_node()


@cache
def studio() -> Studio:
    """The one context without a screen of the process: a second pipe that goes away would take the first one's display with
    it (EGL). A window's context is a Studio of its own, made by who opened the window.
    """
    configure()
    engine = GraphicsEngine()
    pipe = GraphicsPipeSelection.get_global_ptr().make_module_pipe("p3headlessgl")
    if pipe is None:
        raise MissingError("no OpenGL without a screen: install libegl1 and libgl1-mesa-dri (Debian, Ubuntu)")
    properties = FrameBufferProperties()
    properties.set_rgba_bits(8, 8, 8, 8)
    # The first buffer of a headless pipe is a pbuffer, which refuses float: it only hosts the context.
    host = engine.make_output(pipe, "host", 0, properties, WindowProperties.size(16, 16), GraphicsPipe.BF_refuse_window)
    if host is None:
        raise MissingError(
            "OpenGL 3.3 without a screen did not start: install libegl1 and libgl1-mesa-dri, or a driver"
        )
    host.set_active(False)
    engine.open_windows()
    return Studio(engine, pipe, host)


def probe(studio: Studio) -> None:
    """Blends three known values into a float target; MissingError where they do not add up to 1e-3 of 32 bits."""
    values = (1000.0, 0.0625, -999.0)
    target = Target(studio, "probe", 8, 4, second=True)
    adding(target.scene)
    for value in values:
        target.cover("probe", {"value": value})
    studio.draw(target)
    found = [target.read(0)[3, 3, 0], target.read(1)[3, 3, 3]]
    studio.remove(target)
    if any(abs(value - sum(values)) > 1e-4 for value in found):
        raise MissingError(
            f"OpenGL here cannot add in 32-bit float targets (1.0625 came out as {found[0]:g}); update the driver"
        )
