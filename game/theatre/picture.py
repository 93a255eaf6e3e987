"""From the scene to a texture: shadow map, the drawn picture (whole at a render scale, or a part of it finely), the final one.

In: a Stage, a Viewpoint, a Quality. Out: `texture`, display values, any size. Not here: when to draw what (theatre.py).
"""

import numpy as np
from numpy.typing import NDArray
from panda3d.core import (
    AntialiasAttrib,
    Camera,
    ColorWriteAttrib,
    CullFaceAttrib,
    DepthTestAttrib,
    DepthWriteAttrib,
    DisplayRegion,
    LMatrix4f,
    LVecBase2f,
    LVecBase4f,
    MatrixLens,
    NodePath,
    PerspectiveLens,
    Point3,
    Shader,
    Texture,
    Vec3,
)

from game import graphics
from game.theatre import light, variants
from game.theatre.camera import Viewpoint
from game.theatre.portion import Portion
from game.theatre.quality import Quality
from game.theatre.sheets import Sheet
from game.theatre.stage import CASTS, SEEN, Stage

NEAR_M, FAR_M = 0.05, 14.0
"""What the eye sees lies between; the room's diagonal is 9 m."""

SHADOW_FOV_DEG = 62.0
SHADOW_NEAR_M, SHADOW_FAR_M = 0.4, 4.5
"""The lamp's cone (light.Lamp) and the way from it to the farthest corner of the floor."""

SHADOW_BLUR = 0.0030
"""Half width of the shadow's soft edge as a share of the map: about 5 mm at the patient; assumed."""

MARGIN_PX = 3
"""Drawn round a part whose stairs are smoothed afterwards: smoothing looks so far aside."""

FINE = 2.0
"""Pixels a side drawn for each pixel a side shown, at rest: lines thinner than a pixel stay whole."""

FINE_SAMPLES = 4
"""Samples of each of those where motion has none: 16 levels of an edge; assumed."""

BACKGROUND = LVecBase4f(0.05, 0.055, 0.06, 1.0)


class Picture:
    """The passes of one room."""

    def __init__(
        self, studio: graphics.Studio, stage: Stage, quality: Quality, size: tuple[int, int], lamp: light.Lamp
    ) -> None:
        self.studio, self.stage, self.size = studio, stage, size
        self.shadow = Sheet(studio, "shadow", (quality.shadow_size,) * 2, depth=True, shadow=True)
        self.drawn = Sheet(studio, "drawn", size, depth=True, samples=quality.samples)
        slow = self.drawn.buffer.get_fb_properties().get_multisamples() < 2
        self.fine = Sheet(studio, "fine", size, depth=True, samples=FINE_SAMPLES) if slow else self.drawn
        self.final = Sheet(studio, "final", size, depth=False)
        self.smooth = slow
        self._eye()
        self._lamp(lamp)
        self._post()

    @property
    def texture(self) -> Texture:
        """The final picture."""
        return self.final.texture

    def _eye(self) -> None:
        """The camera that looks into the room."""
        self.lens = PerspectiveLens()
        self.lens.set_near_far(NEAR_M, FAR_M)
        self.lens.set_focal_length(1.0)
        camera = Camera("eye", self.lens)
        camera.set_camera_mask(SEEN)
        self.eye = self.stage.room.attach_new_node(camera)
        self.stage.room.set_antialias(AntialiasAttrib.M_multisample)
        self.regions = {sheet: self._region(sheet) for sheet in (self.drawn, self.fine)}
        self.sheet = self.drawn

    def _region(self, sheet: Sheet) -> DisplayRegion:
        """Where the eye's camera draws in a buffer."""
        region = sheet.buffer.make_display_region()
        region.set_camera(self.eye)
        region.set_clear_color_active(True)
        region.set_clear_color(BACKGROUND)
        region.set_clear_depth_active(True)
        return region

    def _lamp(self, lamp: light.Lamp) -> None:
        """The camera that looks from the lamp, and what of light stays."""
        lens = PerspectiveLens()
        lens.set_fov(SHADOW_FOV_DEG)
        lens.set_near_far(SHADOW_NEAR_M, SHADOW_FAR_M)
        camera = Camera("lamp", lens)
        camera.set_camera_mask(CASTS)
        state = NodePath("state")
        state.set_shader(variants.program(self.studio, "depth", "depth"), 100)
        state.set_attrib(ColorWriteAttrib.make(ColorWriteAttrib.C_off), 100)
        state.set_attrib(CullFaceAttrib.make(CullFaceAttrib.M_cull_clockwise), 100)
        camera.set_initial_state(state.get_state())
        path = self.stage.room.attach_new_node(camera)
        path.set_pos(*lamp.place)
        path.look_at(Point3(*lamp.toward), Vec3(0, 1, 0))
        self.shadow.buffer.make_display_region().set_camera(path)
        bias = LMatrix4f(0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0.5, 0.5, 0.5, 1)
        seen = self.stage.room.get_mat(path) * lens.get_projection_mat() * bias
        self.stage.room.set_shader_input("lamp_from_room", seen)
        self.stage.room.set_shader_input("lamp_depth", self.shadow.texture)
        self.stage.room.set_shader_input("shadow_blur", SHADOW_BLUR)

    def _post(self) -> None:
        """Two passes over the whole picture, of which one is shown: with and without smoothed stairs."""
        scene = NodePath("post")
        camera = scene.attach_new_node(Camera("camera", MatrixLens()))
        self.end = self.final.buffer.make_display_region()
        self.end.set_camera(camera)
        self._passes = {
            smooth: self._cover(scene, variants.program(self.studio, "screen", "post", ("SMOOTH",) if smooth else ()))
            for smooth in (True, False)
        }

    def _cover(self, scene: NodePath, program: Shader) -> NodePath:
        path = scene.attach_new_node(graphics.screen_triangle())
        path.set_shader(program)
        path.set_attrib(DepthTestAttrib.make(DepthTestAttrib.M_none))
        path.set_attrib(DepthWriteAttrib.make(DepthWriteAttrib.M_off))
        return path

    # --- one frame

    def look(self, view: Viewpoint) -> None:
        """Where the next frame is seen from."""
        self.view = view
        self.eye.set_pos(*view.eye)
        self.eye.look_at(Point3(*view.at))
        self.stage.room.set_shader_input("eye", graphics.vector(np.asarray(view.eye)))

    @property
    def whole(self) -> Portion:
        """All of the picture."""
        return Portion.whole(self.size)

    @property
    def tile(self) -> tuple[int, int]:
        """The largest part that can be drawn at FINE."""
        return max(int(self.size[0] / FINE), 1), max(int(self.size[1] / FINE), 1)

    def aim(self, part: Portion, scale: float) -> None:
        """The next frame draws this part of the picture at a render scale, and puts it in its place in the final picture.

        The buffer that is drawn to holds one part at a time; what it held before is in the final picture already.
        """
        self.stage.fine(scale >= 1.0)
        smooth = self.smooth and scale == 1.0
        drawn = part.grown(MARGIN_PX, self.size) if smooth else part
        width, height = self.size
        up = 2 * float(np.tan(np.radians(self.view.fov_deg) / 2)) / height  # of the film, for a pixel
        self.lens.set_film_size(up * drawn.size[0], up * drawn.size[1])
        middle = (drawn.left + drawn.right - width, drawn.bottom + drawn.top - height)
        self.lens.set_film_offset(up * middle[0] / 2, up * middle[1] / 2)
        used = (max(round(drawn.size[0] * scale), 1), max(round(drawn.size[1] * scale), 1))
        self.sheet = self.fine if scale == FINE else self.drawn
        self.regions[self.sheet].set_dimensions(0.0, used[0] / width, 0.0, used[1] / height)
        self.end.set_dimensions(part.left / width, part.right / width, part.bottom / height, part.top / height)
        for each, path in self._passes.items():
            if each == smooth:
                path.show()
                path.set_shader_input("drawn", self.sheet.texture)
                path.set_shader_input("used", LVecBase2f(*used))
                path.set_shader_input("origin", LVecBase2f(drawn.left, drawn.bottom))
                path.set_shader_input("size", LVecBase2f(*drawn.size))
            else:
                path.hide()

    def around(self, points: NDArray[np.float64]) -> Portion | None:
        """The part of the picture that holds points (N, 3) of the room; None where it is empty."""
        way = np.subtract(self.view.at, self.view.eye)
        way = way / np.linalg.norm(way)
        right = np.cross(way, [0.0, 0.0, 1.0])
        right = right / np.linalg.norm(right)
        offset = points - np.asarray(self.view.eye)
        ahead = offset @ way
        if len(points) == 0 or ahead.max() < NEAR_M:
            return None
        half = np.tan(np.radians(self.view.fov_deg) / 2)
        depth = np.maximum(ahead, NEAR_M) * half
        x = 0.5 + 0.5 * offset @ right / depth * self.size[1] / self.size[0]
        y = 0.5 + 0.5 * offset @ np.cross(right, way) / depth
        low = np.clip([x.min(), y.min()], 0.0, 1.0) * self.size
        high = np.clip([x.max(), y.max()], 0.0, 1.0) * self.size
        if (high - low).min() <= 0.0:
            return None
        left, bottom = (int(value) for value in np.floor(low))
        right, top = (int(value) for value in np.ceil(high))
        return Portion(left, right, bottom, top).grown(MARGIN_PX, self.size)

    def activate(self, *, shadow: bool, drawn: bool, final: bool) -> None:
        """Which passes the coming frame has."""
        self.shadow.buffer.set_active(shadow)
        for sheet in self.regions:
            sheet.buffer.set_active(drawn and sheet is self.sheet)
        self.final.buffer.set_active(final)

    def resize(self, size: tuple[int, int]) -> None:
        """Another size of the picture."""
        self.size = size
        for sheet in (*self.regions, self.final):
            sheet.resize(size)

    def close(self) -> None:
        """Gives the buffers back."""
        for sheet in (self.shadow, *self.regions, self.final):
            sheet.close()
