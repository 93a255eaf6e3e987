"""Pages of records as files in a folder.

In: paths of records. Out: paths of the pages, and of the index where there are several. All records are read before
anything is written, and each page is written beside its name and renamed: nothing half-written stays.
"""

from collections.abc import Iterable
from pathlib import Path

from game.debrief.page import Row, index, page
from game.debrief.reading import read
from game.records.record import load
from models.errors import InputError
from models.whole_file import written

INDEX = "index.html"


def names(files: Iterable[Path]) -> list[str]:
    """A page's name for each record: its stem, numbered where that is taken (index is, by the table)."""
    taken, found = {Path(INDEX).stem}, []
    for file in files:
        name, number = file.stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{file.stem}-{number}"
        taken.add(name.casefold())
        found.append(f"{name}.html")
    return found


def _write(path: Path, text: str) -> None:
    with written(path) as beside:
        beside.write_text(text, encoding="utf-8")


def report(files: Iterable[Path], folder: Path) -> tuple[list[Path], Path | None]:
    """Writes the pages of `files` into `folder`. InputError, one line, where a file is no record."""
    read_all = [(file, read(load(file))) for file in files]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: expected a folder for the pages ({error.strerror or error})") from None
    rows = [
        Row(name, debrief) for name, (_, debrief) in zip(names(file for file, _ in read_all), read_all, strict=True)
    ]
    for row in rows:
        _write(folder / row.href, page(row.debrief))
    if len(rows) == 1:
        return [folder / rows[0].href], None
    _write(folder / INDEX, index(rows))
    return [folder / row.href for row in rows], folder / INDEX
