"""Second step of retrieval: pairs of demonstration and object whose shapes are alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3_common.scene import SceneObject
from mt3_retrieval.colour import colour_share
from mt3_retrieval.descriptor import describe, geometry_similarity
from mt3_retrieval.language import ParsedTask, parse
from mt3_retrieval.language.similarity import noun_similarity
from mt3_retrieval.language.vocabulary import ATTRIBUTES
from mt3_retrieval.language.words import canonical_noun
from mt3_retrieval.task_search import TaskMatch, same_task

__all__ = ['Pair', 'shortlist']

_LAST = 10.0  # more than any pair promises


@dataclass(frozen=True, eq=False)
class Pair:
    """A demonstration and a scene object.

    Attributes:
        match: The demonstration and the similarity of its task.
        object: In the scene.
        geometry: Similarity of the shapes in [0, 1].
        hint: What a named colour and a detector's label say, in [-1, 1] each times its weight.
    """

    match: TaskMatch
    object: SceneObject
    geometry: float
    hint: float = 0.0


def shortlist(
    matches: list[TaskMatch],
    objects: list[SceneObject],
    parsed: ParsedTask,
    *,
    descriptors: Sequence[np.ndarray] | None = None,
    at_most: int = 0,
    language_weight: float = 1.0,
    colour_weight: float = 0.5,
    label_weight: float = 0.5,
) -> list[Pair]:
    """Return pairs, the one most worth aligning first.

    Demonstrations of the very task come before those of similar ones. Each object's best pairs come before any object's
    others: with many demonstrations of one shape, an object must not take all places.

    Args:
        matches: Demonstrations of the task.
        objects: Of the scene.
        parsed: The asked task.
        descriptors: (D,) per object, where the caller knows them.
        at_most: Of all pairs, return so many; 0: all.
        language_weight, colour_weight, label_weight: As in `RetrievalConfig`.
    """
    if descriptors is None:
        descriptors = [describe(item.points, item.support_height_m) for item in objects]
    stored = np.array([m.record.descriptor for m in matches])
    hints = [_hint(item, parsed, colour_weight, label_weight) for item in objects]
    geometry = np.array([geometry_similarity(stored, own) for own in descriptors])  # (objects, matches)
    promise = geometry + language_weight * np.array([m.score for m in matches]) + np.array(hints)[:, None]
    ids = np.array([m.record.id for m in matches])  # ties are broken by ids, so that answers repeat
    tier = max(1, int(np.ceil(len(matches) / 4))) if len(matches) > 4 else len(matches) + 1
    best = max(m.score for m in matches)
    like = np.array([not same_task(m.score, best) for m in matches])
    # (another task?, which of the object's quarters, what it promises, ids of demonstration and object, which pair)
    listed = []
    for i, (item, own) in enumerate(zip(objects, promise - _LAST * like, strict=True)):
        for place, m in enumerate(_best_first(own, ids, at_most or len(matches))):
            listed.append((bool(like[m]), place // tier, -float(own[m]), str(ids[m]), item.id, m, i))
    listed.sort()
    return [Pair(matches[m], objects[i], float(geometry[i, m]), hints[i]) for *_, m, i in listed[: at_most or None]]


def _best_first(promise: np.ndarray, ids: np.ndarray, at_most: int) -> np.ndarray:
    """Return the indices of the largest of `promise` (M,), the largest first, of equals by their ids."""
    if at_most < len(promise):
        least = np.partition(promise, -at_most)[-at_most]
        chosen = np.nonzero(promise >= least)[0]
    else:
        chosen = np.arange(len(promise))
    return chosen[np.lexsort((ids[chosen], -promise[chosen]))][:at_most]


def _hint(item: SceneObject, parsed: ParsedTask, colour_weight: float, label_weight: float) -> float:
    """Return what a colour in the task and a label on the object say for or against the pair."""
    hint = 0.0
    for attribute in parsed.attributes:
        if ATTRIBUTES.get(attribute) == 'colour':
            share = colour_share(item.colors, attribute)
            hint += 0.0 if share is None else colour_weight * (2.0 * min(share / 0.5, 1.0) - 1.0)
    if item.label and parsed.target:
        words = parse(f'pick up {item.label}').target or canonical_noun(tuple(item.label.lower().split()))[0]
        hint += label_weight * item.label_confidence * (2.0 * noun_similarity(parsed.target, words) - 1.0)
    return hint
