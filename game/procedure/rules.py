"""The rules, read and checked: tolerances, lines of the score, errors. The text is rules.toml and nothing else.

In: rules.toml. Out: `Rules`, frozen. Raises ValueError where the text contradicts itself (it is ours: a fault of the program).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("rules.toml")


@dataclass(frozen=True)
class LineRule:
    """One line of the score."""

    id: str
    title: str
    points: float
    mark: str  # "P" the paper, "O" our own
    why: str
    instead: str
    side: bool  # judged for each side and averaged
    route: bool  # exists only where the way took it; points by route
    consequences: tuple[str, ...]  # lines and errors that leaving the act out costs as well


@dataclass(frozen=True)
class ErrorRule:
    """One kind of error."""

    id: str
    critical: bool
    costs: tuple[str, ...]  # lines that it empties
    mark: str
    text: str
    why: str
    instead: str


@dataclass(frozen=True)
class Rules:
    """All of it."""

    version: int
    cap: float
    tolerances: Mapping[str, float]
    lines: Mapping[str, LineRule]
    errors: Mapping[str, ErrorRule]
    routes: Mapping[str, Mapping[str, float]]
    reentry_share: float
    reentry_line: str

    def __getitem__(self, tolerance: str) -> float:
        """A tolerance by name."""
        return self.tolerances[tolerance]


@cache
def load() -> Rules:
    """The rules of this version of the program."""
    text = tomllib.loads(FILE.read_text(encoding="utf-8"))
    lines = {
        line["id"]: LineRule(
            line["id"],
            line["title"],
            float(line["points"]),
            line["mark"],
            line["why"],
            line["instead"],
            line.get("side", False),
            line.get("route", False),
            tuple(line["consequences"]),
        )
        for line in text["line"]
    }
    errors = {
        error["id"]: ErrorRule(
            error["id"],
            error["critical"],
            tuple(error["costs"]),
            error["mark"],
            error["text"],
            error["why"],
            error["instead"],
        )
        for error in text["error"]
    }
    routes = {
        name: {line: float(points) for line, points in shares.items()}
        for name, shares in text["routes"].items()
        if isinstance(shares, dict)
    }
    rules = Rules(
        version=int(text["version"]),
        cap=float(text["cap"]["points"]),
        tolerances={name: float(row["value"]) for name, row in text["tolerances"].items()},
        lines=lines,
        errors=errors,
        routes=routes,
        reentry_share=float(text["routes"]["reentry_share"]),
        reentry_line=str(text["routes"]["reentry_line"]),
    )
    _check(rules)
    return rules


def _check(rules: Rules) -> None:
    """Points add up to 100 by every route; every name that is named exists."""
    fixed = sum(line.points for line in rules.lines.values() if not line.route)
    for name, shares in rules.routes.items():
        if fixed + sum(shares.values()) != 100.0:
            raise ValueError(f"{FILE.name}: route {name} adds up to {fixed + sum(shares.values())} points, not 100")
    known = set(rules.lines) | set(rules.errors)
    for line in rules.lines.values():
        for name in line.consequences:
            if name not in known:
                raise ValueError(f"{FILE.name}: line {line.id} names {name}, which does not exist")
    for error in rules.errors.values():
        for name in error.costs:
            if name not in rules.lines:
                raise ValueError(f"{FILE.name}: error {error.id} empties {name}, which does not exist")


def region(level: str) -> str:
    """'high thoracic' T4-T8, 'low thoracic' T9-T12, 'lumbar'; the border between the first two is assumed (CLINICAL 10)."""
    if level.startswith("L"):
        return "lumbar"
    return "high thoracic" if int(level[1:]) <= 8 else "low thoracic"


def ceiling_ml(level: str) -> float:
    """Most cement a side [ml] at a level (the paper's)."""
    return float(load()[f"ceiling_{region(level).replace(' ', '_')}_ml"])
