"""Foreground pixels as a list: where they are, and where they are in space."""

from dataclasses import dataclass

import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig

__all__ = ['Pixels', 'backproject_pixels', 'bare_points', 'in_workspace', 'list_pixels', 'sample']


@dataclass(frozen=True, eq=False)
class Pixels:
    """n pixels with a depth reading.

    Attributes:
        flat: (n,) index into the flattened image.
        points: (n, 3) float32, camera frame [m].
        height: (n,) above the support [m].
        place: (n,) uint8, 2 over the support, 1 near it, 0 elsewhere.
    """

    flat: np.ndarray
    points: np.ndarray
    height: np.ndarray
    place: np.ndarray

    def __getitem__(self, which: np.ndarray) -> 'Pixels':
        return Pixels(self.flat[which], self.points[which], self.height[which], self.place[which])


def list_pixels(
    mask: np.ndarray, depth: np.ndarray, height: np.ndarray, K: np.ndarray, up: np.ndarray, reach: np.ndarray
) -> Pixels:
    """Return the pixels of a mask (H, W) that stand over or near the support.

    A pixel stands over the support if its foot, straight below it, lies in the region of the support.

    Args:
        reach: (H, W) uint8, 2 in the support's region, 1 near it. Beyond the picture its border continues.
    """
    flat = np.flatnonzero(mask)
    v, u = np.divmod(flat, depth.shape[1])
    points = backproject_pixels(u, v, depth.ravel()[flat], K)
    high = height.ravel()[flat]
    foot = points - high[:, None] * up.astype(np.float32)
    z = np.maximum(foot[:, 2], np.float32(1e-3))
    foot_u = np.clip(foot[:, 0] / z * np.float32(K[0, 0]) + np.float32(K[0, 2]), 0, depth.shape[1] - 1)
    foot_v = np.clip(foot[:, 1] / z * np.float32(K[1, 1]) + np.float32(K[1, 2]), 0, depth.shape[0] - 1)
    place = reach[foot_v.astype(np.int32), foot_u.astype(np.int32)]
    return Pixels(flat, points, high, place)[place > 0]


def bare_points(bare: np.ndarray, depth: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Points (M, 3) float32 of every other row and column of a mask (H, W), camera frame [m]."""
    v, u = np.nonzero(bare[::2, ::2])
    return backproject_pixels(2 * u, 2 * v, depth[2 * v, 2 * u], K)


def backproject_pixels(u: np.ndarray, v: np.ndarray, z: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Points (n, 3) float32 of pixels at depth z (n,) [m], camera frame."""
    points = np.empty((len(z), 3), np.float32)
    points[:, 0] = (u - K[0, 2]).astype(np.float32) * z * np.float32(1.0 / K[0, 0])
    points[:, 1] = (v - K[1, 2]).astype(np.float32) * z * np.float32(1.0 / K[1, 1])
    points[:, 2] = z
    return points


def in_workspace(points: np.ndarray, T_base_camera: np.ndarray | None, config: SegmentationConfig) -> np.ndarray:
    """Which points (..., 3), camera frame, lie in the workspace; all of them without a base frame."""
    if T_base_camera is None:
        return np.ones(points.shape[:-1], bool)
    base = points @ T_base_camera[:3, :3].T.astype(np.float32) + T_base_camera[:3, 3].astype(np.float32)
    low, high = np.float32(config.workspace_min_m), np.float32(config.workspace_max_m)
    with np.errstate(invalid='ignore'):
        return ((base >= low) & (base <= high)).all(axis=-1)


def sample(values: np.ndarray, count: int = 1000) -> np.ndarray:
    """Return about `count` values, evenly spread: enough for a median."""
    return values[:: max(1, len(values) // count)]
