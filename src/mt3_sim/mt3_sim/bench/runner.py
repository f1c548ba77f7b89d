"""Runs rollouts in processes, resumable: every row is on disk as soon as it is known."""

import functools
import itertools
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mt3_common.errors import InvalidInput
from mt3_executor.config import ExecutorConfig
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.retrieval import Retriever
from mt3_sim.bench import splits
from mt3_sim.bench.rollout import METHODS, Bench
from mt3_sim.bench.school import School
from mt3_sim.suite.tasks import get

__all__ = ['Job', 'jobs', 'read_rows', 'run_jobs', 'write_table']

_THREAD_VARIABLES = ('OMP_NUM_THREADS', 'NUMBA_NUM_THREADS', 'OPENBLAS_NUM_THREADS')


@dataclass(frozen=True)
class Job:
    """One rollout that is to be done."""

    task: str
    split: str
    seed: int
    method: str


def jobs(
    tasks: Sequence[str], split_names: Sequence[str], rollouts: int, methods: Sequence[str], seed: int = 0
) -> list[Job]:
    """Return every rollout of a run, the methods of one scene side by side.

    Raises:
        InvalidInput: No such split or method.
    """
    for name in split_names:
        splits.get(name)
    unknown = [name for name in methods if name not in METHODS]
    if unknown:
        raise InvalidInput(f'there is no method {unknown[0]!r}; there are {", ".join(METHODS)}')
    return [
        Job(task, split, seed + number, method)
        for number, split, task, method in itertools.product(range(rollouts), split_names, tasks, methods)
    ]


def read_rows(folder: Path) -> list[dict]:
    """Return the rows that a folder holds, in the order in which they were done."""
    path = Path(folder) / 'rows.jsonl'
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding='utf-8').splitlines() if line.endswith('}')]


def run_jobs(
    folder: Path, school: School, wanted: Sequence[Job], workers: int, progress: Callable[[dict], None]
) -> None:
    """Do what is not done yet.

    Args:
        folder: Where the rows go.
        school: What was taught.
        wanted: Rollouts.
        workers: Processes, one core each.
        progress: Told each row.
    """
    done = {Job(r['task'], r['split'], r['seed'], r['method']) for r in read_rows(folder)}
    todo = [job for job in wanted if job not in done]
    if not todo:
        return
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, '1'))  # a worker is one core
    context = multiprocessing.get_context('spawn')
    try:
        with (
            context.Pool(min(workers, len(todo)), _prepare, (str(school.folder),)) as pool,
            (Path(folder) / 'rows.jsonl').open('a', encoding='utf-8') as out,
        ):
            for row in pool.imap_unordered(_rollout, todo):
                out.write(json.dumps(row) + '\n')
                out.flush()
                progress(row)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def write_table(folder: Path) -> Path:
    """Write the rows of a folder as `rows.parquet` and return its path."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = Path(folder) / 'rows.parquet'
    parquet.write_table(pa.Table.from_pylist(read_rows(folder)), path)
    return path


@functools.lru_cache(maxsize=1)
def _bench(school: str) -> Bench:
    taught = School(Path(school))
    retriever = Retriever(
        DemoLibrary.open(taught.library, create=False), RetrievalConfig(threads=1, origin='simulated')
    )
    retriever.warm_up()
    return Bench(retriever, taught.targets(), ExecutorConfig())


_school: list[str] = []


def _prepare(school: str) -> None:
    _school.append(school)
    _bench(school)


def _rollout(job: Job) -> dict:
    return _bench(_school[0]).run(get(job.task), splits.get(job.split), job.seed, job.method).values()


def chunks(rows: Sequence[dict], key: str) -> Iterator[tuple[str, list[dict]]]:
    """Return the rows of each value of a column, values in the order in which they appear."""
    for value in dict.fromkeys(row[key] for row in rows):
        yield value, [row for row in rows if row[key] == value]
