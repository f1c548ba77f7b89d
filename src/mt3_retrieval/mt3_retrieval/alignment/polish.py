"""Polish a pose: two-way robust point-to-plane Gauss-Newton in x, y, yaw and stretch, height locked."""

from collections.abc import Sequence

import numpy as np

from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.jit import kernel
from mt3_retrieval.alignment.lookup import nearest_point
from mt3_retrieval.alignment.pose import rows_of
from mt3_retrieval.alignment.shape import Shape

__all__ = ['FINEST_M', 'FINE_M', 'PLACE', 'RIGID', 'STRETCHED', 'WIDE_M', 'polish']

FINE_M = (0.010, 0.010, 0.008, 0.006, 0.006, 0.005, 0.004, 0.004, 0.004)  # robust width of each step
FINEST_M = (0.004, 0.004, 0.003)
WIDE_M = (0.024, 0.024, 0.020, 0.016, 0.014, 0.012, 0.010)
PLACE, RIGID, STRETCHED = np.array([0, 1]), np.array([0, 1, 2]), np.array([0, 1, 2, 4, 5, 6, 7])  # what may move
_PRIOR_M = 0.02  # size of the prior on one standard deviation of stretch against the residuals
_MIN_FACING = 0.4  # cosine between the normals of a pair
_MIN_MATCHED = 20.0


def polish(
    demo: Shape,
    live: Shape,
    pose: np.ndarray,
    config: AlignmentConfig,
    free: np.ndarray,
    widths_m: Sequence[float] = FINE_M,
    count: int = 600,
) -> np.ndarray:
    """Return the pose (8,) after one Gauss-Newton step per robust width.

    Args:
        free: Which of the eight numbers may move: PLACE, RIGID or STRETCHED.
        count: At most this many points of each view.
    """
    prior = np.zeros(8)
    prior[4:] = (_PRIOR_M * 0.1 / config.stretch_prior) ** 2
    limit = config.max_stretch - 1.0
    return _gauss_newton(demo, live, pose, free, prior, np.array(widths_m), limit, count)


@kernel
def _gauss_newton(demo, live, start, free, prior, widths, limit, count):
    pose = start.copy()
    n = len(free)
    A, r = np.zeros((n, n)), np.zeros(n)
    for width in widths:
        H, g, matched = _normal_equations(demo, live, pose, count, width, free[n - 1] + 1)
        if matched < _MIN_MATCHED:
            break
        for i in range(n):
            r[i] = -g[free[i]] - matched * prior[free[i]] * pose[free[i]]
            for j in range(n):
                A[i, j] = H[free[i], free[j]]
            A[i, i] += matched * prior[free[i]] + 1e-3 * A[i, i] + 1e-9
        step = np.linalg.solve(A, r)
        for i in range(n):
            k = free[i]
            pose[k] += min(0.05, max(-0.05, step[i]))
            if k >= 4:
                pose[k] = min(limit, max(-limit, pose[k]))
    return pose


@kernel
def _normal_equations(demo, live, pose, count, width, size):
    """Return H (8, 8) and g (8,), filled up to `size`, and the summed weights of the pairs of both directions."""
    H, g, J, normal = np.zeros((8, 8)), np.zeros(8), np.zeros(8), np.zeros(3)
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    m00, m01, m10, m11, i00, i01, i10, i11, sz = rows_of(pose)
    total = 0.0
    reach2 = (1.5 * width) ** 2
    demo_count, live_count = min(count, demo.points.shape[0]), min(count, live.points.shape[0])
    for p in range(demo_count + live_count):
        if p < demo_count:  # a demo point and the live point next to it, with the live normal
            d = p
            px, py, pz = demo.points[d, 0], demo.points[d, 1], demo.points[d, 2]
            u, v, w = m00 * px + m01 * py + pose[0], m10 * px + m11 * py + pose[1], sz * pz + pose[3]
            near = nearest_point(live, u, v, w)
            if near < 0:
                continue
            q = live.points[near]
            distance2 = (u - q[0]) ** 2 + (v - q[1]) ** 2 + (w - q[2]) ** 2
            normal[:] = live.normals[near]
            other = demo.normals[d]
            facing = (
                (cos * other[0] - sin * other[1]) * normal[0]
                + (sin * other[0] + cos * other[1]) * normal[1]
                + other[2] * normal[2]
            )
        else:  # a live point and the demo point next to it, with the demo normal, turned
            q = live.points[p - demo_count]
            dx, dy = q[0] - pose[0], q[1] - pose[1]
            u, v, w = i00 * dx + i01 * dy, i10 * dx + i11 * dy, (q[2] - pose[3]) / sz
            d = nearest_point(demo, u, v, w)
            if d < 0:
                continue
            px, py, pz = demo.points[d, 0], demo.points[d, 1], demo.points[d, 2]
            distance2 = (u - px) ** 2 + (v - py) ** 2 + (w - pz) ** 2
            n, other = demo.normals[d], live.normals[p - demo_count]
            normal[0], normal[1], normal[2] = cos * n[0] - sin * n[1], sin * n[0] + cos * n[1], n[2]
            facing = other[0] * normal[0] + other[1] * normal[1] + other[2] * normal[2]
            u, v, w = m00 * px + m01 * py + pose[0], m10 * px + m11 * py + pose[1], sz * pz + pose[3]
        if distance2 > reach2 or facing < _MIN_FACING:
            continue
        residual = normal[0] * (u - q[0]) + normal[1] * (v - q[1]) + normal[2] * (w - q[2])
        k = 1.0 - (residual / width) ** 2
        if k <= 0.0:
            continue
        weight = facing * k * k
        along_x, along_y = cos * normal[0] + sin * normal[1], cos * normal[1] - sin * normal[0]  # normal in demo axes
        J[0], J[1], J[3] = normal[0], normal[1], normal[2]
        J[2] = normal[1] * (u - pose[0]) - normal[0] * (v - pose[1])
        if size > 4:
            J[4], J[5], J[6], J[7] = along_x * px, along_x * py + along_y * px, along_y * py, normal[2] * pz
        for i in range(size):
            pull = weight * J[i]
            g[i] += pull * residual
            for j in range(i + 1):
                H[i, j] += pull * J[j]
        total += weight
    for i in range(size):
        for j in range(i):
            H[j, i] = H[i, j]
    return H, g, total
