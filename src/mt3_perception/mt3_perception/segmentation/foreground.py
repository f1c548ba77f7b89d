"""Pixels that show something standing on the support."""

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.heights import Heights
from mt3_perception.segmentation.regions import reach_from

__all__ = ['above_support', 'cut_jumps']

_DIFFERENT = 4.5


def above_support(heights: Heights, region: np.ndarray, different: np.ndarray | None) -> np.ndarray:
    """Return the pixels (H, W) bool that are higher than the support, weak ones such as the foot of a wall included.

    A weakly higher pixel (1.5 deviations) counts within a few pixels of a certain one, or at any distance
    along pixels whose colour also says that this is not the support.

    Args:
        heights: Above the support.
        region: (H, W) uint8, 1 on the support and what stands on it.
        different: (H, W) colour distance to the support; None without colour.
    """
    square = np.ones((3, 3), np.uint8)
    strong = cv2.morphologyEx(heights.higher >> 1, cv2.MORPH_OPEN, square)
    weak = cv2.min(heights.higher, region)
    grown = strong | (cv2.dilate(strong, np.ones((5, 5), np.uint8)) & weak)
    if different is None:
        return grown > 0
    odd = cv2.morphologyEx(_add_odd(grown, weak, different), cv2.MORPH_OPEN, square) | grown
    return reach_from(strong, odd)  # only what hangs together with something certain


@kernel
def _add_odd(grown, weak, different):
    """Return pixels (H, W) uint8 with those that are weakly higher and look unlike the support."""
    out = np.empty_like(grown)
    for v in range(grown.shape[0]):
        for u in range(grown.shape[1]):
            out[v, u] = grown[v, u] | (weak[v, u] & np.uint8(different[v, u] > _DIFFERENT))
    return out


@kernel
def cut_jumps(depth, foreground, jump):
    """Return the foreground without pixels behind a depth step: half of those are mixtures of two surfaces.

    Args:
        depth: (H, W) float32 [m].
        foreground: (H, W) bool.
        jump: Step that is never inside one surface, as a share of the depth.
    """
    height, width = depth.shape
    far = np.float32(np.inf)
    filled, column = np.full((height + 2, width), far, np.float32), np.full(width + 2, far, np.float32)
    for v in range(height):
        for u in range(width):
            filled[v + 1, u] = depth[v, u] if foreground[v, u] else far
    out = np.empty((height, width), np.bool_)
    for v in range(height):
        for u in range(width):  # nearest of three rows, then of three columns
            column[u + 1] = min(min(filled[v, u], filled[v + 1, u]), filled[v + 2, u])
        for u in range(width):
            nearest = min(min(column[u], column[u + 1]), column[u + 2])
            out[v, u] = foreground[v, u] and depth[v, u] - nearest < jump * nearest
    return out
