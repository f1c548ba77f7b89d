"""Boxes, members and pieces of labelled images agree with the plain way to find them."""

import cv2
import numpy as np
import pytest

from mt3_perception.segmentation.regions import by_label, find_pieces, label_boxes, reach_from

LABELS = np.random.default_rng(3).integers(0, 6, (40, 50)).astype(np.int32)
LABELS[:, :7] = 0
LABELS[LABELS == 4] = 0


def test_boxes():
    """The smallest around each label; a margin ends at the rim of the image; absent labels have none."""
    boxes = dict(label_boxes(LABELS))
    assert sorted(boxes) == [1, 2, 3, 5]
    for value, (rows, columns) in boxes.items():
        v, u = np.nonzero(LABELS == value)
        assert (rows.start, rows.stop, columns.start, columns.stop) == (v.min(), v.max() + 1, u.min(), u.max() + 1)
    rows, columns = dict(label_boxes(LABELS, 3))[1]
    assert (rows.start, rows.stop, columns.stop) == (0, 40, 50)
    assert columns.start == boxes[1][1].start - 3


def test_members_of_each_label():
    """In their order, those of an absent label are none."""
    labels = LABELS.ravel()
    order, starts = by_label(labels)
    for value in range(6):
        assert np.array_equal(order[starts[value] : starts[value + 1]], np.flatnonzero(labels == value))


@pytest.mark.parametrize(('reach', 'connectivity'), [(0, 4), (1, 8)])
@pytest.mark.parametrize('seed', range(4))
def test_pieces(reach, connectivity, seed):
    """As opencv finds them, label by label, over sides and over corners."""
    labels = np.random.default_rng(seed).choice([0, 0, 1, 2], (31, 44)).astype(np.int32)
    flat = np.flatnonzero(labels)
    pieces = np.full(labels.shape, -1, np.int64)
    pieces.ravel()[flat] = find_pieces(flat, labels.ravel()[flat], labels.shape[1], reach)
    seen = 0
    for value in (1, 2):
        count, expected = cv2.connectedComponents((labels == value).astype(np.uint8), connectivity=connectivity)
        for piece in range(1, count):
            own = pieces[expected == piece]
            assert (own == own[0]).all()
            assert np.count_nonzero(pieces == own[0]) == len(own)
        seen += count - 1
    assert sorted(np.unique(pieces[pieces >= 0])) == list(range(seen))


@pytest.mark.parametrize('seed', range(4))
def test_reach(seed):
    """Those pieces of a mask that hold a seed, whole, and nothing else."""
    rng = np.random.default_rng(seed)
    mask, seeds = rng.random((33, 40)) < 0.55, rng.random((33, 40)) < 0.02
    _, pieces = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    held = set(pieces[seeds].tolist()) - {0}
    assert held
    assert np.array_equal(reach_from(seeds, mask), np.isin(pieces, list(held)))
