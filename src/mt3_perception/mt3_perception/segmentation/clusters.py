"""Groups of points that belong together."""

import cv2
import numpy as np

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.necks import split_at_necks
from mt3_perception.segmentation.pixels import sample
from mt3_perception.segmentation.regions import label_boxes
from mt3_perception.segmentation.topview import close_groups, look_down

__all__ = ['cluster', 'cut_jumps']


def cut_jumps(depth_m: np.ndarray, foreground: np.ndarray, jump_m: float) -> np.ndarray:
    """Return the foreground without pixels behind a depth step: half of those are mixtures of two surfaces."""
    filled = np.where(foreground, depth_m, np.float32(np.inf))
    nearest = cv2.erode(filled, np.ones((3, 3), np.uint8))
    with np.errstate(invalid='ignore'):
        return foreground & (filled - nearest < np.float32(jump_m) * nearest)


def cluster(points: np.ndarray, up: np.ndarray, focal: float, config: SegmentationConfig) -> np.ndarray:
    """Group points by where they stand, seen from above.

    Args:
        points: (N, 3) camera frame [m].
        up: (3,) against gravity, camera frame.
        focal: Focal length [pixel].

    Returns:
        Labels (N,) int32 from 1, 0 for stray points.
    """
    footprint = float(np.median(sample(points[:, 2]))) / focal
    cell = max(config.cell_m, 2.0 * footprint)
    view = look_down(points, up, cell)
    # a level surface fills its cells; mixtures of near and far, strung along the line of sight, do not
    expected = (cell / footprint) ** 2
    occupied = view.count >= max(1.0, 0.25 * expected)
    count, groups = close_groups(occupied, int(round(config.gap_m / cell)))
    groups = _join_enclosed(groups, count)
    if config.split_touching:
        groups = split_at_necks(groups, cell, config.neck_ratio, config.body_radius_m)
    return groups.ravel()[view.index].astype(np.int32)


def _join_enclosed(groups: np.ndarray, count: int) -> np.ndarray:
    """Join groups of cells that lie in the outline of a larger one, such as the bottom of a bowl inside its rim."""
    sizes = np.bincount(groups.ravel(), minlength=count)
    target = np.arange(count)
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
