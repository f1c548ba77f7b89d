"""`mt3 bench`: measure the method on the suite of tasks, in process."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from mt3_common.errors import InvalidInput

__all__ = ['app']

app = typer.Typer(help='Measure the method on the suite of tasks.', no_args_is_help=True)

Folder = Annotated[Path, typer.Option('--folder', '-o', help='Rows, library and report; a run that was ended goes on.')]
Workers = Annotated[int, typer.Option('--workers', '-w', help='Processes; 0: one per core.', min=0, max=256)]
_DEFAULT = Path('runs/bench')


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn('left'),
        TimeRemainingColumn(),
        TextColumn('[dim]{task.fields[last]}'),
        console=console,
    )


def _cores(workers: int) -> int:
    return workers or len(os.sched_getaffinity(0))


@app.command('list')
def list_(skill: Annotated[str, typer.Argument(help='Only this skill.')] = '') -> None:
    """Name the tasks of the suite."""
    from mt3_sim.suite.tasks import get, names

    for name in names():
        if not skill or get(name).skill == skill:
            print(f'{name:44s} {get(name).task}')


@app.command()
def tasks(
    count: Annotated[int, typer.Option('--tasks', '-n', help='How many; 0: all of the suite.', min=0)] = 100,
    split: Annotated[list[str] | None, typer.Option('--split', '-s', help='Which splits; again for more.')] = None,
    rollouts: Annotated[int, typer.Option('--rollouts', '-r', help='Per task and split.', min=1)] = 1,
    method: Annotated[list[str] | None, typer.Option('--method', '-m', help='Which methods; again for more.')] = None,
    demonstrations: Annotated[
        list[int] | None, typer.Option('--demonstrations', '-d', help='Of each task: 1, 3, 5 or 10; again for more.')
    ] = None,
    seed: Annotated[int, typer.Option('--seed', help='Of the first rollout.')] = 100,
    workers: Workers = 0,
    folder: Folder = _DEFAULT,
    quick: Annotated[bool, typer.Option('--quick', help='A representative hundred.')] = False,
    pictured: Annotated[
        int, typer.Option('--pictures', help='Of so many of the worst categories the report shows a failure.', min=0)
    ] = 6,
    ray: Annotated[str, typer.Option('--ray', help='Address of a Ray cluster that does the rollouts.')] = '',
) -> None:
    """Teach tasks once each, do them elsewhere, judge the physics, and write rows and a report.

    What is in the folder already is not done again.
    """
    from mt3_sim.bench import report, runner
    from mt3_sim.bench.pictures import redo, worst
    from mt3_sim.bench.school import School
    from mt3_sim.suite.tasks import names, representative

    count = 100 if quick else count
    chosen = representative(count) if count else names()
    wanted_splits, methods, counts = split or ['seen', 'unseen'], method or ['ours'], demonstrations or [1]
    folder.mkdir(parents=True, exist_ok=True)
    console = Console()
    school = School(folder)
    # unknown names are refused before an hour of teaching
    runner.jobs(chosen, wanted_splits, rollouts, methods, seed, counts)
    demos = max(counts)
    with _progress(console) as bar:
        todo = len(chosen) * demos
        line = bar.add_task('teaching', total=todo, completed=todo - _missing(school, chosen, demos), last='')

        def taught(name: str, row: dict) -> None:
            bar.update(line, advance=1, last=name)
            if 'problem' in row:
                bar.console.print(f'[yellow]{name} is left out:[/] {row["problem"]}', highlight=False)

        school.teach(chosen, demos, _cores(workers), taught)
    able = [name for name in chosen if name in set(school.taught())]
    wanted = runner.jobs(able, wanted_splits, rollouts, methods, seed, counts)
    begin, before = time.monotonic(), len(runner.read_rows(folder))
    with _progress(console) as bar:
        done = {runner.job_of(row) for row in runner.read_rows(folder)}
        ready = sum(job in done for job in wanted)
        line = bar.add_task('doing', total=len(wanted), completed=ready, last='')

        def finished(row: dict) -> None:
            bar.update(line, advance=1, last=f'{row["task"]}: {"done" if row["success"] else row["stage"]}')

        runner.run_jobs(folder, school, wanted, _cores(workers), finished, ray)
    rows = runner.read_rows(folder)
    hours = (time.monotonic() - begin) / 3600.0
    for title, heads, body in report.tables(rows):
        table = Table(*heads, title=title, box=box.SIMPLE, title_justify='left')
        for cells in body[:12]:
            table.add_row(*cells)
        console.print(table)
    if len(rows) > before:
        console.print(f'{(len(rows) - before) / hours:.0f} rollouts an hour with {_cores(workers)} processes')
    shown: list[tuple[dict, Path]] = []
    with _progress(console) as bar:
        again = worst(rows, pictured)
        line = bar.add_task('pictures', total=len(again), last='')
        for row, place in redo(folder, again):
            shown.append((row.values(), place))
            bar.update(line, advance=1, last=row.task)
    lead = f'{len(able)} tasks, {len(rows)} rollouts; {len(chosen) - len(able)} tasks could not be taught.'
    print(report.write_html(rows, folder, lead, shown))
    print(runner.write_table(folder))


def _missing(school: object, chosen: tuple[str, ...], demos: int) -> int:
    known = school.lessons()
    return sum(f'{name} {number}' not in known for name in chosen for number in range(demos))


@app.command()
def check(
    count: Annotated[int, typer.Option('--tasks', '-n', help='How many; 0: all that were thought of.', min=0)] = 0,
    workers: Workers = 0,
    folder: Annotated[Path, typer.Option('--folder', '-o', help='Answers; a check that was ended goes on.')] = Path(
        'runs/check'
    ),
    other: Annotated[bool, typer.Option(help='Also do another task in each scene, which must not count.')] = True,
    teach: Annotated[
        bool, typer.Option('--teach', help='Keep the demonstrations in the folder, for `mt3 bench tasks -o` of it.')
    ] = False,
    write: Annotated[bool, typer.Option('--write', help='Write what is left out into the suite.')] = False,
) -> None:
    """Check that each task's expert does it, that its demonstration does it again, and that nothing else does."""
    from mt3_sim.bench.check import check_tasks, left_out_table, read_answers
    from mt3_sim.bench.school import School
    from mt3_sim.suite import tasks as suite

    chosen = suite.representative(count or len(suite.candidates()), suite.candidates())
    console, log = Console(), folder / 'checked.jsonl'
    with _progress(console) as bar:
        line = bar.add_task('checking', total=len(chosen), last='')
        bar.update(line, completed=sum(name in read_answers(log) for name in chosen))

        def checked(name: str, problem: str) -> None:
            bar.update(line, advance=1, last=name)
            if problem:
                bar.console.print(f'[yellow]{name}:[/] {problem}', highlight=False)

        check_tasks(chosen, log, _cores(workers), checked, other, School(folder) if teach else None)
    answers = read_answers(log)
    print(f'{sum(not answers[name]["problem"] for name in chosen)} of {len(chosen)} tasks are fair')
    if write:
        suite.LEFT_OUT.write_text(left_out_table(answers, tuple(suite.candidates())), encoding='utf-8')
        print(suite.LEFT_OUT)


@app.command()
def show(
    task: Annotated[str, typer.Argument(help='Name of the task, as `mt3 bench list` prints it.')],
    split: Annotated[str, typer.Option('--split', '-s')] = 'seen',
    seed: Annotated[int, typer.Option('--seed')] = 100,
    method: Annotated[str, typer.Option('--method', '-m')] = 'ours',
    folder: Folder = _DEFAULT,
) -> None:
    """Do one rollout of a run again and leave its pictures: scene, overlay, before, after."""
    from mt3_sim.bench.pictures import redo
    from mt3_sim.bench.runner import Job
    from mt3_sim.bench.school import School

    if task not in School(folder).taught():
        raise InvalidInput(f'{task!r} was not taught in {folder}; run `mt3 bench tasks` with this folder first')

    for row, place in redo(folder, [Job(task, split, seed, method)]):
        print(f'{"done" if row.success else f"failed ({row.stage})"}: {row.reason}')
        print(place)
