"""Objects that touch in a narrow place, told apart in the view from above."""

import cv2
import numpy as np

from mt3_perception.segmentation.regions import label_boxes

__all__ = ['split_at_necks']

_MARGIN = 2


def split_at_necks(groups: np.ndarray, cell_m: float, ratio: float, min_radius_m: float) -> np.ndarray:
    """Return groups of cells (rows, columns) with those divided that consist of two bodies and a neck.

    A body is at least `min_radius_m` from its middle to its outline; a neck is narrower than `ratio`
    times the smaller of its two bodies. The handle of a mug is too thin to be a body.
    """
    out = groups.copy()
    following = int(groups.max()) + 1
    for group, box in list(label_boxes(groups)):
        own = (groups[box] == group).astype(np.uint8)
        if min(own.shape) * cell_m < 2.0 * min_radius_m or own.sum() * cell_m**2 < 6.0 * min_radius_m**2:
            continue
        own = np.pad(own, _MARGIN)
        parts = _bodies(own, ratio, min_radius_m / cell_m)
        if parts is None:
            continue
        parts = parts[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
        for part in range(2, int(parts.max()) + 1):
            out[box][(parts == part) & (groups[box] == group)] = following
            following += 1
    return out


def _bodies(own: np.ndarray, ratio: float, min_radius: float) -> np.ndarray | None:
    """Label the bodies of one group of cells from 1; None when it is a single one."""
    outlines, _ = cv2.findContours(cv2.morphologyEx(own, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)),
                                   cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    solid = cv2.drawContours(np.zeros_like(own), outlines, -1, 1, cv2.FILLED)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    seeds, radii = _seeds(depth, np.ones(own.shape, bool), 0.0, ratio, min_radius)
    if len(radii) < 2:
        return None
    # each cell goes to the body whose border is nearest, measured from the bodies' cores
    _, index = cv2.distanceTransformWithLabels((seeds == 0).astype(np.uint8), cv2.DIST_L2, 5,
                                               labelType=cv2.DIST_LABEL_PIXEL)
    table = np.zeros(index.max() + 1, np.int32)
    table[index[seeds > 0]] = seeds[seeds > 0]
    return np.where(solid > 0, table[index], 0)


def _seeds(depth: np.ndarray, within: np.ndarray, level: float, ratio: float, min_radius: float):
    """Cores (rows, columns) int32 from 1 that separate when the outline is worn away, and their radii."""
    top = float(depth[within].max())
    step = level + 0.5
    while step < ratio * top:
        core = (depth > step) & within
        count, pieces = cv2.connectedComponents(core.astype(np.uint8), connectivity=4)
        high = [float(depth[pieces == i].max()) for i in range(1, count)]
        bodies = [i + 1 for i, r in enumerate(high) if r >= min_radius and step <= ratio * r]
        if len(bodies) > 1:
            seeds, radii = np.zeros(depth.shape, np.int32), []
            for body in bodies:
                inner, r = _seeds(depth, pieces == body, step, ratio, min_radius)
                seeds[inner > 0] = inner[inner > 0] + len(radii)
                radii += r
            return seeds, radii
        step += 0.5
    return (within & (depth > level)).astype(np.int32), [top]
