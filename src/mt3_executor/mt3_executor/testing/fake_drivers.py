"""An arm, a gripper, perception and retrieval as a ROS node that behaves, or misbehaves as told.

So that acceptance, rejection, abortion, silence and death are tested over real middleware.
"""

import threading
import time

import numpy as np
from control_msgs.action import FollowJointTrajectory, GripperCommand
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from mt3_common.conversions import (
    interaction_to_msg,
    matrix_to_pose_stamped,
    msg_to_joint_trajectory,
    scene_to_msg,
    seconds_to_stamp,
    status_to_msg,
)
from mt3_common.demonstration import Interaction
from mt3_common.errors import Status
from mt3_common.example_robots import example_robot
from mt3_common.robot import RobotConfig
from mt3_executor.testing.fake_ports import empty_scene
from mt3_interfaces.srv import CaptureScene, RetrieveDemo

__all__ = ['FakeCell']

_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class FakeCell(Node):
    """Everything the executor talks to.

    Attributes (set them before or during a test):
        arm_mode: 'ok', 'reject', 'abort' (half way), 'hang' (stops moving half way, obeys cancel), 'deaf' (goes on
            whatever it is told), 'lag' (tells a growing tracking error and does not move on).
        gripper_mode: 'ok', 'reject', 'abort', 'hang'.
        speed: How many times faster than real time trajectories run.
        blocked_at: Finger position [m] at which something is between the fingers.
        capture_status, retrieve_status: What the services answer.
        capture_delay_s: Before capture answers [s].
        scene_age_s: How old the scenes are that it hands out [s].
        scene_frame: Their base frame.
        scene_calibration: What they say of the camera's.
        publishing: Whether joint states are published.
        effort: Published with them, empty for none [N m].
        pushed: Added to what the first joint reads [rad].
        before_capture: Called before each scene.
        goals: Trajectories that were accepted.
        gripper_goals: Positions that were accepted [m].
    """

    def __init__(self, T_base_bottleneck: np.ndarray, interaction: Interaction, **arguments: object) -> None:
        super().__init__('fake_cell', **arguments)
        self.robot = RobotConfig()
        self.T_base_bottleneck, self.interaction = T_base_bottleneck, interaction
        self.arm_mode = self.gripper_mode = 'ok'
        self.speed = 20.0
        self.blocked_at = 0.02
        self.capture_status, self.retrieve_status = Status(), Status()
        self.capture_delay_s = self.scene_age_s = 0.0
        self.scene_frame, self.scene_calibration = self.robot.base_frame, Status()
        self.publishing = True
        self.effort: list[float] = []
        self.pushed = 0.0
        self.before_capture = lambda: None
        self.goals: list = []
        self.gripper_goals: list[float] = []
        self.q = np.array(self.robot.home_rad)
        self.qd = np.zeros_like(self.q)
        self.finger = 0.04
        self._lock = threading.Lock()
        self._dead = threading.Event()
        group = ReentrantCallbackGroup()
        self._states = self.create_publisher(JointState, '/joint_states', 10)
        self.create_timer(0.01, self._publish, callback_group=group)
        self.arm = ActionServer(
            self,
            FollowJointTrajectory,
            self.robot.arm_action,
            self._move,
            goal_callback=lambda goal: GoalResponse.REJECT if self.arm_mode == 'reject' else GoalResponse.ACCEPT,
            cancel_callback=lambda handle: CancelResponse.REJECT if self.arm_mode == 'deaf' else CancelResponse.ACCEPT,
            callback_group=group,
        )
        self.gripper = ActionServer(
            self,
            GripperCommand,
            self.robot.gripper.action,
            self._grip,
            goal_callback=lambda goal: GoalResponse.REJECT if self.gripper_mode == 'reject' else GoalResponse.ACCEPT,
            cancel_callback=lambda handle: CancelResponse.ACCEPT,
            callback_group=group,
        )
        self._alive = [self.arm, self.gripper]
        self.create_service(CaptureScene, '/mt3/capture_scene', self._capture, callback_group=group)
        self.create_service(RetrieveDemo, '/mt3/retrieve', self._retrieve, callback_group=group)
        urdf, srdf = example_robot('panda').texts()
        self._latched = []
        for name, text in (('/robot_description', urdf), ('/robot_description_semantic', srdf)):
            publisher = self.create_publisher(String, name, _LATCHED)
            publisher.publish(String(data=text))
            self._latched.append(publisher)

    def _publish(self) -> None:
        if not self.publishing:
            return
        message = JointState(name=[*self.robot.arm_joints, 'panda_finger_joint1', 'panda_finger_joint2'])
        message.header.stamp = self.get_clock().now().to_msg()
        message.position = [*self.q.tolist(), self.finger, self.finger]
        message.position[0] += self.pushed
        message.velocity = [*self.qd.tolist(), 0.0, 0.0]
        message.effort = [*self.effort, 0.0, 0.0] if self.effort else []
        self._states.publish(message)

    def _move(self, handle: object) -> FollowJointTrajectory.Result:
        names, time_s, position, velocity, _ = msg_to_joint_trajectory(handle.request.trajectory)
        self.goals.append(position)
        result = FollowJointTrajectory.Result()
        begin = time.monotonic()
        while not self._dead.is_set():
            t = (time.monotonic() - begin) * self.speed
            if self.arm_mode == 'lag':
                t = min(t, 0.2 * time_s[-1])
                self._tell_error(handle, names, 0.5 * (time.monotonic() - begin))
            half = t > 0.5 * time_s[-1]
            if half and self.arm_mode == 'hang':
                t = 0.5 * time_s[-1]
            with self._lock:
                self.q = np.array([np.interp(t, time_s, position[:, j]) for j in range(len(names))])
                moving = t < time_s[-1] and not (half and self.arm_mode == 'hang')
                self.qd = np.array([np.interp(t, time_s, velocity[:, j]) for j in range(len(names))]) * float(moving)
            if handle.is_cancel_requested:
                self.qd = np.zeros_like(self.q)
                handle.canceled()
                return result
            if half and self.arm_mode == 'abort':
                self.qd = np.zeros_like(self.q)
                result.error_code = FollowJointTrajectory.Result.PATH_TOLERANCE_VIOLATED
                result.error_string = 'joint 3 lags'
                handle.abort()
                return result
            if t >= time_s[-1]:
                handle.succeed()
                return result
            time.sleep(0.002)
        return result  # nobody hears it any more

    @staticmethod
    def _tell_error(handle: object, names: list[str], error_rad: float) -> None:
        feedback = FollowJointTrajectory.Feedback(joint_names=names)
        feedback.error.positions = [0.0, error_rad, *[0.0] * (len(names) - 2)]
        handle.publish_feedback(feedback)

    def _grip(self, handle: object) -> GripperCommand.Result:
        wanted = handle.request.command.position
        self.gripper_goals.append(wanted)
        result = GripperCommand.Result()
        while self.gripper_mode == 'hang' and not self._dead.is_set():
            if handle.is_cancel_requested:
                handle.canceled()
                return result
            time.sleep(0.005)
        if self.gripper_mode == 'abort':
            handle.abort()
            return result
        self.finger = max(wanted, self.blocked_at)
        result.position, result.stalled = self.finger, self.finger > wanted
        result.reached_goal = not result.stalled
        handle.succeed()
        return result

    def _capture(self, request: CaptureScene.Request, response: CaptureScene.Response) -> CaptureScene.Response:
        self.before_capture()
        time.sleep(self.capture_delay_s)
        response.status = status_to_msg(self.capture_status)
        if self.capture_status.ok:
            response.scene = scene_to_msg(empty_scene(self.scene_frame))
            response.scene.calibration = status_to_msg(self.scene_calibration)
            now = self.get_clock().now().nanoseconds * 1e-9
            response.scene.header.stamp = seconds_to_stamp(now - self.scene_age_s)
        return response

    def _retrieve(self, request: RetrieveDemo.Request, response: RetrieveDemo.Response) -> RetrieveDemo.Response:
        response.status = status_to_msg(self.retrieve_status)
        response.demonstration.id, response.demonstration.task = 'demo', 'pick up the box'
        response.demonstration.interaction = interaction_to_msg(self.interaction)
        response.bottleneck = matrix_to_pose_stamped(self.T_base_bottleneck, self.robot.base_frame)
        response.overlay.data = b'png'
        return response

    def kill(self, server: ActionServer) -> None:
        """Let a driver (`arm` or `gripper`) vanish, as a crashed process would."""
        self._dead.set()
        self._alive.remove(server)
        server.destroy()

    def destroy_node(self) -> None:
        """Leave the graph, servers included: other tests must not find them."""
        for server in list(self._alive):
            self.kill(server)
        self._dead.set()
        super().destroy_node()
