"""The scene: what stands in the room, where it is at a moment, what of it is seen through.

In: pieces, Moments. Out: one tree of nodes in the room frame (metres, Z up). Not here: cameras, buffers, time (theatre.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from panda3d.core import (
    BitMask32,
    ColorWriteAttrib,
    DepthTestAttrib,
    DepthWriteAttrib,
    NodePath,
    RenderAttrib,
    Texture,
)

from game import graphics
from game.session import Moment
from game.theatre import light, near
from game.theatre.coarse import caster, lighter, quarters
from game.theatre.scenery import BEHIND, SHELL, Scenery, black
from models.carm import Pose, view
from models.instrument_surfaces import patient_from_trocar
from models.suite.layout import AXES, room_from_c, room_from_cart, room_from_housing, room_from_patient
from models.suite.mesh import MATERIALS, Piece

Array = NDArray[np.float64]

SEEN, CASTS = BitMask32.bit(0), BitMask32.bit(1)
"""What the eye's camera draws, and what the lamp's."""

ROOM = ("suite", "lamp", "monitors", "tray", "pedestal")
ARM = ("cart", "housing", "c")
PATIENT = ("body", "drape")
INSTRUMENTS = ("trocar", "stylet knob", "injector")
LEARNT = ("body covered", "bones", "canal")
CASTERS = ("cart", "housing", "c", "body", "drape", "table", "trocar", "stylet knob", "injector")
SEEN_THROUGH = {"table": 0.30, "body covered": 0.42, "body": 0.42, "drape": 0.20}
"""In learn mode: most of what the piece covers, at its edges; in the order of drawing, after the bones; chosen by eye."""

TABLE_BALLS = ((0.0, -0.78, 0.02, 0.33), (0.0, -0.28, 0.02, 0.33), (0.0, 0.22, 0.02, 0.33), (0.0, 0.72, 0.0, 0.30))
ARM_BALLS = ((0.0, 0.0, 0.60, 0.20), (0.0, 0.0, -0.62, 0.19))
CART_BALLS = ((1.12, 0.0, 0.42, 0.33), (1.30, 0.0, 0.30, 0.30))
"""Balls that stand for the patient on the table (table's frame), for detector and tube (the C's own), for the cart (its own):
centre and radius, m; assumed."""

CROSS_LIGHT, CROSS_BEAM = 0.6, 1.0
"""Share of the laser's red on the skin, without and with X-rays; assumed."""


NOWHERE = np.zeros((0, 3))


@dataclass(frozen=True)
class Change:
    """What a moment changed: all of the picture, or what lies round some points [m, room frame]; the shadows or not."""

    everywhere: bool = False
    casts: bool = False
    near: Array = field(default_factory=lambda: NOWHERE)


class Stage:
    """Nodes of the room, and what moves them."""

    def __init__(
        self, scenery: Scenery, pieces: Mapping[str, Piece], table_mm: tuple[float, float, float], lamp: Array
    ) -> None:
        self.scenery, self.lamp = scenery, lamp
        self.room = NodePath("room")
        self.nodes: dict[str, NodePath] = {}
        self.patient = self.room.attach_new_node("patient")
        self.table_mm = table_mm
        for name in (*ROOM, *ARM):
            self._add(self.room, name, pieces)
        for name in (*PATIENT, *LEARNT):
            self._add(self.patient, name, pieces, metre=0.001)
        self._add(self.patient, "table", pieces)
        if "table" in self.nodes:
            self.nodes["table"].set_mat(graphics.matrix(_patient_from_table(table_mm)))
        self.tools = self.patient.attach_new_node("tools")
        self.tools.set_shader_input("cross_light", 0.0)
        for name in INSTRUMENTS:
            self._add(self.tools, name, pieces)
        self._behind_bone()
        self.casters = {name: self._caster(name, pieces[name]) for name in CASTERS if name in pieces}
        self.lighter = {name: self._lighter(name, pieces[name]) for name in PATIENT if name in pieces}
        self.screen_corners = self._screen_corners(pieces)
        self.standby = black()
        self.screens(self.standby, self.standby)
        self._moment: Moment | None = None
        self.see_through = True
        self.anatomy(False)

    def _add(self, parent: NodePath, name: str, pieces: Mapping[str, Piece], metre: float = 1.0) -> None:
        if name not in pieces:
            return
        if name == "suite":
            self.nodes[name] = parent.attach_new_node(name)
            for quarter in quarters(pieces[name]):
                for path in self.scenery.place(self.nodes[name], quarter, metre).get_children():
                    if path.name in BEHIND:
                        path.set_bin(SHELL, BEHIND.index(path.name))
        else:
            self.nodes[name] = self.scenery.place(parent, pieces[name], metre)
        self.nodes[name].hide(CASTS)

    def _caster(self, name: str, piece: Piece) -> NodePath:
        """What of a piece the lamp sees: coarse, and not for the eye."""
        path = self.nodes[name].get_parent().attach_new_node(f"{name} shadow")
        path.set_mat(self.nodes[name].get_mat())
        vertices, faces = caster(piece)
        node = graphics.geometry(vertices, faces)
        path.attach_new_node(node)
        path.hide(SEEN)
        return path

    def _lighter(self, name: str, piece: Piece) -> NodePath:
        """A piece of the patient as it is drawn in motion where that is slow."""
        path = self.scenery.place(self.patient, lighter(piece), 0.001)
        path.hide(CASTS)
        path.hide()
        return path

    def fine(self, on: bool) -> None:
        """All triangles of the patient; or fewer, for pictures in motion at fewer pixels, but in learn mode."""
        for name, path in self.lighter.items():
            _present(self.nodes[name], on or self.see_through)
            _present(path, not on and not self.see_through)

    def _screen_corners(self, pieces: Mapping[str, Piece]) -> Array:
        """(N, 3) vertices of the monitor's screens, room frame, m."""
        parts = (
            [part.vertices for part in pieces["monitors"].parts if part.material.startswith("screen")]
            if "monitors" in pieces
            else []
        )
        return np.concatenate(parts).astype(np.float64) if parts else np.zeros((0, 3))

    def _behind_bone(self) -> None:
        """Bones are seen through, but only the nearest face: their depth is drawn first, then what they cover is blended."""
        if "bones" not in self.nodes:
            return
        bones = self.nodes["bones"]
        for path in bones.get_children():
            self.scenery.dress(path, path.name, "bone", MATERIALS[path.name].alpha)
            depth = path.copy_to(bones)
            depth.set_attrib(ColorWriteAttrib.make(ColorWriteAttrib.C_off))
            depth.set_attrib(DepthWriteAttrib.make(DepthWriteAttrib.M_on))
            depth.set_bin("opaque", 0)  # after all that is nearest first, which stays seen through them
            path.set_attrib(DepthTestAttrib.make(RenderAttrib.M_less_equal))

    # --- what is shown where

    def show(self, moment: Moment) -> Change:
        """Arm, table, trocar and cross as they are now."""
        before, self._moment = self._moment, moment
        if before is None or before.pose != moment.pose:
            self._move(moment.pose)
            self._hold(moment)
            self._cross(moment)
            return Change(everywhere=True, casts=True)
        held, cross = _same(before, moment), before.beam == moment.beam
        if not held:
            self._hold(moment)
        if not cross:
            self._cross(moment)
        places = [near.trocar(each, self.lamp) for each in (before, moment) if not held]
        places += [near.cross(moment)] if not cross else []
        return Change(casts=not held, near=np.concatenate([NOWHERE, *places]))

    def _move(self, pose: Pose) -> None:
        frames = {"c": room_from_c(pose), "housing": room_from_housing(pose), "cart": room_from_cart(pose)}
        for name, frame in frames.items():
            for path in (nodes[name] for nodes in (self.nodes, self.casters) if name in nodes):
                path.set_mat(graphics.matrix(frame))
        room = room_from_patient(pose.isocentre)
        self.patient.set_mat(graphics.matrix(room))
        if "pedestal" in self.nodes:  # goes along with the table; the telescope takes up its height
            x, y, _ = room[:3, :3] @ self.table_mm + room[:3, 3]
            self.nodes["pedestal"].set_pos(float(x), float(y), 0.0)
        self._block(pose)

    def _block(self, pose: Pose) -> None:
        """Balls that take ambient light away follow table, detector, tube and cart."""
        table = room_from_patient(pose.isocentre) @ _patient_from_table(self.table_mm)
        frames = ((table, TABLE_BALLS), (room_from_c(pose), ARM_BALLS), (room_from_cart(pose), CART_BALLS))
        balls = [(*(frame @ [x, y, z, 1.0])[:3], r) for frame, each in frames for x, y, z, r in each]
        self.room.set_shader_input("blockers", graphics.vectors(light.blockers(np.array(balls))))

    def _hold(self, moment: Moment) -> None:
        """Trocar in the patient, with or without stylet, with the injector where cement is pressed."""
        if moment.needle is None:
            self.tools.hide()
            return
        self.tools.show()
        frame = patient_from_trocar(moment.needle)
        frame[:3, :3] *= 1000.0  # the pieces are in metres
        self.tools.set_mat(graphics.matrix(frame))
        for name, there in (("stylet knob", moment.stylet), ("injector", moment.injecting)):
            for path in (nodes[name] for nodes in (self.nodes, self.casters) if name in nodes):
                _present(path, there)

    def _cross(self, moment: Moment) -> None:
        """The laser's planes run through source and beam."""
        pinhole = view(moment.pose)
        room = room_from_patient(moment.pose.isocentre)
        set_input = self.room.set_shader_input
        set_input("cross_source", graphics.vector(room[:3, :3] @ pinhole.source + room[:3, 3]))
        for name, way in (("beam", pinhole.beam), ("column", pinhole.column), ("row", pinhole.row)):
            set_input(f"cross_{name}", graphics.vector(AXES @ way))
        set_input("cross_light", CROSS_BEAM if moment.beam else CROSS_LIGHT)

    def anatomy(self, on: bool) -> bool:
        """Skin, drape and table seen through, bones and canal there; or not. Returns whether that changed anything."""
        if on == self.see_through:
            return False
        self.see_through = on
        for depth, (name, alpha) in enumerate(SEEN_THROUGH.items(), start=1):
            if name not in self.nodes:
                continue
            for path in self.nodes[name].get_children():
                self.scenery.dress(path, path.name, "ghost" if on else None, alpha if on else None, depth)
            if name in self.casters:
                _present(self.casters[name], not on)
        for name in LEARNT:
            if name in self.nodes:
                _present(self.nodes[name], on)
        return True

    def screens(self, live: Texture | None, reference: Texture | None, figures: Texture | None = None) -> None:
        """What the monitor in the room shows."""
        shown = {"screen live": live, "screen reference": reference, "screen figures": figures}
        for material, texture in shown.items():
            for path in self.room.find_all_matches(f"**/{material}"):
                path.set_shader_input("picture", texture or self.standby)

    def cross(self) -> Array:
        """(2, 3) source and beam of the cross, room frame, m: where the shader paints it."""
        pose = Pose() if self._moment is None else self._moment.pose
        pinhole, room = view(pose), room_from_patient(pose.isocentre)
        return np.stack([room[:3, :3] @ pinhole.source + room[:3, 3], AXES @ pinhole.beam])


def _patient_from_table(origin_mm: tuple[float, float, float]) -> Array:
    """(4, 4) the table's frame (room axes, m) to the patient frame (mm)."""
    frame = np.eye(4)
    frame[:3, :3] = 1000.0 * AXES.T
    frame[:3, 3] = origin_mm
    return frame


def _present(path: NodePath, there: bool) -> None:
    if there:
        path.show()
    else:
        path.hide()


def _same(first: Moment, second: Moment) -> bool:
    """Whether the trocar is held alike."""
    if (first.stylet, first.injecting) != (second.stylet, second.injecting):
        return False
    a, b = first.needle, second.needle
    if a is None or b is None:
        return a is b
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("tip", "axis", "roll"))
