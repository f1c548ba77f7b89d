"""The upright box around an object: yaw about gravity, bottom on its support."""

import cv2
import numpy as np

from mt3_common import se3

__all__ = ['upright_box']


def upright_box(points: np.ndarray, support_height_m: float, cell_m: float = 0.004) -> tuple[np.ndarray, np.ndarray]:
    """Return T_base_object (4, 4), the box's centre, and its size (3,) [m].

    The longer level edge is x, and the yaw lies in (-90, 90] degrees. Stray points (the only one in their
    4 mm cell, seen from above, or in the top half percent) are left out where enough others remain.

    Args:
        points: (N, 3) base frame, N > 0 [m].
        support_height_m: Base frame z [m]; NaN uses the lowest point.
    """
    points = np.asarray(points, dtype=np.float64)
    cells = np.floor((points[:, :2] - points[:, :2].min(axis=0)) / cell_m).astype(np.int64)
    flat = cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]
    crowded = np.bincount(flat)[flat] > 1
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
