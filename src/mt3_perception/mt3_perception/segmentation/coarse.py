"""A small organised view of the depth image: smoothed inverse depth, points, and normals.

A plane N . X = 1 (camera frame) is linear in inverse depth: 1/z = N . ray. Stereo noise is constant
there too, so averaging and fitting in inverse depth is unbiased where depth is not.
"""

from dataclasses import dataclass

import numpy as np

from mt3_common.jit import kernel

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
    smooth, raw = _inverse_depth(depth_m, stride)
    rays = np.ones((*smooth.shape, 3), np.float32)
    rays[..., 0] = (np.arange(stride // 2, width, stride) - K[0, 2]) / K[0, 0]
    rays[..., 1] = ((np.arange(stride // 2, height, stride) - K[1, 2]) / K[1, 1])[:, None]
    return Coarse(stride, rays, smooth, raw, _normals(smooth, rays, K[0, 0], K[1, 1], stride))


@kernel
def _inverse_depth(depth, stride):
    """Mean inverse depth in the square around each sample (h, w), NaN where half of it is unknown; and that in it."""
    height, width = depth.shape
    rows, columns = (height - stride // 2 + stride - 1) // stride, (width - stride // 2 + stride - 1) // stride
    smooth, raw = np.full((rows, columns), np.float32(np.nan)), np.full((rows, columns), np.float32(np.nan))
    # with zeros beyond the picture on both sides, so that all squares are equally wide
    line, known = np.zeros(width + 2 * stride, np.float32), np.zeros(width + 2 * stride, np.int32)
    total, count = np.empty(columns, np.float32), np.empty(columns, np.int32)
    inverse, ready = np.empty((2 * stride + 1, width), np.float32), 0  # of the last rows: each is looked at twice
    for row in range(rows):
        v = row * stride + stride // 2
        top, bottom = max(v - stride, 0), min(v + stride + 1, height)
        line[:], known[:], total[:], count[:] = 0.0, 0, 0.0, 0
        for other in range(top, bottom):
            kept = inverse[other % (2 * stride + 1)]
            if other >= ready:
                for u in range(width):
                    z = depth[other, u]
                    kept[u] = np.float32(1.0) / z if z > 0.0 else np.float32(0.0)
                ready = other + 1
            for u in range(width):
                line[u + stride] += kept[u]
                known[u + stride] += kept[u] > 0.0
        for k in range(stride // 2, stride // 2 + 2 * stride + 1):
            for column in range(columns):
                total[column] += line[column * stride + k]
                count[column] += known[column * stride + k]
        for column in range(columns):
            u = column * stride + stride // 2
            left, right = max(u - stride, 0), min(u + stride + 1, width)
            if 2 * count[column] > (bottom - top) * (right - left):
                smooth[row, column] = total[column] / np.float32(count[column])
            if depth[v, u] > 0.0:
                raw[row, column] = np.float32(1.0) / depth[v, u]
    return smooth, raw


@kernel
def _normals(inverse, rays, fx, fy, stride):
    """Return normals (h, w, 3) from the gradient of inverse depth, which is constant on a plane; NaN at an edge."""
    rows, columns = inverse.shape
    normals = np.full((rows, columns, 3), np.float32(np.nan))
    for v in range(1, rows - 1):
        for u in range(1, columns - 1):  # without branches, so that several are looked at together
            here = inverse[v, u]
            left, right, above, below = inverse[v, u - 1], inverse[v, u + 1], inverse[v - 1, u], inverse[v + 1, u]
            bend = max(abs(left + right - 2 * here), abs(above + below - 2 * here))
            is_smooth = (abs(right - left) + abs(below - above) < np.inf) & (bend < 0.03 * max(here, 0.2))
            a, b = (right - left) / (2 * stride) * fx, (below - above) / (2 * stride) * fy
            c = here - a * rays[v, u, 0] - b * rays[v, u, 1]
            length = -np.sqrt(a * a + b * b + c * c) if is_smooth else np.nan
            normals[v, u, 0], normals[v, u, 1], normals[v, u, 2] = a / length, b / length, c / length
    return normals
