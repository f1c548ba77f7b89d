"""A camera for tests of the node: one picture again and again, broken in every way that a test needs."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from mt3_common import conversions
from mt3_interfaces.msg import Scene
from mt3_interfaces.srv import CaptureScene
from mt3_perception.testing import View

__all__ = ['FRAME', 'FakeCamera', 'holds_within']

FRAME = 'camera_color_optical_frame'
TOPICS = {
    'color': '/camera/camera/color/image_raw',
    'depth': '/camera/camera/aligned_depth_to_color/image_raw',
    'info': '/camera/camera/aligned_depth_to_color/camera_info',
    'labels': '/labels',
}
_PERIOD_S = 0.05
_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def holds_within(condition: Callable[[], Any], timeout_s: float) -> bool:
    """Wait until a condition holds; whether it did."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())


class FakeCamera(Node):
    """Publishes one picture; its attributes break it. Also asks for scenes, and hears scenes and diagnostics.

    Args:
        picture: What it sees.
        topics: Streams that it publishes, of `TOPICS`.
        suffix: Put behind the topic of colour or depth: {'color': '/compressed'}; such streams are compressed.
        name: Of the node.
        prefix: Put before every topic, for a second camera.
        frame: Its optical frame.

    Attributes:
        on: Whether it publishes at all.
        shift_s: Added to all stamps [s].
        delay_s: Taken off the stamps of colour [s].
        change: Called with {stream: message} before they are published.
    """

    def __init__(
        self,
        picture: View,
        topics: Sequence[str],
        suffix: dict[str, str] | None = None,
        name: str = 'fake_camera',
        prefix: str = '',
        frame: str = FRAME,
    ) -> None:
        super().__init__(name)
        self.picture, self.frame = picture, frame
        self.on, self.shift_s, self.delay_s, self.as_float = True, 0.0, 0.0, False
        self.color_step = self.info_step = self.labels_step = 1
        self.change: Callable[[dict[str, Any]], None] = lambda messages: None
        suffix = suffix or {}
        self._compressed = set(suffix)
        kinds = {'info': CameraInfo, **dict.fromkeys(suffix, CompressedImage)}
        self._out = {
            stream: self.create_publisher(
                kinds.get(stream, Image), prefix + TOPICS[stream] + suffix.get(stream, ''), qos_profile_sensor_data
            )
            for stream in topics
        }
        self._tf = self.create_publisher(TFMessage, '/tf_static', _LATCHED)
        self._joints = self.create_publisher(JointState, '/joint_states', 10)
        self._description = self.create_publisher(String, '/robot_description', _LATCHED)
        self.joints: dict[str, float] = {}
        self.joints_late_s = 0.0
        self.scenes: list[Scene] = []
        self.diagnostics: list[DiagnosticArray] = []
        self.create_subscription(Scene, '/mt3/scene', self.scenes.append, 5)
        self.create_subscription(DiagnosticArray, '/diagnostics', self.diagnostics.append, 5)
        self.client = self.create_client(CaptureScene, '/mt3/capture_scene')
        self.create_timer(_PERIOD_S, self.publish)

    def calibrate(self, T_base_camera: np.ndarray | None = None) -> None:
        """Publish the camera pose (4, 4) [m]; default: the right one."""
        T = self.picture.T_base_camera if T_base_camera is None else T_base_camera
        link = conversions.matrix_to_transform_stamped(T, 'panda_link0', self.frame, 0.0)
        self._tf.publish(TFMessage(transforms=[link]))

    def describe(self, urdf: str) -> None:
        """Publish a robot description."""
        self._description.publish(String(data=urdf))

    def publish(self) -> None:
        """Publish one set of images, and the joint states if there are any."""
        now = self.get_clock().now().nanoseconds * 1e-9 + self.shift_s
        if self.joints:
            state = JointState(name=list(self.joints), position=list(self.joints.values()))
            state.header = conversions.header('', now - self.joints_late_s)
            self._joints.publish(state)
        if not self.on:
            return
        head, late = conversions.header(self.frame, now), conversions.header(self.frame, now - self.delay_s)
        p, step = self.picture, self.color_step
        height, width = p.depth_m[:: self.info_step, :: self.info_step].shape
        messages = {
            'color': self._color(np.ascontiguousarray(p.rgb[::step, ::step]), late),
            'depth': self._depth(p.depth_m, head),
            'info': conversions.intrinsics_to_camera_info(p.K, width, height, head),
            'labels': conversions.labels_to_image(p.ids[:: self.labels_step, :: self.labels_step] * 7, head),
        }
        self.change(messages)
        for stream, publisher in self._out.items():
            if stream in messages:
                publisher.publish(messages[stream])

    def _color(self, rgb: np.ndarray, head: Any) -> Any:
        if 'color' in self._compressed:
            return conversions.rgb_to_compressed(rgb, head, 'jpeg')
        return conversions.rgb_to_image(rgb, head)

    def _depth(self, depth_m: np.ndarray, head: Any) -> Any:
        if 'depth' in self._compressed:
            return conversions.depth_to_compressed(depth_m, head)
        depth = conversions.depth_to_image(depth_m, head)
        if self.as_float:
            depth.encoding, depth.step = '32FC1', 4 * depth.width
            depth.data = np.nan_to_num(depth_m).astype('<f4').tobytes()
        return depth

    def capture(self, timeout_s: float = 1.0) -> CaptureScene.Response:
        """Call the service."""
        if not self.client.wait_for_service(10.0):
            raise TimeoutError('no service /mt3/capture_scene')
        future = self.client.call_async(CaptureScene.Request(timeout=timeout_s))
        if not holds_within(future.done, 20.0):
            raise TimeoutError('the service did not answer')
        return future.result()

    def values(self) -> dict[str, str]:
        """Return the newest diagnostic values."""
        return {v.key: v.value for v in self.diagnostics[-1].status[0].values} if self.diagnostics else {}
