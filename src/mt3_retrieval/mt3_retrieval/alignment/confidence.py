"""How far to believe the best pose: how it compares with its rivals, turned into a probability."""

import numpy as np

from mt3_retrieval.alignment.coarse import CoarsePoses
from mt3_retrieval.alignment.result import Pose

__all__ = ['angle_apart', 'confidence', 'doubt_features']

_PROFILE_DEPTH = 0.15  # coarse yaws this close to the best count as rivals
_RIVAL_RAD = np.radians(20.0)
_NO_RIVAL = 3.0  # margin when no other yaw was even refined

# Logistic regression on the tuning seeds of benchmarks/alignment.py (`--fit`): per feature (mean, spread, weight).
_BIAS = 4.470
_WEIGHTS = {
    'margin': (0.6849, 0.3583, 0.061),
    'least_margin': (0.6037, 0.4139, 0.726),
    'violation_margin': (0.4094, 0.3813, 1.194),
    'profile': (0.1242, 0.1719, -0.267),
    'log_violation': (-4.9936, 0.4114, -0.930),
    'overlap': (0.6722, 0.1616, 0.812),
    'visible': (0.8793, 0.1440, -0.028),
    'stretch': (0.0553, 0.0632, 0.222),
    'ambiguous': (0.2561, 0.4365, 0.268),
}


def angle_apart(a: float, b: float) -> float:
    """Return the unsigned angle between two yaws [rad]."""
    return abs((a - b + np.pi) % (2.0 * np.pi) - np.pi)


def doubt_features(best: Pose, poses: list[Pose], coarse: CoarsePoses, ambiguous: bool) -> dict[str, float]:
    """Return what confidence is made of.

    Margins compare the best with the rivals over 20 degrees away, in score and in consistency: `margin` takes the
    kinder of the two for each rival, `least_margin` the harder.
    """
    rivals = [p for p in poses if angle_apart(p.yaw, best.yaw) > _RIVAL_RAD]
    gaps = [(best.score - p.score, best.consistency - p.consistency) for p in rivals]
    visible_fit = best.consistency - best.score + 2.0 * best.overlap
    return {
        'margin': float(np.tanh(min((max(gap) for gap in gaps), default=_NO_RIVAL))),
        'least_margin': float(np.tanh(min((min(gap) for gap in gaps), default=_NO_RIVAL))),
        'violation_margin': float(np.tanh(10.0 * min((p.violation - best.violation for p in rivals), default=0.3))),
        'profile': float(np.mean(coarse.score > coarse.score.max() - _PROFILE_DEPTH)),
        'log_violation': float(np.log(best.violation + 0.005)),
        'overlap': best.overlap,
        'visible': 2.0 * best.overlap / max(0.1, visible_fit),
        'stretch': float(np.abs(best.stretch - np.eye(3)).max()),
        'ambiguous': float(ambiguous),
    }


def confidence(features: dict[str, float]) -> float:
    """Return the probability of being right within 2 cm and 10 degrees."""
    logit = _BIAS + sum(w * (features[name] - mean) / spread for name, (mean, spread, w) in _WEIGHTS.items())
    return float(1.0 / (1.0 + np.exp(-logit)))
