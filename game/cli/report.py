"""`report`: records as pages that anyone can open: one HTML file each, and a table of them when there are several."""

from pathlib import Path
from typing import Annotated, Any

import typer

from game import cli


def report(
    files: Annotated[list[Path], typer.Argument(help="Records.", metavar="FILE...")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the pages; made when it is not there.")],
    dicom: Annotated[
        Path | None, typer.Option("--dicom", help="Folder for DICOM: key pictures (XA), held image, dose report.")
    ] = None,
) -> None:
    """The debrief of each record as one HTML page that needs nothing else; of several also an index.html."""
    from game.debrief.shelf import report as write

    pages, index = write(cli.progress(files, "Reading records"), out)
    written = [*pages, *([index] if index is not None else [])]
    told: dict[str, Any] = {"pages": pages, "index": index}
    if dicom is not None:
        from game.debrief.dicom import export
        from game.records.record import load

        told["dicom"] = [path for file in files for path in export(load(file), dicom)]
        written += told["dicom"]
    cli.out(told, "\n".join(str(path) for path in written))
