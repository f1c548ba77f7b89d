"""The cell over DDS: what a real cell offers, under the right names, types, frames and rates."""

import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('control_msgs')

from control_msgs.action import FollowJointTrajectory, GripperCommand
from control_msgs.msg import JointTolerance
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from mt3_common.action_client import ActionClient
from mt3_common.conversions import seconds_to_duration, seconds_to_stamp, trajectory_to_msg
from mt3_common.messages import image_to_depth, pose_to_matrix, stamp_to_seconds, transform_to_matrix
from mt3_common.robot import RobotConfig
from mt3_common.testing import NodeProcess, wait_until
from mt3_interfaces.srv import SimJudge, SimRandomise, SimReset, SimState
from mt3_sim import families
from mt3_sim.bench import splits

ROBOT = RobotConfig()
HOME = np.array(ROBOT.home_rad)
LATCHED = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
CAMERA = '/camera/camera'
OK = 0


class CellClient:
    """A client of every interface."""

    def __init__(self, ros) -> None:
        self.ros, self.node = ros, ros.node('client')
        self.arm = ActionClient(self.node, FollowJointTrajectory, ROBOT.arm_action)
        self.gripper = ActionClient(self.node, GripperCommand, ROBOT.gripper.action)
        self.joints = ros.collect(self.node, JointState, '/joint_states', qos_profile_sensor_data)
        self.clock = ros.collect(self.node, Clock, '/clock', qos_profile_sensor_data)

    def ready(self, cell: NodeProcess) -> 'CellClient':
        wait_until(lambda: self.joints or not cell.running, 90.0, 'joint states')
        assert cell.running, cell.output
        assert self.arm.wait_for_server(20.0)
        assert self.gripper.wait_for_server(20.0)
        return self

    def now(self) -> float:
        return stamp_to_seconds(self.clock[-1].clock)

    def arm_position(self) -> np.ndarray:
        return np.array(self.joints[-1].position[:7])

    def arm_velocity(self) -> np.ndarray:
        return np.array(self.joints[-1].velocity[:7])

    def finger(self) -> float:
        return self.joints[-1].position[7]

    def send(self, client, goal, feedback=None):
        future = client.send_goal_async(goal, feedback_callback=feedback)
        wait_until(future.done, 20.0, 'an answer to a goal')
        return future.result()

    def result(self, handle, timeout_s: float = 40.0):
        future = handle.get_result_async()
        wait_until(future.done, timeout_s, 'a result')
        return future.result()

    def trajectory(self, q, seconds: float) -> FollowJointTrajectory.Goal:
        zero = np.zeros((1, 7))
        message = trajectory_to_msg(ROBOT.arm_joints, np.array([seconds]), np.asarray(q)[None], zero, zero)
        return FollowJointTrajectory.Goal(trajectory=message)

    def grip(self, position: float, effort: float = 20.0) -> GripperCommand.Goal:
        goal = GripperCommand.Goal()
        goal.command.position, goal.command.max_effort = position, effort
        return goal

    def reset(self, family: str, seed: int = 1, **fields):
        return self.ros.call(self.node, SimReset, '/sim/reset', SimReset.Request(family=family, seed=seed, **fields))


def start(*parameters: str) -> NodeProcess:
    command = [sys.executable, '-m', 'mt3_sim.node', '--ros-args']
    for parameter in parameters:
        command += ['-p', parameter]
    return NodeProcess(command)


def test_topics_have_the_names_types_frames_and_rates_of_a_real_cell(ros):
    client = CellClient(ros)
    node = client.node
    tf = ros.collect(node, TFMessage, '/tf', 100)
    static = ros.collect(node, TFMessage, '/tf_static', LATCHED)
    urdf = ros.collect(node, String, '/robot_description', LATCHED)
    srdf = ros.collect(node, String, '/robot_description_semantic', LATCHED)
    color = ros.collect(node, Image, f'{CAMERA}/color/image_raw')
    depth = ros.collect(node, Image, f'{CAMERA}/aligned_depth_to_color/image_raw')
    info = ros.collect(node, CameraInfo, f'{CAMERA}/aligned_depth_to_color/camera_info')
    with start('camera_rate:=5.0', 'seed:=3') as cell:
        client.ready(cell)
        wait_until(lambda: len(depth) >= 5 and len(color) >= 5 and len(info) >= 5, 60.0, 'pictures')

        names = [*ROBOT.arm_joints, 'panda_finger_joint1', 'panda_finger_joint2']
        assert list(client.joints[-1].name) == names
        assert np.allclose(client.arm_position(), HOME, atol=2e-3)
        times = np.array([stamp_to_seconds(m.header.stamp) for m in client.joints])
        assert np.median(np.diff(times)) == pytest.approx(0.01, abs=1e-4)
        clock = np.array([stamp_to_seconds(m.clock) for m in client.clock])
        assert (np.diff(clock) >= 0).all()
        assert np.median(np.diff(clock)) <= 0.01 + 1e-6

        assert color[0].encoding == 'rgb8'
        assert depth[0].encoding == '16UC1'
        assert color[0].header.frame_id == depth[0].header.frame_id == 'camera_color_optical_frame'
        stamps = [{stamp_to_seconds(m.header.stamp) for m in topic} for topic in (color, depth, info)]
        assert len(set.intersection(*stamps)) >= 3
        gaps = np.diff(sorted(stamps[1]))
        assert gaps.min() == pytest.approx(0.2, abs=0.003)
        metres = image_to_depth(depth[-1])
        assert metres.shape == (480, 640)
        assert 0.5 < np.nanmedian(metres) < 1.2
        assert info[0].k[0] == 600.0
        assert (info[0].width, info[0].height) == (640, 480)

        frames = {t.child_frame_id: t for m in [*tf, *static] for t in m.transforms}
        for child in ('camera_color_optical_frame', ROBOT.tcp_frame, 'panda_link7', 'panda_leftfinger', 'panda_hand'):
            chain = child
            while chain != ROBOT.base_frame:
                chain = frames[chain].header.frame_id
        assert {t.child_frame_id for m in static for t in m.transforms} >= {'panda_link8', ROBOT.tcp_frame}
        T_base_camera = transform_to_matrix(frames['camera_color_optical_frame'].transform)
        assert np.allclose(T_base_camera[:3, 3], [1.15, 0.0, 0.75])
        assert 'file://' in urdf[0].data
        assert 'package://' not in urdf[0].data
        assert 'disable_collisions' in srdf[0].data


def test_the_arm_follows_refuses_and_stops(ros):
    client = CellClient(ros)
    with start('real_time_factor:=2.0', "family:=''", 'camera_rate:=0.5') as cell:
        client.ready(cell)
        feedback = []
        target = HOME + 0.2
        handle = client.send(client.arm, client.trajectory(target, 1.0), feedback.append)
        assert handle.accepted
        answer = client.result(handle)
        assert answer.result.error_code == FollowJointTrajectory.Result.SUCCESSFUL
        assert feedback
        assert list(feedback[0].feedback.joint_names) == list(ROBOT.arm_joints)
        wait_until(lambda: np.allclose(client.arm_position(), target, atol=5e-3), 10.0, 'the arm at its goal')

        wrong = client.trajectory(HOME, 1.0)
        wrong.trajectory.joint_names[0] = 'elbow'
        assert not client.send(client.arm, wrong).accepted
        assert not client.send(client.arm, client.trajectory(HOME + 5.0, 1.0)).accepted
        old = client.trajectory(HOME, 1.0)
        old.trajectory.header.stamp = seconds_to_stamp(client.now() - 60.0)
        assert not client.send(client.arm, old).accepted

        hasty = client.trajectory(HOME, 0.02)
        hasty.path_tolerance = [JointTolerance(name=name, position=0.02) for name in ROBOT.arm_joints]
        answer = client.result(client.send(client.arm, hasty))
        assert answer.result.error_code == FollowJointTrajectory.Result.PATH_TOLERANCE_VIOLATED
        assert 'panda_joint' in answer.result.error_string
        wait_until(lambda: np.abs(client.arm_velocity()).max() < 0.01, 20.0, 'the arm standing')

        slow = client.trajectory(HOME, 30.0)
        handle = client.send(client.arm, slow)
        began = client.now()
        wait_until(lambda: client.now() > began + 3.0, 30.0, 'the arm under way')
        future = handle.cancel_goal_async()
        wait_until(future.done, 10.0, 'an answer to the cancel request')
        answer = client.result(handle)
        assert answer.status == 5  # action_msgs/GoalStatus.STATUS_CANCELED
        stopped = client.now()
        wait_until(lambda: client.now() > stopped + 0.5, 20.0, 'half a second')
        place = client.arm_position()
        wait_until(lambda: client.now() > stopped + 1.0, 20.0, 'a second')
        assert np.allclose(client.arm_position(), place, atol=1e-3)
        assert not np.allclose(place, HOME, atol=5e-3)

        first = client.send(client.arm, client.trajectory(HOME + 0.1, 20.0))
        second = client.send(client.arm, client.trajectory(HOME, 2.0))
        assert client.result(first).status == 6  # aborted: replaced
        assert client.result(second).result.error_code == OK

        loose = client.trajectory(HOME + 0.1, 0.05)
        loose.goal_tolerance = [JointTolerance(name=name, position=1e-6) for name in ROBOT.arm_joints]
        loose.goal_time_tolerance = seconds_to_duration(0.02)
        answer = client.result(client.send(client.arm, loose))
        assert answer.result.error_code == FollowJointTrajectory.Result.GOAL_TOLERANCE_VIOLATED


def test_gripper_tasks_and_a_clean_end(ros):
    client = CellClient(ros)
    static = ros.collect(client.node, TFMessage, '/tf_static', LATCHED)
    cell = start('real_time_factor:=2.0', "family:=''", 'camera_rate:=2.0')
    with cell:
        client.ready(cell)
        judge = ros.call(client.node, SimJudge, '/sim/judge', SimJudge.Request())
        assert judge.status.code != OK
        assert 'no task' in judge.status.message

        answer = client.result(client.send(client.gripper, client.grip(0.02)))
        assert answer.result.reached_goal
        assert not answer.result.stalled
        assert answer.result.position == pytest.approx(0.02, abs=1.5e-3)
        assert not client.send(client.gripper, client.grip(0.5)).accepted

        before = client.now()
        handle = client.send(client.arm, client.trajectory(HOME + 0.3, 20.0))
        response = client.reset('place_on_target')
        assert response.status.code == OK, response.status.message
        assert 'place' in response.task
        aborted = client.result(handle)
        assert aborted.status == 6
        assert 'reset' in aborted.result.error_string
        assert client.now() >= before
        assert len(static) >= 2

        # a block is in the hand: opening a little and closing again stalls on it
        held = client.finger()
        wait_until(lambda: abs(client.finger() - 0.02) < 4e-3, 10.0, 'fingers on the block')
        assert held < 0.04
        answer = client.result(client.send(client.gripper, client.grip(0.0)))
        assert answer.result.stalled
        assert not answer.result.reached_goal
        assert answer.result.position > 0.01

        judge = ros.call(client.node, SimJudge, '/sim/judge', SimJudge.Request())
        assert judge.status.code == OK
        assert not judge.success
        assert judge.reason
        randomised = ros.call(client.node, SimRandomise, '/sim/randomise', SimRandomise.Request(seed=5))
        assert randomised.status.code == OK
        assert client.reset('juggle').status.code != OK
        assert client.reset('').task == response.task

        # a split of the suite: the very scene that the benchmark has in process
        assert client.reset('pick up.tin', 100, instance='unseen').status.code == OK
        state = ros.call(client.node, SimState, '/sim/state', SimState.Request())
        scene = splits.get('unseen').scene(families.get('pick up.tin'), 100)
        T_base_target = pose_to_matrix(dict(zip(state.names, state.poses, strict=True))[scene.target])
        assert T_base_target[:2, 3] == pytest.approx(scene.T_base_target[:2, 3], abs=2e-3)

        began = time.monotonic()
        assert cell.stop() == 0, cell.output
        assert time.monotonic() - began < 5.0  # a second on an idle machine
        assert 'Traceback' not in cell.output
        assert 'terminate called' not in cell.output


def test_a_window_without_a_display_is_refused(ros_domain):
    import os

    environment = {k: v for k, v in os.environ.items() if k not in ('DISPLAY', 'WAYLAND_DISPLAY')}
    ended = subprocess.run(
        [sys.executable, '-m', 'mt3_sim.node', '--ros-args', '-p', 'window:=true'],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1
    assert 'HARDWARE' in ended.stderr
    assert 'display' in ended.stderr
