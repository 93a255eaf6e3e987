"""The room's things, built once and kept on disk.

In: nothing (pieces), or a name, a key and a way to build (baked). Out: Pieces. Kept as uncompressed .npz under a name that holds
a digest of the sources of this room, written beside its place and renamed; what is damaged or missing is built again. Arrays
come back equal in every byte. Not here: what the things look like (c_arm.py, table.py, room.py ...).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from models.kept import kept
from models.suite.mesh import Part, Piece
from models.whole_file import written

KEPT = 6
"""Files kept of one name; the one unused for longest goes first."""


def folder() -> Path:
    """Where built pieces are kept."""
    return Path(platformdirs.user_cache_dir("pedicle", appauthor=False)) / "suite"


def pieces(place: Path | None = None) -> dict[str, Piece]:
    """Everything in the room that is the same for every patient, by name."""
    from models.suite.equipment import build_all

    return {piece.name: piece for piece in _kept("equipment", {}, build_all, place)}


def baked(name: str, key: Mapping[str, Any], build: Callable[[], Piece], place: Path | None = None) -> Piece:
    """One piece that depends on `key` (anything JSON can say): from its file in `place` (default: folder()), or built.

    A place that cannot be written costs only the time to build again.
    """
    return _kept(name, key, lambda: (build(),), place)[0]


def _kept(
    name: str, key: Mapping[str, Any], build: Callable[[], tuple[Piece, ...]], place: Path | None
) -> tuple[Piece, ...]:
    path = (place or folder()) / f"{name}-{_digest(key)}.npz"
    return kept(path, build, _read, _write, f"{name}-*.npz", KEPT)


def _digest(key: Mapping[str, Any]) -> str:
    """24 hex digits of a key and of every source of this room."""
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:24]


def _write(path: Path, made: tuple[Piece, ...]) -> None:
    tree = json.dumps([[piece.name, [part.material for part in piece.parts]] for piece in made])
    arrays: dict[str, Any] = {"tree": np.frombuffer(tree.encode(), dtype=np.uint8)}
    for i, piece in enumerate(made):
        for j, part in enumerate(piece.parts):
            arrays |= {f"{i} {j} {field.name}": getattr(part, field.name) for field in fields(Part)[1:]}
    with written(path) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)


def _read(path: Path) -> tuple[Piece, ...]:
    """The pieces in a file. Raises one of kept.DAMAGED where it is not whole."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        tree = json.loads(file["tree"].tobytes())
        return tuple(
            Piece(
                name,
                tuple(
                    Part(material, *(file[f"{i} {j} {field.name}"] for field in fields(Part)[1:]))
                    for j, material in enumerate(materials)
                ),
            )
            for i, (name, materials) in enumerate(tree)
        )
