"""The perception node: camera topics in, `/mt3/scene` and `/mt3/capture_scene` out.

Threads: subscriptions run one at a time in their own callback group and only put messages into a queue. The
service and the rate timer run beside them (a multi-threaded executor), convert, segment and answer; a lock keeps
them from doing so at once. Waiting is on the wall clock: a simulation that stands still must not hang the service.
"""

import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image

from mt3_common import conversions
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_common.tf import TransformBuffer
from mt3_interfaces.msg import Scene as SceneMessage
from mt3_interfaces.srv import CaptureScene
from mt3_perception.config import PerceptionConfig
from mt3_perception.monitor import CameraMonitor
from mt3_perception.observer import Frame, Observation, Observer
from mt3_perception.synchroniser import StampSynchroniser

__all__ = ['PerceptionNode', 'main']


@dataclass(frozen=True)
class _Set:
    """Messages of one instant, and the calibration that held then."""

    stamp_s: float
    messages: dict[str, Image]
    info: CameraInfo


class PerceptionNode(Node):
    """Makes scenes of camera images."""

    def __init__(self, **options: Any) -> None:
        super().__init__('perception', **options)
        self._config = declare(self, PerceptionConfig)
        config = self._config
        self._observer = Observer(config)
        self._monitor = CameraMonitor(config.max_age_s)
        self._tf = TransformBuffer(self)
        topics = {'color': config.color_topic, 'depth': config.depth_topic}
        if config.labels_topic:
            topics['labels'] = config.labels_topic
        self._topics = topics
        self._sync = StampSynchroniser(tuple(topics), config.sync_tolerance_s)
        self._seen: dict[str, float] = {}  # wall time of the newest message of each stream
        self._info: CameraInfo | None = None
        self._sets: deque[_Set] = deque(maxlen=max(config.frames, 1))
        self._arrived = threading.Condition()
        self._working = threading.Lock()
        self._published_stamp_s = float('-inf')

        images, work = MutuallyExclusiveCallbackGroup(), ReentrantCallbackGroup()
        for stream, topic in topics.items():
            self.create_subscription(
                Image, topic, lambda m, s=stream: self._on_image(s, m), qos_profile_sensor_data, callback_group=images
            )
        self.create_subscription(
            CameraInfo, config.info_topic, self._on_info, qos_profile_sensor_data, callback_group=images
        )
        self._scenes = self.create_publisher(SceneMessage, config.scene_topic, 2)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.create_service(CaptureScene, config.capture_service, self._on_capture, callback_group=work)
        self.create_timer(1.0, self._on_diagnostics, callback_group=MutuallyExclusiveCallbackGroup())
        if config.rate_hz > 0.0:
            self.create_timer(1.0 / config.rate_hz, self._on_rate, callback_group=MutuallyExclusiveCallbackGroup())
        self.get_logger().info(
            f'scenes of {config.depth_topic} in {config.base_frame}: '
            + (f'{config.rate_hz} per second and on demand' if config.rate_hz else 'on demand')
        )

    def _on_info(self, message: CameraInfo) -> None:
        with self._arrived:
            self._info = message
            self._seen['camera_info'] = time.monotonic()

    def _on_image(self, stream: str, message: Image) -> None:
        stamp_s = conversions.stamp_to_seconds(message.header.stamp)
        with self._arrived:
            now = time.monotonic()
            self._seen[stream] = now
            resets = self._sync.resets
            found = self._sync.add(stream, stamp_s, message)
            if self._sync.resets != resets:
                self._sets.clear()
                self._published_stamp_s = float('-inf')
                self.get_logger().warning('the stamps of the images went backwards: starting over')
            if found is None or self._info is None:
                return
            stamp_s = conversions.stamp_to_seconds(found['depth'].header.stamp)
            self._sets.append(_Set(stamp_s, found, self._info))
            self._monitor.arrived(now, self._now_s() - stamp_s, self._sync.gap_s)
            self._arrived.notify_all()

    def _now_s(self) -> float:
        return self.get_clock().now().nanoseconds * 1e-9

    def _on_capture(self, request: CaptureScene.Request, response: CaptureScene.Response) -> CaptureScene.Response:
        timeout_s = float(request.timeout) if request.timeout > 0.0 else self._config.timeout_s
        try:
            observation = self._observe(self._wait_fresh(self._now_s(), timeout_s, self._config.frames))
        except MT3Error as error:
            self._monitor.refused(str(error))
            self.get_logger().warning(f'no scene: {error.status}')
            response.status = conversions.status_to_msg(error.status)
            return response
        response.scene = conversions.scene_to_msg(observation.scene)
        response.status = conversions.status_to_msg(Status())
        self._scenes.publish(response.scene)
        return response

    def _wait_fresh(self, after_s: float, timeout_s: float, count: int) -> list[_Set]:
        """Return the `count` sets that were acquired next after a time of the ROS clock.

        Raises:
            MT3Error: NO_DATA when a stream never came, TIMEOUT when nothing new came in time.
        """
        deadline = time.monotonic() + timeout_s
        with self._arrived:
            while True:
                fresh = [s for s in self._sets if s.stamp_s >= after_s]
                if len(fresh) >= count:
                    return fresh[-count:]
                left = deadline - time.monotonic()
                if left <= 0.0:
                    if fresh:
                        return fresh  # fewer than wished, but new
                    raise self._nothing_fresh(after_s, timeout_s)
                self._arrived.wait(left)

    def _nothing_fresh(self, after_s: float, timeout_s: float) -> MT3Error:
        """Say what is missing."""
        names = {**self._topics, 'camera_info': self._config.info_topic}
        never = [topic for stream, topic in names.items() if stream not in self._seen]
        if never:
            return MT3Error(
                f'nothing has ever arrived on {", ".join(never)}; is the camera running, and are these its topics?',
                StatusCode.NO_DATA,
            )
        now = time.monotonic()
        silent = {topic: now - self._seen[stream] for stream, topic in names.items() if now - self._seen[stream] > 1.0}
        if silent:
            text = ', '.join(f'{topic} has been silent for {age:.1f} s' for topic, age in silent.items())
            return MT3Error(
                f'no new image within {timeout_s:.1f} s: {text}; is the camera still running?', StatusCode.TIMEOUT
            )
        if not self._sets:
            return MT3Error(
                f'colour and depth arrive, but their stamps differ by {self._sync.gap_s:.3f} s, more than '
                f'sync_tolerance_s = {self._config.sync_tolerance_s} s',
                StatusCode.TIMEOUT,
            )
        return MT3Error(
            f'no image newer than the request arrived within {timeout_s:.1f} s: the newest is '
            f'{after_s - self._sets[-1].stamp_s:.2f} s older; do camera and computer use the same clock?',
            StatusCode.TIMEOUT,
        )

    def _observe(self, sets: list[_Set]) -> Observation:
        """Convert and observe.

        Raises:
            MT3Error: CALIBRATION without camera pose or calibration, INVALID_INPUT for images that do not fit, and
                what the segmentation says.
        """
        start = time.perf_counter()
        newest = sets[-1]
        camera_frame = self._config.camera_frame or newest.messages['depth'].header.frame_id
        T_base_camera = self._camera_pose(camera_frame, newest.stamp_s)
        frames = [self._frame(s, camera_frame) for s in sets]
        with self._working:
            observation = self._observer.observe(frames, T_base_camera)
        found = observation.segmentation
        residual_m = float('nan') if found.plane is None else found.plane.residual_m
        self._monitor.observed(time.perf_counter() - start, found.valid_share, residual_m, len(found.objects))
        return observation

    def _frame(self, s: _Set, camera_frame: str) -> Frame:
        """Convert the messages of one instant."""
        depth = conversions.image_to_depth(s.messages['depth'])
        if (s.info.height, s.info.width) != depth.shape:
            raise MT3Error(
                f'camera_info is for {s.info.width}x{s.info.height}, depth is {depth.shape[1]}x{depth.shape[0]}',
                StatusCode.INVALID_INPUT,
            )
        labels = s.messages.get('labels')
        return Frame(
            stamp_s=s.stamp_s,
            camera_frame=camera_frame,
            rgb=conversions.image_to_rgb(s.messages['color']),
            depth_m=depth,
            K=conversions.camera_info_to_intrinsics(s.info),
            instance_ids=None if labels is None else conversions.image_to_labels(labels),
        )

    def _camera_pose(self, camera_frame: str, stamp_s: float) -> Any:
        """T_base_camera (4, 4) [m] when the image was taken."""
        try:
            return self._tf.lookup(self._config.base_frame, camera_frame, stamp_s, self._config.tf_timeout_s)
        except MT3Error as error:
            raise MT3Error(
                f'the pose of camera frame {camera_frame!r} in {self._config.base_frame!r} is unknown: {error}; '
                'publish the calibration on /tf_static',
                StatusCode.CALIBRATION,
            ) from error

    def _on_rate(self) -> None:
        """Publish a scene of the newest images, if there are new ones."""
        with self._arrived:
            newest = self._sets[-1] if self._sets else None
        if newest is None or newest.stamp_s <= self._published_stamp_s:
            return
        self._published_stamp_s = newest.stamp_s
        try:
            observation = self._observe([newest])
        except MT3Error as error:
            self._monitor.refused(str(error))
            self.get_logger().warning(f'no scene: {error.status}', throttle_duration_sec=5.0)
            return
        self._scenes.publish(conversions.scene_to_msg(observation.scene))

    def _on_diagnostics(self) -> None:
        health = self._monitor.health(time.monotonic())
        status = DiagnosticStatus(
            level=bytes([health.level]), name='mt3 perception', hardware_id=self._config.depth_topic
        )
        status.message = health.message
        status.values = [KeyValue(key=key, value=value) for key, value in health.values.items()]
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)


def main() -> int:
    """Run the node."""
    return run(PerceptionNode, threads=6)


if __name__ == '__main__':
    sys.exit(main())
