"""Look again at the yaws around the best poses, evenly, each with its own best place.

Climbing ends where the surfaces overlap most, and on a round body that is the yaw at which both cameras saw the same
side, wherever the handle is. What tells the yaw (a handle, a spout) has few points, so its maximum of the score is
narrow and the climb passes it by; trying every few degrees does not.
"""

import numpy as np

from mt3_retrieval.alignment.climb import climb_rigid, climb_stretched
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.judge import judge, judge_all
from mt3_retrieval.alignment.polish import PLACE, polish
from mt3_retrieval.alignment.pose import turned_about
from mt3_retrieval.alignment.shape import Shape

__all__ = ['climb_around', 'sweep_yaws']

_STEP_RAD = np.radians(6.0)
_STEPS = (9, 3, 3)  # to each side of the best pose, the second, the third
_WIDTHS_M = (0.010, 0.007)
_POLISH_POINTS, _JUDGE_POINTS = 250, 500
_AROUND_RAD = np.radians([-18.0, -12.0, -6.0, 6.0, 12.0, 18.0])


def sweep_yaws(demo: Shape, live: Shape, ranked: list[np.ndarray], config: AlignmentConfig) -> list[np.ndarray]:
    """Return the turned poses (8,) that are worth more than the best of `ranked`, best first, maxima over yaw only."""
    limit = judge(demo, live, ranked[0], config, _JUDGE_POINTS).worth
    found: list[tuple[float, np.ndarray]] = []
    for pose, steps in zip(ranked, _STEPS, strict=False):
        turned = [pose]
        for k in (*range(-steps, 0), *range(1, steps + 1)):
            start = turned_about(pose, pose[:2], k * _STEP_RAD)
            turned.append(polish(demo, live, start, config, PLACE, _WIDTHS_M, _POLISH_POINTS))
        worth = [limit, *(judged.worth for judged in judge_all(demo, live, turned[1:], config, _JUDGE_POINTS))]
        best = int(np.argmax(worth))
        if best > 0:
            found.append((worth[best], turned[best]))
    return [pose for _, pose in sorted(found, key=lambda item: -item[0])]


def climb_around(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> list[np.ndarray]:
    """Return what climbs from turns of the pose (8,) reach, all that may move moving.

    Turn and stretch pull at each other, so that one climb of a novel instance may end well beside the summit.
    """
    climb = climb_stretched if config.allow_stretch else climb_rigid
    return [climb(demo, live, turned_about(pose, pose[:2], turn), config)[0] for turn in _AROUND_RAD]
