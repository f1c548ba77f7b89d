"""The teleop node over real DDS with a fake arm: it drives while told to, stops without, and says what is wrong."""

import time

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('control_msgs.action')

from geometry_msgs.msg import PoseStamped, TwistStamped
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, String
from trajectory_msgs.msg import JointTrajectory

from mt3_common import conversions, se3
from mt3_common.errors import MT3Error
from mt3_common.kinematics import ArmKinematics
from mt3_common.meshes import example_robot_data_folder
from mt3_common.robot import RobotConfig
from mt3_common.testing import wait_until
from mt3_teach.teleop import topics
from mt3_teach.teleop.node import TeleopNode

ROBOT = RobotConfig()
TRAJECTORY = '/panda_arm_controller/joint_trajectory'


@pytest.fixture(scope='module')
def urdf():
    try:
        return (example_robot_data_folder() / 'robots/panda_description/urdf/panda.urdf').read_text()
    except MT3Error as error:
        pytest.skip(str(error))


class FakeArm:
    """Is where it was told to be; can be held fast."""

    def __init__(self, node, urdf):
        self.q, self.stuck, self.goals = np.array(ROBOT.home_rad), False, []
        self._node, self.model = node, ArmKinematics(urdf, ROBOT)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._description = node.create_publisher(String, '/robot_description', latched)
        self._description.publish(String(data=urdf))
        self._states = node.create_publisher(JointState, '/joint_states', 10)
        group = ReentrantCallbackGroup()
        node.create_subscription(JointTrajectory, TRAJECTORY, self._on_trajectory, 10, callback_group=group)
        node.create_timer(0.02, self._tell, callback_group=group)

    def _on_trajectory(self, message):
        self.goals.append(message)
        if not self.stuck:
            self.q = np.array(message.points[0].positions)

    def _tell(self):
        now = self._node.get_clock().now().nanoseconds * 1e-9
        head = conversions.header('', now)
        self._states.publish(JointState(header=head, name=list(ROBOT.arm_joints), position=self.q.tolist()))

    def place(self):
        return self.model.tcp(self.q)[:3, 3]


class Device:
    """Repeats a message as long as a key is held."""

    def __init__(self, node):
        self._node, self._publishers = node, {}

    def hold(self, seconds, topic, message):
        if topic not in self._publishers:
            publisher = self._publishers[topic] = self._node.create_publisher(type(message), topic, 5)
            wait_until(publisher.get_subscription_count, 20.0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._publishers[topic].publish(message)
            time.sleep(0.05)


def twist(frame='', **linear):
    message = TwistStamped(header=conversions.header(frame, 0.0))
    for axis, value in linear.items():
        setattr(message.twist.linear, axis, value)
    return message


@pytest.fixture
def cell(ros, urdf):
    def make(**parameters):
        parameters.setdefault('deadman_s', 0.5)  # on a busy machine too
        overrides = [Parameter(key, value=value) for key, value in parameters.items()]
        node = ros.add(TeleopNode(context=ros.context, parameter_overrides=overrides))
        arm, me = FakeArm(ros.node('arm'), urdf), ros.node('me')
        notices = ros.collect(me, String, topics.NOTICE)
        wait_until(lambda: node._jog is not None and node._joints() is not None, 20.0, 'description and joint states')
        return arm, Device(me), notices

    return make


def test_twists_in_base_and_tool_axes_move_the_tool_and_silence_stops_it(cell):
    arm, device, _ = cell()
    start = arm.place()
    device.hold(1.5, topics.TWIST, twist(x=0.1))
    time.sleep(1.5)
    way = arm.place() - start
    assert way[0] > 0.03 and np.abs(way[1:]).max() < 0.005
    count, rest = len(arm.goals), arm.place()
    time.sleep(0.5)
    assert len(arm.goals) == count  # nobody holds a key: nothing is commanded
    assert np.allclose(arm.goals[-1].points[-1].velocities, 0.0)  # each command ends at rest by itself
    device.hold(1.0, topics.TWIST, twist(ROBOT.tcp_frame, z=0.1))
    assert (arm.place() - rest)[2] < -0.02  # the tool's z points down


def test_pose_targets_are_reached_and_kept(cell):
    arm, device, _ = cell()
    T = se3.make(arm.model.tcp(arm.q)[:3, :3], arm.place() + np.array([0.05, 0.03, -0.02]))
    target = PoseStamped(pose=conversions.matrix_to_pose(T))
    for _ in range(10):
        device.hold(1.0, topics.POSE, target)
        if np.linalg.norm(arm.place() - T[:3, 3]) < 0.004:
            return
    pytest.fail(f'the tool is {np.linalg.norm(arm.place() - T[:3, 3])} m away')


def test_an_arm_that_is_held_fast_is_noticed_and_not_wound_up(cell):
    arm, device, notices = cell()
    arm.stuck = True
    device.hold(3.0, topics.TWIST, twist(x=0.12))
    wait_until(lambda: any('behind its command' in m.data for m in notices), 5.0)
    assert max(np.abs(np.array(g.points[-1].positions) - arm.q).max() for g in arm.goals) < 0.4


@pytest.mark.parametrize(
    ('message', 'words'), [(twist('nowhere', x=0.1), 'nowhere'), (twist(x=float('nan')), 'must be finite')]
)
def test_a_command_that_cannot_be_used_is_told_and_moves_nothing(cell, message, words):
    arm, device, notices = cell()
    device.hold(1.0, topics.TWIST, message)
    wait_until(lambda: any(words in m.data for m in notices), 5.0)
    assert not arm.goals


def test_servo_gets_limited_twists_in_the_base_frame(cell, ros):
    _, device, _ = cell(output='servo')
    got = ros.collect(ros.node('servo'), TwistStamped, '/servo_node/delta_twist_cmds')
    device.hold(2.0, topics.TWIST, twist(x=5.0))
    wait_until(lambda: len(got) > 5, 5.0)
    assert max(m.twist.linear.x for m in got) == pytest.approx(0.12, abs=1e-3)
    assert {m.header.frame_id for m in got} == {ROBOT.base_frame}


def test_without_a_description_nothing_moves_and_it_says_so(ros):
    ros.add(TeleopNode(context=ros.context))
    me = ros.node('me')
    notices = ros.collect(me, String, topics.NOTICE)
    wait_until(lambda: me.count_publishers(topics.NOTICE), 20.0)
    Device(me).hold(1.5, topics.TWIST, twist(x=0.1))
    wait_until(lambda: any('robot_description' in m.data for m in notices), 10.0)


def test_the_emergency_stop_holds_arm_and_gripper_until_it_is_released(cell, ros):
    arm, device, notices = cell()
    device.hold(1.0, topics.TWIST, twist(x=0.1))
    assert arm.goals
    stop = ros.node('button').create_publisher(Bool, topics.EMERGENCY_STOP, 10)
    wait_until(stop.get_subscription_count, 20.0)
    stop.publish(Bool(data=True))
    wait_until(lambda: any('emergency_stop is pressed' in m.data for m in _driven(device, notices)), 20.0)
    time.sleep(0.5)  # the command that brings it to rest
    count = len(arm.goals)
    device.hold(1.0, topics.TWIST, twist(x=0.1))
    assert len(arm.goals) == count
    stop.publish(Bool(data=False))
    wait_until(lambda: len(_driven(device, arm.goals)) > count, 20.0)


def _driven(device, seen):
    """Hold the key a moment longer, and return what was seen."""
    device.hold(0.2, topics.TWIST, twist(x=0.1))
    return seen
