"""Cells of a cloud as few boxes: planning scenes take boxes, and hundreds are cheaper than thousands."""

import numpy as np

__all__ = ['boxes_of']


def boxes_of(points: np.ndarray, resolution_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Return centres (B, 3) and sizes (B, 3) of boxes that fill exactly the cells which hold a point [m].

    Cells are joined upwards, then equal columns side by side along x, then equal walls along y.

    Args:
        points: (N, 3) [m].
        resolution_m: Edge of a cell [m].
    """
    if len(points) == 0:
        return np.zeros((0, 3)), np.zeros((0, 3))
    cells = np.unique(np.floor(np.asarray(points) / resolution_m + 1e-9).astype(int), axis=0)
    low, high = cells, cells + 1
    for axis in (2, 0, 1):
        low, high = _joined(low, high, axis)
    return 0.5 * (low + high) * resolution_m, (high - low) * resolution_m


def _joined(low: np.ndarray, high: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Join boxes that touch along an axis and are equal across it."""
    others = [k for k in range(3) if k != axis]
    order = np.lexsort([low[:, axis], *(a[:, k] for k in others for a in (low, high))])
    low, high = low[order], high[order]
    same = (low[1:, others] == low[:-1, others]).all(axis=1) & (high[1:, others] == high[:-1, others]).all(axis=1)
    begins = np.append(True, ~(same & (low[1:, axis] == high[:-1, axis])))
    ends = np.append(begins[1:], True)
    joined_high = high[begins].copy()
    joined_high[:, axis] = high[ends, axis]
    return low[begins], joined_high
