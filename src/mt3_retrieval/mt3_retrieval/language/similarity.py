"""How near two task texts are, from their parses."""

import difflib
from collections.abc import Callable

from mt3_retrieval.language import vocabulary as v
from mt3_retrieval.language.parsed import Noun, ParsedTask

__all__ = ['noun_similarity', 'same_thing', 'similarity', 'skill_similarity']

NounScore = Callable[[str, str], float]

_SYNONYM = 0.94
_CONFLICT = {'colour': 0.75, 'side': 0.6, 'level': 0.6, 'size': 0.8, 'length': 0.85, 'material': 0.85}


def skill_similarity(a: str, b: str) -> float:
    """Similarity of two canonical skills in [0, 1]."""
    return 1.0 if a == b else v.NEAR_SKILLS.get(frozenset((a, b)), 0.0)


def noun_similarity(a: str, b: str, embedded: NounScore | None = None) -> float:
    """Similarity of two canonical nouns in [0, 1]; `embedded` judges pairs of which the vocabulary lacks one."""
    if a == b:
        return 1.0
    if a in v.GENERIC_NOUNS or b in v.GENERIC_NOUNS:
        return 0.75
    related = v.RELATED_NOUNS.get(frozenset((a, b)))
    if related is not None:
        return related
    known_a, known_b = a in v.NOUN_SYNONYMS, b in v.NOUN_SYNONYMS
    if known_a and known_b:
        return 0.0
    head_a, head_b = a.split()[-1], b.split()[-1]
    if head_a == head_b:  # "cable box" and "box"
        return 0.8 if ' ' not in a or ' ' not in b else 0.6
    score = 0.0
    if min(len(a), len(b)) >= 4 and a[0] == b[0]:  # a typing error
        ratio = difflib.SequenceMatcher(None, a, b).ratio()
        score = 0.85 if ratio >= 0.8 else 0.0
    return max(score, embedded(a, b)) if embedded else score


def same_thing(a: Noun, b: Noun) -> bool:
    """Whether two nouns name one kind of thing, of whatever colour or size: no tin for a can, no tea box for a box."""
    kinds = [{word for word in noun.attributes if word not in v.ATTRIBUTES} for noun in (a, b)]
    return a.name == b.name and _words(a, b) == 1.0 and kinds[0] == kinds[1]


def similarity(a: ParsedTask, b: ParsedTask, embedded: NounScore | None = None) -> float:
    """Return the similarity of two parsed tasks in [0, 1]: 1 for the same task, 0 for unrelated ones.

    Skill and target must both fit; the other object, attributes and the part lower it when they differ.
    """
    if not (a.understood and b.understood):
        return 0.0
    score = skill_similarity(a.skill, b.skill)
    if score == 0.0:
        return 0.0
    score *= noun_similarity(a.target, b.target, embedded)
    score *= _attributes(a.target_noun, b.target_noun) * _words(a.target_noun, b.target_noun)
    if a.other_nouns and b.other_nouns:
        pairs = ((x, y) for x in a.other_nouns for y in b.other_nouns)
        score *= 0.55 + 0.45 * max(
            noun_similarity(x.name, y.name, embedded) * _attributes(x, y) * _words(x, y) for x, y in pairs
        )
    elif a.other_nouns or b.other_nouns:
        score *= 0.93
    if a.part != b.part:
        score *= 0.6 if a.part and b.part else 0.88
    return float(score)


def _words(a: Noun, b: Noun) -> float:
    """Factor for two words of one meaning: who taught both a tin and a can means the one that is named."""
    return _SYNONYM if a.name == b.name and a.said and b.said and a.said != b.said else 1.0


def _attributes(a: Noun, b: Noun) -> float:
    """Factor for attributes: contradictions cost most, unsaid ones little, and of "the object" nothing is unsaid."""
    factor = 1.0
    ours, theirs = set(a.attributes), set(b.attributes)
    if a.name in v.GENERIC_NOUNS:
        theirs = _of_kinds(theirs, ours)
    if b.name in v.GENERIC_NOUNS:
        ours = _of_kinds(ours, theirs)
    for kind in {v.ATTRIBUTES.get(x, x) for x in ours ^ theirs}:
        mine = {x for x in ours if v.ATTRIBUTES.get(x, x) == kind}
        its = {x for x in theirs if v.ATTRIBUTES.get(x, x) == kind}
        if mine and its:
            factor *= _CONFLICT.get(kind, 0.9) if not mine & its else 0.98
        else:
            factor *= 0.95
    return factor


def _of_kinds(attributes: set[str], others: set[str]) -> set[str]:
    """Return those attributes that are of a kind of which the others name one."""
    kinds = {v.ATTRIBUTES.get(x, x) for x in others}
    return {x for x in attributes if v.ATTRIBUTES.get(x, x) in kinds}
