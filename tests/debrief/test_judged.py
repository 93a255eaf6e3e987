"""Parts of a debrief that come from measured events: hand-written lists, the real rules."""

import numpy as np
import pytest

from game.debrief import judged
from game.debrief.content import Act, Path
from game.procedure.measured import Measured
from game.procedure.score import score

BEGAN = Measured(
    0.0,
    "began",
    {"scenario": "first-case", "target": "L2", "sides": "left", "region": "lumbar", "ceiling_ml": 3.0, "bevel": True},
)


def flow(t: float, volume: float) -> Measured:
    values = {
        "side": "left",
        "volume_ml": volume,
        "viscosity_pa_s": 120.0,
        "visible": "",
        "leak_vein_ml": 0.1,
        "wall_mm": 9.0,
    }
    return Measured(t, "flowed", values)


ATTEMPT = [
    BEGAN,
    Measured(4.0, "armed", {"orbital": 0.0, "tilt": 5.0, "swivel": 0.0}),
    Measured(6.0, "picture", {"single": True, "view": "ap"}),
    Measured(20.0, "picture", {"single": False, "view": "ap"}),
    Measured(20.1, "pulse", {}),
    Measured(20.2, "pulse", {}),
    Measured(22.0, "entry", {"side": "left", "bone": "L1", "level": "L1"}),
    Measured(
        30.0, "moved", {"how": "push", "from_mm": 0.0, "to_mm": 8.0, "depth_mm": 8.0, "side": "left", "bone": "L1"}
    ),
    flow(300.0, 0.2),
    flow(300.1, 0.5),
    Measured(320.0, "finished", {}),
]
PATH = Path(np.array([22.0, 29.9, 31.0]), np.array([[0.0, 0, 0], [1, 2, 3], [9, 9, 9]]), np.array([0.0, 8.0, 8.0]))


def test_every_line_of_the_score_comes_through_with_its_words() -> None:
    result = score(ATTEMPT)
    lines = judged.lines(result)
    assert [(line.points, line.of, line.title, line.measured) for line in lines] == [
        (line.points, line.of, line.title, line.measured) for line in result.lines
    ]
    assert all(line.why and line.instead for line in lines)
    assert {line.own for line in lines} == {True, False}


def test_an_error_is_placed_where_the_tip_was_and_a_cement_error_nowhere() -> None:
    result = score(ATTEMPT)
    faults = {fault.error.text: fault for fault in judged.faults(result, PATH)}
    assert len(faults) == len(result.errors) >= 2
    wrong = next(fault for what, fault in faults.items() if "L1 instead of L2" in what)
    assert wrong.critical and wrong.error.mm == 8.0 and "L1" in wrong.where
    assert wrong.place is not None and wrong.place.tolist() == [1.0, 2.0, 3.0]
    cement = [fault for fault in faults.values() if fault.where.startswith("cement")]
    assert cement and all(fault.place is None for fault in cement)


def test_acts_are_the_arm_from_its_control_to_rest_runs_of_pulses_and_flow() -> None:
    acts = judged.acts(ATTEMPT, [1.0, 50.0])
    assert Act("arm", 1.0, 4.0) in acts
    assert [act for act in acts if act.track == "X-ray"] == [Act("X-ray", 6.0, 6.0), Act("X-ray", 20.0, 20.2)]
    (cement,) = [act for act in acts if act.track == "cement"]
    assert (cement.start, cement.end) == (pytest.approx(299.9), 300.1)


def test_figures_count_pictures_and_cement() -> None:
    figures = dict(judged.figures(ATTEMPT, 320.0))
    assert figures["Single pictures"] == "1" and figures["Pulses of fluoroscopy"] == "3"
    assert figures["Cement, left"] == "0.50 ml" and figures["Leaks, left"] == "vein 0.10 ml"
    assert figures["Time, simulated"] == "5 min 20 s"


def test_before_the_first_point_of_the_path_the_tip_is_nowhere() -> None:
    assert judged.tip_at(PATH, 1.0) is None
    assert judged.tip_at(Path(), 1.0) is None
