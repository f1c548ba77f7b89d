"""Third step of retrieval: aligning the pairs that promise most, until one is good and no other may be its equal."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from mt3_common.errors import MT3Error
from mt3_retrieval.alignment import Alignment, View, align_many
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.library import Brief, Record
from mt3_retrieval.live_objects import LiveObjects
from mt3_retrieval.ranking import fit, trusted
from mt3_retrieval.shortlist import Pair
from mt3_retrieval.view_cache import ViewCache

__all__ = ['Aligner']

Mark = Callable[[str], None]


class Aligner:
    """Aligns pairs on all cores. May be used from several threads.

    How many pairs are aligned at a time does not depend on the cores, so that every machine gives the same answer.
    """

    def __init__(self, views: ViewCache, config: RetrievalConfig) -> None:
        self._views, self._config = views, config
        self._threads = config.threads or len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix='views')

    def align(self, pairs: list[Pair], live: LiveObjects, mark: Mark) -> list[Alignment]:
        """Return the alignments of the first pairs; the rest need not be aligned.

        Args:
            pairs: The most promising first.
            live: The scene.
            mark: Called with the name of a step at its end.
        """
        alignments: list[Alignment] = []
        last = min(self._config.max_aligned, len(pairs))
        while len(alignments) < last and not self._settled(pairs[:last], alignments):
            start = len(alignments)
            alignments += self._some(pairs[start : min(start + self._config.aligned_at_once, last)], live, mark)
        return alignments

    def _settled(self, pairs: list[Pair], alignments: list[Alignment]) -> bool:
        """Whether one of the aligned pairs fits well and no object of the others looks as much like its demonstration.

        Wrong pairs rarely fit and are trusted: a camera sees through them. An object of the same shape
        must be aligned too, or nobody would notice that there are two.
        """
        good = [
            (fit(a), p)
            for p, a in zip(pairs, alignments, strict=False)
            if trusted(a, self._config) and fit(a) >= self._config.enough_fit
        ]
        if not good:
            return False
        best = max(good, key=lambda item: item[0])[1]
        limit = self._config.twin_ratio * best.geometry
        return not any(p.object.id != best.object.id and p.geometry > limit for p in pairs[len(alignments) :])

    def _some(self, pairs: list[Pair], live: LiveObjects, mark: Mark) -> list[Alignment]:
        """Align pairs, each as its demonstration asks for."""
        records = {p.match.record.id: p.match.record for p in pairs}
        items = {p.object.id: p.object for p in pairs}
        jobs = [partial(self._taught, record) for record in records.values()]
        jobs += [partial(live.view, item) for item in items.values()]
        views = dict(zip((*records, *items), self._pool.map(lambda job: job(), jobs), strict=True))
        mark('views')
        results: dict[int, Alignment] = {}
        for way in sorted({_way(p.match.record) for p in pairs}):
            chosen = [i for i, p in enumerate(pairs) if _way(p.match.record) == way]
            both = [(views[pairs[i].match.record.id], views[pairs[i].object.id]) for i in chosen]
            dof, stretch, refine = way
            settings = self._config.alignment  # a demonstration may ask for less than the settings allow, not for more
            config = settings.model_copy(
                update={
                    'dof': dof,
                    'allow_stretch': settings.allow_stretch and stretch,
                    'refine': settings.refine and refine,
                }
            )
            results.update(zip(chosen, align_many(both, config, self._threads), strict=True))
        mark('align')
        return [results[i] for i in range(len(pairs))]

    def _taught(self, record: Brief | Record) -> View:
        """Return the view of a demonstration; one that cannot be read is refused and does not keep others out."""
        try:
            return self._views.view(record)
        except MT3Error as error:
            return View(np.eye(4), None, False, error.status)


def _way(record: Brief | Record) -> tuple[int, bool, bool]:
    """Return the degrees of freedom, whether the object may be of another size, and whether the pose is refined."""
    return record.dof, record.stretch, record.refine
