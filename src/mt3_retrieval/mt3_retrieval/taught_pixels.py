"""What each pixel of a scene shows, by what the demonstration saw there: the taught object, what stood around it, else.

The pixels are carried back into the taught view by the alignment.
"""

from typing import NamedTuple

import cv2
import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject, project
from mt3_common.jit import kernel
from mt3_common.scene import Scene
from mt3_retrieval.alignment import Alignment, View
from mt3_retrieval.alignment.lookup import free_margin, nearest_point

__all__ = ['AROUND', 'BEYOND', 'OPEN', 'UPON', 'Box', 'classified', 'points_of', 'window']

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


class Box(NamedTuple):
    """The smallest upright box around a taught surface, in the frame of its view [m, rad]."""

    x: float
    y: float
    length: float
    width: float
    angle: float
    top: float

    @classmethod
    def around(cls, demo_view: View) -> 'Box':
        """Return the box of a taught object."""
        surface = demo_view.shape.points
        (x, y), (length, width), angle = cv2.minAreaRect(surface[:, :2].astype(np.float32))
        return cls(x, y, length, width, np.radians(angle), float(surface[:, 2].max()))

    def outside(self, points: np.ndarray) -> np.ndarray:
        """Return how far points (N, 3) lie outside of the box [m], 0 within it."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        u = c * (points[:, 0] - self.x) + s * (points[:, 1] - self.y)
        v = -s * (points[:, 0] - self.x) + c * (points[:, 1] - self.y)
        beside = np.maximum(np.abs(u) - 0.5 * self.length, np.abs(v) - 0.5 * self.width)
        return np.maximum(np.maximum(beside, points[:, 2] - self.top), 0.0)


def points_of(scene: Scene, rows: slice, columns: slice, stride: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return of every `stride`-th pixel in a window whether its depth is known (H, W), and the points (N, 3) [m]."""
    K = scene.K - np.array([[0.0, 0.0, columns.start], [0.0, 0.0, rows.start], [0.0, 0.0, 0.0]])
    depth = scene.depth_m[rows, columns][::stride, ::stride]
    valid = np.isfinite(depth)
    points = backproject(depth, np.diag([1.0 / stride, 1.0 / stride, 1.0]) @ K, valid)
    return valid, se3.transform_points(scene.T_base_camera, points)


def classified(
    points: np.ndarray, demo_view: View, box: Box, alignment: Alignment, within_m: float = np.inf
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of points (N, 3) of the scene, base frame [m]: their kind, whether they are above the support, and how far
    they are outside of the taught object's box [m]; farther outside than `within_m` nothing is said but that.
    """
    # back into the frame of the taught view; the inverse of `alignment.transfer`
    shrink = np.linalg.inv(alignment.stretch)
    shrunk = se3.make(shrink, alignment.anchor - shrink @ alignment.anchor)
    T_view_live = se3.inverse(demo_view.T_base_view) @ shrunk @ se3.inverse(alignment.T_live_demo)
    taught = se3.transform_points(T_view_live, points)
    outside = box.outside(taught)
    kind = np.full(len(points), OPEN, np.uint8)
    near = slice(None) if np.isinf(within_m) else outside <= within_m
    kind[near] = _classify(demo_view.shape, taught[near], _UPON_M**2, _SURROUNDINGS_M**2, _SAME_DEPTH_M)
    kind[(outside > _BEYOND_M) & (kind == OPEN)] = BEYOND
    return kind, taught[:, 2] > _ABOVE_SUPPORT_M, outside


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
