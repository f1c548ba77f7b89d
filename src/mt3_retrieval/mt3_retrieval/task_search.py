"""First step of retrieval: demonstrations whose task text means what was asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_retrieval.language import ParsedTask, parse, similarity
from mt3_retrieval.language.similarity import noun_similarity, same_thing, skill_similarity
from mt3_retrieval.library import Brief, DemoLibrary, Record
from mt3_retrieval.library.filters import all_of, any_of, equals

__all__ = ['ORIGIN_ADVICE', 'TaskMatch', 'find_tasks', 'noun_score', 'rank_tasks', 'same_task']

Embed = Callable[[str], np.ndarray]

ORIGIN_ADVICE = 'simulated and real demonstrations are never mixed: origin, or --simulated, says which are used'
_NOUN_COSINE = 0.62  # MiniLM: couch and sofa 0.86, pencil and pen 0.67, mug and bottle 0.51, mug and dog 0.28
_SAME_TASK = 0.02  # texts that are less like what was asked than the best by more are other tasks, if similar ones
_VERY_TASK = 0.97  # a text that is more like what was asked is about the very thing
_UNLIKE = 0.05  # below this a task is not even worth naming in a refusal


@dataclass(frozen=True, eq=False)
class TaskMatch:
    """A demonstration and the similarity of its task text in [0, 1]."""

    record: Brief | Record
    score: float


def same_task(score: float, best: float) -> bool:
    """Whether a text of this similarity means what the most similar one means, and not just something alike.

    What was asked is looked for first: "pick up the jar" comes after "take the jar from the step" if both were taught.
    """
    return score >= best - _SAME_TASK


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
    pool: int = 5000,
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
    if parsed.understood:
        good = [m for m in rank_tasks(parsed, _near(library, parsed, where, embed, pool, min_score), embed)
                if m.score >= min_score]  # fmt: skip
    else:
        good = _by_embedding(library, parsed, where, embed, min_cosine, pool)
    if not good:
        raise _refusal(library, parsed, where, embed, pool, min_score)
    return _of_the_thing(good)


def _of_the_thing(matches: list[TaskMatch]) -> list[TaskMatch]:
    """Return the matches without those of other things, if the very task was taught, on the very thing.

    Where its demonstrations do not fit what is in view, another thing would be taken that looks like its like: the tin
    in the pan for the can in the saucepan.
    """
    if matches[0].score < _VERY_TASK:
        return matches
    nouns = [_meaning(*_key(m.record)).target_noun for m in matches]
    return [m for m, noun in zip(matches, nouns, strict=True) if same_thing(nouns[0], noun)]


def rank_tasks(parsed: ParsedTask, records: Sequence[Brief | Record], embed: Embed | None = None) -> list[TaskMatch]:
    """Return all records with the similarity of their task to the asked one, most alike first."""
    nouns = noun_score(embed)
    scores: dict[tuple[str, str, str], float] = {}
    matches = []
    for record in records:
        key = _key(record)
        if key not in scores:
            scores[key] = similarity(parsed, _meaning(*key), nouns)
        matches.append(TaskMatch(record, scores[key]))
    return sorted(matches, key=lambda m: (-m.score, m.record.id))


@lru_cache(8192)
def _meaning(task: str, skill: str, target: str) -> ParsedTask:
    """Return what a demonstration is about: its task text, unless skill and target were stored differently."""
    parsed = parse(task)
    if parsed.understood or not skill:
        return parsed
    return replace(parsed, skill=skill, target_noun=replace(parsed.target_noun, name=target))


def _key(record: Brief | Record) -> tuple[str, str, str]:
    return record.task, record.skill, record.target


def _near(
    library: DemoLibrary, parsed: ParsedTask, where: str, embed: Embed | None, pool: int, least: float
) -> list[Brief]:
    """Demonstrations whose skill and target are alike enough: the rest of a text can only lower the similarity.

    The library is asked by the words that it holds, which are few however many demonstrations there are.
    """
    nouns = noun_score(embed)
    skills = [s for s in library.distinct('skill') if skill_similarity(parsed.skill, s) >= least]
    targets = [t for t in library.distinct('target') if noun_similarity(parsed.target, t, nouns) >= least]
    if not skills or not targets:
        return []
    exact = all_of(where, equals('skill', parsed.skill), equals('target', parsed.target))
    near = all_of(where, any_of('skill', skills), any_of('target', targets))
    found = library.briefs(near, limit=pool)
    if len(found) < pool or (skills, targets) == ([parsed.skill], [parsed.target]):
        return found
    first = library.briefs(exact, limit=pool)  # there are more than can be compared: the very task before its like
    seen = {brief.id for brief in first}
    return (first + [brief for brief in found if brief.id not in seen])[:pool]


def _by_embedding(
    library: DemoLibrary, parsed: ParsedTask, where: str, embed: Embed, min_cosine: float, pool: int
) -> list[TaskMatch]:
    found = library.search(where, vector=embed(parsed.text), limit=min(pool, 50))
    matches = [TaskMatch(r, 1.0 - r.distance) for r in found if 1.0 - r.distance >= min_cosine]
    return sorted(matches, key=lambda m: (-m.score, m.record.id))


def _refusal(
    library: DemoLibrary, parsed: ParsedTask, where: str, embed: Embed | None, pool: int, min_score: float
) -> MT3Error:
    """Say why nothing was found, and what there is instead."""
    if not library.count(where):
        held = library.count()
        return MT3Error(
            f'the library {library.uri} is empty; teach a task first'
            if not held
            else f'none of the {held} demonstrations in {library.uri} passes the filter {where or "none"}; '
            f'{ORIGIN_ADVICE}',
            StatusCode.NO_DEMONSTRATION,
        )
    if not parsed.understood:
        return MT3Error(f'the task {parsed.text!r} was not understood: {parsed.problem}', StatusCode.NOT_UNDERSTOOD)
    text = f'nobody taught {parsed.text!r} (understood as {parsed})'
    nearest = rank_tasks(parsed, _near(library, parsed, where, embed, pool, _UNLIKE), embed)[:1]
    if nearest and nearest[0].score > 0.0:
        text += f': the nearest is {nearest[0].record.task!r} with {nearest[0].score:.2f}, the limit is {min_score}'
    else:
        some = list(dict.fromkeys(r.task for r in library.search(where, limit=20)))[:5]
        text += f'; taught are for example: {"; ".join(some)}'
    return MT3Error(text, StatusCode.NO_DEMONSTRATION)
