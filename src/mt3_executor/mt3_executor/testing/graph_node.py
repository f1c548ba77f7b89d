"""The executor node among fake drivers over real middleware, with a client; for tests."""

import threading
from pathlib import Path

import rclpy
from rclpy.executors import MultiThreadedExecutor
from rclpy.parameter import Parameter
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from mt3_common.action_client import ActionClient
from mt3_common.testing import wait_until
from mt3_executor.node import ExecutorNode
from mt3_executor.testing.fake_drivers import FakeCell
from mt3_executor.testing.scenes import above, grasp
from mt3_interfaces.action import ExecuteTask

__all__ = ['Graph', 'call', 'moving']


class Graph:
    """The node under test, the fake cell, and a client."""

    def __init__(self, tmp_path: Path, **given: object) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.cell = FakeCell(above(0.5, 0.1, 0.2), grasp(), context=self.context)
        parameters = {
            'execution.run_directory': str(tmp_path / 'runs'),
            'execution.record_bag': False,
            'execution.gripper_settle_s': 0.0,
            'execution.server_timeout_s': 3.0,
            'execution.gripper_timeout_s': 0.5,
            'execution.service_timeout_s': 5.0,
            'recovery.max_attempts': 1,
            **{name.replace('__', '.'): value for name, value in given.items()},
        }
        self.node = ExecutorNode(
            context=self.context, parameter_overrides=[Parameter(k, value=v) for k, v in parameters.items()]
        )
        self.user = rclpy.create_node('user', context=self.context)
        self.client = ActionClient(self.user, ExecuteTask, '/mt3/execute')
        self.button = self.user.create_publisher(Bool, '/mt3/emergency_stop', 1)
        self.reset = self.user.create_client(Trigger, '/mt3/reset_emergency_stop')
        self.pause = self.user.create_client(Trigger, '/mt3/pause')
        self.resume = self.user.create_client(Trigger, '/mt3/resume')
        self.executors = []
        for node in (self.cell, self.node, self.user):
            self.spin_also(node)
        self.feedback = []
        assert self.client.wait_for_server(10.0)
        self.wait(lambda: self.node._description.model() is not None and self.node._joints.arm() is not None)

    def spin_also(self, node):
        """Spin a node in a thread of its own until the end."""
        executor = MultiThreadedExecutor(num_threads=6, context=self.context)
        executor.add_node(node)
        ended = threading.Event()
        thread = threading.Thread(target=self.spin, args=(executor, ended), daemon=True)
        thread.start()
        self.executors.append((executor, thread, node, ended))

    @staticmethod
    def spin(executor, ended):
        """Spin until the event is set."""
        while not ended.is_set():
            executor.spin_once(timeout_sec=0.1)

    @staticmethod
    def wait(ready, timeout_s=15.0):
        """Wait until ready."""
        wait_until(ready, timeout_s)

    def send(self, **fields):
        """Ask for a task; return the accepted goal's handle."""
        goal = ExecuteTask.Goal(**{'task': 'pick up the box', **fields})
        future = self.client.send_goal_async(goal, feedback_callback=lambda m: self.feedback.append(m.feedback))
        self.wait(future.done)
        assert future.result().accepted
        return future.result()

    def result(self, handle):
        """Return the result of a goal."""
        future = handle.get_result_async()
        self.wait(future.done, 30.0)
        return future.result().result

    def run(self, **fields):
        """Ask for a task and return its result."""
        return self.result(self.send(**fields))

    def close(self):
        """End all nodes."""
        for executor, thread, node, ended in self.executors:
            ended.set()
            thread.join(timeout=5.0)
            executor.shutdown(timeout_sec=5.0)
            node.destroy_node()
        rclpy.try_shutdown(context=self.context)


def call(graph, client):
    """Call a Trigger service and return its answer."""
    assert client.wait_for_service(5.0)
    future = client.call_async(Trigger.Request())
    graph.wait(future.done)
    return future.result()


def moving(graph, least=0.1):
    """Wait until the arm moves."""
    graph.wait(lambda: graph.cell.goals and abs(graph.cell.qd).max() > least)
