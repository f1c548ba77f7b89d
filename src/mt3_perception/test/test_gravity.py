"""Which way is up: what an accelerometer may say and what is refused."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_perception.gravity import GravityConfig, ImuHistory, level_pose, tilt_between
from mt3_perception.testing import look_at

CONFIG = GravityConfig(imu_topic='/imu')
UP = np.array([0.1, -0.8, -0.6]) / np.linalg.norm([0.1, -0.8, -0.6])


def history(accelerations, start_s=9.6, rate_hz=100.0, frame='imu'):
    kept = ImuHistory(CONFIG)
    for k, acceleration in enumerate(accelerations):
        kept.add(start_s + k / rate_hz, frame, acceleration)
    return kept


def at_rest(count=45, size=9.81, noise=0.05, seed=0):
    return size * UP + np.random.default_rng(seed).normal(0.0, noise, (count, 3))


def test_up_is_the_mean_of_a_sensor_at_rest():
    assert np.degrees(np.arccos(history(at_rest()).up(10.0) @ UP)) < 0.3


def test_readings_of_another_time_do_not_count():
    """The sensor lay differently before; only what is near the image tells how it lies now."""
    kept = history(np.tile([9.81, 0.0, 0.0], (300, 1)), start_s=6.0)
    for k, acceleration in enumerate(at_rest()):
        kept.add(9.6 + k / 100.0, 'imu', acceleration)
    assert np.degrees(np.arccos(kept.up(10.0) @ UP)) < 0.3


@pytest.mark.parametrize(
    ('accelerations', 'words'),
    [
        ([], '0 readings on /imu'),
        (at_rest(5), '5 readings'),
        (np.full((45, 3), np.nan), '0 readings'),
        (np.zeros((45, 3)), 'gyroscope'),
        (at_rest(size=1.0, noise=0.01), 'in g instead'),
        (at_rest(size=11.5), r'11\.[45]\d m'),
        (at_rest(noise=1.0), 'moving or shaking'),
    ],
)
def test_what_is_not_gravity_is_refused_with_the_reason(accelerations, words):
    with pytest.raises(MT3Error, match=words) as error:
        history(accelerations).up(10.0)
    assert error.value.code == StatusCode.NO_DATA


def test_silence_is_refused_and_says_for_how_long():
    with pytest.raises(MT3Error, match=r'newest is 3\.\d* s away'):
        history(at_rest(), start_s=6.5).up(10.0)


def test_time_that_goes_backwards_starts_over():
    kept = history(np.tile([9.81, 0.0, 0.0], (100, 1)), start_s=99.0)
    for k, acceleration in enumerate(at_rest()):
        kept.add(9.6 + k / 100.0, 'imu', acceleration)
    assert kept.up(10.0) @ UP > 0.999


def test_tilt_is_the_angle_to_the_base():
    T = look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))
    assert tilt_between(T[2, :3], T) == pytest.approx(0.0, abs=1e-7)
    turned = T @ se3.exp(np.array([0.0, 0.0, 0.0, 0.1, 0.0, 0.0]))
    assert tilt_between(T[2, :3], turned) == pytest.approx(0.1 * np.linalg.norm(T[2, 1:3]), abs=2e-3)
    assert tilt_between(-T[2, :3], T) == pytest.approx(np.pi)


@pytest.mark.parametrize('target', [(0.5, 0.0, 0.0), (1.15, 0.1, 0.0), (3.0, 0.1, 0.75)])
def test_a_level_frame_has_z_up_wherever_the_camera_looks(target):
    up = look_at((1.15, 0.1001, 0.75), target)[2, :3]
    T = level_pose(up)
    assert se3.is_transform(T)
    assert T[2, :3] == pytest.approx(up)
    assert T[:3, 3] == pytest.approx(0.0)
    assert T[0, 2] >= -1e-9  # the camera does not look backwards
