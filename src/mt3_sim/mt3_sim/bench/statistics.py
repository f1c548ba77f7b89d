"""What a count of successes says."""

import math

__all__ = ['wilson']


def wilson(done: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a success rate (Wilson, JASA 1927).

    Args:
        done: Successes.
        total: Trials.
    """
    if not total:
        return 0.0, 1.0
    z, p = 1.96, done / total
    middle, half = p + z * z / (2 * total), z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    low, high = (middle - half) / (1 + z * z / total), (middle + half) / (1 + z * z / total)
    return max(0.0, low), min(1.0, high)  # rounding goes a hair beyond
