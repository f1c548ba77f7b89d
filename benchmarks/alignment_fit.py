"""Fit of the confidence: a logistic regression on features of aligned pairs, printed as constants to paste."""

import numpy as np
from alignment_report import auroc

from mt3_retrieval.alignment.confidence import FEATURES

__all__ = ['fit_confidence', 'fit_logistic']

HIDDEN_WEIGHT = 3.0  # being wrong with confidence is worse than a refusal
OTHER_WEIGHT = 0.5  # objects of other kinds are chosen for being alike, and rarer than that
_RIDGE = 3.0


def fit_logistic(X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean (F,), spread (F,) and weights (F + 1,), the last one the bias, of a ridge regression by Newton."""
    mean, spread = X.mean(axis=0), X.std(axis=0) + 1e-9
    X = np.c_[(X - mean) / spread, np.ones(len(X))]
    w, ridge = np.zeros(X.shape[1]), np.r_[np.full(X.shape[1] - 1, _RIDGE), 0.0]
    for _ in range(60):
        p = 1.0 / (1.0 + np.exp(-X @ w))
        H = (X * (weight * p * (1 - p))[:, None]).T @ X + np.diag(ridge)
        w += np.linalg.solve(H + 1e-9 * np.eye(len(w)), X.T @ (weight * (y - p)) - ridge * w)
    return mean, spread, w


def fit_confidence(samples: list[tuple[str, int, dict[str, float], bool]]) -> None:
    """Print the constants of mt3_retrieval/alignment/confidence.py, and how good they are on seeds that were left out.

    Args:
        samples: (kind, seed, features, whether the pair was right) of each pair.
    """
    kinds, seeds = np.array([s[0] for s in samples]), np.array([s[1] for s in samples])
    X = np.array([[s[2][name] for name in FEATURES] for s in samples])
    y = np.array([s[3] for s in samples])
    weight = np.select([kinds == 'hidden', kinds == 'other'], [HIDDEN_WEIGHT, OTHER_WEIGHT], 1.0)
    unseen = np.zeros(len(y))
    for seed in np.unique(seeds):
        rest = seeds != seed
        mean, spread, w = fit_logistic(X[rest], y[rest], weight[rest])
        unseen[~rest] = np.c_[(X[~rest] - mean) / spread, np.ones((~rest).sum())] @ w
    probability = 1.0 / (1.0 + np.exp(-unseen))
    for kind in np.unique(kinds):
        of = kinds == kind
        kept = np.argsort(-unseen[of], kind='stable')[: int(0.8 * of.sum())]
        print(
            f'{kind}: {of.sum()} pairs, {y[of].mean():.1%} right, mean confidence {probability[of].mean():.1%}, AUROC '
            f'{auroc(unseen[of], y[of]):.3f}, {y[of][kept].mean():.1%} right at 80 %, confident and wrong '
            f'{np.mean((probability[of] > 0.5) & ~y[of]):.1%}, right and under 0.3 '
            f'{np.mean((probability[of] < 0.3) & y[of]):.1%}'
        )
    mean, spread, w = fit_logistic(X, y, weight)
    print(f'AUROC {auroc(unseen, y):.3f} on {len(y)} pairs, leaving one seed out\n_BIAS = {w[-1]:.3f}\n_WEIGHTS = {{')
    for name, m, s, value in zip(FEATURES, mean, spread, w[:-1], strict=True):
        print(f"    '{name}': ({m:.4f}, {s:.4f}, {value:.3f}),")
    print('}')
