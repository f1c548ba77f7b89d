"""The scene of a demonstration: the picture from before the arm enters the view, averaged over a few frames.

Rule: with a mark `scene`, the depth images nearest to it, within `scene_window_s`, taken before the arm moves on.
Without one, the last images before the tool first moves. In both cases at most `scene_frames`; the colour image is the
one nearest to the middle of them; the camera pose is TF's at that stamp.
"""

from dataclasses import dataclass

import numpy as np

from mt3_common.bags import BagReader
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_perception.averaging import average_depth
from mt3_teach.bag_demo import BagDemo, read_images
from mt3_teach.config import ImportConfig
from mt3_teach.tool_path import ToolPath

__all__ = ['SceneView', 'first_motion', 'scene_view']


@dataclass(frozen=True, eq=False)
class SceneView:
    """One RGB-D view.

    Attributes:
        stamp_s: Acquisition time of the colour image [s].
        rgb: (H, W, 3) uint8.
        depth_m: (H, W) float32, NaN unknown [m].
        K: (3, 3) [pixel].
        T_base_camera: (4, 4) [m].
        frames: How many depth images were averaged.
        rule: How it was chosen.
    """

    stamp_s: float
    rgb: np.ndarray
    depth_m: np.ndarray
    K: np.ndarray
    T_base_camera: np.ndarray
    frames: int
    rule: str


def first_motion(path: ToolPath, config: ImportConfig, after_s: float = -np.inf) -> float:
    """Return when the tool first leaves where it is at `after_s` [s]; inf if it never does."""
    later = path.time_s >= after_s
    if not later.any():
        return float('inf')
    p = path.T_base_tcp[later, :3, 3]
    moved = np.linalg.norm(p - p[0], axis=1) > config.moved_m
    return float(path.time_s[later][np.argmax(moved)]) if moved.any() else float('inf')


def scene_view(bag: BagReader, demo: BagDemo, path: ToolPath, robot: RobotConfig, config: ImportConfig) -> SceneView:
    """Return the view of the scene.

    Raises:
        MT3Error: NO_DATA, no image before the arm moves, or colour without depth; CALIBRATION, no camera pose.
    """
    mark = demo.event('scene')
    stamps = demo.depth_stamps
    if demo.K is None or not len(stamps) or not len(demo.color_stamps):
        raise MT3Error(f'the bag {demo.path} holds no colour or no depth image', StatusCode.NO_DATA)
    if mark is not None:
        moves = first_motion(path, config, mark)
        chosen = stamps[(np.abs(stamps - mark) <= config.scene_window_s) & (stamps < moves)]
        still = np.array([_rests(path, t, mark, config) for t in chosen], bool)
        chosen = chosen[still][np.argsort(np.abs(chosen[still] - mark))][: config.scene_frames]
        rule = 'the images nearest to the mark "scene"'
        why = f'no depth image with the arm at rest within {config.scene_window_s} s of the mark "scene"'
    else:
        moves = first_motion(path, config)
        chosen = stamps[stamps < moves - 0.05][-config.scene_frames :]
        chosen = chosen[chosen > (chosen[-1] if len(chosen) else 0.0) - 2.0 * config.scene_window_s]
        rule = 'the last images before the tool first moves'
        why = (
            f'the tool moves from {moves - min(moves, stamps[0]):.2f} s after the first depth image on, none shows the '
            'scene before; start recording before the arm moves, or mark the moment with "scene"'
        )
    if not len(chosen):
        raise MT3Error(f'no picture of the scene: {why}', StatusCode.NO_DATA)
    middle = float(np.median(chosen))
    color = float(demo.color_stamps[np.argmin(np.abs(demo.color_stamps - middle))])
    gap = float(np.abs(chosen - color).min())
    if gap > config.sync_s:
        raise MT3Error(
            f'the nearest colour and depth images of the scene are {1e3 * gap:.0f} ms apart, the limit is '
            f'{1e3 * config.sync_s:.0f} ms; turn on synchronisation in the camera driver',
            StatusCode.NO_DATA,
        )
    images = read_images(
        bag, demo, config.topics, {config.topics.color: [color], config.topics.depth: sorted(float(t) for t in chosen)}
    )
    depths = list(images[config.topics.depth].values())
    rgb = images[config.topics.color][color]
    if rgb.shape[:2] != depths[0].shape:
        raise MT3Error(
            f'colour is {rgb.shape[:2]} and depth {depths[0].shape} pixels: record depth aligned to colour '
            '(realsense2_camera: align_depth.enable:=true)',
            StatusCode.NO_DATA,
        )
    return SceneView(color, rgb, average_depth(depths), demo.K, camera_pose(demo, robot, color), len(depths), rule)


def camera_pose(demo: BagDemo, robot: RobotConfig, stamp_s: float) -> np.ndarray:
    """Return T_base_camera (4, 4) at a time [s], from the bag's own TF.

    Raises:
        MT3Error: CALIBRATION; TF does not link the camera to the base at that time.
    """
    try:
        first, last = demo.transforms.span(robot.base_frame, demo.camera_frame)
        if stamp_s < first - 1.0 or stamp_s > last + 1.0:
            raise MT3Error(f'TF spans {first:.2f} to {last:.2f} s, the scene is of {stamp_s:.2f} s', StatusCode.NO_DATA)
        at = float(np.clip(stamp_s, first, last))
        return demo.transforms.lookup(robot.base_frame, demo.camera_frame, at if np.isfinite(at) else None)
    except MT3Error as error:
        raise MT3Error(
            f'the bag does not tell where the camera {demo.camera_frame} is in {robot.base_frame}: {error}. Publish '
            'its calibration as a static transform and record /tf_static',
            StatusCode.CALIBRATION,
        ) from error


def _rests(path: ToolPath, at: float, mark: float, config: ImportConfig) -> bool:
    """Whether the tool is at `at` where it is at the mark."""
    p = path.at(np.array([at, mark]))[:, :3, 3]
    return bool(np.linalg.norm(p[0] - p[1]) <= config.moved_m)
