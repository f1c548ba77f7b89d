"""The shortlist by shape."""

from mt3_retrieval.language import parse
from mt3_retrieval.shortlist import shortlist
from mt3_retrieval.task_search import find_tasks


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
