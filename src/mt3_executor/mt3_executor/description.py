"""The robot's description and semantic description, from parameters or latched topics, as an `ArmModel`."""

import threading

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String

from mt3_common.errors import MT3Error
from mt3_common.robot import RobotConfig
from mt3_executor.robot import ArmModel

__all__ = ['DESCRIPTIONS', 'RobotDescription']

#: Parameters (declared by the node) and topics of the same names.
DESCRIPTIONS = ('robot_description', 'robot_description_semantic')

_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class RobotDescription:
    """Builds the model as soon as its texts are there, and anew when one changes.

    Args:
        without_semantic: Build without an SRDF.
    """

    def __init__(self, node: Node, group: CallbackGroup, robot: RobotConfig, without_semantic: bool) -> None:
        self._log, self._robot, self._without_semantic = node.get_logger(), robot, without_semantic
        self._lock = threading.Lock()
        self._texts: dict[str, str] = {}
        self._model: ArmModel | None = None
        self.problem = ''
        for name in DESCRIPTIONS:
            given = node.get_parameter(name).value
            if given:
                self._take(name, given)
            else:
                node.create_subscription(
                    String,
                    f'/{name}',
                    lambda message, name=name: self._take(name, message.data),
                    _LATCHED,
                    callback_group=group,
                )

    def _take(self, name: str, text: str) -> None:
        with self._lock:
            if self._texts.get(name) == text:
                return
            self._texts[name] = text
            urdf, srdf = (self._texts.get(key, '') for key in DESCRIPTIONS)
            if not urdf or not (srdf or self._without_semantic):
                return
            try:
                self._model = ArmModel(urdf, srdf, self._robot)
                self.problem = ''
                self._log.info(f'planning for {self._robot.name}: {self._model.n} joints to {self._robot.tcp_frame}')
            except (MT3Error, ValueError, RuntimeError) as error:  # Pinocchio raises the latter two for a bad URDF
                self._model, self.problem = None, f'the robot description cannot be used: {error}'
                self._log.error(self.problem)

    def model(self) -> ArmModel | None:
        """Return the model, None while the texts have not arrived or cannot be used."""
        with self._lock:
            return self._model
