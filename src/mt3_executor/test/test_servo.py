"""Replay by twists: what is commanded, and the whole task with a fake servo over real middleware."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import StatusCode
from mt3_executor.robot import ArmModel
from mt3_executor.safety_config import ServoConfig
from mt3_executor.servo import ToolPath
from mt3_executor.trajectory import JointTrajectory

CONFIG = ServoConfig()


@pytest.fixture
def path(panda):
    q = panda.home + np.linspace(0.0, 1.0, 41)[:, None] * np.array([0.3, 0.2, 0.0, 0.1, 0.0, 0.2, 0.4])
    zero = np.zeros_like(q)
    return JointTrajectory(np.linspace(0.0, 2.0, 41), q, zero + np.gradient(q, 0.05, axis=0), zero)


def driven(panda, path, config=CONFIG, begin=None, seconds=3.0):
    """Return the pose that twists drive a perfect tool to."""
    tool = ToolPath(path, panda.fk, config)
    T = panda.fk(path.position[0]) if begin is None else begin
    for t in np.arange(0.0, seconds, 1.0 / config.rate_hz):
        T = T @ se3.exp(tool.twist(t, T) / config.rate_hz)
    return tool, T


def test_twists_drive_the_tool_along_its_path_to_the_end(panda, path):
    tool, T = driven(panda, path)
    distance, angle = tool.missing(T)
    assert distance < 1e-4 and angle < 1e-3
    half = driven(panda, path, seconds=1.0)[1]
    assert se3.pose_error(half, panda.fk(path.at(np.array([1.0]))[0]))[0] < 2e-3


def test_what_is_missing_is_made_up_for(panda, path):
    begin = panda.fk(path.position[0]) @ se3.make(None, (0.01, 0.0, -0.01))
    tool, T = driven(panda, path, begin=begin)
    assert tool.missing(T)[0] < 1e-3


def test_no_twist_is_larger_than_allowed(panda, path):
    slow = ServoConfig(max_linear_m_s=0.05, max_angular_rad_s=0.1)
    tool = ToolPath(path, panda.fk, slow)
    far = se3.make(None, (0.5, 0.0, 0.0)) @ panda.fk(path.position[0])
    free, limited = ToolPath(path, panda.fk, ServoConfig(max_linear_m_s=2.0, max_angular_rad_s=6.0)), tool
    twist, whole = limited.twist(1.0, far), free.twist(1.0, far)
    assert np.linalg.norm(twist[:3]) <= 0.05 + 1e-9 and np.linalg.norm(twist[3:]) <= 0.1 + 1e-9
    assert np.allclose(np.cross(twist[:3], whole[:3]), 0.0, atol=1e-6)  # shorter, not another way


@pytest.fixture
def servo(graph):
    """Let a fake servo listen beside the node under test."""
    from mt3_executor.testing.fake_servo_node import FakeServo

    node = FakeServo(graph.cell, ArmModel.from_example_robot_data('panda'), CONFIG.topic, context=graph.context)
    graph.spin_also(node)
    return node


def served(**given):
    return pytest.mark.parametrize('graph', [{'execution__interaction': 'servo', **given}], indirect=True)


@served()
def test_the_interaction_goes_by_twists_and_the_rest_by_trajectories(graph, servo):
    result = graph.run()
    assert result.status.code == StatusCode.OK, result.status
    assert len(graph.cell.goals) == 1  # the approach
    assert len(servo.twists) > 50 and not np.any(servo.twists[-1])
    arm = ArmModel.from_example_robot_data('panda')
    goal = graph.cell.T_base_bottleneck @ graph.cell.interaction.T_bottleneck_tcp[-1]
    distance, angle = se3.pose_error(arm.fk(graph.cell.q), goal)
    assert distance < CONFIG.end_m + 1e-3 and angle < CONFIG.end_rad + 1e-2


@served()
def test_a_cancel_stops_the_twists(graph, servo):
    handle = graph.send()
    graph.wait(lambda: len(servo.twists) > 20, 30.0)
    graph.wait(handle.cancel_goal_async().done)
    assert graph.result(handle).status.code == StatusCode.CANCELLED
    assert not np.any(servo.twists[-1]) and not np.any(graph.cell.qd)


@served(monitors__path_error_rad=0.0, servo__settle_s=0.3)
def test_a_servo_that_halts_is_reported(graph, servo):
    servo.obeys = False
    result = graph.run()
    assert result.status.code == StatusCode.HARDWARE and 'beside' in result.status.message


@served()
def test_nothing_moves_without_a_servo(graph):
    result = graph.run()
    assert result.status.code == StatusCode.HARDWARE and '/servo_node' in result.status.message
    assert graph.cell.goals == []
