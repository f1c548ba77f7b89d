"""The camera and the arm, live, for `mt3 calibrate`: newest picture, calibration, transforms."""

import time

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from mt3_cli.client import StackClient
from mt3_common import conversions
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.messages import stamp_to_seconds
from mt3_perception.calibration.board import CharucoBoard
from mt3_perception.calibration.collect import Collection, take_transforms
from mt3_perception.camera_model import read_camera_info
from mt3_perception.config import PerceptionConfig

__all__ = ['CalibrationClient']

_LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class CalibrationClient(StackClient):
    """Hears the camera and the frames; a context manager.

    Args:
        collection: Filled with what is heard.
        config: Of the perception node: topics of the camera (CompressedImage if the name ends in /compressed).
    """

    def __init__(self, collection: Collection, config: PerceptionConfig) -> None:
        super().__init__('mt3_calibrate')
        self.collection, self._config = collection, config
        self._topics = color_topic, info_topic = config.color_topic, config.info_topic
        self._picture: Image | CompressedImage | None = None
        kind = CompressedImage if color_topic.endswith('/compressed') else Image
        self.node.create_subscription(kind, color_topic, self._on_picture, qos_profile_sensor_data)
        self.node.create_subscription(CameraInfo, info_topic, self._on_info, qos_profile_sensor_data)
        self.node.create_subscription(TFMessage, '/tf', lambda m: self._on_tf(m, False), 100)
        self.node.create_subscription(TFMessage, '/tf_static', lambda m: self._on_tf(m, True), _LATCHED)
        self._static = self.node.create_publisher(TFMessage, '/tf_static', _LATCHED)

    def _on_picture(self, message: Image | CompressedImage) -> None:
        self._picture = message

    def _on_info(self, message: CameraInfo) -> None:
        if self.collection.camera is None:
            self.collection.camera = read_camera_info(message, self._config.rectified)

    def _on_tf(self, message: TFMessage, static: bool) -> None:
        take_transforms(self.collection.transforms, message, static)

    def look(self, board: CharucoBoard, timeout_s: float = 3.0) -> str:
        """Take the first picture from now on; return why it was not used, empty if it was.

        Raises:
            MT3Error: TIMEOUT, no picture or no calibration came.
        """
        message = self.picture(timeout_s)
        until = time.monotonic() + 0.5  # the arm's frames of a moment later tell whether it stands still
        while time.monotonic() < until:
            time.sleep(0.02)
        return self.collection.take_picture(message, board)

    def picture(self, timeout_s: float = 3.0) -> Image | CompressedImage:
        """Return the first picture that is taken from now on.

        Raises:
            MT3Error: TIMEOUT, no picture or no calibration came.
        """
        before = None if self._picture is None else stamp_to_seconds(self._picture.header.stamp)
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            newest = self._picture
            fresh = newest is not None and stamp_to_seconds(newest.header.stamp) != before
            if fresh and self.collection.camera is not None:
                return newest
            time.sleep(0.02)
        missing = [
            t for t, there in zip(self._topics, (self._picture, self.collection.camera), strict=True) if not there
        ]
        raise MT3Error(
            f'nothing new on {", ".join(missing) or self._topics[0]} within {timeout_s:.0f} s; is the camera running?',
            StatusCode.TIMEOUT,
        )

    def publish_static(self, parent: str, child: str, T_parent_child: np.ndarray) -> None:
        """Publish a pose on /tf_static, for as long as this client lives."""
        now = self.node.get_clock().now().nanoseconds * 1e-9
        link: TransformStamped = conversions.matrix_to_transform_stamped(T_parent_child, parent, child, now)
        self._static.publish(TFMessage(transforms=[link]))

    def accept(self) -> bool:
        """Tell a running perception node that the camera's new pose is right; whether there is one."""
        try:
            return self.call(Trigger, self._config.accept_service, Trigger.Request(), wait_s=1.0, timeout_s=5.0).success
        except MT3Error:
            return False
