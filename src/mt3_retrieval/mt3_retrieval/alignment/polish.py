"""Polish a pose: two-way robust point-to-plane Gauss-Newton in x, y, yaw and scale, height locked."""

import numpy as np

from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.jit import kernel
from mt3_retrieval.alignment.lookup import nearest_point
from mt3_retrieval.alignment.shape import Shape

__all__ = ['polish']

_WIDTHS_M = (0.012, 0.008, 0.006, 0.005, 0.004)
_ROUNDS = 3
_POINTS = 1500
_SCALE_TRUST = 0.02  # size of the prior on log scale against the point-to-plane residuals [m]


def polish(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig, with_scale: bool) -> np.ndarray:
    """Return the pose (6,) after the last of 15 Gauss-Newton steps, with ever narrower robust weights."""
    pose = pose.copy()
    active = 5 if with_scale else 3
    limit = np.log(config.max_scale)
    for width in _WIDTHS_M:
        for _ in range(_ROUNDS):
            H, g, matched = _normal_equations(demo, live, pose, _POINTS, width)
            if matched < 20.0:
                return pose
            H, g = H[:active, :active].copy(), g[:active].copy()
            if with_scale:
                prior = matched * (_SCALE_TRUST * 0.1 / config.scale_prior) ** 2
                H[3, 3] += prior
                H[4, 4] += prior
                g[3:] += prior * pose[3:5]
            H += np.diag(1e-4 * np.diag(H) + 1e-9)
            step = np.linalg.solve(H, -g)
            step = np.clip(step, -0.05, 0.05)
            pose[:active] += step
            pose[3:5] = np.clip(pose[3:5], -limit, limit)
            if np.abs(step).max() < 1e-5:
                break
    return pose


@kernel
def _accumulate(H, g, demo_point, normal, live_point, pose, cos, sin, sxy, sz, width, weight):
    """Add one pair: residual of the demo point, moved, along the normal (live view frame)."""
    x, y = sxy * demo_point[0], sxy * demo_point[1]
    u, v = cos * x - sin * y, sin * x + cos * y
    w = sz * demo_point[2]
    r = (
        normal[0] * (u + pose[0] - live_point[0])
        + normal[1] * (v + pose[1] - live_point[1])
        + normal[2] * (w + pose[5] - live_point[2])
    )
    q = 1.0 - (r / width) ** 2
    if q <= 0.0:
        return 0.0
    weight = weight * q * q
    J = (
        normal[0],
        normal[1],
        normal[1] * u - normal[0] * v,
        normal[0] * u + normal[1] * v,
        normal[2] * w,
    )
    for a in range(5):
        g[a] += weight * J[a] * r
        for b in range(5):
            H[a, b] += weight * J[a] * J[b]
    return weight


@kernel
def _normal_equations(demo, live, pose, count, width):
    """Return H (5, 5), g (5,) and the summed weights of both directions at `pose`."""
    H, g = np.zeros((5, 5)), np.zeros(5)
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    sxy, sz = np.exp(pose[3]), np.exp(pose[4])
    normal = np.zeros(3)
    total = 0.0
    reach2 = (1.5 * width) ** 2
    for p in range(min(count, demo.points.shape[0])):
        x, y = sxy * demo.points[p, 0], sxy * demo.points[p, 1]
        u, v = cos * x - sin * y + pose[0], sin * x + cos * y + pose[1]
        w = sz * demo.points[p, 2] + pose[5]
        near = nearest_point(live, u, v, w)
        if near < 0:
            continue
        q = live.points[near]
        if (u - q[0]) ** 2 + (v - q[1]) ** 2 + (w - q[2]) ** 2 > reach2:
            continue
        n, m = demo.normals[p], live.normals[near]
        facing = (cos * n[0] - sin * n[1]) * m[0] + (sin * n[0] + cos * n[1]) * m[1] + n[2] * m[2]
        if facing < 0.4:
            continue
        normal[:] = m
        total += _accumulate(H, g, demo.points[p], normal, q, pose, cos, sin, sxy, sz, width, facing)
    for p in range(min(count, live.points.shape[0])):
        dx, dy = live.points[p, 0] - pose[0], live.points[p, 1] - pose[1]
        u, v = (cos * dx + sin * dy) / sxy, (-sin * dx + cos * dy) / sxy
        w = (live.points[p, 2] - pose[5]) / sz
        near = nearest_point(demo, u, v, w)
        if near < 0:
            continue
        q = demo.points[near]
        if (u - q[0]) ** 2 + (v - q[1]) ** 2 + (w - q[2]) ** 2 > reach2:
            continue
        n, m = demo.normals[near], live.normals[p]
        normal[0], normal[1], normal[2] = cos * n[0] - sin * n[1], sin * n[0] + cos * n[1], n[2]
        facing = normal[0] * m[0] + normal[1] * m[1] + normal[2] * m[2]
        if facing < 0.4:
            continue
        total += _accumulate(H, g, q, normal, live.points[p], pose, cos, sin, sxy, sz, width, facing)
    return H, g, total
