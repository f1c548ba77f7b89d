"""Pinhole cameras: intrinsics K (3, 3) in pixels, optical frame x right, y down, z forward."""

import numpy as np

from mt3_common.errors import InvalidInput

__all__ = ['backproject', 'check_depth', 'check_intrinsics', 'project']

_LOOKED_AT = 20_000  # pixels are enough to tell millimetres from metres


def check_intrinsics(K: np.ndarray) -> np.ndarray:
    """Return K (3, 3) as float64 after checking it.

    Raises:
        InvalidInput: Not a pinhole matrix with positive focal lengths.
    """
    K = np.array(K, dtype=np.float64)
    if K.shape != (3, 3) or not np.isfinite(K).all() or K[0, 0] <= 0.0 or K[1, 1] <= 0.0 or K[2, 2] != 1.0:
        raise InvalidInput(f'K must be a pinhole matrix [[fx, 0, cx], [0, fy, cy], [0, 0, 1]]: got {K.tolist()}')
    return K


def check_depth(depth_m: np.ndarray) -> np.ndarray:
    """Return depth (H, W) as float32 metres with NaN wherever there is no reading (zero, negative, infinite).

    Raises:
        InvalidInput: Not a two-dimensional float array, or its values look like millimetres.
    """
    depth_m = np.asarray(depth_m)
    if depth_m.ndim != 2 or not np.issubdtype(depth_m.dtype, np.floating):
        raise InvalidInput(
            f'depth must be (H, W) float metres: got {depth_m.shape} {depth_m.dtype}; divide 16UC1 by 1000 first'
        )
    depth = depth_m.astype(np.float32)
    depth[~((depth > 0.0) & (depth < np.inf))] = np.nan
    some = depth.ravel()[:: 1 + depth.size // _LOOKED_AT]
    valid = some[np.isfinite(some)]
    if valid.size and np.median(valid) > 100.0:
        raise InvalidInput(f'depth has a median of {np.median(valid):.0f} m: millimetres given as metres?')
    return depth


def backproject(depth_m: np.ndarray, K: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Return the points (N, 3) [m] in the camera frame of all valid pixels, or of those in `mask`, row by row."""
    valid = np.isfinite(depth_m) & (depth_m > 0.0)
    if mask is not None:
        valid &= mask
    v, u = np.nonzero(valid)
    z = depth_m[v, u].astype(np.float64)
    return np.stack([(u - K[0, 2]) * z / K[0, 0], (v - K[1, 2]) * z / K[1, 1], z], axis=1)


def project(points_camera: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Return the pixels (N, 2) (u, v) of points (N, 3) in the camera frame; NaN for points behind it."""
    points_camera = np.asarray(points_camera, dtype=np.float64)
    z = np.where(points_camera[:, 2] > 0.0, points_camera[:, 2], np.nan)
    return np.stack([K[0, 0] * points_camera[:, 0] / z + K[0, 2], K[1, 1] * points_camera[:, 1] / z + K[1, 2]], axis=1)
