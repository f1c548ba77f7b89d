"""Convex hulls as collision shapes."""

import coal
import numpy as np
from scipy.spatial import ConvexHull

__all__ = ['convex_hull']


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
