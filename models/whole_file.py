"""Files that appear whole or not at all: written beside their name, renamed once complete.

In: a path. Out: the path to write to, within a `with`. A reader never sees half a file; a failure leaves what was there before.
Not here: syncing to the disk (game/records/record.py does that itself).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import InputError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """The place beside `path` to write to; renamed to `path` at the end. InputError, one line, where it cannot be written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        os.replace(beside, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        if beside.exists():
            beside.unlink()
