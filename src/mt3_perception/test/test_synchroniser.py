"""Messages that belong together."""

import pytest

from mt3_perception.synchroniser import StampSynchroniser


def test_pairs_by_stamp():
    """In any order, once each, only within the tolerance."""
    pairs = StampSynchroniser(('color', 'depth'), 0.02)
    assert pairs.add('color', 1.00, 'c0') is None
    assert pairs.add('depth', 1.05, 'd1') is None
    assert pairs.gap_s == pytest.approx(0.05)
    assert pairs.add('color', 1.051, 'c1') == {'color': 'c1', 'depth': 'd1'}
    assert pairs.add('depth', 1.10, 'd2') is None
    assert pairs.add('color', 1.10, 'c2') == {'color': 'c2', 'depth': 'd2'}
    assert pairs.add('color', 1.10, 'c2 again') is None


def test_three_streams():
    """All of them are needed."""
    sets = StampSynchroniser(('color', 'depth', 'labels'), 0.01)
    assert sets.add('color', 1.0, 'c') is None
    assert sets.add('depth', 1.0, 'd') is None
    assert sets.add('labels', 1.005, 'l') == {'color': 'c', 'depth': 'd', 'labels': 'l'}


def test_time_going_backwards():
    """A clock that starts over empties the queues, and pairs come again."""
    pairs = StampSynchroniser(('color', 'depth'), 0.02)
    pairs.add('color', 100.0, 'old')
    assert pairs.add('color', 0.5, 'c') is None
    assert pairs.resets == 1
    assert pairs.add('depth', 0.5, 'd') == {'color': 'c', 'depth': 'd'}


def test_queues_are_bounded():
    """A stream without partner does not pile up."""
    pairs = StampSynchroniser(('color', 'depth'), 0.02, length=5)
    for i in range(50):
        pairs.add('color', i * 0.1, i)
    assert pairs.unmatched == 45


def test_a_jump_back_right_after_a_complete_set_is_noticed():
    """All queues are empty then; the stamps of what was given out still count."""
    sync = StampSynchroniser(('a', 'b'), 0.02)
    sync.add('a', 100.0, 1)
    assert sync.add('b', 100.0, 2) is not None
    assert sync.add('a', 50.0, 3) is None
    assert sync.resets == 1
    assert sync.add('b', 50.0, 4) == {'a': 3, 'b': 4}
