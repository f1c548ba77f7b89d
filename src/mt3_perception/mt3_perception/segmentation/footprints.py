"""Outlines of parts seen from above, and what the outline of two of them together says."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from mt3_common.jit import kernel

__all__ = ['Footprint']


@dataclass(frozen=True, eq=False)
class Footprint:
    """Convex outline of something seen from above.

    Attributes:
        outline: (n, 1, 2) float32, (column, row) of the middles of its outer cells.
    """

    outline: np.ndarray

    @staticmethod
    def around(cells: np.ndarray) -> 'Footprint':
        """Return the outline of cells (n, 2) (column, row)."""
        return Footprint(cv2.convexHull(_ends_of_rows(cells.astype(np.int64, copy=False))))

    def __or__(self, other: 'Footprint') -> 'Footprint':
        return Footprint(cv2.convexHull(np.concatenate([self.outline, other.outline])))

    @cached_property
    def area(self) -> float:
        """Number of cells inside."""
        return cv2.contourArea(self.outline) + 0.5 * cv2.arcLength(self.outline, True) + 1.0

    @cached_property
    def rectangle(self) -> tuple[float, float]:
        """Length and width [cell] of the rectangle around it."""
        _, sides, _ = cv2.minAreaRect(self.outline)
        return max(sides) + 1.0, min(sides) + 1.0

    @property
    def roundness(self) -> float:
        """Share of the circle around it that it fills."""
        radius = cv2.minEnclosingCircle(self.outline)[1] + 0.5
        return self.area / (np.pi * radius**2)

    def overlap(self, other: 'Footprint') -> float:
        """Area that both cover [cell]."""
        if min(len(self.outline), len(other.outline)) < 3:
            return 0.0
        return cv2.intersectConvexConvex(self.outline, other.outline)[0]

    def _size(self, min_width: float) -> float:
        """Return the area as though it were so wide [cell]."""
        return max(self.area, min_width * self.rectangle[0])

    def gain(self, other: 'Footprint', min_width: float) -> float:
        """Return the area that only the outline of both together encloses, as a share of the smaller one.

        Two convex things side by side enclose much that neither covers, two faces of one convex thing do not.

        Args:
            min_width: Thin ones (a wall seen from above) count as though they were so wide [cell].
        """
        smaller = min(self._size(min_width), other._size(min_width))
        both = _area_of_both(self.outline, other.outline)
        return (both - self.area - other.area + self.overlap(other)) / smaller

    def between(self, other: 'Footprint', cells: np.ndarray) -> tuple[int, int]:
        """Return how many cells only the outline of both encloses, and how many of them are set in (h, w) uint8."""
        mask = cv2.fillConvexPoly(np.zeros_like(cells), np.round((self | other).outline).astype(np.int32), 1)
        for one in (self, other):
            cv2.fillConvexPoly(mask, np.round(one.outline).astype(np.int32), 0)
        return int(np.count_nonzero(mask)), int(np.count_nonzero(mask & cells))


@kernel
def _ends_of_rows(cells):
    """Return the first and the last (m, 2) float32 in each row of cells (n, 2): no others are in their outline."""
    top, bottom = cells[:, 1].min(), cells[:, 1].max()
    ends = np.empty((bottom - top + 1, 2), cells.dtype)
    ends[:, 0], ends[:, 1] = cells[:, 0].max() + 1, cells[:, 0].min() - 1
    for i in range(len(cells)):
        row = cells[i, 1] - top
        ends[row, 0], ends[row, 1] = min(ends[row, 0], cells[i, 0]), max(ends[row, 1], cells[i, 0])
    out, n = np.empty((2 * len(ends), 2), np.float32), 0
    for row in range(len(ends)):
        if ends[row, 0] <= ends[row, 1]:
            out[n, 0], out[n + 1, 0] = ends[row, 0], ends[row, 1]
            out[n, 1] = out[n + 1, 1] = row + top
            n += 2
    return out[:n]


@kernel
def _area_of_both(one, other):
    """Return what `Footprint.area` is of the outline of two outlines (n, 1, 2) together.

    By A. M. Andrew's monotone chain (1979): the points in order, then those left out at which a side turns back.
    """
    n = len(one) + len(other)
    x, y, count = np.empty(n), np.empty(n), 0
    for outline in (one, other):
        for i in range(len(outline)):
            a, b, at = outline[i, 0, 0], outline[i, 0, 1], count
            while at and (x[at - 1] > a or (x[at - 1] == a and y[at - 1] > b)):
                x[at], y[at] = x[at - 1], y[at - 1]
                at -= 1
            x[at], y[at] = a, b
            count += 1
    hull, used = np.empty(2 * n + 1, np.int64), 0
    for side in range(2):  # there, and back
        first = used
        for k in range(n):
            i = n - 1 - k if side else k
            while used - first >= 2 and not _turns(x, y, hull[used - 2], hull[used - 1], i):
                used -= 1
            hull[used] = i
            used += 1
        used -= 1  # its last point is the first one of the way back
    twice, rim = 0.0, 0.0
    for k in range(used):
        i, j = hull[k], hull[k + 1] if k + 1 < used else hull[0]
        twice += x[i] * y[j] - x[j] * y[i]
        across, down = np.float32(x[j] - x[i]), np.float32(y[j] - y[i])
        rim += np.sqrt(across * across + down * down)
    return 0.5 * abs(twice) + 0.5 * rim + 1.0


@kernel
def _turns(x, y, first, middle, last):
    """Whether the way over three points turns to the side on which the outline is."""
    along, down = x[middle] - x[first], y[middle] - y[first]
    return along * (y[last] - y[first]) - down * (x[last] - x[first]) > 0.0
