"""Boxes on a table as a depth camera sees them; for the tests of what a second look tells."""

import numpy as np

from mt3_common import se3
from mt3_common.cameras import backproject
from mt3_common.scene import Scene, SceneObject

__all__ = ['box_scene']

K = np.array([[300.0, 0.0, 159.5], [0.0, 300.0, 119.5], [0.0, 0.0, 1.0]])
_SHAPE = (240, 320)


def camera() -> np.ndarray:
    """Return T_base_camera: from (1.1, 0, 0.7) down to (0.5, 0, 0.05) [m]."""
    at, to = np.array([1.1, 0.0, 0.7]), np.array([0.5, 0.0, 0.05])
    z = (to - at) / np.linalg.norm(to - at)
    x = np.cross(z, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    return se3.make(np.column_stack([x, np.cross(z, x), z]), at)


def _slab(origin, rays, low, high):
    """Return the distance along rays at which they enter a box, infinite where they miss it."""
    with np.errstate(divide='ignore', invalid='ignore'):
        a, b = (low - origin) / rays, (high - origin) / rays
    near, far = np.minimum(a, b).max(axis=1), np.maximum(a, b).min(axis=1)
    return np.where((near <= far) & (near > 0.0), near, np.inf)


def box_scene(centre, size, more=(), noise_m=0.001) -> tuple[Scene, np.ndarray]:
    """Return a scene with a box (object 1) on the table z = 0, and the seen points of that box, base frame [m].

    Args:
        centre, size: Of the box [m].
        more: Further (centre, size) that belong to no object.
        noise_m: Of the depth.
    """
    T = camera()
    v, u = np.mgrid[: _SHAPE[0], : _SHAPE[1]]
    rays = np.stack([(u - K[0, 2]) / K[0, 0], (v - K[1, 2]) / K[1, 1], np.ones(_SHAPE)], axis=-1).reshape(-1, 3)
    rays = rays @ T[:3, :3].T
    depth = np.where(rays[:, 2] < 0.0, -T[2, 3] / rays[:, 2], np.inf)
    labels = np.zeros(len(depth), np.int32)
    for label, (c, s) in zip([1] + [0] * len(more), [(centre, size), *more], strict=True):
        c, half = np.asarray(c, float), 0.5 * np.asarray(s, float)
        hit = _slab(T[:3, 3], rays, c - half, c + half)
        nearer = hit < depth
        depth, labels = np.where(nearer, hit, depth), np.where(nearer, label, labels)
    depth = np.where(np.isfinite(depth) & (depth < 3.0), depth, np.nan)
    depth = (depth + noise_m * np.random.default_rng(0).normal(size=depth.shape)).astype(np.float32).reshape(_SHAPE)
    labels = labels.reshape(_SHAPE)
    points = se3.transform_points(T, backproject(depth, K, labels == 1))
    T_object = se3.make(None, np.asarray(centre, float))
    item = SceneObject(1, points, np.zeros((len(points), 3), np.uint8), T_object, np.asarray(size), 0.0, (0, 0, 9, 9))
    rgb = np.zeros((*_SHAPE, 3), np.uint8)
    objects = (item,) if len(points) else ()
    return Scene(0.0, 'panda_link0', 'camera', rgb, depth, labels, K, T, objects, 0.0), points
