"""Settings of the teleoperation."""

from typing import Literal

from mt3_common.config import Config, setting

__all__ = ['DeviceConfig', 'JogConfig', 'TeleopConfig']


class JogConfig(Config):
    """How the tool may be moved by hand."""

    linear_speed: float = setting(0.12, 'fastest motion of the tool', 'm/s', ge=0.001, le=1.0)
    angular_speed: float = setting(0.6, 'fastest turn of the tool', 'rad/s', ge=0.01, le=4.0)
    joint_speed: float = setting(0.8, 'fastest joint, and on the way home; never more than the URDF', 'rad/s', ge=0.01)
    rise_s: float = setting(0.15, 'time to full speed', 's', ge=0.01, le=2.0)
    fall_s: float = setting(0.06, 'time from full speed to rest when the key is released', 's', ge=0.01, le=1.0)
    workspace_min_m: tuple[float, float, float] = setting((0.20, -0.55, 0.0), 'least tcp position, base frame', 'm')
    workspace_max_m: tuple[float, float, float] = setting((0.80, 0.55, 0.75), 'greatest tcp position, base frame', 'm')
    floor_m: float = setting(0.004, 'no point of the hand goes lower than this: table top and a little, base z', 'm')
    hand_points_m: tuple[float, ...] = setting(
        (0.0, 0.0, 0.0095, 0.032, 0.102, -0.037, 0.032, -0.102, -0.037, -0.032, 0.102, -0.037, -0.032, -0.102, -0.037),
        'points of the hand that the floor stops, tcp frame: x y z of one after the other',
        'm',
    )
    soft_s: float = setting(0.2, 'limits are approached at their distance over this time', 's', ge=0.02, le=2.0)
    joint_margin: float = setting(0.03, 'distance kept from joint limits', 'rad', ge=0.0, le=0.5)
    lag: float = setting(
        0.08, 'an arm this far behind, beside what it moves in 0.3 s, is blocked: it stops', 'rad', ge=0.02, le=2.0
    )


class TeleopConfig(Config):
    """The node that drives."""

    robot: str = setting('', 'file of the robot settings (config/robots/<name>.yaml); empty: the panda')
    output: Literal['trajectory', 'action', 'servo'] = setting(
        'trajectory', 'how the arm is driven: joint trajectories on a topic, or as goals, or twists for MoveIt Servo'
    )
    trajectory_topic: str = setting('', "topic of the controller; empty: beside the robot's trajectory action")
    servo_topic: str = setting('/servo_node/delta_twist_cmds', 'where MoveIt Servo takes twists')
    rate_hz: float = setting(25.0, 'commands per second', 'Hz', ge=5.0, le=200.0)
    lead_s: float = setting(0.08, 'how far ahead of the arm a command lies', 's', ge=0.0, le=0.5)
    deadman_s: float = setting(0.25, 'no input for so long is a released key: the arm stops', 's', ge=0.05, le=1.0)
    joints_age_s: float = setting(0.5, 'older joint states are stale: nothing moves', 's', ge=0.05, le=5.0)
    jog: JogConfig = JogConfig()


class DeviceConfig(Config):
    """The node that reads a gamepad or a SpaceMouse."""

    kind: Literal['gamepad', 'spacemouse'] = setting('gamepad', 'which device')
    source: str = setting(
        'device', '"device": read it here; else the sensor_msgs/Joy topic of a driver, such as /joy or /spacenav/joy'
    )
    path: str = setting('/dev/input/js0', 'the gamepad, of the Linux joystick interface')
    deadzone: float = setting(0.12, 'smaller deflections are none', '', ge=0.0, le=0.9)
    rate_hz: float = setting(20.0, 'commands per second while the dead-man is held', 'Hz', ge=5.0, le=100.0)
    stale_s: float = setting(0.4, 'a Joy topic silent for so long is a released dead-man', 's', ge=0.05, le=10.0)
    base_frame: str = setting('panda_link0', 'frame of twists along the axes of the base')
    linear_speed: float = setting(0.12, 'at full deflection', 'm/s', ge=0.001, le=1.0)
    angular_speed: float = setting(0.6, 'at full deflection', 'rad/s', ge=0.01, le=4.0)
