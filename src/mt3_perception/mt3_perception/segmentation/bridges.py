"""Pieces of one object between which its depth is missing: dark or glossy, it looks the same all the way across."""

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.appearance import Appearance, contrast
from mt3_perception.segmentation.pixels import Pixels
from mt3_perception.segmentation.regions import label_boxes

__all__ = ['REACH_SHARE', 'UNLIKE', 'extend_by_colour', 'join_over_missing']

UNLIKE = 5.0  # colours that differ more from the support's are not it
REACH_SHARE = 0.03  # of the width of the picture, half of how far its pixels without depth are from an object
_SIMILAR = 30.0
_BRIDGE = 6  # width of the bridge between two pieces [2 pixels]
_STEP_M = 0.03  # what lies farther behind than this is another thing


def join_over_missing(
    labels: np.ndarray, pixels: Pixels, depth: np.ndarray, look: Appearance, region: np.ndarray
) -> np.ndarray:
    """Return the labels (n,) of pixels, those of pieces joined between which depth is missing in what looks like both.

    Args:
        labels: (n,) int32 from 1, 0 for none.
        pixels: The pixels.
        depth: (H, W), NaN unknown [m].
        look: Colours.
        region: (H, W) uint8, 1 within the region of the support.
    """
    if not labels.any():
        return labels
    reach = max(3, round(REACH_SHARE * depth.shape[1]))
    half, known = _draw_half(pixels, labels, depth.shape, reach)
    near, lab = np.ascontiguousarray(depth[half]), look.lab[half[0].start // 2 :, half[1].start // 2 :]
    candidate = np.isnan(near) & (region[half] > 0) & (known == 0) & (look.different[half] > UNLIKE)
    if not candidate.any():
        return labels
    added, source = extend_by_colour(known, candidate, lab, reach)
    width = _measure_bridges(added, source, near, int(labels.max()) + 1)
    target = np.arange(len(width), dtype=labels.dtype)
    for one, other in np.argwhere(width >= _BRIDGE):
        target[target == target[other]] = target[one]
    return target[labels]


def _draw_half(
    pixels: Pixels, labels: np.ndarray, shape: tuple[int, int], reach: int
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Return where every other pixel near some pixels is, and the labels (h, w) there of those pixels' (n,)."""
    top, bottom, left, right = pixels.box
    start = max(top - 2 * reach, 0) // 2 * 2, max(left - 2 * reach, 0) // 2 * 2
    half = np.s_[start[0] : min(bottom + 2 * reach, shape[0]) : 2, start[1] : min(right + 2 * reach, shape[1]) : 2]
    known = np.zeros([len(range(side.start, side.stop, 2)) for side in half], labels.dtype)
    inner = pixels.draw(labels, shape[1])[top % 2 :: 2, left % 2 :: 2]
    down, across = (top + 1) // 2 - start[0] // 2, (left + 1) // 2 - start[1] // 2
    known[down : down + inner.shape[0], across : across + inner.shape[1]] = inner
    return half, known


def extend_by_colour(
    known: np.ndarray, candidate: np.ndarray, lab: np.ndarray, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the label of the nearest labelled pixel for each candidate (h, w) that is near and has about its colour.

    Within the convex outline of what has that label any colour will do.

    Args:
        known: (h, w) int32 labels, 0 for none.
        candidate: (h, w) bool.
        lab: (h, w, 3) uint8.
        reach: How far that may be [pixel].

    Returns:
        Labels (h, w), 0 elsewhere, and the flat index (h, w) of that labelled pixel.
    """
    distance, index = cv2.distanceTransformWithLabels(
        (known == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    return _alike(candidate & (distance <= reach), index, known, _fill_outlines(known), lab)


def _fill_outlines(known: np.ndarray) -> np.ndarray:
    """Return the labels (h, w) int32, each spread over its convex outline, smaller things over larger ones."""
    out = np.zeros_like(known)
    boxes = list(label_boxes(known))
    rims = _find_rims(known)
    for value, box in sorted(boxes, key=lambda item: -_area(item[1])):
        outline = cv2.convexHull(_list_rim(rims[value, box[0]], box[1].start))
        inside = cv2.fillConvexPoly(np.zeros(known[box].shape, np.uint8), outline, 1)
        out[box][inside > 0] = value
    return out


@kernel
def _find_rims(labels):
    """Return the first and last column (n, h, 2) of each label (h, w) in each row; -1 where it is not."""
    rims = np.full((labels.max() + 1, labels.shape[0], 2), -1, np.int64)
    for v in range(labels.shape[0]):
        row = labels[v]
        for u in range(len(row)):
            if row[u]:
                if rims[row[u], v, 0] < 0:
                    rims[row[u], v, 0] = u
                rims[row[u], v, 1] = u
    return rims


@kernel
def _list_rim(rim, left):
    """Return the first and last pixels (n, 2) int32 (column, row) of rows (h, 2), columns counted from the left one."""
    out, n = np.empty((2 * len(rim), 2), np.int32), 0
    for row in range(len(rim)):
        for k in range(2):
            if rim[row, k] >= 0:
                out[n, 0], out[n, 1] = rim[row, k] - left, row
                n += 1
    return out[:n]


def _area(box: tuple[slice, slice]) -> int:
    """Return the number of pixels of a box."""
    return (box[0].stop - box[0].start) * (box[1].stop - box[1].start)


@kernel
def _alike(candidate, index, known, outlines, lab):
    """Label (h, w) of the nearest labelled pixel for each candidate with about its colour, and where that is (flat).

    Args:
        candidate: (h, w) bool.
        index: (h, w), the same in those pixels to which the same labelled one is nearest.
        known: (h, w) labels.
        outlines: (h, w) labels, pixels of any colour that belong to them.
        lab: (h, w, 3) colours.
    """
    height, width = known.shape
    nearest = np.zeros((index.max() + 1, 2), np.int64)
    for v in range(height):
        for u in range(width):
            if known[v, u]:
                nearest[index[v, u]] = v, u
    added, source = np.zeros_like(known), np.zeros(known.shape, np.int64)
    for v in range(height):
        for u in range(width):
            if not candidate[v, u]:
                continue
            row, column = nearest[index[v, u]]
            # the outline of a mask is often a pixel or two of background: compare with a colour further inside
            away = np.hypot(row - v, column - u)
            inner_row = min(max(int(np.rint(row + 2.0 * (row - v) / away)), 0), height - 1)
            inner_column = min(max(int(np.rint(column + 2.0 * (column - u) / away)), 0), width - 1)
            if known[inner_row, inner_column] != known[row, column]:
                inner_row, inner_column = row, column
            like = contrast(lab[v, u], lab[inner_row, inner_column]) < _SIMILAR**2
            if like or outlines[v, u] == known[row, column]:
                added[v, u], source[v, u] = known[row, column], row * width + column
    return added, source


@kernel
def _measure_bridges(added, source, depth, count):
    """Return over how many pixels (count, count) the extensions of two labels meet that are about level."""
    height, width = added.shape
    flat, meet = depth.ravel(), np.zeros((count, count), np.int32)
    for v in range(height - 1):
        for u in range(width - 1):
            one = added[v, u]
            if not one:
                continue
            for down in (0, 1):
                other = added[v + down, u + 1 - down]
                step = abs(flat[source[v, u]] - flat[source[v + down, u + 1 - down]])
                if other and other != one and step < _STEP_M:
                    meet[min(one, other), max(one, other)] += 1
    return meet
