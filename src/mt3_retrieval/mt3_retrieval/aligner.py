"""Third step of retrieval: aligning the pairs that promise most, until one is good and no other may be its twin."""

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

    def align(self, pairs: list[Pair], live: LiveObjects, mark: Mark) -> tuple[list[Pair], list[Alignment]]:
        """Return the pairs, the aligned ones first, and the alignments of those; the rest need not be aligned.

        Args:
            pairs: The most promising first.
            live: The scene.
            mark: Called with the name of a step at its end.
        """
        done: list[tuple[Pair, Alignment]] = []
        waiting, most = list(pairs), min(self._config.max_aligned, len(pairs))
        at_once = 1  # most often the first is the one; a second beside it would keep it waiting for memory and core
        while wanted := self._worth_aligning(waiting, done)[: min(at_once, most - len(done))]:
            at_once = self._config.aligned_at_once
            done += zip(wanted, self._some(wanted, live, mark), strict=True)
            waiting = [pair for pair in waiting if pair not in wanted]
        return [pair for pair, _ in done] + waiting, [alignment for _, alignment in done]

    def _worth_aligning(self, waiting: list[Pair], done: list[tuple[Pair, Alignment]]) -> list[Pair]:
        """Return which of the waiting pairs are still worth it, the most promising first.

        All, until a pair fits well and is trusted: wrong ones rarely are, a camera sees through them. Then only what
        may show that another object is its twin: of each that looks as much like a demonstration, the most promising
        pair and the one with the demonstration that fits.
        """
        good = [(fit(a), pair) for pair, a in done if trusted(a, self._config) and fit(a) >= self._config.enough_fit]
        if not good:
            return waiting
        best = max(good, key=lambda item: item[0])[1]
        alike = [
            p for p in waiting if p.object.id != best.object.id and p.geometry > self._config.twin_ratio * best.geometry
        ]
        met = {pair.object.id for pair, _ in done}
        wanted = []
        for p in alike:
            if p.object.id not in met or p.match.record.id == best.match.record.id:
                wanted.append(p)
                met.add(p.object.id)
        return wanted

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
