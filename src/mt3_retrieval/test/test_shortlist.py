"""The shortlist by shape."""

from mt3_retrieval.language import parse
from mt3_retrieval.shortlist import shortlist, worth_aligning
from mt3_retrieval.task_search import find_tasks


def test_every_pair_is_listed_and_the_right_one_first(taught, live):
    parsed = parse('pick up the mug')
    pairs = shortlist(find_tasks(taught, parsed, ''), list(live.objects), parsed)
    assert len(pairs) == len(live.objects) and pairs[0].object.id == 1
    few = worth_aligning(pairs, at_least=2, at_most=4, ratio=0.99)
    assert few == pairs[:2]
    assert worth_aligning(pairs, at_least=2, at_most=4, ratio=0.0) == pairs[:4]
    assert worth_aligning([], at_least=2, at_most=4, ratio=0.5) == []


def test_a_named_colour_counts(taught, live):
    parsed = parse('pick up the blue mug')
    hints = {p.object.id: p.hint for p in shortlist(find_tasks(taught, parsed, ''), list(live.objects), parsed)}
    assert hints[1] > 0.4 and max(hints[i] for i in (2, 3, 5)) < -0.4
