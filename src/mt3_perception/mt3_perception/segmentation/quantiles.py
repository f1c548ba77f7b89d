"""Medians and percentiles of a sample: sorting a thousand values is far quicker than numpy's general functions."""

import numpy as np

__all__ = ['median', 'quantiles', 'sample']


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
    if last < 0:
        return (float('nan'),) * len(shares)
    found = []
    for share in shares:
        below = min(int(share * last), max(last - 1, 0))
        low, high = float(ordered[below]), float(ordered[min(below + 1, last)])
        found.append(low + (share * last - below) * (high - low))
    return tuple(found)
