"""What a pose is worth in the end, on many points and the real depth images."""

from typing import NamedTuple

import numpy as np

from mt3_retrieval.alignment.climb import NORMAL_WEIGHT, stretch_penalty
from mt3_retrieval.alignment.config import AlignmentConfig
from mt3_retrieval.alignment.score import Evidence, Tolerance, evaluate
from mt3_retrieval.alignment.shape import Shape

__all__ = ['Judgement', 'judge', 'judgement_of', 'self_violation']

_TOLERANCE = Tolerance(fit=0.009, free=0.006, ramp=0.010)
_POINTS = 1500
_LEAST_VISIBLE = 0.4  # a pose that hides more than the rest is not made consistent by the little it shows
_RANK_VIOLATION = 40.0


class Judgement(NamedTuple):
    """What speaks for a pose and against it; the fields are explained in `result.Pose`."""

    score: float
    overlap: float
    violation: float
    consistency: float

    @property
    def worth(self) -> float:
        """What candidates are ranked by: the hidden side counts half, and free space decides between good fits."""
        return 0.5 * (self.score + self.consistency) - _RANK_VIOLATION * self.violation


def judge(demo: Shape, live: Shape, pose: np.ndarray, config: AlignmentConfig, points: int = _POINTS) -> Judgement:
    """Judge the pose (8,) by at most `points` points of each view."""
    forward, backward = evaluate(demo, live, pose, _TOLERANCE, NORMAL_WEIGHT, points)
    return judgement_of(forward, backward, stretch_penalty(pose, config), config)


def judgement_of(forward: Evidence, backward: Evidence, penalty: float, config: AlignmentConfig) -> Judgement:
    """Weigh the evidence of both directions; `penalty` is what the stretch costs."""
    fit, violation = forward.fit + backward.fit, forward.violation + backward.violation
    cost = config.free_space_weight * violation + penalty
    visible_fit = sum(e.fit / max(_LEAST_VISIBLE, 1.0 - e.hidden) for e in (forward, backward))
    return Judgement(fit - cost, 0.5 * fit, 0.5 * violation, visible_fit - cost)


def self_violation(shape: Shape, turn: np.ndarray, points: int = _POINTS) -> float:
    """Return the share of points, in [0, 1], that the view's own camera saw through once the object is turned."""
    forward, backward = evaluate(shape, shape, turn, _TOLERANCE, NORMAL_WEIGHT, points)
    return 0.5 * (forward.violation + backward.violation)
