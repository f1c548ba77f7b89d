"""Pixels that show something standing on the support."""

import cv2
import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.heights import Heights

__all__ = ['above_support', 'grow_weak']

_DIFFERENT = 4.5


def above_support(heights: Heights, config: SegmentationConfig) -> np.ndarray:
    """Return the pixels (H, W) bool that are certainly higher than the support."""
    limit = np.maximum(np.float32(config.noise_factor) * heights.sigma, np.float32(config.min_height_m))
    strong = (heights.height > limit).astype(np.uint8)
    return cv2.morphologyEx(strong, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def grow_weak(strong: np.ndarray, heights: Heights, region: np.ndarray, different: np.ndarray | None) -> np.ndarray:
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
    keep = np.bincount(pieces[strong], minlength=pieces.max() + 1) > 0
    keep[0] = False
    return keep[pieces]
