"""Pixels that show something standing on the support."""

import cv2
import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.heights import Heights

__all__ = ['above_support', 'grow_weak', 'over_region']

_DIFFERENT = 4.5


def above_support(heights: Heights, config: SegmentationConfig) -> np.ndarray:
    """Return the pixels (H, W) bool that are certainly higher than the support."""
    limit = np.maximum(np.float32(config.noise_factor) * heights.sigma, np.float32(config.min_height_m))
    strong = (heights.height > limit).astype(np.uint8)
    return cv2.morphologyEx(strong, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def grow_weak(
    strong: np.ndarray, heights: Heights, region: np.ndarray, different: np.ndarray | None
) -> np.ndarray:
    """Return `strong` grown into pixels that are weakly higher, such as the foot of a wall.

    A weakly higher pixel (1.5 deviations) counts within a few pixels of a certain one, or at any distance
    along pixels whose colour also says that this is not the support.

    Args:
        different: (H, W) colour distance to the support; None without colour.
    """
    higher = heights.height > np.maximum(1.5 * heights.sigma, np.float32(0.002))
    near = cv2.dilate(strong.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    grown = strong | (near & higher & region)
    if different is None:
        return grown
    odd = ((different > _DIFFERENT) & higher & region) | grown
    odd = cv2.morphologyEx(odd.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) | grown
    # only what hangs together with something certain
    _, pieces = cv2.connectedComponents(odd.astype(np.uint8), connectivity=4)
    keep = np.zeros(pieces.max() + 1, bool)
    keep[np.unique(pieces[strong])] = True
    keep[0] = False
    return keep[pieces]


def over_region(
    pixels: tuple[np.ndarray, np.ndarray], points: np.ndarray, height: np.ndarray, up: np.ndarray,
    K: np.ndarray, region: np.ndarray,
) -> np.ndarray:
    """Return which points (N,) bool stand over the support: their foot, straight below, lies in its region.

    Args:
        pixels: (v, u) of the points.
        points: (N, 3) camera frame [m].
        height: (N,) above the support [m].
        up: (3,) against gravity, camera frame.
        region: (H, W) bool. Beyond the picture its border continues.
    """
    foot = points - height[:, None] * up.astype(np.float32)
    z = np.maximum(foot[:, 2], 1e-3)
    u = np.clip(foot[:, 0] / z * np.float32(K[0, 0]) + np.float32(K[0, 2]), 0, region.shape[1] - 1)
    v = np.clip(foot[:, 1] / z * np.float32(K[1, 1]) + np.float32(K[1, 2]), 0, region.shape[0] - 1)
    return region[v.astype(np.int32), u.astype(np.int32)]
