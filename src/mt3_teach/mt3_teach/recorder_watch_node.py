"""Short looks at what would be recorded, so that it is known what is missing before a recording starts.

States and camera_info are heard for a moment every other second; pictures, which are heavy, one each every few
seconds (at each look while one is missing). A node and a thread of its own, as in `mt3_common.bag_subscriptions`, and
for the same reason: subscriptions come and go only in the thread that waits for them.
"""

import shutil
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import rclpy
from rclpy.executors import ExternalShutdownException, ShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import JointState

from mt3_common.bag_subscriptions import message_class, publisher_qos
from mt3_common.errors import MT3Error
from mt3_common.messages import image_to_depth, serialised_header
from mt3_common.robot import RobotConfig
from mt3_common.tf import TransformBuffer
from mt3_teach.config import RecorderConfig
from mt3_teach.recorder_inputs import InputLook, Problem, TopicLook, find_problems

__all__ = ['InputWatch']

_SPIN_S = 0.05
_FIRST = 20  # joint states whose names are looked at
_PATIENCE_S = 1.5  # what takes longer to come is missing
_STAMPED = (
    'sensor_msgs/msg/Image',
    'sensor_msgs/msg/CompressedImage',
    'sensor_msgs/msg/CameraInfo',
    'sensor_msgs/msg/JointState',
)


@dataclass
class _Heard:
    """Of one topic during one look."""

    arrivals: list[float] = field(default_factory=list)
    age_s: float = float('nan')
    last: bytes = b''
    first: list[bytes] = field(default_factory=list)  # a few: arm and gripper may speak in turns


class InputWatch:
    """Looks at the inputs until it is closed.

    Args:
        node: Gives clock, context and log.
        transforms: The node's; tells frames.
        robot: Names joints and frames.
        config: Topics, limits and the folder of the bags.
    """

    def __init__(self, node: Node, transforms: TransformBuffer, robot: RobotConfig, config: RecorderConfig) -> None:
        self._clock, self._tf, self._robot, self._config = node.get_clock(), transforms, robot, config
        self._log = node.get_logger()
        self._topics, self._limits = config.importer.topics, config.watch
        self._types = self._topics.types()
        self._camera_frame = ''
        self._pictures: dict[str, _Heard] = {}
        self._sampled = -float('inf')
        self._problems: list[Problem] | None = None
        self._ended = threading.Event()
        self._node = rclpy.create_node(
            f'{node.get_name()}_watch',
            namespace=node.get_namespace(),
            context=node.context,
            use_global_arguments=False,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._executor = SingleThreadedExecutor(context=node.context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._run, name='watch', daemon=True)
        self._thread.start()

    @property
    def problems(self) -> list[Problem] | None:
        """Of the newest look; None before the first."""
        return self._problems

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                begin = time.monotonic()
                look = self._look()
                if look is not None:
                    self._problems = find_problems(look, self._topics, self._robot, self._limits)
                while not self._ended.is_set() and time.monotonic() < begin + self._limits.period_s:
                    self._ended.wait(_SPIN_S)
        except (ExternalShutdownException, ShutdownException):
            return  # the process ends
        except Exception as error:  # of a thread nobody would hear otherwise
            self._problems = None
            self._log.error(f'the inputs are not watched any more: {error!r}')

    def _look(self) -> InputLook | None:
        t = self._topics
        states = {topic: _Heard() for topic in (t.camera_info, t.joint_states, t.tf)}
        if not self._listen(states, self._limits.listen_s, count=2):
            return None
        if time.monotonic() > self._sampled + self._limits.sample_s or not all(h.last for h in self._pictures.values()):
            self._pictures = {topic: _Heard() for topic in (t.color, t.depth)}
            self._listen(self._pictures, 0.0, count=1)
            self._sampled = time.monotonic()
        return self._summary({**states, **self._pictures})

    def _listen(self, heard: dict[str, _Heard], seconds: float, count: int) -> bool:
        """Hear topics for so long and until each gave `count` messages, or too long; False when told to end."""
        subscriptions = []
        for topic, into in heard.items():
            profile = publisher_qos(self._node, topic, depth=200 if count > 1 else 1)
            if profile is not None:
                kind = message_class(self._types[topic])
                take = partial(self._take, self._types[topic], into)
                subscriptions.append(self._node.create_subscription(kind, topic, take, profile, raw=True))
        begin = time.monotonic()
        while subscriptions and not self._ended.is_set() and time.monotonic() < begin + _PATIENCE_S:
            self._executor.spin_once(timeout_sec=_SPIN_S)
            if time.monotonic() > begin + seconds and all(len(h.arrivals) >= count for h in heard.values()):
                break
        for subscription in subscriptions:
            self._node.destroy_subscription(subscription)
        return not self._ended.is_set()

    def _take(self, kind: str, into: _Heard, data: bytes) -> None:
        into.arrivals.append(time.monotonic())
        into.last = bytes(data)
        if kind == 'sensor_msgs/msg/JointState' and len(into.first) < _FIRST:
            into.first.append(into.last)
        if kind in _STAMPED:
            into.age_s = self._clock.now().nanoseconds * 1e-9 - serialised_header(data)[0]

    def _summary(self, heard: dict[str, _Heard]) -> InputLook:
        t = self._topics
        looks = {
            topic: TopicLook(self._node.count_publishers(topic), _rate(h, self._limits.listen_s), h.age_s)
            for topic, h in heard.items()
        }
        looks[t.tf_static] = TopicLook(self._node.count_publishers(t.tf_static))
        depth = self._message(t.depth, heard)
        sizes = {}
        for topic in (t.color, t.depth, t.camera_info):
            message = depth if topic == t.depth else self._message(topic, heard)
            if message is not None and hasattr(message, 'width'):
                sizes[topic] = (message.width, message.height)
        if depth is not None:
            self._camera_frame = depth.header.frame_id
        joints = [deserialize_message(data, JointState).name for data in heard[t.joint_states].first]
        return InputLook(
            looks,
            frozenset(name for names in joints for name in names) if joints else None,
            self._frames(),
            '' if depth is None else depth.encoding,
            _valid_share(depth),
            sizes,
            _free_mb(self._config.directory),
        )

    def _message(self, topic: str, heard: dict[str, _Heard]) -> object | None:
        data = heard[topic].last
        return deserialize_message(data, message_class(self._types[topic])) if data else None

    def _frames(self) -> dict[str, str]:
        found = {}
        for frame in filter(None, (self._robot.tcp_frame, self._camera_frame)):
            try:
                self._tf.lookup(self._robot.base_frame, frame, max_age_s=self._limits.stale_s)
                found[frame] = ''
            except MT3Error as error:
                found[frame] = str(error)
        return found

    def close(self) -> None:
        """End looking."""
        self._ended.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=5.0)
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()


def _rate(heard: _Heard, seconds: float) -> float:
    """Messages per second: over their span, for the subscription takes its time to connect; of one, unknown."""
    if not heard.arrivals:
        return 0.0
    span = heard.arrivals[-1] - heard.arrivals[0]
    return (len(heard.arrivals) - 1) / span if len(heard.arrivals) > 1 and span > 0.2 * seconds else float('nan')


def _valid_share(depth: object | None) -> float:
    if depth is None:
        return float('nan')
    try:
        return float(np.isfinite(image_to_depth(depth)).mean())
    except MT3Error:
        return float('nan')  # its encoding is told instead


def _free_mb(directory: str) -> float:
    folder = Path(directory).expanduser().absolute()
    while not folder.exists():
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free / 1e6
    except OSError:
        return float('nan')
