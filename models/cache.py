"""Built patients on disk, so that the second start takes a second.

In: a key (anything JSON can say) and a way to build. Out: the Patient, read or built. One uncompressed .npz for each patient,
written beside its place and renamed, so that a reader never sees half of one; its checksums are read with it, and a damaged
file is built again. Arrays come back equal in every byte. Not here: what belongs to the key (provide.py).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from models.kept import kept
from models.patient import Bone, Grid, Patient, Pedicle, Plate, Region, Surface, Vertebra
from models.whole_file import written

TYPES = {kind.__name__: kind for kind in (Patient, Bone, Region, Grid, Surface, Plate, Pedicle, Vertebra)}
KEPT = 40
"""Patients kept (about 0.15 GB each); the one unused for longest goes first."""


def folder() -> Path:
    """Where built patients are kept."""
    return Path(platformdirs.user_cache_dir("pedicle", appauthor=False)) / "patients"


def cached(key: Mapping[str, Any], build: Callable[[], Patient], place: Path | None = None) -> Patient:
    """The patient of a key: from its file in `place` (default: folder()), or built and stored there.

    A place that cannot be written costs only the time to build again.
    """
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:24]
    return kept((place or folder()) / f"{digest}.npz", build, read, write, "*.npz", KEPT)


def write(path: Path, patient: Patient) -> None:
    """Stores a patient; nothing half-written stays under that name."""
    arrays: list[NDArray[Any]] = []
    tree = json.dumps(_encoded(patient, arrays, {}))
    with written(path) as beside, beside.open("wb") as file:
        named: dict[str, Any] = {f"a{n}": array for n, array in enumerate(arrays)}
        np.savez(file, tree=np.frombuffer(tree.encode(), dtype=np.uint8), **named)


def read(path: Path) -> Patient:
    """The patient in a file. Raises one of kept.DAMAGED where it is not whole."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        arrays = {int(name[1:]): file[name] for name in file.files if name != "tree"}
        tree = json.loads(file["tree"].tobytes())
    patient = _decoded(tree, arrays)
    if not isinstance(patient, Patient):
        raise ValueError("no patient in it")
    return patient


def _encoded(value: Any, arrays: list[NDArray[Any]], known: dict[int, int]) -> Any:
    """`value` as JSON; arrays are moved to the list, one that occurs twice only once."""
    if isinstance(value, np.ndarray):
        if id(value) not in known:
            known[id(value)] = len(arrays)
            arrays.append(value)
        return {"array": known[id(value)]}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: _encoded(getattr(value, f.name), arrays, known) for f in fields(value)}
        return {"kind": type(value).__name__, "parts": parts}
    if isinstance(value, Mapping):
        return {"map": [[name, _encoded(part, arrays, known)] for name, part in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_encoded(part, arrays, known) for part in value]}
    return value.item() if isinstance(value, np.generic) else value


def _decoded(value: Any, arrays: Mapping[int, NDArray[Any]]) -> Any:
    """The inverse of _encoded."""
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "map" in value:
        return {name: _decoded(part, arrays) for name, part in value["map"]}
    if "tuple" in value:
        return tuple(_decoded(part, arrays) for part in value["tuple"])
    kind: Any = TYPES[value["kind"]]
    return kind(**{name: _decoded(part, arrays) for name, part in value["parts"].items()})
