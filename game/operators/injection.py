"""Step 10: wait for toothpaste, inject under continuous lateral fluoroscopy, stop in time, push the dead space out.

In: session, arm, habits. Decisions from the sample, the readout and each picture of the running beam.
"""

import math

from game.operators.acts import Acts
from game.operators.arm import Arm
from game.operators.habits import Habits
from game.procedure.rules import ceiling_ml

PAST_MM = 0.7
"""How far the back edge must have moved to be told from the other side's; assumed."""
READY = {"liquid": 0, "shiny": 1, "toothpaste": 2, "stiff": 3, "set": 4}


def inject(session: Acts, arm: Arm, habits: Habits, target: str) -> None:
    """Fill one side."""
    lateral = habits.looks and not habits.omits("cement lateral") and not habits.omits("laterals")
    if lateral:
        arm.to_lateral(target)
    elif habits.looks:
        arm.to_working()
    session.do("stylet", present=False)
    if session.readout()["sample"] in (None, "stiff", "set"):
        session.do("mix")
    while READY[session.readout()["sample"]] < READY[habits.paste]:
        session.do("wait", seconds=10.0)
    watch = habits.looks and not habits.omits("cement watch")
    if watch:
        session.do("pedal", down=True)
        session.do("wait", seconds=0.5)
    filled = float(session.readout()["injected_ml"])  # by the other side
    before = margin_left(arm, target) if watch and lateral else math.inf
    session.do("inject", ml_s=habits.rate_ml_s)
    for _ in range(400):
        session.do("wait", seconds=habits.react_s)
        if (
            session.readout()["injected_ml"] - filled >= ceiling_ml(target) - habits.spare_ml
            or session.readout()["pressure_kpa"] > habits.most_kpa
        ):
            break
        if watch and lateral and enough(arm, habits, target, before):
            break
    session.do("inject", ml_s=0.0)
    session.do("wait", seconds=1.0)
    if not habits.omits("stylet back"):
        session.do("stylet", present=True)
        session.do("wait", seconds=1.0)
    if watch:
        session.do("pedal", down=False)


def enough(arm: Arm, habits: Habits, target: str, before: float) -> bool:
    """What the running picture says: too near the posterior margin, or outside the body.

    `before`: how near the other side's cement already was; it hides this side's until this one comes past it.
    """
    seen = arm.eyes.look()
    if seen is None or seen.cement is None:
        return False
    if seen.cement.stray and habits.stops_for_stray and math.isinf(before):
        return True
    return margin_left(arm, target) < min(habits.stop_margin_mm, before - PAST_MM)


def margin_left(arm: Arm, target: str) -> float:
    """mm from the cement's back edge to the posterior margin in the running picture; infinite where none is seen."""
    seen = arm.eyes.look()
    if seen is None or seen.cement is None or target not in seen.levels:
        return math.inf
    level = seen.levels[target]
    margin = max(arm.forward * mark.pixel[0] for mark in (level.corner_left, level.corner_right))
    return (arm.forward * seen.cement.posterior.pixel[0] - margin) * seen.mm_per_pixel
