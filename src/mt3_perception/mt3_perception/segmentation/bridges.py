"""Pieces of one object between which its depth is missing: dark or glossy, it looks the same all the way across."""

import cv2
import numpy as np

from mt3_common.jit import kernel
from mt3_perception.segmentation.appearance import Appearance, contrast
from mt3_perception.segmentation.pixels import Pixels
from mt3_perception.segmentation.regions import label_boxes

__all__ = ['REACH_SHARE', 'extend_by_colour', 'find_candidates', 'join_over_missing']

REACH_SHARE = 0.03  # of the width of the picture, half of how far its pixels without depth are from an object
_UNLIKE = 5.0  # colours that differ more from the support's are not it
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
    candidate = find_candidates(known, np.isnan(near), region[half], look.different[half])
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


@kernel
def find_candidates(known, missing, region, different):
    """Return the pixels (h, w) uint8 without label and depth that do not look like the support in its region."""
    out = np.empty(known.shape, np.uint8)
    for v in range(known.shape[0]):
        for u in range(known.shape[1]):
            out[v, u] = (known[v, u] == 0) & missing[v, u] & (region[v, u] > 0) & (different[v, u] > _UNLIKE)
    return out


def extend_by_colour(
    known: np.ndarray, candidate: np.ndarray, lab: np.ndarray, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the label of the nearest labelled pixel for each candidate (h, w) that is near and has about its colour.

    Within the convex outline of what has that label any colour will do.

    Args:
        known: (h, w) int32 labels, 0 for none.
        candidate: (h, w) uint8, at least one of them 1.
        lab: (h, w, 3) uint8.
        reach: How far that may be [pixel].

    Returns:
        Labels (h, w), 0 elsewhere, and the flat index (h, w) of that labelled pixel.
    """
    rows, columns = _box(candidate, reach + 4)  # what is farther away is nearest to none of them, nor just behind it
    box = np.s_[rows[0] : rows[1], columns[0] : columns[1]]
    there = np.ascontiguousarray(known[box])
    distance, index = cv2.distanceTransformWithLabels(
        (there == 0).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    added, source = np.zeros_like(known), np.zeros(known.shape, np.int64)
    outlines = _fill_outlines(known, box)
    _add_alike(added, source, candidate, distance, reach, index, there, outlines, lab, rows[0], columns[0])
    return added, source


@kernel
def _box(mask, margin):
    """Return first and last + 1 row, first and last + 1 column of what is set in (h, w), with a margin."""
    height, width = mask.shape
    top, bottom, left, right = height, 0, width, 0
    for v in range(height):
        for u in range(width):
            if mask[v, u]:
                top, bottom, left, right = min(top, v), v + 1, min(left, u), max(right, u + 1)
    return (max(top - margin, 0), min(bottom + margin, height)), (max(left - margin, 0), min(right + margin, width))


def _fill_outlines(known: np.ndarray, within: tuple[slice, slice]) -> np.ndarray:
    """Return labels int32 in a box, those of an image (h, w) spread over their convex outlines, smaller over larger."""
    out = np.zeros([side.stop - side.start for side in within], known.dtype)
    boxes = [(value, box) for value, box in label_boxes(known) if _meet(box, within)]
    rims = _find_rims(known)
    for value, box in sorted(boxes, key=lambda item: -_area(item[1])):
        outline = cv2.convexHull(_list_rim(rims[value, box[0]], box[1].start))
        inside = cv2.fillConvexPoly(np.zeros(known[box].shape, np.uint8), outline, 1)
        rows, columns = (slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(box, within, strict=True))
        inside = inside[
            rows.start - box[0].start : rows.stop - box[0].start,
            columns.start - box[1].start : columns.stop - box[1].start,
        ]
        _write(out, inside, value, rows.start - within[0].start, columns.start - within[1].start)
    return out


def _meet(one: tuple[slice, slice], other: tuple[slice, slice]) -> bool:
    """Whether two boxes have a pixel in common."""
    return all(a.start < b.stop and b.start < a.stop for a, b in zip(one, other, strict=True))


@kernel
def _write(out, inside, value, top, left):
    """Write a value into an image, in place, from a corner on, where a mask (h, w) is set."""
    for v in range(inside.shape[0]):
        for u in range(inside.shape[1]):
            if inside[v, u]:
                out[top + v, left + u] = value


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
def _add_alike(added, source, candidate, distance, reach, index, known, outlines, lab, top, left):
    """Write the label of the nearest labelled pixel for each candidate with about its colour, and where that is (flat).

    Args:
        added: (H, W) labels, all 0.
        source: (H, W), all 0.
        candidate: (H, W).
        distance: (h, w) of each pixel of a box from the nearest labelled one [pixel].
        reach: How far that may be [pixel].
        index: (h, w), the same in those pixels to which the same labelled one is nearest.
        known: (h, w) labels.
        outlines: (h, w) labels, pixels of any colour that belong to them.
        lab: (H, W, 3) colours.
        top: First row of the box.
        left: First column of it.
    """
    height, width = known.shape
    nearest = np.zeros((index.max() + 1, 2), np.int64)
    for v in range(height):
        for u in range(width):
            if known[v, u]:
                nearest[index[v, u]] = v, u
    for v in range(height):
        for u in range(width):
            if not candidate[top + v, left + u] or distance[v, u] > reach:
                continue
            row, column = nearest[index[v, u]]
            # the outline of a mask is often a pixel or two of background: compare with a colour further inside
            away = np.hypot(row - v, column - u)
            inner_row = min(max(int(np.rint(row + 2.0 * (row - v) / away)), 0), height - 1)
            inner_column = min(max(int(np.rint(column + 2.0 * (column - u) / away)), 0), width - 1)
            if known[inner_row, inner_column] != known[row, column]:
                inner_row, inner_column = row, column
            like = contrast(lab[top + v, left + u], lab[top + inner_row, left + inner_column]) < _SIMILAR**2
            if like or outlines[v, u] == known[row, column]:
                added[top + v, left + u] = known[row, column]
                source[top + v, left + u] = (top + row) * added.shape[1] + left + column


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
