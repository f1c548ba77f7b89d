"""A pytest plugin for tests over real ROS 2: a private domain for each test, nodes that end surely.

Load it with `pytest_plugins = ['mt3_common.testing']` in a conftest. A test that uses `ros` or `ros_domain` may run
beside others: the domain is held by a file lock, and discovery stays on this machine.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from mt3_common.domain import hold_domain

__all__ = ['PATIENCE', 'NodeProcess', 'RosHarness', 'ros', 'ros_domain', 'wait_until']

PATIENCE = 3.0


def wait_until(condition: Callable[[], Any], timeout_s: float = 10.0, what: str = 'the condition') -> Any:
    """Return the first true value of `condition`, asked every 10 ms; fail the test when none comes in time.

    The time is that of a quiet machine: a busy one is given `PATIENCE` times as much before the test fails.
    """
    until = time.monotonic() + PATIENCE * timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            pytest.fail(f'{what} did not come true within {PATIENCE * timeout_s:.0f} s')
        time.sleep(0.01)


@pytest.fixture
def ros_domain() -> Iterator[int]:
    """Hold a ROS domain for this test alone; set in the environment, so that processes it starts share it."""
    domain, handle = hold_domain()
    names = {'ROS_DOMAIN_ID': str(domain), 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield domain
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        handle.close()


class RosHarness:
    """Nodes of a test: made here, spun in a thread, destroyed at the end."""

    def __init__(self, threads: int = 4) -> None:
        import rclpy
        from rclpy.executors import MultiThreadedExecutor

        self.context = rclpy.Context()
        rclpy.init(context=self.context, args=[])
        self._executor = MultiThreadedExecutor(num_threads=threads, context=self.context)
        self._nodes: list[Any] = []
        self._thread = threading.Thread(target=self._spin, name='ros test', daemon=True)
        self._thread.start()

    def _spin(self) -> None:
        from rclpy.exceptions import InvalidHandle
        from rclpy.executors import ExternalShutdownException

        while self.context.ok():
            try:
                self._executor.spin()
                return
            except InvalidHandle:
                continue  # a test destroyed an entity that the executor was waiting for
            except ExternalShutdownException:
                return  # the end of the test

    def add(self, node: Any) -> Any:
        """Spin a node that was made with `context=ros.context`."""
        self._nodes.append(node)
        self._executor.add_node(node)
        return node

    def node(self, name: str = 'test', parameters: Mapping[str, Any] | None = None) -> Any:
        """Make a plain node and spin it."""
        import rclpy
        from rclpy.parameter import Parameter

        overrides = [Parameter(key, value=value) for key, value in (parameters or {}).items()]
        return self.add(rclpy.create_node(name, context=self.context, parameter_overrides=overrides))

    def call(self, node: Any, service: type, name: str, request: Any, timeout_s: float = 20.0) -> Any:
        """Call a service and return the response; fail the test when nobody answers."""
        client = node.create_client(service, name)
        try:
            if not client.wait_for_service(PATIENCE * timeout_s):
                pytest.fail(f'no service {name} within {PATIENCE * timeout_s:.0f} s')
            future = client.call_async(request)
            wait_until(future.done, timeout_s, f'an answer of {name}')
            return future.result()
        finally:
            node.destroy_client(client)

    def collect(self, node: Any, kind: type, topic: str, qos: Any = 10) -> list[Any]:
        """Subscribe; the returned list grows with each message."""
        from rclpy.callback_groups import ReentrantCallbackGroup

        messages: list[Any] = []
        node.create_subscription(kind, topic, messages.append, qos, callback_group=ReentrantCallbackGroup())
        return messages

    def close(self) -> None:
        """Join the thread first: a thread still spinning at exit ends in `terminate called`."""
        import rclpy

        for node in self._nodes:
            if hasattr(node, 'close'):
                node.close()
        self._executor.shutdown(timeout_sec=5.0)
        self._thread.join(timeout=10.0)
        for node in self._nodes:
            node.destroy_node()
        rclpy.try_shutdown(context=self.context)


@pytest.fixture
def ros(ros_domain: int) -> Iterator[RosHarness]:
    """Give a context in a private domain with a spinning executor."""
    harness = RosHarness()
    try:
        yield harness
    finally:
        harness.close()


class NodeProcess:
    """A node executable as a process; a context manager that surely ends it.

    Args:
        command: Such as [sys.executable, '-m', 'mt3_teach.recorder_node', '--ros-args', '-p', 'x:=1'].
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._log = tempfile.NamedTemporaryFile('w+', suffix='.log')
        self._process = subprocess.Popen(
            list(command), stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True, env=dict(os.environ)
        )

    @property
    def pid(self) -> int:
        """Its number, to send it other signals or to limit it."""
        return self._process.pid

    @property
    def output(self) -> str:
        """What it printed so far."""
        return Path(self._log.name).read_text(encoding='utf-8', errors='replace')

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def stop(self, number: int = signal.SIGINT, timeout_s: float = 15.0) -> int:
        """Ask it to end and return its exit code; end it and its children when it does not, and print where it hung."""
        if self.running:
            self._process.send_signal(number)
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)  # a node tells where its threads are
        try:
            return self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
        finally:
            print(self.output)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait(self, timeout_s: float = 15.0) -> int:
        """Return its exit code once it ends by itself; fail the test when it does not."""
        try:
            return self._process.wait(PATIENCE * timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            pytest.fail(f'the process did not end within {PATIENCE * timeout_s:.0f} s; it printed:\n{self.output}')

    def __enter__(self) -> 'NodeProcess':
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._log.close()
