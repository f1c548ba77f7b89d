"""Settings of what stops a motion, of the second attempt, and of the second look; each is a ROS parameter."""

from typing import Literal

from mt3_common.config import Config, setting

__all__ = ['MonitorConfig', 'RecoveryConfig', 'SafetyConfig', 'ServoConfig']


class MonitorConfig(Config):
    """What is watched while the arm moves; each limit that is reached stops the arm."""

    path_error_rad: float = setting(
        0.1, 'largest distance of a joint from the planned path; 0: not watched', 'rad', ge=0.0, le=1.0
    )
    tracking_error_rad: float = setting(
        0.25, "largest error of a joint in the arm controller's own feedback; 0: not watched", 'rad', ge=0.0, le=2.0
    )
    effort_limits_nm: tuple[float, ...] = setting(
        (), 'largest measured effort: one number for all joints or one per joint; empty: not watched', 'N m'
    )
    effort_rise_nm: float = setting(
        0.0, 'largest change of a joint effort since the motion began; 0: not watched', 'N m', ge=0.0
    )
    wrench_topic: str = setting('', 'geometry_msgs/WrenchStamped at the wrist; empty: there is none')
    force_limit_n: float = setting(
        30.0, 'largest force beyond that at the start of the motion; 0: not watched', 'N', ge=0.0, le=1000.0
    )
    torque_limit_nm: float = setting(
        5.0, 'largest torque beyond that at the start of the motion; 0: not watched', 'N m', ge=0.0, le=200.0
    )
    grasp_lost_opening: float = setting(
        0.25,
        'a closed hand whose opening falls by more than this, or to nothing, lost what it held; 0: not watched. '
        'Fingers that took hold of a rim or a lever at its edge settle by a fifth of their width',
        '',
        ge=0.0,
        le=1.0,
    )
    contact_opening: float = setting(
        0.15,
        'fingers that are pushed this far from where they were told to be met something; 0: not watched',
        '',
        ge=0.0,
    )


class RecoveryConfig(Config):
    """What is done after a task that moved, but did not do what it should."""

    max_attempts: int = setting(2, 'attempts when the request names none; 1: no recovery', '', ge=1, le=20)
    same_place_m: float = setting(
        0.015, 'a bottleneck this near to one that failed is the same: another yaw is preferred', 'm', ge=0.0, le=0.2
    )
    same_place_rad: float = setting(0.35, 'as above, angle', 'rad', ge=0.0, le=3.15)
    search_step_m: float = setting(
        0.008,
        'at the same place for the third time and later, the bottleneck is moved by this much: along the fingers, '
        'against them, to the left, to the right; 0: never',
        'm',
        ge=0.0,
        le=0.05,
    )
    look_before: bool = setting(
        True, 'look once more at the bottleneck: an object that is no longer where it was seen is not touched'
    )
    look_after: Literal['never', 'in_place', 'home'] = setting(
        'in_place', 'the second look for the outcome check: never, with the arm where it ended, or driven home first'
    )
    decisive: float = setting(
        0.6,
        'least confidence of the outcome check at which it claims a failure; below, it says that it cannot tell',
        '',
        ge=0.0,
        le=1.0,
    )
    correct_in_hand: bool = setting(
        True, 'a task that begins with what the last one picked is moved by how it was shifted in the hand'
    )
    in_hand_least_m: float = setting(0.003, 'smaller shifts in the hand are noise', 'm', ge=0.0, le=0.02)
    in_hand_largest_m: float = setting(0.03, 'larger shifts in the hand are not believed', 'm', ge=0.0, le=0.1)


class ServoConfig(Config):
    """How MoveIt Servo is driven, where `execution.interaction` asks for it."""

    topic: str = setting('/servo_node/delta_twist_cmds', 'geometry_msgs/TwistStamped, body twists of the tool')
    frame: str = setting('', 'frame_id of the twists; empty: tcp_frame of the robot')
    rate_hz: float = setting(50.0, 'of the twists', 'Hz', ge=10.0, le=500.0)
    gain: float = setting(4.0, 'share per second of the missing way that is added to the planned twist', '1/s', ge=0.0)
    max_linear_m_s: float = setting(0.4, 'largest speed of the tool', 'm/s', ge=0.01, le=2.0)
    max_angular_rad_s: float = setting(1.5, 'largest turning speed of the tool', 'rad/s', ge=0.05, le=6.0)
    settle_s: float = setting(2.0, 'how late the end of a stretch may be reached', 's', ge=0.1, le=20.0)
    end_m: float = setting(0.002, 'how far from its end a stretch may end', 'm', ge=1e-4, le=0.02)
    end_rad: float = setting(0.02, 'the same as an angle', 'rad', ge=1e-3, le=0.2)


class SafetyConfig(Config):
    """Who else must agree before and while the arm moves."""

    deadman_topic: str = setting('', 'std_msgs/Bool that must keep arriving as true; empty: not used')
    deadman_timeout_s: float = setting(0.3, 'without one for this long the arm stops', 's', ge=0.02, le=5.0)
    allowed_topic: str = setting(
        '', 'std_msgs/Bool of the driver, false while the robot reports a protective stop; empty: not used'
    )
    allowed_latched: bool = setting(True, 'that topic is transient local: it is heard once and holds until it changes')
    watchdog_s: float = setting(
        5.0,
        "joint states or the node's clock stand still for so long of the computer's time: broken",
        's',
        ge=0.2,
        le=60.0,
    )
