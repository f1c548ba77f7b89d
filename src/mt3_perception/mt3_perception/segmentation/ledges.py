"""Stacks of one colour, told by their shape: a level face, and a level ledge around it that lies lower."""

import cv2
import numpy as np

from mt3_common.jit import kernel

__all__ = ['LOWEST_M', 'has_ledge']

_STRIDE = 3  # so many pixels apart is looked
_REACH_M = 0.006  # what is level is so over this distance on all sides: the rims of most containers are narrower
_SLOPE = 0.25
_BIN_M = 0.004
_LEAST_M = (0.015, 0.02)  # the ledge over the support, and the face over the ledge
LOWEST_M = sum(_LEAST_M)
"""What is less high [m] has none."""

_AREA_M2 = (6e-4, 12e-4)  # of the ledge that is seen, and of the face: the cap of a bottle and a knob are smaller
_AROUND = 0.4  # of the face, share that the ledge encloses: a step or a drawer is beside, a floor within its rim


def has_ledge(
    inside: np.ndarray,
    depth: np.ndarray,
    height: np.ndarray,
    raised_m: float,
    corner: tuple[int, int],
    K: np.ndarray,
    frame: np.ndarray,
) -> bool:
    """Whether one thing has the shape of a smaller one on top of a larger one.

    Args:
        inside: (h, w) bool, its pixels in a crop.
        depth: (h, w) [m].
        height: (h, w) above the support [m].
        raised_m: How high over the support it stands [m].
        corner: Row and column of the crop in the picture.
        K: (3, 3) [pixel].
        frame: (3, 3) two level unit vectors and the one against gravity as rows, camera frame.
    """
    least = raised_m + _LEAST_M[0] - 0.5 * _BIN_M
    places, high, area = _find_level(inside, depth, height, *corner, K, frame, least)
    if area.sum() < sum(_AREA_M2) or np.ptp(high) < _LEAST_M[1]:
        return False
    bins = (high / _BIN_M).astype(np.int64)
    sizes = np.bincount(bins, area, bins.max() + 3)
    near = sizes + np.roll(sizes, 1) + np.roll(sizes, -1)  # a level face may lie across a border of two bins
    apart = round(_LEAST_M[1] / _BIN_M)
    faces = np.flatnonzero((near >= _AREA_M2[1]) & _is_peak(near))
    ledges = np.flatnonzero((near >= _AREA_M2[0]) & _is_peak(near))
    for ledge in ledges:
        hull = None
        for face in faces[faces >= ledge + apart]:
            if hull is None:
                hull = cv2.convexHull(places[np.abs(bins - ledge) <= 1])
            on_top = places[np.abs(bins - face) <= 1]
            on_top = on_top[:: 1 + len(on_top) // 100]
            within = sum(cv2.pointPolygonTest(hull, (float(x), float(y)), False) >= 0 for x, y in on_top)
            if within > _AROUND * len(on_top):
                return True
    return False


def _is_peak(values: np.ndarray) -> np.ndarray:
    """Whether no neighbour of each value (n,) is larger."""
    return (values >= np.roll(values, 1)) & (values >= np.roll(values, -1))


@kernel
def _find_level(inside, depth, height, top, left, K, frame, least):
    """Places (n, 2) float32 seen from above [m], heights (n,) [m] and areas (n,) [m^2] of what is level, and high."""
    rows, columns = inside.shape
    most = (rows // _STRIDE + 1) * (columns // _STRIDE + 1)
    places, high, area, n = np.empty((most, 2), np.float32), np.empty(most), np.empty(most), 0
    for v in range(0, rows, _STRIDE):
        for u in range(0, columns, _STRIDE):
            if not inside[v, u] or not least < height[v, u] < np.inf or not depth[v, u] < np.inf:
                continue
            z = depth[v, u]
            reach = max(2, int(np.rint(_REACH_M * K[0, 0] / z)))
            tolerance = _SLOPE * 2.0 * reach * z / K[0, 0]
            above, below = _mean(inside, height, v - reach, u), _mean(inside, height, v + reach, u)
            if not abs(above - below) < tolerance:  # most that is not level ends here
                continue
            before, after = _mean(inside, height, v, u - reach), _mean(inside, height, v, u + reach)
            middle = _mean(inside, height, v, u)
            is_even = abs(above + below - 2.0 * middle) < tolerance and abs(before + after - 2.0 * middle) < tolerance
            if not (is_even and abs(before - after) < tolerance):
                continue
            x, y = (left + u - K[0, 2]) / K[0, 0], (top + v - K[1, 2]) / K[1, 1]
            for k in range(2):
                places[n, k] = z * (frame[k, 0] * x + frame[k, 1] * y + frame[k, 2])
            facing = max(abs(frame[2, 0] * x + frame[2, 1] * y + frame[2, 2]), 0.05)
            high[n], area[n] = middle, (_STRIDE * z) ** 2 / (K[0, 0] * K[1, 1] * facing)
            n += 1
    return places[:n], high[:n], area[:n]


@kernel
def _mean(inside, height, v, u):
    """Mean height of the square around a pixel; NaN where it is not wholly inside and known."""
    if v < 1 or u < 1 or v >= height.shape[0] - 1 or u >= height.shape[1] - 1:
        return np.nan
    total = 0.0
    for row in range(v - 1, v + 2):
        for column in range(u - 1, u + 2):
            total += height[row, column] if inside[row, column] else np.nan
    return total / 9.0
