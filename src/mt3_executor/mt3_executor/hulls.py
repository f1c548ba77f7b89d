"""Convex hulls as collision shapes."""

import coal
import numpy as np
from scipy.spatial import ConvexHull

__all__ = ['convex_hull', 'middle', 'within']

_LEAST_SHARE = 0.2  # of the size of a thing that is thin: it has a middle, too


def convex_hull(points: np.ndarray) -> coal.ConvexBase | None:
    """Return the convex hull of points (N, 3) [m]; None when they span no volume.

    Only the corners of the hull are given to Coal. Its own `buildConvexRepresentation` keeps every vertex of a mesh,
    and finds the farthest one by walking from neighbour to neighbour: among points that lie in one plane or inside
    the walk ends early, and more than half of the contacts of a UR5 with a cloud were missed (test_hulls.py).
    """
    if len(points) < 4 or np.linalg.matrix_rank(points - points.mean(axis=0), tol=1e-6) < 3:
        return None
    corners = coal.StdVec_Vec3s()
    for point in points[ConvexHull(points).vertices]:
        corners.append(point)
    return coal.ConvexBase.convexHull(corners, False, '')


def middle(points: np.ndarray, shell_m: float) -> np.ndarray:
    """Return points (N, 3) drawn together until their box is `shell_m` smaller on each side, a fifth at least [m]."""
    if not len(points):
        return points
    low, high = points.min(axis=0), points.max(axis=0)
    share = np.maximum(1.0 - 2.0 * shell_m / np.maximum(high - low, 1e-9), _LEAST_SHARE)
    return 0.5 * (low + high) + share * (points - 0.5 * (low + high))


def within(points: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return which points (N,) bool lie in the convex hull of others (M, 3); none when those span no volume."""
    if len(of) < 4 or np.linalg.matrix_rank(of - of.mean(axis=0), tol=1e-6) < 3:
        return np.zeros(len(points), bool)
    faces = ConvexHull(of).equations
    return (points @ faces[:, :3].T + faces[:, 3]).max(axis=1) <= 0.0
