"""A person's hands on a session of the phantom, without a window: L2 in the middle of the picture, time by frames."""

from game.desk.hands import Hands
from game.session import Session
from models.carm import Pose, view
from tests.records.test_record import SCENARIO
from tests.simulation import phantoms
from tests.simulation.story import PEDICLE

FRAME_MS = 20


class Bench:
    """Presses, lets go, and lets time pass as the window's loop does."""

    def __init__(self, pedal_toggles=False):
        self.session = Session(SCENARIO, phantoms.phantom(), 1)
        self.session.simulation.rest_pose = Pose()
        self.notices, self.now = [], 0.0
        self.hands = Hands(self.session, pedal_toggles, self.notices.append)
        self.told = []  # controls that the hands gave, as (name, values)
        put = self.session.put

        def heard(name, **values):
            self.told.append((name, values))
            put(name, **values)

        self.session.put = heard

    def names(self):
        """What the hands did, by name."""
        return [name for name, _ in self.told]

    def last(self, name):
        """The values of the last control of that name."""
        return next(values for told, values in reversed(self.told) if told == name)

    def press(self, action):
        assert self.hands.press(action, self.now)

    def tap(self, action):
        self.press(action)
        self.hands.release(action)

    def live(self, seconds):
        """Frames for so long."""
        for _ in range(round(1000.0 * seconds / FRAME_MS)):
            self.hands.frame(self.now)
            self.session.advance(FRAME_MS)
            self.now += FRAME_MS / 1000.0

    def until(self, condition, most_s=30.0):
        """Frames until the read-out satisfies a condition."""
        ends = self.now + most_s
        while not condition(self.readout()):
            assert self.now < ends, f"not within {most_s} s: {self.readout()}"
            self.live(FRAME_MS / 1000.0)

    def readout(self):
        return self.session.readout()

    def aimed(self):
        """The trocar in the hand over the left pedicle."""
        self.session.do("expose")
        column, row = view(self.session.snapshot().pose).project(PEDICLE)
        self.hands.aim(float(column), float(row))
        self.live(1.1)
        return self

    def pierced(self, mm=10.0):
        """Through the skin by about so much."""
        self.aimed()
        self.session.do("push", mm=mm, mm_s=40.0)
        return self

    def on_bone(self):
        """The tip on the cortex of the left pedicle."""
        self.pierced(30.0)
        self.session.do("push", mm=60.0, mm_s=20.0, most_n=15.0)
        assert self.readout()["contact"]
        return self

    def filling(self):
        """In the body, paste in the cannula, the stylet out."""
        self.on_bone()
        self.session.do("screw", mm=36.0, mm_s=20.0)
        self.session.do("mix")
        self.session.do("wait", seconds=360.0)
        self.session.do("stylet", present=False)
        return self
