"""What a pose is worth in the end, on many points and the real depth images."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mt3_retrieval.alignment.climb import stretch_penalty
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.score import Evidence, evaluate, evaluate_poses
from mt3_retrieval.alignment.shape import Shape

__all__ = ['JUDGE_POINTS', 'Judgement', 'judge', 'judge_all', 'judge_rigid']

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
    return judge_all(demo, live, pose[None], config, points)[0]


def judge_all(
    demo: Shape, live: Shape, poses: Sequence[np.ndarray], config: AlignmentConfig, points: int = JUDGE_POINTS
) -> list[Judgement]:
    """Judge each of the poses (8,) by at most `points` points of each view."""
    both = evaluate_poses(demo, live, np.reshape(poses, (-1, 8)), points)
    return [_judgement(e, stretch_penalty(pose, config), config) for e, pose in zip(both, poses, strict=True)]


def judge_rigid(
    demo: Shape, live: Shape, R: np.ndarray, t: np.ndarray, config: AlignmentConfig, points: int = JUDGE_POINTS
) -> Judgement:
    """Judge the motion R p + t, (3, 3) and (3,)."""
    return _judgement(evaluate(demo, live, R, R, t, points), 0.0, config)


def _judgement(both: np.ndarray, penalty: float, config: AlignmentConfig) -> Judgement:
    """Return what the evidence (2, 8) of both directions says; `penalty` is what the stretch costs."""
    total = Evidence(*(float(value) for value in both.sum(axis=0)))
    cost = config.free_space_weight * total.violation + penalty
    visible_fit = sum(float(fit) / max(_LEAST_VISIBLE, 1.0 - float(hidden)) for fit, _, hidden in both[:, :3])
    worth = _SEARCH.worth(total, penalty) - (config.stretch_gain if penalty > 0.0 else 0.0)
    last_word = _LAST_WORD.worth(total, penalty) + (_LAST_GAIN if penalty > 0.0 else 0.0)
    return Judgement(total.fit - cost, 0.5 * total.fit, 0.5 * total.violation, visible_fit - cost, worth, last_word)
