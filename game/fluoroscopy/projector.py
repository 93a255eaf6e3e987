"""The fluoroscope: exact path lengths through a patient, needle and cement for a pose of the C-arm, and the picture of them.

In: a Patient, a Pose, where trocar and cement are. Out: paths (size, size, 8) [mm] or a Shot. Detector frame: row 0 cranial,
column 0 at the patient's left in AP, pixel centres at whole numbers, exactly models.carm.view.
Method: each closed oriented surface adds -+ distance * (medium inside - medium outside) to float targets (surface.frag);
cement is ray-marched. Independent check: models/rays.py. Not here: signal and display (picture.py), files (display.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from game import graphics
from game.fluoroscopy import display, picture
from game.simulation.simulation import Snapshot
from models.carm import FIELD_MM, SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, Pose, View, view
from models.instrument_surfaces import patient_from_trocar, trocar_surfaces
from models.instruments import TrocarPose
from models.patient import Grid, Patient, Surface
from models.tissue import medium
from models.xray import Technique

Array = NDArray[np.float64]

CEMENT_STEP_MM = 0.5
"""Ray-marching step through 1 mm voxels."""


@dataclass(frozen=True)
class Shot:
    """One exposed picture."""

    signal: NDArray[np.float32]  # (size, size) keV a pixel
    grey: NDArray[np.uint8]  # (size, size) as on the monitor
    pose: Pose
    technique: Technique


def noise_seed(snapshot: Snapshot, seed: int) -> int:
    """Each exposure of a session with this seed has noise of its own, by its time."""
    return seed + round(1000 * snapshot.t)


def clip_from_patient(pinhole: View) -> Array:
    """(4, 4) takes an offset from the source (patient frame) to clip coordinates: cranial up, depth left out."""
    scale = 2 * SOURCE_DETECTOR_MM / FIELD_MM
    turn = np.zeros((4, 4))
    turn[0, :3] = scale * pinhole.column
    turn[1, :3] = -scale * pinhole.row
    turn[3, :3] = pinhole.beam
    return turn


def direction_from_pixel(pinhole: View) -> Array:
    """(4, 4) takes (column + 1/2, row from the bottom + 1/2, 1, 0) to a ray from the source [mm]."""
    half = pinhole.size / 2
    across, up = pinhole.column * pinhole.pixel_mm, -pinhole.row * pinhole.pixel_mm
    turn = np.zeros((4, 4))
    turn[:3, 0], turn[:3, 1] = across, up
    turn[:3, 2] = pinhole.beam * SOURCE_DETECTOR_MM - half * (across + up)
    return turn


def cropped(cement: Grid) -> tuple[NDArray[np.float32], Array] | None:
    """(values, origin [mm]) of the part of a cement grid that holds any, one empty sample round it; None when there is none."""
    filled = np.nonzero(cement.values > 0)
    if len(filled[0]) == 0:
        return None
    low = np.array([axis.min() for axis in filled])
    high = np.array([axis.max() + 1 for axis in filled])
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    values = np.pad(cement.values[box].astype(np.float32), 1)
    return values, np.asarray(cement.origin, dtype=np.float64) + cement.spacing * (low - 1)


def cement_path(cement: Grid, source: Array, direction: Array, step: float = 0.02) -> float:
    """Path [mm] in cement along a unit direction: fine midpoint sum of the trilinear fraction, 0 outside. Twin of cement.frag."""
    from scipy.ndimage import map_coordinates

    found = cropped(cement)
    if found is None:
        return 0.0
    values, origin = found
    reach = np.linalg.norm(origin + cement.spacing * np.array(values.shape) / 2 - source)
    half = cement.spacing * np.linalg.norm(values.shape)
    along = np.arange(reach - half, reach + half, step) + step / 2
    index = ((source + along[:, None] * direction - origin) / cement.spacing).T
    return float(map_coordinates(values, index, order=1, mode="constant", cval=0.0).sum() * step)


@dataclass
class Layer:
    """The anatomy's paths of one pose, kept."""

    target: graphics.Target
    pose: Pose | None = None  # None while it is not whole


class Fluoroscope:
    """Pictures of one patient, at once (`paths`, `picture`) or step by step (live.py).

    Keeps the anatomy's paths of the last `layers` poses: each 32 bytes a pixel, 8 MB at 512.
    """

    def __init__(
        self, patient: Patient, size: int = 512, studio: graphics.Studio | None = None, layers: int = 1
    ) -> None:
        if size % picture.COARSE:
            raise ValueError(f"size {size}: expected a multiple of {picture.COARSE}")
        self.patient, self.size = patient, size
        self.studio = studio or graphics.studio()
        self._layers = [
            Layer(graphics.Target(self.studio, f"still {i}", size, 4, second=True)) for i in range(layers)
        ]  # the one used last is the last
        self.moving = graphics.Target(self.studio, "moving", size, 4, second=True)
        body = graphics.NodePath("anatomy")
        for target in (*(layer.target for layer in self._layers), self.moving):
            graphics.adding(target.scene)
            target.scene.set_shader_input("middle", SOURCE_ISOCENTRE_MM)
        for layer in self._layers:
            body.instance_to(layer.target.scene)
        self._surfaces(body, [patient.skin_surface], np.eye(4))
        for bone in patient.bones.values():
            self._surfaces(body, [bone.outer, bone.inner], bone.patient_from_bone)
        seen = [region.surface for region in patient.regions.values() if region.surface is not None]
        self._surfaces(body, seen, np.eye(4))
        self.surfaces = [mesh for frame in body.children for mesh in frame.children]
        self._trocars = {
            stylet: self._surfaces(self.moving.scene, trocar_surfaces(stylet), np.eye(4)) for stylet in (True, False)
        }
        self._cement, self._voxels = self._cement_pass()
        self.chain = picture.Chain(self.studio, self.anatomy, self.moving)

    @property
    def anatomy(self) -> graphics.Target:
        """The still paths in use."""
        return self._layers[-1].target

    def _surfaces(self, below: graphics.NodePath, surfaces: Sequence[Surface], frame: Array) -> graphics.NodePath:
        """Surfaces of one frame, below one node."""
        top = below.attach_new_node("surfaces")
        top.set_mat(graphics.matrix(frame))
        top.set_shader(self.studio.program("surface", "surface"))
        for surface in surfaces:
            change = np.asarray(surface.inside, dtype=np.float64) - surface.outside
            path = top.attach_new_node(graphics.geometry(surface.vertices, surface.faces))
            path.set_shader_input("change_first", graphics.vector(change[:4]))
            path.set_shader_input("change_second", graphics.vector(change[4:]))
        return top

    def _cement_pass(self) -> tuple[graphics.NodePath, graphics.Texture]:
        change = medium("cement") - medium("soft")
        voxels = graphics.volume()
        path = self.moving.cover(
            "cement",
            {
                "fraction": voxels,
                "change_first": graphics.vector(change[:4]),
                "change_second": graphics.vector(change[4:]),
            },
        )
        path.hide()
        return path, voxels

    def _aim(self, target: graphics.Target, pinhole: View) -> None:
        target.scene.set_shader_input("clip_from_patient", graphics.matrix(clip_from_patient(pinhole)))
        target.scene.set_shader_input("source", graphics.vector(pinhole.source))

    def begin(self, pose: Pose) -> bool:
        """Takes the layer of a pose in use: whether it is whole. If not, the oldest is given up for it: draw all of its
        surfaces in order (`part`), then tell `whole`.
        """
        kept = next((layer for layer in self._layers if layer.pose == pose), None)
        layer = kept or self._layers[0]
        self._layers.remove(layer)
        self._layers.append(layer)
        self.chain.read_still(layer.target)
        pinhole = view(pose, self.size)
        self._aim(self.moving, pinhole)
        if kept is None:
            layer.pose = None
            self._aim(layer.target, pinhole)
        return kept is not None

    def part(self, first: int, last: int) -> None:
        """The anatomy's surfaces [first, last) are drawn in the coming frame, on top of those before."""
        for number, surface in enumerate(self.surfaces):
            if first <= number < last:
                surface.show()
            else:
                surface.hide()
        self.anatomy.once(clear=first == 0)

    def whole(self, pose: Pose) -> None:
        """The layer in use has been drawn to its end: kept for that pose."""
        self._layers[-1].pose = pose

    def still(self, pose: Pose) -> None:
        """Draws the anatomy's paths for a pose, unless they are kept."""
        if self.begin(pose):
            return
        self.part(0, len(self.surfaces))
        self.studio.engine.render_frame()
        self.whole(pose)

    def move(self, pose: Pose, needle: TrocarPose | None, cement: Grid | None, stylet: bool) -> None:
        """Places what moves, for the next drawing of `moving`."""
        for present, path in self._trocars.items():
            if needle is None or present != stylet:
                path.hide()
                continue
            path.show()
            path.set_mat(graphics.matrix(patient_from_trocar(needle)))
        found = None if cement is None else cropped(cement)
        if cement is None or found is None:
            self._cement.hide()
            return
        values, origin = found
        graphics.fill(self._voxels, values)
        low = origin - cement.spacing / 2
        extent = np.array(values.shape) * cement.spacing
        self._cement.set_shader_input("low", graphics.vector(low))
        self._cement.set_shader_input("extent", graphics.vector(extent))
        self._cement.set_shader_input("steps", int(np.ceil(np.linalg.norm(extent) / CEMENT_STEP_MM)))
        turn = graphics.matrix(direction_from_pixel(view(pose, self.size)))
        self._cement.set_shader_input("direction_from_pixel", turn)
        self._cement.show()

    def paths(
        self, pose: Pose, needle: TrocarPose | None = None, cement: Grid | None = None, stylet: bool = True
    ) -> NDArray[np.float32]:
        """(size, size, 8) path [mm] in each channel at the pixel centres, row 0 cranial."""
        self.still(pose)
        self.move(pose, needle, cement, stylet)
        self.studio.draw(self.moving)
        layers = [self.anatomy.read(i) + self.moving.read(i) for i in (0, 1)]
        return np.concatenate(layers, axis=-1)

    def picture(
        self,
        pose: Pose,
        technique: Technique,
        seed: int,
        *,
        needle: TrocarPose | None = None,
        cement: Grid | None = None,
        stylet: bool = True,
        noise: bool = True,
        invert: bool = False,
    ) -> Shot:
        """One pulse: the detector's signal and the monitor's grey."""
        self.still(pose)
        self.move(pose, needle, cement, stylet)
        self.studio.draw(self.moving, *self.chain.prepare(technique, seed, noise, invert))
        signal = self.chain.signal.read()[..., 0]
        grey = np.ascontiguousarray(self.chain.monitor.read()[..., 0])
        return Shot(signal=np.ascontiguousarray(signal), grey=grey, pose=pose, technique=technique)

    def exposure(self, snapshot: Snapshot, seed: int) -> Shot:
        """The picture of an exposure, in the noise of a session's seed."""
        return self.picture(
            snapshot.pose,
            snapshot.technique,
            noise_seed(snapshot, seed),
            needle=snapshot.needle,
            cement=snapshot.cement,
            stylet=snapshot.stylet,
        )

    def png(self, snapshot: Snapshot, seed: int) -> bytes:
        """`exposure` as a PNG file, detector orientation."""
        return display.png(self.exposure(snapshot, seed).grey)

    def centre(self, pose: Pose) -> NDArray[np.float32]:
        """(N, 8) paths in the middle of the field, where brightness control measures: a quarter of its side."""
        low, high = 3 * self.size // 8, 5 * self.size // 8
        self.still(pose)
        middle = [self.anatomy.read(i)[low:high, low:high] for i in (0, 1)]
        return np.concatenate(middle, axis=-1).reshape(-1, 8)

    def close(self) -> None:
        """Gives its buffers and meshes back; the object is of no more use."""
        for target in (*(layer.target for layer in self._layers), self.moving, *self.chain.passes):
            self.studio.remove(target)
