"""What a pose is worth in the end, on many points and the real depth images."""

from typing import NamedTuple

import numpy as np

from mt3_retrieval.alignment.climb import NORMAL_WEIGHT, stretch_penalty
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.pose import affine_of
from mt3_retrieval.alignment.score import Evidence, evaluate
from mt3_retrieval.alignment.shape import Shape

__all__ = ['JUDGE_POINTS', 'Judgement', 'judge', 'judge_affine', 'self_violation']

JUDGE_POINTS = 1500
_LEAST_VISIBLE = 0.4  # a pose that hides more than the rest is not made consistent by the little it shows


class _LogOdds(NamedTuple):
    """What each piece of evidence, summed over both directions, adds to the logarithm of the odds of a pose."""

    fit_narrow: float
    fit_wide: float
    violation_narrow: float
    violation: float
    violation_wide: float
    hidden_narrow: float
    log_violation: float
    penalty: float

    def worth(self, total: Evidence, penalty: float) -> float:
        """Return the log-odds of a pose, up to a constant."""
        return float(
            self.fit_narrow * total.fit_narrow
            + self.fit_wide * total.fit_wide
            + self.violation_narrow * total.violation_narrow
            + self.violation * total.violation
            + self.violation_wide * total.violation_wide
            + self.hidden_narrow * total.hidden_narrow
            + self.log_violation * np.log(total.violation + _LEAST_VIOLATION)
            + self.penalty * penalty
        )


# Fitted on the tuning seeds of benchmarks/alignment.py so that the exponential tells how probable each candidate is:
# once on all yaws around the best, for the search; once on what the search brings, for the last word. The last word
# has no use for places where nobody looked, and takes a little seen through, where others have none, very seriously.
_LEAST_VIOLATION = 0.004
_SEARCH = _LogOdds(2.7, -0.7, -10.5, -9.2, -14.0, 1.0, 0.0, -17.4)
_LAST_WORD = _LogOdds(1.74, 0.22, -2.55, -6.0, -15.3, -2.73, -3.14, -83.8)
_LAST_GAIN = 0.5  # of any stretch, beside its penalty


class Judgement(NamedTuple):
    """What speaks for a pose and against it, explained in `result.Pose`; `worth` ranks in the search."""

    score: float
    overlap: float
    violation: float
    consistency: float
    worth: float
    last_word: float


def judge(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig, points: int = JUDGE_POINTS) -> Judgement:
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
    points: int = JUDGE_POINTS,
) -> Judgement:
    """Judge the map M p + t, (3, 3) and (3,), with the rotation R; `penalty` is what its stretch costs."""
    both = evaluate(demo, live, M, R, t, NORMAL_WEIGHT, points)
    total = Evidence(*(a + b for a, b in zip(*both, strict=True)))
    cost = config.free_space_weight * total.violation + penalty
    visible_fit = sum(e.fit / max(_LEAST_VISIBLE, 1.0 - e.hidden) for e in both)
    worth = _SEARCH.worth(total, penalty) - (config.stretch_gain if penalty > 0.0 else 0.0)
    last_word = _LAST_WORD.worth(total, penalty) + (_LAST_GAIN if penalty > 0.0 else 0.0)
    return Judgement(total.fit - cost, 0.5 * total.fit, 0.5 * total.violation, visible_fit - cost, worth, last_word)


def self_violation(shape: Shape, turn: np.ndarray, points: int = JUDGE_POINTS) -> float:
    """Return the share of points, in [0, 1], that the view's own camera saw through once the object is turned."""
    forward, backward = evaluate(shape, shape, *affine_of(turn), NORMAL_WEIGHT, points)
    return 0.5 * (forward.violation + backward.violation)
