"""Height of the surface that an object stands on, from the ring of background around its mask."""

import cv2
import numpy as np

__all__ = ['around', 'ring_heights', 'support_height']

_INNER_PX, _OUTER_PX = 4, 20
_BIN_M = 0.004


def around(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of the mask (H, W) and of the ring around it."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    return (
        slice(max(0, int(rows[0]) - _OUTER_PX - 1), min(mask.shape[0], int(rows[-1]) + _OUTER_PX + 2)),
        slice(max(0, int(columns[0]) - _OUTER_PX - 1), min(mask.shape[1], int(columns[-1]) + _OUTER_PX + 2)),
    )


def ring_heights(depth_m: np.ndarray, mask: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return the heights (N,) [m] of valid background pixels 4 to 20 pixels outside the mask."""
    inner = cv2.dilate(mask.astype(np.uint8), np.ones((2 * _INNER_PX + 1,) * 2, np.uint8))
    outer = cv2.dilate(mask.astype(np.uint8), np.ones((2 * _OUTER_PX + 1,) * 2, np.uint8))
    ring = (outer > inner) & np.isfinite(depth_m)
    return heights[ring]


def support_height(heights: np.ndarray) -> tuple[float, float]:
    """Return the height of the support and its spread [m]; NaN, infinity when it cannot be seen.

    The commonest height counts, not the median: a horizontal surface gathers its pixels in one bin,
    whereas walls and neighbours spread theirs.
    """
    if len(heights) < 30:
        return float('nan'), float('inf')
    bins = np.floor((heights - heights.min()) / _BIN_M).astype(np.int64)
    if bins.max() > 5000:
        bins = np.minimum(bins, 5000)
    counts = np.convolve(np.bincount(bins), np.ones(3), mode='same')
    centre = heights.min() + (np.argmax(counts) + 0.5) * _BIN_M
    near = heights[np.abs(heights - centre) < 2.0 * _BIN_M]
    height = float(np.median(near))
    spread = float(1.4826 * np.median(np.abs(heights - height)))
    return height, spread
