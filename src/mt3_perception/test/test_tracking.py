"""Ids stay with objects."""

import numpy as np

from mt3_perception.tracking import ObjectIds

SIZE = np.full((3, 3), 0.05)


def test_ids_follow_objects_in_any_order():
    """Noise, another order, a new one, one gone and back."""
    ids = ObjectIds()
    centres = np.array([[0.4, 0.0, 0.03], [0.5, 0.2, 0.03], [0.6, -0.2, 0.03]])
    first = ids.assign(centres, SIZE)
    assert first == [1, 2, 3]
    assert ids.assign(centres[::-1] + 0.003, SIZE) == [3, 2, 1]
    assert ids.assign(centres[:2], SIZE[:2]) == [1, 2]
    assert ids.assign(np.array([[0.4, 0.0, 0.03], [0.3, 0.3, 0.03]]), SIZE[:2]) == [1, 4]
    assert ids.assign(centres, SIZE) == [1, 2, 3]


def test_far_or_different_is_new():
    """An object that jumped, or that has another size, is another one."""
    ids = ObjectIds(reach_m=0.05)
    ids.assign(np.array([[0.4, 0.0, 0.03]]), SIZE[:1])
    assert ids.assign(np.array([[0.5, 0.0, 0.03]]), SIZE[:1]) == [2]
    assert ids.assign(np.array([[0.5, 0.0, 0.03]]), SIZE[:1] * 5) == [3]


def test_nothing_and_forgetting():
    """Empty scenes are fine; after too many of them an id is not given again."""
    ids = ObjectIds(memory=2)
    ids.assign(np.array([[0.4, 0.0, 0.03]]), SIZE[:1])
    for _ in range(3):
        assert ids.assign(np.zeros((0, 3)), np.zeros((0, 3))) == []
    assert ids.assign(np.array([[0.4, 0.0, 0.03]]), SIZE[:1]) == [2]


def test_alike_objects_keep_their_ids():
    """Two alike that both move a little stay who they are; one taken away and put back does too."""
    ids = ObjectIds()
    pair = np.array([[0.4, 0.0, 0.03], [0.4, 0.07, 0.03]])
    assert ids.assign(pair, SIZE[:2]) == [1, 2]
    for step in range(1, 6):
        assert ids.assign(pair + np.array([0.0, 0.02 * step, 0.0]), SIZE[:2]) == [1, 2]
    moved = pair + np.array([0.0, 0.1, 0.0])
    assert ids.assign(moved[1:], SIZE[:1]) == [2]
    assert ids.assign(moved, SIZE[:2]) == [1, 2]


def test_different_objects_that_swap_places():
    """A cup and a box that change places between two scenes change them as themselves, or are new: never each other."""
    ids = ObjectIds()
    places = np.array([[0.4, 0.0, 0.03], [0.4, 0.2, 0.03]])
    sizes = np.array([[0.05, 0.05, 0.05], [0.2, 0.1, 0.2]])
    assert ids.assign(places, sizes) == [1, 2]
    swapped = ids.assign(places, sizes[::-1])
    assert swapped[0] != 1 and swapped[1] != 2
