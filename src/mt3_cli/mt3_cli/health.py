"""What is installed and what of the stack, the arm and the camera can be seen on the graph."""

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from mt3_cli.client import StackClient
from mt3_common.errors import MT3Error
from mt3_common.robot import RobotConfig
from mt3_common.tf import TransformBuffer

__all__ = ['Health', 'installed', 'look']

_PACKAGES = ('numpy', 'mujoco', 'pin', 'coal', 'ompl', 'toppra', 'lancedb', 'rosbags', 'opencv-python-headless')
_SERVICES = ('/mt3/capture_scene', '/mt3/retrieve', '/mt3/start_recording', '/mt3/add_demo')
_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


@dataclass
class Health:
    """What was found.

    Attributes:
        packages: Version of each Python package; None: not installed.
        services, actions, frames, descriptions: Whether each is there.
        rates_hz: Of each topic [Hz]; 0: nothing was heard.
    """

    packages: dict[str, str | None] = field(default_factory=dict)
    services: dict[str, bool] = field(default_factory=dict)
    actions: dict[str, bool] = field(default_factory=dict)
    rates_hz: dict[str, float] = field(default_factory=dict)
    descriptions: dict[str, bool] = field(default_factory=dict)
    frames: dict[str, bool] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """How many things are not there."""
        groups = (self.packages, self.services, self.actions, self.rates_hz, self.descriptions, self.frames)
        return sum(not there for group in groups for there in group.values())


def installed() -> dict[str, str | None]:
    """Return the version of each Python package that the stack needs, None where it is missing."""
    found: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def look(robot: RobotConfig, camera: str, camera_frame: str, seconds: float) -> Health:
    """Listen to the graph.

    Args:
        robot: Names its frames and actions.
        camera: Namespace of the camera's topics.
        camera_frame: Its optical frame.
        seconds: How long to listen [s].
    """
    health = Health(packages=installed())
    topics = {
        '/joint_states': JointState,
        '/tf': TFMessage,
        f'{camera}/color/image_raw': Image,
        f'{camera}/aligned_depth_to_color/image_raw': Image,
        f'{camera}/aligned_depth_to_color/camera_info': CameraInfo,
    }
    with StackClient('mt3_doctor') as client:
        heard = dict.fromkeys((*topics, '/robot_description', '/robot_description_semantic'), 0)
        for topic, kind in topics.items():
            client.node.create_subscription(kind, topic, _count(heard, topic), qos_profile_sensor_data, raw=True)
        for topic in ('/robot_description', '/robot_description_semantic'):
            client.node.create_subscription(String, topic, _count(heard, topic), _LATCHED)
            health.descriptions[topic] = False
        buffer = TransformBuffer(client.node)
        time.sleep(seconds)
        offers = client.node.count_services  # counts servers only: our own clients must not look like them
        health.services = {name: offers(name) > 0 for name in _SERVICES}
        actions = ('/mt3/execute', robot.arm_action, robot.gripper.action)
        health.actions = {name: offers(f'{name}/_action/send_goal') > 0 for name in actions}
        for frame in (robot.tcp_frame, camera_frame):
            health.frames[f'{robot.base_frame} <- {frame}'] = _known(buffer, robot.base_frame, frame)
    health.rates_hz = {topic: round(heard[topic] / seconds, 1) for topic in topics}
    health.descriptions = {topic: heard[topic] > 0 for topic in health.descriptions}
    return health


def _count(heard: dict[str, int], topic: str) -> Callable[[object], None]:
    def add(_: object) -> None:
        heard[topic] += 1

    return add


def _known(buffer: TransformBuffer, target: str, source: str) -> bool:
    try:
        buffer.lookup(target, source)
    except MT3Error:
        return False
    return True
