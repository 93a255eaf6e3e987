"""Independent pieces of a build, on as many threads as there are processors.

In: what to do, and to which. Out: the results in the order asked, the same bytes however many threads there are: no piece reads
what another writes. Worth it where most of the time is spent in compiled laws and numpy, which let other threads run.
"""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = min(os.cpu_count() or 1, 4)
"""More would only fill the memory: a long rib takes 0.15 GiB while it is built."""


_working = threading.local()


def each(act: Callable[[T], R], pieces: Iterable[T]) -> list[R]:
    """act(piece) of every piece; one after another within a piece of another `each`. Raises what the first in order raises."""
    if THREADS == 1 or getattr(_working, "inside", False):
        return [act(piece) for piece in pieces]

    def marked(piece: T) -> R:
        _working.inside = True
        try:
            return act(piece)
        finally:
            _working.inside = False

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(marked, pieces))
