"""Eyes on the picture against eyes by geometry, on views of whole patients."""

from dataclasses import fields, replace

import numpy as np
import pytest

from game.fluoroscopy import pixels
from game.operators import reading
from game.operators.eyes import Mark
from game.simulation.simulation import Snapshot
from models import carm
from models.carm import Pose
from models.errors import InputError
from models.instruments import TrocarPose
from models.patient import SIDES, Grid
from models.provide import provide
from models.xray import Technique, technique_for

VIEWS = 25  # of each patient


class Case:
    """A patient, its fluoroscope and the views of it."""

    def __init__(self, name, patient, target):
        from game.fluoroscopy.projector import Fluoroscope

        self.name, self.patient, self.target = name, patient, target
        self.vertebra = patient.vertebrae[target]
        self.scope = Fluoroscope(patient)
        self.kept = {}

    def snapshot(self, angles, needle=None, cement=None, t=0.0):
        pose = Pose(*angles, isocentre=tuple(self.vertebra.centre))
        return Snapshot(t, pose, technique_for(self.scope.centre(pose)[::61]), needle, True, cement)

    def needle(self, side, depth):
        """A trocar down the pedicle's axis, `depth` mm in front of its isthmus, point medial."""
        pedicle = self.vertebra.pedicles[side]
        medial = -self.vertebra.left if side == "left" else self.vertebra.left
        roll = medial - (medial @ pedicle.axis) * pedicle.axis
        return TrocarPose(pedicle.centre + depth * pedicle.axis, pedicle.axis, roll / np.linalg.norm(roll))

    def views(self):
        """(lateral, snapshot) of 15 views from behind and 10 from the side, needle in and out."""
        rng = np.random.default_rng(5)
        for number in range(VIEWS):
            lateral = number % 5 >= 3
            behind = (rng.uniform(-8, 8), rng.uniform(-5, 18), 0.0)
            beside = (rng.uniform(80, 100), rng.uniform(-3, 3), rng.uniform(-6, 6))
            needle = self.needle(SIDES[number // 2 % 2], rng.uniform(-5, 25)) if number % 2 else None
            yield lateral, (beside if lateral else behind), needle

    def signal(self, snapshot, noise=True, seed=0):
        moving = {"needle": snapshot.needle, "cement": snapshot.cement, "stylet": snapshot.stylet}
        return self.scope.picture(snapshot.pose, snapshot.technique, seed, noise=noise, **moving).signal

    def compared(self, variant="usual", every=1):
        """Rows (kind, lateral, measured mark, read mark) of the target in its views; clean and tenth in each third of them."""
        if not self.kept:
            self.kept = {"usual": {}, "clean": {}, "tenth": {}}
            for number, (lateral, angles, needle) in enumerate(self.views()):
                snapshot = self.snapshot(angles, needle)
                self.kept["usual"][number] = self.rows(lateral, snapshot, self.signal(snapshot, seed=number))
                if number % 3 == 0:
                    self.kept["clean"][number] = self.rows(lateral, snapshot, self.signal(snapshot, noise=False))
                    kvp, mas = snapshot.technique.kvp, snapshot.technique.mas
                    low = replace(snapshot, technique=Technique(kvp, mas / 10))
                    self.kept["tenth"][number] = self.rows(lateral, low, self.signal(low, seed=number))
        views = self.kept[variant]
        return [row for number in views if number % every == 0 for row in views[number]]

    def rows(self, lateral, snapshot, signal):
        seen = named(pixels.measured(self.patient, self.target, snapshot, signal), self.target)
        read = named(reading.sight(self.patient, self.target, snapshot, lambda mark: mark), self.target)
        return [(kind, lateral, seen[kind], read[kind]) for kind in seen]


def named(sighting, target):
    """Name -> mark, of the target and the tool."""
    level = sighting.levels[target]
    found = {f.name: getattr(level, f.name) for f in fields(level) if isinstance(getattr(level, f.name), Mark)}
    for side, ring in level.pedicles.items():
        found |= {f"ring {f.name} {side}": getattr(ring, f.name) for f in fields(ring)}
    if sighting.tool is not None:
        found |= {f"tool {f.name}": getattr(sighting.tool, f.name) for f in fields(sighting.tool)}
    return found


def apart(measured, read):
    return float(np.hypot(measured.pixel[0] - read.pixel[0], measured.pixel[1] - read.pixel[1]))


PLATES = ("superior_near", "superior_far", "inferior_near", "inferior_far")
KINDS = {
    "tool": lambda kind, lateral: kind.startswith("tool"),
    "plates": lambda kind, lateral: kind in PLATES,
    "ring ends": lambda kind, lateral: kind.startswith("ring") and "centre" not in kind and not lateral,
    "ring centres": lambda kind, lateral: kind.startswith("ring centre") and not lateral,
    "edges": lambda kind, lateral: kind.startswith("edge") and not lateral,
    "anterior": lambda kind, lateral: kind == "anterior" and lateral,
    "spinous": lambda kind, lateral: kind == "spinous" and not lateral,
    "centre": lambda kind, lateral: kind == "centre",
}


def distances(rows, kind):
    """Pixels between the two eyes for what both see."""
    belongs = KINDS[kind]
    return [apart(a, b) for name, lateral, a, b in rows if belongs(name, lateral) and not a.hidden and not b.hidden]


def share(rows, kind):
    """Share of a kind's marks that the picture shows."""
    shown = [not a.hidden for name, lateral, a, b in rows if KINDS[kind](name, lateral)]
    return float(np.mean(shown))


@pytest.fixture(scope="module", params=("synthetic", "labels"))
def case(request, scope, needs):
    """Each provider's patient; `scope` skips where there is no OpenGL."""
    from game.procedure.scenarios import load
    from game.settings import find_data

    task = load({"synthetic": "first-case", "labels": "real-l1"}[request.param])
    try:
        patient = provide(task.recipe, find_data)
    except InputError as error:
        needs(False, str(error))
    made = Case(request.param, patient, task.target)
    yield made
    made.scope.close()


# ---- both eyes on the same pictures


def test_metal_is_measured_where_it_is(case):
    found = distances(case.compared(), "tool")
    assert len(found) > 25
    assert np.percentile(found, 95) < 1.5


LIMITS = {
    "synthetic": {
        "plates": (2.0, 4.0),
        "ring ends": (2.0, 4.0),
        "edges": (2.0, 4.0),
        "anterior": (2.0, 3.0),
        "centre": (2.0, 4.0),
    },
    "labels": {"plates": (2.5, 5.5), "ring ends": (2.0, 5.0), "edges": (2.0, 4.0), "centre": (2.5, 4.0)},
}
"""Kind -> (median, 90th percentile) in pixels of 0.3 mm. The picture's line lies inside the outer surface that geometry projects,
by 1 to 2 px. The labelled spine's collapsed target shows its concave plates, not their rims: its goal of 4 px is missed."""


def test_bone_is_measured_near_where_geometry_puts_it(case):
    rows = case.compared()
    for kind, (median, ninth) in LIMITS[case.name].items():
        found = distances(rows, kind)
        assert len(found) >= 8, kind
        assert np.median(found) < median, kind
        assert np.percentile(found, 90) < ninth, kind


def moved_by_noise(case, kind, variant):
    """Pixels between a mark in a noisy picture and in the clean one of the same view, where both show it."""
    pairs = zip(case.compared(variant, every=3), case.compared("clean"), strict=True)
    return [
        apart(a, sure)
        for (name, lateral, a, _), (_, _, sure, _) in pairs
        if KINDS[kind](name, lateral) and not a.hidden and not sure.hidden
    ]


def test_noise_moves_a_mark_that_shows_by_about_a_pixel_at_most(case):
    for kind in ("plates", "ring ends"):
        usual, low = moved_by_noise(case, kind, "usual"), moved_by_noise(case, kind, "tenth")
        assert np.median(usual) < 0.3, kind
        assert np.percentile(usual, 90) < 1.5, kind
        assert np.median(low) > np.median(usual), kind


def test_less_noise_shows_more_marks_and_puts_metal_better(case):
    """Of bone that shows, all doses agree with geometry alike: the line's own place, not noise, parts the two (see LIMITS)."""
    clean, usual, tenth = case.compared("clean"), case.compared("usual", every=3), case.compared("tenth")
    assert np.mean(distances(clean, "tool")) < np.mean(distances(tenth, "tool"))
    for kind in ("plates", "ring ends", "edges"):
        assert share(clean, kind) >= share(usual, kind), kind
        assert share(tenth, kind) < share(usual, kind) - 0.05, kind
    assert share(tenth, "tool") > 0.8  # steel shows at any dose


def test_marks_go_where_the_picture_goes_not_where_they_are_expected(case):
    """The picture moved under the search windows: what was measured moves with it, across its line."""
    snapshot = case.snapshot((2.0, 7.0, 0.0), case.needle("right", 15.0))
    signal = case.signal(snapshot, noise=False)
    there = named(pixels.measured(case.patient, case.target, snapshot, signal), case.target)
    moved = np.roll(signal, (2, 3), axis=(0, 1))  # rows, columns
    here = named(pixels.measured(case.patient, case.target, snapshot, moved), case.target)
    for name in ("tool point", "tool heel"):
        shift = np.subtract(here[name].pixel, there[name].pixel)
        np.testing.assert_allclose(shift, (3.0, 2.0), atol=0.3)
    rows = [
        here[name].pixel[1] - there[name].pixel[1] for name in PLATES if not (here[name].hidden or there[name].hidden)
    ]
    sides = [here[f"ring {end} left"].pixel[0] - there[f"ring {end} left"].pixel[0] for end in ("lateral", "medial")]
    assert len(rows) >= 2
    assert np.median(rows) == pytest.approx(2.0, abs=0.6)
    assert np.median(sides) == pytest.approx(3.0, abs=1.0)


def test_what_lies_behind_the_hub_is_hidden(case):
    """Down the barrel the point lies behind the shaft and the hub's steel."""
    needle = case.needle("left", 5.0)
    beam = -needle.axis
    angles = np.degrees([np.arcsin(beam[0]), np.arctan2(beam[2], beam[1]), 0.0])
    pose = Pose(*angles, isocentre=tuple(needle.tip))
    snapshot = replace(case.snapshot((0.0, 0.0, 0.0), needle), pose=pose)
    seen = pixels.measured(case.patient, case.target, snapshot, case.signal(snapshot))
    assert seen.tool.point.hidden
    assert seen.tool.heel.hidden
    assert not seen.tool.hub.hidden
    assert reading.sight(case.patient, case.target, snapshot, lambda mark: mark).tool.point.hidden


# ---- cement


def filled(centre, half, around):
    """A grid of 1 mm with an ellipsoid of cement."""
    low = np.floor(around - 25.0)
    axes = [low[i] + np.arange(51.0) for i in range(3)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    inside = np.linalg.norm((places - centre) / np.array(half), axis=-1) < 1.0
    return Grid(inside.astype(np.float32), low, 1.0)


@pytest.mark.parametrize("angles", [(90.0, 0.0, 0.0), (84.0, 1.0, 3.0)])
@pytest.mark.parametrize("half", [(8.0, 7.0, 4.0), (10.0, 9.0, 5.0)])
def test_the_back_edge_of_cement_is_found_beside_the_needle(case, angles, half):
    vertebra = case.vertebra
    cement = filled(vertebra.centre - 3.0 * vertebra.posterior, half, vertebra.centre)
    snapshot = case.snapshot(angles, case.needle("left", 22.0), cement)
    seen = pixels.measured(case.patient, case.target, snapshot, case.signal(snapshot)).cement
    read = reading.sight(case.patient, case.target, snapshot, lambda mark: mark).cement
    assert seen.posterior.pixel[0] == pytest.approx(read.posterior.pixel[0], abs=3.0)
    assert seen.cranial.pixel[1] == pytest.approx(read.cranial.pixel[1], abs=5.0)
    assert not seen.stray


def test_bone_and_needle_are_not_taken_for_cement(case):
    nothing = filled(case.vertebra.centre, (0.1, 0.1, 0.1), case.vertebra.centre + 0.5)
    for number, (_, angles, needle) in enumerate(case.views()):
        if number % 4 == 1:
            snapshot = case.snapshot(angles, needle, nothing)
            seen = pixels.measured(case.patient, case.target, snapshot, case.signal(snapshot, seed=number))
            assert seen.cement is None, angles


def test_cement_in_the_disc_is_seen_astray(case):
    vertebra = case.vertebra
    plate = vertebra.superior_plate
    disc = plate.centre + 6.0 * plate.normal - 9.0 * vertebra.posterior
    inside = filled(vertebra.centre, (8.0, 7.0, 3.5), vertebra.centre)
    both = replace(inside, values=np.maximum(inside.values, filled(disc, (5.0, 5.0, 3.0), vertebra.centre).values))
    snapshot = case.snapshot((90.0, 0.0, 0.0), None, both)
    seen = pixels.measured(case.patient, case.target, snapshot, case.signal(snapshot)).cement
    place = carm.view(snapshot.pose).project(disc)
    assert min(float(np.hypot(*(np.array(mark.pixel) - place))) for mark in seen.stray) < 8.0


# ---- as an operator's eyes


def test_before_the_first_exposure_there_is_nothing_to_see(case):
    assert pixels.Pixels(case.scope, case.patient, case.target, lambda: None, 0.4, 1).look() is None


def test_the_same_exposure_is_measured_once_and_read_with_the_operators_spread(case):
    snapshot = case.snapshot((0.0, 5.0, 0.0), None, t=12.5)
    asked = []
    eyes = pixels.Pixels(case.scope, case.patient, case.target, lambda: snapshot, 0.5, 7)
    expose = eyes.picture
    eyes.picture = lambda shown: asked.append(shown) or expose(shown)
    looks = [named(eyes.look(), case.target) for _ in range(40)]
    assert len(asked) == 1
    for name, mark in looks[0].items():
        assert np.std([look[name].pixel[0] for look in looks]) == pytest.approx(0.5, rel=0.5), (name, mark.hidden)


def test_many_looks_and_pictures_from_one_pose_do_not_tell_where_a_hidden_mark_is(case):
    """The mean of looks at three pictures of a pose stays as far off as one guess, and off by the same; another pose, another."""
    angles, other = (0.0, 5.0, 0.0), (0.0, 6.0, 0.0)
    shots = [case.snapshot(at, None, t=t) for at, t in ((angles, 1.0), (angles, 2.0), (angles, 3.0), (other, 4.0))]
    off = []
    for shot in shots:
        eyes = pixels.Pixels(case.scope, case.patient, case.target, lambda shot=shot: shot, 0.5, 7)
        looks = [named(eyes.look(), case.target) for _ in range(60)]
        truth = named(pixels.measured(case.patient, case.target, shot, eyes.picture(shot)), case.target)
        off.append(
            {
                name: np.mean([look[name].pixel for look in looks], axis=0) - mark.pixel
                for name, mark in truth.items()
                if mark.hidden
            }
        )
    always = sorted(set.intersection(*(set(each) for each in off)))
    assert len(always) >= 3
    for name in always:
        assert max(np.abs(off[0][name] - each[name]).max() for each in off[1:3]) < 0.5, name
        assert np.abs(off[0][name] - off[3][name]).max() > 0.5, name
    spread = np.concatenate([each[name] for each in (off[0], off[3]) for name in always]).std()
    assert spread == pytest.approx(pixels.UNSEEN_PX, rel=0.6)


def test_the_same_seed_sees_the_same(case):
    snapshot = case.snapshot((0.0, 5.0, 0.0), None, t=3.0)
    first, second, other = (
        pixels.Pixels(case.scope, case.patient, case.target, lambda: snapshot, 0.5, seed).look() for seed in (4, 4, 5)
    )
    assert first == second
    assert first != other
