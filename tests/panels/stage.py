"""A window that is none: pages drawn into a buffer of any size, without mouse or screen.

`python -m tests.panels.stage FOLDER [WIDTH HEIGHT [TEXT_SCALE]]` writes every scene of scenes.py as a picture to look at.
"""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from game.graphics import studio


def show_base() -> Any:
    """The one ShowBase of the process, without a window: DirectGUI asks for it by its global names."""
    import builtins

    from direct.showbase.ShowBase import ShowBase

    studio()
    return getattr(builtins, "base", None) or ShowBase(windowType="none")


class Stage:
    """A buffer of width x height pixels and a parent whose unit is one pixel."""

    def __init__(self, width: int, height: int) -> None:
        from panda3d.core import (
            ButtonThrower,
            FrameBufferProperties,
            GraphicsPipe,
            MouseWatcher,
            NodePath,
            OrthographicLens,
            PGTop,
            Texture,
            WindowProperties,
        )
        from panda3d.core import Camera as PandaCamera
        from panda3d.core import GraphicsOutput as Output

        base, self.studio = show_base(), studio()
        self.base = SimpleNamespace(
            taskMgr=base.taskMgr,
            buttonThrowers=[NodePath(ButtonThrower("keys"))],
            mouseWatcherNode=MouseWatcher("mouse"),
        )
        self.width, self.height = width, height
        wanted = FrameBufferProperties()
        wanted.set_rgba_bits(8, 8, 8, 8)
        engine, host = self.studio.engine, self.studio.host
        size = WindowProperties.size(width, height)
        flags = GraphicsPipe.BF_refuse_window
        self.buffer = engine.make_output(self.studio.pipe, "stage", 100, wanted, size, flags, host.get_gsg(), host)
        self.texture = Texture("stage")
        self.buffer.add_render_texture(self.texture, Output.RTM_copy_ram)
        self.buffer.set_clear_color((0.2, 0.22, 0.2, 1.0))  # of no page: what lies open is seen
        self.scene = NodePath("stage")
        self.parent = self.scene.attach_new_node(PGTop("pixels"))
        self.parent.set_depth_test(False)
        self.parent.set_depth_write(False)
        lens = OrthographicLens()
        lens.set_film_size(width, height)
        lens.set_near_far(-1000, 1000)
        camera = self.scene.attach_new_node(PandaCamera("camera", lens))
        camera.set_pos(width / 2, 0, -height / 2)
        self.buffer.make_display_region().set_camera(camera)

    def draw(self) -> NDArray[np.uint8]:
        """(height, width, 3) what stands there, red first, row 0 on top."""
        self.studio.engine.render_frame()
        self.studio.engine.render_frame()
        raw = np.frombuffer(self.texture.get_ram_image(), dtype=np.uint8)
        return np.ascontiguousarray(raw.reshape(self.height, self.width, 4)[::-1, :, [2, 1, 0]])

    def close(self) -> None:
        """Gives the buffer back."""
        self.studio.engine.remove_window(self.buffer)
        self.scene.remove_node()


def main() -> None:
    """All scenes as pictures."""
    from PIL import Image

    from tests.panels.scenes import SCENES, theme_on

    folder = Path(sys.argv[1])
    width, height = (int(part) for part in (sys.argv[2:4] or (1280, 720)))
    scale = float(sys.argv[4]) if len(sys.argv) > 4 else 1.0
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(width, height)
    for name, scene in SCENES.items():
        theme = theme_on(stage, text_scale=scale)
        scene(theme)
        Image.fromarray(stage.draw()).save(folder / f"{name}-{width}x{height}-{scale:g}.png")
        theme.close()


if __name__ == "__main__":
    main()
