"""The ten steps as one pair of eyes and hands performs them: pictures in, controls out.

In: a Session (controls and readout only), Eyes, Habits. Every decision is read from pixels of exposed pictures, from the
marks on the needle and from the cement sample; no patient coordinate comes in or goes out.
Pixels are the detector's (docs/conventions.md): row 0 cranial; `outward` is -1 where the treated side lies at image left.
Not here: finding the true views (game/operators/arm.py), cement (game/operators/injection.py).
"""

from collections.abc import Iterator
from statistics import median

from game.operators.acts import Acts
from game.operators.arm import Arm, GaveUp
from game.operators.eyes import Sighting, Tool
from game.operators.habits import Habits
from game.operators.injection import inject
from models.instruments import TROCAR
from models.patient import Side

SHAFT_MM = TROCAR.outer_mm / 2
LONGEST_TRACT_MM = 120.0
"""An operator gives up looking for bone deeper than this below the skin; assumed."""
TRACT_CHECK_MM = 15.0
"""How far into the soft tissue the barrel is looked down; assumed."""
CONTACT_N = 15.0
"""Resistance that a hand takes for bone: above fascia and muscle (haptics/resistance.py); assumed."""
MEDIAL_BITE_MM = 0.5
"""Advance between two looks beside the medial cortex; assumed."""
FEEL_BITES = 4
"""Advances in the body before a hand can tell that it turned hard; assumed."""
PATIENCE = 80
"""Advances after which an operator gives an attempt up; assumed."""
DEEPEST_MM = 60.0
"""No path through a pedicle into a body is longer (FIGURES a2: 52 mm); assumed."""


def treat(session: Acts, arm: Arm, habits: Habits, target: str, side: Side) -> None:
    """One side, from orientation to withdrawal; given up where the pictures do not show what the next act needs."""
    work = Work(session, arm, habits, target, side)
    taken_over = bool(session.readout()["embedded"])  # the needle that a colleague has set
    if not taken_over:
        session.do("side", side=side)
    try:
        if habits.looks:
            arm.orient(target)
            arm.centre_pedicle(target, side)
        if not taken_over:
            work.enter()
        if work.through_pedicle() and not habits.omits("cement"):
            inject(session, arm, habits, target)
    except GaveUp:
        session.do("pedal", down=False)
    session.do("pull", mm=DEEPEST_MM + LONGEST_TRACT_MM, mm_s=10.0)


class Work:
    """The needle of one side."""

    def __init__(self, session: Acts, arm: Arm, habits: Habits, target: str, side: Side) -> None:
        self.session, self.arm, self.habits, self.target, self.side = session, arm, habits, target, side
        self.outward = -1.0 if side == "left" else 1.0
        self.since_lateral = 0.0
        self.entered = False  # by this operator's own step 3

    def read(self, key: str) -> float:
        return float(self.session.readout()[key])

    def on_bone(self) -> bool:
        """Whether the hand feels bone."""
        readout = self.session.readout()
        return bool(readout["contact"] and readout["force_n"] > CONTACT_N - 1.0) or bool(readout["embedded"])

    # --- step 3 -------------------------------------------------------------------------------------------------

    def enter(self, lateral_mm: float = 0.0) -> None:
        """Step 3: oblique view, gun barrel, point medial, contact, embed. `lateral_mm`: further out than last time."""
        do, habits, self.entered = self.session.do, self.habits, True
        toward = 1.0 if self.side == "left" else -1.0
        if habits.looks and not habits.omits("oblique"):
            working = self.arm.working
            self.arm.turn(**{**working, "orbital": working["orbital"] + toward * habits.offset_deg})
        self.arm.barrel = self.arm.angles()
        column, row = self.entry_pixel(lateral_mm)
        do("aim", column=column, row=row)
        medial_clock = 90.0 if self.side == "left" else 270.0
        if habits.lean_deg:
            do("lean", right=0.0, cranial=habits.lean_deg)
        do("bevel", clock=medial_clock + (180.0 if habits.omits("point medial") else 0.0))
        do("push", mm=TRACT_CHECK_MM, mm_s=10.0)
        if habits.looks:
            self.arm.look()
        self.to_bone()
        if habits.looks and not habits.omits("contact check"):
            self.correct_contact(column, row)
        for _ in range(PATIENCE):
            if self.read("depth_mm") >= habits.embed_mm - 0.1:
                break
            do("screw", mm=0.5, mm_s=1.0)
        if habits.looks:
            self.arm.look()

    def entry_pixel(self, lateral_mm: float) -> tuple[float, float]:
        """The pixel that the shaft's axis is to run through: its outer edge just inside the lateral margin."""
        if not self.habits.looks:
            return 256.0 + self.outward * 60.0, 250.0
        seen = self.arm.look()
        ring = seen.levels[self.target].pedicles[self.side]
        inset = (SHAFT_MM + self.habits.inset_mm - lateral_mm) / seen.mm_per_pixel
        return ring.lateral.pixel[0] - self.outward * inset, ring.centre.pixel[1]

    def to_bone(self) -> None:
        """Push through skin and muscle until the hand meets bone; never harder than bone is felt."""
        for _ in range(PATIENCE):
            if self.on_bone() or self.read("skin_mm") > LONGEST_TRACT_MM:
                return
            self.session.do("push", mm=4.0, mm_s=10.0, most_n=CONTACT_N)

    def correct_contact(self, column: float, row: float) -> None:
        """Look at the tip on the bone; where it slid, lift it, shift it and set it down again."""
        for _ in range(3):
            seen = self.arm.look()
            tool = tool_in(seen)
            tip = tool.hub.pixel if tool.point.hidden or tool.heel.hidden else middle(tool)  # down the barrel: a dot
            off = (column - tip[0]) * seen.mm_per_pixel, -(row - tip[1]) * seen.mm_per_pixel
            if max(abs(off[0]), abs(off[1])) < 0.6 or self.session.readout()["embedded"]:
                return
            self.session.do("pull", mm=3.0, mm_s=10.0)
            self.session.do("shift", right=off[0], cranial=off[1])
            self.to_bone()

    # --- steps 4 to 9 -------------------------------------------------------------------------------------------

    def through_pedicle(self) -> bool:
        """From embedded to 1 cm short of the front. False where the operator gave the side up."""
        if not self.habits.looks:
            self.advance(28.0, watch=False)
            return True
        if self.to_midline() or self.cleared("step 5"):
            return self.to_front()
        if self.to_medial_cortex("step 7"):
            return self.to_front()
        if not self.habits.omits("turn"):
            self.session.do("twist", degrees=180.0)
        if self.to_medial_cortex("step 9"):
            return self.to_front()
        return self.re_enter()

    def to_midline(self) -> bool:
        """Step 4: in AP to the middle of the pedicle. True where a lateral on the way shows the tip through."""
        self.arm.to_working()
        self.since_lateral = 0.0
        for _ in self.bites():
            seen = self.arm.look()
            if self.ring_fraction(seen) >= 0.47:
                return False
            if self.since_lateral >= self.habits.lateral_every_mm:
                if self.cleared("lateral"):
                    return True
                self.arm.to_working()
            self.advance(self.habits.bite_mm)
        return False

    def to_medial_cortex(self, step: str) -> bool:
        """Steps 6 and 8: in AP until the most medial metal is 1-2 mm short of the medial cortex, with a lateral now and then.

        True where a lateral shows the tip through.
        """
        self.arm.to_working()
        for _ in self.bites():
            if self.medial_gap(self.arm.look()) <= self.habits.medial_mm:
                break
            if self.since_lateral >= self.habits.early_lateral_mm:
                if self.cleared("lateral"):
                    return True
                self.arm.to_working()
            self.advance(min(self.habits.bite_mm, MEDIAL_BITE_MM))
        return self.cleared(step)

    def cleared(self, step: str) -> bool:
        """Steps 5, 7, 9: in a true lateral, is the whole bevel in front of the posterior margin?"""
        self.since_lateral = 0.0
        if self.habits.omits("laterals") or self.habits.omits(step):
            return step != "lateral"
        self.arm.to_lateral(self.target, true=not self.habits.omits("true lateral"))
        return self.front_of_margin(self.arm.look()) >= self.habits.clear_mm

    def to_front(self) -> bool:
        """Steps 5b, 7b: in lateral to about 1 cm short of the front; easy and then hard means stop."""
        if self.habits.omits("laterals"):
            self.advance(9.0)
            return True
        felt: list[float] = []
        for _ in self.bites():
            left = self.short_of_front(self.arm.look()) - self.habits.short_of_front_mm
            easy = median(felt) if len(felt) >= FEEL_BITES else None
            if left <= 0.2 or (easy is not None and self.read("force_n") > self.habits.hard_ratio * easy):
                return True
            stiffening = easy is not None and self.read("force_n") > 1.25 * easy
            self.advance(min(self.habits.body_bite_mm * (0.4 if stiffening else 1.0), left))
            felt.append(self.read("force_n"))
        return True

    def re_enter(self) -> bool:
        """Step 9: out, and in again 2 mm lateral."""
        if self.habits.omits("re-entry"):
            return self.to_front()
        self.session.do("pull", mm=DEEPEST_MM, mm_s=5.0)
        self.session.do("side", side=self.side)
        self.enter(lateral_mm=2.0 if self.entered else 0.0)
        if self.to_midline() or self.cleared("step 5"):
            return self.to_front()
        return self.to_medial_cortex("step 7") and self.to_front()

    def advance(self, mm: float, watch: bool | None = None) -> None:
        """Screw forward; with the pedal down where the operator watches."""
        watch = self.habits.watched and self.habits.looks if watch is None else watch
        before = self.read("depth_mm")
        if watch:
            self.session.do("pedal", down=True)
        self.session.do("screw", mm=mm, mm_s=2.0)
        if watch:
            self.session.do("pedal", down=False)
        self.since_lateral += self.read("depth_mm") - before

    def bites(self) -> Iterator[int]:
        """Numbers of advances still worth making: none where the needle is as deep as any path, or gets nowhere."""
        for number in range(PATIENCE):
            if self.read("depth_mm") >= DEEPEST_MM:
                return
            yield number

    # --- reading the needle -------------------------------------------------------------------------------------

    def ring_fraction(self, seen: Sighting) -> float:
        """How far across the ring the most medial metal stands: 0 lateral margin, 1 medial."""
        ring = seen.levels[self.target].pedicles[self.side]
        return (self.medial_metal(seen) - ring.lateral.pixel[0]) / (ring.medial.pixel[0] - ring.lateral.pixel[0])

    def medial_gap(self, seen: Sighting) -> float:
        """mm from the most medial metal to the ring's medial margin."""
        medial = seen.levels[self.target].pedicles[self.side].medial.pixel[0]
        return self.outward * (self.medial_metal(seen) - medial) * seen.mm_per_pixel

    def medial_metal(self, seen: Sighting) -> float:
        """Column of the most medial metal near the tip."""
        columns = (tool_in(seen).point.pixel[0], tool_in(seen).heel.pixel[0])
        return min(columns) if self.outward > 0 else max(columns)

    def front_of_margin(self, seen: Sighting) -> float:
        """mm by which the whole bevel stands in front of the posterior margin in a lateral picture."""
        level = seen.levels[self.target]
        forward = self.arm.forward
        corner = max(forward * m.pixel[0] for m in (level.corner_left, level.corner_right))
        tip = min(forward * m.pixel[0] for m in (tool_in(seen).point, tool_in(seen).heel))
        return (tip - corner) * seen.mm_per_pixel

    def short_of_front(self, seen: Sighting) -> float:
        """mm from the point to the body's apparent front in a lateral picture."""
        level = seen.levels[self.target]
        return self.arm.forward * (level.anterior.pixel[0] - tool_in(seen).point.pixel[0]) * seen.mm_per_pixel


def middle(tool: Tool) -> tuple[float, float]:
    """The shaft's axis at the tip, between point and heel."""
    a, b = tool.point.pixel, tool.heel.pixel
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def tool_in(seen: Sighting) -> Tool:
    """The trocar of a picture. Raises GaveUp where there is none."""
    if seen.tool is None:
        raise GaveUp("the trocar is not in the picture")
    return seen.tool
