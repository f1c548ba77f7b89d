"""From labelled points to clean masks, missing depth filled in where colour allows."""

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.appearance import Appearance
from mt3_perception.segmentation.bridges import extend_by_colour, find_candidates
from mt3_perception.segmentation.regions import find_pieces, label_boxes, reach_from

__all__ = ['fill_missing', 'give_back', 'keep_main_pieces']


@kernel
def give_back(labels, depth, stray, reach=4):
    """Give stray pixels to a label beside them in place, step by step, over at most 2 cm of depth a step.

    Args:
        labels: (H, W) int32.
        depth: (H, W) [m].
        stray: (H, W) bool, pixels of the foreground that may lie beside a label.
        reach: Steps.
    """
    height, width = labels.shape
    flat, z = labels.ravel(), depth.ravel()
    at = np.flatnonzero(stray)
    for _ in range(reach):
        taken, left = np.zeros(len(at), labels.dtype), 0
        for i in range(len(at)):
            here = at[i]
            if flat[here] or here < width or here >= (height - 1) * width or not 0 < here % width < width - 1:
                continue
            for there in (here - 1, here + 1, here - width, here + width):
                if flat[there] and abs(z[there] - z[here]) < 0.02:
                    taken[i] = flat[there]
        for i in range(len(at)):
            if taken[i]:
                flat[at[i]] = taken[i]
            else:
                at[left] = at[i]
                left += 1
        at = at[:left]


def fill_missing(
    labels: np.ndarray, missing: np.ndarray, look: Appearance | None, region: np.ndarray, reach: int
) -> np.ndarray:
    """Return labels with pixels that have no depth filled: enclosed holes, and neighbours of the same colour.

    A pixel without depth beside an object may be the object (dark, glossy, seen by one eye of the camera
    only) or the support in its shadow. It joins the nearest labelled pixel if its colour is near that
    one's, and far from the support's; the patch must hang together with the object. Beyond the `region`
    of the support, where nothing is known of the background's colour, nothing joins.

    Args:
        labels: (H, W) int32 from 1.
        missing: (H, W) bool, without depth.
        look: Colours; None without.
        region: (H, W) uint8, 1 within.
        reach: How far from the nearest labelled pixel [2 pixels].
    """
    labels = _fill_holes(labels, missing, None if look is None else look.different)
    if look is None:
        return labels
    half, square = np.s_[::2, ::2], np.ones((3, 3), np.uint8)
    known = np.ascontiguousarray(labels[half])
    candidate = find_candidates(known, missing[half], region[half], look.different[half])
    if not candidate.any() or not known.any():
        return labels
    joined, candidate = known, cv2.morphologyEx(candidate, cv2.MORPH_OPEN, square)
    if candidate.any():  # most are too narrow
        added, _ = extend_by_colour(known, candidate, look.lab, reach)
        solid = cv2.morphologyEx((added > 0).view(np.uint8), cv2.MORPH_OPEN, square)
        joined = np.where(known > 0, known, added * solid)
    _spread(labels, missing, joined, reach_from(known, joined))
    return labels


@kernel
def _spread(labels, missing, joined, reached):
    """Write the labels (h, w) of every other pixel, where it is reached, over the missing ones without one (H, W)."""
    for v in range(labels.shape[0]):
        for u in range(labels.shape[1]):
            if missing[v, u] and not labels[v, u] and reached[v // 2, u // 2]:
                labels[v, u] = joined[v // 2, u // 2]


def keep_main_pieces(labels: np.ndarray, share: float = 0.08) -> np.ndarray:
    """Return labels without the specks of each object that are smaller than a share of its largest piece."""
    flat = np.flatnonzero(labels != 0)
    out = labels.copy()
    if len(flat):
        of_pixel = labels.ravel()[flat]
        _drop_specks(out.ravel(), flat, find_pieces(flat, of_pixel, labels.shape[1], 1), share)
    return out


@kernel
def _drop_specks(labels, flat, piece_of, share):
    """Clear the labels, in place, of those of some pixels (n,) whose piece is smaller than a share of the largest."""
    area, whole = np.zeros(piece_of.max() + 1, np.int64), np.zeros(piece_of.max() + 1, np.int64)
    for i in range(len(flat)):
        area[piece_of[i]] += 1
        whole[piece_of[i]] = labels[flat[i]]
    largest = np.zeros(whole.max() + 1, np.int64)
    for piece in range(len(area)):
        largest[whole[piece]] = max(largest[whole[piece]], area[piece])
    for i in range(len(flat)):
        piece = piece_of[i]
        if area[piece] < share * largest[whole[piece]]:
            labels[flat[i]] = 0


def _fill_holes(labels: np.ndarray, missing: np.ndarray, different: np.ndarray | None) -> np.ndarray:
    """Fill what one object encloses: specks, and pixels without depth unless their colour is the support's."""
    labels, square = labels.copy(), np.ones((5, 5), np.uint8)
    free = (labels == 0).view(np.uint8)
    wide = cv2.morphologyEx(free, cv2.MORPH_OPEN, square)
    unlike = np.full((1, 1), np.inf, np.float32) if different is None else different
    for value, box in label_boxes(labels):
        own = cv2.morphologyEx((labels[box] == value).view(np.uint8), cv2.MORPH_CLOSE, square)
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        solid = cv2.drawContours(np.zeros_like(own), outlines, -1, 1, cv2.FILLED)
        _fill(labels, value, box[0].start, box[1].start, solid, free, missing, wide, unlike)
    return labels


@kernel
def _fill(labels, value, top, left, solid, free, missing, wide, unlike):
    """Write a label, in place, where it is free (H, W) within a solid (h, w), and a speck or missing.

    Args:
        free: (H, W) uint8, 1 where no object was before.
        wide: (H, W) uint8, 1 where what is free is more than a speck.
        unlike: (H, W) colour distance to the support, or (1, 1) inf.
    """
    coloured = unlike.size > 1
    for v in range(top, top + solid.shape[0]):
        for u in range(left, left + solid.shape[1]):
            if solid[v - top, u - left] and free[v, u]:
                different = unlike[v, u] if coloured else unlike[0, 0]
                if not wide[v, u] or (missing[v, u] and different > 3.0):
                    labels[v, u] = value
