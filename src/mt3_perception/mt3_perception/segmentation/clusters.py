"""Groups of points that belong together."""

from dataclasses import dataclass

import cv2
import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.quantiles import median
from mt3_perception.segmentation.regions import label_boxes
from mt3_perception.segmentation.topview import TopView, close_groups, look_down

__all__ = ['Groups', 'cluster']


@dataclass(frozen=True, eq=False)
class Groups:
    """Points grouped by where they stand.

    Attributes:
        view: The points seen from above.
        cells: (rows, columns) int32, group of each cell from 1, 0 for none.
        empty: (rows, columns) bool, cells in which the bare support is seen.
    """

    view: TopView
    cells: np.ndarray
    empty: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """Group (N,) int32 of each point from 1, 0 for stray ones."""
        return self.cells.ravel()[self.view.index]


def cluster(
    points: np.ndarray, bare: np.ndarray, depth_m: np.ndarray, K: np.ndarray, up: np.ndarray, config: SegmentationConfig
) -> Groups:
    """Group points by where they stand, seen from above.

    Args:
        points: (N, 3) float32, camera frame [m].
        bare: (H/2, W/2) bool, in which of every other pixel the bare support is seen.
        depth_m: (H, W) [m].
        K: (3, 3) [pixel].
        up: (3,) against gravity, camera frame.
    """
    footprint = median(points[:, 2]) / float(K[0, 0])
    cell = max(config.cell_m, 2.0 * footprint)
    view = look_down(points, up, cell)
    # a level surface fills its cells; mixtures of near and far, strung along the line of sight, do not
    expected = (cell / footprint) ** 2
    occupied = view.count >= max(1.0, 0.25 * expected)
    count, groups = close_groups(occupied, round(config.gap_m / cell))
    # single readings of the support between things are mixtures or noise
    empty = cv2.morphologyEx(view.seen(bare, depth_m, K), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    empty = cv2.morphologyEx(empty, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    return Groups(view, _join_enclosed(groups, count), empty & ~occupied)


def _join_enclosed(groups: np.ndarray, count: int) -> np.ndarray:
    """Join groups of cells that lie in the outline of a larger one, such as the bottom of a bowl inside its rim."""
    sizes = np.bincount(groups.ravel(), minlength=count)
    target = np.arange(count, dtype=np.int32)
    boxes = dict(label_boxes(groups))
    for group in np.argsort(-sizes[1:], kind='stable') + 1:
        if sizes[group] < 24:
            break
        if target[group] != group:
            continue
        box = boxes[group]
        inside = np.bincount(groups[box].ravel(), minlength=count)
        small = (inside > 0.6 * sizes) & (sizes <= 0.5 * sizes[group])
        small[[0, group]] = False
        if not small.any():
            continue
        outline = np.zeros(groups[box].shape, np.uint8)
        cv2.fillConvexPoly(outline, cv2.convexHull(cv2.findNonZero((groups[box] == group).astype(np.uint8))), 1)
        within = np.bincount(groups[box][outline > 0], minlength=count)
        target[small & (within > 0.6 * sizes)] = group
    return target[groups]
