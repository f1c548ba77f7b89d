"""The bag of one run: what the arm and the camera said while it moved."""

from pathlib import Path
from types import TracebackType

from rclpy.node import Node

from mt3_common.bag_subscriptions import BagSubscriptions
from mt3_common.bags import BagRecorder
from mt3_executor.config import ExecutionConfig

__all__ = ['RunBag']

_COLOR_PERIOD_S = 0.2


class RunBag:
    """A context manager that records into `<folder>/bag`; without a folder it does nothing."""

    def __init__(self, node: Node, folder: Path | None, config: ExecutionConfig) -> None:
        self._node, self._folder, self._config = node, folder, config
        self._recorder: BagRecorder | None = None
        self._subscriptions: BagSubscriptions | None = None

    def __enter__(self) -> 'RunBag':
        if self._folder is None:
            return self
        self._recorder = BagRecorder(self._folder / 'bag')
        topics = {
            '/joint_states': 'sensor_msgs/msg/JointState',
            '/tf': 'tf2_msgs/msg/TFMessage',
            '/tf_static': 'tf2_msgs/msg/TFMessage',
            self._config.color_topic: 'sensor_msgs/msg/Image',
            self._config.camera_info_topic: 'sensor_msgs/msg/CameraInfo',
        }
        periods = {self._config.color_topic: _COLOR_PERIOD_S, self._config.camera_info_topic: _COLOR_PERIOD_S}
        self._subscriptions = BagSubscriptions(self._node, self._recorder, topics, periods, self._failed)
        return self

    def _failed(self, error: Exception) -> None:
        self._node.get_logger().error(f'the bag of this run ends here: {error}')

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._subscriptions is not None:
            self._subscriptions.close()
        if self._recorder is not None:
            self._recorder.close()
