"""Labelled images: their parts' boxes, members and pieces, each found in one pass over the image."""

from collections.abc import Iterator

import numpy as np

from mt3_common.jit import kernel

__all__ = ['by_label', 'find_pieces', 'label_boxes', 'reach_from', 'union_box']

_EVERYWHERE = np.s_[:, :]


def label_boxes(
    labels: np.ndarray, margin: int = 0, within: tuple[slice, slice] = _EVERYWHERE
) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Yield (value, slices) for each label from 1 in an image (H, W), slices being its bounding box.

    Args:
        margin: Pixels added on every side, within the image.
        within: Where all labels are known to be.
    """
    (height, width), (first, start) = labels.shape, (side.start or 0 for side in within)
    if not labels[within].size:
        return
    for value, (top, bottom, left, right) in enumerate(_boxes(labels[within]).tolist()):
        if not value or not bottom:
            continue
        if not margin:
            yield value, (slice(top + first, bottom + first), slice(left + start, right + start))
            continue
        rows = slice(max(top + first - margin, 0), min(bottom + first + margin, height))
        yield value, (rows, slice(max(left + start - margin, 0), min(right + start + margin, width)))


def union_box(boxes: list[tuple[slice, slice]]) -> tuple[slice, slice]:
    """Return the box around boxes."""
    return tuple(slice(min(box[k].start for box in boxes), max(box[k].stop for box in boxes)) for k in (0, 1))


@kernel
def _boxes(labels):
    """First and last + 1 row and column (n, 4) of each label; 0 for those that are nowhere."""
    height, width = labels.shape
    boxes = np.zeros((int(labels.max()) + 1, 4), np.int64)
    for v in range(height):
        row, last = labels[v], 0
        for u in range(width):
            value = row[u]
            if value == last:
                continue
            if last > 0:
                boxes[last, 3] = max(boxes[last, 3], u)
            if value > 0:
                if boxes[value, 1] == 0:
                    boxes[value, 0], boxes[value, 2] = v, u
                boxes[value, 1], boxes[value, 2] = v + 1, min(boxes[value, 2], u)
            last = value
        if last > 0:
            boxes[last, 3] = width
    return boxes


@kernel
def by_label(labels):
    """Return (order, starts): the points of each label (n,) from 0 are order[starts[label] : starts[label + 1]]."""
    starts = np.zeros(int(labels.max()) + 2, np.int64)
    for i in range(len(labels)):
        starts[labels[i] + 1] += 1
    for value in range(1, len(starts)):
        starts[value] += starts[value - 1]
    following, order = starts.copy(), np.empty(len(labels), np.int64)
    for i in range(len(labels)):
        order[following[labels[i]]] = i
        following[labels[i]] += 1
    return order, starts


@kernel
def find_pieces(flat, labels, width, reach):
    """Return the piece (n,) from 0 of each of some pixels: pieces are what hangs together and has one label.

    A quarter of the time of a general function that looks at all pixels of a picture.

    Args:
        flat: (n,) their index into the flattened picture, ascending.
        labels: (n,) of each of them.
        width: Of the picture [pixel].
        reach: 0 where pixels hang together over their sides, 1 where over corners too.
    """
    n = len(flat)
    run, first, last = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    parent, value, count = np.empty(n, np.int64), np.empty(n, labels.dtype), 0
    end = 0  # of the row
    for i in range(n):  # stretches of rows
        if i == 0 or flat[i] != flat[i - 1] + 1 or labels[i] != labels[i - 1] or flat[i] >= end:
            first[count], parent[count], value[count] = flat[i], count, labels[i]
            count += 1
            if flat[i] >= end:
                end = (flat[i] // width + 1) * width
        last[count - 1], run[i] = flat[i], count - 1
    above = 0
    for here in range(count):
        # those of the row above that end before this one begins are before the following ones, too
        while above < here and last[above] + width + reach < first[here]:
            above += 1
        other = above
        while other < here and first[other] + width <= last[here] + reach:
            near = first[here] // width == first[other] // width + 1
            if near and value[other] == value[here]:
                one, two = _root(parent, here), _root(parent, other)
                parent[max(one, two)] = min(one, two)
            other += 1
    number, pieces = np.empty(count, np.int64), 0
    for here in range(count):
        if parent[here] == here:
            number[here] = pieces
            pieces += 1
        else:
            number[here] = number[_root(parent, here)]
    for i in range(n):
        run[i] = number[run[i]]
    return run


@kernel
def _root(parent, one):
    """Return the first of those that one hangs together with; the way there becomes shorter."""
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one


def reach_from(seeds: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the pixels (H, W) bool of a mask (H, W) that hang together with at least one of the seeds (H, W) in it."""
    return _flood(seeds, mask)


@kernel
def _flood(seeds, mask):
    """Return the pixels (H, W) bool of a mask that hang together with one of the seeds (H, W) in it."""
    height, width = mask.shape
    wide = width + 2  # with a rim, so that each pixel has four neighbours
    is_open, waiting, n = np.zeros((height + 2, wide), np.bool_), np.empty(mask.size, np.int64), 0
    for v in range(height):
        for u in range(width):
            is_open[v + 1, u + 1] = mask[v, u] != 0
    todo = is_open.ravel()
    for v in range(height):
        for u in range(width):
            if seeds[v, u] and todo[(v + 1) * wide + u + 1]:
                waiting[n] = (v + 1) * wide + u + 1
                todo[waiting[n]] = False
                n += 1
    k = 0
    while k < n:
        at = waiting[k]
        k += 1
        for there in (at - wide, at + wide, at - 1, at + 1):
            if todo[there]:
                todo[there] = False
                waiting[n] = there
                n += 1
    out = np.empty((height, width), np.bool_)
    for v in range(height):
        for u in range(width):
            out[v, u] = (mask[v, u] != 0) & ~is_open[v + 1, u + 1]
    return out
