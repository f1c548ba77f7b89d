"""How far to believe the best pose: what its rivals look like, turned into a probability."""

import numpy as np

from mt3_retrieval.alignment.coarse import CoarsePoses
from mt3_retrieval.alignment.result import Pose

__all__ = ['angle_apart', 'confidence', 'doubt_features']

_PROFILE_DEPTH = 0.15  # coarse yaws this close to the best count as rivals
_RIVAL_RAD = np.radians(20.0)

# Logistic regression on the tuning seeds of benchmarks/alignment.py: per feature (mean, spread, weight).
_BIAS = 1.5
_WEIGHTS = {
    'margin': (0.3, 0.3, 1.0),
    'profile': (0.15, 0.15, 0.0),
    'violation': (0.03, 0.03, -1.0),
    'overlap': (0.5, 0.2, 0.3),
}


def angle_apart(a: float, b: float) -> float:
    """Return the unsigned angle between two yaws [rad]."""
    return abs((a - b + np.pi) % (2.0 * np.pi) - np.pi)


def doubt_features(best: Pose, poses: list[Pose], coarse: CoarsePoses) -> dict[str, float]:
    """Return what confidence is made of: margin to the best rival, yaw profile, violation, overlap, scale."""
    rivals = [p for p in poses if angle_apart(p.yaw, best.yaw) > _RIVAL_RAD]
    margin = min((best.score - p.score for p in rivals), default=1.0)
    consistent_margin = min((best.consistency - p.consistency for p in rivals), default=1.0)
    return {
        'margin': float(np.clip(margin, 0.0, 1.0)),
        'consistent_margin': float(np.clip(consistent_margin, -1.0, 1.0)),
        'consistency': best.consistency,
        'profile': float(np.mean(coarse.score > coarse.score.max() - _PROFILE_DEPTH)),
        'violation': best.violation,
        'overlap': best.overlap,
        'score': best.score,
        'stretch': float(np.abs(best.stretch - np.eye(3)).max()),
    }


def confidence(features: dict[str, float]) -> float:
    """Return the probability of being right within 2 cm and 10 degrees."""
    logit = _BIAS + sum(w * (features[name] - mean) / spread for name, (mean, spread, w) in _WEIGHTS.items())
    return float(1.0 / (1.0 + np.exp(-logit)))
