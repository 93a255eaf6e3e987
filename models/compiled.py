"""The one door to numba: compiled laws, cached in the user's cache folder, off in frozen code.

`@compiled` compiles on first call for the argument types met. numba is imported with the first module that asks for it,
so modules of laws are imported late by the command line.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

F = TypeVar("F", bound=Callable[..., Any])

HOUSE = Path(__file__).resolve().parents[1]


def laws_digest() -> str:
    """8 hex digits of every source that may hold compiled laws.

    numba knows a cached law by its own file alone: one that calls a changed law of another file would stay as it was.
    """
    digest = hashlib.blake2b(digest_size=4)
    for room in ("models", "haptics", "game/simulation"):
        for source in sorted((HOUSE / room).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


# numba reads this when it is first imported; a person's own setting wins.
os.environ.setdefault(
    "NUMBA_CACHE_DIR",
    os.path.join(platformdirs.user_cache_dir("pedicle", appauthor=False), "numba", laws_digest()),
)

import numba  # noqa: E402  (the cache folder must be named before numba is imported)


def compiled(law: F) -> F:
    """`law` compiled to machine code: no fastmath, no parallel reductions, so that results repeat bit for bit."""
    frozen = bool(getattr(sys, "frozen", False))
    law_compiled: Any = numba.njit(cache=not frozen, fastmath=False, error_model="numpy", nogil=True)(law)
    return law_compiled  # type: ignore[no-any-return]
