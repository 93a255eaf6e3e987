"""The room as seen: light, shadow, materials, the laser's cross, learn mode; on boxes whose places are known."""

import numpy as np
import pytest

from models.carm import view
from models.instruments import TrocarPose
from models.suite.lamp import HEAD_M
from models.suite.layout import AXES, ISOCENTRE_M
from models.suite.mesh import Piece
from tests.theatre import boxes
from tests.theatre.conftest import colour, pixel

PLATE_M = 1.20
"""Height of a plate in the room; the isocentre is at 1.10."""


def plate(material, isocentre):
    """A horizontal plate of the patient whose upper side is at PLATE_M when the target is in the isocentre."""
    x, y, z = isocentre
    top = y + 1000 * (PLATE_M - ISOCENTRE_M[2])
    return Piece("body", (boxes.box(material, (x, top - 5, z), (500, 5, 500)),))


def on_plate(x, y):
    return (x, y, PLATE_M)


@pytest.mark.parametrize("name", ["operator", "monitor", "head", "needle"])
def test_every_viewpoint_shows_a_room_neither_black_nor_burnt(theatre, moment, name):
    theatre.show(moment())
    image = theatre.still(name)
    assert image.shape == (180, 320, 3)
    assert 40 < image.mean() < 215
    assert image.std() > 15
    assert (image.max(axis=-1) == 0).mean() < 0.02
    assert (image.min(axis=-1) == 255).mean() < 0.2


def test_light_of_the_lamp_is_missing_behind_what_stands_in_it(make, moment, isocentre):
    pieces = {name: piece for name, piece in boxes.room().items() if name in ("suite", "cart")}
    pieces["body"] = plate("linen", isocentre)
    place = on_plate(0.0, -0.1)
    between = 0.5 * np.add(HEAD_M, place) - ISOCENTRE_M
    pieces["c"] = Piece("c", (boxes.box("enamel", tuple(between), (0.05, 0.05, 0.01)),))
    theatre = make(pieces)
    theatre.show(moment())
    shaded = colour(theatre, theatre.still("operator"), place)
    theatre.show(moment(orbital=100.0))
    lit = colour(theatre, theatre.still("operator"), place)
    assert (lit > shaded + 25).all()


def test_it_is_darker_on_the_floor_under_the_table_than_beside_it(make, moment):
    from game.theatre.camera import Viewpoint

    pieces = {name: piece for name, piece in boxes.room().items() if name in ("suite", "table")}
    theatre = make(pieces)
    theatre.show(moment())
    theatre._view = Viewpoint((-1.8, -2.6, 0.7), (0.0, -0.3, 0.1), 60.0)
    image = theatre.still()
    table = theatre.stage.room.find("**/table").get_pos(theatre.stage.room)
    under, beside = (table[0], table[1], 0.0), (table[0] - 1.2, table[1], 0.0)
    assert colour(theatre, image, under).mean() < 0.85 * colour(theatre, image, beside).mean()


def test_steel_has_sharp_highlights_and_cloth_none(make, moment):
    seen = {}
    for material in ("steel", "drape", "enamel", "skin"):
        pieces = {"suite": boxes.room()["suite"]}
        pieces["tray"] = Piece("tray", (boxes.ball(material, (0.0, 0.0, 1.2), (0.25, 0.25, 0.25)),))
        theatre = make(pieces)
        theatre.show(moment())
        image = theatre.still("operator").astype(float)
        row, column = pixel(theatre, (0.0, 0.0, 1.2))
        seen[material] = image[row - 12 : row + 13, column - 12 : column + 13].reshape(-1, 3)
    # Panels of the ceiling are seen in steel, with edges; cloth only changes slowly over the ball.
    grey = {name: px.mean(axis=-1).reshape(25, 25) for name, px in seen.items()}
    steps = {name: np.abs(np.diff(each, axis=0)).max() / each.mean() for name, each in grey.items()}
    assert steps["steel"] > 2 * steps["drape"]
    redness = {name: px.mean(axis=0)[0] / px.mean(axis=0)[2] for name, px in seen.items()}
    assert redness["skin"] > 1.4 > redness["enamel"] > redness["drape"]


def test_glass_lets_through_what_lies_behind(make, moment):
    behind = boxes.box("drape", (0.3, 0.2, 1.2), (0.02, 0.3, 0.3))
    clear = Piece("tray", (behind, boxes.box("glass", (0.0, 0.0, 1.2), (0.02, 0.2, 0.2))))
    shut = Piece("tray", (behind, boxes.box("enamel", (0.0, 0.0, 1.2), (0.02, 0.2, 0.2))))
    seen = []
    for tray in (clear, shut):
        theatre = make({"suite": boxes.room()["suite"], "tray": tray})
        theatre.show(moment())
        seen.append(colour(theatre, theatre.still("operator"), (-0.02, 0.0, 1.2)))
    through, enamel = seen
    assert through[2] > 1.2 * through[0]
    assert abs(enamel[2] - enamel[0]) < 0.15 * enamel[0]


def test_the_arm_at_ninety_degrees_moves_the_detector(theatre, moment):
    theatre.show(moment())
    upright = theatre.still("head").astype(int)
    theatre.show(moment(orbital=90.0))
    lateral = theatre.still("head").astype(int)
    above = pixel(theatre, (0.0, 0.0, ISOCENTRE_M[2] + 0.55))
    left = pixel(theatre, (-0.60, 0.0, ISOCENTRE_M[2]))  # the patient's left is at -x
    for row, column in (above, left):
        assert np.abs(upright[row, column] - lateral[row, column]).sum() > 60


@pytest.mark.parametrize(("orbital", "tilt"), [(0.0, 0.0), (15.0, 0.0), (-10.0, 20.0)])
def test_the_cross_lies_where_the_beam_meets_the_skin(make, moment, isocentre, orbital, tilt):
    theatre = make({"suite": boxes.room()["suite"], "body": plate("skin", isocentre)}, size=(640, 360))
    now = moment(orbital=orbital, tilt=tilt, beam=True)
    theatre.show(now)
    image = theatre.still("needle")
    source, beam = theatre.cross
    np.testing.assert_allclose(beam, AXES @ view(now.pose).beam)
    middle = source + beam * (PLATE_M - source[2]) / beam[2]
    red = [
        channel[0] - 0.5 * (channel[1] + channel[2])
        for channel in (colour(theatre, image, middle), colour(theatre, image, middle + np.array([0.02, 0.02, 0.0])))
    ]
    assert red[0] > red[1] + 60


def test_the_cross_is_brighter_with_the_beam(make, moment, isocentre):
    theatre = make({"suite": boxes.room()["suite"], "body": plate("skin", isocentre)}, size=(640, 360))
    seen = []
    for beam in (False, True):
        theatre.show(moment(beam=beam))
        seen.append(colour(theatre, theatre.still("needle"), on_plate(0.0, 0.0)))
    assert seen[1][1] < seen[0][1] - 10


def test_learn_mode_takes_the_drape_away_and_shows_bone(make, moment, isocentre):
    theatre = make({"suite": boxes.room()["suite"], "drape": plate("drape", isocentre)})
    theatre.show(moment())
    spinous = (0.0, 0.0, ISOCENTRE_M[2])
    covered = colour(theatre, theatre.still("needle"), spinous)
    theatre.anatomy(True)
    bare = colour(theatre, theatre.still("needle"), spinous)
    assert covered[2] > 1.3 * covered[0]
    assert bare[0] > 1.15 * bare[2]
    theatre.anatomy(False)
    np.testing.assert_allclose(colour(theatre, theatre.still("needle"), spinous), covered, atol=1)


def test_the_trocar_is_where_it_is_held_and_gone_when_it_is_not(theatre, moment, isocentre):
    needle = TrocarPose(np.asarray(isocentre), np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    hub = (0.0, 0.0, ISOCENTRE_M[2] + 0.13)
    theatre.show(moment())
    without = colour(theatre, theatre.still("needle"), hub)
    theatre.show(moment(needle))
    held = colour(theatre, theatre.still("needle"), hub)
    assert held[2] > held[0] + 20  # the hub of the boxes is blue
    theatre.show(moment())
    np.testing.assert_allclose(colour(theatre, theatre.still("needle"), hub), without, atol=1)


def test_the_monitor_shows_the_two_pictures_it_is_given(make, moment):
    from panda3d.core import Texture

    def plain(blue, green, red):
        texture = Texture("plain")
        texture.setup_2d_texture(2, 2, Texture.T_unsigned_byte, Texture.F_rgb)
        texture.set_ram_image(bytes([blue, green, red]) * 4)
        return texture

    theatre = make({name: piece for name, piece in boxes.room().items() if name in ("suite", "monitors")})
    theatre.show(moment())
    theatre.screens(plain(0, 200, 0), plain(200, 0, 0))
    image = theatre.still("operator")
    live, reference = (colour(theatre, image, (1.6, y, 1.55)) for y in (0.3, -0.3))
    assert live[1] > live[2] + 80
    assert reference[2] > reference[1] + 80


def test_the_real_room_can_be_seen_from_everywhere(studio, patient, moment):
    from game.theatre.camera import VIEWPOINTS
    from game.theatre.theatre import Theatre

    told = []
    theatre = Theatre(studio, patient, "L2", (320, 180), lambda share, text: told.append(share))
    try:
        theatre.show(moment())
        for name in VIEWPOINTS:
            image = theatre.still(name)
            assert 50 < image.mean() < 190
            assert image.std() > 25
            assert (image.max(axis=-1) < 3).mean() < 0.1
    finally:
        theatre.close()
    assert told == sorted(told)
    assert told[-1] == 1.0
