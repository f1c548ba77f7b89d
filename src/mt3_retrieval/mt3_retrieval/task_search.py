"""First step of retrieval: demonstrations whose task text means what was asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_retrieval.language import ParsedTask, parse, similarity
from mt3_retrieval.language import vocabulary as v
from mt3_retrieval.language.similarity import noun_similarity, skill_similarity
from mt3_retrieval.library import DemoLibrary, Record
from mt3_retrieval.library.filters import all_of, any_of

__all__ = ['TaskMatch', 'find_tasks', 'noun_score', 'rank_tasks']

Embed = Callable[[str], np.ndarray]

_NOUN_COSINE = 0.62  # MiniLM: couch and sofa 0.86, pencil and pen 0.67, mug and bottle 0.51, mug and dog 0.28


@dataclass(frozen=True, eq=False)
class TaskMatch:
    """A demonstration and the similarity of its task text in [0, 1]."""

    record: Record
    score: float


def noun_score(embed: Embed | None) -> Callable[[str, str], float] | None:
    """Return a similarity in [0, 0.9] of two nouns of which the vocabulary lacks one, by their embedding."""
    if embed is None:
        return None

    def score(a: str, b: str) -> float:
        cosine = float(embed(a) @ embed(b))
        return min(0.9, 0.6 + 1.25 * (cosine - _NOUN_COSINE)) if cosine >= _NOUN_COSINE else 0.0

    return score


def find_tasks(
    library: DemoLibrary,
    parsed: ParsedTask,
    where: str,
    *,
    embed: Embed | None = None,
    pool: int = 1000,
    min_score: float = 0.55,
    min_cosine: float = 0.8,
) -> list[TaskMatch]:
    """Return demonstrations of the asked task, most alike first.

    Args:
        library: Looked at anew.
        parsed: The asked task.
        where: SQL condition that every candidate meets.
        embed: Sentence embedding; None: the structured parse alone.
        pool: At most so many texts are compared.
        min_score: Below this similarity a text means another task.
        min_cosine: From this cosine on, a text that was not parsed may be a taught task.

    Raises:
        MT3Error: NOT_UNDERSTOOD, the text is no instruction that can be looked for; NO_DEMONSTRATION, nobody
            taught it, with the nearest taught tasks named; STORAGE.
    """
    if not parsed.understood and not (parsed.unknown_words and embed is not None):
        raise MT3Error(f'the task {parsed.text!r} was not understood: {parsed.problem}', StatusCode.NOT_UNDERSTOOD)
    total = library.count(where)
    if not total:
        held = library.count()
        raise MT3Error(
            f'the library {library.uri} is empty; teach a task first'
            if not held
            else f'none of the {held} demonstrations in {library.uri} passes the filter: {where or "none"}',
            StatusCode.NO_DEMONSTRATION,
        )
    if not parsed.understood:
        return _by_embedding(library, parsed, where, embed, min_cosine, pool)
    matches = rank_tasks(parsed, _pool(library, parsed, where, embed, pool), embed)
    good = [m for m in matches if m.score >= min_score]
    if not good:
        raise MT3Error(_nobody_taught(library, parsed, matches, where, min_score), StatusCode.NO_DEMONSTRATION)
    return good


def rank_tasks(parsed: ParsedTask, records: list[Record], embed: Embed | None = None) -> list[TaskMatch]:
    """Return all records with the similarity of their task to the asked one, most alike first."""
    nouns = noun_score(embed)
    scores: dict[tuple[str, str, str], float] = {}
    matches = []
    for record in records:
        key = (record.task, record.skill, record.target)
        if key not in scores:
            scores[key] = similarity(parsed, _meaning(record), nouns)
        matches.append(TaskMatch(record, scores[key]))
    return sorted(matches, key=lambda m: (-m.score, m.record.id))


def _meaning(record: Record) -> ParsedTask:
    """Return what a demonstration is about: its task text, unless skill and target were stored differently."""
    parsed = parse(record.task)
    if parsed.understood or not record.skill:
        return parsed
    return replace(parsed, skill=record.skill, target_noun=replace(parsed.target_noun, name=record.target))


def _pool(library: DemoLibrary, parsed: ParsedTask, where: str, embed: Embed | None, pool: int) -> list[Record]:
    """Demonstrations worth comparing: near skill and near target first, then near skill."""
    skills = [s for s in v.SKILLS if skill_similarity(parsed.skill, s) > 0.0]
    targets = [n for n in (parsed.target, *v.NOUN_SYNONYMS) if noun_similarity(parsed.target, n) > 0.3]
    near = all_of(where, any_of('skill', skills))
    found = library.search(all_of(near, any_of('target', list(dict.fromkeys(targets)))), limit=pool)
    if len(found) < pool:
        seen = {r.id for r in found}
        vector = embed(parsed.text) if embed else None
        rest = library.search(near, vector=vector, limit=pool - len(found))
        if not rest and vector is not None:  # rows added without an embedding
            rest = library.search(near, limit=pool - len(found))
        found += [r for r in rest if r.id not in seen]
    return found


def _by_embedding(
    library: DemoLibrary, parsed: ParsedTask, where: str, embed: Embed, min_cosine: float, pool: int
) -> list[TaskMatch]:
    found = library.search(where, vector=embed(parsed.text), limit=min(pool, 50))
    matches = [TaskMatch(r, 1.0 - r.distance) for r in found if 1.0 - r.distance >= min_cosine]
    if not matches:
        raise MT3Error(f'the task {parsed.text!r} was not understood: {parsed.problem}', StatusCode.NOT_UNDERSTOOD)
    return sorted(matches, key=lambda m: (-m.score, m.record.id))


def _nobody_taught(
    library: DemoLibrary, parsed: ParsedTask, matches: list[TaskMatch], where: str, min_score: float
) -> str:
    text = f'nobody taught {parsed.text!r} (understood as {parsed})'
    if matches and matches[0].score > 0.0:
        return (
            f'{text}: the nearest is {matches[0].record.task!r} with {matches[0].score:.2f}, the limit is {min_score}'
        )
    some = list(dict.fromkeys(r.task for r in library.list(where, limit=20)))[:5]
    return f'{text}; taught are for example: {"; ".join(some)}'
