"""Settings of the perception node."""

from typing import Literal

from pydantic import model_validator

from mt3_common.config import Config, setting
from mt3_perception.detections import DetectionConfig
from mt3_perception.gravity import GravityConfig
from mt3_perception.plugins.text import TextConfig
from mt3_perception.robot.removal import RobotRemovalConfig
from mt3_perception.segmentation import SegmentationConfig
from mt3_perception.watch import WatchConfig

__all__ = ['ExtraCamerasConfig', 'PerceptionConfig', 'PoseConfig']


class PoseConfig(Config):
    """The calibrated pose of the camera, as `mt3 calibrate` writes it; published on /tf_static by the node."""

    parent_frame: str = setting('', 'frame that the camera is fixed to; empty: somebody else publishes its pose')
    child_frame: str = setting('', "root of the camera's own frames, such as camera_link, or its optical frame")
    position: tuple[float, float, float] = setting((0.0, 0.0, 0.0), 'of the child in the parent frame', 'm')
    quaternion: tuple[float, float, float, float] = setting((0.0, 0.0, 0.0, 1.0), 'x, y, z, w of its rotation')


class ExtraCamerasConfig(Config):
    """Further cameras that look at the same objects: one entry per camera in each list."""

    depth_topics: tuple[str, ...] = setting((), 'depth aligned to colour')
    info_topics: tuple[str, ...] = setting((), 'calibration of the depth image, rectified')
    color_topics: tuple[str, ...] = setting((), 'colour image')
    max_age_s: float = setting(
        0.5, 'their images may be so much older or newer than the primary one', 's', ge=0.0, le=10.0
    )


class PerceptionConfig(Config):
    """Where images come from, and when a scene is made of them."""

    color_topic: str = setting('/camera/camera/color/image_raw', 'colour image, rgb8, bgr8 or with an alpha channel')
    depth_topic: str = setting(
        '/camera/camera/aligned_depth_to_color/image_raw', 'depth aligned to colour, 16UC1 millimetres or 32FC1 metres'
    )
    info_topic: str = setting(
        '/camera/camera/aligned_depth_to_color/camera_info', 'calibration of the depth image, rectified'
    )
    transport: Literal['auto', 'raw', 'compressed'] = setting(
        'auto', 'of colour and depth images; auto: a topic that ends in /compressed or /compressedDepth is compressed'
    )
    rectified: bool = setting(
        False, 'colour and depth went through image_proc: the distortion in camera_info is past, P holds'
    )
    labels_topic: str = setting(
        '', 'instance ids per pixel (mono8, 16UC1 or 32SC1) of an external segmenter; empty: segment here'
    )
    detections_topic: str = setting(
        '', 'boxes of a detector (vision_msgs/Detection2DArray) with the stamps of the depth image; empty: none'
    )
    segmenter: str = setting(
        'builtin', 'who finds the objects: builtin, text, the name of an entry point, or module:callable'
    )
    scene_topic: str = setting('/mt3/scene', 'where scenes are published')
    capture_service: str = setting('/mt3/capture_scene', 'service that takes one scene now')
    accept_service: str = setting(
        '/mt3/accept_calibration', 'service that accepts a changed camera: the next scene is the reference'
    )
    autostart: bool = setting(True, 'configure and activate at once; false: a lifecycle manager does')
    base_frame: str = setting('panda_link0', "the robot's planning frame, gravity is -z of it")
    camera_frame: str = setting('', 'optical frame of the camera; empty: as in the header of the depth image')
    roi: tuple[int, int, int, int] = setting(
        (0, 0, 0, 0), 'only this part is looked at: u, v, width, height; width 0: all of it', 'pixel'
    )
    rate_hz: float = setting(0.0, 'scenes published per second; 0: only on demand', 'Hz', ge=0.0, le=60.0)
    frames: int = setting(1, 'depth images averaged for a scene on demand', 'images', ge=1, le=30)
    sync_tolerance_s: float = setting(
        0.02, 'largest stamp difference of images that belong together', 's', ge=0.0, le=1.0
    )
    timeout_s: float = setting(3.0, 'longest wait for a fresh pair on demand', 's', ge=0.1, le=60.0)
    tf_timeout_s: float = setting(0.5, 'longest wait for the camera pose', 's', ge=0.0, le=10.0)
    max_age_s: float = setting(
        1.0, 'a camera silent for longer has stopped; older images are no scene', 's', ge=0.05, le=60.0
    )
    id_reach_m: float = setting(
        0.05, 'an object that moves less between two scenes keeps its id', 'm', ge=0.001, le=1.0
    )
    robot: RobotRemovalConfig = RobotRemovalConfig()
    watch: WatchConfig = WatchConfig()
    gravity: GravityConfig = GravityConfig()
    pose: PoseConfig = PoseConfig()
    extra: ExtraCamerasConfig = ExtraCamerasConfig()
    text: TextConfig = TextConfig()
    detections: DetectionConfig = DetectionConfig()
    segmentation: SegmentationConfig = SegmentationConfig()

    @model_validator(mode='after')
    def _fits_together(self) -> 'PerceptionConfig':
        lengths = {len(self.extra.depth_topics), len(self.extra.info_topics), len(self.extra.color_topics)}
        if len(lengths) > 1:
            raise ValueError('extra.depth_topics, extra.info_topics and extra.color_topics need one entry per camera')
        named = [n for n in ('labels_topic', 'detections_topic') if getattr(self, n)]
        named += ['segmenter'] if self.segmenter not in ('', 'builtin') else []
        if len(named) > 1:
            raise ValueError(f'only one can say what the objects are: {" and ".join(named)} are set')
        if min(self.roi) < 0:
            raise ValueError(f'roi {list(self.roi)} must not be negative')
        return self
