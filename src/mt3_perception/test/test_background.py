"""A camera that was moved is told from one that was not, whatever stands on the table."""

import re

import cv2
import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.background import register, take_background
from mt3_perception.camera_model import CameraModel
from mt3_perception.testing import TableTop, depth_noise, look_at, random_clutter
from mt3_perception.watch import CalibrationWatch, WatchConfig

T_BASE_CAMERA = look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))


def seen(T_true, seed):
    """Noisy depth of other objects, K, and the pixels of the objects."""
    rng = np.random.default_rng(seed)
    view = TableTop(random_clutter(rng, 5)).view(T_true, 320, 240, 300.0)
    things = cv2.dilate((view.ids > 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return depth_noise(view.depth_m, rng), view.K, things


def view(T_true, seed):
    depth, K, things = seen(T_true, seed)
    return take_background(depth, K, T_BASE_CAMERA, things)


@pytest.fixture(scope='module')
def reference():
    return view(T_BASE_CAMERA, 1)


@pytest.mark.parametrize('seed', range(2, 6))
def test_at_rest_it_lies_still(reference, seed):
    found = register(reference, view(T_BASE_CAMERA, seed))
    assert found.conclusive
    assert found.distance_m < 0.004
    assert found.angle_rad < 0.004
    assert found.share > 0.95


@pytest.mark.parametrize('axis', range(3))
@pytest.mark.parametrize('degrees', [1.5, -3.0])
def test_turns_are_measured(reference, axis, degrees):
    twist = np.zeros(6)
    twist[3 + axis] = np.radians(degrees)
    found = register(reference, view(T_BASE_CAMERA @ se3.exp(twist), 7))
    assert np.degrees(found.angle_rad) == pytest.approx(abs(degrees), abs=0.2)
    assert found.misfit_m < 0.5 * found.misfit_before_m


def test_a_camera_that_sank_is_measured(reference):
    lower = T_BASE_CAMERA.copy()
    lower[2, 3] -= 0.025
    assert register(reference, view(lower, 8)).distance_m == pytest.approx(0.025, abs=0.006)


def test_without_common_background_nothing_is_said(reference):
    depth, K, things = seen(T_BASE_CAMERA, 9)
    assert not register(reference, take_background(depth, K, T_BASE_CAMERA, np.ones_like(things))).conclusive


def check(watch, T_true, seed):
    return watch.check_background(*seen(T_true, seed)[:2], T_BASE_CAMERA, seen(T_true, seed)[2])


def says(status, words):
    """The camera is not to be trusted, in these words."""
    assert status.code == StatusCode.CALIBRATION
    assert re.search(words, status.message), status.message


def test_the_watch_tells_of_a_moved_camera_until_it_is_accepted():
    watch = CalibrationWatch(WatchConfig())
    tilted = T_BASE_CAMERA @ se3.exp(np.array([0, 0, 0, 0.04, 0, 0]))
    for seed in range(1, 4):
        assert check(watch, T_BASE_CAMERA, seed).ok
    says(check(watch, tilted, 4), r'the camera was moved: .* 2\.\d* degrees \(limits 10 mm, 1.1 degrees\)')
    watch.accept()
    assert check(watch, tilted, 5).ok
    assert check(watch, tilted, 6).ok


def test_the_watch_tells_of_another_room():
    watch = CalibrationWatch(WatchConfig())
    assert check(watch, T_BASE_CAMERA, 1).ok
    says(check(watch, look_at((0.4, 0.9, 0.4), (0.5, 0.0, 0.02)), 2), 'of the background is where it was')


def test_the_accepted_scene_outlives_a_restart(tmp_path):
    config = WatchConfig(reference_file=str(tmp_path / 'accepted.npz'))
    model = CameraModel(320, 240, seen(T_BASE_CAMERA, 1)[1])
    first = CalibrationWatch(config)
    assert first.check_camera(model, T_BASE_CAMERA).ok
    assert check(first, T_BASE_CAMERA, 1).ok
    second = CalibrationWatch(config)
    says(check(second, T_BASE_CAMERA @ se3.exp(np.array([0, 0, 0, 0.04, 0, 0])), 2), 'the camera was moved')
    says(second.check_camera(CameraModel(640, 480, model.K), T_BASE_CAMERA), 'went from 320x240 to 640x480')
    second.accept()
    assert not (tmp_path / 'accepted.npz').exists()


def test_a_reference_file_that_is_none_is_refused(tmp_path):
    path = tmp_path / 'accepted.npz'
    path.write_bytes(b'no')
    with pytest.raises(MT3Error, match='delete it') as no:
        CalibrationWatch(WatchConfig(reference_file=str(path)))
    assert no.value.code == StatusCode.STORAGE
