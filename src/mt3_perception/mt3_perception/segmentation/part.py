"""One part of what stands on the support: what a camera sees of a face, a handle, or a whole object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import hypot
from operator import add

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.quantiles import middle, quantile

__all__ = ['Part', 'ends', 'sum_of']


@dataclass(frozen=True, eq=False)
class Part:
    """One part.

    Attributes:
        cells: (n, 2) (column, row) that it covers, seen from above.
        footprint: Their outline.
        colour: (3,) mean colour: half of the lightness, and the two of hue and chroma.
        pixels: Its size.
        low, top: Heights above the support between which it is seen [m].
        free: Share of the space below it that the camera sees through, in [0, 1].
        group: Those of other groups do not touch it, as far as the camera sees.
    """

    cells: np.ndarray
    footprint: Footprint
    colour: np.ndarray
    pixels: int
    low: float = 0.0
    top: float = 0.0
    free: float = 0.0
    group: int = 0

    @cached_property
    def thickness(self) -> float:
        """Diameter of the largest circle in it [cell]."""
        corner = self.cells.min(axis=0) - 1
        column, row = (self.cells - corner).T
        mask = np.zeros((int(row.max()) + 2, int(column.max()) + 2), np.uint8)
        mask[row, column] = 1
        return 2.0 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 5).max()) - 1.0

    @cached_property
    def spine(self) -> tuple[np.ndarray, np.ndarray, float, float]:
        """Middle (2,), direction along and across (2, 2), length and width of it as a handle [cell]."""
        at = middle(self.cells, len(self.cells))
        axes = _main_axes(self.cells)
        # a few cells of the head may have been taken for the handle
        low, high = ends(self.cells, at, axes, 0.04)
        return at, axes, *(high - low + 1.0)

    def distance(self, other: 'Part') -> float:
        """Distance of the nearest cells of two parts [cell]; neighbours are 1 apart."""
        here, there = self.cells[:: 1 + len(self.cells) // 400], other.cells[:: 1 + len(other.cells) // 400]
        off = here[:, None].astype(np.float32) - there[None].astype(np.float32)
        return float(np.sqrt(np.min(np.einsum('ijk,ijk->ij', off, off))))

    def overlap(self, other: 'Part') -> float:
        """Share of the smaller outline that the other one covers, seen from above."""
        one, two = self.footprint, other.footprint
        return one.overlap(two) / min(one.area, two.area)

    def is_like(self, other: 'Part', tolerance: float, vivid: bool = True) -> bool:
        """Whether two colours, neither of them a grey if `vivid`, differ only in how much light falls on them."""
        dark, bright = self._tone, other._tone
        if bright[0] < dark[0]:
            dark, bright = bright, dark
        light = (dark[0] if dark[0] > 1.0 else 1.0) / (bright[0] if bright[0] > 1.0 else 1.0)
        (_, a, b), c, d = dark, light * bright[1], light * bright[2]
        if vivid and min(hypot(a, b), hypot(c, d)) < 1.5 * tolerance:
            return False
        return hypot(a - c, b - d) < tolerance

    @cached_property
    def _tone(self) -> tuple[float, float, float]:
        """Half of the lightness, and the two of hue and chroma, 0 for a grey."""
        light, a, b = self.colour.tolist()
        return light, a - 128.0, b - 128.0

    def __add__(self, other: 'Part') -> 'Part':
        share = self.pixels / (self.pixels + other.pixels)
        colour = share * self.colour + (1.0 - share) * other.colour
        cells = np.concatenate([self.cells, other.cells])
        lower = self if self.low <= other.low else other
        return Part(
            cells,
            self.footprint | other.footprint,
            colour,
            self.pixels + other.pixels,
            lower.low,
            max(self.top, other.top),
            lower.free,
            self.group if self.pixels >= other.pixels else other.group,
        )


def sum_of(numbers: Sequence[int], parts: Mapping[int, Part]) -> Part:
    """Return some of the parts as one."""
    return reduce(add, (parts[number] for number in numbers))


@kernel
def _main_axes(cells):
    """Return the direction along which cells (n, 2) spread most, and the one across, as rows (2, 2)."""
    x, y, xx, xy, yy = cells[:, 0].mean(), cells[:, 1].mean(), 0.0, 0.0, 0.0
    for i in range(len(cells)):
        across, down = cells[i, 0] - x, cells[i, 1] - y
        xx, xy, yy = xx + across * across, xy + across * down, yy + down * down
    angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def ends(cells: np.ndarray, at: np.ndarray, axes: np.ndarray, stray: float) -> np.ndarray:
    """Return between which two coordinates (2, 2) along axes (2, 2) from a point on cells (n, 2) lie.

    Args:
        stray: Share of them that may lie beyond each end.
    """
    ordered = np.sort(axes @ (cells - at).T, axis=1)
    return np.array([[quantile(row, share) for row in ordered] for share in (stray, 1.0 - stray)])
