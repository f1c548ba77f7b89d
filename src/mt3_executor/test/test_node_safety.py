"""What holds and stops the arm, over real middleware: pauses, dead-man, protective stops, forces, lag, lost grasps."""

import time

import pytest

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces', reason='the workspace is not built')

from geometry_msgs.msg import WrenchStamped  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile  # noqa: E402
from std_msgs.msg import Bool  # noqa: E402

from mt3_common.errors import StatusCode  # noqa: E402
from mt3_executor.testing.graph_node import call, moving  # noqa: E402
from mt3_executor.testing.scenes import grasp  # noqa: E402


def with_parameters(**given):
    """Give the node of a test other parameters; two underscores stand for a dot."""
    return pytest.mark.parametrize('graph', [given], indirect=True)


def test_pause_holds_the_arm_and_resume_finishes_the_task(graph):
    graph.cell.speed = 2.0
    handle = graph.send()
    moving(graph)
    assert call(graph, graph.pause).success
    graph.wait(lambda: abs(graph.cell.qd).max() == 0.0)
    time.sleep(0.3)
    stood = graph.cell.q.copy()
    time.sleep(0.3)
    assert (graph.cell.q == stood).all() and any('paused' in f.text for f in graph.feedback)
    assert call(graph, graph.resume).success
    result = graph.result(handle)
    assert result.status.code == StatusCode.OK, result.status
    assert len(graph.cell.goals) == 4 and abs(graph.cell.goals[1][0] - stood).max() < 1e-3
    assert not call(graph, graph.pause).success and not call(graph, graph.resume).success


def test_cancel_while_paused(graph):
    graph.cell.speed = 1.0
    handle = graph.send()
    moving(graph)
    call(graph, graph.pause)
    graph.wait(lambda: abs(graph.cell.qd).max() == 0.0)
    handle.cancel_goal_async()
    assert graph.result(handle).status.code == StatusCode.CANCELLED and len(graph.cell.goals) == 1


@with_parameters(safety__deadman_topic='/deadman', safety__deadman_timeout_s=0.5)
def test_dead_man_switch(graph):
    refused = graph.run()
    assert refused.status.code == StatusCode.CANCELLED and 'dead-man' in refused.status.message
    held = [True]
    switch = graph.user.create_publisher(Bool, '/deadman', 10)
    graph.user.create_timer(0.05, lambda: held[0] and switch.publish(Bool(data=True)))
    graph.wait(lambda: graph.node._runner.guard.may_move().ok)
    graph.cell.speed = 1.0
    handle = graph.send()
    moving(graph)
    held[0] = False
    result = graph.result(handle)
    assert result.status.code == StatusCode.CANCELLED and 'dead-man' in result.status.message
    assert abs(graph.cell.qd).max() == 0.0 and len(graph.cell.goals) == 1


@with_parameters(safety__allowed_topic='/robot_program_running')
def test_protective_stop_of_the_robot(graph):
    assert 'never said' in graph.run().status.message
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    driver = graph.user.create_publisher(Bool, '/robot_program_running', latched)
    driver.publish(Bool(data=True))
    graph.wait(lambda: graph.node._runner.guard.may_move().ok)
    graph.cell.speed = 1.0
    handle = graph.send()
    moving(graph)
    driver.publish(Bool(data=False))
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and 'protective stop' in result.status.message
    assert abs(graph.cell.qd).max() == 0.0
    assert graph.run().status.code == StatusCode.HARDWARE and len(graph.cell.goals) == 1


@with_parameters(monitors__wrench_topic='/wrench', monitors__force_limit_n=20.0)
def test_a_force_at_the_wrist_stops_the_arm(graph):
    force = [3.0]
    sensor = graph.user.create_publisher(WrenchStamped, '/wrench', 10)

    def publish():
        message = WrenchStamped()
        message.wrench.force.z = force[0]
        sensor.publish(message)

    graph.user.create_timer(0.01, publish)
    graph.wait(lambda: graph.node._runner.guard.wrench() is not None)
    graph.cell.speed = 1.0
    handle = graph.send()
    moving(graph)
    force[0] = 30.0
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and '27.0 N' in result.status.message
    assert 'force_limit_n 20' in result.status.message and abs(graph.cell.qd).max() == 0.0


@with_parameters(monitors__effort_rise_nm=5.0)
def test_an_effort_that_rises_stops_the_arm(graph):
    graph.cell.speed = 1.0
    graph.cell.effort = [1.0] * 7
    graph.wait(lambda: graph.node._joints.arm().effort is not None)
    handle = graph.send()
    moving(graph)
    graph.cell.effort = [1.0, 1.0, 9.0, 1.0, 1.0, 1.0, 1.0]
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and 'panda_joint3' in result.status.message


def test_an_arm_that_lags_is_stopped(graph):
    graph.cell.speed, graph.cell.arm_mode = 1.0, 'lag'
    handle = graph.send()
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and 'lags by' in result.status.message
    assert abs(graph.cell.qd).max() == 0.0


def test_an_arm_that_leaves_its_path_is_stopped(graph):
    graph.cell.speed = 1.0
    handle = graph.send()
    moving(graph)
    graph.cell.pushed = 0.3
    result = graph.result(handle)
    assert result.status.code == StatusCode.HARDWARE and 'off the planned path' in result.status.message


def test_a_grasp_that_is_lost_stops_the_lift(graph):
    graph.cell.speed = 4.0
    graph.cell.interaction = grasp(duration_s=12.0, closed=0.0)
    handle = graph.send()
    graph.wait(lambda: len(graph.cell.goals) == 3 and abs(graph.cell.qd).max() > 0.05)
    graph.cell.finger = 0.0
    result = graph.result(handle)
    assert result.status.code == StatusCode.OUTCOME_FAILED and 'grasp lost' in result.status.message
    assert abs(graph.cell.qd).max() == 0.0


def test_a_driver_that_accepts_and_never_ends_is_given_up(graph):
    graph.node._arm._config = graph.node._arm._config.model_copy(update={'motion_timeout_factor': 1.0})
    graph.cell.arm_mode, graph.cell.speed = 'hang', 1000.0
    begin = time.monotonic()
    result = graph.run()
    assert result.status.code == StatusCode.TIMEOUT and 'did not finish' in result.status.message
    assert time.monotonic() - begin < 25.0
