"""The scene seen from straight above: a grid over the support, in which objects do not occlude each other."""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['TopView', 'look_down']


@dataclass(frozen=True, eq=False)
class TopView:
    """Where each point falls in the grid.

    Attributes:
        cell_m: Edge of a cell [m].
        row, column: (N,) int32 cell of each point.
        shape: (rows, columns) of the grid.
        origin: (2,) coordinates of the corner of cell (0, 0) along `axes` [m].
        axes: (2, 3) level unit vectors along columns and rows, frame of the points.
        count: (rows, columns) points per cell.
    """

    cell_m: float
    row: np.ndarray
    column: np.ndarray
    shape: tuple[int, int]
    origin: np.ndarray
    axes: np.ndarray
    count: np.ndarray

    @property
    def index(self) -> np.ndarray:
        """Flat cell index (N,) of each point."""
        return self.row * self.shape[1] + self.column

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Cells (rows, columns) bool in which at least one of other points (M, 3) falls."""
        cells = np.floor((points @ self.axes.T.astype(np.float32) - self.origin) / np.float32(self.cell_m))
        column, row = cells[:, 0], cells[:, 1]
        inside = (row >= 0) & (column >= 0) & (row < self.shape[0]) & (column < self.shape[1])
        flat = (row[inside] * self.shape[1] + column[inside]).astype(np.int64)
        return np.bincount(flat, minlength=self.shape[0] * self.shape[1]).reshape(self.shape) > 0


def look_down(points: np.ndarray, up: np.ndarray, cell_m: float) -> TopView:
    """Return the grid under points (N, 3), N > 0, with one cell of margin.

    Args:
        up: (3,) unit vector against gravity, frame of the points.
    """
    side = np.array([1.0, 0.0, 0.0]) if abs(up[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    first = side - (side @ up) * up
    first /= np.linalg.norm(first)
    axes = np.stack([first, np.cross(up, first)])
    flat = points @ axes.T.astype(np.float32)
    origin = flat.min(axis=0) - 1.5 * cell_m
    cells = np.floor((flat - origin) / np.float32(cell_m)).astype(np.int32)
    column, row = cells[:, 0], cells[:, 1]
    shape = (int(row.max()) + 2, int(column.max()) + 2)
    count = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)
    return TopView(cell_m, row, column, shape, origin, axes, count)


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
