"""What an operator can do and read: the session's face, as operators may use it.

Controls by name (game/simulation/controls.py) and the read-out (Simulation.readout). `game.session.Session` is one.
"""

from typing import Any, Protocol


class Acts(Protocol):
    """One attempt, as its operator has it in hand."""

    def do(self, name: str, **values: Any) -> None:
        """One control, now, until it is done."""

    def readout(self) -> dict[str, Any]:
        """Needle marks, felt force, dose, cement clock and sample, angles of the arm; no coordinates."""
