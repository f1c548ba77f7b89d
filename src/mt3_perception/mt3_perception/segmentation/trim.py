"""Outlines corrected by colour, and the flat bottoms of hollow objects."""

import cv2
import numpy as np

from mt3_perception.segmentation.quantiles import median

__all__ = ['fill_bottoms', 'trim_shadows']

_LIKE_SUPPORT = 2.5
_UNLIKE = 4.5
_JUMP_M = 0.012


def trim_shadows(
    labels: np.ndarray, boxes: list[tuple[int, tuple[slice, slice]]], different: np.ndarray, reach: int
) -> np.ndarray:
    """Return labels without the seams in which depth smears an object over the support beside it.

    Only for objects that look unlike the support, and only from the outline inwards: a seam has the
    support's colour. A small group of points that looks like the support and lies against a larger object
    that does not is such a seam as a whole.

    Args:
        labels: (H, W) int32 from 1.
        boxes: Each label and the box around it, with a margin of 2.
        different: (H, W) colour distance to the support.
        reach: Seams lie at most so far inside of the outline [pixel].
    """
    out = labels.copy()
    plain, sizes, clear = [], {}, np.zeros(labels.shape, np.uint8)
    for value, box in boxes:
        own = labels[box] == value
        unlike = median(different[box][own])
        sizes[value] = np.count_nonzero(own)
        if unlike < _LIKE_SUPPORT:
            plain.append((value, box, sizes[value]))
        if unlike < _UNLIKE:
            continue
        clear[box][own] = 1
        seam = (own & (different[box] < _LIKE_SUPPORT)).view(np.uint8)
        seam = cv2.morphologyEx(seam, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        if np.count_nonzero(seam) < 9:
            continue
        rim = cv2.distanceTransform(np.pad(own.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        seam &= (rim <= reach).astype(np.uint8)
        count, pieces = cv2.connectedComponents(seam, connectivity=4)
        touching = np.bincount(pieces[own & (rim < 2.0)], minlength=count) > 0
        touching[0] = False
        cut = touching[pieces]
        if cut.sum() < 0.4 * own.sum():
            out[box][cut] = 0
    if not plain:
        return out
    near = cv2.dilate(clear, np.ones((9, 9), np.uint8)) > 0
    for value, box, pixels in plain:
        own = labels[box] == value
        beside = np.unique(labels[box][near[box] & (clear[box] > 0)])
        larger = max((sizes[other] for other in beside if other), default=0)
        if larger > 3 * pixels and np.count_nonzero(own & near[box]) > 0.1 * pixels:
            out[box][own] = 0
    return out


def fill_bottoms(labels: np.ndarray, boxes: list[tuple[int, tuple[slice, slice]]], depth_m: np.ndarray) -> np.ndarray:
    """Return labels with holes filled that an object surrounds without a depth step: the bottom of a bowl.

    The hole in the handle of a mug, or of a roll of tape, has a step along its near side.

    Args:
        labels: (H, W) int32 from 1.
        boxes: Each label and the box around it, with a margin.
        depth_m: (H, W) [m].
    """
    out = labels.copy()
    for value, (rows, columns) in boxes:
        own = (labels[rows, columns] == value).view(np.uint8)
        outlines, tree = cv2.findContours(own, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        for outline, parent in zip(outlines, tree[0, :, 3].tolist(), strict=True):
            if parent < 0 or len(outline) < 12:
                continue
            left, top, width, height = cv2.boundingRect(outline)
            box = np.s_[
                rows.start + top : rows.start + top + height, columns.start + left : columns.start + left + width
            ]
            inside = own[top : top + height, left : left + width]
            hole = cv2.drawContours(np.zeros_like(inside), [outline], -1, 1, cv2.FILLED, offset=(-left, -top))
            hole[inside > 0] = 0
            if _has_no_step(hole, inside, depth_m[box]):
                out[box][(hole > 0) & (out[box] == 0)] = value
    return out


def _has_no_step(hole: np.ndarray, own: np.ndarray, depth: np.ndarray) -> bool:
    """Whether depth (h, w) goes on from what surrounds a hole (h, w) uint8 into it."""
    square = np.ones((3, 3), np.uint8)
    inner_v, inner_u = np.nonzero(hole & cv2.dilate(own, square))
    if not len(inner_v):
        return False
    # depth just inside of the hole against the object's own depth around it
    ring = np.where((own > 0) & (cv2.dilate(hole, square) > 0), depth, np.float32(np.inf))
    around = cv2.erode(np.where(np.isfinite(ring), ring, np.float32(np.inf)), square)
    step = depth[inner_v, inner_u] - around[inner_v, inner_u]
    known = np.isfinite(step)
    return bool(known.sum() >= 0.5 * len(step) and np.mean(np.abs(step[known]) < _JUMP_M) > 0.85)
