"""Parameters of the cell's node."""

from mt3_common.config import Config, setting
from mt3_sim.depth_noise import DepthNoiseConfig
from mt3_sim.gripper_controller import GripperConfig
from mt3_sim.trajectory_follower import FollowerConfig

__all__ = ['CellConfig']


class CellConfig(Config):
    """Everything that can be set at the start."""

    robot: str = setting('', 'path of a robot file (config/robots/<name>.yaml); empty: the built-in Panda')
    family: str = setting('pick_mug', 'task family that is set up at the start; empty: an empty table')
    seed: int = setting(0, 'of poses, distractors and noise at the start', '', ge=0)
    distractors: int = setting(0, 'how many other objects stand around at the start', '', ge=0, le=8)
    timestep: float = setting(0.002, 'tick of physics and controllers', 's', ge=0.0005, le=0.004)
    real_time_factor: float = setting(1.0, 'speed of time; 0: as fast as possible', '', ge=0.0, le=50.0)
    clock_rate: float = setting(200.0, 'of /clock', 'Hz', ge=10.0, le=1000.0)
    joint_rate: float = setting(100.0, 'of /joint_states', 'Hz', ge=1.0, le=500.0)
    tf_rate: float = setting(50.0, 'of /tf', 'Hz', ge=1.0, le=500.0)
    camera_rate: float = setting(5.0, 'of colour and depth', 'Hz', ge=0.1, le=30.0)
    camera_frame: str = setting('camera_color_optical_frame', 'optical frame of the camera')
    camera_topic: str = setting('/camera/camera', 'namespace of the camera topics')
    spectator_rate: float = setting(0.0, 'of the view for videos; 0: none', 'Hz', ge=0.0, le=30.0)
    spectator_shadows: bool = setting(True, 'shadows in the view for videos; drawing takes five times as long')
    spectator_width: int = setting(640, 'of the view for videos', 'pixel', ge=64, le=1280)
    spectator_height: int = setting(480, 'of the view for videos', 'pixel', ge=64, le=960)
    window: bool = setting(False, 'open a window that shows the cell; needs a display')
    depth_noise: DepthNoiseConfig = DepthNoiseConfig()
    arm: FollowerConfig = FollowerConfig()
    gripper: GripperConfig = GripperConfig()
