"""Attempts changed in one thing: what the tests of rules are made from."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from game.procedure.measured import Measured
from game.procedure.score import Line, score
from tests.procedure.hand import Hand, perform

Which = Callable[[int, Measured], bool]


def changed(events: Sequence[Measured], which: Which, **values: Any) -> list[Measured]:
    """The attempt with some events' values replaced."""
    return [
        dataclasses.replace(event, values={**event.values, **values}) if which(number, event) else event
        for number, event in enumerate(events)
    ]


def line(events: Sequence[Measured], id_: str) -> Line:
    return next(row for row in score(events).lines if row.id == id_)


def share(events: Sequence[Measured], id_: str) -> float:
    row = line(events, id_)
    return row.points / row.of


def before_bone(number: int, event: Measured) -> bool:
    return event.kind == "picture" and event.t < 10.0


def entry(number: int, event: Measured) -> bool:
    return event.kind == "entry"


def laterals(number: int, event: Measured) -> bool:
    return event.kind == "picture" and event["view"] == "lateral"


def flows(number: int, event: Measured) -> bool:
    return event.kind == "flowed"


def pedicle(advance: Callable[[Hand], None], w: float = 8.9) -> list[Measured]:
    """Oriented and embedded, then as told, then a lateral."""
    h = Hand()
    h.widen(w)
    h.look()
    h.barrel(needle=True)
    h.enter()
    h.advance(3.0, view=None)
    h.barrel()
    advance(h)
    h.lateral()
    return h.events


def stepwise(h: Hand, step: float, last: float) -> None:
    while h.depth < last:
        h.advance(min(h.depth + step, last), view=None)
        h.look()


def cemented(**inject: Any) -> list[Measured]:
    """A perfect needle, then cement as told."""
    h = Hand()
    perform(hand=h, skip=["10-cement", "10-stylet"], finish=False)
    at = next(n for n, e in enumerate(h.events) if e.kind == "stylet") + 1
    h.events, h.t, h.depth, h.held = h.events[:at], h.events[at - 1].t, 45.0, True
    h.inject(**inject)
    h.say("stylet", present=True)
    h.leave()
    return h.events
