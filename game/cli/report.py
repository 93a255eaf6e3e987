"""`report`: records as pages that anyone can open: one HTML file each, and a table of them when there are several."""

from pathlib import Path
from typing import Annotated

import typer

from game import cli


def report(
    files: Annotated[list[Path], typer.Argument(help="Records.", metavar="FILE...")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the pages; made when it is not there.")],
) -> None:
    """The debrief of each record as one HTML page that needs nothing else; of several also an index.html."""
    from game.debrief.shelf import report as write

    pages, index = write(cli.progress(files, "Reading records"), out)
    written = [*pages, *([index] if index is not None else [])]
    cli.out({"pages": pages, "index": index}, "\n".join(str(path) for path in written))
