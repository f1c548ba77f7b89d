"""The upright box around an object: yaw about gravity, bottom on its support."""

import cv2
import numpy as np

from mt3_common import se3

__all__ = ['upright_box']

_MOST_CELLS = 1500


def upright_box(points: np.ndarray, support_height_m: float, cell_m: float = 0.004) -> tuple[np.ndarray, np.ndarray]:
    """Return T_base_object (4, 4), the box's centre, and its size (3,) [m].

    The longer level edge is x, and the yaw lies in (-90, 90] degrees. Stray points (seen from above the only one in
    their 4 mm cell, or a small group apart from the rest, as depth makes behind edges; or in the top half percent) are
    left out where enough others remain.

    Args:
        points: (N, 3) base frame, N > 0 [m].
        support_height_m: Base frame z [m]; NaN uses the lowest point.
    """
    points = np.asarray(points, dtype=np.float64)
    cells = np.floor((points[:, :2] - points[:, :2].min(axis=0)) / cell_m).astype(np.int64)
    flat = cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]
    crowded = (np.bincount(flat)[flat] > 1) & _in_body(cells)
    level = points[crowded, :2] if np.count_nonzero(crowded) > 0.5 * len(points) else points[:, :2]
    # pixels as a unit keep minAreaRect (single precision) away from rounding
    middle = level.mean(axis=0)
    (cx, cy), (width, depth), angle = cv2.minAreaRect(((level - middle) * 1e3).astype(np.float32))
    yaw = np.radians(angle)
    if depth > width:
        width, depth, yaw = depth, width, yaw + np.pi / 2
    yaw = (yaw + np.pi / 2) % np.pi - np.pi / 2
    yaw = np.pi / 2 if np.isclose(yaw, -np.pi / 2) else yaw
    top = float(np.percentile(points[:, 2], 99.5))
    bottom = support_height_m if np.isfinite(support_height_m) else float(points[:, 2].min())
    top = max(top, bottom + 1e-3)
    centre = [cx / 1e3 + middle[0], cy / 1e3 + middle[1], 0.5 * (top + bottom)]
    return se3.from_yaw(yaw, centre), np.array([max(width, 1.0) / 1e3, max(depth, 1.0) / 1e3, top - bottom])


def _in_body(cells: np.ndarray) -> np.ndarray:
    """Return which points (N,) belong to a group of at least 3 % of all; cells (N, 2) within 12 mm are one group."""
    if cells.max() > _MOST_CELLS:  # no object is so large; somebody else's label covers the room
        return np.ones(len(cells), bool)
    filled = np.zeros(cells.max(axis=0) + 5, np.uint8)
    at = cells[:, 0] + 2, cells[:, 1] + 2
    filled[at] = 1
    _, groups = cv2.connectedComponents(cv2.dilate(filled, np.ones((3, 3), np.uint8)))
    own = groups[at]
    return np.bincount(own)[own] >= max(3.0, 0.03 * len(own))
