"""Subscribing to topics for a bag: serialised bytes, with the publishers' own quality of service.

A recording has a node and a thread of its own (in the same context, so no new participant). Subscriptions come and go
in that thread alone: rclpy's executors lose their footing when another thread destroys what they are waiting for. And
a busy main node does not delay the recording.
"""

import contextlib
import importlib
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

import rclpy
from rclpy.executors import ExternalShutdownException, ShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from mt3_common.bags import BagRecorder, make_qos
from mt3_common.errors import MT3Error

__all__ = ['BagSubscriptions', 'message_class', 'publisher_qos']


def message_class(name: str) -> type:
    """Return the class of a message type such as `sensor_msgs/msg/Image`."""
    package, _, kind = name.split('/')
    return getattr(importlib.import_module(f'{package}.msg'), kind)


_LARGE = {'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage', 'sensor_msgs/msg/PointCloud2'}


def publisher_qos(node: Node, topic: str, depth: int = 1000) -> QoSProfile | None:
    """Return a profile that gets everything from all present publishers of a topic; None when there are none.

    One best-effort publisher makes it best effort, one volatile publisher makes it volatile: the reverse would
    not connect to them.
    """
    offers = [info.qos_profile for info in node.get_publishers_info_by_topic(topic)]
    if not offers:
        return None
    reliable = all(offer.reliability == ReliabilityPolicy.RELIABLE for offer in offers)
    lasting = all(offer.durability == DurabilityPolicy.TRANSIENT_LOCAL for offer in offers)
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if lasting else DurabilityPolicy.VOLATILE,
    )


class BagSubscriptions:
    """Feeds a recorder from live topics. Topics without a publisher are tried again twice a second.

    Args:
        node: Its clock stamps what arrives, and its context is used.
        recorder: Takes the messages.
        topics: {topic: message type}.
        min_period_s: {topic: shortest time between recorded messages [s]}; others are recorded whole.
        on_error: Called once with the error when the recorder refuses (disk full); recording then ends.
    """

    def __init__(
        self,
        node: Node,
        recorder: BagRecorder,
        topics: Mapping[str, str],
        min_period_s: Mapping[str, float] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self._clock, self._recorder = node.get_clock(), recorder
        self._min_period_ns = {topic: int(1e9 * period) for topic, period in (min_period_s or {}).items()}
        self._last_ns: dict[str, int] = {}
        self.heads: dict[str, bytes] = {}  # of the newest message of each topic: header, frame
        self._on_error = on_error
        self._waiting = dict(topics)
        self._failed = False
        self._ended = threading.Event()
        self._node = rclpy.create_node(
            f'{node.get_name()}_bag',
            namespace=node.get_namespace(),
            context=node.context,
            use_global_arguments=False,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._executor = SingleThreadedExecutor(context=node.context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._run, name='bag', daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> list[str]:
        """Topics that nobody publishes yet."""
        return sorted(self._waiting)

    def _run(self) -> None:
        next_look = 0.0
        try:
            while not self._ended.is_set():
                if self._waiting and time.monotonic() >= next_look:
                    self._connect()
                    next_look = time.monotonic() + 0.5
                self._executor.spin_once(timeout_sec=0.1)
        except (ExternalShutdownException, ShutdownException):
            return  # the process ends
        except Exception as error:  # of a thread nobody would hear otherwise
            self._fail(error)

    def _connect(self) -> None:
        for topic, kind in list(self._waiting.items()):
            # Pictures are large: few of them wait. States are small: seconds of them may, on a busy machine.
            profile = publisher_qos(self._node, topic, depth=20 if kind in _LARGE else 5000)
            if profile is None:
                continue
            self._recorder.add_topic(
                topic,
                kind,
                make_qos(
                    profile.reliability == ReliabilityPolicy.RELIABLE,
                    profile.durability == DurabilityPolicy.TRANSIENT_LOCAL,
                ),
            )
            self._node.create_subscription(message_class(kind), topic, partial(self._take, topic), profile, raw=True)
            del self._waiting[topic]

    def _take(self, topic: str, data: bytes) -> None:
        if self._failed:
            return
        now = self._clock.now().nanoseconds
        self.heads[topic] = bytes(data[:256])
        period = self._min_period_ns.get(topic)
        if period:
            last = self._last_ns.get(topic)
            if last is not None and 0 <= now - last < 0.9 * period:
                return
            self._last_ns[topic] = now
        try:
            self._recorder.write(topic, now, data)
        except MT3Error as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """End the recording; what was written stays."""
        self._failed = True
        with contextlib.suppress(MT3Error):  # a disk that refused a message refuses the summary too
            self._recorder.close()
        if self._on_error is not None:
            self._on_error(error)
        else:
            self._node.get_logger().error(f'recording ended: {error}')

    def close(self) -> None:
        """End the subscriptions; the recorder stays open."""
        self._ended.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=10.0)
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()
