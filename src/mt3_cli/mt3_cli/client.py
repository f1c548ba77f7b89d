"""A blocking ROS client for commands: one node, spun in its own thread, with typed refusals.

Commands talk to the running stack exactly as a user's own node would: services, the action, topics.
Every wait has a limit and honours Ctrl-C.
"""

import threading
from collections.abc import Callable
from typing import Any

import rclpy
from action_msgs.msg import GoalStatus
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node

from mt3_common.action_client import ActionClient
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.service_call import call_service, poll
from mt3_interfaces.action import ExecuteTask

__all__ = ['ExecuteOutcome', 'StackClient']


class ExecuteOutcome:
    """What `/mt3/execute` answered: the result message and whether it was cancelled."""

    def __init__(self, result: ExecuteTask.Result, cancelled: bool) -> None:
        self.result = result
        self.cancelled = cancelled

    @property
    def ok(self) -> bool:
        """Whether the task was carried out and, if judged, had its effect."""
        return self.result.status.code == StatusCode.OK


class StackClient:
    """A context manager: `with StackClient('mt3_run') as client: client.call(...)`."""

    def __init__(self, name: str, execute_action: str = '/mt3/execute') -> None:
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node: Node = rclpy.create_node(name, context=self._context)
        self._execute = ActionClient(self.node, ExecuteTask, execute_action)
        self._execute_name = execute_action
        self._clients: dict[str, Any] = {}
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, name='ros', daemon=True)
        self._thread.start()

    def __enter__(self) -> 'StackClient':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return  # the context was shut down while spinning: that is how `close` ends it

    def close(self) -> None:
        """End spinning and leave the graph; the thread is joined so that the process exits cleanly."""
        self._executor.shutdown()
        self._thread.join(timeout=5.0)
        self._execute.destroy()
        self.node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    def call(
        self,
        service: type,
        name: str,
        request: Any,
        *,
        wait_s: float = 5.0,
        timeout_s: float = 30.0,
        repeat_s: float | None = None,
    ) -> Any:
        """Call a service and return its response; see `mt3_common.service_call.call_service`.

        Raises:
            MT3Error: NO_DATA when nobody offers it, TIMEOUT when it does not answer.
        """
        client = self._client(service, name)
        return call_service(client, request, wait_s=wait_s, timeout_s=timeout_s, repeat_s=repeat_s)

    def wait_for_service(self, service: type, name: str, timeout_s: float) -> None:
        """Wait until a service is offered.

        Raises:
            MT3Error: NO_DATA when it is not within the time.
        """
        client = self._client(service, name)
        self._wait(client.service_is_ready, timeout_s, f'nobody offers {name}', StatusCode.NO_DATA)

    def _client(self, service: type, name: str) -> Any:
        """One client per service, kept: each new one would have to be discovered by the server first."""
        if name not in self._clients:
            self._clients[name] = self.node.create_client(service, name)
        return self._clients[name]

    def execute(
        self,
        goal: ExecuteTask.Goal,
        *,
        on_feedback: Callable[[ExecuteTask.Feedback], None] = lambda feedback: None,
        wait_s: float = 5.0,
        timeout_s: float = 300.0,
    ) -> ExecuteOutcome:
        """Run one task to its end; Ctrl-C or the timeout cancels it and waits for the arm to stop.

        Raises:
            MT3Error: NO_DATA when no executor runs, BUSY when it rejects the goal, TIMEOUT.
            KeyboardInterrupt: After the goal was cancelled.
        """
        client, name = self._execute, self._execute_name
        self._wait(client.server_is_ready, wait_s, f'nobody offers the action {name}', StatusCode.NO_DATA)
        sent = client.send_goal_async(goal, feedback_callback=lambda message: on_feedback(message.feedback))
        try:
            self._wait(sent.done, 10.0, f'{name} did not answer the goal', StatusCode.TIMEOUT)
            handle = sent.result()
            if not handle.accepted:
                raise MT3Error(f'{name} rejected the goal; is another task running?', StatusCode.BUSY)
            done = handle.get_result_async()
            self._wait(done.done, timeout_s, f'{name} did not finish', StatusCode.TIMEOUT)
        except (KeyboardInterrupt, MT3Error):
            self._stop(sent)
            raise
        answer = done.result()
        return ExecuteOutcome(answer.result, cancelled=answer.status == GoalStatus.STATUS_CANCELED)

    def _stop(self, sent: Any) -> None:
        """Cancel a goal and wait for its end; one whose acceptance is still under way must not begin unseen."""
        if not poll(sent.done, 5.0) or not sent.result().accepted:
            return
        sent.result().cancel_goal_async()
        done = sent.result().get_result_async()
        self._wait(done.done, 10.0, f'{self._execute_name} did not stop after cancelling', StatusCode.TIMEOUT)

    def _wait(self, ready: Callable[[], bool], timeout_s: float, complaint: str, code: StatusCode) -> None:
        """Poll until ready; raise `complaint` with the time waited."""
        if not poll(ready, timeout_s):
            raise MT3Error(f'{complaint} within {timeout_s:.0f} s; `mt3 doctor` shows what is running', code)
