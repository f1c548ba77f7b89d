"""A small organised view of the depth image: smoothed inverse depth, points, and normals.

A plane N . X = 1 (camera frame) is linear in inverse depth: 1/z = N . ray. Stereo noise is constant
there too, so averaging and fitting in inverse depth is unbiased where depth is not.
"""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['Coarse', 'coarsen']

_COLUMNS = 160


@dataclass(frozen=True, eq=False)
class Coarse:
    """About 160 x 120 samples of the scene, camera frame.

    Attributes:
        stride: Distance of the samples [pixel].
        rays: (h, w, 3) with z = 1.
        inverse: (h, w) smoothed inverse depth, NaN unknown [1/m].
        raw_inverse: (h, w) that of the single pixel in the middle, NaN unknown [1/m].
        normals: (h, w, 3) towards the camera, NaN where the surface bends or ends.
    """

    stride: int
    rays: np.ndarray
    inverse: np.ndarray
    raw_inverse: np.ndarray
    normals: np.ndarray


def coarsen(depth_m: np.ndarray, K: np.ndarray) -> Coarse:
    """Return the coarse view of depth (H, W) [m] with NaN for unknown."""
    height, width = depth_m.shape
    stride = max(1, round(width / _COLUMNS))
    valid = np.isfinite(depth_m)
    inverse = np.divide(1.0, depth_m, out=np.zeros(depth_m.shape, np.float32), where=valid)
    box = (2 * stride + 1, 2 * stride + 1)
    total = cv2.boxFilter(inverse, -1, box, normalize=False)
    count = cv2.boxFilter(valid.astype(np.float32), -1, box, normalize=False)
    start = stride // 2
    pick = np.s_[start::stride, start::stride]
    total, count, raw, known = total[pick], count[pick], inverse[pick], valid[pick]
    enough = count > 0.5 * box[0] * box[1]
    smooth = np.where(enough, total / np.maximum(count, 1.0), np.nan).astype(np.float32)
    v, u = np.mgrid[start:height:stride, start:width:stride].astype(np.float32)
    x, y = u - np.float32(K[0, 2]), v - np.float32(K[1, 2])
    rays = np.dstack([x / np.float32(K[0, 0]), y / np.float32(K[1, 1]), np.ones_like(x)])
    return Coarse(stride, rays, smooth, np.where(known, raw, np.nan), _normals(smooth, x, y, K, stride))


def _normals(inverse: np.ndarray, x: np.ndarray, y: np.ndarray, K: np.ndarray, stride: int) -> np.ndarray:
    """Return normals (h, w, 3) from the gradient of inverse depth, which is constant on a plane."""
    a, b, bend = (np.full_like(inverse, np.nan) for _ in range(3))
    a[:, 1:-1] = (inverse[:, 2:] - inverse[:, :-2]) / (2 * stride)
    b[1:-1] = (inverse[2:] - inverse[:-2]) / (2 * stride)
    bend[1:-1, 1:-1] = np.maximum(
        np.abs(inverse[1:-1, 2:] + inverse[1:-1, :-2] - 2 * inverse[1:-1, 1:-1]),
        np.abs(inverse[2:, 1:-1] + inverse[:-2, 1:-1] - 2 * inverse[1:-1, 1:-1]),
    )
    N = np.dstack([a * np.float32(K[0, 0]), b * np.float32(K[1, 1]), inverse - a * x - b * y])
    N[~(bend < 0.03 * np.maximum(inverse, 0.2))] = np.nan  # an edge, not a surface
    return -N / np.linalg.norm(N, axis=2, keepdims=True)
