"""The node `teleop`: drives arm and gripper as a device tells on `/mt3/teleop/*`, within limits, and stops without it.

Every command ends at rest a moment later, so the arm stops too when this node dies. It commands only while a device
commands it: an executor can use the arm at other times, and what it did is measured anew before the next motion.
"""

import sys
import threading
import time
from typing import Any

import numpy as np
from control_msgs.action import FollowJointTrajectory
from geometry_msgs.msg import PoseStamped, TwistStamped
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Float64, String
from trajectory_msgs.msg import JointTrajectory

from mt3_common import conversions, se3
from mt3_common.action_client import ActionClient
from mt3_common.config import load_config
from mt3_common.errors import MT3Error
from mt3_common.executor import InlineGroup
from mt3_common.kinematics import ArmKinematics
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_common.robot import RobotConfig
from mt3_teach.teleop import topics
from mt3_teach.teleop.config import TeleopConfig
from mt3_teach.teleop.gripper_client import GripperOutput
from mt3_teach.teleop.jog import Jog, JogStep

__all__ = ['TeleopNode', 'main']

_RESUME_RAD = 0.05  # an arm that stands this far from where it was left has been moved by somebody else
_LAG_S = 0.3  # how late an arm may follow that is not blocked
_MOST_S = 0.1  # longest step: a clock that jumps must not make the arm jump
_STOPPED = f'{topics.EMERGENCY_STOP} is pressed: nothing moves until it is released'
_NEAR_M, _NEAR_S = 1e-4, 0.25  # of pose targets: reached, and the time constant of the last of the way


class TeleopNode(Node):
    """Turns twists, poses and gripper openings into commands of the drivers."""

    def __init__(self, **options: Any) -> None:
        super().__init__('teleop', **options)
        self._config = declare(self, TeleopConfig)
        self._robot = load_config(RobotConfig, self._config.robot) if self._config.robot else RobotConfig()
        self._lock = threading.Lock()
        self._jog: Jog | None = None
        self._measured: dict[str, tuple[float, float]] = {}  # joint: position, arrival
        self._wish: tuple[str, Any] = ('', None)
        self._wished_at = -float('inf')
        self._stepped_ns: int | None = None  # of the ROS clock; None: at rest
        self._stopped = False  # by /mt3/emergency_stop
        self._speed = 0.0  # of the fastest joint, as commanded last [rad/s]
        self._notice = ''
        inline, own = InlineGroup(), MutuallyExclusiveCallbackGroup()
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        listen = self.create_subscription
        listen(String, '/robot_description', self._on_description, latched, callback_group=own)
        listen(JointState, '/joint_states', self._on_joints, qos_profile_sensor_data, callback_group=inline)
        listen(TwistStamped, topics.TWIST, lambda m: self._wants('twist', m), 5, callback_group=inline)
        listen(PoseStamped, topics.POSE, lambda m: self._wants('pose', m), 5, callback_group=inline)
        listen(String, topics.GOTO, lambda m: self._wants('goto', m), 5, callback_group=inline)
        listen(Float64, topics.GRIPPER, self._on_gripper, 5, callback_group=inline)
        listen(Bool, topics.EMERGENCY_STOP, self._on_emergency, 10, callback_group=inline)
        self._notices = self.create_publisher(String, topics.NOTICE, 5)
        self._gripper = GripperOutput(self, self._robot.gripper, inline)
        controller = self._robot.arm_action.rsplit('/', 1)[0]
        topic = self._config.trajectory_topic or f'{controller}/joint_trajectory'
        self._trajectories = self.create_publisher(JointTrajectory, topic, 5)
        self._twists = self.create_publisher(TwistStamped, self._config.servo_topic, 5)
        self._goals = ActionClient(self, FollowJointTrajectory, self._robot.arm_action, callback_group=inline)
        self.create_timer(1.0 / self._config.rate_hz, self._tick, callback_group=own)

    # ---- what comes in

    def _on_description(self, message: String) -> None:
        try:
            jog = Jog(ArmKinematics(message.data, self._robot), self._config.jog)
        except MT3Error as error:
            self.get_logger().error(str(error))
            return
        with self._lock:
            self._jog, self._stepped_ns = jog, None
        self.get_logger().info(f'ready to drive {self._robot.name} by {self._config.output}')

    def _on_joints(self, message: JointState) -> None:
        now = time.monotonic()
        for name, position in zip(message.name, message.position, strict=False):
            self._measured[name] = (position, now)

    def _wants(self, kind: str, message: Any) -> None:
        if self._stopped:
            self._say(_STOPPED)
            return
        self._wish, self._wished_at = (kind, message), time.monotonic()

    def _on_gripper(self, message: Float64) -> None:
        if not np.isfinite(message.data):
            self._say(f'a gripper opening must lie in [0, 1]: got {message.data}')
            return
        if self._stopped:
            self._say(_STOPPED)
        elif problem := self._gripper.send(float(np.clip(message.data, 0.0, 1.0))):
            self._say(problem)

    def _on_emergency(self, message: Bool) -> None:
        """Stop while it is pressed; driving goes on with the next command after its release."""
        self._stopped = message.data
        self._wished_at = -float('inf')

    # ---- what goes out

    def _tick(self) -> None:
        with self._lock:
            held = time.monotonic() - self._wished_at < self._config.deadman_s
            if self._jog is None:
                if held:
                    self._say('no /robot_description has arrived: nothing moves')
                return
            if not held and self._stepped_ns is None:
                return
            try:
                self._advance(held)
            except MT3Error as error:
                self._stepped_ns = None
                self._say(str(error))

    def _advance(self, held: bool) -> None:
        now = self.get_clock().now().nanoseconds
        q = self._joints()
        if q is None:
            self._stepped_ns = None
            self._say(f'no joint states of the arm for {self._config.joints_age_s:g} s: nothing moves')
            return
        if self._stepped_ns is None:  # a first step
            if np.abs(q - self._jog.q).max() > _RESUME_RAD:
                self._jog.reset(q)
            self._stepped_ns = now
            return
        dt = min(1e-9 * (now - self._stepped_ns), _MOST_S)
        if dt <= 0.0:
            return  # simulated time stands, or has not ticked since
        self._stepped_ns = now
        lag = float(np.abs(q - self._jog.q).max())
        limit = self._config.jog.lag + _LAG_S * self._speed
        if lag > limit:
            self._jog.reset(q)
            self._command(self._jog.step(np.zeros(6), dt))
            self._wished_at, self._stepped_ns = -float('inf'), None
            self._say(
                f'the arm is {lag:.2f} rad behind its command (limit {limit:.2f}): it is blocked, '
                'or its controller does not run'
            )
            return
        step = self._step(dt) if held else self._jog.step(np.zeros(6), dt)
        self._command(step)
        self._say(step.reason if held else '')
        if not held and not step.moving:
            self._stepped_ns = None  # at rest; this was the command that ends it

    def _step(self, dt: float) -> JogStep:
        kind, message = self._wish
        if kind == 'goto':
            if message.data not in (topics.HOME, topics.UPRIGHT):
                raise MT3Error(f'{topics.GOTO} takes {topics.HOME} or {topics.UPRIGHT}: got {message.data!r}')
            return self._jog.step_home(dt) if message.data == topics.HOME else self._jog.step_upright(dt)
        if kind == 'pose':
            return self._jog.step(self._towards(message), dt)
        v, w, frame = message.twist.linear, message.twist.angular, message.header.frame_id.lstrip('/')
        twist = np.array([v.x, v.y, v.z, w.x, w.y, w.z])
        if not np.isfinite(twist).all():
            raise MT3Error(f'a twist must be finite: got {twist.tolist()}')
        if frame == self._robot.tcp_frame:
            R = self._jog.T_base_tcp[:3, :3]
            twist = np.concatenate([R @ twist[:3], R @ twist[3:]])
        elif frame not in ('', self._robot.base_frame):
            raise MT3Error(f'twists are in {self._robot.base_frame} or {self._robot.tcp_frame}: got {frame!r}')
        return self._jog.step(twist, dt)

    def _towards(self, message: PoseStamped) -> np.ndarray:
        frame = message.header.frame_id.lstrip('/')
        if frame not in ('', self._robot.base_frame):
            raise MT3Error(f'poses are in {self._robot.base_frame}: got {frame!r}')
        T, here = conversions.pose_to_matrix(message.pose), self._jog.T_base_tcp
        turn = se3.log(se3.make(T[:3, :3] @ here[:3, :3].T))[3:]
        gap = np.concatenate([T[:3, 3] - here[:3, 3], turn])
        return gap / _NEAR_S if np.abs(gap).max() > _NEAR_M else np.zeros(6)

    def _command(self, step: JogStep) -> None:
        config, self._speed = self._config, float(np.abs(step.qd).max())
        if config.output == 'servo':
            message = TwistStamped(header=conversions.header(self._robot.base_frame, self._now_s()))
            v, w = message.twist.linear, message.twist.angular
            v.x, v.y, v.z, w.x, w.y, w.z = map(float, step.twist)
            self._twists.publish(message)
            return
        # a little ahead, then to rest: whatever happens to this node, the arm stops
        fall = config.jog.fall_s + 1.0 / config.rate_hz
        rest = self._jog.rest(step, fall)
        message = conversions.trajectory_to_msg(
            self._robot.arm_joints,
            np.array([config.lead_s, config.lead_s + fall]) + 1.0 / config.rate_hz,
            np.array([step.q, rest]),
            np.array([step.qd, np.zeros_like(step.qd)]),
            None,
        )
        if config.output == 'trajectory':
            self._trajectories.publish(message)
        elif self._goals.server_is_ready():
            self._goals.send_goal_async(FollowJointTrajectory.Goal(trajectory=message))
        else:
            raise MT3Error(f'nobody offers {self._robot.arm_action}: is the arm driver running?')

    def _joints(self) -> np.ndarray | None:
        known = [self._measured.get(name) for name in self._robot.arm_joints]
        oldest = time.monotonic() - self._config.joints_age_s
        if any(item is None or item[1] < oldest for item in known):
            return None
        return np.array([position for position, _ in known])

    def _say(self, text: str) -> None:
        """Publish what holds the motion back, once per change."""
        if text != self._notice:
            self._notice = text
            self._notices.publish(String(data=text))
            if text:
                self.get_logger().info(text, throttle_duration_sec=2.0)

    def _now_s(self) -> float:
        return self.get_clock().now().nanoseconds * 1e-9

    def close(self) -> None:
        """Leave the arm at rest."""
        with self._lock:
            if self._jog is not None and self._stepped_ns is not None:
                self._jog.reset(self._jog.q)
                self._command(self._jog.step(np.zeros(6), 0.01))


def main() -> int:
    """Run the node until it is told to end."""
    return run(TeleopNode, threads=3)


if __name__ == '__main__':
    sys.exit(main())
