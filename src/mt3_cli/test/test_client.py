import threading
import time

import pytest
from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup

from mt3_cli.client import StackClient
from mt3_common.errors import MT3Error, StatusCode
from mt3_interfaces.action import ExecuteTask
from mt3_interfaces.msg import Status
from mt3_interfaces.srv import SimReset


@pytest.fixture
def client(ros):
    with StackClient('client_test') as client:
        yield client


def test_service_is_called_and_its_client_kept(ros, client):
    def reset(request, response):
        response.task = f'play {request.family}'
        return response

    ros.node().create_service(SimReset, '/sim/reset', reset)
    for family in ('a', 'b'):
        answer = client.call(SimReset, '/sim/reset', SimReset.Request(family=family), wait_s=20.0)
        assert answer.task == f'play {family}'
    assert len(list(client.node.clients)) == 1


def test_service_that_nobody_offers(client):
    with pytest.raises(MT3Error, match='nobody offers /sim/reset') as caught:
        client.call(SimReset, '/sim/reset', SimReset.Request(), wait_s=0.2)
    assert caught.value.code == StatusCode.NO_DATA


class Server:
    """An executor that works until it is released or cancelled."""

    def __init__(self, ros):
        self.node = ros.node('executor')
        self.release = threading.Event()
        self.cancelled = threading.Event()
        self.server = ActionServer(
            self.node,
            ExecuteTask,
            '/mt3/execute',
            self._work,
            cancel_callback=lambda goal: CancelResponse.ACCEPT,
            callback_group=ReentrantCallbackGroup(),
        )

    def _work(self, handle):
        handle.publish_feedback(ExecuteTask.Feedback(text='working', progress=0.5))
        while not self.release.is_set():
            if handle.is_cancel_requested:
                self.cancelled.set()
                handle.canceled()
                return ExecuteTask.Result(status=Status(code=StatusCode.CANCELLED, message='stopped'))
            time.sleep(0.01)
        handle.succeed()
        return ExecuteTask.Result(status=Status(code=StatusCode.OK))


@pytest.fixture
def server(ros):
    server = Server(ros)
    yield server
    server.release.set()
    server.server.destroy()


def test_task_runs_to_its_end_with_feedback(client, server):
    heard = []

    def on_feedback(feedback):
        heard.append(feedback.text)
        server.release.set()

    outcome = client.execute(ExecuteTask.Goal(task='it'), on_feedback=on_feedback, wait_s=20.0)
    assert outcome.ok and not outcome.cancelled and heard == ['working']


def test_timeout_cancels_the_task_and_waits_for_the_stop(client, server):
    with pytest.raises(MT3Error, match='did not finish') as caught:
        client.execute(ExecuteTask.Goal(task='it'), wait_s=20.0, timeout_s=0.3)
    assert caught.value.code == StatusCode.TIMEOUT
    assert server.cancelled.is_set()


def test_ctrl_c_cancels_the_task(client, server):
    def interrupt(feedback):
        client._interrupted = True

    original = client._wait

    def wait(ready, *rest):
        def ready_or_interrupt():
            if getattr(client, '_interrupted', False):
                client._interrupted = False
                raise KeyboardInterrupt
            return ready()

        original(ready_or_interrupt, *rest)

    client._wait = wait
    with pytest.raises(KeyboardInterrupt):
        client.execute(ExecuteTask.Goal(task='it'), on_feedback=interrupt, wait_s=20.0)
    assert server.cancelled.is_set()


def test_ctrl_c_before_the_goal_is_accepted_still_cancels_it(client, server):
    original, calls = client._wait, []

    def wait(ready, timeout_s, complaint, code):
        calls.append(complaint)
        if 'did not answer the goal' in complaint:
            raise KeyboardInterrupt
        original(ready, timeout_s, complaint, code)

    client._wait = wait
    with pytest.raises(KeyboardInterrupt):
        client.execute(ExecuteTask.Goal(task='it'), wait_s=20.0)
    assert server.cancelled.is_set()
