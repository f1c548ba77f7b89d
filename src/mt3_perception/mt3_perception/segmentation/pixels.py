"""Foreground pixels as a list: where they are, and where they are in space."""

from dataclasses import dataclass

import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.config import SegmentationConfig

__all__ = ['Pixels', 'backproject_pixels', 'in_workspace', 'list_pixels']


@dataclass(frozen=True, eq=False)
class Pixels:
    """n pixels with a depth reading.

    Attributes:
        flat: (n,) index into the flattened image.
        points: (n, 3) float32, camera frame [m].
        height: (n,) above the support [m].
        place: (n,) uint8, 2 over the support, 1 near it, 0 elsewhere.
        box: First and last + 1 row, first and last + 1 column around them.
    """

    flat: np.ndarray
    points: np.ndarray
    height: np.ndarray
    place: np.ndarray
    box: tuple[int, int, int, int]

    @property
    def slices(self) -> tuple[slice, slice]:
        """The box around them in the picture."""
        return np.s_[self.box[0] : self.box[1], self.box[2] : self.box[3]]

    def draw(self, values: np.ndarray, width: int) -> np.ndarray:
        """Return an image (h, w) of values (n,), 0 elsewhere, of the box in an image so wide."""
        top, bottom, left, right = self.box
        out = np.zeros((bottom - top, right - left), values.dtype)
        _draw(out, self.flat, values, width, top, left)
        return out


def list_pixels(
    flat: np.ndarray,
    depth: np.ndarray,
    height: np.ndarray,
    K: np.ndarray,
    up: np.ndarray,
    region: np.ndarray,
    near: np.ndarray,
) -> Pixels:
    """Return those of some pixels that stand over or near the support.

    A pixel stands over the support if its foot, straight below it, lies in the region of the support.

    Args:
        flat: (n,) index into the flattened image, ascending.
        depth: (H, W) [m].
        height: (H, W) above the support [m].
        K: (3, 3) [pixel].
        up: (3,) against gravity, camera frame.
        region: (H, W) uint8, 1 in the support's region. Beyond the picture its border continues.
        near: (h, w) uint8, the same picture with fewer pixels, 1 in and near the support's region.
    """
    return Pixels(*_list_pixels(flat, depth, height, K.astype(np.float32), up.astype(np.float32), region, near))


@kernel
def _list_pixels(all_flat, depth, height, K, up, region, near):
    """Index, point, height and place of each of some pixels (n,) with a place, and the box around these."""
    rows, columns = depth.shape
    count = len(all_flat)
    line, column = np.empty(count, np.int64), np.empty(count, np.int64)
    z, h = np.empty(count, np.float32), np.empty(count, np.float32)
    v, start = 0, 0
    for i in range(count):
        while all_flat[i] >= start + columns:
            v, start = v + 1, start + columns
        line[i], column[i] = v, all_flat[i] - start
        z[i], h[i] = depth[v, column[i]], height[v, column[i]]
    points = np.empty((count, 3), np.float32)
    foot_line, foot_column = np.empty(count, np.int64), np.empty(count, np.int64)
    for i in range(count):  # without branches, so that several are looked at together
        x, y = (column[i] - K[0, 2]) * z[i] / K[0, 0], (line[i] - K[1, 2]) * z[i] / K[1, 1]
        foot_z = max(z[i] - h[i] * up[2], np.float32(1e-3))
        foot_u = (x - h[i] * up[0]) / foot_z * K[0, 0] + K[0, 2]
        foot_v = (y - h[i] * up[1]) / foot_z * K[1, 1] + K[1, 2]
        foot_line[i], foot_column[i] = int(min(max(foot_v, 0.0), rows - 1.0)), int(min(max(foot_u, 0.0), columns - 1.0))
        points[i, 0], points[i, 1], points[i, 2] = x, y, z[i]
    flat, place = np.empty(count, np.int64), np.empty(count, np.uint8)
    n, left, right = 0, columns, 0
    for i in range(count):
        row, u = foot_line[i], foot_column[i]
        there = near[row * near.shape[0] // rows, u * near.shape[1] // columns] + region[row, u]
        if there:
            flat[n], h[n], place[n] = all_flat[i], h[i], there
            points[n, 0], points[n, 1], points[n, 2] = points[i, 0], points[i, 1], points[i, 2]
            left, right = min(left, column[i]), max(right, column[i] + 1)
            n += 1
    box = (flat[0] // columns, flat[n - 1] // columns + 1, left, right) if n else (0, 0, 0, 0)
    return flat[:n], points[:n], h[:n], place[:n], box


@kernel
def _draw(out, flat, values, width, top, left):
    """Write values (n,) into a crop from a corner on, at pixels given by their index (n,), ascending."""
    row, start = 0, top * width + left
    for i in range(len(flat)):
        while flat[i] >= start + width - left:
            row, start = row + 1, start + width
        out[row, flat[i] - start] = values[i]


def backproject_pixels(u: np.ndarray, v: np.ndarray, z: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Points (n, 3) float32 of pixels at depth z (n,) [m], camera frame."""
    points = np.empty((len(z), 3), np.float32)
    points[:, 0] = (u - K[0, 2]).astype(np.float32) * z * np.float32(1.0 / K[0, 0])
    points[:, 1] = (v - K[1, 2]).astype(np.float32) * z * np.float32(1.0 / K[1, 1])
    points[:, 2] = z
    return points


def in_workspace(points: np.ndarray, T_base_camera: np.ndarray | None, config: SegmentationConfig) -> np.ndarray:
    """Which points (n, 3) float32, camera frame, lie in the workspace; all of them without a base frame."""
    if T_base_camera is None:
        return np.ones(len(points), bool)
    low, high = np.float32(config.workspace_min_m), np.float32(config.workspace_max_m)
    return _in_box(points, T_base_camera.astype(np.float32), low, high)


@kernel
def _in_box(points, T, low, high):
    """Which points (n, 3) lie between two corners (3,), moved by T (4, 4)."""
    inside = np.ones(len(points), np.bool_)
    for i in range(len(points)):
        for k in range(3):
            value = T[k, 0] * points[i, 0] + T[k, 1] * points[i, 1] + T[k, 2] * points[i, 2] + T[k, 3]
            inside[i] &= low[k] <= value <= high[k]
    return inside
