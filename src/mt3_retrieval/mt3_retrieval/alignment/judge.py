"""What a pose is worth in the end, on many points and the real depth images."""

from typing import NamedTuple

import numpy as np

from mt3_retrieval.alignment.climb import NORMAL_WEIGHT, stretch_penalty
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.pose import affine_of
from mt3_retrieval.alignment.score import Evidence, evaluate
from mt3_retrieval.alignment.shape import Shape

__all__ = ['Judgement', 'judge', 'judge_affine', 'self_violation']

_POINTS = 1500
_LEAST_VISIBLE = 0.4  # a pose that hides more than the rest is not made consistent by the little it shows

# What candidates are ranked by, in units of log-odds: fitted on the tuning seeds of benchmarks/alignment.py so that the
# exponential of the worth tells how probable each of the candidates is. Sums of both directions.
_FIT_NARROW, _FIT_WIDE = 2.7, -0.7
_VIOLATION_NARROW, _VIOLATION, _VIOLATION_WIDE = -10.5, -9.2, -14.0
_HIDDEN_NARROW = 1.0  # nobody looked there: better than no fit, worse than a fit
_PENALTY = -17.4


class Judgement(NamedTuple):
    """What speaks for a pose and against it; the fields are explained in `result.Pose`."""

    score: float
    overlap: float
    violation: float
    consistency: float
    worth: float


def judge(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig, points: int = _POINTS) -> Judgement:
    """Judge the pose (8,) by at most `points` points of each view."""
    return judge_affine(demo, live, *affine_of(pose), stretch_penalty(pose, config), config, points)


def judge_affine(
    demo: Shape,
    live: Shape,
    M: np.ndarray,
    R: np.ndarray,
    t: np.ndarray,
    penalty: float,
    config: AlignmentConfig,
    points: int = _POINTS,
) -> Judgement:
    """Judge the map M p + t, (3, 3) and (3,), with the rotation R; `penalty` is what its stretch costs."""
    both = evaluate(demo, live, M, R, t, NORMAL_WEIGHT, points)
    total = Evidence(*(a + b for a, b in zip(*both, strict=True)))
    cost = config.free_space_weight * total.violation + penalty
    visible_fit = sum(e.fit / max(_LEAST_VISIBLE, 1.0 - e.hidden) for e in both)
    worth = (
        _FIT_NARROW * total.fit_narrow
        + _FIT_WIDE * total.fit_wide
        + _VIOLATION_NARROW * total.violation_narrow
        + _VIOLATION * total.violation
        + _VIOLATION_WIDE * total.violation_wide
        + _HIDDEN_NARROW * total.hidden_narrow
        + _PENALTY * penalty
        - (config.stretch_gain if penalty > 0.0 else 0.0)
    )
    return Judgement(total.fit - cost, 0.5 * total.fit, 0.5 * total.violation, visible_fit - cost, worth)


def self_violation(shape: Shape, turn: np.ndarray, points: int = _POINTS) -> float:
    """Return the share of points, in [0, 1], that the view's own camera saw through once the object is turned."""
    forward, backward = evaluate(shape, shape, *affine_of(turn), NORMAL_WEIGHT, points)
    return 0.5 * (forward.violation + backward.violation)
