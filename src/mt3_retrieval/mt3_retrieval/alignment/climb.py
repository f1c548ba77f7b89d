"""Climb from a coarse pose to the nearest maximum of the score, first rigid, then with scale."""

import numpy as np

from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.jit import kernel
from mt3_retrieval.alignment.score import Tolerance, one_way
from mt3_retrieval.alignment.shape import Shape

__all__ = ['NORMAL_WEIGHT', 'climb', 'scale_penalty']

_TOLERANCE = Tolerance(fit=0.013, free=0.009, ramp=0.02)
NORMAL_WEIGHT = 0.6
_SCALE_COST = 0.1  # of one standard deviation of log scale
_FIRST_STEP = np.array([0.006, 0.006, 0.10, 0.0, 0.0, 0.0])
_SECOND_STEP = np.array([0.003, 0.003, 0.05, 0.08, 0.05, 0.0])
_HALVINGS = 3


def climb(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> tuple[np.ndarray, float]:
    """Return the pose (6,) at the maximum reached from `pose`, and its score."""
    weights = np.array([config.search_free_space_weight, _SCALE_COST / config.scale_prior**2, NORMAL_WEIGHT])
    limit = np.log(config.max_scale)
    pose, score = _pattern_search(demo, live, pose, _FIRST_STEP, 2, limit, config.climb_points, _TOLERANCE, weights)
    second = _SECOND_STEP if config.allow_scale else _SECOND_STEP * [1, 1, 1, 0, 0, 0]
    return _pattern_search(demo, live, pose, second, _HALVINGS, limit, config.climb_points, _TOLERANCE, weights)


def scale_penalty(pose: np.ndarray, config: AlignmentConfig) -> float:
    """Return what the size ratio of `pose` costs: quadratic in the log scales."""
    return float(_SCALE_COST / config.scale_prior**2 * (pose[3] ** 2 + pose[4] ** 2))


@kernel
def _objective(demo, live, pose, count, tolerance, weights):
    forward = one_way(demo, live, pose, False, count, tolerance.fit, tolerance.free, tolerance.ramp, weights[2])
    backward = one_way(live, demo, pose, True, count, tolerance.fit, tolerance.free, tolerance.ramp, weights[2])
    score = forward[0] + backward[0] - weights[0] * (forward[1] + backward[1])
    return score - weights[1] * (pose[3] * pose[3] + pose[4] * pose[4])


@kernel
def _pattern_search(demo, live, start, steps, halvings, limit, count, tolerance, weights):
    """Try each parameter up and down, keep what is better, halve the steps when nothing is."""
    pose = start.copy()
    best = _objective(demo, live, pose, count, tolerance, weights)
    scale = 1.0
    for _ in range(halvings + 1):
        for _sweep in range(6):
            improved = False
            for axis in range(len(steps)):
                if steps[axis] == 0.0:
                    continue
                for sign in (1.0, -1.0):
                    before = pose[axis]
                    pose[axis] = before + sign * scale * steps[axis]
                    if axis in (3, 4) and abs(pose[axis]) > limit:
                        pose[axis] = before
                        continue
                    score = _objective(demo, live, pose, count, tolerance, weights)
                    if score > best:
                        best = score
                        improved = True
                        break
                    pose[axis] = before
            if not improved:
                break
        scale *= 0.5
    return pose, best
