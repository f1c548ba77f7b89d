"""Settings of the perception node."""

from mt3_common.config import Config, setting
from mt3_perception.segmentation import SegmentationConfig

__all__ = ['PerceptionConfig']


class PerceptionConfig(Config):
    """Where images come from, and when a scene is made of them."""

    color_topic: str = setting('/camera/camera/color/image_raw', 'colour image, rgb8 or bgr8')
    depth_topic: str = setting(
        '/camera/camera/aligned_depth_to_color/image_raw', 'depth aligned to colour, 16UC1 millimetres or 32FC1 metres'
    )
    info_topic: str = setting(
        '/camera/camera/aligned_depth_to_color/camera_info', 'calibration of the depth image, rectified'
    )
    labels_topic: str = setting(
        '', 'instance ids per pixel (mono8, 16UC1 or 32SC1) of an external segmenter; empty: segment here'
    )
    scene_topic: str = setting('/mt3/scene', 'where scenes are published')
    capture_service: str = setting('/mt3/capture_scene', 'service that takes one scene now')
    base_frame: str = setting('panda_link0', "the robot's planning frame, gravity is -z of it")
    camera_frame: str = setting('', 'optical frame of the camera; empty: as in the header of the depth image')
    rate_hz: float = setting(0.0, 'scenes published per second; 0: only on demand', 'Hz', ge=0.0, le=60.0)
    frames: int = setting(1, 'depth images averaged for a scene on demand', 'images', ge=1, le=30)
    sync_tolerance_s: float = setting(
        0.02, 'largest stamp difference of images that belong together', 's', ge=0.0, le=1.0
    )
    timeout_s: float = setting(3.0, 'longest wait for a fresh pair on demand', 's', ge=0.1, le=60.0)
    tf_timeout_s: float = setting(0.5, 'longest wait for the camera pose', 's', ge=0.0, le=10.0)
    max_age_s: float = setting(1.0, 'a camera silent for longer is reported as stopped', 's', ge=0.05, le=60.0)
    id_reach_m: float = setting(
        0.05, 'an object that moves less between two scenes keeps its id', 'm', ge=0.001, le=1.0
    )
    segmentation: SegmentationConfig = SegmentationConfig()
