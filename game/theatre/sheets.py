"""Buffers of the room: the lamp's shadow map, the drawn picture, the final one. Drawn only in frames in which they are active.

In: a Studio. Out: textures, row 0 at the bottom as OpenGL keeps them; the final one read back as an array, row 0 on top.
"""

import numpy as np
from numpy.typing import NDArray
from panda3d.core import (
    FrameBufferProperties,
    GraphicsOutput,
    LVecBase4f,
    SamplerState,
    Texture,
)

from game.graphics import Studio
from models.errors import MissingError


class Sheet:
    """One buffer with one texture: colours, or depth alone (`shadow`) with comparison in the sampler."""

    def __init__(
        self, studio: Studio, name: str, size: tuple[int, int], *, depth: bool, samples: int = 0, shadow: bool = False
    ) -> None:
        wanted = FrameBufferProperties()
        wanted.set_rgba_bits(*(8, 8, 8, 0) if not shadow else (0, 0, 0, 0))
        if depth:
            wanted.set_depth_bits(24)
        wanted.set_multisamples(samples)
        buffer = studio.buffer(name, wanted, *size)
        if buffer is None:
            raise MissingError(f"OpenGL on this machine gives no buffer of {size[0]} x {size[1]}; update the driver")
        self.studio, self.buffer, self.size = studio, buffer, size
        self.texture = Texture(name)
        self.texture.set_wrap_u(SamplerState.WM_clamp)
        self.texture.set_wrap_v(SamplerState.WM_clamp)
        if shadow:
            self._compare()
        else:
            self.texture.set_minfilter(SamplerState.FT_linear)
            self.texture.set_magfilter(SamplerState.FT_linear)
        plane = GraphicsOutput.RTP_depth if shadow else GraphicsOutput.RTP_color
        buffer.add_render_texture(self.texture, GraphicsOutput.RTM_bind_or_copy, plane)
        buffer.set_clear_color_active(False)
        buffer.set_clear_depth_active(shadow)
        buffer.set_active(False)

    def _compare(self) -> None:
        """Outside the map everything is lit."""
        self.texture.set_format(Texture.F_depth_component24)
        self.texture.set_wrap_u(SamplerState.WM_border_color)
        self.texture.set_wrap_v(SamplerState.WM_border_color)
        self.texture.set_border_color(LVecBase4f(1.0, 1.0, 1.0, 1.0))
        self.texture.set_minfilter(SamplerState.FT_shadow)
        self.texture.set_magfilter(SamplerState.FT_shadow)

    def resize(self, size: tuple[int, int]) -> None:
        """Another size; what was drawn is lost."""
        self.size = size
        self.buffer.set_size(*size)

    def read(self) -> NDArray[np.uint8]:
        """(h, w, 3) what was drawn last, red first, row 0 on top."""
        if not self.studio.engine.extract_texture_data(self.texture, self.studio.host.get_gsg()):
            raise MissingError("OpenGL on this machine does not give pictures back; update the graphics driver")
        height, width = self.texture.get_y_size(), self.texture.get_x_size()
        raw = np.frombuffer(self.texture.get_ram_image(), dtype=np.uint8).reshape(height, width, -1)
        self.texture.clear_ram_image()
        return np.ascontiguousarray(raw[::-1, :, 2::-1])

    def close(self) -> None:
        """Gives the buffer back, once."""
        if self.buffer is not None:
            self.studio.engine.remove_window(self.buffer)
            self.buffer = None
