"""Labelled images: their parts' boxes, members and pieces, each found in one pass over the image."""

from collections.abc import Iterator

import numpy as np

from mt3_common.jit import kernel

__all__ = ['by_label', 'holding', 'label_boxes', 'union_box']


def label_boxes(labels: np.ndarray, margin: int = 0) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Yield (value, slices) for each label from 1 in an image (H, W), slices being its bounding box.

    Args:
        margin: Pixels added on every side, within the image.
    """
    height, width = labels.shape
    for value, (top, bottom, left, right) in enumerate(_boxes(labels).tolist()):
        if value and bottom:
            yield (
                value,
                np.s_[
                    max(top - margin, 0) : min(bottom + margin, height),
                    max(left - margin, 0) : min(right + margin, width),
                ],
            )


def union_box(boxes: list[tuple[slice, slice]]) -> tuple[slice, slice]:
    """Return the box around boxes."""
    return tuple(slice(min(box[k].start for box in boxes), max(box[k].stop for box in boxes)) for k in (0, 1))


@kernel
def _boxes(labels):
    """First and last + 1 row and column (n, 4) of each label; 0 for those that are nowhere."""
    height, width = labels.shape
    boxes = np.zeros((int(labels.max()) + 1, 4), np.int64)
    for v in range(height):
        last = 0
        for u in range(width):
            value = labels[v, u]
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
def holding(pieces, seeds):
    """Return the pixels (H, W) bool of those pieces (H, W) from 1 that hold at least one of the seeds (H, W) bool."""
    pieces_flat, seeds_flat = pieces.ravel(), seeds.ravel()
    keep = np.zeros(int(pieces.max()) + 1, np.bool_)
    for i in range(len(pieces_flat)):
        if seeds_flat[i]:
            keep[pieces_flat[i]] = True
    keep[0] = False
    out = np.empty(len(pieces_flat), np.bool_)
    for i in range(len(pieces_flat)):
        out[i] = keep[pieces_flat[i]]
    return out.reshape(pieces.shape)
