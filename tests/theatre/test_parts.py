"""What the room is made with: programs, light, viewpoints, coarse meshes; most of it without a picture."""

import numpy as np
import pytest

from game.theatre import camera, coarse, light
from models.suite.mesh import MATERIALS, Piece
from tests.theatre import boxes

ROOM = light.Surroundings((-3.0, -2.9, 0.0), (3.3, 3.2, 2.9), (0.15, 0.15, 2.2, 1.9), (0.29, 0.59))


def test_every_variant_of_every_program_compiles(studio):
    from game.theatre import variants

    for kind in variants.KINDS:
        for taps in (4, 9):
            variants.surface(studio, kind, taps)
    for defines in ((), ("SMOOTH",)):
        variants.program(studio, "screen", "post", defines)
    variants.program(studio, "depth", "depth")


def test_a_program_that_does_not_compile_is_named(studio):
    from game.theatre import variants
    from models.errors import MissingError

    with pytest.raises(MissingError, match=r"theatre/surface .*NOWHERE"):
        variants.program(studio, "surface", "surface", ("TAPS NOWHERE", "BLOCKERS 8"))


def test_every_material_has_a_kind_and_glass_is_clear():
    from game.theatre import variants

    kinds = {name: variants.kind(name, material) for name, material in MATERIALS.items()}
    assert set(kinds.values()) <= set(variants.KINDS)
    assert kinds["glass"] == "clear"
    assert kinds["screen live"] == "screen"
    assert kinds["drape"] != kinds["skin"] != kinds["steel"]


def test_the_smooth_light_is_the_mean_over_the_half_space():
    place = np.array([0.0, 0.0, 1.2])
    factors = light.ambient(ROOM, place)
    rng = np.random.default_rng(3)
    ways = rng.normal(size=(200_000, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    seen = light.surroundings(ROOM, place, ways)
    for normal in ([0, 0, 1], [0, 0, -1], [1, 0, 0], [0.6, 0, 0.8], [0, -1, 0]):
        cosine = np.maximum(ways @ normal, 0.0)[:, None]
        exact = 4 * (cosine * seen).mean(axis=0)
        smooth = (light.harmonics(np.array([normal], dtype=float)) @ factors)[0]
        np.testing.assert_allclose(smooth, exact, rtol=0.12)


def test_more_light_comes_from_the_ceiling_than_from_the_floor():
    factors = light.ambient(ROOM, np.array([0.0, 0.0, 1.2]))
    up, down = (light.harmonics(np.array([[0.0, 0.0, z]])) @ factors for z in (1.0, -1.0))
    assert (up > 1.5 * down).all()


def test_the_shader_sees_the_same_room_as_numpy(studio):
    from panda3d.core import Camera, MatrixLens, NodePath, Shader

    from game import graphics
    from game.theatre import variants
    from game.theatre.sheets import Sheet
    from game.theatre.theatre import uniform

    head = "#define TAPS 4\n#define BLOCKERS 8\n" + (variants.FOLDER / "light.glsl").read_text(encoding="utf-8")
    body = """layout(location = 0) out vec4 result;
    void main() {
        vec2 turn = (gl_FragCoord.xy / 64.0) * vec2(6.2831853, 3.1415926);
        vec3 way = vec3(cos(turn.x) * sin(turn.y), sin(turn.x) * sin(turn.y), cos(turn.y));
        result = vec4(surroundings(vec3(0.3, -0.4, 1.2), way, 0.0) / 4.0, 1.0);
    }"""
    sheet = Sheet(studio, "surroundings", (64, 64), depth=False)
    scene = NodePath("scene")
    sheet.buffer.make_display_region().set_camera(scene.attach_new_node(Camera("camera", MatrixLens())))
    path = scene.attach_new_node(graphics.screen_triangle())
    path.set_shader(Shader.make(Shader.SL_GLSL, variants.source("screen.vert", ()), variants.VERSION + head + body))
    for name, value in light.uniforms(ROOM, light.Lamp((0, 0, 2), (0, 0, 1))).items():
        path.set_shader_input(name, uniform(value))
    sheet.buffer.set_active(True)
    studio.engine.render_frame()
    seen = sheet.read()[::-1].astype(float) / 255 * 4
    sheet.close()
    column, row = np.meshgrid(np.arange(64) + 0.5, np.arange(64) + 0.5)
    turn, tilt = column / 64 * 2 * np.pi, row / 64 * np.pi
    ways = np.stack([np.cos(turn) * np.sin(tilt), np.sin(turn) * np.sin(tilt), np.cos(tilt)], axis=-1).reshape(-1, 3)
    known = light.surroundings(ROOM, np.array([0.3, -0.4, 1.2]), ways).reshape(64, 64, 3)
    assert np.percentile(np.abs(seen - np.minimum(known, 4.0)), 98) < 0.02


def test_turning_keeps_the_distance_and_stays_above_the_floor():
    start = camera.VIEWPOINTS["operator"]
    distance = np.linalg.norm(np.subtract(start.eye, start.at))
    view = start
    for _ in range(50):
        view = camera.turned(view, 0.3, -0.2)
        assert np.linalg.norm(np.subtract(view.eye, view.at)) == pytest.approx(distance)
    assert np.arcsin((view.eye[2] - view.at[2]) / distance) == pytest.approx(camera.PITCH[0])


def test_nearing_ends_at_its_limits():
    view = camera.VIEWPOINTS["needle"]
    for _ in range(40):
        view = camera.nearer(view, 1.3)
    assert np.linalg.norm(np.subtract(view.eye, view.at)) == pytest.approx(camera.NEAREST_M)
    for _ in range(80):
        view = camera.nearer(view, 0.8)
    assert np.linalg.norm(np.subtract(view.eye, view.at)) == pytest.approx(camera.FARTHEST_M)


def test_what_a_cloth_hides_is_parted_from_what_it_does_not():
    body = Piece("body", (boxes.ball("skin", (0, 0, 0), (170, 100, 500)),))
    drape = Piece("drape", (grid_cloth(-300, 300, -300, 300, 110.0),))
    seen, hidden = coarse.uncovered(body, drape)
    whole = len(body.parts[0].faces)
    assert len(seen.parts[0].faces) + len(hidden.parts[0].faces) == whole
    assert np.abs(hidden.parts[0].vertices[:, 2]).max() < 300 - coarse.INSET_MM + coarse.CELL_MM
    assert np.abs(seen.parts[0].vertices[:, 2]).max() == pytest.approx(500, abs=1)
    assert len(hidden.parts[0].faces) > whole / 4


def grid_cloth(left, right, low, high, height, step=10.0):
    from game.theatre.anatomy import part

    x, z = np.meshgrid(np.arange(left, right, step), np.arange(low, high, step), indexing="ij")
    points = np.stack([x, np.full(x.shape, height), z], axis=-1).reshape(-1, 3)
    number = np.arange(x.size).reshape(x.shape)
    faces = np.stack([number[:-1, :-1], number[:-1, 1:], number[1:, 1:]], axis=-1).reshape(-1, 3)
    return part("drape", points, faces)


def test_a_shadow_is_thrown_by_fewer_triangles_in_the_same_place():
    ball = boxes.ball("skin", (5, 0, 0), (100, 100, 100))
    vertices, faces = coarse.caster(Piece("body", (ball, ball, boxes.ball("glass", (900, 0, 0), (50, 50, 50)))))
    assert len(faces) < 0.4 * 2 * len(ball.faces)
    np.testing.assert_allclose(vertices.min(axis=0), [-95, -100, -100], atol=3)
    np.testing.assert_allclose(vertices.max(axis=0), [105, 100, 100], atol=3)


def test_quarters_are_the_whole():
    suite = boxes.room()["suite"]
    cut = coarse.quarters(suite)
    assert len(cut) == 4
    assert sum(len(part.faces) for piece in cut for part in piece.parts) == sum(len(part.faces) for part in suite.parts)


def test_the_canal_lies_inside_the_ring_of_each_vertebra(patient):
    from game.theatre.anatomy import canal

    tube = canal(patient).parts[0]
    for vertebra in patient.vertebrae.values():
        near = tube.vertices[np.abs(tube.vertices[:, 2] - vertebra.canal_centre[2]) < 1.01]
        off = (near[:, :2] - vertebra.canal_centre[:2]) / [vertebra.canal_half_width, vertebra.canal_half_depth]
        np.testing.assert_allclose(np.linalg.norm(off, axis=1), 1.0, atol=0.12)
    outward = np.einsum("ij,ij->i", tube.normals, tube.vertices - tube.vertices.mean(axis=0))
    assert np.median(outward) > 0


def test_bones_are_coarser_but_no_smaller(patient):
    from game.theatre.anatomy import BONE_FACES, bones

    pieces = bones(patient, "L2")
    assert {part.material for part in pieces.parts} == {"bone", "target bone"}
    for part, bone in zip(pieces.parts, patient.bones.values(), strict=True):
        assert len(part.faces) <= BONE_FACES * 1.02
        placed = bone.outer.vertices @ bone.patient_from_bone[:3, :3].T + bone.patient_from_bone[:3, 3]
        np.testing.assert_allclose(part.vertices.min(axis=0), placed.min(axis=0), atol=0.6)


def test_tiles_cover_a_part_once_and_are_no_larger_than_asked():
    from game.theatre.portion import Portion

    part = Portion(3, 645, 10, 371)
    for count in (1, 4, 7, 40):
        tiles = part.tiles(count, (322, 180))
        assert len(tiles) >= count
        seen = np.zeros((400, 700), dtype=int)
        for tile in tiles:
            assert tile.fits((322, 180))
            seen[tile.bottom : tile.top, tile.left : tile.right] += 1
        assert seen.sum() == part.area
        assert seen.max() == 1
    assert part.grown(5, (646, 374)) == Portion(0, 646, 5, 374)
    assert Portion(0, 4, 0, 4).joined(Portion(2, 9, 1, 3)) == Portion(0, 9, 0, 4)
