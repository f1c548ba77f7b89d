"""Which pixels of a depth image see one of several convex bodies."""

from dataclasses import dataclass
from itertools import product
from math import gcd

import cv2
import numpy as np

from mt3_common.se3 import transform_points

__all__ = ['DIRECTIONS', 'Polytope', 'covered_pixels']


def _directions() -> np.ndarray:
    """98 unit directions, well spread: the coprime integer vectors with entries from -2 to 2; the axes come first."""
    vectors = [v for v in product(range(-2, 3), repeat=3) if gcd(*v) == 1]
    vectors.sort(key=lambda v: sum(abs(x) for x in v))
    found = np.array(vectors, dtype=np.float64)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


#: (98, 3) normals of the planes that bound every polytope (a "k-DOP"); the first six are the axes.
DIRECTIONS = _directions()


@dataclass(frozen=True, eq=False)
class Polytope:
    """A convex body as all p with `DIRECTIONS @ p <= reach`: a little larger than the hull it stands for.

    Attributes:
        reach: (98,) along each direction, in the body's own frame [m].
    """

    reach: np.ndarray

    def corners(self, padding_m: float) -> np.ndarray:
        """Return the corners (8, 3) of its box along its own axes, in its own frame [m]."""
        high = np.zeros((2, 3))
        for direction, reach in zip(DIRECTIONS[:6], self.reach[:6], strict=True):
            axis = int(np.abs(direction).argmax())
            high[int(direction[axis] > 0), axis] = direction[axis] * (reach + padding_m)
        return np.array([[high[i, 0], high[j, 1], high[k, 2]] for i, j, k in product((0, 1), repeat=3)])


def covered_pixels(
    depth_m: np.ndarray,
    K: np.ndarray,
    bodies: list[tuple[Polytope, np.ndarray]],
    padding_m: float,
    stride: int = 2,
) -> np.ndarray:
    """Return the pixels (H, W) bool that see one of the bodies.

    A pixel with a reading does if the point it saw lies in a body grown by the padding; one without a reading, if its
    ray meets such a body. What stands in front of a body, or is seen where a body should be but is not, stays.

    Args:
        depth_m: (H, W), NaN unknown [m].
        K: (3, 3) [pixel].
        bodies: (polytope, T_camera_body (4, 4) [m]).
        padding_m: Distance by which every face is moved outwards [m].
        stride: Every so many pixels one is looked at; the mask is grown by as many.
    """
    small = np.ascontiguousarray(depth_m[::stride, ::stride], dtype=np.float32)
    height, width = small.shape
    ray_x = ((np.arange(width) * stride - K[0, 2]) / K[0, 0]).astype(np.float32)
    ray_y = ((np.arange(height) * stride - K[1, 2]) / K[1, 1]).astype(np.float32)
    found = np.zeros(small.shape, bool)
    for body, T_camera_body in bodies:
        corners = transform_points(T_camera_body, body.corners(padding_m))
        window = _window(corners, ray_x, ray_y)
        if window is None:
            continue
        z = small[window]
        low, high = corners[:, 2].min(), corners[:, 2].max()
        with np.errstate(invalid='ignore'):
            look = ~found[window] & ~((z < low) | (z > high))  # those without a reading are looked at too
        v, u = np.nonzero(look)
        if not len(v):
            continue
        z = z[v, u]
        rays = np.stack([ray_x[window[1]][u], ray_y[window[0]][v], np.ones(len(v), np.float32)], axis=1)
        normals = (DIRECTIONS @ T_camera_body[:3, :3].T).astype(np.float32)
        reach = (body.reach + padding_m + normals @ T_camera_body[:3, 3]).astype(np.float32)
        seen = np.isfinite(z)
        hit = np.zeros(len(v), bool)
        hit[seen] = _inside(rays[seen] * z[seen, None], normals, reach)
        hit[~seen] = _meets(rays[~seen], normals, reach)
        found[window[0], window[1]][v[hit], u[hit]] = True
    if not found.any():
        return np.zeros(depth_m.shape, bool)
    grown = cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8))
    large = cv2.resize(grown, (width * stride, height * stride), interpolation=cv2.INTER_NEAREST)
    return large[: depth_m.shape[0], : depth_m.shape[1]].astype(bool)


def _window(corners: np.ndarray, ray_x: np.ndarray, ray_y: np.ndarray) -> tuple[slice, slice] | None:
    """Rows and columns in which a body can be seen; None: nowhere; all when it reaches behind the camera."""
    if corners[:, 2].max() <= 0.0:
        return None
    if corners[:, 2].min() <= 0.01:
        return slice(0, len(ray_y)), slice(0, len(ray_x))
    across = corners[:, :2] / corners[:, 2:]
    u0, u1 = np.searchsorted(ray_x, [across[:, 0].min(), across[:, 0].max()])
    v0, v1 = np.searchsorted(ray_y, [across[:, 1].min(), across[:, 1].max()])
    if u0 == u1 or v0 == v1:
        return None
    return slice(v0, v1), slice(u0, u1)


def _inside(points: np.ndarray, normals: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Which points (N, 3) are on the inner side of all planes; few planes first, as most points are far away."""
    at = np.flatnonzero((points @ normals[:6].T <= reach[:6]).all(axis=1))
    at = at[(points[at] @ normals[6:].T <= reach[6:]).all(axis=1)]
    inside = np.zeros(len(points), bool)
    inside[at] = True
    return inside


def _meets(rays: np.ndarray, normals: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Which rays (N, 3) from the camera have a point in front of it on the inner side of all planes."""
    slope = rays @ normals.T
    with np.errstate(divide='ignore', invalid='ignore'):
        at = reach / slope
    enter = np.where(slope < 0.0, at, 0.0).max(axis=1, initial=0.0)
    leave = np.where(slope > 0.0, at, np.inf).min(axis=1, initial=np.inf)
    return (leave > 0.0) & (enter <= leave)
