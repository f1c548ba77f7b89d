import time

import rclpy.action
from control_msgs.action import GripperCommand

from mt3_common.action_client import ActionClient
from mt3_common.testing import wait_until


class SlowTable(dict):
    """What rclpy notes between sending a goal and noting who waits for its answer; a busy machine may pause there."""

    def __setitem__(self, key, value):
        time.sleep(0.3)
        super().__setitem__(key, value)


def test_answer_that_comes_while_its_request_is_being_sent_is_not_lost(ros):
    def carry_out(goal):
        goal.succeed()
        return GripperCommand.Result(position=goal.request.command.position)

    server = rclpy.action.ActionServer(ros.node('gripper'), GripperCommand, 'grip', carry_out)
    client = ActionClient(ros.node('hand'), GripperCommand, 'grip')
    wait_until(client.server_is_ready, 20.0, 'the server')
    client._feedback_callbacks = SlowTable()
    goal = GripperCommand.Goal()
    goal.command.position = 0.5
    sent = client.send_goal_async(goal, feedback_callback=lambda message: None)
    wait_until(sent.done, 20.0, 'the acceptance')
    assert sent.result().accepted
    done = sent.result().get_result_async()
    wait_until(done.done, 20.0, 'the result')
    assert done.result().result.position == 0.5
    server.destroy()
    client.destroy()


def test_an_executor_may_look_at_it_as_soon_as_the_node_knows_it(ros, monkeypatch):
    node, seen = ros.node('hand'), []
    add = node.add_waitable

    def looked_at(waitable):
        add(waitable)
        seen.append(waitable.get_num_entities().num_clients)

    monkeypatch.setattr(node, 'add_waitable', looked_at)
    client = ActionClient(node, GripperCommand, 'grip')
    assert seen == [3]  # send a goal, cancel it, ask for its result
    client.destroy()
