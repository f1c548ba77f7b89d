"""Settings of recording and importing demonstrations."""

from mt3_common.config import Config, setting
from mt3_perception.segmentation import SegmentationConfig

__all__ = ['ImportConfig', 'LintConfig', 'RecorderConfig', 'TopicsConfig', 'WatchConfig']


class TopicsConfig(Config):
    """The topics of a demonstration. The defaults are realsense2_camera's, ros2_control's and MoveIt's."""

    color: str = setting('/camera/camera/color/image_raw', 'colour image, raw or with /compressed appended')
    depth: str = setting(
        '/camera/camera/aligned_depth_to_color/image_raw', 'depth aligned to colour, 16UC1 in mm or 32FC1 in m'
    )
    camera_info: str = setting(
        '/camera/camera/aligned_depth_to_color/camera_info', 'intrinsics of the aligned depth image'
    )
    rectified: bool = setting(False, 'the images went through image_proc: the distortion in camera_info is past')
    joint_states: str = setting('/joint_states', 'joint states of arm and gripper')
    tf: str = setting('/tf', 'moving transforms')
    tf_static: str = setting('/tf_static', 'fixed transforms, the mount of the camera among them')
    robot_description: str = setting('/robot_description', 'URDF of the arm')
    robot_description_semantic: str = setting('/robot_description_semantic', 'SRDF of the arm')
    events: str = setting('/mt3/events', 'moments marked while recording')
    gripper: str = setting(
        '', 'where the gripper is told when not in the joint states: its topic, or <action>/_action/feedback'
    )

    def types(self) -> dict[str, str]:
        """Return {topic: message type} of everything that is recorded."""
        image = 'sensor_msgs/msg/Image'
        return {
            self.color: 'sensor_msgs/msg/CompressedImage' if self.color.endswith('/compressed') else image,
            self.depth: image,
            self.camera_info: 'sensor_msgs/msg/CameraInfo',
            self.joint_states: 'sensor_msgs/msg/JointState',
            self.tf: 'tf2_msgs/msg/TFMessage',
            self.tf_static: 'tf2_msgs/msg/TFMessage',
            self.robot_description: 'std_msgs/msg/String',
            self.robot_description_semantic: 'std_msgs/msg/String',
            self.events: 'mt3_interfaces/msg/Event',
        }


class LintConfig(Config):
    """Limits of the demonstration linter."""

    max_speed: float = setting(2.0, 'tool speed between two samples that counts as a jump', 'm/s', ge=0.1, le=20.0)
    max_turn: float = setting(8.0, 'turning speed between two samples that counts as a jump', 'rad/s', ge=0.1, le=100.0)
    max_gap_s: float = setting(0.25, 'longest time without a tool pose', 's', ge=0.01, le=5.0)
    min_rate_hz: float = setting(10.0, 'lowest mean rate of tool poses', 'Hz', ge=1.0, le=1000.0)
    min_duration_s: float = setting(0.3, 'shortest interaction', 's', ge=0.0, le=60.0)
    max_duration_s: float = setting(60.0, 'longest interaction', 's', ge=1.0, le=3600.0)
    min_travel_m: float = setting(0.01, 'shortest way of the tool in an interaction', 'm', ge=0.0, le=1.0)
    bottleneck_near_m: float = setting(0.015, 'a bottleneck closer to the object than this is too late', 'm', ge=0.0)
    bottleneck_far_m: float = setting(0.30, 'a bottleneck farther from the object than this is too early', 'm', ge=0.0)
    touch_m: float = setting(0.04, 'the tool should come this close to the object', 'm', ge=0.0, le=1.0)
    touch_in_hand_m: float = setting(0.15, 'the same with an object in the hand, which touches first', 'm', ge=0.0)
    min_object_pixels: int = setting(150, 'objects of fewer pixels align badly', 'pixel', ge=1)
    min_depth_share: float = setting(0.5, 'share of the object that should have depth', '', ge=0.0, le=1.0)
    max_tilt_deg: float = setting(3.0, 'tilt of the support in the base frame that casts doubt on calibration', 'deg')
    camera_moved_m: float = setting(0.003, 'motion of the camera during the recording that is tolerated', 'm', ge=0.0)
    limit_margin_rad: float = setting(0.035, 'a joint closer to its limit than this', 'rad', ge=0.0, le=1.0)
    duplicate_m: float = setting(0.005, 'demonstrations closer than this are the same twice', 'm', ge=0.0, le=0.1)
    arm_clearance_m: float = setting(0.07, 'an arm closer to the object than this spoils the scene', 'm', ge=0.0)


class ImportConfig(Config):
    """How a bag becomes a demonstration."""

    topics: TopicsConfig = TopicsConfig()
    lint: LintConfig = LintConfig()
    segmentation: SegmentationConfig = SegmentationConfig(
        workspace_min_m=(0.2, -0.5, -0.1), workspace_max_m=(0.9, 0.5, 0.6)
    )
    max_pause_s: float = setting(
        1.0, 'longer rests within the interaction are cut to this, gripper motions excepted', 's', ge=0.1, le=60.0
    )
    smooth_s: float = setting(0.0, 'window over which the path is smoothed, 0: as recorded', 's', ge=0.0, le=2.0)
    home_m: float = setting(0.05, 'a rest this close to the first one ends a demonstration', 'm', ge=0.001, le=0.5)
    home_rest_s: float = setting(0.6, 'shortest rest that does', 's', ge=0.1, le=30.0)
    rate_hz: float = setting(25.0, 'rate of the stored interaction', 'Hz', ge=5.0, le=200.0)
    scene_frames: int = setting(8, 'depth images averaged for the scene', '', ge=1, le=60)
    scene_window_s: float = setting(
        1.0, 'farthest that those images may lie from the scene mark', 's', ge=0.05, le=10.0
    )
    sync_s: float = setting(0.05, 'colour and depth belong together within this', 's', ge=0.0, le=1.0)
    still_speed: float = setting(0.02, 'a tool slower than this rests', 'm/s', ge=0.001, le=0.5)
    still_s: float = setting(0.25, 'shortest rest that counts as a pause', 's', ge=0.05, le=5.0)
    moved_m: float = setting(0.005, 'the arm has begun to move when the tool is this far off', 'm', ge=0.0005, le=0.1)
    contact_m: float = setting(0.025, 'a tool this close to the object acts on it', 'm', ge=0.001, le=0.2)
    clearance_m: float = setting(0.10, 'distance of a bottleneck found without a pause', 'm', ge=0.02, le=0.5)
    max_reach_m: float = setting(0.15, 'the object nearest to the tool must be nearer than this', 'm', ge=0.01, le=1.0)
    gripper_speed: float = setting(
        0.1, 'opening speed that counts as a motion of the gripper', '1/s', ge=0.001, le=10.0
    )
    gripper_change: float = setting(0.04, 'smaller changes of the opening are no command', '', ge=0.005, le=1.0)
    gripper_effort: float = setting(1.0, 'closing effort at rest that tells a held object', 'N', ge=0.0, le=1000.0)
    hold_after_s: float = setting(0.3, 'time kept after the last gripper motion', 's', ge=0.0, le=10.0)
    leave_m: float = setting(0.15, 'an unmarked interaction ends this far from its last gripper motion', 'm', ge=0.02)


class WatchConfig(Config):
    """How the recorder looks at its inputs while nothing is recorded: short looks, so that it costs next to nothing."""

    period_s: float = setting(2.0, 'time between two looks', 's', ge=0.2, le=60.0)
    listen_s: float = setting(0.6, 'how long a look listens to joint states, TF and camera_info', 's', ge=0.1, le=5.0)
    sample_s: float = setting(6.0, 'time between two pictures that are looked at', 's', ge=0.5, le=600.0)
    min_camera_hz: float = setting(1.5, 'lowest rate of the camera', 'Hz', ge=0.0, le=100.0)
    min_state_hz: float = setting(10.0, 'lowest rate of joint states and TF', 'Hz', ge=0.0, le=1000.0)
    stale_s: float = setting(1.0, 'stamps and transforms older than this are stale', 's', ge=0.05, le=60.0)
    min_valid_depth: float = setting(0.2, 'least share of depth pixels with a reading', '', ge=0.0, le=1.0)
    min_free_mb: float = setting(500.0, 'least free room where the bags go', 'MB', ge=0.0)


class RecorderConfig(Config):
    """The recorder node."""

    robot: str = setting('', 'file of the robot settings (config/robots/<name>.yaml); empty: the panda')
    library: str = setting('', 'folder or s3:// address of the library for add_demo; empty: add_demo is refused')
    directory: str = setting('~/.mt3/bags', 'folder in which bags are made')
    simulated: bool = setting(False, 'mark the demonstrations as recorded in simulation')
    operator: str = setting('', 'who teaches, stored for provenance')
    max_image_rate: float = setting(0.0, 'images recorded per second and topic, 0: all', 'Hz', ge=0.0, le=200.0)
    compress: bool = setting(True, 'compress the bags with zstd')
    check_s: float = setting(6.0, 'longest wait for a first message of every needed topic', 's', ge=0.1, le=30.0)
    stale_s: float = setting(1.0, 'a message whose stamp is older than this is stale', 's', ge=0.05, le=60.0)
    extra_topics: tuple[str, ...] = setting((), 'further topics that are recorded when they are there')
    watch: WatchConfig = WatchConfig()
    importer: ImportConfig = ImportConfig()
