"""How much simulated time a frame is worth: real time, and fast while the operator waits.

In: seconds of wall time since the last frame. Out: whole milliseconds to simulate. What a slow machine cannot follow is
dropped: simulated time then runs slower than the wall's, never in jumps.
"""

LONGEST_S = 0.25
"""Wall time of one frame that is followed at most: the window hung longer, and nobody could have acted meanwhile; assumed."""

HURRY_S = 0.6
"""How long any wait takes on the wall; assumed."""


class Pace:
    """Turns wall time into simulated time. `factor`: how many times faster than the wall's the last frame's ran."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._owed = 0.0  # ms, less than one
        self._waiting = 0.0  # simulated ms of a wait that are still to come
        self._rate = 1.0  # simulated ms for each wall ms meanwhile

    def hurry(self, ms: int) -> None:
        """A wait of `ms` has begun: it is over within HURRY_S, and then time is real again, in the middle of a frame too."""
        self._waiting, self._rate = float(ms), max(ms / (1000.0 * HURRY_S), 1.0)

    def rest_of_wait(self) -> int:
        """What is left of a wait [ms], for whoever ends it at once; then time is real again."""
        left, self._waiting = round(self._waiting), 0.0
        return left

    def due(self, seconds: float, may_hurry: bool) -> int:
        """Milliseconds to simulate for a frame of that length. may_hurry: nothing goes on that must be lived through."""
        wall = 1000.0 * min(seconds, LONGEST_S)
        rate = self._rate if may_hurry else 1.0
        waited = min(wall * rate, self._waiting)
        self._waiting -= waited
        self._owed += waited + wall - waited / rate
        self.factor = rate if waited else 1.0
        whole = int(self._owed)
        self._owed -= whole
        return whole
