"""Parts of one thing are joined, things that touch are not."""

from dataclasses import replace

import numpy as np
import pytest

from mt3_perception.segmentation.config import SegmentationConfig
from mt3_perception.segmentation.footprints import Footprint
from mt3_perception.segmentation.joining import JoinLimits, join_parts
from mt3_perception.segmentation.part import Part
from mt3_perception.segmentation.parts import Contact

LIMITS = JoinLimits.in_cells(SegmentationConfig(), 0.004)
CLEAR, COLOURED, SMOOTH = Contact(20, 20, 20), Contact(20, 0, 20), Contact(20, 0, 0)
NOWHERE = np.zeros((100, 100), np.uint8)


def bar(column, row, width, height, colour=0.0):
    """A part that covers a rectangle of cells."""
    v, u = np.mgrid[row : row + height, column : column + width]
    cells = np.stack([u.ravel(), v.ravel()], axis=1)
    return Part(cells, Footprint.around(cells), np.full(3, colour), cells.shape[0])


def count(parts, contacts, empty=NOWHERE):
    """How many objects they are."""
    return len(set(join_parts(dict(enumerate(parts, 1)), contacts, empty, LIMITS).values()))


def test_faces_and_stripes_are_one_object():
    """The top, the front and a stripe on it, whatever their colours."""
    parts = [bar(0, 0, 20, 12), bar(0, 12, 20, 2, 50.0), bar(0, 14, 20, 1, 100.0)]
    assert count(parts, {(1, 2): COLOURED, (2, 3): COLOURED}) == 1


def test_two_boxes_in_a_corner_are_two():
    """They enclose empty area together; a continuous surface without a border would be one."""
    parts = [bar(0, 0, 30, 15), bar(22, 15, 15, 30, 60.0)]
    assert count(parts, {(1, 2): CLEAR}) == 2
    assert count([bar(0, 0, 30, 15), bar(20, 15, 10, 8)], {(1, 2): SMOOTH}) == 1


def test_hammer():
    """A handle on the middle of its head is a tool; on the end of it, or as broad as a box, it is not."""
    handle, head = bar(10, 20, 45, 7), bar(2, 11, 8, 25, 60.0)
    assert count([handle, head], {(1, 2): CLEAR}) == 1
    assert count([bar(10, 30, 45, 7), bar(2, 11, 8, 25, 60.0)], {(1, 2): CLEAR}) == 2
    assert count([bar(10, 15, 45, 17), bar(2, 5, 8, 37, 60.0)], {(1, 2): CLEAR}) == 2


def test_handle_of_a_mug():
    """A short thin piece is never an object of its own; a pen is, where its border is clear."""
    mug = bar(0, 0, 20, 20)
    assert count([mug, bar(20, 8, 8, 3, 80.0)], {(1, 2): CLEAR}) == 1
    assert count([mug, bar(20, 8, 35, 3, 80.0)], {(1, 2): CLEAR}) == 2


def test_handle_of_a_pan():
    """Narrow, shorter than the dish is broad, and pointing at its middle; a longer one there is a pen."""
    assert count([bar(0, 0, 50, 50), bar(50, 23, 28, 4, 80.0)], {(1, 2): CLEAR}) == 1
    assert count([bar(0, 0, 24, 24), bar(24, 10, 34, 4, 80.0)], {(1, 2): CLEAR}) == 2


def walls(apart):
    """The near and the far wall of a cup, of which a band is hidden."""
    v, u = np.mgrid[0:25, 0:25]
    ring = (u - 12) ** 2 + (v - 12) ** 2
    for half in (v > 12 + apart, v < 12 - apart):
        cells = np.argwhere((ring <= 150) & (ring > 90) & half)[:, ::-1]
        yield Part(cells, Footprint.around(cells), np.zeros(3), len(cells))


def test_near_and_far_wall_of_a_cup():
    """Round together: one hollow thing, though depth jumps between them."""
    assert count(list(walls(1)), {(1, 2): CLEAR}) == 1


def test_far_wall_that_the_near_one_divides_from_it():
    """Where nothing is seen between them they have to be equally high, and alike."""
    near, far = walls(3)
    far = replace(far, group=1)
    assert count([near, far], {(1, 2): CLEAR}) == 1
    assert count([near, replace(far, top=0.03)], {(1, 2): CLEAR}) == 2
    assert count([near, replace(far, colour=np.full(3, 60.0))], {(1, 2): CLEAR}) == 2


@pytest.mark.parametrize(('colour', 'seen', 'objects'), [(0.0, False, 2), (0.0, True, 3), (80.0, False, 3)])
def test_an_object_seen_on_both_sides_of_another(colour, seen, objects):
    """Alike, and nobody saw the support between: one object behind the other."""
    empty = np.zeros((100, 100), np.uint8)
    empty[:10] = seen
    parts = [bar(0, 0, 8, 10), bar(30, 0, 8, 10, colour), bar(5, 12, 28, 10, 150.0)]
    assert count(parts, {(1, 3): CLEAR, (2, 3): CLEAR}, empty) == objects


def test_nothing_to_join():
    """A part alone stays what it is."""
    assert join_parts({1: bar(0, 0, 5, 5)}, {}, NOWHERE, LIMITS) == {1: 1}


def shaped(part, **changes):
    """A part with other heights, or of another group."""
    return replace(part, **changes)


def test_a_bar_in_the_air_hangs_on_what_it_meets():
    """The handle of a drawer, the camera seeing the support below it, or not; a box behind another one stays."""
    cabinet = bar(0, 0, 40, 40)
    handle = shaped(bar(8, 42, 24, 3, 80.0), low=0.06, top=0.075, free=0.9, group=1)
    assert count([cabinet, handle], {(1, 2): CLEAR}) == 1
    assert count([cabinet, shaped(handle, free=0.0)], {(1, 2): CLEAR}) == 1
    assert count([cabinet, shaped(handle, free=0.0, top=0.12)], {(1, 2): CLEAR}) == 2
    assert count([cabinet, shaped(handle, low=0.004)], {(1, 2): CLEAR}) == 2
    assert count([cabinet, shaped(handle, cells=handle.cells + np.array([0, 60]))], {(1, 2): CLEAR}) == 2


def test_a_board_is_the_side_of_something():
    """Flush with it, upright and thin; not where it stands across."""
    cabinet = bar(0, 0, 40, 40)
    front = shaped(bar(4, 40, 32, 2, 80.0), top=0.08)
    assert count([cabinet, front], {(1, 2): CLEAR}) == 1
    assert count([cabinet, shaped(front, top=0.01)], {(1, 2): CLEAR}) == 2
    assert count([cabinet, shaped(bar(40, 38, 32, 2, 80.0), top=0.08)], {(1, 2): CLEAR}) == 2


def test_one_colour_in_another_light():
    """A ramp and the flat part beside it, bent inwards, are one thing if their hue is the same."""
    flat, ramp = bar(0, 0, 24, 11), bar(2, 11, 24, 11)
    yellow, shaded, red = np.array([95.0, 122, 185]), np.array([70.0, 120, 171]), np.array([70.0, 180, 165])
    bent = Contact(20, 20, 20)
    assert count([shaped(flat, colour=yellow), shaped(ramp, colour=shaded)], {(1, 2): bent}) == 1
    assert count([shaped(flat, colour=yellow), shaped(ramp, colour=red)], {(1, 2): bent}) == 2
