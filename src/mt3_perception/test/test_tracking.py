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
