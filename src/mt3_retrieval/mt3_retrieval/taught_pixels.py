"""What each pixel of a scene shows, by what the demonstration saw there: the taught object, what stood around it, else.

The pixels are carried back into the taught view by the alignment.
"""

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject, project
from mt3_common.jit import kernel
from mt3_common.scene import Scene
from mt3_retrieval.alignment import Alignment, View
from mt3_retrieval.alignment.lookup import free_margin, nearest_point

__all__ = ['AROUND', 'BEYOND', 'OPEN', 'UPON', 'classified', 'window']

_UPON_M = 0.008  # a point so near to the taught surface is the object
_SURROUNDINGS_M = 0.012  # a point so far from it, and
_SAME_DEPTH_M = 0.008  # so near to the depth that was seen behind it, is what stood around it
_BEYOND_M = 0.02  # outside of the taught object's box by more is something else: its hidden side is not that thick
_ABOVE_SUPPORT_M = 0.006
_PAD = 40  # around where the taught object is: pieces of it, and what stood beside it [pixel]

OPEN, UPON, AROUND, BEYOND = range(4)
"""Nothing is known of it; the taught object's surface; what stood around; outside of the taught object's box."""


def window(scene: Scene, segment: np.ndarray, demo_view: View, alignment: Alignment) -> tuple[slice, slice]:
    """Return rows and columns that hold the segment and the taught object where it stands now."""
    points = alignment.transfer(demo_view.points_base())
    pixels = project(se3.transform_points(se3.inverse(scene.T_base_camera), points), scene.K)
    rows, columns = np.flatnonzero(segment.any(axis=1)), np.flatnonzero(segment.any(axis=0))
    ends = []
    for seen, taught in ((rows, pixels[:, 1]), (columns, pixels[:, 0])):
        low, high = min(seen[0], np.nanmin(taught)), max(seen[-1], np.nanmax(taught))
        ends.append(slice(max(0, int(low) - _PAD), max(0, int(high)) + _PAD + 1))
    return ends[0], ends[1]


def classified(
    scene: Scene, rows: slice, columns: slice, demo_view: View, alignment: Alignment, stride: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of every `stride`-th pixel in a window: its kind, whether it is above the support, and how far outside.

    The last is the distance [m] from the upright box around the taught object, 0 within it and where nothing is known.
    """
    K = scene.K - np.array([[0.0, 0.0, columns.start], [0.0, 0.0, rows.start], [0.0, 0.0, 0.0]])
    depth = scene.depth_m[rows, columns][::stride, ::stride]
    K = np.diag([1.0 / stride, 1.0 / stride, 1.0]) @ K
    valid = np.isfinite(depth)
    points = se3.transform_points(scene.T_base_camera, backproject(depth, K, valid))
    # back into the frame of the taught view; the inverse of `alignment.transfer`
    taught = se3.transform_points(se3.inverse(alignment.T_live_demo), points)
    taught = alignment.anchor + (taught - alignment.anchor) @ np.linalg.inv(alignment.stretch).T
    taught = se3.transform_points(se3.inverse(demo_view.T_base_view), taught)
    kind, high = np.full(depth.shape, OPEN, np.uint8), np.zeros(depth.shape, bool)
    kind[valid] = _classify(demo_view.shape, taught, _UPON_M**2, _SURROUNDINGS_M**2, _SAME_DEPTH_M)
    outside = np.zeros(depth.shape)
    outside[valid] = np.maximum(_outside(demo_view.shape.points, taught), 0.0)
    kind[(outside > _BEYOND_M) & (kind == OPEN)] = BEYOND
    high[valid] = taught[:, 2] > _ABOVE_SUPPORT_M
    return kind, high, outside


def _outside(surface: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return how far points (N, 3) lie outside of the smallest upright box around a surface (M, 3) [m]."""
    (x, y), (length, width), angle = cv2.minAreaRect(surface[:, :2].astype(np.float32))
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    u = c * (points[:, 0] - x) + s * (points[:, 1] - y)
    v = -s * (points[:, 0] - x) + c * (points[:, 1] - y)
    above = points[:, 2] - surface[:, 2].max()
    return np.maximum(np.maximum(np.abs(u) - 0.5 * length, np.abs(v) - 0.5 * width), above)


@kernel
def _classify(shape, points, upon2, around2, same_depth):
    """Return of each point (N, 3) in the taught view's frame: upon the object, on what was around it, or neither."""
    found = np.zeros(len(points), np.uint8)
    for i in range(len(points)):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        _, distance2 = nearest_point(shape, x, y, z)
        if distance2 <= upon2:
            found[i] = UPON
        elif distance2 > around2 and abs(free_margin(shape, x, y, z)) < same_depth:
            found[i] = AROUND
    return found
