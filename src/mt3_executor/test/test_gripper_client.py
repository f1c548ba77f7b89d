"""Each kind of gripper driver over real middleware, with a driver that obeys, meets something, or refuses."""

import threading
import time

import pytest

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('control_msgs', reason='the workspace is not built')

from control_msgs.action import GripperCommand, ParallelGripperCommand  # noqa: E402
from rclpy.action import ActionServer, GoalResponse  # noqa: E402
from rclpy.callback_groups import ReentrantCallbackGroup  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402
from std_msgs.msg import Bool  # noqa: E402
from std_srvs.srv import SetBool  # noqa: E402

from mt3_common.errors import StatusCode  # noqa: E402
from mt3_common.robot import GripperConfig, RobotConfig  # noqa: E402
from mt3_common.testing import wait_until  # noqa: E402
from mt3_executor.config import ExecutionConfig  # noqa: E402
from mt3_executor.gripper_client import make_gripper  # noqa: E402
from mt3_executor.ports import StopSignal  # noqa: E402

WIDTH = 0.08  # between the fingers; each moves half of it


class Driver:
    """A gripper behind any of the interfaces; `blocked_at` is an opening."""

    def __init__(self, ros, interface):
        self.node = rclpy.create_node('gripper_driver', context=ros.context)
        self.opening, self.blocked_at, self.refuses, self.heard = 1.0, 0.0, False, []
        group = ReentrantCallbackGroup()
        self._states = self.node.create_publisher(JointState, '/joint_states', 10)
        self.node.create_timer(0.01, self._publish, callback_group=group)
        self._lock = threading.Lock()

        def serve(action, name, execute):
            return ActionServer(
                self.node,
                action,
                name,
                execute,
                goal_callback=lambda goal: GoalResponse.REJECT if self.refuses == 'reject' else GoalResponse.ACCEPT,
                callback_group=group,
            )

        if interface == 'gripper_command':
            self.servers = [serve(GripperCommand, '/gripper', self._gripper_command)]
        elif interface == 'parallel_gripper_command':
            self.servers = [serve(ParallelGripperCommand, '/gripper', self._parallel)]
        elif interface == 'franka':
            from franka_msgs.action import Grasp, Move

            self.servers = [
                serve(Grasp, '/gripper/grasp', self._grasp),
                serve(Move, '/gripper/move', self._move),
            ]
        elif interface == 'digital_topic':
            self.node.create_subscription(Bool, '/gripper', lambda m: self._digital(m.data), 1, callback_group=group)
        else:
            self.node.create_service(SetBool, '/gripper', self._set_bool, callback_group=group)
        ros.add(self.node)  # complete: what is created while its node spins may be announced late

    def _publish(self):
        message = JointState(name=['finger'], position=[0.5 * WIDTH * self.opening])
        message.header.stamp = self.node.get_clock().now().to_msg()
        self._states.publish(message)

    def _go(self, opening):
        self.opening = max(opening, self.blocked_at)
        self._publish()
        time.sleep(0.05)
        return self.opening > opening + 1e-3

    def _gripper_command(self, handle):
        command = handle.request.command
        self.heard.append((command.position, command.max_effort))
        stalled = self._go(command.position / (0.5 * WIDTH))
        handle.abort() if self.refuses == 'abort' else handle.succeed()
        done = self.refuses != 'abort'
        return GripperCommand.Result(
            position=0.5 * WIDTH * self.opening, stalled=stalled and done, reached_goal=not stalled and done
        )

    def _parallel(self, handle):
        command = handle.request.command
        self.heard.append((list(command.name), list(command.position), list(command.effort)))
        stalled = self._go(command.position[0] / (0.5 * WIDTH))
        result = ParallelGripperCommand.Result(stalled=stalled, reached_goal=not stalled)
        result.state = JointState(name=['finger'], position=[0.5 * WIDTH * self.opening])
        if self.refuses == 'abort':
            result.stalled = result.reached_goal = False
            handle.abort()
        else:
            handle.succeed()
        return result

    def _grasp(self, handle):
        from franka_msgs.action import Grasp

        goal = handle.request
        self.heard.append(('grasp', goal.width, goal.force, goal.speed, goal.epsilon.outer))
        self._go(goal.width / WIDTH)
        off = WIDTH * self.opening - goal.width
        fits = -goal.epsilon.inner <= off <= goal.epsilon.outer and self.refuses != 'abort'
        handle.succeed() if fits else handle.abort()
        return Grasp.Result(success=fits, error='' if fits else 'nothing of that width')

    def _move(self, handle):
        from franka_msgs.action import Move

        self.heard.append(('move', handle.request.width))
        self._go(handle.request.width / WIDTH)
        handle.succeed()
        return Move.Result(success=True)

    def _digital(self, value):
        self.heard.append(value)
        self._go(0.0 if value else 1.0)

    def _set_bool(self, request, response):
        response.success = not self.refuses
        response.message = 'no air' if self.refuses else ''
        if response.success:
            self._digital(request.data)
        else:
            self.heard.append(request.data)
        return response


@pytest.fixture(params=['gripper_command', 'parallel_gripper_command', 'franka', 'digital_topic', 'digital_service'])
def pair(request, ros):
    """Give (client, driver, interface)."""
    from mt3_executor.arm_client import JointStates

    interface = request.param
    if interface == 'franka':
        pytest.importorskip('franka_msgs', reason='the workspace is not built')
    config = ExecutionConfig(server_timeout_s=60.0, gripper_timeout_s=10.0)
    robot = RobotConfig(
        gripper=GripperConfig(
            joint='finger',
            action='/gripper',
            interface=interface,
            position_closed=0.0,
            position_open=0.5 * WIDTH,
            max_width_m=WIDTH,
            max_effort=30.0,
            digital_s=0.2,
        )
    )
    driver = Driver(ros, interface)
    node = rclpy.create_node('executor_side', context=ros.context)
    joints = JointStates(node, robot, ReentrantCallbackGroup())
    client = make_gripper(node, robot, joints, config)
    ros.add(node)
    assert client.ready().ok
    wait_until(lambda: client.opening() is not None, 10.0, 'an opening')
    yield client, driver, interface
    client.close()


def test_closes_opens_and_tells_what_it_holds(pair):
    client, driver, interface = pair
    closed = client.command(0.1, StopSignal())
    digital = interface.startswith('digital')
    assert closed.status.ok, closed.status
    assert closed.opening == pytest.approx(0.0 if digital else 0.1, abs=0.02) and not closed.stalled
    assert client.command(1.0, StopSignal()).opening == pytest.approx(1.0, abs=0.02)
    driver.blocked_at = 0.5
    held = client.command(0.1, StopSignal())
    assert held.status.ok and held.opening == pytest.approx(0.5, abs=0.02)
    assert held.stalled != digital  # an output does not feel anything
    expected = {
        'gripper_command': (pytest.approx(0.004), 30.0),
        'parallel_gripper_command': (['finger'], [pytest.approx(0.004)], [30.0]),
        'franka': ('grasp', pytest.approx(0.008), 30.0, pytest.approx(0.1), pytest.approx(WIDTH)),
        'digital_topic': True,
        'digital_service': True,
    }
    assert driver.heard[0] == expected[interface] and driver.heard[2] == expected[interface]
    assert driver.heard[1] == {'franka': ('move', pytest.approx(WIDTH))}.get(interface, driver.heard[1])
    assert driver.heard[1] is not True


def test_what_the_driver_refuses_is_said(pair):
    client, driver, interface = pair
    if interface == 'digital_topic':
        pytest.skip('a topic cannot refuse')
    driver.refuses = 'abort'
    reading = client.command(0.2, StopSignal())
    assert reading.status.code == StatusCode.HARDWARE
    assert 'gripper' in reading.status.message
    if interface == 'digital_service':
        assert 'no air' in reading.status.message
    elif interface == 'franka':
        assert 'nothing of that width' in reading.status.message


def test_a_stop_is_obeyed_before_anything_moves(pair):
    client, driver, _ = pair
    stop = StopSignal()
    stop.request(StatusCode.EMERGENCY_STOP, 'button')
    assert client.command(0.2, stop).status.code == StatusCode.EMERGENCY_STOP
    assert driver.heard == []


@pytest.mark.parametrize('interface', ['franka', 'digital_topic', 'digital_service', 'parallel_gripper_command'])
def test_a_driver_that_is_missing_is_named(ros, interface):
    from mt3_executor.arm_client import JointStates

    if interface == 'franka':
        pytest.importorskip('franka_msgs', reason='the workspace is not built')
    robot = RobotConfig(gripper=GripperConfig(action='/nobody', interface=interface))
    node = ros.node('alone')
    joints = JointStates(node, robot, ReentrantCallbackGroup())
    client = make_gripper(node, robot, joints, ExecutionConfig(server_timeout_s=0.2))
    status = client.ready()
    assert status.code == StatusCode.HARDWARE and '/nobody' in status.message
    client.close()


def test_a_digital_gripper_without_a_joint_knows_no_opening(ros):
    from mt3_executor.arm_client import JointStates

    robot = RobotConfig(gripper=GripperConfig(joint='', action='/out', interface='digital_topic', digital_s=0.0))
    node = ros.node('alone')
    heard = ros.collect(node, Bool, '/out')
    client = make_gripper(
        node, robot, JointStates(node, robot, ReentrantCallbackGroup()), ExecutionConfig(server_timeout_s=60.0)
    )
    assert client.ready().ok
    reading = client.command(0.0, StopSignal())
    assert reading.status.ok and reading.opening is None
    wait_until(lambda: heard, 10.0, 'a command')
    assert heard[0].data is True
    client.close()
