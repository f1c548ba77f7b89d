"""Settle the best pose among its neighbours: what each camera should see there, pixel by pixel.

Fit and seen-through points choose between far poses, but near one they reward overlap: a smooth thing seen from two
sides is turned too little, because then more of what was seen lies upon each other. Here a point speaks only as far as
it faces the other camera, which then must see it: a surface at its depth, with its normal. What faces away from the
other camera earns nothing wherever it lies.
"""

import numpy as np

from mt3_common.jit import kernel
from mt3_retrieval.alignment.climb import STRETCH_COST
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.lookup import free_margin, inverse_of, laid_upon
from mt3_retrieval.alignment.polish import PLACE, polish
from mt3_retrieval.alignment.pose import affine_of, turned_about
from mt3_retrieval.alignment.score import MIDDLE, NARROW, WIDE, nearness, seen_through
from mt3_retrieval.alignment.shape import Shape

__all__ = ['TERMS', 'expectations', 'settle']

_TURNS = np.radians([-9.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 9.0])
_WIDTHS_M = (0.010, 0.007, 0.005, 0.004)
_POINTS, _POLISH_POINTS, _SEARCH_POINTS = 1500, 500, 1000
_RIGID_STEPS = np.array([0.002, 0.002, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0])
_STRETCH_STEPS = np.array([0.002, 0.002, 0.02, 0.0, 0.02, 0.02, 0.02, 0.02])
_FACING_FROM, _FACING_RANGE = 0.1, 0.3  # cosine to the line of sight: hidden or lost at grazing; then surely seen
_SLACK_M, _RAMP_M, _GAP_M = 0.002, 0.006, 0.010

# What each term, a mean over the points of a direction, summed over both, adds to the log-odds of a pose among its
# neighbours (16 degrees, 3 cm). Fitted on tuning seeds 1 to 12 of benchmarks/alignment.py.
TERMS = {
    'seen_3mm': 9.3,  # at its pixel the other camera sees a surface at its depth, within so much
    'seen_6mm': 1.1,
    'seen_12mm': 0.6,
    'front': -67.2,  # floats in front of what is seen
    'behind': -2.3,
    'gap': -8.6,  # difference of depth where a surface is near
    'visible': 0.1,  # faces the other camera
    'bent_6mm': -153.8,  # the normal of the nearest point differs
    'bent_9mm': -49.5,
    'bent_13mm': -75.6,
    'violation_narrow': -28.6,
    'violation': -17.9,
    'violation_wide': 11.7,
    'penalty': -73.6,
}
_WEIGHTS = np.array([weight for term, weight in TERMS.items() if term != 'penalty'])


def settle(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig) -> np.ndarray:
    """Return the most probable pose (8,) near the given one.

    First among the pose and its turns, each at its own best place; then by small steps. A rigid pose stays rigid.
    """
    starts = [turned_about(pose, pose[:2], turn) for turn in _TURNS]
    turned = [polish(demo, live, start, config, PLACE, _WIDTHS_M, _POLISH_POINTS) for start in starts]
    steps = _STRETCH_STEPS if pose[4:].any() else _RIGID_STEPS
    per_stretch2 = TERMS['penalty'] * STRETCH_COST / config.stretch_prior**2
    return _settle(demo, live, np.array([pose, *turned]), steps, config.max_stretch - 1.0, per_stretch2)


@kernel
def _add_expectations(source, target, M, R, t, count, out):
    """Add the means of the terms over the first `count` points of `source`, placed at M p + t, to `out` (T - 1,)."""
    c = target.camera
    eye_x = -(c[0] * c[9] + c[3] * c[10] + c[6] * c[11])
    eye_y = -(c[1] * c[9] + c[4] * c[10] + c[7] * c[11])
    eye_z = -(c[2] * c[9] + c[5] * c[10] + c[8] * c[11])
    count = min(count, source.points.shape[0])
    seen3 = seen6 = seen12 = front = behind = gap = visible = bent6 = bent9 = bent13 = 0.0
    violation_narrow = violation = violation_wide = 0.0
    for k in range(count):
        p = np.uintp(k)
        u, v, w, _, distance2, agree = laid_upon(source, p, target, M, R, t)
        x, y, z = eye_x - u, eye_y - v, eye_z - w
        a, b, e = source.normals[p, 0], source.normals[p, 1], source.normals[p, 2]
        towards = (R[0, 0] * a + R[0, 1] * b + R[0, 2] * e) * x
        towards += (R[1, 0] * a + R[1, 1] * b + R[1, 2] * e) * y
        towards += (R[2, 0] * a + R[2, 1] * b + R[2, 2] * e) * z
        sure = min(1.0, max(0.0, (towards / np.sqrt(x * x + y * y + z * z) - _FACING_FROM) / _FACING_RANGE))
        margin = free_margin(target, u, v, w)
        known = margin == margin
        margin2 = margin * margin if known else 1.0
        visible += sure
        seen3 += sure * max(0.0, 1.0 - margin2 / 0.003**2) ** 2
        seen6 += sure * max(0.0, 1.0 - margin2 / 0.006**2) ** 2
        seen12 += sure * max(0.0, 1.0 - margin2 / 0.012**2) ** 2
        front += sure * min(1.0, max(0.0, (margin - _SLACK_M) / _RAMP_M)) if known else 0.0
        behind += sure * min(1.0, max(0.0, (-margin - _SLACK_M) / _RAMP_M)) if known else 0.0
        gap += sure * min(1.0, abs(margin) / _GAP_M) if known & (distance2 < _GAP_M**2) else 0.0
        bend = sure * (1.0 - agree)
        bent6 += bend * nearness(distance2, NARROW)
        bent9 += bend * nearness(distance2, MIDDLE)
        bent13 += bend * nearness(distance2, WIDE)
        d = np.sqrt(distance2)
        violation_narrow += seen_through(d, margin, NARROW)
        violation += seen_through(d, margin, MIDDLE)
        violation_wide += seen_through(d, margin, WIDE)
    sums = (seen3, seen6, seen12, front, behind, gap, visible, bent6, bent9, bent13)
    for i in range(10):
        out[i] += sums[i] / count
    out[10] += violation_narrow / count
    out[11] += violation / count
    out[12] += violation_wide / count


@kernel
def expectations(demo, live, pose, count):
    """Return the terms (T - 1,) of a pose (8,), all but the penalty, over `count` points of each view."""
    out = np.zeros(_WEIGHTS.shape[0])
    M, R, t = affine_of(pose)
    _add_expectations(demo, live, M, R, t, count, out)
    back, back_R, back_t = inverse_of(M, R, t)
    _add_expectations(live, demo, back, back_R, back_t, count, out)
    return out


@kernel
def _odds(demo, live, pose, per_stretch2, count):
    """Return the log-odds of a pose (8,) among its neighbours, up to a constant."""
    terms = expectations(demo, live, pose, count)
    odds = per_stretch2 * (pose[4] ** 2 + pose[5] ** 2 + pose[6] ** 2 + pose[7] ** 2)
    return odds + (terms * _WEIGHTS).sum()


@kernel
def _settle(demo, live, poses, steps, limit, per_stretch2):
    """Return the best of `poses` (P, 8) after a pattern search from it."""
    odds = np.array([_odds(demo, live, poses[k], per_stretch2, _POINTS) for k in range(poses.shape[0])])
    pose = poses[odds.argmax()].copy()
    highest = _odds(demo, live, pose, per_stretch2, _SEARCH_POINTS)
    axes = np.nonzero(steps)[0]
    for size in (1.0, 0.5):
        failed = 0  # parameters in a row: all have been tried from here when it is as many as there are
        for _sweep in range(4):
            for axis in axes:
                if failed == len(axes):
                    break
                failed += 1
                for sign in (size, -size):
                    before = pose[axis]
                    pose[axis] = before + sign * steps[axis]
                    here = _odds(demo, live, pose, per_stretch2, _SEARCH_POINTS)
                    if here > highest and (axis < 4 or abs(pose[axis]) <= limit):
                        highest, failed = here, 0
                        break
                    pose[axis] = before
    return pose
