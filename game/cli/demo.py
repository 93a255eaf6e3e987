"""`demo`: the expert performs first-case and, where its label map is there, real-l1; pictures, records, debriefs under out/."""

from pathlib import Path
from typing import Annotated, Any

import typer

from game.cli import options, out, say

CASES = ("first-case", "real-l1")


def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where records and debriefs go.")] = Path("out"),
) -> None:
    """The expert performs each case under the fluoroscope without a screen, and is scored."""
    from game.assembly import attempt
    from game.debrief.shelf import report
    from models.errors import InputError

    say("A scripted expert performs without a screen.")
    done: list[dict[str, Any]] = []
    for case in CASES:
        say(f"{case}: the expert begins")
        try:
            result = attempt(case, "expert", options().seed, "reading", folder / f"{case}.pedicle")
        except InputError as error:
            if done:  # the synthetic case stands; the real one needs data that this machine does not have
                say(f"{case}: left out: {error}")
                continue
            raise
        critical = ", ".join(result["critical_errors"]) or "no critical error"
        say(f"{case}: {result['score']:.1f} of 100, {critical}, {result['simulated_s']:.0f} s simulated")
        done.append(result)
    pages, index = report([Path(each["record"]) for each in done], folder)
    written = [*pages, *([index] if index is not None else [])]
    out({"attempts": done, "pages": pages, "index": index}, "\n".join(str(page) for page in written))
