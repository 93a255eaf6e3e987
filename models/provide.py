"""From a recipe to a patient: the one door to both providers, with the cache behind it.

In: a checked recipe, a way to find data files. Out: Patient. Nothing downstream knows which provider built it.
Not here: how they build (synthetic.py, labelled.py), how a patient is stored (cache.py).
"""

import hashlib
import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from models.cache import cached
from models.patient import Patient
from models.recipe import LabelledRecipe, SyntheticRecipe

LIBRARIES = ("numpy", "scipy", "scikit-image", "numba", "fast-simplification", "nibabel", "pydicom")
"""What a patient's bytes depend on besides our own code."""

FindData = Callable[[str], Path]


def provide(recipe: SyntheticRecipe | LabelledRecipe, find_data: FindData, cache_folder: Path | None = None) -> Patient:
    """The patient of a recipe, from the cache where it was built before by the same code and libraries.

    `find_data` turns a data file's name into its path or raises InputError. Raises InputError for a recipe that cannot be made.
    """
    if isinstance(recipe, SyntheticRecipe):
        from models import synthetic

        return cached(key(recipe), lambda: synthetic.build(recipe), cache_folder)
    from models import labelled

    data = [hashlib.sha256(find_data(name).read_bytes()).hexdigest() for name in recipe.files]
    return cached(key(recipe) | {"data": data}, lambda: labelled.build(recipe, find_data), cache_folder)


def key(recipe: SyntheticRecipe | LabelledRecipe) -> dict[str, Any]:
    """All that the patient's bytes depend on, but for the contents of data files."""
    return {
        "recipe": recipe.model_dump(mode="json"),
        "code": _code(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "platform": [platform.system(), platform.machine(), platform.python_version()],
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # a bundle without package data: the code's digest still tells versions apart
        return "bundled"


@cache
def _code() -> str:
    """Digest of every module and table of this folder: a patient built by other code is never read.

    Frozen code has no sources; there the program file stands for them.
    """
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.rglob("*.py"), *(here / "tables").glob("*.csv")]):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    if getattr(sys, "frozen", False):
        program = Path(sys.executable).stat()
        digest.update(f"{program.st_size} {program.st_mtime_ns}".encode())
    return digest.hexdigest()
