import threading

import pytest
import rclpy
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import Int32
from std_srvs.srv import Trigger

from mt3_common.executor import InlineGroup, NodeExecutor
from mt3_common.service_call import call_service
from mt3_common.testing import wait_until


@pytest.fixture
def spinning(ros_domain):
    """A node, its executor's thread, and what it raised."""
    context = rclpy.Context()
    rclpy.init(context=context, args=[])
    node = rclpy.create_node('heard', context=context)
    executor = NodeExecutor(num_threads=2, context=context)
    executor.add_node(node)
    raised = []

    def spin():
        try:
            executor.spin()
        except RuntimeError as error:
            raised.append(error)

    thread = threading.Thread(target=spin)
    yield node, thread, raised
    executor.shutdown(timeout_sec=5.0)
    thread.join(10.0)
    node.destroy_node()
    rclpy.try_shutdown(context=context)


def _publish(node, topic):
    publisher = node.create_publisher(Int32, topic, 10)
    wait_until(lambda: publisher.get_subscription_count() > 0, 20.0, 'a subscription')
    for number in range(5):
        publisher.publish(Int32(data=number))


def test_inline_callbacks_run_in_the_spinning_thread_and_others_in_the_pool(spinning):
    node, thread, _ = spinning
    inline, pooled = [], []
    node.create_subscription(
        Int32, 'a', lambda m: inline.append((m.data, threading.current_thread())), 10, callback_group=InlineGroup()
    )
    node.create_subscription(Int32, 'b', lambda m: pooled.append((m.data, threading.current_thread())), 10)
    thread.start()
    _publish(node, 'a')
    _publish(node, 'b')
    wait_until(lambda: len(inline) == 5 and len(pooled) == 5, 20.0, 'all messages')
    assert [number for number, _ in inline] == list(range(5))
    assert {where for _, where in inline} == {thread}
    assert thread not in {where for _, where in pooled}


def test_callback_that_waits_does_not_stop_inline_ones(spinning):
    node, thread, _ = spinning
    heard, release = [], threading.Event()
    node.create_subscription(Int32, 'a', lambda m: heard.append(m.data), 10, callback_group=InlineGroup())
    node.create_subscription(Int32, 'b', lambda m: release.wait(20.0), 10, callback_group=ReentrantCallbackGroup())
    thread.start()
    _publish(node, 'b')
    _publish(node, 'a')
    wait_until(lambda: len(heard) == 5, 20.0, 'messages beside a callback that waits')
    release.set()


def test_answer_of_a_service_comes_while_the_whole_pool_waits_for_it(spinning):
    node, thread, _ = spinning
    client = node.create_client(Trigger, 'asked', callback_group=InlineGroup())
    other = rclpy.create_node('server', context=node.context)
    server = SingleThreadedExecutor(context=node.context)
    server.add_node(other)
    other.create_service(Trigger, 'asked', lambda request, response: Trigger.Response(message='here'))
    serving = threading.Thread(target=server.spin)
    serving.start()
    answers = []

    def ask(message):
        answers.append(call_service(client, Trigger.Request(), wait_s=20.0, timeout_s=20.0).message)

    node.create_subscription(Int32, 'a', ask, 10, callback_group=ReentrantCallbackGroup())
    thread.start()
    _publish(node, 'a')
    wait_until(lambda: answers == ['here'] * 5, 60.0, 'all answers')
    server.shutdown()
    serving.join(10.0)
    other.destroy_node()


def test_what_a_callback_raises_ends_the_spinning(spinning):
    node, thread, raised = spinning

    def fail(message):
        raise RuntimeError('no')

    node.create_subscription(Int32, 'a', fail, 10, callback_group=InlineGroup())
    thread.start()
    _publish(node, 'a')
    wait_until(lambda: raised, 20.0, 'the error')
