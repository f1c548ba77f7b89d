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


NARROW = Tolerance(fit=0.006, free=0.004, ramp=0.006)
MIDDLE = Tolerance(fit=0.009, free=0.006, ramp=0.010)
WIDE = Tolerance(fit=0.013, free=0.009, ramp=0.020)


class Evidence(NamedTuple):
    """Means over the points of one direction at three tolerances, each in [0, 1].

    `fit`, `violation`, and `hidden` behind a surface, which says nothing; without suffix at the middle tolerance.
    """

    fit: float
    violation: float
    hidden: float
    fit_narrow: float
    violation_narrow: float
    hidden_narrow: float
    fit_wide: float
    violation_wide: float


@kernel
def one_way(source, target, pose, inverse, count, fit_width, free_from, ramp, normal_weight):
    """Return (fit, violation, hidden) of the first `count` points of `source` placed into `target`.

    `pose` (8,) maps demo to live; `inverse` tells that the source is the live view.
    """
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    m00, m01, m10, m11, i00, i01, i10, i11, sz = rows_of(pose)
    count = min(count, source.points.shape[0])
    fit = violation = hidden = 0.0
    per_fit2, per_ramp, up = 1.0 / fit_width**2, 1.0 / ramp, 1.0 / sz
    for p in range(count):
        x, y, z = source.points[p, 0], source.points[p, 1], source.points[p, 2]
        if inverse:
            x, y = x - pose[0], y - pose[1]
            u, v, w = i00 * x + i01 * y, i10 * x + i11 * y, (z - pose[3]) * up
        else:
            u, v, w = m00 * x + m01 * y + pose[0], m10 * x + m11 * y + pose[1], sz * z + pose[3]
        near = nearest_point(target, u, v, w)
        d2 = FAR_M * FAR_M
        if near >= 0:
            du, dv, dw = u - target.points[near, 0], v - target.points[near, 1], w - target.points[near, 2]
            d2 = min(d2, du * du + dv * dv + dw * dw)
            q = 1.0 - d2 * per_fit2
            if q > 0.0:
                nx, ny, nz = source.normals[p, 0], source.normals[p, 1], source.normals[p, 2]
                if inverse:
                    nu, nv = cos * nx + sin * ny, -sin * nx + cos * ny
                else:
                    nu, nv = cos * nx - sin * ny, sin * nx + cos * ny
                facing = nu * target.normals[near, 0] + nv * target.normals[near, 1] + nz * target.normals[near, 2]
                fit += q * q * (1.0 - normal_weight * (1.0 - max(0.0, facing)))
        if d2 > free_from * free_from:
            margin = free_margin(target, u, v, w)
            if margin > free_from:
                violation += min(1.0, (np.sqrt(d2) - free_from) * per_ramp)
            elif margin < -free_from:
                hidden += 1.0
    return fit / count, violation / count, hidden / count


@kernel
def _gather(source, target, M, R, t, count, narrow, middle, wide, normal_weight):
    """Return the fields of `Evidence` for the first `count` points of `source`, placed at M p + t, normals at R n.

    One look-up per point serves all three tolerances.
    """
    count = min(count, source.points.shape[0])
    fit = violation = hidden = fit_narrow = violation_narrow = hidden_narrow = fit_wide = violation_wide = 0.0
    for p in range(count):
        x, y, z = source.points[p, 0], source.points[p, 1], source.points[p, 2]
        u = M[0, 0] * x + M[0, 1] * y + M[0, 2] * z + t[0]
        v = M[1, 0] * x + M[1, 1] * y + M[1, 2] * z + t[1]
        w = M[2, 0] * x + M[2, 1] * y + M[2, 2] * z + t[2]
        near = nearest_point(target, u, v, w)
        d = FAR_M
        if near >= 0:
            du, dv, dw = u - target.points[near, 0], v - target.points[near, 1], w - target.points[near, 2]
            d = min(FAR_M, np.sqrt(du * du + dv * dv + dw * dw))
            if d < wide.fit:
                n, m = source.normals[p], target.normals[near]
                facing = 0.0
                for i in range(3):
                    facing += (R[i, 0] * n[0] + R[i, 1] * n[1] + R[i, 2] * n[2]) * m[i]
                weight = 1.0 - normal_weight * (1.0 - max(0.0, facing))
                fit_wide += (1.0 - (d / wide.fit) ** 2) ** 2 * weight
                if d < middle.fit:
                    fit += (1.0 - (d / middle.fit) ** 2) ** 2 * weight
                if d < narrow.fit:
                    fit_narrow += (1.0 - (d / narrow.fit) ** 2) ** 2 * weight
        if d > narrow.free:
            margin = free_margin(target, u, v, w)
            if margin > narrow.free:
                violation_narrow += min(1.0, (d - narrow.free) / narrow.ramp)
                if d > middle.free and margin > middle.free:
                    violation += min(1.0, (d - middle.free) / middle.ramp)
                if d > wide.free and margin > wide.free:
                    violation_wide += min(1.0, (d - wide.free) / wide.ramp)
            elif margin < -narrow.free:
                hidden_narrow += 1.0
                if d > middle.free and margin < -middle.free:
                    hidden += 1.0
    return (
        fit / count,
        violation / count,
        hidden / count,
        fit_narrow / count,
        violation_narrow / count,
        hidden_narrow / count,
        fit_wide / count,
        violation_wide / count,
    )


@kernel
def _both_ways(demo, live, M, R, t, count, narrow, middle, wide, normal_weight):
    """Return `_gather` of the demo in the live view, and of the live in the demo view."""
    back, shift = np.empty((3, 3)), np.empty(3)
    for i in range(3):  # the inverse by cofactors
        for j in range(3):
            a, b, c, d = (j + 1) % 3, (j + 2) % 3, (i + 1) % 3, (i + 2) % 3
            back[i, j] = M[a, c] * M[b, d] - M[a, d] * M[b, c]
    determinant = M[0, 0] * back[0, 0] + M[0, 1] * back[1, 0] + M[0, 2] * back[2, 0]
    back /= determinant
    for i in range(3):
        shift[i] = -(back[i, 0] * t[0] + back[i, 1] * t[1] + back[i, 2] * t[2])
    forward = _gather(demo, live, M, R, t, count, narrow, middle, wide, normal_weight)
    return forward, _gather(live, demo, back, R.T.copy(), shift, count, narrow, middle, wide, normal_weight)


def evaluate(
    demo: Shape, live: Shape, M: np.ndarray, R: np.ndarray, t: np.ndarray, normal_weight: float, count: int
) -> tuple[Evidence, Evidence]:
    """Return the evidence of demo points in the live view and of live points in the demo view, `count` points each.

    Args:
        M: (3, 3) demo view frame to live view frame, stretch included.
        R: (3, 3) its rotation alone.
        t: (3,) its translation [m].
    """
    forward, backward = _both_ways(demo, live, M, R, t, count, NARROW, MIDDLE, WIDE, normal_weight)
    return Evidence(*forward), Evidence(*backward)
