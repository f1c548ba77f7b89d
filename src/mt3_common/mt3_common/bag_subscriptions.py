"""Subscribing to topics for a bag: serialised bytes, with the publishers' own quality of service."""

import importlib
from collections.abc import Callable, Mapping
from functools import partial

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

from mt3_common.bags import BagRecorder, make_qos

__all__ = ['BagSubscriptions', 'message_class', 'publisher_qos']


def message_class(name: str) -> type:
    """Return the class of a message type such as `sensor_msgs/msg/Image`."""
    package, _, kind = name.split('/')
    return getattr(importlib.import_module(f'{package}.msg'), kind)


def publisher_qos(node: Node, topic: str, depth: int = 100) -> QoSProfile | None:
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
        node: Its clock stamps what arrives.
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
        self._node, self._recorder = node, recorder
        self._min_period_ns = {topic: int(1e9 * period) for topic, period in (min_period_s or {}).items()}
        self._last_ns: dict[str, int] = {}
        self.heads: dict[str, bytes] = {}  # of the newest message of each topic: header, frame
        self._on_error = on_error
        self._group = ReentrantCallbackGroup()
        self._waiting = dict(topics)
        self._subscriptions: list[Subscription] = []
        self._connect()
        self._timer = node.create_timer(0.5, self._connect, callback_group=self._group)

    @property
    def waiting(self) -> list[str]:
        """Topics that nobody publishes yet."""
        return sorted(self._waiting)

    def _connect(self) -> None:
        for topic, kind in list(self._waiting.items()):
            profile = publisher_qos(self._node, topic)
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
            take = partial(self._take, topic)
            self._subscriptions.append(
                self._node.create_subscription(
                    message_class(kind), topic, take, profile, raw=True, callback_group=self._group
                )
            )
            del self._waiting[topic]

    def _take(self, topic: str, data: bytes) -> None:
        now = self._node.get_clock().now().nanoseconds
        self.heads[topic] = bytes(data[:256])
        period = self._min_period_ns.get(topic)
        if period:
            last = self._last_ns.get(topic)
            if last is not None and 0 <= now - last < 0.9 * period:
                return
            self._last_ns[topic] = now
        try:
            self._recorder.write(topic, now, data)
        except Exception as error:
            report, self._on_error = self._on_error, None
            self._recorder.close()
            if report is None:
                raise
            report(error)

    def close(self) -> None:
        """End the subscriptions; the recorder stays open."""
        self._timer.cancel()
        self._node.destroy_timer(self._timer)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()
