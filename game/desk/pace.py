"""How much simulated time a frame is worth: real time, and fast while the operator waits.

In: seconds of wall time since the last frame. Out: whole milliseconds to simulate. What a slow machine cannot follow is
dropped: simulated time then runs slower than the wall's, never in jumps.
"""

LONGEST_S = 0.25
"""Wall time of one frame that is followed at most: the window hung longer, and nobody could have acted meanwhile; assumed."""

HURRY_S = 0.6
"""How long any wait takes on the wall; assumed."""


class Pace:
    """Turns wall time into simulated time."""

    def __init__(self) -> None:
        self._owed = 0.0  # ms, less than one
        self._hurry: float | None = None  # simulated ms for each wall ms

    def hurry(self, ms: int) -> None:
        """A wait of `ms` has begun: it is over within HURRY_S."""
        self._hurry = max(ms / (1000.0 * HURRY_S), 1.0)

    def calm(self) -> None:
        """Back to real time."""
        self._hurry = None

    @property
    def factor(self) -> float:
        """How many times faster than the wall's simulated time runs."""
        return self._hurry or 1.0

    @property
    def hurries(self) -> bool:
        """Whether time runs fast."""
        return self._hurry is not None

    def due(self, seconds: float) -> int:
        """Milliseconds to simulate for a frame of that length."""
        self._owed += 1000.0 * min(seconds, LONGEST_S) * self.factor
        whole = int(self._owed)
        self._owed -= whole
        return whole
