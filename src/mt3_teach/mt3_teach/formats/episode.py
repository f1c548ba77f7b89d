"""A demonstration out of an episode of others, which holds the approach as well and no marks.

The rules are those for bags of plain `ros2 bag record`: the object on which the tool acts, the last pause before
contact.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_perception.segmentation import segment
from mt3_retrieval.language import parse
from mt3_teach.bag_demo import BagDemo
from mt3_teach.choose_object import by_tool, distances
from mt3_teach.config import ImportConfig
from mt3_teach.gripper import commanded_track, uses_held_object
from mt3_teach.phases import find_bottleneck, find_end, grips_between
from mt3_teach.scene_view import first_motion
from mt3_teach.tool_path import ToolPath

__all__ = ['Whole', 'interaction_from_whole']


@dataclass(frozen=True, eq=False)
class Whole:
    """What was found in an episode; `rules` say how."""

    T_base_bottleneck: np.ndarray
    interaction: Interaction
    mask: np.ndarray
    support_m: float
    rules: dict[str, str]


def interaction_from_whole(
    time_s: np.ndarray,
    T_base_tcp: np.ndarray,
    opening: np.ndarray,
    rgb: np.ndarray,
    depth_m: np.ndarray,
    K: np.ndarray,
    T_base_camera: np.ndarray,
    task: str,
    robot: RobotConfig,
    config: ImportConfig,
) -> Whole:
    """Find object, bottleneck and end in an episode.

    Args:
        time_s: (N,) from 0 [s].
        T_base_tcp: (N, 4, 4) [m].
        opening: (N,) in [0, 1].
        rgb, depth_m, K, T_base_camera: The scene: the episode's first picture.

    Raises:
        MT3Error: OBJECT_NOT_FOUND; NO_DATA, no bottleneck can be found.
    """
    path = ToolPath(time_s, T_base_tcp, 'episode')
    parsed = parse(task)
    held = uses_held_object(parsed.skill, parsed.other)
    track = commanded_track(time_s, opening, held)
    segmentation = segment(depth_m, K, T_base_camera, rgb, config.segmentation)
    if not segmentation.objects:
        raise MT3Error(f'no object in the scene: {segmentation.status.message}', StatusCode.OBJECT_NOT_FOUND)
    start_s = first_motion(path, config)
    if not np.isfinite(start_s):
        raise MT3Error('the tool never moves', StatusCode.NO_DATA)
    nothing = BagDemo(Path())
    grips = grips_between(track, start_s, np.inf)
    acting = path.at(np.array(grips))[:, :3, 3] if grips else None
    choice = by_tool(segmentation, T_base_tcp[time_s >= start_s, :3, 3], acting, config.max_reach_m)
    target = segmentation.objects[choice.index]
    near = distances(target.points, T_base_tcp[:, :3, 3])
    begin, bottleneck_rule = find_bottleneck(nothing, path, track, near, start_s, config)
    end, end_rule = find_end(nothing, path, track, begin, config)
    inside = np.append(np.arange(begin, end - 1e-3, 1.0 / config.rate_hz), end)
    if len(inside) < 3:
        raise MT3Error(f'the interaction would last {end - begin:.2f} s', StatusCode.NO_DATA)
    T = path.at(inside)
    interaction = Interaction(
        inside - begin, se3.inverse(T[0]) @ T, track.command_at(inside), robot.gripper.max_width_m
    )
    rules = {'object': choice.rule, 'bottleneck': bottleneck_rule, 'end': end_rule}
    return Whole(T[0], interaction, target.mask, target.support_height, rules)
