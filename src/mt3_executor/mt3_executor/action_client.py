"""One goal to a ROS action, waited for with a limit and an eye on the stop signal.

Threading: callbacks run in the node's executor; the task's thread polls futures. No callback ever blocks.
"""

import time
from collections.abc import Callable
from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.node import Node

from mt3_common.action_client import ActionClient
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_executor.ports import StopSignal
from mt3_executor.stopwatch import Stopwatch

__all__ = ['GoalRunner', 'node_stopwatch', 'succeeded', 'wait_until']

_POLL_S = 0.005
_LOST_S = 0.5


def wait_until(ready: Callable[[], bool], timeout_s: float, watch: Stopwatch | None = None) -> bool:
    """Poll until ready; False after the time [s], of the computer's clock unless a stopwatch is given."""
    watch = watch or Stopwatch()
    while not ready():
        if watch.elapsed_s() > timeout_s or watch.dead():
            return ready()
        time.sleep(_POLL_S)
    return True


def node_stopwatch(node: Node) -> Stopwatch:
    """Return a stopwatch that runs by a node's clock."""
    return Stopwatch(lambda: node.get_clock().now().nanoseconds * 1e-9)


class GoalRunner:
    """Sends goals to one action server, one at a time.

    Args:
        what: What is driven, for messages: 'the arm'.
        answer_s: For the server to be there, and to accept or refuse, by the computer's clock [s].
        cancel_s: For a cancelled goal to end, by the node's clock [s].
    """

    def __init__(self, node: Node, action: type, name: str, what: str, answer_s: float, cancel_s: float) -> None:
        self._client = ActionClient(node, action, name)
        self._name, self._what, self._stopwatch = name, what, lambda: node_stopwatch(node)
        self._answer_s, self._cancel_s = answer_s, cancel_s

    def ready(self) -> Status:
        """Whether the server is there; waits for it a while, since discovery takes time after a start."""
        if wait_until(self._client.server_is_ready, self._answer_s):
            return Status()
        return Status(
            StatusCode.HARDWARE,
            f'nobody offers the action {self._name} that moves {self._what}; start its driver or name the right action',
        )

    def run(
        self,
        goal: Any,
        timeout_s: float,
        stop: StopSignal,
        while_running: Callable[[float], Status | None] = lambda elapsed_s: None,
        on_feedback: Callable[[Any], None] | None = None,
    ) -> Any:
        """Send a goal and wait for its end.

        Args:
            goal: The goal message.
            timeout_s: Longest time it may take, by the node's clock [s].
            stop: Ends it early.
            while_running: Called often with the elapsed time [s]; a status it returns ends the goal with it.
            on_feedback: Called with each feedback of the server.

        Returns:
            The wrapped result (`.status`, `.result`) of a goal that ended by itself.

        Raises:
            MT3Error: HARDWARE: rejected, lost, or it did not stop when told. TIMEOUT. The reason of the stop.
        """
        if stop.is_set():
            raise MT3Error(stop.status.message, stop.status.code)
        hear = None if on_feedback is None else lambda message: on_feedback(message.feedback)
        sent = self._client.send_goal_async(goal, feedback_callback=hear)
        if not wait_until(sent.done, self._answer_s):
            sent.add_done_callback(_cancel_late)
            raise MT3Error(
                f'{self._name} did not answer a goal within {self._answer_s:g} s; is its driver alive?',
                StatusCode.HARDWARE,
            )
        handle = sent.result()
        if not handle.accepted:
            raise MT3Error(
                f'{self._name} rejected the goal; its own log says why (often: joints, start state or mode)',
                StatusCode.HARDWARE,
            )
        done = handle.get_result_async()
        watch, seen = self._stopwatch(), time.monotonic()
        while not done.done():
            now, elapsed_s = time.monotonic(), watch.elapsed_s()
            if self._client.server_is_ready():
                seen = now
            reason = stop.status or while_running(elapsed_s)
            if reason is None and now - seen > _LOST_S:
                raise MT3Error(
                    f'{self._name} disappeared while {self._what} was moving; look whether it stopped',
                    StatusCode.HARDWARE,
                )
            if reason is None and elapsed_s > timeout_s:
                reason = Status(StatusCode.TIMEOUT, f'{self._name} did not finish within {timeout_s:.1f} s')
            if reason is None and watch.dead():
                reason = Status(StatusCode.NO_DATA, f"the node's clock stands still while {self._what} moves")
            if reason is not None:
                self._cancel(handle, done)
                raise MT3Error(reason.message, reason.code)
            time.sleep(_POLL_S)
        return done.result()

    def _cancel(self, handle: Any, done: Any) -> None:
        """Cancel and wait for the goal's end.

        Raises:
            MT3Error: HARDWARE, it goes on.
        """
        handle.cancel_goal_async()
        if not wait_until(done.done, self._cancel_s, self._stopwatch()):
            raise MT3Error(
                f'{self._name} did not stop within {self._cancel_s:g} s of being cancelled; use the emergency stop of '
                'the hardware',
                StatusCode.HARDWARE,
            )

    def close(self) -> None:
        """Leave the graph."""
        self._client.destroy()


def _cancel_late(sent: Any) -> None:
    """Cancel a goal that was accepted after nobody waited for it any more: it must not move anything."""
    handle = sent.result()
    if handle is not None and handle.accepted:
        handle.cancel_goal_async()


def succeeded(wrapped: Any) -> bool:
    """Whether an action ended as SUCCEEDED."""
    return wrapped.status == GoalStatus.STATUS_SUCCEEDED
