"""An arm whose interactions are driven by twists for MoveIt Servo; everything else goes by its trajectory action.

`execution.interaction: servo` asks for it. Servo must run and listen to twists (its service `switch_command_type`); its
own collision and singularity checks stay in force.
"""

import time
from collections.abc import Callable

import numpy as np
from geometry_msgs.msg import TwistStamped
from rclpy.node import Node

from mt3_common.errors import Status, StatusCode
from mt3_executor.action_client import node_stopwatch
from mt3_executor.arm_client import ArmClient
from mt3_executor.ports import JointReading, StopSignal
from mt3_executor.robot import ArmModel
from mt3_executor.safety_config import ServoConfig
from mt3_executor.servo import ToolPath
from mt3_executor.trajectory import JointTrajectory

__all__ = ['ServoArm']

_ZEROS = 5  # messages of rest after each motion: one may be lost


class ServoArm:
    """Implements `mt3_executor.backends.embedded.ArmPort`.

    Args:
        node: Publishes.
        arm: By which everything but the interaction is driven.
        model: The arm's model; None while it has not arrived.
        config: Topic, rate, gain and limits.
        joint_state_timeout_s: Older joint states are stale [s].
    """

    def __init__(
        self,
        node: Node,
        arm: ArmClient,
        model: Callable[[], ArmModel | None],
        config: ServoConfig,
        joint_state_timeout_s: float,
    ) -> None:
        self._node, self._arm, self._model, self._config = node, arm, model, config
        self._stale_s = joint_state_timeout_s
        self._topic = node.create_publisher(TwistStamped, config.topic, 10)

    def ready(self) -> Status:
        """Whether the arm's driver and the servo are there."""
        status = self._arm.ready()
        if status.ok and self._topic.get_subscription_count() == 0:
            text = (
                f'nobody listens to {self._config.topic}; start MoveIt Servo, or set execution.interaction: trajectory'
            )
            return Status(StatusCode.HARDWARE, text)
        return status

    def joints(self) -> JointReading | None:
        """Measured joints."""
        return self._arm.joints()

    def move(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        """Run a trajectory to its end, or stop and wait until the arm stands still."""
        if not trajectory.replay:
            return self._arm.move(trajectory, stop, progress)
        try:
            return self._servo(trajectory, stop, progress)
        finally:
            for _ in range(_ZEROS):
                self._publish(np.zeros(6))

    def _servo(self, trajectory: JointTrajectory, stop: StopSignal, progress: Callable[[float], None]) -> Status:
        arm, config, watch = self._model(), self._config, node_stopwatch(self._node)
        path = ToolPath(trajectory, arm.fk, config)
        latest = trajectory.duration_s + config.settle_s
        while True:
            at, reading = watch.elapsed_s(), self._arm.joints()
            if stop.is_set():
                return self._halt(stop.status)
            if reading is None or reading.age_s > self._stale_s or watch.dead():
                text = f'joint states stopped arriving while the arm moved (limit {self._stale_s:g} s)'
                return self._halt(Status(StatusCode.HARDWARE, text))
            T_base_tcp = arm.fk(reading.position)
            distance, angle = path.missing(T_base_tcp)
            if at >= trajectory.duration_s and distance < config.end_m and angle < config.end_rad:
                progress(1.0)
                return self._halt(Status())
            if at > latest:
                text = f'the servo ends {distance * 1e3:.1f} mm, {np.degrees(angle):.1f} degrees beside (limits '
                text += (
                    f'{config.end_m * 1e3:g} mm, {np.degrees(config.end_rad):.1f} degrees): is it stopped or saturated?'
                )
                return self._halt(Status(StatusCode.HARDWARE, text))
            self._publish(path.twist(at, T_base_tcp))
            progress(min(0.99, at / max(trajectory.duration_s, 1e-3)))
            time.sleep(1.0 / config.rate_hz)

    def _halt(self, status: Status) -> Status:
        """Command rest, and say how the motion ended once the arm stands."""
        for _ in range(_ZEROS):
            self._publish(np.zeros(6))
        return self._arm.after_stop(status)

    def _publish(self, twist: np.ndarray) -> None:
        message = TwistStamped()
        message.header.stamp = self._node.get_clock().now().to_msg()
        message.header.frame_id = self._config.frame or self._model().config.tcp_frame
        linear, angular = message.twist.linear, message.twist.angular
        linear.x, linear.y, linear.z, angular.x, angular.y, angular.z = (float(v) for v in twist)
        self._topic.publish(message)

    def close(self) -> None:
        """Leave the graph."""
        self._arm.close()
