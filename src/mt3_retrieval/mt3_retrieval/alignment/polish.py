"""Polish a pose: two-way robust point-to-plane Gauss-Newton in x, y, yaw and stretch, height locked."""

from collections.abc import Sequence

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.lookup import inverse_of, laid_upon
from mt3_retrieval.alignment.pose import affine_of
from mt3_retrieval.alignment.shape import FAR_M, Shape

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
    H, g, J = np.zeros((8, 8)), np.zeros(8), np.zeros(8)
    M, R, t = affine_of(pose)
    back, back_R, back_t = inverse_of(M, R, t)
    demo_count, live_count = min(count, demo.points.shape[0]), min(count, live.points.shape[0])
    reach2, total = min(1.5 * width, FAR_M) ** 2, 0.0
    xx = xy = yy = xt = yt = tt = gx = gy = gt = 0.0  # of x, y and turn, which most polishing is about
    for k in range(demo_count + live_count):
        forward = k < demo_count
        if forward:  # a demo point and the live point next to it, with the live normal
            p = np.uintp(k)
            _, _, _, q, distance2, facing = laid_upon(demo, p, live, M, R, t)
            nx, ny, nz = live.normals[q, 0], live.normals[q, 1], live.normals[q, 2]
        else:  # a live point and the demo point next to it, with the demo normal, turned
            q = np.uintp(k - demo_count)
            _, _, _, p, distance2, facing = laid_upon(live, q, demo, back, back_R, back_t)
            a, b, nz = demo.normals[p, 0], demo.normals[p, 1], demo.normals[p, 2]
            nx, ny = R[0, 0] * a + R[0, 1] * b, R[1, 0] * a + R[1, 1] * b
        x, y, z = demo.points[p, 0], demo.points[p, 1], demo.points[p, 2]
        dx, dy = M[0, 0] * x + M[0, 1] * y, M[1, 0] * x + M[1, 1] * y
        residual = nx * (dx + t[0] - live.points[q, 0]) + ny * (dy + t[1] - live.points[q, 1])
        residual += nz * (M[2, 2] * z + t[2] - live.points[q, 2])
        weight = facing * max(0.0, 1.0 - (residual / width) ** 2) ** 2
        weight = weight if (distance2 < reach2) & (facing >= _MIN_FACING) else 0.0
        turn, pull = ny * dx - nx * dy, weight * residual
        total += weight
        xx, xy, yy = xx + weight * nx * nx, xy + weight * nx * ny, yy + weight * ny * ny
        xt, yt, tt = xt + weight * nx * turn, yt + weight * ny * turn, tt + weight * turn * turn
        gx, gy, gt = gx + pull * nx, gy + pull * ny, gt + pull * turn
        if size > 4 and weight > 0.0:
            along_x, along_y = R[0, 0] * nx + R[1, 0] * ny, R[0, 1] * nx + R[1, 1] * ny  # the normal in demo axes
            J[0], J[1], J[2], J[3], J[4] = nx, ny, turn, nz, along_x * x
            J[5], J[6], J[7] = along_x * y + along_y * x, along_y * y, nz * z
            for i in range(3, size):
                g[i] += pull * J[i]
                for j in range(i + 1):
                    H[i, j] += weight * J[i] * J[j]
    H[0, 0], H[1, 0], H[1, 1], H[2, 0], H[2, 1], H[2, 2] = xx, xy, yy, xt, yt, tt
    g[0], g[1], g[2] = gx, gy, gt
    for i in range(size):
        for j in range(i):
            H[j, i] = H[i, j]
    return H, g, total
