"""The gripper's driver: GripperCommand. Opening becomes the driver's number here and nowhere else."""

from control_msgs.action import GripperCommand
from rclpy.node import Node

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_executor.action_client import GoalRunner, succeeded
from mt3_executor.arm_client import JointStates
from mt3_executor.config import ExecutionConfig
from mt3_executor.ports import GripperReading, StopSignal

__all__ = ['GripperClient']


class GripperClient:
    """Drives a gripper with a `control_msgs/GripperCommand` action."""

    def __init__(self, node: Node, robot: RobotConfig, joints: JointStates, config: ExecutionConfig) -> None:
        self._gripper, self._joints, self._config = robot.gripper, joints, config
        self._goals = GoalRunner(
            node,
            GripperCommand,
            robot.gripper.action,
            'the gripper',
            config.server_timeout_s,
            config.stop_timeout_s,
        )

    def ready(self) -> Status:
        """Whether the driver is there."""
        return self._goals.ready()

    def opening(self) -> float | None:
        """Measured opening, 0 closed to 1 open; None unknown or stale."""
        position = self._joints.joint(self._gripper.joint, self._config.joint_state_timeout_s)
        return None if position is None else self._gripper.to_opening(position)

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Go to an opening; it ends when it is reached or when the fingers stall on something.

        Stalling is no failure: that is how a grasp ends. Drivers report it as success or as an abort
        (ros2_control's gripper controller does either, by its parameter `allow_stalling`).
        """
        goal = GripperCommand.Goal()
        goal.command.position = self._gripper.to_driver(opening)
        goal.command.max_effort = self._gripper.max_effort
        try:
            wrapped = self._goals.run(goal, self._config.gripper_timeout_s, stop)
        except MT3Error as error:
            return GripperReading(error.status, self.opening())
        result = wrapped.result
        measured = self._gripper.to_opening(result.position)
        if succeeded(wrapped) or result.stalled or result.reached_goal:
            return GripperReading(Status(), measured, bool(result.stalled))
        return GripperReading(
            Status(StatusCode.HARDWARE, f'the gripper gave up at opening {measured:.2f} on the way to {opening:.2f}'),
            measured,
        )

    def close(self) -> None:
        """Leave the graph."""
        self._goals.close()
