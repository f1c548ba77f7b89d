"""One camera's topics: synchronised sets of messages, what is missing when there are none, frames made of them."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from mt3_common import conversions
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_common.tf import TransformBuffer
from mt3_perception.camera_model import read_camera_info
from mt3_perception.config import PerceptionConfig
from mt3_perception.monitor import CameraMonitor
from mt3_perception.observer import Frame
from mt3_perception.ros_detections import detection_type, read_detections
from mt3_perception.synchroniser import StampSynchroniser

__all__ = ['CameraInput', 'ImageSet']

_QUEUE, _LONG_QUEUE = 10, 45  # images kept for their partners; a segmenter or detector answers later than a camera
_AHEAD_S = 0.5  # a stamp so far in the future is of another clock


@dataclass(frozen=True)
class ImageSet:
    """Messages of one instant, and the calibration that held then."""

    stamp_s: float
    messages: dict[str, Any]
    info: CameraInfo


class CameraInput:
    """Subscribes to one camera. Callbacks only put messages into queues; whoever wants a frame converts.

    Args:
        topics: {'color', 'depth', and perhaps 'labels' or 'detections': topic}.
        info_topic: Of the depth image's calibration.
        camera_frame: Its optical frame; empty: as in the depth image's header.

    Attributes:
        monitor: How the camera does.
        resets: How often time went backwards.
    """

    def __init__(
        self,
        node: LifecycleNode,
        config: PerceptionConfig,
        tf: TransformBuffer,
        topics: dict[str, str],
        info_topic: str,
        camera_frame: str = '',
    ) -> None:
        self._node, self._config, self._tf = node, config, tf
        self._topics, self._info_topic, self._camera_frame = topics, info_topic, camera_frame
        self.monitor = CameraMonitor(config.max_age_s)
        self._sync = StampSynchroniser(
            tuple(topics), config.sync_tolerance_s, _QUEUE if len(topics) == 2 else _LONG_QUEUE
        )
        self._seen: dict[str, float] = {}  # wall time of the newest message of each stream
        self._info: CameraInfo | None = None
        self._sets: deque[ImageSet] = deque(maxlen=max(config.frames, 1))
        self._arrived = threading.Condition()
        group = MutuallyExclusiveCallbackGroup()
        self._subscriptions = [
            node.create_subscription(
                self._kind(stream, topic),
                topic,
                lambda m, s=stream: self._on_image(s, m),
                qos_profile_sensor_data,
                callback_group=group,
            )
            for stream, topic in topics.items()
        ]
        self._subscriptions.append(
            node.create_subscription(
                CameraInfo, info_topic, self._on_info, qos_profile_sensor_data, callback_group=group
            )
        )

    def _kind(self, stream: str, topic: str) -> type:
        if stream == 'detections':
            return detection_type()
        if stream == 'labels':
            return Image
        by_name = topic.endswith(('/compressed', '/compressedDepth'))
        compressed = by_name if self._config.transport == 'auto' else self._config.transport == 'compressed'
        return CompressedImage if compressed else Image

    @property
    def name(self) -> str:
        """The topic of its depth."""
        return self._topics['depth']

    @property
    def resets(self) -> int:
        """How often the stamps went backwards."""
        return self._sync.resets

    def destroy(self) -> None:
        """End the subscriptions."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _on_info(self, message: CameraInfo) -> None:
        with self._arrived:
            self._info = message
            self._seen['camera_info'] = time.monotonic()

    def _on_image(self, stream: str, message: Any) -> None:
        stamp_s = conversions.stamp_to_seconds(message.header.stamp)
        with self._arrived:
            now = time.monotonic()
            self._seen[stream] = now
            resets = self._sync.resets
            found = self._sync.add(stream, stamp_s, message)
            if self._sync.resets != resets:
                self._sets.clear()
                self._node.get_logger().warning('the stamps of the images went backwards: starting over')
            if found is None or self._info is None:
                return
            stamp_s = conversions.stamp_to_seconds(found['depth'].header.stamp)
            self._sets.append(ImageSet(stamp_s, found, self._info))
            self.monitor.arrived(now, self._now_s() - stamp_s, self._sync.gap_s)
            self._arrived.notify_all()

    def _now_s(self) -> float:
        return self._node.get_clock().now().nanoseconds * 1e-9

    def newest(self) -> ImageSet | None:
        """Return the newest set, None if none ever came."""
        with self._arrived:
            return self._sets[-1] if self._sets else None

    def check_age(self, images: ImageSet) -> None:
        """Refuse images of another time.

        Raises:
            MT3Error: STALE_SCENE; older than the limit, or from the future.
        """
        age = self._now_s() - images.stamp_s
        if not self._is_of_now(age):
            when = f'{age:.2f} s old, the limit is {self._config.max_age_s} s' if age > 0 else f'{-age:.2f} s ahead'
            raise MT3Error(
                f'the newest image of {self.name} is {when}; do camera and computer use the same clock?',
                StatusCode.STALE_SCENE,
            )

    def _is_of_now(self, age_s: float) -> bool:
        return -_AHEAD_S <= age_s <= self._config.max_age_s

    def wait_fresh(self, after_s: float, timeout_s: float, count: int) -> list[ImageSet]:
        """Return the `count` sets that were acquired next after a time of the ROS clock.

        A set that comes late, as on a computer that is busy for a moment, is not refused while a younger one may come.

        Raises:
            MT3Error: NO_DATA when a stream never came, TIMEOUT when nothing new came in time, STALE_SCENE when what
                came until the end was too old or of the future.
        """
        deadline = time.monotonic() + timeout_s
        with self._arrived:
            while True:
                fresh = [s for s in self._sets if s.stamp_s >= after_s]
                left = deadline - time.monotonic()
                if len(fresh) >= count and self._is_of_now(self._now_s() - fresh[-1].stamp_s):
                    return fresh[-count:]
                if fresh and left <= 0.0:  # in the end fewer than wished, but new
                    self.check_age(fresh[-1])
                    return fresh[-count:]
                if left <= 0.0:
                    raise self._nothing_fresh(after_s, timeout_s)
                self._arrived.wait(left)

    def _nothing_fresh(self, after_s: float, timeout_s: float) -> MT3Error:
        """Say what is missing."""
        names = {**self._topics, 'camera_info': self._info_topic}
        never = [topic for stream, topic in names.items() if stream not in self._seen]
        if never:
            return MT3Error(
                f'nothing has ever arrived on {", ".join(never)}; is the camera running, and are these its topics?'
                + self._other_types(),
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

    def _other_types(self) -> str:
        """Say which topics carry another type than is expected of them."""
        wrong = []
        for subscription in self._subscriptions:
            kind = subscription.msg_type
            wanted = f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
            kinds = {i.topic_type for i in self._node.get_publishers_info_by_topic(subscription.topic_name)}
            if kinds and wanted not in kinds:
                wrong.append(f' {subscription.topic_name} carries {", ".join(sorted(kinds))}, not {wanted}.')
        return ''.join(wrong) + (' Set the parameter transport.' if wrong else '')

    def frame(self, images: ImageSet) -> Frame:
        """Convert the messages of one instant.

        Raises:
            InvalidInput: Images that are inconsistent or do not fit, or a camera that is not rectified.
        """
        depth = _depth(images.messages['depth'])
        if (images.info.height, images.info.width) != depth.shape:
            raise InvalidInput(
                f'camera_info is for {images.info.width}x{images.info.height}, '
                f'depth is {depth.shape[1]}x{depth.shape[0]}; name the camera_info of the depth image'
            )
        labels, boxes = images.messages.get('labels'), images.messages.get('detections')
        return Frame(
            stamp_s=images.stamp_s,
            camera_frame=self._camera_frame or images.messages['depth'].header.frame_id,
            rgb=_rgb(images.messages['color']),
            depth_m=depth,
            K=read_camera_info(images.info, self._config.rectified).K,
            instance_ids=None if labels is None else conversions.image_to_labels(labels),
            detections=None if boxes is None else tuple(read_detections(boxes, self._config.detections.names)),
        )

    def pose(self, frame: Frame) -> np.ndarray:
        """Return T_base_camera (4, 4) [m] when a frame was taken.

        Raises:
            MT3Error: CALIBRATION, TF does not know it.
        """
        try:
            return self._tf.lookup(
                self._config.base_frame, frame.camera_frame, frame.stamp_s, self._config.tf_timeout_s
            )
        except MT3Error as error:
            raise MT3Error(
                f'the pose of camera frame {frame.camera_frame!r} in {self._config.base_frame!r} is unknown: {error}; '
                'calibrate with `mt3 calibrate`, or publish the pose on /tf_static',
                StatusCode.CALIBRATION,
            ) from error


def _depth(message: Any) -> np.ndarray:
    if isinstance(message, CompressedImage):
        return conversions.compressed_to_depth(message)
    return conversions.image_to_depth(message)


def _rgb(message: Any) -> np.ndarray:
    return (conversions.compressed_to_rgb if isinstance(message, CompressedImage) else conversions.image_to_rgb)(
        message
    )
