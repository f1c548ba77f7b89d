"""Which way is up for a camera: from an accelerometer that stands still, and frames that are level.

At rest an accelerometer reads the specific force, 9.81 m/s^2 upwards (REP 145). Drivers differ in which covariances
they fill, so a reading is judged by its size and steadiness, not by its covariance.
"""

import threading
from collections import deque
from typing import Literal

import numpy as np

from mt3_common import se3
from mt3_common.config import Config, setting
from mt3_common.errors import MT3Error, StatusCode

__all__ = ['GravityConfig', 'ImuHistory', 'level_pose', 'tilt_between']

_STANDARD_GRAVITY = 9.80665


class GravityConfig(Config):
    """Where up comes from: the camera's pose in TF, an accelerometer, the table itself, in this order."""

    imu_topic: str = setting(
        '', "accelerations of the camera (sensor_msgs/Imu), such as /camera/camera/imu; empty: TF's word is taken"
    )
    imu_frame: str = setting('', 'frame of its readings; empty: as in their header')
    window_s: float = setting(0.5, 'readings of so long are averaged', 's', ge=0.05, le=5.0)
    min_readings: int = setting(10, 'fewer readings in that time are refused', 'readings', ge=2, le=5000)
    max_spread_mps2: float = setting(
        0.4, 'readings that scatter by more: the camera is moving', 'm/s^2', ge=0.01, le=10.0
    )
    max_error_mps2: float = setting(
        0.7, 'the mean may differ from 9.81 by so much: calibrate the sensor else', 'm/s^2', ge=0.01, le=5.0
    )
    max_tilt_rad: float = setting(
        0.07, 'the pose in TF is refused when its up differs from the measured one by more', 'rad', ge=0.005, le=1.6
    )
    without_pose: Literal['refuse', 'level'] = setting(
        'refuse',
        "level: a camera that TF does not know gets a level frame of its own, by the accelerometer or, without one, "
        'by the table; for trying things out, as an arm does not know that frame',
    )  # fmt: skip


class ImuHistory:
    """Keeps the accelerations of the last seconds. Safe for several threads.

    Attributes:
        frame: Of the newest reading.
    """

    def __init__(self, config: GravityConfig, keep_s: float = 5.0) -> None:
        self._config, self._keep_s = config, max(keep_s, 2.0 * config.window_s)
        self._lock = threading.Lock()
        self._readings: deque[tuple[float, np.ndarray]] = deque()
        self.frame = ''

    def add(self, stamp_s: float, frame: str, acceleration: np.ndarray) -> None:
        """Take one reading (3,) [m/s^2]; time that goes backwards starts over, what is not finite is no reading."""
        acceleration = np.asarray(acceleration, np.float64)
        if not np.isfinite(acceleration).all():
            return
        with self._lock:
            if self._readings and (stamp_s < self._readings[-1][0] - self._config.window_s or frame != self.frame):
                self._readings.clear()
            self.frame = frame
            self._readings.append((stamp_s, acceleration))
            while self._readings[0][0] < stamp_s - self._keep_s:
                self._readings.popleft()

    def up(self, stamp_s: float) -> np.ndarray:
        """Return the unit vector (3,) against gravity, in the sensor's frame, at the time of an image [s].

        Raises:
            MT3Error: NO_DATA, too few readings about that time, or they are not those of a sensor at rest.
        """
        config = self._config
        with self._lock:
            readings = list(self._readings)
        # the driver may publish a picture before the readings of its time: half a window later is as good
        near = [a for t, a in readings if -config.window_s <= t - stamp_s <= 0.5 * config.window_s]
        if len(near) < config.min_readings:
            newest = f', the newest is {abs(stamp_s - readings[-1][0]):.2f} s away' if readings else ''
            raise MT3Error(
                f'{len(near)} readings on {config.imu_topic} within {config.window_s} s of the image{newest}; '
                f'{config.min_readings} are needed',
                StatusCode.NO_DATA,
            )
        mean, spread = np.mean(near, axis=0), float(np.linalg.norm(np.std(near, axis=0)))
        if spread > config.max_spread_mps2:
            raise MT3Error(
                f'the readings on {config.imu_topic} scatter by {spread:.2f} m/s^2, the limit is '
                f'{config.max_spread_mps2}: the camera is moving or shaking; wait until it stands',
                StatusCode.NO_DATA,
            )
        size = float(np.linalg.norm(mean))
        if abs(size - _STANDARD_GRAVITY) > config.max_error_mps2:
            raise MT3Error(
                f'{config.imu_topic} reads {size:.2f} m/s^2 at rest instead of 9.81 (limit {config.max_error_mps2}): '
                + _guess(size),
                StatusCode.NO_DATA,
            )
        return mean / size


def _guess(size: float) -> str:
    """Say what a wrong size may come from."""
    if size < 0.3:
        return 'is it the topic of the gyroscope, or is gravity already taken out of it?'
    if abs(size - 1.0) < 0.1:
        return 'is it in g instead of m/s^2?'
    return "calibrate the sensor, or name another topic in gravity.imu_topic"  # fmt: skip


def tilt_between(up_camera: np.ndarray, T_base_camera: np.ndarray) -> float:
    """Return the angle [rad] between a measured up (3,) in the camera frame and the z axis of the base."""
    return float(
        np.arctan2(np.linalg.norm(np.cross(up_camera, T_base_camera[2, :3])), up_camera @ T_base_camera[2, :3])
    )


def level_pose(up_camera: np.ndarray) -> np.ndarray:
    """Return T_level_camera (4, 4): a frame at the camera, z up, x where the camera looks, seen from above.

    Args:
        up_camera: (3,) unit vector against gravity in the optical frame.
    """
    # a camera that looks straight down has no direction seen from above: then x is the top of the picture
    ahead = next(
        level
        for axis in ([0.0, 0.0, 1.0], [0.0, -1.0, 0.0])
        if np.linalg.norm(level := np.asarray(axis) - np.dot(axis, up_camera) * up_camera) > 0.1
    )
    x = ahead / np.linalg.norm(ahead)
    return se3.make(np.stack([x, np.cross(up_camera, x), up_camera]))
