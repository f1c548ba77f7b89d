"""The free-space score of one pose: what fits, and what a camera saw through, both ways."""

from typing import NamedTuple

import numpy as np

from mt3_retrieval.alignment.jit import kernel
from mt3_retrieval.alignment.lookup import free_margin, nearest_point
from mt3_retrieval.alignment.pose import rows_of
from mt3_retrieval.alignment.shape import FAR_M, Shape

__all__ = ['Evidence', 'Tolerance', 'evaluate', 'one_way']


class Tolerance(NamedTuple):
    """Distances that define the score [m].

    Attributes:
        fit: The fit of a point falls to zero at this distance to the other surface.
        free: Nearer to the other surface, and less in front of it, nothing counts as seen through.
        ramp: Beyond `free`, the distance over which a violation grows to 1.
    """

    fit: float
    free: float
    ramp: float


class Evidence(NamedTuple):
    """Means over the points of one direction, each in [0, 1]: `fit`, `violation`, and `hidden` behind a surface."""

    fit: float
    violation: float
    hidden: float


@kernel
def one_way(source, target, pose, inverse, count, fit_width, free_from, ramp, normal_weight):
    """Return (fit, violation, hidden) of the first `count` points of `source` placed into `target`.

    `pose` (8,) maps demo to live; `inverse` tells that the source is the live view.
    """
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    m00, m01, m10, m11, i00, i01, i10, i11, sz = rows_of(pose)
    count = min(count, source.points.shape[0])
    fit = violation = hidden = 0.0
    for p in range(count):
        x, y, z = source.points[p, 0], source.points[p, 1], source.points[p, 2]
        nx, ny, nz = source.normals[p, 0], source.normals[p, 1], source.normals[p, 2]
        if inverse:
            x, y = x - pose[0], y - pose[1]
            u, v, w = i00 * x + i01 * y, i10 * x + i11 * y, (z - pose[3]) / sz
            nu, nv = cos * nx + sin * ny, -sin * nx + cos * ny
        else:
            u, v, w = m00 * x + m01 * y + pose[0], m10 * x + m11 * y + pose[1], sz * z + pose[3]
            nu, nv = cos * nx - sin * ny, sin * nx + cos * ny
        near = nearest_point(target, u, v, w)
        d = FAR_M
        if near >= 0:
            du, dv, dw = u - target.points[near, 0], v - target.points[near, 1], w - target.points[near, 2]
            d = min(FAR_M, np.sqrt(du * du + dv * dv + dw * dw))
            if d < fit_width:
                q = 1.0 - (d / fit_width) ** 2
                facing = nu * target.normals[near, 0] + nv * target.normals[near, 1] + nz * target.normals[near, 2]
                fit += q * q * (1.0 - normal_weight * (1.0 - max(0.0, facing)))
        if d > free_from:
            margin = free_margin(target, u, v, w)
            if margin > free_from:
                violation += min(1.0, (d - free_from) / ramp)
            elif margin < -free_from:
                hidden += 1.0
    return fit / count, violation / count, hidden / count


def evaluate(
    demo: Shape, live: Shape, pose: np.ndarray, tolerance: Tolerance, normal_weight: float, count: int
) -> tuple[Evidence, Evidence]:
    """Return the evidence of demo points in the live view and of live points in the demo view, `count` points each."""
    forward = one_way(demo, live, pose, False, count, *tolerance, normal_weight)
    backward = one_way(live, demo, pose, True, count, *tolerance, normal_weight)
    return Evidence(*forward), Evidence(*backward)
