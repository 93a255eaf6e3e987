"""A list of measured events, read as an attempt: tracks of the needle, pictures at rest, cement flows.

In: measured events in order of time, the first of kind `began`. Out: `Attempt`, frozen. No judgement here.
A *station* is the needle at rest after one movement, with the pictures exposed before the next one: a picture at a
station is evidence about that station and no other. A *track* is one embedding, to its withdrawal.
"""

from collections.abc import Sequence
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
        """When the needle first moved under the skin or touched bone; infinite if never."""
        touching = (
            e
            for e in self.events
            if e.kind in ("contact", "entry") or (e.kind == "moved" and not e.number("skin_mm") <= 0.0)
        )
        return next((e.t for e in touching), float("inf"))

    @property
    def entered_at(self) -> float:
        """When bone first held the needle; infinite if never."""
        return next((e.t for e in self.events if e.kind == "entry"), float("inf"))

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


def read(measured: Sequence[Measured]) -> Attempt:
    """The attempt that a list tells of. Raises InputError where it does not begin with `began`."""
    if not measured or measured[0].kind != "began":
        raise InputError("measured events: expected the first to be 'began'")
    tracks: dict[str, list[Track]] = {}
    flows: dict[str, list[Flow]] = {}
    stylet_out: dict[str, Measured] = {}
    pictures: list[Measured] = []
    last_pulse, volume, stylet = float("-inf"), 0.0, True
    open_track: _Open | None = None

    def end(withdrawn: Measured | None) -> None:
        nonlocal open_track
        if open_track is not None:
            track = open_track.close(withdrawn)
            if track.reached_mm >= LEAST_TRACK_MM or track.flow_at is not None:
                tracks.setdefault(str(track.entry["side"]), []).append(track)
        open_track = None

    for event in measured[1:]:
        if event.kind in ("picture", "pulse"):
            last_pulse = event.t
        if event.kind == "picture":
            pictures.append(event)
        if event.kind in ("picture", "armed") and open_track is not None:
            open_track.moves[-1][3].append(event)
            if event.kind == "picture":
                open_track.moves[-1][2].append(event)
        if event.kind == "entry":
            end(None)
            open_track = _Open(event, tuple(pictures), [(event, pictures[-1] if pictures else None, [], [])])
        if event.kind in ("moved", "turned") and open_track is not None:
            pulled = event.kind == "moved" and event["how"] == "pull"
            if pulled and not stylet and open_track.flow_at is not None:
                stylet_out.setdefault(str(open_track.entry["side"]), event)
            open_track.moves.append((event, pictures[-1] if pictures else None, [], []))
        if event.kind == "stylet":
            stylet = bool(event["present"])
        if event.kind == "withdrawn":
            if not stylet and open_track is not None and open_track.flow_at is not None:
                stylet_out.setdefault(str(open_track.entry["side"]), event)
            end(event)
        if event.kind == "side":
            end(None)
            stylet = True
        if event.kind == "flowed":
            total = event.number("volume_ml")
            added, volume = total - volume if total >= volume else total, total
            if added > 1e-9:
                flow = Flow(event, added, pictures[-1] if pictures else None, event.t - last_pulse)
                flows.setdefault(str(event["side"]), []).append(flow)
                if open_track is not None and open_track.flow_at is None:
                    open_track.flow_at = event.t
    end(None)
    return Attempt(
        began=measured[0],
        events=tuple(measured),
        pictures=tuple(pictures),
        tracks={side: tuple(many) for side, many in tracks.items()},
        flows={side: tuple(many) for side, many in flows.items()},
        stylet_out=stylet_out,
    )
