"""Runs rollouts, resumable: every row is on disk as soon as it is known, whoever does them (`bench.workers`)."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from mt3_common.errors import InvalidInput
from mt3_sim.bench import methods, splits, workers
from mt3_sim.bench.lesson import COUNTS
from mt3_sim.bench.school import School
from mt3_sim.suite.tasks import get

__all__ = ['Job', 'chunks', 'job_of', 'jobs', 'read_rows', 'run_jobs', 'write_table']


@dataclass(frozen=True)
class Job:
    """One rollout that is to be done."""

    task: str
    split: str
    seed: int
    method: str
    demonstrations: int = 1


def jobs(
    tasks: Sequence[str],
    split_names: Sequence[str],
    rollouts: int,
    method_names: Sequence[str],
    seed: int = 0,
    demonstrations: Sequence[int] = (1,),
) -> list[Job]:
    """Return every rollout of a run, the methods of one scene side by side; a split skips what it does not concern.

    Raises:
        InvalidInput: No such split, method or number of demonstrations, or what a method needs is not installed.
    """
    for name in method_names:
        methods.get(name).check()
    for count in demonstrations:
        if count not in COUNTS:
            raise InvalidInput(f'{count} demonstrations of each task cannot be asked for; possible are {COUNTS}')
    product = itertools.product(range(rollouts), split_names, tasks, method_names, demonstrations)
    covered = {(split, task): splits.get(split).covers(get(task)) for split in split_names for task in tasks}
    return [
        Job(task, split, seed + number, method, count)
        for number, split, task, method, count in product
        if covered[split, task]
    ]


def job_of(row: dict) -> Job:
    """Return which rollout a row tells of."""
    return Job(**{field.name: row[field.name] for field in fields(Job)})


def read_rows(folder: Path) -> list[dict]:
    """Return the rows that a folder holds, in the order in which they were done."""
    path = Path(folder) / 'rows.jsonl'
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding='utf-8').splitlines() if line.endswith('}')]


def run_jobs(
    folder: Path,
    school: School,
    wanted: Sequence[Job],
    processes: int,
    progress: Callable[[dict], None],
    ray: str = '',
) -> None:
    """Do what is not done yet.

    Args:
        folder: Where the rows go.
        school: What was taught.
        wanted: Rollouts.
        processes: On this machine, one core each.
        progress: Told each row.
        ray: Address of a Ray cluster that does them instead; its machines see the school's folder at the same path.
    """
    done = {job_of(row) for row in read_rows(folder)}
    todo = [asdict(job) for job in wanted if job not in done]
    if not todo:
        return
    place = str(school.folder.resolve())
    rows = workers.on_ray(ray, place, todo) if ray else workers.on_this_machine(processes, place, todo)
    with (Path(folder) / 'rows.jsonl').open('a', encoding='utf-8') as out:
        for row in rows:
            out.write(json.dumps(row) + '\n')
            out.flush()
            progress(row)


def write_table(folder: Path) -> Path:
    """Write the rows of a folder as `rows.parquet` and return its path."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = Path(folder) / 'rows.parquet'
    parquet.write_table(pa.Table.from_pylist(read_rows(folder)), path)
    return path


def chunks(rows: Sequence[dict], key: str) -> Iterator[tuple[str, list[dict]]]:
    """Return the rows of each value of a column, values in the order in which they appear."""
    for value in dict.fromkeys(row[key] for row in rows):
        yield value, [row for row in rows if row[key] == value]
