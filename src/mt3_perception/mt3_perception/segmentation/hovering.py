"""Things in the air: a hand, a held object. They are not objects on the table."""

import cv2
import numpy as np

from mt3_perception.segmentation.result import Dropped

__all__ = ['free_below', 'remove_hovering']

_SAMPLES = 120
_MARGIN_M = 0.03


def free_below(
    points: np.ndarray,
    height: np.ndarray,
    up: np.ndarray,
    depth_m: np.ndarray,
    K: np.ndarray,
    margin_m: float = _MARGIN_M,
) -> float:
    """Return the share of the space straight below points that the camera sees through.

    Where the line from a point down to the support is hidden (by the thing itself, or by another in
    front of it) nothing is known; only what is seen counts.

    Args:
        points: (N, 3) camera frame [m].
        height: (N,) above the support [m].
        up: (3,) against gravity, camera frame.
        depth_m: (H, W) [m].
        margin_m: What is seen has to be so far behind.

    Returns:
        In [0, 1]; 0 when next to nothing below is seen.
    """
    step = max(1, len(points) // _SAMPLES)
    points, height = points[::step], height[::step]
    below = np.concatenate([points - (share * height)[:, None] * up for share in (0.25, 0.5, 0.75)])
    u = np.round(below[:, 0] / below[:, 2] * K[0, 0] + K[0, 2]).astype(int)
    v = np.round(below[:, 1] / below[:, 2] * K[1, 1] + K[1, 2]).astype(int)
    inside = (u >= 0) & (v >= 0) & (u < depth_m.shape[1]) & (v < depth_m.shape[0])
    seen = depth_m[v[inside], u[inside]] - below[inside, 2]
    seen = seen[np.isfinite(seen)]
    return float(np.mean(seen > margin_m)) if seen.size >= 0.3 * len(below) else 0.0


def remove_hovering(
    pieces_mask: np.ndarray,
    depth_m: np.ndarray,
    height: np.ndarray,
    K: np.ndarray,
    up: np.ndarray,
    hover_m: float,
    min_pixels: int,
) -> tuple[np.ndarray, list[Dropped]]:
    """Find connected pieces of a mask (H, W) that hang in the air.

    Returns:
        Mask (H, W) bool of the hanging pieces, and what was found.
    """
    count, pieces, stats, middle = cv2.connectedComponentsWithStats(pieces_mask.astype(np.uint8), connectivity=4)
    hanging, found = np.zeros(pieces_mask.shape, bool), []
    for piece in range(1, count):
        left, top, width, tall, area = stats[piece]
        if area < min_pixels:
            continue
        box = np.s_[top : top + tall, left : left + width]
        own = pieces[box] == piece
        own_height = height[box][own]
        low = float(np.percentile(own_height, 3))
        if low < hover_m:
            continue
        v, u = np.nonzero(own)
        z = depth_m[box][own]
        points = np.stack([(u + left - K[0, 2]) * z / K[0, 0], (v + top - K[1, 2]) * z / K[1, 1], z], axis=1)
        lower = own_height <= np.percentile(own_height, 30)
        if free_below(points[lower], own_height[lower], up, depth_m, K) > 0.7:
            hanging[box] |= own
            reason = f'its underside hangs {100 * low:.0f} cm above the support: held, or a hand'
            found.append(Dropped((int(middle[piece][0]), int(middle[piece][1])), int(area), reason))
    return hanging, found
