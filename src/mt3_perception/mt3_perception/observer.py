"""Images in, scene out: what the node does, without ROS."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.errors import InvalidInput, MT3Error, Status
from mt3_common.scene import Scene
from mt3_perception.averaging import average_depth
from mt3_perception.background import Registration
from mt3_perception.camera_model import CameraModel
from mt3_perception.config import PerceptionConfig
from mt3_perception.detections import Detection, instances_from_boxes
from mt3_perception.fusion import add_view
from mt3_perception.plugins import Instances, Segmenter
from mt3_perception.robot.removal import RobotInView, without_pixels
from mt3_perception.scene_builder import build_scene, segmentation_from_labels
from mt3_perception.segmentation import Segmentation, SegmentationConfig, segment
from mt3_perception.tracking import ObjectIds
from mt3_perception.watch import CalibrationWatch

__all__ = ['Frame', 'Observation', 'Observer', 'OtherView']

_ANYWHERE = {'workspace_min_m': (-9.0, -9.0, -9.0), 'workspace_max_m': (9.0, 9.0, 9.0)}


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
        detections: Boxes of an external detector; None: there is none.
    """

    stamp_s: float
    camera_frame: str
    rgb: np.ndarray
    depth_m: np.ndarray
    K: np.ndarray
    instance_ids: np.ndarray | None = None
    detections: tuple[Detection, ...] | None = None


@dataclass(frozen=True, eq=False)
class Observation:
    """A scene and how it came about.

    Attributes:
        scene: The scene.
        segmentation: What it was made of.
        robot_share: Share of the image that the robot covers, in [0, 1]; NaN: nobody looked for it.
        motion: Of the background against the accepted calibration; None: not compared.
        merged: Objects that other cameras added to.
        unmatched: Objects that only other cameras see; they are not in the scene.
    """

    scene: Scene
    segmentation: Segmentation
    robot_share: float = float('nan')
    motion: Registration | None = None
    merged: int = 0
    unmatched: int = 0


@dataclass(frozen=True, eq=False)
class OtherView:
    """What another camera of the same scene saw.

    Attributes:
        frame: Its images.
        T_base_camera: Where it was taken from (4, 4) [m].
        robot: The robot at its time; None: left in.
    """

    frame: Frame
    T_base_camera: np.ndarray
    robot: RobotInView | None = None


class Observer:
    """Makes scenes of frames; remembers object ids and the accepted calibration. Not for several threads at once.

    Args:
        config: Of the node.
        segmenter: A plug-in that finds the objects; None: the segmentation of this package.
    """

    def __init__(self, config: PerceptionConfig, segmenter: Segmenter | None = None) -> None:
        self._config = config
        self._segmenter = segmenter
        self._ids = ObjectIds(config.id_reach_m)
        self.watch = CalibrationWatch(config.watch)

    def observe(
        self,
        frames: list[Frame],
        T_base_camera: np.ndarray,
        robot: RobotInView | None = None,
        others: tuple[OtherView, ...] = (),
        level_frame: str = '',
    ) -> Observation:
        """Return the scene of one or more frames of a scene at rest, the newest last.

        When the camera changed or was moved since it was accepted, the scene says so in its `calibration`.

        Args:
            frames: Of the primary camera: the scene carries its images.
            T_base_camera: (4, 4) [m].
            robot: The robot at that time; its pixels get no depth and no object. None: left in.
            others: Further cameras, whose points are added to the objects.
            level_frame: The base is this frame, level and at a camera whose place nobody knows: the workspace does not
                apply, nor can it be told whether the camera was moved.

        Raises:
            InvalidInput: Colour, depth or labels of different size, or frames that do not fit each other.
            MT3Error: The status of the segmentation: no depth, no support.
        """
        newest = frames[-1]
        if newest.rgb.shape[:2] != newest.depth_m.shape:
            raise InvalidInput(
                f'colour {newest.rgb.shape[:2]} and depth {newest.depth_m.shape} differ in size; '
                "take depth from the camera's aligned_depth_to_color topic"
            )
        height, width = newest.depth_m.shape
        calibration = Status()
        if not level_frame:
            calibration = self.watch.check_camera(CameraModel(width, height, newest.K), T_base_camera)
        depth = average_depth([f.depth_m for f in frames])
        _blind_outside(depth, self._config.roi)
        hidden, share = _remove(depth, newest.K, T_base_camera, robot)
        config = self._config.segmentation.model_copy(update=_ANYWHERE) if level_frame else self._config.segmentation
        segmentation, names = self._segment(newest, depth, T_base_camera, hidden, config)
        if not level_frame and calibration.ok:
            things = cv2.dilate((segmentation.labels > 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
            calibration = self.watch.check_background(depth, newest.K, T_base_camera, things)
        scene = build_scene(
            depth,
            newest.rgb,
            newest.K,
            T_base_camera,
            segmentation,
            stamp_s=newest.stamp_s,
            base_frame=level_frame or self._config.base_frame,
            camera_frame=newest.camera_frame,
            ids=self._ids,
            names=names,
            calibration=calibration,
        )
        merged = unmatched = 0
        for other in others:
            further = self._further(other)
            scene, added, alone = add_view(scene, further, other.frame.rgb, other.frame.depth_m)
            merged, unmatched = merged + added, unmatched + alone
        return Observation(scene, segmentation, share, self.watch.motion, merged, unmatched)

    def _segment(
        self,
        frame: Frame,
        depth: np.ndarray,
        T_base_camera: np.ndarray,
        hidden: np.ndarray | None,
        config: SegmentationConfig,
    ) -> tuple[Segmentation, list[tuple[str, float]] | None]:
        """Find the objects, and their labels with scores if somebody tells them."""
        instances = None
        if frame.instance_ids is not None:
            instances = Instances(frame.instance_ids)
        elif self._segmenter is not None:
            instances = self._segmenter(frame.rgb, depth, frame.K, T_base_camera)
        segmentation = segment(depth, frame.K, T_base_camera, frame.rgb, config)
        if frame.detections is not None:
            instances = instances_from_boxes(frame.detections, segmentation, depth, self._config.detections)
        if instances is not None:
            support = segmentation if segmentation.plane is not None else None
            ids = instances.ids if hidden is None else np.where(hidden, 0, instances.ids)
            segmentation = segmentation_from_labels(ids, depth, frame.K, T_base_camera, support)
        if not segmentation.status.ok:
            raise MT3Error(segmentation.status.message, segmentation.status.code)
        if hidden is not None:
            segmentation = without_pixels(segmentation, hidden)
        return segmentation, None if instances is None else instances.names_of(segmentation)

    def _further(self, other: OtherView) -> Segmentation:
        """Segment what another camera saw."""
        depth = other.frame.depth_m.copy()
        hidden, _ = _remove(depth, other.frame.K, other.T_base_camera, other.robot)
        found = segment(depth, other.frame.K, other.T_base_camera, other.frame.rgb, self._config.segmentation)
        return found if hidden is None else without_pixels(found, hidden)


def _remove(
    depth_m: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray, robot: RobotInView | None
) -> tuple[np.ndarray | None, float]:
    """Take the robot out of a depth image, in place; return its pixels (H, W) and their share."""
    if robot is None:
        return None, float('nan')
    hidden = robot.pixels(depth_m, K, T_base_camera)
    depth_m[hidden] = np.nan
    return hidden, float(hidden.mean())


def _blind_outside(depth_m: np.ndarray, roi: tuple[int, int, int, int]) -> None:
    """Forget the depth outside a region (u, v, width, height) [pixel], in place; width or height 0: the whole image.

    Raises:
        InvalidInput: The region lies outside the image.
    """
    u, v, width, height = roi
    if not width or not height:
        return
    if u + width > depth_m.shape[1] or v + height > depth_m.shape[0]:
        raise InvalidInput(
            f'roi {list(roi)} (u, v, width, height) reaches beyond the image of '
            f'{depth_m.shape[1]}x{depth_m.shape[0]} pixels'
        )
    inside = depth_m[v : v + height, u : u + width].copy()
    depth_m[:] = np.nan
    depth_m[v : v + height, u : u + width] = inside
