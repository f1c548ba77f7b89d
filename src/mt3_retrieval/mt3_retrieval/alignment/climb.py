"""Climb to a maximum of the score: pattern search over the pose, with or without the stretch."""

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.pose import affine_of
from mt3_retrieval.alignment.score import WIDE, fits
from mt3_retrieval.alignment.shape import Shape

__all__ = ['STRETCH_COST', 'climb_rigid', 'climb_stretched', 'stretch_penalty']

HIDDEN_CREDIT = 0.3  # of a point behind the other surface: nobody looked, nothing speaks against it
STRETCH_COST = 0.1  # of one standard deviation of one ratio
_RIGID_STEPS = np.array([0.006, 0.006, 0.10, 0.0, 0.0, 0.0, 0.0, 0.0])
_RIGID_HALVINGS = 2
_STRETCH_STEPS = np.array([0.003, 0.003, 0.04, 0.0, 0.04, 0.04, 0.04, 0.04])
_STRETCH_HALVINGS = 2


def climb_rigid(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> tuple[np.ndarray, float]:
    """Return the pose (8,) at the maximum reached from `pose` in x, y and yaw, and its score."""
    return _climb(demo, live, pose, _RIGID_STEPS, _RIGID_HALVINGS, config)


def climb_stretched(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> tuple[np.ndarray, float]:
    """Return the pose (8,) at the maximum reached from `pose` in x, y, yaw and stretch, and its score."""
    return _climb(demo, live, pose, _STRETCH_STEPS, _STRETCH_HALVINGS, config)


def stretch_penalty(pose: np.ndarray, config: AlignmentConfig) -> float:
    """Return what the stretch of `pose` costs: quadratic in the ratios."""
    return float(STRETCH_COST / config.stretch_prior**2 * (pose[4:] ** 2).sum())


def _climb(demo, live, pose, steps, halvings, config):
    weights = np.array([config.search_free_space_weight, HIDDEN_CREDIT, STRETCH_COST / config.stretch_prior**2])
    return _pattern_search(demo, live, pose, steps, halvings, config.max_stretch - 1.0, config.climb_points, weights)


@kernel
def _objective(demo, live, pose, count, weights):
    M, R, t = affine_of(pose)
    fit, violation, hidden = fits(demo, live, M, R, t, count, WIDE)
    stretch2 = pose[4] ** 2 + pose[5] ** 2 + pose[6] ** 2 + pose[7] ** 2
    return fit - weights[0] * violation + weights[1] * hidden - weights[2] * stretch2


@kernel
def _pattern_search(demo, live, start, steps, halvings, limit, count, weights):
    """Try each parameter up and down, keep what is better, halve the steps when nothing is."""
    pose = start.copy()
    best = _objective(demo, live, pose, count, weights)
    axes = np.nonzero(steps)[0]
    size = 1.0
    for _ in range(halvings + 1):
        failed = 0  # parameters in a row: all have been tried from here when it is as many as there are
        for _sweep in range(6):
            for axis in axes:
                if failed == len(axes):
                    break
                failed += 1
                for sign in (1.0, -1.0):
                    before = pose[axis]
                    pose[axis] = before + sign * size * steps[axis]
                    if axis >= 4 and abs(pose[axis]) > limit:
                        pose[axis] = before
                        continue
                    score = _objective(demo, live, pose, count, weights)
                    if score > best:
                        best, failed = score, 0
                        break
                    pose[axis] = before
        size *= 0.5
    return pose, best
