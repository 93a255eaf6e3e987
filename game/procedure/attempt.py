"""A list of measured events, read as an attempt: tracks of the needle, pictures at rest, cement flows.

In: measured events in order of time, the first of kind `began`. Out: `Attempt`, frozen. No judgement here.
A *station* is the needle at rest after one movement, with the pictures exposed before the next one: a picture at a
station is evidence about that station and no other. A *track* is one embedding, to its withdrawal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from game.procedure.measured import Measured
from models.errors import InputError


@dataclass(frozen=True)
class Station:
    """The needle at rest after `move` (entry, moved or turned)."""

    move: Measured
    in_force: Measured | None  # the picture exposed last when the movement began
    pictures: tuple[Measured, ...]  # exposed here, in order
    poses: tuple[Measured, ...]  # pictures and arm rests here, in order

    @property
    def forward_mm(self) -> float:
        """How far this movement advanced; 0 for a withdrawal, an entry or a turn."""
        return max(self.move.number("to_mm") - self.move.number("from_mm"), 0.0) if self.move.kind == "moved" else 0.0


@dataclass(frozen=True)
class Track:
    """One embedding of the needle."""

    entry: Measured
    stations: tuple[Station, ...]  # the first is the entry itself
    before: tuple[Measured, ...]  # all pictures exposed before the entry
    withdrawn: Measured | None
    flow_at: float | None  # time of the first cement out of this track

    @property
    def taken_over(self) -> bool:
        """Whether a colleague had set this needle before the attempt began."""
        return self.entry.t <= 0.0

    @property
    def reached_mm(self) -> float:
        """Deepest embedding."""
        return max((s.move.number("depth_mm") for s in self.stations if s.move["depth_mm"] is not None), default=0.0)


@dataclass(frozen=True)
class Flow:
    """0.1 s of cement leaving the tip."""

    event: Measured
    added_ml: float
    picture: Measured | None  # last exposed
    age_s: float  # since its last pulse


@dataclass(frozen=True)
class Attempt:
    """All of it."""

    began: Measured
    events: tuple[Measured, ...]
    pictures: tuple[Measured, ...]
    tracks: dict[str, tuple[Track, ...]] = field(default_factory=dict)  # by side
    flows: dict[str, tuple[Flow, ...]] = field(default_factory=dict)
    stylet_out: dict[str, Measured] = field(default_factory=dict)  # side -> the pull that began without the stylet

    @property
    def touched_at(self) -> float:
        """When the needle first moved under the skin or touched bone, a colleague's apart; infinite if never."""
        touching = (
            e
            for e in self.events
            if e.t > 0.0 and (e.kind in ("contact", "entry") or (e.kind == "moved" and not e.number("skin_mm") <= 0.0))
        )
        return next((e.t for e in touching), float("inf"))

    @property
    def entered_at(self) -> float:
        """When bone first held the operator's own needle; infinite if never."""
        return next((e.t for e in self.events if e.kind == "entry" and e.t > 0.0), float("inf"))

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides asked for, then others that were treated."""
        asked = tuple(str(self.began["sides"]).split(","))
        return asked + tuple(side for side in ("left", "right") if side not in asked and self.tracks.get(side))


LEAST_TRACK_MM = 1.0
"""An embedding that never got deeper is a touch, not a track. Assumed: rules' embed_fail_low_mm."""


@dataclass
class _Open:
    """A track being read."""

    entry: Measured
    before: tuple[Measured, ...]
    moves: list[tuple[Measured, Measured | None, list[Measured], list[Measured]]]
    flow_at: float | None = None

    def close(self, withdrawn: Measured | None) -> Track:
        stations = tuple(Station(m, force, tuple(p), tuple(q)) for m, force, p, q in self.moves)
        return Track(self.entry, stations, self.before, withdrawn, self.flow_at)


class _Reader:
    """What was read so far; one method for each kind that matters."""

    def __init__(self) -> None:
        self.tracks: dict[str, list[Track]] = {}
        self.flows: dict[str, list[Flow]] = {}
        self.stylet_out: dict[str, Measured] = {}
        self.pictures: list[Measured] = []
        self.open: _Open | None = None
        self.last_pulse, self.volume, self.stylet = float("-inf"), 0.0, True

    def feed(self, event: Measured) -> None:
        """One more event, in order of time."""
        law = LAWS.get(event.kind)
        if law is not None:
            law(self, event)

    @property
    def in_force(self) -> Measured | None:
        """The picture exposed last."""
        return self.pictures[-1] if self.pictures else None

    def pulse(self, event: Measured) -> None:
        self.last_pulse = event.t

    def picture(self, event: Measured) -> None:
        self.last_pulse = event.t
        self.pictures.append(event)
        if self.open is not None:
            self.open.moves[-1][2].append(event)
            self.open.moves[-1][3].append(event)

    def armed(self, event: Measured) -> None:
        if self.open is not None:
            self.open.moves[-1][3].append(event)

    def entry(self, event: Measured) -> None:
        self.end(None)
        self.open = _Open(event, tuple(self.pictures), [(event, self.in_force, [], [])])

    def moved(self, event: Measured) -> None:
        if self.open is not None:
            if event.kind == "moved" and event["how"] == "pull":
                self.pulled(event)
            self.open.moves.append((event, self.in_force, [], []))

    def withdrawn(self, event: Measured) -> None:
        self.pulled(event)
        self.end(event)

    def pulled(self, event: Measured) -> None:
        """Notes a withdrawal that began without the stylet, with cement in the cannula."""
        if self.open is not None and not self.stylet and self.open.flow_at is not None:
            self.stylet_out.setdefault(str(self.open.entry["side"]), event)

    def put(self, event: Measured) -> None:
        self.stylet = bool(event["present"])

    def side(self, event: Measured) -> None:
        self.end(None)
        self.stylet = True  # a fresh trocar

    def flowed(self, event: Measured) -> None:
        total = event.number("volume_ml")
        added, self.volume = total - self.volume if total >= self.volume else total, total
        if added > 1e-9:
            flow = Flow(event, added, self.in_force, event.t - self.last_pulse)
            self.flows.setdefault(str(event["side"]), []).append(flow)
            if self.open is not None and self.open.flow_at is None:
                self.open.flow_at = event.t

    def end(self, withdrawn: Measured | None) -> None:
        """Closes the open track, and keeps it where it was more than a touch."""
        if self.open is not None:
            track = self.open.close(withdrawn)
            if track.reached_mm >= LEAST_TRACK_MM or track.flow_at is not None:
                self.tracks.setdefault(str(track.entry["side"]), []).append(track)
        self.open = None


LAWS: Mapping[str, Callable[[_Reader, Measured], None]] = {
    "pulse": _Reader.pulse,
    "picture": _Reader.picture,
    "armed": _Reader.armed,
    "entry": _Reader.entry,
    "moved": _Reader.moved,
    "turned": _Reader.moved,
    "withdrawn": _Reader.withdrawn,
    "stylet": _Reader.put,
    "side": _Reader.side,
    "flowed": _Reader.flowed,
}
"""Kind -> what reads it; the others change nothing that is kept here."""


def read(measured: Sequence[Measured]) -> Attempt:
    """The attempt that a list tells of. Raises InputError where it does not begin with `began`."""
    if not measured or measured[0].kind != "began":
        raise InputError("measured events: expected the first to be 'began'")
    reader = _Reader()
    for event in measured[1:]:
        reader.feed(event)
    reader.end(None)
    return Attempt(
        began=measured[0],
        events=tuple(measured),
        pictures=tuple(reader.pictures),
        tracks={side: tuple(many) for side, many in reader.tracks.items()},
        flows={side: tuple(many) for side, many in reader.flows.items()},
        stylet_out=reader.stylet_out,
    )
