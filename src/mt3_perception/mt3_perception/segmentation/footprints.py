"""Outlines of parts seen from above, and what the outline of two of them together says."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

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
        return Footprint(cv2.convexHull(cells.astype(np.float32)))

    def __or__(self, other: 'Footprint') -> 'Footprint':
        return Footprint(cv2.convexHull(np.concatenate([self.outline, other.outline])))

    @cached_property
    def area(self) -> float:
        """Number of cells inside."""
        return cv2.contourArea(self.outline) + 0.5 * cv2.arcLength(self.outline, True) + 1.0

    @cached_property
    def rectangle(self) -> tuple[np.ndarray, np.ndarray, float, float]:
        """Middle (2,), unit vector (2,) along the longer side, length and width [cell] of the rectangle around it."""
        middle, (width, height), angle = cv2.minAreaRect(self.outline)
        angle = np.radians(angle) + (0.0 if width >= height else 0.5 * np.pi)
        along = np.array([np.cos(angle), np.sin(angle)])
        return np.array(middle), along, max(width, height) + 1.0, min(width, height) + 1.0

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

    def gain(self, other: 'Footprint', min_width: float) -> float:
        """Return the area that only the outline of both together encloses, as a share of the smaller one.

        Two convex things side by side enclose much that neither covers, two faces of one convex thing do not.

        Args:
            min_width: Thin ones (a wall seen from above) count as though they were so wide [cell].
        """
        smaller = min(self, other, key=lambda one: max(one.area, min_width * one.rectangle[2]))
        enclosed = (self | other).area - self.area - other.area + self.overlap(other)
        return enclosed / max(smaller.area, min_width * smaller.rectangle[2])

    def between(self, other: 'Footprint', cells: np.ndarray) -> tuple[int, int]:
        """Return how many cells only the outline of both encloses, and how many of them are set in (h, w) uint8."""
        mask = cv2.fillConvexPoly(np.zeros_like(cells), np.round((self | other).outline).astype(np.int32), 1)
        for one in (self, other):
            cv2.fillConvexPoly(mask, np.round(one.outline).astype(np.int32), 0)
        return int(np.count_nonzero(mask)), int(np.count_nonzero(mask & cells))
