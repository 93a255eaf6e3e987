"""From paths to grey: shaders against their numpy twins, noise against its law."""

import numpy as np
import pytest

from game import graphics
from game.fluoroscopy import picture
from models import xray
from models.carm import FIELD_MM, Pose
from models.instruments import TrocarPose
from models.patient import Grid

POSE = Pose(8.0, 4.0)
PIXEL_MM = FIELD_MM / 512
SHADERS = graphics.SHADERS / "fluoroscopy"
TECHNIQUE = xray.Technique(80.0, 0.2)
NEEDLE = TrocarPose(np.array([0.0, 5.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]))
CEMENT = Grid(np.pad(np.ones((10, 10, 10), dtype=np.float32), 2), np.array([20.0, 0.0, 0.0]), 1.0)


@pytest.fixture(scope="module")
def clean(scope):
    return scope.picture(POSE, TECHNIQUE, 0, noise=False)


@pytest.mark.parametrize("name", sorted(path.stem for path in SHADERS.glob("*.frag")))
def test_every_shader_is_glsl_330_compiles_and_is_headed_by_its_twin(scope, name):
    source = (SHADERS / f"{name}.frag").read_text(encoding="utf-8")
    assert source.startswith("#version 330 core\n//")
    assert "Numpy twin" in source.split("\n\n")[0]
    scope.studio.program(name, {"surface": "surface", "stamp": "overlay", "stroke": "overlay"}.get(name, "screen"))


def test_a_shader_that_does_not_compile_is_said_in_one_line(scope, monkeypatch):
    from panda3d.core import Shader

    from models.errors import MissingError

    text = (SHADERS / "screen.vert").read_text(encoding="utf-8")
    broken = Shader.make(Shader.SL_GLSL, text, "#version 330 core\nout vec4 o; void main() { o = vec4(nothing); }")
    monkeypatch.setattr(graphics, "shader", lambda *names: broken)
    with pytest.raises(MissingError, match="does not compile"):
        scope.studio.program("broken")


@pytest.mark.parametrize("technique", [xray.Technique(64.0, 0.1), TECHNIQUE, xray.Technique(107.5, 0.6)])
def test_the_shaders_signal_is_the_numpy_twins(scope, technique):
    scope.picture(POSE, technique, 0, needle=NEEDLE, cement=CEMENT)
    found = scope.chain.primary.read()
    mean, variance = xray.signal(scope.paths(POSE, NEEDLE, CEMENT), technique.kvp, technique.mas, PIXEL_MM)
    np.testing.assert_allclose(found[..., 0], mean, rtol=5e-3)
    np.testing.assert_allclose(found[..., 1], variance, rtol=5e-3)
    assert np.median(np.abs(found[..., 0] / mean - 1)) < 1e-5


def test_the_whole_chain_without_noise_is_the_numpy_twins(scope, clean):
    mean, _ = xray.signal(scope.paths(POSE), TECHNIQUE.kvp, TECHNIQUE.mas, PIXEL_MM)
    np.testing.assert_allclose(clean.signal, picture.expected(mean, TECHNIQUE, PIXEL_MM), rtol=1e-4)


def test_grey_is_the_numpy_twins_and_bone_is_dark(scope, clean):
    mean, _ = xray.signal(scope.paths(POSE), TECHNIQUE.kvp, TECHNIQUE.mas, PIXEL_MM)
    aim = picture.target(TECHNIQUE.kvp, PIXEL_MM)
    twin = picture.grey(clean.signal, picture.tone(mean, TECHNIQUE, PIXEL_MM, aim), aim)
    assert np.abs(clean.grey.astype(int) - twin.astype(int)).max() <= 1
    with_steel = scope.picture(POSE, TECHNIQUE, 0, needle=NEEDLE, noise=False)
    assert with_steel.grey.min() < clean.grey.min() - 30
    inverted = scope.picture(POSE, TECHNIQUE, 0, noise=False, invert=True)
    assert np.abs(inverted.grey.astype(int) + clean.grey - 255).max() <= 1


def test_the_twin_also_holds_where_the_picture_is_bright(scope):
    """A hundredfold dose: over the knee of the slow part and up the shoulder."""
    technique = xray.Technique(80.0, 20.0)
    shot = scope.picture(POSE, technique, 0, needle=NEEDLE, noise=False)
    mean, _ = xray.signal(scope.paths(POSE, NEEDLE), technique.kvp, technique.mas, PIXEL_MM)
    aim = picture.target(technique.kvp, PIXEL_MM)
    twin = picture.grey(shot.signal, picture.tone(mean, technique, PIXEL_MM, aim), aim)
    assert np.median(twin) > 255 * picture.SHOULDER
    assert np.abs(shot.grey.astype(int) - twin.astype(int)).max() <= 1


def test_the_display_loses_no_order_and_has_no_step_or_kink():
    """Without a kink: slopes change little from one hundredth to the next, so no band is seen."""
    over, value = np.arange(-1.0, 6.0, 0.01), np.arange(0.0, 8.0, 0.01)
    for curve, at in ((over - picture.taken(over), over), (picture.shouldered(value), value)):
        slope = np.diff(curve) / np.diff(at)
        assert (slope > 0).all()
        assert np.abs(np.diff(slope)).max() < 0.05
    assert picture.shouldered(np.array([picture.SHOULDER / 2])) == picture.SHOULDER / 2
    assert picture.shouldered(value).max() < 1.0


def test_noise_before_the_detectors_blur_has_the_variance_of_the_quanta_and_no_neighbours(scope):
    scope.picture(POSE, TECHNIQUE, 0, noise=False)
    quiet = scope.chain.pulse.read()[..., 0].astype(float)
    primary = scope.chain.sharp.read().astype(float)
    scope.picture(POSE, TECHNIQUE, 12345)
    noise = scope.chain.pulse.read()[..., 0] - quiet
    # Scatter adds to the variance in the proportion in which it adds to the mean, slowly over the picture.
    variance = primary[..., 1] * quiet / primary[..., 0]
    z = noise / np.sqrt(variance)
    count = z.size
    assert abs(z.mean()) < 4 / np.sqrt(count)
    assert z.std() == pytest.approx(1.0, abs=0.01)
    assert abs((z**3).mean()) < 0.05
    assert abs((z[:, 1:] * z[:, :-1]).mean()) < 4 / np.sqrt(count)
    assert abs((z[1:] * z[:-1]).mean()) < 4 / np.sqrt(count)


def test_the_detectors_blur_correlates_noise_as_its_kernel_says(scope):
    flat = Pose(isocentre=(0.0, 0.0, 20.0))
    quiet = scope.picture(flat, TECHNIQUE, 0, noise=False)
    noisy = scope.picture(flat, TECHNIQUE, 99)
    weights = picture.detector_kernel(PIXEL_MM).weights
    left = (weights[0] ** 2 + 2 * (weights[1:] ** 2).sum()) ** 2
    before = scope.chain.pulse.read()[..., 0]
    scope.picture(flat, TECHNIQUE, 0, noise=False)
    raw = before - scope.chain.pulse.read()[..., 0]
    assert (noisy.signal - quiet.signal).var() == pytest.approx(raw.astype(float).var() * left, rel=0.03)


def test_a_seed_repeats_its_noise_and_another_does_not(scope):
    first, again, other = (scope.picture(POSE, TECHNIQUE, seed).signal for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (
        abs(
            np.corrcoef((first - other).ravel(), (scope.picture(POSE, TECHNIQUE, 7).signal - other).ravel())[0, 1] - 0.5
        )
        < 0.02
    )


def test_four_times_the_dose_halves_the_relative_noise(scope):
    relative = []
    for mas in (0.1, 0.4):
        technique = xray.Technique(80.0, mas)
        quiet = scope.picture(POSE, technique, 0, noise=False).signal
        relative.append(((scope.picture(POSE, technique, 3).signal - quiet) / quiet).std())
    assert relative[0] / relative[1] == pytest.approx(2.0, rel=0.02)


@pytest.mark.parametrize("pixel_mm", [298 / 512, 298 / 1024])
def test_kernels_keep_the_mean_and_have_the_widths_of_their_causes(pixel_mm):
    focal, panel = picture.focal_kernel(pixel_mm), picture.detector_kernel(pixel_mm)
    for kernel in (focal, panel, picture.normal_kernel(40.0)):
        assert kernel.weights[0] + 2 * kernel.weights[1:].sum() == pytest.approx(1.0)
        assert (np.diff(kernel.weights) < 0).all()
        assert len(kernel.weights) <= picture.TAPS
    # MTF one half at 1.3/mm, less the pixel's own sinc.
    steps = np.arange(1, len(panel.weights)) * pixel_mm
    mtf = panel.weights[0] + 2 * (panel.weights[1:] * np.cos(2 * np.pi * 0.6 * steps)).sum()
    assert mtf == pytest.approx(1 / (1 + (0.6 / 1.3) ** 2), abs=0.06)


def test_the_picture_of_a_pose_seen_before_is_the_same_after_another(scope, clean):
    scope.picture(Pose(30.0), TECHNIQUE, 0)
    np.testing.assert_array_equal(scope.picture(POSE, TECHNIQUE, 0, noise=False).signal, clean.signal)


def test_scatter_is_taken_off_again_to_a_fiftieth(scope, clean):
    mean, _ = xray.signal(scope.paths(POSE), TECHNIQUE.kvp, TECHNIQUE.mas, PIXEL_MM)
    sharp = picture.blurred(picture.blurred(mean, picture.focal_kernel(PIXEL_MM)), picture.detector_kernel(PIXEL_MM))
    found = picture.unscattered(clean.signal.astype(float), TECHNIQUE, PIXEL_MM)
    assert np.median(np.abs(found / sharp - 1)) < 0.02
