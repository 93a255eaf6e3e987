"""docs/assumptions.md, gathered from the code: every number that says `assumed` where it stands.

`python -m tests.front_door.assumptions` writes the page; a test holds it to the code. Rules marked O (our own) come from the
one file of rules.
"""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
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
    text, where = path.read_text(encoding="utf-8"), path.relative_to(HOUSE).as_posix()
    told = _in_python(text) if path.suffix == ".py" else _in_lines(text)
    return [(where, name, value, said) for name, value, said in told]


def _in_python(text: str) -> Iterator[tuple[str, str, str]]:
    """Of modules and classes: an assignment with its comments and the docstring below it."""
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    tree = ast.parse(text)
    for body in (tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))):
        for at, node in enumerate(body):
            if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
                continue
            value = " ".join((ast.get_source_segment(text, node.value) or "").split())
            said = [
                comments[line] for line in range(node.lineno, (node.end_lineno or node.lineno) + 1) if line in comments
            ]
            below = body[at + 1] if at + 1 < len(body) else None
            if (
                isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
                and isinstance(below.value.value, str)
            ):
                said.append(" ".join(below.value.value.split()))
            words = "; ".join(said)
            if "assumed" in words.lower() and re.search(r"\d", value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                yield ", ".join(ast.unparse(target).strip("()") for target in targets), value[:60], words[:240]


def _in_lines(text: str) -> Iterator[tuple[str, str, str]]:
    """Of shaders and tables: a line that names a number and says so, or the nearest such line above."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if "assumed" not in line.lower():
            continue
        for above in (line, *reversed(lines[max(0, number - 6) : number])):
            named = NAMED.match(above)
            if named and not above.lstrip().startswith(("#", '"')):
                yield named[1], named[2].strip()[:60], line.strip().strip('"').split("#")[-1].strip()
                break


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
