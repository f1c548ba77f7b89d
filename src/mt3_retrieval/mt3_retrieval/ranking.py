"""Last steps of retrieval: order the aligned pairs, and decide whether the best may be acted on."""

import numpy as np

from mt3_common.errors import Status, StatusCode
from mt3_retrieval.alignment import Alignment
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.result import Candidate
from mt3_retrieval.shortlist import Pair
from mt3_retrieval.task_search import same_task

__all__ = ['decide', 'fit', 'fits', 'rank', 'trusted']

_ONE_PLACE_M = 0.02
_BEST_SCORE = 2.0  # of an alignment: both ways explained, nothing seen through


def fit(alignment: Alignment) -> float:
    """Return the score of an alignment as a fit in [-1, 1]."""
    return float(np.clip(alignment.score / _BEST_SCORE, -1.0, 1.0)) if np.isfinite(alignment.score) else -1.0


def fits(alignment: Alignment, config: RetrievalConfig) -> bool:
    """Whether the live object may be the demonstrated one at all."""
    return np.isfinite(alignment.score) and fit(alignment) >= config.min_fit and alignment.overlap >= config.min_overlap


def trusted(alignment: Alignment, config: RetrievalConfig) -> bool:
    """Whether an alignment could be acted on."""
    return fits(alignment, config) and alignment.status.ok and alignment.confidence >= config.alignment.min_confidence


def rank(found: list[tuple[Pair, Alignment | None]], config: RetrievalConfig) -> list[Candidate]:
    """Return the candidates best first: the fit (at most 1) plus the weighted similarity of the task text.

    Trusted ones come before others, and among them demonstrations of the very task before those of similar ones.

    Args:
        found: Pairs with their alignments; None: not promising enough to be aligned. Those come last, in their order.
        config: Weights and limits.
    """
    done = [_candidate(pair, alignment, config) for pair, alignment in found if alignment is not None]
    said = max((pair.match.score for pair, _ in found), default=0.0)
    done.sort(
        key=lambda c: (
            not fits(c.alignment, config),
            not trusted(c.alignment, config),
            not same_task(c.language, said),
            -c.total,
            c.demonstration_id,
            c.object_id,
        )
    )
    rest = [
        Candidate(
            p.match.record.id,
            p.match.record.task,
            p.object.id,
            p.match.score,
            p.geometry,
            reason=f'not aligned: shape similarity {p.geometry:.2f}, others promised more',
        )
        for p, alignment in found
        if alignment is None
    ]
    return done + rest


def _candidate(pair: Pair, alignment: Alignment, config: RetrievalConfig) -> Candidate:
    own = fit(alignment)
    total = own + config.language_weight * pair.match.score + pair.hint
    if not np.isfinite(alignment.score):
        reason = f'not alignable: {alignment.status.message}'
    else:
        reason = (
            f'task {pair.match.score:.2f}, shape {pair.geometry:.2f}, fit {own:.2f} '
            f'(overlap {alignment.overlap:.0%}, seen through {alignment.violation:.0%}), '
            f'confidence {alignment.confidence:.2f}'
        )
        if pair.hint:
            reason += f', colour and label {pair.hint:+.2f}'
        if not fits(alignment, config):
            reason = 'not this object: ' + reason
    record = pair.match.record
    return Candidate(record.id, record.task, pair.object.id, pair.match.score, pair.geometry, alignment, total, reason)


def decide(candidates: list[Candidate], config: RetrievalConfig) -> Status:
    """Return OK, or why the best candidate must not be acted on."""
    best = candidates[0]
    alignment = best.alignment
    if not fits(alignment, config):
        if not np.isfinite(alignment.score):
            why = alignment.status.message
        else:
            why = (
                f'the nearest, object {best.object_id}, has fit {fit(alignment):.2f} (at least {config.min_fit} is '
                f'asked): it explains {alignment.overlap:.0%} of the taught object (at least {config.min_overlap:.0%} '
                f'is asked), and the cameras see through {alignment.violation:.0%}'
            )
        return Status(
            StatusCode.OBJECT_NOT_FOUND,
            f'no object in the scene fits the demonstration {best.task!r}: {why}; is it in view?',
        )
    if alignment.confidence < config.alignment.min_confidence:
        return Status(
            StatusCode.LOW_CONFIDENCE,
            f'{best.task!r} on object {best.object_id}: confidence {alignment.confidence:.2f} is below the limit '
            f'{config.alignment.min_confidence:.2f}; show the object from another side or teach it once more',
        )
    if not alignment.status.ok:
        return alignment.status
    rival = _rival(candidates, config)
    if config.refuse_ambiguous and rival is not None:
        return Status(
            StatusCode.AMBIGUOUS,
            f'objects {best.object_id} and {rival.object_id} fit {best.task!r} equally well ({best.total:.2f} and '
            f'{rival.total:.2f}, nearer than {config.ambiguous_margin}); name one, by its colour or by object_id',
        )
    return Status()


def _rival(candidates: list[Candidate], config: RetrievalConfig) -> Candidate | None:
    """Return the first candidate on another object, elsewhere, that is as good as the best."""
    best = candidates[0]
    for other in candidates[1:]:
        if other.alignment is None or not fits(other.alignment, config):
            return None
        if other.total < best.total - config.ambiguous_margin or not same_task(other.language, best.language):
            return None
        elsewhere = other.object_id != best.object_id and not _at_one_place(best.alignment, other.alignment)
        if elsewhere and other.alignment.confidence >= config.alignment.min_confidence:
            return other
    return None


def _at_one_place(one: Alignment, other: Alignment) -> bool:
    """Whether two alignments find the taught object at one place: its segment is cut in two, or a part of another."""
    there = [a.transfer(a.anchor[None])[0] for a in (one, other)]
    return bool(np.linalg.norm(there[0] - there[1]) < _ONE_PLACE_M)
