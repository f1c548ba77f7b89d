"""The gripper's driver, of the kind that the robot file names. Opening becomes the driver's number here only.

| `gripper.interface` | driver |
|---|---|
| gripper_command | action control_msgs/GripperCommand: position of the joint, force |
| parallel_gripper_command | action control_msgs/ParallelGripperCommand, the same in a joint state (from Kilted on) |
| franka | actions `<action>/grasp` and `<action>/move` of franka_msgs: width between the fingers, speed, force |
| digital_topic, digital_service | std_msgs/Bool or std_srvs/SetBool named `action`: open or closed |
"""

from typing import Any

from control_msgs.action import GripperCommand, ParallelGripperCommand
from rclpy.node import Node

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_executor.action_client import GoalRunner, succeeded
from mt3_executor.arm_client import JointStates
from mt3_executor.config import ExecutionConfig
from mt3_executor.gripper_digital_client import DigitalGripper
from mt3_executor.gripper_franka_client import FrankaGripper
from mt3_executor.ports import GripperReading, StopSignal

__all__ = ['GripperClient', 'ParallelGripper', 'make_gripper']


class GripperClient:
    """Drives a gripper with a `control_msgs/GripperCommand` action."""

    action: type = GripperCommand

    def __init__(self, node: Node, robot: RobotConfig, joints: JointStates, config: ExecutionConfig) -> None:
        self._gripper, self._joints, self._config = robot.gripper, joints, config
        self._goals = GoalRunner(
            node,
            self.action,
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
        (ros2_control's gripper controllers do either, by their parameter `allow_stalling`).
        """
        try:
            wrapped = self._goals.run(self._goal(opening), self._config.gripper_timeout_s, stop)
        except MT3Error as error:
            return GripperReading(error.status, self.opening())
        result = wrapped.result
        position = self._position(result)
        measured = self.opening() if position is None else self._gripper.to_opening(position)
        if succeeded(wrapped) or result.stalled or result.reached_goal:
            return GripperReading(Status(), measured, bool(result.stalled))
        where = 'unknown' if measured is None else f'{measured:.2f}'
        return GripperReading(
            Status(StatusCode.HARDWARE, f'the gripper gave up at opening {where} on the way to {opening:.2f}'),
            measured,
        )

    def _goal(self, opening: float) -> Any:
        goal = GripperCommand.Goal()
        goal.command.position = self._gripper.to_driver(opening)
        goal.command.max_effort = self._gripper.max_effort
        return goal

    def _position(self, result: Any) -> float | None:
        """Return the position of the joint that a result tells."""
        return float(result.position)

    def close(self) -> None:
        """Leave the graph."""
        self._goals.close()


class ParallelGripper(GripperClient):
    """Drives a gripper with a `control_msgs/ParallelGripperCommand` action."""

    action = ParallelGripperCommand

    def _goal(self, opening: float) -> Any:
        goal = ParallelGripperCommand.Goal()
        goal.command.name = [self._gripper.joint]
        goal.command.position = [self._gripper.to_driver(opening)]
        goal.command.effort = [self._gripper.max_effort]
        return goal

    def _position(self, result: Any) -> float | None:
        names, positions = list(result.state.name), list(result.state.position)
        if self._gripper.joint in names and len(positions) == len(names):
            return float(positions[names.index(self._gripper.joint)])
        return None


_KINDS = {
    'gripper_command': GripperClient,
    'parallel_gripper_command': ParallelGripper,
    'franka': FrankaGripper,
    'digital_topic': DigitalGripper,
    'digital_service': DigitalGripper,
}


def make_gripper(
    node: Node, robot: RobotConfig, joints: JointStates, config: ExecutionConfig
) -> GripperClient | FrankaGripper | DigitalGripper:
    """Return the client for the gripper of a robot file.

    Raises:
        MT3Error: INVALID_INPUT, its messages are not installed.
    """
    return _KINDS[robot.gripper.interface](node, robot, joints, config)
