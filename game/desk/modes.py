"""Learn, practise, exam: what a trainee is shown while at work. The patient, the physics and the score are the same in all three."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """What one way of working shows."""

    name: str
    title: str
    line: str
    guided: bool  # current step, landmarks, anatomy view
    judged: bool  # passed or failed at the end


MODES = {
    mode.name: mode
    for mode in (
        Mode("learn", "Learn", "The current step is shown; landmarks and anatomy can be.", guided=True, judged=False),
        Mode(
            "practise", "Practise", "As in the room: nothing is shown, the debrief tells.", guided=False, judged=False
        ),
        Mode("exam", "Exam", "As practise, and passed or failed at the end.", guided=False, judged=True),
    )
}
