"""An action client whose answers cannot be lost between two threads.

rclpy sends a request first and notes who waits for its answer afterwards. With the executor in another thread the
answer may come in between: it is dropped, the future never ends, and an arm moves for a goal that its sender takes for
unanswered (rclpy issue 1123; seen with 9.1.2, which notes a second future after it has released its lock).
"""

import threading
from typing import Any

import rclpy.action

__all__ = ['ActionClient']


class ActionClient(rclpy.action.ActionClient):
    """rclpy's action client; no answer is taken while a request is being sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._requests = threading.RLock()
        self._lock = threading.Lock()  # the base class makes its own after it has shown itself to the executor
        super().__init__(*args, **kwargs)

    def send_goal_async(self, *args: Any, **kwargs: Any) -> Any:
        """Send a goal; see `rclpy.action.ActionClient`."""
        with self._requests:
            return super().send_goal_async(*args, **kwargs)

    def _cancel_goal_async(self, goal_handle: Any) -> Any:
        with self._requests:
            return super()._cancel_goal_async(goal_handle)

    def _get_result_async(self, goal_handle: Any) -> Any:
        with self._requests:
            return super()._get_result_async(goal_handle)

    def take_data(self) -> Any:
        """Take what has arrived; called by the executor."""
        with self._requests:
            return super().take_data()
