"""The scene seen from straight above: a grid over the support, in which objects do not occlude each other."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_common.jit import kernel

__all__ = ['TopView', 'close_groups', 'level_axes', 'look_down']


@dataclass(frozen=True, eq=False)
class TopView:
    """Where each point falls in the grid.

    Attributes:
        cell_m: Edge of a cell [m].
        index: (N,) flat index of the cell of each point.
        origin: (2,) coordinates of the corner of cell (0, 0) along `axes` [m].
        axes: (2, 3) level unit vectors along columns and rows, frame of the points.
        count: (rows, columns) points per cell.
    """

    cell_m: float
    index: np.ndarray
    origin: np.ndarray
    axes: np.ndarray
    count: np.ndarray

    def seen(self, mask: np.ndarray, depth_m: np.ndarray, K: np.ndarray) -> np.ndarray:
        """Cells (rows, columns) uint8, 1 where a pixel of a mask (H, W) is seen, looked at in every other one.

        Args:
            mask: (H/2, W/2) bool.
            depth_m: (H, W) [m].
            K: (3, 3) [pixel].
        """
        out = np.zeros(self.count.shape, np.uint8)
        # along each axis a pixel's coordinate is its depth times the coordinate of its ray
        rays = (self.axes @ np.linalg.inv(K)).astype(np.float32)
        _mark(mask, depth_m, rays, self.origin.astype(np.float32), np.float32(self.cell_m), out)
        return out


@kernel
def _mark(mask, depth, rays, origin, cell, out):
    """Set the cells of `out` in which pixels of a mask of every other row and column fall."""
    for v in range(mask.shape[0]):
        for u in range(mask.shape[1]):
            if not mask[v, u]:
                continue
            z = depth[2 * v, 2 * u]
            column = (z * (rays[0, 0] * 2 * u + rays[0, 1] * 2 * v + rays[0, 2]) - origin[0]) / cell
            row = (z * (rays[1, 0] * 2 * u + rays[1, 1] * 2 * v + rays[1, 2]) - origin[1]) / cell
            if 0 <= row < out.shape[0] and 0 <= column < out.shape[1]:
                out[int(row), int(column)] = 1


def level_axes(up: np.ndarray) -> np.ndarray:
    """Two level unit vectors (2, 3), at right angles to each other and to `up` (3,)."""
    side = np.array([1.0, 0.0, 0.0]) if abs(up[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    first = side - (side @ up) * up
    first /= np.linalg.norm(first)
    (x, y, z), (a, b, c) = up.tolist(), first.tolist()
    return np.array([[a, b, c], [y * c - z * b, z * a - x * c, x * b - y * a]])  # up, first and second: right-handed


def look_down(points: np.ndarray, up: np.ndarray, cell_m: float) -> TopView:
    """Return the grid under points (N, 3) float32, N > 0, with one cell of margin.

    Args:
        up: (3,) unit vector against gravity, frame of the points.
    """
    axes = level_axes(up)
    flat = points @ axes.T.astype(np.float32)
    low, high = _range(flat)
    origin = low - 1.5 * cell_m
    index, count = _count(flat, origin.astype(np.float32), high, np.float32(cell_m))
    return TopView(cell_m, index, origin, axes, count)


@kernel
def _range(flat):
    """Return the smallest and the largest (2,) of coordinates (n, 2)."""
    low, high = flat[0].copy(), flat[0].copy()
    for i in range(len(flat)):
        for k in range(2):
            low[k], high[k] = min(low[k], flat[i, k]), max(high[k], flat[i, k])
    return low, high


@kernel
def _count(flat, origin, last, cell):
    """Cell of each point (n, 2), and how many are in each; `last` is the largest of both coordinates."""
    columns, rows = int((last[0] - origin[0]) / cell) + 2, int((last[1] - origin[1]) / cell) + 2
    index, count = np.empty(len(flat), np.int64), np.zeros((rows, columns), np.int32)
    for i in range(len(flat)):  # several at once, which counting is not
        index[i] = int((flat[i, 1] - origin[1]) / cell) * columns + int((flat[i, 0] - origin[0]) / cell)
    counts = count.ravel()
    for i in index:
        counts[i] += 1
    return index, count


def close_groups(occupied: np.ndarray, gap_cells: int) -> tuple[int, np.ndarray]:
    """Label occupied cells (rows, columns); groups closer than `gap_cells` are one.

    Returns:
        Number of labels including 0, and labels (rows, columns) int32, 0 for empty cells.
    """
    grown = occupied.astype(np.uint8)
    if gap_cells > 0:
        grown = cv2.dilate(grown, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap_cells + 1, gap_cells + 1)))
    count, groups = cv2.connectedComponents(grown, connectivity=8)
    return count, np.where(occupied, groups, 0)
