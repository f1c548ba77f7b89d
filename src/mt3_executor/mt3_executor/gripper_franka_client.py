"""A Franka hand through `franka_gripper`: it moves to a width, and grasps with a force.

Opening becomes width here. Closing is always a grasp, whatever the width of what is between the fingers: a move that
meets something aborts, and holds it with no force that could be told.
"""

from importlib import import_module

from rclpy.node import Node

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_executor.action_client import GoalRunner, succeeded
from mt3_executor.arm_client import JointStates
from mt3_executor.config import ExecutionConfig
from mt3_executor.ports import GripperReading, StopSignal

__all__ = ['FrankaGripper']

_STALLED = 0.02  # fingers that end this much wider than told hold something


class FrankaGripper:
    """Drives a gripper with the actions `<action>/grasp` and `<action>/move`."""

    def __init__(self, node: Node, robot: RobotConfig, joints: JointStates, config: ExecutionConfig) -> None:
        try:
            franka = import_module('franka_msgs.action')  # of franka_ros2: not among what rosdep knows
        except ImportError as error:
            raise MT3Error(
                "the gripper interface 'franka' needs the package franka_msgs (franka_ros2), which is not installed or "
                'not sourced',
                StatusCode.INVALID_INPUT,
            ) from error
        self._gripper, self._joints, self._config = robot.gripper, joints, config
        self._Grasp, self._Move = franka.Grasp, franka.Move
        limits = ('the gripper', config.server_timeout_s, config.stop_timeout_s)
        self._grasp = GoalRunner(node, self._Grasp, f'{robot.gripper.action}/grasp', *limits)
        self._move = GoalRunner(node, self._Move, f'{robot.gripper.action}/move', *limits)

    def ready(self) -> Status:
        """Whether the driver is there."""
        status = self._grasp.ready()
        return self._move.ready() if status.ok else status

    def opening(self) -> float | None:
        """Measured opening, 0 closed to 1 open; None unknown or stale."""
        position = self._joints.joint(self._gripper.joint, self._config.joint_state_timeout_s)
        return None if position is None else self._gripper.to_opening(position)

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Grasp when that closes the fingers, else move."""
        now = self.opening()
        closes = now is None or opening < now
        width = float(opening) * self._gripper.max_width_m
        if closes:
            goal = self._Grasp.Goal(width=width, speed=self._gripper.speed, force=self._gripper.max_effort)
            goal.epsilon.inner = goal.epsilon.outer = self._gripper.max_width_m
        else:
            goal = self._Move.Goal(width=width, speed=self._gripper.speed)
        runner = self._grasp if closes else self._move
        try:
            wrapped = runner.run(goal, self._config.gripper_timeout_s, stop)
        except MT3Error as error:
            return GripperReading(error.status, self.opening())
        measured = self.opening()
        if succeeded(wrapped) and wrapped.result.success:
            stalled = closes and measured is not None and measured > opening + _STALLED
            return GripperReading(Status(), measured, stalled)
        reason = wrapped.result.error or 'without a reason'
        return GripperReading(
            Status(StatusCode.HARDWARE, f'the gripper gave up on the way to opening {opening:.2f}: {reason}'), measured
        )

    def close(self) -> None:
        """Leave the graph."""
        self._grasp.close()
        self._move.close()
