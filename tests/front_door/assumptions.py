"""docs/assumptions.md, gathered from the code: every number that says `assumed` where it stands.

`python -m tests.front_door.assumptions` writes the page; a test holds it to the code. Rules marked O (our own) come from the
one file of rules.
"""

import re
import tomllib
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PAGE = HOUSE / "docs" / "assumptions.md"
ROOMS = ("models", "haptics", "game", "shaders")
NAMED = re.compile(
    r"^\s*(?:const \w+ )?([A-Za-z_]\w*(?:, [A-Za-z_]\w*)*)(?:\s*:[^=]+)?\s*=\s*(\D{0,12}\d.*?)(?:\s+#.*)?$"
)

HEAD = """# Assumptions

Numbers that no source gave us, gathered from the code by `python -m tests.front_door.assumptions` (a test holds the page to
it). Numbers with a source carry it where they stand; *recalled* there means general knowledge that was not looked up. The
persons in game/operators are made up: all their habits are assumed.

| where | name | value | what is said of it |
|---|---|---|---|
"""


def rows(path: Path) -> list[tuple[str, str, str, str]]:
    """(file, name, value, text) of each assumed number of one file."""
    found = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if "assumed" not in line.lower():
            continue
        for above in (line, *reversed(lines[max(0, number - 6) : number])):
            named = NAMED.match(above)
            if named and not above.lstrip().startswith(("#", '"')):
                text = line.strip().strip('"').split("#")[-1].strip()
                found.append((path.relative_to(HOUSE).as_posix(), named[1], named[2].strip()[:60], text))
                break
    return found


def page() -> str:
    """The page's text."""
    lines = [HEAD.rstrip("\n")]
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*")):
            if path.suffix in (".py", ".frag", ".vert", ".toml") and path.name != "rules.toml":
                lines += [f"| {a} | `{b}` | `{c}` | {d} |".replace("\\|", "/") for a, b, c, d in rows(path)]
    rules = tomllib.loads((HOUSE / "game/procedure/rules.toml").read_text(encoding="utf-8"))
    lines += [
        "",
        "## Our own tolerances (game/procedure/rules.toml, mark O)",
        "",
        "| name | value | note |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {row['value']:g} | {row['note']} |"
        for name, row in rules["tolerances"].items()
        if row["mark"] == "O"
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
