"""A gripper with two states behind a digital output: a topic, or a service that answers."""

import time

from rclpy.node import Node
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_common.service_call import call_service
from mt3_executor.action_client import wait_until
from mt3_executor.arm_client import JointStates
from mt3_executor.config import ExecutionConfig
from mt3_executor.ports import GripperReading, StopSignal

__all__ = ['DigitalGripper']

_HALF = 0.5  # openings below are closed


class DigitalGripper:
    """Drives a gripper with std_msgs/Bool on a topic or std_srvs/SetBool.

    What the fingers do is only known when the robot file names a joint of /joint_states; else the opening is unknown,
    and whether something is held is not checked.
    """

    def __init__(self, node: Node, robot: RobotConfig, joints: JointStates, config: ExecutionConfig) -> None:
        self._node, self._gripper, self._joints, self._config = node, robot.gripper, joints, config
        self._publisher = self._client = None
        if robot.gripper.interface == 'digital_topic':
            self._publisher = node.create_publisher(Bool, robot.gripper.action, 1)
        else:
            self._client = node.create_client(SetBool, robot.gripper.action)

    def ready(self) -> Status:
        """Whether somebody listens."""
        name, wait_s = self._gripper.action, self._config.server_timeout_s
        if self._publisher is not None:
            there = wait_until(lambda: self._publisher.get_subscription_count() > 0, wait_s)
            what = f'nobody listens to the topic {name} (std_msgs/Bool) that moves the gripper'
        else:
            there = wait_until(self._client.service_is_ready, wait_s)
            what = f'nobody offers the service {name} (std_srvs/SetBool) that moves the gripper'
        return Status() if there else Status(StatusCode.HARDWARE, f'{what}; start its driver or name the right one')

    def opening(self) -> float | None:
        """Measured opening, 0 closed to 1 open; None unknown or stale."""
        if not self._gripper.joint:
            return None
        position = self._joints.joint(self._gripper.joint, self._config.joint_state_timeout_s)
        return None if position is None else self._gripper.to_opening(position)

    def command(self, opening: float, stop: StopSignal) -> GripperReading:
        """Open or close, and wait as long as the fingers take."""
        value = self._gripper.digital_close if opening < _HALF else not self._gripper.digital_close
        if stop.is_set():
            return GripperReading(stop.status, self.opening())
        if self._publisher is not None:
            self._publisher.publish(Bool(data=value))
        else:
            try:
                response = call_service(
                    self._client,
                    SetBool.Request(data=value),
                    wait_s=self._config.server_timeout_s,
                    timeout_s=self._config.gripper_timeout_s,
                    advice='start the driver of the gripper',
                    stopped=lambda: stop.status,
                )
            except MT3Error as error:
                return GripperReading(error.status, self.opening())
            if not response.success:
                reason = response.message or 'without a reason'
                return GripperReading(Status(StatusCode.HARDWARE, f'the gripper refused: {reason}'), self.opening())
        end = time.monotonic() + self._gripper.digital_s
        while time.monotonic() < end:
            if stop.is_set():
                return GripperReading(stop.status, self.opening())
            time.sleep(0.01)
        return GripperReading(Status(), self.opening())

    def close(self) -> None:
        """Leave the graph."""
        if self._publisher is not None:
            self._node.destroy_publisher(self._publisher)
        else:
            self._node.destroy_client(self._client)
