"""`_prepare`: for the window: makes what a scenario needs and leaves it in the caches; one JSON line for each stage."""

from typing import Annotated

import typer


def _prepare(scenario: Annotated[str, typer.Argument(help="A scenario's name or TOML file.")]) -> None:
    """Build patient, laws and meshes of a scenario."""
    import json

    from game.desk.preparing import work

    work(scenario, lambda share, text: print(json.dumps({"share": share, "text": text}), flush=True))
