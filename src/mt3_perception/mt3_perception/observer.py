"""Images in, scene out: what the node does, without ROS."""

from dataclasses import dataclass

import numpy as np

from mt3_common.errors import InvalidInput, MT3Error
from mt3_common.scene import Scene
from mt3_perception.averaging import average_depth
from mt3_perception.config import PerceptionConfig
from mt3_perception.scene_builder import build_scene, segmentation_from_labels
from mt3_perception.segmentation import Segmentation, segment
from mt3_perception.tracking import ObjectIds

__all__ = ['Frame', 'Observation', 'Observer']


@dataclass(frozen=True, eq=False)
class Frame:
    """Images of one instant.

    Attributes:
        stamp_s: Acquisition time of the depth image [s].
        camera_frame: Its optical frame.
        rgb: (H, W, 3) uint8.
        depth_m: (H, W) float32, NaN unknown [m].
        K: (3, 3) [pixel].
        instance_ids: (H, W) integers of an external segmenter, 0 none; None: segment here.
    """

    stamp_s: float
    camera_frame: str
    rgb: np.ndarray
    depth_m: np.ndarray
    K: np.ndarray
    instance_ids: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Observation:
    """A scene and how it came about."""

    scene: Scene
    segmentation: Segmentation


class Observer:
    """Makes scenes of frames; remembers object ids."""

    def __init__(self, config: PerceptionConfig) -> None:
        self._config = config
        self._ids = ObjectIds(config.id_reach_m)

    def observe(self, frames: list[Frame], T_base_camera: np.ndarray) -> Observation:
        """Return the scene of one or more frames of a scene at rest, the newest last.

        Raises:
            InvalidInput: Colour, depth or labels of different size, or frames that do not fit each other.
            MT3Error: With the status of the segmentation: no depth, no support.
        """
        newest = frames[-1]
        if newest.rgb.shape[:2] != newest.depth_m.shape:
            raise InvalidInput(
                f'colour {newest.rgb.shape[:2]} and depth {newest.depth_m.shape} differ in size; '
                "take depth from the camera's aligned_depth_to_color topic"
            )
        depth = average_depth([f.depth_m for f in frames])
        segmentation = segment(depth, newest.K, T_base_camera, newest.rgb, self._config.segmentation)
        if newest.instance_ids is not None:
            support = segmentation if segmentation.plane is not None else None
            segmentation = segmentation_from_labels(newest.instance_ids, depth, newest.K, T_base_camera, support)
        if not segmentation.status.ok:
            raise MT3Error(segmentation.status.message, segmentation.status.code)
        scene = build_scene(
            depth,
            newest.rgb,
            newest.K,
            T_base_camera,
            segmentation,
            stamp_s=newest.stamp_s,
            base_frame=self._config.base_frame,
            camera_frame=newest.camera_frame,
            ids=self._ids,
        )
        return Observation(scene, segmentation)
