"""The robot in the picture: its description and joint states from their topics."""

import threading
import time

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from mt3_common.conversions import stamp_to_seconds
from mt3_common.errors import MT3Error
from mt3_common.executor import InlineGroup
from mt3_perception.robot.joint_history import JointHistory
from mt3_perception.robot.removal import RobotInView, RobotRemovalConfig

__all__ = ['RobotInput']

_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
_POLL_S = 0.005


class RobotInput:
    """Knows where the links were when an image was taken.

    Without a robot description nothing is taken out of the pictures; `state` says so in the diagnostics, and the log
    once. With one, joint states are needed: a scene in which the arm may pass for an object is refused.

    Attributes:
        state: One sentence.
    """

    def __init__(self, node: LifecycleNode, config: RobotRemovalConfig, base_frame: str) -> None:
        self._node, self._config, self._base_frame = node, config, base_frame
        self._history = JointHistory(config.joint_tolerance_s)
        self._lock = threading.Lock()
        self._text = ''
        self._shapes = None
        self._warned = False
        self.state = 'off by robot.remove' if not config.remove else 'no robot description'
        self._subscriptions = []
        if config.remove:
            group = InlineGroup()
            self._subscriptions = [
                node.create_subscription(String, '/robot_description', self._on_description, _LATCHED),
                node.create_subscription(
                    JointState, '/joint_states', self._on_joints, qos_profile_sensor_data, callback_group=group
                ),
            ]

    def destroy(self) -> None:
        """End the subscriptions."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _on_joints(self, message: JointState) -> None:
        if len(message.position) == len(message.name):
            positions = dict(zip(message.name, message.position, strict=True))
            self._history.add(stamp_to_seconds(message.header.stamp), positions)

    def _on_description(self, message: String) -> None:
        from mt3_perception.robot.model import RobotShapes  # a second to import, and not needed without a robot

        with self._lock:
            if message.data == self._text:
                return
            self._text = message.data
            try:
                self._shapes = RobotShapes(message.data, self._base_frame)
                self.state = f'{len(self._shapes.links)} shapes of its links are taken out'
                self._node.get_logger().info(f'the robot in the picture: {self.state}')
            except MT3Error as error:
                self._shapes, self.state = None, f'not taken out: {error}'
                self._node.get_logger().error(f"the robot's links stay in the picture: {error}")

    def at(self, stamp_s: float) -> RobotInView | None:
        """Return the robot at the time of an image [s], None without a description.

        Raises:
            MT3Error: NO_DATA, no joint states of that time.
        """
        with self._lock:
            shapes = self._shapes
        if shapes is None:
            if not self._warned and self._config.remove:
                self._warned = True
                self._node.get_logger().warning(
                    f"the robot's links may pass for objects: {self.state}; publish /robot_description"
                )
            return None
        until = time.monotonic() + self._config.wait_s
        while self._history.newest(shapes.joints) < stamp_s and time.monotonic() < until:
            time.sleep(_POLL_S)
        positions = self._history.at(shapes.joints, stamp_s)
        return RobotInView(shapes, positions, self._config.padding_m)
