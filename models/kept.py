"""Built things kept on disk: read where they lie, built and stored where they do not, the ones unused for longest let go.

In: a file's path, how to build, read and write. Out: the thing. A damaged file is built again; a place that cannot be written
costs only the time to build again. Not here: what a file holds (cache.py, suite/bake.py), writing whole (whole_file.py).
"""

import logging
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from models.errors import InputError

T = TypeVar("T")

DAMAGED = (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile)
"""What reading a file that is not whole raises."""

log = logging.getLogger(__name__)


def kept(
    path: Path,
    build: Callable[[], T],
    read: Callable[[Path], T],
    write: Callable[[Path, T], None],
    alike: str,
    most: int,
) -> T:
    """The thing in `path`, or built and stored there. Of the files beside it that fit `alike`, the `most` used last stay."""
    if path.exists():
        try:
            found = read(path)
            os.utime(path)
            return found
        except DAMAGED as why:
            log.warning("%s is damaged and is built again: %s", path, why)
    made = build()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, made)
        for old in sorted(path.parent.glob(alike), key=lambda file: file.stat().st_mtime)[:-most]:
            old.unlink(missing_ok=True)
    except (OSError, InputError) as why:
        log.warning("%s not kept: %s", path, why)
    return made
