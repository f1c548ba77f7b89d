"""Rollouts of a run once more, with their pictures: one that is asked for, or a failure of each worst category."""

import base64
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from mt3_sim.bench import splits, workers
from mt3_sim.bench.rollout import Row
from mt3_sim.bench.runner import Job, chunks, job_of
from mt3_sim.suite.tasks import get

__all__ = ['NAMES', 'redo', 'thumbnail', 'worst']

NAMES = {'before': 'before', 'overlay': 'how the taught object was found', 'after': 'after'}
"""The pictures of a rollout, by the name of their file, and what they show."""

_SIZE = (340, 340)  # of a picture in the report, at most [pixels]


def redo(folder: Path, jobs: Sequence[Job]) -> Iterator[tuple[Row, Path]]:
    """Do rollouts again and yield each with the folder of its pictures, under `shown` in the folder of the run.

    Args:
        folder: Of the run.
        jobs: Rollouts whose tasks were taught in it.
    """
    for job in jobs:
        bench = workers.bench_of(str(Path(folder).resolve()))  # made once
        name = f'{job.task} {job.split} {job.seed}' + (f' {job.method}' if job.method != 'ours' else '')
        pictures = Path(folder) / 'shown' / name.replace('/', '_')
        pictures.mkdir(parents=True, exist_ok=True)
        yield (
            bench.run(get(job.task), splits.get(job.split), job.seed, job.method, job.demonstrations, pictures),
            pictures,
        )


def worst(rows: Sequence[dict], count: int) -> list[Job]:
    """Return one failed rollout of our method for each of the categories that fail most, the worst first."""
    ours = [row for row in rows if row['method'] == 'ours' and row['demonstrations'] == 1]
    by_category = dict(chunks(ours, 'category'))
    # a category with one rollout is no statement: one more success and one more failure are put to each
    ranked = sorted(by_category.values(), key=lambda part: (1 + sum(r['success'] for r in part)) / (2 + len(part)))
    failed = [next((row for row in part if not row['success']), None) for part in ranked[:count]]
    return [job_of(row) for row in failed if row is not None]


def thumbnail(path: Path) -> str:
    """Return a picture as the small `data:` address that one HTML page can carry."""
    image = Image.open(path).convert('RGB')
    image.thumbnail(_SIZE)
    out = io.BytesIO()
    image.save(out, 'JPEG', quality=80)
    return 'data:image/jpeg;base64,' + base64.b64encode(out.getvalue()).decode('ascii')
