"""How far to believe the best pose: how it compares with its rivals, turned into a probability."""

from collections.abc import Sequence

import numpy as np

from mt3_retrieval.alignment.result import Pose

__all__ = ['FEATURES', 'angle_apart', 'confidence', 'doubt_features', 'turn_between']

_PROFILE_DEPTH = 0.15  # coarse yaws this close to the best count as rivals
_RIVAL_RAD = np.radians(20.0)
_NO_RIVAL = 3.0  # margin when no other yaw was even refined
_NO_RIVAL_RATIO = 20.0
_LEAST_RIVALS = 1e-5  # odds of what was not even considered

# Logistic regression on the tuning seeds of benchmarks/alignment.py (`--fit`): per feature (mean, spread, weight).
# Among the wrong ones are other objects that look alike and fit: the probability is also that it is this object.
_BIAS = 4.009
_WEIGHTS = {
    'margin': (0.7897, 0.3800, -0.043),
    'least_margin': (0.7342, 0.4478, 0.444),
    'violation_margin': (0.6617, 0.3895, 0.376),
    'violation_ratio': (2.8039, 1.4475, 0.256),
    'rivals': (-9.1133, 3.7988, -0.255),
    'worth': (14.1025, 6.1144, 0.274),
    'profile': (0.1314, 0.1904, 0.140),
    'log_violation': (-4.9445, 0.5123, -0.594),
    'overlap': (0.6360, 0.1874, 0.652),
    'visible': (0.8550, 0.1553, -0.097),
    'stretch': (0.0585, 0.0679, 0.007),
    'undetermined': (0.0369, 0.1471, -0.981),
    'looseness': (0.0919, 0.2100, -0.155),
}
# The same for fallen objects (6 degrees of freedom), 81 pairs of tuning seeds 1 to 3; on the seed left out AUROC 0.90.
_BIAS_SIX = 1.259
_WEIGHTS_SIX = {
    'margin': (0.5169, 0.3463, 0.437),
    'least_margin': (0.4167, 0.3794, 0.787),
    'violation_margin': (0.1016, 0.1870, 0.356),
    'log_violation': (-5.0510, 0.3678, -0.809),
    'overlap': (0.4734, 0.2314, -0.569),
    'visible': (0.7185, 0.2301, -0.178),
    'rivals': (-0.2503, 1.8306, -0.521),
    'worth': (0.9553, 0.5681, 0.130),
}

FEATURES = tuple(_WEIGHTS)


def angle_apart(a: float, b: float) -> float:
    """Return the unsigned angle between two yaws [rad]."""
    return abs((a - b + np.pi) % (2.0 * np.pi) - np.pi)


def turn_between(a: Pose, b: Pose) -> float:
    """Return the angle of the turn from one pose to the other [rad]."""
    cosine = 0.5 * (float((a.T_live_demo[:3, :3] * b.T_live_demo[:3, :3]).sum()) - 1.0)
    return float(np.arccos(min(1.0, max(-1.0, cosine))))


def doubt_features(
    best: Pose,
    poses: Sequence[Pose],
    coarse_scores: np.ndarray,
    equivalent: Sequence[Pose],
    looseness: float,
    untold: float,
) -> dict[str, float]:
    """Return what confidence is made of.

    Margins compare the best with the rivals: over 20 degrees away, and not equivalent to it by the object's symmetry.
    In score and in consistency: `margin` takes the kinder of the two for each rival, `least_margin` the harder;
    `rivals` is the logarithm of the odds that all of them have together. For a symmetric object everything is modulo
    its symmetry; how uncertain that is tells `looseness`. `undetermined` counts the open turns that would look
    different.
    """
    right = (best, *equivalent)
    rivals = [p for p in poses if all(turn_between(p, r) > _RIVAL_RAD for r in right)]
    gaps = [(best.score - p.score, best.consistency - p.consistency) for p in rivals]
    visible_fit = best.consistency - best.score + 2.0 * best.overlap
    return {
        'margin': float(np.tanh(min((max(gap) for gap in gaps), default=_NO_RIVAL))),
        'least_margin': float(np.tanh(min((min(gap) for gap in gaps), default=_NO_RIVAL))),
        'violation_margin': float(np.tanh(10.0 * min((p.violation - best.violation for p in rivals), default=0.3))),
        'violation_ratio': float(
            np.log(min(((p.violation + 0.002) / (best.violation + 0.002) for p in rivals), default=_NO_RIVAL_RATIO))
        ),
        'rivals': _log_odds(best, rivals),
        'worth': best.worth,
        'profile': float(np.mean(coarse_scores > coarse_scores.max() - _PROFILE_DEPTH)),
        'log_violation': float(np.log(best.violation + 0.005)),
        'overlap': best.overlap,
        'visible': 2.0 * best.overlap / max(0.1, visible_fit),
        'stretch': float(np.abs(best.stretch - np.eye(3)).max()),
        'undetermined': float(np.tanh(0.2 * untold)),
        'looseness': looseness,
    }


def _log_odds(best: Pose, rivals: Sequence[Pose]) -> float:
    """Return the logarithm of the odds that all `rivals` have together against `best`."""
    return float(np.log(_LEAST_RIVALS + sum(np.exp(p.worth - best.worth) for p in rivals)))


def confidence(features: dict[str, float], dof: int = 4) -> float:
    """Return the probability of being right within 2 cm and 10 degrees; `dof`: of the search that was made, 4 or 6."""
    bias, weights = (_BIAS_SIX, _WEIGHTS_SIX) if dof == 6 else (_BIAS, _WEIGHTS)
    logit = bias + sum(w * (features[name] - mean) / spread for name, (mean, spread, w) in weights.items())
    return float(1.0 / (1.0 + np.exp(-logit)))
