"""Teaches the tasks of a run, once each, into a library; what is taught already stays."""

import functools
import json
import multiprocessing
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_common.errors import MT3Error, StatusCode
from mt3_retrieval.library import DemoLibrary
from mt3_sim.bench.answers import Taught
from mt3_sim.bench.lesson import Lesson, teach
from mt3_sim.experts.kinematics import default_arm
from mt3_sim.rendering import Renderer
from mt3_sim.suite.tasks import get

__all__ = ['School', 'classroom', 'keep', 'noted']


class School:
    """A folder with the library and what is known about its lessons.

    Attributes:
        folder: Holds `library` and `lessons.jsonl`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log = self.folder / 'lessons.jsonl'

    @property
    def library(self) -> str:
        """Address of the library."""
        return str(self.folder / 'library')

    def lessons(self) -> dict[str, dict]:
        """Return what is known of each lesson, by the task's name: `id` and `T_base_target`, or `problem`."""
        if not self._log.exists():
            return {}
        rows = [json.loads(line) for line in self._log.read_text(encoding='utf-8').splitlines()]
        return {f'{row["task"]} {row["number"]}': row for row in rows}

    def demonstrations(self) -> dict[str, Taught]:
        """Return what is known of each demonstration, by its id."""
        return {
            row['id']: Taught(row['task'], get(row['task']).skill, row['number'], np.array(row['T_base_target']))
            for row in self.lessons().values()
            if 'id' in row
        }

    def taught(self) -> list[str]:
        """Return the tasks that have a demonstration."""
        return [row['task'] for row in self.lessons().values() if 'id' in row and row['number'] == 0]

    def teach(self, tasks: Sequence[str], demos: int, workers: int, progress: Callable[[str, dict], None]) -> None:
        """Teach what is not taught yet.

        Args:
            tasks: Names.
            demos: Demonstrations of each.
            workers: Processes.
            progress: Told each lesson when it is over.
        """
        known = self.lessons()
        todo = [(task, number) for task in tasks for number in range(demos) if f'{task} {number}' not in known]
        if not todo:
            return
        self.found()
        context = multiprocessing.get_context('spawn')
        with context.Pool(min(workers, len(todo))) as pool:
            for row in pool.imap_unordered(functools.partial(_lesson, self.library), todo):
                self.record(row)
                progress(row['task'], row)

    def found(self) -> None:
        """Make the library, so that no two workers make it at once."""
        DemoLibrary.open(self.library)

    def record(self, row: dict) -> None:
        """Note a lesson that is over: a `row` of `noted`."""
        with self._log.open('a', encoding='utf-8') as log:
            log.write(json.dumps(row) + '\n')


def keep(library: DemoLibrary, demonstration: Demonstration) -> None:
    """Store a demonstration, unless a run that was ended before it could note it has stored it."""
    try:
        library.record(demonstration.id)
    except MT3Error as error:
        if error.status.code != StatusCode.NO_DEMONSTRATION:
            raise
        library.add(demonstration)


def noted(library: DemoLibrary, task: str, number: int, lesson: Lesson | MT3Error) -> dict:
    """Store what was taught and return what is noted of the lesson, or of why there is none."""
    row = {'task': task, 'number': number}
    if isinstance(lesson, Lesson):
        try:
            keep(library, lesson.demonstration)
            return {**row, 'id': lesson.demonstration.id, 'T_base_target': lesson.T_base_target.tolist()}
        except MT3Error as error:
            lesson = error
    return {**row, 'problem': str(lesson.status)}


@functools.lru_cache(maxsize=1)
def classroom(library: str) -> tuple[Renderer, DemoLibrary]:
    """Return what the lessons of one process share.

    Args:
        library: Address of the library, which is there.
    """
    return Renderer(), DemoLibrary.open(library, create=False)


def _lesson(library: str, job: tuple[str, int]) -> dict:
    task, number = job
    renderer, demos = classroom(library)
    try:
        lesson = teach(get(task), default_arm(), renderer, number)
    except MT3Error as error:
        lesson = error
    return noted(demos, task, number, lesson)
