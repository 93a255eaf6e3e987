"""What lies under the skin, for learn mode: bones by their outer surface, the canal as a tube.

In: Patient. Out: Pieces in the patient frame, mm. Not here: how they are drawn (stage.py), what is X-rayed.
"""

import numpy as np
from numpy.typing import NDArray

from models.patient import Bone, Patient
from models.suite.mesh import Part, Piece
from models.surfaces import simplified

Array = NDArray[np.float64]

BONE_FACES = 5000
"""Triangles of a bone in the room, of 15,000 for the X-ray: errors stay below 0.3 mm on a picture of pixels of 1 mm; assumed."""

AROUND, STEP_MM = 28, 2.0
"""Corners of the canal's section, and its steps along the spine; assumed."""


def normals(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> NDArray[np.float32]:
    """(V, 3) unit, mean of the faces round each vertex by area."""
    corners = np.asarray(vertices, dtype=np.float64)[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros((len(vertices), 3))
    for corner in range(3):
        np.add.at(total, faces[:, corner], across)
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(lengths, 1e-12), dtype=np.float32)


def part(material: str, vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> Part:
    """A mesh without uv, in the open."""
    count = len(vertices)
    return Part(
        material=material,
        vertices=np.asarray(vertices, dtype=np.float32),
        normals=normals(vertices, faces),
        uv=np.zeros((count, 2), dtype=np.float32),
        shade=np.ones(count, dtype=np.float32),
        faces=np.asarray(faces, dtype=np.int32),
    )


def bone(of: Bone, material: str) -> Piece:
    """One bone, coarser than for the X-ray."""
    vertices, faces = simplified(of.outer.vertices, of.outer.faces, BONE_FACES)
    placed = vertices @ of.patient_from_bone[:3, :3].T + of.patient_from_bone[:3, 3]
    return Piece(of.name, (part(material, placed, faces),))


def bones(patient: Patient, target: str) -> Piece:
    """All bones; the target in a colour of its own."""
    return Piece(
        "bones",
        tuple(
            each
            for name, of in patient.bones.items()
            for each in bone(of, "target bone" if name == target else "bone").parts
        ),
    )


def canal(patient: Patient) -> Piece:
    """The spinal canal as an elliptical tube through the levels' centres, half a level beyond the first and last."""
    levels = sorted(patient.vertebrae.values(), key=lambda each: float(each.canal_centre[2]))
    centres = np.array([each.canal_centre for each in levels])
    halves = np.array([(each.canal_half_width, each.canal_half_depth) for each in levels])
    low, high = centres[0, 2] - 15.0, centres[-1, 2] + 15.0
    heights = np.arange(low, high, STEP_MM)
    track = np.stack([_smooth(heights, centres[:, 2], column) for column in (*centres.T[:2], *halves.T)], axis=-1)
    turn = np.linspace(0.0, 2 * np.pi, AROUND, endpoint=False)
    x = track[:, :1] + track[:, 2:3] * np.cos(turn)
    y = track[:, 1:2] + track[:, 3:4] * np.sin(turn)
    vertices = np.stack([x, y, np.broadcast_to(heights[:, None], x.shape)], axis=-1).reshape(-1, 3)
    ring, along = np.meshgrid(np.arange(AROUND), np.arange(len(heights) - 1))
    here = (along * AROUND + ring).ravel()
    beside = (along * AROUND + (ring + 1) % AROUND).ravel()
    ring, last = np.arange(1, AROUND - 1), len(vertices) - AROUND
    faces = np.concatenate(
        [
            np.stack([here, beside, beside + AROUND], axis=-1),
            np.stack([here, beside + AROUND, here + AROUND], axis=-1),
            np.stack([0 * ring, ring + 1, ring], axis=-1),
            np.stack([0 * ring, ring, ring + 1], axis=-1) + last,
        ]
    )
    return Piece("canal", (part("canal", vertices, faces),))


def _smooth(at: Array, places: Array, values: Array) -> Array:
    """Values between places, without corners where there are three or more."""
    if len(places) < 3:
        return np.asarray(np.interp(at, places, values))
    from scipy.interpolate import PchipInterpolator

    inside = np.clip(at, places[0], places[-1])
    return np.asarray(PchipInterpolator(places, values)(inside))
