"""Outlines corrected by colour, and the flat bottoms of hollow objects."""

import cv2
import numpy as np

from mt3_common.jit import kernel
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


@kernel
def _has_no_step(hole, own, depth):
    """Whether depth (h, w) goes on from what surrounds a hole (h, w) uint8 into it.

    Just inside of the hole it is compared with the nearest that the object has around it.
    """
    height, width = hole.shape
    ring = np.full((height, width), np.float32(np.inf))
    for v in range(height):
        for u in range(width):
            if own[v, u] and depth[v, u] < np.inf and _touches(hole, v, u):
                ring[v, u] = depth[v, u]
    inner = known = level = 0
    for v in range(height):
        for u in range(width):
            if not hole[v, u] or not _touches(own, v, u):
                continue
            inner += 1
            around = np.float32(np.inf)
            for row in range(max(v - 1, 0), min(v + 2, height)):
                for column in range(max(u - 1, 0), min(u + 2, width)):
                    around = min(around, ring[row, column])
            step = abs(depth[v, u] - around)
            known += step < np.inf
            level += step < np.float32(_JUMP_M)
    return inner > 0 and known >= 0.5 * inner and level > 0.85 * known


@kernel
def _touches(mask, v, u):
    """Whether any pixel of the square around one is set in (h, w)."""
    for row in range(max(v - 1, 0), min(v + 2, mask.shape[0])):
        for column in range(max(u - 1, 0), min(u + 2, mask.shape[1])):
            if mask[row, column]:
                return True
    return False
