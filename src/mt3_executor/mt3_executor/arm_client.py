"""The arm's driver: FollowJointTrajectory and joint states."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from control_msgs.action import FollowJointTrajectory
from control_msgs.msg import JointTolerance
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState

from mt3_common.conversions import trajectory_to_msg
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_executor.action_client import GoalRunner, node_stopwatch, succeeded, wait_until
from mt3_executor.config import ExecutionConfig
from mt3_executor.ports import JointReading, StopSignal
from mt3_executor.trajectory import JointTrajectory

__all__ = ['ArmClient', 'JointStates']

_RESULTS = {
    FollowJointTrajectory.Result.INVALID_GOAL: 'invalid goal',
    FollowJointTrajectory.Result.INVALID_JOINTS: 'invalid joints',
    FollowJointTrajectory.Result.OLD_HEADER_TIMESTAMP: 'old time stamp',
    FollowJointTrajectory.Result.PATH_TOLERANCE_VIOLATED: 'path tolerance violated',
    FollowJointTrajectory.Result.GOAL_TOLERANCE_VIOLATED: 'goal tolerance violated',
}


class JointStates:
    """The newest joint states, and a log of the arm's while one is kept.

    Their age is told by the node's clock: in a simulation that is slower than real time they come as seldom as its
    time passes. When nothing at all comes for `watchdog_s` of the computer's time, they are as old as that.
    """

    def __init__(
        self,
        node: Node,
        robot: RobotConfig,
        group: CallbackGroup,
        topic: str = '/joint_states',
        watchdog_s: float = 5.0,
    ) -> None:
        self._robot, self._watchdog_s = robot, watchdog_s
        self._now_s = lambda: node.get_clock().now().nanoseconds * 1e-9
        self._lock = threading.Lock()
        self._position: dict[str, float] = {}
        self._velocity: dict[str, float] = {}
        self._effort: dict[str, float] = {}
        self._at: dict[str, tuple[float, float]] = {}  # by the node's and by the computer's clock [s]
        self._log: list[tuple[float, np.ndarray, np.ndarray]] | None = None
        node.create_subscription(JointState, topic, self._arrived, qos_profile_sensor_data, callback_group=group)

    def _arrived(self, message: JointState) -> None:
        now = (self._now_s(), time.monotonic())
        stamp = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec
        with self._lock:
            for k, name in enumerate(message.name):  # several drivers may share the topic, each with its joints
                if k < len(message.position):
                    self._position[name] = message.position[k]
                    self._velocity[name] = message.velocity[k] if k < len(message.velocity) else float('nan')
                    self._effort[name] = message.effort[k] if k < len(message.effort) else float('nan')
                    self._at[name] = now
            if self._log is not None and message.name and self._robot.arm_joints[0] in message.name:
                reading = self._arm()
                if reading is not None:
                    self._log.append((stamp, reading.position, reading.velocity))

    def _age_s(self, name: str) -> float:
        at, heard = self._at[name]
        silent = time.monotonic() - heard
        return silent if silent > self._watchdog_s else max(0.0, self._now_s() - at)

    def _arm(self) -> JointReading | None:
        names = self._robot.arm_joints
        if any(name not in self._at for name in names):
            return None
        position, velocity, effort = (
            np.array([values[name] for name in names]) for values in (self._position, self._velocity, self._effort)
        )
        oldest = min(names, key=lambda name: self._at[name])
        return JointReading(position, velocity, self._age_s(oldest), None if np.isnan(effort).any() else effort)

    def arm(self) -> JointReading | None:
        """Return the arm's joints, None until all of them arrived once."""
        with self._lock:
            return self._arm()

    def joint(self, name: str, max_age_s: float) -> float | None:
        """Return one joint's position, None when unknown or stale."""
        with self._lock:
            if name not in self._at or self._age_s(name) > max_age_s:
                return None
            return self._position[name]

    def start_log(self) -> None:
        """Keep the arm's joints from now on."""
        with self._lock:
            self._log = []

    def take_log(self) -> list[tuple[float, np.ndarray, np.ndarray]]:
        """End the log and return its rows: stamp [s], positions [rad], velocities [rad/s]."""
        with self._lock:
            log, self._log = self._log or [], None
            return log


class ArmClient:
    """Runs joint trajectories on a driver with a `follow_joint_trajectory` action."""

    def __init__(self, node: Node, robot: RobotConfig, joints: JointStates, config: ExecutionConfig) -> None:
        self._robot, self._joints, self._config = robot, joints, config
        self._stopwatch = lambda: node_stopwatch(node)
        self._tracking_error: np.ndarray | None = None
        self._goals = GoalRunner(
            node,
            FollowJointTrajectory,
            robot.arm_action,
            'the arm',
            config.server_timeout_s,
            config.stop_timeout_s,
        )

    def ready(self) -> Status:
        """Whether the driver is there."""
        return self._goals.ready()

    def joints(self) -> JointReading | None:
        """Measured joints, and the error that the controller tells while it moves."""
        reading = self._joints.arm()
        return reading if reading is None else replace(reading, tracking_error=self._tracking_error)

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Run a trajectory to its end; at a stop request cancel it and wait until the arm stands still."""
        goal = FollowJointTrajectory.Goal()
        goal.trajectory = trajectory_to_msg(
            self._robot.arm_joints,
            trajectory.time_s,
            trajectory.position,
            trajectory.velocity,
            trajectory.acceleration,
        )
        if trajectory.goal_tolerance_rad > 0.0:
            goal.goal_tolerance = [
                JointTolerance(name=name, position=trajectory.goal_tolerance_rad) for name in self._robot.arm_joints
            ]
        limit = self._config.joint_state_timeout_s

        def watch(elapsed_s: float) -> Status | None:
            progress(min(0.99, elapsed_s / max(trajectory.duration_s, 1e-3)))
            reading = self._joints.arm()
            if reading is None or reading.age_s > limit:
                return Status(
                    StatusCode.HARDWARE, f'joint states stopped arriving while the arm moved (limit {limit:g} s)'
                )
            return None

        timeout_s = self._config.motion_timeout_factor * trajectory.duration_s + 5.0
        try:
            wrapped = self._goals.run(goal, timeout_s, stop, watch, self._hear)
        except MT3Error as error:
            return self.after_stop(error.status)
        finally:
            self._tracking_error = None
        if succeeded(wrapped):
            # joint states may come later than the answer: whoever plans next would begin where the arm was on its way
            wait_until(self._still, limit, self._stopwatch())
            progress(1.0)
            return Status()
        result = wrapped.result
        what = _RESULTS.get(result.error_code, f'error code {result.error_code}')
        return self.after_stop(
            Status(StatusCode.HARDWARE, f'the arm controller gave the motion up: {what}. {result.error_string}'.strip())
        )

    def _hear(self, feedback: FollowJointTrajectory.Feedback) -> None:
        """Keep the error of the arm's joints, in their order."""
        by_name = dict(zip(feedback.joint_names, feedback.error.positions, strict=False))
        if all(name in by_name for name in self._robot.arm_joints):
            self._tracking_error = np.array([by_name[name] for name in self._robot.arm_joints])

    def after_stop(self, status: Status) -> Status:
        """Return the status of a motion that was ended, once the arm stands still; HARDWARE when it does not."""
        if wait_until(self._still, self._config.stop_timeout_s, self._stopwatch()):
            return status
        reading = self._joints.arm()
        speed = float('nan') if reading is None else float(np.abs(reading.velocity).max())
        what = status.message or 'the motion is over'
        return Status(
            StatusCode.HARDWARE,
            f'{what}; the arm still moves ({speed:.2f} rad/s) or its joint states are lost '
            f'{self._config.stop_timeout_s:g} s later: use the emergency stop of the hardware',
        )

    def _still(self) -> bool:
        reading = self._joints.arm()
        if reading is None or reading.age_s > self._config.joint_state_timeout_s:
            return False
        return bool(np.nan_to_num(np.abs(reading.velocity)).max() < self._config.still_rad_s)

    def close(self) -> None:
        """Leave the graph."""
        self._goals.close()
