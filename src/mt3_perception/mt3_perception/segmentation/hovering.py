"""Things in the air: a hand, a held object. They are not objects on the table."""

import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.pixels import backproject_pixels
from mt3_perception.segmentation.quantiles import quantiles, sample
from mt3_perception.segmentation.regions import find_pieces
from mt3_perception.segmentation.result import Dropped

__all__ = ['SAMPLES', 'free_below', 'remove_hovering']

SAMPLES = 120  # points below which is looked
_MARGIN_M = 0.03
_STRAY = 0.03  # share of readings that may be lower than what they show


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
    looked, seen, free = _look_below(sample(points, SAMPLES), sample(height, SAMPLES), up, depth_m, K, margin_m)
    return free / seen if seen and seen >= 0.3 * looked else 0.0


@kernel
def _look_below(points, height, up, depth, K, margin):
    """Return at how many places below points (N, 3) was looked, how many are seen, and through how many."""
    seen, free = 0, 0
    for i in range(len(points)):
        for share in (0.25, 0.5, 0.75):
            down = share * height[i]
            x, y, z = points[i, 0] - down * up[0], points[i, 1] - down * up[1], points[i, 2] - down * up[2]
            u, v = int(np.rint(x / z * K[0, 0] + K[0, 2])), int(np.rint(y / z * K[1, 1] + K[1, 2]))
            if 0 <= u < depth.shape[1] and 0 <= v < depth.shape[0] and depth[v, u] < np.inf:
                seen += 1
                free += depth[v, u] - z > margin
    return 3 * len(points), seen, free


def remove_hovering(
    flat: np.ndarray,
    depth_m: np.ndarray,
    height: np.ndarray,
    K: np.ndarray,
    up: np.ndarray,
    hover_m: float,
    min_pixels: int,
) -> tuple[np.ndarray, list[Dropped]]:
    """Leave out connected pieces of some pixels that hang in the air.

    Args:
        flat: (n,) their index into the flattened picture, ascending.
        depth_m: (H, W) [m].
        height: (H, W) above the support [m].

    Returns:
        The index (m,) of those that are left, and what was found.
    """
    if not len(flat):
        return flat, []
    found, left = [], np.ones(len(flat), bool)
    width, z, high = depth_m.shape[1], depth_m.ravel()[flat], height.ravel()[flat]
    piece_of = find_pieces(flat, left, width, 0)
    area, low_pixels = _count(piece_of, high, np.float32(hover_m))
    for piece in np.flatnonzero((area >= min_pixels) & (low_pixels <= _STRAY * area)):
        own = np.flatnonzero(piece_of == piece)
        v, u = np.divmod(flat[own], width)
        low, third = quantiles(high[own], _STRAY, 0.3)
        points = backproject_pixels(u, v, z[own], K)
        lower = high[own] <= third
        if free_below(points[lower], high[own][lower], up, depth_m, K) > 0.7:
            left[own] = False
            reason = f'its underside hangs {100 * low:.0f} cm above the support: held, or a hand'
            found.append(Dropped((int(u.mean()), int(v.mean())), len(v), reason))
    return flat[left], found


@kernel
def _count(piece_of, height, limit):
    """Return how many pixels each piece has, and how many of them are lower than a limit, from what each (n,) is of."""
    area, low = np.zeros(piece_of.max() + 1, np.int64), np.zeros(piece_of.max() + 1, np.int64)
    for i in range(len(piece_of)):
        area[piece_of[i]] += 1
        low[piece_of[i]] += height[i] < limit
    return area, low
