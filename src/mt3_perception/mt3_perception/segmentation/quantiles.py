"""Medians and percentiles of a sample: sorting a thousand values is far quicker than numpy's general functions."""

import numpy as np

__all__ = ['median', 'middle', 'quantile', 'quantiles', 'sample']


def sample(values: np.ndarray, count: int = 1000) -> np.ndarray:
    """Return about `count` values, evenly spread: enough for a median."""
    return values[:: max(1, len(values) // count)]


def median(values: np.ndarray, count: int = 1000) -> float:
    """Return the median of about `count` of the values (n,), NaN left out; NaN where nothing else is."""
    return quantiles(sample(values, count), 0.5)[0]


def quantiles(values: np.ndarray, *shares: float) -> tuple[float, ...]:
    """Return the values below which shares in [0, 1] of values (n,) lie, interpolated, NaN left out."""
    ordered = np.sort(values)
    last = len(ordered) - 1
    while last >= 0 and ordered[last] != ordered[last]:  # NaN: sorted to the end
        last -= 1
    return tuple(quantile(ordered[: last + 1], share) for share in shares)


def middle(points: np.ndarray, count: int = 1000) -> np.ndarray:
    """Return the median (k,) of each coordinate of about `count` of the points (n, k), none of them NaN."""
    return np.array([quantile(row, 0.5) for row in np.sort(sample(points, count).T, axis=1)])


def quantile(ordered: np.ndarray, share: float) -> float:
    """Return the value below which a share in [0, 1] of ordered ones (n,) lies; NaN of none."""
    last = len(ordered) - 1
    if last < 0:
        return float('nan')
    below = min(int(share * last), max(last - 1, 0))
    low, high = float(ordered[below]), float(ordered[min(below + 1, last)])
    return low + (share * last - below) * (high - low)
