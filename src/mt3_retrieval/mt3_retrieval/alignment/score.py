"""The free-space score of one pose: what fits, and what a camera saw through, both ways."""

from typing import NamedTuple

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.lookup import free_margin, inverse_of, laid_upon
from mt3_retrieval.alignment.pose import affine_of

__all__ = [
    'MIDDLE',
    'NARROW',
    'WIDE',
    'Evidence',
    'Tolerance',
    'evaluate',
    'evaluate_poses',
    'fits',
    'nearness',
    'seen_through',
    'violations',
]


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
NORMAL_WEIGHT = 0.6  # of a fit is lost where the normals are at a right angle


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
def nearness(distance2, tolerance):
    """Return the fit of a point by its squared distance to the surface [m^2]: 1 upon it, 0 from `tolerance.fit` on."""
    return max(0.0, 1.0 - distance2 / tolerance.fit**2) ** 2


@kernel
def seen_through(distance, margin, tolerance):
    """Return how surely a point `distance` from the surface, `margin` before the seen depth [m], is refuted: 0 to 1."""
    return min(1.0, max(0.0, distance - tolerance.free) / tolerance.ramp) if margin > tolerance.free else 0.0


@kernel
def _one_way(source, target, M, R, t, count, tolerance):
    """Return the summed (fit, violation, hidden) of the first `count` points of `source` placed at M p + t."""
    fit = violation = hidden = 0.0
    per_fit2, per_ramp, free = 1.0 / tolerance.fit**2, 1.0 / tolerance.ramp, tolerance.free
    for p in range(count):
        u, v, w, _, distance2, facing = laid_upon(source, np.uintp(p), target, M, R, t)
        q = max(0.0, 1.0 - distance2 * per_fit2)
        fit += q * q * (1.0 - NORMAL_WEIGHT * (1.0 - max(0.0, facing)))
        if distance2 > free * free:
            margin = free_margin(target, u, v, w)
            violation += min(1.0, (np.sqrt(distance2) - free) * per_ramp) if margin > free else 0.0
            hidden += 1.0 if margin < -free else 0.0
    return fit, violation, hidden


@kernel
def fits(demo, live, M, R, t, count, tolerance):
    """Return (fit, violation, hidden) of the map M p + t with rotation R, summed over both ways, each at most 2.

    The first `count` points of each view are looked at, at one `tolerance`.
    """
    n, m = min(count, demo.points.shape[0]), min(count, live.points.shape[0])
    a = _one_way(demo, live, M, R, t, n, tolerance)
    back, back_R, back_t = inverse_of(M, R, t)
    b = _one_way(live, demo, back, back_R, back_t, m, tolerance)
    return a[0] / n + b[0] / m, a[1] / n + b[1] / m, a[2] / n + b[2] / m


@kernel
def violations(demo, live, poses, count):
    """Return the share of points (P,), in [0, 1], that the other camera saw through at each pose (P, 8)."""
    found = np.empty(poses.shape[0])
    for k in range(poses.shape[0]):
        M, R, t = affine_of(poses[k])
        found[k] = 0.5 * fits(demo, live, M, R, t, count, MIDDLE)[1]
    return found


@kernel
def _gather(source, target, M, R, t, count, out):
    """Write the fields of `Evidence` of the first `count` points of `source`, placed at M p + t, into `out` (8,).

    One look-up per point serves all three tolerances.
    """
    count = min(count, source.points.shape[0])
    fit = violation = hidden = fit_narrow = violation_narrow = hidden_narrow = fit_wide = violation_wide = 0.0
    for p in range(count):
        u, v, w, _, distance2, facing = laid_upon(source, np.uintp(p), target, M, R, t)
        weight = 1.0 - NORMAL_WEIGHT * (1.0 - max(0.0, facing))
        fit_wide += nearness(distance2, WIDE) * weight
        fit += nearness(distance2, MIDDLE) * weight
        fit_narrow += nearness(distance2, NARROW) * weight
        if distance2 > NARROW.free**2:
            d, margin = np.sqrt(distance2), free_margin(target, u, v, w)
            violation_narrow += seen_through(d, margin, NARROW)
            violation += seen_through(d, margin, MIDDLE)
            violation_wide += seen_through(d, margin, WIDE)
            hidden_narrow += 1.0 if margin < -NARROW.free else 0.0
            hidden += 1.0 if (margin < -MIDDLE.free) & (d > MIDDLE.free) else 0.0
    out[0], out[1], out[2], out[3], out[4] = fit, violation, hidden, fit_narrow, violation_narrow
    out[5], out[6], out[7] = hidden_narrow, fit_wide, violation_wide
    out /= count


@kernel
def _both_ways(demo, live, M, R, t, count, out):
    """Write `_gather` of the demo in the live view, and of the live in the demo view, into `out` (2, 8)."""
    _gather(demo, live, M, R, t, count, out[0])
    back, back_R, back_t = inverse_of(M, R, t)
    _gather(live, demo, back, back_R, back_t, count, out[1])


@kernel
def evaluate(demo, live, M, R, t, count):
    """Return the evidence (2, 8) of demo points in the live view and of live points in the demo view.

    Args:
        M: (3, 3) demo view frame to live view frame, stretch included.
        R: (3, 3) its rotation alone.
        t: (3,) its translation [m].
        count: At most this many points of each view.
    """
    out = np.empty((2, 8))
    _both_ways(demo, live, M, R, t, count, out)
    return out


@kernel
def evaluate_poses(demo, live, poses, count):
    """Return the evidence (P, 2, 8) as `evaluate` does, of each pose (P, 8)."""
    out = np.empty((poses.shape[0], 2, 8))
    for k in range(poses.shape[0]):
        M, R, t = affine_of(poses[k])
        _both_ways(demo, live, M, R, t, count, out[k])
    return out
