"""`feel`: its chart and table, and what it refuses."""

from pathlib import Path
from typing import Any

import pytest

from game.cli import feel
from haptics import tick, trocar
from models.errors import InputError
from tests.haptics import phantoms


@pytest.fixture(scope="module")
def runs() -> dict[str, Any]:
    field = phantoms.block()
    return {
        name: trocar.drive(field, 0.08, phantoms.start(), 82.0, mm_s=8.0, technique=technique)
        for name, technique in (("push", tick.PUSH), ("screw", tick.SCREW))
    }


def test_stages_name_skin_entry_plateau_breach_and_what_is_behind(runs: dict[str, Any]) -> None:
    figures = feel.stages(runs)
    assert figures["push_behind_n"] < figures["push_plateau_n"] < figures["push_skin_n"] < figures["push_entry_n"]
    assert figures["push_entry_n"] < figures["push_breach_n"]
    assert figures["push_skid_mm"] == pytest.approx(0.0, abs=0.01)
    for stage in ("skin", "entry", "breach"):
        assert figures[f"screw_{stage}_n"] < figures[f"push_{stage}_n"]


def test_a_skid_is_measured_across_the_line_that_was_meant() -> None:
    steep = trocar.drive(phantoms.slope(50.0), 0.08, phantoms.start(), 38.0)
    assert feel.skid(steep) == pytest.approx(abs(steep[-1, 0]), abs=0.05)
    assert feel.skid(steep) > 2.0


def test_the_table_holds_both_techniques_and_their_peaks(tmp_path: Path, runs: dict[str, Any]) -> None:
    feel._table(tmp_path / "feel.csv", runs)
    rows = [line.split(",") for line in (tmp_path / "feel.csv").read_text(encoding="utf-8").splitlines()]
    force = rows[0].index("force_n")
    for name, states in runs.items():
        peak = max(float(row[force]) for row in rows[1:] if row[0] == name)
        assert peak == pytest.approx(states[:, tick.FORCE].max(), rel=0.05)
    assert [path.name for path in tmp_path.iterdir()] == ["feel.csv"]


def test_the_chart_is_a_picture(tmp_path: Path, runs: dict[str, Any]) -> None:
    feel._chart(tmp_path / "feel.png", runs, "phantom")
    assert (tmp_path / "feel.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["feel", "feel.txt", "feel.npz"])
def test_a_file_of_another_kind_is_refused_before_any_work(name: str) -> None:
    with pytest.raises(InputError, match=r"\.png or \.csv"):
        feel.feel(scenario="first-case", file=Path(name))


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(tmp_path: Path, runs: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        feel._table(tmp_path / "nowhere" / "feel.csv", runs)
    assert not list(tmp_path.iterdir())
