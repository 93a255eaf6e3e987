"""The score out of 100, line by line, from measured events alone.

In: a list of measured events (a record's), the first of kind `began`. Out: `Result`. Needs neither patient nor simulation,
so a stored attempt can be scored again by another version of the rules. Points, reasons and caps: rules.toml.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from game.procedure import cementing, errors, opening, rules, steps
from game.procedure.attempt import Attempt, read
from game.procedure.fault import Fault
from game.procedure.measured import Measured
from game.procedure.opening import Mark
from game.procedure.rules import ErrorRule, LineRule, Rules
from game.procedure.way import Way, ways


@dataclass(frozen=True)
class Line:
    """One line of the score."""

    id: str
    title: str
    points: float
    of: float
    measured: str
    why: str
    instead: str
    mark: str  # "P": the paper asks it; "O": our own


@dataclass(frozen=True)
class Error(Fault):
    """One error, with the rule's words."""

    critical: bool
    why: str
    instead: str


@dataclass(frozen=True)
class Result:
    """What an attempt came to."""

    score: float  # 0 .. 100, after the cap
    uncapped: float  # the lines' sum
    lines: tuple[Line, ...]
    errors: tuple[Error, ...]
    rules_version: int

    @property
    def critical_errors(self) -> tuple[str, ...]:
        """Texts of the critical errors, in order of time."""
        return tuple(f"{error.text} ({error.side})" for error in self.errors if error.critical)


@dataclass(frozen=True)
class _Entry:
    """A line of one side, or of the whole: points possible, part earned, text."""

    of: float
    mark: Mark


def score(measured: Sequence[Measured]) -> Result:
    """The result of an attempt. Raises InputError where the list is not one."""
    law, attempt = rules.load(), read(measured)
    found: list[Fault] = []
    table: dict[str, list[tuple[str, _Entry]]] = {}
    for side in attempt.sides:
        tracks = ways(attempt, side)
        faults = errors.find(attempt, side, tracks)
        found += faults
        costs = {line for fault in faults for line in law.errors[fault.id].costs}
        for line, entry in _side(attempt, side, tracks, law).items():
            empty = line in costs and entry.mark.share > 0.0
            table.setdefault(line, []).append((side, _emptied(entry, faults, line, law) if empty else entry))
    whole = {line: mark(attempt) for line, mark in opening.ONCE.items()}
    for fault in found:
        for line in law.errors[fault.id].costs:
            if line in whole:
                whole[line] = Mark(0.0, f"{whole[line].text}; {fault.text}")
    lines = tuple(
        _whole(rule, whole[rule.id]) if not rule.side else _averaged(rule, table[rule.id], len(attempt.sides))
        for rule in law.lines.values()
        if rule.id in whole or rule.id in table
    )
    total = round(sum(line.points for line in lines), 1)
    shown = tuple(_error(fault, law.errors[fault.id]) for fault in sorted(found, key=lambda fault: fault.t))
    capped = min(total, law.cap) if any(error.critical for error in shown) else total
    return Result(capped, total, lines, shown, law.version)


def passed(result: Result) -> bool:
    """Whether an exam is passed: the pass mark, and no critical error."""
    return result.score >= rules.load()["pass_mark"] and not result.critical_errors


def _side(attempt: Attempt, side: str, tracks: tuple[Way, ...], law: Rules) -> dict[str, _Entry]:
    """Every line of a side: what it could earn and what it did."""
    plain = {rule.id: rule.points for rule in law.lines.values() if rule.side and not rule.route}
    if not tracks:
        of = {**plain, **law.routes["5"]}
        return {line: _Entry(points, Mark(0.0, "not treated")) for line, points in of.items()}
    way = tracks[-1]
    marks = {**cementing.marks(attempt, side), "medial": steps.medial(tracks)}
    shares = dict(law.routes[way.route])
    if len(tracks) > 1 and tracks[-2].reentry_ordered:
        shares = {line: points * law.reentry_share for line, points in shares.items()}
        shares[law.reentry_line] = sum(law.routes[way.route].values()) - sum(shares.values())
    of = {**plain, **shares}
    return {
        line: _Entry(points, marks[line] if line in marks else steps.EACH[line](way)) for line, points in of.items()
    }


def _emptied(entry: _Entry, faults: list[Fault], line: str, law: Rules) -> _Entry:
    """A line that an error took."""
    cause = next(fault for fault in faults if line in law.errors[fault.id].costs)
    return _Entry(entry.of, Mark(0.0, f"{entry.mark.text}; {cause.text}"))


def _whole(rule: LineRule, mark: Mark) -> Line:
    points = round(rule.points * mark.share, 2)
    return Line(rule.id, rule.title, points, rule.points, mark.text, rule.why, rule.instead, rule.mark)


def _averaged(rule: LineRule, entries: list[tuple[str, _Entry]], sides: int) -> Line:
    """A line over the sides: each side counts the same."""
    of = round(sum(entry.of for _, entry in entries) / sides, 2)
    points = round(sum(entry.of * entry.mark.share for _, entry in entries) / sides, 2)
    text = entries[0][1].mark.text if sides == 1 else "; ".join(f"{side}: {entry.mark.text}" for side, entry in entries)
    return Line(rule.id, rule.title, points, of, text, rule.why, rule.instead, rule.mark)


def _error(fault: Fault, rule: ErrorRule) -> Error:
    return Error(**asdict(fault), critical=rule.critical, why=rule.why, instead=rule.instead)
