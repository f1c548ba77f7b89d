"""The shortlist by shape."""

import numpy as np

from mt3_retrieval.language import parse
from mt3_retrieval.shortlist import shortlist
from mt3_retrieval.task_search import TaskMatch, find_tasks


def test_every_pair_is_listed_and_the_right_one_first(taught, live):
    parsed = parse('pick up the mug')
    pairs = shortlist(find_tasks(taught, parsed, ''), list(live.objects), parsed)
    assert len(pairs) == len(live.objects) and pairs[0].object.id == 1
    few = shortlist(find_tasks(taught, parsed, ''), list(live.objects), parsed, at_most=3)
    assert [(p.match.record.id, p.object.id) for p in few] == [(p.match.record.id, p.object.id) for p in pairs[:3]]


def test_a_named_colour_counts(taught, live):
    parsed = parse('pick up the blue mug')
    hints = {p.object.id: p.hint for p in shortlist(find_tasks(taught, parsed, ''), list(live.objects), parsed)}
    assert hints[1] > 0.4 and max(hints[i] for i in (2, 3, 5)) < -0.4


def test_the_first_of_thousands_are_those_of_the_whole_list(taught, live):
    """Ties in every place: the order is that of the ids, whatever comes first out of the library."""
    one = find_tasks(taught, parse('pick up the mug'), '')[0]
    rng = np.random.default_rng(0)
    many = [
        TaskMatch(
            one.record._replace(id=f'{k:04d}', descriptor=one.record.descriptor + 0.1 * rng.integers(8)),
            float(rng.integers(3)) / 3,
        )
        for k in rng.permutation(900)
    ]
    parsed, objects = parse('pick up the mug'), list(live.objects)
    whole = [(p.match.record.id, p.object.id) for p in shortlist(many, objects, parsed)]
    assert len(whole) == 900 * len(objects)
    for at_most in (1, 12, 300):
        few = shortlist(many[::-1], objects, parsed, at_most=at_most)
        assert [(p.match.record.id, p.object.id) for p in few] == whole[:at_most]
