"""What the arm's driver and a robot_state_publisher publish: joint states, transforms, descriptions, and the clock.

Mesh paths in the published URDF are absolute `file://` addresses of this host, so that planners and viewers can load
them without a ROS package of the robot.
"""

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from mt3_common.conversions import matrix_to_transform_stamped, seconds_to_stamp
from mt3_sim.link_frames import LinkFrames
from mt3_sim.world import World

__all__ = ['StatePublisher']

_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
_CLOCK = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


class StatePublisher:
    """Publishes the state of a world; its methods are called with the cell's lock held.

    Args:
        start_s: ROS time at the world's time 0 [s].
    """

    def __init__(self, node: Node, world: World, camera_frame: str, start_s: float) -> None:
        self._world, self._camera_frame, self._start_s = world, camera_frame, start_s
        self._frames = LinkFrames(world)
        self._clock = node.create_publisher(Clock, '/clock', _CLOCK)
        self._joints = node.create_publisher(JointState, '/joint_states', 10)
        self._tf = node.create_publisher(TFMessage, '/tf', 100)
        self._tf_static = node.create_publisher(TFMessage, '/tf_static', _LATCHED)
        self._descriptions = []
        for name, text in (
            ('robot_description', world.description.urdf),
            ('robot_description_semantic', world.description.srdf),
        ):
            publisher = node.create_publisher(String, f'/{name}', _LATCHED)
            publisher.publish(String(data=text))
            self._descriptions.append(publisher)

    def stamp_s(self, time_s: float) -> float:
        """Return the ROS time [s] of a time of the world."""
        return self._start_s + time_s

    def publish_clock(self) -> None:
        """Publish the time."""
        self._clock.publish(Clock(clock=seconds_to_stamp(self.stamp_s(self._world.time))))

    def publish_joints(self) -> None:
        """Publish the measured joints of arm and gripper."""
        state = self._world.joint_state()
        message = JointState()
        message.header.stamp = seconds_to_stamp(self.stamp_s(self._world.time))
        message.name = list(state.names)
        message.position = state.position.tolist()
        message.velocity = state.velocity.tolist()
        message.effort = state.effort.tolist()
        self._joints.publish(message)

    def publish_tf(self) -> None:
        """Publish the moving links."""
        self._tf.publish(TFMessage(transforms=self._transforms(self._frames.transforms(self._world, fixed=False))))

    def publish_tf_static(self) -> None:
        """Publish the fixed links and the mount of the camera; again when the camera was moved."""
        transforms = self._frames.transforms(self._world, fixed=True)
        transforms.append((self._world.robot.base_frame, self._camera_frame, self._world.camera.T_base_camera))
        self._tf_static.publish(TFMessage(transforms=self._transforms(transforms)))

    def _transforms(self, transforms: list[tuple[str, str, np.ndarray]]) -> list[TransformStamped]:
        at = self.stamp_s(self._world.time)
        return [matrix_to_transform_stamped(T, parent, child, at) for parent, child, T in transforms]
