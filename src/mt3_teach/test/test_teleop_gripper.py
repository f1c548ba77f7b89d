"""The gripper by hand: every kind of driver gets what it understands, and an absent one is named."""

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('control_msgs.action')

from control_msgs.action import GripperCommand, ParallelGripperCommand
from rclpy.action import ActionServer
from rclpy.callback_groups import ReentrantCallbackGroup
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from mt3_common.errors import MT3Error
from mt3_common.robot import GripperConfig
from mt3_common.testing import wait_until
from mt3_teach.teleop.gripper_client import GripperOutput

NAME = '/hand/drive'


@pytest.fixture
def pair(ros):
    """Make (what the driver got, the output) for a kind of driver."""

    def make(interface, driven=True, **changes):
        config = GripperConfig(interface=interface, action=NAME, **changes)
        got, driver, group = [], ros.node('driver'), ReentrantCallbackGroup()

        def done(goal):
            got.append(goal.request.command)
            goal.succeed()
            return _KINDS[interface].Result()

        def switched(request, response):
            got.append(request.data)
            response.success = True
            return response

        if driven and interface in _KINDS:
            ActionServer(driver, _KINDS[interface], NAME, done, callback_group=group)
        elif driven and interface == 'digital_service':
            driver.create_service(SetBool, NAME, switched, callback_group=group)
        elif driven:
            driver.create_subscription(Bool, NAME, lambda m: got.append(m.data), 5, callback_group=group)
        return got, GripperOutput(ros.node('hand'), config, ReentrantCallbackGroup())

    return make


_KINDS = {'gripper_command': GripperCommand, 'parallel_gripper_command': ParallelGripperCommand}


def sent(output, opening):
    wait_until(lambda: not output.send(opening), 20.0, 'the driver')


def test_positions_and_effort(pair):
    got, output = pair('gripper_command', max_effort=15.0)
    sent(output, 0.5)
    wait_until(lambda: got, 20.0)
    assert got[0].position == pytest.approx(0.02) and got[0].max_effort == 15.0


def test_positions_by_the_joint_name(pair):
    got, output = pair('parallel_gripper_command', joint='finger', position_open=0.1)
    sent(output, 1.0)
    wait_until(lambda: got, 20.0)
    assert list(got[0].name) == ['finger'] and list(got[0].position) == pytest.approx([0.1])


@pytest.mark.parametrize('interface', ['digital_topic', 'digital_service'])
def test_two_states(pair, interface):
    got, output = pair(interface, digital_close=False)
    sent(output, 0.0)
    wait_until(lambda: got, 20.0)
    sent(output, 0.9)
    wait_until(lambda: True in got, 20.0)
    assert got[0] is False


@pytest.mark.parametrize('interface', ['gripper_command', 'digital_topic', 'digital_service'])
def test_an_absent_driver_is_named(pair, interface):
    _, output = pair(interface, driven=False)
    assert NAME in output.send(1.0) and 'is the gripper driver running' in output.send(0.0)


def test_a_driver_whose_messages_are_absent_is_refused(pair):
    try:
        import franka_msgs.action  # noqa: F401
    except ImportError:
        with pytest.raises(MT3Error, match='needs the package franka_msgs'):
            pair('franka', driven=False)
    else:
        _, output = pair('franka', driven=False)
        assert f'{NAME}/grasp' in output.send(0.0) and f'{NAME}/move' in output.send(1.0)
