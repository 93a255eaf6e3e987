"""The room as a picture: what the window asks to see it with, and when it is drawn.

In: a patient, Moments, viewpoints, textures for its monitor. Out: `texture`, drawn only when something changed. A slow machine
draws fewer pixels while things move, and more than are shown, tile by tile, once they rest. Time is only read to pace that.
Nothing here draws by itself but `still`: the window's loop does, after `draw()` has said which passes are due.
"""

from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from panda3d.core import LVecBase2f, Texture

from game import graphics
from game.session import Moment
from game.theatre import camera, light
from game.theatre.camera import VIEWPOINTS
from game.theatre.furniture import furniture
from game.theatre.picture import FINE, Picture
from game.theatre.portion import Portion
from game.theatre.quality import Pace, Quality
from game.theatre.scenery import Scenery
from game.theatre.stage import NOWHERE, Stage
from models.carm import Pose
from models.patient import Patient
from models.suite.mesh import Piece

Tell = Callable[[float, str], None]

GLIDE_S = 0.45
"""From one viewpoint to another; assumed."""
REST_S = 0.12
"""So long nothing must change before the picture is drawn finely; assumed."""
SCREENS_S = 0.3
"""Least time between two pictures for the monitor's sake alone where they are slow; assumed."""
FINE_COST = 5.5
"""What a part drawn finely takes, as a multiple of scale 1; measured on llvmpipe."""
WALLS_M = np.array([0.65, 0.65, 0.25])
"""The eye stays so far from walls, where cabinets stand, floor and ceiling; assumed."""
MOST_SHARE = 0.7
"""A part of the picture larger than this is drawn as a whole, at the scale of motion; assumed."""


class Theatre:
    """One patient's room in one context."""

    def __init__(
        self,
        studio: graphics.Studio,
        patient: Patient,
        target: str,
        size: tuple[int, int],
        tell: Tell | None = None,
        *,
        pieces: Mapping[str, Piece] | None = None,
        quality: Quality | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        tell = tell or (lambda share, text: None)
        things = furniture(patient, target, tell, pieces)
        self.studio, self.clock = studio, clock
        self.pace = Pace(quality or Quality.of(studio.driver))
        tell(0.8, "Lighting the room")
        self.stage = Stage(
            Scenery(studio, self.quality.taps), things.pieces, things.table_mm, np.asarray(things.lamp.place)
        )
        for name, value in light.uniforms(things.surroundings, things.lamp).items():
            self.stage.room.set_shader_input(name, uniform(value))
        self.picture = Picture(studio, self.stage, self.quality, size, things.lamp)
        low, high = np.asarray(things.surroundings.low), np.asarray(things.surroundings.high)
        self.room_box = (low + WALLS_M, high - WALLS_M)
        self._view = VIEWPOINTS["operator"]
        self._from, self._began = self._view, -1.0
        self._seen = self._casts = True
        self._tiles: list[Portion] = []
        self._rough: Portion | None = self.picture.whole
        self._changed_at = self._shown_at = -1.0
        self._screens, self._near = False, NOWHERE
        self._measured_from: float | None = None
        self.picture.look(self._view)
        x, y, z = (
            (float(value) for value in patient.vertebrae[target].centre) if target in patient.vertebrae else (0, 0, 0)
        )
        self.show(Moment(Pose(isocentre=(x, y, z)), None, True, False, False))
        self.stage.room.prepare_scene(studio.host.get_gsg())  # meshes go to the card now, not in the first frame
        tell(1.0, "The room is ready")

    # --- what the window may ask

    @property
    def texture(self) -> Texture:
        """The final picture of the room."""
        return self.picture.texture

    @property
    def quality(self) -> Quality:
        """What is drawn with now."""
        return self.pace.quality

    @property
    def cross(self) -> NDArray[np.float64]:
        """(2, 3) source [m] and direction of the laser's cross, room frame; the shader paints it on skin and drape."""
        return self.stage.cross()

    def resize(self, width: int, height: int) -> None:
        """Another size of the picture."""
        if (width, height) != self.picture.size and width > 0 and height > 0:
            self.picture.resize((width, height))
            self._seen = True

    def screens(self, live: Texture | None, reference: Texture | None, figures: Texture | None = None) -> None:
        """What the room's monitor shows; call again, or `screens_changed`, when the pictures in them are new."""
        self.stage.screens(live, reference, figures)
        self._screens = True

    def screens_changed(self) -> None:
        """The textures given to `screens` hold new pictures."""
        self._screens = True

    def show(self, moment: Moment) -> None:
        """Arm, table, trocar and beam as they are now."""
        change = self.stage.show(moment)
        self._seen |= change.everywhere
        self._casts |= change.casts
        self._near = np.concatenate([self._near, change.near])

    def anatomy(self, on: bool) -> None:
        """Learn mode: skin, drape and table seen through, bones and canal there."""
        if self.stage.anatomy(on):
            self._seen = self._casts = True

    def look(self, name: str) -> None:
        """Goes to a viewpoint; KeyError where there is none of that name."""
        self._glide(VIEWPOINTS[name])

    def orbit(self, dx: float, dy: float) -> None:
        """Round what is looked at [radians]: to the right, up."""
        self._jump(camera.turned(self._view, dx, dy))

    def zoom(self, factor: float) -> None:
        """Nearer (above 1) or farther."""
        self._jump(camera.nearer(self._view, factor))

    def _glide(self, view: camera.Viewpoint) -> None:
        self._from, self._view, self._began = self._here(), view, self.clock()
        self._seen = True

    def _jump(self, view: camera.Viewpoint) -> None:
        self._view = camera.kept(view, *self.room_box)
        self._began = -1.0
        self._seen = True

    def _here(self) -> camera.Viewpoint:
        """The viewpoint now, on the way or there."""
        if self._began < 0:
            return self._view
        share = (self.clock() - self._began) / GLIDE_S
        if share >= 1:
            self._began = -1.0
            return self._view
        return camera.between(self._from, self._view, max(share, 0.0))

    # --- frames

    def draw(self) -> bool:
        """Once a frame, before the window's loop draws: says which passes the coming frame has. Whether it has any."""
        now = self.clock()
        if self._measured_from is not None:
            self.pace.took(1000 * (now - self._measured_from))
            self._measured_from = None
        if self._began >= 0:
            self._seen = True
        if self._seen:
            self._move(now)
        elif len(self._near):
            near, self._near = self._near, NOWHERE
            self._patch(self.picture.around(near), now)
        elif self._tiles:
            self._refine()
        elif self._rough is not None and now - self._changed_at >= REST_S:
            self._tiles = self._rough.tiles(self._tile_count(self._rough), self.picture.tile)
            self._refine()
        elif self._screens and now - self._shown_at >= (SCREENS_S if self.picture.smooth else 0.0):
            self._show_screens(now)
        else:
            self.picture.activate(shadow=False, drawn=False, final=False)
            return False
        return True

    def _frame(self, part: Portion, scale: float) -> None:
        """The coming frame draws this part, and the shadows where they have changed."""
        self.picture.aim(part, scale)
        self.picture.activate(shadow=self._casts, drawn=True, final=True)
        self._casts = False

    def _move(self, now: float) -> None:
        """The whole picture at the present scale."""
        self.picture.look(self._here())
        self._frame(self.picture.whole, self.quality.scale)
        self._seen = self._screens = False
        self._tiles, self._near = [], NOWHERE
        self._rough = None if self.quality.scale == 1.0 and not self.picture.smooth else self.picture.whole
        self._changed_at = self._shown_at = self._measured_from = now

    def _patch(self, part: Portion | None, now: float) -> None:
        """Only what lies round a small change; finely at once where that is quick."""
        if part is None:
            self.picture.activate(shadow=self._casts, drawn=False, final=False)
            self._casts = False
        elif part.area > MOST_SHARE * self.picture.whole.area:
            self._move(now)
        elif self.picture.smooth and part.fits(self.picture.tile) and self._tile_count(part) == 1:
            self._frame(part, FINE)
        else:
            self._frame(part, 1.0)
            if self.picture.smooth:
                self._rough, self._tiles, self._changed_at = part.joined(self._rough), [], now

    def _show_screens(self, now: float) -> None:
        """The monitor alone; finely only when no more pictures have come for a while."""
        self._screens, self._shown_at = False, now
        part = self.picture.around(self.stage.screen_corners)
        if part is None:
            self.picture.activate(shadow=self._casts, drawn=False, final=False)
            return
        self._frame(part, 1.0)
        if self.picture.smooth and self._rough is None:
            self._rough, self._changed_at = part, now + 2 * SCREENS_S

    def _refine(self) -> None:
        """The next tile of what has not yet been drawn finely."""
        self._frame(self._tiles.pop(0), FINE)
        if not self._tiles:
            self._rough = None

    def _tile_count(self, part: Portion) -> int:
        """In how many tiles a part is drawn finely, so that none takes long."""
        return self.pace.frames(FINE_COST * part.area / self.picture.whole.area)

    def still(self, name: str | None = None) -> NDArray[np.uint8]:
        """(h, w, 3) the room from a viewpoint (where it is now, if None), finely, row 0 on top. Draws at once, by itself."""
        if name is not None:
            self._began = -1.0
            self._view = VIEWPOINTS[name]
        self.picture.look(self._here())
        self._casts = True
        for part in self.picture.whole.tiles(1, self.picture.tile):
            self._frame(part, FINE)
            self.studio.engine.render_frame()
        self.picture.activate(shadow=False, drawn=False, final=False)
        self._seen = self._casts = self._screens = False
        self._tiles, self._near, self._rough = [], NOWHERE, None
        return self.picture.final.read()

    def close(self) -> None:
        """Gives everything back; of no more use."""
        self.picture.close()
        self.stage.room.remove_node()


def uniform(value: object) -> object:
    """A uniform as Panda3D takes it."""
    if not isinstance(value, np.ndarray):
        return value
    if value.ndim == 2:
        return graphics.vectors(value)
    return graphics.vector(value) if len(value) > 2 else LVecBase2f(*(float(each) for each in value))
