"""The narrow screen beside the two pictures on the room's monitor: dose, time, angles and cement in large letters.

In: a session's read-out. Out: a square texture that the room shows on a narrow screen; drawn only when a word has changed.
"""

from collections.abc import Mapping
from typing import Any

from game import graphics
from game.fluoroscopy.overlay import Overlay

SIZE = 512
ASPECT = 0.45
"""Width over height of the screen in the room (models/suite/monitors.py): letters are drawn wider by as much."""

CAPTION, VALUE = (0.60, 0.72, 0.80), (0.95, 0.98, 1.0)


def rows(readout: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(caption, value) from top to bottom."""
    minutes, seconds = divmod(int(readout["fluoroscopy_s"]), 60)
    cement = readout["cement_s"]
    clock = "-" if cement is None else "{}:{:02d}".format(*divmod(int(cement), 60))
    return (
        ("X-RAY", f"{minutes}:{seconds:02d}"),
        ("mGy", f"{readout['kerma_mgy']:.1f}"),
        ("Gy·cm²", f"{readout['kap_gy_cm2']:.2f}"),
        ("ORBITAL", f"{readout['orbital']:+.0f}°"),
        ("TILT", f"{readout['tilt']:+.0f}°"),
        ("CEMENT", clock),
    )


class Board:
    """The texture and what it says."""

    def __init__(self, studio: graphics.Studio) -> None:
        self.studio = studio
        self._face = graphics.Target(studio, "board", SIZE, 4, kind="byte")
        self._overlay = Overlay(studio, self._face.scene, 1.0 / ASPECT)
        self.texture = self._face.textures[0]
        self._told: tuple[tuple[str, str], ...] = ()

    def show(self, readout: Mapping[str, Any]) -> bool:
        """Draws in the coming frame where a word has changed; whether it does."""
        told = rows(readout)
        if told == self._told:
            return False
        self._told = told
        self._overlay.begin(SIZE)
        for number, (caption, value) in enumerate(told):
            top = (number + 0.12) / len(told)
            self._overlay.word(caption, (0.08, top), 1 / 22, CAPTION, (0.0, 0.0))
            self._overlay.word(value, (0.08, top + 0.055), 1 / 15, VALUE, (0.0, 0.0))
        self._face.once()
        return True

    def close(self) -> None:
        """Gives its buffer back."""
        self.studio.remove(self._face)
