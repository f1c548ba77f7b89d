"""Where the camera is and which way is up, for one image: TF, an accelerometer, the table, in this order."""

from dataclasses import dataclass

import numpy as np
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Imu

from mt3_common.conversions import stamp_to_seconds
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.executor import InlineGroup
from mt3_common.tf import TransformBuffer
from mt3_perception.config import PerceptionConfig
from mt3_perception.gravity import ImuHistory, level_pose, tilt_between
from mt3_perception.observer import Frame
from mt3_perception.ros_camera import CameraInput
from mt3_perception.segmentation import segment

__all__ = ['CameraPose', 'GravityInput']


@dataclass(frozen=True, eq=False)
class CameraPose:
    """Where a camera was.

    Attributes:
        T_base_camera: (4, 4) [m].
        base_frame: The base; of a camera that TF does not know a frame of its own, level and at the camera.
        in_tf: Whether TF told it.
    """

    T_base_camera: np.ndarray
    base_frame: str
    in_tf: bool


class GravityInput:
    """Hears the accelerometer, if one is named.

    Attributes:
        words: What is known about gravity, for the diagnostics.
    """

    def __init__(self, node: LifecycleNode, config: PerceptionConfig, tf: TransformBuffer) -> None:
        self._node, self._config, self._tf = node, config, tf
        self.words = {'gravity': 'of no image yet'}
        self._history, self._subscriptions = None, []
        if config.gravity.imu_topic:
            self._history = ImuHistory(config.gravity)
            self._subscriptions = [
                node.create_subscription(
                    Imu, config.gravity.imu_topic, self._on_imu, qos_profile_sensor_data, callback_group=InlineGroup()
                )
            ]

    def destroy(self) -> None:
        """End the subscription."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _on_imu(self, message: Imu) -> None:
        a = message.linear_acceleration
        frame = self._config.gravity.imu_frame or message.header.frame_id
        self._history.add(stamp_to_seconds(message.header.stamp), frame, np.array([a.x, a.y, a.z]))

    def pose(self, camera: CameraInput, frame: Frame) -> CameraPose:
        """Return the pose of a camera when a frame was taken.

        Raises:
            MT3Error: CALIBRATION, TF does not know the camera, or tells another up than the accelerometer; NO_DATA, TF
                does not know it, and the accelerometer cannot tell up either.
        """
        config = self._config
        try:
            T_base_camera = camera.pose(frame)
        except MT3Error:
            if config.gravity.without_pose == 'refuse':
                raise
            return self._level(frame)
        self._compare(frame, T_base_camera)
        return CameraPose(T_base_camera, config.base_frame, True)

    def _compare(self, frame: Frame, T_base_camera: np.ndarray) -> None:
        """Hold the pose in TF against the accelerometer; one that cannot tell refuses nothing, and is reported."""
        self.words = {'gravity': 'by TF'}
        if self._history is None:
            return
        try:
            tilt = tilt_between(self._up_camera(frame), T_base_camera)
        except MT3Error as error:
            self.words['gravity'] = f'by TF, not compared: {error}'
            self._node.get_logger().warning(f'gravity is not compared: {error}', throttle_duration_sec=10.0)
            return
        self.words['gravity'] = f'by TF, {np.degrees(tilt):.1f} degree from the accelerometer'
        limit = self._config.gravity.max_tilt_rad
        if tilt > limit:
            raise MT3Error(
                f'the accelerometer on {self._config.gravity.imu_topic} says that up is {np.degrees(tilt):.1f} degrees '
                f'from the z axis of {self._config.base_frame} (limit {np.degrees(limit):.1f}): the camera was tilted, '
                'its calibration is wrong, or the base does not stand upright; calibrate anew with `mt3 calibrate`',
                StatusCode.CALIBRATION,
            )

    def _up_camera(self, frame: Frame) -> np.ndarray:
        """Return the unit vector (3,) against gravity in the camera's optical frame.

        Raises:
            MT3Error: NO_DATA; no readings of a sensor at rest, or TF does not know how it sits in the camera.
        """
        up_imu = self._history.up(frame.stamp_s)
        T_camera_imu = self._tf.lookup(
            frame.camera_frame, self._history.frame, frame.stamp_s, self._config.tf_timeout_s
        )
        return T_camera_imu[:3, :3] @ up_imu

    def _level(self, frame: Frame) -> CameraPose:
        """Return a level pose for a camera that TF does not know."""
        if self._history is not None:
            up, source = self._up_camera(frame), 'the accelerometer'
        else:
            found = segment(frame.depth_m, frame.K, None, frame.rgb)
            if found.plane is None:
                raise MT3Error(f'which way is up cannot be told: {found.status.message}', StatusCode.NO_DATA)
            up, source = found.plane.normal, 'the table'
        self.words = {'gravity': f'by {source}; the camera is not in TF'}
        return CameraPose(level_pose(up), f'{frame.camera_frame}_level', False)
