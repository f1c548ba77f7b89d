"""Alignment as the reference code does it: restarts of GICP on two clouds for three seconds, the best of them kept.

Needs the optional package small_gicp. A start is a yaw near a hint, centroid on centroid; the lowest mean squared
distance of a result with enough inliers wins.
"""

import importlib.util
import time

import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject
from mt3_common.demonstration import Demonstration

__all__ = ['demo_cloud', 'installed', 'restarts']

_SECONDS, _SPREAD = 3.0, np.radians(10.0)
_VOXEL, _NEAR = 0.002, 0.02  # [m]
_LEAST_SHARE = 0.3  # of the points that must be inliers


def installed() -> bool:
    """Return whether the package is there."""
    return importlib.util.find_spec('small_gicp') is not None


def demo_cloud(demo: Demonstration) -> np.ndarray:
    """Return the points (N, 3) of the taught object, base frame [m]."""
    return se3.transform_points(demo.T_base_camera, backproject(demo.depth_m, demo.K, demo.mask))


def restarts(
    demo: np.ndarray, live: np.ndarray, yaw: float, rng: np.random.Generator, seconds: float = _SECONDS
) -> np.ndarray:
    """Return T_live_demo (4, 4) [m].

    Args:
        demo: (N, 3) points of the taught object, base frame [m].
        live: (M, 3) points of the object now, base frame [m].
        yaw: About which the starts spread [rad].
        rng: Of the starts.
        seconds: How long.
    """
    import small_gicp

    target, tree = small_gicp.preprocess_points(live, downsampling_resolution=_VOXEL, num_threads=1)
    source, _ = small_gicp.preprocess_points(demo, downsampling_resolution=_VOXEL, num_threads=1)
    least = _LEAST_SHARE * source.size()
    best, lowest, end = None, np.inf, time.perf_counter() + seconds
    while best is None or time.perf_counter() < end:
        start = se3.from_yaw(yaw + rng.normal(0.0, _SPREAD))
        start[:3, 3] = live.mean(axis=0) - start[:3, :3] @ demo.mean(axis=0)
        result = small_gicp.align(target, source, tree, start, max_correspondence_distance=_NEAR, num_threads=1)
        error = result.error / result.num_inliers if result.num_inliers > least else np.inf
        if best is None or error < lowest:
            best, lowest = np.array(result.T_target_source), error
    return best
