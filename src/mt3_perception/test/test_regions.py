"""Boxes, members and pieces of labelled images agree with the plain way to find them."""

import numpy as np

from mt3_perception.segmentation.regions import by_label, holding, label_boxes

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


def test_pieces_that_hold_a_seed():
    """The whole piece, and never what is no piece."""
    seeds = np.zeros(LABELS.shape, bool)
    seeds[20, 10:14] = seeds[0, 0] = True
    held = set(LABELS[seeds].tolist()) - {0}
    assert np.array_equal(holding(LABELS, seeds), np.isin(LABELS, list(held)))
