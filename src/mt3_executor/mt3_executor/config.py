"""Settings of planning and execution; each is a ROS parameter of the executor node."""

from typing import Literal

from mt3_common.config import Config, setting
from mt3_executor.backends.moveit_config import MoveItConfig
from mt3_executor.safety_config import MonitorConfig, RecoveryConfig, SafetyConfig, ServoConfig

__all__ = ['CollisionConfig', 'ExecutionConfig', 'ExecutorConfig', 'PlanningConfig']


class CollisionConfig(Config):
    """What counts as touching."""

    table_height_m: float = setting(
        0.0, 'height of the table top before any scene was seen, base frame z', 'm', ge=-2.0, le=2.0
    )
    table_x_min_m: float = setting(-1.0, 'extent of the table, base frame', 'm')
    table_x_max_m: float = setting(1.6, 'extent of the table, base frame', 'm')
    table_y_min_m: float = setting(-1.2, 'extent of the table, base frame', 'm')
    table_y_max_m: float = setting(1.2, 'extent of the table, base frame', 'm')
    table_clearance_m: float = setting(0.01, 'least distance of arm links from the table', 'm', ge=0.0, le=0.2)
    gripper_table_clearance_m: float = setting(
        0.002, 'least distance of gripper links from the table during the approach', 'm', ge=0.0, le=0.1
    )
    gripper_table_penetration_m: float = setting(
        0.003,
        'how far below the measured table gripper links may come during the interaction: the support height is '
        'measured with the noise of a depth camera, and demonstrated fingers slide along the table',
        'm',
        ge=0.0,
        le=0.02,
    )
    self_clearance_m: float = setting(
        0.002, 'least distance of links from each other: what tracking and calibration may be off', 'm', ge=0.0, le=0.05
    )
    cloud_resolution_m: float = setting(0.01, 'cell of the octree made from the scene', 'm', ge=0.002, le=0.1)
    fine_resolution_m: float = setting(
        0.005,
        'the same where something is in the way of everything in those cells: walls are not as thick then as they are '
        'rounded to; that of the others or more: never',
        'm',
        ge=0.002,
        le=0.1,
    )
    cloud_min_points: int = setting(3, 'cells with fewer points are taken for flying pixels', '', ge=1, le=100)
    cloud_reach_m: float = setting(1.3, 'points farther than this from the base are left out', 'm', ge=0.1, le=5.0)
    cloud_fill_to_table: bool = setting(
        True, 'fill the space under each seen point down to the table: the camera does not see the back of things'
    )
    robot_padding_m: float = setting(0.025, 'points this near to the robot itself are the robot', 'm', ge=0.0, le=0.2)
    target_edge_m: float = setting(
        0.012, 'seen points this near to the target, or to a piece of it, are its ragged outline', 'm', ge=0.0, le=0.05
    )
    target_loose_gap_m: float = setting(
        0.03, 'unsegmented points this near to the target, or to others that are, belong to it', 'm', ge=0.0, le=0.1
    )
    target_piece_reach_m: float = setting(
        0.06, 'a smaller segment this near to the target is a piece of it (a handle)', 'm', ge=0.0, le=0.3
    )
    target_piece_share: float = setting(
        0.15, 'largest such segment, as a share of the pixels of the target', '', ge=0.0, le=1.0
    )


class PlanningConfig(Config):
    """How the approach and the interaction are planned and checked."""

    seed: int = setting(1, 'of every random choice: the same request gives the same plan', '', ge=1)
    time_limit_s: float = setting(10.0, 'planning gives up after this time', 's', ge=0.1, le=120.0)
    ik_seeds: int = setting(24, 'starting points of inverse kinematics per bottleneck', '', ge=1, le=500)
    ik_solutions: int = setting(6, 'distinct solutions kept per bottleneck', '', ge=1, le=50)
    alternatives_at_once: int = setting(
        8, 'equally right bottlenecks (yaws of a round object) looked at together before the others', '', ge=1, le=100
    )
    interactions_followed: int = setting(
        24,
        'ways for which the whole interaction is solved, the best guesses first, before giving up',
        '',
        ge=1,
        le=1000,
    )
    approach_iterations: int = setting(
        2000, 'of the sampling planner per way at first; ten times as many when no way had an approach', '', ge=100
    )
    max_torque_share: float = setting(
        0.9, "largest share of the URDF's effort limits that a motion may need; large: no check", '', ge=0.1, le=100.0
    )
    payload_kg: float = setting(0.0, 'mass carried at the tcp, for the torque check', 'kg', ge=0.0, le=50.0)
    held_objects: bool = setting(
        True, 'what was grasped and lifted must not hit the scene either, on its way through the interaction'
    )
    grasp_margin_m: float = setting(
        0.004,
        'room left on each side of the object as it is seen when the fingers, as wide open as taught, would hit the '
        'surroundings before they close, and are opened less; 0: always as taught',
        'm',
        ge=0.0,
        le=0.05,
    )
    joint_margin_rad: float = setting(0.02, 'distance kept from joint limits', 'rad', ge=0.0, le=0.5)
    min_singular_value: float = setting(
        0.02, 'least singular value of the tool Jacobian along the interaction: below, the arm is singular', '', ge=0.0
    )
    tracking_tolerance_m: float = setting(0.0005, 'of the replayed tool path', 'm', ge=1e-6, le=0.01)
    tracking_tolerance_rad: float = setting(0.004, 'of the replayed tool path', 'rad', ge=1e-6, le=0.1)
    interaction_period_s: float = setting(0.04, 'sampling of the interaction', 's', ge=0.005, le=0.5)
    max_slowdown: float = setting(
        4.0, 'an interaction that must be slowed down more than this to respect the limits is refused', '', ge=1.0
    )
    approach_velocity_scale: float = setting(
        0.5, 'share of the URDF velocity limits in the approach; never more than the robot allows', '', ge=0.01, le=1.0
    )
    approach_acceleration_scale: float = setting(
        0.5, "share of the robot's acceleration limit in the approach", '', ge=0.01, le=1.0
    )
    straight_approach_m: float = setting(
        0.05, 'the last stretch to the bottleneck is straight along the tool axis; 0: none', 'm', ge=0.0, le=0.3
    )
    edge_resolution: float = setting(
        0.0025, 'collision check of motions, as share of the joint space extent', '', ge=0.0005, le=0.05
    )
    check_resolution_rad: float = setting(0.01, 'collision check of the timed result', 'rad', ge=0.001, le=0.1)
    gripper_event_tolerance: float = setting(
        0.03, 'smaller changes of the demonstrated opening are not gripper events', '', ge=0.001, le=0.5
    )
    collision: CollisionConfig = CollisionConfig()


class ExecutionConfig(Config):
    """How a checked plan is carried out, and what is refused before."""

    speed_scale: float = setting(1.0, 'of approach and interaction when the request names none', '', ge=0.01, le=1.0)
    joint_state_timeout_s: float = setting(0.5, 'older joint states are stale: nothing moves', 's', ge=0.02, le=10.0)
    scene_max_age_s: float = setting(
        1.0, 'a scene taken this long before it was asked for is stale', 's', ge=0.05, le=60.0
    )
    plan_max_age_s: float = setting(
        30.0, 'a motion that starts later than this after its scene was taken is refused', 's', ge=0.5, le=600.0
    )
    start_tolerance_rad: float = setting(
        0.03, 'largest distance of a joint from where a trajectory starts', 'rad', ge=0.001, le=0.5
    )
    interaction: Literal['trajectory', 'servo'] = setting(
        'trajectory', 'how the interaction is driven: as joint trajectories, or as twists of the tool for MoveIt Servo'
    )
    stretch: Literal['none', 'contact', 'path'] = setting(
        'contact',
        'for objects of another size than the demonstrated: none, contact (meet it where it was met, for its size) or '
        'path (stretch the whole path with it)',
    )
    contact_tolerance_rad: float = setting(
        0.05,
        'how far off a joint may end a stretch of the interaction: the arm presses against something (a closed drawer)',
        'rad',
        ge=0.0,
        le=0.2,
    )
    service_timeout_s: float = setting(20.0, 'for perception and retrieval to answer', 's', ge=0.5, le=300.0)
    server_timeout_s: float = setting(2.0, 'for a driver to answer a goal, and for servers to be there', 's', ge=0.1)
    service_wait_s: float = setting(
        15.0, 'for perception and retrieval to be there: they load for a while after a start', 's', ge=0.1, le=120.0
    )
    motion_timeout_factor: float = setting(
        3.0, 'a motion that takes this many times its planned duration (and 5 s) is given up', '', ge=1.0, le=100.0
    )
    stop_timeout_s: float = setting(1.0, 'for the arm to stand still after a cancelled motion', 's', ge=0.1, le=10.0)
    still_rad_s: float = setting(0.02, 'below this speed every joint counts as standing still', 'rad/s', ge=1e-4)
    gripper_timeout_s: float = setting(5.0, 'for a gripper command to end', 's', ge=0.2, le=60.0)
    gripper_settle_s: float = setting(0.2, 'wait after a gripper command before the arm goes on', 's', ge=0.0, le=5.0)
    held_opening: float = setting(
        0.7,
        'a demonstration whose first opening is below this, and does not close next, starts with something held (or a '
        'closed hand): the gripper is then never opened before the approach',
        '',
        ge=0.0,
        le=1.0,
    )
    held_approach_speed: float = setting(
        0.5,
        'share of the approach speed when the hand holds something from the start: what is in a cup stays in it',
        '',
        ge=0.05,
        le=1.0,
    )
    closed_opening: float = setting(0.03, 'a gripper that closed to less than this holds nothing', '', ge=0.0, le=0.5)
    return_home: bool = setting(False, 'drive to the home joints before looking, so that the arm is out of the view')
    allow_missing_semantic: bool = setting(
        False, 'plan without an SRDF: then only neighbouring links are exempt from self-collision checks'
    )
    run_directory: str = setting('runs', 'folder in which every run leaves its folder; empty: none is written')
    record_bag: bool = setting(True, 'record joint states, TF, colour and camera info of every run into a bag')
    color_topic: str = setting('/camera/camera/color/image_raw', 'colour picture for the bag, at most 5 Hz')
    camera_info_topic: str = setting(
        '/camera/camera/aligned_depth_to_color/camera_info', 'camera info for the bag, at most 5 Hz'
    )


class ExecutorConfig(Config):
    """Everything about the executor node."""

    robot: str = setting('', 'path of a robot file (config/robots/<name>.yaml); empty: the built-in Panda')
    backend: Literal['embedded', 'moveit'] = setting(
        'embedded', 'what plans the approach: embedded (OMPL and TOPP-RA in this process) or moveit (MoveIt 2)'
    )
    moveit: MoveItConfig = MoveItConfig()
    planning: PlanningConfig = PlanningConfig()
    execution: ExecutionConfig = ExecutionConfig()
    monitors: MonitorConfig = MonitorConfig()
    recovery: RecoveryConfig = RecoveryConfig()
    servo: ServoConfig = ServoConfig()
    safety: SafetyConfig = SafetyConfig()
