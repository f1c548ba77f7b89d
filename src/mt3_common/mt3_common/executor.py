"""An rclpy executor for nodes that hear a lot: what only stores a message is done at once, the rest in a pool.

rclpy's MultiThreadedExecutor hands each message to another thread and builds its wait set anew before and after: 1.8 ms
of processor time a message where a single thread needs 0.5 ms. A node that follows /clock, /tf and /joint_states
spends a third of a core on that while it does nothing. Callbacks that wait (services, actions, pictures) must stay in
the pool.
"""

from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.client import Client
from rclpy.executors import (
    ConditionReachedException,
    ExternalShutdownException,
    MultiThreadedExecutor,
    ShutdownException,
    TimeoutException,
)
from rclpy.subscription import Subscription
from rosgraph_msgs.msg import Clock

__all__ = ['InlineGroup', 'NodeExecutor']


class InlineGroup(ReentrantCallbackGroup):
    """Callbacks that only store what came: they never wait, and take well under a millisecond.

    A service client in it hands its answers to those who wait even when they fill the whole pool.
    """


class NodeExecutor(MultiThreadedExecutor):
    """Runs callbacks in a pool, but those of an `InlineGroup` and of the clock in the spinning thread.

    Anywhere but in `NodeExecutor`, an `InlineGroup` is an ordinary reentrant group.
    """

    def _spin_once_impl(self, timeout_sec: Any = None, wait_condition: Any = lambda: False) -> None:
        try:
            handler, entity, _ = self.wait_for_ready_callbacks(timeout_sec, None, wait_condition)
        except (ShutdownException, ExternalShutdownException, TimeoutException, ConditionReachedException):
            return
        if _is_inline(entity):
            handler()
            handler.result()  # raises what the callback raised
            return
        self._executor.submit(handler)
        self._futures.append(handler)
        for future in [f for f in self._futures if f.done()]:
            self._futures.remove(future)
            future.result()


def _is_inline(entity: Any) -> bool:
    if isinstance(entity, Subscription) and entity.msg_type is Clock:
        return True
    return isinstance(entity, (Subscription, Client)) and isinstance(entity.callback_group, InlineGroup)
