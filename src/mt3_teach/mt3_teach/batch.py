"""Importing many bags: in several processes, each bag whole or not at all, and again where it was interrupted.

What a bag gave is in the library with the bag's key (`import_part.source_key`), so a second run passes over what the
first one stored, whatever ended it. A bag that is refused leaves nothing behind; the run goes on with the next.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_common.errors import InvalidInput, MT3Error
from mt3_common.robot import RobotConfig
from mt3_teach.config import ImportConfig
from mt3_teach.findings import errors_of
from mt3_teach.folder import import_folder
from mt3_teach.formats.lerobot import import_lerobot
from mt3_teach.formats.paper import import_paper
from mt3_teach.import_part import ImportResult, Wanted, source_key
from mt3_teach.importer import import_parts
from mt3_teach.lint import lint_demonstration
from mt3_teach.overlay import draw_demonstration
from mt3_teach.sources import Kind

if TYPE_CHECKING:
    from mt3_retrieval.library import DemoLibrary

__all__ = ['Job', 'Outcome', 'import_many', 'read_source']


@dataclass(frozen=True, eq=False)
class Job:
    """One thing to import, and how."""

    path: Path
    kind: Kind
    wanted: Wanted
    robot: RobotConfig
    config: ImportConfig
    force: bool = False


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one thing.

    Attributes:
        path: The bag or folder.
        results: One per demonstration in it; empty when it was refused or stored before.
        refusal: Why nothing of it is in the library; empty when it is.
        before: It was stored by an earlier run.
    """

    path: Path
    results: tuple[ImportResult, ...] = ()
    refusal: str = ''
    before: bool = False


def read_source(job: Job) -> Outcome:
    """Read one thing; nothing is stored. Errors of the linter refuse it unless forced."""
    try:
        if job.kind is Kind.BAG:
            results = import_parts(job.path, job.wanted, robot=job.robot, config=job.config)
        else:
            results = [_finished(demo, job) for demo in _others(job)]
    except MT3Error as error:
        return Outcome(job.path, refusal=str(error))
    errors = [str(finding) for result in results for finding in errors_of(result.findings)]
    refusal = '' if job.force or not errors else f'{len(errors)} error(s): ' + '; '.join(errors)
    return Outcome(job.path, tuple(results), refusal)


def import_many(jobs: list[Job], library: 'DemoLibrary', processes: int = 1) -> Iterator[Outcome]:
    """Import in some processes, yield each outcome as it is stored.

    Args:
        jobs: What to import. A bag that the library holds already is passed over.
        library: Where to; this process alone writes, one commit for all that a bag gave.
        processes: How many read bags at the same time.

    Raises:
        MT3Error: STORAGE; the library cannot be written.
    """
    known = {r.provenance.get('source_key') for r in [*library.list(), *library.list(removed=True)]} - {None}
    left: list[tuple[Job, str]] = []
    for job in jobs:
        try:
            key = source_key(job.path) if job.kind is Kind.BAG else ''
        except MT3Error as error:
            yield Outcome(job.path, refusal=str(error))
            continue
        if key and key in known:
            yield Outcome(job.path, before=True)
        else:
            known.add(key)
            left.append((job, key))
    for outcome in _read_all([job for job, _ in left], processes):
        yield _stored(outcome, library)


def _read_all(jobs: list[Job], processes: int) -> Iterator[Outcome]:
    if processes <= 1 or len(jobs) <= 1:
        yield from map(read_source, jobs)
        return
    # spawned, since neither the database nor numba's threads survive a fork
    context = multiprocessing.get_context('spawn')
    with ProcessPoolExecutor(processes, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        queue = iter(jobs)
        running: set[Future[Outcome]] = set()
        try:
            while True:
                for job in queue:
                    running.add(pool.submit(read_source, job))
                    if len(running) >= 2 * processes:  # results are pictures: do not pile them up
                        break
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            for future in running:
                future.cancel()


def _stored(outcome: Outcome, library: 'DemoLibrary') -> Outcome:
    if outcome.refusal:
        return outcome
    try:
        library.add_many([result.demonstration for result in outcome.results])
    except InvalidInput as error:
        return Outcome(outcome.path, refusal=str(error))
    return outcome


def _others(job: Job) -> list[Demonstration]:
    if job.kind is Kind.FOLDER:
        return [import_folder(job.path)]
    if job.kind is Kind.PAPER:
        return [import_paper(job.path, job.robot, task=job.wanted.task)]
    return import_lerobot(job.path, job.robot, task=job.wanted.task)


def _finished(demo: Demonstration, job: Job) -> ImportResult:
    pictures: dict[str, np.ndarray] = {'overlay': draw_demonstration(demo)}
    findings = sorted(lint_demonstration(demo, job.config.lint), key=lambda f: -f.severity)
    return ImportResult(demo, findings, {'source': f'{job.kind.value} {job.path.name}'}, pictures)
