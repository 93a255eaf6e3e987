"""The room's things: whole meshes of known materials, an arm that stands where the physics says and goes where it must."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.carm import SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, Pose
from models.instruments import TROCAR
from models.suite import bake
from models.suite.assembling import assembled
from models.suite.c_arm import BRACKET_DEG, CHEEK_M, END_DEG, OUTER_M
from models.suite.equipment import EQUIPMENT
from models.suite.layout import ISOCENTRE_M, room_from_c
from models.suite.mesh import MATERIALS, Part, Piece
from models.suite.occlusion import shade
from models.suite.shapes import box, disc, dressed, extrude, revolve, sheet, tube
from models.suite.table import TOP_M, WIDTH_M

Points = NDArray[np.float64]

NAMES = (
    "cart",
    "housing",
    "c",
    "table",
    "pedestal",
    "monitors",
    "suite",
    "lamp",
    "tray",
    "trocar",
    "stylet knob",
    "injector",
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Piece]:
    return bake.pieces(tmp_path_factory.mktemp("suite"))


def part(piece: Piece, material: str) -> Part:
    return next(part for part in piece.parts if part.material == material)


def surface(piece: Piece) -> Points:
    """(N, 3) vertices, and middles of faces and edges."""
    found = []
    for one in piece.parts:
        a, b, c = (one.vertices[one.faces[:, i]].astype(np.float64) for i in range(3))
        found += [a, (a + b + c) / 3, (a + b) / 2, (b + c) / 2, (c + a) / 2]
    return np.concatenate(found)


def placed(points: Points, frame: Points) -> Points:
    return points @ frame[:3, :3].T + frame[:3, 3]


def test_everything_the_room_needs_is_there_and_light_enough(room):
    assert tuple(room) == NAMES
    assert sum(len(one.faces) for piece in room.values() for one in piece.parts) < 150_000


@pytest.mark.parametrize("name", NAMES)
def test_parts_are_of_known_materials_with_unit_normals_and_shade_between_0_and_1(room, name):
    for one in room[name].parts:
        assert one.material in MATERIALS
        assert np.abs(np.linalg.norm(one.normals, axis=1) - 1).max() < 1e-5
        assert one.shade.min() >= 0 and one.shade.max() <= 1
        assert np.isfinite(one.vertices).all() and one.faces.max() < len(one.vertices)


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_is_closed_and_looks_outward(name):
    builder, _, _ = EQUIPMENT[name]
    for material, shape in builder():
        if material.startswith("screen "):
            continue
        edges = np.concatenate([shape.faces[:, [i, (i + 1) % 3]] for i in range(3)])
        there = {tuple(edge) for edge in edges.tolist()}
        assert all((b, a) in there for a, b in there), material
        assert shape.volume > 0, material


@pytest.mark.parametrize("name", NAMES)
def test_normals_look_to_the_side_that_their_faces_show(room, name):
    for one in room[name].parts:
        a, b, c = (one.vertices[one.faces[:, i]].astype(np.float64) for i in range(3))
        face = np.cross(b - a, c - a)
        assert ((face[:, None] * one.normals[one.faces]).sum(-1) > 0).mean() > 0.999


def test_the_detectors_front_stands_where_the_projection_has_it(room):
    front = part(room["c"], "carbon").vertices
    assert front[:, 2].min() == pytest.approx((SOURCE_DETECTOR_MM - SOURCE_ISOCENTRE_MM) / 1000, abs=1e-6)
    assert np.ptp(front[:, 0]) == pytest.approx(np.ptp(front[:, 1]), abs=1e-6) == pytest.approx(0.32, abs=0.01)


def test_the_focal_spot_lies_in_the_tubes_tank_and_the_beam_leaves_through_its_window(room):
    points = surface(room["c"])
    spot = points - (0.0, 0.0, -SOURCE_ISOCENTRE_MM / 1000)
    for axis in range(3):  # metal on every side of it
        for sign in (-1, 1):
            assert ((sign * spot[:, axis] > 0) & (np.abs(spot) < 0.18).all(axis=1)).any()
    window = part(room["c"], "clear plastic").vertices
    window = window[window[:, 2] < 0]
    assert np.abs(window[:, :2].mean(axis=0)).max() < 1e-6
    half_beam = 0.149 / (SOURCE_DETECTOR_MM / 1000) * (SOURCE_ISOCENTRE_MM / 1000 - 0.405)
    assert window[:, 0].max() > half_beam


@pytest.mark.parametrize("orbital", range(-110, 111, 10))
def test_the_c_slides_through_its_bracket_without_touching_it(room, orbital):
    turned = placed(surface(room["c"]), room_from_c(Pose(orbital=orbital))) - ISOCENTRE_M
    radius = np.hypot(turned[:, 0], turned[:, 2])
    angle = np.degrees(np.arctan2(turned[:, 2], turned[:, 0]))
    bow = (radius > CHEEK_M) & (radius < OUTER_M + 0.002) & (np.abs(angle) < 60)
    held = np.abs(angle[bow])
    assert angle[bow].min() < -BRACKET_DEG and angle[bow].max() > BRACKET_DEG and held.min() < 1.0
    cheek = (np.abs(turned[:, 1]) > 0.063) & (np.abs(turned[:, 1]) < 0.093)
    cheeks = cheek & (radius > CHEEK_M) & (radius < 0.83) & (np.abs(angle) < BRACKET_DEG)
    back = (np.abs(turned[:, 1]) < 0.075) & (radius > OUTER_M + 0.010) & (np.abs(angle) < BRACKET_DEG)
    assert not cheeks.any() and not back.any()


def test_the_c_is_long_enough_for_the_arms_limits():
    assert END_DEG - BRACKET_DEG >= 110.0


@pytest.mark.parametrize("orbital", range(-100, 101, 10))
def test_the_untilted_c_meets_neither_table_nor_body(room, orbital):
    """Pad 125 mm below the isocentre as for first-case (body.table_top_mm); the body as a box 0.44 m wide and 0.24 m high."""
    turned = placed(surface(room["c"]), room_from_c(Pose(orbital=orbital))) - ISOCENTRE_M
    x, z = np.abs(turned[:, 0]), turned[:, 2]
    pad = -0.125
    assert not ((x < WIDTH_M / 2 + 0.03) & (z < pad) & (z > pad - TOP_M)).any()
    assert not ((x < 0.22) & (z > pad) & (z < pad + 0.24)).any()


def test_the_arm_stays_above_the_floor_and_below_the_lamp_at_every_tilt(room):
    arm = surface(room["c"])
    lamp = surface(room["lamp"])
    reach = np.linalg.norm(arm, axis=1).max()
    assert reach < ISOCENTRE_M[2] - 0.25
    assert np.linalg.norm(lamp - ISOCENTRE_M, axis=1).min() > reach + 0.02


def test_screens_face_the_operator_and_their_uv_is_upright(room):
    for material in ("screen live", "screen reference", "screen figures"):
        one = part(room["monitors"], material)
        corner = {tuple(np.round(uv).astype(int)): v for uv, v in zip(one.uv, one.vertices, strict=True)}
        right, up = corner[1, 0] - corner[0, 0], corner[0, 1] - corner[0, 0]
        assert up[2] > 0.4 and abs(right[2]) < 1e-6
        toward = np.array([-0.7, -0.45, 1.65]) - one.vertices.mean(axis=0)
        looks = np.cross(right, up)
        assert looks @ toward / np.linalg.norm(looks) / np.linalg.norm(toward) > 0.9
    live, reference = (part(room["monitors"], f"screen {name}").vertices[:, 1].mean() for name in ("live", "reference"))
    assert live > reference  # at the left of who looks along +x


def test_the_trocars_point_and_hub_are_where_touch_and_x_ray_have_them(room):
    steel = part(room["trocar"], "steel").vertices
    tip = steel[steel[:, 2].argmax()]
    assert tip == pytest.approx([TROCAR.outer_mm / 2000, 0, 0], abs=1e-5)
    hub = part(room["trocar"], "blue plastic").vertices
    assert hub[:, 2].max() == pytest.approx(-TROCAR.length_mm / 1000, abs=1e-5)
    assert hub[:, 2].min() == pytest.approx(-(TROCAR.length_mm + TROCAR.hub_height_mm) / 1000, abs=1e-5)
    for name in ("stylet knob", "injector"):  # what is put on the hub stands off it: no faces in one plane
        assert max(one.vertices[:, 2].max() for one in room[name].parts) < hub[:, 2].min() - 0.0005


def same(one: dict[str, Piece], two: dict[str, Piece]) -> bool:
    fields = ("vertices", "normals", "uv", "shade", "faces")
    return list(one) == list(two) and all(
        p.material == q.material and all(np.array_equal(getattr(p, f), getattr(q, f)) for f in fields)
        for name in one
        for p, q in zip(one[name].parts, two[name].parts, strict=True)
    )


def test_building_again_gives_the_same_bytes(room):
    for name in ("c", "tray"):
        builder, reach, cell = EQUIPMENT[name]
        assert same({name: room[name]}, {name: assembled(name, builder(), reach, cell)})


def test_pieces_come_back_from_the_cache_as_they_were_and_a_damaged_file_is_built_again(tmp_path, caplog):
    built = []

    def build() -> Piece:
        built.append(1)
        return assembled("cube", [("steel", box(0.1, 0.1, 0.1))], 0.1, 0.01)

    first = bake.baked("cube", {"size": 1}, build, tmp_path)
    assert same({"cube": first}, {"cube": bake.baked("cube", {"size": 1}, build, tmp_path)}) and len(built) == 1
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-200])
    assert same({"cube": first}, {"cube": bake.baked("cube", {"size": 1}, build, tmp_path)}) and len(built) == 2
    assert "damaged" in caplog.text
    bake.baked("cube", {"size": 2}, build, tmp_path)
    assert len(built) == 3 and len(list(tmp_path.iterdir())) == 2


def test_a_place_that_cannot_be_written_costs_only_the_time(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    piece = bake.baked("cube", {}, lambda: assembled("cube", [("steel", box(1, 1, 1))], 1, 0.1), tmp_path / "file")
    assert piece.name == "cube" and "not kept" in caplog.text


@pytest.mark.parametrize(
    ("shape", "volume"),
    [
        (box(0.2, 0.3, 0.4, 0.0), 0.024),
        (disc(0.1, 0.0, 0.5, 0.0001, 256), 0.5 * np.pi * 0.01),
        (revolve([(0.0, 0.0), (0.3, 0.0), (0.0, 0.6)], 256), np.pi * 0.09 * 0.2),
        (extrude([(0, 0), (1, 0), (1, 1), (0, 1)], 0.0, 2.0, 1e-6), 2.0),
        (tube([(0, 0, 0), (0, 0, 1), (0, 0, 3)], np.array([(0.1, 0.1), (-0.1, 0.1), (-0.1, -0.1), (0.1, -0.1)])), 0.12),
    ],
)
def test_shapes_hold_as_much_as_geometry_says(shape, volume):
    assert shape.volume == pytest.approx(volume, rel=1e-3)


def test_a_bevel_takes_from_a_box_and_leaves_its_size():
    for steps in (1, 2, 3):
        rounded = box(0.2, 0.3, 0.4, 0.03, steps)
        assert np.ptp(rounded.vertices, axis=0) == pytest.approx([0.2, 0.3, 0.4])
        assert 0.022 < rounded.volume < 0.024


def test_flats_are_flat_and_corners_are_hard_but_bevels_and_rods_are_round():
    vertices, normals, _, _ = dressed(box(1, 1, 1, 0.0))
    assert len(vertices) == 24 and np.abs(normals).max(axis=1) == pytest.approx(1.0)
    assert len(dressed(disc(0.1, 0.0, 1.0, 0.02, 24))[0]) < 24 * 6 + 24  # places stand once: nothing is split


def test_a_sheet_looks_along_right_cross_up():
    _, normals, uv, _ = dressed(sheet((0, 0, 0), (1, 0, 0), (0, 0, 1)))
    assert normals[0] == pytest.approx([0, -1, 0]) and uv.min() == 0 and uv.max() == 1


def test_a_corner_is_darker_than_the_open():
    floor = np.array([[[-1, -1, 0], [1, -1, 0], [1, 1, 0]], [[-1, -1, 0], [1, 1, 0], [-1, 1, 0]]], dtype=float)
    wall = floor[:, :, [0, 2, 1]] + (0, 1, 0)
    at = np.array([[0, 0.95, 0], [0, 0.0, 0]])
    corner, middle = shade(at, np.tile([0.0, 0.0, 1.0], (2, 1)), np.concatenate([floor, wall]), 0.5, 0.02)
    assert middle == pytest.approx(1.0, abs=0.02) and 0.5 < corner < 0.85
