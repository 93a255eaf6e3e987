"""How long the room takes to draw here: a whole frame while things move, and each pass alone.

In: a Theatre. Out: figures by name, which ends in the unit. Draws by itself: for benchmarks only. A frame is over when its
result has been read back, so what the driver puts off is counted; the time of reading alone is taken off.
"""

from statistics import median
from time import perf_counter

from panda3d.core import NodePath

from game.session import Moment
from game.theatre import variants
from game.theatre.sheets import Sheet
from game.theatre.theatre import Theatre
from models.carm import Pose
from models.suite.mesh import MATERIALS

ROUNDS = 15
"""Each pass is measured once a round, so that what else the machine does falls on all alike."""


def figures(theatre: Theatre, pose: Pose) -> dict[str, float]:
    """Medians [ms] at the size of the theatre's picture, seen by the operator, the arm turning a degree a frame.

    theatre_frame_ms: at the scale that a machine of this kind begins with; theatre_full_ms: at full size. Shares of the full
    picture, by leaving one out: theatre_shadow_ms, _opaque_ms, _transparent_ms, _post_ms. theatre_idle_ms: nothing changed.
    """
    theatre.still("operator")
    bench, scale = _Bench(theatre, pose), theatre.quality.scale
    rounds = [bench.round(scale) for _ in range(ROUNDS + 1)][1:]
    found = {name: max(median(each[name] for each in rounds), 0.0) for name in rounds[0]}
    return found | {"theatre_scale_percent": 100 * scale, "theatre_triangles": _triangles(theatre)}


class _Bench:
    """Frames of a turning arm, timed."""

    def __init__(self, theatre: Theatre, pose: Pose) -> None:
        self.theatre, self.pose, self.count = theatre, pose, 0
        self.glass = _glass(theatre.stage.room)

    def round(self, scale: float) -> dict[str, float]:
        """Every figure once."""
        moving, full = self._frame(scale), self._frame(1.0)
        shadowless = self._frame(1.0, shadow=False)
        drawn = self._frame(1.0, shadow=False, final=False)
        for path in self.glass:
            path.stash()
        opaque = self._frame(1.0, shadow=False, final=False)
        for path in self.glass:
            path.unstash()
        return {
            "theatre_frame_ms": moving,
            "theatre_full_ms": full,
            "theatre_shadow_ms": full - shadowless,
            "theatre_opaque_ms": opaque,
            "theatre_transparent_ms": drawn - opaque,
            "theatre_post_ms": shadowless - drawn,
            "theatre_idle_ms": self._idle(),
        }

    def _frame(self, scale: float, *, shadow: bool = True, final: bool = True) -> float:
        """A frame with these passes, less the time of reading it back."""
        picture = self.theatre.picture
        self.count += 1
        self.theatre.show(self._moment(self.count % 40))
        picture.aim(picture.whole, scale)
        picture.activate(shadow=shadow, drawn=True, final=final)
        sheet = picture.final if final else picture.drawn
        spent = self._drawn_ms(sheet)
        picture.activate(shadow=False, drawn=False, final=False)
        return spent - self._drawn_ms(sheet)

    def _drawn_ms(self, sheet: Sheet) -> float:
        """A frame of the engine and reading a sheet back."""
        engine, gsg = self.theatre.studio.engine, self.theatre.studio.host.get_gsg()
        begin = perf_counter()
        engine.render_frame()
        engine.extract_texture_data(sheet.texture, gsg)
        return 1000 * (perf_counter() - begin)

    def _idle(self) -> float:
        """What the theatre costs a frame in which nothing has changed."""
        moment = self._moment(0)
        self.theatre.show(moment)
        self.theatre.still()
        begin = perf_counter()
        self.theatre.show(moment)
        self.theatre.draw()
        return 1000 * (perf_counter() - begin)

    def _moment(self, degrees: int) -> Moment:
        return Moment(self.pose.turned(orbital=float(degrees)), None, True, False, False)


def _glass(room: NodePath) -> list[NodePath]:
    """Everything that is blended."""
    nodes = room.find_all_matches("**/+GeomNode")
    known = [path for path in nodes if path.name in MATERIALS]
    return [path for path in known if variants.kind(path.name, MATERIALS[path.name]) == "clear"]


def _triangles(theatre: Theatre) -> float:
    """Of everything in the room."""
    nodes = theatre.stage.room.find_all_matches("**/+GeomNode")
    geoms = [path.node().get_geom(i) for path in nodes for i in range(path.node().get_num_geoms())]
    return float(sum(geom.get_primitive(0).get_num_faces() for geom in geoms))
