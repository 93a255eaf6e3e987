"""Published tables as CSV: what each column is, its unit and its source stand in the comments at the head of each file.

In: a file's name and the columns a caller needs. Out: rows of floats by their first column. Not here: what the numbers mean.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent


def load(name: str, columns: Sequence[str]) -> dict[str, dict[str, float]]:
    """{first column: {column: number}} of a CSV file in this folder; lines that begin with # are comments.

    Raises ValueError, naming file, line and column, where the columns are not exactly those asked for or a cell is no number.
    """
    path = FOLDER / name
    lines = [(n, text) for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if text and text[0] != "#"]
    head, *rows = ((n, cells) for (n, _), cells in zip(lines, csv.reader(text for _, text in lines), strict=True))
    if head[1][1:] != list(columns):
        raise ValueError(f"{name}:{head[0]}: columns {', '.join(head[1][1:])}; expected {', '.join(columns)}")
    return {cells[0]: _row(name, line, columns, cells[1:]) for line, cells in rows}


def _row(name: str, line: int, columns: Sequence[str], cells: list[str]) -> dict[str, float]:
    if len(cells) != len(columns):
        raise ValueError(f"{name}:{line}: {len(cells)} cells; expected {len(columns)}")
    row = {}
    for column, cell in zip(columns, cells, strict=True):
        try:
            row[column] = float(cell)
        except ValueError:
            raise ValueError(f"{name}:{line}: {column} = {cell!r}: expected a number") from None
    return row
