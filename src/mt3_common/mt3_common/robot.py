"""What the stack must know of an arm beside its URDF and SRDF: `config/robots/<name>.yaml`."""

from typing import Literal

import numpy as np

from mt3_common.config import Config, setting

__all__ = ['GripperConfig', 'RobotConfig']


class GripperConfig(Config):
    """A two-finger gripper and the conversion between opening in [0, 1] and its driver's number."""

    joint: str = setting('panda_finger_joint1', 'joint in /joint_states whose position tells the opening')
    action: str = setting('/panda_hand_controller/gripper_cmd', 'action name of the driver')
    interface: Literal['gripper_command', 'parallel_gripper_command', 'franka', 'digital_topic', 'digital_service'] = (
        setting('gripper_command', 'kind of driver: what `action` names')
    )
    position_closed: float = setting(0.0, 'position of that joint when closed', 'joint unit')
    position_open: float = setting(0.04, 'position of that joint when fully open', 'joint unit')
    max_width_m: float = setting(0.08, 'distance between the fingers when fully open', 'm', ge=0.001, le=1.0)
    max_effort: float = setting(40.0, 'grasping force sent with each command', 'N', ge=0.0, le=1000.0)
    speed: float = setting(0.1, 'of the fingers, for drivers that ask for it (franka)', 'm/s', ge=0.001, le=1.0)
    digital_close: bool = setting(True, 'value of the digital output that closes')
    digital_s: float = setting(0.8, 'how long the fingers take after a digital output changed', 's', ge=0.0, le=10.0)
    links: tuple[str, ...] = setting(
        ('panda_hand', 'panda_leftfinger', 'panda_rightfinger'),
        'links that may touch the target during the interaction',
    )

    def to_driver(self, opening: float) -> float:
        """Return the driver's position for an opening, 0 closed, 1 fully open."""
        return self.position_closed + float(np.clip(opening, 0.0, 1.0)) * (self.position_open - self.position_closed)

    def to_opening(self, position: float) -> float:
        """Return the opening in [0, 1] for a driver's position."""
        span = self.position_open - self.position_closed
        return float(np.clip((position - self.position_closed) / span, 0.0, 1.0))


class RobotConfig(Config):
    """One arm."""

    name: str = setting('panda', 'robot name, stored in every demonstration')
    base_frame: str = setting('panda_link0', 'planning frame; gravity is -z of it')
    tcp_frame: str = setting('panda_hand_tcp', 'tool centre point, a link of the URDF')
    planning_group: str = setting('panda_arm', 'group of the arm joints in the SRDF; the MoveIt backend plans for it')
    arm_joints: tuple[str, ...] = setting(
        tuple(f'panda_joint{i}' for i in range(1, 8)), 'joints that the arm controller moves, in its order'
    )
    arm_action: str = setting('/panda_arm_controller/follow_joint_trajectory', 'trajectory action of the driver')
    home_rad: tuple[float, ...] = setting(
        (0.0, -1.1, 0.0, -2.6, 0.0, 1.6, 0.785), 'joint positions out of the camera view', 'rad'
    )
    max_velocity_scale: float = setting(0.5, 'share of the URDF velocity limits ever used', '', ge=0.01, le=1.0)
    max_acceleration: float = setting(4.0, 'joint acceleration limit', 'rad/s^2', ge=0.1, le=50.0)
    gripper: GripperConfig = GripperConfig()
