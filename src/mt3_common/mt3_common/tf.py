"""Where one frame is in another, from /tf and /tf_static: tf2_ros where it is installed, else a small store of ours.

A lookup waits, so it must not be made in the thread that serves the node's callbacks: use a multi-threaded executor
(`mt3_common.node_runner.run`) and a callback group of its own.
"""

import time

import numpy as np
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.time import Time
from tf2_msgs.msg import TFMessage

from mt3_common.errors import MT3Error, StatusCode
from mt3_common.executor import InlineGroup
from mt3_common.messages import stamp_to_seconds, transform_to_matrix
from mt3_common.transforms import TransformStore

try:
    import tf2_ros
except ImportError:  # the pip environment has no tf2
    tf2_ros = None

__all__ = ['TransformBuffer']

_POLL_S = 0.005


class TransformBuffer:
    """Listens to the transforms as long as the node lives.

    Args:
        node: Gives the subscriptions and the clock.
        keep_s: How much of the past is kept [s].
        use_tf2: None: tf2_ros if it is installed; False: our own store.
    """

    def __init__(self, node: Node, keep_s: float = 10.0, use_tf2: bool | None = None) -> None:
        self._node = node
        if tf2_ros is not None and use_tf2 is not False:
            self._backend = _Tf2Backend(node, keep_s)
        else:
            self._backend = _StoreBackend(node, keep_s)

    @property
    def backend(self) -> str:
        """'tf2_ros' or 'mt3'."""
        return self._backend.name

    def lookup(
        self,
        target_frame: str,
        source_frame: str,
        stamp_s: float | None = None,
        timeout_s: float = 0.0,
        max_age_s: float | None = None,
    ) -> np.ndarray:
        """Return T_target_source (4, 4) [m].

        Args:
            stamp_s: Time of the ROS clock [s], interpolated between samples; None: the newest.
            timeout_s: How long to wait for frames or samples that are not there yet (wall time) [s].
            max_age_s: With stamp_s None: refuse samples older than this [s].

        Raises:
            MT3Error: NO_DATA; names the frames that are missing, or by how much the samples miss the time.
        """
        until = time.monotonic() + timeout_s
        while True:
            try:
                T_target_source, newest = self._backend.lookup(target_frame, source_frame, stamp_s)
                age = self._node.get_clock().now().nanoseconds * 1e-9 - newest
                if stamp_s is None and max_age_s is not None and age > max_age_s:
                    raise MT3Error(
                        f'the transform {target_frame} <- {source_frame} is {age:.2f} s old, '
                        f'the limit is {max_age_s} s',
                        StatusCode.NO_DATA,
                    )
                return T_target_source
            except MT3Error as error:
                if time.monotonic() >= until:
                    waited = f' (waited {timeout_s} s)' if timeout_s > 0.0 else ''
                    raise MT3Error(f'{error}{waited}', error.code) from error
            time.sleep(_POLL_S)


class _StoreBackend:
    """Our own store, fed by two subscriptions."""

    name = 'mt3'

    def __init__(self, node: Node, keep_s: float) -> None:
        self._store = TransformStore(keep_s)
        group = InlineGroup()
        static = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        node.create_subscription(TFMessage, '/tf', self._on_tf, 100, callback_group=group)
        node.create_subscription(TFMessage, '/tf_static', self._on_tf_static, static, callback_group=group)

    def _on_tf(self, message: TFMessage) -> None:
        self._take(message, False)

    def _on_tf_static(self, message: TFMessage) -> None:
        self._take(message, True)

    def _take(self, message: TFMessage, static: bool) -> None:
        for item in message.transforms:
            try:
                T_parent_child = transform_to_matrix(item.transform)
            except MT3Error:
                continue  # as tf2 does: one broken transform of another node must not hide the others
            self._store.add(
                item.header.frame_id, item.child_frame_id, stamp_to_seconds(item.header.stamp), T_parent_child, static
            )

    def lookup(self, target: str, source: str, stamp_s: float | None) -> tuple[np.ndarray, float]:
        return self._store.lookup(target, source, stamp_s), self._store.newest(target, source)


class _Tf2Backend:
    """tf2_ros, refusals typed."""

    name = 'tf2_ros'

    def __init__(self, node: Node, keep_s: float) -> None:
        from rclpy.duration import Duration

        self._buffer = tf2_ros.Buffer(cache_time=Duration(seconds=keep_s))
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def lookup(self, target: str, source: str, stamp_s: float | None) -> tuple[np.ndarray, float]:
        at = Time() if stamp_s is None else Time(nanoseconds=round(stamp_s * 1e9))
        try:
            found = self._buffer.lookup_transform(target, source, at)
        except tf2_ros.TransformException as error:
            raise MT3Error(f'no transform {target} <- {source}: {error}', StatusCode.NO_DATA) from error
        stamp = stamp_to_seconds(found.header.stamp)
        return transform_to_matrix(found.transform), stamp if stamp > 0.0 else float('inf')  # 0: all static
