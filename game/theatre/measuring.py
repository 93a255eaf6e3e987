"""How long the room takes to draw here: a whole frame while things move, and each pass alone.

In: a Theatre. Out: figures by name, which ends in the unit. Draws by itself: for benchmarks only. A frame is over when its
result has been read back, so what the driver puts off is counted; the time of reading alone is taken off.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter

from panda3d.core import NodePath

from game.session import Moment
from game.theatre import variants
from game.theatre.picture import WHOLE
from game.theatre.theatre import Theatre
from models.carm import Pose
from models.suite.mesh import MATERIALS

FRAMES = 15


def figures(theatre: Theatre, pose: Pose) -> dict[str, float]:
    """Medians [ms] over FRAMES at the size of the theatre's picture, seen by the operator, the arm turning a degree a frame.

    theatre_frame_ms: at the scale that a machine of this kind begins with; theatre_full_ms: at full size. Shares of the full
    picture, by leaving one out: theatre_shadow_ms, _opaque_ms, _transparent_ms, _post_ms. theatre_idle_ms: nothing changed.
    """
    theatre.still("operator")
    bench = _Bench(theatre, pose)
    scale = theatre.quality.scale
    full, shadowless = bench.ms(1.0), bench.ms(1.0, shadow=False)
    with_glass = bench.ms(1.0, shadow=False, final=False)
    glass = _glass(theatre.stage.room)
    for path in glass:
        path.stash()
    opaque = bench.ms(1.0, shadow=False, final=False)
    for path in glass:
        path.unstash()
    found = {
        "theatre_frame_ms": bench.ms(scale),
        "theatre_scale_percent": 100 * scale,
        "theatre_full_ms": full,
        "theatre_shadow_ms": full - shadowless,
        "theatre_opaque_ms": opaque,
        "theatre_transparent_ms": with_glass - opaque,
        "theatre_post_ms": shadowless - with_glass,
        "theatre_idle_ms": bench.idle(),
    }
    return {name: max(value, 0.0) for name, value in found.items()} | {"theatre_triangles": _triangles(theatre)}


class _Bench:
    """Frames of a turning arm, timed."""

    def __init__(self, theatre: Theatre, pose: Pose) -> None:
        self.theatre, self.pose, self.count = theatre, pose, 0
        self._reading = {final: self._median(self._none, final) for final in (True, False)}

    def ms(self, scale: float, *, shadow: bool = True, final: bool = True) -> float:
        """A frame with these passes, less the time of reading it back."""
        return self._median(lambda: self._some(scale, shadow, final), final) - self._reading[final]

    def idle(self) -> float:
        """What the theatre costs a frame in which nothing has changed."""
        times = []
        for _ in range(FRAMES):
            begin = perf_counter()
            self.theatre.show(self._moment(0))
            self.theatre.draw()
            times.append(1000 * (perf_counter() - begin))
        return median(times[1:])

    def _moment(self, degrees: int) -> Moment:
        return Moment(self.pose.turned(orbital=float(degrees)), None, True, False, False)

    def _none(self) -> None:
        self.theatre.picture.activate(shadow=False, drawn=False, final=False)

    def _some(self, scale: float, shadow: bool, final: bool) -> None:
        self.count += 1
        self.theatre.show(self._moment(self.count % 40))
        picture = self.theatre.picture
        picture.aim(WHOLE, scale)
        picture.finish(smooth=scale == 1.0)
        picture.activate(shadow=shadow, drawn=True, final=final)

    def _median(self, prepare: Callable[[], None], final: bool) -> float:
        engine, gsg = self.theatre.studio.engine, self.theatre.studio.host.get_gsg()
        sheet = self.theatre.picture.final if final else self.theatre.picture.drawn
        times = []
        for _ in range(FRAMES + 1):
            prepare()
            begin = perf_counter()
            engine.render_frame()
            engine.extract_texture_data(sheet.texture, gsg)
            times.append(1000 * (perf_counter() - begin))
        self._none()
        return median(times[1:])


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
